"""The hand at a whistle (吹哨、报到): one route for each order of the table, from the request to the desk and back."""

from collections.abc import Sequence
from typing import Any

from litestar import Request, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec.structs import replace

from huiyin.core.people import Viewer
from huiyin.core.ticket import Ticket
from huiyin.core.whistle import Command
from huiyin.orders import Answer, Whistling
from huiyin.store import pictures, tickets, whistles
from huiyin.store.pictures import Picture
from huiyin.web.acts import cause, history, order_of, repeated
from huiyin.web.bodies import missing, read
from huiyin.web.intake import idempotency_key
from huiyin.web.pen import Pen
from huiyin.web.problems import done, spec
from huiyin.web.room import Room
from huiyin.web.whistles import bodies, mediated, orders
from huiyin.web.whistles.cases import Case
from huiyin.web.whistles.finding import find, visible
from huiyin.web.whistles.orders import ORDERS, Row
from huiyin.web.whistles.refusals import problem
from huiyin.web.whistles.shapes import CallShown, WhistleShown

API = "/api/v1/whistles/{number:str}"
_ALWAYS = (
    *("not-json", "wrong-type", "missing-field", "text-too-long", "bad-key", "body-too-large", "unknown-post"),
    *("log-in-first", "not-your-role", "cross-origin", "not-found", "not-your-whistle", "recused", "closed-whistle"),
    "database-away",
)

Req = Request[Any, Any, Any]


# -- giving an order --------------------------------------------------------------------------------------


async def give(
    request: Req, number: str, command: str, raw: bytes, key: str | None, seen: Sequence[Picture] = ()
) -> WhistleShown | CallShown:
    """An order as the API or a form sends it. Hidden is 404 before anything else is said; who repeats an order gets
    how the whistle is now."""
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    found = await find(request, number)
    body = read(raw, ORDERS[command].body)
    event_id = cause(room, viewer, number, command, body, key)
    if (told := await repeated(room, event_id) if key else None) is None:
        pen, kept = Pen(room.seal, number), pictures.sealed(room.seal, seen)
        beside = await mediated.beside(room, number)
        case = Case(room, viewer, number, found.whistle, room.clock(), pen, kept, beside=beside)
        told = await _sent(room, viewer, event_id, case, await ORDERS[command].make(case, body))
    _done(told)
    return await (await find(request, number)).present()


async def blow(
    request: Req, raw: bytes, key: str | None, ticket: str | None = None, seen: Sequence[Picture] = ()
) -> str:
    """The number of a fresh whistle, or of the one that the same key blew before; raises Problem."""
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    known: Ticket | None = None
    if ticket is not None:
        known = tickets.fold([entry.body for entry in await history(request, ticket)])
    body = read(raw, bodies.Blowing)
    of = await mediated.behind(request, body.mediation) if body.mediation else None
    if of is not None and key is None:  # sent again, it must find the whistle whose case was not told
        raise missing("Idempotency-Key")
    event_id = cause(room, viewer, ticket or "", "blow", body, key)
    if (told := await repeated(room, event_id) if key else None) is None:
        (number,) = await room.ask(lambda c: whistles.numbers(c, 1))
        pen, kept = Pen(room.seal, number), pictures.sealed(room.seal, seen)
        beside = await mediated.parties(of) if of else ()
        case = Case(room, viewer, number, None, room.clock(), pen, kept, body.mediation or "", beside)
        told = await _sent(room, viewer, event_id, case, await orders.blow(case, body, known))
    blown = _done(await _offered(room, viewer, told))
    if of is not None:
        await mediated.note(request, of, blown)
    return blown


async def _offered(room: Room, viewer: Viewer, told: Answer) -> Answer:
    """A refusal names the whistle to join only where it is there for who asks."""
    number = told.number or ""
    if told.code != "already-blown" or await room.ask(lambda c: visible(c, room, viewer, number)):
        return told
    return replace(told, number=None)


async def _sent(room: Room, viewer: Viewer, event_id: str, case: Case, command: Command) -> Answer:
    what = Whistling(case.number, command, tuple(case.pen.kept), tuple(case.pictures))
    return await room.whistle(order_of(viewer, event_id, what))


def _done(answer: Answer) -> str:
    return done(answer, lambda code: problem(code, answer.number or "" if code == "already-blown" else ""))


# -- the routes -------------------------------------------------------------------------------------------


def _route(command: str, row: Row) -> HTTPRouteHandler:
    name = "".join(part.capitalize() for part in command.split("-"))

    @post(
        f"{API}/{command}",
        status_code=200,
        summary=row.summary,
        tags=["吹哨报到"],
        operation_id=f"{name[0].lower()}{name[1:]}Whistle",
        responses=spec(*_ALWAYS),
    )
    async def order(request: Req, number: FromPath[str]) -> WhistleShown | CallShown:
        return await give(request, number, command, await request.body(), idempotency_key(request))

    return order


_BLOWN = spec(
    *_ALWAYS, "already-blown", "own-duty", "department-duty", "nothing-tried", "one-lead", "identifies-complainant"
)


@post(
    "/api/v1/whistles",
    status_code=201,
    summary="吹哨",
    description="社区、街道就本辖区的事项叫部门来。社区的哨由街道转报;除应急处置哨外,领导审批后派哨。",
    tags=["吹哨报到"],
    operation_id="blowWhistle",
    responses=_BLOWN,
)
async def by_hand(request: Req) -> WhistleShown | CallShown:
    """From a patrol, a meeting, or what somebody saw."""
    number = await blow(request, await request.body(), idempotency_key(request))
    return await (await find(request, number)).present()


@post(
    "/api/v1/tickets/{number:str}/whistle",
    status_code=201,
    summary="从工单吹哨",
    description="地点、事项取自工单;工单仍按自己的时限逐级办理,不等哨单。",
    tags=["工作人员"],
    operation_id="whistleTicket",
    responses=_BLOWN,
)
async def from_ticket(request: Req, number: FromPath[str]) -> WhistleShown | CallShown:
    """From a ticket; what the ladder tried is the evidence."""
    blown = await blow(request, await request.body(), idempotency_key(request), number)
    return await (await find(request, blown)).present()


ROUTES = [by_hand, from_ticket, *(_route(command, row) for command, row in ORDERS.items())]
