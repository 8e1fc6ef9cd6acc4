"""What staff may order of a ticket (办理): command, body, and how the one becomes the core's other; one table."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar, get_args

import msgspec
from msgspec import Struct

from huiyin.core import commands as core
from huiyin.core.commands import Command
from huiyin.core.people import Viewer
from huiyin.core.state import Ticket
from huiyin.desk import Change
from huiyin.store import lists
from huiyin.web import bodies, named
from huiyin.web.bodies import missing, wrong
from huiyin.web.pen import Pen
from huiyin.web.problems import Problem
from huiyin.web.room import Room

_MORNING = time(1, tzinfo=UTC)  # nine in Beijing: when a day without an hour begins

C = TypeVar("C", bound=str)


class Case(Struct):
    """Who orders something of which ticket, when; `pen` seals what they say."""

    room: Room
    viewer: Viewer
    ticket: Ticket
    at: datetime
    pen: Pen


# Any: each takes the body of its own row.
Make = Callable[[Case, Any], Awaitable[Command]]


class Row(Struct, frozen=True):
    """One command: its body, its maker, the core's kind, and what people read of it."""

    kind: type[Struct]
    body: type[Struct]
    make: Make
    summary: str
    codes: tuple[str, ...]


def _plain(kind: Callable[[], Command]) -> Make:
    async def make(_case: Case, _body: bodies.Nothing) -> Command:
        return kind()

    return make


def _remark(kind: Callable[..., Command]) -> Make:
    async def make(case: Case, body: bodies.Remark) -> Command:
        return kind(case.pen.perhaps(body.text))

    return make


def _words(kind: Callable[..., Command]) -> Make:
    async def make(case: Case, body: bodies.Words) -> Command:
        return kind(case.pen.write("text", body.text))

    return make


def _proof(kind: Callable[..., Command]) -> Make:
    async def make(case: Case, body: bodies.Proof) -> Command:
        shown = [body.evidence] if isinstance(body.evidence, str) else body.evidence or []
        return kind(case.pen.write("text", body.text, *shown))

    return make


def _coded(codes: tuple[C, ...], other: C, reason: str | None, text: str | None) -> tuple[C, list[str | None]]:
    """A reason's code and the words to seal; what is no code is words. Raises Problem where nothing is said."""
    if reason is None and text is None:
        raise missing("reason")
    plain = (reason or "").strip().lower().replace("_", "-")
    found = next((code for code in codes if code == plain), None)
    return (found, [text]) if found is not None else (other, [reason, text])


async def _correct(_case: Case, body: bodies.Correction) -> Command:
    return core.Reclassify(body.category, body.building_code, body.grid_code, body.community_code)


async def _dispatch(case: Case, body: bodies.Destination) -> Command:
    return core.Dispatch(body.rung, case.pen.perhaps(body.text))


async def _dissuade(case: Case, body: bodies.Dissuasion) -> Command:
    place, private = named.place(body.place, case.ticket, await case.room.rules())
    when = case.at if body.when is None else bodies.utc(body.when, "when")
    return core.Dissuade(when, place, case.pen.write("text", private, body.text))


async def _reassign(case: Case, body: bodies.NewHandler) -> Command:
    return core.Reassign(await named.person(case.room, body.person, case.at))


async def _relate(case: Case, body: bodies.Kin) -> Command:
    return core.Relate(await named.party(case.room, body, case.at))


async def _hand_up(case: Case, body: bodies.HandingUp) -> Command:
    codes: tuple[core.HandUpReason, ...] = get_args(core.HandUpReason)
    reason, words = _coded(codes, "other", body.reason, body.text)
    return core.HandUp(reason, case.pen.perhaps(*words))


async def _object(case: Case, body: bodies.Objection) -> Command:
    codes: tuple[core.ObjectReason, ...] = get_args(core.ObjectReason)
    reason, words = _coded(codes, "other", body.reason, body.text)
    return core.Object(reason, case.pen.perhaps(*words))


async def _rule(case: Case, body: bodies.Ruling) -> Command:
    return core.Rule(body.upheld, body.rung, case.pen.perhaps(body.text))


