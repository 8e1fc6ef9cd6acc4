"""A ticket's pictures (工单照片) for staff: looked at one by one, and added."""

import secrets
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from huiyin.core.people import Viewer
from huiyin.web import acts, attaching, parcels, pictures
from huiyin.web.cases import find
from huiyin.web.problems import CODES, Problem, done
from huiyin.web.room import Room
from huiyin.web.staff import windows
from huiyin.web.staff.orders import after, key

Req = Request[Any, Any, Any]

_KINDS = {"site": "现场情况", "evidence": "办好了的凭据"}
_NONE = "请先选照片。"


@get("/tickets/{number:str}/pictures/{ref:str}", include_in_schema=False)
async def picture(request: Req, number: FromPath[str], ref: FromPath[str]) -> Response[bytes]:
    """A JPEG; `?size=small` for a list."""
    return await pictures.answer(request, ref, pictures.album(await find(request, number)))


@get("/tickets/{number:str}/attach", include_in_schema=False)
async def ask(request: Req, number: FromPath[str]) -> Response[bytes]:
    """Which pictures, and of what."""
    return await _ask(request, number)


@post("/tickets/{number:str}/attach", include_in_schema=False, request_max_body_size=parcels.MOST)
async def attach(request: Req, number: FromPath[str]) -> Response[Any]:
    """They are the ticket's; or what is wrong with them."""
    said, case = await windows.said(request), await find(request, number)
    try:
        taken = await attaching.taken(request)
        if not taken or key(said) is None:
            raise Problem("missing-field", _NONE, "picture")
        change = attaching.attaching(case.room.seal, number, taken, evidence=said.get("kind") == "evidence")
        viewer = case.viewer
        body = msgspec.json.encode([said.get("kind", "")]).decode()
        event_id = acts.cause(case.room, viewer, number, "attach", None, f"{attaching.said(key(said), taken)}{body}")
        done(await case.room.act(acts.order_of(viewer, event_id, change)))
    except Problem as problem:
        status = CODES.get(problem.code, (409, ""))[0]
        if status >= 500 and problem.code != "pictures-busy":
            raise
        return await _ask(request, number, 422 if problem.code == "missing-field" else status, _words(problem), said)
    return await after(request, number)


def _words(problem: Problem) -> str:
    return problem.detail or CODES[problem.code][1] + "。"


async def _ask(
    request: Req, number: str, status: int = 200, wrong: str = "", said: dict[str, str] | None = None
) -> Response[bytes]:
    case = await find(request, number)
    room: Room = case.room
    viewer: Viewer = case.viewer
    return await windows.window(
        request,
        "attach.html",
        status,
        number=number,
        possible="attach" in acts.allowed(viewer, case.ticket, room) and case.ticket.closed_at is None,
        wrong={"picture": wrong} if wrong else {},
        kinds=_KINDS,
        kind=(said or {}).get("kind") or "site",
        most=parcels.PICTURES,
        key=secrets.token_urlsafe(18),
    )
