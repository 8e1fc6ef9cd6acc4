"""The sweeper on a real database, by clocks that the test holds: due, late, crowded, poisoned, jumping."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from structlog.testing import capture_logs

from consumers.deadlines import FIRST_PAUSE, LEAST, POLL, SETTLED, Sweeper
from huiyin import batch
from huiyin.calendars import import_year
from huiyin.clock import Clock
from huiyin.commands import doctor
from huiyin.core import ticket as core
from huiyin.core.calendar import with_year
from huiyin.core.ticket import Rules, Ticket
from huiyin.desk import Desk
from huiyin.renewal import Renewal
from huiyin.rules.calendars import load_calendar, read_year
from huiyin.rules.load import load_sorting_rules
from huiyin.rules.rulebook import Rulebook
from huiyin.steady import HOLD
from huiyin.store import calendars, tickets, views
from huiyin.store.database import connect
from tests.conftest import Database
from tests.core.world import AT, RULES
from tests.flows.test_desk import complaint, whole

SIGN = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)  # a working day after AT, a Friday: Monday, close of business
NEW_YEAR = datetime(2026, 12, 31, 1, 0, tzinfo=UTC)
YEAR = read_year("date,kind,name\n2027-01-01,off,元旦\n2027-02-05,off,春节\n2027-10-01,off,国庆节\n".encode())
SMALL = timedelta(seconds=1)


class Time:
    """What the database's clock says, and what really passed."""

    def __init__(self, at: datetime = AT) -> None:
        self.at, self.passed, self.slow = at, 0.0, 0.0

    async def asked(self, _connection: AsyncConnection) -> datetime:
        self.passed += self.slow
        return self.at

    def elapsed(self) -> float:
        return self.passed

    def to(self, at: datetime) -> None:
        self.passed += (at - self.at).total_seconds()
        self.at = at

    def passes(self, seconds: float) -> None:
        self.to(self.at + timedelta(seconds=seconds))


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    made = connect(database.url, name="test", size=8)
    yield made
    await made.dispose()


@pytest.fixture
def time() -> Time:
    return Time()


def desk(engine: AsyncEngine, rules: Rules = RULES) -> Desk:
    return Desk(engine, rules, load_sorting_rules().matters, b"r" * 32)


def sweeper(engine: AsyncEngine, time: Time, rules: Rules = RULES, clock: Clock | None = None, **more: int) -> Sweeper:
    return Sweeper(desk(engine, rules), clock or Clock(), asked=time.asked, elapsed=time.elapsed, **more)


async def drained(one: Sweeper) -> int:
    """Rounds until there is nothing to do at once; how many did something."""
    for number in range(100):
        if await one.round():
            return number
    raise AssertionError("it spins")


async def filed(engine: AsyncEngine, count: int = 1, *, at: datetime = AT, first: int = 1) -> list[str]:
    orders = [complaint(str(first + i)) for i in range(count)]
    return [str(answer.number) for answer in await desk(engine).act(orders, at=at)]


async def steps(engine: AsyncEngine, like: str = "%") -> list[tuple[str, datetime]]:
    """(step, at) of the log, without what a filing writes."""
    async with engine.connect() as connection:
        rows = await connection.execute(
            text("SELECT step, at FROM log WHERE noun = 'ticket' AND version > 2 AND id LIKE :id ORDER BY id, version"),
            {"id": like},
        )
        return [(step.split(".")[1], at) for step, at in rows]


async def kept(engine: AsyncEngine, number: str) -> Ticket:
    async with engine.connect() as connection:
        return (await tickets.load(connection, [number]))[number][0]