async def _extend(case: Case, body: bodies.Extension) -> Command:
    codes: tuple[core.ExtendReason, ...] = get_args(core.ExtendReason)
    reason, words = _coded(codes, "other", body.reason, body.text)
    return core.Extend(reason, body.days, case.pen.perhaps(*words))


async def _shelve(case: Case, body: bodies.Shelving) -> Command:
    codes: tuple[core.ShelfReason, ...] = get_args(core.ShelfReason)
    reason, words = _coded(codes, "other", body.reason, body.text)
    owner = case.ticket.post.code if case.ticket.post else ""
    if body.owner is not None and body.owner != owner:
        owner = named.post(body.owner, await case.room.rules())
    return core.Shelve(reason, _moment(body.review_at), owner, case.pen.write("plan", body.plan, *words))


def _moment(said: str) -> datetime:
    """RFC 3339, or a day: its morning in China."""
    try:
        if len(said.strip()) == len("2026-01-01"):
            return datetime.combine(date.fromisoformat(said.strip()), _MORNING)
        found = msgspec.convert(said.strip(), datetime)
        if found.tzinfo is None:
            found = found.replace(tzinfo=UTC) - timedelta(hours=8)
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise wrong("review_at", "复查时间应为 RFC 3339 或日期(如 2027-03-15)") from None


async def _merge(case: Case, body: bodies.Merging) -> Command:
    """A ticket that the viewer may not see is one that is not there."""
    sight, into = case.room.sight(case.viewer), body.into.strip()
    if not await case.room.ask(lambda c: lists.visible(c, sight, into)):
        raise Problem("unknown-ticket")
    return core.Merge(into)


async def _follow_up(case: Case, body: bodies.Visit) -> Command:
    return core.FollowUp(body.solved, body.satisfied, body.via, case.pen.perhaps(body.comment))


async def _reopen(case: Case, body: bodies.Reopening) -> Command:
    codes: tuple[core.ReopenReason, ...] = get_args(core.ReopenReason)
    reason, words = _coded(codes, "other", body.reason, body.text)
    return core.Reopen(reason, case.pen.perhaps(*words))


async def _redirect(case: Case, body: bodies.Redirection) -> Command:
    codes: tuple[core.RedirectReason, ...] = get_args(core.RedirectReason)
    plain = body.reason.strip().lower().replace("_", "-")
    reason = next((code for code in codes if code == plain), None)
    if reason is None:
        raise wrong("reason", "reason 应为以下之一:" + "、".join(codes))
    return core.Redirect(reason, case.pen.write("text", body.text))


async def _close(case: Case, body: bodies.Ending) -> Command:
    ticket = case.ticket
    done = bool(ticket.resolved_at_post) and ticket.solved != "partly"
    return core.Close(body.outcome or ("solved" if done else "explained"), case.pen.perhaps(body.text))


def together(ticket: Ticket, command: Command) -> tuple[Change, ...]:
    """What happens to another ticket with it, or neither happens."""
    if isinstance(command, core.Merge):
        join = core.Join(ticket.number, ticket.spot.building_code, ticket.filed_at, ticket.about)
        return (Change(command.into, join),)
    if isinstance(command, core.Split) and ticket.lead is not None:
        return (Change(ticket.lead, core.Leave(ticket.number)),)
    return ()


_ENDED = ("closed-ticket", "merged-ticket")
_AT_WORK = (*_ENDED, "shelved-ticket", "already-replied")
_SIGNING = (*_AT_WORK, "still-sorting", "already-resolved")
_SENT = ("unknown-rung", "department-duty", "rung-recused", "rung-missing")
_PLACED = ("unknown-category", "unknown-building", "unknown-grid", "unknown-community")
_CLOSING = ("closed-ticket", "no-reply", "not-by-hand", "no-evidence", "not-mediable", "resident-disagrees", "own-work")
_NAMED = ("unknown-person", "unknown-building", "unknown-post")

