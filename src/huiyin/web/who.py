"""Who may use which route: one table, one guard; a route without a row answers nobody."""

from datetime import UTC, datetime
from typing import Any, Literal

from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from huiyin.core.people import ROLES, Role, Viewer, may, scope
from huiyin.store import accounts
from huiyin.web.logins import digest
from huiyin.web.problems import Problem
from huiyin.web.room import Room

COOKIE = "huiyin_session"
ANYONE: Literal["anyone"] = "anyone"
STAFF: frozenset[Role] = frozenset(ROLES)
MACHINE: frozenset[Role] = frozenset(("machine",))

_API = "/api/v1"
# Holders of a receipt are anyone: the receipt itself is what they show.
TABLE: dict[tuple[str, str], Literal["anyone"] | frozenset[Role]] = {
    ("GET", "/"): ANYONE,
    ("GET", "/docs"): ANYONE,
    ("GET", "/openapi.json"): ANYONE,
    ("GET", "/static/{file_path}"): ANYONE,
    ("GET", "/healthz"): ANYONE,
    ("GET", "/readyz"): ANYONE,
    ("GET", "/metrics"): ANYONE,
    ("POST", f"{_API}/complaints"): ANYONE,
    ("GET", f"{_API}/complaints"): MACHINE,
    ("GET", f"{_API}/complaints/{{receipt}}"): ANYONE,
    ("POST", f"{_API}/session"): ANYONE,
    ("DELETE", f"{_API}/session"): ANYONE,
    ("GET", f"{_API}/tickets"): STAFF,
    ("GET", f"{_API}/tickets/{{number}}"): STAFF,
    ("GET", f"{_API}/tickets/{{number}}/log"): STAFF,
    ("POST", f"{_API}/tickets/{{number}}/reclassify"): frozenset(r for r in ROLES if may(r, "reclassify")),
}

Connection = ASGIConnection[Any, Any, Any, Any]


async def admit(connection: Connection, _handler: BaseRouteHandler) -> None:
    """The guard of every route. Whoever is not known is 401, whose role is not in the row 403."""
    scope_ = connection.scope
    method = str(scope_.get("method", "GET"))
    if method == "OPTIONS":
        return
    who = TABLE.get((("GET" if method == "HEAD" else method), str(scope_.get("path_template", ""))))
    if who == ANYONE:
        return
    if who is None:
        raise Problem("not-found")
    viewer = await _viewer(connection, method)
    if viewer.role not in who:
        raise Problem("not-your-role")
    connection.state.viewer = viewer


async def _viewer(connection: Connection, method: str) -> Viewer:
    room: Room = connection.app.state.room
    kind, _, token = connection.headers.get("authorization", "").partition(" ")
    cookie = connection.cookies.get(COOKIE)
    account: accounts.Account | None = None
    if token and kind.lower() == "bearer":
        account = await room.ask(lambda c: accounts.by_token(c, digest(token.strip())))
    elif cookie:
        if method not in ("GET", "HEAD"):
            same_origin(connection)
        account = await room.ask(lambda c: accounts.by_session(c, digest(cookie), datetime.now(UTC)))
    if account is None:
        raise Problem("log-in-first")
    return as_viewer(account)


def as_viewer(account: accounts.Account) -> Viewer:
    """An account with its scope read; a role or scope nobody knows any more lets nobody in."""
    try:
        role = next(role for role in ROLES if role == account.role)
        return Viewer(account.username, role, account.post_code, scope(account.scope))
    except (StopIteration, ValueError):
        raise Problem("log-in-first") from None


def same_origin(connection: Connection) -> None:
    """A browser says where a request comes from; another site's is refused (SameSite=Strict stands before)."""
    origin = connection.headers.get("origin")
    site = connection.headers.get("sec-fetch-site", "same-origin")
    host = connection.headers.get("host", "")
    if site not in ("same-origin", "none") or (origin and origin.split("://")[-1] != host):
        raise Problem("cross-origin")