async def test_what_is_due_climbs_once_and_never_early(engine: AsyncEngine, time: Time, database: Database) -> None:
    (number,) = await filed(engine)
    one = sweeper(engine, time)
    ticket = await kept(engine, number)
    assert ticket.sign is not None
    assert ticket.case_due is not None
    assert ticket.sign.due.at == SIGN
    wanted = [
        ("reminded", ticket.sign.half),
        ("reminded", ticket.sign.most),
        ("supervised", ticket.case_due.at),
        ("handed_up", SIGN),
    ]
    for done, (_, at) in enumerate(sorted(wanted, key=lambda pair: pair[1])):
        time.to(at - SMALL / 1000)
        assert 0 < await one.round() <= LEAST, "it wakes when it is due"
        assert len(await steps(engine)) == done
        time.to(at)
        assert await drained(one) == 1
        assert await drained(one) == 0
    assert await steps(engine) == sorted(wanted, key=lambda pair: pair[1])
    assert (await kept(engine, number)).rung == "owners_committee"
    assert await one.round() == POLL, "however far the next thing is: something new may be due sooner"
    await whole(engine, database)


async def test_late_it_climbs_one_rung_a_limit(engine: AsyncEngine, time: Time, database: Database) -> None:
    """Downtime costs the rungs nothing: the next one has its whole time."""
    (number,) = await filed(engine)
    one = sweeper(engine, time)
    time.to(AT + timedelta(days=30))
    await drained(one)
    assert [step for step, _ in await steps(engine)] == ["supervised", "handed_up"]
    second = await kept(engine, number)
    assert second.sign is not None
    assert second.sign.due.start == time.at
    time.to(second.sign.due.at)
    await drained(one)
    assert [step for step, _ in await steps(engine)].count("handed_up") == 2
    await whole(engine, database)


async def test_several_sweepers_never_do_the_same(engine: AsyncEngine, time: Time, database: Database) -> None:
    await filed(engine, 700)
    time.to(SIGN)
    crowd = [sweeper(engine, time, lanes=2), sweeper(engine, time, lanes=2), sweeper(engine, time)]
    await asyncio.gather(
        *(one.run(stop := asyncio.Event(), lambda stop=stop: _when_idle(engine, stop)) for one in crowd)
    )
    found = [step for step, _ in await steps(engine)]
    assert (found.count("handed_up"), found.count("supervised"), len(found)) == (700, 700, 1_400)
    await whole(engine, database)


def _when_idle(engine: AsyncEngine, stop: asyncio.Event) -> None:
    """Tell a sweeper to go once nothing is due any more."""

    async def look() -> None:
        while True:
            async with engine.connect() as connection:
                soonest = await views.CLOCKED.soonest(connection)
            if soonest is not None and soonest > SIGN:
                return stop.set()
            await asyncio.sleep(0.02)

    stop.looking = asyncio.create_task(look())  # type: ignore[attr-defined]


async def test_a_crowd_is_claimed_in_batches(engine: AsyncEngine, time: Time) -> None:
    await filed(engine, 1_200)
    ticket = await kept(engine, "HY000000001")
    assert ticket.next_at is not None
    time.to(ticket.next_at)
    with capture_logs() as said:
        assert await drained(sweeper(engine, time)) == 3
    ticked = [(line["count"], line["late"]) for line in said if line["event"] == "ticked"]
    assert ticked == [(500, 0.0), (500, 0.0), (200, 0.0)]
    assert len(await steps(engine)) == 1_200


# -- what cannot be done ----------------------------------------------------------------------------------


class Bug(Exception):
    """Of ours, that one ticket wakes."""


@contextlib.contextmanager
def poisoned(number: str) -> Iterator[None]:
    """Deciding about this ticket raises."""

    def decide(ticket: Ticket | None, *given: Any, **more: Any) -> Any:
        if ticket is not None and ticket.number == number:
            raise Bug
        return core.decide(ticket, *given, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch, "decide", decide)
        yield


def failures(said: Sequence[Any]) -> list[tuple[str, str, float]]:
    return [
        (line["id"], line["error"] if "error" in line else type(line["exc_info"]).__name__, line["pause"])
        for line in said
        if line["event"] == "failed"
    ]


