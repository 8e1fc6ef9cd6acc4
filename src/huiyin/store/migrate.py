"""Brings a database to the newest schema; the same call for the first time and the hundredth."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from huiyin.store.database import connect

# One upgrade at a time, however many machines start at once.
_LOCK = 0x48555931


async def upgrade(url: str, revision: str = "head") -> None:
    """Run the migrations as the schema's owner; `url` is `postgresql://…`."""
    engine = connect(url, name="migrate", statement_timeout_ms=600_000)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            await connection.run_sync(_upgrade, revision)
    finally:
        await engine.dispose()


def _upgrade(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", "huiyin.store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
