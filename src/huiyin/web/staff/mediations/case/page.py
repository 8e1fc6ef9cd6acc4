"""One mediation's page (调解案件): its line, its parties as cards, sessions, agreement, story, all that may be done."""

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from huiyin.core.mediation import Rules
from huiyin.core.mediation.seen import CommitteeSight
from huiyin.core.mediation.state import Mediation
from huiyin.core.staff import conflict
from huiyin.store import accounts, committees
from huiyin.store.mediations import stage
from huiyin.web.mediations import finding
from huiyin.web.mediations.finding import Found, find
from huiyin.web.mediations.lists import MediationStep, told
from huiyin.web.mediations.shown import FREE
from huiyin.web.room import Room
from huiyin.web.staff import windows
from huiyin.web.staff.mediations.case import cards, joint, kept, sat
from huiyin.web.staff.mediations.case.called import Callers, word
from huiyin.web.staff.mediations.case.doing import doing
from huiyin.web.staff.mediations.case.line import limits, line
from huiyin.web.staff.mediations.case.looking import PURPOSES, likely
from huiyin.web.staff.mediations.stages import STAGES
from huiyin.web.whistles import mediated

Req = Request[Any, Any, Any]
# Where else one may go from here.
_LINKS = {
    "/mediations/{number}/table": "调解桌(给双方看的屏幕)",
    "/mediations/{number}/sign": "当面签名(读协议书,在屏幕上签)",
    "/mediations/{number}/papers": "文书和卷宗",
    "/whistles/new": "需要部门到场的,吹哨",
}


@get("/mediations/{number:str}", include_in_schema=False)
async def page(request: Req, number: FromPath[str]) -> Response[bytes]:
    """The whole page."""
    return await windows.window(request, "mediation_case.html", **await _known(request, await find(request, number)))


@get("/mediations/{number:str}/now", include_in_schema=False)
async def now(request: Req, number: FromPath[str]) -> Response[Any]:
    """What the live page asks for again; nothing (204) where all is as `v` says."""
    found = await find(request, number)
    if request.query_params.get("v") == _stamp(found):
        return Response(None, status_code=204)
    return windows.piece(request, "mediation_case_now.html", **await _known(request, found))


def _stamp(found: Found) -> str:
    """The version and the minute: what its limits say changes with every one."""
    return f"{found.one.version}.{int(found.room.clock().timestamp()) // 60}"


async def _known(request: Req, found: Found) -> dict[str, Any]:
    """All that the page shows: of the allow-list of who looks and of the steps that they may read, nothing else."""
    room: Room = found.room
    rules = (await room.mediations()).rules
    words, (names,) = await finding.opened([found])
    steps = await told(found)
    callers = Callers(found.one.lines, names, await _staff(found))
    seen = found.seen
    parts = _whole(seen, callers, words) if isinstance(seen, Mediation) else {"whole": None}
    desk = _desk(seen, found, callers, words) if isinstance(seen, CommitteeSight) else {"desk": None}
    return {
        "number": found.one.number,
        **_heading(found, rules, words),
        "committee": await _committee(found),
        "line": line(seen, stage(found.one), steps[0].at),  # type: ignore[arg-type]  # one of the two
        "limits": limits(seen.clocks, _items(seen), rules.calendar),  # type: ignore[attr-defined]
        "doing": doing(found, request.state.viewer, rules),
        "story": _story(steps),
        "proof": (len(steps), steps[-1].hash[:16]),
        **await _elsewhere(request, found),
        "stamp": _stamp(found),
        "free": FREE,
        **parts,
        **desk,
    }


def _heading(found: Found, rules: Rules, words: Mapping[str, str]) -> dict[str, Any]:
    """What it is about, as far as that may be known."""
    seen = found.seen
    subject = seen.subject if isinstance(seen, CommitteeSight) else seen
    entry = rules.catalogue.entries.get(subject.category) if subject else None  # type: ignore[attr-defined]
    said = words.get(subject.words.dossier, cards.ERASED) if subject else ""  # type: ignore[attr-defined]
    one = found.one
    return {
        "what": (entry.name if entry else subject.category) if subject else "保密卷",  # type: ignore[attr-defined]
        "dispute": said,
        "case": str(one.case) if one.case else "",
        "state": STAGES.get(stage(one), ""),
        "source": word("source", one.source),
        "restricted": one.restricted,
    }


