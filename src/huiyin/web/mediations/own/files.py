"""What a party takes along (带走): its agreement as PDF, an invitation for its calendar, pictures of what was done."""

import hmac
from datetime import UTC, timedelta
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from huiyin.core.mediation.seen import Invitation
from huiyin.web.mediations import pictures
from huiyin.web.mediations.copy import own_agreement
from huiyin.web.mediations.own import doors, keys
from huiyin.web.mediations.own.mine import Mine, mine
from huiyin.web.problems import Problem

Req = Request[Any, Any, Any]

_LONG = timedelta(hours=1)


async def held(request: Req) -> Mine:
    """The case of the session; raises Problem without one."""
    return await mine(request.app.state.room, await keys.held(request))


@get(f"{doors.MINE}/pictures/{{ref:str}}", include_in_schema=False)
async def picture(request: Req, ref: FromPath[str]) -> Response[bytes]:
    """One that the party's own page shows."""
    return await pictures.answer(request, (await held(request)).found, ref)


@get(f"{doors.MINE}/agreement.pdf", include_in_schema=False)
async def agreement(request: Req) -> Response[bytes]:
    """The party's copy: every word that binds it, of others no phone and no home."""
    whole = await own_agreement((await held(request)).found)
    head = {"Content-Disposition": 'attachment; filename="xieyishu.pdf"'}
    return Response(whole, media_type="application/pdf", headers=head)


@get(f"{doors.MINE}/calendar/{{ident:str}}", include_in_schema=False)
async def invitation(request: Req, ident: FromPath[str]) -> Response[bytes]:
    """A session that is to come, as a file for the phone's calendar; such files travel: nobody's name is in it, no
    number of the case, no word of anybody."""
    it = await held(request)
    one = next((each for each in it.waits if str(each.session) == ident), None)
    if one is None:
        raise Problem("not-found")
    head = {"Content-Disposition": 'attachment; filename="tiaojie.ics"'}
    return Response(_event(it, one).encode(), media_type="text/calendar", headers=head)


def _event(it: Mine, one: Invitation) -> str:
    """RFC 5545."""
    secret = it.found.room.where.receipt_key
    ident = hmac.digest(secret, f"huiyin calendar {it.holder.number} {one.session}".encode(), "sha256").hex()[:32]
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Huiyin//mediation//ZH",
        "BEGIN:VEVENT",
        f"UID:{ident}@huiyin",
        f"DTSTAMP:{it.now.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART:{one.at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTEND:{(one.at + _LONG).astimezone(UTC):%Y%m%dT%H%M%SZ}",
        "SUMMARY:约好的会",
        "DESCRIPTION:时间、地点请看自己的查询页。",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "DESCRIPTION:明天有约好的会",
        "TRIGGER:-P1D",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
    )
    return "\r\n".join(lines) + "\r\n"


ROUTES = [picture, agreement, invitation]
