"""What whistles of some days come to (哨单统计): grouped facts for `core.whistle.rates`, less what is hidden."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.whistle.commands import Kind
from huiyin.core.whistle.rates import Blown, Facts, Mean
from huiyin.store.sights import Sight, either, values
from huiyin.store.whistle_lists import SCOPES


class Told(Struct, frozen=True):
    """Facts about departments, kind by kind, rulings on their objections (post → upheld → how many), facts about who
    blew."""

    lines: list[tuple[Kind, Facts]]
    rulings: Mapping[str, Mapping[bool, int]]
    blown: list[Blown]


class Days(Struct, frozen=True):
    """Whistles that were blown from `since` on and before `until`; whatever becomes of them counts for these days."""

    since: datetime
    until: datetime


async def of_place(
    connection: AsyncConnection, sight: Sight, days: Days, coming: Collection[str], place: str = "", by: str = "blower"
) -> Told:
    """All that somebody may see, narrowed to a place (`street:…`, `community:…`). `coming` are the kinds for which
    departments must come; `by` is what blown whistles are told apart by, blower or street_code."""
    kind, _, code = place.partition(":")
    narrow = f" AND w.{kind}_code = :place" if place else ""
    given = {**values(sight), "since": days.since, "until": days.until, "place": code}
    query = _OF_PLACE.format(
        scope=SCOPES.get(sight.kind, "false") + narrow, sight=either(sight), by=_KEYS[by], lines=_LINES, rulings=_RULED
    )
    return _told((await connection.execute(text(query), given)).all(), coming)


_KEYS = {"blower": "blower", "street_code": "street_code"}


async def of_department(connection: AsyncConnection, post: str, days: Days, coming: Collection[str]) -> Told:
    """What one department may know of itself, wherever it was called."""
    given = {"since": days.since, "until": days.until, "post": post}
    query = _OWN.format(lines=_LINES, rulings=_RULED)
    return _told((await connection.execute(text(query), given)).all(), coming)


# Tickets that are kept from who asks take their whistles along, out of every sum; asked once for all of them.
_OF_PLACE = """
WITH days AS MATERIALIZED (
    SELECT w.* FROM whistles w WHERE w.blown_at >= :since AND w.blown_at < :until AND {scope}
),
kept AS (
    SELECT t.number FROM days JOIN whistle_tickets t USING (number)
    WHERE NOT EXISTS (SELECT FROM tickets WHERE tickets.number = t.ticket AND {sight})
),
here AS MATERIALIZED (
    SELECT *, {by} AS key, state = 'confirmed' OR outcome IN ('rated', 'unrated') AS confirmed FROM days
    WHERE number NOT IN (SELECT number FROM kept)
),
calls AS (SELECT * FROM whistle_lines)
{lines} UNION ALL {rulings} UNION ALL
SELECT 'blown', key, ARRAY[outcome, (called_at IS NOT NULL)::text, confirmed::text, (returned > 0)::text,
    (level > 0)::text, justified, solved], count(*), ARRAY[sum(score), count(score)]
FROM here GROUP BY key, outcome, called_at IS NOT NULL, confirmed, returned > 0, level > 0, justified, solved
"""
_OWN = """
WITH calls AS MATERIALIZED (SELECT * FROM whistle_lines WHERE post_code = :post AND called_at >= :since),
here AS MATERIALIZED (
    SELECT w.*, w.state = 'confirmed' OR w.outcome IN ('rated', 'unrated') AS confirmed
    FROM calls JOIN whistles w USING (number) WHERE w.blown_at >= :since AND w.blown_at < :until
)
{lines} UNION ALL
SELECT * FROM (
    WITH here AS (SELECT number FROM whistles WHERE blown_at >= :since AND blown_at < :until) {rulings}
) own (what, key, facts, count, sums) WHERE own.key = :post
"""
_LINES = """
SELECT 'line', l.post_code, ARRAY[h.kind, l.lead::text, l.stage, l.on_site, l.late, h.confirmed::text,
    (h.returned > 0)::text], count(*), ARRAY[sum(l.response), count(l.response), sum(l.arrival), count(l.arrival),
    sum(l.quality), count(l.quality), sum(l.cooperation), count(l.cooperation)]
