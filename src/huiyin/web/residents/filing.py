"""Filing (我要反映): the home page's two doors, the form, and what is said while somebody types."""

import asyncio
import secrets
from collections.abc import Awaitable, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar

import msgspec
from litestar import Request, Response, get, post
from litestar.response import Redirect
from msgspec import Struct

from huiyin.core import receipt as receipts
from huiyin.core.registry import Registry
from huiyin.core.sorting import Question
from huiyin.core.words import About, Place, Sorting
from huiyin.desk import Away
from huiyin.store import matters
from huiyin.web import floods, parcels
from huiyin.web.paint import fragment, page, see
from huiyin.web.residents import forms
from huiyin.web.room import Room
from huiyin.web.sayings import HOTLINES

Req = Request[Any, Any, Any]
T = TypeVar("T")

_PATIENCE = 1.0  # seconds that a form waits for the rulebook, which a city's first visitor finds cold
_NAMES = 8
_RECENT = timedelta(days=30)
_SURE = 0.5  # below, a guess at the matter is not told
_HINTED = 2_000  # characters that are looked at while somebody types
# Matters of the house and the street. What is between two people, or about an office, is nobody else's business.
_SHARED_GROUPS = frozenset("CGHKQR")
_SHARED = frozenset(
    (
        *("A02", "A03", "A04", "A07", "B03", "B04", "B05", "B06", "B07", "D01", "D03", "D04", "D06"),
        *("J01", "J02", "J03", "J04", "J08", "L01", "L05"),
    )
)


@get("/", include_in_schema=False)
async def home(request: Req) -> Response[Any]:
    """Two doors for people; programs are shown the documentation."""
    if "text/html" in request.headers.get("accept", ""):
        return page(request, "home.html")
    return Redirect("/docs", headers={"vary": "Accept"})


@get("/file", include_in_schema=False)
async def form(request: Req) -> Response[bytes]:
    """The empty form; `?b=` is a building's code from its QR sign. It is there while the database is not."""
    said = {"key": secrets.token_urlsafe(18)}
    code = request.query_params.get("b", "")
    registry = await _registry(request.app.state.room) if code else None
    building = registry.buildings.get(code) if registry else None
    if registry is not None and building is not None:
        estate = registry.estates[building.estate_code]
        said |= {"code": code, "estate": estate.name, "building": building.name}
    return _form(request, said)


@post("/file", include_in_schema=False, request_max_body_size=parcels.MOST)
async def file(request: Req) -> Response[Any]:
    """Kept in PostgreSQL before the receipt's page is named; with faults the form again, as it was."""
    room: Room = request.app.state.room
    floods.admit(request)
    said = await forms.read(request)
    wrong, taken = await forms.pictured(request, forms.faults(said))
    if wrong:
        return _form(request, said, 422, wrong)
    registry = await _registry(room)
    lane = await floods.lane(request, said.get("key", ""), said.get("proof", ""))
    try:
        complaint = forms.complaint(forms.joined(said), registry)
        kept = await room.door.accept(complaint, forms.key(said, taken), taken, lane)
    except Away:
        return _form(request, said, 503, {}, away=True)
    found = await _sorting(room, said)
    calls = ",".join(found.hotline) if found else ""
    return see(f"/r/{receipts.show(kept.receipt)}?new=1" + (f"&call={calls}" if calls else ""))


@get("/places", include_in_schema=False)
async def places(request: Req) -> Response[bytes]:
    """At most eight estates for the beginning of a name."""
    floods.looked(request)
    asked = request.query_params.get("q") or request.query_params.get("estate") or ""
    registry = await _registry(request.app.state.room)
    return fragment(request, "places.html", found=like(asked.strip(), registry) if registry else [])


@post("/hints", include_in_schema=False, request_max_body_size=forms.MOST)
async def hints(request: Req) -> Response[bytes]:
    """Whom to call at once, and whether others complain of the same: a figure, of nobody."""
    floods.looked(request)
    room: Room = request.app.state.room
    said = await forms.read(request)
    found = await _sorting(room, said)
    same = await _alike(room, found) if found else Same()
    lines = hotlines(found.hotline if found else ())
    return fragment(request, "hints.html", hotlines=lines, same=same)


