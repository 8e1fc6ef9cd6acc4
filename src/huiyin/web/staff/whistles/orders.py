"""An order about a whistle by form (办理): a page that asks, says what happens next, and gives it as the API does."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from huiyin.core.scene import accused
from huiyin.core.whistle import commands as core
from huiyin.core.whistle import steps as s
from huiyin.core.whistle.suggest import Learnt, suggest
from huiyin.store import whistle_lists
from huiyin.story import BEIJING
from huiyin.web import attaching, parcels
from huiyin.web.problems import CODES, Problem
from huiyin.web.staff import called as places
from huiyin.web.staff import forms as plain
from huiyin.web.staff import windows
from huiyin.web.staff.forms import Field, Form, Said
from huiyin.web.staff.orders import STALE, Option, key
from huiyin.web.staff.whistles import ahead, called, forms
from huiyin.web.staff.whistles.forms import FORMS
from huiyin.web.staff.whistles.page import heading
from huiyin.web.whistles import acts, rehearsal
from huiyin.web.whistles.finding import Found, find, visible
from huiyin.web.whistles.orders import ORDERS
from huiyin.web.whistles.refusals import REFUSALS
from huiyin.web.whistles.shapes import CallShown, WhistleShown

Req = Request[Any, Any, Any]

ELSEWHERE = frozenset(("pass-on", "approve"))  # `staff.whistles.passing` asks more for these
_MISSED = ("cross-origin", "log-in-first", "not-your-role", "database-away", "fault")


class Asking(Struct, frozen=True):
    """One form before one viewer: what the choices are worked out from."""

    found: Found
    shown: WhistleShown | CallShown
    command: str
    form: Form
    learnt: Sequence[Learnt] = ()

    @property
    def refused(self) -> str:
        """Why the order is not taken now; "" where it may be."""
        if self.command in self.shown.allowed:
            return ""
        found = self.found
        return rehearsal.refusal(found.whistle, self.command, found.scene, found.rules, found.room.clock())

    def page(self) -> dict[str, Any]:
        """What the form's page shows besides what was typed."""
        return {
            "it": self.shown,
            "command": self.command,
            "form": self.form,
            "most": parcels.PICTURES if ORDERS[self.command].pictures else 0,
            "possible": not self.refused,
            "ahead": "" if self.command == "rule" else ahead.ahead(self.steps()),
            "options": {one.name: self.options(one) for one in self.form.fields},
            "key": secrets.token_urlsafe(18),
        }

    def steps(self, command: core.Rule | None = None) -> Sequence[s.Step]:
        """Where the order, or one of its choices, leads."""
        found, at = self.found, self.found.room.clock()
        some = rehearsal.samples(found.whistle, self.command, at)
        wanted = command or (some[0] if some else None)
        return rehearsal.tried(found.whistle, wanted, found.scene, found.rules, at) if wanted else []

    def options(self, field: Field) -> Any:
        """A field's choices; groups of them for a long list."""
        match field.options:
            case dict() as fixed:
                return [Option(code, words) for code, words in fixed.items()]
            case "departments":
                return departments(self.found, self.learnt)
            case "buildings":
                return places.buildings(self.found.registry, self.shown.community_code)
            case "objecting":
                return [Option(one, self.found.teller().post(one)) for one in disputed(self.found)]
            case "rulings":
                return self._rulings()
        return []

    def _rulings(self) -> list[Option]:
        first = disputed(self.found)[0]
        for_, against = core.Rule(first, True, "department:?"), core.Rule(first, False)
        told = ahead.ruling(self.steps(for_)), ahead.ruling(self.steps(against))
        return [Option("yes", "成立", told[0]), Option("no", "不成立", told[1])]

    def defaults(self) -> dict[str, str]:
        """What stands in the fields before anybody wrote: a reply was accepted when it was acknowledged."""
        filled = {one.name: one.default for one in self.form.fields} | {"lat": "", "lon": ""}
        if self.command == "reply":
            mine = (one for one in self.found.steps if isinstance(one.step, s.Acknowledged))
            own = next((one for one in mine if one.actor == self.found.post), None)
            filled["accepted_at"] = f"{own.at.astimezone(BEIJING):%Y-%m-%dT%H:%M}" if own else ""
        return filled


