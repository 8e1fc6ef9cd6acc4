"""A whistle before it goes out (转报、审批): the street corrects whom it calls and for what, a leader decides."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath
from msgspec import Struct

from huiyin.core.whistle import Step
from huiyin.core.whistle import commands as core
from huiyin.core.whistle.commands import Ask
from huiyin.core.words import Sealed
from huiyin.web.problems import CODES, Problem
from huiyin.web.staff import windows
from huiyin.web.staff.orders import STALE, key
from huiyin.web.staff.whistles.blow_page import checked, suggestions
from huiyin.web.staff.whistles.filled import Filled, filled, row_faults
from huiyin.web.staff.whistles.outlook import ahead
from huiyin.web.staff.whistles.page import heading
from huiyin.web.staff.whistles.proofs import proofs
from huiyin.web.staff.whistles.standing import Stand
from huiyin.web.whistles import acts, rehearsal
from huiyin.web.whistles.finding import Found, find
from huiyin.web.whistles.refusals import REFUSALS
from huiyin.web.whistles.shapes import WhistleShown

Req = Request[Any, Any, Any]

_MISSED = ("not-found", "cross-origin", "log-in-first", "not-your-role", "database-away", "fault")
_ON_ASKS = ("identifies-complainant", "too-many-guesses", "one-lead", "asked-twice", "department-recused")


class Before(Struct, frozen=True):
    """A whistle that waits, before who may let it out."""

    found: Found
    shown: WhistleShown
    stand: Stand
    form: Filled  # whom it calls now, and for what

    @property
    def asks(self) -> Sequence[Ask]:
        return self.found.whistle.asks

    def steps(self, command: core.Command) -> Sequence[Step]:
        one = self.found
        return rehearsal.tried(one.whistle, command, one.scene, one.rules, one.room.clock())

    def refused(self, name: str) -> str:
        """Why an order is not taken now; "" where it may be."""
        one = self.found
        if name in self.shown.allowed:
            return ""
        if name == "pass-on" and one.whistle.passed:
            return f"{REFUSALS['already-passed-on']}。"
        if name == "approve" and one.whistle.approval == "given":
            return "已经同意,不必再批。"
        code = rehearsal.refusal(one.whistle, name, one.scene, one.rules, one.room.clock())
        return f"{REFUSALS.get(code, '现在不能这样办理')}。"


@get("/whistles/{number:str}/do/pass-on", include_in_schema=False)
async def ask_pass(request: Req, number: FromPath[str]) -> Response[bytes]:
    """Whom it calls and for what, to be corrected."""
    return await _shown(request, await _before(request, number), "pass-on")


@post("/whistles/{number:str}/pass-on", include_in_schema=False, request_max_body_size=windows.MOST)
async def pass_on(request: Req, number: FromPath[str]) -> Response[Any]:
    """Passed on, with the asks as they stand in the form now."""
    form, before = filled(await windows.pairs(request)), await _before(request, number)
    wrong = row_faults(form) | checked(before.stand, form)
    if wrong:
        return await _shown(request, before, "pass-on", form, 422, wrong)
    same = [(one.post, one.task) for one in form.asked] == [(one.post, one.task) for one in before.form.asked]
    return await _given(request, before, "pass-on", form, {} if same else {"asks": form.asks})


@get("/whistles/{number:str}/do/approve", include_in_schema=False)
async def ask_approve(request: Req, number: FromPath[str]) -> Response[bytes]:
    """What a leader decides on."""
    return await _shown(request, await _before(request, number), "approve")


@post("/whistles/{number:str}/approve", include_in_schema=False, request_max_body_size=windows.MOST)
async def approve(request: Req, number: FromPath[str]) -> Response[Any]:
    """It goes out; after an emergency's call it is on record."""
    form, before = filled(await windows.pairs(request)), await _before(request, number)
    return await _given(request, before, "approve", form, {"text": form["text"]} if form["text"] else {})


# -- the page ---------------------------------------------------------------------------------------------


async def _before(request: Req, number: str) -> Before:
    """Raises Problem where the whistle is hidden."""
    found = await find(request, number)
    shown = await found.present()
    assert isinstance(shown, WhistleShown)  # the table lets no department in
    here = Stand(found.room, found.viewer, found.rules, await found.room.rules(), found.scene, found.room.clock())
    asks = sorted(found.whistle.asks, key=lambda one: not one.lead)
    opened = await found.opened([one.words for one in asks])
    said = {f"post{n}": one.post for n, one in enumerate(asks)}
    said |= {f"task{n}": _words(one.words, opened) for n, one in enumerate(asks)}
    return Before(found, shown, here, Filled(said))


def _words(sealed: Sealed, opened: Mapping[str, str]) -> str:
    return opened.get(sealed.dossier, "")


async def _shown(
    request: Req,
    before: Before,
    command: str,
    form: Filled | None = None,
    status: int = 200,
    wrong: Mapping[str, str] | None = None,
    refused: str = "",
) -> Response[bytes]:
    not_now = before.refused(command)
    return await windows.window(
        request,
        "whistle_before.html",
        409 if not_now and status == 200 else status,
        command=command,
        form=form or before.form,
        wrong=wrong or {},
        refused=refused or not_now,
        possible=not not_now,
        **await _known(before, command, form or before.form),
    )


async def _known(before: Before, command: str, form: Filled) -> dict[str, Any]:
    """The whistle itself, and whom it may call."""
    found, shown = before.found, before.shown
    return {
        "it": shown,
        "ahead": _ahead(before, command),
        "proofs": await proofs(found, shown.tickets, shown.tried),
        "names": {one: found.teller().post(one) for one in shown.asks},
        "rows": form.rows,
        "suggested": await suggestions(before.stand, shown.category),
        "departments": before.stand.departments,
        "key": secrets.token_urlsafe(18),
        **heading(found, shown),
    }


def _ahead(before: Before, command: str) -> list[str]:
    one = before.found
    steps = before.steps(core.PassOn() if command == "pass-on" else core.Approve())
    if one.whistle.lines:
        return ["补上审批,部门照常办理;审批以后才能核验。"] if steps else []
    return ahead(steps, before.asks, one.rules.whistle, one.whistle.kind, one.teller()) if steps else []


# -- the order --------------------------------------------------------------------------------------------


async def _given(request: Req, before: Before, command: str, form: Filled, body: Mapping[str, Any]) -> Response[Any]:
    number = before.shown.number
    if (own := key(form.said)) is None:
        return await _shown(request, before, command, form, 422, refused=STALE)
    try:
        await acts.give(request, number, command, msgspec.json.encode(body), own)
    except Problem as problem:
        if problem.code in _MISSED:
            raise
        status, words = CODES.get(problem.code, (409, "现在不能这样办理"))
        told = f"{(problem.detail or words).rstrip('。')}。"
        wrong = {"asks": told} if problem.code in _ON_ASKS else {}
        return await _shown(request, before, command, form, status, wrong, told)
    return windows.back(f"/whistles/{number}", "done")


ROUTES = [ask_pass, pass_on, ask_approve, approve]
