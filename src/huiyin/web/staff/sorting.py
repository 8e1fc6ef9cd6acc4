"""The manual sorting desk (人工分拣): one ticket after another, what it may be, one key to say so."""

import secrets
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.people import Viewer
from huiyin.core.proof import read as leaf_of
from huiyin.core.sorting import Question
from huiyin.core.steps import Reclassified
from huiyin.core.ticket import Ticket
from huiyin.store import lists, tickets, worklists
from huiyin.store.lists import Entry
from huiyin.web import dossiers
from huiyin.web.acts import NUMBER, give
from huiyin.web.cases import Case, find
from huiyin.web.problems import CODES, Problem
from huiyin.web.room import Room
from huiyin.web.shown import STATES, category
from huiyin.web.staff import called, windows
from huiyin.web.staff.rehearsal import Stage, stage
from huiyin.web.staff.suggestions import Suggestion, of_ticket, of_words

Req = Request[Any, Any, Any]

COUNTED = 200  # of more it is enough that there are many
_WORDS = 64
_PLACES = ("category", "building_code", "grid_code", "community_code")
_PASSED_ON = ("not-your-role", "cross-origin", "log-in-first", "database-away", "fault")


class Last(Struct, frozen=True):
    """What was sorted just now: where it went, and what would bring it back; nothing where it cannot come back."""

    number: str
    what: str
    holder: str
    back: dict[str, str]
    why_not: str = ""


@get("/sorting", include_in_schema=False)
async def page(request: Req) -> Response[bytes]:
    """The next ticket after the last one, or a certain one."""
    return await _page(request, _number(request, "n"))


@get("/sorting/left", include_in_schema=False)
async def left(request: Req) -> Response[bytes]:
    """How many wait, and whether somebody else has sorted the one on the page meanwhile."""
    number, version = _number(request, "n"), request.query_params.get("v", "")
    case = await _there(request, number)
    moved = bool(number) and (case is None or str(case.ticket.version) != version)
    waiting = await _waiting(request, "", COUNTED)
    return windows.piece(request, "sorting_left.html", waiting=len(waiting), counted=COUNTED, moved=moved)


@get("/sorting/find", include_in_schema=False)
async def find_words(request: Req) -> Response[bytes]:
    """What somebody's words may mean for this ticket, while they type."""
    case = await find(request, _number(request, "n"))
    found, here = await _suggested(case, _asked(request))
    return windows.piece(request, "sorting_ways.html", **_ways(request, case, found, here))


@post("/sorting", include_in_schema=False)
async def sort(request: Req) -> Response[Any]:
    """Sorted, signed for or taken back; then the next one. A refusal is told on the same ticket's page."""
    form = await windows.said(request)
    number, command = form.get("number", "")[:64], form.get("do", "")
    case = await _there(request, number)
    if case is None:
        return windows.back("/sorting", after=_plain(form.get("after", "")), gone="1")
    if form.get("version") != str(case.ticket.version):
        return windows.back("/sorting", n=number, moved="1")
    body = {name: form[name][:64] for name in _PLACES if form.get(name)} if command != "sign" else {}
    if command not in ("reclassify", "undo", "sign"):
        raise Problem("bad-request")
    try:
        order = "sign" if command == "sign" else "reclassify"
        await give(request, number, order, msgspec.json.encode(body), form.get("key") or None)
    except Problem as problem:
        if problem.code in _PASSED_ON:
            raise
        return await _page(request, number, problem)
    if command == "undo":
        return windows.back("/sorting", "undone", n=number)
    return windows.back("/sorting", after=number, last=number)


# -- the page ---------------------------------------------------------------------------------------------


async def _page(request: Req, number: str, refused: Problem | None = None) -> Response[bytes]:
    after = _number(request, "after")
    waiting = await _waiting(request, "", COUNTED)
    if not number:
        following = await _waiting(request, after, 1)
        number = following[0] if following else ""
    case = await _there(request, number)
    known: dict[str, Any] = {"case": None, "skipped": bool(waiting), "after": after, "q": _asked(request)}
    if case is not None:
        known = await _known(request, case)
    return await windows.window(
        request,
        "sorting.html",
        200 if refused is None else 409,
        waiting=len(waiting),
        counted=COUNTED,
        last=await _last(request, _number(request, "last")),
        refused=refused and (refused.detail or CODES.get(refused.code, (409, "工单不允许这样办理"))[1]),
        gone="gone" in request.query_params,
        moved="moved" in request.query_params,
        **known,
    )


