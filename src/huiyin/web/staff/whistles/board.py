"""The board of all whistles of a place (哨单看板): open ones by what is due first, closed ones, what stands where."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.calendar import local
from huiyin.core.people import Viewer
from huiyin.core.ticket import Rules
from huiyin.core.whistle.rates import Ratio
from huiyin.core.whistle.rules import KindRule, WhistleRules
from huiyin.store import whistle_lists, whistle_rows
from huiyin.store.places import Place
from huiyin.store.sights import Sight
from huiyin.store.whistle_rows import Mark, Row
from huiyin.web import cursors
from huiyin.web.problems import Problem
from huiyin.web.room import Room
from huiyin.web.shown import category
from huiyin.web.staff import called, windows
from huiyin.web.staff.figures import PERIODS
from huiyin.web.staff.lists import Chip
from huiyin.web.staff.whistles.called import DUTIES, level, word
from huiyin.web.staff.whistles.reckoned import Period, Question, of_place
from huiyin.web.staff.whistles.report_book import RATES
from huiyin.web.staff.whistles.wanted import Wanted, choices, said
from huiyin.web.whistles.finding import NUMBER
from huiyin.web.whistles.shapes import STAGES, STATES
from huiyin.whistle_story import WhistleTeller

Req = Request[Any, Any, Any]

PAGE = 50
_ON_SITE = {"no": "不在现场", "unproven": "无佐证"}


class MarkShown(Struct, frozen=True):
    """How far one department is: `done` of `steps` that its kind of whistle has; `faults` in words."""

    name: str
    lead: bool
    stage: str
    done: int
    steps: int
    faults: tuple[str, ...]

    @property
    def dots(self) -> str:
        return "●" * self.done + "○" * (self.steps - self.done)


class RowShown(Struct, frozen=True):
    """A line of the board."""

    row: Row
    matter: str
    place: str
    kind: str
    state: str
    blower: str
    level: str
    marks: tuple[MarkShown, ...]


class Shower(Struct, frozen=True):
    """Puts rows into words under one rulebook."""

    rules: Rules
    book: WhistleRules
    teller: WhistleTeller

    def row(self, one: Row) -> RowShown:
        """A line in words."""
        kind = self.book.kinds[one.kind]  # type: ignore[index]  # a view holds kinds of the rulebook
        state = word("outcome", one.outcome) if one.outcome else STATES[one.state]
        if one.state == "called" and one.approval == "waiting":
            state += ",待补审批"
        return RowShown(
            one,
            category(self.rules.catalogue, one.category),
            called.place(one, self.rules.registry),
            kind.name,
            state,
            self.teller.post(one.blower),
            level(one.level),
            tuple(self._mark(each, kind) for each in one.marks),
        )

    def _mark(self, one: Mark, kind: KindRule) -> MarkShown:
        steps = _steps(kind, lead=one.lead)
        done = steps.index(one.stage) if one.stage in steps else 0
        faults = [f"{DUTIES[duty]}逾期" for duty in (one.late or "").split()]
        faults += [_ON_SITE[one.on_site]] if one.on_site in _ON_SITE and kind.limits.arrive else []
        faults += ["异议待裁定"] if one.objected else []
        return MarkShown(self.teller.post(one.post), one.lead, STAGES[one.stage], done, len(steps) - 1, tuple(faults))


def _steps(kind: KindRule, *, lead: bool) -> list[str]:
    """The stages that a department of this kind of whistle goes through."""
    steps = ["called", "acknowledged"]
    steps += ["arrived"] if kind.limits.arrive else []
    steps += ["planned"] if lead and kind.limits.plan else []
    return [*steps, "replied" if lead else "answered"]


async def shower(room: Room) -> Shower:
    """As the rulebook stands."""
    rules, book = await room.rules(), (await room.whistles()).rules
    return Shower(rules, book.whistle, WhistleTeller(book, rules.registry))


# -- the board --------------------------------------------------------------------------------------------


@get("/whistles", include_in_schema=False)
async def page(request: Req) -> Response[bytes]:
    """The board with its filters."""
    viewer: Viewer = request.state.viewer
    wanted, open_ = _asked(request)
    words = await shower(request.app.state.room)
    return await windows.window(
        request,
        "whistle_board.html",
        **await _list(request, words, wanted, open_=open_),
        chips=_chips(words, wanted, open_=open_),
        choices=choices(wanted, viewer, words.rules, words.book, open_=open_),
        place_query=urlencode(windows.kept(wanted.given(), "street", "community")),
        blows=windows.opens(viewer.role, "/whistles/new"),
    )


@get("/whistles/list", include_in_schema=False)
async def piece(request: Req) -> Response[bytes]:
    """The rows again, for the live page."""
    wanted, open_ = _asked(request)
    words = await shower(request.app.state.room)
    return windows.piece(request, "whistle_rows.html", **await _list(request, words, wanted, open_=open_))


def _asked(request: Req) -> tuple[Wanted, bool]:
    query = request.query_params
    wanted, open_ = Wanted.read(query), query.get("closed") != "1"
    return wanted if open_ else replace(wanted, state=None), open_


async def _list(request: Req, words: Shower, wanted: Wanted, *, open_: bool) -> dict[str, Any]:
    """One page of rows, and the addresses around it."""
    room: Room = request.app.state.room
    sight, cursor = room.sight(request.state.viewer), request.query_params.get("cursor") or None
    after = cursors.read(cursor, NUMBER)

    async def read(connection: AsyncConnection) -> tuple[list[Row], Place | None]:
        numbers, last = await whistle_lists.board(connection, sight, wanted.asked(), after, PAGE, open_=open_)
        return await whistle_rows.rows(connection, numbers), last

    rows, last = await room.ask(read)
    given = _address(wanted, open_=open_)
    return {
        "rows": [words.row(one) for one in rows],
        "open": open_,
        "given": given,
        "query": urlencode(given),
        "other": urlencode(_address(replace(wanted, state=None), open_=not open_)),
        "here_query": urlencode({**given, **({"cursor": cursor} if cursor else {})}),
        "next": urlencode({**given, "cursor": cursors.write(last)}) if last else "",
        "cursor": cursor,
        "narrowed": bool(wanted.given()),
    }


def _address(wanted: Wanted, *, open_: bool) -> dict[str, str]:
    return {**wanted.given(), **({} if open_ else {"closed": "1"})}


def _chips(words: Shower, wanted: Wanted, *, open_: bool) -> list[Chip]:
    """What is asked for in words, each with the way out."""
    given = _address(wanted, open_=open_)
    return [
        Chip(said(name, value, words.rules, words.book), urlencode({k: v for k, v in given.items() if k != name}))
        for name, value in wanted.given().items()
    ]


# -- what stands where ------------------------------------------------------------------------------------


class Figure(Struct, frozen=True):
    """A number, and the board behind it."""

    name: str
    count: int
    link: str
    late: bool = False


@get("/whistles/figures", include_in_schema=False)
async def figures(request: Req) -> Response[bytes]:
    """How many are open, where they stand, how late they came to be: of the whole place, whatever is filtered."""
    room: Room = request.app.state.room
    wanted = Wanted.read(request.query_params)
    sight, community = narrowed((await room.rules()), request.state.viewer, room, wanted.given())
    found = await room.ask(lambda c: whistle_rows.standing(c, sight, community))
    rates, title = await _rates(room, sight, community, request.query_params.get("days", ""))
    kept = windows.kept(wanted.given(), "street", "community")
    states = [Figure(STATES[one], found.states[one], _link(kept, state=one)) for one in STATES if one in found.states]
    late = sum(found.levels.values())
    levels = [(word("level", str(one)), count) for one, count in sorted(found.levels.items())]
    whole = Figure("进行中", found.open, _link(kept))
    return windows.piece(
        request,
        "whistle_standing.html",
        figures=[whole, *states],
        late=Figure("列入督办", late, _link(kept, late="true"), late > 0),
        levels=levels,
        returned=found.returned,
        rates=rates,
        title=title,
        link="/whistles/report" + (f"?{urlencode(kept)}" if kept else ""),
    )


async def _rates(room: Room, sight: Sight, community: str | None, days: str) -> tuple[list[tuple[str, Ratio]], str]:
    """What the whistles of the last days come to, where somebody asks for days as the screen does."""
    n = next((one for one in PERIODS if str(one) == days), None)
    if n is None:
        return [], ""
    today, registry = local(room.clock()), (await room.rules()).registry
    period = Period(today - timedelta(days=n - 1), today, {})
    asked = Question(sight, community, period, (await room.whistles()).rules.whistle, registry, room.screen.whistles)
    found = await room.ask(lambda c: of_place(c, asked, beside=False))
    rates = [(name, getattr(found.whole, field)) for field, name in RATES.items() if field != "upheld"]
    justified = found.blown.justified if found.blown else Ratio()
    return [*rates, ("吹哨准率", justified)], PERIODS[n]


def _link(kept: Mapping[str, str], **wanted: str) -> str:
    query = urlencode({**kept, **wanted})
    return "/whistles" + (f"?{query}" if query else "")


def narrowed(rules: Rules, viewer: Viewer, room: Room, query: Mapping[str, str]) -> tuple[Sight, str | None]:
    """Where somebody looks: all that is theirs, or a street or community of it; raises Problem("not-found")."""
    sight, known = room.sight(viewer), rules.registry
    street, community = query.get("street"), query.get("community")
    own = {"street": sight.code, "all": street}.get(sight.kind)
    if street and street not in known.streets:
        raise Problem("not-found")
    if community and (community not in known.communities or not _within(known.communities[community], sight, own)):
        raise Problem("not-found")
    if street and sight.kind == "all":
        sight = replace(sight, kind="street", code=street)
    return sight, community


def _within(community: Any, sight: Sight, street: str | None) -> bool:
    if sight.kind == "community":
        return bool(community.code == sight.code)
    return street is None or community.street_code == street


ROUTES = [page, piece, figures]
