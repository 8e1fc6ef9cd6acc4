"""How many complain of the same (同类诉求), as a round figure only, whatever the size of the city."""

from datetime import datetime

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

# So many at least. Fewer than three might be somebody one knows. A figure that grew by one would tell whoever is
# complained about, and asks again and again, in which minute somebody complained.
STEPS = (3, 5, 10, 20, 50, 100)
LATEST = 500  # of an estate's open tickets


class Alike(Struct, frozen=True):
    """How many households at least complain of the same in a building, and in its whole estate: one of STEPS, or 0."""

    building: int
    estate: int


async def open_alike(
    connection: AsyncConnection, estate: str, building: str | None, category: str, since: datetime
) -> Alike:
    """Households (else persons, else complaints) with an open ticket of a category among an estate's latest."""
    values = {"estate": estate, "building": building, "category": category, "since": since, "latest": LATEST}
    here, around = (await connection.execute(_ALIKE, values)).one()
    return Alike(_at_least(here), _at_least(around))


def _at_least(count: int) -> int:
    return max((step for step in STEPS if step <= count), default=0)


_ALIKE = text(
    "SELECT count(DISTINCT who) FILTER (WHERE building_code = :building), count(DISTINCT who) FROM ("
    " SELECT l.building_code, coalesce(encode(d.household, 'hex'), encode(d.person, 'hex'), l.number) AS who FROM ("
    "  SELECT number, category, building_code FROM tickets WHERE closed_at IS NULL AND estate_code = :estate"
    "  AND filed_at > :since ORDER BY filed_at DESC LIMIT :latest) AS l"
    " LEFT JOIN vault.dossiers d ON d.ref = l.number || '/1' WHERE l.category = :category) AS alike"
)
