"""Rooms for mediating (调解室): which there are, a week of who has them when, a room for a planned session."""

import re
import secrets
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.convening import Hangs
from huiyin.core.calendar import local, midnight
from huiyin.core.mediation import Mediation
from huiyin.core.mediation.state import MEDIATING
from huiyin.store import bookings, mediations
from huiyin.store.bookings import Booking
from huiyin.store.bookings import Room as Place
from huiyin.web.mediations import finding
from huiyin.web.problems import Problem
from huiyin.web.room import Room
from huiyin.web.shown import BEIJING
from huiyin.web.staff import windows
from huiyin.web.staff.mediations.office import mine as whose
from huiyin.web.staff.mediations.office.mine import Mine

Req = Request[Any, Any, Any]

HOURS = {"1": "1 小时", "2": "2 小时", "3": "3 小时", "4": "半天(4 小时)"}
_LONGEST, _SEATS = 30, range(1, 1000)
WRONG = {
    "room": "请写明调解室的名称(最多 30 个字)和座位数(1 至 999)。",
    "taken": "这个时间这间调解室已经有人用了,请换一间,或者换一个时间。",
    "over": "这次调解会已经开过、取消了、在线上开,或者没有约定过;请先约定调解会。",
    "none": "请选择本委员会的一间调解室。",
    "ahead": "这间调解室还约了 {} 次调解会,请先在上面的日程里给它们换一间,或者取消,再停用。",
}


class Taken(Struct, frozen=True):
    """A booking as it is shown; without a number to who may not know of the case."""

    booking: Booking
    number: str

    @property
    def hours(self) -> str:
        since, until = (at.astimezone(BEIJING) for at in (self.booking.since, self.booking.until))
        return f"{since:%H:%M}–{until:%H:%M}"


class Week(Struct, frozen=True):
    """A week of all rooms: room → day → who has it, by the hour."""

    first: date
    days: tuple[date, ...]
    rooms: tuple[Place, ...]
    taken: Mapping[tuple[str, date], tuple[Taken, ...]]
    closed: tuple[Place, ...] = ()

    @property
    def before(self) -> str:
        return f"{self.first - timedelta(days=7)}"

    @property
    def after(self) -> str:
        return f"{self.first + timedelta(days=7)}"


class Wanted(Struct, frozen=True):
    """A planned session that a room is looked for; `has` the one that it has."""

    number: str
    session: int
    at: datetime
    has: str = ""


@get("/mediations/committee/rooms", include_in_schema=False)
async def page(request: Req) -> Response[bytes]:
    """A week; with `number` and `session` also the form to book."""
    query = request.query_params
    number, session = query.get("number", ""), query.get("session", "")
    kind = (await finding.find(request, number)).one.kind if number else query.get("kind", "")
    mine = await whose.find(request, kind)
    wanted = await _wanted(request, mine, number, session) if number else None
    day = local(wanted.at) if wanted and not query.get("week") else None
    return await _shown(request, mine, whose.monday(day) if day else None, wanted)


async def _shown(
    request: Req,
    mine: Mine,
    first: date | None,
    wanted: Wanted | None = None,
    status: int = 200,
    wrong: str = "",
    count: int = 0,
) -> Response[bytes]:
    week = await _week(request, mine, first or whose.week_of(request.query_params, whose.today(request)))
    facts = {"mine": mine, "week": week, "wanted": wanted, "hours": HOURS, "today": whose.today(request)}
    said = WRONG.get(wrong, "").format(count)
    return await windows.window(request, "mediation_rooms.html", status, wrong=said, **facts)


async def _week(request: Req, mine: Mine, first: date) -> Week:
    room: Room = request.app.state.room
    since, until = midnight(first), midnight(first + timedelta(days=7))

    async def look(c: AsyncConnection) -> tuple[list[Place], list[Place], list[Booking]]:
        gone = await bookings.rooms(c, mine.body, closed=True) if mine.keeps else []
        return await bookings.rooms(c, mine.body), gone, await bookings.booked(c, mine.body, since, until)

    places, closed, booked = await room.ask(look)
    numbers = sorted({one.number for one in booked})
    seen = {one.one.number for one in await finding.some(room, request.state.viewer, numbers)} if numbers else set()
    taken: dict[tuple[str, date], tuple[Taken, ...]] = {}
    for one in booked:
        key = (one.room, local(one.since))
        taken[key] = (*taken.get(key, ()), Taken(one, one.number if one.number in seen else ""))
    days = tuple(first + timedelta(days=n) for n in range(7))
    return Week(first, days, tuple(places), taken, tuple(closed))


async def _wanted(request: Req, mine: Mine, number: str, session: str) -> Wanted | None:
    """The session of a case of this committee that the viewer may know of, while it waits in a room."""
    room: Room = request.app.state.room
    found = await finding.find(request, number)
    if _ours(found.one, mine) is None or (at := waits(found.one, _number(session))) is None:
        return None
    has = await room.ask(lambda c: bookings.of_session(c, number, _number(session)))
    return Wanted(number, _number(session), at, has.room if has else "")


