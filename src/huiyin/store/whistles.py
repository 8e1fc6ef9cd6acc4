"""Whistles (吹哨) read back from the log, and their views: who is called, who must do what until when."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.whistle import Step, Whistle, follow
from huiyin.core.whistle.commands import Open
from huiyin.core.whistle.state import Line
from huiyin.core.words import Spot
from huiyin.store import log
from huiyin.store.clocked import Clocked
from huiyin.store.database import Driver, driver
from huiyin.store.tables import whistle as tables

NOUN = "whistle"
CLOCKED = Clocked("whistles")
Row = tuple[Any, ...]


class _StepLeaf(Struct, frozen=True):
    data: Step


_step: Callable[[bytes], _StepLeaf] = msgspec.json.Decoder(_StepLeaf).decode


def fold(bodies: Sequence[bytes]) -> Whistle:
    """A whistle from its leaves; raises ValueError for none."""
    if not bodies:
        raise ValueError("no steps")
    *_, (_, whistle) = _walk(bodies)
    return whistle


async def load(connection: AsyncConnection, numbers: Sequence[str]) -> dict[str, tuple[Whistle, log.Head]]:
    """Whistles and the ends of their chains, from the log; unknown numbers are absent."""
    found = await log.whole(await driver(connection), NOUN, numbers)
    return {number: (fold(leaves), head) for number, (leaves, head) in found.items()}


Past = list[tuple[Step, Whistle]]


async def past(connection: AsyncConnection, numbers: Sequence[str]) -> dict[str, Past]:
    """Every step of some whistles, each with the whistle as it left it; unknown numbers are absent."""
    found = await log.whole(await driver(connection), NOUN, numbers)
    return {number: list(_walk(leaves)) for number, (leaves, _) in found.items()}


def _walk(bodies: Sequence[bytes]) -> Iterator[tuple[Step, Whistle]]:
    whistle: Whistle | None = None
    for body in bodies:
        step = _step(body).data
        whistle = follow(whistle, step)
        yield step, whistle


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


async def locked(connection: AsyncConnection, numbers: Sequence[str]) -> dict[str, tuple[Whistle, log.Head]]:
    """The same, nobody else's until the transaction ends."""
    await connection.execute(_LOCK, {"numbers": sorted(numbers)})
    return await load(connection, numbers)


_LOCK = text("SELECT number FROM whistles WHERE number = ANY(:numbers) ORDER BY number FOR UPDATE")


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


class Kept(Struct, frozen=True):
    """All rows of one whistle; in the order of the tables' columns."""

    row: Row
    lines: tuple[Row, ...]
    duties: tuple[Row, ...]
    tickets: tuple[Row, ...]


def kept(one: Whistle) -> Kept:
    """What a whistle is in the views."""
    return Kept(_row(one), _lines(one), _duties(one), _tickets(one))


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


async def rows(connection: AsyncConnection, numbers: Sequence[str]) -> dict[str, Kept]:
    """What the views have of some whistles, each named; an empty `row` where it has none."""
    found: list[dict[str, list[Row]]] = []
    for table in _ALL:
        wanted = table.select().where(table.c.number.in_(numbers)).order_by(*table.primary_key)
        mine: dict[str, list[Row]] = {}
        for row in await connection.execute(wanted):
            mine.setdefault(row.number, []).append(tuple(row))
        found.append(mine)
    whole, *parts = found
    return {one: Kept(whole.get(one, [()])[0], *(tuple(part.get(one, ())) for part in parts)) for one in numbers}


async def write(connection: Driver, changed: Sequence[tuple[Whistle | None, Whistle]]) -> None:
    """The views' rows of some whistles, as each was (None: nothing yet) and as it is; a part that is as it was stays.
    Only the whistle's desk calls this (a law test looks)."""
    if not changed:
        return
    rows = [_row(after) for _, after in changed]
    await connection.execute(_UPSERT, *map(list, zip(*rows, strict=True)))
    for table, made_of, part in _PARTS:
        moved = [(before, after) for before, after in changed if not before or made_of(before) != made_of(after)]
        fresh = [row for _, after in moved for row in part(after)]
        if stale := [after.number for before, after in moved if before]:
            await connection.execute(f"DELETE FROM {table.name} WHERE number = ANY($1)", stale)  # noqa: S608
        if fresh:
            columns = [column.name for column in table.columns]
            await connection.copy_records_to_table(table.name, columns=columns, records=fresh)


# What the rows of a whistle are made of, table by table: while that is as it was, so are they.
_PARTS: tuple[tuple[Table, Callable[[Whistle], object], Callable[[Whistle], tuple[Row, ...]]], ...] = (
    (tables.lines, lambda one: (one.lines, one.clocks, one.ratings, one.reply, one.late, one.state), _lines),
    (tables.duties, lambda one: one.clocks, _duties),
    (tables.tickets, lambda one: one.tickets, _tickets),
)
_ALL = (tables.whistles, tables.lines, tables.duties, tables.tickets)
COLUMNS = tuple(column.name for column in tables.whistles.columns)
_KINDS = {"TEXT": "text", "INTEGER": "integer", "BOOLEAN": "boolean"}
_ARRAYS = ", ".join(
    f"${i}::{_KINDS.get(str(column.type), 'timestamptz')}[]" for i, column in enumerate(tables.whistles.columns, 1)
)
_SETS = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS[1:])
_UPSERT = f"INSERT INTO whistles ({', '.join(COLUMNS)}) SELECT * FROM unnest({_ARRAYS})"  # noqa: S608
_UPSERT += f" ON CONFLICT (number) DO UPDATE SET {_SETS}"