def disputed(found: Found) -> list[str]:
    """Whom a ruling may be about: who objects, or else who turned out to be complained about."""
    objecting = [one.post for one in found.whistle.lines if one.objection is not None]
    scene, rules, at = found.scene, found.rules, found.room.clock()
    out = (one.post for one in found.whistle.lines)
    wanted = (core.Rule(one, True, "department:?") for one in out)
    return objecting or [one.post for one in wanted if rehearsal.tried(found.whistle, one, scene, rules, at)]


def departments(found: Found, learnt: Sequence[Learnt]) -> Mapping[str, Mapping[str, str]]:
    """Those that the catalogue, or rulings, suggest for the matter; then all others. Who is complained about is left
    out, but not for a department: it would tell who that is."""
    catalogue, book, teller = found.rules.catalogue, found.rules.whistle, found.teller()
    entry = catalogue.entries.get(found.whistle.category)
    out = frozenset[str]() if found.post else accused(found.scene.parties)
    first = [one.post for one in suggest(entry, learnt, book, out)] if entry else []
    names = {name for one in catalogue.entries.values() for name in one.departments if name not in book.own}
    every = [one for one in sorted(f"{book.department}:{name}" for name in names) if one not in {*first, *out}]
    groups = {"本事项的部门": first, "其他部门": every}
    return {name: {one: teller.post(one) for one in some} for name, some in groups.items() if some}


# -- the page ---------------------------------------------------------------------------------------------


async def asking(request: Req, number: str, command: str) -> Asking:
    """Raises Problem where the whistle is hidden."""
    found = await find(request, number)
    shown, form, learnt = await found.present(), FORMS[command], []
    if command == "rate":
        unrated = [one for one in found.whistle.lines if one.post not in {r.post for r in found.whistle.ratings}]
        limits = found.rules.whistle.kinds[found.whistle.kind].limits
        names = {one.post: found.teller().post(one.post) for one in unrated}
        form = forms.scored(names, arrival=limits.arrive is not None)
    if command == "ask-pause":
        form = forms.paused(found.rules.whistle.pauses)
    if command == "rule" and (some := disputed(found)):
        lead = found.whistle.lead is not None and found.whistle.lead.post in some
        form = forms.ruled(several=len(some) > 1, lead=lead)
        category = found.whistle.category
        learnt = [Learnt(*one) for one in await found.room.ask(lambda c: whistle_lists.learnt(c, category))]
    return Asking(found, shown, command, form, learnt)


async def _quotes(it: Asking) -> list[tuple[str, str]]:
    """What was said that the order is about."""
    pause, reply, teller = getattr(it.shown, "pause", None), it.shown.reply, it.found.teller()
    if it.command == "rule":
        some = [(one.post, one.objection) for one in it.found.whistle.lines if one.objection is not None]
        said = await it.found.opened([one.words for _, one in some])
        titles = [f"{teller.post(post_)}:{called.word('reason', one.reason)}" for post_, one in some]
        texts = [said.get(one.words.dossier, "原文已经删除") for _, one in some]
        return list(zip(titles, texts, strict=True))
    if it.command == "refuse-pause" and pause is not None and pause.text:
        return [(f"申请暂停 {pause.days} 个工作日:{called.word('reason', pause.reason)}", pause.text)]
    if it.command in ("confirm", "return") and reply is not None and reply.text:
        return [("主办部门的答复", reply.text)]
    return []


async def asked(
    request: Req,
    it: Asking,
    status: int = 200,
    said: Said | None = None,
    wrong: Mapping[str, str] | None = None,
    refused: str = "",
) -> Response[bytes]:
    """A form; what was typed stands in it again."""
    code = it.refused
    if code and not refused:
        status, refused = 409, f"{REFUSALS.get(code) or CODES.get(code, (409, '现在不能这样办理'))[1]}。"
    known = {"said": it.defaults() | dict(said or {}), "wrong": wrong or {}, "refused": refused}
    quotes, head = await _quotes(it), heading(it.found, it.shown)
    return await windows.window(request, "whistle_order.html", status, quotes=quotes, **it.page(), **head, **known)


