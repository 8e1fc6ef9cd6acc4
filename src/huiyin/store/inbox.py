"""The inbox: one row a cause, unique for ever; what makes a repeat a repeat."""

from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.store.database import Driver

COLUMNS = ("source", "event_id", "stream_seq", "noun", "id", "receipt", "refused", "at")

Row = tuple[str, str, int | None, str, str, int | None, str | None, datetime]


async def remember(connection: Driver, made: Sequence[Row]) -> None:
    """Write causes; raises UniqueViolationError where one is known (constraint inbox_pkey) or where two
    receipts met (inbox_receipt). Sorted, so that two writers of the same causes never deadlock."""
    if made:
        ordered: list[Row] = sorted(made, key=itemgetter(0, 1))
        await connection.copy_records_to_table("inbox", columns=COLUMNS, records=ordered)


async def known(
    connection: AsyncConnection, causes: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], tuple[str, int | None, str | None]]:
    """What some causes became: (id, receipt, refusal code), by (source, event id)."""
    if not causes:
        return {}
    sources, ids = zip(*causes, strict=True)
    result = await connection.execute(_KNOWN, {"sources": list(sources), "ids": list(ids)})
    return {(source, event): (ident, receipt, refused) for source, event, ident, receipt, refused in result}


_KNOWN = text(
    "SELECT i.source, i.event_id, i.id, i.receipt, i.refused FROM inbox i"
    " JOIN unnest(CAST(:sources AS text[]), CAST(:ids AS text[])) AS k(source, event_id)"
    " USING (source, event_id)"
)


async def by_receipt(connection: AsyncConnection, receipt: int) -> tuple[str, str, str] | None:
    """(source, event id, ticket number) of a receipt, or None."""
    row = (await connection.execute(_RECEIPT, {"receipt": receipt})).first()
    return (row[0], row[1], row[2]) if row else None


_RECEIPT = text("SELECT source, event_id, id FROM inbox WHERE receipt = :receipt")


async def next_seq(connection: AsyncConnection) -> int:
    """The first sequence of the intake stream that no cause, dead letter or try has named yet."""
    return int((await connection.execute(_NEXT)).scalar_one())


_NEXT = text(
    "SELECT 1 + greatest((SELECT coalesce(max(stream_seq), 0) FROM inbox),"
    " (SELECT coalesce(max(stream_seq), 0) FROM dead_letters), (SELECT coalesce(max(stream_seq), 0) FROM suspects))"
)
