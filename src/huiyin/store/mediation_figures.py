"""What the mediations of some committees come to (调解统计): sums of what is folded, never of a restricted file."""

from collections.abc import Sequence
from datetime import date, datetime

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.mediation.shares import Share
from huiyin.store.committees import Key


class Figures(Struct, frozen=True):
    """Accepted mediations alike; the shares are those of `core.mediation.shares`, `days` the median from acceptance
    to effect or end."""

    accepted: int = 0
    success: Share = Share(0, 0)
    performance: Share = Share(0, 0)
    confirmation: Share = Share(0, 0)
    days: float | None = None


class Told(Struct, frozen=True):
    """All of them together, by committee, by matter ("A", the group of the catalogue), by month; `restricted` are
    counted and nothing else is told of them."""

    whole: Figures
    committees: dict[Key, Figures]
    matters: dict[str, Figures]
    months: dict[date, Figures]
    restricted: int


async def of(
    connection: AsyncConnection, committees: Sequence[Key], since: datetime, until: datetime, at: datetime
) -> Told:
    """Of what was accepted from `since` on and before `until`; whatever became of it by `at` counts for these days."""
    given = {"codes": [code for code, _ in committees], "kinds": [kind for _, kind in committees]}
    moments = {"since": since, "until": until, "at": at}
    told = Told(Figures(), {}, {}, {}, 0)
    for by, committee, kind, matter, month, *sums in await connection.execute(_SUMS, {**given, **moments}):
        found = _figures(sums)
        match by:
            case "whole":
                told = Told(found, told.committees, told.matters, told.months, told.restricted)
            case "committee":
                told.committees[committee, kind] = found
            case "matter":
                told.matters[matter] = found
            case "month":
                told.months[month] = found
            case _:
                told = Told(told.whole, told.committees, told.matters, told.months, int(sums[0]))
    return told


def _figures(sums: Sequence[object]) -> Figures:
    accepted, agreed, ended, performed, due, confirmed = (int(str(one or 0)) for one in sums[:6])
    days = float(str(sums[6])) if sums[6] is not None else None
    shares = Share(agreed, agreed + ended), Share(performed, due), Share(confirmed, agreed)
    return Figures(accepted, *shares, days)


# An item whose day has not come is not due yet; only a case in effect still has such limits.
_SUMS = text(
    """
WITH here AS MATERIALIZED (
    SELECT m.*, left(category, 1) AS matter,
        (date_trunc('month', accepted_at AT TIME ZONE 'Asia/Shanghai'))::date AS month
    FROM unnest(CAST(:codes AS text[]), CAST(:kinds AS text[])) one (code, sort)
    JOIN mediations m ON m.committee = one.code AND m.kind = one.sort
    WHERE accepted_at >= :since AND accepted_at < :until
),
waiting AS (
    SELECT number, count(*) AS items FROM here JOIN mediation_duties d USING (number)
    WHERE state = 'effective' AND d.duty = 'perform' AND d.level = 0 AND d.due_at > :at GROUP BY number
)
SELECT CASE grouping(committee, matter, month) WHEN 7 THEN 'whole' WHEN 3 THEN 'committee' WHEN 5 THEN 'matter'
    ELSE 'month' END, committee, kind, matter, month, count(*), count(effective_at), count(ended_at),
    sum(performed) FILTER (WHERE effective_at IS NOT NULL),
    sum(owed - coalesce(items, 0)) FILTER (WHERE effective_at IS NOT NULL),
    count(*) FILTER (WHERE confirmation = 'confirmed' AND effective_at IS NOT NULL),
    percentile_cont(0.5) WITHIN GROUP
        (ORDER BY extract(epoch FROM coalesce(effective_at, ended_at) - accepted_at) / 86400)
FROM here LEFT JOIN waiting USING (number) WHERE NOT restricted
GROUP BY GROUPING SETS ((), (committee, kind), (matter), (month))
UNION ALL
SELECT 'restricted', NULL, NULL, NULL, NULL, count(*), 0, 0, 0, 0, 0, NULL FROM here WHERE restricted
"""
)
