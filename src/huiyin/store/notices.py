"""What respondents are told (告知): which document is for which post, by day; the words are in the vault."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from hashlib import sha256

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.store.database import Driver

COLUMNS = ("id", "post_code", "ref", "day")

Row = tuple[str, str, str, date]
_BEIJING = timezone(timedelta(hours=8))


class Notice(Struct, frozen=True):
    """One document; `day` and nothing finer, so that nobody tells by the hour who complained (A9)."""

    id: str
    ref: str
    day: date


def row(post_code: str, ref: str, at: datetime) -> Row:
    """The id says nothing of the ticket: `ref` ends in a random part that only the vault and the log hold."""
    return sha256(ref.encode()).hexdigest()[:12], post_code, ref, at.astimezone(_BEIJING).date()


async def write(connection: Driver, rows: Sequence[Row]) -> None:
    """Released documents; only the desk calls this (a law test looks)."""
    if rows:
        await connection.copy_records_to_table("notices", columns=COLUMNS, records=rows)


async def page(
    connection: AsyncConnection, post_code: str, before: tuple[date, str] | None, limit: int
) -> list[Notice]:
    """A post's documents, newest day first, after the one that `before` names."""
    day, ident = before or (date.max, "")
    values = {"post": post_code, "day": day, "id": ident, "limit": limit}
    return [Notice(*found) for found in await connection.execute(_PAGE, values)]


_PAGE = text(
    "SELECT id, ref, day FROM notices WHERE post_code = :post"
    " AND (day, id) < (CAST(:day AS date), :id) ORDER BY day DESC, id DESC LIMIT :limit"
)
