"""Lists of tickets (工单列表): filters as a form, what is set as chips, filters saved by an account, page by page."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from litestar import Request, Response, get, post
from litestar.params import FromPath
from msgspec import Struct

from huiyin.core.people import Viewer, may
from huiyin.core.ticket import Rules
from huiyin.store import filters, lists
from huiyin.store.filters import Saved
from huiyin.web.paint import see
from huiyin.web.problems import Problem
from huiyin.web.room import Room
from huiyin.web.staff import called, windows
from huiyin.web.staff.choices import choices, said
from huiyin.web.tickets import found
from huiyin.web.wanted import Wanted

Req = Request[Any, Any, Any]

PAGE = 50
COUNTED, MOST = 6, 100  # saved filters that are counted, and how far
_NAME = 20  # characters of a saved filter's name


class Chip(Struct, frozen=True):
    """Something that is asked for, and the address of the list without it."""

    words: str
    without: str


class Counted(Struct, frozen=True):
    """A saved filter, and how many it finds now: `3`, `100+`; "" where nobody counted."""

    saved: Saved
    here: bool
    count: str = ""


@get("/tickets", include_in_schema=False)
async def page(request: Req) -> Response[Any]:
    """The list; without a question it opens with the account's first filter."""
    room, viewer = _who(request)
    saved = await room.ask(lambda c: filters.of(c, viewer.username))
    if not request.query_params and saved and saved[0].first:
        return see(f"/tickets?{saved[0].query}")
    wanted, rules = Wanted.read(request.query_params), await room.rules()
    query = urlencode(wanted.given())
    return await windows.window(
        request,
        "lists.html",
        **await _list(request, wanted, rules),
        chips=chips(wanted, rules),
        choices=choices(wanted, viewer, rules),
        saved=[Counted(one, one.query == query) for one in saved],
        most_saved=filters.MOST,
    )


@get("/tickets/list", include_in_schema=False)
async def piece(request: Req) -> Response[bytes]:
    """The rows again, for the live page."""
    room, _ = _who(request)
    wanted = Wanted.read(request.query_params)
    return windows.piece(request, "lists_rows.html", **await _list(request, wanted, await room.rules()))


@get("/tickets/counts", include_in_schema=False)
async def counts(request: Req) -> Response[bytes]:
    """The saved filters with how many each finds; as far as can be counted quickly."""
    room, viewer = _who(request)
    query = urlencode(Wanted.read(request.query_params).given())
    saved = await room.ask(lambda c: filters.of(c, viewer.username))
    told = [await _counted(room, viewer, one, query) if i < COUNTED else "" for i, one in enumerate(saved)]
    rows = [Counted(one, one.query == query, count) for one, count in zip(saved, told, strict=True)]
    return windows.piece(request, "lists_saved.html", saved=rows, asked=bool(query))


async def _counted(room: Room, viewer: Viewer, one: Saved, query: str) -> str:
    try:
        asked = Wanted.read(dict(parse_qsl(one.query))).asked(room.catalogue)
    except Problem:  # a code that was once: the list itself says so
        return ""
    sight = room.sight(viewer)
    count, more = await room.ask(lambda c: lists.count(c, sight, asked, most=MOST, at=room.clock()))
    return f"{count}+" if more else str(count)


# -- saved filters ----------------------------------------------------------------------------------------


@post("/tickets/filters", include_in_schema=False)
async def save(request: Req) -> Response[Any]:
    """Keep what is asked for now under a name; the same name again replaces it."""
    room, viewer = _who(request)
    form = await windows.said(request)
    wanted = Wanted.read(form)
    name, query = _named(form), urlencode(wanted.given())
    if not query:
        raise Problem("missing-field", "先选好条件再保存,例如“超时”或一个社区。", "q")
    if not await room.write(lambda c: filters.save(c, viewer.username, name, query, room.clock())):
        raise Problem("bad-request", f"最多保存 {filters.MOST} 个筛选,请先删掉不用的。")
    return see(f"/tickets?{query}&said=saved")


@post("/tickets/filters/{ident:str}", include_in_schema=False)
async def change(request: Req, ident: FromPath[str]) -> Response[Any]:
    """Another name, first, not first any more, or gone; somebody else's filter is not there and nothing happens."""
    room, viewer = _who(request)
    form = await windows.said(request)
    what, mine = form.get("do", ""), viewer.username
    if what == "rename":
        name = _named(form)
        await room.write(lambda c: filters.rename(c, mine, ident, name))
    elif what == "remove":
        await room.write(lambda c: filters.remove(c, mine, ident))
    elif what in ("first", "not-first"):
        await room.write(lambda c: filters.put_first(c, mine, ident if what == "first" else ""))
    else:
        raise Problem("bad-request")
    return windows.back("/tickets", "removed" if what == "remove" else "saved", all="1")


def _named(form: dict[str, str]) -> str:
    name = " ".join(form.get("name", "").split())[:_NAME]
    if not name:
        raise Problem("missing-field", "请给这个筛选起个名字。", "name")
    return name


# -- what is shown ----------------------------------------------------------------------------------------


def _who(request: Req) -> tuple[Room, Viewer]:
    return request.app.state.room, request.state.viewer


async def _list(request: Req, wanted: Wanted, rules: Rules) -> dict[str, Any]:
    """One page of rows, and the addresses around it."""
    room, viewer = _who(request)
    cursor = request.query_params.get("cursor") or None
    shown = await found(room, viewer, wanted, cursor, PAGE)
    given = wanted.given()
    return {
        "wanted": wanted,
        "rows": [(one, called.place(one, rules.registry)) for one in shown.tickets],
        "query": urlencode(given),
        "here_query": urlencode({**given, **({"cursor": cursor} if cursor else {})}),
        "next": urlencode({**given, "cursor": shown.next}) if shown.next else "",
        "cursor": cursor,
        "acts": [name for name in ("reassign", "dispatch") if may(viewer.role, name)],
        "exports": windows.opens(viewer.role, "/tickets/export"),
    }


def chips(wanted: Wanted, rules: Rules) -> list[Chip]:
    """What is asked for in words, each with the way out."""
    given = wanted.given()
    return [
        Chip(said(name, value, rules), urlencode({k: v for k, v in given.items() if k != name}) or "all=1")
        for name, value in given.items()
    ]


ROUTES = [page, piece, counts, save, change]
