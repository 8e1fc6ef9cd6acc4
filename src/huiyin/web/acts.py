"""The staff's hand (办理): one route for each order of the table, from the request to the desk and back."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from litestar import Request, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.people import COMMANDS, Viewer, may
from huiyin.core.proof import read as leaf
from huiyin.core.sight import hears
from huiyin.core.ticket import Ticket, authority
from huiyin.core.ticket.authority import TABLE
from huiyin.core.words import Actor
from huiyin.desk import Answer, Change, Order
from huiyin.orders import Mediating, Whistling
from huiyin.store import calendars, inbox, lists, tickets
from huiyin.store.pictures import Picture
from huiyin.web import attaching, bodies, shown
from huiyin.web.intake import idempotency_key
from huiyin.web.orders import ORDERS, Case, Row, together
from huiyin.web.pen import Pen
from huiyin.web.problems import Problem, done, spec
from huiyin.web.room import Room

SOURCE = "urn:huiyin:staff"
NUMBER = re.compile(r"HY[0-9]{9,15}")
API = "/api/v1/tickets/{number:str}"
_KINDS = {name: row.kind.__name__ for name, row in ORDERS.items()} | {
    "view": "View",
    "notify": "Notify",
    "attach": "Attach",
}
_ALWAYS = (
    *("not-json", "wrong-type", "missing-field", "text-too-long", "bad-key", "body-too-large"),
    *("log-in-first", "not-your-role", "cross-origin", "not-found", "not-your-ticket", "recused", "database-away"),
)

Req = Request[Any, Any, Any]


async def history(request: Req, number: str) -> list[lists.Entry]:
    """A ticket's steps; raises Problem where it is hidden or is none."""
    room: Room = request.app.state.room
    sight = room.sight(request.state.viewer)
    if not NUMBER.fullmatch(number):
        raise Problem("not-found")
    request.scope["huiyin"] = {"id": number}  # type: ignore[typeddict-unknown-key]  # for the log line

    async def read(connection: AsyncConnection) -> list[lists.Entry]:
        if not await lists.visible(connection, sight, number):
            return []
        return list(await lists.history(connection, number))

    found = await room.ask(read)
    if not found:
        raise Problem("not-found")
    return found


def allowed(viewer: Viewer, ticket: Ticket, room: Room) -> tuple[str, ...]:
    """The orders that this viewer's post could give now, whatever the ticket's state says then."""
    by = Actor(viewer.post, viewer.role, viewer.person)
    found = authority.relations(by, ticket, room.ladder)
    if viewer.person and "holder" in found and ticket.rung in (None, room.ladder.order[-1]):
        found |= {"above"}  # nobody is above: another person of the same post decides
    known = [name for name in COMMANDS if may(viewer.role, name) and _KINDS.get(name) in TABLE]
    spot = ticket.spot
    blows = viewer.post in (f"street:{spot.street_code}", f"community:{spot.community_code}")
    return (*(name for name in known if found & TABLE[_KINDS[name]]), *(("whistle",) if blows else ()))


async def light(
    connection: AsyncConnection, room: Room, viewer: Viewer, kept: Sequence[Ticket]
) -> Callable[[Ticket], shown.TicketShown]:
    """How tickets are shown to a viewer: one look for all of them."""
    seen = await lists.seen(connection, room.sight(viewer), shown.others(kept))
    books = shown.Books(room.catalogue, room.ladder, await calendars.load(connection))
    told = hears(viewer.role)
    return lambda one: shown.ticket(one, books, shown.Light(seen, allowed(viewer, one, room), told))


# -- giving an order --------------------------------------------------------------------------------------


