"""A list is taken away (导出): a reason is asked, a step is kept, then the file is given; at most a thousand rows."""

import asyncio
from collections.abc import Collection
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response, get, post
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin import exports
from huiyin.core.people import Viewer
from huiyin.core.ticket import Rules
from huiyin.store import lists, vault
from huiyin.store.lists import Line
from huiyin.story import Teller
from huiyin.web.paint import download
from huiyin.web.room import Room
from huiyin.web.staff import windows
from huiyin.web.staff.lists import chips
from huiyin.web.staff.workbook import COLUMNS, KIND, Mark, workbook
from huiyin.web.wanted import Wanted

Req = Request[Any, Any, Any]

MOST = 1_000
_WINDOWS = 20  # questions that one export may ask: of rare things it may take a part, and says so
_REASON = 500
REASONS = ("工作例会", "专项检查", "向上级报送", "分析研判")


@get("/tickets/export", include_in_schema=False)
async def ask(request: Req) -> Response[bytes]:
    """What would be taken, and what for."""
    return await _ask(request, Wanted.read(request.query_params))


@post("/tickets/export", include_in_schema=False)
async def give(request: Req) -> Response[bytes]:
    """The step first, then the file. Without a reason the form again."""
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    form = await windows.said(request)
    wanted, reason = Wanted.read(form), form.get("reason", "")[:_REASON]
    if len(reason) < 2:
        return await _ask(request, wanted, 422, "请写明导出做什么用,这会记入日志。", reason)
    rows, more = await _rows(room, viewer, wanted)
    rules = await room.rules()
    mark = Mark(exports.fresh(), Teller(rules).post(viewer.post), room.clock(), _said(wanted, rules), more)
    file = await asyncio.to_thread(workbook, rows, mark, rules)
    await _keep(room, viewer, wanted, reason, mark, len(rows))
    return download(file, f"{mark.ident}.xlsx", KIND)


async def _ask(request: Req, wanted: Wanted, status: int = 200, wrong: str = "", reason: str = "") -> Response[bytes]:
    room: Room = request.app.state.room
    rules = await room.rules()
    sight, asked = room.sight(request.state.viewer), wanted.asked(room.catalogue)
    count, more = await room.ask(lambda c: lists.count(c, sight, asked, most=MOST, at=room.clock()))
    return await windows.window(
        request,
        "export.html",
        status,
        chips=chips(wanted, rules),
        given=wanted.given(),
        query=urlencode(wanted.given()) or "all=1",
        count=count,
        more=more,
        most=MOST,
        columns=[name for name, _ in COLUMNS],
        reasons=REASONS,
        wrong=wrong,
        reason=reason,
    )


async def _rows(room: Room, viewer: Viewer, wanted: Wanted) -> tuple[list[Line], bool]:
    """At most MOST rows, newest first; whether there are, or may be, more."""
    sight, asked, at = room.sight(viewer), wanted.asked(room.catalogue), room.clock()
    rows: list[Line] = []
    before: str | None = None
    for _ in range(_WINDOWS):

        async def read(
            connection: AsyncConnection, before: str | None = before, limit: int = MOST - len(rows)
        ) -> tuple[list[Line], str | None]:
            page = await lists.page(connection, sight, asked, before=before, limit=limit, at=at)
            return await lists.lines(connection, sight, page.numbers), page.next

        found, before = await room.ask(read)
        rows += found
        if before is None or len(rows) >= MOST:
            break
    return rows, before is not None and await _another(room, viewer, asked, before)


async def _another(room: Room, viewer: Viewer, asked: dict[str, Any], before: str) -> bool:
    """Whether a page that was full was not simply the last; where nobody has looked that far there may be."""
    sight, at = room.sight(viewer), room.clock()
    page = await room.ask(lambda c: lists.page(c, sight, asked, before=before, limit=1, at=at))
    return bool(page.numbers) or page.next is not None


async def _keep(room: Room, viewer: Viewer, wanted: Wanted, reason: str, mark: Mark, rows: int) -> None:
    """What was searched for may be anybody's words: it is sealed with the reason."""
    by = _codes(wanted, await room.rules())
    words = reason if wanted.q is None else f"{reason}\n搜索:{wanted.q}"
    sealed = room.seal.seal(vault.encode(vault.Dossier(words)))
    await room.write(
        lambda c: exports.made(
            c,
            mark.ident,
            sealed,
            rows,
            by,
            searched=wanted.q is not None,
            more=mark.more,
            actor=viewer.post,
            at=mark.at,
        )
    )


def _codes(wanted: Wanted, rules: Rules) -> tuple[str, ...]:
    """The filters for the log: a code that nobody registered may be anybody's words, and is not repeated there."""
    registered: dict[str, Collection[str]] = {
        "grid": rules.registry.grids,
        "community": rules.registry.communities,
        "category": rules.catalogue.entries,
    }
    given = wanted.given().items()
    return tuple(
        f"{name}={value if value in registered.get(name, (value,)) else '?'}" for name, value in given if name != "q"
    )


def _said(wanted: Wanted, rules: Rules) -> str:
    """The filter in words; what was searched for stays out of the file, it may be somebody's name."""
    named = [one.words for one in chips(msgspec.structs.replace(wanted, q=None), rules)]
    return "、".join([*named, *(["有搜索词"] if wanted.q else [])]) or "全部"


ROUTES = [ask, give]
