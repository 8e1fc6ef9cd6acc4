"""A hundred thousand open whistles over ten streets: some real, blown by the desk; the others copies of them.

The real ones live in stages (waiting for a leader, called, acknowledged, arrived, replied, confirmed), each blown for a
real ticket. A copy has the rows and every log row of a real one under a number of its own, so that it folds, and lists
and pages find it; its hashes are the first one's. Copies in turn lie in the ten streets and run out at times of their
own.
"""

import time
from datetime import UTC, datetime

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from huiyin.engines import postgres
from huiyin.whistling import WhistleDesk
from tests import whistle_lives
from tests.bench import million
from tests.bench.stage import Stage, say
from tests.flows.sealing import Pen
from tests.whistle_lives import Ground

STREETS, REAL = 10, 600
STAGES = (1, 2, 3, 4, 5, 6)  # how far the real ones have come
_BATCH = 100


async def tickets(engine: AsyncEngine, count: int) -> list[Ground]:
    """Real tickets in the ten streets that have most of them."""
    book = await million.book(engine)
    await million.Filer(million.desk(engine, book), book.sorter, 2_000).file(count * 6, million.START)
    async with engine.connect() as connection:
        rows = (await connection.execute(_TICKETS, {"streets": STREETS, "limit": count})).all()
    return [Ground(row[0], whistle_lives.Spot(*row[1:])) for row in rows]


_TICKETS = text(
    "SELECT number, street_code, community_code, estate_code, grid_code, building_code FROM tickets"
    " WHERE street_code IN (SELECT street_code FROM tickets GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT :streets)"
    " ORDER BY number LIMIT :limit"
)


async def build(stage: Stage, engine: AsyncEngine, name: str, count: int) -> list[str]:
    """The whole of it; the codes of the streets."""
    begun = time.perf_counter()
    grounds = await tickets(engine, REAL)
    desk, pen = WhistleDesk(engine, (await million.book(engine)).whistling), Pen()
    for part, stages in enumerate(STAGES):
        mine = [(n, ground, n % 3 == 0) for n, ground in enumerate(grounds) if n % len(STAGES) == part]
        for first in range(0, len(mine), _BATCH):
            await whistle_lives.live(desk, pen, mine[first : first + _BATCH], datetime.now(UTC), stages)
    middle = time.perf_counter()
    await copies(stage, name, count - len(grounds))
    async with engine.connect() as connection:
        found = await connection.execute(
            text("SELECT street_code FROM whistles WHERE closed_at IS NULL GROUP BY 1 ORDER BY count(*) DESC")
        )
        streets = list(found.scalars())
    said = {"real_s": round(middle - begun, 1), "copies_s": round(time.perf_counter() - middle, 1)}
    say(bench="whistle-crowd", open=count, real=len(grounds), streets=len(streets), **said)
    return streets


async def copies(stage: Stage, name: str, count: int) -> None:
    """`count` copies of all the whistles that are there, in turn; one statement a table."""
    owner = await asyncpg.connect(stage.pg.url(postgres.OWNER, name))
    await owner.execute("SET synchronous_commit = off; SET work_mem = '256MB'")
    await owner.execute(
        "CREATE TABLE k AS SELECT (row_number() OVER (ORDER BY number) - 1)::integer AS k, number AS old FROM whistles"
    )
    wide = await owner.fetchval("SELECT count(*) FROM k")
    source = f"FROM generate_series(0, {count} - 1) n JOIN k ON k.k = n % {wide}"
    fresh, shift = "'SH' || 100000000 + n", "interval '1 second' * (n * 7919 % 864000 - 86400)"
    for table in ("whistles", "whistle_lines", "whistle_duties", "whistle_tickets"):
        kept = await owner.fetch(
            "SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped"
            " ORDER BY attnum",
            table,
        )
        columns = [one["attname"] for one in kept]
        made = {"number": fresh} | {one: f"t.{one} + {shift}" for one in ("due_at", "next_at") if one in columns}
        values = ", ".join(made.get(column, f"t.{column}") for column in columns)
        await owner.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} {source} JOIN {table} t ON t.number = k.old"
        )
    await owner.execute(
        "INSERT INTO log (noun, id, version, step, key, at, prev, hash, body) SELECT l.noun, " + fresh + ", l.version,"
        " l.step, l.key, l.at, l.prev, l.hash, convert_to(replace(convert_from(l.body, 'UTF8'), k.old, " + fresh + "),"
        f" 'UTF8') {source} JOIN log l ON l.noun = 'whistle' AND l.id = k.old"
    )
    await owner.execute("DROP TABLE k")
    await owner.close()
    await million.rest(stage, name)
