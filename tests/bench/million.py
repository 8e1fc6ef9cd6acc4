"""A million open tickets for the benchmarks of the ladder: some real, filed by the desk; the others copies of them.

The real ones have whole chains (filed, sorted, reminded), so that they fold and their chains go on. A copy has the
row of a real one under a number of its own, log rows (one a version, the first 100 bytes of the body) and causes of
its own, so that every index is as large as it would be; nothing ever happens to a copy.
"""

import asyncio
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import asyncpg
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncEngine

from huiyin.core.registry import Registry
from huiyin.core.sorting import Question, Sorter
from huiyin.core.ticket import Rules
from huiyin.core.words import Sorting, Spot
from huiyin.desk import Complaint, Desk, Order
from huiyin.engines import postgres
from huiyin.rules.rulebook import Rulebook
from huiyin.store import registry
from huiyin.store.vault import Seal
from tests.bench.stage import Stage, say, texts

NAME = "million"
BATCH = 500
START = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)  # a Wednesday morning in China
_SOURCE = "urn:huiyin:bench"
_OFF_THE_LADDER = ("emergency", "street_office")  # what begins there does not climb


async def book(engine: AsyncEngine) -> Rulebook:
    """The rulebook over the registry that is in the database."""
    async with engine.connect() as connection:
        return Rulebook(await registry.load(connection))


def desk(engine: AsyncEngine, rules: Rulebook) -> Desk:
    """A desk as a consumer makes it."""
    return Desk(engine, rules.rules, rules.sorting.matters, b"r" * 32)


def sortings(sorter: Sorter, rules: Rules, count: int) -> list[Sorting]:
    """What the sorter says of real texts whose leaves begin low on the ladder, as urgent ones, at random buildings."""
    asked = [Question(one.text, one.title or "") for one in texts()[:count]]
    chance = random.Random(7)  # the same city every time
    places = list(_places(rules.registry))
    entries = rules.catalogue.entries
    return [
        replace(found, spot=chance.choice(places), urgency="urgent", hotline=())
        for found in sorter.sort(asked)
        if entries[found.category].first_tier not in _OFF_THE_LADDER
    ]


def _places(known: Registry) -> Iterator[Spot]:
    for one in known.buildings.values():
        community = known.communities[known.grids[one.grid_code].community_code]
        yield Spot(community.street_code, community.code, one.estate_code, one.grid_code, one.code, one.name)


class Filer:
    """Files urgent tickets through the desk, five hundred a transaction."""

    def __init__(self, to: Desk, sorter: Sorter, count: int = 4_000) -> None:
        self._desk = to
        self._found = sortings(sorter, to.rules, count)
        self._seal = Seal(b"m" * 32)
        self._filed = 0

    async def file(self, count: int, at: datetime) -> None:
        """`count` tickets at a moment."""
        for first in range(0, count, BATCH):
            await self._desk.act([self._order(at) for _ in range(min(BATCH, count - first))], at=at)

    def _order(self, at: datetime) -> Order:
        self._filed += 1
        found = self._found[self._filed * 7919 % len(self._found)]
        sealed = self._seal.seal(b"words", f"138{self._filed:08d}")
        cause = f"b{self._filed}"
        return Order(_SOURCE, cause, "sorter", Complaint("web", "none", at, found, sealed), self._filed)


