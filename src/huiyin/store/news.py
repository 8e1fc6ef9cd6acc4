"""Whether something happened to a complaint since somebody looked (有新进展): one look at three indexes."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


async def mark(connection: AsyncConnection, receipt: int) -> str | None:
    """Another one whenever the complaint's ticket, or the one that it was merged into, has another step; "0" while it
    is on its way, None for a receipt that nobody has."""
    found: str | None = (await connection.execute(_MARK, {"receipt": receipt})).scalar()
    return found


_MARK = text(
    """
    WITH known AS (
        SELECT i.id FROM doorstep d LEFT JOIN inbox i ON i.source = d.source AND i.event_id = d.event_id
        WHERE d.receipt = :receipt
        UNION ALL
        SELECT i.id FROM inbox i WHERE i.receipt = :receipt
        LIMIT 1
    )
    SELECT concat(coalesce(t.version, 0), '.' || l.version) FROM known
    LEFT JOIN tickets t ON t.number = known.id LEFT JOIN tickets l ON l.number = t.lead
    """
)
