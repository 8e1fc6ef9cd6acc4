"""Accounts and sessions (账号): only hashes of passwords, tokens and cookies are kept."""

from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

IDLE, ABSOLUTE = timedelta(minutes=30), timedelta(hours=12)


class Account(Struct, frozen=True):
    """One account; it acts as a post and sees a scope."""

    username: str
    role: str
    post_code: str
    scope: str


class Listed(Struct, frozen=True):
    """An account as lists show it."""

    username: str
    role: str
    post_code: str
    scope: str
    created_at: datetime
    disabled_at: datetime | None


_COLUMNS = "a.username, a.role, a.post_code, a.scope"


async def put(
    connection: AsyncConnection, account: Account, password: str | None, token: bytes | None, at: datetime
) -> None:
    """Make an account or renew it; renewing enables it again. `password` and `token` are hashes."""
    await connection.execute(
        _PUT,
        {
            "username": account.username,
            "role": account.role,
            "post_code": account.post_code,
            "scope": account.scope,
            "password": password,
            "token": token,
            "at": at,
        },
    )


_PUT = text(
    "INSERT INTO accounts (username, role, post_code, scope, password, token, created_at)"
    " VALUES (:username, :role, :post_code, :scope, :password, :token, :at)"
    " ON CONFLICT (username) DO UPDATE SET role = excluded.role, post_code = excluded.post_code,"
    " scope = excluded.scope, password = excluded.password, token = excluded.token, disabled_at = NULL"
)


async def by_token(connection: AsyncConnection, token: bytes) -> Account | None:
    """Whose bearer token has this SHA-256; none where the account is disabled."""
    row = (await connection.execute(_TOKEN, {"token": token})).first()
    return Account(*row) if row else None


_TOKEN = text(f"SELECT {_COLUMNS} FROM accounts a WHERE token = :token AND disabled_at IS NULL")  # noqa: S608


async def password(connection: AsyncConnection, username: str) -> str | None:
    """The argon2id hash of an account's password; None where there is no such account, or it is disabled."""
    return (await connection.execute(_PASSWORD, {"username": username})).scalar()


_PASSWORD = text("SELECT password FROM accounts WHERE username = :username AND disabled_at IS NULL")


async def everyone(connection: AsyncConnection) -> list[Listed]:
    """All accounts, by name."""
    return [Listed(*row) for row in await connection.execute(_EVERYONE)]


_EVERYONE = text(f"SELECT {_COLUMNS}, created_at, disabled_at FROM accounts a ORDER BY username")  # noqa: S608


async def disable(connection: AsyncConnection, username: str, at: datetime) -> bool:
    """Close an account and end its sessions at once; False where there is none."""
    found = await connection.execute(_DISABLE, {"username": username, "at": at})
    await connection.execute(_END_ALL, {"username": username, "at": at})
    return found.rowcount > 0


_DISABLE = text("UPDATE accounts SET disabled_at = :at WHERE username = :username")
_END_ALL = text("UPDATE sessions SET ended_at = :at WHERE username = :username AND ended_at IS NULL")


async def open_session(connection: AsyncConnection, token: bytes, username: str, at: datetime) -> Account:
    """A new session under the hash of its cookie."""
    await connection.execute(_OPEN, {"token": token, "username": username, "at": at})
    return Account(*(await connection.execute(_BY_NAME, {"username": username})).one())


_OPEN = text("INSERT INTO sessions (token, username, created_at, seen_at) VALUES (:token, :username, :at, :at)")
_BY_NAME = text(f"SELECT {_COLUMNS} FROM accounts a WHERE username = :username")  # noqa: S608


async def by_session(connection: AsyncConnection, token: bytes, at: datetime) -> Account | None:
    """Whose session it is: not ended, used within half an hour, at most twelve hours old."""
    bounds = {"token": token, "idle": at - IDLE, "oldest": at - ABSOLUTE}
    row = (await connection.execute(_SESSION, bounds)).first()
    if row is None:
        return None
    if row[4] < at - timedelta(minutes=1):
        await connection.execute(_SEEN, {"token": token, "at": at})
        await connection.commit()
    return Account(*row[:4])


_SESSION = text(
    f"SELECT {_COLUMNS}, s.seen_at FROM sessions s JOIN accounts a USING (username)"  # noqa: S608
    " WHERE s.token = :token AND s.ended_at IS NULL AND s.seen_at > :idle AND s.created_at > :oldest"
    " AND a.disabled_at IS NULL"
)
_SEEN = text("UPDATE sessions SET seen_at = :at WHERE token = :token")


async def end_session(connection: AsyncConnection, token: bytes, at: datetime) -> None:
    """Log out; ending what is over already is nothing."""
    await connection.execute(_END, {"token": token, "at": at})


_END = text("UPDATE sessions SET ended_at = :at WHERE token = :token AND ended_at IS NULL")
