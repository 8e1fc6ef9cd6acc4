"""Several tickets at once (批量办理): to a person of their post or to a rung; asked first, answered one by one."""

import secrets
from collections.abc import Sequence
from typing import Any, get_args

from litestar import Request, Response, get, post
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.ladder import Post
from huiyin.core.people import Viewer, may
from huiyin.core.ticket import Rules, Ticket
from huiyin.core.words import Rung
from huiyin.desk import Answer, Order
from huiyin.store import lists, log, people, tickets
from huiyin.web.acts import NUMBER, cause, made
from huiyin.web.bodies import Destination, NewHandler
from huiyin.web.problems import CODES, Problem
from huiyin.web.room import Room
from huiyin.web.shown import category
from huiyin.web.staff import called, windows
from huiyin.web.staff.rehearsal import Stage, stage

Req = Request[Any, Any, Any]

MOST = 100
RUNGS: tuple[Rung, ...] = get_args(Rung)
_NAMES = {"reassign": "转交给岗位上的另一个人", "dispatch": "派到另一个层级"}
_GONE = "没有这张工单,或者已经不在您的范围内"


class Line(Struct, frozen=True):
    """A ticket of the bulk; `fault` is why it was not done, "" where it was or is to be."""

    number: str
    what: str = ""
    place: str = ""
    post: str = ""
    fault: str = ""


class Way(Struct, frozen=True):
    """A choice, and how many of the tickets would take it."""

    value: str
    name: str
    takes: int


class Group(Struct, frozen=True):
    """Tickets that are asked about together: for a new handler those of one post, for a rung all."""

    name: str
    lines: list[Line]
    ways: list[Way]
    why_not: str = ""


@get("/tickets/bulk", include_in_schema=False)
async def ask(request: Req) -> Response[bytes]:
    """What would be done to which tickets; nothing is done yet. Hidden ones are simply not there."""
    room, viewer = _who(request)
    what = _what(request.query_params.get("what", ""), viewer)
    kept = await _kept(room, viewer, request.query_params.getall("n", []))
    rules = await room.rules()
    known = await room.ask(lambda c: stage(c, rules, viewer, kept, room.clock()))
    groups = await _groups(room, rules, known, kept, what)
    key = secrets.token_hex(16)
    return await windows.window(
        request, "bulk.html", what=what, title=_NAMES[what], groups=groups, key=key, most=MOST, results=None
    )


@post("/tickets/bulk", include_in_schema=False)
async def give(request: Req) -> Response[bytes]:
    """Each ticket done or refused with the reason; sent twice it is done once."""
    room, viewer = _who(request)
    pairs = await windows.pairs(request)
    form, rules = dict(pairs), await room.rules()
    what = _what(form.get("what", ""), viewer)
    named = [value for name, value in pairs if name == "n"]
    body = _body(what, form)
    kept = await _kept(room, viewer, named)
    orders = [await _order(room, viewer, one, what, body, form.get("key", "")) for one in kept]
    answers = await room.act_on([one for one in orders if isinstance(one, Order)])
    after = {one.number: one for one in await _kept(room, viewer, named)}
    results = _results(named, kept, orders, answers, after, rules)
    done = sum(not one.fault for one in results)
    return await windows.window(
        request, "bulk.html", what=what, title=_NAMES[what], groups=[], key="", most=MOST, results=results, did=done
    )


def _who(request: Req) -> tuple[Room, Viewer]:
    return request.app.state.room, request.state.viewer


def _what(said: str, viewer: Viewer) -> str:
    if said not in _NAMES:
        raise Problem("bad-request")
    if not may(viewer.role, said):
        raise Problem("not-your-role")
    return said


def _body(what: str, form: dict[str, str]) -> NewHandler | Destination:
    """As the API's own bodies; nothing chosen is a missing field."""
    to, text = form.get("to", ""), form.get("text", "") or None
    if what == "reassign" and to:
        return NewHandler(to[:64])
    if rung := next((one for one in RUNGS if one == to), None):
        return Destination(rung, text)
    raise Problem("missing-field", "请先选好要转给谁。", "to")


