"""Calendars (工作日历): which years are known, and a year's notice put in after a look at what it changes."""

from datetime import date, timedelta
from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from msgspec import Struct

from huiyin.bus.streams import REGISTRY_CHANGED
from huiyin.calendars import put_year
from huiyin.core.calendar import Calendar, Year, with_year
from huiyin.core.people import Viewer
from huiyin.rules.calendars import read_year, written
from huiyin.store import calendars, machine
from huiyin.web.room import Room
from huiyin.web.staff import windows
from huiyin.web.staff.admin import gate

Req = Request[Any, Any, Any]

_LARGEST = 64 * 1024
_WEEKDAYS = "一二三四五六日"


class Known(Struct, frozen=True):
    """A year as it stands; `imported` here, or shipped."""

    year: int
    off: int
    work: int
    worked: int
    source: str


class Difference(Struct, frozen=True):
    """A day that becomes another one."""

    day: str
    was: str
    becomes: str


@get("/admin/calendars", include_in_schema=False)
async def page(request: Req) -> Response[bytes]:
    """The years, and where the next one is put in."""
    return await _shown(request)


async def _shown(request: Req, status: int = 200, wrong: str = "", **more: Any) -> Response[bytes]:
    room: Room = request.app.state.room
    standing, since = await room.ask(calendars.load), await room.ask(calendars.imported_at)
    years = [_known(standing, one, since) for one in sorted(standing.years, reverse=True)]
    guessed = await room.ask(machine.provisional)
    facts = {"years": years, "version": standing.version, "guessed": guessed, "next": max(standing.years) + 1}
    looked = {"year": None, "differences": [], "notice": "", **more}
    return await gate.page(request, "admin_calendars.html", status, wrong=wrong, **facts, **looked)


def _known(standing: Calendar, year: int, since: dict[int, Any]) -> Known:
    one, days = standing.years[year], (date(year + 1, 1, 1) - date(year, 1, 1)).days
    worked = sum(standing.workday(date(year, 1, 1) + timedelta(days=n)) for n in range(days))
    source = f"{since[year]:%Y-%m-%d} 导入" if year in since else "随软件提供"
    return Known(year, len(one.off), len(one.work), worked, source)


@post("/admin/calendars", include_in_schema=False, status_code=200, request_max_body_size=_LARGEST * 2)
async def look(request: Req) -> Response[bytes]:
    """What a file would change, and how many limits would be worked out anew; changes nothing."""
    form = await request.form()
    windows.marked(request, request.headers.get(windows.CSRF_HEADER) or str(form.get("csrf", "")))
    file = form.get("file")
    data = await file.read(_LARGEST) if isinstance(file, UploadFile) else b""
    if not data:
        return await _shown(request, 422, gate.WRONG["file"])
    try:
        year = read_year(data)
    except ValueError as bad:
        return await _shown(request, 422, f"放假安排有误,没有导入任何数据:\n{bad}")
    room: Room = request.app.state.room
    standing = await room.ask(calendars.load)
    return await _shown(request, year=year, differences=_differences(standing, year), notice=written(year))


def _differences(standing: Calendar, year: Year) -> list[Difference]:
    """Day by day from the December before, where the calendar says otherwise with the year in it."""
    fresh, first = with_year(standing, year), date(year.year - 1, 12, 1)
    days = [first + timedelta(days=n) for n in range((date(year.year + 1, 1, 1) - first).days)]
    found = [(day, _said(standing, day), _said(fresh, day)) for day in days]
    return [Difference(f"{day}(周{_WEEKDAYS[day.weekday()]})", was, new) for day, was, new in found if was != new]


def _said(calendar: Calendar, day: date) -> str:
    """What a day is; one that is only guessed reads like one that is known, for nothing changes."""
    if calendar.made_up(day):
        return "补班"
    if calendar.holiday(day):
        return "放假"
    return "工作日" if calendar.workday(day) else "周末"


@post("/admin/calendars/import", include_in_schema=False)
async def put(request: Req) -> Response[Any]:
    """The notice that was looked at stands from now on; limits that were guesses are worked out anew by themselves."""
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    said = await windows.said(request)
    try:
        year = read_year(said.get("notice", "").encode())
    except ValueError as bad:
        return await _shown(request, 422, f"放假安排有误,没有导入任何数据:\n{bad}")
    done = await room.write(lambda c: put_year(c, year, at=room.clock(), actor=viewer.post))
    if done.version == done.was:
        return windows.back("/admin/calendars", wrong="nothing")
    if (client := room.bell.client) is not None:
        await client.publish(REGISTRY_CHANGED, b"")  # a hint: who does not hear it looks by itself
    return windows.back("/admin/calendars", "saved")
