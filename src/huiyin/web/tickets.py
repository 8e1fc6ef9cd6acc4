"""The staff's window (工单): lists, one ticket, its review log, and the correction of the sorter."""

import hashlib
import re
import secrets
from typing import Annotated, Any

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.people import Viewer
from huiyin.core.state import State
from huiyin.core.ticket import Reclassify
from huiyin.core.words import Rung, Urgency
from huiyin.desk import Change, Order
from huiyin.store import lists, log, tickets
from huiyin.web import shown
from huiyin.web.intake import idempotency_key
from huiyin.web.problems import Problem, spec
from huiyin.web.room import Room

SOURCE = "urn:huiyin:staff"
LIMIT = 200
_NUMBER = re.compile(r"HY[0-9]{9,15}")
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
    steps: list[shown.LogEntry]


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
    rung: FromQuery[Rung | None] = None,
    grid: _Code = None,
    community: _Code = None,
    category: _Code = None,
    overdue: FromQuery[bool | None] = None,
    urgency: FromQuery[Urgency | None] = None,
    q: Annotated[str | None, QueryParameter(description="工单号、事项代码或摘要词", max_length=64)] = None,
    cursor: _Code = None,
    limit: Annotated[int, QueryParameter(ge=1, le=LIMIT)] = 50,
) -> TicketPage:
    """One page of what the viewer may see."""
    room: Room = request.app.state.room
    wanted = {
        "state": state_,
        "rung": rung,
        "grid": grid,
        "community": community,
        "category": category,
        "overdue": overdue,
        "urgency": urgency,
        "q": q or None,
    }
    if any("\0" in value for value in (*wanted.values(), cursor) if isinstance(value, str)):
        raise Problem("bad-query")
    if cursor is not None and not _NUMBER.fullmatch(cursor):
        raise Problem("bad-query", field="cursor")
    return await room.ask(lambda c: _page(c, room, request.state.viewer, wanted, cursor, limit))


async def _page(
    connection: AsyncConnection,
    room: Room,
    viewer: Viewer,
    wanted: dict[str, Any],
    cursor: str | None,
    limit: int,
) -> TicketPage:
    sight = room.sight(viewer)
    found = await lists.page(connection, sight, wanted, before=cursor, limit=limit, at=room.clock())
    bodies = await log.bodies(connection, tickets.NOUN, found.numbers)
    kept = [tickets.fold(bodies[number]) for number in found.numbers]
    return TicketPage([shown.ticket(one, room.catalogue) for one in kept], found.next)


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
    history = await _history(request, number)
    return shown.ticket(tickets.fold([entry.body for entry in history]), room.catalogue)


@get(
    "/api/v1/tickets/{number:str}/log",
    summary="办理日志",
    description="每一步、时间、岗位、内容与哈希;不含个人信息。",
    tags=["工作人员"],
    operation_id="readTicketLog",
    responses=spec("not-found", *_COMMON),
)
async def steps(request: Req, number: FromPath[str]) -> LogPage:
    """The review log of a ticket."""
    history = await _history(request, number)
    return LogPage(number, [shown.entry(row) for row in history])


class Correction(Struct, frozen=True, forbid_unknown_fields=True):
    """What the sorter got wrong; codes of the catalogue and the registry."""

    category: str | None = None
    building_code: str | None = None
    grid_code: str | None = None
    community_code: str | None = None


@post(
    "/api/v1/tickets/{number:str}/reclassify",
    status_code=200,
    summary="更正事项或地点",
    description="工作人员的选择优先于分拣;原来的结果留作训练样本。",
    tags=["工作人员"],
    operation_id="reclassifyTicket",
    responses=spec(
        "bad-request",
        "wrong-type",
        "bad-key",
        "body-too-large",
        "not-your-role",
        "not-found",
        "closed-ticket",
        "unknown-category",
        "unknown-building",
        "unknown-grid",
        "unknown-community",
        *_COMMON,
    ),
)
async def reclassify(request: Req, number: FromPath[str], data: JSONBody[Correction]) -> shown.TicketShown:
    """The ticket after the correction."""
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    await _history(request, number)  # hidden is 404 before anything else is said
    command = Reclassify(data.category, data.building_code, data.grid_code, data.community_code)
    event_id = _event_id(viewer, number, data, idempotency_key(request))
    answer = await room.act(
        Order(SOURCE, event_id, viewer.post, Change(number, command), role=viewer.role, person=viewer.person)
    )
    if answer.outcome == "failed":
        raise Problem("fault")
    if answer.code is not None:
        raise Problem(answer.code)
    history = await room.ask(lambda c: lists.history(c, number))
    return shown.ticket(tickets.fold([entry.body for entry in history]), room.catalogue)


def _event_id(viewer: Viewer, number: str, data: Correction, key: str | None) -> str:
    """The same key, person, ticket and words are one cause."""
    words = msgspec.json.encode((viewer.username, number, "reclassify", data, key or secrets.token_hex(16)))
    return hashlib.sha256(words).hexdigest()[:32]


async def _history(request: Req, number: str) -> list[lists.Entry]:
    """A ticket's steps; raises Problem where it is hidden or is none."""
    room: Room = request.app.state.room
    sight = room.sight(request.state.viewer)
    if not _NUMBER.fullmatch(number):
        raise Problem("not-found")
    request.scope["huiyin"] = {"id": number}  # type: ignore[typeddict-unknown-key]  # for the log line

    async def read(connection: AsyncConnection) -> list[lists.Entry]:
        if not await lists.visible(connection, sight, number):
            return []
        return list(await lists.history(connection, number))

    history = await room.ask(read)
    if not history:
        raise Problem("not-found")
    return history
