"""What lists of tickets ask (列表): pages within a scope, newest first; what is hidden is not there."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.catalogue import Catalogue
from huiyin.core.catalogue import Entry as Leaf
from huiyin.store.sights import Sight, branches, either, values

__all__ = ["Entry", "Found", "Page", "Sight", "by_receipt", "history", "meant", "page", "seen", "visible"]

WINDOW = 5_000  # rows of a scope that one page may look through for rare things

_WANTED = {
    "grid": "grid_code = :grid",
    "community": "community_code = :community",
    "state": "state = :state",
    "rung": "rung = :rung_wanted",
    "category": "left(category, length(:category)) = :category",
    "urgency": "urgency = :urgency",
    "overdue": "(due_at < :at AND closed_at IS NULL) = :overdue",
    "open": "(closed_at IS NULL) = :open",
    "supervised": "(supervised IS NOT NULL) = :supervised",
    "q": "(number = :q OR category = ANY(:leaves) OR position(:q IN words) > 0)",
}
_INDEXED = ("grid", "community")


class Page(Struct, frozen=True):
    """Ticket numbers, newest first; `next` is where the following page begins, None at the end."""

    numbers: list[str]
    next: str | None


async def page(
    connection: AsyncConnection,
    sight: Sight,
    wanted: dict[str, Any],
    *,
    before: str | None,
    limit: int,
    at: datetime,
) -> Page:
    """One page. It looks through at most WINDOW rows, so it may be short and still have a next one.

    What is hidden is gone before anything is asked: no filter, no count and no `next` tells that it is there.
    With `q` come `leaves`: the codes that it may mean (`meant`)."""
    asked, seen, late = _narrowed(sight, wanted)
    window = WINDOW if late else limit
    given = {**values(sight), **_given(asked), "before": before or "I", "window": window, "limit": limit, "at": at}
    rows = (await connection.execute(text(_PAGE.format(seen=seen, late=late or "true")), given)).all()
    numbers = [number for number, _, _ in rows if number is not None]
    if len(numbers) == limit:
        return Page(numbers, numbers[-1])
    return Page(numbers, rows[0][1] if rows and rows[0][2] == window else None)


def _narrowed(sight: Sight, wanted: dict[str, Any]) -> tuple[dict[str, Any], str, str]:
    """What is asked for; the rows of a scope that indexes find; and what is looked at afterwards ("" for nothing)."""
    asked = {name: value for name, value in wanted.items() if value is not None}
    early = "".join(f" AND {_WANTED[name]}" for name in _INDEXED if name in asked)
    late = [clause for name, clause in _WANTED.items() if name in asked and name not in _INDEXED]
    seen = " UNION ALL ".join(_BRANCH.format(where=way + early) for way in branches(sight))
    return asked, seen, " AND ".join(late)


async def count(
    connection: AsyncConnection, sight: Sight, wanted: dict[str, Any], *, most: int, at: datetime
) -> tuple[int, bool]:
    """How many there are, as far as WINDOW rows and `most` reach; and whether there may be more. By the rule of
    pages: what is hidden does not count."""
    asked, seen, late = _narrowed(sight, wanted)
    window = WINDOW if late else most + 1
    given = {**values(sight), **_given(asked), "before": "I", "window": window, "at": at}
    found, looked = (await connection.execute(text(_COUNT.format(seen=seen, late=late or "true")), given)).one()
    return min(found, most), found > most or looked == window


_COUNT = """
WITH seen AS MATERIALIZED (SELECT * FROM ({seen}) ways ORDER BY number DESC LIMIT :window)
SELECT count(*) FILTER (WHERE {late}), count(*) FROM seen
"""


def _given(asked: dict[str, Any]) -> dict[str, Any]:
    """The filters' values, none under a name that the sight has for itself."""
    found = {name: value for name, value in asked.items() if name not in ("rung", "leaves")}
    return found | {"rung_wanted": asked.get("rung"), "leaves": list(asked.get("leaves", ()))}


