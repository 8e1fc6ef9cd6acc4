"""Dead letters: what could not be read or done, kept whole (in the vault) with its reason, to be re-played."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.store.vault import Seal, Sealed


class Letter(Struct, frozen=True):
    """One message that ended here. `reason` is a stable code; `detail` names a field, never a value."""

    stream: str
    stream_seq: int
    subject: str
    reason: str
    detail: str
    deliveries: int
    payload: bytes
    headers: dict[str, str] | None = None
    source: str | None = None
    event_id: str | None = None


class Message(Struct, frozen=True):
    """The whole message as it came."""

    headers: dict[str, str] | None
    payload: bytes


_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(Message).decode


async def bury(connection: AsyncConnection, seal: Seal, letters: Sequence[Letter], at: datetime) -> None:
    """Keep letters; one that is already there (a re-delivery) stays as it is."""
    if not letters:
        return
    await connection.execute(_BURY, [_row(letter, at) for letter in letters])
    await connection.execute(_KEEP, [_body(seal, letter) for letter in letters])


def _row(letter: Letter, at: datetime) -> dict[str, Any]:
    fields = msgspec.structs.asdict(letter)
    del fields["payload"], fields["headers"]
    return {**fields, "at": at}


def _body(seal: Seal, letter: Letter) -> dict[str, Any]:
    sealed = seal.seal(_pack(Message(letter.headers, letter.payload)))
    return {
        "stream": letter.stream,
        "stream_seq": letter.stream_seq,
        "key": sealed.key,
        "body": sealed.body,
    }


_BURY = text(
    "INSERT INTO dead_letters (stream, stream_seq, subject, source, event_id, reason, detail, deliveries, at)"
    " VALUES (:stream, :stream_seq, :subject, :source, :event_id, :reason, :detail, :deliveries, :at)"
    " ON CONFLICT DO NOTHING"
)
_KEEP = text(
    "INSERT INTO vault.dead_bodies (stream, stream_seq, key, body)"
    " VALUES (:stream, :stream_seq, :key, :body) ON CONFLICT DO NOTHING"
)


class Listed(Struct, frozen=True):
    """A dead letter as lists show it."""

    id: int
    stream: str
    stream_seq: int
    subject: str
    reason: str
    detail: str
    deliveries: int
    at: datetime
    source: str | None
    event_id: str | None
    replayed_at: datetime | None


_COLUMNS = "id, stream, stream_seq, subject, reason, detail, deliveries, at, source, event_id, replayed_at"


async def listed(
    connection: AsyncConnection, *, after: int = 0, limit: int = 100, waiting_only: bool = True
) -> list[Listed]:
    """Dead letters by id, one page."""
    result = await connection.execute(_LIST, {"after": after, "limit": limit, "all": not waiting_only})
    return [Listed(*row) for row in result]


_LIST = text(
    f"SELECT {_COLUMNS} FROM dead_letters WHERE id > :after AND (:all OR replayed_at IS NULL)"  # noqa: S608
    " ORDER BY id LIMIT :limit"
)


async def one(connection: AsyncConnection, ident: int) -> Listed | None:
    """A dead letter by its number."""
    found = await listed(connection, after=ident - 1, limit=1, waiting_only=False)
    return found[0] if found and found[0].id == ident else None


async def count(connection: AsyncConnection) -> int:
    """How many wait, as far as a page would say."""
    return int((await connection.execute(_COUNT)).scalar_one())


_COUNT = text("SELECT count(*) FROM (SELECT FROM dead_letters WHERE replayed_at IS NULL LIMIT 1000) few")


async def sizes(connection: AsyncConnection, letters: Sequence[Listed]) -> dict[int, int]:
    """How many bytes some letters have, sealed, by their number; only the vault's role can see."""
    given = {"streams": [one.stream for one in letters], "seqs": [one.stream_seq for one in letters]}
    rows = await connection.execute(_SIZES, {**given, "ids": [one.id for one in letters]})
    return {ident: size for ident, size in rows}  # noqa: C416  # rows are no tuples to mypy


_SIZES = text(
    "SELECT k.id, octet_length(b.body) FROM unnest(CAST(:ids AS bigint[]), CAST(:streams AS text[]),"
    " CAST(:seqs AS bigint[])) AS k(id, stream, seq)"
    " JOIN vault.dead_bodies b ON b.stream = k.stream AND b.stream_seq = k.seq"
)


async def of_event(connection: AsyncConnection, source: str, event_id: str) -> Listed | None:
    """The dead letter that an event became and that nobody re-played since."""
    row = (await connection.execute(_EVENT, {"source": source, "event_id": event_id})).first()
    return Listed(*row) if row else None


_EVENT = text(
    f"SELECT {_COLUMNS} FROM dead_letters WHERE source = :source AND event_id = :event_id"  # noqa: S608
    " AND replayed_at IS NULL ORDER BY id DESC LIMIT 1"
)


async def exhume(connection: AsyncConnection, seal: Seal, stream: str, stream_seq: int) -> Message | None:
    """The whole message again; only the vault's role can read it."""
    row = (await connection.execute(_EXHUME, {"stream": stream, "stream_seq": stream_seq})).first()
    return _unpack(seal.open(Sealed(bytes(row[0]), bytes(row[1])))) if row else None


_EXHUME = text("SELECT key, body FROM vault.dead_bodies WHERE stream = :stream AND stream_seq = :stream_seq")


async def mark_replayed(connection: AsyncConnection, ident: int, at: datetime) -> None:
    """Say when a letter was sent again."""
    await connection.execute(_MARK, {"id": ident, "at": at})


_MARK = text("UPDATE dead_letters SET replayed_at = :at WHERE id = :id")


async def attempt(connection: AsyncConnection, stream: str, stream_seq: int, at: datetime) -> int:
    """Count a try at a message that was delivered often; committed before the try, so that a message which
    kills the process is counted too."""
    row = await connection.execute(_ATTEMPT, {"stream": stream, "stream_seq": stream_seq, "at": at})
    return int(row.scalar_one())


_ATTEMPT = text(
    "INSERT INTO suspects (stream, stream_seq, attempts, at) VALUES (:stream, :stream_seq, 1, :at)"
    " ON CONFLICT (stream, stream_seq) DO UPDATE SET attempts = suspects.attempts + 1, at = excluded.at"
    " RETURNING attempts"
)


async def attempts(connection: AsyncConnection, stream: str, seqs: Sequence[int]) -> dict[int, int]:
    """How often some messages were tried alone; absent = never."""
    result = await connection.execute(_ATTEMPTS, {"stream": stream, "seqs": list(seqs)})
    return {row[0]: row[1] for row in result}


_ATTEMPTS = text("SELECT stream_seq, attempts FROM suspects WHERE stream = :stream AND stream_seq = ANY(:seqs)")


async def forgive(connection: AsyncConnection, stream: str, stream_seq: int) -> None:
    """Take back a counted try that failed for somebody else's reason."""
    await connection.execute(_FORGIVE, {"stream": stream, "stream_seq": stream_seq})


_FORGIVE = text(
    "UPDATE suspects SET attempts = attempts - 1 WHERE stream = :stream AND stream_seq = :stream_seq AND attempts > 0"
)