class Call(Struct, frozen=True):
    """Who to call first: a number, or what to do where the number is on the meter or in the cabin."""

    call: str
    words: str
    is_number: bool


def hotlines(calls: Sequence[str]) -> list[Call]:
    """Whom to call and what is said of it; what is not in the table is not shown."""
    return [Call(call, HOTLINES[call], call.isdigit()) for call in calls if call in HOTLINES]


class Estate(Struct, frozen=True):
    """An estate to choose."""

    name: str
    community: str


def like(asked: str, registry: Registry) -> list[Estate]:
    """Estates whose name or another name of theirs holds what was typed, those beginning with it first."""
    if not asked or len(asked) > 40:
        return []
    found = []
    for estate in registry.estates.values():
        at = [name.find(asked) for name in (estate.name, *estate.aliases) if asked in name]
        if at:
            found.append((min(at), len(estate.name), estate.name, estate.community_code))
    chosen = sorted(found)[:_NAMES]
    return [Estate(name, _community(registry, code)) for _, _, name, code in chosen]


def _community(registry: Registry, code: str) -> str:
    one = registry.communities.get(code)
    return one.name if one else ""


def _form(
    request: Req, said: Mapping[str, str], status: int = 200, wrong: Mapping[str, str] | None = None, away: bool = False
) -> Response[bytes]:
    kept = {name: said.get(name, "") for name in forms.FIELDS}
    sum_ = floods.challenge(request.app.state.room, kept["key"]) if floods.asked(request) else None
    known = {
        "said": kept,
        "proof": msgspec.json.encode(sum_).decode() if sum_ else "",
        "wrong": wrong or {},
        "about": forms.ABOUT,
        "away": away,
        "limits": forms.LIMITS,
    }
    return page(request, "file.html", status, **known)


async def _soon(work: Awaitable[T]) -> T | None:
    """None where it is late, the database away or the rulebook faulty: filing needs only the door."""
    task = asyncio.ensure_future(work)
    done, _ = await asyncio.wait({task}, timeout=_PATIENCE)
    if not done:
        task.add_done_callback(lambda late: late.cancelled() or late.exception())
        return None
    try:
        return task.result()
    except (Away, ValueError, msgspec.MsgspecError):
        return None


async def _registry(room: Room) -> Registry | None:
    rules = await _soon(room.rules())
    return rules.registry if rules is not None else None


async def _sorting(room: Room, said: Mapping[str, str]) -> Sorting | None:
    """What the words would be taken for; nothing of it is kept."""
    text = said.get("text", "")[:_HINTED]
    sorter = await _soon(room.sorter())
    place = Place(estate=said.get("estate") or None, building=said.get("building") or None)
    about: About | None = next((one for one in _ABOUT if one == said.get("about")), None)
    return sorter.sort([Question(text, place=place, about=about)])[0] if text and sorter is not None else None


_ABOUT: tuple[About, ...] = ("neighbour", "property", "owners_committee", "merchant", "construction", "none")


class Same(Struct, frozen=True):
    """What others complain of: where, what, how many households."""

    where: str = ""
    what: str = ""
    households: int = 0


async def _alike(room: Room, found: Sorting) -> Same:
    """In the same building, else in the estate; only what many share, and only where the guess is a good one."""
    best, spot = found.candidates[0], found.spot
    estate = spot.estate_code
    shared = found.category in _SHARED or found.category[:1] in _SHARED_GROUPS
    if estate is None or not shared or best.confidence < _SURE:
        return Same()
    since, building = room.clock() - _RECENT, spot.building_code
    ask = room.ask(lambda c: matters.open_alike(c, estate, building, found.category, since))
    alike, registry = await _soon(ask), await _registry(room)
    if alike is None or not alike.estate or registry is None or estate not in registry.estates:
        return Same()
    what, name = room.catalogue.entries[found.category].name, registry.estates[estate].name
    if alike.building and building in registry.buildings:
        return Same(name + registry.buildings[building].name, what, alike.building)
    return Same(name, what, alike.estate)
