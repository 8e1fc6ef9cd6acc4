"""My desk (工作台): what is mine now, most urgent first; what I must rule on or grant; what is supervised."""

import secrets
from typing import Any

from litestar import Request, Response, get
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.people import Viewer
from huiyin.core.ticket import Ticket
from huiyin.store import log, tickets
from huiyin.store.lists import Page
from huiyin.web import desks
from huiyin.web.acts import light
from huiyin.web.room import Room
from huiyin.web.shown import TicketShown
from huiyin.web.staff import called, windows
from huiyin.web.staff.forms import FORMS, NOW
from huiyin.web.staff.rehearsal import Stage, stage
from huiyin.web.staff.ticket import Action, actions
from huiyin.web.staff.whistles import waiting
from huiyin.web.who import TABLE

Req = Request[Any, Any, Any]

LIMIT = 20
MOST = 100  # of a tab's figure: more than so many is 99+
WHISTLES = "whistles"  # the tab whose rows are no tickets


class Tab(Struct, frozen=True):
    """One list of the desk: its name, the route that says whose it is, what an empty one says."""

    code: str
    name: str
    route: str
    empty: str


TABS = (
    Tab("mine", "我的", "/api/v1/desk", "新派来的工单会自己出现在这里,不用刷新。"),
    Tab("rulings", "待裁定", "/api/v1/desk/rulings", "没有等您裁定的派单异议。"),
    Tab("approvals", "待批准", "/api/v1/desk/approvals", "没有等您批准的延期或挂账。"),
    Tab(WHISTLES, "吹哨", "/whistles/new", ""),
    Tab("supervised", "督办", "/api/v1/desk/supervised", "本辖区没有未答复的督办。"),
)


class Line(Struct, frozen=True):
    """A ticket of the list: where it lies, what was said of it, what may be done with one thumb."""

    it: TicketShown
    where: str
    words: tuple[str, ...]
    post: str
    first: list[Action]


@get("/desk", include_in_schema=False)
async def page(request: Req) -> Response[Any]:
    """The desk; who has no list of their own is told where their work is. A department's is its inbox, a mediator's
    the day."""
    if (home := windows.HOMES.get(request.state.viewer.role)) is not None:
        return windows.back(home)
    return await windows.window(request, "desk.html", **await _known(request))


@get("/desk/list", include_in_schema=False)
async def piece(request: Req) -> Response[bytes]:
    """What the live page asks for again."""
    return windows.piece(request, "desk_list.html", **await _known(request))


async def _known(request: Req) -> dict[str, Any]:
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    tabs = [one for one in TABS if viewer.role in TABLE["GET", one.route]]
    if await waiting.leads(room, viewer):
        tabs.sort(key=lambda one: one.code != WHISTLES)
    wanted = request.query_params.get("tab")
    tab = next((one for one in tabs if one.code == wanted), tabs[0] if tabs else None)
    cursor = request.query_params.get("cursor") or None
    listed = tab is not None and tab.code != WHISTLES
    found = await desks.WHICH[tab.code](room, viewer, cursor, LIMIT) if tab and listed else Page([], None)
    return {
        "tabs": [(one, await _count(room, viewer, one)) for one in tabs],
        "tab": tab,
        "lines": await _lines(room, viewer, found.numbers),
        "waits": await waiting.waits(room, viewer) if tab and not listed else None,
        "next": found.next,
        "cursor": cursor or "",
        "key": secrets.token_urlsafe(18),
        "elsewhere": [one for one in windows.menu(viewer.role) if one.path != "/desk"],
    }


async def _count(room: Room, viewer: Viewer, tab: Tab) -> str:
    """How many, up to MOST: the same rows as the list, by the same index."""
    if tab.code == WHISTLES:
        found = await waiting.count(room, viewer, MOST)
    else:
        found = len((await desks.WHICH[tab.code](room, viewer, None, MOST)).numbers)
    return str(found) if found < MOST else f"{MOST - 1}+"


async def _lines(room: Room, viewer: Viewer, numbers: list[str]) -> list[Line]:
    rules = await room.rules()

    async def look(connection: AsyncConnection) -> list[Line]:
        bodies = await log.bodies(connection, tickets.NOUN, numbers)
        kept = [tickets.fold(bodies[number]) for number in numbers]
        show = await light(connection, room, viewer, kept)
        here = await stage(connection, rules, viewer, kept, room.clock())
        return [_line(show(one), one, here) for one in kept]

    return await room.ask(look) if numbers else []


def _line(it: TicketShown, kept: Ticket, here: Stage) -> Line:
    wanted = [c for c in NOW[it.state] if c in FORMS]
    if it.objection is not None:
        wanted = ["rule", *wanted]
    if it.request is not None:
        wanted = ["approve", "decline", *wanted]
    if it.supervised is not None:
        wanted = ["answer", *wanted]
    words = next((one.words for one in kept.sorting.candidates if one.code == it.category), ()) if kept.sorting else ()
    post = it.post.name if it.post else ""
    return Line(it, called.place(it, here.rules.registry), words[:4], post, actions(here, kept, wanted))


ROUTES = [page, piece]
