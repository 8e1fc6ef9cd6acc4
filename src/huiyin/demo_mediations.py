"""The demonstration's mediations (演示调解): a community's committee, a street's, cases at every stage."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from huiyin import demo_committees, keys, settings
from huiyin.convening import CONSOLE, Office
from huiyin.core import receipt as receipts
from huiyin.core.calendar import local
from huiyin.core.mediation import Command, Mediation, Rules
from huiyin.core.mediation import commands as c
from huiyin.core.mediation import commands_agreed as a
from huiyin.core.mediation.kinds import Item, Side, Statement, Terms
from huiyin.core.mediation.number import CaseNumber
from huiyin.core.mediation.state import Agreement, Owed
from huiyin.core.registry import Registry
from huiyin.core.words import Actor, Spot
from huiyin.core.words import Sealed as Reference
from huiyin.demo_cases import CASES, Case, Words
from huiyin.demo_tickets import filed
from huiyin.mediating import MediationDesk
from huiyin.orders import Mediating, Order
from huiyin.papers.forms import made
from huiyin.renewal import Renewal
from huiyin.store import accounts, committees, inbox, mediation_people, mediations
from huiyin.store.bookings import Booking
from huiyin.store.mediation_people import Known
from huiyin.store.vault import Dossier, Seal, Sealed, encode
from huiyin.story import load_words
from huiyin.web.mediations.file import Desk, file_of
from huiyin.web.mediations.outcome import came_of
from huiyin.web.mediations.past import Past
from huiyin.web.pen import Pen

SOURCE = "urn:huiyin:demo"
FILE = "demo-mediations.json"  # number → party → the code that it comes with
_EMPTY = CaseNumber(1, "-", 1)  # the desk takes the next number


class Cast(Struct, frozen=True):
    """Who acts: desks by kind of committee, mediators by user name; `since`: before it nobody of them mediated."""

    places: Mapping[str, str]
    desks: Mapping[str, Actor]
    mediators: Mapping[str, Actor]
    staff: Mapping[str, str]
    since: datetime


class Stage(Struct, frozen=True):
    """What everything is made with; `numbers` by the case's place, `called` what a committee is called."""

    cast: Cast
    rules: Rules
    seal: Seal
    called: Mapping[str, str]
    numbers: dict[int, str]
    registry: Registry


async def open_(engine: AsyncEngine, data: Path, spot: Spot, at: datetime) -> None:
    """Committees, then all cases, each order under a cause of its own: at a restart nothing happens twice."""
    async with engine.begin() as connection:
        ends = [(SOURCE, _cause(spot, n, len(case.acts))) for n, case in enumerate(CASES)]
        if len(await inbox.known(connection, ends)) == len(ends):
            return
        await demo_committees.furnish(connection, spot, at)
        book = await Renewal(engine, settings.rules_folder(data)).begin(connection)
        cast = await _cast(connection, spot, at)
        called = {str(one.kind): one.called for one in await committees.known(connection, list(cast.places.values()))}
    ticket = await filed(engine, data, book, spot, at)
    stage = Stage(cast, book.mediating, Seal(settings.vault_key(data)), called, {}, book.rules.registry)
    await _play(engine, stage, spot, at, ticket)
    async with engine.begin() as connection:
        await _book(connection, stage, at)
        await _codes(connection, data, stage, at)


async def _play(engine: AsyncEngine, stage: Stage, spot: Spot, at: datetime, ticket: str) -> None:
    """Moment by moment, the oldest first."""
    desk = MediationDesk(engine, stage.rules)
    days = sorted({day for case in CASES for day in (case.began, *(act[0] for act in case.acts))}, reverse=True)
    for ago in days:
        now = max(at - timedelta(days=ago), stage.cast.since)
        await _begin(engine, desk, stage, spot, ticket, ago, now)
        async with engine.connect() as connection:
            there = await mediations.CHAINS.load(connection, list(stage.numbers.values()))
        found = {number: one for number, (one, _) in there.items()}
        orders = [
            _order(stage, spot, n, place, found[number], now)
            for n, number in stage.numbers.items()
            for place, act in enumerate(CASES[n].acts, 1)
            if act[0] == ago
        ]
        await desk.act(orders, at=now, suspect=True) if orders else None


async def _begin(
    engine: AsyncEngine, desk: MediationDesk, stage: Stage, spot: Spot, ticket: str, ago: float, now: datetime
) -> None:
    """Open what began at this moment."""
    wanted = [n for n, case in enumerate(CASES) if case.began == ago]
    if not wanted:
        return
    async with engine.connect() as connection:
        fresh = await mediations.numbers(connection, len(wanted))
    orders = [_opened(stage, spot, n, number, ticket) for n, number in zip(wanted, fresh, strict=True)]
    answers = await desk.act(orders, at=now, suspect=True)
    stage.numbers.update((n, answer.number) for n, answer in zip(wanted, answers, strict=True) if answer.number)


