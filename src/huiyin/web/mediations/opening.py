"""How a mediation is opened over HTTP (申请、移送、登记当事人): who the parties are, and the codes they come with."""

import secrets
from collections.abc import Sequence
from typing import Any, NamedTuple

from litestar import Request, post
from litestar.params import FromPath
from msgspec import Struct

from huiyin.core import receipt as receipts
from huiyin.core.mediation.commands import Apply, Identify, RenewCode
from huiyin.core.mediation.ground import desk_of, mediators_of
from huiyin.core.mediation.kinds import Side
from huiyin.core.people import Viewer
from huiyin.core.steps import Filed
from huiyin.core.words import Sealed
from huiyin.orders import Mediating
from huiyin.store import committees, mediations, tickets, vault
from huiyin.store.committees import Body
from huiyin.store.mediation_people import Known
from huiyin.web.acts import history, order_of
from huiyin.web.bodies import missing, read
from huiyin.web.intake import idempotency_key
from huiyin.web.mediations import bodies, parties
from huiyin.web.mediations.acts import API, STAFF, cause, done
from huiyin.web.mediations.finding import Found, find
from huiyin.web.mediations.refusals import problem
from huiyin.web.mediations.shown import MediationShown
from huiyin.web.pen import Pen
from huiyin.web.problems import spec
from huiyin.web.room import Room

Req = Request[Any, Any, Any]


class Opened(Struct, frozen=True):
    """A new mediation; `codes` are told once, to be handed to each party: with it they come by themselves."""

    number: str
    codes: dict[str, str]


class Ready(Struct, frozen=True):
    """An application with all that the vault is to keep."""

    command: Apply
    sealed: tuple[tuple[str, vault.Sealed], ...]
    people: tuple[Known, ...]


class Sent(NamedTuple):
    """What became of it; `repeat`: it had been opened before, by the same hand with the same words."""

    number: str
    sides: tuple[Side, ...]
    repeat: bool = False


async def _opened(room: Room, sent: Sent) -> Opened:
    """What was opened before tells no code again, and makes no other: that is an order of its own, with its step."""
    return Opened(sent.number, await codes_for(room, sent))


async def codes_for(room: Room, sent: Sent) -> dict[str, str]:
    """The first code of each party, told once."""
    return await parties.codes_for(room, sent.number, [one.party for one in sent.sides])


@post(
    API,
    status_code=201,
    summary="申请、移送、主动调解",
    description="姓名、电话、住址直接进入保管库;codes 是各方自己的查询码,只告诉一次,请分别交给本人;"
    "重复发送不再告诉,也不换新码。",
    tags=["人民调解"],
    operation_id="openMediation",
    responses=spec(*STAFF, "unknown-building", "unknown-post", "not-your-mediation", "unknown-category"),
)
async def open_(request: Req) -> Opened:
    """By the committee's desk or a mediator of it."""
    body, key = read(await request.body(), bodies.Applying), idempotency_key(request)
    return await _opened(request.app.state.room, await send(request, await ready(request, body), body, key))


@post(
    "/api/v1/tickets/{number:str}/mediate",
    status_code=201,
    summary="从工单申请调解",
    description="工单照常办理、照常上报,不等调解。诉求人由工单带入,另一方写在 parties 里。",
    tags=["人民调解"],
    operation_id="mediateTicket",
    responses=spec(*STAFF, "unknown-building", "unknown-post", "not-your-mediation", "unknown-category"),
)
async def from_ticket(request: Req, number: FromPath[str]) -> Opened:
    """The complainant is the first party; nobody else learns who that is."""
    found = await history(request, number)
    body, key = read(await request.body(), bodies.FromTicket), idempotency_key(request)
    made = await ready_from(request, [entry.body for entry in found], body)
    return await _opened(request.app.state.room, await send(request, made, body, key))


async def ready(request: Req, body: bodies.Applying, number: str | None = None) -> Ready:
    """An application as the desk takes it, under a fresh number; raises Problem."""
    room: Room = request.app.state.room
    place = await _place(room, request.state.viewer, body.committee, body.kind)
    number = number or await _fresh(room)
    pen, who = Pen(room.seal, number), await parties.named_as(room, number, body.parties)
    matter = (place.committee, place.kind, body.source, body.category, pen.write("text", body.text))
    requests = tuple(pen.write("text", one) for one in body.requests)
    command = Apply(number, *matter, who.sides, None, body.referrer, body.before, requests)
    return Ready(command, (*pen.kept, *who.sealed), who.people)


