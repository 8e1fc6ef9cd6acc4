"""The `tickets` view: one row a ticket, only what its steps fold to, so that lists have their indexes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.sorting.matters import MatterKey
from huiyin.core.ticket import Ticket
from huiyin.core.words import Candidate, Sorting
from huiyin.store.clocked import Clocked
from huiyin.store.database import Driver
from huiyin.store.tables import tickets

COLUMNS = tuple(column.name for column in tickets.columns)

Row = tuple[Any, ...]


def row(ticket: Ticket) -> Row:
    """The view's row of a ticket, in the order of COLUMNS; raises ValueError for one that was never sorted."""
    sorting, post, due, case_due = ticket.sorting, ticket.post, ticket.due, ticket.case_due
    if sorting is None or post is None or due is None or case_due is None:
        raise ValueError("a ticket enters the view once it is sorted")
    spot, candidates = ticket.spot, sorting.candidates
    return (
        *(ticket.number, ticket.version, ticket.state, ticket.rung, post.code),
        *(spot.street_code, spot.community_code, spot.estate_code, spot.grid_code, spot.building_code),
        *(ticket.category, " ".join(leaves(ticket.category, candidates))),
        " ".join(candidates[0].words) if candidates else "",
        *(ticket.urgency, ticket.channel, ticket.about, ticket.filed_at, due.at, case_due.at),
        *(ticket.closed_at, ticket.outcome, ticket.next_at),
        ticket.supervision.level if ticket.supervision else None,
        ticket.objection.ruler.post.code if ticket.objection else None,
        ticket.lead if ticket.state == "merged" else None,
        ticket.provisional,
        " ".join(one.code for one in ticket.also) or None,
        " ".join(rung for rung in ticket.passed if rung) or None,
        ticket.urged,
        ticket.watcher.code if ticket.watcher else None,
        ticket.pressured,
        ticket.request.what if ticket.request else None,
    )


def matter(number: str, filed_at: datetime, sorting: Sorting) -> MatterKey:
    """What the same matters of a new ticket are looked up by."""
    words = sorting.candidates[0].words if sorting.candidates else ()
    place = sorting.spot.estate_code, sorting.spot.building_code
    known = leaves(sorting.category, sorting.candidates)
    return MatterKey(number, *place, known, filed_at, words, sorting.urgency)


def leaves(category: str, candidates: Sequence[Candidate]) -> tuple[str, ...]:
    """The category and the two best other candidates: what a same matter is looked up by."""
    others = [candidate.code for candidate in candidates[:3] if candidate.code != category]
    return (category, *others[:2])


CLOCKED = Clocked("tickets")


async def insert(connection: Driver, made: Sequence[Row]) -> None:
    """Rows of new tickets; one COPY."""
    if made:
        await connection.copy_records_to_table("tickets", columns=COLUMNS, records=made)


def placed(before: Ticket, after: Ticket) -> bool:
    """Whether a step placed, classified or sorted the ticket anew: what the STILL columns come from."""
    return not (
        before.sorting is after.sorting
        and before.spot is after.spot
        and before.case_due is after.case_due
        and (before.category, before.urgency) == (after.category, after.urgency)
    )


async def update(connection: Driver, made: Sequence[Row], *, placed: bool = True) -> None:
    """Rows of changed tickets; one statement however many. Without the STILL columns where none was placed anew."""
    if not made:
        return
    columns = list(map(list, zip(*made, strict=True)))
    if placed:
        await connection.execute(_UPDATE, *columns)
    else:
        await connection.execute(_UPDATE_MOVING, *(columns[i] for i in _MOVING))


_TYPES = {"TEXT": "text", "INTEGER": "integer", "BOOLEAN": "boolean", "TIMESTAMP WITH TIME ZONE": "timestamptz"}


def _update(names: Sequence[str]) -> str:
    kinds = [_TYPES.get(str(tickets.columns[name].type), "timestamptz") for name in names]
    return "UPDATE tickets t SET {sets} FROM unnest({arrays}) AS n({names}) WHERE t.number = n.number".format(  # noqa: S608
        sets=", ".join(f"{name} = n.{name}" for name in names[1:]),
        arrays=", ".join(f"${i}::{kind}[]" for i, kind in enumerate(kinds, 1)),
        names=", ".join(names),
    )


# What stays while a ticket is neither placed nor classified anew: half of every row need not travel.
STILL = frozenset(
    (
        *("street_code", "community_code", "estate_code", "grid_code", "building_code", "category", "leaves", "words"),
        *("urgency", "channel", "about", "filed_at", "case_due_at"),
    )
)
_MOVING = [i for i, name in enumerate(COLUMNS) if name not in STILL]
_UPDATE, _UPDATE_MOVING = _update(COLUMNS), _update([COLUMNS[i] for i in _MOVING])


MATTERS = """
SELECT k.i, t.number, t.building_code, t.leaves, t.filed_at, t.words, t.urgency
FROM unnest($1::integer[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[])
     AS k(i, estate, leaves, since, until)
CROSS JOIN LATERAL (
    SELECT number, building_code, leaves, filed_at, words, urgency FROM tickets
    WHERE estate_code = k.estate AND closed_at IS NULL AND filed_at BETWEEN k.since AND k.until
      AND (left(category, 1) = left(k.leaves, 1) OR position(category IN k.leaves) > 0
           OR position(left(k.leaves, 3) IN leaves) > 0)
    ORDER BY filed_at DESC LIMIT 2
) t
"""


async def matters(
    connection: Driver,
    wanted: Sequence[tuple[int, str, str, datetime, datetime]],
) -> list[Any]:
    """Open tickets near some new ones: for each (index, estate, leaves, since, until) at most two."""
    if not wanted:
        return []
    return await connection.fetch(MATTERS, *map(list, zip(*wanted, strict=True)))


async def numbers(connection: AsyncConnection, count: int) -> list[str]:
    """Fresh ticket numbers, HY and nine digits; gaps happen and mean nothing."""
    found = await connection.execute(_NUMBERS, {"count": count})
    return [f"HY{value:09d}" for value in found.scalars()]


_NUMBERS = text("SELECT nextval('ticket_number') FROM generate_series(1, :count)")
