"""Complaints that came over HTTP and wait in the vault for the relay to put them on the stream."""

from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.store.log import Cursor
from huiyin.store.vault import Sealed


class Waiting(Struct, frozen=True):
    """One sealed CloudEvent; opened by the vault's role only."""

    cursor: Cursor
    event_id: str
    sealed: Sealed


async def first(connection: AsyncConnection, limit: int, lane: int = 0) -> list[Waiting]:
    """The oldest of a lane in (xid, seq) order, none that an older transaction may still overtake."""
    result = await connection.execute(_FIRST, {"limit": limit, "lane": lane})
    return [
        Waiting(Cursor(int(xid), seq), event_id, Sealed(bytes(key), bytes(body)))
        for xid, seq, event_id, key, body in result
    ]


_FIRST = text(
    "SELECT xid::text, seq, event_id, key, body FROM vault.waiting"
    " WHERE lane = :lane AND xid < pg_snapshot_xmin(pg_current_snapshot())"
    " ORDER BY waiting.xid, waiting.seq LIMIT :limit"
)


async def gone(connection: AsyncConnection, sent: Sequence[Waiting]) -> None:
    """They are on the stream now; the words live on in the dossiers only."""
    cursors = [item.cursor for item in sent]
    xids, seqs = [str(cursor.xid) for cursor in cursors], [cursor.seq for cursor in cursors]
    await connection.execute(_GONE, {"xids": xids, "seqs": seqs})


_GONE = text(
    "DELETE FROM vault.waiting w USING unnest(CAST(:xids AS text[]), CAST(:seqs AS bigint[])) AS k(xid, seq)"
    " WHERE w.xid = CAST(k.xid AS xid8) AND w.seq = k.seq"
)
