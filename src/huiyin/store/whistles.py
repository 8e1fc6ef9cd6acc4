"""Whistles (吹哨) read back from the log, and their views: who is called, who must do what until when."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.whistle import Step, Whistle, follow
from huiyin.core.whistle.commands import Open
from huiyin.core.whistle.state import Line
from huiyin.core.words import Spot
from huiyin.store.chains import Chains, Part, Row, Views, step_of
from huiyin.store.clocked import Clocked
from huiyin.store.database import Driver
from huiyin.store.tables import whistle as tables

NOUN = "whistle"
CLOCKED = Clocked("whistles")
CHAINS: Chains[Whistle, Step] = Chains(NOUN, step_of(Step), follow, "whistles")
Past = list[tuple[Step, Whistle]]


async def of_tickets(connection: AsyncConnection, tickets: Sequence[str]) -> dict[str, list[tuple[str, datetime]]]:
    """The whistles that were blown for some tickets, each with when; tickets without are absent."""
    found: dict[str, list[tuple[str, datetime]]] = {}
    for ticket, number, blown_at in await connection.execute(_OF_TICKETS, {"tickets": list(tickets)}):
        found.setdefault(ticket, []).append((number, blown_at))
    return found


_OF_TICKETS = text(
    "SELECT t.ticket, t.number, w.blown_at FROM whistle_tickets t JOIN whistles w USING (number)"
    " WHERE t.ticket = ANY(:tickets) ORDER BY t.ticket, t.number"
)


async def numbers(connection: AsyncConnection, count: int) -> list[str]:
    """Fresh numbers of whistles, SH and nine digits; gaps happen and mean nothing."""
    found = await connection.execute(_NUMBERS, {"count": count})
    return [f"SH{value:09d}" for value in found.scalars()]


_NUMBERS = text("SELECT nextval('whistle_number') FROM generate_series(1, :count)")


async def near(connection: Driver, wanted: Sequence[tuple[str, Spot]]) -> list[Open]:
    """The open whistles of the same leaf in the same estate, or grid outside of any, for some (category, place); no two
    transactions look for the same one at once."""
    if not wanted:
        return []
    keys = sorted({(spot.street_code or "", category, spot.estate_code, spot.grid_code) for category, spot in wanted})
    await connection.execute(_TURN, sorted({f"whistle {street} {category}" for street, category, _, _ in keys}))
    rows = await connection.fetch(_NEAR, *map(list, zip(*keys, strict=True)))
    return [Open(row["number"], row["category"], Spot(**{name: row[name] for name in _PLACE})) for row in rows]


def matter(category: str, spot: Spot) -> tuple[str | None, ...]:
    """What two whistles have in common that may be one."""
    return spot.street_code, category, spot.estate_code, None if spot.estate_code else spot.grid_code


_PLACE = ("street_code", "community_code", "estate_code", "grid_code", "building_code")
_TURN = "SELECT pg_advisory_xact_lock(hashtextextended(key, 0)) FROM unnest($1::text[]) AS k(key)"
_NEAR = """
SELECT w.number, w.category, w.street_code, w.community_code, w.estate_code, w.grid_code, w.building_code
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS k(street, category, estate, grid)
CROSS JOIN LATERAL (
    SELECT * FROM whistles WHERE street_code = k.street AND category = k.category AND closed_at IS NULL
    AND (estate_code = k.estate OR k.estate IS NULL AND estate_code IS NULL AND grid_code = k.grid)
    ORDER BY number LIMIT 50
) w ORDER BY w.number
"""


# -- the views --------------------------------------------------------------------------------------------


def _lines(one: Whistle) -> tuple[Row, ...]:
    return tuple(_line(one, line) for line in one.lines)


def _duties(one: Whistle) -> tuple[Row, ...]:
    return tuple((one.number, c.duty, c.post, c.of, c.watch.due.at, c.level) for c in one.clocks)


def _tickets(one: Whistle) -> tuple[Row, ...]:
    return tuple((ticket, one.number) for ticket in one.tickets)


def _row(one: Whistle) -> Row:
    lead, back = one.lead, one.rated_back
    return (
        *(one.number, one.version, one.state, one.kind, one.source, one.category),
        *(getattr(one.spot, name) for name in _PLACE),
        *(one.blower, lead.post if lead else None, len(one.lines), one.approval, one.level, one.returned),
        *((back.justified, back.score) if back else (None, None)),
        one.heard[-1].solved if one.heard else None,
        one.blown_at,
        min((line.called_at for line in one.lines), default=None),
        one.due.at if one.due else None,
        *(one.next_at, one.closed_at, one.outcome, one.provisional),
    )


def _line(one: Whistle, line: Line) -> Row:
    own = sorted((clock for clock in one.clocks if clock.post == line.post), key=lambda clock: clock.watch.due.at)
    rated = next((rating for rating in one.ratings if rating.post == line.post), None)
    return (
        *(one.number, line.post, line.lead, stage(one, line), line.arrived.on_site if line.arrived else None),
        *(line.objection is not None, line.bound),
        " ".join(duty for duty, post in one.late if post == line.post) or None,
        own[0].duty if own else None,
        own[0].watch.due.at if own else None,
        max((clock.level for clock in own), default=0),
        *(line.called_at, one.state != "closed"),
        *((rated.response, rated.arrival, rated.quality, rated.cooperation) if rated else (None,) * 4),
    )


def stage(one: Whistle, line: Line) -> str:
    """How far a department is: called, acknowledged, arrived, planned, answered (who helps), replied (the lead)."""
    reached = (
        ("replied", line.lead and one.reply is not None),
        ("answered", line.answered is not None),
        ("planned", line.planned is not None),
        ("arrived", line.came),
        ("acknowledged", bool(line.person)),
    )
    return next((name for name, there in reached if there), "called")


VIEWS: Views[Whistle] = Views(
    tables.whistles,
    _row,
    (
        Part(tables.lines, lambda one: (one.lines, one.clocks, one.ratings, one.reply, one.late, one.state), _lines),
        Part(tables.duties, lambda one: one.clocks, _duties),
        Part(tables.tickets, lambda one: one.tickets, _tickets),
    ),
)


async def write(connection: Driver, changed: Sequence[tuple[Whistle | None, Whistle]]) -> None:
    """The views' rows of some whistles. Only the whistle's desk calls this (a law test looks)."""
    await VIEWS.write(connection, changed)
