"""How late tickets climb once they are overdue, while complaints come in: from the due time to the commit of the step.

`python -m tests.bench.lateness [--rate 50] [--seconds 60] [--open 100000]` prints JSON lines. `rate` tickets a second
fall due and `rate` complaints a second come in, each for `seconds`; `huiyin consume` runs deadlines in one process,
sorter and relay in another. The commit's own time comes from PostgreSQL (`track_commit_timestamp`), by the clock that
the sweeper goes by. Goal: p99 at most 2 s, none early, none twice, none forgotten.
"""

import argparse
import asyncio
import signal
import time
from datetime import UTC, datetime, timedelta

import asyncpg
import uvloop

from huiyin.bus.publish import publish_batch
from huiyin.engines import postgres
from huiyin.store.database import connect
from tests.bench import million
from tests.bench.latency import start
from tests.bench.million import NAME
from tests.bench.stage import Stage, events, need_shared, say

SIGN = timedelta(hours=2)  # an urgent ticket must be signed for within two natural hours
PULSE = 0.2
_CLIMBED = """
SELECT l.id, extract(epoch FROM pg_xact_commit_timestamp(l.xid::xid) - t.filed_at)::float8 - 7200 AS late,
       extract(epoch FROM l.at - t.filed_at)::float8 - 7200 AS told
FROM log l JOIN tickets t ON t.number = l.id
WHERE l.noun = 'ticket' AND l.step = 'ticket.handed_up.v1' AND t.filed_at <= $1
"""


async def fall_due(filer: million.Filer, rate: int, seconds: float, begin: datetime) -> int:
    """Tickets that were filed two hours before they are wanted; how many."""
    width = max(1, round(rate * PULSE))
    pulses = round(seconds / PULSE)
    for i in range(pulses):
        await filer.file(width, begin + timedelta(seconds=i * PULSE) - SIGN)
    return width * pulses


async def come_in(stage: Stage, rate: int, seconds: float) -> None:
    """Complaints at a steady rate."""
    begun = time.perf_counter()
    for i, message in enumerate(events(round(rate * seconds), f"l{time.time()}")):
        await asyncio.sleep(max(0.0, begun + i / rate - time.perf_counter()))
        await publish_batch(stage.nc, [message])


async def measure(stage: Stage, url: str, filer: million.Filer, rate: int, seconds: float) -> None:
    """One run."""
    begin = datetime.now(UTC) + timedelta(seconds=15 + rate * seconds / 300)
    count = await fall_due(filer, rate, seconds, begin)
    spare = (begin - datetime.now(UTC)).total_seconds()
    assert spare > 5, f"filing took so long that {spare:.0f} s are left for the reminders"
    others = [start(stage, url, "deadlines"), start(stage, url, "sorter", "relay")]
    try:
        await asyncio.sleep(max(0.0, (begin - datetime.now(UTC)).total_seconds()))
        await come_in(stage, rate, seconds)
        await asyncio.sleep(5)
    finally:
        for one in others:
            one.send_signal(signal.SIGTERM)
        for one in others:
            one.wait(20)
    admin = await asyncpg.connect(stage.pg.url(postgres.ADMIN, NAME))
    rows = await admin.fetch(_CLIMBED, begin + timedelta(seconds=seconds) - SIGN)
    came = await admin.fetchval("SELECT count(*) FROM inbox WHERE event_id LIKE 'l%'")
    await admin.close()
    late = sorted(row["late"] for row in rows)
    say(
        bench="lateness",
        rate=rate,
        due=count,
        climbed=len(late),
        early=sum(row["told"] < 0 or row["late"] < 0 for row in rows),
        twice=len(rows) - len({row["id"] for row in rows}),
        forgotten=count - len({row["id"] for row in rows}),
        complaints=came,
        p50_ms=round(late[len(late) // 2] * 1000),
        p99_ms=round(late[len(late) * 99 // 100] * 1000),
        max_ms=round(late[-1] * 1000),
    )


async def main(rate: int, seconds: float, open_tickets: int) -> None:
    """One stage, one run."""
    async with Stage(extra="track_commit_timestamp = on\n") as stage:
        url = await stage.database(NAME)
        engine = connect(url, name="bench")
        known = await million.book(engine)
        filer = million.Filer(million.desk(engine, known), known.sorter)
        await filer.file(2_000, datetime.now(UTC))  # due after the run: what the copies are copies of
        if open_tickets:
            await million.copies(stage, open_tickets)
        await measure(stage, url, filer, rate, seconds)
        await engine.dispose()


if __name__ == "__main__":
    need_shared()
    options = argparse.ArgumentParser()
    options.add_argument("--rate", type=int, default=50)
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--open", type=int, default=100_000)
    said = options.parse_args()
    uvloop.run(main(said.rate, said.seconds, said.open))
