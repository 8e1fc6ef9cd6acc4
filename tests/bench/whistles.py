"""Whistles a second through their whole life, in batches through `WhistleDesk`, against the same writes without logic;
then what lists of a hundred thousand open whistles cost.

`python -m tests.bench.whistles [--batch 500] [--rounds 4] [--open 100000] [--times 60]` prints JSON lines.

A life: blown, approved (and called), acknowledged, arrived, replied, confirmed, rated by both (and closed): eight
orders, ten steps, one department. Timed is `WhistleDesk.act`, a stage of five hundred lives a transaction; the orders
were made and their words sealed before. Yardstick, on the same connection count: for each of the eight transactions
COPY of as many log rows (the very bytes), causes and words, one UPDATE of a row a whistle, COPY of the department's
row, the ticket's and the duties once; it reads nothing and decides nothing. Blocks go to one and the other in turn.
Lists: pages of fifty by `store/whistle_lists.py`, for another street or department each time, and the indexes.
"""

import argparse
import cProfile
import gc
import pstats
import time
from datetime import UTC, datetime
from typing import Any

import asyncpg
import psutil
import uvloop
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from huiyin.engines import postgres
from huiyin.orders import Order
from huiyin.store import log, whistle_lists, whistles
from huiyin.store.database import connect, driver
from huiyin.store.sights import Sight
from huiyin.whistling import WhistleDesk
from tests import whistle_lives
from tests.bench import million, whistle_crowd
from tests.bench.lists import Ear, _nodes
from tests.bench.stage import Stage, median, need_shared, say, spread
from tests.flows.sealing import Pen
from tests.whistle_lives import CITY, POLICE, Ground

NAME = "whistles"
PAGE = 50
Stages = list[list[Order]]


class Lives:
    """Orders of whole lives, stage by stage, of whistles of their own."""

    def __init__(self, engine: AsyncEngine, grounds: list[Ground]) -> None:
        self._engine, self._grounds, self._made = engine, grounds, 0
        self._pen = Pen()

    async def make(self, count: int, at: datetime) -> tuple[list[str], Stages]:
        """`count` lives: their numbers, and for each stage an order a life."""
        async with self._engine.connect() as connection:
            numbers = await whistles.numbers(connection, count)
        stages: Stages = []
        for number in numbers:
            ground = self._grounds[self._made % len(self._grounds)]
            self._made += 1
            life = [(whistle_lives.blow(ground), whistle_lives.blower(ground)), *whistle_lives.later(ground, at)]
            for stage, (command, by) in enumerate(life):
                if stage == len(stages):
                    stages.append([])
                stages[stage].append(self._pen.order(number, command, by, f"{number}-{stage}"))
        return numbers, stages


async def full(desk: WhistleDesk, stages: Stages, at: datetime) -> float:
    """Seconds for all stages of a block."""
    gc.collect()
    begun = time.perf_counter()
    for orders in stages:
        answers = await desk.act(orders, at=at)
        assert not [one for one in answers if one.outcome != "done"], answers[0]
    return time.perf_counter() - begun


