"""What the office looks at (管理): who sits where and what waits there, accounts with their sessions."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.staff import Term
from huiyin.store.accounts import ABSOLUTE, IDLE


class Held(Struct, frozen=True):
    """A term with the user name of the person, "" where there is none."""

    term: Term
    username: str


class Open(Struct, frozen=True):
    """A session that is still good; `token` is the hash of its cookie."""

    token: bytes
    post_code: str | None
    created_at: datetime
    seen_at: datetime


class Listed(Struct, frozen=True):
    """An account as the office sees it; `called`: the person's name, "" until somebody says it; `codes`: it has a
    secret for one-time codes."""

    username: str
    called: str
    person: str
    role: str
    post_code: str
    scope: str
    created_at: datetime
    disabled_at: datetime | None
    codes: bool
    exempt: bool
    sessions: int


async def terms(connection: AsyncConnection, codes: Sequence[str]) -> dict[str, list[Held]]:
    """All terms in some posts, past and planned too, the newest first; absent: nobody was ever named."""
    found: dict[str, list[Held]] = {}
    for row in await connection.execute(_TERMS, {"codes": list(codes)}):
        found.setdefault(row[0], []).append(Held(Term(*row[:7]), row[7]))
    return found


_TERMS = text(
    "SELECT h.post_code, h.person, h.role, h.scope, h.since, h.until, h.deputy,"
    " COALESCE((SELECT min(a.username) FROM accounts a WHERE a.person = h.person), '')"
    " FROM holdings h WHERE h.post_code = ANY(:codes)"
    " AND (h.until IS NULL OR h.until > h.since) ORDER BY h.post_code, h.deputy, h.since DESC, h.person"
)


async def waiting(connection: AsyncConnection, codes: Sequence[str]) -> dict[str, int]:
    """How many open tickets stand at some posts."""
    rows = await connection.execute(_WAITING, {"codes": list(codes)})
    return {code: count for code, count in rows}  # noqa: C416  # rows are no tuples to mypy


_WAITING = text(
    "SELECT post_code, count(*) FROM tickets WHERE post_code = ANY(:codes) AND closed_at IS NULL AND lead IS NULL"
    " GROUP BY post_code"
)


async def vacant(connection: AsyncConnection, at: datetime) -> dict[str, datetime]:
    """Posts that had somebody and have nobody now, and since when."""
    return {code: since for code, since in await connection.execute(_VACANT, {"at": at})}  # noqa: C416


_VACANT = text(
    "SELECT post_code, max(until) FROM holdings WHERE since <= :at AND (until IS NULL OR until > since)"
    " GROUP BY post_code HAVING bool_and(until IS NOT NULL AND until <= :at)"
)


async def named(connection: AsyncConnection) -> frozenset[str]:
    """Posts that somebody was ever named for."""
    return frozenset((await connection.execute(_NAMED)).scalars())


_NAMED = text("SELECT DISTINCT post_code FROM holdings")


# -- accounts ---------------------------------------------------------------------------------------------

_COLUMNS = (
    "a.username, a.called, a.person, a.role, a.post_code, a.scope, a.created_at, a.disabled_at, a.totp IS NOT NULL,"
    " a.exempt,"
    " (SELECT count(*) FROM sessions s WHERE s.username = a.username AND s.ended_at IS NULL"
    " AND s.seen_at > :idle AND s.created_at > :oldest)"
)


def _bounds(now: datetime) -> dict[str, datetime]:
    return {"idle": now - IDLE, "oldest": now - ABSOLUTE}


async def accounts(connection: AsyncConnection, after: str, limit: int, now: datetime) -> list[Listed]:
    """Accounts by name, one page; `now` is real time, by which sessions go."""
    rows = await connection.execute(_PAGE, {**_bounds(now), "after": after, "limit": limit})
    return [Listed(*row) for row in rows]


_PAGE = text(f"SELECT {_COLUMNS} FROM accounts a WHERE a.username > :after ORDER BY a.username LIMIT :limit")  # noqa: S608


async def account(connection: AsyncConnection, person: str, now: datetime) -> Listed | None:
    """A person's account; None where nobody has that id."""
    row = (await connection.execute(_ONE, {**_bounds(now), "person": person})).first() if person else None
    return Listed(*row) if row else None


_ONE = text(f"SELECT {_COLUMNS} FROM accounts a WHERE a.person = :person ORDER BY a.username LIMIT 1")  # noqa: S608


async def sessions(connection: AsyncConnection, username: str, now: datetime) -> list[Open]:
    """An account's open sessions, the one used last first."""
    rows = await connection.execute(_SESSIONS, {**_bounds(now), "username": username})
    return [Open(bytes(token), *rest) for token, *rest in rows]


_SESSIONS = text(
    "SELECT token, post_code, created_at, seen_at FROM sessions WHERE username = :username AND ended_at IS NULL"
    " AND seen_at > :idle AND created_at > :oldest ORDER BY seen_at DESC, token LIMIT 200"
)


async def confirmed(connection: AsyncConnection, token: bytes) -> datetime | None:
    """When a session's own password was last shown again."""
    found: datetime | None = (await connection.execute(_CONFIRMED, {"token": token})).scalar()
    return found


_CONFIRMED = text("SELECT confirmed_at FROM sessions WHERE token = :token")


async def confirm(connection: AsyncConnection, token: bytes, now: datetime) -> None:
    """It was shown again now."""
    await connection.execute(_CONFIRM, {"token": token, "at": now})


_CONFIRM = text("UPDATE sessions SET confirmed_at = :at WHERE token = :token")
