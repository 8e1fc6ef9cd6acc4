"""The public board of a community (社区公开栏): what came in, what was done, how long it took; nobody, no building."""

from datetime import date, datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from litestar import Request, Response, get
from litestar.params import FromPath
from msgspec import Struct

from huiyin.core.calendar import local
from huiyin.core.catalogue import Catalogue
from huiyin.core.registry import Community, Registry
from huiyin.core.smallness import FEW, Figure, Share, beside, column, share, total
from huiyin.store import boards
from huiyin.store.boards import Counted, Sums
from huiyin.web.paint import page
from huiyin.web.problems import Problem
from huiyin.web.room import Room

Req = Request[Any, Any, Any]

SPANS = (30, 90)
_NAMES = 8
_KEPT = 2_000  # boards that a process remembers


class Line(Struct, frozen=True):
    """One kind of matter in one stretch of days; `hours` until the answer, on average."""

    name: str
    filed: Figure
    closed: Figure
    hours: Figure


class Span(Struct, frozen=True):
    """One stretch of days."""

    days: int
    since: date
    until: date
    lines: list[Line]
    filed: Figure
    closed: Figure
    solved: Figure
    hours: Figure
    rates: list[tuple[str, str, Share]]


class Shown(Struct, frozen=True):
    """What stands on a board until it is worked out again."""

    at: datetime
    spans: list[Span]
    open: list[tuple[str, Figure]]
    open_total: Figure


class Choice(Struct, frozen=True):
    """A community to choose, and by which estate it was found."""

    code: str
    name: str
    by: str = ""


@get("/board", include_in_schema=False)
async def choose(request: Req) -> Response[bytes]:
    """Which community: by its own name, or an estate's."""
    asked = request.query_params.get("q", "").strip()[:40]
    rules = await request.app.state.room.rules()
    return page(request, "boards.html", asked=asked, found=like(asked, rules.registry))


@get("/board/{community:str}", include_in_schema=False)
async def show(request: Req, community: FromPath[str]) -> Response[bytes]:
    """One community's board."""
    room: Room = request.app.state.room
    registry = (await room.rules()).registry
    known = registry.communities.get(community)
    if known is None:
        raise Problem("not-found")
    street = registry.streets[known.street_code].name
    shown, fewest = await board(room, community), room.public.board.fewest
    return page(request, "board.html", community=known.name, street=street, it=shown, fewest=fewest)


def like(asked: str, registry: Registry) -> list[Choice]:
    """At most eight communities whose name, or an estate's in them, holds what was typed; all of a small city."""
    if not asked:
        some = list(registry.communities.values())
        return [Choice(one.code, one.name) for one in some] if len(some) <= _NAMES else []
    found = {one.code: Choice(one.code, one.name) for one in _named(asked, registry)}
    for estate in registry.estates.values():
        if len(found) >= _NAMES:
            break
        if any(asked in name for name in (estate.name, *estate.aliases)) and estate.community_code not in found:
            its = registry.communities[estate.community_code]
            found[its.code] = Choice(its.code, its.name, estate.name)
    return list(found.values())[:_NAMES]


def _named(asked: str, registry: Registry) -> list[Community]:
    return [one for one in registry.communities.values() if asked in one.name][:_NAMES]


# -- working it out ---------------------------------------------------------------------------------------

_boards: WeakKeyDictionary[Room, dict[str, Shown]] = WeakKeyDictionary()


async def board(room: Room, community: str) -> Shown:
    """As it was worked out a while ago, or now; its days end yesterday, so that no answer tells of today."""
    kept, now = _boards.setdefault(room, {}), room.clock()
    shown = kept.get(community)
    if shown is None or not shown.at <= now < shown.at + timedelta(minutes=room.public.board.minutes):
        shown = await _work_out(room, community, now)
        kept[community] = shown
        if len(kept) > _KEPT:
            del kept[next(iter(kept))]
    return shown


async def _work_out(room: Room, community: str, now: datetime) -> Shown:
    until = local(now) - timedelta(days=1)
    since = [until - timedelta(days=days - 1) for days in SPANS]
    counted = [await room.ask(lambda c, day=day: boards.counted(c, community, day, until)) for day in since]  # type: ignore[misc]
    waiting = await room.ask(lambda c: boards.open_after(c, community, until))
    fewest, names = room.public.board.fewest, _names(room.catalogue)
    spans = [
        _span(days, day, until, part, counted[i - 1] if i else None, names, fewest)
        for i, (days, day, part) in enumerate(zip(SPANS, since, counted, strict=True))
    ]
    left = column(waiting, fewest)
    lines = [(name, left[topic]) for topic, name in names.items() if topic in left]
    return Shown(now, spans, lines, total(waiting, left, fewest))


def _names(catalogue: Catalogue) -> dict[str, str]:
    return {code: entry.name for code, entry in sorted(catalogue.entries.items()) if entry.parent is None}


def _span(
    days: int, since: date, until: date, some: Counted, within: Counted | None, names: dict[str, str], fewest: int
) -> Span:
    """`within` is the shorter stretch that is told on the same page: differences must not give anything away."""
    filed, closed = _counts(some.filed), _counts(some.closed)
    parts = (_counts(within.filed), _counts(within.closed)) if within else ({}, {})
    shown = column(filed, fewest, parts[0]), column(closed, fewest, parts[1])
    none = Figure(0)
    lines = [
        Line(name, shown[0].get(key, none), shown[1].get(key, none), _hours(some.replied, (key,), fewest))
        for key, name in names.items()
        if key in filed or key in closed
    ]
    came = total(filed, shown[0], fewest, sum(parts[0].values()))
    done = total(closed, shown[1], fewest, sum(parts[1].values()))
    solved = beside(_count(some.outcomes, "solved"), sum(closed.values()), fewest)
    hours = _hours(some.replied, tuple(some.replied), fewest)
    return Span(days, since, until, lines, came, done, solved, hours, _rates(some, fewest))


def _counts(some: Sums) -> dict[str, int]:
    return {key: found.count for key, found in some.items() if found.count > 0}


def _count(some: Sums, *keys: str) -> int:
    return sum(some[key].count for key in keys if key in some)


def _hours(some: Sums, keys: tuple[str, ...], fewest: int) -> Figure:
    """Whole hours, on average, of as many answers as tell of nobody."""
    found = [some[key] for key in keys if key in some]
    count = sum(one.count for one in found)
    if count == 0:
        return Figure()
    return FEW if count < fewest else Figure(round(sum(one.minutes for one in found) / count / 60))


def _rates(one: Counted, fewest: int) -> list[tuple[str, str, Share]]:
    """响应率、解决率、满意率: of those that count."""
    timely, late = _count(one.contact, "in-time"), _count(one.contact, "late")
    said = _count(one.followed, "yes", "partly", "no")
    rated = _count(one.rated, *"12345")
    return [
        ("响应率", "按时联系的", share(timely, timely + late, fewest)),
        ("解决率", "居民说解决了的", share(_count(one.followed, "yes"), said, fewest)),
        ("满意率", "居民说满意的", share(_count(one.rated, *"45"), rated, fewest)),
    ]
