"""kill -9 of PostgreSQL, postmaster and children, in the middle of batches (RELIABILITY A3, D4)."""

import asyncio
import time

import pytest

from tests.faults.house import Move, feed, message, until
from tests.faults.invariants import invariants
from tests.faults.test_bus_dies import open_the_window

pytestmark = pytest.mark.fault

KILLS = 4
AWAY = 20.0


async def test_postgres_is_killed_again_and_again(house: Move) -> None:
    """HTTP says 503 within 2 s and never a false 201; the first success comes within 10 s; no dead letters."""
    here = await house()
    worker = here.consume()
    residents = await open_the_window(here)
    await worker.ready()
    residents.come()
    back = []
    for kill in range(KILLS):
        placed = await here.count("inbox")
        await here.publish(feed(range(kill * 1_500, kill * 1_500 + 1_500)))

        async def moved(since: int = placed) -> bool:
            return await here.count("inbox") > since + 50

        await until(moved, 30, "batches are under way", every=0.001)
        here.kill_postgres()
        refused = residents.refused
        await until(lambda refused=refused: residents.refused > refused + 5, 10, "residents are told the truth")
        await here.postgres_again()
        accepted = residents.accepted
        back.append(await until(lambda accepted=accepted: residents.accepted > accepted, 10, "the first success"))
    await residents.go()
    drained = await here.settled(60)
    slowest = max(seconds for status, seconds in residents.answers if status == 503)
    print(
        f"{KILLS} kills; first success after {[round(seconds, 1) for seconds in back]} s; {residents.accepted} × 201, "
        f"{residents.refused} × 503, the slowest {slowest:.2f} s; drained {drained:.1f} s after"
    )
    assert {status for status, _ in residents.answers} == {201, 503}
    assert slowest < 2
    facts = await invariants(here)
    assert facts.letters == 0
    assert facts.tickets >= KILLS * 1_500 + len(here.accepted.receipts)
    assert worker.ended() is None


async def test_postgres_is_away_while_complaints_come(house: Move) -> None:
    """Twenty seconds of traffic on NATS without a database: it waits, nothing is given up."""
    here = await house()
    worker = here.consume()
    await worker.ready()
    await here.publish(feed(range(500)))
    await until(here.placed, 10, "the first are placed")
    here.kill_postgres()
    began, n = time.monotonic(), 500
    while time.monotonic() - began < AWAY:
        await here.publish([message(n)])
        n += 1
        await asyncio.sleep(0.02)
    assert worker.ended() is None
    await here.postgres_again()
    took = await here.settled(30)
    info = await here.nc.jetstream().consumer_info("INTAKE", "sorter")
    print(f"{n} events, away for {AWAY:g} s, settled {took:.1f} s after; {info.delivered.consumer_seq} deliveries")
    facts = await invariants(here)
    assert (facts.tickets, facts.letters) == (n, 0)