async def test_a_ticket_that_raises_stands_alone(engine: AsyncEngine, time: Time, database: Database) -> None:
    """Its neighbours go through; it is tried again, ever less often; once it can be done it is done."""
    poison = (await filed(engine, 9))[3]
    one = sweeper(engine, time)
    time.to(SIGN)
    with poisoned(poison):
        with capture_logs() as said:
            await drained(one)
        assert failures(said) == [(poison, "Bug", FIRST_PAUSE)]
        assert [step for step, _ in await steps(engine)].count("handed_up") == 8
        await filed(engine, first=50)
        with capture_logs() as said:
            assert await drained(one) > 0
        assert not failures(said), "others that are due do not bring it back"
        for pause in (10.0, 20.0):
            with capture_logs() as said:
                time.passes(pause / 2 - 0.1)
                assert await drained(one) == 0
                assert not failures(said), "left alone"
                time.passes(0.2)
                assert await drained(one) == 0
                assert failures(said) == [(poison, "Bug", pause)]
        assert await steps(engine, poison) == []
    time.passes(20.1)
    await drained(one)
    assert [step for step, _ in await steps(engine, poison)] == ["supervised", "handed_up"]
    await whole(engine, database)


async def test_a_ticket_that_somebody_holds_is_not_waited_for(
    engine: AsyncEngine, time: Time, database: Database
) -> None:
    numbers = await filed(engine, 3)
    time.to(SIGN)
    holder = await asyncpg.connect(database.admin_url)
    try:
        async with asyncio.timeout(4), holder.transaction():
            await holder.execute("SELECT 1 FROM tickets WHERE number = $1 FOR UPDATE", numbers[0])
            await drained(one := sweeper(engine, time))
            assert [step for step, _ in await steps(engine)].count("handed_up") == 2
    finally:
        await holder.close()
    await drained(one)
    assert [step for step, _ in await steps(engine)].count("handed_up") == 3


async def test_without_anybody_to_set_it_aside_it_raises(engine: AsyncEngine) -> None:
    (number,) = await filed(engine)
    with poisoned(number), pytest.raises(Bug):
        await desk(engine).sweep(SIGN)


async def test_a_ticket_to_which_nothing_happens_is_no_work_without_an_end(
    engine: AsyncEngine, time: Time, database: Database
) -> None:
    """The view says due, the log says not yet."""
    numbers = await filed(engine, 3)
    admin = await asyncpg.connect(database.admin_url)
    await admin.execute("UPDATE tickets SET next_at = $1 WHERE number = $2", AT, numbers[0])
    await admin.close()
    one = sweeper(engine, time)
    for pause in (FIRST_PAUSE, 2 * FIRST_PAUSE):
        with capture_logs() as said:
            assert await one.round() == LEAST
            assert await one.round() == POLL
        assert failures(said) == [(numbers[0], "nothing-due", pause)]
        time.passes(pause)
    assert await steps(engine) == []
    time.to(SIGN)
    await drained(one)
    assert [step for step, _ in await steps(engine)].count("handed_up") == 3


async def test_a_database_that_is_away_is_waited_for() -> None:
    nowhere = connect("postgresql://huiyin_app:x@127.0.0.1:1/huiyin", name="test")
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(1.2, stop.set)
    with capture_logs() as said:
        await Sweeper(desk(nowhere), Clock()).run(stop)
    assert [(line["event"], line["noun"]) for line in said] == [("waited", "database")]
    await nowhere.dispose()


# -- calendars --------------------------------------------------------------------------------------------


