"""The hand at a mediation (人民调解): one route for each order, of staff by account and of a party by its code."""

from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath
from msgspec import Struct
from msgspec.structs import replace

from huiyin.core.mediation import Command, terms
from huiyin.core.mediation.commands import Accept
from huiyin.core.mediation.commands_agreed import AgreeOrally, Draft, Mark
from huiyin.core.mediation.number import CaseNumber
from huiyin.core.people import Viewer
from huiyin.orders import Answer, Mediating, Order
from huiyin.store import inbox, mediation_people
from huiyin.store.mediation_people import Known
from huiyin.store.pictures import Picture, sealed
from huiyin.web import attaching, parcels, problems
from huiyin.web.acts import SOURCE, order_of
from huiyin.web.bodies import read
from huiyin.web.intake import idempotency_key
from huiyin.web.mediations import bodies, papers, pictures
from huiyin.web.mediations.finding import Found, find, held_by, some
from huiyin.web.mediations.introducing import brought
from huiyin.web.mediations.orders import ORDERS, OWN, Row
from huiyin.web.mediations.own import keys
from huiyin.web.mediations.refusals import problem
from huiyin.web.mediations.shown import MediationShown
from huiyin.web.pen import Pen
from huiyin.web.problems import CODES, Problem, spec
from huiyin.web.room import Room

API = "/api/v1/mediations"
_SAID = ("not-json", "wrong-type", "missing-field", "text-too-long", "bad-key", "body-too-large")
_CODE = ("receipt-mistyped", "unknown-receipt", "too-many-codes", "too-many-parcels", "not-now")
GONE = {204: ResponseSpec(None, description="已经办理;办理以后,这件调解不再给办理的人看")}
STAFF = (*_SAID, "log-in-first", "not-your-role", "cross-origin", "not-found", "recused", "database-away")
_NO_CASE = CaseNumber(1, "-", 1)  # the desk takes the next number of its committee
_HELD = (Draft, AgreeOrally)  # what carries terms
# Why a party cannot sign now, where that is not its business: one answer for all of them, or it tells of the danger.
_QUIET = ("report-first", "mediator-recused", "not-a-mediator")
CODES["not-now"] = (409, "现在还不能办这一步,请联系承办的人民调解员或者调解委员会")

Req = Request[Any, Any, Any]


# -- giving an order --------------------------------------------------------------------------------------


async def give(
    request: Req, number: str, name: str, raw: bytes, key: str | None, seen: Sequence[Picture] = ()
) -> MediationShown | None:
    """An order of staff, and the mediation after it; None where who gave it does not see it any more."""
    try:
        await order(request, number, name, raw, key, seen)
    except Problem as problem:
        if problem.code != "not-found" or not await repeated(request, number, name, raw, key, seen):
            raise
    return await after(request, number)


async def repeated(
    request: Req, number: str, name: str, raw: bytes, key: str | None, seen: Sequence[Picture] = ()
) -> bool:
    """Whether the same order under the same key was done by the same person before, although it took the case out of
    their sight: a second tap is answered as the first. Nobody learns by it of what they did not do themselves."""
    if key is None:
        return False
    room: Room = request.app.state.room
    try:
        body = read(raw, ORDERS[name].body)
    except Problem:
        return False
    event_id = cause(room, request.state.viewer.username, number, name, body, attaching.said(key, seen))
    told = (await room.ask(lambda c: inbox.known(c, [(SOURCE, event_id)]))).get((SOURCE, event_id))
    return told is not None and (told[0], told[2]) == (number, None)


async def after(request: Req, number: str) -> MediationShown | None:
    """What was ordered is done, whether or not it took the mediation out of sight: a mediator's own withdrawal, a
    party's no to them that they write down."""
    found = await some(request.app.state.room, request.state.viewer, [number])
    return await found[0].present() if found else None


def answered(shown: MediationShown | None) -> Response[MediationShown]:
    """200 with the mediation; 204 without one."""
    return Response(shown, status_code=204 if shown is None else 200)  # type: ignore[arg-type]  # 204 has no content


async def order(
    request: Req, number: str, name: str, raw: bytes, key: str | None, seen: Sequence[Picture] = ()
) -> None:
    """An order of staff, with the pictures that came with it; who withdraws by it does not see the case any more.
    Hidden is 404 before anything else is said."""
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    found = await find(request, number)
    row = ORDERS[name]
    body = read(raw, row.body)
    pen, kept = Pen(room.seal, number), sealed(room.seal, seen)
    who = await brought(room, number, name, body, found.people, getattr(body, "party", ""))
    command = await _command(found, row, body, pen, pictures.field(name, kept) | who.fields)
    what = Mediating(number, command, (*pen.kept, *who.sealed), kept, who.people)
    event_id = cause(room, viewer.username, number, name, body, attaching.said(key, seen))
    done(await room.mediate(order_of(viewer, event_id, what)))


