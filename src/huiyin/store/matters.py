"""How many complain of the same (同类诉求), as a figure only and bounded, whatever the size of the city."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

FEWEST = 3  # fewer might be somebody one knows
LATEST = 500  # of an estate's open tickets


async def open_alike(connection: AsyncConnection, estate: str, category: str, since: datetime) -> int:
    """Open tickets of a category among an estate's latest; 0 where there are fewer than FEWEST."""
    values = {"estate": estate, "category": category, "since": since, "latest": LATEST}
    found = int((await connection.execute(_ALIKE, values)).scalar_one())
    return found if found >= FEWEST else 0


_ALIKE = text(
    "SELECT count(*) FROM (SELECT category FROM tickets WHERE closed_at IS NULL AND estate_code = :estate"
    " AND filed_at > :since ORDER BY filed_at DESC LIMIT :latest) AS latest WHERE category = :category"
)
