"""The day (调解日程): a mediator's cases and sessions, a committee's cases by what waits; live, a page at a time."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.calendar import local
from huiyin.core.mediation.rules import MediationRules
from huiyin.core.people import Viewer
from huiyin.store import accounts, mediation_days
from huiyin.store.mediation_days import Count, Planned, Row, Whose
from huiyin.store.places import Place
from huiyin.story import load_words
from huiyin.web import cursors
from huiyin.web.mediations.finding import NUMBER
from huiyin.web.mediations.listed import Beside, beside, named, whose
from huiyin.web.mediations.shown import FREE
from huiyin.web.room import Room
from huiyin.web.shown import BEIJING, category
from huiyin.web.staff import windows
from huiyin.web.staff.mediations import meetings, stages

Req = Request[Any, Any, Any]

PAGE = 20
_DANGERS = 20
_AHEAD = timedelta(days=14)
_SESSIONS = 12
_NAMELESS = "没有账号的调解员"


class Line(Struct, frozen=True):
    """A case of the list in words; `names` are for its mediator alone."""

    row: Row
    matter: str
    names: Sequence[tuple[str, str]]
    stage: str
    marks: Sequence[stages.Mark]
    limits: Sequence[stages.Told]
    ended: str
    mediators: Sequence[str]


class _Read(Struct, frozen=True):
    """What was read for one page, in one connection."""

    rows: list[Row]
    last: Place | None
    counts: list[Count]
    owing: list[Row]
    planned: list[Planned]
    beside: Beside
    load: Mapping[str, int]
    usernames: Mapping[str, str]


@get("/mediations", include_in_schema=False)
async def page(request: Req) -> Response[bytes]:
    """The whole page."""
    return await windows.window(request, "mediation_day.html", **await _known(request))


@get("/mediations/list", include_in_schema=False)
async def piece(request: Req) -> Response[bytes]:
    """What the live page asks for again."""
    return windows.piece(request, "mediation_day_list.html", **await _known(request))


async def _known(request: Req) -> dict[str, Any]:
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    book = (await room.mediations()).rules.mediation
    mine, asked = await whose(room, viewer, book), _asked(request)
    found = await room.ask(lambda c: _read(c, mine, asked, room.clock()))
    names = await named(room, found.beside.people)
    return {
        "lines": [_line(one, found, names, book, room) for one in found.rows],
        "dangers": [_line(one, found, names, book, room) for one in found.owing],
        "meetings": await meetings.shown(room, viewer, found.planned, names, local(room.clock())),
        "filters": stages.filters(found.counts),
        "waiting": [] if mine.person else stages.waiting(found.counts),
        "load": _loaded(found),
        "whole": sum(one.count for one in found.counts),
        "mediates": bool(mine.person),
        "works": bool(mine.kinds),
        "next": cursors.write(found.last) or "",
        "day": room.clock().astimezone(BEIJING),
        "free": FREE,
        **asked.address(),
    }


class _Asked(Struct, frozen=True):
    """What an address asks for."""

    open: bool
    stage: str
    cursor: str

    def address(self) -> dict[str, Any]:
        """The same for the page, with the part of its links that stays."""
        query = urlencode({**({"stage": self.stage} if self.stage else {}), **({} if self.open else {"closed": "1"})})
        known = {"open": self.open, "stage": self.stage, "stage_name": stages.name(self.stage), "query": query}
        return {**known, "cursor": self.cursor}


def _asked(request: Req) -> _Asked:
    query = request.query_params
    open_, stage = query.get("closed") != "1", query.get("stage", "")[:20]
    return _Asked(open_, stage if open_ and stages.wanted(stage) else "", query.get("cursor", "")[:64])


async def _read(connection: AsyncConnection, mine: Whose, asked: _Asked, now: datetime) -> _Read:
    """Each by its index; what only the first page shows is asked for it alone."""
    after, open_ = cursors.read(asked.cursor or None, NUMBER), asked.open
    first = open_ and after is None
    rows, last = await mediation_days.rows(connection, mine, stages.wanted(asked.stage), after, PAGE, open_=open_)
    owing = await mediation_days.owing(connection, mine, _DANGERS) if first else []
    morning = now.astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
    meets = first and mine.person
    planned = await mediation_days.planned(connection, mine, morning, now + _AHEAD, _SESSIONS) if meets else []
    numbers = sorted({*(one.number for one in (*rows, *owing)), *(one.number for one in planned)})
    load = await mediation_days.load(connection, mine) if first and not (mine.person or asked.stage) else {}
    around = await beside(connection, mine, numbers)
    called = sorted({*load, *(one for some in around.seated.values() for one in some)})
    return _Read(
        rows,
        last,
        await mediation_days.counts(connection, mine) if open_ else [],
        owing,
        planned,
        around,
        load,
        await accounts.names(connection, called),
    )


def _line(row: Row, found: _Read, names: Mapping[str, Mapping[str, str]], book: MediationRules, room: Room) -> Line:
    known = [one for one in found.beside.people.get(row.number, ()) if one.capacity == "party"]
    called = [("申请人" if one.applicant else "被申请人", names[row.number][one.ident]) for one in known]
    matter = "保密卷" if row.restricted and not found.beside.people else category(room.catalogue, row.category)
    words = load_words("mediation_story.toml")
    limits = [stages.told(one, book, room.clock()) for one in found.beside.limits.get(row.number, ())]
    ended = words.word("reason", row.reason) if row.reason else ""
    applicants_first = sorted(called, key=lambda pair: pair[0] != "申请人")
    seated = [found.usernames.get(one, _NAMELESS) for one in found.beside.seated.get(row.number, ())]
    return Line(row, matter, applicants_first, stages.STAGES[row.stage], stages.line(row), limits, ended, seated)


def _loaded(found: _Read) -> list[tuple[str, int]]:
    """Who has how many, the most first."""
    named = [(found.usernames.get(person, _NAMELESS), count) for person, count in found.load.items()]
    return sorted(named, key=lambda pair: (-pair[1], pair[0]))


ROUTES = [page, piece]
