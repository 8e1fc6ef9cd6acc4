"""How a party is reached (查看联系方式): name, phone and home of one party, once, after the look stands in the log."""

import secrets
from typing import Annotated, Any

from litestar import Request, post
from litestar.params import FromPath
from msgspec import Meta, Struct

from huiyin.core.mediation.commands import LookUp
from huiyin.core.mediation.kinds import Purpose
from huiyin.orders import Mediating
from huiyin.web.acts import order_of
from huiyin.web.bodies import read
from huiyin.web.mediations import particulars
from huiyin.web.mediations.acts import API, STAFF, done
from huiyin.web.mediations.finding import find
from huiyin.web.problems import spec

Req = Request[Any, Any, Any]


class Look(Struct, frozen=True):
    """Whose, and what for."""

    party: Annotated[str, Meta(max_length=64)]
    purpose: Annotated[
        Purpose,
        Meta(description="arrange 约时间,understand 了解情况,deliver 送达,perform 督促履行、回访,safety 核实危险"),
    ]


class Contact(Struct, frozen=True):
    """How one party is reached; null where it was never said, or was erased."""

    party: str
    name: str | None
    phone: str | None
    home: str | None


@post(
    f"{API}/{{number:str}}/look-up",
    status_code=200,
    summary="查看联系方式",
    description="先记入办理日志(谁、看哪一方、为什么),再给出这一方的姓名、电话、住址;每次查看一条记录。归档以后不再提供。",
    tags=["人民调解"],
    operation_id="lookUpParty",
    responses=spec(*STAFF, "unknown-party", "archived-mediation", "not-your-mediation"),
)
async def look_up(request: Req, number: FromPath[str]) -> Contact:
    """One look, one step."""
    return await look(request, number, await request.body())


async def look(request: Req, number: str, raw: bytes) -> Contact:
    """No leaf, no data: the step is committed before the vault is opened for it. Raises Problem."""
    found = await find(request, number)
    body, room = read(raw, Look), found.room
    what = Mediating(number, LookUp(body.party, body.purpose))
    done(await room.mediate(order_of(request.state.viewer, secrets.token_hex(16), what)))
    ref = next((one.ref for one in found.people if one.ident == body.party), None)
    kept = await room.vaults.read(ref) if ref else None
    if kept is None:
        return Contact(body.party, None, None, None)
    home = particulars.home(kept, (await room.rules()).registry)
    return Contact(body.party, kept.name or None, kept.phone or None, home or None)


ROUTES = [look_up]
