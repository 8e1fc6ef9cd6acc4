"""What a review reads (复盘): one chain with its links, and the steps of one post over a period."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.store.tables.record import BY_PEOPLE


class Link(Struct, frozen=True):
    """A row of the log as `proof.check` wants it, with the columns that people are shown."""

    noun: str
    id: str
    version: int
    prev: bytes
    hash: bytes
    body: bytes
    step: str
    at: datetime


class Place(Struct, frozen=True):
    """Where a page of a post's steps goes on; steps of one moment are told apart by ticket and version."""

    at: datetime
    id: str
    version: int


class Done(Struct, frozen=True):
    """A step that a post made."""

    place: Place
    step: str
    hash: bytes


async def chain(connection: AsyncConnection, noun: str, number: str) -> Sequence[Link]:
    """The rows of a ticket or a whistle, oldest first."""
    return [Link(*row) for row in await connection.execute(_CHAIN, {"noun": noun, "number": number})]


_CHAIN = text(
    "SELECT noun, id, version, prev, hash, body, step, at FROM log WHERE noun = :noun AND id = :number ORDER BY version"
)


async def page(connection: AsyncConnection, noun: str, ident: str, before: int, limit: int) -> Sequence[Link]:
    """The last `limit` rows of a chain before a version, oldest first."""
    given = {"noun": noun, "id": ident, "before": before, "limit": limit}
    rows = (await connection.execute(_PAGE, given)).all()
    return [Link(*row) for row in reversed(rows)]


_PAGE = text(
    "SELECT noun, id, version, prev, hash, body, step, at FROM log WHERE noun = :noun AND id = :id"
    " AND version < :before ORDER BY version DESC LIMIT :limit"
)


async def of_post(connection: AsyncConnection, post: str, since: datetime, before: Place, limit: int) -> Sequence[Done]:
    """What a post did from `since` on and before a place, newest first; tickets that nobody may see are among it."""
    given = {"post": post, "since": since, "limit": limit}
    rows = await connection.execute(_OF_POST, {**given, "at": before.at, "id": before.id, "version": before.version})
    return [Done(Place(at, ident, version), step, bytes(digest)) for ident, version, step, at, digest in rows]


# The index keeps the actor as `encode` writes its bytes; the comparison with the row walks it backwards.
_OF_POST = text(
    "SELECT id, version, step, at, hash FROM log"  # noqa: S608
    " WHERE log_actor(body) = encode(convert_to(CAST(:post AS text), 'UTF8'), 'escape')"
    f" AND {BY_PEOPLE} AND at >= :since AND (at, id, version) < (:at, :id, :version)"
    " ORDER BY at DESC, id DESC, version DESC LIMIT :limit"
)