async def _book(connection: AsyncConnection, stage: Stage, at: datetime) -> None:
    """Every session that is planned has the committee's first room, for two hours."""
    found = await mediations.CHAINS.load(connection, list(stage.numbers.values()))
    bodies = {(one.committee, one.kind): one for one in await committees.known(connection)}
    for one, _ in found.values():
        if (body := bodies.get((one.committee, one.kind))) is None:
            continue
        ours = Office(connection, body, at=at, actor=CONSOLE)
        for session in one.sessions:
            if session.waits and session.plan is not None:
                room, since = f"{one.committee}-1", session.plan.at
                await ours.book(Booking(room, since, since + timedelta(hours=2), one.number, session.number))


async def _codes(connection: AsyncConnection, data: Path, stage: Stage, at: datetime) -> None:
    """What each party comes with, in DIR/demo-mediations.json (0600): a demonstration hands no slips over."""
    known: dict[str, dict[str, str]] = {}
    for n, number in sorted(stage.numbers.items()):
        for place in range(1, len(CASES[n].sides) + 1):
            code = secrets.randbelow(10**15)
            await mediation_people.admit(connection, number, f"p{place}", code, at)
            known.setdefault(number, {})[f"p{place}"] = receipts.show(code)
    keys.write_private(data / FILE, msgspec.json.format(msgspec.json.encode(known), indent=2))


def _cause(spot: Spot, n: int, place: int) -> str:
    return f"demo-mediation-{spot.building_code}-{CASES[n].key}-{place}"


async def _cast(connection: AsyncConnection, spot: Spot, at: datetime) -> Cast:
    rows = (await connection.execute(_POSTS, {"at": at})).all()
    actors = {name: Actor(post, role, person) for name, post, role, person, _ in rows}
    seats = {name: one for name, one in actors.items() if one.role == "mediator"}
    places = {"residents": str(spot.community_code), "street": str(spot.street_code)}
    desks = {"residents": actors["demo-community"], "street": actors["demo-street"]}
    staff = await accounts.names(connection, [one.person for one in seats.values()])
    return Cast(places, desks, seats, staff, max((since for name, *_, since in rows if name in seats), default=at))


_POSTS = text(
    "SELECT a.username, a.post_code, a.role, a.person, (SELECT min(h.since) FROM holdings h"
    " WHERE h.person = a.person AND h.post_code = a.post_code AND (h.until IS NULL OR h.until > :at))"
    " FROM accounts a WHERE a.username LIKE 'demo-%' AND a.person <> ''"
)


# -- an order ---------------------------------------------------------------------------------------------


def _opened(stage: Stage, spot: Spot, n: int, number: str, ticket: str) -> Order:
    case, pen = CASES[n], Pen(stage.seal, number)
    people, sealed = _people(stage.seal, case, number)
    sides = tuple(Side(one.ident, who.kind, who.applicant) for one, who in zip(people, case.sides, strict=True))
    if case.source == "ticket":
        people, sealed = [replace(people[0], ref=f"{ticket}/1"), *people[1:]], sealed[1:]
    matter = (stage.cast.places[case.kind], case.kind, case.source, case.category, pen.write("text", case.text))
    command = c.Apply(number, *matter, sides, ticket if case.source == "ticket" else None, case.referrer)
    what = Mediating(number, command, (*pen.kept, *sealed), people=tuple(people))
    return _signed(stage.cast.desks[case.kind], _cause(spot, n, 0), what)


def _people(seal: Seal, case: Case, number: str) -> tuple[list[Known], list[tuple[str, Sealed]]]:
    people, sealed = [], []
    for n, who in enumerate(case.sides, 1):
        known = Known(f"p{n}", applicant=who.applicant, ref=f"{number}/p{n}")
        record = Dossier(text="", name=who.name, phone=who.phone)
        people.append(known)
        sealed.append((str(known.ref), seal.seal(encode(record), who.phone)))
    return people, sealed


def _signed(by: Actor, cause: str, what: Mediating) -> Order:
    return Order(SOURCE, cause, by.post, what, role=by.role, person=by.person)


def _order(stage: Stage, spot: Spot, n: int, place: int, one: Mediation, now: datetime) -> Order:
    case = CASES[n]
    who, _, said = case.acts[place - 1][1].partition(" ")
    what, _, words = said.partition(" ")
    pen = Pen(stage.seal, one.number)
    by = _actor(stage.cast, case, who)
    command = _command(stage, case, one, pen, by, what, words, now)
    return _signed(by, _cause(spot, n, place), Mediating(one.number, command, tuple(pen.kept)))


def _actor(cast: Cast, case: Case, who: str) -> Actor:
    if who == "desk":
        return cast.desks[case.kind]
    return cast.mediators[case.mediator] if who == "mediator" else Actor(f"party:{who}", "party")


