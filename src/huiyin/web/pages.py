"""The documentation page and the files it needs: all of them ours, none from another host."""

import mimetypes
from functools import cache
from importlib.resources import files
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from huiyin.web.problems import Problem, spec

_FILES = frozenset(("docs.js", "vendor/swagger-ui.css", "vendor/swagger-ui-bundle.js"))


@cache
def _content(name: str) -> bytes:
    return (files("huiyin.web") / "static" / name).read_bytes()


@get("/docs", include_in_schema=False)
async def docs() -> Response[bytes]:
    """The interactive documentation; works without the internet."""
    return Response(_content("docs.html"), media_type="text/html")


@get("/static/{file_path:path}", include_in_schema=False, responses=spec("not-found"))
async def static(file_path: FromPath[str]) -> Response[bytes]:
    """One of the files in the table; nothing else of the disk can be named."""
    name = str(file_path).lstrip("/")
    if name not in _FILES:
        raise Problem("not-found")
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Response(_content(name), media_type=kind)


@get("/openapi.json", include_in_schema=False)
async def openapi(request: Request[Any, Any, Any]) -> Response[bytes]:
    """OpenAPI 3.1 of everything above."""
    from huiyin.web.openapi import document  # noqa: PLC0415  # built at the first question

    return Response(document(), media_type="application/json")
