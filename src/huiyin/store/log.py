"""The log (办理日志): append-only, chained per noun; the record, the outbox and the review log in one."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from msgspec import Struct
from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.proof import Leaf, seal
from huiyin.store.database import Driver

COLUMNS = ("noun", "id", "version", "step", "key", "at", "prev", "hash", "body")

Row = tuple[str, str, int, str, str, datetime, bytes, bytes, bytes]


class Head(Struct, frozen=True):
    """The end of a noun's chain: its last version and hash (0 and b"" before the first step)."""

    version: int = 0
    hash: bytes = b""


def rows(
    noun: str,
    ident: str,
    head: Head,
    steps: Sequence[Any],
    *,
    names: Sequence[str],
    key: str,
    actor: str,
    cause: str,
    at: datetime,
    rules: str,
) -> tuple[list[Row], Head]:
    """The rows that continue a chain, and its new head."""
    made: list[Row] = []
    version, prev = head.version, head.hash
    for name, step in zip(names, steps, strict=True):
        version += 1
        body, digest = seal(Leaf(1, noun, ident, version, actor, cause, at, rules, prev.hex(), step))
        made.append((noun, ident, version, name, key, at, prev, digest, body))
        prev = digest
    return made, Head(version, prev)


async def continued(
    connection: AsyncConnection,
    noun: str,
    ident: str,
    steps: Sequence[Any],
    *,
    actor: str,
    at: datetime,
    cause: str | None = None,
) -> list[Row]:
    """The rows that continue the chain of a noun in which no rulebook has a say: the registry, the calendar, a post.
    Without a `cause` of their own they are caused by being the next of their noun."""
    head = (await heads(connection, noun, [ident])).get(ident, Head())
    names = [str(type(step).__struct_config__.tag) for step in steps]
    own = cause or f"{ident}#{head.version + 1}"
    made, _ = rows(noun, ident, head, steps, names=names, key="-", actor=actor, cause=own, at=at, rules="-")
    return made


async def append(connection: Driver, made: Sequence[Row]) -> None:
    """Write rows; only `desk` calls this (a law test looks)."""
    if made:
        await connection.copy_records_to_table("log", columns=COLUMNS, records=made)


async def bodies(connection: AsyncConnection, noun: str, ids: Sequence[str]) -> dict[str, list[bytes]]:
    """The leaves of some nouns in order, by id."""
    result = await connection.execute(_BODIES, {"noun": noun, "ids": list(ids)})
    found: dict[str, list[bytes]] = {}
    for ident, body in result:
        found.setdefault(ident, []).append(body)
    return found


_BODIES = text("SELECT id, body FROM log WHERE noun = :noun AND id = ANY(:ids) ORDER BY noun, id, version")


async def whole(connection: Driver, noun: str, ids: Sequence[str]) -> dict[str, tuple[list[bytes], Head]]:
    """The leaves of some nouns in order, and where each chain ends; absent = nothing yet."""
    found: dict[str, tuple[list[bytes], Head]] = {}
    for ident, chain in groupby(await connection.fetch(_WHOLE, noun, ids), itemgetter(0)):
        leaves = list(chain)
        _, version, digest, _ = leaves[-1]
        found[ident] = [leaf[3] for leaf in leaves], Head(version, digest)
    return found


_WHOLE = "SELECT id, version, hash, body FROM log WHERE noun = $1 AND id = ANY($2) ORDER BY id, version"


async def heads(connection: AsyncConnection, noun: str, ids: Sequence[str]) -> dict[str, Head]:
    """The ends of some chains; absent = nothing yet."""
    result = await connection.execute(_HEADS, {"noun": noun, "ids": list(ids)})
    return {ident: Head(version, bytes(digest)) for ident, version, digest in result}


_HEADS = text(
    "SELECT DISTINCT ON (id) id, version, hash FROM log WHERE noun = :noun AND id = ANY(:ids) ORDER BY id, version DESC"
)


async def last(connection: AsyncConnection, noun: str, ident: str) -> bytes | None:
    """The newest leaf of a noun; None before its first step."""
    found = (await connection.execute(_LAST, {"noun": noun, "id": ident})).scalar()
    return bytes(found) if found is not None else None


_LAST = text("SELECT body FROM log WHERE noun = :noun AND id = :id ORDER BY version DESC LIMIT 1")