ORDERS: dict[str, Row] = {
    "reclassify": Row(core.Reclassify, bodies.Correction, _correct, "更正事项或地点", (*_AT_WORK, *_PLACED)),
    "dispatch": Row(core.Dispatch, bodies.Destination, _dispatch, "派单到一个层级", (*_SIGNING, *_SENT)),
    "sign": Row(core.Sign, bodies.Nothing, _plain(core.Sign), "签收", (*_SIGNING, "already-signed")),
    "contact": Row(core.Contact, bodies.Remark, _remark(core.Contact), "首次联系居民", _ENDED),
    "note": Row(core.Note, bodies.Words, _words(core.Note), "记录办理情况", ("closed-ticket",)),
    "site-check": Row(core.CheckSite, bodies.Words, _words(core.CheckSite), "现场核实", _ENDED),
    "dissuade": Row(core.Dissuade, bodies.Dissuasion, _dissuade, "劝阻记录", (*_ENDED, "not-yet-happened")),
    "reassign": Row(
        core.Reassign,
        bodies.NewHandler,
        _reassign,
        "岗位内转交",
        (*_SIGNING, "unknown-person", "not-of-this-post", "handler-recused"),
    ),
    "relate": Row(core.Relate, bodies.Kin, _relate, "登记当事人(回避)", (*_ENDED, *_NAMED)),
    "resolve": Row(core.Resolve, bodies.Proof, _proof(core.Resolve), "办结,附凭据", (*_SIGNING, "not-signed")),
    "reply": Row(core.Reply, bodies.Words, _words(core.Reply), "答复居民", (*_AT_WORK, "still-sorting", "not-signed")),
    "hand-up": Row(core.HandUp, bodies.HandingUp, _hand_up, "上报上一级", (*_SIGNING, "last-rung")),
    "object": Row(
        core.Object,
        bodies.Objection,
        _object,
        "派单异议",
        (*_SIGNING, "already-objected", "designated", "not-for-emergency", "last-rung"),
    ),
    "rule": Row(core.Rule, bodies.Ruling, _rule, "裁定派单异议", ("no-objection", "same-post", *_SENT)),
    "answer": Row(
        core.AnswerSupervision,
        bodies.Words,
        _words(core.AnswerSupervision),
        "答复督办",
        (*_ENDED, "not-supervised"),
    ),
    "extend": Row(
        core.Extend,
        bodies.Extension,
        _extend,
        "延期",
        (
            *_SIGNING,
            "not-signed",
            "not-for-emergency",
            "extension-too-long",
            "no-extension-left",
            "too-late",
            "already-asked",
        ),
    ),
    "shelve": Row(
        core.Shelve,
        bodies.Shelving,
        _shelve,
        "挂账",
        (*_AT_WORK, "still-sorting", "not-for-emergency", "review-date", "already-asked", "unknown-post"),
    ),
    "approve": Row(
        core.Approve,
        bodies.Remark,
        _remark(core.Approve),
        "批准延期或挂账",
        ("nothing-asked", "own-request", "too-late", "review-date"),
    ),
    "decline": Row(
        core.Decline, bodies.Remark, _remark(core.Decline), "驳回延期或挂账", ("nothing-asked", "own-request")
    ),
    "clear": Row(core.Clear, bodies.Proof, _proof(core.Clear), "销账,附凭据", ("not-shelved",)),
    "merge": Row(
        core.Merge,
        bodies.Merging,
        _merge,
        "并入另一张工单",
        (*_AT_WORK, "unknown-ticket", "same-ticket", "leads-others", "different-respondents"),
    ),
    "split": Row(core.Split, bodies.Remark, _remark(core.Split), "拆单", ("not-merged",)),
    "follow-up": Row(
        core.FollowUp, bodies.Visit, _follow_up, "回访", ("closed-ticket", "not-replied", "own-work", "too-late")
    ),
    "reopen": Row(core.Reopen, bodies.Reopening, _reopen, "重办", ("still-open", "closed-ticket", "too-late")),
    "withdraw": Row(core.Withdraw, bodies.Remark, _remark(core.Withdraw), "按居民意愿撤回", ("closed-ticket",)),
    "redirect": Row(core.Redirect, bodies.Redirection, _redirect, "告知法定渠道并结案", _AT_WORK),
    "close": Row(core.Close, bodies.Ending, _close, "结案", _CLOSING),
}
