"""Tallies (统计), read by place and days, less what is hidden from whoever asks; and the rows behind each sum."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.tally import Metric
from huiyin.store.sights import Sight, apart, either, values

By = Literal["", "rung", "topic", "said"]

# What a counted row adds to: each place that it lies in, all together and by each key; a grid all together only.
SPREAD = """
CROSS JOIN LATERAL (
    VALUES ('all', '', 2), ('street:', c.street, 2), ('community:', c.community, 2), ('grid:', c.grid, 1)
) p (kind, code, depth)
CROSS JOIN LATERAL (
    VALUES ('', '', 1), ('rung', c.rung, 2), ('topic', c.topic, 2), ('said', c.said, 2)
) b (by, key, depth)
WHERE b.depth <= p.depth AND (p.kind = 'all' OR p.code <> '') AND (b.by <> 'said' OR b.key <> '')
"""


class Reach(Struct, frozen=True):
    """What is asked about: a place (`all`, `street:…`, `community:…`, `grid:…`) from one day to another, both in it.

    `without`: complaints about these are left out. `sight`: so is whatever else is hidden from somebody, ticket by
    ticket, so that no sum tells what no list shows them."""

    place: str
    since: date
    until: date
    without: tuple[str, ...] = ()
    sight: Sight | None = None
    kept: tuple[str, ...] | None = None  # what `kept` found for the sight; None: it is asked each time


class Sum(Struct, frozen=True):
    """How often, and how many minutes together where the metric has any."""

    count: int = 0
    minutes: int = 0


Wanted = Sequence[tuple[Metric, By]]


async def sums(connection: AsyncConnection, reach: Reach, wanted: Wanted) -> dict[tuple[str, str], dict[str, Sum]]:
    """For each (metric, by) the sum of each key over the days; by "": the key "" alone. Absent: nothing."""
    found: dict[tuple[str, str], dict[str, Sum]] = {asked: {} for asked in wanted}
    for metric, by, key, count, minutes in await _read(connection, reach, wanted, "key"):
        if count:
            found[metric, by][key] = Sum(count, minutes)
    return found


async def daily(connection: AsyncConnection, reach: Reach, metrics: Sequence[Metric]) -> dict[str, dict[date, int]]:
    """For each metric how often on each day; days without anything are absent."""
    found: dict[str, dict[date, int]] = {metric: {} for metric in metrics}
    for metric, _, day, count, _ in await _read(connection, reach, [(metric, "") for metric in metrics], "day"):
        if count:
            found[metric][day] = count
    return found


async def _read(connection: AsyncConnection, reach: Reach, wanted: Wanted, each: str) -> Sequence[Any]:
    less, given = "", _given(reach)
    hidden = await kept(connection, reach.sight) if reach.kept is None and reach.sight else reach.kept
    if hidden:
        less, given["kept"] = _LESS.format(each=each, spread=SPREAD), list(hidden)
    given |= {"metrics": [metric for metric, _ in wanted], "bys": [by for _, by in wanted]}
    return (await connection.execute(text(_READ.format(each=each, less=less)), given)).all()


async def kept(connection: AsyncConnection, sight: Sight) -> tuple[str, ...]:
    """The tickets that are kept from somebody one by one: few, and for most nobody's; asked once for many sums."""
    if not (hidden := apart(sight)):
        return ()
    return tuple((await connection.execute(text(hidden), values(sight))).scalars())


def _given(reach: Reach) -> dict[str, Any]:
    given: dict[str, Any] = {"place": reach.place, "without": list(reach.without)}
    return given | {"since": reach.since, "until": reach.until}


# Each (metric, by) is one range of the index; a sight takes away what is counted of the tickets that it hides.
_READ = """
SELECT metric, by, {each}, sum(count)::bigint, sum(minutes)::bigint FROM (
    SELECT w.metric, w.by, t.{each}, t.count, t.minutes
    FROM unnest(CAST(:metrics AS text[]), CAST(:bys AS text[])) w (metric, by)
    CROSS JOIN LATERAL (
        SELECT {each}, sum(count) AS count, sum(minutes) AS minutes FROM tallies
        WHERE place = :place AND metric = w.metric AND by = w.by AND day BETWEEN :since AND :until
        AND about <> ALL(CAST(:without AS text[])) GROUP BY {each}
    ) t
    {less}
) x GROUP BY metric, by, {each} ORDER BY metric, by, {each}
"""
_LESS = """
    UNION ALL
    SELECT c.metric, b.by, {each}, -1, -c.minutes FROM counted c {spread}
    AND p.kind || p.code = :place AND c.day BETWEEN :since AND :until AND c.about <> ALL(CAST(:without AS text[]))
    AND (c.metric, b.by) IN (SELECT * FROM unnest(CAST(:metrics AS text[]), CAST(:bys AS text[])))
    AND c.number = ANY(:kept)
"""


class Place(Struct, frozen=True):
    """Where a page of what was counted begins: after this row."""

    day: date
    number: str
    version: int


class Row(Struct, frozen=True):
    """One thing that was counted."""

    number: str
    version: int
    day: date
    rung: str
    said: str


async def page(
    connection: AsyncConnection,
    reach: Reach,
    metric: Metric,
    by: By,
    key: str,
    *,
    before: Place | None,
    limit: int,
) -> list[Row]:
    """The rows behind a sum, newest first: those whose ticket somebody (the reach's sight) sees now. What has gone to
    another place since is not theirs any more, and not here."""
    assert reach.sight is not None
    kind, _, code = reach.place.partition(":")
    given = _given(reach) | values(reach.sight) | {"metric": metric, "key": key, "limit": limit, "place_code": code}
    where = _ROWS[kind] + ("" if by == "" else f" AND c.{by} = :key")
    if before is not None:
        where += " AND (c.day, c.number, c.version) < (:day, :number, :version)"
        given |= {"day": before.day, "number": before.number, "version": before.version}
    query = _PAGE.format(where=where, sight=either(reach.sight))
    return [Row(*row) for row in await connection.execute(text(query), given)]


_ROWS = {"all": "true", "street": "c.street = :place_code", "community": "c.community = :place_code"}
_PAGE = """
SELECT c.number, c.version, c.day, c.rung, c.said FROM counted c
WHERE c.metric = :metric AND c.day BETWEEN :since AND :until AND {where}
AND c.about <> ALL(CAST(:without AS text[])) AND EXISTS (SELECT FROM tickets WHERE number = c.number AND {sight})
ORDER BY c.day DESC, c.number DESC, c.version DESC LIMIT :limit
"""


async def behind(connection: AsyncConnection) -> datetime | None:
    """When the oldest step was written that is not counted yet; None where all are."""
    found: datetime | None = (await connection.execute(_BEHIND)).scalar()
    return found


_BEHIND = text(
    "SELECT at FROM log WHERE (xid, seq) > (SELECT coalesce(max(xid::text), '0')::xid8, coalesce(max(seq), -1)"
    " FROM cursors WHERE name = 'tallies') ORDER BY xid, seq LIMIT 1"
)