async def give(
    request: Req, number: str, command: str, raw: bytes, key: str | None, pictures: Sequence[Picture] = ()
) -> shown.TicketShown:
    """An order as the API or a form sends it, a form's pictures with it. Hidden is 404 before anything else is said;
    but who repeats an order gets the answer they got."""
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    row = ORDERS[command]
    body, fault = _body(raw, row)
    event_id = cause(room, viewer, number, command, body, key)
    if key is not None and fault is None and (told := await repeated(room, event_id)) is not None:
        return await _after(room, viewer, number, event_id, told)
    ticket = tickets.fold([entry.body for entry in await history(request, number)])
    if fault is not None:
        raise fault
    order = await made(room, viewer, ticket, command, body, event_id, pictures)
    return await _after(room, viewer, number, event_id, await room.act(order))


async def made(
    room: Room,
    viewer: Viewer,
    ticket: Ticket,
    command: str,
    body: Struct | None,
    event_id: str,
    pictures: Sequence[Picture] = (),
) -> Order:
    """An order for the desk, its words sealed; raises Problem."""
    case = Case(room, viewer, ticket, room.clock(), Pen(room.seal, ticket.number))
    wanted = await ORDERS[command].make(case, body)
    change = Change(ticket.number, wanted, together(ticket, wanted), tuple(case.pen.kept))
    change = attaching.together(room.seal, change, pictures, evidence=command in attaching.EVIDENCE)
    return order_of(viewer, event_id, change)


def _body(raw: bytes, row: Row) -> tuple[Struct | None, Problem | None]:
    try:
        return bodies.read(raw, row.body), None
    except Problem as fault:
        return None, fault


def cause(room: Room, viewer: Viewer, number: str, command: str, body: Struct | None, key: str | None) -> str:
    """The same key, person, ticket and words are one cause."""
    return room.cause("order", (viewer.username, number, command, body), key)


def order_of(viewer: Viewer, event_id: str, what: Change | Whistling | Mediating) -> Order:
    """What somebody at a window wants of a desk."""
    return Order(SOURCE, event_id, viewer.post, what, role=viewer.role, person=viewer.person)


async def repeated(room: Room, event_id: str) -> Answer | None:
    """What an order became that was given before; None for a new one."""
    known = await room.ask(lambda c: inbox.known(c, [(SOURCE, event_id)]))
    if (SOURCE, event_id) not in known:
        return None
    number, _, refused = known[SOURCE, event_id]
    return Answer("repeat", number, code=refused)


async def _after(room: Room, viewer: Viewer, number: str, event_id: str, answer: Answer) -> shown.TicketShown:
    """The ticket as the order left it; one that left nothing tells how it is now, to who may see it now."""
    done(answer)

    async def read(connection: AsyncConnection) -> shown.TicketShown | None:
        entries = await lists.history(connection, number)
        last = _last(entries, event_id)
        if last is None and not await lists.visible(connection, room.sight(viewer), number):
            return None
        kept = tickets.fold([entry.body for entry in entries[:last]])
        return (await light(connection, room, viewer, [kept]))(kept)

    found = await room.ask(read)
    if found is None:
        raise Problem("not-found")
    return found


def _last(entries: Sequence[lists.Entry], event_id: str) -> int | None:
    """How many steps there were after an order; None where it made none."""
    cause = f"{SOURCE}#{event_id}"
    return max((i for i, entry in enumerate(entries, 1) if leaf(entry.body).cause == cause), default=None)


# -- the routes -------------------------------------------------------------------------------------------


def _route(command: str, row: Row) -> HTTPRouteHandler:
    name = "".join(part.capitalize() for part in command.split("-"))

    @post(
        f"{API}/{command}",
        status_code=200,
        summary=row.summary,
        tags=["工作人员"],
        operation_id=f"{name[0].lower()}{name[1:]}Ticket",
        responses=spec(*_ALWAYS, *row.codes),
    )
    async def order(request: Req, number: FromPath[str]) -> shown.TicketShown:
        return await give(request, number, command, await request.body(), idempotency_key(request))

    return order


ROUTES = [_route(command, row) for command, row in ORDERS.items()]