async def copies(stage: Stage, count: int, name: str = NAME, one_of: int = 1) -> None:
    """`count` copies; due between five days ago and ten days on, filed over thirty; one of 200 is supervised.
    `one_of` so many is open."""
    owner = await asyncpg.connect(stage.pg.url(postgres.OWNER, name))
    await owner.execute("SET synchronous_commit = off; SET maintenance_work_mem = '512MB'; SET work_mem = '256MB'")
    indexes = await owner.fetch(_INDEXES)
    for index in indexes:
        await owner.execute(f"DROP INDEX {index['indexname']}")
    await owner.execute(_TEMPLATES)
    kept = await owner.fetch("SELECT attname FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 0")
    made = {
        "number": "'HY' || 100000000 + n",
        "filed_at": "now() - interval '30 days' * n / $1",
        "due_at": "now() + interval '1 minute' * (n * 7919 % 21600 - 7200)",
        "next_at": "timestamptz '2099-01-01' + interval '1 second' * (n * 7919 % 1000000)",
        "supervised": "CASE WHEN n % 200 = 0 THEN 1 END",
        "closed_at": f"CASE WHEN n % {one_of} > 0 THEN now() END",
    }
    columns = [one["attname"] for one in kept if one["attname"] != "k"]
    values = ", ".join(made.get(column, f"t.{column}") for column in columns)
    wide = await owner.fetchval("SELECT count(*) FROM t")
    source = f"FROM generate_series(1, $1::bigint) n JOIN t ON t.k = n * 7919 % {wide}"
    await owner.execute(f"INSERT INTO tickets ({', '.join(columns)}) SELECT {values} {source}", count)
    await owner.execute(
        "INSERT INTO log (noun, id, version, step, key, at, prev, hash, body)"
        " SELECT 'ticket', 'HY' || 100000000 + n, l.version, l.step, l.key, l.at, l.prev, l.hash, left_of(l.body)"
        f" {source} JOIN l ON l.id = t.number",
        count,
    )
    await owner.execute(
        "INSERT INTO inbox (source, event_id, noun, id, at)"
        " SELECT 'urn:huiyin:bench', 'c' || n, 'ticket', 'HY' || 100000000 + n, now() FROM generate_series(1, $1) n",
        count,
    )
    for index in indexes:
        await owner.execute(index["indexdef"])
    await owner.execute("DROP FUNCTION left_of; DROP TABLE t; DROP TABLE l")
    await owner.close()
    await rest(stage, name)


_INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'tickets' AND indexname <> 'tickets_pkey'"
_TEMPLATES = """
CREATE FUNCTION left_of(bytea) RETURNS bytea LANGUAGE sql IMMUTABLE AS 'SELECT substring($1 FOR 100)';
CREATE TABLE t AS SELECT (row_number() OVER () - 1)::integer AS k, * FROM (SELECT * FROM tickets LIMIT 20000) x;
CREATE TABLE l AS SELECT * FROM log WHERE noun = 'ticket' AND id IN (SELECT number FROM t);
"""


async def rest(stage: Stage, name: str = NAME) -> None:
    """What autovacuum and the checkpointer would do in time, now."""
    admin = await asyncpg.connect(stage.pg.url(postgres.ADMIN, name))
    await admin.execute("VACUUM (FREEZE, ANALYZE)")
    await admin.execute("CHECKPOINT")
    await admin.close()


async def blocks(to: Desk, filer: Filer, count: int, size: int) -> list[datetime]:
    """`count` blocks of `size` real tickets, reminded of their sign-by and not yet over; when each is over.

    A block is over half a minute after the one before, and nothing else happens to it within the hour after.
    At most forty."""
    for block in range(count):
        await filer.file(size, START + timedelta(seconds=30 * block))
    reminded = START + timedelta(minutes=119)
    while sum(await asyncio.gather(to.sweep(reminded), to.sweep(reminded))):
        pass
    return [START + timedelta(hours=2, seconds=30 * block) for block in range(count)]


async def build(stage: Stage, engine: AsyncEngine, open_tickets: int, count: int, size: int) -> list[datetime]:
    """The whole of it; when each block of real tickets is over."""
    begun = time.perf_counter()
    known = await book(engine)
    one = desk(engine, known)
    over = await blocks(one, Filer(one, known.sorter), count, size)
    middle = time.perf_counter()
    await copies(stage, open_tickets - count * size)
    said = {"real_s": round(middle - begun, 1), "copies_s": round(time.perf_counter() - middle, 1)}
    say(bench="million", open=open_tickets, real=count * size, **said)
    return over