class Cursor(Struct, frozen=True, order=True):
    """A place in the log: the writing transaction, then the row. Never the row number alone."""

    xid: int = 0
    seq: int = 0


class Entry(Struct, frozen=True):
    """A row as the readers of the tail get it."""

    cursor: Cursor
    noun: str
    id: str
    version: int
    step: str
    key: str
    at: datetime
    body: bytes


async def tail(connection: AsyncConnection, after: Cursor, limit: int) -> list[Entry]:
    """Rows after `after` in (xid, seq) order, none of a transaction that older ones may still overtake."""
    result = await connection.execute(_TAIL, {"xid": str(after.xid), "seq": after.seq, "limit": limit})
    return [
        Entry(Cursor(int(xid), seq), noun, ident, version, step, key, at, bytes(body))
        for xid, seq, noun, ident, version, step, key, at, body in result
    ]


_TAIL = text(
    "SELECT xid::text, seq, noun, id, version, step, key, at, body FROM log"
    " WHERE (xid, seq) > (CAST(CAST(:xid AS text) AS xid8), :seq)"
    " AND xid < pg_snapshot_xmin(pg_current_snapshot())"
    " ORDER BY log.xid, log.seq LIMIT :limit"  # `xid` alone is the column of the answer, which is text: '1000' < '999'
)


async def newest(connection: AsyncConnection) -> datetime | None:
    """The time of the last row; None while the log is empty."""
    found: datetime | None = (await connection.execute(_NEWEST)).scalar()
    return found


_NEWEST = text("SELECT at FROM log ORDER BY xid DESC, seq DESC LIMIT 1")


async def chains(
    connection: AsyncConnection, noun: str | None = None, batch: int = 2_000
) -> AsyncIterator[list[tuple[str, str, int, bytes, bytes, bytes]]]:
    """The whole log as (noun, id, version, prev, hash, body), chain by chain, in batches by key."""
    last = ("", "", 0)
    while True:
        result = await connection.execute(
            _CHAINS, {"noun": last[0], "id": last[1], "version": last[2], "only": noun, "limit": batch}
        )
        found = [(n, i, v, bytes(p), bytes(h), bytes(b)) for n, i, v, p, h, b in result]
        if not found:
            return
        yield found
        last = found[-1][:3]


_CHAINS = text(
    "SELECT noun, id, version, prev, hash, body FROM log"
    " WHERE (noun, id, version) > (:noun, :id, :version)"
    " AND (CAST(:only AS text) IS NULL OR noun = :only)"
    " ORDER BY noun, id, version LIMIT :limit"
).bindparams(bindparam("only"))


async def cursor(connection: AsyncConnection, name: str) -> Cursor:
    """Where a named reader of the tail stopped."""
    row = (await connection.execute(_CURSOR, {"name": name})).first()
    return Cursor(int(row[0]), row[1]) if row else Cursor()


_CURSOR = text("SELECT xid::text, seq FROM cursors WHERE name = :name")


async def move(connection: AsyncConnection, name: str, to: Cursor) -> None:
    """Remember where a named reader stopped."""
    await connection.execute(_MOVE, {"name": name, "xid": str(to.xid), "seq": to.seq})


_MOVE = text(
    "INSERT INTO cursors (name, xid, seq) VALUES (:name, CAST(CAST(:xid AS text) AS xid8), :seq)"
    " ON CONFLICT (name) DO UPDATE SET xid = excluded.xid, seq = excluded.seq"
)


async def before(connection: AsyncConnection, age: timedelta) -> Cursor:
    """The last row that is older than `age` by the newest row's time; the beginning where none is."""
    row = (await connection.execute(_BEFORE, {"age": age})).first()
    return Cursor(int(row[0]), row[1]) if row else Cursor()


_BEFORE = text(
    "SELECT xid::text, seq FROM log"
    " WHERE at < (SELECT at FROM log ORDER BY xid DESC, seq DESC LIMIT 1) - CAST(:age AS interval)"
    " ORDER BY log.xid DESC, log.seq DESC LIMIT 1"
)


async def place(connection: AsyncConnection, noun: str, ident: str, version: int) -> Cursor | None:
    """Where a step stands for the readers of the tail; None where there is no such step."""
    row = (await connection.execute(_PLACE, {"noun": noun, "id": ident, "version": version})).first()
    return Cursor(int(row[0]), row[1]) if row else None


_PLACE = text("SELECT xid::text, seq FROM log WHERE noun = :noun AND id = :id AND version = :version")
