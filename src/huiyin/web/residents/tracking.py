"""Tracking (凭回执查询): where a complaint stands, the resident's word on the answer, taking it back."""

import secrets
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import segno
from litestar import Request, Response, get, post
from litestar.params import FromPath
from msgspec import Struct

from huiyin.core import receipt as receipts
from huiyin.core.ladder import LadderRules
from huiyin.core.ticket import Ticket
from huiyin.store import mediations, news
from huiyin.web import bodies, told
from huiyin.web.intake import base
from huiyin.web.mediations.own import keys
from huiyin.web.mediations.shown import on_ticket
from huiyin.web.paint import page, see
from huiyin.web.pictures import residents
from huiyin.web.problems import CODES, Problem
from huiyin.web.receipts import Known, look_up, number, say, take_back
from huiyin.web.residents import forms
from huiyin.web.residents.filing import hotlines
from huiyin.web.room import Room

Req = Request[Any, Any, Any]

SOLVED = {"yes": "解决了", "partly": "解决了一部分", "no": "没有解决"}
SATISFIED = {1: "很不满意", 2: "不满意", 3: "一般", 4: "满意", 5: "非常满意"}
_COMMENT = 2_000
MISTYPED = "这个回执号里至少有一位数字不对。请对照回执再看一遍:一共十六位数字,四位一组。"
UNKNOWN = "号码的格式是对的,但我们这里没有这个回执号。请核对;如果诉求是在别的平台反映的,请到那里查询。"
_MISTAKES = {"receipt-mistyped": MISTYPED, "unknown-receipt": UNKNOWN}


class Rung(Struct, frozen=True):
    """One of the five rungs as it is drawn: `been`, `here` or neither."""

    name: str
    mark: str
    note: str


@get("/r", include_in_schema=False)
async def ask(request: Req) -> Response[bytes]:
    """One field for the receipt."""
    return _ask(request)


@post("/r", include_in_schema=False)
async def find(request: Req) -> Response[Any]:
    """To the receipt's page, or what is wrong with it; a party of a mediation to its own."""
    typed = (await forms.read(request)).get("receipt", "")
    value = receipts.read(typed)
    if value is None:
        return _ask(request, typed[:64], MISTYPED if typed else "请输入回执号。", 422)
    if (cookie := await keys.elsewhere(request, typed)) is not None:
        answer = see("/mediation/mine")
        answer.set_cookie(cookie)
        return answer
    return see(f"/r/{receipts.show(value)}")


@get("/r/{receipt:str}", include_in_schema=False)
async def show(request: Req, receipt: FromPath[str]) -> Response[bytes]:
    """The complaint's page."""
    return await _show(request, receipt)


@get("/r/{receipt:str}/news", include_in_schema=False)
async def tidings(request: Req, receipt: FromPath[str]) -> Response[bytes]:
    """200 where something has happened since the page's `?v=`, 204 where nothing has; of what, not a word."""
    room: Room = request.app.state.room
    mark = await room.ask(lambda c: news.mark(c, number(receipt)))
    if mark is None:
        raise Problem("unknown-receipt")
    return Response(b"", status_code=204 if mark == request.query_params.get("v") else 200, media_type="text/plain")


@post("/r/{receipt:str}/feedback", include_in_schema=False, request_max_body_size=forms.MOST)
async def feedback(request: Req, receipt: FromPath[str]) -> Response[Any]:
    """Solved? Satisfied?"""
    said = await forms.read(request)
    try:
        body, wrong = _word(said), {}
    except ValueError as fault:
        body, wrong = None, dict([fault.args])
    if body is None:
        return await shown_again(request, receipt, said, wrong)
    try:
        await say(request, number(receipt), body, said.get("key") or None)
    except Problem as problem:
        return await refused(request, receipt, problem)
    return see(f"/r/{receipts.show(number(receipt))}?said=feedback")


@get("/r/{receipt:str}/withdraw", include_in_schema=False)
async def ask_withdraw(request: Req, receipt: FromPath[str]) -> Response[Any]:
    """What cannot be undone asks first."""
    return await asked_first(request, receipt, "withdraw.html", lambda shown: shown.can_withdraw)


@post("/r/{receipt:str}/withdraw", include_in_schema=False, request_max_body_size=forms.MOST)
async def withdraw(request: Req, receipt: FromPath[str]) -> Response[Any]:
    """It is taken back."""
    said = await forms.read(request)
    try:
        body = bodies.Retraction(True, said.get("text", "")[:_COMMENT] or None)
        await take_back(request, number(receipt), body, said.get("key") or None)
    except Problem as problem:
        return await refused(request, receipt, problem)
    return see(f"/r/{receipts.show(number(receipt))}?said=withdraw")


