"""One whistle's page (哨单页): its picture, its way, its story, its limits, and all that this post may do with it."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath
from msgspec import Struct

from huiyin.core.whistle import steps as s
from huiyin.core.words import Spot
from huiyin.web import pictures
from huiyin.web.staff import called as places
from huiyin.web.staff import windows
from huiyin.web.staff.whistles import called, site
from huiyin.web.staff.whistles.doing import doing
from huiyin.web.staff.whistles.drawn import picture
from huiyin.web.staff.whistles.proofs import proofs
from huiyin.web.staff.whistles.ways import way
from huiyin.web.whistles import mediated
from huiyin.web.whistles.finding import Found, Leaf, find
from huiyin.web.whistles.lists import StepShown, told
from huiyin.web.whistles.shapes import CallShown, WhistleShown

Req = Request[Any, Any, Any]


_BLOWN, _CALLED, _RETURNED = "whistle.blown.v1", "whistle.called.v1", "whistle.returned.v1"
# Where else one may look at it.
_LINKS = {"/whistles/{number}/sheet": "吹哨单(可打印)", "/review/whistles/{number}": "复盘"}


class Pin(Struct, frozen=True):
    """The place on a small map; x and y are the point, None where nobody gave one."""

    map: site.Site
    x: float | None
    y: float | None


class Photo(Struct, frozen=True):
    """A picture and what it is of; `at` None where when is not told."""

    ref: str
    what: str
    at: datetime | None


class Rated(Struct, frozen=True):
    """One rating: whose, of whom, its scores by name."""

    by: str
    of: str
    scores: tuple[tuple[str, str], ...]


@get("/whistles/{number:str}", include_in_schema=False)
async def page(request: Req, number: FromPath[str]) -> Response[bytes]:
    """The whole page."""
    return await windows.window(request, "whistle.html", **await _known(await find(request, number)))


@get("/whistles/{number:str}/now", include_in_schema=False)
async def now(request: Req, number: FromPath[str]) -> Response[Any]:
    """What the live page asks for again; nothing (204) where all is as `v` says."""
    found = await find(request, number)
    if request.query_params.get("v") == _stamp(found):
        return Response(None, status_code=204)
    return windows.piece(request, "whistle_now.html", **await _known(found))


@get("/whistles/{number:str}/pictures/{ref:str}", include_in_schema=False)
async def photo(request: Req, number: FromPath[str], ref: FromPath[str]) -> Response[bytes]:
    """A JPEG; `?size=small` for a list."""
    found = await find(request, number)
    some = [pictures.Shown(name, digest, "site", found.whistle.blown_at, "") for name, digest in found.pictures.items()]
    return await pictures.answer(request, ref, some)


def _stamp(found: Found) -> str:
    """The whistle's version and the minute: what its clocks say changes with every one."""
    return f"{found.whistle.version}.{int(found.room.clock().timestamp()) // 60}"


async def _known(found: Found) -> dict[str, Any]:
    """All that the page shows: of what the viewer is shown and of the steps that they may read, nothing else."""
    shown, leaves, steps = await found.present(), found.steps, await told(found)
    teller = found.teller()
    names = {code: teller.post(code) for code in (*(one.actor for one in leaves), shown.blower)}
    return {
        "it": shown,
        "whole": await _whole(found, shown) if isinstance(shown, WhistleShown) else None,
        **heading(found, shown),
        "picture": picture(shown, leaves, found.rules.whistle),
        "way": way(shown, leaves, names),
        "doing": doing(found, shown),
        "story": _story(steps),
        "photos": _photos(found, leaves, names),
        "pin": _pin(found, shown),
        "rated": _rated(leaves, names | {shown.blower: shown.blower_name}, teller.post),
        "stamp": _stamp(found),
        "missing": next((one.words[0] for one in reversed(steps) if one.step == _RETURNED and one.words), ""),
        "links": [(path, name) for path, name in _LINKS.items() if windows.opens(found.viewer.role, path)],
        "word": called.word,
        "level": called.level,
        "key": secrets.token_urlsafe(18),
    }


def heading(found: Found, shown: WhistleShown | CallShown) -> dict[str, Any]:
    """What a page about a whistle begins with."""
    spot = Spot(**{name: getattr(shown, name) for name in places_of(shown)})
    return {"number": shown.number, "where": places.place(spot, found.registry), "what": shown.category_name}


def places_of(shown: WhistleShown | CallShown) -> Sequence[str]:
    """The fields that say where it is."""
    return [name for name in Spot.__struct_fields__ if name.endswith("_code") and hasattr(shown, name)]


async def _whole(found: Found, shown: WhistleShown) -> dict[str, Any]:
    """What only the street, its communities and auditors are told."""
    names = {post: found.teller().post(post) for post in shown.asks}
    return {
        "asks": [names[post] for post in shown.asks],
        "proofs": await proofs(found, shown.tickets, shown.tried),
        "cases": await mediated.cases(found),
    }


def _story(steps: Sequence[StepShown]) -> list[tuple[datetime, str, list[str]]]:
    """Newest first; the teller begins each sentence with its time, which the page shows for itself."""
    blown = steps[0].words if steps and steps[0].step == _BLOWN else []
    found = []
    for one in steps:  # what was asked of departments is said when it was blown, not once more when they are called
        words = [said for said in one.words if one.step != _CALLED or said not in blown]
        found.append((one.at, one.said.split(" ", 2)[2], words))
    return found[::-1]


def _photos(found: Found, leaves: Sequence[Leaf], names: dict[str, str]) -> list[Photo]:
    """Those that the viewer may see; of what happened before a department was called it is told no time."""
    told_: dict[str, tuple[str, datetime]] = {}
    for leaf in leaves:
        for one in getattr(leaf.step, "pictures", ()):
            what = {s.Blown: "吹哨时", s.Confirmed: "核验"}.get(type(leaf.step), f"{names[leaf.actor]}到场")
            told_[one.dossier] = what, leaf.at
    return [Photo(ref, *told_.get(ref, ("吹哨时", None))) for ref in found.pictures]


def _pin(found: Found, shown: WhistleShown | CallShown) -> Pin | None:
    spot = Spot(**{name: getattr(shown, name) for name in places_of(shown)})
    drawn = site.site(found.registry, spot)
    if drawn is None:
        return None
    if shown.lat is None or shown.lon is None:
        return Pin(drawn, None, None)
    x = (shown.lon - drawn.west) / (drawn.east - drawn.west) * site.WIDTH
    y = (drawn.north - shown.lat) / (drawn.north - drawn.south) * drawn.height
    inside = 0 <= x <= site.WIDTH and 0 <= y <= drawn.height
    return Pin(drawn, round(x, 1), round(y, 1)) if inside else Pin(drawn, None, None)


def _rated(leaves: Sequence[Leaf], names: dict[str, str], post: Any) -> list[Rated]:
    """Both ways, of the steps that the viewer may read."""
    found = []
    for leaf in leaves:
        step, by = leaf.step, names.get(leaf.actor, leaf.actor)
        if isinstance(step, s.DepartmentRated):
            scores = [
                ("响应", step.response),
                ("到场", step.arrival),
                ("质量", step.quality),
                ("配合", step.cooperation),
            ]
            kept = tuple((name, f"{score} 分") for name, score in scores if score is not None)
            found.append(Rated(by, post(step.post), kept))
        if isinstance(step, s.BlowerRated):
            justified = (("吹哨", called.word("justified", step.justified)), ("评分", f"{step.score} 分"))
            found.append(Rated(post(step.post), "吹哨单位", justified))
    return found


ROUTES = [page, now, photo]