async def _known(request: Req, case: Case) -> dict[str, Any]:
    """All that is shown of one ticket."""
    ticket, rules = case.ticket, await case.room.rules()
    found, here = await _suggested(case, _asked(request))
    due = ticket.due
    return {
        "skipped": False,
        "state": STATES[ticket.state],
        "what": category(rules.catalogue, ticket.category),
        "where": called.place(ticket.spot, rules.registry),
        "building": ticket.spot.building or "",
        "dossier": await dossiers.told(case),
        "due": due.at if due else None,
        **_ways(request, case, found, here),
    }


def _ways(request: Req, case: Case, found: list[Suggestion], here: Stage) -> dict[str, Any]:
    """The buttons of one ticket."""
    return {
        "case": case,
        "ticket": case.ticket,
        "ways": found,
        "signs": not here.try_(case.ticket, "sign").code,
        "key": secrets.token_urlsafe(18),
        "after": _number(request, "after"),
        "q": _asked(request),
    }


async def _suggested(case: Case, words: str) -> tuple[list[Suggestion], Stage]:
    room, ticket, rules = case.room, case.ticket, await case.room.rules()

    async def look(connection: AsyncConnection) -> tuple[Stage, list[Ticket]]:
        here = await stage(connection, rules, case.viewer, [ticket], room.clock())
        same = [one.number for one in ticket.same_matter]
        seen = await lists.seen(connection, room.sight(case.viewer), same)
        kept = await tickets.load(connection, [one for one in same if one in seen])
        return here, [kept[number][0] for number in same if number in kept]

    here, others = await room.ask(look)
    if not words:
        return of_ticket(here, ticket, others), here
    (read,) = (await room.sorter()).sort([Question(words)])
    return of_words(here, ticket, words, read), here


async def _last(request: Req, number: str) -> Last | None:
    """The ticket that this very post sorted last, if it is still in sight."""
    case = await _there(request, number)
    if case is None:
        return Last(number, "", "", {}, "它已经不在您的范围内,不能撤回") if number else None
    rules = await case.room.rules()
    holder = case.ticket.post.name if case.ticket.post else ""
    what = category(rules.catalogue, case.ticket.category)
    back, why = _back(case.history[-1], case.viewer)
    return Last(number, what, holder, back and {**back, "version": str(case.ticket.version)}, why)


def _back(last: Entry, viewer: Viewer) -> tuple[dict[str, str], str]:
    """What brings back the matter and the place before a ticket's last step; nothing, and why, where it cannot be."""
    (step,) = tickets.steps([last.body])
    if not isinstance(step, Reclassified) or leaf_of(last.body).actor != viewer.post:
        return {}, ""
    was = step.was_spot
    if was == step.spot:
        return {"category": step.was_category}, ""
    names = ("building_code", "grid_code", "community_code")
    place = next(((name, code) for name in names if (code := getattr(was, name))), None)
    if place is None:
        return {}, "原来没有地点,不能退回去;分错了可以重选"
    return {"category": step.was_category, place[0]: place[1]}, ""


# -- what is asked ----------------------------------------------------------------------------------------


async def _there(request: Req, number: str) -> Case | None:
    """A ticket that is there for the viewer."""
    try:
        return await find(request, number) if number else None
    except Problem as problem:
        if problem.code != "not-found":
            raise
        return None


async def _waiting(request: Req, after: str, limit: int) -> list[str]:
    room: Room = request.app.state.room
    sight = room.sight(request.state.viewer)
    return await room.ask(lambda c: worklists.unsorted(c, sight, after, limit))


def _number(request: Req, name: str) -> str:
    return _plain(request.query_params.get(name, ""))


def _plain(number: str) -> str:
    return number if NUMBER.fullmatch(number) else ""


def _asked(request: Req) -> str:
    return request.query_params.get("q", "").replace("\0", "").strip()[:_WORDS]


ROUTES = [page, left, find_words, sort]
