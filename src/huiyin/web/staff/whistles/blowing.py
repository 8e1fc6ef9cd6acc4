"""Blowing by form (吹哨): from a ticket, or from what was seen; whatever is refused keeps what was typed."""

import re
import secrets
from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from huiyin.web import attaching, parcels
from huiyin.web.problems import CODES, Problem
from huiyin.web.staff import windows
from huiyin.web.staff.orders import STALE, key
from huiyin.web.staff.whistles import blow_page
from huiyin.web.staff.whistles.filled import Filled, body, faults, field_of, filled, named
from huiyin.web.staff.whistles.standing import Stand, stand
from huiyin.web.whistles import acts, mediated

Req = Request[Any, Any, Any]

_LINKED = ("kind", "source", "category", "where", "mediation")
_FIELDS = ("kind", "source", "category", "where", "beyond", "text", "tried", "lat", "picture", "apart", "asks")
_MISSED = ("not-found", "cross-origin", "log-in-first", "not-your-role", "database-away", "fault")
_NUMBER = re.compile(r"(HY[0-9]{9,15})?")
_FOUND = 12


@get("/tickets/{number:str}/whistle", include_in_schema=False)
async def from_ticket(request: Req, number: FromPath[str]) -> Response[bytes]:
    """The form; matter and place are the ticket's."""
    return await _shown(request, await stand(request, number), _linked(request))


@get("/whistles/new", include_in_schema=False)
async def fresh(request: Req) -> Response[bytes]:
    """The form of what was found on patrol, agreed in a meeting, seen, or what a mediation needs."""
    here, form = await stand(request), _linked(request)
    if form["mediation"]:
        case = (await mediated.behind(request, form["mediation"])).one
        form = Filled({**form.said, "source": "own", "category": case.category, "where": case.committee})
    return await _shown(request, here, blow_page.in_words(here, form))


@post("/tickets/{number:str}/whistle", include_in_schema=False, request_max_body_size=parcels.MOST)
async def blow_from_ticket(request: Req, number: FromPath[str]) -> Response[Any]:
    """Blown, or joined to one that is open; or the form again."""
    form = filled(await windows.pairs(request))
    here = await stand(request, number)
    return await (_joined(request, here, form) if form["join"] else _blown(request, here, form))


@post("/whistles/new", include_in_schema=False, request_max_body_size=parcels.MOST)
async def blow(request: Req) -> Response[Any]:
    """The same, of no ticket."""
    form = filled(await windows.pairs(request))
    return await _blown(request, await stand(request), form)


@get("/whistles/places", include_in_schema=False)
async def places(request: Req) -> Response[bytes]:
    """A few places of the viewer's for what was typed, those that begin with it first."""
    asked = request.query_params.get("where", "").strip()[:40]
    here = await stand(request)
    hits = [name for name in named(here.book.registry, here.viewer) if asked and asked in name]
    hits.sort(key=lambda name: (name.find(asked), len(name), name))
    return windows.piece(request, "blow_places.html", found=hits[:_FOUND])


@post("/whistles/matter", include_in_schema=False, request_max_body_size=windows.MOST)
async def matter(request: Req) -> Response[bytes]:
    """Whose duty a matter is, whom to call, what is open near by: while a form is filled in."""
    form = filled(await windows.pairs(request))
    here = await stand(request)
    known = await blow_page.matter_known(here, form, blow_page.matter(here, form))
    return windows.piece(request, "blow_matter.html", number="", wrong={}, said=form, **known)


@post("/whistles/check", include_in_schema=False, request_max_body_size=windows.MOST)
async def check(request: Req) -> Response[bytes]:
    """What would happen with the form as it is now, and what would be refused."""
    form = filled(await windows.pairs(request))
    if not _NUMBER.fullmatch(form["ticket"]):
        raise Problem("not-found")
    here = await stand(request, form["ticket"])
    about = blow_page.matter(here, form)
    return windows.piece(request, "blow_check.html", **blow_page.next_known(here, form, about))


# -- the page ---------------------------------------------------------------------------------------------


def _linked(request: Req) -> Filled:
    """What a link of ours fills in: codes, never words of people."""
    return Filled({name: value[:64] for name, value in request.query_params.items() if name in _LINKED})


async def _shown(
    request: Req,
    here: Stand,
    form: Filled,
    status: int = 200,
    wrong: Mapping[str, str] | None = None,
    refused: str = "",
) -> Response[bytes]:
    known = await blow_page.known(here, form)
    path = f"/tickets/{known['number']}/whistle" if known["number"] else "/whistles/new"
    facts = {"said": form, "wrong": wrong or {}, "refused": refused, "path": path, "most": parcels.PICTURES}
    leaves = sorted((one.code, one.name) for one in here.book.catalogue.leaves())
    return await windows.window(
        request, "blow.html", status, leaves=leaves, key=secrets.token_urlsafe(18), **facts, **known
    )


# -- the order --------------------------------------------------------------------------------------------


async def _blown(request: Req, here: Stand, form: Filled) -> Response[Any]:
    of_ticket = here.ticket is not None
    given, wrong = ({}, {}) if of_ticket else blow_page.place_given(here, form)
    wrong = {**faults(form, fresh=not of_ticket), **wrong, **blow_page.checked(here, form)}
    if wrong:
        return await _shown(request, here, form, 422, wrong)
    if (own := key(form.said)) is None:
        return await _shown(request, here, form, 422, refused=STALE)
    number = here.ticket.number if here.ticket else None
    try:
        some = await attaching.taken(request)
        raw = msgspec.json.encode(body(form, given))
        blown = await acts.blow(request, raw, attaching.said(own, some), number, some)
    except Problem as problem:
        return await _again(request, here, form, problem)
    return windows.back(f"/whistles/{blown}", "sent")


async def _joined(request: Req, here: Stand, form: Filled) -> Response[Any]:
    """The ticket is told to a whistle that is open already, with what was tried."""
    assert here.ticket is not None
    raw = msgspec.json.encode({"ticket": here.ticket.number, "tried": sorted(form.picked or ())})
    try:
        await acts.give(request, form["join"][:24], "join", raw, key(form.said))
    except Problem as problem:
        return await _again(request, here, form, problem)
    return windows.back(f"/whistles/{form['join'][:24]}", "done")


async def _again(request: Req, here: Stand, form: Filled, problem: Problem) -> Response[bytes]:
    """The form with why it was refused and what to do next; what is hidden stays hidden."""
    if problem.code in _MISSED:
        raise problem
    status, words = CODES.get(problem.code, (409, "哨单不允许这样办理"))
    told = (problem.detail or words).rstrip("。") + "。"
    name = field_of(problem.code, problem.field, _FIELDS)
    return await _shown(request, here, form, status, {name: told} if name else {}, told)


ROUTES = [from_ticket, fresh, blow_from_ticket, blow, places, matter, check]