def _command(
    stage: Stage, case: Case, one: Mediation, pen: Pen, by: Actor, what: str, words: str, now: datetime
) -> Command:
    first, _, rest = words.partition(" ")
    party = by.post.partition(":")[2] if by.role == "party" else first
    match what:
        case "hold":
            return _held(case, pen, now)
        case "draft":
            return _draft(stage, case, one, pen, now)
        case "assign":
            return c.Assign(stage.cast.mediators[case.mediator].person)
        case "plan":
            return c.Plan(now + timedelta(hours=float(first)), venue=pen.perhaps(rest))
        case "mark":
            assert one.agreement is not None
            form = {"party": "signature", "mediator": "signature", "committee": "seal"}
            hand = "party" if by.role == "party" else first
            return a.Mark(hand, one.agreement.digest, form[hand], now, party if hand == "party" else "")  # type: ignore[arg-type]
        case "agree":
            return a.AgreeOrally(now, _terms(case, pen, now))
        case "visit":
            return a.Visit(now, ("p1", "p2"), "yes", pen.write("text", words), 5)
        case _:
            return _short(pen, what, party, words, rest, now)


def _short(pen: Pen, what: str, party: str, words: str, rest: str, now: datetime) -> Command:
    """What needs nothing of the case."""
    made: dict[str, Callable[[], Command]] = {
        "check": c.Check,
        "accept": lambda: c.Accept(_EMPTY),
        "consent": lambda: c.Consent(party, "screen"),
        "refuse": lambda: c.Refuse(party, "screen"),
        "rights": lambda: c.NotifyRights(party, "paper"),
        "reply": lambda: c.Reply(party, 1, words),  # type: ignore[arg-type]
        "answer": lambda: c.Answer(party, words, True),  # type: ignore[arg-type]
        "confide": lambda: c.Confide(party, pen.write("text", rest)),
        "perform": lambda: a.Perform("i1", "whole", now),
        "breach": lambda: a.Breach("i1", pen.write("text", words)),
        "report": lambda: c.Report("police", now, pen.write("text", words)),
        "report-civil": lambda: c.Report("civil-affairs", now, pen.write("text", words)),
        "flag": lambda: c.FlagRisk("child", pen.write("text", words)),
        "stop": lambda: c.Stop(party, "screen"),
        "deliver": lambda: a.DeliverRoutes(party, "paper"),
        "court": lambda: a.ApplyConfirmation(now),
        "ruling": lambda: a.RecordRuling("confirmed", pen.write("text", words)),
        "archive": lambda: a.Archive(tuple(words.split())),  # type: ignore[arg-type]
    }
    return made[what]()


def _held(case: Case, pen: Pen, now: datetime) -> c.Hold:
    said: Words = case.said
    statements = tuple(Statement(f"p{n}", pen.write("text", line)) for n, line in enumerate(said.statements, 1))
    offers = tuple(Statement(f"p{n}", pen.write("text", line)) for n, line in enumerate(said.offers, 1))
    undisputed = tuple(pen.write("text", line) for line in said.undisputed)
    return c.Hold(now, ("p1", "p2"), pen.write("text", said.minutes), None, (), statements, offers, undisputed)


def _terms(case: Case, pen: Pen, now: datetime, said: dict[str, str] | None = None) -> Terms:
    """What the case agrees on; `said` gets the words by their reference."""
    own = case.said

    def write(line: str) -> Reference:
        sealed = pen.write("text", line)
        (said if said is not None else {})[sealed.dossier] = line
        return sealed

    until = local(now + timedelta(days=own.days))
    item = Item("i1", "p2", "p1", write(own.item), own.manner, until, write(own.place))
    facts, issues, whose, content = (write(line) for line in (own.facts, own.issues, own.responsibility, own.content))
    return Terms(content, facts, issues, whose, (item,))


def _draft(stage: Stage, case: Case, one: Mediation, pen: Pen, now: datetime) -> a.Draft:
    """Under the digest of the document as the house prints it, which lies in the vault beside its words."""
    said: dict[str, str] = {}
    terms = _terms(case, pen, now, said)
    agreed = replace(one, agreement=Agreement("written", terms, tuple(map(Owed, terms.items)), now))
    people = {f"p{n}": Dossier(text="", name=who.name, phone=who.phone) for n, who in enumerate(case.sides, 1)}
    told = (load_words("mediation_story.toml"), stage.rules.catalogue, stage.registry, stage.rules.mediation.retention)
    desk = Desk(stage.called[case.kind], Past(local(now)), said, people, stage.cast.staff, "", *told)
    (paper,) = made(came_of(agreed, desk, file_of(agreed, desk)), "agreement")
    sealed = stage.seal.seal(encode(Dossier(text=msgspec.json.encode(paper, order="deterministic").decode())))
    ref = f"{one.number}/{secrets.token_hex(8)}"
    pen.kept.append((ref, sealed))
    return a.Draft(paper.digest, terms, Reference(ref, sealed.digest))
