"""Templates become answers: escaped, under a strict policy with a nonce of its own, compressed where asked."""

import gzip
import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from litestar import Request, Response
from litestar.response import Redirect
from markupsafe import Markup

from huiyin.web.clocks import clock, span
from huiyin.web.shown import BEIJING

Req = Request[Any, Any, Any]

# data: pictures are the base's own arrows and ticks.
_POLICY = (
    "default-src 'none'; script-src 'nonce-{}'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"
)
_SMALL = 1_000  # bytes: below this compression costs more than it saves
_WEEKDAYS = "一二三四五六日"


def page(request: Req, name: str, status: int = 200, /, **known: Any) -> Response[bytes]:
    """A whole page for a browser."""
    nonce = secrets.token_urlsafe(16)
    body = text_of(name, nonce=nonce, here=request.scope["path"], **known)
    headers = {"content-security-policy": _POLICY.format(nonce), "vary": "Accept, Accept-Encoding"}
    return _sent(request, body, status, headers)


def fragment(request: Req, name: str, /, **known: Any) -> Response[bytes]:
    """A piece that htmx puts into a page."""
    return _sent(request, text_of(name, **known), 200, {"vary": "Accept-Encoding"})


def text_of(name: str, **known: Any) -> str:
    """A template filled in; a name that it does not get is an error, never a blank."""
    return _environment().get_template(name).render(**known)


def download(file: bytes, name: str, kind: str, **more: str) -> Response[bytes]:
    """A file to keep, under a name without anybody's in it; no cache has it."""
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store", **more}
    return Response(file, status_code=200, media_type=kind, headers=headers)


def see(path: str) -> Redirect:
    """After a form was taken: the page that says so (303)."""
    return Redirect(path, status_code=303)


def takes_gzip(request: Req) -> bool:
    """Whether the browser can unpack."""
    return "gzip" in request.headers.get("accept-encoding", "")


def _sent(request: Req, body: str, status: int, headers: dict[str, str]) -> Response[bytes]:
    content = body.encode()
    if len(content) > _SMALL and takes_gzip(request):
        content, headers = gzip.compress(content, 6), {**headers, "content-encoding": "gzip"}
    return Response(content, status_code=status, media_type="text/html", headers=headers)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("huiyin.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals["asset"] = asset
    made.filters["moment"] = _dated(moment)
    made.filters["minute"] = minute
    made.filters["until"] = _dated(until)
    made.globals["clock"] = clock
    made.globals["span"] = span
    made.filters["markup"] = Markup  # what we drew ourselves: the QR code
    return made


@cache
def asset(name: str) -> str:
    """The address of a file of ours; it changes with the content, so browsers may keep it for ever."""
    return f"/static/{name}?v={stamp(name)}"


@cache
def stamp(name: str) -> str:
    """The first digits of a file's hash."""
    return hashlib.sha256((files("huiyin.web") / "static" / name).read_bytes()).hexdigest()[:12]


def _dated(said: Callable[[datetime, datetime | None], str]) -> Callable[[Context, datetime], str]:
    """A filter that knows what day the page was painted on."""

    @pass_context
    def told(context: Context, at: datetime) -> str:
        return said(at, context.get("now"))

    return told


def moment(at: datetime, now: datetime | None = None) -> str:
    """`11月22日(周日)10:03`, Beijing time; with its year where that is another than `now`'s."""
    there = at.astimezone(BEIJING)
    year = f"{there.year}年" if now is not None and now.astimezone(BEIJING).year != there.year else ""
    return f"{year}{there.month}月{there.day}日(周{_WEEKDAYS[there.weekday()]}){there.hour:02}:{there.minute:02}"


def minute(at: datetime) -> str:
    """`2026-11-22 10:03`, Beijing time: with its year, for what is kept and read years later."""
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M}"


def until(at: datetime, now: datetime | None = None) -> str:
    """A limit as people say it: midnight is 24:00 of the day before."""
    there = at.astimezone(BEIJING)
    if (there.hour, there.minute) != (0, 0):
        return moment(at, now)
    return moment(at - timedelta(minutes=1), now).replace("23:59", "24:00")
