"""Filters that somebody saved for their lists (常用筛选): a name, the query, and which one the list opens with."""

import secrets
from datetime import datetime

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

MOST = 30  # of one account


class Saved(Struct, frozen=True):
    """`query` is what stands in the address of the list; `first`: the list opens with it."""

    id: str
    name: str
    query: str
    first: bool


async def of(connection: AsyncConnection, username: str) -> list[Saved]:
    """An account's filters: the first one, then as they were saved."""
    return [Saved(*row) for row in await connection.execute(_OF, {"username": username, "most": MOST})]


_OF = text(
    "SELECT id, name, query, first FROM filters WHERE username = :username ORDER BY NOT first, at, id LIMIT :most"
)


async def save(connection: AsyncConnection, username: str, name: str, query: str, at: datetime) -> bool:
    """Keep a filter; one of the same name is replaced. False where there are MOST already."""
    given = {"username": username, "name": name, "query": query}
    if (await connection.execute(_REPLACE, given)).rowcount:
        return True
    fresh = {"id": secrets.token_hex(8), "at": at, "most": MOST}
    return bool((await connection.execute(_SAVE, given | fresh)).rowcount)


_REPLACE = text("UPDATE filters SET query = :query WHERE username = :username AND name = :name")
_SAVE = text(
    "INSERT INTO filters (id, username, name, query, at)"
    " SELECT :id, CAST(:username AS text), :name, :query, :at"
    " WHERE (SELECT count(*) FROM filters WHERE username = :username) < :most"
)


async def rename(connection: AsyncConnection, username: str, ident: str, name: str) -> None:
    """Another name; nothing where it is somebody else's."""
    await connection.execute(_RENAME, {"username": username, "id": ident, "name": name})


_RENAME = text("UPDATE filters SET name = :name WHERE username = :username AND id = :id")


async def remove(connection: AsyncConnection, username: str, ident: str) -> None:
    """Gone; nothing where it is somebody else's."""
    await connection.execute(_REMOVE, {"username": username, "id": ident})


_REMOVE = text("DELETE FROM filters WHERE username = :username AND id = :id")


async def put_first(connection: AsyncConnection, username: str, ident: str) -> None:
    """The list opens with this one from now on; with none for ""."""
    await connection.execute(_NONE_FIRST, {"username": username})
    await connection.execute(_FIRST, {"username": username, "id": ident})


_NONE_FIRST = text("UPDATE filters SET first = false WHERE username = :username AND first")
_FIRST = text("UPDATE filters SET first = true WHERE username = :username AND id = :id")