_BRANCH = "(SELECT * FROM tickets WHERE {where} AND number < :before ORDER BY number DESC LIMIT :window)"
# Numbers are HY and nine digits, so "I" comes after all of them.
_PAGE = """
WITH seen AS MATERIALIZED (SELECT * FROM ({seen}) ways ORDER BY number DESC LIMIT :window),
found AS (SELECT number FROM seen WHERE {late} ORDER BY number DESC LIMIT :limit)
SELECT found.number, ends.last, ends.count
FROM (SELECT min(number) AS last, count(*) AS count FROM seen) ends
LEFT JOIN found ON true ORDER BY found.number DESC
"""


def meant(catalogue: Catalogue, q: str) -> list[str]:
    """The leaves that a word means: its code, in its name or among its keywords, or in those of the group."""

    def says(entry: Leaf) -> bool:
        return q == entry.code or q in entry.name or any(q in keyword for keyword in entry.keywords)

    groups = {code for code, entry in catalogue.entries.items() if entry.parent is None and says(entry)}
    return [entry.code for entry in catalogue.leaves() if entry.parent in groups or says(entry)]


class Line(Struct, frozen=True):
    """What a table of tickets shows: codes and times, nobody and no words."""

    number: str
    state: str
    post_code: str
    street_code: str | None
    community_code: str | None
    estate_code: str | None
    building_code: str | None
    category: str
    urgency: str
    filed_at: datetime
    due_at: datetime
    case_due_at: datetime
    closed_at: datetime | None
    outcome: str | None


async def lines(connection: AsyncConnection, sight: Sight, numbers: Sequence[str]) -> list[Line]:
    """Some tickets that are there for somebody, newest first."""
    columns = ", ".join(Line.__struct_fields__)
    query = f"SELECT {columns} FROM tickets WHERE number = ANY(:numbers) AND {either(sight)} ORDER BY number DESC"  # noqa: S608
    return [Line(*row) for row in await connection.execute(text(query), {**values(sight), "numbers": list(numbers)})]


async def visible(connection: AsyncConnection, sight: Sight, number: str) -> bool:
    """Whether a ticket is there for somebody; the same rule as in lists."""
    return number in await seen(connection, sight, [number])


async def seen(connection: AsyncConnection, sight: Sight, numbers: Sequence[str]) -> frozenset[str]:
    """Which of some tickets are there for somebody."""
    if not numbers:
        return frozenset()
    query = text(f"SELECT number FROM tickets WHERE number = ANY(:numbers) AND {either(sight)}")  # noqa: S608
    return frozenset((await connection.execute(query, {**values(sight), "numbers": list(numbers)})).scalars())


# -- one ticket -------------------------------------------------------------------------------------------


class Entry(Struct, frozen=True):
    """A row of the review log (办理日志)."""

    version: int
    step: str
    at: datetime
    hash: bytes
    body: bytes


async def history(connection: AsyncConnection, number: str, noun: str = "ticket") -> Sequence[Entry]:
    """A ticket's steps, or another noun's, oldest first."""
    result = await connection.execute(_HISTORY, {"noun": noun, "number": number})
    return [Entry(version, step, at, bytes(digest), bytes(body)) for version, step, at, digest, body in result]


_HISTORY = text("SELECT version, step, at, hash, body FROM log WHERE noun = :noun AND id = :number ORDER BY version")


async def community_name(connection: AsyncConnection, code: str) -> str | None:
    """What a community is called."""
    return (await connection.execute(_COMMUNITY, {"code": code})).scalar()


_COMMUNITY = text("SELECT name FROM communities WHERE code = :code")


class Found(Struct, frozen=True):
    """What a receipt stands for: a ticket, or a complaint that is still on its way (`number` None)."""

    number: str | None
    at: datetime


async def by_receipt(connection: AsyncConnection, receipt: int) -> Found | None:
    """The complaint behind a receipt, over HTTP or the bus; None where there is none."""
    row = (await connection.execute(_RECEIPT, {"receipt": receipt})).first()
    return Found(row[0], row[1]) if row else None


_RECEIPT = text(
    "SELECT nullif(i.id, ''), d.at FROM doorstep d"
    " LEFT JOIN inbox i ON i.source = d.source AND i.event_id = d.event_id WHERE d.receipt = :receipt"
    " UNION ALL"
    " SELECT nullif(i.id, ''), i.at FROM inbox i WHERE i.receipt = :receipt"
    " AND NOT EXISTS (SELECT FROM doorstep d WHERE d.receipt = :receipt)"
)