async def test_a_calendar_arrives(engine: AsyncEngine, database: Database) -> None:
    """What was due on a guess is reckoned anew; also what somebody files who has not heard of it yet."""
    (guessed,) = await filed(engine, at=NEW_YEAR)
    assert (await kept(engine, guessed)).provisional
    time = Time(NEW_YEAR)
    one = sweeper(engine, time)
    with capture_logs() as said:
        await drained(one)
    assert not failures(said), "a guess that stays one is no trouble"
    assert await steps(engine) == []
    one.desk = desk(engine, replace(RULES, calendar=with_year(load_calendar(), YEAR)))
    with capture_logs() as said:
        await drained(one)
    assert [line["version"] for line in said if line["event"] == "recomputed"] == [one.desk.rules.calendar.version]
    ticket = await kept(engine, guessed)
    assert not ticket.provisional
    assert ticket.sign is not None
    assert ticket.sign.due.at == datetime(2027, 1, 4, 9, 30, tzinfo=UTC), "1 January is off, then a weekend"
    (late,) = await filed(engine, at=NEW_YEAR, first=2)
    await drained(one)
    assert await steps(engine, late) == []
    time.passes(SETTLED)
    await drained(one)
    assert [step for step, _ in await steps(engine)] == ["recomputed", "recomputed"]
    time.to(ticket.sign.due.at - SMALL)
    await drained(one)
    assert "handed_up" not in [step for step, _ in await steps(engine)]
    await whole(engine, database)


async def test_a_calendar_that_says_nothing_new_is_asked_again(engine: AsyncEngine) -> None:
    """No step, no cause: the same ticket at the same version may be reckoned twice."""
    (number,) = await filed(engine, at=NEW_YEAR)
    for _ in range(2):
        assert await desk(engine).recompute(NEW_YEAR, "") == number
        assert await desk(engine).recompute(NEW_YEAR, number) is None
    assert await steps(engine) == []


async def test_a_process_takes_up_a_new_calendar(engine: AsyncEngine, database: Database, tmp_path: Any) -> None:
    taken: list[Rulebook] = []
    renewal = Renewal(engine, tmp_path / "model.msgpack")
    async with engine.connect() as connection:
        book = await renewal.begin(connection)
    await renewal.look(taken.append)
    assert not taken
    await import_year(engine, YEAR, at=AT)
    await renewal.look(taken.append)
    await renewal.look(taken.append)
    (fresh,) = taken
    async with engine.connect() as connection:
        assert fresh.rules.calendar == await calendars.load(connection)
    assert fresh.rules.version != book.rules.version
    assert fresh.rules.calendar.known(2027)


# -- clocks -----------------------------------------------------------------------------------------------


async def test_by_a_demonstration_clock(engine: AsyncEngine) -> None:
    """An hour a second: the database's time is seen through it, and pauses are real ones."""
    (number,) = await filed(engine)
    real = datetime(2026, 3, 1, tzinfo=UTC)
    time = Time(real)
    one = sweeper(engine, time, clock=Clock(3600.0, real, AT))
    ticket = await kept(engine, number)
    assert ticket.next_at is not None
    told = (ticket.next_at - AT).total_seconds() / 3600
    time.passes(told - 0.01)
    assert await one.round() == LEAST
    assert await steps(engine) == []
    time.passes(0.01)
    await drained(one)
    assert await steps(engine) == [("supervised", ticket.next_at)]


def clocks(said: Sequence[Any]) -> list[tuple[Any, ...]]:
    return [(line["event"], line.get("seconds")) for line in said if line.get("noun") == "clock"]


@pytest.mark.parametrize("hours", [2, -2])
async def test_a_clock_that_jumps_is_held(engine: AsyncEngine, time: Time, hours: int) -> None:
    await filed(engine)
    one = sweeper(engine, time)
    time.to(SIGN - timedelta(hours=1 if hours > 0 else 0) - SMALL)
    await drained(one)
    before = await steps(engine)
    assert "handed_up" not in [step for step, _ in before]
    with capture_logs() as said:
        time.at += timedelta(hours=hours)
        assert await drained(one) == 0
        assert clocks(said) == [("held", hours * 3600.0)]
        if hours < 0:
            time.to(SIGN)  # steady, but nobody may climb by it yet: two hours at once are two minutes and more
        else:
            time.passes(HOLD - 1)
            assert await drained(one) == 0
            assert await steps(engine) == before, "nothing climbs by a clock that jumped"
            time.passes(1)
        await drained(one)
    assert clocks(said) == [("held", hours * 3600.0), ("resumed", None)]
    assert [step for step, _ in await steps(engine)].count("handed_up") == 1


