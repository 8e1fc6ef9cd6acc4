"""What lists of whistles ask (哨单列表): boards, a department's inbox, what waits for a post; hidden is not there."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.words import Spot
from huiyin.store.places import Place
from huiyin.store.sights import Sight, either, interests, values
from huiyin.store.tables.whistle import LAST

WINDOW = 2_000  # rows of a scope that one page may look through for rare things

SCOPES = {
    "all": "true",
    "street": "w.street_code = :code",
    "community": "w.community_code = :code",
}
# What is asked for: places are looked up like a scope, the rest is looked for in what lies there.
_PLACES = {"street": "w.street_code = :street", "community": "w.community_code = :community"}
_WANTED = {
    "state": "w.state = :state",
    "kind": "w.kind = :kind",
    "category": "left(w.category, length(:category)) = :category",
    "late": "(w.level > 0) = :late",
    "department": (
        "EXISTS (SELECT FROM whistle_lines l WHERE l.number = w.number AND l.post_code = :department OFFSET 0)"
    ),
    "number": "w.number = :number",
    "blower": "w.blower = :blower",
}


def there(sight: Sight) -> str:
    """The whistles `w` that are there for somebody: of their place, and of no ticket that is kept from them."""
    return f"{_scope(sight)} AND {_told(sight)}"


def _scope(sight: Sight) -> str:
    return SCOPES.get(sight.kind, "false")


def _told(sight: Sight) -> str:
    """None of its tickets is kept from them. OFFSET 0: looked at row by row, few of them, never as a join of all."""
    tickets = f"SELECT FROM tickets WHERE tickets.number = t.ticket AND {either(sight)}"
    kept = f"SELECT FROM whistle_tickets t WHERE t.number = w.number AND NOT EXISTS ({tickets}) OFFSET 0"
    return f"NOT EXISTS ({kept})"


async def states(connection: AsyncConnection, numbers: Sequence[str]) -> dict[str, Any]:
    """How far some whistles are."""
    rows = await connection.execute(_STATES, {"numbers": list(numbers)})
    return {one.number: one.state for one in rows}


_STATES = text("SELECT number, state FROM whistles WHERE number = ANY(:numbers)")


async def board(
    connection: AsyncConnection, sight: Sight, wanted: dict[str, Any], after: Place | None, limit: int, *, open_: bool
) -> tuple[list[str], Place | None]:
    """One page of whistles, the open ones by what is due first, the closed ones newest first; where the next begins.

    It looks through at most WINDOW rows, so a page may be short and still have a next one."""
    asked = {name: value for name, value in wanted.items() if value is not None}
    places = [_PLACES[name] for name in asked if name in _PLACES]
    late = [_WANTED[name] for name in asked if name not in _PLACES]
    given = {**values(sight), **asked, "limit": limit, "window": WINDOW if late else limit + _SPARE}
    begin = ""
    if after is not None:
        begin = " AND (w.due_at, w.number) > (:at, :after)" if open_ else " AND w.number < :after"
        given |= {"at": after.at, "after": after.number} if open_ else {"after": after.number}
    scope = " AND ".join([_scope(sight), *places])
    query = (_OPEN if open_ else _CLOSED).format(
        scope=scope + begin, late=" AND ".join([*late, _told(sight)]), told=_told(sight)
    )
    rows = (await connection.execute(text(query), given)).all()
    found = [row[0] for row in rows if row[0] is not None]
    if len(found) == limit:
        return found, Place(rows[-1][1], rows[-1][0])
    _, _, last, last_at, count = rows[0] if rows else (None, None, None, None, 0)
    return found, Place(last_at, last) if count == given["window"] and last and last_at else None


_SPARE = 50  # rows more than a page, for those that are kept from who asks
# A window of the scope by its index, in it what is asked for. A cursor names nothing that is hidden: it is the last
# row of the window that may be seen. OFFSET 0: put in order first, then looked at row by row until there are enough.
_PAGE = """
WITH looked AS MATERIALIZED (
  SELECT w.* FROM whistles w WHERE {{scope}} AND {state} ORDER BY {order} LIMIT :window
),
found AS (
  SELECT * FROM (SELECT * FROM looked w ORDER BY {order} OFFSET 0) w WHERE {{late}} ORDER BY {order} LIMIT :limit
),
ends AS (
  SELECT w.number, {at} AS at FROM (SELECT * FROM looked w ORDER BY {back} OFFSET 0) w WHERE {{told}}
  ORDER BY {back} LIMIT 1
)
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


def _own(sight: Sight) -> str:
    """The lines `l` of a department's post; without those of a complaint in which who asks has an interest: they are
    not there for them, whoever else of the department sees them."""
    tickets = "whistle_tickets t JOIN tickets ON tickets.number = t.ticket"
    mine = f"SELECT FROM {tickets} WHERE t.number = l.number AND ({interests(sight)}) OFFSET 0"
    return f"l.post_code = :post AND NOT EXISTS ({mine})"


