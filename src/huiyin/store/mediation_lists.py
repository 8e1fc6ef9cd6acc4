"""What lists of mediations ask (调解列表): a mediator's day, a committee's cases, today's sessions."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.store.tables.mediation import LAST


class Place(Struct, frozen=True):
    """Where a page begins: after this mediation; `at` is what the open ones go by."""

    at: datetime
    number: str


_DUE = f"coalesce(due_at, {LAST.replace(':', chr(92) + ':')})"
_MINE = f"SELECT number, {_DUE} AS soonest FROM mediation_seats WHERE person = :person AND "  # noqa: S608
_OURS = f"SELECT number, {_DUE} AS soonest FROM mediations WHERE committee = :committee AND kind = k.kind AND "  # noqa: S608
_OPEN = " ORDER BY soonest, number LIMIT :limit"
_DONE = " ORDER BY number DESC LIMIT :limit"
# Of each kind of committee a page, in the order of its index, then all of them together.
_KINDS = "SELECT o.* FROM unnest(CAST(:kinds AS text[])) AS k(kind) CROSS JOIN LATERAL ({}) o"


async def of_mediator(
    connection: AsyncConnection, person: str, after: Place | None, limit: int, *, open_: bool
) -> tuple[list[str], Place | None]:
    """A mediator's cases: the open ones by what is due first, those that are filed newest first."""
    query = _MINE + ("open" if open_ else "NOT open")
    return await _page(connection, query, {"person": person}, after, limit, open_=open_)


async def of_committee(
    connection: AsyncConnection, committee: str, kinds: Sequence[str], after: Place | None, limit: int, *, open_: bool
) -> tuple[list[str], Place | None]:
    """A committee's cases, in the same order."""
    query = _OURS + ("state <> 'archived'" if open_ else "state = 'archived'")
    given: dict[str, object] = {"committee": committee, "kinds": list(kinds)}
    return await _page(connection, query, given, after, limit, open_=open_)


async def _page(
    connection: AsyncConnection, query: str, given: dict[str, object], after: Place | None, limit: int, *, open_: bool
) -> tuple[list[str], Place | None]:
    given = {**given, "limit": limit}
    if after is not None:
        query += f" AND ({_DUE}, number) > (:at, :after)" if open_ else " AND number < :after"
        given |= {"at": after.at, "after": after.number} if open_ else {"after": after.number}
    order = _OPEN if open_ else _DONE
    query = _KINDS.format(query + order) + order if "kinds" in given else query + order
    rows = (await connection.execute(text(query), given)).all()
    last = rows[-1] if len(rows) == limit else None
    return [row[0] for row in rows], Place(last[1], last[0]) if last else None
