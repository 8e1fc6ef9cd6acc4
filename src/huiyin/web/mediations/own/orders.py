"""A party's orders by form (我来办理): a page that says what it means and asks, then the order as the API gives it."""

import secrets
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from huiyin.story import BEIJING
from huiyin.web import parcels
from huiyin.web.mediations import acts, pictures, signing
from huiyin.web.mediations.copy import own_paper
from huiyin.web.mediations.own import doors, forms, keys
from huiyin.web.mediations.own.forms import Said
from huiyin.web.mediations.own.mine import Mine, mine
from huiyin.web.mediations.own.page import frame, looked
from huiyin.web.mediations.refusals import REFUSALS
from huiyin.web.paint import page, see
from huiyin.web.problems import CODES, Problem
from huiyin.web.residents.forms import from_here
from huiyin.web.staff.windows import MOST

Req = Request[Any, Any, Any]

# Refusals said to a party: the guide's words are for who works with them.
_PLAIN = {
    "not-accepted": "调解委员会还没有受理,请等一等。",
    "already-accepted": "已经受理了,不能再改。不愿意继续的,请用“停止调解”。",
    "other-document": "协议书刚刚改过,不是您读的那一份。请把新的一份从头读一遍,再决定签不签。",
    "nothing-to-sign": "现在没有等您签的协议书。",
    "already-marked": "您已经签过了,不用再签。",
    "in-effect": "协议已经生效,不能再改。有不同意见可以找调解员,也可以起诉。",
    "ended-mediation": "调解已经结束了。还想调解,可以重新申请。",
    "archived-mediation": "已经归档,只能查看。还想调解,可以重新申请。",
    "session-over": "这次调解会已经开过,或者改期了。",
    "unknown-session": "没有约过这次调解会。",
    "no-extension-left": "时间只能延长一次,已经延长过了。",
    "nothing-to-extend": "调解的时间已经到了,不能再延长。",
    "representative-needed": "你们人多,由推选的代表人来办;请先推选代表人,再选“您是哪一位”。",
    "authority-too-small": "一般授权的代理人不能代为同意、签字,请本人来办,或者改成特别授权。",
    "not-an-agent": "没有登记过这位代理人,请先委托。",
    "not-a-mediator": "这位调解员不能办这件事,调解委员会会另确定一位。",
    "mediator-recused": "这位调解员不能办这件事,调解委员会会另确定一位。",
    "not-yet-happened": "日期在今天以后。请填已经收到、做好的那一天。",
    "already-performed": "这一项已经登记做到了。",
    "not-in-effect": "协议还没有生效。",
    "too-many-representatives": "代表人太多了,请减少几位。",
    "bad-request": "内容不完整,请返回再试一次。",
}
_STALE = "这一页放得太久了,请返回再办一次。"
_SIGNED = ("already-marked", "in-effect")  # a second tap; the first may have been the last mark of all
_MISSED = ("cross-origin", "database-away", "fault", "code-first")


async def asked(
    request: Req,
    it: Mine,
    command: str,
    said: Said,
    status: int = 200,
    wrong: Said | None = None,
    refused: str = "",
) -> Response[bytes]:
    """The form, with what was typed in it."""
    made = forms.form(it, command, said)
    known: dict[str, Any] = {
        **frame(request, it),
        **{"command": command, "form": made, "said": said, "wrong": wrong or {}, "refused": refused},
        "key": said.get("key") or secrets.token_urlsafe(18),
        "today": f"{it.now.astimezone(BEIJING):%Y-%m-%d}",
        "most": pictures.most(command),
        "sheet": await own_paper(it.found) if command == "mark" else None,
    }
    return page(request, "mediation_own_do.html", status, **known)


# -- the order --------------------------------------------------------------------------------------------


async def ordered(request: Req, command: str) -> Response[Any]:
    """A form was sent: the order, or the form again with what is wrong."""
    from_here(request)
    holder = await keys.known(request)
    if holder is None:  # before a picture of nobody's is looked at
        return doors.shut(request)
    keys.paced(request, holder.number, holder.party)
    said = await keys.said(request, holder)
    it = await mine(request.app.state.room, holder)
    wrong, seen = await _faults(request, it, command, said)
    if wrong:
        return await asked(request, it, command, said, 422, wrong)
    if not (given := said.get("key", "")):
        return await asked(request, it, command, said, 422, refused=_STALE)
    raw = msgspec.json.encode(_body(it, command, said))
    by = said.get("by", "") if said.get("by") != "self" else ""
    try:
        await acts.give_as(request, holder.number, holder.party, command, raw, given, seen, by)
    except Problem as problem:
        return await _again(request, holder, command, said, problem)
    return see(f"{doors.MINE}?said={command}")


async def _faults(request: Req, it: Mine, command: str, said: Said) -> tuple[Said, Any]:
    """What is wrong with a form, and its pictures."""
    wrong = forms.faults(forms.form(it, command, said), said)
    if command == "mark":
        one = await signing.signed(request)
        return {**wrong, **one.wrong}, one.seen
    try:
        seen = await pictures.taken(request, command)
    except Problem as problem:
        return {**wrong, "picture": CODES[problem.code][1] + "。"}, ()
    if wrong and seen:
        wrong["picture"] = "照片没有留下,请重新选一次。"
    return wrong, seen


def _body(it: Mine, command: str, said: Said) -> dict[str, Any]:
    if command == "mark":
        return signing.Signed(said, (), {}).body(it.now)
    return forms.body(command, said)


async def _again(request: Req, holder: keys.Holder, command: str, said: Said, problem: Problem) -> Response[Any]:
    """The form with why it was refused, in plain words; a second click on what is done is done."""
    if problem.code in _MISSED:
        raise problem
    it = await mine(request.app.state.room, holder)
    if problem.code in _SIGNED and command == "mark" and it.seen.agreement is not None and it.seen.agreement.mine:
        return see(f"{doors.MINE}?said=mark")
    status, general = CODES.get(problem.code, (409, "现在还不能这样办"))
    words = _PLAIN.get(problem.code) or f"{(problem.detail or REFUSALS.get(problem.code, general)).rstrip('。')}。"
    return await asked(request, it, command, said, 409 if status == 404 else status, refused=words)


def _routes(command: str) -> tuple[HTTPRouteHandler, HTTPRouteHandler]:
    @get(f"{doors.MINE}/do/{command}", include_in_schema=False)
    async def ask(request: Req) -> Response[bytes]:
        if (it := await looked(request)) is None:
            return doors.shut(request)
        said = {name: value[:64] for name, value in request.query_params.items()}
        return await asked(request, it, command, said)

    most = parcels.MOST if pictures.most(command) else MOST

    @post(f"{doors.MINE}/{command}", include_in_schema=False, request_max_body_size=most)
    async def give(request: Req) -> Response[Any]:
        return await ordered(request, command)

    return ask, give


ROUTES = [handler for command in forms.COMMANDS for handler in _routes(command)]
