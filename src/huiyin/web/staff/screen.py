"""The street's screen (大屏): the day at a glance, the way to each figure's tickets, a wall that shows it by itself."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, cast
from urllib.parse import urlencode

from litestar import Request, Response, get
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.calendar import local, midnight
from huiyin.core.people import Viewer
from huiyin.core.registry import Registry
from huiyin.core.tally import METRICS, Metric
from huiyin.core.ticket import Rules
from huiyin.store import standing, tallies
from huiyin.store.sights import Sight
from huiyin.store.tallies import By, Reach
from huiyin.web.problems import Problem
from huiyin.web.room import Room
from huiyin.web.staff import maps, windows
from huiyin.web.staff.called import word
from huiyin.web.staff.figures import NAMES, PERIODS, Links, Period, Told, tell

Req = Request[Any, Any, Any]

LATE = timedelta(minutes=2)  # behind by more than this the page says so
CLIMBS, HOT = 30, 12  # shown at the most
PAGE = 50
_ROW = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\.(HY[0-9]{9,15})\.([0-9]{1,6})")
_FIELDS = {"contact": "contact", "followed": "solved", "closed": "outcome", "filed": "channel", "rated": "rated"}
_SAID = {
    "contact": {"in-time": "按时联系", "late": "未按时联系"},
    "rated": {str(n): f"{n} 分" for n in range(1, 6)},
}


class Looked(Struct, frozen=True):
    """What somebody looks at: a street, or one community of it; `query` is what links must keep."""

    sight: Sight
    place: str  # as tallies call it
    title: str
    street: str
    community: str | None
    query: dict[str, str]
    streets: dict[str, str]  # to choose from: code → name; more than one for who sees all
    communities: dict[str, str]

    @property
    def listed(self) -> bool:
        """Whether the list of tickets can be narrowed to it."""
        return self.community is not None or len(self.streets) < 2

    def tickets(self, **wanted: str) -> str:
        """The list of the tickets behind a figure."""
        more = {"community": self.query["community"]} if "community" in self.query else {}
        return "/tickets?" + urlencode({**wanted, **more})


def looked(known: Registry, viewer: Viewer, sight: Sight, query: Mapping[str, str]) -> Looked:
    """Where a viewer may look; raises Problem for a place that is not theirs."""
    kind, code = viewer.scope.kind, viewer.scope.code
    if kind not in ("all", "street", "community"):
        raise Problem("not-your-role")
    own = known.communities.get(code) if kind == "community" else None
    streets = {one.code: one.name for one in known.streets.values() if kind == "all" or one.code == code}
    street = own.street_code if own else query.get("street") or min(streets, default=code)
    asked = code if kind == "community" else query.get("community") or None
    if kind == "all" and streets and street not in streets:
        raise Problem("not-found")
    if asked and kind != "community" and getattr(known.communities.get(asked), "street_code", None) != street:
        raise Problem("not-found")
    if kind == "all":
        sight = replace(sight, kind="street", code=street)
    kept = {"street": street} if kind == "all" else {}
    kept |= {"community": asked} if asked and kind != "community" else {}
    place = f"community:{asked}" if asked else f"street:{street}"
    names = {one.code: one.name for one in known.communities.values() if one.street_code == street}
    title = names.get(asked or "") or streets.get(street) or code
    return Looked(sight, place, title, street, asked, kept, streets, {} if kind == "community" else names)


class Seen(Struct, frozen=True):
    """All that one look at the screen shows."""

    at: Looked
    now: standing.Now
    climbs: list[standing.Climb]
    map: maps.Map
    period: Told
    behind: datetime | None


async def see(room: Room, viewer: Viewer, query: Mapping[str, str]) -> tuple[Seen, Rules]:
    """What the address asks for; raises Problem."""
    rules = await room.rules()
    at = looked(rules.registry, viewer, room.sight(viewer), query)
    days = next((n for n in PERIODS if str(n) == query.get("days", "7")), None)
    if days is None:
        raise Problem("bad-query", field="days")
    return await room.ask(lambda c: _seen(c, room, rules, at, Period.of(days, local(room.clock())))), rules


async def _seen(connection: AsyncConnection, room: Room, rules: Rules, at: Looked, period: Period) -> Seen:
    clock, how = room.clock(), room.screen
    fresh = clock - timedelta(days=how.hot_days)
    now = await standing.now(connection, at.sight, at.community, at=clock, fresh=fresh, hot=how.hot)
    evening = midnight(period.until - timedelta(days=1)) + timedelta(hours=how.night_from)
    climbs = await standing.climbed(connection, at.sight, at.place, since=evening, day=local(evening), limit=CLIMBS)
    kept = await tallies.kept(connection, at.sight)
    reach = Reach(at.place, period.since, period.until, _without(at.sight), at.sight, kept)
    told = await tell(connection, reach, period, how, Links(period, at.query), now.open)
    here = [one for one in rules.registry.grids.values() if _in(rules.registry, one.community_code, at)]
    counts = {one.key: (one.open, one.late) for one in now.grids}
    drawn = maps.draw(rules.registry, here, counts, room.where.tile_url)
    return Seen(at, now, climbs, drawn, told, await tallies.behind(connection))


def _in(known: Registry, community: str, at: Looked) -> bool:
    found = known.communities.get(community)
    return found is not None and (community == at.community if at.community else found.street_code == at.street)


def _without(sight: Sight) -> tuple[str, ...]:
    """The kinds of complaints that are not there for somebody, wherever they are."""
    return tuple(one.about for one in sight.hidden if one.column is None)


def known(room: Room, rules: Rules, seen: Seen, wall: bool) -> dict[str, Any]:
    """What the templates are filled with."""
    ladder, registry = rules.ladder, rules.registry
    late = seen.behind is not None and room.clock() - seen.behind > LATE
    rungs = {group.key: group for group in seen.now.rungs}
    order = {"": ladder.sorting_desk.name} | {rung: ladder.rungs[rung].name for rung in ladder.order}
    return {
        **{"seen": seen, "at": seen.at, "wall": wall},
        "days": seen.period.period.days,
        "periods": PERIODS,
        "query": urlencode({**seen.at.query, "days": seen.period.period.days}),
        "kept": urlencode(seen.at.query),
        "late_since": seen.behind if late else None,
        "rungs": [(code, name, rungs.get(code)) for code, name in order.items()],
        "rung_names": {**order, "sorting": ladder.sorting_desk.name},
        "grid_name": lambda code: maps.name(registry, registry.grids[code]) if code in registry.grids else code,
        "estate_name": lambda code: registry.estates[code].name if code in registry.estates else "",
        "matter": lambda code: rules.catalogue.entries[code].name if code in rules.catalogue.entries else code,
        "word": word,
        "night_from": room.screen.night_from,
        "hot_most": HOT,
        "hot_days": room.screen.hot_days,
        "tiles": bool(room.where.tile_url),
    }


@get("/screen", include_in_schema=False)
async def page(request: Req) -> Response[bytes]:
    """The whole page; `wall=1` for the wall."""
    room: Room = request.app.state.room
    seen, rules = await see(room, request.state.viewer, request.query_params)
    wall = request.query_params.get("wall") == "1"
    filled = known(room, rules, seen, wall)
    answer = await windows.window(request, "screen_wall.html" if wall else "screen.html", **filled)
    if host := room.where.tile_host:
        policy = answer.headers["content-security-policy"]
        answer.headers["content-security-policy"] = policy.replace("img-src 'self'", f"img-src 'self' {host}")
    return answer


@get("/screen/now", include_in_schema=False)
async def now(request: Req) -> Response[bytes]:
    """What the live page asks for again."""
    room: Room = request.app.state.room
    seen, rules = await see(room, request.state.viewer, request.query_params)
    wall = request.query_params.get("wall") == "1"
    return windows.piece(request, "screen_panels.html" if wall else "screen_now.html", **known(room, rules, seen, wall))


# -- the rows behind a sum --------------------------------------------------------------------------------


@get("/screen/counted", include_in_schema=False)
async def counted(request: Req) -> Response[bytes]:
    """Which tickets a sum counts, newest first."""
    room: Room = request.app.state.room
    query = request.query_params
    rules = await room.rules()
    at = looked(rules.registry, request.state.viewer, room.sight(request.state.viewer), query)
    metric, by, key, since, until, before = _asked(query)
    reach = Reach(at.place, since, until, _without(at.sight), at.sight)
    count, rows = await room.ask(lambda c: _rows(c, reach, metric, by, key, before))
    return await windows.window(
        request,
        "screen_counted.html",
        at=at,
        what=NAMES[metric],
        key=_key(rules, metric, by, key),
        since=since,
        until=until,
        count=count,
        rows=[(row, rung_name(rules, row.rung), _key(rules, metric, "said", row.said)) for row in rows],
        begun=before is not None,
        more=_more({**at.query, **windows.kept(query, "metric", "by", "key", "since", "until")}, rows),
        kept=urlencode(at.query),
    )


async def _rows(
    connection: AsyncConnection, reach: Reach, metric: Metric, by: By, key: str, before: tallies.Place | None
) -> tuple[int, list[tallies.Row]]:
    """How many a sum counts, and a page of them."""
    sums = (await tallies.sums(connection, reach, [(metric, by)]))[metric, by]
    rows = await tallies.page(connection, reach, metric, by, key, before=before, limit=PAGE)
    return sums[key].count if key in sums else 0, rows


def _more(asked: dict[str, str], rows: list[tallies.Row]) -> str | None:
    """The address of the rows after these, where there may be more."""
    if len(rows) < PAGE:
        return None
    last = rows[-1]
    return urlencode({**asked, "cursor": f"{last.day}.{last.number}.{last.version}"})


def _asked(query: Mapping[str, str]) -> tuple[Metric, By, str, date, date, tallies.Place | None]:
    metric, by, key = query.get("metric", ""), query.get("by", ""), query.get("key", "")
    if metric not in METRICS or by not in ("", "rung", "topic", "said") or len(key) > 64 or "\0" in key:
        raise Problem("bad-query")
    try:
        since, until = date.fromisoformat(query.get("since", "")), date.fromisoformat(query.get("until", ""))
        before = _row(query["cursor"]) if query.get("cursor") else None
    except ValueError:
        raise Problem("bad-query") from None
    return metric, cast(By, by), key if by else "", since, until, before


def _row(cursor: str) -> tallies.Place:
    if (found := _ROW.fullmatch(cursor)) is None:
        raise ValueError("cursor")
    return tallies.Place(date.fromisoformat(found[1]), found[2], int(found[3]))


def rung_name(rules: Rules, rung: str) -> str:
    """What a rung is called; the sorting desk has none."""
    return next((one.name for code, one in rules.ladder.rungs.items() if code == rung), rules.ladder.sorting_desk.name)


def _key(rules: Rules, metric: Metric, by: By, key: str) -> str:
    if not key:
        return ""
    if by == "rung":
        return rung_name(rules, key)
    if by == "topic":
        return rules.catalogue.entries[key].name if key in rules.catalogue.entries else key
    return _SAID.get(metric, {}).get(key) or word(_FIELDS.get(metric, "reason"), key)


ROUTES = [page, now, counted]
