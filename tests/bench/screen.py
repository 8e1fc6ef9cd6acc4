"""The street's screen with a million tickets, one of ten open: milliseconds of a page; steps counted a second.

`python -m tests.bench.screen [--tickets 1000000] [--one-of 10] [--times 100] [--steps 40000]` prints JSON lines.

Counting: `counting.advance` over the log of real tickets in turn with the relay's publishing of the same rows, the
yardstick (both read the tail; the relay waits for NATS' disk). Then copies fill the table, and each is counted as
filed, signed, contacted, climbed and, one of three, closed, over 180 days. A page is what the server does from the
address to the text: rulebook, all questions, the template; for another street or community each time. Goal: p95 at
most 50 ms. `cpu_ms` is what Python and PostgreSQL worked for it, which other programs on the machine change little;
`yardstick_ms` one row by its key over the same connection, which they change as much as the page.
"""

import argparse
import gc
import gzip
import random
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import asyncpg
import structlog
import uvloop
from sqlalchemy.ext.asyncio import AsyncEngine

from consumers.tallies import LIMIT
from huiyin.bus.relay import Relay
from huiyin.core.people import Role, Viewer
from huiyin.core.people import scope as scope_of
from huiyin.engines import postgres
from huiyin.store import counting, log, registry, standing
from huiyin.store.counting import SUMS
from huiyin.store.database import connect
from huiyin.store.vault import Seal
from huiyin.web import paint
from huiyin.web.room import Room, Where
from huiyin.web.staff import screen
from tests.bench import million
from tests.bench.million import NAME
from tests.bench.stage import Stage, median, need_shared, say

DAYS = 180


async def count_all(engine: AsyncEngine, most: int) -> tuple[int, float]:
    """At most so many steps; how many, and the seconds that it took."""
    done, began = 0, time.perf_counter()
    while done < most:
        async with engine.begin() as connection:
            found = await counting.advance(connection, LIMIT)
        if found <= 0:
            break
        done += found
    return done, time.perf_counter() - began


async def publish_all(relay: Relay, most: int) -> tuple[int, float]:
    """The same for the relay."""
    done, began = 0, time.perf_counter()
    while done < most and (found := await relay.events()):
        done += found
    return done, time.perf_counter() - began


