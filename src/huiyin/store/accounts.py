"""Accounts and sessions (账号): only hashes of passwords, tokens and cookies are kept."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

IDLE, ABSOLUTE = timedelta(minutes=30), timedelta(hours=12)


class Account(Struct, frozen=True):
    """One account; it acts as a post and sees a scope. `person` is empty for a machine; `exempt`: no TOTP."""

    username: str
    role: str
    post_code: str
    scope: str
    person: str = ""
    exempt: bool = False


class Factors(Struct, frozen=True):
    """What must be shown to log in: the argon2id hash of a password, and a TOTP secret as it was sealed."""

    password: str | None
    totp: bytes | None = None
    exempt: bool = False


class Listed(Struct, frozen=True):
    """An account as lists show it."""

    username: str
    role: str
    post_code: str
    scope: str
    created_at: datetime
    disabled_at: datetime | None


_COLUMNS = "a.username, a.role, a.post_code, a.scope, a.person, a.exempt"


async def put(
    connection: AsyncConnection, account: Account, password: str | None, token: bytes | None, at: datetime
) -> None:
    """Make an account or renew it; renewing enables it again and ends its sessions. `password` and `token` are
    hashes."""
    await connection.execute(
        _PUT,
        {
            "username": account.username,
            "role": account.role,
            "post_code": account.post_code,
            "scope": account.scope,
            "password": password,
            "token": token,
            "person": account.person,
            "exempt": account.exempt,
            "at": at,
        },
    )
    await connection.execute(_END_ALL, {"username": account.username, "at": at})


_PUT = text(
    "INSERT INTO accounts (username, role, post_code, scope, password, token, person, exempt, created_at)"
    " VALUES (:username, :role, :post_code, :scope, :password, :token, :person, :exempt, :at)"
    " ON CONFLICT (username) DO UPDATE SET role = excluded.role, post_code = excluded.post_code,"
    " scope = excluded.scope, password = excluded.password, token = excluded.token, person = excluded.person,"
    " exempt = excluded.exempt, disabled_at = NULL"
)


async def by_token(connection: AsyncConnection, token: bytes) -> Account | None:
    """Whose bearer token has this SHA-256; none where the account is disabled, or must show a TOTP code."""
    row = (await connection.execute(_TOKEN, {"token": token})).first()
    return Account(*row) if row else None


_TOKEN = text(
    f"SELECT {_COLUMNS} FROM accounts a WHERE token = :token AND disabled_at IS NULL"  # noqa: S608
    " AND (exempt OR role = 'machine')"
)


async def by_name(connection: AsyncConnection, username: str) -> Account | None:
    """An account, disabled or not."""
    row = (await connection.execute(_BY_NAME, {"username": username})).first()
    return Account(*row) if row else None


_BY_NAME = text(f"SELECT {_COLUMNS} FROM accounts a WHERE username = :username")  # noqa: S608


async def call(connection: AsyncConnection, username: str, called: str) -> bool:
    """What an account's person is called, as papers and parties read it; whether it was otherwise before."""
    return bool((await connection.execute(_CALL, {"username": username, "called": called})).rowcount)


_CALL = text("UPDATE accounts SET called = :called WHERE username = :username AND called <> :called")


async def names(connection: AsyncConnection, persons: Sequence[str]) -> dict[str, str]:
    """What some persons are called, or else log in as; who has no account is left out."""
    if not persons:
        return {}
    rows = await connection.execute(_NAMES, {"persons": list(persons)})
    return {person: name for person, name in rows}  # noqa: C416  # rows are no tuples to mypy


_NAMES = text(
    "SELECT person, COALESCE(min(called) FILTER (WHERE called <> ''), min(username))"
    " FROM accounts WHERE person = ANY(:persons) GROUP BY person"
)


async def persons(connection: AsyncConnection, names: Sequence[str]) -> dict[str, str]:
    """Whose some accounts are; a machine's, and one that is not there, is left out."""
    if not names:
        return {}
    rows = await connection.execute(_PERSONS, {"names": list(names)})
    return {username: person for username, person in rows}  # noqa: C416  # rows are no tuples to mypy


_PERSONS = text("SELECT username, person FROM accounts WHERE username = ANY(:names) AND person <> ''")


async def factors(connection: AsyncConnection, username: str) -> Factors:
    """What an account must show; nothing can be shown for one that is not there, or disabled."""
    row = (await connection.execute(_FACTORS, {"username": username})).first()
    return Factors(*row) if row else Factors(None)


_FACTORS = text("SELECT password, totp, exempt FROM accounts WHERE username = :username AND disabled_at IS NULL")


