"""Mediations a second through their whole life, in batches through `MediationDesk`, against the same writes without
logic; what a mediator's day and a committee's list cost over HTTP with ten thousand open (a volume is in `papers`).

`python -m tests.bench.mediations [--batch 250] [--rounds 4] [--open 10000] [--archived 100000] [--times 60]`

prints JSON lines. A life: 18 orders, 20 steps, from the application to the archive, agreed in writing, performed and
visited. Timed is `MediationDesk.act`, a stage of so many lives a transaction; orders were made and words sealed before.
Yardstick, on the same connections: for each transaction COPY of as many log rows (the very bytes), causes and words,
one UPDATE of a row a case; it reads nothing and decides nothing. Blocks go to one and the other in turn. Lists: pages
of fifty of one community of a street, as mediator and as desk, names and words opened; beside them an answer of the
same server that looks at nothing.
"""

import argparse
import gc
import time
from datetime import UTC, datetime
from typing import Any

import asyncpg
import httpx
import uvloop
from sqlalchemy.ext.asyncio import AsyncEngine

from huiyin.engines import postgres
from huiyin.mediating import MediationDesk
from huiyin.orders import Mediating, Order
from huiyin.store import log, mediations
from huiyin.store.database import connect
from tests import mediation_lives
from tests.bench import mediation_crowd, million
from tests.bench.stage import Stage, median, need_shared, say, spread
from tests.flows.sealing import SEAL, Pen
from tests.mediation_lives import Ground, Records

NAME = "mediations"
PLACES = ("330100001001", "330100001002", "330100001003", "330100001004")
MEDIATORS = 3
Stages = list[list[Order]]


class Lives:
    """Orders of whole lives, stage by stage, of cases of their own."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine, self._made = engine, 0
        self._pen, self._records = Pen(), Records(SEAL)

    async def make(self, count: int, at: datetime) -> Stages:
        """`count` lives: for each stage an order a life."""
        async with self._engine.connect() as connection:
            numbers = await mediations.numbers(connection, count)
        stages: Stages = []
        for number in numbers:
            ground = Ground(PLACES[self._made % len(PLACES)], mediator=self._made % MEDIATORS)
            self._made += 1
            life = [(mediation_lives.apply(ground), mediation_lives.desk_of(ground))]
            life += list(mediation_lives.later(ground, at))  # type: ignore[arg-type]
            for stage, (command, by) in enumerate(life):
                if stage == len(stages):
                    stages.append([])
                order = self._pen.mediating(number, command, by, f"{number}-{stage}")
                stages[stage].append(order if stage else self._records.of(order))
        return stages


async def full(desk: MediationDesk, stages: Stages, at: datetime) -> float:
    """Seconds for all stages of a block."""
    gc.collect()
    begun = time.perf_counter()
    for orders in stages:
        mediation_lives.done(await desk.act(orders, at=at))
    return time.perf_counter() - begun


class Bare:
    """The yardstick; it writes again what a full block has written, under other numbers."""

    def __init__(self, raw: asyncpg.Connection, vault: asyncpg.Connection) -> None:
        self._raw, self._vault = raw, vault

    async def read(self, stages: Stages) -> list[dict[str, Any]]:
        """What each stage's transaction wrote."""
        return [await self._of(orders) for orders in stages]

    async def _of(self, orders: list[Order]) -> dict[str, Any]:
        some = [one.what for one in orders if isinstance(one.what, Mediating)]
        names, causes = [one.number for one in some], [f"{one.source}#{one.event_id}" for one in orders]
        rows = await self._raw.fetch(
            "SELECT noun, 'B' || id, version, step, key, at, prev, hash, body FROM log WHERE noun = 'mediation'"
            " AND id = ANY($1) AND convert_from(body, 'UTF8')::jsonb ->> 'cause' = ANY($2)",
            names,
            causes,
        )
        refs = [ref for one in some for ref, _ in one.sealed]
        words = await self._vault.fetch(
            "SELECT 'B' || ref, key, body, at FROM vault.dossiers WHERE ref = ANY($1)", refs
        )
        kept = await self._raw.fetch("SELECT * FROM mediations WHERE number = ANY($1)", names)
        case = list(mediations.VIEWS.columns).index("case_number")
        views = [("B" + row["number"], *(None if n == case else row[n] for n in range(1, len(row)))) for row in kept]
        inbox = [("urn:huiyin:bare", f"B{one.event_id}", "mediation", name, rows[0]["at"])
                 for one, name in zip(orders, names, strict=True)]  # fmt: skip
        return {"log": [tuple(row) for row in rows], "inbox": inbox, "words": [tuple(row) for row in words],
                "names": ["B" + name for name in names], "views": views}  # fmt: skip

    async def write(self, stages: list[dict[str, Any]]) -> float:
        """Seconds for all of it again."""
        raw = self._raw
        gc.collect()
        begun = time.perf_counter()
        for n, made in enumerate(stages):
            async with raw.transaction():
                await raw.copy_records_to_table("log", columns=log.COLUMNS, records=made["log"])
                columns = ["source", "event_id", "noun", "id", "at"]
                await raw.copy_records_to_table("inbox", columns=columns, records=made["inbox"])
                columns = ["ref", "key", "body", "at"]
                await raw.copy_records_to_table("dossiers", schema_name="vault", columns=columns, records=made["words"])
                if n == 0:
                    await raw.copy_records_to_table("mediations", records=made["views"])
                else:
                    await raw.execute(_MOVE, made["names"])
        return time.perf_counter() - begun


