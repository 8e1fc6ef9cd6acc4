"""The staff's door (登录): in, out, and from one post of one's own to another."""

from typing import Any
from urllib.parse import urlsplit

from litestar import Request, Response, get, post

from huiyin.web.paint import page, see
from huiyin.web.problems import CODES, Problem
from huiyin.web.sessions import Login, change, enter, leave
from huiyin.web.staff import windows

Req = Request[Any, Any, Any]

_FIRST = "/desk"
_LONGEST = {"username": 64, "password": 256, "code": 7}


@get("/login", include_in_schema=False)
async def ask(request: Req) -> Response[bytes]:
    """User name, password, and the code of one's phone."""
    return _ask(request, {"next": inside(request.query_params.get("next", ""))})


@post("/login", include_in_schema=False, request_max_body_size=16 * 1024)
async def enter_by_form(request: Req) -> Response[Any]:
    """To where somebody wanted to go; with a fault the form again, without the password."""
    said = await windows.said(request)
    filled = {name: said.get(name, "")[:most] for name, most in _LONGEST.items()}
    if not (filled["username"] and filled["password"]):
        return _ask(request, said, 422, "请填写用户名和密码。")
    try:
        data = Login(filled["username"], filled["password"], filled["code"].replace(" ", "") or None)
        _, _, cookie = await enter(request, data)
    except Problem as problem:
        status, words = CODES[problem.code]
        if status >= 500 or problem.code == "cross-origin":
            raise
        return _ask(request, said, 403 if status == 401 else status, problem.detail or words + "。")
    answer = see(inside(said.get("next", "")))
    answer.set_cookie(cookie)
    return answer


@post("/logout", include_in_schema=False)
async def leave_by_form(request: Req) -> Response[Any]:
    """Out, and to the login page."""
    await windows.said(request)
    answer = see("/login")
    answer.set_cookie(await leave(request))
    return answer


@post("/act-as", include_in_schema=False)
async def act_as(request: Req) -> Response[Any]:
    """The same person goes on as another post of theirs."""
    said, answer = await windows.said(request), see(_FIRST)
    wanted = said.get("post", "")[:64]
    if wanted and wanted != request.state.viewer.post:
        answer.set_cookie(await change(request, wanted))
    return answer


def inside(path: str) -> str:
    """A path of ours, or the desk: an address that leads elsewhere, or to the API, is not followed."""
    plain = urlsplit(path)
    ours = path.startswith("/") and not path.startswith(("//", "/\\", "/api/")) and not (plain.scheme or plain.netloc)
    return path if ours and "\\" not in path and path.isprintable() else _FIRST


def _ask(request: Req, said: dict[str, str], status: int = 200, wrong: str = "") -> Response[bytes]:
    kept = {"username": said.get("username", "")[:64], "next": inside(said.get("next", ""))}
    answer = page(request, "login.html", status, said=kept, wrong=wrong, csrf=windows.mark(request))
    answer.headers["referrer-policy"] = "same-origin"  # else a browser's form comes with `Origin: null`
    return answer
