"""Overdue tickets a second that climb one rung, a million open: `Desk.sweep` against the same writes without logic.

`python -m tests.bench.escalate [--open 1000000] [--block 2500] [--rounds 4] [--lanes 1 2]` prints JSON lines.

Yardstick: `UPDATE … SKIP LOCKED` of five hundred tickets, COPY of their log rows (as wide as the real ones) and of
their causes, commit; it reads no step and decides nothing. It has the system's tables, indexes and lanes; blocks of
tickets go to one and the other in turn, the first two to warm up. Once where nobody was ever named, once where every
post of the city has a holder and conflicts of interest are looked for. Then the cost of a sweep that finds nothing.
"""

import argparse
import asyncio
import gc
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import asyncpg
import uvloop

from huiyin.desk import Desk
from huiyin.engines import postgres
from huiyin.store.database import connect
from tests.bench import million
from tests.bench.million import BATCH, NAME
from tests.bench.stage import Stage, median, need_shared, say, spread

Sweep = Callable[[datetime], Awaitable[int]]

_CLIMB = """
WITH due AS (
    SELECT number FROM tickets WHERE next_at <= $1 ORDER BY next_at LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE tickets t SET version = version + 1, rung = 'street_office', post_code = 'street:' || t.street_code,
    state = 'dispatched', due_at = $3, next_at = $4
FROM due WHERE t.number = due.number RETURNING t.number, t.version, t.grid_code
"""
_LOG = ("noun", "id", "version", "step", "key", "at", "prev", "hash", "body")
_INBOX = ("source", "event_id", "noun", "id", "at")


class Bare:
    """The yardstick: one connection a lane; `body` is a leaf of the system's."""

    def __init__(self, connections: list[asyncpg.Connection]) -> None:
        self._idle, self.body = connections, b""

    async def sweep(self, at: datetime) -> int:
        """One batch."""
        raw = self._idle.pop()
        try:
            async with raw.transaction():
                later = at + timedelta(hours=2)
                found = await raw.fetch(_CLIMB, at, BATCH, later, later)
                await self._write(raw, found, at)
        finally:
            self._idle.append(raw)
        return len(found)

    async def _write(self, raw: asyncpg.Connection, found: list[Any], at: datetime) -> None:
        step, link = "ticket.handed_up.v1", b"h" * 32
        rows = [("ticket", number, version, step, grid, at, link, link, self.body) for number, version, grid in found]
        causes = [("urn:huiyin:bare", f"{number}-{version}-tick", "ticket", number, at) for number, version, _ in found]
        await raw.copy_records_to_table("log", columns=_LOG, records=rows)
        await raw.copy_records_to_table("inbox", columns=_INBOX, records=causes)


async def block(sweep: Sweep, at: datetime, lanes: int) -> tuple[int, float]:
    """Everything that is due at a moment; how many, how long."""

    async def lane() -> int:
        count = 0
        while done := await sweep(at):
            count += done
        return count

    gc.collect()
    begun = time.perf_counter()
    counts = await asyncio.gather(*(lane() for _ in range(lanes)))
    return sum(counts), time.perf_counter() - begun


async def climbed(admin: asyncpg.Connection, at: datetime) -> list[bytes]:
    """The leaves of the tickets that climbed at a moment."""
    found = await admin.fetch("SELECT body FROM log WHERE step = 'ticket.handed_up.v1' AND at = $1", at)
    return sorted((row["body"] for row in found), key=len)


