"""The report on whistles (吹哨报到考核): rates with both parts over some days, a street beside the others, on paper."""

import asyncio
import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get
from msgspec import Struct

from huiyin.core.calendar import local
from huiyin.core.people import Viewer
from huiyin.core.ticket import Rules
from huiyin.web.paint import download
from huiyin.web.problems import Problem
from huiyin.web.room import Room
from huiyin.web.staff import windows
from huiyin.web.staff.choices import communities
from huiyin.web.staff.whistles import reckoned
from huiyin.web.staff.whistles.board import narrowed
from huiyin.web.staff.whistles.called import word
from huiyin.web.staff.whistles.reckoned import Period, Question, Report
from huiyin.web.staff.whistles.report_book import KIND, RATES, SCORES, VERDICTS, Head, book, reckoning
from huiyin.whistle_story import WhistleTeller

Req = Request[Any, Any, Any]

DAYS = {"7": "近 7 天", "30": "近 30 天", "90": "近 90 天"}
_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


class Place(Struct, frozen=True):
    """Where the report looks: what it is called, and what may be chosen instead; `query` is what links must keep."""

    title: str
    query: Mapping[str, str]
    streets: Mapping[str, str] = {}
    communities: Mapping[str, Mapping[str, str]] = {}


@get("/whistles/report", include_in_schema=False)
async def page(request: Req) -> Response[bytes]:
    """The report; for a department its own figures and nobody else's."""
    room: Room = request.app.state.room
    found, place, period = await _found(request)
    teller = await _teller(room)
    return await windows.window(
        request,
        "whistle_report.html",
        report=found,
        place=place,
        period=period,
        days=DAYS,
        today=local(room.clock()),
        query=urlencode({**place.query, **period.query}),
        kept=urlencode(place.query),
        who=lambda code: _who(teller, code),
        word=word,
        by=room.screen.whistles,
        reckoning=reckoning(room.screen.whistles),
        rates=RATES,
        kind_rates={field: title for field, title in RATES.items() if field != "upheld"},
        scores=SCORES,
        verdicts=VERDICTS,
    )


@get("/whistles/report/export", include_in_schema=False)
async def export(request: Req) -> Response[bytes]:
    """The same figures as a workbook: no whistle, no ticket, nobody's words in it."""
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    found, place, period = await _found(request)
    teller = await _teller(room)
    head = Head(place.title, period.since, period.until, teller.post(viewer.post), room.clock(), "吹哨")
    file = await asyncio.to_thread(book, found, head, lambda code: _who(teller, code), room.screen.whistles)
    name = f"whistles-{period.since:%Y%m%d}-{period.until:%Y%m%d}.xlsx"
    return download(file, name, KIND)


async def _found(request: Req) -> tuple[Report, Place, Period]:
    """What the address asks for; raises Problem."""
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    rules, whistling = await room.rules(), (await room.whistles()).rules
    period = period_of(request.query_params, local(room.clock()))
    if viewer.role == "department":
        found = await room.ask(lambda c: reckoned.own(c, viewer.post, period, whistling.whistle))
        return found, Place(WhistleTeller(whistling, rules.registry).post(viewer.post), {}), period
    query = windows.kept(request.query_params, "street", "community")
    sight, community = narrowed(rules, viewer, room, query)
    asked = Question(sight, community, period, whistling.whistle, rules.registry, room.screen.whistles)
    found = await room.ask(lambda c: reckoned.of_place(c, asked))
    return found, _place(rules, viewer, query, sight.code), period


def _place(rules: Rules, viewer: Viewer, query: dict[str, str], code: str) -> Place:
    known = rules.registry
    community = known.communities.get(query.get("community") or (code if viewer.scope.kind == "community" else ""))
    street = known.streets.get(code)
    title = community.name if community else street.name if street else "全市"
    streets = {one.code: one.name for one in known.streets.values()} if viewer.scope.kind == "all" else {}
    return Place(title, query, streets if len(streets) > 1 else {}, communities(viewer, known))


def period_of(query: Mapping[str, str], today: date, offered: Mapping[str, str] = DAYS, usual: str = "30") -> Period:
    """The last days, of those that are `offered`, or a month as far as it has come; raises Problem."""
    if month := query.get("month"):
        match = _MONTH.fullmatch(month)
        if match is None or (first := date(int(match[1]), int(match[2]), 1)) > today:
            raise Problem("bad-query", field="month")
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        return Period(first, min(last, today), {"month": month})
    days = query.get("days") or usual
    if days not in offered:
        raise Problem("bad-query", field="days")
    return Period(today - timedelta(days=int(days) - 1), today, {"days": days})


async def _teller(room: Room) -> WhistleTeller:
    return WhistleTeller((await room.whistles()).rules, (await room.rules()).registry)


def _who(teller: WhistleTeller, code: str) -> str:
    """A post, or a street by its code alone."""
    return teller.post(code if ":" in code else f"street:{code}")


ROUTES = [page, export]
