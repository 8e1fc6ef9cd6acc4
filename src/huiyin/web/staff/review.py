"""Review (复盘): the log of one ticket, whole or broken, and what one post did over a period; to be printed."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin import posts
from huiyin.core.calendar import midnight
from huiyin.core.people import Viewer
from huiyin.core.ticket import Ticket
from huiyin.store import lists, log, people, reviews, tickets
from huiyin.store.reviews import Done, Link, Place
from huiyin.story import Teller
from huiyin.web.acts import NUMBER
from huiyin.web.logged import kept_from, named
from huiyin.web.mediations.finding import NUMBER as MEDIATION
from huiyin.web.paint import see, until
from huiyin.web.problems import Problem
from huiyin.web.room import Room
from huiyin.web.shown import BEIJING
from huiyin.web.staff import chained, windows
from huiyin.web.staff.chained import WHY, Told
from huiyin.web.staff.directory import Directory, directory
from huiyin.web.staff.mediations.office import changes
from huiyin.web.whistles.finding import NUMBER as WHISTLE

Req = Request[Any, Any, Any]

PAGE = 40  # steps of a post on one page
_LOOK, _LOOKS = 200, 5  # rows that one look reads, and how many looks a page may cost
_USUAL = timedelta(days=30)
_DUTIES = {"sort": "分拣", "sign": "签收", "resolve": "办结"}


@get("/review", include_in_schema=False)
async def ask(request: Req) -> Response[Any]:
    """By a ticket's number, or by a post and a period; what is found leads on."""
    query = request.query_params
    number = query.get("number", "").strip().upper()
    kinds = [one for one in _KINDS if windows.opens(request.state.viewer.role, one.path + "/{number}")]
    for one in kinds:
        if one.number.fullmatch(number):
            return see(f"{one.path}/{number}")
    wanted = query.get("q", "").strip()[:64]
    known, scope = await _directory(request), request.state.viewer.scope
    found = known.found(scope, wanted) if wanted else []
    wrong = f"{','.join(f'{one.what}号是 {one.form}' for one in kinds)},请核对后再填。" if number else ""
    facts = {"found": found, "names": [one.what for one in kinds], "wrong": wrong, **await _offices(request)}
    return await windows.window(request, "review.html", q=wanted, number=number[:20], **facts)


async def _offices(request: Req) -> dict[str, Any]:
    """Committees whose office may be reviewed, where they were asked for; None who may review none."""
    viewer: Viewer = request.state.viewer
    may, asked = windows.opens(viewer.role, changes.PATH), request.query_params.get("c")
    if not may or asked is None:
        return {"c": None, "offices": [] if may else None}
    return {"c": asked, "offices": await changes.found(request.app.state.room, viewer, asked.strip()[:64])}


class _Kind(Struct, frozen=True):
    """What may be asked for by its number, and where its log is."""

    what: str
    form: str
    number: re.Pattern[str]
    path: str


_KINDS = (
    _Kind("工单", "HY 加九位数字", NUMBER, "/review/tickets"),
    _Kind("哨单", "SH 加九位数字", WHISTLE, "/review/whistles"),
    _Kind("调解", "TJ 加九位数字", MEDIATION, "/review/mediations"),
)


@get("/review/posts", include_in_schema=False)
async def suggest(request: Req) -> Response[bytes]:
    """Posts of the viewer's scope while the viewer types."""
    wanted = request.query_params.get("q", "").strip()[:64]
    found = (await _directory(request)).found(request.state.viewer.scope, wanted) if wanted else []
    return windows.piece(request, "review_posts.html", found=found, q=wanted)


async def _directory(request: Req) -> Directory:
    room: Room = request.app.state.room
    return directory(await room.rules())


# -- one ticket -------------------------------------------------------------------------------------------


@get("/review/tickets/{number:str}", include_in_schema=False)
async def ticket(request: Req, number: FromPath[str]) -> Response[bytes]:
    """Every step with its limit and hash, and whether the chain holds."""
    room: Room = request.app.state.room
    links = await _links(room, request.state.viewer, number)
    wrong = chained.faults(links)
    seen = await room.ask(lambda c: lists.seen(c, room.sight(request.state.viewer), _named(links)))
    teller, role = Teller(await room.rules()), request.state.viewer.role
    told = chained.rows(links, _walked(teller, [one.body for one in links], seen), teller.post, wrong)
    rows = [one for one in told if not kept_from(role, one.step)]
    facts = {"number": number, "steps": len(links), "broken": wrong, "why": WHY, "what": "工单"}
    facts |= {"path": "/review/tickets", "again": windows.opens(role, "/review")}
    facts["line"] = request.query_params.get("view") == "line"
    return await windows.window(request, "review_ticket.html", rows=rows, page=f"/tickets/{number}", **facts)


async def _links(room: Room, viewer: Viewer, number: str) -> Sequence[Link]:
    """Hidden is 404, as if it were not there."""

    async def look(connection: AsyncConnection) -> Sequence[Link]:
        there = await lists.visible(connection, room.sight(viewer), number)
        return await reviews.chain(connection, tickets.NOUN, number) if there else []

    found = await room.ask(look) if NUMBER.fullmatch(number) else []
    if not found:
        raise Problem("not-found")
    return found


def _named(links: Sequence[Link]) -> list[str]:
    try:
        return named([lists.Entry(one.version, one.step, one.at, one.hash, one.body) for one in links])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return []


