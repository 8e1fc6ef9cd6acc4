"""Statistics of mediation (调解统计): accepted, agreed, performed, confirmed; by matter, month, committee; on paper."""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get
from msgspec import Struct

from huiyin import exports
from huiyin.core.calendar import local
from huiyin.core.mediation.ground import desk_of
from huiyin.core.mediation.shares import Share
from huiyin.core.people import Viewer
from huiyin.core.whistle.rates import Ratio
from huiyin.store import committees, mediation_figures, vault
from huiyin.store.committees import Body
from huiyin.store.mediation_figures import Figures, Told
from huiyin.story import Teller
from huiyin.web.paint import download
from huiyin.web.problems import Problem
from huiyin.web.room import Room
from huiyin.web.staff import windows
from huiyin.web.staff.figure_book import Head
from huiyin.web.staff.mediations.office.report_book import RECKONING, book
from huiyin.web.staff.whistles.reckoned import Period
from huiyin.web.staff.whistles.report import period_of
from huiyin.web.staff.workbook import KIND

Req = Request[Any, Any, Any]

DAYS = {"30": "近 30 天", "90": "近 90 天", "365": "近一年"}
FEW = 3  # matters of fewer cases are told together to who is not the committee itself, so few restricted not at all
WIDEST = "365"  # the one stretch in which they are told matters at all: what a shorter one leaves out is a few again
OTHERS = "其他事项"


class Line(Struct, frozen=True):
    """One line of a table."""

    title: str
    figures: Figures
    few: bool = False  # of so few that only their number is told

    @property
    def success(self) -> Ratio:
        return _ratio(self.figures.success)

    @property
    def performance(self) -> Ratio:
        return _ratio(self.figures.performance)

    @property
    def confirmation(self) -> Ratio:
        return _ratio(self.figures.confirmation)


class Report(Struct, frozen=True):
    """What somebody is told; `query` is what the links must keep."""

    title: str
    period: Period
    whole: Line
    matters: tuple[Line, ...]
    months: tuple[Line, ...]
    committees: tuple[Line, ...]
    restricted: int
    choices: Mapping[str, str]
    query: Mapping[str, str]


@get("/mediations/report", include_in_schema=False)
async def page(request: Req) -> Response[bytes]:
    """The report on the viewer's own committee, or on all of a street."""
    found = await _found(request)
    room: Room = request.app.state.room
    facts = {"report": found, "days": DAYS, "today": local(room.clock()), "few": room.screen.whistles.few}
    query = urlencode({**found.query, **found.period.query}) if found else ""
    return await windows.window(request, "mediation_report.html", query=query, reckoning=RECKONING, **facts)


@get("/mediations/report/export", include_in_schema=False)
async def export(request: Req) -> Response[bytes]:
    """The same figures as a workbook, nobody's name in it; that it was taken is written down."""
    found = await _found(request)
    if found is None:
        raise Problem("not-found")
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    post = Teller(await room.rules()).post(viewer.post)
    head = Head(found.title, found.period.since, found.period.until, post, room.clock(), "受理")
    tables = {"合计": (found.whole,), "事项": found.matters, "月份": found.months, "调解委员会": found.committees}
    file = await asyncio.to_thread(book, {name: _rows(lines) for name, lines in tables.items() if lines}, head)
    await _keep(room, viewer, found)
    name = f"mediations-{found.period.since:%Y%m%d}-{found.period.until:%Y%m%d}.xlsx"
    return download(file, name, KIND)


def _rows(lines: tuple[Line, ...]) -> list[tuple[str, Figures]]:
    return [(one.title, one.figures) for one in lines]


