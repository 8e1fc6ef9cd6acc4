"""The slips with each party's own code (查询码交接单): told once, to be handed over; an address that names nobody."""

from typing import Any

import segno
from litestar import Response
from msgspec import Struct

from huiyin.web.intake import base
from huiyin.web.mediations.opening import Sent, codes_for
from huiyin.web.mediations.shown import FREE
from huiyin.web.staff import windows
from huiyin.web.staff.mediations.application import Filled
from huiyin.web.staff.mediations.standing import Stand


class Slip(Struct, frozen=True):
    """One party's: `name` as it was typed just now, "" for the ticket's complainant, whom this page does not name."""

    side: str
    name: str
    groups: tuple[str, ...]
    qr: str


async def told(here: Stand, form: Filled, sent: Sent) -> Response[bytes]:
    """The page after opening; the same form sent twice opens nothing and gives no other codes."""
    codes = await codes_for(here.room, sent)
    names = _names(form)
    address = f"{base(here.request)}/mediation"
    some = [
        Slip(
            "申请人" if one.applicant else "被申请人",
            names.get(one.party, ""),
            tuple(codes[one.party].split("-")),
            qr(address, codes[one.party]),
        )
        for one in sent.sides
        if one.party in codes
    ]
    known: dict[str, Any] = {"slips": some, "mediation": sent.number, "address": address, "free": FREE}
    known |= {"ticket": here.case.ticket.number if here.case else "", "opens": here.viewer.role != "mediator"}
    return await windows.window(here.request, "mediation_slips.html", 200 if sent.repeat else 201, **known)


def _names(form: Filled) -> dict[str, str]:
    first = 2 if form.of_ticket else 1
    return {f"p{n}": one.name for n, one in enumerate(form.parties, first)}


def qr(address: str, code: str) -> str:
    """An SVG that leads to the parties' page. The code is behind `#`: it comes into no log. No name is in it."""
    digits = code.replace("-", "")
    return segno.make(f"{address}#code={digits}", error="m", micro=False).svg_inline(omitsize=True, border=2)
