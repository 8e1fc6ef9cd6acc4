"""Connections with every timeout set, and the way down to asyncpg where batches need COPY."""

from datetime import datetime
from typing import TYPE_CHECKING

import asyncpg
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

if TYPE_CHECKING:
    Driver = asyncpg.Connection[asyncpg.Record]
else:
    Driver = asyncpg.Connection


def connect(
    url: str, *, name: str, size: int = 4, statement_timeout_ms: int = 10_000, command_timeout: float = 15
) -> AsyncEngine:
    """An engine for `postgresql://…`. `name` shows in pg_stat_activity; timeouts as in RELIABILITY 2."""
    settings = {
        "application_name": f"huiyin-{name}",
        "statement_timeout": str(statement_timeout_ms),
        "idle_in_transaction_session_timeout": "30000",
        "lock_timeout": str(min(5_000, statement_timeout_ms)),
        "timezone": "UTC",
        # A plan made while a table was empty must not live on when it has a million rows.
        "plan_cache_mode": "force_custom_plan",
    }
    return create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg"),
        pool_size=size,
        max_overflow=0,
        pool_timeout=5,
        pool_use_lifo=True,
        connect_args={
            "timeout": 2,
            "command_timeout": max(command_timeout, statement_timeout_ms / 1000),
            "server_settings": settings,
        },
    )


async def turn(connection: AsyncConnection, key: int) -> None:
    """Wait for one's turn: until this transaction ends nobody else has the same key's."""
    await connection.execute(_TURN, {"key": key})


_TURN = text("SELECT pg_advisory_xact_lock(:key)")


async def driver(connection: AsyncConnection) -> Driver:
    """The asyncpg connection inside SQLAlchemy's transaction; a first statement must have begun it."""
    raw = await connection.get_raw_connection()
    inner: Driver | None = raw.driver_connection
    assert inner is not None
    return inner


async def now(connection: AsyncConnection) -> datetime:
    """The database server's own clock."""
    found: datetime = (await connection.execute(_NOW)).scalar_one()
    return found


_NOW = text("SELECT clock_timestamp()")


# SQLSTATE classes and codes where the server, not the data, is at fault: connection, authorisation, no such
# database, read-only, rolled back to be tried again, out of resources, not ready, shut down, system error.
_SERVER = ("08", "28", "3D", "25006", "40", "53", "55000", "55P03", "57", "58")
_CANCELLED = "57014"  # a statement that took too long: halving may help, waiting does not


def is_away(error: BaseException) -> bool:
    """Whether the database (not the data) is at fault: away, starting, full, overloaded. Then wait, do not
    blame the message."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        return error.connection_invalidated or is_away(error.orig.__cause__ or error.orig)
    if isinstance(error, asyncpg.PostgresError):
        return error.sqlstate != _CANCELLED and str(error.sqlstate or "").startswith(_SERVER)
    if isinstance(error, asyncpg.InterfaceError):
        return not isinstance(error, ValueError)  # a value that asyncpg cannot encode is the data's fault
    return isinstance(error, (OSError, TimeoutError, PoolTimeout))