async def _kept(room: Room, viewer: Viewer, named: Sequence[str]) -> list[Ticket]:
    """Those of some numbers that are there for the viewer, each once, newest first; raises Problem for too many."""
    numbers = sorted({one for one in named if NUMBER.fullmatch(one)}, reverse=True)
    if not numbers:
        raise Problem("missing-field", "请先在列表里勾选工单。", "n")
    if len(numbers) > MOST:
        raise Problem("bad-request", f"一次最多办理 {MOST} 件,请分几次。")
    sight = room.sight(viewer)

    async def read(connection: AsyncConnection) -> list[Ticket]:
        seen = await lists.seen(connection, sight, numbers)
        bodies = await log.bodies(connection, tickets.NOUN, [one for one in numbers if one in seen])
        return [tickets.fold(bodies[one]) for one in numbers if one in bodies]

    return await room.ask(read)


# -- what is asked ----------------------------------------------------------------------------------------


async def _groups(room: Room, rules: Rules, known: Stage, kept: list[Ticket], what: str) -> list[Group]:
    if what == "dispatch":
        names = {str(rung): rules.ladder.rungs[rung].name for rung in rules.ladder.order}
        return [_group("", kept, rules, known, what, names)] if kept else []
    found: dict[Post, list[Ticket]] = {}
    for one in kept:
        if one.post is not None:
            found.setdefault(one.post, []).append(one)
    return [
        _group(here.name, some, rules, known, what, await _holders(room, here.code)) for here, some in found.items()
    ]


def _group(name: str, kept: list[Ticket], rules: Rules, known: Stage, what: str, names: dict[str, str]) -> Group:
    tried = [known.try_(one, what) for one in kept]
    ways = [Way(value, called_, sum(value in one.ways for one in tried)) for value, called_ in names.items()]
    open_ = [one for one in ways if one.takes]
    why = next((one.code for one in tried if one.code), "")
    return Group(name, [_line(one, rules) for one in kept], open_, "" if open_ else CODES.get(why, (0, ""))[1])


async def _holders(room: Room, code: str) -> dict[str, str]:
    """Who holds a post now: opaque person → user name."""
    at = room.clock()
    held = await room.ask(lambda c: people.held(c, code, at))
    return {term.person: username or term.person for term, username in held if term.holds(at)}


def _line(one: Ticket, rules: Rules, fault: str = "") -> Line:
    what, where = category(rules.catalogue, one.category), called.place(one.spot, rules.registry)
    return Line(one.number, what, where, one.post.name if one.post else "", fault)


# -- what was done ----------------------------------------------------------------------------------------


async def _order(
    room: Room, viewer: Viewer, ticket: Ticket, what: str, body: NewHandler | Destination, key: str
) -> Order | Problem:
    try:
        return await made(room, viewer, ticket, what, body, cause(room, viewer, ticket.number, what, body, key or None))
    except Problem as problem:
        return problem


def _results(
    named: Sequence[str],
    kept: Sequence[Ticket],
    orders: Sequence[Order | Problem],
    answers: Sequence[Answer],
    after: dict[str, Ticket],
    rules: Rules,
) -> list[Line]:
    """By number, as it stands now; one that is hidden is told as one that is not there."""
    told = iter(answers)
    found = {}
    for ticket, order in zip(kept, orders, strict=True):
        code = order.code if isinstance(order, Problem) else _code(next(told))
        found[ticket.number] = _line(after.get(ticket.number, ticket), rules, _words(code) if code else "")
    return [
        found.get(number) or Line(number, fault=_GONE) for number in dict.fromkeys(named) if NUMBER.fullmatch(number)
    ]


def _code(answer: Answer) -> str | None:
    return "fault" if answer.outcome == "failed" else answer.code


def _words(code: str) -> str:
    return CODES.get(code, (409, "工单不允许这样办理"))[1]


ROUTES = [ask, give]