class Bare:
    """The yardstick; it writes again what a full block has written, under other numbers."""

    def __init__(self, raw: asyncpg.Connection, vault: asyncpg.Connection) -> None:
        self._raw, self._vault = raw, vault

    async def read(self, stages: Stages) -> list[dict[str, Any]]:
        """What each stage's transaction wrote, and the rows of the views at the end."""
        found = []
        for orders in stages:
            causes = [f"{order.source}#{order.event_id}" for order in orders]
            names = [order.what.number for order in orders]  # type: ignore[union-attr]
            rows = await self._raw.fetch(
                "SELECT noun, 'B' || id, version, step, key, at, prev, hash, body FROM log WHERE noun = 'whistle'"
                " AND id = ANY($1) AND convert_from(body, 'UTF8')::jsonb ->> 'cause' = ANY($2)",
                names,
                causes,
            )
            refs = [ref for order in orders for ref, _ in order.what.sealed]  # type: ignore[union-attr]
            refs += [kept.ref for order in orders for kept in order.what.pictures]  # type: ignore[union-attr]
            words = await self._vault.fetch(
                "SELECT 'B' || ref, key, body, at FROM vault.dossiers WHERE ref = ANY($1)", refs
            )
            words += await self._vault.fetch(
                "SELECT 'B' || ref, key, body, at FROM vault.pictures WHERE ref = ANY($1)", refs
            )
            found.append({
                "log": [tuple(row) for row in rows],
                "inbox": [("urn:huiyin:bare", f"B{order.event_id}", "whistle", name, orders and rows[0]["at"])
                          for order, name in zip(orders, names, strict=True)],
                "words": [tuple(row) for row in words],
                "names": ["B" + name for name in names],
            })  # fmt: skip
        names = [order.what.number for order in stages[0]]  # type: ignore[union-attr]
        for table in ("whistles", "whistle_lines", "whistle_tickets"):
            rows = await self._raw.fetch(f"SELECT * FROM {table} WHERE number = ANY($1)", names)
            found[0][table] = [tuple("B" + one if one in set(names) else one for one in row) for row in rows]
        return found

    async def _words(self, table: str, refs: list[str]) -> list[asyncpg.Record]:
        return await self._vault.fetch(f"SELECT 'B' || ref, key, body, at FROM vault.{table} WHERE ref = ANY($1)", refs)

    async def write(self, stages: list[dict[str, Any]]) -> float:
        """Seconds for all of it again."""
        raw = self._raw
        gc.collect()
        begun = time.perf_counter()
        for stage, made in enumerate(stages):
            async with raw.transaction():
                await raw.copy_records_to_table("log", columns=log.COLUMNS, records=made["log"])
                columns = ["source", "event_id", "noun", "id", "at"]
                await raw.copy_records_to_table("inbox", columns=columns, records=made["inbox"])
                columns = ["ref", "key", "body", "at"]
                await raw.copy_records_to_table("dossiers", schema_name="vault", columns=columns, records=made["words"])
                if stage == 0:
                    for table in ("whistles", "whistle_lines", "whistle_tickets"):
                        await raw.copy_records_to_table(table, records=made[table])
                else:
                    await raw.execute(_MOVE, made["names"], [stage] * len(made["names"]))
        return time.perf_counter() - begun


_MOVE = (
    "UPDATE whistles w SET version = w.version + 1, level = n.level, due_at = now(), next_at = now()"
    " FROM unnest($1::text[], $2::integer[]) AS n(number, level) WHERE w.number = n.number"
)


async def compare(stage: Stage, bare: Bare, lives: Lives, desk: WhistleDesk, size: int, rounds: int) -> None:
    """Blocks in turn; the paired ratios, and what each costs in CPU."""
    rates: dict[str, list[float]] = {"bare": [], "full": []}
    cpu: dict[str, list[float]] = {"python": [], "postgres": [], "bare postgres": []}
    for turn in range(rounds + 1):
        at = datetime.now(UTC)
        _, stages = await lives.make(size, at)
        spent = [psutil.Process().cpu_times().user, stage.cpu()["postgres"]]
        seconds = await full(desk, stages, at)
        spent += [psutil.Process().cpu_times().user, stage.cpu()["postgres"]]
        rows = await bare.read(stages)
        spent.append(stage.cpu()["postgres"])
        against = await bare.write(rows)
        spent.append(stage.cpu()["postgres"])
        assert sum(len(one["log"]) for one in rows) == size * whistle_lives.STEPS
        if turn:  # the first is to warm up
            for name, (one, other) in zip(cpu, ((0, 2), (1, 3), (4, 5)), strict=True):
                cpu[name].append((spent[other] - spent[one]) / size * 1e6)
            rates["full"].append(size / seconds)
            rates["bare"].append(size / against)
            say(bench="whistles-round", bare=round(rates["bare"][-1]), full=round(rates["full"][-1]))
    ratios = [one / other for one, other in zip(rates["full"], rates["bare"], strict=True)]
    used = {name: round(median(some)) for name, some in cpu.items()}
    say(
        bench="whistles", lives=size, rounds=rounds, bare_per_s=round(median(rates["bare"])),
        full_per_s=round(median(rates["full"])), orders_per_s=round(median(rates["full"]) * 8),
        ratio=median(ratios), ratio_spread=spread(ratios), us_a_life=used,
    )  # fmt: skip


async def profiled(lives: Lives, desk: WhistleDesk, size: int) -> None:
    """Where the time of a block goes."""
    at = datetime.now(UTC)
    _, stages = await lives.make(size, at)
    with cProfile.Profile() as profile:
        await full(desk, stages, at)
    pstats.Stats(profile).sort_stats("tottime").print_stats(45)


# -- lists ------------------------------------------------------------------------------------------------


