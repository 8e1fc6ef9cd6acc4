"""One ticket's page (工单): where it stands on the ladder, its story, its limits, and all that this post may do."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.people import Viewer
from huiyin.core.proof import read
from huiyin.core.steps import Reclassified, Step
from huiyin.core.ticket import Rules, Ticket
from huiyin.store import lists, tickets
from huiyin.story import Teller
from huiyin.web import dossiers, logged
from huiyin.web.acts import light
from huiyin.web.cases import Case, find
from huiyin.web.pictures import album
from huiyin.web.room import Room
from huiyin.web.sayings import HOTLINES
from huiyin.web.shown import STATES, TicketShown, category
from huiyin.web.staff import called, rungs, windows
from huiyin.web.staff.ahead import ahead
from huiyin.web.staff.forms import BOXED, FORMS, GROUPS, NOW
from huiyin.web.staff.mediations.on_ticket import mediated, stamp
from huiyin.web.staff.rehearsal import Stage, Tried, stage
from huiyin.web.staff.whistles.on_ticket import heard
from huiyin.web.who import TABLE

Req = Request[Any, Any, Any]


class Action(Struct, frozen=True):
    """One order that may be given now: `ahead` is what happens next, `bare` asks for nothing first."""

    command: str
    title: str
    short: str
    ahead: str
    bare: bool = False


class Happened(Struct, frozen=True):
    """One step of the story; `words` are what was said then, as far as the viewer may read it."""

    at: datetime
    said: str
    words: tuple[str, ...] = ()


class Guess(Struct, frozen=True):
    """A category that the sorter considered; `ahead` is where choosing it leads, "" where it cannot be chosen."""

    code: str
    name: str
    confidence: float
    words: tuple[str, ...]
    ahead: str = ""
    chosen: bool = False


class Undo(Struct, frozen=True):
    """What brings back the category and the place before the last step."""

    category: str
    name: str
    building_code: str
    grid_code: str
    community_code: str


class Others(Struct, frozen=True):
    """Another ticket that the page names."""

    number: str
    state: str
    what: str
    where: str
    score: float | None = None


@get("/tickets/{number:str}", include_in_schema=False)
async def page(request: Req, number: FromPath[str]) -> Response[bytes]:
    """The whole page."""
    return await windows.window(request, "ticket.html", **await _known(request, number))


@get("/tickets/{number:str}/now", include_in_schema=False)
async def now(request: Req, number: FromPath[str]) -> Response[Any]:
    """What the live page asks for again; nothing (204) where all is as `v` says."""
    case = await find(request, number)
    if request.query_params.get("v") == await stamp(case):
        return Response(None, status_code=204)
    return windows.piece(request, "ticket_now.html", **await _known(request, number))


@get("/tickets/{number:str}/clock", include_in_schema=False)
async def clock(request: Req, number: FromPath[str]) -> Response[bytes]:
    """How the limit stands this minute."""
    case = await find(request, number)
    due = case.ticket.due
    return windows.piece(request, "ticket_clock.html", number=number, due=due.at if due else None, it=case.ticket)


class _Looked(Struct, frozen=True):
    """What was read for one page: the ticket as it is shown, what orders are decided by, other tickets in sight."""

    it: TicketShown
    here: Stage
    seen: frozenset[str]
    near: dict[str, Ticket]


async def _look(case: Case, rules: Rules) -> _Looked:
    kept, room, viewer = case.ticket, case.room, case.viewer

    async def read_(connection: AsyncConnection) -> _Looked:
        it = (await light(connection, room, viewer, [kept]))(kept)
        here = await stage(connection, rules, viewer, [kept], room.clock())
        seen = await lists.seen(connection, room.sight(viewer), logged.named(case.history))
        near = [*(one.number for one in it.same_matter), *(one.number for one in it.joined)]
        near += [it.lead] if it.lead else []
        found = await tickets.load(connection, near)
        return _Looked(it, here, seen, {number: one for number, (one, _) in found.items()})

    return await room.ask(read_)


async def _known(request: Req, number: str) -> dict[str, Any]:
    """All that the page shows."""
    case = await find(request, number)
    rules = await case.room.rules()
    looked = await _look(case, rules)
    teller = Teller(rules)
    dossier = await dossiers.told(case) if _reads(case.viewer) else None
    return {
        **_itself(case, looked.it, teller),
        "where": called.place(looked.it, rules.registry),
        "dossier": dossier,
        "story": _story(case, teller, looked.seen | {number}, dossier),
        "dissuaded": any(one.step == "ticket.dissuaded.v1" for one in case.history),
        "pictures": album(case),
        **await heard(case, looked.it.whistles),
        **await mediated(case),
        "stamp": await stamp(case),
        **_climbed(case),
        **_doing(case, _offered(looked.here, case.ticket, tuple(FORMS))),
        **_others(looked, case.room, rules),
    }


def _itself(case: Case, it: TicketShown, teller: Teller) -> dict[str, Any]:
    """The ticket as it stands."""
    return {
        "it": it,
        "number": it.number,
        "hotlines": [HOTLINES.get(one, one) for one in it.hotline],
        "due": case.ticket.due,
        "owner": teller.post(case.ticket.shelf.owner, case.ticket) if case.ticket.shelf else "",
        "word": called.word,
        "key": secrets.token_urlsafe(18),
    }


def _climbed(case: Case) -> dict[str, Any]:
    """The ladder."""
    stays, now_ = rungs.stays(case.history), case.room.clock()
    drawn = rungs.drawn(case.ticket, stays, case.room.ladder, now_)
    return {"rungs": drawn, "sorting_time": rungs.sorting_time(stays, now_)}


def _doing(case: Case, offered: dict[str, Tried]) -> dict[str, Any]:
    """What may be done now, and what was just done and can be undone."""
    return {
        "offered": offered,
        "first": _actions(NOW[case.ticket.state], offered),
        "more": [(group, some) for group in GROUPS if (some := _grouped(group, case.ticket, offered))],
        "guesses": _guesses(case.ticket, case.room, offered.get("reclassify")),
        "undo": _undo(case, case.room, offered),
    }


def _others(looked: _Looked, room: Room, rules: Rules) -> dict[str, Any]:
    """The other tickets that the page names, of those in sight."""
    it, near = looked.it, looked.near

    def named(number: str, score: float | None = None) -> Others:
        one = near[number]
        what, where = category(room.catalogue, one.category), called.place(one.spot, rules.registry)
        return Others(number, STATES[one.state], what, where, score)

    return {
        "same": [named(one.number, one.score) for one in it.same_matter if one.number in near],
        "joined": [named(one.number) for one in it.joined if one.number in near],
        "lead": named(it.lead) if it.lead in near else None,
    }


def _may(viewer: Viewer, command: str) -> bool:
    who = TABLE.get(("POST", f"/tickets/{{number}}/{command}"), frozenset())
    return viewer.role in who


def _reads(viewer: Viewer) -> bool:
    return viewer.role in TABLE["GET", "/api/v1/tickets/{number}/dossier"]


# -- what may be done -------------------------------------------------------------------------------------


def actions(here: Stage, kept: Ticket, wanted: Sequence[str]) -> list[Action]:
    """Those of some orders that the viewer may give now."""
    return _actions(wanted, _offered(here, kept, wanted))


def _offered(here: Stage, kept: Ticket, wanted: Sequence[str]) -> dict[str, Tried]:
    tried = {command: here.try_(kept, command) for command in wanted if _may(here.viewer, command)}
    return {command: one for command, one in tried.items() if not one.code}


def _actions(commands: Sequence[str], offered: dict[str, Tried]) -> list[Action]:
    return [_action(command, offered[command]) for command in commands if command in offered]


def _action(command: str, tried: Tried) -> Action:
    """Where there is one way only, it is said; where there are more, on the form."""
    form = FORMS[command]
    steps = next(iter(tried.ways.values())) if len(tried.ways) == 1 else []
    return Action(command, form.title, form.short or form.title, ahead(steps), not form.fields)


def _grouped(group: str, kept: Ticket, offered: dict[str, Tried]) -> list[Action]:
    shown = {*NOW[kept.state], *BOXED}
    return [_action(c, offered[c]) for c in FORMS if FORMS[c].group == group and c in offered and c not in shown]


def _guesses(kept: Ticket, room: Room, tried: Tried | None) -> list[Guess]:
    """The sorter's candidates, each with where it would go."""
    found = []
    for one in kept.sorting.candidates if kept.sorting else ():
        steps = tried.ways.get(one.code, []) if tried else []
        name = category(room.catalogue, one.code)
        chosen = one.code == kept.category
        found.append(Guess(one.code, name, one.confidence, one.words, ahead(steps), chosen))
    return found