def _walked(teller: Teller, leaves: Sequence[bytes], seen: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Sentences and limits as far as the chain can be read; a tampered one may end early."""
    try:
        for said, kept in teller.walk(leaves, seen):
            yield said.split(" ", 2)[2], _limit(kept)
    except Exception:  # what was changed by hand can be wrong in every way; the page must still say where
        return


def _limit(kept: Ticket) -> str:
    if kept.closed_at is not None:
        return ""
    if kept.state == "shelved" and kept.shelf is not None:
        return f"复查 {until(kept.shelf.review_at)}"
    if kept.supervision is not None:
        return f"督办答复 {until(kept.supervision.answer.due.at)}"
    if kept.running is not None:
        return f"{_DUTIES.get(kept.running[0], '')} {until(kept.running[1].due.at)}"
    return f"评价 {until(kept.follow_up.at)}" if kept.state == "replied" and kept.follow_up else ""


# -- one post over a period -------------------------------------------------------------------------------


@get("/review/posts/{post:str}", include_in_schema=False)
async def post(request: Req, post: FromPath[str]) -> Response[bytes]:
    """What the post did on tickets that the viewer may see, newest first."""
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    known = await _directory(request)
    if not posts.POST_CODE.fullmatch(post) or not await _mine(room, viewer, known, post):
        raise Problem("not-found")
    since, to, before = _period(request)
    found, after = await room.ask(lambda c: _found(c, room, viewer, (post, since), before))
    rows = await _told(room, viewer, known.teller, found)
    path, kept = f"/review/posts/{quote(post)}", {"from": f"{since:%Y-%m-%d}", "to": f"{to:%Y-%m-%d}"}
    facts = {"post": post, "called": known.name(post), "since": since, "to": to}
    place = {"next": after, "later": "cursor" in request.query_params}
    return await windows.window(request, "review_post.html", rows=rows, path=path, kept=kept, **facts, **place)


async def _mine(room: Room, viewer: Viewer, known: Directory, post: str) -> bool:
    """A post of the viewer's scope by its place; one that has none (a department) by somebody's term in it."""
    if known.within(viewer.scope, post) and (viewer.scope.kind == "all" or not known.comes(post)):
        return True
    terms = await room.ask(lambda c: people.ever(c, [post]))
    return any(known.inside(viewer.scope, one.scope) for one in terms)


def _period(request: Req) -> tuple[date, date, Place]:
    """First and last day, and where the page begins; raises Problem for what is no day."""
    room: Room = request.app.state.room
    query = request.query_params
    today = room.clock().astimezone(BEIJING).date()
    try:
        last = date.fromisoformat(query["to"]) if query.get("to") else today
        first = date.fromisoformat(query["from"]) if query.get("from") else last - _USUAL
        end = Place(midnight(last + timedelta(days=1)), "", 0)
        return first, last, _place(query["cursor"]) if query.get("cursor") else end
    except (ValueError, OverflowError):
        raise Problem("bad-query", "日期或页码不对:日期形如 2026-11-20,请从复盘页重新选择") from None


def _place(said: str) -> Place:
    at, number, version = said.split("_")
    if not (NUMBER.fullmatch(number) or WHISTLE.fullmatch(number)) or not version.isdecimal() or len(version) > 6:
        raise ValueError(said)
    return Place(datetime.fromtimestamp(int(at) / 1_000_000, UTC), number, int(version))


def _cursor(place: Place) -> str:
    return f"{round(place.at.timestamp() * 1_000_000)}_{place.id}_{place.version}"


async def _found(
    connection: AsyncConnection, room: Room, viewer: Viewer, wanted: tuple[str, date], before: Place
) -> tuple[list[Done], str | None]:
    """A page's steps; it may be short and still have a next one, for what is hidden is passed over."""
    sight, found = room.sight(viewer), list[Done]()
    for _ in range(_LOOKS):
        rows = await reviews.of_post(connection, wanted[0], midnight(wanted[1]), before, _LOOK)
        seen = await lists.seen(connection, sight, sorted({one.place.id for one in rows}))
        found += [one for one in rows if one.place.id in seen]
        if len(found) > PAGE:
            return found[:PAGE], _cursor(found[PAGE - 1].place)
        if len(rows) < _LOOK:
            return found, None
        before = rows[-1].place
    return found, _cursor(before)


async def _told(room: Room, viewer: Viewer, teller: Teller, found: Sequence[Done]) -> list[Told]:
    """Each step in its ticket's own words: a sentence needs all that came before."""
    numbers = sorted({one.place.id for one in found})

    async def read_all(connection: AsyncConnection) -> tuple[dict[str, list[bytes]], frozenset[str]]:
        bodies = await log.bodies(connection, tickets.NOUN, numbers)
        return bodies, await lists.seen(connection, room.sight(viewer), _others(bodies))

    bodies, seen = await room.ask(read_all)
    said = {number: list(_walked(teller, bodies[number], seen | {number})) for number in numbers}
    return [_entry(one, said[one.place.id]) for one in found]


def _others(bodies: dict[str, list[bytes]]) -> list[str]:
    rows = [reviews.Link("", "", 0, b"", b"", body, "", _NEVER) for some in bodies.values() for body in some]
    return _named(rows)


_NEVER = datetime(2000, 1, 1, tzinfo=UTC)


def _entry(one: Done, told: list[tuple[str, str]]) -> Told:
    place = one.place
    said, limit = told[place.version - 1] if place.version <= len(told) else (WHY["unreadable"], "")
    return Told(place.id, place.version, place.at, "", said, limit, chained.short(one.hash), one.step)