async def throughput(stage: Stage, engine: AsyncEngine, steps: int, rounds: int = 4) -> None:
    """Both in turn over the same log; the first round warms up."""
    vault = connect(stage.pg.url(postgres.VAULT, NAME), name="bench-vault", size=1)
    relay = Relay(stage.nc, engine, vault, Seal(b"m" * 32))
    ratios = []
    for turn in range(rounds):
        counted, took = await count_all(engine, steps // rounds)
        sent, other = await publish_all(relay, steps // rounds)
        rates = counted / took, sent / other
        ratios.append(rates[0] / rates[1])
        say(bench="tallies", turn=turn, counted_s=round(rates[0]), relay_s=round(rates[1]), ratio=round(ratios[-1], 2))
    say(bench="tallies", ratio=round(median(ratios[1:]), 2))
    await vault.dispose()


async def history(owner: asyncpg.Connection) -> None:
    """Each copy's life as rows of what is counted, and their sums."""
    for metric, said, share, minutes in (
        ("filed", "web", 1, 0), ("signed", "", 1, 45), ("contact", "in-time", 1, 0), ("climbed", "sign-lapsed", 2, 0),
        ("closed", "solved", 3, 3000), ("followed", "yes", 3, 0), ("rated", "5", 4, 0),
    ):  # fmt: skip
        await owner.execute(
            "INSERT INTO counted SELECT number, 3, $1, current_date - (substr(number, 3)::bigint * 7919 % $2)::integer,"
            " coalesce(street_code, ''), coalesce(community_code, ''), coalesce(grid_code, ''),"
            " coalesce(rung, 'sorting'), left(category, 1), about, $3, $4 FROM tickets"
            " WHERE number > 'HY1' AND substr(number, 3)::bigint % $5 = 0",
            metric, DAYS, said, minutes, share,
        )  # fmt: skip
    await owner.execute("TRUNCATE tallies")
    await owner.execute(f"INSERT INTO tallies {SUMS.format('counted')}")
    sizes = "SELECT count(*), pg_total_relation_size($1::regclass) / 1000000 FROM {}"
    for table in ("counted", "tallies"):
        rows, megabytes = await owner.fetchrow(sizes.format(table), table)
        say(bench="screen-tables", table=table, rows=rows, mb=megabytes)


class Windows:
    """Somebody else's screen each time."""

    def __init__(self, room: Room) -> None:
        self._room, self._chance = room, random.Random(13)

    async def open(self, role: Role, days: int) -> bytes:
        """From the address to the text."""
        known = (await self._room.rules()).registry
        places = known.streets if role == "street" else known.communities
        code = self._chance.choice(sorted(places))
        post = f"{role}:{code}"
        viewer = Viewer("bench", role, post, scope_of(post), f"p-{code}", frozenset((post,)))
        seen, rules = await screen.see(self._room, viewer, {"days": str(days)})
        filled = screen.known(self._room, rules, seen, wall=False)
        more = {"viewer": viewer, "role_name": "", "post_name": "", "posts": [], "menu": [], "csrf": "", "done": ""}
        body = paint.text_of("screen.html", nonce="n", here="/screen", now=self._room.clock(), **more, **filled)
        return body.encode()


async def timed(work: Callable[[], Awaitable[Any]], times: int) -> list[float]:
    """Milliseconds, sorted."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        await work()
        took.append((time.perf_counter() - began) * 1000)
    return sorted(took)


def figures(took: list[float]) -> dict[str, float]:
    """The middle and the slow end."""
    return {"p50_ms": round(took[len(took) // 2], 1), "p95_ms": round(took[len(took) * 95 // 100], 1)}


async def pages(stage: Stage, url: str, at: datetime, times: int) -> None:
    """Each kind of screen in turn."""
    room = Room(Where(url, stage.bus.url, b"m" * 32, b"r" * 32), lambda: at)
    some = Windows(room)
    await some.open("street", 7)
    for role in ("street", "community"):
        for days in (1, 30, 90):
            before = time.process_time(), stage.cpu()["postgres"]
            took = await timed(lambda role=role, days=days: some.open(role, days), times)  # type: ignore[misc]
            worked = (time.process_time() - before[0]) + (stage.cpu()["postgres"] - before[1])
            known = await timed(lambda: room.ask(registry.version), times)
            packed = round(len(gzip.compress(await some.open(role, days), 6)) / 1000, 1)  # type: ignore[arg-type]
            more = {"cpu_ms": round(worked * 1000 / times, 1), "yardstick_ms": round(median(known), 2)}
            say(bench="screen", of=role, days=days, **figures(took), **more, gzip_kb=packed)
    await parts(room, at, times)
    await room.engine.dispose()


async def parts(room: Room, at: datetime, times: int) -> None:
    """What is open now, by itself: the widest question."""
    rules = await room.rules()
    post = f"street:{min(rules.registry.streets)}"
    sight = room.sight(Viewer("bench", "street", post, scope_of(post), "p-x", frozenset((post,))))

    async def ask() -> standing.Now:
        return await room.ask(lambda c: standing.now(c, sight, None, at=at, fresh=at, hot=3))

    took = await timed(ask, times)
    found = await ask()
    say(bench="screen-now", open=found.open, **figures(took))


async def main(count: int, one_of: int, times: int, steps: int) -> None:
    """One stage."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    async with Stage() as stage:
        url = await stage.database(NAME)
        engine = connect(url, name="bench", size=4, statement_timeout_ms=600_000)
        book = await million.book(engine)
        desk = million.desk(engine, book)
        await million.blocks(desk, million.Filer(desk, book.sorter), 4, steps // 12)  # three steps each
        await throughput(stage, engine, steps)
        await million.copies(stage, count, one_of=one_of)
        owner = await asyncpg.connect(stage.pg.url(postgres.OWNER, NAME))
        await owner.execute(
            "SET synchronous_commit = off; SET work_mem = '512MB'; SET max_parallel_workers_per_gather = 0"
        )
        await history(owner)
        last = await owner.fetchrow("SELECT xid::text, seq FROM log ORDER BY xid DESC, seq DESC LIMIT 1")
        at = await owner.fetchval("SELECT now()")
        await owner.close()
        async with engine.begin() as connection:
            await log.move(connection, counting.NAME, log.Cursor(int(last["xid"]), last["seq"]))
        await million.rest(stage)
        await engine.dispose()
        gc.collect()
        gc.freeze()
        await pages(stage, url, at, times)


if __name__ == "__main__":
    need_shared()
    options = argparse.ArgumentParser()
    options.add_argument("--tickets", type=int, default=1_000_000)
    options.add_argument("--one-of", type=int, default=10)
    options.add_argument("--times", type=int, default=100)
    options.add_argument("--steps", type=int, default=40_000)
    said = options.parse_args()
    uvloop.run(main(said.tickets, said.one_of, said.times, said.steps))
