"""The staff's window (工单): lists, one ticket, its review log."""

from typing import Annotated, Any

from litestar import Request, get
from litestar.params import FromPath, FromQuery, QueryParameter
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.people import Viewer
from huiyin.core.state import State
from huiyin.core.words import Rung, Urgency
from huiyin.store import lists, log, tickets
from huiyin.story import Teller
from huiyin.web import logged, shown
from huiyin.web.acts import NUMBER, history, light
from huiyin.web.problems import Problem, spec
from huiyin.web.room import Room
from huiyin.web.wanted import Wanted

LIMIT = 200
_COMMON = ("log-in-first", "database-away")

Req = Request[Any, Any, Any]
_Code = Annotated[str | None, QueryParameter(max_length=64)]


class TicketPage(Struct, frozen=True):
    """Newest first; `next` goes into `cursor` for the following page. A page may be short, even empty, and
    still have a next one."""

    tickets: list[shown.TicketShown]
    next: str | None


class LogPage(Struct, frozen=True):
    """A ticket's review log, oldest first."""

    number: str
    steps: list[logged.LogEntry]


@get(
    "/api/v1/tickets",
    summary="工单列表",
    description="按账号的范围过滤;回避的工单不在其中。",
    tags=["工作人员"],
    operation_id="listTickets",
    responses=spec("bad-query", *_COMMON),
)
async def page(
    request: Req,
    state_: Annotated[State | None, QueryParameter(name="state")] = None,
    open_: Annotated[bool | None, QueryParameter(name="open", description="true 未结案,false 已结案")] = None,
    rung: FromQuery[Rung | None] = None,
    grid: _Code = None,
    community: _Code = None,
    category: _Code = None,
    overdue: FromQuery[bool | None] = None,
    urgency: FromQuery[Urgency | None] = None,
    supervised: FromQuery[bool | None] = None,
    q: Annotated[str | None, QueryParameter(description="工单号,事项代码、名称或关键词,摘要词", max_length=64)] = None,
    cursor: _Code = None,
    limit: Annotated[int, QueryParameter(ge=1, le=LIMIT)] = 50,
) -> TicketPage:
    """One page of what the viewer may see."""
    room: Room = request.app.state.room
    wanted = Wanted(state_, open_, rung, grid, community, category, overdue, urgency, supervised, q)
    return await found(room, request.state.viewer, wanted, cursor, limit)


async def found(room: Room, viewer: Viewer, wanted: Wanted, cursor: str | None, limit: int) -> TicketPage:
    """A page of what somebody may see of what they ask for; raises Problem."""
    asked = wanted.asked(room.catalogue)
    if cursor is not None and "\0" in cursor:
        raise Problem("bad-query")
    if cursor is not None and not NUMBER.fullmatch(cursor):
        raise Problem("bad-query", field="cursor")
    return await room.ask(lambda c: _page(c, room, viewer, asked, cursor, limit))


async def _page(
    connection: AsyncConnection,
    room: Room,
    viewer: Viewer,
    asked: dict[str, Any],
    cursor: str | None,
    limit: int,
) -> TicketPage:
    sight = room.sight(viewer)
    found = await lists.page(connection, sight, asked, before=cursor, limit=limit, at=room.clock())
    bodies = await log.bodies(connection, tickets.NOUN, found.numbers)
    kept = [tickets.fold(bodies[number]) for number in found.numbers]
    show = await light(connection, room, viewer, kept)
    return TicketPage([show(one) for one in kept], found.next)


@get(
    "/api/v1/tickets/{number:str}",
    summary="一张工单",
    tags=["工作人员"],
    operation_id="readTicket",
    responses=spec("not-found", *_COMMON),
)
async def one(request: Req, number: FromPath[str]) -> shown.TicketShown:
    """A ticket in the viewer's scope; one that is hidden is not there."""
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    kept = tickets.fold([entry.body for entry in await history(request, number)])
    show = await room.ask(lambda c: light(c, room, viewer, [kept]))
    return show(kept)


@get(
    "/api/v1/tickets/{number:str}/log",
    summary="办理日志",
    description="每一步、时间、岗位、一句话的经过、内容与哈希;不含个人信息。",
    tags=["工作人员"],
    operation_id="readTicketLog",
    responses=spec("not-found", *_COMMON),
)
async def steps(request: Req, number: FromPath[str]) -> LogPage:
    """The review log of a ticket."""
    room: Room = request.app.state.room
    found = await history(request, number)
    named = logged.named(found)
    viewer: Viewer = request.state.viewer
    seen = await room.ask(lambda c: lists.seen(c, room.sight(viewer), named))
    told = Teller(await room.rules()).tell([row.body for row in found], seen)
    rows = [(row, said) for row, said in zip(found, told, strict=True) if not logged.kept_from(viewer.role, row.step)]
    return LogPage(number, [logged.entry(row, seen | {number}, said) for row, said in rows])