async def compare(
    desk: Desk, bare: Bare, admin: asyncpg.Connection, over: list[datetime], lanes: int, posts: str
) -> None:
    """Interleaved blocks; the paired ratios."""
    rates: dict[str, list[float]] = {"bare": [], "full": []}
    for first, second in zip(over[::2], over[1::2], strict=True):
        count, seconds = await block(desk.sweep, first, lanes)
        leaves = await climbed(admin, first)
        assert len(leaves) == count, "every ticket climbed, none did anything else"
        rates["full"].append(count / seconds)
        bare.body = leaves[count // 2]
        count, seconds = await block(bare.sweep, second, lanes)
        rates["bare"].append(count / seconds)
        pair = {"bare": round(rates["bare"][-1]), "full": round(rates["full"][-1])}
        say(bench="escalate-round", posts=posts, lanes=lanes, **pair)
    ratios = [full / bare for bare, full in zip(rates["bare"], rates["full"], strict=True)]
    say(
        bench="escalate",
        posts=posts,
        lanes=lanes,
        rounds=len(ratios),
        bare_per_s=round(median(rates["bare"])),
        full_per_s=round(median(rates["full"])),
        ratio=median(ratios),
        ratio_spread=spread(ratios),
    )


async def nothing(desk: Desk, at: datetime, times: int = 300) -> None:
    """What a sweep costs where nothing is due."""
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        assert await desk.sweep(at) == 0
        took.append((time.perf_counter() - begun) * 1000)
    took.sort()
    say(bench="escalate-nothing", p50_ms=round(took[times // 2], 2), p99_ms=round(took[times * 99 // 100], 2))


async def hold(owner: asyncpg.Connection) -> None:
    """One person in every post of the registry."""
    for prefix, table in _POSTS:
        await owner.execute(
            "INSERT INTO holdings (post_code, person, role, scope, deputy, since)"
            f" SELECT '{prefix}:' || code, 'p-' || code, 'community', 'all', false, '2020-01-01' FROM {table}"
        )
    await owner.execute("INSERT INTO persons (person) SELECT DISTINCT person FROM holdings")
    await owner.execute("ANALYZE holdings; ANALYZE persons")


_POSTS = (
    ("building_leader", "buildings"),
    ("owners_committee", "estates"),
    ("property", "estates"),
    ("community", "communities"),
    ("street", "streets"),
)


async def measure(urls: dict[str, str], over: list[datetime], lanes: int, posts: str) -> None:
    """Climbs, then sweeps that find nothing."""
    engine = connect(urls["app"], name="bench", size=lanes)
    admin = await asyncpg.connect(urls["admin"])
    pool = [await asyncpg.connect(urls["app"]) for _ in range(lanes)]
    try:
        desk = million.desk(engine, await million.book(engine))
        await compare(desk, Bare(pool), admin, over, lanes, posts)
        await nothing(desk, over[-1])
    finally:
        for one in [*pool, admin]:
            await one.close()
        await engine.dispose()


async def main(count: int, size: int, rounds: int, lanes: list[int]) -> None:
    """One stage for all."""
    gc.disable()  # as `huiyin consume` does; between blocks it is tidied up
    async with Stage() as stage:
        urls = {"app": await stage.database(NAME), "admin": stage.pg.url(postgres.ADMIN, NAME)}
        engine = connect(urls["app"], name="bench")
        over = iter(await million.build(stage, engine, count, 2 + 4 * rounds * len(lanes), size))
        await engine.dispose()
        await measure(urls, list(islice(over, 2)), 1, "warming up")
        for wide in lanes:
            await measure(urls, list(islice(over, 2 * rounds)), wide, "open")
        owner = await asyncpg.connect(stage.pg.url(postgres.OWNER, NAME))
        await hold(owner)
        await owner.close()
        for wide in lanes:
            await measure(urls, list(islice(over, 2 * rounds)), wide, "held")


if __name__ == "__main__":
    need_shared()
    options = argparse.ArgumentParser()
    options.add_argument("--open", type=int, default=1_000_000)
    options.add_argument("--block", type=int, default=2_500)
    options.add_argument("--rounds", type=int, default=4)
    options.add_argument("--lanes", type=int, nargs="*", default=[1, 2])
    said = options.parse_args()
    uvloop.run(main(said.open, said.block, said.rounds, said.lanes))
