"""Error pages (出错页): a browser is told in a page what a program is told in problem details."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response

from huiyin.web.paint import page, see
from huiyin.web.problems import ProblemDetails
from huiyin.web.who import cookie_name

Req = Request[Any, Any, Any]
Handler = Callable[[Req, Any], Response[ProblemDetails]]

_TITLES = {
    403: "这个请求没有受理",
    404: "没有找到这个页面",
    405: "这个地址不能这样用",
    413: "内容太长了",
    429: "请求太多了",
    500: "出错了",
    503: "系统暂时不可用",
}
_WORDS = {
    404: "地址可能输错了,或者页面已经移走。查诉求请用回执号。",
    413: "请把文字缩短到 8000 字以内;照片最多 4 张,每张不超过 12 MB。",
    429: "请过一会儿再试。有危险请直接拨打 110、119 或 120。",
    500: "问题出在我们这边,已经记录。请稍后再试;有急事请拨打 12345。",
    503: "没有受理,也没有丢失您已经拿到回执的诉求。请稍后再试;有急事请拨打 12345。",
}

# The same for what is hidden and for what never was.
_STAFF = {404: "地址可能输错了,或者这不在您岗位的范围内。"}


def for_people(handler: Handler) -> Callable[[Req, Any], Response[Any]]:
    """A handler of errors that answers browsers with a page; under /api all are programs."""

    def handle(request: Req, error: Any) -> Response[Any]:
        told = handler(request, error)
        wants = "text/html" in request.headers.get("accept", "")
        if not wants or request.scope["path"].startswith("/api/"):
            return told
        status = told.status_code or 500
        if status == 401:
            return see("/login?" + urlencode({"next": _path(request)}))
        words = _WORDS.get(status) or told.content.title
        title = _TITLES.get(status, "这个请求不对")
        known = {"title": title, "code": told.content.code, "status": status, "staff": _staff(request)}
        known["party"] = request.scope["path"].startswith("/mediation/")
        answer = page(
            request, "fault.html", status, words=_STAFF.get(status, words) if known["staff"] else words, **known
        )
        for name, value in told.headers.items():
            answer.headers.setdefault(name, value)
        return answer

    return handle


def _staff(request: Req) -> bool:
    """Whether a worker's browser asks: its way back is the desk. Whether the session still stands matters to nobody."""
    return bool(request.cookies.get(cookie_name(request)))


def _path(request: Req) -> str:
    """Where somebody wanted to go, to be taken there after they logged in; a form that was sent is not sent again."""
    if request.method not in ("GET", "HEAD"):
        return "/desk"
    query = request.scope["query_string"].decode("ascii", "replace")
    return str(request.scope["path"]) + (f"?{query}" if query else "")