async def give_as(
    request: Req,
    number: str,
    party: str,
    name: str,
    raw: bytes,
    key: str | None,
    seen: Sequence[Picture] = (),
    by: str = "",
) -> MediationShown:
    """An order of a party that is known; it speaks for itself alone, or who may speak for it (`by`) does."""
    room: Room = request.app.state.room
    request.scope["huiyin"] = {"id": number}  # type: ignore[typeddict-unknown-key]  # for the log line
    row = OWN[name]
    assert row.party is not None
    body = read(raw, row.party)
    pen, kept = Pen(room.seal, number), sealed(room.seal, seen)
    who = await brought(room, number, name, body, await _known(room, number), party)
    given = pictures.field(name, kept) | ({"hand": "party"} if row.kind is Mark else {}) | ({"by": by} if by else {})
    command = bodies.filled(row.kind, body, pen, party=party, **given, **who.fields)
    what = Mediating(number, command, (*pen.kept, *who.sealed), kept, who.people)
    event_id = cause(room, f"party {party} {by}".strip(), number, name, body, attaching.said(key, seen))
    _heard(row, await room.mediate(Order(SOURCE, event_id, f"party:{party}", what, role="party")))
    return await (await held_by(room, number, party)).present()


def _heard(row: Row, answer: Answer) -> None:
    """Of a danger no party is told: it may be the danger."""
    if row.kind is Mark and answer.code in _QUIET:
        raise Problem("not-now")
    done(answer)


async def _known(room: Room, number: str) -> Sequence[Known]:
    return (await room.ask(lambda c: mediation_people.of(c, [number]))).get(number, ())


async def _command(found: Found, row: Row, body: Struct, pen: Pen, seen: dict[str, Any]) -> Command:
    if row.kind is Accept:
        return Accept(_NO_CASE)
    house = {"digest": ""} if row.kind is Draft else {}
    made: Command = bodies.filled(row.kind, body, pen, **house, **seen)
    if isinstance(made, _HELD):
        book = (await found.room.mediations()).rules.mediation
        made = replace(made, terms=replace(made.terms, found=terms.codes(bodies.said(body), book)))
    if isinstance(made, Draft) and found.eyes == "mediator":
        lies = await papers.drafted(found, made.terms, pen)
        made = replace(made, digest=lies.digest, document=lies.document)
    return made


async def check(room: Room, words: str) -> tuple[terms.Finding, ...]:
    """What is to be mended in terms, before they are sealed."""
    return terms.check(words, (await room.mediations()).rules.mediation)


def cause(room: Room, who: str, about: str, name: str, body: Struct, key: str | None) -> str:
    """The same key, person, mediation and words are one cause."""
    return room.cause("order", (who, "mediation", about, name, body), key)


def done(answer: Answer) -> str:
    """The mediation's number; raises Problem where its desk did not do it."""
    return problems.done(answer, problem)


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


def _taking(name: str) -> dict[str, Any]:
    """What the route of an order that takes pictures says besides."""
    said = "照片:用 multipart/form-data,JSON 放在 order 里,照片放在 picture 里,至多 {} 张。"
    most = pictures.most(name)
    return {"request_max_body_size": parcels.MOST, "description": said.format(most)} if most else {}


def _route(name: str, row: Row) -> HTTPRouteHandler:
    @post(
        f"{API}/{{number:str}}/{name}",
        status_code=200,
        summary=row.summary,
        tags=["人民调解"],
        operation_id=f"{row.kind.__name__[0].lower()}{row.kind.__name__[1:]}InMediation",
        **_taking(name),
        responses=spec(*STAFF, "not-your-mediation") | GONE,
    )
    async def order(request: Req, number: FromPath[str]) -> Response[MediationShown]:
        raw, seen = await pictures.sent(request, name)
        return answered(await give(request, number, name, raw, idempotency_key(request), seen))

    return order


def _own_route(name: str, row: Row) -> HTTPRouteHandler:
    @post(
        f"{API}/mine/{{code:str}}/{name}",
        status_code=200,
        summary=f"当事人:{row.summary}",
        tags=["人民调解"],
        operation_id=f"own{row.kind.__name__}InMediation",
        **_taking(name),
        responses=spec(*_SAID, *_CODE, "not-your-mediation", "database-away"),
    )
    async def order(request: Req, code: FromPath[str]) -> MediationShown:
        number, party = await keys.by_program(request, code)  # before a picture of nobody's is looked at
        keys.paced(request, number, party)
        raw, seen = await pictures.sent(request, name)
        return await give_as(request, number, party, name, raw, idempotency_key(request), seen)

    return order


ROUTES = [
    wording,
    *(_route(name, row) for name, row in ORDERS.items()),
    *(_own_route(name, row) for name, row in OWN.items()),
]
