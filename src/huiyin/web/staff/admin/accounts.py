"""Accounts (账号): added with a password that is shown once, closed, their one-time codes renewed, sessions ended."""

from datetime import UTC, datetime
from typing import Any

import segno
from litestar import Request, Response, get, post
from litestar.params import FromPath
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin import office, posts
from huiyin.core.people import Viewer
from huiyin.core.staff import Overlapping
from huiyin.store import offices
from huiyin.store.accounts import Account, put_totp
from huiyin.store.offices import Listed
from huiyin.store.people import terms
from huiyin.store.vault import Seal
from huiyin.web import totp
from huiyin.web.logins import new_password
from huiyin.web.problems import Problem
from huiyin.web.room import Room
from huiyin.web.staff import windows
from huiyin.web.staff.admin import gate
from huiyin.web.staff.admin.terms import term_of
from huiyin.web.staff.directory import ROLE_OF, Directory

Req = Request[Any, Any, Any]

PAGE, _LOOK = 40, 500
_LONGEST = {"username": 64, "called": 32, "post": 64, "since": 10, "until": 10, "deputy": 4}


class Secret(Struct, frozen=True):
    """What is shown once and never again."""

    username: str
    person: str
    password: str
    key: str
    picture: str


@get("/admin/accounts", include_in_schema=False)
async def page(request: Req) -> Response[bytes]:
    """The accounts of the viewer's scope, by name."""
    return await _listed(request)


async def _listed(request: Req, status: int = 200, wrong: str = "", **said: str) -> Response[bytes]:
    room: Room = request.app.state.room
    known, viewer, query = await gate.known(request), request.state.viewer, request.query_params
    wanted, after = query.get("q", "").strip()[:64], query.get("after", "")
    found, more = await room.ask(lambda c: _found(c, viewer, known, wanted, after.replace("\0", "")))
    facts = {"q": wanted, "next": more, "later": bool(after), "said": said, "wrong": wrong, "roles": windows.ROLE_NAMES}
    names = {one.post_code: known.name(one.post_code) for one in found}
    return await gate.page(request, "admin_accounts.html", status, accounts=found, names=names, **facts)


async def _found(
    connection: AsyncConnection, viewer: Viewer, known: Directory, wanted: str, after: str
) -> tuple[list[Listed], str | None]:
    """A page of those in scope, and where the next one begins; who is elsewhere is passed over."""
    found: list[Listed] = []
    while True:
        rows = await offices.accounts(connection, after, _LOOK, datetime.now(UTC))
        found += [one for one in rows if gate.ours(viewer, known, one) and _named(one, known, wanted)]
        if len(found) > PAGE:
            return found[:PAGE], found[PAGE - 1].username
        if len(rows) < _LOOK:
            return found, None
        after = rows[-1].username


def _named(one: Listed, known: Directory, wanted: str) -> bool:
    read = " ".join((one.username, one.called, one.post_code, known.name(one.post_code)))
    return all(part in read for part in wanted.split())


@get("/admin/accounts/{person:str}", include_in_schema=False)
async def one(request: Req, person: FromPath[str]) -> Response[bytes]:
    """What somebody holds, and where they are logged in."""
    room: Room = request.app.state.room
    known, account = await _mine(request, person)
    now = datetime.now(UTC)
    open_, held = await room.ask(lambda c: _state(c, account, now))
    names = {
        code: known.name(code)
        for code in {account.post_code, *(t.post for t in held), *(s.post_code for s in open_ if s.post_code)}
    }
    ours = [term for term in held if term.until is None or term.until > room.clock()]
    may = account.role not in gate.NOT_OURS and account.person != request.state.viewer.person
    facts = {"sessions": open_, "terms": ours, "names": names, "may": may, "real": now}
    role = windows.ROLE_NAMES.get(account.role, account.role)  # type: ignore[call-overload]  # any text may stand there
    return await gate.page(request, "admin_account.html", entry=account, role=role, **facts)


async def _state(connection: AsyncConnection, account: Listed, now: datetime) -> tuple[list[offices.Open], list[Any]]:
    held = await terms(connection, account.person)
    return await offices.sessions(connection, account.username, now), held


async def _mine(request: Req, person: str) -> tuple[Directory, Listed]:
    """An account of the viewer's scope; another street's is not there."""
    room: Room = request.app.state.room
    known = await gate.known(request)
    account = await room.ask(lambda c: offices.account(c, person.replace("\0", ""), datetime.now(UTC)))
    if account is None or not gate.ours(request.state.viewer, known, account):
        raise Problem("not-found")
    return known, account


def _plain(account: Listed) -> Account:
    return Account(account.username, account.role, account.post_code, account.scope, account.person, account.exempt)


# -- changes ----------------------------------------------------------------------------------------------


@post("/admin/accounts", include_in_schema=False)
async def add(request: Req) -> Response[Any]:
    """A new account in a post of the scope; its password and code secret are shown on this page only."""
    said = await windows.said(request)
    kept = {name: said.get(name, "")[:most] for name, most in _LONGEST.items()}
    fault = await gate.confirm(request, said)
    made = fault or await _opened(request, kept)
    if isinstance(made, str):
        return await _listed(request, 422, gate.WRONG[made], **kept)
    return await gate.page(request, "admin_secret.html", secret=made, fresh=True)


