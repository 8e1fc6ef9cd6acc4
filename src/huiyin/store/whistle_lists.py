"""What lists of whistles ask (哨单列表): boards, a department's inbox, what waits for a post; hidden is not there."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.store.sights import Sight, either, values
from huiyin.store.tables.whistle import LAST

WINDOW = 5_000  # rows of a scope that one page may look through for rare things

_SCOPES = {
    "all": "true",
    "street": "w.street_code = :code",
    "community": "w.community_code = :code",
}
_WANTED = {
    "state": "w.state = :state",
    "kind": "w.kind = :kind",
    "category": "left(w.category, length(:category)) = :category",
    "community": "w.community_code = :community",
    "late": "(w.level > 0) = :late",
    "department": "EXISTS (SELECT FROM whistle_lines l WHERE l.number = w.number AND l.post_code = :department)",
    "number": "w.number = :number",
}


class Place(Struct, frozen=True):
    """Where a page begins: after this whistle; `at` is what the list goes by."""

    at: datetime
    number: str


def _seen(sight: Sight) -> str:
    """The whistles that are there for somebody: of their place, and of no ticket that is kept from them."""
    if sight.kind not in _SCOPES:
        return "false"
    tickets = f"SELECT FROM tickets WHERE tickets.number = t.ticket AND {either(sight)}"
    hidden = f"EXISTS (SELECT FROM whistle_tickets t WHERE t.number = w.number AND NOT EXISTS ({tickets}))"
    return f"{_SCOPES[sight.kind]} AND NOT {hidden}"


async def board(
    connection: AsyncConnection, sight: Sight, wanted: dict[str, Any], after: Place | None, limit: int, *, open_: bool
) -> tuple[list[str], Place | None]:
    """One page of whistles, the open ones by what is due first, the closed ones newest first; where the next begins.

    It looks through at most WINDOW rows, so a page may be short and still have a next one."""
    asked = {name: value for name, value in wanted.items() if value is not None}
    late = " AND ".join(_WANTED[name] for name in asked) or "true"
    query = _OPEN if open_ else _CLOSED
    given = {**values(sight), **asked, "limit": limit, "window": WINDOW if asked else limit}
    begin = ""
    if after is not None:
        begin = " AND (w.due_at, w.number) > (:at, :after)" if open_ else " AND w.number < :after"
        given |= {"at": after.at, "after": after.number} if open_ else {"after": after.number}
    filled = query.format(seen=_seen(sight), begin=begin, late=late)
    rows = (await connection.execute(text(filled), given)).all()
    found = [row[0] for row in rows if row[0] is not None]
    if len(found) == limit:
        return found, Place(rows[-1][1], rows[-1][0])
    _, _, last, last_at, count = rows[0] if rows else (None, None, None, None, 0)
    return found, Place(last_at, last) if count == given["window"] and last and last_at else None


_PAGE = """
WITH looked AS MATERIALIZED (
  SELECT w.* FROM whistles w WHERE {{seen}} AND {state}{{begin}} ORDER BY {order} LIMIT :window
),
found AS (SELECT * FROM looked w WHERE {{late}} ORDER BY {order} LIMIT :limit),
ends AS (SELECT w.number, {at} AS at FROM looked w ORDER BY {back} LIMIT 1)
SELECT found.number, found.{name}, ends.number, ends.at, (SELECT count(*) FROM looked)
FROM ends LEFT JOIN found ON true ORDER BY {found}
"""
_OPEN = _PAGE.format(
    state="w.closed_at IS NULL",
    order="w.due_at, w.number",
    back="w.due_at DESC, w.number DESC",
    at="w.due_at",
    name="due_at",
    found="found.due_at, found.number",
)
_CLOSED = _PAGE.format(
    state="w.closed_at IS NOT NULL",
    order="w.number DESC",
    back="w.number",
    at="w.closed_at",
    name="closed_at",
    found="found.number DESC",
)


async def inbox(
    connection: AsyncConnection, post: str, after: Place | None, limit: int, *, open_: bool
) -> tuple[list[str], Place | None]:
    """A department's whistles: the open ones by its soonest limit (without one last), the closed ones newest first."""
    given: dict[str, Any] = {"post": post, "limit": limit}
    by, way = (_DUE, ">") if open_ else ("called_at", "<")
    begin = ""
    if after is not None:
        begin, given = f" AND ({by}, number) {way} (:at, :after)", {**given, "at": after.at, "after": after.number}
    query = (_INBOX if open_ else _DONE).format(begin=begin)
    rows = (await connection.execute(text(query), given)).all()
    last = rows[-1] if len(rows) == limit else None
    return [row[0] for row in rows], Place(last[1], last[0]) if last else None