async def ready_from(request: Req, steps: Sequence[bytes], body: bodies.FromTicket, number: str | None = None) -> Ready:
    """The same of a ticket that the viewer may see, by its steps."""
    room: Room = request.app.state.room
    filed, ticket = next(tickets.steps(steps)), tickets.fold(steps)
    assert isinstance(filed, Filed)
    place = await _place(room, request.state.viewer, None, None)
    number = number or await _fresh(room)
    pen, others = Pen(room.seal, number), await parties.named_as(room, number, body.parties, 2)
    complainant = Known("p1", applicant=True, ref=filed.dossier)
    sides = (Side("p1", applicant=True), *others.sides)
    matter = (place.committee, place.kind, "ticket", ticket.category, pen.write("text", body.text))
    requests = tuple(pen.write("text", one) for one in body.requests)
    command = Apply(number, *matter, sides, ticket.number, requests=requests)  # type: ignore[arg-type]
    return Ready(command, (*pen.kept, *others.sealed), (complainant, *others.people))


async def send(request: Req, made: Ready, body: Struct, key: str | None) -> Sent:
    """Give it to the desk; raises Problem."""
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    what, about = Mediating(made.command.number, made.command, made.sealed, people=made.people), made.command.ticket
    order = order_of(viewer, cause(room, viewer.username, about or "", "open", body, key), what)
    answer = await room.mediate(order)
    return Sent(done(answer), made.command.sides, answer.outcome == "repeat")


async def _fresh(room: Room) -> str:
    return (await room.ask(lambda c: mediations.numbers(c, 1)))[0]


async def _place(room: Room, viewer: Viewer, committee: str | None, kind: str | None) -> Body:
    """The committee that is meant: the one that is named, else the only one of the viewer's post; raises Problem."""
    code, book = committee or viewer.post.partition(":")[2], (await room.mediations()).rules.mediation
    known = [one for one in await room.ask(lambda c: committees.known(c, [code])) if kind in (None, one.kind)]
    posts = ((one, desk_of(book, one.kind, code), mediators_of(book, one.kind, code)) for one in known)
    found = [one for one, *some in posts if viewer.post in some] or known  # whose it is not, the core refuses
    if not found:
        raise problem("unknown-committee")
    if len(found) > 1:
        raise missing("kind")
    return found[0]


@post(
    f"{API}/{{number:str}}/parties/{{party:str}}/code",
    status_code=201,
    summary="给当事人新的查询码",
    description="旧的从此无效。只告诉这一次。",
    tags=["人民调解"],
    operation_id="renewPartyCode",
    responses=spec(*STAFF, "unknown-party", "archived-mediation", "not-your-mediation"),
)
async def renew(request: Req, number: FromPath[str], party: FromPath[str]) -> Opened:
    """For a party that lost its code, or of a ticket that was closed for mediation."""
    found = await find(request, number)
    return Opened(number, {party: await renewed(request, found, party)})


async def renewed(request: Req, found: Found, party: str) -> str:
    """The new code, written together with the step that says so; raises Problem."""
    room, viewer, code = found.room, request.state.viewer, parties.new_code()
    what = Mediating(found.one.number, RenewCode(party), codes=((party, code),))
    done(await room.mediate(order_of(viewer, secrets.token_hex(16), what)))
    return receipts.show(code)


@post(
    f"{API}/{{number:str}}/parties/{{party:str}}",
    status_code=200,
    summary="登记当事人",
    description="由工单而来的,另一方往往还不知道是谁;登记以后按人重新核对回避。",
    tags=["人民调解"],
    operation_id="identifyParty",
    responses=spec(
        *STAFF, "unknown-party", "unknown-building", "unknown-post", "id-number-wrong", "not-your-mediation"
    ),
)
async def identify(request: Req, number: FromPath[str], party: FromPath[str]) -> MediationShown:
    """Their record into the vault, its place into the log."""
    return await identified(request, number, party, await request.body(), idempotency_key(request))


async def identified(request: Req, number: str, party: str, raw: bytes, key: str | None) -> MediationShown:
    """The same as a form or the API sends it; raises Problem, also where it would take the case out of sight."""
    found = await find(request, number)
    room, viewer = found.room, request.state.viewer
    line = found.one.line(party)
    if line is None:
        raise problem("unknown-party")
    body = read(raw, bodies.Identity)
    before = next((one for one in found.people if one.ident == party), Known(party, applicant=line.applicant))
    known, kept = await parties.known_as(room, number, before, await parties.completed(room, before, body))
    command = Identify(party, Sealed(kept[0], kept[1].digest))
    event_id = cause(room, viewer.username, f"{number}/{party}", "identify", body, key)
    done(await room.mediate(order_of(viewer, event_id, Mediating(number, command, (kept,), people=(known,)))))
    return await (await find(request, number)).present()


ROUTES = [open_, from_ticket, renew, identify]
