"""The live page's stream (server-sent events): which tickets, whistles and mediations changed, never what."""

import re
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from litestar import Request, get
from litestar.response import ServerSentEvent
from litestar.response.sse import ServerSentEventMessage

from huiyin.core.people import Viewer
from huiyin.store import mediation_days
from huiyin.web.live import MOST, Mediations, Whistles
from huiyin.web.mediations.finding import some
from huiyin.web.mediations.listed import whose
from huiyin.web.mediations.orders import STAFF as MEDIATING
from huiyin.web.problems import Problem
from huiyin.web.room import Room
from huiyin.web.who import WHISTLERS

Req = Request[Any, Any, Any]
_NUMBER = re.compile(r"(HY|SH|TJ)[0-9]{9,15}")


@get("/live", include_in_schema=False)
async def live(request: Req) -> ServerSentEvent:
    """`changed` with a JSON list of numbers; `?n=` are those that the page shows now, with commas."""
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    if room.live.full:
        raise Problem("too-many-windows", headers={"Retry-After": "30"})
    shown = [one for one in request.query_params.get("n", "").split(",")[:MOST] if _NUMBER.fullmatch(one)]
    return ServerSentEvent(_told(room, viewer, shown), headers={"cache-control": "no-store"})


async def _told(room: Room, viewer: Viewer, shown: list[str]) -> AsyncIterator[ServerSentEventMessage]:
    async for numbers in room.live.listen(room.sight(viewer), shown, whistles(viewer), mediations(room, viewer)):
        if numbers:
            yield ServerSentEventMessage(data=msgspec.json.encode(numbers).decode(), event="changed")
        else:
            yield ServerSentEventMessage(data=None, comment="here")


def whistles(viewer: Viewer) -> Whistles:
    """Which whistles somebody is told of: the same as their pages show."""
    if viewer.role not in WHISTLERS:
        return ""
    return "called" if viewer.role == "department" else "place"


def mediations(room: Room, viewer: Viewer) -> Mediations:
    """The same as their pages find: a mediator's own cases, a desk's committee's."""
    if viewer.role not in MEDIATING:
        return None

    async def seen(numbers: list[str]) -> set[str]:
        mine = await whose(room, viewer, (await room.mediations()).rules.mediation)
        here = await room.ask(lambda c: mediation_days.near(c, mine, numbers))
        return {found.one.number for found in await some(room, viewer, here[:MOST])}

    return seen