_DUE = f"coalesce(due_at, {LAST.replace(':', chr(92) + ':')})"
_INBOX = f"SELECT number, {_DUE} FROM whistle_lines WHERE post_code = :post AND open{{begin}}"  # noqa: S608
_INBOX += f" ORDER BY {_DUE}, number LIMIT :limit"
_DONE = (
    "SELECT number, called_at FROM whistle_lines WHERE post_code = :post AND NOT open{begin}"
    " ORDER BY called_at DESC, number DESC LIMIT :limit"
)


class Waiting(Struct, frozen=True):
    """What a post must do until when; `about` is the department that a ruling or a grant is about."""

    number: str
    duty: str
    post: str
    about: str
    due_at: datetime
    level: int


async def waiting(connection: AsyncConnection, posts: Sequence[str], sight: Sight, limit: int) -> list[Waiting]:
    """What waits for some posts, the most urgent first, of the whistles that are there for who asks."""
    given = {**values(sight), "posts": list(posts), "limit": limit}
    rows = await connection.execute(text(_WAITING.format(seen=_seen(sight))), given)
    return [Waiting(*row) for row in rows]


_WAITING = """
SELECT d.number, d.duty, d.post_code, d.about, d.due_at, d.level
FROM whistle_duties d JOIN whistles w ON w.number = d.number
WHERE d.post_code = ANY(:posts) AND {seen} ORDER BY d.due_at, d.number, d.duty, d.about LIMIT :limit
"""


async def own_waiting(connection: AsyncConnection, post: str, limit: int) -> list[Waiting]:
    """What waits for a department, the most urgent first."""
    return [Waiting(*row) for row in await connection.execute(_OWN_WAITING, {"post": post, "limit": limit})]


_OWN_WAITING = text(
    "SELECT number, duty, post_code, about, due_at, level FROM whistle_duties WHERE post_code = :post"
    " ORDER BY due_at, number, duty, about LIMIT :limit"
)


async def visible(connection: AsyncConnection, sight: Sight, number: str) -> bool:
    """Whether a whistle is there for somebody; the same rule as in lists."""
    query = f"SELECT 1 FROM whistles w WHERE w.number = :number AND {_seen(sight)}"  # noqa: S608
    return (await connection.execute(text(query), {**values(sight), "number": number})).first() is not None


async def called(connection: AsyncConnection, post: str, number: str) -> bool:
    """Whether a department is on a whistle."""
    return (await connection.execute(_CALLED, {"post": post, "number": number})).first() is not None


_CALLED = text("SELECT 1 FROM whistle_lines WHERE number = :number AND post_code = :post")


async def of_ticket(connection: AsyncConnection, ticket: str) -> list[str]:
    """The whistles that are about a ticket, the first one first."""
    return list((await connection.execute(_OF_TICKET, {"ticket": ticket})).scalars())


_OF_TICKET = text("SELECT number FROM whistle_tickets WHERE ticket = :ticket ORDER BY number")


async def learnt(connection: AsyncConnection, category: str) -> list[tuple[str, str | None, int]]:
    """(post, to, count) of the upheld objections on a category: what the suggestions learn from."""
    rows = await connection.execute(_LEARNT, {"category": category})
    return [(post, to, count) for post, to, count in rows]


_LEARNT = text(
    "SELECT rule ->> 'post', rule ->> 'to', count(*) FROM ("
    "SELECT convert_from(body, 'UTF8')::jsonb -> 'data' AS rule FROM log"
    " WHERE noun = 'whistle' AND step = 'whistle.objection_ruled.v1') rulings"
    " WHERE rule ->> 'category' = :category AND (rule ->> 'upheld')::boolean AND rule ->> 'reason' <> 'recused'"
    " GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 100"
)
