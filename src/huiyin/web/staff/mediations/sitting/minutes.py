"""Minutes of a session (调解记录): who came, what each side said and offered, what both say; typed as they talk."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from huiyin.core.mediation import Mediation
from huiyin.core.mediation.state import Session
from huiyin.story import BEIJING
from huiyin.web.mediations import acts
from huiyin.web.mediations.finding import Found
from huiyin.web.mediations.shown import FREE
from huiyin.web.problems import Problem
from huiyin.web.staff import windows
from huiyin.web.staff.mediations.sitting.refused import STALE, passes, words
from huiyin.web.staff.mediations.sitting.seats import Seat, Voice, mediating, seats
from huiyin.web.staff.orders import key

Req = Request[Any, Any, Any]
Pairs = Sequence[tuple[str, str]]

FACTS = 5  # lines that are there without a script
MOST = 50
_MINUTE = "%Y-%m-%dT%H:%M"


@get("/mediations/{number:str}/minutes", include_in_schema=False)
async def page(request: Req, number: FromPath[str]) -> Response[bytes]:
    """The form, for the session that is on today."""
    found = await mediating(request, number)
    return await _page(request, found, _begun(found))


def _begun(found: Found) -> dict[str, list[str]]:
    """What stands in the form at first: the planned session nearest to now, and who said that they come."""
    waiting, now = _waiting(found.one), found.room.clock()
    on = min(waiting, key=lambda one: abs(one.plan.at - now) if one.plan else abs(now - now), default=None)
    began = on.plan.at if on and on.plan and on.plan.at <= now else now
    return {"session": [str(on.number) if on else ""], "began": [f"{began.astimezone(BEIJING):{_MINUTE}}"]}


def _waiting(one: Mediation) -> list[Session]:
    return [each for each in one.sessions if each.waits and each.plan is not None]


def invitees(one: Mediation, names: Mapping[str, str]) -> list[Voice]:
    """Helpers whom all parties allow."""
    allowed = (each for each in one.helpers if one.allowed("invitee", each.person))
    return [Voice(each.person, names.get(each.person) or "受邀参加人") for each in allowed]


async def _page(
    request: Req,
    found: Found,
    said: Mapping[str, Sequence[str]],
    status: int = 200,
    wrong: Mapping[str, str] | None = None,
    refused: str = "",
) -> Response[bytes]:
    typed = {"again": status != 200, "wrong": wrong or {}, "refused": refused}
    fresh = {"key": secrets.token_urlsafe(18), "free": FREE, "most": MOST}
    known = {**await _known(found), **_typed(said)}
    return await windows.window(request, "mediation_minutes.html", status, **known, **typed, **fresh)


async def _known(found: Found) -> dict[str, Any]:
    """What the form chooses from."""
    shown, one = await found.present(), found.one
    return {
        "number": one.number,
        "case": shown.case,
        "seats": seats(one, shown.names),
        "sessions": [(str(each.number), each.plan.at) for each in _waiting(one) if each.plan],
        "invitees": invitees(one, shown.names),
    }


def _typed(said: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """What stands in the form again, with lines to write on."""
    facts = [one for one in said.get("fact", ()) if one]
    spare = [""] * max(1, FACTS - len(facts))
    return {"facts": facts + spare, "said": {name: list(values) for name, values in said.items()}}


# -- the form ---------------------------------------------------------------------------------------------


def gathered(pairs: Pairs) -> dict[str, list[str]]:
    """A form's fields, each with all that was given for it."""
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def faults(said: Mapping[str, Sequence[str]], some: Sequence[Seat]) -> dict[str, str]:
    """Field → what is missing, as far as the form itself can tell."""
    present, found = said.get("present", ()), {}
    if _moment(said) is None:
        found["began"] = "请填写开始的时间。"
    if _one(said, "ended") and _moment(said, "ended") is None:
        found["ended"] = "请填写结束的时间,或者不填。"
    if not present:
        found["present"] = "请勾选到场的当事人。"
    for one in some:
        if one.party not in present and any(_one(said, f"{what}-{one.party}") for what in ("said", "offer")):
            found["present"] = f"写了{one.name}的话,请勾选{one.name}到场;没有到场的,请删去。"
    if not _one(said, "minutes"):
        found["minutes"] = "请填写这次调解的经过和结果。"
    return found


def body(said: Mapping[str, Sequence[str]], some: Sequence[Seat]) -> dict[str, Any]:
    """The order `hold`."""
    began, ended, session = _moment(said), _moment(said, "ended"), _one(said, "session")
    assert began is not None
    return {
        "began": began.isoformat(),
        "present": list(said.get("present", ())),
        "invitees": list(said.get("invitee", ())),
        "minutes": _one(said, "minutes"),
        "statements": _spoken(said, some, "said"),
        "offers": _spoken(said, some, "offer"),
        "undisputed": [one for one in said.get("fact", ()) if one][:MOST],
        "ended": ended and ended.isoformat(),
        "recorder": _one(said, "recorder") or None,
    } | ({"session": int(session)} if session.isascii() and session.isdigit() else {})


def _spoken(said: Mapping[str, Sequence[str]], some: Sequence[Seat], what: str) -> list[dict[str, str]]:
    every = ((one.party, _one(said, f"{what}-{one.party}")) for one in some)
    return [{"party": party, "text": text} for party, text in every if text]


def _one(said: Mapping[str, Sequence[str]], name: str) -> str:
    return next(iter(said.get(name, ())), "")


def _moment(said: Mapping[str, Sequence[str]], name: str = "began") -> datetime | None:
    try:
        return datetime.strptime(_one(said, name), _MINUTE).replace(tzinfo=BEIJING)
    except ValueError:
        return None


@post("/mediations/{number:str}/minutes", include_in_schema=False, request_max_body_size=windows.MOST)
async def give(request: Req, number: FromPath[str]) -> Response[Any]:
    """The record of a session; what was typed stands there again where it is not taken."""
    said = gathered(await windows.pairs(request))
    found = await mediating(request, number)
    some = seats(found.one, (await found.present()).names)
    last = key({"key": _one(said, "key")})
    if wrong := faults(said, some):
        return await _page(request, found, said, 422, wrong)
    if last is None:
        return await _page(request, found, said, 422, refused=STALE)
    try:
        await acts.give(request, number, "hold", msgspec.json.encode(body(said, some)), last)
    except Problem as problem:
        passes(problem)
        return await _page(request, found, said, 409, refused=words(problem))
    return windows.back(f"/mediations/{number}", "done", sent=last)


ROUTES = [page, give]
