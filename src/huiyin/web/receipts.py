"""Whoever holds a receipt (凭回执): looks where the complaint stands, says whether it was solved, takes it back."""

from collections.abc import Sequence
from typing import Any

from litestar import Request, get, post
from litestar.params import FromPath
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core import commands as core
from huiyin.core import receipt as receipts
from huiyin.core.commands import Command
from huiyin.core.ticket import RESIDENT, Ticket
from huiyin.core.voices import ReportPressure
from huiyin.desk import Change, Order
from huiyin.rules.replies import load_replies
from huiyin.store import calendars, lists, tickets
from huiyin.store.pictures import Picture
from huiyin.web import attaching, bodies, told
from huiyin.web.intake import API, idempotency_key
from huiyin.web.pen import Pen
from huiyin.web.problems import Problem, done, spec
from huiyin.web.room import Room
from huiyin.web.shown import Books

SOURCE = "urn:huiyin:receipt"
_GONE = "答复的内容已按规定删除。"
HERE = ("receipt-mistyped", "unknown-receipt", "database-away")
SAID = ("not-json", "wrong-type", "missing-field", "text-too-long", "bad-key", "body-too-large")

Req = Request[Any, Any, Any]


class Known(Struct, frozen=True):
    """A complaint by its receipt; `found` None while it is on its way."""

    waiting: told.ComplaintShown | None = None
    found: told.Told | None = None
    books: Books | None = None


@get(
    f"{API}/complaints/{{receipt:str}}",
    summary="凭回执号查询",
    description="回执号可带或不带横线、空格,可用全角或汉字数字。不含任何个人信息。",
    tags=["居民"],
    operation_id="readComplaint",
    responses=spec(*HERE),
)
async def state(request: Req, receipt: FromPath[str]) -> told.ComplaintShown:
    """Where a complaint is and when it is due; nothing of anybody."""
    return await _told(request.app.state.room, number(receipt))


@post(
    f"{API}/complaints/{{receipt:str}}/feedback",
    status_code=200,
    summary="评价答复",
    description="答复之后可以评价;solved 为 no 时自动上报上一级重办。",
    tags=["居民"],
    operation_id="giveFeedback",
    responses=spec(*SAID, *HERE, "not-replied", "closed-ticket", "too-late"),
)
async def feedback(request: Req, receipt: FromPath[str]) -> told.ComplaintShown:
    """The resident's word on the answer."""
    value = number(receipt)
    await known_by(request.app.state.room, value)
    body = bodies.read(await request.body(), bodies.Feedback)
    return await say(request, value, body, idempotency_key(request))


async def say(request: Req, value: int, body: bodies.Feedback, key: str | None) -> told.ComplaintShown:
    """Take the resident's word, from whichever window."""
    ticket = held(await known_by(request.app.state.room, value), "not-replied")
    pen = Pen(request.app.state.room.seal, ticket.number)
    said = core.FollowUp(body.solved, body.satisfied, "receipt", pen.perhaps(body.comment))
    return await give(request, value, ticket, event_id(request, value, "feedback", body, key), said, pen)


@post(
    f"{API}/complaints/{{receipt:str}}/withdraw",
    status_code=200,
    summary="撤回诉求",
    description="confirm 必须为 true。撤回以后不再办理,也不计作已解决。",
    tags=["居民"],
    operation_id="withdrawComplaint",
    responses=spec(*SAID, *HERE, "closed-ticket", "not-yet-sorted"),
)
async def withdraw(request: Req, receipt: FromPath[str]) -> told.ComplaintShown:
    """The resident takes it back."""
    value = number(receipt)
    await known_by(request.app.state.room, value)
    body = bodies.read(await request.body(), bodies.Retraction)
    if not body.confirm:
        raise bodies.wrong("confirm", "请确认撤回:confirm 应为 true")
    return await take_back(request, value, body, idempotency_key(request))


