"""The tables in the code are the tables in the database; the log cannot be changed, the vault not read."""

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from huiyin.store.database import connect
from huiyin.store.tables import metadata
from tests.conftest import Database


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(
        connection,
        opts={
            "include_schemas": True,
            "include_name": lambda name, kind, _: kind != "schema" or name in (None, "vault"),
            "include_object": lambda _o, name, kind, _r, _c: not (kind == "table" and name == "alembic_version"),
            "compare_type": False,
        },
    )
    return list(compare_metadata(context, metadata))


@pytest.mark.filterwarnings("ignore:Did not recognize type 'xid8'")
async def test_code_and_database_agree(database: Database) -> None:
    engine = connect(database.owner_url, name="test")
    async with engine.connect() as connection:
        assert await connection.run_sync(_differences) == []
    await engine.dispose()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log SET step = 'x'",
        "DELETE FROM log",
        "TRUNCATE log",
        "ALTER TABLE log DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "DROP TABLE log",
        "SELECT * FROM vault.dossiers",
        "SELECT * FROM vault.waiting",
        "SELECT * FROM vault.dead_bodies",
        "UPDATE vault.dossiers SET key = NULL",
        "DELETE FROM inbox",
    ],
)
async def test_the_services_may_not(database: Database, statement: str) -> None:
    connection = await asyncpg.connect(database.url)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(statement)
    await connection.close()


@pytest.mark.parametrize("statement", ["UPDATE log SET step = 'x'", "DELETE FROM log", "TRUNCATE log"])
async def test_not_even_the_owner_changes_the_log(database: Database, statement: str) -> None:
    connection = await asyncpg.connect(database.owner_url)
    await connection.execute(
        "INSERT INTO log (noun, id, version, step, key, at, prev, hash, body)"
        " VALUES ('ticket', 'HY1', 1, 'x', '-', now(), '', '', '')"
    )
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
        await connection.execute(statement)
    await connection.close()
