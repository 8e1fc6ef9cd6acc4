"""The documentation page and the files that pages need: all of them ours, none from another host."""

import gzip
import mimetypes
from functools import cache
from importlib.resources import files
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from huiyin.web.paint import stamp, takes_gzip
from huiyin.web.problems import Problem, spec

_FILES = frozenset(
    (
        *("docs.js", "vendor/swagger-ui.css", "vendor/swagger-ui-bundle.js"),
        *(
            "tokens.css",
            "huiyin.css",
            "huiyin.js",
            "icon.svg",
            "board.css",
            "proof.js",
            "news.js",
            "staff.css",
            "staff.js",
            "ticket.css",
        ),
        *("pictures.css", "pictures.js"),
        *("review.css", "review.js", "admin.css"),
        *("blow.css", "blow.js"),
        "mediation-case.css",
        *("mediation-papers.css", "mediation-papers.js"),
        "whistle-board.css",
        "mediation-committee.css",
        *("mediation-day.css", "mediation-apply.css", "mediation-apply.js"),
        *("mediation-own.css", "mediation-own.js"),
        *("mediation-sign.css", "mediation-sign.js"),
        *("mediation-keep.js", "mediation-table.css", "mediation-table.js"),
        *("mediation-write.css", "mediation-write.js"),
        *("whistle.css", "whistle.js"),
        *("patrol.css", "patrol.js", "patrol-queue.js", "leaving.js"),
        *("lists.css", "lists.js", "sorting.css", "sorting.js"),
        *("vendor/pico.classless.min.css", "vendor/htmx.min.js"),
        *("screen.css", "screen.js", "vendor/echarts.simple.min.js"),
    )
)
_FOR_EVER = "public, max-age=31536000, immutable"


@cache
def _content(name: str) -> bytes:
    return (files("huiyin.web") / "static" / name).read_bytes()


@cache
def _packed(name: str) -> bytes:
    return gzip.compress(_content(name), 9)


@get("/docs", include_in_schema=False)
async def docs() -> Response[bytes]:
    """The interactive documentation; works without the internet."""
    return Response(_content("docs.html"), media_type="text/html")


@get("/static/{file_path:path}", include_in_schema=False, responses=spec("not-found"))
async def static(request: Request[Any, Any, Any], file_path: FromPath[str]) -> Response[bytes]:
    """One of the files in the table; nothing else of the disk can be named. With its stamp: kept for ever."""
    name = str(file_path).lstrip("/")
    if name not in _FILES:
        raise Problem("not-found")
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    headers = {"vary": "Accept-Encoding"}
    if request.query_params.get("v") == stamp(name):
        headers["cache-control"] = _FOR_EVER
    if takes_gzip(request):
        return Response(_packed(name), media_type=kind, headers={**headers, "content-encoding": "gzip"})
    return Response(_content(name), media_type=kind, headers=headers)


@get("/openapi.json", include_in_schema=False)
async def openapi(request: Request[Any, Any, Any]) -> Response[bytes]:
    """OpenAPI 3.1 of everything above."""
    from huiyin.web.openapi import document  # noqa: PLC0415  # built at the first question

    return Response(document(), media_type="application/json")
