"""An application by form (登记调解申请): filled in, looked at once more, sent; then each party's code, told once."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, get_args

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from huiyin.core.mediation import Step
from huiyin.core.mediation import steps as s
from huiyin.core.mediation.kinds import Referrer
from huiyin.core.people import Viewer
from huiyin.story import load_words
from huiyin.web.bodies import read
from huiyin.web.mediations.bodies import Applying, FromTicket
from huiyin.web.mediations.refusals import REFUSALS
from huiyin.web.mediations.shown import FREE
from huiyin.web.paint import until
from huiyin.web.problems import CODES, Problem
from huiyin.web.shown import category as category_name
from huiyin.web.staff import called, windows
from huiyin.web.staff.mediations import hints, slips
from huiyin.web.staff.mediations.application import (
    FIELD_OF,
    KINDS,
    MOST,
    SOURCES,
    Filled,
    body,
    faults,
)
from huiyin.web.staff.mediations.standing import Stand, stand
from huiyin.web.staff.orders import STALE, key
from huiyin.web.staff.whistles.filled import category

Req = Request[Any, Any, Any]

_MISSED = ("not-found", "cross-origin", "log-in-first", "not-your-role", "database-away", "fault")
_FOUND = 12
_LINKED = ("category", "source", "before")


@get("/mediations/new", include_in_schema=False)
async def fresh(request: Req) -> Response[bytes]:
    """The empty form; a link of ours may name codes, never words of people."""
    linked = {name: value[:64] for name, value in request.query_params.items() if name in _LINKED}
    return await _form(await stand(request), Filled({"source": "application", "applicant0": "1", **linked}))


@get("/tickets/{number:str}/mediate", include_in_schema=False)
async def from_ticket(request: Req, number: FromPath[str]) -> Response[bytes]:
    """The form of a ticket: who complained is the applicant, and nobody learns here who that is."""
    return await _form(await stand(request, number), Filled({}, of_ticket=True))


@post("/mediations/new", include_in_schema=False, request_max_body_size=windows.MOST)
async def apply(request: Req) -> Response[bytes]:
    """The form again, the page that asks once more, or the codes."""
    form = Filled(await windows.said(request))
    return await _taken(await stand(request), form)


@post("/tickets/{number:str}/mediate", include_in_schema=False, request_max_body_size=windows.MOST)
async def apply_from_ticket(request: Req, number: FromPath[str]) -> Response[bytes]:
    """The same of a ticket."""
    form = Filled(await windows.said(request), of_ticket=True)
    return await _taken(await stand(request, number), form)


@get("/mediations/homes", include_in_schema=False)
async def homes(request: Req) -> Response[bytes]:
    """A few buildings for what was typed, those that begin with it first."""
    asked = next((value for name, value in request.query_params.items() if name.startswith("home")), "").strip()[:40]
    names = (await stand(request)).known.homes
    hits = sorted((one for one in names if asked and asked in one), key=lambda one: (one.find(asked), len(one), one))
    return windows.piece(request, "blow_places.html", found=hits[:_FOUND])


@post("/mediations/hints", include_in_schema=False, request_max_body_size=windows.MOST)
async def hinted(request: Req) -> Response[bytes]:
    """What the words remind of, while somebody types; kept nowhere."""
    said = await windows.said(request)
    found = await hints.of(request.app.state.room, said.get("text", ""))
    return windows.piece(request, "mediation_hints.html", **found)


# -- the form ---------------------------------------------------------------------------------------------


async def _form(
    here: Stand, form: Filled, status: int = 200, wrong: Mapping[str, str] | None = None, refused: str = ""
) -> Response[bytes]:
    words = load_words("mediation_story.toml")
    return await windows.window(
        here.request,
        "mediation_apply.html",
        status,
        said=form,
        wrong=wrong or {},
        refused=refused,
        most=MOST,
        kinds=KINDS,
        sources=SOURCES,
        referrers={code: words.word("referrer", code) for code in get_args(Referrer)},
        leaves=sorted((one.code, one.name) for one in here.known.catalogue.leaves()),
        organisations=sorted(here.known.organisations),
        bodies=[(one.kind, one.called) for one in here.known.bodies],
        key=secrets.token_urlsafe(18),
        free=FREE,
        **_heading(here),
        **await hints.of(here.room, form["text"]),
    )


def _heading(here: Stand) -> dict[str, Any]:
    """What it comes of: a ticket's number, matter and place, as its page says them."""
    if here.case is None:
        return {"number": "", "what": "", "where": "", "path": "/mediations/new"}
    ticket = here.case.ticket
    return {
        "number": ticket.number,
        "what": category_name(here.known.catalogue, ticket.category),
        "where": called.place(ticket.spot, here.registry),
        "path": f"/tickets/{ticket.number}/mediate",
    }


