"""What became of events: a ticket in a grid, in a community, with the manual sorters, or a dead letter."""

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

Cause = tuple[str, str]
End = Literal["placed_grid", "placed_community", "manual", "merged", "refused", "dead_lettered"]


async def ends(connection: AsyncConnection, causes: Sequence[Cause]) -> dict[Cause, End]:
    """Where some events (source, id) ended; those still on their way are absent. One statement.

    A ticket beats an older dead letter of the same event; a dead letter that was re-played does not count.
    """
    if not causes:
        return {}
    sources, ids = zip(*causes, strict=True)
    result = await connection.execute(_ENDS, {"sources": list(sources), "ids": list(ids)})
    return {(source, ident): end for source, ident, end in result}


_ENDS = text(
    """
    WITH k AS (
        SELECT DISTINCT source, event_id
        FROM unnest(CAST(:sources AS text[]), CAST(:ids AS text[])) AS u(source, event_id)
    ), found AS (
        SELECT k.source, k.event_id,
            CASE WHEN t.number IS NULL THEN 'refused'
                 WHEN t.outcome = 'merged' THEN 'merged'
                 WHEN t.grid_code IS NOT NULL THEN 'placed_grid'
                 WHEN t.community_code IS NOT NULL THEN 'placed_community'
                 ELSE 'manual' END AS ended
        FROM k JOIN inbox i USING (source, event_id) LEFT JOIN tickets t ON t.number = i.id
    )
    SELECT source, event_id, ended FROM found
    UNION ALL
    SELECT DISTINCT k.source, k.event_id, 'dead_lettered' FROM k
    JOIN dead_letters d USING (source, event_id)
    WHERE d.replayed_at IS NULL
      AND NOT EXISTS (SELECT FROM inbox i WHERE i.source = k.source AND i.event_id = k.event_id)
    """
)