FROM here h JOIN calls l USING (number)
GROUP BY l.post_code, h.kind, l.lead, l.stage, l.on_site, l.late, h.confirmed, h.returned > 0
"""
_RULED = """
SELECT 'ruled', rule ->> 'post', ARRAY[rule ->> 'upheld'], count(*), '{{}}'::bigint[] FROM (
    SELECT convert_from(log.body, 'UTF8')::jsonb -> 'data' AS rule FROM log JOIN here ON log.id = here.number
    WHERE log.noun = 'whistle' AND log.step = 'whistle.objection_ruled.v1'
) r WHERE rule ->> 'reason' <> 'recused' GROUP BY 2, 3
"""
_RULED = _RULED.format()  # both queries are filled once more


def _told(rows: Sequence[Any], coming: Collection[str]) -> Told:
    told = Told([], {}, [])
    rulings: dict[str, dict[bool, int]] = {}
    for what, key, facts, count, sums in rows:
        if what == "line":
            told.lines.append((facts[0], _facts(key, facts, count, sums, coming)))
        elif what == "ruled":
            rulings.setdefault(key, {})[facts[0] == "true"] = count
        else:
            told.blown.append(_blown(key, facts, count, sums))
    return Told(told.lines, rulings, told.blown)


def _facts(post: str, facts: Sequence[Any], count: int, sums: Sequence[int | None], coming: Collection[str]) -> Facts:
    kind, lead, stage, on_site, late, confirmed, returned = facts
    scores = tuple(Mean(int(sums[n] or 0), int(sums[n + 1] or 0)) for n in range(0, 8, 2))
    ran_out = frozenset((late or "").split())
    yes = (confirmed == "true", returned == "true")
    return Facts(post, lead == "true", stage, on_site, ran_out, kind in coming, *yes, count, scores)  # type: ignore[arg-type]


def _blown(key: str, facts: Sequence[Any], count: int, sums: Sequence[int | None]) -> Blown:
    outcome, called, confirmed, returned, late, justified, solved = facts
    yes = (called == "true", confirmed == "true", returned == "true", int(late == "true"))
    return Blown(key, outcome, *yes, justified, solved, count, Mean(int(sums[0] or 0), int(sums[1] or 0)))


# -- the others -------------------------------------------------------------------------------------------


async def by_street(connection: AsyncConnection, days: Days) -> dict[str, int]:
    """How many whistles each street blew, whoever may see which; for the comparison with the others alone."""
    rows = await connection.execute(_BY_STREET, {"since": days.since, "until": days.until})
    return {str(street): int(count) for street, count in rows}


_BY_STREET = text(
    "SELECT street_code, count(*) FROM whistles WHERE blown_at >= :since AND blown_at < :until GROUP BY street_code"
)


async def filed_by_street(
    connection: AsyncConnection,
    streets: Sequence[str],
    since: date,
    until: date,
    without: Sequence[str] = (),
    kept: Sequence[str] = (),
) -> dict[str, int]:
    """How many tickets were filed in each of some streets, from one day to another, both in it; of none: absent.
    Complaints about `without` and the tickets `kept` do not count."""
    places = [f"street:{code}" for code in streets]
    given = {"places": places, "since": since, "until": until, "without": list(without), "kept": list(kept)}
    rows = await connection.execute(_FILED, given)
    return {place.partition(":")[2]: int(count) for place, count in rows if count}


_FILED = text(
    """
SELECT p.place, coalesce(t.count, 0) - coalesce(k.count, 0) FROM unnest(CAST(:places AS text[])) p (place)
CROSS JOIN LATERAL (
    SELECT sum(count)::bigint AS count FROM tallies WHERE place = p.place AND metric = 'filed' AND by = ''
    AND day BETWEEN :since AND :until AND about <> ALL(CAST(:without AS text[]))
) t
LEFT JOIN (
    SELECT 'street:' || street AS place, count(*) AS count FROM counted WHERE number = ANY(CAST(:kept AS text[]))
    AND metric = 'filed' AND day BETWEEN :since AND :until AND about <> ALL(CAST(:without AS text[])) GROUP BY street
) k ON k.place = p.place
"""
)
