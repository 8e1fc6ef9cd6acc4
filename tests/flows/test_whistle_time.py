"""What time does to whistles by itself, while it does its work on tickets too: reminded, supervised level by level."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from msgspec.structs import replace
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from consumers.deadlines import FIRST_PAUSE, LEAST, POLL, SETTLED, Sweeper
from huiyin import review, whistling
from huiyin.clock import Clock
from huiyin.commands import doctor
from huiyin.core import whistle as core
from huiyin.core.calendar import with_year
from huiyin.core.scene import CLOCK, Scene
from huiyin.core.whistle import Rules, Whistle
from huiyin.core.whistle import commands as c
from huiyin.core.whistle.steps import Reminded, Supervised
from huiyin.rules.calendars import load_calendar
from huiyin.store import whistles
from huiyin.store.database import connect
from huiyin.whistling import WhistleDesk
from tests.conftest import Database
from tests.core.whistling import BOOK, CITY, LEADER, PICTURE, SAID, STREET, at_department, blow
from tests.core.world import AT
from tests.flows.sealing import order
from tests.flows.test_deadlines import NEW_YEAR, YEAR, Time, drained, failures, filed, sweeper
from tests.flows.test_deadlines import steps as of_tickets

REAL = datetime(2026, 3, 1, tzinfo=UTC)
SPEED = 3600.0
TINY = timedelta(milliseconds=1)


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    made = connect(database.url, name="test", size=8)
    yield made
    await made.dispose()


def of_whistles(engine: AsyncEngine, time: Time, rules: Rules = BOOK, clock: Clock | None = None) -> Sweeper:
    return Sweeper(WhistleDesk(engine, rules), clock or Clock(), asked=time.asked, elapsed=time.elapsed)


async def blown(engine: AsyncEngine, kind: str = "daily", *, at: datetime = AT, count: int = 1) -> list[str]:
    async with engine.connect() as connection:
        numbers = await whistles.numbers(connection, count)
    orders = [order(number, blow(kind, apart=SAID), STREET) for number in numbers]
    assert {one.outcome for one in await WhistleDesk(engine, BOOK).act(orders, at=at)} == {"done"}
    return numbers


async def acts(engine: AsyncEngine, number: str, command: Any, by: Any, at: datetime) -> None:
    (answer,) = await WhistleDesk(engine, BOOK).act([order(number, command, by)], at=at)
    assert (answer.outcome, answer.code) == ("done", None)


async def kept(engine: AsyncEngine, number: str) -> Whistle:
    async with engine.connect() as connection:
        return (await whistles.CHAINS.load(connection, [number]))[number][0]


async def steps(engine: AsyncEngine, like: str = "SH%") -> list[tuple[str, datetime]]:
    """(step, at) of what happened after the whistles were blown and called."""
    async with engine.connect() as connection:
        rows = await connection.execute(
            text(
                "SELECT step, at FROM log WHERE noun = 'whistle' AND id LIKE :id"
                " AND step NOT IN ('whistle.blown.v1', 'whistle.called.v1') ORDER BY id, version"
            ),
            {"id": like},
        )
        return [(step.split(".")[1], at) for step, at in rows]


def foreseen(whistle: Whistle, until: datetime) -> list[tuple[str, datetime]]:
    """What time alone does to a whistle, by the pure core."""
    found: list[tuple[str, datetime]] = []
    while whistle.next_at is not None and whistle.next_at <= until:
        at = max(whistle.next_at, found[-1][1] if found else whistle.next_at)
        for step in core.decide(whistle, c.Tick(), at=at, rules=BOOK, scene=Scene(CLOCK)):
            found.append((str(type(step).__struct_config__.tag).split(".")[1], at))
            whistle = core.follow(whistle, step)
    return found


async def test_an_emergency_that_nobody_answers(engine: AsyncEngine, database: Database) -> None:
    """By a demonstration clock, an hour a second, while the tickets' own sweeper runs beside it: reminded by half and
    by most of each limit, then supervised level by level, each thing in its moment."""
    (number,) = await blown(engine, "emergency")
    await filed(engine, 3, at=AT - timedelta(days=1))
    clock = Clock(SPEED, REAL, AT)
    time = Time(REAL)
    both = [of_whistles(engine, time, clock=clock), sweeper(engine, time, clock=clock)]
    end = AT + timedelta(hours=6, minutes=45)
    wanted = foreseen(await kept(engine, number), end)
    assert [step for step, _ in wanted].count("supervised") > 12

    while (moment := (await kept(engine, number)).next_at) is not None and moment <= end:
        real = REAL + (moment - AT) / SPEED
        for at, happens in ((real - TINY, False), (real + TINY / 1000, True)):
            time.to(max(at, time.at))
            before = len(await steps(engine))
            for one in both:
                await drained(one)
            assert (len(await steps(engine)) > before) == happens, moment
    got = await steps(engine)
    assert [step for step, _ in got] == [step for step, _ in wanted]
    assert all(abs(a - b) < timedelta(seconds=1) for (_, a), (_, b) in zip(got, wanted, strict=True))
    whistle = await kept(engine, number)
    levels = {(one.duty, one.post): one.level for one in whistle.clocks}
    assert levels["acknowledge", CITY] == 7
    assert levels["arrive", CITY] == 6
    assert levels["reply", CITY] == 5
    assert levels["approve", LEADER.post] == 0
    assert {duty for duty, _ in whistle.late} == {"acknowledge", "arrive", "reply"}
    assert await of_tickets(engine), "the tickets' time went on too"
    async with engine.connect() as connection:
        row = (await connection.execute(text("SELECT level, next_at FROM whistles"))).one()
    assert (row.level, row.next_at) == (whistle.level, whistle.next_at)
    assert (await review.verify(engine)).whole
    assert (await review.rebuild(engine)).faults == 0


async def test_each_level_is_one_step_up_and_each_reminder_comes_once_a_limit(engine: AsyncEngine) -> None:
    (number,) = await blown(engine, "emergency")
    time = Time()
    one = of_whistles(engine, time)
    for _ in range(40):
        soonest = (await kept(engine, number)).next_at
        assert soonest is not None
        time.to(max(time.at, soonest))
        assert await drained(one) >= 1
    async with engine.connect() as connection:
        past = (await whistles.CHAINS.past(connection, [number]))[number]
    levels: dict[tuple[str, str], list[int]] = {}
    reminded: dict[tuple[str, str, int], list[str]] = {}
    for step, after in past:
        if isinstance(step, Supervised):
            levels.setdefault((step.duty, step.post), []).append(step.level)
        elif isinstance(step, Reminded):
            level = next(o.level for o in after.clocks if (o.duty, o.post) == (step.duty, step.post))
            reminded.setdefault((step.duty, step.post, level), []).append(step.part)
    assert levels["acknowledge", CITY] == list(range(1, len(levels["acknowledge", CITY]) + 1))
    assert all(parts in (["half"], ["half", "most"]) for parts in reminded.values())


async def test_late_after_downtime_it_gets_one_level_not_all(engine: AsyncEngine) -> None:
    (number,) = await blown(engine, "emergency")
    time = Time()
    one = of_whistles(engine, time)
    time.to(AT + timedelta(days=3))
    await drained(one)
    whistle = await kept(engine, number)
    assert {one.level for one in whistle.clocks if one.post == CITY} == {1}
    assert all(one.watch.due.start == time.at for one in whistle.clocks if one.post == CITY)


async def test_who_answers_in_time_is_left_alone(engine: AsyncEngine) -> None:
    (number,) = await blown(engine, "emergency")
    time = Time()
    one = of_whistles(engine, time)
    city = at_department(CITY)
    time.to(AT + timedelta(minutes=4))
    await acts(engine, number, c.Acknowledge("p-x"), city, time.at)
    where = (await kept(engine, number)).spot
    await acts(engine, number, c.Arrive(time.at, where, pictures=(PICTURE,)), city, time.at)
    time.to(AT + timedelta(minutes=61))
    await drained(one)
    assert {step for step, _ in await steps(engine)} <= {"acknowledged", "arrived", "reminded"}


async def test_many_sweepers_never_do_the_same(engine: AsyncEngine) -> None:
    await blown(engine, "emergency", count=600)
    time = Time(AT + timedelta(minutes=10))
    crowd = [of_whistles(engine, time) for _ in range(3)]
    for _ in range(4):
        await asyncio.gather(*(drained(one) for one in crowd))
    found = [step for step, _ in await steps(engine)]
    assert found.count("supervised") == 600
    assert (await review.rebuild(engine)).faults == 0


# -- what cannot be done ----------------------------------------------------------------------------------


class Bug(Exception):
    """Of ours, that one whistle wakes."""


@contextlib.contextmanager
def poisoned(number: str) -> Iterator[None]:
    """Deciding about this whistle raises."""

    def decide(whistle: Whistle | None, *given: Any, **more: Any) -> Any:
        if whistle is not None and whistle.number == number:
            raise Bug
        return core.decide(whistle, *given, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(whistling, "decide", decide)
        yield


async def test_a_whistle_that_raises_stands_alone(engine: AsyncEngine) -> None:
    """Its neighbours go through; it is tried again, ever less often; once it can be done it is done."""
    poison = (await blown(engine, "emergency", count=9))[3]
    time = Time(AT + timedelta(minutes=10))
    one, other = of_whistles(engine, time), sweeper(engine, time)
    with poisoned(poison):
        with capture_logs() as said:
            await drained(one)
            await drained(other)
        assert failures(said) == [(poison, "Bug", FIRST_PAUSE)]
        assert [step for step, _ in await steps(engine)].count("supervised") == 8
        for pause in (10.0, 20.0):
            time.passes(pause / 2 + 0.1)
            with capture_logs() as said:
                await drained(one)
            assert (poison, "Bug", pause) in failures(said)
        assert await steps(engine, poison) == []
    time.passes(20.1)
    await drained(one)
    assert "supervised" in [step for step, _ in await steps(engine, poison)]


async def test_a_whistle_to_which_nothing_happens_is_no_work_without_an_end(
    engine: AsyncEngine, database: Database
) -> None:
    """The view says due, the log says not yet."""
    numbers = await blown(engine, count=3)
    admin = await asyncpg.connect(database.admin_url)
    await admin.execute("UPDATE whistles SET next_at = $1 WHERE number = $2", AT, numbers[0])
    await admin.close()
    time = Time()
    one = of_whistles(engine, time)
    for pause in (FIRST_PAUSE, 2 * FIRST_PAUSE):
        with capture_logs() as said:
            assert await one.round() == LEAST
            assert await one.round() == POLL
        assert failures(said) == [(numbers[0], "nothing-due", pause)]
        time.passes(pause)
    assert await steps(engine) == []


async def test_a_whistle_that_somebody_holds_is_not_waited_for(engine: AsyncEngine, database: Database) -> None:
    numbers = await blown(engine, "emergency", count=3)
    time = Time(AT + timedelta(minutes=10))
    holder = await asyncpg.connect(database.admin_url)
    try:
        async with holder.transaction():
            await holder.execute("SELECT 1 FROM whistles WHERE number = $1 FOR UPDATE", numbers[0])
            await drained(one := of_whistles(engine, time))
            assert [step for step, _ in await steps(engine)].count("supervised") == 2
    finally:
        await holder.close()
    await drained(one)
    assert [step for step, _ in await steps(engine)].count("supervised") == 3


# -- calendars --------------------------------------------------------------------------------------------


async def test_a_calendar_arrives(engine: AsyncEngine) -> None:
    """What was due on a guess is reckoned anew, once; also what was blown by who had not heard of it yet."""
    (guessed,) = await blown(engine, at=NEW_YEAR)
    assert (await kept(engine, guessed)).provisional
    time = Time(NEW_YEAR)
    one = of_whistles(engine, time)
    await drained(one)
    assert await steps(engine) == [], "a guess that stays one is no news"
    one.desk = WhistleDesk(engine, replace(BOOK, calendar=with_year(load_calendar(), YEAR)))
    with capture_logs() as said:
        await drained(one)
    assert [line["version"] for line in said if line["event"] == "recomputed"] == [one.desk.calendar]
    whistle = await kept(engine, guessed)
    assert not whistle.provisional
    assert whistle.due is not None
    assert whistle.due.at == datetime(2027, 1, 4, 9, 30, tzinfo=UTC), "1 January is off, then a weekend"
    (late,) = await blown(engine, at=NEW_YEAR)
    await drained(one)
    assert await steps(engine, late) == []
    time.passes(SETTLED)
    await drained(one)
    assert [step for step, _ in await steps(engine)] == ["recomputed", "recomputed"]
    time.passes(SETTLED * 3)
    await drained(one)
    assert len(await steps(engine)) == 2
    async with engine.connect() as connection:
        rows = await connection.execute(text("SELECT DISTINCT due_at, provisional FROM whistles"))
        assert [tuple(row) for row in rows] == [(whistle.due.at, False)]
    assert (await review.rebuild(engine)).faults == 0


async def test_doctor_sees_a_whistle_that_is_overdue(engine: AsyncEngine, database: Database) -> None:
    now = datetime.now(UTC)
    await blown(engine, "emergency", at=now)
    admin = await asyncpg.connect(database.url)
    for late in (False, True):
        ((_, _, soonest),) = await admin.fetch(doctor._CLOCKS)
        assert (soonest < now) == late
        await admin.execute("UPDATE whistles SET next_at = next_at - interval '1 day'")
    await admin.close()
