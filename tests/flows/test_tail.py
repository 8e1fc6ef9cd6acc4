"""What waits is read in the order of transactions as numbers: 99 before 100, none left out."""

import asyncpg

from huiyin.store import log, waiting
from huiyin.store.database import connect
from tests.conftest import Database

# On both sides of a further digit, older than any transaction of a fresh cluster; the later ones written first.
XIDS = (100, 99, 10, 9, 101, 11)


async def _write(database: Database, statement: str) -> None:
    owner = await asyncpg.connect(database.owner_url)
    for xid in XIDS:
        await owner.execute(statement, str(xid))
    await owner.close()


async def test_the_log(database: Database) -> None:
    """The relay's mark would pass over what a batch left out, and nobody would ever hear of it."""
    columns = "INSERT INTO log (xid, noun, id, version, step, key, at, prev, hash, body)"
    await _write(database, f"{columns} VALUES ($1::text::xid8, 'ticket', $1, 1, 's', '-', now(), '', '', '{{}}')")
    engine, found, place = connect(database.url, name="test"), [], log.Cursor()
    async with engine.connect() as connection:
        while entries := await log.tail(connection, place, 2):
            found += [int(entry.id) for entry in entries]
            place = entries[-1].cursor
    await engine.dispose()
    assert found == sorted(XIDS)


async def test_the_doorstep(database: Database) -> None:
    """Who came first goes in first."""
    columns = "INSERT INTO vault.waiting (xid, event_id, key, body)"
    await _write(database, f"{columns} VALUES ($1::text::xid8, $1, '', '')")
    engine = connect(database.vault_url, name="test")
    async with engine.connect() as connection:
        found = [int(one.event_id) for one in await waiting.first(connection, 4)]
    await engine.dispose()
    assert found == sorted(XIDS)[:4]
