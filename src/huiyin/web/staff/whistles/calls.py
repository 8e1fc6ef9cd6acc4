"""A department's inbox (报到): what it is called to, the most urgent first, each with its next step under one thumb."""

import secrets
from typing import Any

from litestar import Request, Response, get
from msgspec import Struct

from huiyin.core.people import Viewer
from huiyin.store import whistle_lists
from huiyin.web.room import Room
from huiyin.web.staff import windows
from huiyin.web.staff.whistles import called
from huiyin.web.staff.whistles.doing import Action, first
from huiyin.web.staff.whistles.page import heading
from huiyin.web.whistles.finding import Found, shown_all
from huiyin.web.whistles.lists import listed
from huiyin.web.whistles.shapes import CallShown, ClockShown

Req = Request[Any, Any, Any]

LIMIT = 20
MOST = 100  # of a tab's figure: more than so many is 99+
TABS = {"open": "待办", "closed": "已结"}


class Card(Struct, frozen=True):
    """One whistle of the list: where it lies, its soonest limit, what may be done with one thumb."""

    it: CallShown
    where: str
    clock: ClockShown | None
    level: str
    first: tuple[Action, ...]


@get("/calls", include_in_schema=False)
async def page(request: Req) -> Response[bytes]:
    """The inbox."""
    return await windows.window(request, "calls.html", **await _known(request))


@get("/calls/list", include_in_schema=False)
async def piece(request: Req) -> Response[bytes]:
    """What the live page asks for again."""
    return windows.piece(request, "calls_list.html", **await _known(request))


async def _known(request: Req) -> dict[str, Any]:
    tab = "closed" if request.query_params.get("tab") == "closed" else "open"
    cursor = request.query_params.get("cursor") or None
    found, after = await listed(request, {}, cursor, LIMIT, open_=tab == "open")
    shown = await shown_all(found)
    return {
        "tabs": [(code, name, await _count(request, code)) for code, name in TABS.items()],
        "tab": tab,
        "cards": [_card(one, it) for one, it in zip(found, shown, strict=True) if isinstance(it, CallShown)],
        "next": after,
        "cursor": cursor or "",
        "key": secrets.token_urlsafe(18),
        "word": called.word,
    }


async def _count(request: Req, tab: str) -> str:
    """How many, up to MOST: the same rows as the list, by the same index."""
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    found, _ = await room.ask(lambda c: whistle_lists.inbox(c, room.sight(viewer), None, MOST, open_=tab == "open"))
    return str(len(found)) if len(found) < MOST else f"{MOST - 1}+"


def _card(found: Found, it: CallShown) -> Card:
    soonest = it.clocks[0] if it.clocks else None
    highest = max((one.level for one in it.clocks), default=0)
    return Card(it, heading(found, it)["where"], soonest, called.level(highest), first(found, it))


ROUTES = [page, piece]
