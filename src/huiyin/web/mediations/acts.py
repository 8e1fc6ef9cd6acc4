"""The hand at a mediation (人民调解): one route for each order, of staff by account and of a party by its code."""

import hmac
import secrets
from typing import Any

import msgspec
from litestar import Request, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from huiyin.core.mediation import Command, terms
from huiyin.core.mediation.commands import Accept, Apply
from huiyin.core.mediation.commands_agreed import AgreeOrally, Draft, Mark
from huiyin.core.mediation.kinds import Side
from huiyin.core.mediation.number import CaseNumber
from huiyin.core.people import Viewer
from huiyin.core.steps import Filed
from huiyin.orders import Answer, Mediating, Order
from huiyin.store import committees, mediations, tickets
from huiyin.store.committees import Body
from huiyin.store.mediation_people import Known
from huiyin.web.acts import SOURCE, history
from huiyin.web.bodies import missing, read
from huiyin.web.intake import idempotency_key
from huiyin.web.mediations import bodies, parties
from huiyin.web.mediations.finding import find, held_by
from huiyin.web.mediations.orders import ORDERS, OWN, Row
from huiyin.web.mediations.parties import Named
from huiyin.web.mediations.refusals import problem
from huiyin.web.mediations.shown import MediationShown
from huiyin.web.pen import Pen
from huiyin.web.problems import Problem, spec
from huiyin.web.room import Room

API = "/api/v1/mediations"
_SAID = ("not-json", "wrong-type", "missing-field", "text-too-long", "bad-key", "body-too-large")
_STAFF = (*_SAID, "log-in-first", "not-your-role", "cross-origin", "not-found", "recused", "database-away")
_NO_CASE = CaseNumber(1, "-", 1)  # the desk takes the next number of its committee
_HELD = (Draft, AgreeOrally)  # what carries terms

Req = Request[Any, Any, Any]


# -- giving an order --------------------------------------------------------------------------------------


async def give(request: Req, number: str, name: str, raw: bytes, key: str | None) -> MediationShown:
    """An order of staff. Hidden is 404 before anything else is said."""
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    await find(request, number)
    row = ORDERS[name]
    body = read(raw, row.body)
    pen = Pen(room.seal, number)
    what = Mediating(number, await _command(room, row, body, pen), tuple(pen.kept))
    event_id = _cause(room, viewer.username, number, name, body, key)
    _done(await room.mediate(_order(viewer, event_id, what)))
    return await (await find(request, number)).present()


async def give_own(request: Req, code: str, name: str, raw: bytes, key: str | None) -> MediationShown:
    """An order of the party that shows its code; it speaks for itself alone."""
    room: Room = request.app.state.room
    number, party = await parties.who_holds(room, code)
    request.scope["huiyin"] = {"id": number}  # type: ignore[typeddict-unknown-key]  # for the log line
    row = OWN[name]
    assert row.party is not None
    body = read(raw, row.party)
    pen = Pen(room.seal, number)
    given = {"hand": "party"} if row.kind is Mark else {}
    what = Mediating(number, bodies.filled(row.kind, body, pen, party=party, **given), tuple(pen.kept))
    event_id = _cause(room, f"party {party}", number, name, body, key)
    _done(await room.mediate(Order(SOURCE, event_id, f"party:{party}", what, role="party")))
    return await (await held_by(room, number, party)).present()


async def _command(room: Room, row: Row, body: Struct, pen: Pen) -> Command:
    if row.kind is Accept:
        return Accept(_NO_CASE)
    made: Command = bodies.filled(row.kind, body, pen)
    if isinstance(made, _HELD):
        found = tuple(one.code for one in await check(room, "\n".join(bodies.said(body))))
        made = msgspec.structs.replace(made, terms=msgspec.structs.replace(made.terms, found=found))
    return made


async def check(room: Room, words: str) -> tuple[terms.Finding, ...]:
    """What is to be mended in terms, before they are sealed."""
    return terms.check(words, (await room.mediations()).rules.mediation)


def _order(viewer: Viewer, event_id: str, what: Mediating) -> Order:
    return Order(SOURCE, event_id, viewer.post, what, role=viewer.role, person=viewer.person)


def _cause(room: Room, who: str, about: str, name: str, body: Struct, key: str | None) -> str:
    """The same key, person, mediation and words are one cause; keyed, as for tickets."""
    said = msgspec.json.encode((who, "mediation", about, name, body, key or secrets.token_hex(16)))
    return hmac.digest(room.where.receipt_key, b"huiyin order " + said, "sha256").hex()[:32]


def _done(answer: Answer) -> str:
    if answer.outcome == "failed":
        raise Problem("fault")
    if answer.code is not None:
        raise problem(answer.code)
    assert answer.number is not None
    return answer.number


# -- opening ----------------------------------------------------------------------------------------------


class Opened(Struct, frozen=True):
    """A new mediation; `codes` are told once, to be handed to each party: with it they come by themselves."""

    number: str
    codes: dict[str, str]


async def _opened(room: Room, number: str, sides: tuple[Side, ...]) -> Opened:
    return Opened(number, {one.party: await parties.code_for(room, number, one.party) for one in sides})