async def _opened(request: Req, said: dict[str, str]) -> Secret | str:
    """The secrets of the new account, or which of gate.WRONG."""
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    known, name, code = await gate.known(request), said["username"], said["post"]
    role = ROLE_OF.get(code.partition(":")[0])
    if not name or not name.isprintable() or not said["called"].isprintable():
        return "name"
    if role is None or not known.looked_after(viewer.scope, code):
        return "post"
    try:
        return await _made(room, viewer, known, Account(name, role, code, ""), said)
    except office.Taken:
        return "taken"
    except (posts.BadTerm, Overlapping):
        return "term"


async def _made(room: Room, viewer: Viewer, known: Directory, wanted: Account, said: dict[str, str]) -> Secret:
    """Account, person, term and code secret in one transaction."""
    password, key, name = new_password(), totp.new_secret(), wanted.username
    kept, sealed = await room.logins.hash(password), totp.sealed(Seal(room.where.vault_key), key)
    term = term_of(room, viewer, known, wanted.post_code, "", said)
    account = replace(wanted, scope=term.scope)

    async def order(connection: AsyncConnection) -> str:
        at = room.clock()
        person = await office.open_account(connection, account, term.role, kept, term, at=at, actor=viewer.post)
        await put_totp(connection, name, sealed, datetime.now(UTC))
        opened = replace(account, person=person)
        await office.call(connection, opened, said["called"].strip(), at=at, actor=viewer.post)
        return person

    return Secret(name, await room.write(order), password, key, picture(key, name))


def picture(key: str, username: str) -> str:
    """The QR code that an authenticator reads; drawn here, so that the secret goes nowhere else."""
    return segno.make(totp.uri(key, username), error="m", micro=False).svg_inline(omitsize=True, border=2)


@post("/admin/accounts/{person:str}/close", include_in_schema=False)
async def close(request: Req, person: FromPath[str]) -> Response[Any]:
    """Nobody logs in with it from now on; its sessions end, and where wanted its terms."""
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    _, account, said, fault = await _about_to(request, person)
    if fault:
        return windows.back(f"/admin/accounts/{person}", wrong=fault)
    times = {"at": room.clock(), "now": datetime.now(UTC)}
    leave = bool(said.get("leave"))
    await room.write(lambda c: office.close_account(c, _plain(account), **times, actor=viewer.post, leave=leave))
    return windows.back(f"/admin/accounts/{person}", "done")


@post("/admin/accounts/{person:str}/name", include_in_schema=False)
async def rename(request: Req, person: FromPath[str]) -> Response[Any]:
    """What the person is called from now on; papers that were printed and marked stay as they are."""
    room: Room = request.app.state.room
    _, account, said, fault = await _about_to(request, person)
    called = said.get("called", "").strip()[: _LONGEST["called"]]
    if fault or not called.isprintable():
        return windows.back(f"/admin/accounts/{person}", wrong=fault or "name")
    times: dict[str, Any] = {"at": room.clock(), "actor": request.state.viewer.post}
    await room.write(lambda c: office.call(c, _plain(account), called, **times))
    return windows.back(f"/admin/accounts/{person}", "saved")


@post("/admin/accounts/{person:str}/codes", include_in_schema=False)
async def renew(request: Req, person: FromPath[str]) -> Response[Any]:
    """Another secret for one-time codes, shown on this page only."""
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    _, account, _, fault = await _about_to(request, person)
    if fault:
        return windows.back(f"/admin/accounts/{person}", wrong=fault)
    key = totp.new_secret()
    sealed, times = totp.sealed(Seal(room.where.vault_key), key), {"at": room.clock(), "now": datetime.now(UTC)}
    await room.write(lambda c: office.renew_codes(c, _plain(account), sealed, **times, actor=viewer.post))
    secret = Secret(account.username, person, "", key, picture(key, account.username))
    return await gate.page(request, "admin_secret.html", secret=secret, fresh=False)


async def _about_to(request: Req, person: str) -> tuple[Directory, Listed, dict[str, str], str]:
    """Whose account it is, and "" or why not: not one's own, not an auditor's, not without the password."""
    said = await windows.said(request)
    known, account = await _mine(request, person)
    if account.person == request.state.viewer.person:
        return known, account, said, "self"
    if account.role in gate.NOT_OURS:
        return known, account, said, "account"
    return known, account, said, await gate.confirm(request, said)


@post("/admin/accounts/{person:str}/sessions", include_in_schema=False)
async def throw_out(request: Req, person: FromPath[str]) -> Response[Any]:
    """One session ends, or all; one's own, too."""
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    said = await windows.said(request)
    _, account = await _mine(request, person)
    fault = await gate.confirm(request, said)
    token = _token(said.get("session", ""))
    if fault or token is None:
        return windows.back(f"/admin/accounts/{person}", wrong=fault or "choose")
    times = {"at": room.clock(), "now": datetime.now(UTC)}
    chosen = token or None
    ended = await room.write(lambda c: office.end_sessions(c, _plain(account), chosen, **times, actor=viewer.post))
    return (
        windows.back(f"/admin/accounts/{person}", "done")
        if ended
        else windows.back(f"/admin/accounts/{person}", wrong="nothing")
    )


def _token(said: str) -> bytes | None:
    """Which session: b"" for all, None for what names none."""
    try:
        return b"" if said == "all" else bytes.fromhex(said) or None
    except ValueError:
        return None