async def test_a_clock_that_jumps_while_held_is_held_longer(engine: AsyncEngine, time: Time) -> None:
    await filed(engine)
    one = sweeper(engine, time)
    await drained(one)
    with capture_logs() as said:
        time.at += timedelta(hours=2)
        await one.round()
        time.passes(HOLD - 10)
        time.at -= timedelta(hours=2)
        await one.round()
        time.passes(HOLD - 10)
        await one.round()
        time.passes(10)
        await one.round()
    assert clocks(said) == [("held", 7200.0), ("held", -7200.0), ("resumed", None)]


async def test_a_small_step_and_a_slow_answer_are_no_jump(engine: AsyncEngine, time: Time) -> None:
    await filed(engine)
    one = sweeper(engine, time)
    with capture_logs() as said:
        for step in (29, -29, 20):
            time.at += timedelta(seconds=step)
            time.passes(1)
            await one.round()
        time.slow = 45.0
        time.at += timedelta(seconds=45)
        await one.round()
        time.slow = 0.0
        time.passes(1)
        await one.round()
    assert clocks(said) == []


async def test_a_clock_that_went_back_over_a_restart_is_held(engine: AsyncEngine, time: Time) -> None:
    await filed(engine)
    time.at = AT - timedelta(hours=1)
    one = sweeper(engine, time)
    with capture_logs() as said:
        assert await one.round() == POLL
        time.passes(HOLD)
        await one.round()
        time.to(AT)
        await sweeper(engine, time).round()
    assert clocks(said) == [("held", -3600.0), ("resumed", None)], "a restart with a sane clock is none"


async def test_by_the_real_clock_of_the_database(engine: AsyncEngine, database: Database) -> None:
    now = datetime.now(UTC)
    numbers = [str(a.number) for a in await desk(engine).act([complaint("1"), complaint("2")], at=now - timedelta(40))]
    stop = asyncio.Event()
    running = asyncio.create_task(Sweeper(desk(engine), Clock()).run(stop))
    async with asyncio.timeout(20):
        while (await kept(engine, numbers[1])).rung == "building_leader":  # noqa: ASYNC110  # another process' fact
            await asyncio.sleep(0.02)
        stop.set()
        await running
    assert {at >= now for _, at in await steps(engine)} == {True}
    assert msgspec.to_builtins((await kept(engine, numbers[0])).rung) == "owners_committee"
    await whole(engine, database)


# -- what doctor says of it -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "newest", "soonest", "clock", "well"),
    [
        (0, -5, 30, Clock(), [True, True]),
        (0, None, None, Clock(), [True, True]),
        (3600, -5, 30, Clock(), [False, False]),
        (0, 3600, 30, Clock(), [False, True]),
        (0, -5, -61, Clock(), [True, False]),
        (0, 0, -61, Clock(60.0, AT, AT), [True, True]),
    ],
)
def test_doctor_sees_clocks_and_deadlines(
    base: float, newest: float | None, soonest: float | None, clock: Clock, well: list[bool]
) -> None:
    """Seconds against the real clock; those of the log and the tickets are told ones."""
    now = datetime.now(UTC)
    told = clock.told_at(now)
    newest_at = None if newest is None else told + timedelta(seconds=newest)
    soonest_at = None if soonest is None else told + timedelta(seconds=soonest)
    found = doctor._time(now + timedelta(seconds=base), newest_at, soonest_at, clock)
    assert [finding.well for finding in found] == well
