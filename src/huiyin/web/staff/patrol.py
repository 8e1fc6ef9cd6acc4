"""Patrol (巡查): a grid worker's findings, written down without a network and sent, once each, when it is back."""

import hashlib
import uuid
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from msgspec import Struct

from huiyin.core import receipt as receipts
from huiyin.core.people import Viewer
from huiyin.door import Accepted, KeyReused
from huiyin.store.pictures import Picture
from huiyin.web import attaching, parcels
from huiyin.web.paint import see
from huiyin.web.problems import CODES, Problem
from huiyin.web.residents.forms import ABOUT
from huiyin.web.room import Room
from huiyin.web.staff import findings, windows

Req = Request[Any, Any, Any]

_PLACES = 3_000  # buildings that a page offers; more are typed
_WORKER = ("patrol-queue.js", "patrol-worker.js")


class Mark(Struct, frozen=True):
    """Who is logged in, by a name that says nothing, and the session's mark: a page kept for long has an old one."""

    account: str
    mark: str


class Sent(Struct, frozen=True):
    """A finding that is kept; `again` where it was before."""

    receipt: str
    again: bool


@get("/patrol", include_in_schema=False)
async def page(request: Req) -> Response[bytes]:
    """The form, what waits on this phone, and what became of it."""
    return await _page(request)


@get("/patrol/mark", include_in_schema=False)
async def mark(request: Req) -> Response[Mark]:
    """What a page from the phone's own memory must know before it sends."""
    return Response(Mark(windows.account(request), windows.mark(request)))


@get("/patrol/worker.js", include_in_schema=False)
async def worker() -> Response[bytes]:
    """What keeps the page on the phone and sends from the background; the same for everybody, so anyone may have it."""
    folder = files("huiyin.web") / "static"
    body = b"\n".join((folder / name).read_bytes() for name in _WORKER)
    headers = {
        "service-worker-allowed": "/patrol",
        "content-security-policy": "default-src 'none'; connect-src 'self'",
        "cache-control": "no-cache",
    }
    return Response(body, media_type="text/javascript", headers=headers)


@post("/patrol/findings", include_in_schema=False, request_max_body_size=parcels.MOST)
async def take(request: Req) -> Response[Any]:
    """On disk before the answer: 201 with its receipt, 200 where it was there before; a plain form goes on to the
    receipt's page."""
    plain = "text/html" in request.headers.get("accept", "")
    fields = (await windows.parcel(request)).pairs
    try:
        kept = await _keep(request, findings.read(fields), await attaching.taken(request), plain)
    except Problem as problem:
        if not plain or CODES[problem.code][0] >= 500:
            raise
        return await _page(request, 422, problem.detail or CODES[problem.code][1], fields)
    number = receipts.show(kept.receipt)
    if plain:
        return see(f"/r/{number}?new=1")
    return Response(Sent(number, kept.again), status_code=200 if kept.again else 201)


async def _keep(request: Req, one: findings.Finding, taken: Sequence[Picture], plain: bool) -> Accepted:
    """An entry of the queue never changes under its id, so what the id stands for is the answer, even where the
    registry reads the place otherwise by now. A plain page that is gone back to is another finding."""
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    buildings = findings.places((await room.rules()).registry, viewer)
    said = hashlib.sha256(msgspec.json.encode((one.text, one.where, one.about, one.handled, one.kinds))).hexdigest()
    key = "\0".join(("patrol", viewer.username, one.id, said if plain else ""))  # no header can say NUL
    try:
        return await room.door.accept(findings.complaint(one, buildings, room.clock()), key, taken)
    except KeyReused as used:
        return used.kept


async def _page(
    request: Req, status: int = 200, wrong: str = "", said: Sequence[tuple[str, str]] = ()
) -> Response[bytes]:
    room: Room = request.app.state.room
    named = findings.places((await room.rules()).registry, request.state.viewer)
    fields = ("text", "where", "about", "handled")
    answer = await windows.window(
        request,
        "patrol.html",
        status,
        form=findings.FORM,
        id=str(uuid.uuid4()),
        whistles=windows.opens(request.state.viewer.role, "/whistles/new"),
        places=list(named)[:_PLACES],
        kinds=findings.KINDS,
        about=ABOUT,
        limits=findings.LIMITS,
        wrong=wrong,
        said={name: dict(said).get(name, "") for name in fields},
        chosen=[value for name, value in said if name == "kind"],
    )
    answer.headers["content-security-policy"] += "; worker-src 'self'"
    return answer