def _ours(one: Mediation, mine: Mine) -> Mediation | None:
    return one if (one.committee, one.kind) == (mine.body.committee, mine.body.kind) else None


def waits(one: Mediation, number: int) -> datetime | None:
    """When a planned session is to be, face to face."""
    session = one.session(number) if one.state in MEDIATING else None
    if session is None or not session.waits or session.plan is None or session.plan.online:
        return None
    return session.plan.at


def _number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", text):
        raise Problem("bad-query", field="session")
    return int(text)


# -- booking ----------------------------------------------------------------------------------------------


@post("/mediations/committee/bookings", include_in_schema=False)
async def book(request: Req) -> Response[Any]:
    """A room for a planned session; the case is held until it is written, so that none is booked for what is over."""
    said = await windows.said(request)
    found = await finding.find(request, said.get("number", ""))
    mine = await whose.find(request, found.one.kind)
    if _ours(found.one, mine) is None:
        raise Problem("not-found")
    number, session = found.one.number, _number(said.get("session", ""))
    hours = int(said["hours"]) if said.get("hours") in HOURS else 2
    room: Room = request.app.state.room

    async def write(c: AsyncConnection) -> str:
        held = await mediations.CHAINS.locked(c, [number])
        at = waits(held[number][0], session)
        if at is None:
            return "over"
        if said.get("room") not in {one.room for one in await bookings.rooms(c, mine.body)}:
            return "none"
        wish = Booking(said["room"], at, at + timedelta(hours=hours), number, session)
        return "" if await whose.office(request, c, mine.body).book(wish) else "taken"

    wrong = await room.write(write)
    return await _unbooked(request, mine, number, session, wrong) if wrong else _back(mine, waits(found.one, session))


async def _unbooked(request: Req, mine: Mine, number: str, session: int, wrong: str) -> Response[bytes]:
    """The week of the session once more, with what stands in the way."""
    wanted = await _wanted(request, mine, number, str(session))
    day = whose.monday(local(wanted.at)) if wanted else None
    return await _shown(request, mine, day, wanted, 409, wrong)


@post("/mediations/committee/bookings/release", include_in_schema=False)
async def release(request: Req) -> Response[Any]:
    """The room of a session is free again."""
    said = await windows.said(request)
    found = await finding.find(request, said.get("number", ""))
    mine = await whose.find(request, found.one.kind)
    if _ours(found.one, mine) is None:
        raise Problem("not-found")
    room: Room = request.app.state.room
    session = _number(said.get("session", ""))
    await room.write(lambda c: whose.office(request, c, mine.body).release(found.one.number, session))
    return _back(mine, waits(found.one, session))


def _back(mine: Mine, at: datetime | None) -> Response[Any]:
    week = {"week": f"{whose.monday(local(at))}"} if at else {}
    return windows.back("/mediations/committee/rooms", "saved", **week, **mine.query)


@post("/mediations/committee/rooms", include_in_schema=False)
async def furnish(request: Req) -> Response[Any]:
    """One more room, or another name and other seats of one."""
    said = await windows.said(request)
    mine = await whose.kept(request, said.get("kind", ""))
    room: Room = request.app.state.room
    called, seats = said.get("called", "").strip(), said.get("seats", "")
    known = {one.room for one in await room.ask(lambda c: bookings.rooms(c, mine.body))}
    good = 0 < len(called) <= _LONGEST and re.fullmatch(r"[0-9]{1,3}", seats) and int(seats) in _SEATS
    if not good or (said.get("room") and said["room"] not in known):
        return await _shown(request, mine, None, None, 422, "room")
    code = said.get("room") or f"{mine.body.committee}-{secrets.token_hex(4)}"
    one = Place(code, mine.body.committee, mine.body.kind, called, int(seats))
    await room.write(lambda c: whose.office(request, c, mine.body).furnish(one))
    return windows.back("/mediations/committee/rooms", "saved", **mine.query)


@post("/mediations/committee/rooms/{what:str}", include_in_schema=False)
async def undo(request: Req, what: FromPath[str]) -> Response[Any]:
    """A room is no more (close), or there again (reopen)."""
    said = await windows.said(request)
    mine = await whose.kept(request, said.get("kind", ""))
    room: Room = request.app.state.room
    place = said.get("room", "")
    if what not in ("close", "reopen"):
        raise Problem("not-found")

    async def write(c: AsyncConnection) -> bool:
        ours = whose.office(request, c, mine.body)
        return await (ours.close(place) if what == "close" else ours.reopen(place))

    try:
        done = await room.write(write)
    except Hangs as held:
        return await _shown(request, mine, None, None, 409, "ahead", held.count)
    return windows.back("/mediations/committee/rooms", "done" if done else "", **mine.query)


ROUTES = [page, book, release, furnish, undo]
