"""How things stand now (此刻在办): what is open by rung, grid and matter; what climbed since; under one's own sight."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.store.sights import Sight, closed, either, openings, values


class Group(Struct, frozen=True):
    """Open tickets of one rung ("" the sorting desk), one grid, or one matter in one grid; `fresh` came lately."""

    key: str
    category: str
    open: int
    late: int
    fresh: int


class Now(Struct, frozen=True):
    """All that is open in somebody's sight: the same rows as a list of them has."""

    open: int
    late: int
    supervised: int
    sorting: int
    urgent: int
    rungs: tuple[Group, ...]
    grids: tuple[Group, ...]
    hot: tuple[Group, ...]  # of which at least `hot` came since `fresh`, most first


async def now(
    connection: AsyncConnection, sight: Sight, community: str | None, *, at: datetime, fresh: datetime, hot: int
) -> Now:
    """One reading of what is open; narrowed to a community as lists are."""
    given: dict[str, Any] = {**values(sight), "at": at, "fresh": fresh, "hot": hot}
    narrow = ""
    if community is not None:
        narrow, given["community"] = " AND community_code = :community", community
    ways = " UNION ALL ".join(_WAY.format(way=way + narrow) for way in openings(sight))
    rows = (await connection.execute(text(_NOW.format(ways=ways, rest=closed(sight))), given)).all()
    groups: dict[str, list[Group]] = {"rung": [], "grid": [], "hot": []}
    whole: Sequence[Any] = (0, 0, 0, 0, 0)
    for kind, key, category, *counts in rows:
        if kind == "whole":
            whole = counts[:-1]
        else:
            groups[kind].append(Group(key or "", category or "", counts[0], counts[1], counts[-1]))
    is_open, late, supervised, sorting, urgent = whole
    rungs, grids, matters = (tuple(groups[kind]) for kind in ("rung", "grid", "hot"))
    return Now(is_open, late, supervised, sorting, urgent, rungs, grids, matters)


_WAY = """(SELECT number, about, street_code, community_code, estate_code, building_code, rung, grid_code, category,
    due_at, supervised, state, urgency, filed_at FROM tickets WHERE closed_at IS NULL AND {way})"""
_NOW = """
WITH here AS MATERIALIZED ({ways}),
seen AS (SELECT *, due_at < :at AS late, filed_at >= :fresh AS fresh FROM here WHERE true{rest}),
sums AS (
    SELECT rung, grid_code, category, grouping(rung, grid_code, category) AS kind, count(*) AS count,
        count(*) FILTER (WHERE late) AS late, count(*) FILTER (WHERE supervised IS NOT NULL) AS supervised,
        count(*) FILTER (WHERE state = 'sorting') AS sorting,
        count(*) FILTER (WHERE urgency = 'emergency') AS urgent, count(*) FILTER (WHERE fresh) AS fresh
    FROM seen GROUP BY GROUPING SETS ((), (rung), (grid_code), (grid_code, category))
)
SELECT CASE kind WHEN 7 THEN 'whole' WHEN 3 THEN 'rung' WHEN 5 THEN 'grid' ELSE 'hot' END,
    CASE kind WHEN 3 THEN rung ELSE grid_code END, category, count, late, supervised, sorting, urgent, fresh
FROM sums WHERE kind > 4 OR kind = 3 OR (fresh >= :hot AND grid_code IS NOT NULL) ORDER BY fresh DESC, 2, 3
"""


class Climb(Struct, frozen=True):
    """A ticket that climbed: when, to which rung, why; where it stands and what it is about."""

    number: str
    at: datetime
    rung: str
    why: str
    category: str
    estate: str | None


async def climbed(
    connection: AsyncConnection, sight: Sight, place: str, *, since: datetime, day: date, limit: int
) -> list[Climb]:
    """What climbed in a place (`street:…`, `community:…`) since a moment, newest first; `day` is that moment's."""
    kind, _, code = place.partition(":")
    given = {**values(sight), "place_code": code, "since": since, "day": day, "limit": limit}
    query = _CLIMBED.format(place="true" if kind == "all" else f"c.{kind} = :place_code", sight=either(sight))
    return [Climb(*row) for row in await connection.execute(text(query), given)]


_CLIMBED = """
SELECT c.number, l.at, c.rung, c.said, t.category, t.estate_code
FROM counted c JOIN log l ON l.noun = 'ticket' AND l.id = c.number AND l.version = c.version
JOIN (SELECT number, category, estate_code FROM tickets WHERE {sight}) t ON t.number = c.number
WHERE c.metric = 'climbed' AND c.day >= :day AND {place} AND l.at >= :since
ORDER BY l.at DESC, c.number DESC LIMIT :limit
"""
