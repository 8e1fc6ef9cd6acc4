"""What a community's public board counts (公开栏): sums of two stretches of days, and what was open when they ended."""

from datetime import date, timedelta

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.calendar import midnight
from huiyin.core.tally import Metric
from huiyin.store.tallies import By, Reach, Sum, sums

_WANTED: list[tuple[Metric, By]] = [
    ("filed", "topic"),
    ("closed", "topic"),
    ("replied", "topic"),
    ("closed", "said"),
    ("contact", "said"),
    ("followed", "said"),
    ("rated", "said"),
]

Sums = dict[str, Sum]


class Counted(Struct, frozen=True):
    """Some days of a community, by kind of matter or by what was said."""

    filed: Sums
    closed: Sums
    replied: Sums
    outcomes: Sums
    contact: Sums
    followed: Sums
    rated: Sums


async def counted(connection: AsyncConnection, community: str, since: date, until: date) -> Counted:
    """One stretch of days, both in it."""
    found = await sums(connection, Reach(f"community:{community}", since, until), _WANTED)
    return Counted(*(found[asked] for asked in _WANTED))


async def open_after(connection: AsyncConnection, community: str, day: date) -> dict[str, int]:
    """How many were open when a day ended, by kind of matter: whatever came since is not told, nor what was closed."""
    end = midnight(day + timedelta(days=1))
    rows = await connection.execute(_OPEN, {"community": community, "end": end, "day": day})
    return {str(topic): int(count) for topic, count in rows}


_OPEN = text(
    "SELECT topic, count(*) FROM ("
    " SELECT number, left(category, 1) AS topic FROM tickets"
    " WHERE community_code = :community AND closed_at IS NULL AND filed_at < :end"
    " UNION SELECT number, left(t.category, 1) FROM counted c JOIN tickets t USING (number)"
    " WHERE c.community = :community AND c.metric = 'closed' AND c.day > :day"
    " AND t.community_code = :community AND t.filed_at < :end) was GROUP BY 1"
)