async def inbox(
    connection: AsyncConnection, sight: Sight, after: Place | None, limit: int, *, open_: bool
) -> tuple[list[str], Place | None]:
    """A department's whistles: the open ones by its soonest limit (without one last), the closed ones newest first."""
    given: dict[str, Any] = {**values(sight), "post": sight.post, "limit": limit}
    by, way = (_DUE, ">") if open_ else ("called_at", "<")
    begin = ""
    if after is not None:
        begin, given = f" AND ({by}, number) {way} (:at, :after)", {**given, "at": after.at, "after": after.number}
    query = (_INBOX if open_ else _DONE).format(own=_own(sight), begin=begin)
    rows = (await connection.execute(text(query), given)).all()
    last = rows[-1] if len(rows) == limit else None
    return [row[0] for row in rows], Place(last[1], last[0]) if last else None


_DUE = f"coalesce(due_at, {LAST.replace(':', chr(92) + ':')})"
_INBOX = f"SELECT number, {_DUE} FROM whistle_lines l WHERE {{own}} AND open{{begin}}"  # noqa: S608
_INBOX += f" ORDER BY {_DUE}, number LIMIT :limit"
_DONE = (
    "SELECT number, called_at FROM whistle_lines l WHERE {own} AND NOT open{begin}"
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
    rows = await connection.execute(text(_WAITING.format(seen=there(sight))), given)
    return [Waiting(*row) for row in rows]


_WAITING = """
SELECT d.number, d.duty, d.post_code, d.about, d.due_at, d.level
FROM whistle_duties d JOIN whistles w ON w.number = d.number
WHERE d.post_code = ANY(:posts) AND {seen} ORDER BY d.due_at, d.number, d.duty, d.about LIMIT :limit
"""


async def own_waiting(connection: AsyncConnection, sight: Sight, limit: int) -> list[Waiting]:
    """What waits for a department, the most urgent first."""
    query = text(_OWN_WAITING.format(own=_own(sight)))
    given = {**values(sight), "post": sight.post, "limit": limit}
    return [Waiting(*row) for row in await connection.execute(query, given)]


_OWN_WAITING = """
SELECT l.number, l.duty, l.post_code, l.about, l.due_at, l.level FROM whistle_duties l
WHERE {own} ORDER BY l.due_at, l.number, l.duty, l.about LIMIT :limit
"""


async def visible(connection: AsyncConnection, sight: Sight, number: str) -> bool:
    """Whether a whistle is there for somebody; the same rule as in lists."""
    query = f"SELECT 1 FROM whistles w WHERE w.number = :number AND {there(sight)}"  # noqa: S608
    return (await connection.execute(text(query), {**values(sight), "number": number})).first() is not None


async def called_to(connection: AsyncConnection, sight: Sight, numbers: Sequence[str]) -> set[str]:
    """Which of some whistles a department is on, as far as they are there for who asks."""
    if not numbers:
        return set()
    query = f"SELECT l.number FROM whistle_lines l WHERE l.number = ANY(:numbers) AND {_own(sight)}"  # noqa: S608
    given = {**values(sight), "post": sight.post, "numbers": list(numbers)}
    return set((await connection.execute(text(query), given)).scalars())


async def called(connection: AsyncConnection, sight: Sight, number: str) -> bool:
    """Whether a department is on a whistle."""
    return number in await called_to(connection, sight, [number])


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


class Near(Struct, frozen=True):
    """An open whistle about the same leaf in the same estate, or grid outside of any."""

    number: str
    kind: str
    state: str
    category: str
    street_code: str
    community_code: str | None
    estate_code: str | None
    grid_code: str | None
    building_code: str | None
    lead: str | None
    blown_at: datetime


async def near(connection: AsyncConnection, sight: Sight, category: str, spot: Spot, limit: int) -> list[Near]:
    """Those of them that are there for who asks, the oldest first: what a new whistle could join."""
    at = {"of": category, "street_": spot.street_code, "estate_": spot.estate_code, "grid_": spot.grid_code}
    query = _NEAR.format(columns=", ".join(f"w.{name}" for name in Near.__struct_fields__), seen=there(sight))
    rows = await connection.execute(text(query), {**values(sight), **at, "limit": limit})
    return [Near(*row) for row in rows]


_NEAR = """
SELECT {columns} FROM whistles w WHERE w.street_code = :street_ AND w.category = :of AND w.closed_at IS NULL
AND (w.estate_code = CAST(:estate_ AS text) OR CAST(:estate_ AS text) IS NULL AND w.estate_code IS NULL
     AND w.grid_code = CAST(:grid_ AS text))
AND {seen} ORDER BY w.number LIMIT :limit
"""


async def seen(connection: AsyncConnection, sight: Sight, numbers: Sequence[str]) -> frozenset[str]:
    """Those of some whistles that are there for who asks."""
    if not numbers:
        return frozenset()
    query = f"SELECT w.number FROM whistles w WHERE w.number = ANY(:numbers) AND {there(sight)}"  # noqa: S608
    rows = await connection.execute(text(query), {**values(sight), "numbers": list(numbers)})
    return frozenset(rows.scalars())