async def put_totp(connection: AsyncConnection, username: str, sealed: bytes, at: datetime) -> bool:
    """Another TOTP secret; sessions of before end. False where there is no such account."""
    found = await connection.execute(_PUT_TOTP, {"username": username, "totp": sealed})
    await connection.execute(_END_ALL, {"username": username, "at": at})
    return found.rowcount > 0


_PUT_TOTP = text("UPDATE accounts SET totp = :totp, totp_step = NULL WHERE username = :username")


async def use_code(connection: AsyncConnection, username: str, step: int) -> bool:
    """Mark a TOTP step as used; False where it, or a later one, was used already: each code once (RFC 6238 5.2)."""
    return (await connection.execute(_USE, {"username": username, "step": step})).rowcount > 0


_USE = text(
    "UPDATE accounts SET totp_step = :step WHERE username = :username AND (totp_step IS NULL OR totp_step < :step)"
)


async def everyone(connection: AsyncConnection) -> list[Listed]:
    """All accounts, by name."""
    return [Listed(*row) for row in await connection.execute(_EVERYONE)]


_EVERYONE = text("SELECT username, role, post_code, scope, created_at, disabled_at FROM accounts ORDER BY username")


async def disable(connection: AsyncConnection, username: str, at: datetime) -> bool:
    """Close an account and end its sessions at once; False where it was closed, or there is none."""
    found = await connection.execute(_DISABLE, {"username": username, "at": at})
    await connection.execute(_END_ALL, {"username": username, "at": at})
    return found.rowcount > 0


_DISABLE = text("UPDATE accounts SET disabled_at = :at WHERE username = :username AND disabled_at IS NULL")
_END_ALL = text("UPDATE sessions SET ended_at = :at WHERE username = :username AND ended_at IS NULL")


async def open_session(
    connection: AsyncConnection, token: bytes, username: str, at: datetime, post_code: str | None = None
) -> None:
    """A new session under the hash of its cookie, as a post other than the account's own where one is named."""
    named = {"token": token, "username": username, "at": at, "post_code": post_code}
    await connection.execute(_OPEN, named)


_OPEN = text(
    "INSERT INTO sessions (token, username, created_at, seen_at, post_code)"
    " VALUES (:token, :username, :at, :at, :post_code)"
)


async def go_on(connection: AsyncConnection, old: bytes, token: bytes, at: datetime, post_code: str) -> bool:
    """A session under another cookie and as another post, as old as it was; False where there is none."""
    named = {"old": old, "token": token, "at": at, "post_code": post_code}
    return bool((await connection.execute(_GO_ON, named)).rowcount)


_GO_ON = text(
    "WITH was AS (UPDATE sessions SET ended_at = :at WHERE token = :old AND ended_at IS NULL"
    " RETURNING username, created_at)"
    " INSERT INTO sessions (token, username, created_at, seen_at, post_code)"
    " SELECT :token, username, created_at, :at, :post_code FROM was"
)


async def by_session(connection: AsyncConnection, token: bytes, at: datetime) -> tuple[Account, str | None] | None:
    """Whose session it is, and the post that it was opened for (None: the account's own): not ended, used within
    half an hour, at most twelve hours old."""
    bounds = {"token": token, "idle": at - IDLE, "oldest": at - ABSOLUTE}
    row = (await connection.execute(_SESSION, bounds)).first()
    if row is None:
        return None
    seen, post_code, *account = row
    if seen < at - timedelta(minutes=1):
        await connection.execute(_SEEN, {"token": token, "at": at})
        await connection.commit()
    return Account(*account), post_code


_SESSION = text(
    f"SELECT s.seen_at, s.post_code, {_COLUMNS} FROM sessions s JOIN accounts a USING (username)"  # noqa: S608
    " WHERE s.token = :token AND s.ended_at IS NULL AND s.seen_at > :idle AND s.created_at > :oldest"
    " AND a.disabled_at IS NULL"
)
_SEEN = text("UPDATE sessions SET seen_at = :at WHERE token = :token")


async def end_session(connection: AsyncConnection, token: bytes, at: datetime) -> None:
    """Log out; ending what is over already is nothing."""
    await connection.execute(_END, {"token": token, "at": at})


_END = text("UPDATE sessions SET ended_at = :at WHERE token = :token AND ended_at IS NULL")


async def end_sessions(connection: AsyncConnection, username: str, token: bytes | None, at: datetime) -> int:
    """End one session of an account, or all of them (None); how many were open."""
    found = await connection.execute(_END_SOME, {"username": username, "token": token, "at": at})
    return found.rowcount


_END_SOME = text(
    "UPDATE sessions SET ended_at = :at WHERE username = :username AND ended_at IS NULL"
    " AND (CAST(:token AS bytea) IS NULL OR token = :token)"
)