async def _keep(room: Room, viewer: Viewer, found: Report) -> None:
    """The step of noun `export` before anybody gets the file."""
    sealed = room.seal.seal(vault.encode(vault.Dossier("调解统计")))
    by = tuple(f"{name}={value}" for name, value in {**found.query, **found.period.query}.items())
    rows, at = len(found.matters) + len(found.months) + len(found.committees), room.clock()
    await room.write(
        lambda c: exports.made(
            c, exports.fresh(), sealed, rows, by, searched=False, more=False, actor=viewer.post, at=at
        )
    )


# -- what is asked ----------------------------------------------------------------------------------------


async def _found(request: Req) -> Report | None:
    """None where the viewer's post has no committee to be told of; raises Problem."""
    room: Room = request.app.state.room
    period = period_of(request.query_params, local(room.clock()), DAYS, "90")
    bodies, own = await _bodies(request)
    if not bodies:
        return None
    choices = {f"{one.committee}/{one.kind}": one.called for one in bodies}
    wanted = request.query_params.get("committee", "")
    if wanted and wanted not in choices:
        raise Problem("not-found")
    chosen = [one for one in bodies if wanted in ("", f"{one.committee}/{one.kind}")]
    keys, days = [(one.committee, one.kind) for one in chosen], period.days
    told = await room.ask(lambda c: mediation_figures.of(c, keys, days.since, days.until, room.clock()))
    alone = all(f"{one.committee}/{one.kind}" in own for one in chosen)
    title = chosen[0].called if len(chosen) == 1 else "本街道各调解委员会"
    query = {"committee": wanted} if wanted else {}
    few = len(chosen) == 1  # all together, less one's own, would be the others': nothing small is told of all
    wide = few and period.query.get("days") == WIDEST
    matters = _matters(room, told, 1 if alone else FEW) if alone or wide else ()
    lines = matters, _months(told), _beside(told, chosen)
    restricted = told.restricted if alone or (few and told.restricted >= FEW) else 0
    return Report(title, period, Line("合计", told.whole), *lines, restricted, choices, query)


async def _bodies(request: Req) -> tuple[list[Body], frozenset[str]]:
    """The committees that a viewer is told of, and which of them are their own: a street's are all that lie in it."""
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    book, known = (await room.mediations()).rules.mediation, (await room.rules()).registry
    prefix, _, code = viewer.post.partition(":")
    codes = [code]
    if prefix in ("street", "street_leader") and viewer.scope.kind == "street" and viewer.scope.code == code:
        codes += [one.code for one in known.communities.values() if one.street_code == code]
    found = await room.ask(lambda c: committees.known(c, codes))
    mine = frozenset(f"{one.committee}/{one.kind}" for one in found if desk_of(book, one.kind, code) == viewer.post)
    over = len(codes) > 1 or prefix == "street_leader"
    return [one for one in found if over or f"{one.committee}/{one.kind}" in mine], mine


# -- lines ------------------------------------------------------------------------------------------------


def _matters(room: Room, told: Told, fewest: int) -> tuple[Line, ...]:
    """By the catalogue's groups, most first; those of a few cases together, without a share that tells of one."""
    entries = room.catalogue.entries
    some = {code: one for code, one in told.matters.items() if one.accepted >= fewest}
    order = sorted(some.items(), key=lambda each: (-each[1].accepted, each[0]))
    lines = [Line(entries[code].name if code in entries else code, one) for code, one in order]
    rest = sum(one.accepted for code, one in told.matters.items() if code not in some)
    return (*lines, *([Line(OTHERS, Figures(rest), few=True)] if rest else []))


def _months(told: Told) -> tuple[Line, ...]:
    return tuple(Line(f"{month:%Y-%m}", one) for month, one in sorted(told.months.items()))


def _beside(told: Told, chosen: list[Body]) -> tuple[Line, ...]:
    """The committees beside each other, those without a case too."""
    if len(chosen) < 2:
        return ()
    return tuple(Line(one.called, told.committees.get((one.committee, one.kind), Figures())) for one in chosen)


def _ratio(share: Share) -> Ratio:
    return Ratio(share.part, share.whole)


ROUTES = [page, export]