async def take_back(request: Req, value: int, body: bodies.Retraction, key: str | None) -> told.ComplaintShown:
    """End it at the resident's wish, from whichever window."""
    ticket = held(await known_by(request.app.state.room, value), "not-yet-sorted")
    pen = Pen(request.app.state.room.seal, ticket.number)
    said = core.Withdraw(pen.perhaps(body.text))
    return await give(request, value, ticket, event_id(request, value, "withdraw", body, key), said, pen)


def number(receipt: str) -> int:
    """A receipt's value however it was typed; raises Problem where a digit must be wrong."""
    value = receipts.read(receipt)
    if value is None:
        raise Problem("receipt-mistyped")
    return value


def held(known: Known, absent: str) -> Ticket:
    """The complaint's ticket; raises Problem(`absent`) while it is on its way to the sorter."""
    if known.found is None:
        raise Problem(absent)
    return known.found.ticket


async def give(
    request: Req,
    value: int,
    ticket: Ticket,
    cause: str,
    command: Command,
    pen: Pen,
    pictures: Sequence[Picture] = (),
) -> told.ComplaintShown:
    """An order of whoever holds the receipt, and what they are told then; raises Problem where it is refused."""
    room: Room = request.app.state.room
    request.scope["huiyin"] = {"id": ticket.number}  # type: ignore[typeddict-unknown-key]  # for the log line
    also: tuple[Change, ...] = ()
    if isinstance(command, core.Withdraw | ReportPressure) and ticket.state == "merged" and ticket.lead is not None:
        also = (Change(ticket.lead, core.Leave(ticket.number)),)
    change = Change(ticket.number, command, also, tuple(pen.kept))
    change = attaching.together(room.seal, change, pictures, evidence=False)
    answer = await room.act(Order(SOURCE, cause, RESIDENT.post, change, role=RESIDENT.role))
    done(answer)
    return await _told(room, value)


def event_id(request: Req, value: int, name: str, body: Struct, key: str | None) -> str:
    """The same key, receipt and words are one cause."""
    room: Room = request.app.state.room
    return room.cause("receipt", (value, name, body), key)


# -- reading ----------------------------------------------------------------------------------------------


async def _told(room: Room, value: int) -> told.ComplaintShown:
    return (await look_up(room, value))[0]


async def look_up(room: Room, value: int) -> tuple[told.ComplaintShown, Known]:
    """What the holder of a receipt is told, and what that was taken from; raises Problem for an unknown one."""
    known = await known_by(room, value)
    if known.found is None or known.books is None:
        assert known.waiting is not None
        return known.waiting, known
    reply = await _reply(room, known.found.ticket)
    return told.complaint(value, known.found, known.books, reply, room.clock()), known


async def known_by(room: Room, value: int) -> Known:
    """The complaint of a receipt; raises Problem for an unknown one."""
    found = await room.ask(lambda connection: _look(connection, room, value))
    if found is None:
        raise Problem("unknown-receipt")
    return found


async def _look(connection: AsyncConnection, room: Room, value: int) -> Known | None:
    found = await lists.by_receipt(connection, value)
    if found is None:
        return None
    history = await lists.history(connection, found.number) if found.number else []
    if not history:
        return Known(told.waiting(value, found.at))
    ticket = tickets.fold([entry.body for entry in history])
    code = ticket.spot.community_code
    community = await lists.community_name(connection, code) if code else None
    lead = (await tickets.load(connection, [ticket.lead])).get(ticket.lead) if ticket.lead else None
    books = Books(room.catalogue, room.ladder, await calendars.load(connection))
    return Known(None, told.Told(ticket, history, community, lead[0] if lead else None), books)


async def _reply(room: Room, ticket: Ticket) -> str | None:
    """The words of the answer: the rulebook's where no person gave one, else opened from the vault."""
    if ticket.route is not None:
        return load_replies().get(ticket.route)
    if ticket.reply is None:
        return None
    dossier = await room.vaults.read(ticket.reply.dossier, ticket.reply.sealed)
    return dossier.text if dossier is not None else _GONE