# -- the order --------------------------------------------------------------------------------------------


async def ordered(request: Req, number: str, command: str) -> Response[Any]:
    """A form was sent: the order, or the form again with what is wrong."""
    pairs = await windows.pairs(request)  # the form's mark is looked at before anything is said of the whistle
    it = await asking(request, number, command)
    said = plain.gathered(it.form, pairs)
    if (wrong := plain.faults(it.form, said)) and not it.refused:
        return await asked(request, it, 422, said, wrong)
    if (given := key(said)) is None:
        return await asked(request, it, 422, said, refused=STALE)
    if not (bodies := _bodies(it, said)):
        return await asked(request, it, 422, said)
    try:
        some = await attaching.taken(request) if ORDERS[command].pictures else ()
        for n, body in enumerate(bodies):
            mine = attaching.said(f"{given}.{n}" if n else given, some)
            await acts.give(request, number, command, msgspec.json.encode(body), mine, some)
    except Problem as problem:
        return await _again(request, number, command, problem, said)
    return await _after(request, number)


def _bodies(it: Asking, said: Said) -> list[dict[str, Any]]:
    """What the API is sent: one order, or one for each department that is rated."""
    if it.command == "rate":
        return _ratings(it.found, said)
    body = plain.sent(it.form, said)
    if any(one.kind == "position" for one in it.form.fields):
        body |= forms.located(said)
    if it.command == "rule":
        body.setdefault("department", next(iter(disputed(it.found)), ""))
    if isinstance(it.shown, CallShown):
        body |= _not_before(body, it.shown)
    return [body]


def _ratings(found: Found, said: Said) -> list[dict[str, Any]]:
    """Also of those that were rated before: who sends the page twice is told the same twice."""
    bodies = []
    for one in found.whistle.lines:
        scores = {
            name: said.get(f"{name}:{one.post}", "") for name in ("response", "arrival", "quality", "cooperation")
        }
        kept = {name: int(score) for name, score in scores.items() if score.isascii() and score.isdigit()}
        bodies += [{"department": one.post, **kept}] if kept else []
    return bodies


def _not_before(body: Mapping[str, Any], shown: CallShown) -> dict[str, Any]:
    """A form knows minutes: in the minute of the call is not before the call."""
    called = shown.called_at.astimezone(BEIJING)
    minute = f"{called:%Y-%m-%dT%H:%M}:00+08:00"
    return {name: called for name in ("accepted_at", "arrived_at") if body.get(name) == minute}


async def _again(request: Req, number: str, command: str, problem: Problem, said: Said) -> Response[bytes]:
    """The form with why it was refused and what to do next; a whistle that is hidden stays hidden."""
    if problem.code in _MISSED:
        raise problem
    it = await asking(request, number, command)
    named = "picture" if problem.field == "picture" else forms.about(problem.code, problem.field, it.form)
    status, plainly = CODES.get(problem.code, (409, "现在不能这样办理"))
    told = f"{(problem.detail or plainly).rstrip('。')}。"
    return await asked(request, it, 409 if status == 404 else status, said, {named: told} if named else {}, told)


async def _after(request: Req, number: str) -> Response[Any]:
    """Back to the whistle; to where one's work is where it went out of sight."""
    room, viewer = request.app.state.room, request.state.viewer
    there = await room.ask(lambda c: visible(c, room, viewer, number))
    return windows.back(f"/whistles/{number}" if there else "/desk", "done")


def _routes(command: str) -> tuple[HTTPRouteHandler, HTTPRouteHandler]:
    @get(f"/whistles/{{number:str}}/do/{command}", include_in_schema=False)
    async def ask(request: Req, number: FromPath[str]) -> Response[bytes]:
        return await asked(request, await asking(request, number, command))

    most = parcels.MOST if ORDERS[command].pictures else windows.MOST

    @post(f"/whistles/{{number:str}}/{command}", include_in_schema=False, request_max_body_size=most)
    async def give(request: Req, number: FromPath[str]) -> Response[Any]:
        return await ordered(request, number, command)

    return ask, give


ROUTES = [handler for command in ORDERS if command not in ELSEWHERE for handler in _routes(command)]
