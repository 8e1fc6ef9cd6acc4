"""The whistle's door on a real database: steps, views, repeats, refusals that offer, time, two at once."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from huiyin import review
from huiyin.core.whistle import Command
from huiyin.core.whistle import commands as c
from huiyin.core.words import Actor, Sealed
from huiyin.orders import Answer, Order, Whistling
from huiyin.store import whistles
from huiyin.store.database import connect
from huiyin.store.vault import Seal
from huiyin.whistling import WhistleDesk
from tests.conftest import Database
from tests.core.whistling import BOOK, CITY, LEADER, POLICE, STREET, ask, at_department, blow, done
from tests.core.world import AT

SEAL = Seal(b"m" * 32)
_idents = itertools.count(1)


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    made = connect(database.url, name="test")
    yield made
    await made.dispose()


@pytest.fixture
def desk(engine: AsyncEngine) -> WhistleDesk:
    return WhistleDesk(engine, BOOK)


async def fresh(engine: AsyncEngine) -> str:
    async with engine.connect() as connection:
        return (await whistles.numbers(connection, 1))[0]


def order(number: str, command: Command, by: Actor = STREET, ident: str = "") -> Order:
    """An order with its words in the vault, wherever the command refers to some."""
    what = Whistling(number, command)
    words = getattr(command, "words", None)
    if isinstance(words, Sealed):
        sealed = SEAL.seal(b"words")
        ref = f"{number}/{next(_idents)}"
        what = Whistling(number, replace(command, words=Sealed(ref, sealed.digest)), ((ref, sealed),))
    return Order("urn:test", ident or str(next(_idents)), by.post, what, role=by.role, person=by.person)


async def view(engine: AsyncEngine, table: str, number: str) -> list[dict[str, Any]]:
    async with engine.connect() as connection:
        rows = await connection.execute(text(f"SELECT * FROM {table} WHERE number = :n ORDER BY 2, 3"), {"n": number})
        return [dict(row) for row in rows.mappings()]


async def test_from_the_whistle_to_both_ratings(desk: WhistleDesk, engine: AsyncEngine) -> None:
    number = await fresh(engine)
    assert number == "SH000000001"
    asks = (ask(CITY, lead=True), ask(POLICE))
    later = AT + timedelta(minutes=5)
    city, police = at_department(CITY), at_department(POLICE)

    async def does(command: Command, by: Actor) -> None:
        (answer,) = await desk.act([order(number, command, by)], at=later)
        assert answer == Answer("done", number)

    (answer,) = await desk.act([order(number, blow(asks=asks))], at=AT)
    assert answer == Answer("done", number)
    (row,) = await view(engine, "whistles", number)
    assert (row["state"], row["lead"], row["departments"], row["blown_at"]) == ("approving", None, 0, AT)
    assert [(one["duty"], one["post_code"]) for one in await view(engine, "whistle_duties", number)] == [
        ("approve", LEADER.post)
    ]
    await does(c.Approve(), LEADER)
    lead, other = await view(engine, "whistle_lines", number)
    assert (lead["post_code"], lead["lead"], lead["stage"], lead["duty"]) == (POLICE, False, "called", "acknowledge")
    assert (other["post_code"], other["lead"], other["open"]) == (CITY, True, True)
    for command, by in (
        (c.Acknowledge("p-x"), city), (c.Acknowledge("p-y"), police), (c.Answer(ask(CITY).words), police),
        (done(later), city), (c.Confirm(), STREET), (c.RateDepartment(CITY, 5, 4, 3), STREET),
        (c.RateDepartment(POLICE, 2, 2, 2), STREET), (c.RateBlower("partly", 4), city),
    ):  # fmt: skip
        await does(command, by)
    (row,) = await view(engine, "whistles", number)
    assert (row["state"], row["outcome"], row["justified"], row["score"]) == ("closed", "rated", "partly", 4)
    assert (row["next_at"], row["due_at"], row["closed_at"]) == (None, None, later)
    other, lead = await view(engine, "whistle_lines", number)
    assert (lead["stage"], lead["response"], lead["open"]) == ("replied", 5, False)
    assert (other["stage"], other["cooperation"]) == ("answered", 2)
    assert await view(engine, "whistle_duties", number) == []
    assert (await review.verify(engine)).whole


async def test_a_repeat_gets_the_first_answer_and_makes_no_second_step(desk: WhistleDesk, engine: AsyncEngine) -> None:
    number = await fresh(engine)
    first = order(number, blow(), ident="same")
    assert await desk.act([first], at=AT) == [Answer("done", number)]
    again = order(await fresh(engine), blow(), ident="same")
    for suspect in (True, False):
        assert await desk.act([again], at=AT, suspect=suspect) == [Answer("repeat", number)]
    assert len(await view(engine, "whistles", number)) == 1


async def test_the_same_matter_is_offered_for_joining(desk: WhistleDesk, engine: AsyncEngine) -> None:
    one, two = await fresh(engine), await fresh(engine)
    answers = await desk.act([order(one, blow()), order(two, blow())], at=AT)  # of the same transaction
    assert answers == [Answer("done", one), Answer("refused", one, code="already-blown")]
    (refused,) = await desk.act([order(two, blow(), ident="again")], at=AT)
    assert refused == Answer("refused", one, code="already-blown")
    apart = Sealed("x/1", "a" * 64)
    assert (await desk.act([order(two, blow(apart=apart))], at=AT))[0].outcome == "done"


async def test_two_at_once_on_one_matter_are_one_whistle(desk: WhistleDesk, engine: AsyncEngine) -> None:
    numbers = [await fresh(engine) for _ in range(6)]
    found = await asyncio.gather(*(desk.act([order(number, blow())], at=AT) for number in numbers))
    assert sorted(one.outcome for (one,) in found) == ["done"] + ["refused"] * 5
    assert len({one.number for (one,) in found}) == 1


async def test_a_whistle_that_is_not_there(desk: WhistleDesk) -> None:
    (answer,) = await desk.act([order("SH999999999", c.Approve(), LEADER)], at=AT)
    assert answer == Answer("refused", "SH999999999", code="unknown-whistle")


async def test_time_reminds_and_supervises(desk: WhistleDesk, engine: AsyncEngine) -> None:
    number = await fresh(engine)
    await desk.act([order(number, blow("emergency"))], at=AT)
    now = AT
    for _ in range(12):
        async with engine.connect() as connection:
            soonest = await desk.clocked.soonest(connection)
        assert soonest is not None
        now = max(now, soonest)
        assert await desk.sweep(now) == 1
    lead = next(one for one in await view(engine, "whistle_lines", number))
    assert "acknowledge" in lead["late"].split()
    assert lead["level"] >= 1
    assert (await view(engine, "whistles", number))[0]["level"] >= 1
    assert (await review.verify(engine)).whole


async def test_a_thousand_in_one_transaction(desk: WhistleDesk, engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        numbers = await whistles.numbers(connection, 1000)
    apart = Sealed("x/1", "a" * 64)
    answers = await desk.act([order(number, blow(apart=apart)) for number in numbers], at=AT)
    assert {one.outcome for one in answers} == {"done"}
    assert {one.outcome for one in await desk.act([order(n, c.Approve(), LEADER) for n in numbers], at=AT)} == {"done"}
