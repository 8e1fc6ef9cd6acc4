"""Who may use which route: one table, one guard; a route without a row answers nobody."""

from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import unquote

from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.masks import looks, shown_to
from huiyin.core.people import ROLES, Role, Viewer, may, scope
from huiyin.store import accounts, people
from huiyin.store.people import Standing
from huiyin.web.logins import digest
from huiyin.web.mediations.orders import TABLE as MEDIATIONS
from huiyin.web.mediations.windows import TABLE as MEDIATION_WINDOWS
from huiyin.web.orders import ORDERS
from huiyin.web.problems import Problem
from huiyin.web.room import Room
from huiyin.web.staff.forms import FORMS
from huiyin.web.whistles.orders import BLOWERS, DEPARTMENT
from huiyin.web.whistles.orders import ORDERS as WHISTLE_ORDERS

COOKIE = "huiyin_session"
POST_HEADER = "x-huiyin-post"  # a bearer client names another post that it holds, percent-encoded
ANYONE: Literal["anyone"] = "anyone"
STAFF: frozenset[Role] = frozenset(ROLES)
MACHINE: frozenset[Role] = frozenset(("machine",))
WALKERS: frozenset[Role] = frozenset(r for r in ROLES if may(r, "site-check"))
SCREENS: frozenset[Role] = frozenset(("community", "street", "auditor"))
REGISTRAR: frozenset[Role] = frozenset(("registrar",))
OFFICE: frozenset[Role] = REGISTRAR | {"auditor"}  # who changes it, and who looks on without a name
REVIEWERS: frozenset[Role] = frozenset(("community", "street", "auditor", "registrar"))

