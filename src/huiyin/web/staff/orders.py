"""An order by form (办理): a small page that asks, says what happens next, and gives the order as the API does."""

import re
import secrets
from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.ladder import Ladder
from huiyin.core.people import Viewer
from huiyin.core.ticket import Rules, Ticket
from huiyin.store import accounts, lists
from huiyin.story import Teller
from huiyin.web import acts, attaching, parcels
from huiyin.web.cases import find
from huiyin.web.orders import ORDERS
from huiyin.web.problems import CODES, Problem
from huiyin.web.room import Room
from huiyin.web.shown import STATES, category
from huiyin.web.staff import called, forms, windows
from huiyin.web.staff.ahead import ahead
from huiyin.web.staff.forms import FORMS, Field, Form
from huiyin.web.staff.rehearsal import Stage, Tried, stage

Req = Request[Any, Any, Any]

_CODE = re.compile(r"[\w:.-]{1,64}")  # what a link may fill in: codes and numbers, never words
STALE = "这一页已经过期,没有办理。请核对以后再提交一次。"
_MISSED = ("not-found", "cross-origin", "log-in-first", "not-your-role", "database-away", "fault")


class Option(Struct, frozen=True):
    """One choice: its code, its words, where it leads."""

    value: str
    words: str
    ahead: str = ""


# -- the page ---------------------------------------------------------------------------------------------


async def shown(
    request: Req,
    number: str,
    command: str,
    status: int = 200,
    said: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
    refused: str = "",
) -> Response[bytes]:
    """A form; what was typed stands in it again. Raises Problem where the ticket is hidden."""
    asking = await _asking(request, number, command)
    if asking.tried.code and not refused:
        status, refused = 409, _words(Problem(asking.tried.code))
    filled = _filled(FORMS[command], _linked(request) | dict(said or {}))
    known = {"number": number, "said": filled, "wrong": wrong or {}, "refused": refused}
    return await windows.window(request, "order.html", status, **known, **asking.page(command))


async def _asking(request: Req, number: str, command: str) -> "_Asking":
    room: Room = request.app.state.room
    case = await find(request, number)
    rules = await room.rules()
    here = await room.ask(lambda c: stage(c, rules, case.viewer, [case.ticket], room.clock()))
    tried = here.try_(case.ticket, command)
    names = await room.ask(lambda c: accounts.names(c, list(tried.ways))) if command == "reassign" else {}
    return _Asking(here, case.ticket, tried, Teller(rules), names)


def _branches(form: Form) -> bool:
    return any(one.options == "ways" and one.name not in ("field", "to") for one in form.fields)


def _linked(request: Req) -> dict[str, str]:
    """What a link of ours fills in."""
    return {name: value for name, value in request.query_params.items() if _CODE.fullmatch(value)}


def _filled(form: Form, given: Mapping[str, str]) -> dict[str, str]:
    return {one.name: given.get(one.name, one.default) for one in form.fields}


