"""kill -9 of sweepers and of PostgreSQL while hundreds of tickets are overdue (RELIABILITY A1, A3, I6)."""

import asyncio
import signal
import time
from datetime import timedelta

import pytest

from tests.faults.house import House, Move, feed, message, until
from tests.faults.invariants import invariants, on_time

pytestmark = pytest.mark.fault

POINTS = ("desk.begun", "desk.decided", "desk.before-commit", "desk.after-commit")
CROWD = 1_200
LOAD = 600
LONG = 14  # days: longer than any holiday, so that every limit to sign has run out


async def crowd(here: House) -> None:
    """So many tickets, and then two weeks in which nobody does anything."""
    worker = here.consume()
    await here.publish(feed(range(CROWD)))
    await here.settled(60)
    await worker.terminate()
    here.days_go_by(LONG)
    here.consume("relay")


async def climbed(here: House) -> list[int]:
    """How often each ticket went up a rung, or was supervised where none is above."""
    rows = await here.sql(
        "SELECT t.number, count(l.id) FROM tickets t LEFT JOIN log l ON l.noun = 'ticket' AND l.id = t.number"
        " AND (l.step = 'ticket.handed_up.v1' OR l.step = 'ticket.supervised.v1'"
        "  AND convert_from(l.body, 'UTF8') ~ '(sorting|last-rung)-lapsed') GROUP BY t.number"
    )
    return [row[1] for row in rows]


@pytest.mark.parametrize("point", POINTS)
async def test_a_sweeper_is_killed_at(house: Move, point: str) -> None:
    """Whoever dies there leaves nothing half done; the next one goes on; every ticket climbs just once."""
    here = await house()
    await crowd(here)
    doomed, heir = here.consume("deadlines", kill_at=f"{point}:2"), here.consume("deadlines", wait=True)
    await until(lambda: doomed.ended() is not None, 30, f"{point} is reached")
    assert doomed.ended() == -signal.SIGKILL
    heir.go()
    took = await until(here.swept, 30, "nothing is due any more")
    print(f"{CROWD} tickets had climbed {took:.1f} s after")
    await here.settled(30)
    assert await climbed(here) == [1] * CROWD
    assert (await invariants(here)).tickets == CROWD
    assert heir.ended() is None


async def test_postgres_is_killed_while_two_sweep(house: Move) -> None:
    here = await house()
    await crowd(here)
    sweepers = [here.consume("deadlines"), here.consume("deadlines", wait=True)]
    sweepers[1].go()
    for kill in range(3):

        async def moved(least: int = kill * 400) -> bool:
            return sum(await climbed(here)) > least

        await until(moved, 30, "sweeps are under way", every=0.001)
        here.kill_postgres()
        await here.postgres_again()
    await until(here.swept, 30, "nothing is due any more")
    await here.settled(30)
    assert await climbed(here) == [1] * CROWD
    await invariants(here)
    assert [one.ended() for one in sweepers] == [None, None]


async def test_nats_is_away_and_time_goes_on(house: Move) -> None:
    """The ladder needs the database alone; what happened is published when NATS is back."""
    here = await house()
    await crowd(here)
    here.kill_nats()
    sweeper = here.consume("deadlines")
    await until(here.swept, 30, "nothing is due any more")
    assert await climbed(here) == [1] * CROWD
    await here.nats_again()
    await here.settled(60)
    await invariants(here)
    assert await sweeper.terminate() < 5


async def test_under_load_nobody_climbs_early_and_few_late(house: Move) -> None:
    """An hour a second: while fifty complaints a second come, time does its work on those that are there."""
    here = await house()
    here.days_go_by(0, speed=3600)
    here.consume()
    sweeper = here.consume("deadlines")
    await sweeper.ready()
    began = time.monotonic()
    for n in range(LOAD):
        await here.publish([message(n)])
        await asyncio.sleep(max(0.0, began + n / 50 - time.monotonic()))
    await here.settled(30)
    assert await sweeper.terminate() < 5
    rows = await here.sql("SELECT noun, id, version, at, body FROM log WHERE noun = 'ticket' ORDER BY id, version")
    assert here.clock.real
    late = sorted(each.total_seconds() / here.clock.speed for each in on_time(rows, here.clock.real))
    p50, p99 = (late[int(len(late) * part)] for part in (0.5, 0.99))
    print(f"{len(late)} things that time did: late p50 {p50:.3f} s, p99 {p99:.3f} s, at the most {late[-1]:.3f} s")
    assert len(late) > LOAD / 2
    assert p99 <= 2


async def test_what_is_early_or_late_is_noticed(house: Move) -> None:
    """The controls of I6."""
    here = await house()
    worker = here.consume()
    await here.publish(feed(range(3)))
    await here.settled(30)
    await worker.terminate()
    here.days_go_by(LONG)
    sweeper = here.consume("deadlines")
    await until(here.swept, 30)
    await sweeper.terminate()
    rows = [dict(row) for row in await here.sql("SELECT * FROM log WHERE noun = 'ticket' ORDER BY id, version")]
    told = await here.told()
    on_time(rows, told)
    with pytest.raises(AssertionError, match="did not climb in time"):
        on_time(rows, told + timedelta(days=LONG))
    with pytest.raises(AssertionError, match="climbed early"):
        on_time([row | {"at": row["at"] - timedelta(days=LONG)} for row in rows], told)
