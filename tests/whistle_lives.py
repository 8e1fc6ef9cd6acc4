"""Whole lives of whistles, stage by stage: what each of many is asked next, and by whom, for faults and benchmarks."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from huiyin.core.whistle import Command
from huiyin.core.whistle import commands as c
from huiyin.core.words import Actor, Sealed, Spot
from huiyin.orders import Answer
from huiyin.store import whistles
from huiyin.whistling import WhistleDesk
from tests.flows.sealing import Pen

CITY, POLICE = "department:城管", "department:公安"
_WORDS = Sealed("-", "-")  # `sealing` puts real ones in their place
_LEAD, _CO = (Actor(post, "department", f"p-{post[11:]}") for post in (CITY, POLICE))
STEPS = 10  # of one without a co-department: blown, approved, called, acknowledged, arrived, replied, …


class Ground(Struct, frozen=True):
    """What a whistle is blown for."""

    ticket: str
    spot: Spot


async def grounds(engine: AsyncEngine, count: int) -> list[Ground]:
    """The first tickets that lie in a street, over and over where there are fewer."""
    async with engine.connect() as connection:
        rows = (await connection.execute(_GROUNDS, {"limit": count})).all()
    found = [Ground(row[0], Spot(*row[1:])) for row in rows]
    return [found[n % len(found)] for n in range(count)]


_GROUNDS = text(
    "SELECT number, street_code, community_code, estate_code, grid_code, building_code FROM tickets"
    " WHERE street_code IS NOT NULL ORDER BY number LIMIT :limit"
)


def blow(ground: Ground, *, helped: bool = False) -> c.Blow:
    """A call for enforcement: somebody must come and look."""
    asks = (c.Ask(CITY, _WORDS, True), *([c.Ask(POLICE, _WORDS)] if helped else []))
    tried = (c.Tried(ground.ticket, 2),)
    matter = ("enforcement", "ticket", "B04", ground.spot, "no-power", _WORDS, asks, ground.ticket)
    return c.Blow("-", *matter, tried=tried, apart=_WORDS)  # type: ignore[arg-type]  # the number is the desk's to say


def later(ground: Ground, at: datetime, *, helped: bool = False) -> Iterator[tuple[Command, Actor]]:
    """Everything after the whistle was blown, to its end: both sides have rated."""
    street = Actor(f"street:{ground.spot.street_code}", "street", "p-blower")
    boss = Actor(f"street_leader:{ground.spot.street_code}", "street", "p-leader")
    yield c.Approve(), boss
    yield c.Acknowledge("p-lead"), _LEAD
    if helped:
        yield c.Acknowledge("p-co"), _CO
        yield c.Arrive(at, ground.spot), _CO
        yield c.Answer(_WORDS), _CO
    yield c.Arrive(at, ground.spot, pictures=(_WORDS,)), _LEAD
    yield c.Reply(at, ("street",), _WORDS, True), _LEAD
    yield c.Confirm(pictures=(_WORDS,)), street
    yield c.RateDepartment(CITY, 5, 4, 4, 5), street
    if helped:
        yield c.RateDepartment(POLICE, 4, 4, 4, 4), street
    yield c.RateBlower("yes", 5), _LEAD


def blower(ground: Ground) -> Actor:
    return Actor(f"street:{ground.spot.street_code}", "street", "p-blower")


async def blown(desk: WhistleDesk, pen: Pen, some: Sequence[tuple[int, Ground, bool]], at: datetime) -> list[Answer]:
    """Orders for new whistles; the same `n` is the same cause, whoever asks again gets the first one's number."""
    async with desk.engine.connect() as connection:
        numbers = await whistles.numbers(connection, len(some))
    orders = [
        pen.order(number, blow(ground, helped=helped), blower(ground), f"life-{n}-0")
        for number, (n, ground, helped) in zip(numbers, some, strict=True)
    ]
    return await desk.act(orders, at=at, suspect=True)


async def live(
    desk: WhistleDesk, pen: Pen, some: Sequence[tuple[int, Ground, bool]], at: datetime, stages: int = 99
) -> list[str]:
    """Lives of so many stages, one a transaction; may be asked again after a crash. Their numbers."""
    numbers = [str(answer.number) for answer in await blown(desk, pen, some, at)]
    lives = [list(later(ground, at, helped=helped)) for _, ground, helped in some]
    for stage in range(min(stages - 1, max(map(len, lives)))):
        orders = [
            pen.order(number, *life[stage], f"life-{n}-{stage + 1}")
            for number, life, (n, _, _) in zip(numbers, lives, some, strict=True)
            if stage < len(life)
        ]
        for answer in await desk.act(orders, at=at, suspect=True):
            assert answer.outcome in ("done", "repeat"), answer
            assert answer.code is None, answer
    return numbers
