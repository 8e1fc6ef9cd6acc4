"""Logging in and out (登录): a cookie that scripts cannot read and other sites cannot send."""

from datetime import UTC, datetime
from typing import Annotated, Any

from litestar import Request, Response, delete, post
from litestar.datastructures import Cookie
from litestar.params import JSONBody
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.people import Viewer
from huiyin.store import accounts, people
from huiyin.store.people import Standing
from huiyin.store.vault import Seal
from huiyin.web import totp
from huiyin.web.logins import digest, new_token
from huiyin.web.problems import Problem, spec
from huiyin.web.room import Room
from huiyin.web.who import as_viewer, cookie_name, same_origin, secure

Req = Request[Any, Any, Any]
_REFUSALS = ("wrong-login", "totp-needed", "too-many-logins", "not-your-post", "post-ended")


class Login(Struct, frozen=True):
    """A user name and its password; `code` is the TOTP code of now, `post` another post that the person holds."""

    username: Annotated[str, Meta(min_length=1, max_length=64, examples=["demo-street"])]
    password: Annotated[str, Meta(min_length=1, max_length=256, examples=["abcd-efgh-jkmn-pqrs"])]
    code: Annotated[str, Meta(max_length=7, examples=["123456"])] | None = None
    post: Annotated[str, Meta(max_length=64, examples=["building_leader:E1-B03"])] | None = None


class LoggedIn(Struct, frozen=True):
    """Who the session acts as, and the posts (by code) that the person holds now."""

    username: str
    role: str
    post: str
    scope: str
    posts: list[str]


@post(
    "/api/v1/session",
    summary="登录",
    description="成功后设置 HttpOnly、SameSite=Strict 的会话 cookie:空闲 30 分钟、最长 12 小时。"
    "code 是动态口令,除演示账号外必填,每个只能用一次;post 是本人现任的另一个岗位,会话以它的名义办理。",
    tags=["账号"],
    operation_id="logIn",
    responses=spec(*_REFUSALS, "bad-request", "wrong-type", "body-too-large", "cross-origin", "database-away"),
)
async def log_in(request: Req, data: JSONBody[Login]) -> Response[LoggedIn]:
    """A new session; an older one of the same browser ends with it."""
    viewer, standing, cookie = await enter(request, data)
    return Response(_shown(viewer, standing), cookies=[cookie])


async def enter(request: Req, data: Login) -> tuple[Viewer, Standing, Cookie]:
    """Who showed that they are somebody, the posts they hold, and the cookie of their session; raises Problem."""
    room: Room = request.app.state.room
    same_origin(request)
    peer = request.client.host if request.client else ""
    if room.logins.too_many(data.username, peer):
        raise Problem("too-many-logins", headers={"Retry-After": "900"})
    if "\0" in data.username:
        raise Problem("wrong-login")
    kept = await room.ask(lambda c: accounts.factors(c, data.username))
    if not await room.logins.check(data.username, peer, kept.password, data.password):
        raise Problem("wrong-login")
    if not kept.exempt and not await _second(room, data, kept.totp):
        room.logins.fail(data.username, peer)
        raise Problem("wrong-login")
    viewer, standing = await room.ask(lambda c: _seated(c, data, room.clock()))
    return viewer, standing, await _open(request, data.username, data.post)


async def change(request: Req, post: str) -> Cookie:
    """The session goes on as another post that the person holds now, no longer for it; raises Problem where they do
    not, or where there is no session."""
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    await room.ask(lambda c: _seated(c, Login(viewer.username, "", post=post), room.clock()))
    token, old = new_token(), digest(request.cookies.get(cookie_name(request), ""))
    if not await room.write(lambda c: accounts.go_on(c, old, digest(token), datetime.now(UTC), post)):
        raise Problem("log-in-first")
    return _cookie(request, token, int(accounts.ABSOLUTE.total_seconds()))


async def leave(request: Req) -> Cookie:
    """The session ends on the server, whatever the browser keeps; an empty cookie for it."""
    same_origin(request)
    await _end(request.app.state.room, request, datetime.now(UTC))
    return _cookie(request, "", 0)


async def _open(request: Req, username: str, post: str | None) -> Cookie:
    room: Room = request.app.state.room
    token, now = new_token(), datetime.now(UTC)
    await _end(room, request, now)
    await room.write(lambda c: accounts.open_session(c, digest(token), username, now, post))
    return _cookie(request, token, int(accounts.ABSOLUTE.total_seconds()))


async def _second(room: Room, data: Login, kept: bytes | None) -> bool:
    """Whether the TOTP code is right and was never used; real time, whatever the house's clock says."""
    if kept is None:
        raise Problem("totp-needed", "这个账号还没有动态口令:请登记员运行 huiyin user totp 为您设置")
    if not data.code:
        raise Problem("totp-needed")
    step = totp.step(totp.opened(Seal(room.where.vault_key), kept), data.code, datetime.now(UTC))
    return step is not None and await room.write(lambda c: accounts.use_code(c, data.username, step))


async def _seated(connection: AsyncConnection, data: Login, at: datetime) -> tuple[Viewer, Standing]:
    account = await accounts.by_name(connection, data.username)
    assert account is not None  # its password was just right
    standing = await people.standing(connection, account.person, at)
    return as_viewer(account, standing, data.post), standing


def _shown(viewer: Viewer, standing: Standing) -> LoggedIn:
    seen = f"{viewer.scope.kind}:{viewer.scope.code}" if viewer.scope.code else viewer.scope.kind
    return LoggedIn(viewer.username, viewer.role, viewer.post, seen, sorted(standing.now))


@delete(
    "/api/v1/session",
    summary="退出登录",
    tags=["账号"],
    operation_id="logOut",
    responses=spec("cross-origin", "database-away"),
)
async def log_out(request: Req) -> Response[None]:
    """The session ends on the server, whatever the browser keeps."""
    return Response(None, status_code=204, cookies=[await leave(request)])


async def _end(room: Room, request: Req, now: datetime) -> None:
    if cookie := request.cookies.get(cookie_name(request)):
        await room.write(lambda c: accounts.end_session(c, digest(cookie), now))


def _cookie(request: Req, token: str, seconds: int) -> Cookie:
    """`__Host-` asks for Secure and the whole path."""
    name, safe = cookie_name(request), secure(request)
    return Cookie(key=name, value=token, max_age=seconds, httponly=True, samesite="strict", secure=safe, path="/")
