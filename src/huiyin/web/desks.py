"""A worker's desk (工作台): what is theirs now, what they must rule on, what is supervised where they are."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from litestar import Request, get
from litestar.params import QueryParameter
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.ladder import LadderRules
from huiyin.core.people import Viewer
from huiyin.core.ticket import authority
from huiyin.store import log, tickets, worklists
from huiyin.store.lists import Page
from huiyin.store.sights import Sight
from huiyin.web import cursors, shown
from huiyin.web.acts import NUMBER, light
from huiyin.web.problems import Problem, spec
from huiyin.web.room import Room
from huiyin.web.tickets import TicketPage

LIMIT = 200
_SPEC = spec("bad-query", "log-in-first", "not-your-role", "database-away")

Req = Request[Any, Any, Any]
_Cursor = Annotated[str | None, QueryParameter(max_length=64)]
_Limit = Annotated[int, QueryParameter(ge=1, le=LIMIT)]
Which = Callable[[Room, Viewer, str | None, int], Awaitable[Page]]


@get(
    "/api/v1/desk",
    summary="我的工作台",
    description="本岗位未结的工单,最急的在前;应急时同时告知本岗位的、协助办理的也在其中。",
    tags=["工作人员"],
    operation_id="readDesk",
    responses=_SPEC,
)
async def mine(request: Req, cursor: _Cursor = None, limit: _Limit = 50) -> TicketPage:
    """By due time."""
    return await _page(request, "mine", cursor, limit)


async def _own(room: Room, viewer: Viewer, cursor: str | None, limit: int) -> Page:
    """What stands at a viewer's post, the most urgent first."""
    helped, after = _helped(viewer, room.ladder), cursors.read(cursor, NUMBER)
    sight = room.sight(viewer)
    found = await room.ask(lambda c: worklists.desk(c, sight, helped, after, limit))
    last = found[-1] if len(found) == limit else None
    return Page([one.number for one in found], cursors.write(last))


def _helped(viewer: Viewer, rules: LadderRules) -> tuple[str, tuple[str, ...]]:
    """The grid of a post that helps there, and the rungs that it helps."""
    prefix, _, code = viewer.post.partition(":")
    rungs = tuple(rung for rung, prefixes in rules.assist.items() if prefix in prefixes)
    return (code, rungs) if rungs and code else ("", ())


@get(
    "/api/v1/desk/rulings",
    summary="待裁定的派单异议",
    description="等本岗位裁定的异议,最早的工单在前。",
    tags=["工作人员"],
    operation_id="listRulings",
    responses=_SPEC,
)
async def rulings(request: Req, cursor: _Cursor = None, limit: _Limit = 50) -> TicketPage:
    """What waits for this post's ruling."""
    return await _page(request, "rulings", cursor, limit)


@get(
    "/api/v1/desk/supervised",
    summary="督办清单",
    description="本街道、本社区被督办而未答复的工单,最早的在前。",
    tags=["工作人员"],
    operation_id="listSupervised",
    responses=_SPEC,
)
async def supervised(request: Req, cursor: _Cursor = None, limit: _Limit = 50) -> TicketPage:
    """Stays until it is answered."""
    return await _page(request, "supervised", cursor, limit)


@get(
    "/api/v1/desk/approvals",
    summary="待批准的延期和挂账",
    description="下级岗位申请、等上一级批准的延期和挂账,最早的工单在前;最高一级自己的申请由同岗位的另一人批准。",
    tags=["工作人员"],
    operation_id="listApprovals",
    responses=_SPEC,
)
async def approvals(request: Req, cursor: _Cursor = None, limit: _Limit = 50) -> TicketPage:
    """What waits for somebody above to grant or decline it."""
    return await _page(request, "approvals", cursor, limit)


_Ask = Callable[[AsyncConnection, Sight, str, int], Awaitable[list[str]]]


def _listed(ask: _Ask) -> Which:
    """One of the lists by number."""

    async def which(room: Room, viewer: Viewer, cursor: str | None, limit: int) -> Page:
        sight = room.sight(viewer)
        return await _numbers(room, cursor, limit, lambda c, after: ask(c, sight, after, limit))

    return which


async def _asked(room: Room, viewer: Viewer, cursor: str | None, limit: int) -> Page:
    """What is asked for below a viewer's rung."""
    sight, below = room.sight(viewer), authority.below(viewer.post, room.ladder)
    top = below == room.ladder.order[:-1]
    return await _numbers(room, cursor, limit, lambda c, after: worklists.approvals(c, sight, below, top, after, limit))


async def _numbers(
    room: Room, cursor: str | None, limit: int, ask: Callable[[AsyncConnection, str], Awaitable[list[str]]]
) -> Page:
    if cursor is not None and not NUMBER.fullmatch(cursor):
        raise Problem("bad-query", field="cursor")
    numbers = await room.ask(lambda c: ask(c, cursor or ""))
    return Page(numbers, numbers[-1] if len(numbers) == limit else None)


# Which tickets are on each list of a desk: for the API and for the page.
WHICH: dict[str, Which] = {
    "mine": _own,
    "rulings": _listed(worklists.rulings),
    "supervised": _listed(worklists.supervised),
    "approvals": _asked,
}


async def _page(request: Req, name: str, cursor: str | None, limit: int) -> TicketPage:
    room: Room = request.app.state.room
    found = await WHICH[name](room, request.state.viewer, cursor, limit)
    return TicketPage(await _shown(room, request.state.viewer, found.numbers), found.next)


async def _shown(room: Room, viewer: Viewer, numbers: list[str]) -> list[shown.TicketShown]:
    async def read(connection: AsyncConnection) -> list[shown.TicketShown]:
        bodies = await log.bodies(connection, tickets.NOUN, numbers)
        kept = [tickets.fold(bodies[number]) for number in numbers]
        show = await light(connection, room, viewer, kept)
        return [show(one) for one in kept]

    return await room.ask(read)
