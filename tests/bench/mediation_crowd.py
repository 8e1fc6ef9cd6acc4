"""Ten thousand open mediations of one street's four communities and a hundred thousand archived ones, behind a web
server: some real, the others copies of them, with their log rows, people and words, so that lists find and open them.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import asyncpg
import httpx

from huiyin.engines import postgres
from huiyin.mediating import MediationDesk
from huiyin.store import mediations
from huiyin.store.database import connect
from huiyin.store.vault import Seal
from tests import mediation_lives
from tests.bench import million
from tests.bench.stage import Stage, say
from tests.flows.sealing import Pen
from tests.mediation_lives import Ground, Records
from tests.web.conftest import VAULT_KEY, People, ready, running

PLACES = ("990901001001", "990901001002", "990901001003", "990901001004")
MEDIATORS, REAL, STAGES = 3, 480, (2, 5, 8, 10, 12, 15)  # how far the real open ones have come
LAST = 18
_TABLES = {
    "mediations": ("number", "case_number"),
    "mediation_seats": ("number",),
    "mediation_duties": ("number",),
    "mediation_sessions": ("number",),
    "mediation_people": ("number", "ref"),
}


@asynccontextmanager
async def crowd(
    stage: Stage, name: str, is_open: int, archived: int
) -> AsyncIterator[tuple[httpx.AsyncClient, dict[str, dict[str, str]]]]:
    """A web server in this process with all of it, and the heads of a mediator and of a desk."""
    begun = time.perf_counter()
    url = await stage.database(name)
    engine = connect(url, name="bench", size=2, statement_timeout_ms=60_000)
    now = datetime.now(UTC)
    await mediation_lives.settle(engine, PLACES, MEDIATORS, now)
    seal = Seal(VAULT_KEY)
    desk, pen = MediationDesk(engine, (await million.book(engine)).mediating), Pen(seal, SAID)
    grounds = [Ground(PLACES[n % len(PLACES)], mediator=n // len(PLACES) % MEDIATORS) for n in range(REAL)]
    for part, stages in enumerate((*STAGES, LAST)):
        mine = [(n, one) for n, one in enumerate(grounds) if n % (len(STAGES) + 1) == part]
        await mediation_lives.live(desk, pen, Records(seal, "欧阳建国"), mine, now, stages)
    await engine.dispose()
    middle = time.perf_counter()
    await copies(stage, name, is_open, archived)
    said = {"real_s": round(middle - begun, 1), "copies_s": round(time.perf_counter() - middle, 1)}
    say(bench="mediation-crowd", open=is_open, archived=archived, real=REAL, **said)
    vault = stage.pg.url(postgres.VAULT, name)
    async with running(url, stage.bus.url, vault) as site:
        await ready(site)
        site.clock.now = datetime.now(UTC)
        people, place = People(site), PLACES[0]
        heads = {
            "mediator": await people.seat("wang", "mediator", f"mediator:{place}", f"community:{place}"),
            "desk": await people.seat("desk", "community", f"community:{place}", f"community:{place}"),
        }
        admin = await asyncpg.connect(stage.pg.url(postgres.OWNER, name))
        await admin.execute("UPDATE accounts SET person = $1 WHERE username = 'wang'", f"p-m0-{place}")
        await admin.close()
        yield site.http, heads


SAID = '{"text":"双方核对了漏点,娄某要求年内修好并赔偿墙面损失,许某同意修理。"}'.encode()


async def copies(stage: Stage, name: str, is_open: int, archived: int) -> None:
    """So many copies of the open ones and of the archived ones, in turn; one statement a table."""
    owner = await asyncpg.connect(stage.pg.url(postgres.ADMIN, name))
    await owner.execute("SET synchronous_commit = off; SET work_mem = '256MB'; SET session_replication_role = replica")
    for state, count, first in (("<>", is_open, 200_000_000), ("=", archived, 300_000_000)):
        await owner.execute("DROP TABLE IF EXISTS k")
        await owner.execute(
            "CREATE TABLE k AS SELECT (row_number() OVER (ORDER BY number) - 1)::integer AS k, number AS old"
            f" FROM mediations WHERE state {state} 'archived' AND number < 'TJ2'"
        )
        await _copied(owner, count, first)
    await owner.execute("DROP TABLE k")
    await owner.close()
    await million.rest(stage, name)


async def _copied(owner: asyncpg.Connection, count: int, first: int) -> None:
    wide = await owner.fetchval("SELECT count(*) FROM k")
    source = f"FROM generate_series(0, {count} - 1) n JOIN k ON k.k = n % {wide}"
    fresh, shift = f"'TJ' || ({first} + n)", "interval '1 second' * (n * 7919 % 864000 - 86400)"
    for table, names in _TABLES.items():
        kept = await owner.fetch(
            "SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped"
            " ORDER BY attnum",
            table,
        )
        columns = [one["attname"] for one in kept]
        made = {"number": fresh} | {one: f"t.{one} + {shift}" for one in ("due_at", "next_at") if one in columns}
        made |= {"case_number": f"t.case_number || '-' || ({first} + n)"} if "case_number" in names else {}
        made |= {"ref": f"replace(t.ref, k.old, {fresh})"} if "ref" in names else {}
        values = ", ".join(made.get(column, f"t.{column}") for column in columns)
        await owner.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} {source} JOIN {table} t ON t.number = k.old"
        )
    await owner.execute(
        "INSERT INTO log (noun, id, version, step, key, at, prev, hash, body) SELECT l.noun, " + fresh + ", l.version,"
        " l.step, l.key, l.at, l.prev, l.hash, convert_to(replace(convert_from(l.body, 'UTF8'), k.old, " + fresh + "),"
        f" 'UTF8') {source} JOIN log l ON l.noun = '{mediations.NOUN}' AND l.id = k.old"
    )
    await owner.execute(
        "INSERT INTO vault.dossiers (ref, key, person, household, body, at)"
        f" SELECT replace(d.ref, k.old, {fresh}), d.key, d.person, d.household, d.body, d.at {source}"
        " JOIN vault.dossiers d ON starts_with(d.ref, k.old || '/')"
    )
