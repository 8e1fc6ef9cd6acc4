"""What a board shows of whistles (哨单看板): a page's rows with their departments, and how many stand where."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.store.sights import Sight, either, values
from huiyin.store.whistle_lists import SCOPES


class Mark(Struct, frozen=True):
    """How far one department of a whistle is; `late` are the duties of its own that ran out."""

    post: str
    lead: bool
    stage: str
    on_site: str | None
    objected: bool
    late: str | None
    level: int


class Row(Struct, frozen=True):
    """A whistle as a line of the board; the lead first."""

    number: str
    state: str
    kind: str
    category: str
    street_code: str
    community_code: str | None
    estate_code: str | None
    grid_code: str | None
    building_code: str | None
    blower: str
    approval: str
    level: int
    returned: int
    due_at: datetime | None
    blown_at: datetime
    closed_at: datetime | None
    outcome: str | None
    marks: tuple[Mark, ...] = ()


_OF_ROW = Row.__struct_fields__[:-1]
_OF_MARK = ("post_code", *Mark.__struct_fields__[1:])


async def rows(connection: AsyncConnection, numbers: Sequence[str]) -> list[Row]:
    """The rows of some whistles in this order, in one query; unknown numbers are absent. Who may see them is asked
    where the numbers come from."""
    if not numbers:
        return []
    found: dict[str, tuple[Sequence[Any], list[Mark]]] = {}
    for one in await connection.execute(_ROWS, {"numbers": list(numbers)}):
        _, marks = found.setdefault(one[0], (one[: len(_OF_ROW)], []))
        if one[len(_OF_ROW)] is not None:
            marks.append(Mark(*one[len(_OF_ROW) :]))
    return [Row(*(*row, tuple(marks))) for row, marks in found.values()]


_ROWS = text(
    f"SELECT {', '.join(f'w.{name}' for name in _OF_ROW)}, {', '.join(f'l.{name}' for name in _OF_MARK)}"  # noqa: S608
    " FROM unnest(CAST(:numbers AS text[])) WITH ORDINALITY AS n(number, place) JOIN whistles w USING (number)"
    " LEFT JOIN whistle_lines l ON l.number = w.number ORDER BY n.place, l.lead DESC, l.post_code"
)


class Standing(Struct, frozen=True):
    """What is open in somebody's sight: by state, by the level of supervision that it came to, how many came back."""

    open: int
    states: Mapping[str, int]
    levels: Mapping[int, int]
    returned: int


async def standing(connection: AsyncConnection, sight: Sight, community: str | None = None) -> Standing:
    """One reading of all that is open; narrowed to a community as the board is."""
    given = values(sight) | ({"community": community} if community else {})
    scope = SCOPES.get(sight.kind, "false") + (" AND w.community_code = :community" if community else "")
    query = _STANDING.format(scope=scope, sight=either(sight))
    states: dict[str, int] = {}
    levels: dict[int, int] = {}
    whole = back = 0
    for state, level, count, returned in await connection.execute(text(query), given):
        whole, back = whole + count, back + returned
        states[state] = states.get(state, 0) + count
        if level:
            levels[min(level, 4)] = levels.get(min(level, 4), 0) + count
    return Standing(whole, states, levels, back)


_STANDING = """
WITH open AS MATERIALIZED (SELECT w.* FROM whistles w WHERE w.closed_at IS NULL AND {scope}),
kept AS (
    SELECT t.number FROM open JOIN whistle_tickets t USING (number)
    WHERE NOT EXISTS (SELECT FROM tickets WHERE tickets.number = t.ticket AND {sight})
)
SELECT state, level, count(*), count(*) FILTER (WHERE returned > 0) FROM open
WHERE number NOT IN (SELECT number FROM kept) GROUP BY state, level
"""