_MOVE = "UPDATE mediations SET version = version + 1, due_at = now(), next_at = now() WHERE number = ANY($1::text[])"


async def compare(stage: Stage, bare: Bare, lives: Lives, desk: MediationDesk, size: int, rounds: int) -> None:
    """Blocks in turn; the paired ratios."""
    rates: dict[str, list[float]] = {"bare": [], "full": []}
    for turn in range(rounds + 1):
        at = datetime.now(UTC)
        stages = await lives.make(size, at)
        seconds = await full(desk, stages, at)
        rows = await bare.read(stages)
        against = await bare.write(rows)
        assert sum(len(one["log"]) for one in rows) == size * mediation_lives.STEPS
        if turn:  # the first is to warm up
            rates["full"].append(size / seconds)
            rates["bare"].append(size / against)
            say(bench="mediations-round", bare=round(rates["bare"][-1]), full=round(rates["full"][-1]))
    ratios = [one / other for one, other in zip(rates["full"], rates["bare"], strict=True)]
    say(
        bench="mediations", lives=size, rounds=rounds, bare_per_s=round(median(rates["bare"])),
        full_per_s=round(median(rates["full"])), orders_per_s=round(median(rates["full"]) * 18),
        ratio=median(ratios), ratio_spread=spread(ratios),
    )  # fmt: skip


# -- lists ------------------------------------------------------------------------------------------------

ASKED = {
    "API, open": "/api/v1/mediations",
    "API, archived": "/api/v1/mediations?open=false",
    "window": "/mediations",
    "window, list": "/mediations/list",
}


async def lists(http: httpx.AsyncClient, heads: dict[str, dict[str, str]], times: int) -> None:
    """p50 and p95 of each list, and what it costs Python (an answer that asks nothing taken off)."""
    took: dict[tuple[str, str], list[float]] = {}
    spent: dict[tuple[str, str], list[float]] = {}
    for _ in range(times + 2):
        for who, head in heads.items():
            for name, path in {**ASKED, "nothing": "/healthz"}.items():
                begun, used = time.perf_counter(), time.process_time()
                answer = await http.get(path, headers=head | {"Accept": "text/html" if "window" in name else "*/*"})
                took.setdefault((who, name), []).append((time.perf_counter() - begun) * 1000)
                spent.setdefault((who, name), []).append((time.process_time() - used) * 1000)
                assert answer.status_code in (200, 404), (path, answer.text)
    for (who, name), all_of in took.items():
        some = sorted(all_of[2:])
        figures = {"p50_ms": round(some[len(some) // 2], 1), "p95_ms": round(some[len(some) * 95 // 100], 1)}
        cpu = median(spent[who, name][2:]) - median(spent[who, "nothing"][2:])
        say(bench="mediation-lists", who=who, list=name, **figures, python_ms=round(cpu, 1))


async def main(options: argparse.Namespace) -> None:
    """One stage for all."""
    gc.disable()
    async with Stage() as stage:
        url = await stage.database(NAME)
        engine = connect(url, name="bench", size=2, statement_timeout_ms=60_000)
        await mediation_lives.settle(engine, PLACES, MEDIATORS, datetime.now(UTC))
        raw = await asyncpg.connect(stage.pg.url(postgres.APP, NAME))
        vault = await asyncpg.connect(stage.pg.url(postgres.VAULT, NAME))
        desk = MediationDesk(engine, (await million.book(engine)).mediating)
        await compare(stage, Bare(raw, vault), Lives(engine), desk, options.batch, options.rounds)
        await raw.close()
        await vault.close()
        await engine.dispose()
        if options.open:
            made = mediation_crowd.crowd(stage, NAME + "_open", options.open, options.archived)
            async with made as (http, heads):
                await lists(http, heads, options.times)


if __name__ == "__main__":
    need_shared()
    said = argparse.ArgumentParser()
    for name, default in (("batch", 250), ("rounds", 4), ("open", 10_000), ("archived", 100_000), ("times", 60)):
        said.add_argument(f"--{name}", type=int, default=default)
    uvloop.run(main(said.parse_args()))
