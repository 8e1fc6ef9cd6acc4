"""What stands before an act of administration (再次确认): whose it is to decide, and one's own password once more."""

from datetime import UTC, datetime, timedelta
from typing import Any

from litestar import Request, Response

from huiyin.core.people import Viewer
from huiyin.store import accounts, offices
from huiyin.store.offices import Listed
from huiyin.web.logins import digest
from huiyin.web.room import Room
from huiyin.web.staff import windows
from huiyin.web.staff.directory import Directory, directory
from huiyin.web.who import cookie_name

Req = Request[Any, Any, Any]

FRESH = timedelta(minutes=10)  # so long a password that was shown again counts
# Who audits, and machines, are not a registrar's to name: the console makes them.
NOT_OURS = frozenset(("auditor", "machine"))
WRONG = {
    "confirm": "请在表单里填写您自己的密码,再办一次;还没有办理。",
    "password": "您自己的密码不对,没有办理。",
    "too-many": "密码错得太多,请一刻钟后再试;没有办理。",
    "self": "不能给自己办这件事,请另一位登记员来办。",
    "account": "没有这个账号,或它不在您的范围内;请核对用户名。",
    "taken": "这个用户名已经有人用了,请换一个。",
    "name": "用户名应为 1 到 64 个可见字符,姓名应为可见字符。",
    "post": "岗位代码不对,或不在您的范围内;请从列出的岗位中选择。",
    "term": "任期不对:结束应晚于开始,日期形如 2026-11-20。",
    "overlap": "这位已有从那时或更晚开始的任期,请先办离任。",
    "nothing": "没有需要改动的:现在就是这样。",
    "choose": "请先勾选要办的。",
    "nats": "消息总线(NATS)暂时连不上,没有重投;请稍后再试。",
    "lost": "有的原文已不在库中,不能重投;其余的已重投。",
    "ours": "选中的有系统自己发布的事件,内容以办理日志为准,不能重投;都没有重投。",
    "key": "死信打不开:保管库密钥不是封存它时的那一把,请联系运维。",
    "file": "没有收到文件,请先选择一个 CSV 文件。",
}


async def page(request: Req, name: str, status: int = 200, /, **known: Any) -> Response[bytes]:
    """A page of administration: what went wrong at its form, and whether the password is needed again."""
    said = known.pop("wrong", "") or WRONG.get(request.query_params.get("wrong", ""), "")
    return await windows.window(request, name, status, wrong=said, confirmed=await fresh(request), **known)


async def known(request: Req) -> Directory:
    """The posts that there are."""
    room: Room = request.app.state.room
    return directory(await room.rules())


def ours(viewer: Viewer, posts: Directory, account: Listed) -> bool:
    """Whether an account is within the registrar's reach: a department's is not, where it comes to other streets."""
    if viewer.scope.kind == "all":
        return True
    elsewhere = posts.comes(account.post_code) and not posts.looked_after(viewer.scope, account.post_code)
    return posts.inside(viewer.scope, account.scope) and account.role not in NOT_OURS and not elsewhere


# -- one's own password once more --------------------------------------------------------------------------


def _session(request: Req) -> bytes | None:
    cookie = request.cookies.get(cookie_name(request))
    return digest(cookie) if cookie and "authorization" not in request.headers else None


async def fresh(request: Req) -> bool:
    """Whether this session showed its password again not long ago."""
    room: Room = request.app.state.room
    token = _session(request)
    at = await room.ask(lambda c: offices.confirmed(c, token)) if token is not None else None
    return at is not None and at > datetime.now(UTC) - FRESH


async def confirm(request: Req, said: dict[str, str]) -> str:
    """Whether the actor may go on: "" or which of WRONG; a right password counts for a while."""
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    if await fresh(request):
        return ""
    password, peer = said.get("password", ""), request.client.host if request.client else ""
    if not password:
        return "confirm"
    if room.logins.too_many(viewer.username, peer):
        return "too-many"
    kept = await room.ask(lambda c: accounts.factors(c, viewer.username))
    if not await room.logins.check(viewer.username, peer, kept.password, password[:256]):
        return "password"
    if (token := _session(request)) is not None:
        now = datetime.now(UTC)
        await room.write(lambda c: offices.confirm(c, token, now))
    return ""