async def _taken(here: Stand, form: Filled) -> Response[bytes]:
    if form["more"] or form["back"]:
        return await _form(here, form)
    wrong = faults(form, here.known)
    if wrong:
        return await _form(here, form, 422, wrong)
    own = key(form.said)
    if own is None:
        return await _form(here, form, 422, refused=STALE)
    try:
        raw = msgspec.json.encode(body(form, here.known))
        given = read(raw, FromTicket) if form.of_ticket else read(raw, Applying)
        if form["sure"]:
            return await slips.told(here, form, await here.send(given, own))
        steps, code = await here.tried(given)
    except Problem as problem:
        return await _again(here, form, problem)
    if code:
        return await _again(here, form, Problem(code, REFUSALS.get(code, "")))
    return await _asks(here, form, own, steps)


async def _again(here: Stand, form: Filled, problem: Problem) -> Response[bytes]:
    """The form with why it was refused; nothing that was typed is lost, and what is hidden stays hidden."""
    if problem.code in _MISSED:
        raise problem
    status, words = CODES.get(problem.code, (409, "现在不能登记"))
    told = (problem.detail or words).rstrip("。") + "。"
    name = FIELD_OF.get(problem.code, "")
    return await _form(here, form, status, {name: told} if name else {}, told)


# -- the page that asks once more -------------------------------------------------------------------------


async def _asks(here: Stand, form: Filled, own: str, steps: Sequence[Step]) -> Response[bytes]:
    """What was said, and what happens next."""
    words, catalogue = load_words("mediation_story.toml"), here.known.catalogue
    source = SOURCES.get(form["source"], "") if not form.of_ticket else "工单"
    if form["source"] == "referral":
        source = f"{words.word('referrer', form['referrer'])}移送"
    code = category(catalogue, form["category"]) if not form.of_ticket else ""
    return await windows.window(
        here.request,
        "mediation_sure.html",
        said=form,
        kept=[(name, value) for name, value in form.kept() if name != "key"],
        key=own,
        source=source,
        matter=category_name(catalogue, code) if code else "",
        kinds=KINDS,
        ahead=ahead(steps, here.viewer, of_ticket=form.of_ticket),
        free=FREE,
        **_heading(here),
        **await hints.of(here.room, form["text"]),
    )


def ahead(steps: Sequence[Step], viewer: Viewer, *, of_ticket: bool) -> list[str]:
    """What follows an application, from the core's own steps."""
    found = []
    for step in steps:
        if isinstance(step, s.Applied):
            found.append(f"调解委员会在 {until(step.clocks[0].due.at)} 前审查是否受理。")
        if isinstance(step, s.RiskFlagged):
            by = until(step.clocks[0].due.at)
            found.append(f"这类事项从登记起就要先报告公安机关({by} 前),案卷列入保密卷,内容只给承办调解员看。")
    found.append("逐一征求各方同意;有一方不同意就不调解,并告知其他解决途径。")
    found.append("下一页给出各方自己的查询码,只显示一次,请当面分别交给本人。")
    if of_ticket:
        found.append("工单照常办理、照常上报,不等调解。")
    if viewer.role == "mediator":
        found.append("调解员由调解委员会指派或者各方选定;指派到您,案件才出现在“我的调解”里。")
    return found


ROUTES = [fresh, from_ticket, apply, apply_from_ticket, homes, hinted]
