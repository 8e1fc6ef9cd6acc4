"""The doorstep (收件处): complaints that came over HTTP, one row each, their words sealed beside them."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from huiyin.store.database import Driver
from huiyin.store.pictures import Kept as Picture


class Row(Struct, frozen=True):
    """One complaint to keep: `same` is a keyed hash of its words, `key` and `body` the sealed event."""

    receipt: int
    event_id: str
    same: bytes
    key: bytes
    body: bytes
    pictures: tuple[Picture, ...] = ()
    lane: int = 0

    @property
    def weight(self) -> int:
        """Bytes of its pictures."""
        return sum(len(one.sealed.body) + len(one.small) for one in self.pictures)


class Kept(Struct, frozen=True):
    """What lies on the doorstep for an event; `number` once it is a ticket, `again` where it lay there before."""

    receipt: int
    same: bytes
    number: str | None = None
    again: bool = False


async def write(connection: Driver, source: str, rows: Sequence[Row], at: datetime) -> set[str]:
    """Keep rows in one statement, which is one transaction; the event ids that are new.

    Absent ones were kept before, or their receipt belongs to another event. Only `door` calls this."""
    columns = [[getattr(row, name) for row in rows] for name in _COLUMNS]
    seen = [
        (row.event_id, one.ref, one.sealed.person, one.sealed.key, one.sealed.body, one.small, one.sealed.digest)
        for row in rows
        for one in row.pictures
    ]
    if not seen:
        return {made[0] for made in await connection.fetch(_WRITE, source, at, *columns)}
    album = [list(column) for column in zip(*seen, strict=True)]
    return {made[0] for made in await connection.fetch(_WRITE_ALL, source, at, *columns, *album)}


_COLUMNS = ("receipt", "event_id", "same", "key", "body", "lane")
_KEEP = """
WITH given AS (
    SELECT * FROM unnest($3::bigint[], $4::text[], $5::bytea[], $6::bytea[], $7::bytea[], $8::smallint[])
        AS g(receipt, event_id, same, key, body, lane)
), made AS (
    INSERT INTO doorstep (receipt, source, event_id, same, at)
    SELECT g.receipt, $1, g.event_id, g.same, $2 FROM given g
    WHERE NOT EXISTS (SELECT FROM inbox i WHERE i.receipt = g.receipt)
    ON CONFLICT DO NOTHING RETURNING event_id
), sealed AS (
    INSERT INTO vault.waiting (event_id, key, body, lane)
    SELECT g.event_id, g.key, g.body, g.lane FROM given g JOIN made USING (event_id)
)"""
_SEEN = """, seen AS (
    INSERT INTO vault.pictures (event_id, ref, person, key, body, small, digest, at)
    SELECT p.*, $2 FROM unnest($9::text[], $10::text[], $11::bytea[], $12::bytea[], $13::bytea[], $14::bytea[],
        $15::text[]) AS p(event_id, ref, person, key, body, small, digest) JOIN made USING (event_id)
)"""
_MADE = "\nSELECT event_id FROM made"
_WRITE, _WRITE_ALL = _KEEP + _MADE, _KEEP + _SEEN + _MADE


async def known(connection: Driver, source: str, event_ids: Sequence[str]) -> dict[str, Kept]:
    """What was kept before, by event id."""
    found = await connection.fetch(_KNOWN, source, list(event_ids))
    return {event: Kept(receipt, bytes(same), number, again=True) for event, receipt, same, number in found}


_KNOWN = """
SELECT d.event_id, d.receipt, d.same, nullif(i.id, '') FROM doorstep d
LEFT JOIN inbox i ON i.source = d.source AND i.event_id = d.event_id
WHERE d.source = $1 AND d.event_id = ANY($2)
"""
