"""What lists of tickets ask (列表): pages within a scope, newest first; what is hidden is not there."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.sight import Hidden

WINDOW = 5_000  # rows of a scope that one page may look through for rare things

# Scope kind → what a row must be. The community narrows what has no index of its own.
_SCOPES = {
    "all": "true",
    "street": "street_code = :code",
    "community": "community_code = :code",
    "estate": "community_code = (SELECT community_code FROM estates WHERE code = :code) AND estate_code = :code",
    "grid": "grid_code = :code",
    "building": "grid_code = (SELECT grid_code FROM buildings WHERE code = :code) AND building_code = :code",
    "post": "post_code = :code",
}
_WANTED = {
    "grid": "grid_code = :grid",
    "community": "community_code = :community",
    "state": "state = :state",
    "rung": "rung = :rung",
    "category": "left(category, length(:category)) = :category",
    "urgency": "urgency = :urgency",
    "overdue": "(due_at < :at AND closed_at IS NULL) = :overdue",
    "open": "(closed_at IS NULL) = :open",
    "q": "(number = :q OR category = :q OR position(:q IN words) > 0)",
}
_INDEXED = ("grid", "community")


class Sight(Struct, frozen=True):
    """What somebody may see: a scope, without the complaints about some parties, and none in which they (an opaque
    person) have an interest."""

    kind: str
    code: str
    hidden: tuple[Hidden, ...] = ()
    person: str = ""


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
    """One page. It looks through at most WINDOW rows, so it may be short and still have a next one."""
    asked = {name: value for name, value in wanted.items() if value is not None}
    early = [_WANTED[name] for name in _INDEXED if name in asked]
    late = [clause for name, clause in _WANTED.items() if name in asked and name not in _INDEXED]
    query = _PAGE.format(early=_all(_sight(sight), *early), late=_all(*late))
    values = {**_values(sight), **asked, "before": before or "I", "window": WINDOW, "limit": limit}
    if "overdue" in asked:
        values["at"] = at
    rows = (await connection.execute(text(query), values)).all()
    numbers = [number for number, _, _ in rows if number is not None]
    if len(numbers) == limit:
        return Page(numbers, numbers[-1])
    return Page(numbers, rows[0][1] if rows and rows[0][2] == WINDOW else None)


# Numbers are HY and nine digits, so "I" comes after all of them.
_PAGE = """
WITH seen AS MATERIALIZED (
    SELECT * FROM tickets WHERE {early} AND number < :before
    ORDER BY number DESC LIMIT :window
), found AS (SELECT number FROM seen WHERE {late} ORDER BY number DESC LIMIT :limit)
SELECT found.number, ends.last, ends.count
FROM (SELECT min(number) AS last, count(*) AS count FROM seen) ends
LEFT JOIN found ON true ORDER BY found.number DESC
"""


async def visible(connection: AsyncConnection, sight: Sight, number: str) -> bool:
    """Whether a ticket is there for somebody; the same rule as in lists."""
    query = f"SELECT 1 FROM tickets WHERE number = :number AND {_sight(sight)}"  # noqa: S608
    return (await connection.execute(text(query), {**_values(sight), "number": number})).first() is not None


async def seen(connection: AsyncConnection, sight: Sight, numbers: Sequence[str]) -> frozenset[str]:
    """Which of some tickets are there for somebody; the same rule as in lists."""
    if not numbers:
        return frozenset()
    query = f"SELECT number FROM tickets WHERE number = ANY(:numbers) AND {_sight(sight)}"  # noqa: S608
    return frozenset((await connection.execute(text(query), {**_values(sight), "numbers": list(numbers)})).scalars())


def _sight(sight: Sight) -> str:
    clauses = [_SCOPES[sight.kind]]
    if any(one.column is None for one in sight.hidden):
        clauses.append("NOT (about = ANY(:hidden))")
    for i, one in enumerate(sight.hidden):
        if one.column is not None:
            clauses.append(f"NOT (about = :about{i} AND coalesce({one.column}, '') = :place{i})")
    if sight.person:
        clauses.append(f"number NOT IN ({_CONFLICTS})")
    return _all(*clauses)


def _values(sight: Sight) -> dict[str, Any]:
    values: dict[str, Any] = {} if sight.kind == "all" else {"code": sight.code}
    if everywhere := [one.about for one in sight.hidden if one.column is None]:
        values["hidden"] = everywhere
    for i, one in enumerate(sight.hidden):
        if one.column is not None:
            values |= {f"about{i}": one.about, f"place{i}": one.code}
    return values | ({"person": sight.person} if sight.person else {})


# The tickets in which a person has an interest (回避): as a party, of the same household, or declared.
_CONFLICTS = """
SELECT split_part(d.ref, '/', 1) FROM vault.dossiers d WHERE d.ref LIKE '%/1' AND (
       d.person IN (SELECT p.phone FROM persons p WHERE p.phone IS NOT NULL AND (p.person = :person
              OR p.person IN (SELECT r.b FROM relations r WHERE r.a = :person)))
    OR d.household = (SELECT p.household FROM persons p WHERE p.person = :person))
UNION ALL
SELECT q.number FROM parties q WHERE
       q.person = :person OR q.person IN (SELECT r.b FROM relations r WHERE r.a = :person)
    OR q.phone = (SELECT p.phone FROM persons p WHERE p.person = :person)
    OR q.household = (SELECT p.household FROM persons p WHERE p.person = :person)
    OR q.organisation = (SELECT p.employer FROM persons p WHERE p.person = :person)
    OR q.organisation IN (SELECT h.post_code FROM holdings h WHERE h.person = :person AND h.until IS NULL)
"""


def _all(*clauses: str) -> str:
    return " AND ".join(clauses) or "true"


class Entry(Struct, frozen=True):
    """A row of the review log (办理日志)."""

    version: int
    step: str
    at: datetime
    hash: bytes
    body: bytes


async def history(connection: AsyncConnection, number: str) -> Sequence[Entry]:
    """A ticket's steps, oldest first."""
    result = await connection.execute(_HISTORY, {"number": number})
    return [Entry(version, step, at, bytes(digest), bytes(body)) for version, step, at, digest, body in result]


_HISTORY = text("SELECT version, step, at, hash, body FROM log WHERE noun = 'ticket' AND id = :number ORDER BY version")


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