def _whole(seen: Mediation, callers: Callers, words: Mapping[str, str]) -> dict[str, Any]:
    """For its mediators."""
    some = cards.cards(seen, callers)
    return {
        "whole": seen,
        "referrer": word("referrer", seen.referrer) if seen.referrer else "",
        "bars": [word("bars", one) for one in seen.bars or ()],
        "cards": some,
        "purposes": PURPOSES,
        "purpose": likely(seen),
        "asked": cards.questions(seen, some, callers),
        "seats": cards.seats(seen, callers, words),
        "meetings": sat.meetings(seen, callers, words),
        "inquiries": sat.inquiries(seen, callers, words),
        "requests": [words.get(one.dossier, cards.ERASED) for one in seen.requests],
        "joint": joint.cards(seen, words),
        "caucus": sat.caucus(seen, callers, words),
        "danger": sat.danger(seen, words),
        "agreed": kept.agreed(seen, callers, words),
        "confirming": kept.confirming(seen, words),
        "visits": kept.visits(seen, callers, words),
        "ending": kept.ending(seen, callers, words),
        "sued": [callers.party(one) for one in seen.sued],
    }


def _desk(seen: CommitteeSight, found: Found, callers: Callers, words: Mapping[str, str]) -> dict[str, Any]:
    """For the committee's desk: how far it is, in numbers."""
    return {
        "desk": seen,
        "seated": [callers.mediator(one) for one in seen.mediators],
        "joint": joint.cards(seen, words),
        "out": _out(found, seen, callers),
        "parties": [(one.party, callers.party(one.party)) for one in found.one.lines],
        "agreed": kept.sealed(seen, found.one.agreement, callers, words),
        "confirming": kept.confirming(seen, words),
        "reason": word("reason", seen.ended) if seen.ended else "",
    }


def _out(found: Found, seen: CommitteeSight, callers: Callers) -> list[tuple[str, str]]:
    """Mediators of whom it turned out that they have an interest: they see nothing any more and have to be released."""
    people = {one.person.id: one.person for held in found.scene.staff.holdings.values() for one in held}
    return [
        (one, callers.mediator(one))
        for one in seen.mediators
        if one in people and conflict(people[one], found.scene.parties) is not None
    ]


def _items(seen: Any) -> list[str]:
    """The items of the agreement in their order, where they may be known."""
    terms = seen.subject.terms if isinstance(seen, CommitteeSight) and seen.subject else None
    if isinstance(seen, Mediation) and seen.agreement:
        terms = seen.agreement.terms
    return [one.item for one in terms.items] if terms else []


async def _staff(found: Found) -> dict[str, str]:
    """The accounts of who mediates, mediated or was asked about."""
    asked = [one.of for one in found.one.questions if one.matter == "mediator"]
    persons = [*(one.person for one in found.one.mediators), *asked]
    persons += [one.mediator for one in found.one.investigations]
    return await found.room.ask(lambda c: accounts.names(c, persons))


async def _committee(found: Found) -> str:
    known = await found.room.ask(lambda c: committees.known(c, [found.one.committee]))
    return next((one.called for one in known if one.kind == found.one.kind), "")


def _story(steps: list[MediationStep]) -> list[tuple[Any, str]]:
    """Newest first; the teller begins each sentence with its time, which the page shows for itself."""
    return [(one.at, one.said.split(" ", 2)[2] if " " in one.said else one.said) for one in reversed(steps)]


async def _elsewhere(request: Req, found: Found) -> dict[str, Any]:
    """Where one may go from here, and what was blown for the case."""
    opens = windows.opens(request.state.viewer.role, "/whistles/{number}")
    return {"links": _links(request, found), "whistles": await mediated.blown(found), "whistle_opens": opens}


def _links(request: Req, found: Found) -> list[tuple[str, str]]:
    role, number = request.state.viewer.role, found.one.number
    links = [(path.replace("{number}", number), name) for path, name in _LINKS.items() if windows.opens(role, path)]
    of = f"?mediation={number}" if mediated.may(found, request.state.viewer) else ""
    return [(path + of if path == "/whistles/new" else path, name) for path, name in links]


ROUTES = [page, now]