class _Asking(Struct, frozen=True):
    """What the choices of one form are worked out from."""

    here: Stage
    ticket: Ticket
    tried: Tried
    teller: Teller
    names: Mapping[str, str]

    def page(self, command: str) -> dict[str, Any]:
        """What the form's page shows besides what was typed."""
        form, rules, ways = FORMS[command], self.here.rules, self.tried.ways
        single = ways.get("", next(iter(ways.values()), [])) if not _branches(form) else []
        return {
            "command": command,
            "form": form,
            "most": parcels.PICTURES if command in attaching.WITH_PICTURES else 0,
            "possible": not self.tried.code,
            "state": STATES[self.ticket.state],
            "what": category(rules.catalogue, self.ticket.category),
            "where": called.place(self.ticket.spot, rules.registry),
            "ahead": ahead(single),
            "options": {one.name: self.options(one) for one in form.fields},
            "key": secrets.token_urlsafe(18),
        }

    def options(self, field: Field) -> Any:
        """A field's choices; groups of them for a long list."""
        rules, community = self.here.rules, self.ticket.spot.community_code
        match field.options:
            case dict() as fixed:
                return [Option(code, words) for code, words in fixed.items()]
            case "ways":
                return [self._way(field, value) for value in self.tried.ways]
            case "leaves":
                return called.leaves(rules.catalogue)
            case "buildings":
                return called.buildings(rules.registry, community)
            case "communities":
                return [Option(one.code, one.name) for one in rules.registry.communities.values()]
            case "owners":
                return self._owners(rules)
        return []

    def _owners(self, rules: Rules) -> list[Option]:
        codes = dict.fromkeys(Ladder(rules.ladder, rules.registry).posts(self.ticket.spot))
        return [Option(code, self.teller.post(code, self.ticket)) for code in codes]

    def _way(self, field: Field, value: str) -> Option:
        told = ahead(self.tried.ways[value])
        if field.name == "ruling" and not value:
            return Option("no", "异议不成立", "由原岗位继续办理,不得再退。")
        if field.name in ("rung", "ruling"):
            return Option(value, self.here.rules.ladder.rungs[value].name, told)  # type: ignore[index]
        if field.name == "to":
            return Option(value, self.teller.post(value))
        if field.name == "person":
            return Option(value, self.names.get(value, value))
        return Option(value, called.word(field.name, value), "" if field.name == "field" else told)


# -- the order --------------------------------------------------------------------------------------------


async def ordered(request: Req, number: str, command: str) -> Response[Any]:
    """A form was sent: the order, or the form again with what is wrong."""
    said, form = await windows.said(request), FORMS[command]
    if wrong := forms.faults(form, said):
        return await shown(request, number, command, 422, said, wrong)
    if key(said) is None:
        return await shown(request, number, command, 422, said, refused=STALE)
    try:
        some = await attaching.taken(request) if command in attaching.WITH_PICTURES else ()
        raw = msgspec.json.encode(forms.sent(form, said))
        await acts.give(request, number, command, raw, attaching.said(key(said), some), some)
    except Problem as problem:
        return await again(request, number, command, problem, said)
    return await after(request, number)


def key(said: Mapping[str, str]) -> str | None:
    """The page's own key: the same page sent twice is one order."""
    given = said.get("key", "")
    return given if 0 < len(given) <= 64 and given.isascii() and given.isprintable() else None


async def again(request: Req, number: str, command: str, problem: Problem, said: Mapping[str, str]) -> Response[bytes]:
    """The form with why it was refused and what to do next; a ticket that is hidden stays hidden."""
    if problem.code in _MISSED:
        raise problem
    form = FORMS[command]
    named = problem.field if problem.field in ("picture", *(one.name for one in form.fields)) else ""
    status = CODES.get(problem.code, (409, ""))[0]
    told = _words(problem)
    return await shown(request, number, command, status, said, {named: told} if named else {}, told)


def _words(problem: Problem) -> str:
    told = problem.detail or CODES.get(problem.code, (409, "工单不允许这样办理"))[1]
    return re.sub(r"\([a-z-]+\)|\(upheld: false\)", "", told) + "。"


async def after(request: Req, number: str) -> Response[Any]:
    """Back to the ticket, or to the desk where it went out of sight."""
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    sight = room.sight(viewer)

    async def look(connection: AsyncConnection) -> bool:
        return await lists.visible(connection, sight, number)

    return windows.back(f"/tickets/{number}" if await room.ask(look) else "/desk", "done")


def _routes(command: str) -> tuple[HTTPRouteHandler, HTTPRouteHandler]:
    @get(f"/tickets/{{number:str}}/do/{command}", include_in_schema=False)
    async def ask(request: Req, number: FromPath[str]) -> Response[bytes]:
        return await shown(request, number, command)

    most = parcels.MOST if command in attaching.WITH_PICTURES else windows.MOST

    @post(f"/tickets/{{number:str}}/{command}", include_in_schema=False, request_max_body_size=most)
    async def give(request: Req, number: FromPath[str]) -> Response[Any]:
        return await ordered(request, number, command)

    return ask, give


ROUTES = [handler for command in FORMS if command in ORDERS for handler in _routes(command)]
