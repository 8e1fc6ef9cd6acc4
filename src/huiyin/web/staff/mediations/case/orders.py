"""An order about a mediation by form (调解办理): a page asks, says what happens next, and gives it as the API does."""

import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec.structs import replace

from huiyin.web import parcels
from huiyin.web.mediations import acts, finding, pictures
from huiyin.web.mediations.orders import ORDERS
from huiyin.web.mediations.refusals import REFUSALS
from huiyin.web.mediations.shown import FREE
from huiyin.web.problems import CODES, Problem
from huiyin.web.staff import forms as plain
from huiyin.web.staff import windows
from huiyin.web.staff.forms import Said
from huiyin.web.staff.mediations.case import forms, moments, written
from huiyin.web.staff.mediations.case.asking import Asking, asking
from huiyin.web.staff.mediations.case.forms import FORMS
from huiyin.web.staff.orders import STALE, key

Req = Request[Any, Any, Any]

_MISSED = ("cross-origin", "log-in-first", "not-your-role", "database-away", "fault")
_CODE = re.compile(r"[\w:.-]{1,64}")  # what a link may fill in: codes and ids, never words
# Where an order is made with more room than a form has.
BETTER = {"hold": ("minutes", "用专门的记录页(分两栏、自动暂存)"), "draft": ("draft", "用专门的拟稿页(边写边检查用语)"),
          "mark": ("sign", "请当事人在屏幕上签名")}  # fmt: skip


# -- the page ---------------------------------------------------------------------------------------------


async def asked(
    request: Req,
    it: Asking,
    status: int = 200,
    said: Said | None = None,
    wrong: Mapping[str, str] | None = None,
    refused: str = "",
) -> Response[bytes]:
    """A form; what was typed stands in it again."""
    if (code := it.refused) and not refused:
        status, refused = 409, told(code)
    known = {"said": _defaults(it) | _linked(request) | dict(said or {}), "wrong": wrong or {}, "refused": refused}
    return await windows.window(request, "mediation_order.html", status, **_page(it, not code), **known)


def _page(it: Asking, possible: bool) -> dict[str, Any]:
    one, entry = it.found.one, it.rules.catalogue.entries.get(it.found.one.category)
    options = {field.name: it.options(field) for field in it.form.fields}
    restricted = one.restricted and it.whole is None
    return {
        "number": one.number,
        "command": it.command,
        "form": replace(it.form, fields=tuple(one for one in it.form.fields if options[one.name] or not one.options)),
        "what": "保密卷" if restricted else entry.name if entry else one.category,
        "most": pictures.most(it.command),
        "possible": possible,
        "ahead": it.ahead if possible else "",
        "options": options,
        "barred": it.barred(),
        "rows": range(1, written.ROWS + 1) if it.command in ("draft", "agree-orally") else (),
        "parties": it.options(plain.Field("party", "", "choice", options="parties")),
        "manners": written.MANNERS,
        "digest": one.agreement.digest if it.command == "mark" and one.agreement else "",
        "better": BETTER.get(it.command) if it.whole is not None else None,
        "free": FREE,
        "key": secrets.token_urlsafe(18),
    }


def _defaults(it: Asking) -> dict[str, str]:
    rows = {f"{name}{n}": "" for n in range(1, written.ROWS + 1) for name in written.ROW}
    digest = it.found.one.agreement.digest if it.found.one.agreement else ""
    fields = {one.name: one.default for one in it.form.fields}
    return rows | fields | moments.now(it.form, it.command, it.found.room.clock()) | {"digest": digest}


def _linked(request: Req) -> dict[str, str]:
    """What a link of ours fills in."""
    return {name: value for name, value in request.query_params.items() if _CODE.fullmatch(value)}


def told(code: str) -> str:
    """Why it was refused, and what to do next."""
    return f"{(REFUSALS.get(code) or CODES.get(code, (409, '现在不能这样办理'))[1]).rstrip('。')}。"


# -- the order --------------------------------------------------------------------------------------------


async def ordered(request: Req, number: str, command: str) -> Response[Any]:
    """A form was sent: the order, or the form again with what is wrong."""
    pairs = await windows.pairs(request)  # the form's mark is looked at before anything is said of the case
    try:
        it = await asking(request, number, command)
    except Problem:
        if await _left_before(request, number, command, pairs):
            return windows.back("/mediations", "done")
        raise
    said = plain.gathered(it.form, pairs)
    wrong = plain.faults(it.form, said) | written.faults(command, said)
    if wrong and not it.refused:
        return await asked(request, it, 422, said, wrong)
    if (given := key(said)) is None:
        return await asked(request, it, 422, said, refused=STALE)
    try:
        some = await pictures.taken(request, command)
        await acts.order(request, number, command, msgspec.json.encode(_body(it, said)), given, some)
    except Problem as problem:
        return await _again(request, number, command, problem, said)
    return await _after(request, number)


async def _left_before(request: Req, number: str, command: str, pairs: Sequence[tuple[str, str]]) -> bool:
    """Whether this is the second tap of who withdrew by the first one, and so does not see the case any more."""
    if command != "release":
        return False
    said = plain.gathered(FORMS[command], pairs)
    raw = msgspec.json.encode(plain.sent(FORMS[command], said))
    return await acts.repeated(request, number, command, raw, key(said))


def _body(it: Asking, said: Said) -> dict[str, Any]:
    """What the API is sent; a mark is one under the document that the form was made for."""
    made = written.body(it.command, said, it.found.one.lines)
    if made is None:
        made = plain.sent(it.form, said) | ({"digest": said.get("digest", "")} if it.command == "mark" else {})
    return made | moments.kept(it.found.one, it.command, made)


async def _again(request: Req, number: str, command: str, problem: Problem, said: Said) -> Response[bytes]:
    """The form with why it was refused; a mediation that is hidden stays hidden."""
    if problem.code in _MISSED:
        raise problem
    it = await asking(request, number, command)
    named = forms.about(problem.code, problem.field, it.form)
    said_ = f"{(problem.detail or told(problem.code)).rstrip('。')}。"
    if problem.code == "file-incomplete":
        said_ += _lacking(it, said)
    status = CODES.get(problem.code, (409, ""))[0]
    return await asked(request, it, 409 if status == 404 else status, said, {named: said_} if named else {}, said_)


def _lacking(it: Asking, said: Said) -> str:
    """The papers that the file must have and that were not ticked."""
    missing = it.papers() - set(said.get("papers", "").split())
    return f"还缺:{'、'.join(one.words for one in it.options(_papers(it)) if one.value in missing)}。"


def _papers(it: Asking) -> plain.Field:
    return next(one for one in it.form.fields if one.name == "papers")


async def _after(request: Req, number: str) -> Response[Any]:
    """Back to the case; to one's list where it went out of sight."""
    try:
        await finding.find(request, number)
    except Problem:
        return windows.back("/mediations", "done")
    return windows.back(f"/mediations/{number}", "done")


def _routes(command: str) -> tuple[HTTPRouteHandler, HTTPRouteHandler]:
    @get(f"/mediations/{{number:str}}/do/{command}", include_in_schema=False)
    async def ask(request: Req, number: FromPath[str]) -> Response[bytes]:
        return await asked(request, await asking(request, number, command))

    most = parcels.MOST if pictures.most(command) else windows.MOST

    @post(f"/mediations/{{number:str}}/do/{command}", include_in_schema=False, request_max_body_size=most)
    async def give(request: Req, number: FromPath[str]) -> Response[Any]:
        return await ordered(request, number, command)

    return ask, give


ROUTES = [handler for command in ORDERS if command in FORMS for handler in _routes(command)]
