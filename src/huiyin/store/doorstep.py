"""The doorstep (收件处): complaints that came over HTTP, one row each, their words sealed beside them."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from huiyin.store.database import Driver


class Row(Struct, frozen=True):
    """One complaint to keep: `same` is a keyed hash of its words, `key` and `body` the sealed event."""

    receipt: int
    event_id: str
    same: bytes
    key: bytes
    body: bytes


class Kept(Struct, frozen=True):
    """What lies on the doorstep for an event; `number` once it is a ticket, `again` where it lay there before."""

    receipt: int
    same: bytes
    number: str | None = None
    again: bool = False


async def write(connection: Driver, source: str, rows: Sequence[Row], at: datetime) -> set[str]:
    """Keep rows in one statement, which is one transaction; the event ids that are new.

    Absent ones were kept before, or their receipt belongs to another event. Only `door` calls this."""
    columns = [[getattr(row, name) for row in rows] for name in Row.__struct_fields__]
    return {made[0] for made in await connection.fetch(_WRITE, source, at, *columns)}


_WRITE = """
WITH given AS (
    SELECT * FROM unnest($3::bigint[], $4::text[], $5::bytea[], $6::bytea[], $7::bytea[])
        AS g(receipt, event_id, same, key, body)
), made AS (
    INSERT INTO doorstep (receipt, source, event_id, same, at)
    SELECT g.receipt, $1, g.event_id, g.same, $2 FROM given g
    WHERE NOT EXISTS (SELECT FROM inbox i WHERE i.receipt = g.receipt)
    ON CONFLICT DO NOTHING RETURNING event_id
), sealed AS (
    INSERT INTO vault.waiting (event_id, key, body)
    SELECT g.event_id, g.key, g.body FROM given g JOIN made USING (event_id)
)
SELECT event_id FROM made
"""


async def known(connection: Driver, source: str, event_ids: Sequence[str]) -> dict[str, Kept]:
    """What was kept before, by event id."""
    found = await connection.fetch(_KNOWN, source, list(event_ids))
    return {event: Kept(receipt, bytes(same), number, again=True) for event, receipt, same, number in found}


_KNOWN = """
SELECT d.event_id, d.receipt, d.same, nullif(i.id, '') FROM doorstep d
LEFT JOIN inbox i ON i.source = d.source AND i.event_id = d.event_id
WHERE d.source = $1 AND d.event_id = ANY($2)
"""
