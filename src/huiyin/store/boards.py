"""What a community's public board counts (公开栏): sums of two stretches of days, and what is open now."""

from datetime import date

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

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


async def open_now(connection: AsyncConnection, community: str) -> dict[str, int]:
    """How many are open, by kind of matter."""
    rows = await connection.execute(_OPEN, {"community": community})
    return {str(topic): int(count) for topic, count in rows}


_OPEN = text(
    "SELECT left(category, 1), count(*) FROM tickets WHERE community_code = :community AND closed_at IS NULL GROUP BY 1"
)
