"""What desks ask (工作台): what is theirs now, what waits for their ruling, what is supervised; each by its index."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.store.places import Place
from huiyin.store.sights import ALSO, RULER, WATCHER, Sight, branches, closed, scope, values

_OPEN = "closed_at IS NULL AND lead IS NULL"
_OWN = f"post_code = :post AND {_OPEN}"
_HELPED = f"grid_code = :grid AND rung = ANY(:helped) AND {_OPEN}"


async def desk(
    connection: AsyncConnection, sight: Sight, helped: tuple[str, tuple[str, ...]], after: Place | None, limit: int
) -> list[Place]:
    """The open tickets of a post, the most urgent first: those that it holds, those that it was told of at once or
    because the resident urges, and those of the rungs that it helps in its grid (`helped`: the grid, the rungs)."""
    grid, rungs = helped
    own = f"{_OWN} AND {scope(sight)}"
    told = f"{ALSO} AND lead IS NULL"
    ways = [own, f"{told} AND ({own}) IS NOT TRUE", f"{WATCHER} AND ({own}) IS NOT TRUE AND ({told}) IS NOT TRUE"]
    given = {**values(sight), "post": sight.post, "limit": limit}
    if grid:
        others = "".join(f" AND ({way}) IS NOT TRUE" for way in (own, told, WATCHER))
        ways.append(_HELPED + others)
        given |= {"grid": grid, "helped": list(rungs)}
    begin = ""
    if after is not None:
        begin = " AND (due_at, number) > (:due_at, :number)"
        given |= {"due_at": after.at, "number": after.number}
    query = " UNION ALL ".join(_DESK.format(where=way + closed(sight) + begin) for way in ways)
    rows = await connection.execute(text(_FIRST.format(ways=query, order="due_at, number")), given)
    return [Place(*row) for row in rows]


_FIRST = "SELECT * FROM ({ways}) ways ORDER BY {order} LIMIT :limit"
_DESK = "(SELECT due_at, number FROM tickets WHERE {where} ORDER BY due_at, number LIMIT :limit)"


async def rulings(connection: AsyncConnection, sight: Sight, after: str, limit: int) -> list[str]:
    """The tickets whose objection waits for a post's ruling, oldest first."""
    where = f"{RULER} AND ruler_code IS NOT NULL{closed(sight)}"
    return await _numbers(connection, sight, [where], after, limit)


async def supervised(connection: AsyncConnection, sight: Sight, after: str, limit: int) -> list[str]:
    """What is supervised and not answered, oldest first (督办)."""
    ways = [f"supervised IS NOT NULL AND {way}" for way in branches(sight)]
    return await _numbers(connection, sight, ways, after, limit)


async def approvals(
    connection: AsyncConnection, sight: Sight, below: Sequence[str], top: bool, after: str, limit: int
) -> list[str]:
    """What rungs below ask for where somebody looks after tickets, oldest first; at the top also what the own post
    asks, which another person of it decides."""
    mine = " OR post_code = :post" if top else ""
    asked = f"asked IS NOT NULL AND closed_at IS NULL AND (rung = ANY(:below){mine})"
    ways = [f"{asked} AND {way}" for way in branches(sight)]
    return await _numbers(connection, sight, ways, after, limit, below=list(below))


async def _numbers(
    connection: AsyncConnection, sight: Sight, ways: list[str], after: str, limit: int, **more: list[str]
) -> list[str]:
    query = " UNION ALL ".join(_NUMBERS.format(where=way) for way in ways)
    given = {**values(sight), "post": sight.post, "after": after, "limit": limit, **more}
    asked = text(_FIRST.format(ways=query, order="number"))
    return list((await connection.execute(asked, given)).scalars())


_NUMBERS = "(SELECT number FROM tickets WHERE {where} AND number > :after ORDER BY number LIMIT :limit)"


# -- what people sort -------------------------------------------------------------------------------------

# Nobody knows the place, or nobody has signed yet where matter or estate are not known. Word for word three indexes.
UNSORTED = (
    "closed_at IS NULL AND (state = 'sorting' OR (state = 'dispatched'"
    " AND (category = 'T09' OR coalesce(estate_code, grid_code) IS NULL)))"
)


async def unsorted(connection: AsyncConnection, sight: Sight, after: str, limit: int) -> list[str]:
    """What waits to be sorted where somebody looks after tickets, oldest first (人工分拣)."""
    return await _numbers(connection, sight, [f"{UNSORTED} AND {way}" for way in branches(sight)], after, limit)
