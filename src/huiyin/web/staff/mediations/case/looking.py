"""A party's phone by one tap (打电话): on a page that is not kept, after its look stands in the log."""

from typing import Any, get_args

import msgspec
from litestar import Request, Response, post
from litestar.params import FromPath

from huiyin.core.mediation.kinds import Purpose
from huiyin.core.mediation.state import IN_EFFECT, Mediation
from huiyin.web.mediations import contact
from huiyin.web.mediations.shown import FREE
from huiyin.web.staff import windows
from huiyin.web.staff.mediations.case.called import word, words

Req = Request[Any, Any, Any]
PURPOSES = words("purpose", get_args(Purpose))


def likely(one: Mediation) -> Purpose:
    """What a party is most often telephoned for where the case stands now."""
    if one.owing:
        return "safety"
    if one.state in IN_EFFECT:
        return "perform"
    return "deliver" if one.state == "ended" else "arrange"


@post("/mediations/{number:str}/look-up", include_in_schema=False)
async def look(request: Req, number: FromPath[str]) -> Response[bytes]:
    """Name, phone and home, this once; never in an address."""
    said = await windows.said(request)
    asked = {name: said.get(name, "") for name in ("party", "purpose")}
    found = await contact.look(request, number, msgspec.json.encode(asked))
    purpose = word("purpose", asked["purpose"])
    return await windows.window(request, "mediation_contact.html", number=number, it=found, purpose=purpose, free=FREE)


ROUTES = [look]
