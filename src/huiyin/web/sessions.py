"""Logging in and out (登录): a cookie that scripts cannot read and other sites cannot send."""

from datetime import UTC, datetime
from typing import Annotated, Any

from litestar import Request, Response, delete, post
from litestar.datastructures import Cookie
from litestar.params import JSONBody
from msgspec import Meta, Struct

from huiyin.store import accounts
from huiyin.web.logins import digest, new_token
from huiyin.web.problems import Problem, spec
from huiyin.web.room import Room
from huiyin.web.who import COOKIE, same_origin

Req = Request[Any, Any, Any]


class Login(Struct, frozen=True):
    """A user name and its password."""

    username: Annotated[str, Meta(min_length=1, max_length=64, examples=["demo-street"])]
    password: Annotated[str, Meta(min_length=1, max_length=256, examples=["abcd-efgh-jkmn-pqrs"])]


class LoggedIn(Struct, frozen=True):
    """Who the session acts as."""

    username: str
    role: str
    post: str
    scope: str


@post(
    "/api/v1/session",
    summary="登录",
    description="成功后设置 HttpOnly、SameSite=Strict 的会话 cookie:空闲 30 分钟、最长 12 小时。",
    tags=["账号"],
    operation_id="logIn",
    responses=spec(
        "bad-request", "wrong-type", "body-too-large", "wrong-login", "cross-origin", "too-many-logins", "database-away"
    ),
)
async def log_in(request: Req, data: JSONBody[Login]) -> Response[LoggedIn]:
    """A new session; an older one of the same browser ends with it."""
    room: Room = request.app.state.room
    same_origin(request)
    peer = request.client.host if request.client else ""
    if room.logins.too_many(data.username, peer):
        raise Problem("too-many-logins", headers={"Retry-After": "900"})
    if "\0" in data.username:
        raise Problem("wrong-login")
    kept = await room.ask(lambda c: accounts.password(c, data.username))
    if not await room.logins.check(data.username, peer, kept, data.password):
        raise Problem("wrong-login")
    token, now = new_token(), datetime.now(UTC)
    await _end(room, request, now)
    account = await room.write(lambda c: accounts.open_session(c, digest(token), data.username, now))
    shown = LoggedIn(account.username, account.role, account.post_code, account.scope)
    return Response(shown, cookies=[_cookie(request, room, token, int(accounts.ABSOLUTE.total_seconds()))])


@delete(
    "/api/v1/session",
    summary="退出登录",
    tags=["账号"],
    operation_id="logOut",
    responses=spec("cross-origin", "database-away"),
)
async def log_out(request: Req) -> Response[None]:
    """The session ends on the server, whatever the browser keeps."""
    room: Room = request.app.state.room
    same_origin(request)
    await _end(room, request, datetime.now(UTC))
    return Response(None, status_code=204, cookies=[_cookie(request, room, "", 0)])


async def _end(room: Room, request: Req, now: datetime) -> None:
    if cookie := request.cookies.get(COOKIE):
        await room.write(lambda c: accounts.end_session(c, digest(cookie), now))


def _cookie(request: Req, room: Room, token: str, seconds: int) -> Cookie:
    secure = request.scope["scheme"] == "https" or room.where.public_url.startswith("https:")
    return Cookie(key=COOKIE, value=token, max_age=seconds, httponly=True, samesite="strict", secure=secure)