def _word(said: Mapping[str, str]) -> bodies.Feedback:
    """The form's answer; raises ValueError(field, words)."""
    if said.get("solved") not in SOLVED:
        raise ValueError("solved", "请选一项:问题解决了吗?")
    if len(comment := said.get("comment", "")) > _COMMENT:
        raise ValueError("comment", f"太长了:最多 {_COMMENT} 字。")
    satisfied = int(said["satisfied"]) if said.get("satisfied") in set("12345") else None
    return msgspec.convert(
        {"solved": said["solved"], "satisfied": satisfied, "comment": comment or None}, bodies.Feedback
    )


def _ask(request: Req, typed: str = "", wrong: str = "", status: int = 200) -> Response[bytes]:
    return page(request, "receipt.html", status, typed=typed, wrong={"receipt": wrong} if wrong else {})


async def refused(request: Req, receipt: str, problem: Problem) -> Response[bytes]:
    """What the house refused, on the complaint's own page; a receipt that is none, on the page that asks for it."""
    if problem.code in _MISTAKES:
        return _ask(request, receipt[:64], _MISTAKES[problem.code], 404)
    status, words = CODES[problem.code]
    if status >= 500:
        raise problem
    return await _show(request, receipt, status, words=problem.detail or words)


async def asked_first(
    request: Req, receipt: str, template: str, may: Callable[[told.ComplaintShown], bool]
) -> Response[Any]:
    """A page that says what happens then, where it may be done; else the complaint's own."""
    try:
        shown, _ = await look_up(request.app.state.room, number(receipt))
    except Problem as problem:
        return await refused(request, receipt, problem)
    if not may(shown):
        return see(f"/r/{shown.receipt}")
    return page(request, template, it=shown, key=secrets.token_urlsafe(18))


async def shown_again(request: Req, receipt: str, said: Mapping[str, str], wrong: Mapping[str, str]) -> Response[bytes]:
    """The complaint's page with what was written and what is wrong with it."""
    return await _show(request, receipt, 422, said, wrong)


async def _show(
    request: Req,
    receipt: str,
    status: int = 200,
    said: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
    words: str = "",
) -> Response[bytes]:
    try:
        shown, known = await look_up(request.app.state.room, number(receipt))
    except Problem as problem:
        if problem.code not in _MISTAKES:
            raise
        return _ask(request, receipt[:64], _MISTAKES[problem.code], 404)
    typed = {"solved": "", "satisfied": "", "comment": "", "addition": "", **(said or {})}
    drawn = await _drawn(request, shown, known)
    return page(request, "complaint.html", status, **drawn, said=typed, wrong=wrong or {}, refused=words)


async def _drawn(request: Req, shown: told.ComplaintShown, known: Known) -> dict[str, Any]:
    """What the page shows, whatever was written on it."""
    room: Room = request.app.state.room
    asked = request.query_params
    return {
        "it": shown,
        "calls": hotlines(shown.hotline.call if shown.hotline else asked.get("call", "").split(",")),
        "rungs": _rungs(known, room.ladder),
        "pictures": residents(known.found.history) if known.found else [],
        "qr": _qr(f"{base(request)}/r/{shown.receipt}"),
        "new": "new" in asked,
        "taken": asked.get("said", ""),
        "solved": SOLVED,
        "satisfied": SATISFIED,
        "key": secrets.token_urlsafe(18),
        "now": room.clock(),
        "mark": await room.ask(lambda c: news.mark(c, number(shown.receipt))),
        "mediated": await _mediated(room, known),
    }


async def _mediated(room: Room, known: Known) -> str:
    """Whether people's mediation has it, and how that came out; nothing else of it."""
    if known.found is None:
        return ""
    ticket = known.found.ticket.number
    numbers = await room.ask(lambda c: mediations.of_ticket(c, ticket))
    if not numbers:
        return ""
    found = await room.ask(lambda c: mediations.CHAINS.load(c, numbers[-1:]))
    states = [
        "agreed" if one.agreed else "ended" if one.state in ("ended", "archived") else "mediating"
        for one in on_ticket([found[name][0] for name in numbers[-1:]], ticket)
    ]
    return states[0] if states else ""


def _qr(address: str) -> str:
    """An SVG that leads here."""
    return segno.make(address, error="m", micro=False).svg_inline(omitsize=True, border=2)


def _rungs(known: Known, ladder: LadderRules) -> list[Rung]:
    """The ladder with where it stands; a merged one's is its lead's. None of it before it was sorted to a rung."""
    if known.found is None:
        return []
    held = _held(known.found)
    passed = {rung for rung in held.passed if rung != held.rung}
    if held.rung is None and not passed:
        return []
    return [Rung(ladder.rungs[one].name, *_mark(held, one, one in passed)) for one in ladder.order]


def _held(found: told.Told) -> Ticket:
    return found.lead if found.lead is not None and found.ticket.state == "merged" else found.ticket


def _mark(held: Ticket, rung: str, passed: bool) -> tuple[str, str]:
    if rung == held.rung:
        return "here", "结束于此" if held.closed_at else "现在"
    return ("been", "办理过") if passed else ("", "")