def asks(streets: list[str], turn: int) -> dict[str, Any]:
    """One opening of each list."""
    street = streets[turn % len(streets)]
    sight = Sight("street", street, post=f"street:{street}")
    post = (CITY, POLICE)[turn % 2]
    own = Sight("post", post, person="p-x", organisations=(post,), post=post)

    async def board(connection: AsyncConnection, **wanted: Any) -> list[str]:
        return (await whistle_lists.board(connection, sight, wanted, None, PAGE, open_=True))[0]

    async def inbox(connection: AsyncConnection) -> list[str]:
        return (await whistle_lists.inbox(connection, own, None, PAGE, open_=True))[0]

    async def waiting(connection: AsyncConnection) -> list[str]:
        return [one.number for one in await whistle_lists.waiting(connection, [f"street:{street}"], sight, PAGE)]

    async def learnt(connection: AsyncConnection) -> list[str]:
        await whistle_lists.learnt(connection, "B04")
        return []

    return {
        "board": board,
        "board, kind": lambda c: board(c, kind="enforcement"),
        "board, late": lambda c: board(c, late=True),
        "board, department": lambda c: board(c, department=POLICE),
        "inbox of a department": inbox,
        "waiting for a street": waiting,
        "learnt": learnt,
    }


async def lists(engine: AsyncEngine, streets: list[str], times: int) -> None:
    """p50 and p95 of each list in turn, with the log rows of its page folded beside it."""
    took: dict[str, list[float]] = {}
    fold: list[float] = []
    plans: dict[str, set[str]] = {}
    ear = Ear(engine)
    async with engine.connect() as connection:
        for turn in range(times):
            for name, ask in asks(streets, turn).items():
                begun = time.perf_counter()
                numbers = await ask(connection)
                middle = time.perf_counter()
                took.setdefault(name, []).append((middle - begun) * 1000)
                if turn < 3:
                    plans.setdefault(name, set()).update(await explained(connection, ear.last))
                if name == "board":
                    middle = time.perf_counter()
                    assert len(await whistles.CHAINS.load(connection, numbers)) == len(numbers) == PAGE
                    fold.append((time.perf_counter() - middle) * 1000)
    for name, some in [*took.items(), ("a page folded", fold)]:
        some.sort()
        figures = {"p50_ms": round(some[times // 2], 2), "p95_ms": round(some[times * 95 // 100], 2)}
        say(bench="whistle-lists", list=name, **figures, by=sorted(plans.get(name, ())))


async def explained(connection: AsyncConnection, heard: tuple[str, Any]) -> list[str]:
    """The indexes that a statement goes by, and the tables it reads from end to end."""
    statement, given = heard
    raw = await driver(connection)
    plan = await raw.fetchval(f"EXPLAIN (FORMAT JSON) {statement}", *given)
    nodes = list(_nodes(plan[0]["Plan"]))
    whole = [f"SEQ SCAN {node['Relation Name']}" for node in nodes if node["Node Type"] == "Seq Scan"]
    return [*(node["Index Name"] for node in nodes if "Index Name" in node), *whole]


async def main(size: int, rounds: int, count: int, times: int, profile: bool) -> None:
    """One stage for all."""
    gc.disable()
    async with Stage() as stage:
        url = await stage.database(NAME)
        engine = connect(url, name="bench", size=2, statement_timeout_ms=60_000)
        raw = await asyncpg.connect(stage.pg.url(postgres.APP, NAME))
        vault = await asyncpg.connect(stage.pg.url(postgres.VAULT, NAME))
        grounds = await whistle_crowd.tickets(engine, 2_000)
        desk = WhistleDesk(engine, (await million.book(engine)).whistling)
        lives = Lives(engine, grounds)
        if profile:
            at = datetime.now(UTC)
            await full(desk, (await lives.make(size, at))[1], at)  # warm
            await profiled(lives, desk, size)
        await compare(stage, Bare(raw, vault), lives, desk, size, rounds)
        await raw.close()
        await vault.close()
        await engine.dispose()
        if count:
            url = await stage.database(NAME + "_open")
            engine = connect(url, name="bench", size=2, statement_timeout_ms=60_000)
            streets = await whistle_crowd.build(stage, engine, NAME + "_open", count)
            await lists(engine, streets, times)
            await engine.dispose()


if __name__ == "__main__":
    need_shared()
    options = argparse.ArgumentParser()
    options.add_argument("--batch", type=int, default=500)
    options.add_argument("--rounds", type=int, default=4)
    options.add_argument("--open", type=int, default=100_000)
    options.add_argument("--times", type=int, default=60)
    options.add_argument("--profile", action="store_true")
    said = options.parse_args()
    uvloop.run(main(said.batch, said.rounds, said.open, said.times, said.profile))
