"""Whole lives of mediations, stage by stage: what each of many is asked next, and by whom."""

import secrets
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from huiyin.convening import CONSOLE, Office
from huiyin.core.mediation import Command
from huiyin.core.mediation import commands as c
from huiyin.core.mediation.kinds import Item, Side, Statement, Terms
from huiyin.core.mediation.number import CaseNumber
from huiyin.core.staff import Taken
from huiyin.core.words import Actor, Sealed
from huiyin.mediating import MediationDesk
from huiyin.orders import Answer, Mediating, Order
from huiyin.store import mediations, people, vault
from huiyin.store.committees import Body
from huiyin.store.mediation_people import Known
from huiyin.store.vault import Seal
from tests.flows.sealing import Pen

A, B = "p1", "p2"
DIGEST = "ab" * 32
STEPS = 20  # of a whole life
PAPERS = ("register", "notice", "identity", "record", "agreement", "visit")
_WORDS = Sealed("-", "-")  # `sealing` puts real ones in their place
_CASE = CaseNumber(1, "-", 1)
_ITEM = Item("i1", B, A, _WORDS, "work", date(2030, 12, 20), _WORDS)
TERMS = Terms(_WORDS, _WORDS, _WORDS, _WORDS, (_ITEM,))
SOURCE = "urn:test"


class Ground(Struct, frozen=True):
    """Whose mediation it is, and the ticket that it comes of."""

    committee: str
    ticket: str | None = None
    mediator: int = 0  # one of so many of the committee


def desk_of(ground: Ground) -> Actor:
    return Actor(f"community:{ground.committee}", "community", f"p-desk-{ground.committee}")


def mediator_of(ground: Ground) -> Actor:
    return Actor(f"mediator:{ground.committee}", "mediator", f"p-m{ground.mediator}-{ground.committee}")


async def settle(engine: AsyncEngine, places: Sequence[str], mediators: int, at: datetime) -> None:
    """Committees of communities, each with a desk and so many mediators; may be asked again."""
    async with engine.begin() as connection:
        for code in places:
            body = Body(code, "residents", f"第{code[-6:]}", f"{code} 人民调解委员会")
            await Office(connection, body, at=at, actor=CONSOLE).keep()
            here = [desk_of(Ground(code)), *(mediator_of(Ground(code, mediator=n)) for n in range(mediators))]
            for one in here:
                await _seat(connection, one, at - timedelta(days=9))


async def _seat(connection: AsyncConnection, one: Actor, at: datetime) -> None:
    if not (await people.terms(connection, one.person)):
        await people.admit(connection, one.person)
        scope = f"community:{one.post.partition(':')[2]}"
        await people.give(connection, Taken(one.post, one.person, one.role, scope, False, at))  # type: ignore[arg-type]


def apply(ground: Ground) -> c.Apply:
    """A leak between two flats; of a ticket, the words are the desk's own."""
    source = "ticket" if ground.ticket else "application"
    sides = (Side(A, applicant=True), Side(B))
    return c.Apply("-", ground.committee, "residents", source, "A01", _WORDS, sides, ground.ticket)  # type: ignore[arg-type]


def later(ground: Ground, at: datetime) -> Iterator[tuple[Command, Actor]]:
    """Everything after the application, to the archive: agreed in writing, performed, visited."""
    desk, wang = desk_of(ground), mediator_of(ground)
    parties = {one: Actor(f"party:{one}", "party") for one in (A, B)}
    yield c.Check(()), desk
    yield c.Consent(A, "screen"), parties[A]
    yield c.Consent(B, "screen"), parties[B]
    yield c.Accept(_CASE), desk
    yield c.NotifyRights(A, "paper"), desk
    yield c.NotifyRights(B, "paper"), desk
    yield c.Assign(wang.person), desk
    yield c.Hold(at, (A, B), _WORDS, statements=(Statement(A, _WORDS), Statement(B, _WORDS))), wang
    yield c.Confide(A, _WORDS), wang
    yield c.Draft(DIGEST, TERMS), wang
    yield c.Mark("party", DIGEST, "signature", at, A), parties[A]
    yield c.Mark("party", DIGEST, "fingerprint", at, B), parties[B]
    yield c.Mark("mediator", DIGEST, "signature", at), wang
    yield c.Mark("committee", DIGEST, "seal", at), desk
    yield c.Perform("i1", "whole", at, A), parties[A]
    yield c.Visit(at, (A, B), "yes", _WORDS), wang
    yield c.Archive(PAPERS), desk


class Records:
    """Who the parties are: a record each in the vault, with a phone of its own."""

    def __init__(self, seal: Seal, name: str = "欧阳囍1") -> None:
        self._seal, self._name = seal, name

    def of(self, order: Order) -> Order:
        """An application with both parties' records."""
        made, known, what = [], [], order.what
        assert isinstance(what, Mediating)
        for ident, applicant in ((A, True), (B, False)):
            phone = f"1397777{secrets.randbelow(10_000):04d}"
            sealed = self._seal.seal(vault.encode(vault.Dossier(text="", name=self._name, phone=phone)), phone)
            ref = f"{what.number}/{secrets.token_hex(8)}"
            made.append((ref, sealed))
            known.append(Known(ident, applicant=applicant, ref=ref))
        return replace(order, what=replace(what, sealed=(*what.sealed, *made), people=tuple(known)))


async def opened(
    desk: MediationDesk, pen: Pen, records: Records, some: Sequence[tuple[int, Ground]], at: datetime
) -> list[str]:
    """New mediations; the same `n` is the same cause, whoever asks again gets the first one's number."""
    async with desk.engine.connect() as connection:
        numbers = await mediations.numbers(connection, len(some))
    orders = [
        records.of(pen.mediating(number, apply(ground), desk_of(ground), f"life-{n}-0"))
        for number, (n, ground) in zip(numbers, some, strict=True)
    ]
    return [str(answer.number) for answer in done(await desk.act(orders, at=at, suspect=True))]


async def live(
    desk: MediationDesk, pen: Pen, records: Records, some: Sequence[tuple[int, Ground]], at: datetime, stages: int = 99
) -> list[str]:
    """Lives of so many stages, one a transaction; may be asked again after a crash. Their numbers."""
    numbers = await opened(desk, pen, records, some, at)
    lives = [list(later(ground, at)) for _, ground in some]
    for stage in range(min(stages - 1, len(lives[0]))):
        orders = [
            pen.mediating(number, *life[stage], f"life-{n}-{stage + 1}")
            for number, life, (n, _) in zip(numbers, lives, some, strict=True)
        ]
        done(await desk.act(orders, at=at, suspect=True))
    return numbers


def done(answers: Sequence[Answer]) -> Sequence[Answer]:
    """All of them were; fails otherwise."""
    for answer in answers:
        assert answer.outcome in ("done", "repeat"), answer
        assert answer.code is None, answer
    return answers
