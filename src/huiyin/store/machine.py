"""What the database says of itself (运行状况): version, clock, how far its readers are, what is late."""

from datetime import datetime

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.store import dead

_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
_MOST = 10_000  # rows behind that are counted


class Base(Struct, frozen=True):
    """`behind`: steps that the relay has not published; `soonest`: when the clock has something to do next;
    `durable`: (setting, value, what it must be); `plain`: the role administers nothing."""

    version: str
    now: datetime
    behind: int
    soonest: datetime | None
    letters: int
    durable: list[tuple[str, str, str]]
    plain: bool


async def base(connection: AsyncConnection, reader: str) -> Base:
    """All of it, each by an index; `reader` is the relay's name for its place in the log."""
    version, now, plain = (await connection.execute(_SELF)).one()
    behind = int((await connection.execute(_BEHIND, {"most": _MOST, "name": reader})).scalar_one())
    soonest = (await connection.execute(_SOONEST)).scalar()
    values = {name: value for name, value in await connection.execute(_SETTINGS, {"names": list(_DURABLE)})}  # noqa: C416
    durable = [(name, str(values.get(name, "")), wanted) for name, wanted in _DURABLE.items()]
    return Base(version, now, behind, soonest, await dead.count(connection), durable, plain)


_SELF = text(
    "SELECT current_setting('server_version'), clock_timestamp(), NOT (rolsuper OR rolcreaterole OR rolbypassrls)"
    " FROM pg_roles WHERE rolname = current_user"
)
_BEHIND = text(
    "SELECT count(*) FROM (SELECT FROM log l,"
    " (SELECT coalesce(max(xid), '0'::xid8) AS xid, coalesce(max(seq), 0) AS seq FROM cursors WHERE name = :name) c"
    " WHERE (l.xid, l.seq) > (c.xid, c.seq) LIMIT :most) few"
)
_SOONEST = text("SELECT next_at FROM tickets WHERE next_at IS NOT NULL ORDER BY next_at LIMIT 1")
_SETTINGS = text("SELECT name, setting FROM pg_settings WHERE name = ANY(:names)")


async def provisional(connection: AsyncConnection) -> int:
    """How many tickets have a limit that a missing calendar made a guess; they are worked out anew by themselves."""
    return int((await connection.execute(_PROVISIONAL)).scalar_one())


_PROVISIONAL = text("SELECT count(*) FROM (SELECT FROM tickets WHERE provisional LIMIT 100000) few")
