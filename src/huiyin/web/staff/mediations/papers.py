"""A case's papers on one page (文书与卷宗): which are ready, what each lacks, the signed originals that came back."""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath
from msgspec import Struct, convert

from huiyin.core.mediation import Mediation
from huiyin.core.mediation.commands_agreed import Enclose
from huiyin.core.mediation.kinds import Sheet
from huiyin.core.people import Viewer
from huiyin.orders import Mediating
from huiyin.papers.volume import missing
from huiyin.store.pictures import Picture, sealed
from huiyin.web import attaching, parcels
from huiyin.web.acts import order_of
from huiyin.web.mediations import acts, papers
from huiyin.web.mediations.finding import Found
from huiyin.web.mediations.sheets import with_pictures
from huiyin.web.mediations.shown import FREE
from huiyin.web.problems import CODES, Problem
from huiyin.web.staff import windows
from huiyin.web.staff.mediations.shelf import Place, groups, places, rows
from huiyin.web.staff.mediations.sitting.seats import mediating
from huiyin.web.staff.orders import key

Req = Request[Any, Any, Any]

_STALE = "这一页已经过期,没有存。请再存一次。"
_NO_SHEET = "请选是哪一份文书。"
_NO_PICTURES = "请选照片。"
_CHANGED = (
    "拟定以后当事人的登记信息或者文书格式有更改,又没有保存拟定时的原文:现在打印出来的与签署的不是同一份。"
    "请以签署的纸质原件为准;还没有签的,请重新拟定。"
)


@get("/mediations/{number:str}/papers", include_in_schema=False)
async def page(request: Req, number: FromPath[str]) -> Response[bytes]:
    """For the mediators of the case alone."""
    found = await mediating(request, number)
    return await _page(request, found, said={"sheet": request.query_params.get("sheet", "")})


async def _page(
    request: Req, found: Found, status: int = 200, said: Mapping[str, str] | None = None, wrong: str = ""
) -> Response[bytes]:
    one = found.one
    file = await with_pictures(found.room, one, await papers.filled(found), whole=False)
    lacking, digest = await asyncio.to_thread(missing, file), _digest(one)  # a long file is a long look
    stands = not digest or any(each.form == "agreement" for each in file.fixed)
    return await windows.window(
        request,
        "mediation_papers.html",
        status,
        number=one.number,
        case=file.number,
        groups=groups(rows(one, file, lacking)),
        lacking=lacking,
        closed=one.state == "archived",
        places=places(one, file),
        digest=digest,
        changed="" if stands else _CHANGED,
        said=said or {},
        wrong={"picture": wrong} if wrong else {},
        most=parcels.PICTURES,
        key=secrets.token_urlsafe(18),
        free=FREE,
    )


def _digest(one: Mediation) -> str:
    """Of the written agreement that is in the file; "" without one."""
    return one.agreement.digest if one.agreement and one.ending is None else ""


@post("/mediations/{number:str}/papers", include_in_schema=False, request_max_body_size=parcels.MOST)
async def enclose(request: Req, number: FromPath[str]) -> Response[Any]:
    """Signed sheets into the file."""
    said = await windows.said(request)
    found = await mediating(request, number)
    known = next((one for one in places(found.one, await papers.filled(found)) if one.value == said.get("sheet")), None)
    try:
        some = await attaching.taken(request)
        wrong = _wrong(known, some, said)
        if known is None or wrong:
            return await _page(request, found, 422, said, wrong)
        await _enclosed(request, found, known, some, said)
    except Problem as problem:
        status, words = CODES.get(problem.code, (409, ""))
        if status in (401, 403, 404) or (status >= 500 and problem.code != "pictures-busy"):
            raise
        return await _page(request, await mediating(request, number), status, said, f"{problem.detail or words}。")
    return windows.back(f"/mediations/{number}/papers", "saved")


def _wrong(known: Place | None, some: Sequence[Picture], said: Mapping[str, str]) -> str:
    if known is None:
        return _NO_SHEET
    if not some:
        return _NO_PICTURES
    return "" if key(said) else _STALE


async def _enclosed(request: Req, found: Found, place: Place, some: Sequence[Picture], said: Mapping[str, str]) -> None:
    """The pictures into their place, or behind what is there by then."""
    room, number = found.room, found.one.number
    viewer: Viewer = request.state.viewer
    kept = sealed(room.seal, some)
    more = said.get("more") == "yes"
    command = Enclose(convert(place.form, Sheet), tuple(one.word for one in kept), place.of, more)
    body = _Kept(place.form, place.of, more)
    event_id = acts.cause(room, viewer.username, number, "enclose", body, attaching.said(key(said), some))
    acts.done(await room.mediate(order_of(viewer, event_id, Mediating(number, command, pictures=kept))))


class _Kept(Struct, frozen=True):
    """What makes two of them the same order, besides the pictures and the page's key."""

    form: str
    of: str
    more: bool


ROUTES = [page, enclose]