@post(
    API,
    status_code=201,
    summary="申请、移送、主动调解",
    description="姓名、电话、住址直接进入保管库;codes 是各方自己的查询码,只告诉一次,请分别交给本人。",
    tags=["人民调解"],
    operation_id="openMediation",
    responses=spec(*_STAFF, "unknown-building", "unknown-post", "not-your-mediation", "unknown-category"),
)
async def open_(request: Req) -> Opened:
    """By the committee's desk or a mediator of it."""
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    body, key = read(await request.body(), bodies.Applying), idempotency_key(request)
    place = await _place(room, viewer, body.committee, body.kind)
    number = await _fresh(room)
    pen, who = Pen(room.seal, number), await parties.named_as(room, number, body.parties)
    matter = (place.committee, place.kind, body.source, body.category, pen.write("text", body.text))
    command = Apply(number, *matter, who.sides, None, body.referrer, body.before)
    return await _send(request, command, pen, who, _cause(room, viewer.username, "", "open", body, key))


@post(
    "/api/v1/tickets/{number:str}/mediate",
    status_code=201,
    summary="从工单申请调解",
    description="工单照常办理、照常上报,不等调解。诉求人由工单带入,另一方写在 parties 里。",
    tags=["人民调解"],
    operation_id="mediateTicket",
    responses=spec(*_STAFF, "unknown-building", "unknown-post", "not-your-mediation", "unknown-category"),
)
async def from_ticket(request: Req, number: FromPath[str]) -> Opened:
    """The complainant is the first party; nobody else learns who that is."""
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    bodies_of = [entry.body for entry in await history(request, number)]
    filed, ticket = next(tickets.steps(bodies_of)), tickets.fold(bodies_of)
    assert isinstance(filed, Filed)
    body, key = read(await request.body(), bodies.FromTicket), idempotency_key(request)
    place = await _place(room, viewer, None, None)
    fresh = await _fresh(room)
    pen, others = Pen(room.seal, fresh), await parties.named_as(room, fresh, body.parties, 2)
    complainant = Known("p1", applicant=True, ref=filed.dossier)
    who = Named((Side("p1", applicant=True), *others.sides), (complainant, *others.people), others.sealed)
    matter = (place.committee, place.kind, "ticket", ticket.category, pen.write("text", body.text))
    command = Apply(fresh, *matter, who.sides, ticket.number)  # type: ignore[arg-type]
    return await _send(request, command, pen, who, _cause(room, viewer.username, number, "open", body, key))


async def _send(request: Req, command: Apply, pen: Pen, who: Named, event_id: str) -> Opened:
    room: Room = request.app.state.room
    what = Mediating(command.number, command, (*pen.kept, *who.sealed), people=who.people)
    answer = await room.mediate(_order(request.state.viewer, event_id, what))
    return await _opened(room, _done(answer), command.sides)


async def _fresh(room: Room) -> str:
    return (await room.ask(lambda c: mediations.numbers(c, 1)))[0]


async def _place(room: Room, viewer: Viewer, committee: str | None, kind: str | None) -> Body:
    """The committee that is meant: the one that is named, else the only one of the viewer's post; raises Problem."""
    code = committee or viewer.post.partition(":")[2]
    found = [one for one in await room.ask(lambda c: committees.known(c, [code])) if kind in (None, one.kind)]
    if not found:
        raise problem("unknown-committee")
    if len(found) > 1:
        raise missing("kind")
    return found[0]


# -- the routes -------------------------------------------------------------------------------------------


class Checked(Struct, frozen=True):
    """What is to be mended; nothing where it is fit to be sealed."""

    findings: list[terms.Finding]


@post(
    f"{API}/terms",
    status_code=200,
    summary="检查协议用语",
    description="不保存。unlawful 的不得写,vague 的要写明。",
    tags=["人民调解"],
    operation_id="checkTerms",
    responses=spec(*_SAID, "log-in-first", "not-your-role", "database-away"),
)
async def wording(request: Req) -> Checked:
    """Plain words in, findings out; kept nowhere."""
    body = read(await request.body(), bodies.Wording)
    return Checked(list(await check(request.app.state.room, body.text)))


@post(
    f"{API}/{{number:str}}/parties/{{party:str}}/code",
    status_code=201,
    summary="给当事人新的查询码",
    description="旧的从此无效。只告诉这一次。",
    tags=["人民调解"],
    operation_id="renewPartyCode",
    responses=spec(*_STAFF, "unknown-party"),
)
async def renew(request: Req, number: FromPath[str], party: FromPath[str]) -> Opened:
    """For a party that lost its code, or of a ticket that was closed for mediation."""
    found = await find(request, number)
    if found.one.line(party) is None:
        raise problem("unknown-party")
    return await _opened(found.room, number, (Side(party),))


def _route(name: str, row: Row) -> HTTPRouteHandler:
    @post(
        f"{API}/{{number:str}}/{name}",
        status_code=200,
        summary=row.summary,
        tags=["人民调解"],
        operation_id=f"{row.kind.__name__[0].lower()}{row.kind.__name__[1:]}InMediation",
        responses=spec(*_STAFF, "not-your-mediation"),
    )
    async def order(request: Req, number: FromPath[str]) -> MediationShown:
        return await give(request, number, name, await request.body(), idempotency_key(request))

    return order


def _own_route(name: str, row: Row) -> HTTPRouteHandler:
    @post(
        f"{API}/mine/{{code:str}}/{name}",
        status_code=200,
        summary=f"当事人:{row.summary}",
        tags=["人民调解"],
        operation_id=f"own{row.kind.__name__}InMediation",
        responses=spec(*_SAID, "receipt-mistyped", "unknown-receipt", "not-your-mediation", "database-away"),
    )
    async def order(request: Req, code: FromPath[str]) -> MediationShown:
        return await give_own(request, code, name, await request.body(), idempotency_key(request))

    return order


ROUTES = [
    open_,
    from_ticket,
    wording,
    renew,
    *(_route(name, row) for name, row in ORDERS.items()),
    *(_own_route(name, row) for name, row in OWN.items()),
]
