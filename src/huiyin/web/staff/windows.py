"""A staff page (窗口): painted for whoever is logged in; a form that comes back must bear the session's own mark."""

import hmac
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response
from msgspec import Struct

from huiyin.core.people import Role, Viewer
from huiyin.story import Teller
from huiyin.web.paint import fragment, page, see
from huiyin.web.parcels import Parcel, opened
from huiyin.web.problems import Problem
from huiyin.web.room import Room
from huiyin.web.who import ANYONE, TABLE, cookie_name

Req = Request[Any, Any, Any]

MOST = 512 * 1024  # bytes of a form without files
CSRF_HEADER = "x-huiyin-csrf"
# What the pages are called, in the order of the menu: path, name, icon.
MENU = (
    ("/desk", "工作台", "desk"),
    ("/calls", "报到", "bell"),
    ("/tickets", "工单", "list"),
    ("/whistles", "吹哨", "whistle"),
    ("/mediations", "调解", "hands"),
    ("/sorting", "分拣", "sort"),
    ("/patrol", "巡查", "walk"),
    ("/screen", "大屏", "chart"),
    ("/review", "复盘", "book"),
    ("/admin", "管理", "gear"),
)
# Pages that a role may open and is not led to: a department's work is its inbox.
_APART: dict[Role, frozenset[str]] = {
    "department": frozenset(("/desk", "/tickets", "/patrol", "/sorting")),
    "mediator": frozenset(("/desk",)),
}
# Whose work begins elsewhere than at the desk: where, and what comes first in their menu.
HOMES: dict[Role, str] = {"department": "/calls", "mediator": "/mediations"}
# What a 303 says when it is done: a word in the address, its sentence here; never a person's words.
SAID = {
    "done": "已办理。",
    "undone": "已撤销。",
    "saved": "已保存。",
    "sent": "已送达。",
    "removed": "已删除。",
}


ROLE_NAMES: dict[Role, str] = {
    "grid_worker": "网格员",
    "building_leader": "楼栋长",
    "owners_committee": "业主委员会",
    "property": "物业公司",
    "community": "社区",
    "street": "街道",
    "department": "部门",
    "mediator": "人民调解员",
    "auditor": "审计",
    "registrar": "登记员",
    "machine": "系统对接",
}


class Entry(Struct, frozen=True):
    """One entry of the menu."""

    path: str
    name: str
    icon: str


async def window(request: Req, name: str, status: int = 200, /, **known: Any) -> Response[bytes]:
    """A whole page for the viewer: the menu of what is theirs, their posts, the mark for forms."""
    viewer: Viewer = request.state.viewer
    room: Room = request.app.state.room
    teller = Teller(await room.rules())
    answer = page(
        request,
        name,
        status,
        viewer=viewer,
        role_name=ROLE_NAMES[viewer.role],
        post_name=teller.post(viewer.post) or viewer.post,
        posts=[(code, teller.post(code) or code) for code in viewer.posts if code != viewer.post],
        menu=menu(viewer.role),
        csrf=mark(request),
        account=account(request),
        keeping=keeping(request) if viewer.role == "mediator" else "",
        done=SAID.get(request.query_params.get("said", ""), ""),
        now=room.clock(),
        **known,
    )
    # An Origin that our own forms can be known by; the address of a page never leaves this site.
    answer.headers["referrer-policy"] = "same-origin"
    return answer


def piece(request: Req, name: str, /, **known: Any) -> Response[bytes]:
    """A piece of a staff page that htmx puts in, or the live page asks for again."""
    room: Room = request.app.state.room
    return fragment(request, name, viewer=request.state.viewer, csrf=mark(request), now=room.clock(), **known)


def menu(role: Role) -> Sequence[Entry]:
    """The pages that a role may open: what the table of routes says."""
    apart = _APART.get(role, frozenset())
    mine = [Entry(path, name, icon) for path, name, icon in MENU if opens(role, path) and path not in apart]
    return sorted(mine, key=lambda one: one.path != HOMES.get(role))


def opens(role: Role, path: str) -> bool:
    """Whether a role may open a page."""
    who = TABLE.get(("GET", path))
    return who is not None and (who == ANYONE or role in who)


def mark(request: Req) -> str:
    """The session's own mark (CSRF token); "" where a bearer token and not a browser asks."""
    cookie = request.cookies.get(cookie_name(request))
    if not cookie or "authorization" in request.headers:
        return ""
    room: Room = request.app.state.room
    return hmac.digest(room.where.receipt_key, b"huiyin csrf " + cookie.encode(), "sha256").hex()[:32]


def account(request: Req) -> str:
    """Whose a page or an entry on a shared phone is, by a name that says nothing to anybody else."""
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    return hmac.digest(room.where.receipt_key, b"huiyin account " + viewer.username.encode(), "sha256").hex()[:24]


def keeping(request: Req) -> str:
    """The key (hex) that locks what somebody has written and not sent yet on their device: only their own pages have
    it, so that a tablet that is left behind, or shared, tells nobody else."""
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    return hmac.digest(room.where.receipt_key, b"huiyin keeping " + viewer.username.encode(), "sha256").hex()


def marked(request: Req, given: str) -> None:
    """A form or a script of ours names the session's mark; raises Problem where it does not. The guard has looked at
    Origin and Sec-Fetch-Site before."""
    wanted = mark(request)
    if wanted and not hmac.compare_digest(wanted.encode(), given.encode()):
        raise Problem("cross-origin")


async def said(request: Req) -> dict[str, str]:
    """A form's fields, the last of each."""
    return dict(await pairs(request))


async def pairs(request: Req) -> list[tuple[str, str]]:
    """A form's fields in their order, where one may come many times."""
    return (await parcel(request)).pairs


async def parcel(request: Req) -> Parcel:
    """A form's fields and pictures; `pictures.taken` looks whether these are good."""
    found = await opened(request)
    marked(request, request.headers.get(CSRF_HEADER) or dict(found.pairs).get("csrf", ""))
    return found


def back(path: str, said: str = "", **query: str) -> Response[Any]:
    """After a form was taken (303): where to go, and which of SAID to say there."""
    asked = {**({"said": said} if said else {}), **query}
    return see(path + ("?" + urlencode(asked) if asked else ""))


def kept(query: Mapping[str, str], *names: str) -> dict[str, str]:
    """The named parts of a query that are there and not empty: for links that keep a filter."""
    return {name: query[name] for name in names if query.get(name)}