def _undo(case: Case, room: Room, offered: dict[str, Tried]) -> Undo | None:
    """Only of what this very post corrected last."""
    last = case.history[-1]
    step: Step = next(tickets.steps([last.body]))
    if not isinstance(step, Reclassified) or "reclassify" not in offered or read(last.body).actor != case.viewer.post:
        return None
    was = step.was_spot
    codes = (was.building_code or "", was.grid_code or "", was.community_code or "")
    return Undo(step.was_category, category(room.catalogue, step.was_category), *codes)


# -- the story --------------------------------------------------------------------------------------------


def _story(case: Case, teller: Teller, seen: frozenset[str], dossier: dossiers.DossierShown | None) -> list[Happened]:
    """Newest first; the teller begins each sentence with its time, which the page shows for itself."""
    words: dict[int, list[str]] = {}
    for one in dossier.words if dossier else ():
        words.setdefault(one.version, []).append(one.text)
    told_ = teller.tell([one.body for one in case.history], seen)
    rows = [one for one in zip(case.history, told_, strict=True) if not logged.kept_from(case.viewer.role, one[0].step)]
    found = [Happened(row.at, said.split(" ", 2)[2], tuple(words.get(row.version, ()))) for row, said in rows]
    return found[::-1]


ROUTES = [page, now, clock]
