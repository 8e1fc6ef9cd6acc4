"""The duty roster (值班表): who is there for whoever comes, month by month; days that nobody has are shown."""

import calendar
import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from litestar import Request, Response, get, post
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.store import committees
from huiyin.web.problems import Problem
from huiyin.web.room import Room
from huiyin.web.staff import windows
from huiyin.web.staff.mediations.office import mine as whose
from huiyin.web.staff.mediations.office.mine import Mine, People

Req = Request[Any, Any, Any]

_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")
_MOST = 9  # on one day


class Day(Struct, frozen=True):
    """One day of the table; `work` by the calendar, a gap where it is one and nobody is there."""

    day: date
    inside: bool
    work: bool
    persons: tuple[str, ...]

    @property
    def gap(self) -> bool:
        return self.inside and self.work and not self.persons


class Month(Struct, frozen=True):
    """A month by whole weeks; `before` and `after` are how an address says its neighbours."""

    first: date
    weeks: tuple[tuple[Day, ...], ...]
    before: str
    after: str

    @property
    def gaps(self) -> int:
        return sum(day.gap for week in self.weeks for day in week)


@get("/mediations/committee/roster", include_in_schema=False)
async def page(request: Req) -> Response[bytes]:
    """A month."""
    query = request.query_params
    mine = await whose.find(request, query.get("kind", ""))
    return await _shown(request, mine, month_of(query, whose.today(request)))


async def _shown(request: Req, mine: Mine, first: date, status: int = 200, wrong: str = "") -> Response[bytes]:
    room: Room = request.app.state.room
    month, people = await _month(room, mine, first)
    chosen = request.query_params.get("day", "")
    facts = {"mine": mine, "month": month, "people": people, "today": whose.today(request)}
    return await windows.window(request, "mediation_roster.html", status, wrong=wrong, chosen=chosen, **facts)


async def _month(room: Room, mine: Mine, first: date) -> tuple[Month, People]:
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    until = weeks[-1][-1] + timedelta(days=1)

    async def look(c: AsyncConnection) -> tuple[Mapping[date, tuple[str, ...]], People]:
        found: dict[date, tuple[str, ...]] = {}
        for day, person in await committees.on_duty(c, mine.body, weeks[0][0], until):
            found[day] = (*found.get(day, ()), person)
        everybody = {person for some in found.values() for person in some}
        return found, await whose.people(c, mine, room, everybody)

    held, people = await room.ask(look)
    known = (await room.rules()).calendar
    rows = tuple(
        tuple(Day(day, day.month == first.month, known.workday(day), held.get(day, ())) for day in week)
        for week in weeks
    )
    before, after = first - timedelta(days=1), (first + timedelta(days=31)).replace(day=1)
    return Month(first, rows, f"{before:%Y-%m}", f"{after:%Y-%m}"), people


def month_of(query: Mapping[str, str], today: date) -> date:
    """The first day of the month that an address names; raises Problem."""
    if not query.get("month"):
        return today.replace(day=1)
    match = _MONTH.fullmatch(query["month"])
    if match is None:
        raise Problem("bad-query", field="month")
    return date(int(match[1]), int(match[2]), 1)


@post("/mediations/committee/roster", include_in_schema=False)
async def put(request: Req) -> Response[Any]:
    """Who is on duty on one day, in the place of who was; mediators of the register alone."""
    pairs = await windows.pairs(request)
    said = dict(pairs)
    mine = await whose.kept(request, said.get("kind", ""))
    room: Room = request.app.state.room
    day = _day(said.get("day", ""))
    people = await room.ask(lambda c: whose.people(c, mine, room))
    persons = [value for name, value in pairs if name == "person"]
    if len(persons) > _MOST or not set(persons) <= {one.person for one in people.register}:
        wrong = "值班的须是本委员会名册上的调解员,一天最多 9 人。"
        return await _shown(request, mine, day.replace(day=1), 422, wrong)
    await room.write(lambda c: whose.office(request, c, mine.body).put_on_duty(day, persons))
    return _back(mine, day)


@post("/mediations/committee/roster/copy", include_in_schema=False)
async def copy(request: Req) -> Response[Any]:
    """A week as the one before it was; who mediates no longer is left out."""
    said = await windows.said(request)
    mine = await whose.kept(request, said.get("kind", ""))
    room: Room = request.app.state.room
    first = whose.monday(_day(said.get("week", "")))

    async def write(c: AsyncConnection) -> None:
        here = {one.person for one in (await whose.people(c, mine, room)).register}
        before: dict[date, list[str]] = {}
        for day, person in await committees.on_duty(c, mine.body, first - timedelta(days=7), first):
            before.setdefault(day, []).extend([person] if person in here else [])
        ours = whose.office(request, c, mine.body)
        for n in range(7):
            day = first + timedelta(days=n)
            await ours.put_on_duty(day, before.get(day - timedelta(days=7), []))

    await room.write(write)
    return _back(mine, first + timedelta(days=6) if first.day > 24 and said.get("month") != f"{first:%Y-%m}" else first)


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Problem("bad-query", field="day") from None
    if not 2000 <= day.year < 2100:
        raise Problem("bad-query", field="day")
    return day


def _back(mine: Mine, day: date) -> Response[Any]:
    return windows.back("/mediations/committee/roster", "saved", month=f"{day:%Y-%m}", **mine.query)


ROUTES = [page, put, copy]