_API = "/api/v1"
_SORTERS = frozenset(role for role in ROLES if may(role, "reclassify"))
_BULK = frozenset(role for role in ROLES if may(role, "reassign") or may(role, "dispatch"))
# Who answers for an area, and who looks after them: others have no use for a table that leaves the house.
EXPORTERS: frozenset[Role] = frozenset(("community", "street", "auditor"))
_WORKERS: frozenset[Role] = frozenset((*(r for r in ROLES if may(r, "note")), "department"))
WHISTLERS: frozenset[Role] = frozenset(("community", "street", "department", "auditor"))
_AUDITOR: frozenset[Role] = frozenset(("auditor",))
_KINDS = {"reveal": "view", "notice": "notify"}  # what forms call otherwise than the core
# Holders of a receipt are anyone: the receipt itself is what they show.
TABLE: dict[tuple[str, str], Literal["anyone"] | frozenset[Role]] = {
    ("GET", "/"): ANYONE,
    ("GET", "/file"): ANYONE,
    ("POST", "/file"): ANYONE,
    ("GET", "/places"): ANYONE,
    ("POST", "/hints"): ANYONE,
    ("GET", "/board"): ANYONE,
    ("GET", "/board/{community}"): ANYONE,
    ("GET", "/r"): ANYONE,
    ("POST", "/r"): ANYONE,
    ("GET", "/r/{receipt}"): ANYONE,
    ("GET", "/r/{receipt}/pictures/{ref}"): ANYONE,
    ("GET", "/r/{receipt}/news"): ANYONE,
    ("POST", "/r/{receipt}/feedback"): ANYONE,
    ("GET", "/r/{receipt}/withdraw"): ANYONE,
    ("POST", "/r/{receipt}/withdraw"): ANYONE,
    ("POST", "/r/{receipt}/urge"): ANYONE,
    ("POST", "/r/{receipt}/add"): ANYONE,
    ("GET", "/r/{receipt}/pressure"): ANYONE,
    ("POST", "/r/{receipt}/pressure"): ANYONE,
    ("GET", "/login"): ANYONE,
    ("POST", "/login"): ANYONE,
    ("POST", "/logout"): STAFF,
    ("POST", "/act-as"): STAFF,
    ("GET", "/live"): STAFF,
    ("GET", "/desk"): STAFF,
    ("GET", "/desk/list"): _WORKERS | _AUDITOR,
    ("GET", "/tickets/{number}"): STAFF,
    ("GET", "/tickets/{number}/now"): STAFF,
    ("GET", "/tickets/{number}/pictures/{ref}"): frozenset(r for r in ROLES if looks(r)),
    ("GET", "/tickets/{number}/attach"): frozenset(r for r in ROLES if may(r, "attach")),
    ("POST", "/tickets/{number}/attach"): frozenset(r for r in ROLES if may(r, "attach")),
    ("GET", "/tickets/{number}/clock"): STAFF,
    **{
        (method, f"/tickets/{{number}}/{path}"): frozenset(r for r in ROLES if may(r, _KINDS.get(command, command)))
        for command in FORMS
        for method, path in (("GET", f"do/{command}"), ("POST", command))
    },
    ("GET", "/tickets/{number}/dissuasions"): frozenset(r for r in ROLES if may(r, "dissuade")) | {"auditor"},
    ("GET", "/tickets"): STAFF - MACHINE,
    ("GET", "/tickets/list"): STAFF - MACHINE,
    ("GET", "/tickets/counts"): STAFF - MACHINE,
    ("POST", "/tickets/filters"): STAFF - MACHINE,
    ("POST", "/tickets/filters/{ident}"): STAFF - MACHINE,
    ("GET", "/tickets/bulk"): _BULK,
    ("POST", "/tickets/bulk"): _BULK,
    ("GET", "/tickets/export"): EXPORTERS,
    ("POST", "/tickets/export"): EXPORTERS,
    ("GET", "/sorting"): _SORTERS,
    ("GET", "/sorting/left"): _SORTERS,
    ("GET", "/sorting/find"): _SORTERS,
    ("POST", "/sorting"): _SORTERS,
    ("GET", "/patrol"): WALKERS,
    ("GET", "/patrol/mark"): WALKERS,
    ("GET", "/patrol/worker.js"): ANYONE,
    ("POST", "/patrol/findings"): WALKERS,
    ("GET", "/screen"): SCREENS,
    ("GET", "/screen/now"): SCREENS,
    ("GET", "/screen/counted"): SCREENS,
    ("GET", "/review"): REVIEWERS,
    ("GET", "/review/posts"): REVIEWERS,
    ("GET", "/review/posts/{post}"): REVIEWERS,
    ("GET", "/review/tickets/{number}"): STAFF - MACHINE,
    ("GET", "/review/whistles/{number}"): frozenset(("street", "auditor")),
    ("GET", "/admin"): OFFICE,
    ("GET", "/admin/letters"): OFFICE,
    ("GET", "/admin/letters/{ident}"): OFFICE,
    ("POST", "/admin/letters/{ident}/reveal"): REGISTRAR,
    ("POST", "/admin/letters/replay"): REGISTRAR,
    ("GET", "/admin/rulebook"): OFFICE,
    ("GET", "/admin/calendars"): OFFICE,
    ("POST", "/admin/calendars"): REGISTRAR,
    ("POST", "/admin/calendars/import"): REGISTRAR,
    ("GET", "/admin/system"): OFFICE,
    ("GET", "/admin/posts"): OFFICE,
    ("GET", "/admin/posts/{post}"): OFFICE,
    ("POST", "/admin/posts/{post}/appoint"): REGISTRAR,
    ("POST", "/admin/posts/{post}/end"): REGISTRAR,
    ("GET", "/admin/accounts"): REGISTRAR,
    ("POST", "/admin/accounts"): REGISTRAR,
    ("GET", "/admin/accounts/{person}"): REGISTRAR,
    ("POST", "/admin/accounts/{person}/close"): REGISTRAR,
    ("POST", "/admin/accounts/{person}/codes"): REGISTRAR,
    ("POST", "/admin/accounts/{person}/name"): REGISTRAR,
    ("POST", "/admin/accounts/{person}/sessions"): REGISTRAR,
    ("GET", "/docs"): ANYONE,
    ("GET", "/openapi.json"): ANYONE,
    ("GET", "/static/{file_path}"): ANYONE,
    ("GET", "/healthz"): ANYONE,
    ("GET", "/readyz"): ANYONE,
    ("GET", "/metrics"): ANYONE,
    ("POST", f"{_API}/complaints"): ANYONE,
    ("GET", f"{_API}/challenge"): ANYONE,
    ("GET", f"{_API}/complaints"): MACHINE,
    ("GET", f"{_API}/complaints/{{receipt}}"): ANYONE,
    ("POST", f"{_API}/complaints/{{receipt}}/feedback"): ANYONE,
    ("POST", f"{_API}/complaints/{{receipt}}/withdraw"): ANYONE,
    ("POST", f"{_API}/complaints/{{receipt}}/urge"): ANYONE,
    ("POST", f"{_API}/complaints/{{receipt}}/add"): ANYONE,
    ("POST", f"{_API}/complaints/{{receipt}}/pressure"): ANYONE,
    ("POST", f"{_API}/session"): ANYONE,
    ("DELETE", f"{_API}/session"): ANYONE,
    ("GET", f"{_API}/tickets"): STAFF,
    ("GET", f"{_API}/tickets/{{number}}"): STAFF,
    ("GET", f"{_API}/tickets/{{number}}/log"): STAFF,
    **{
        ("POST", f"{_API}/tickets/{{number}}/{command}"): frozenset(r for r in ROLES if may(r, command))
        for command in ORDERS
    },
    ("GET", f"{_API}/tickets/{{number}}/dossier"): frozenset(r for r in ROLES if shown_to(r)),
    ("GET", f"{_API}/tickets/{{number}}/dissuasions"): frozenset(r for r in ROLES if may(r, "dissuade")) | {"auditor"},
    ("POST", f"{_API}/tickets/{{number}}/reveal"): frozenset(r for r in ROLES if may(r, "view")),
    ("POST", f"{_API}/tickets/{{number}}/notice"): frozenset(r for r in ROLES if may(r, "notify")),
    ("GET", f"{_API}/desk"): _WORKERS,
    ("GET", f"{_API}/desk/rulings"): frozenset(r for r in ROLES if may(r, "rule")),
    ("GET", f"{_API}/desk/approvals"): frozenset(("owners_committee", "community", "street")),
    ("GET", f"{_API}/desk/supervised"): frozenset(("community", "street", "auditor")),
    ("GET", f"{_API}/notices"): _WORKERS,
    ("GET", "/tickets/{number}/whistle"): BLOWERS,
    ("POST", "/tickets/{number}/whistle"): BLOWERS,
    ("GET", "/whistles/new"): BLOWERS,
    ("POST", "/whistles/new"): BLOWERS,
    ("GET", "/whistles"): SCREENS,
    ("GET", "/whistles/list"): SCREENS,
    ("GET", "/whistles/figures"): SCREENS,
    ("GET", "/whistles/report"): WHISTLERS,
    ("GET", "/whistles/report/export"): WHISTLERS,
    ("GET", "/whistles/{number}/sheet"): WHISTLERS,
    ("GET", "/whistles/places"): BLOWERS,
    ("POST", "/whistles/matter"): BLOWERS,
    ("POST", "/whistles/check"): BLOWERS,
    ("GET", "/calls"): DEPARTMENT,
    ("GET", "/calls/list"): DEPARTMENT,
    ("GET", "/whistles/{number}"): WHISTLERS,
    ("GET", "/whistles/{number}/now"): WHISTLERS,
    ("GET", "/whistles/{number}/pictures/{ref}"): WHISTLERS,
    **{
        (method, f"/whistles/{{number}}/{path}"): row.roles
        for command, row in WHISTLE_ORDERS.items()
        for method, path in (("GET", f"do/{command}"), ("POST", command))
    },
    **MEDIATIONS,
    **MEDIATION_WINDOWS,
    ("GET", f"{_API}/tickets/{{number}}/mediations"): _WORKERS | _AUDITOR,
    ("GET", f"{_API}/whistles"): WHISTLERS,
    ("POST", f"{_API}/whistles"): BLOWERS,
    ("POST", f"{_API}/tickets/{{number}}/whistle"): BLOWERS,
    ("GET", f"{_API}/whistles/duties"): WHISTLERS,
    ("GET", f"{_API}/whistles/{{number}}"): WHISTLERS,
    ("GET", f"{_API}/whistles/{{number}}/log"): WHISTLERS,
    **{("POST", f"{_API}/whistles/{{number}}/{command}"): row.roles for command, row in WHISTLE_ORDERS.items()},
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


async def account(connection: Connection) -> Viewer | None:
    """Whoever asks at a route for anyone, where they show who they are; None for everybody else."""
    try:
        return await _viewer(connection, "GET")
    except Problem:
        return None


async def _viewer(connection: Connection, method: str) -> Viewer:
    room: Room = connection.app.state.room
    kind, _, token = connection.headers.get("authorization", "").partition(" ")
    cookie = connection.cookies.get(cookie_name(connection))
    if token and kind.lower() == "bearer":
        post = unquote(connection.headers.get(POST_HEADER, "")) or None
        return await room.ask(lambda c: _by_token(c, digest(token.strip()), post, room.clock()))
    if cookie:
        if method not in ("GET", "HEAD"):
            same_origin(connection)
        return await room.ask(lambda c: _by_session(c, digest(cookie), room.clock()))
    raise Problem("log-in-first")


async def _by_token(connection: AsyncConnection, token: bytes, post: str | None, at: datetime) -> Viewer:
    account = await accounts.by_token(connection, token)
    if account is None:
        raise Problem("log-in-first")
    return as_viewer(account, await people.standing(connection, account.person, at), post)


async def _by_session(connection: AsyncConnection, token: bytes, at: datetime) -> Viewer:
    """Sessions go by real time, posts by the house's clock."""
    found = await accounts.by_session(connection, token, datetime.now(UTC))
    if found is None:
        raise Problem("log-in-first")
    account, post = found
    return as_viewer(account, await people.standing(connection, account.person, at), post)


def as_viewer(account: accounts.Account, standing: Standing, post: str | None = None) -> Viewer:
    """Who acts, as their own post or as another that they hold now; what a post may see is what the term in it says.

    A role or scope nobody knows any more lets nobody in. A machine, and who never held a post, is its account."""
    code = post or account.post_code
    term = standing.now.get(code)
    if term is None and code in standing.ever:
        raise Problem("post-ended")
    if term is None and code != account.post_code:
        raise Problem("not-your-post")
    named, seen = (term.role, term.scope) if term else (account.role, account.scope)
    mine = {code, standing.person.employer, *standing.person.posts} - {None}
    try:
        role = next(role for role in ROLES if role == named)
        place, organisations = scope(seen), frozenset(map(str, mine))
        return Viewer(account.username, role, code, place, account.person, organisations, tuple(sorted(standing.now)))
    except (StopIteration, ValueError):
        raise Problem("log-in-first") from None


def secure(connection: Connection) -> bool:
    """Whether people reach us over TLS: directly, or at the public address that a proxy keeps for us."""
    room: Room = connection.app.state.room
    return connection.scope["scheme"] == "https" or room.where.public_url.startswith("https:")


def cookie_name(connection: Connection) -> str:
    """The session's cookie; with TLS under a name that no other host and no plain page can set (`__Host-`)."""
    return f"__Host-{COOKIE}" if secure(connection) else COOKIE


def same_origin(connection: Connection) -> None:
    """A browser says where a request comes from; another site's is refused (SameSite=Strict stands before)."""
    origin = connection.headers.get("origin")
    site = connection.headers.get("sec-fetch-site", "same-origin")
    host = connection.headers.get("host", "")
    if site not in ("same-origin", "none") or (origin and origin.split("://")[-1] != host):
        raise Problem("cross-origin")
