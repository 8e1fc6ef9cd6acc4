"""What a department's command must know of whistles (哨单): where each is, and which are the department's own."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.words import Spot

_PLACE = ("street_code", "community_code", "estate_code", "grid_code", "building_code")


async def spots(connection: AsyncConnection, numbers: Sequence[str]) -> dict[str, Spot]:
    """Where some whistles are; that never changes. Unknown numbers are absent."""
    rows = await connection.execute(_SPOTS, {"numbers": list(numbers)})
    return {number: Spot(**dict(zip(_PLACE, place, strict=True))) for number, *place in rows}


_SPOTS = text(f"SELECT number, {', '.join(_PLACE)} FROM whistles WHERE number = ANY(:numbers)")  # noqa: S608


async def called(connection: AsyncConnection, pairs: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Of some (whistle, department) those where the department is called and nobody complained about it, with the
    whistle's version."""
    numbers, posts = zip(*pairs, strict=True) if pairs else ((), ())
    rows = await connection.execute(_CALLED, {"numbers": list(numbers), "posts": list(posts)})
    return {(number, post): version for number, post, version in rows}


_ACCUSED = (
    "SELECT FROM whistle_tickets t JOIN parties q ON q.number = t.ticket"
    " WHERE t.number = l.number AND q.organisation = l.post_code AND q.role <> 'complainant'"
)
_CALLED = text(
    "SELECT l.number, l.post_code, w.version FROM unnest(CAST(:numbers AS text[]), CAST(:posts AS text[]))"  # noqa: S608
    " AS k(number, post) JOIN whistle_lines l ON l.number = k.number AND l.post_code = k.post"
    f" JOIN whistles w ON w.number = k.number WHERE NOT EXISTS ({_ACCUSED})"
)


async def accused(connection: AsyncConnection, numbers: Sequence[str]) -> set[tuple[str, str]]:
    """(whistle, department) of those that are called and complained about: they are told nothing any more."""
    return {(number, post) for number, post in await connection.execute(_OUT, {"numbers": list(numbers)})}


_OUT = text(
    f"SELECT l.number, l.post_code FROM whistle_lines l WHERE l.number = ANY(:numbers) AND EXISTS ({_ACCUSED})"  # noqa: S608
)
