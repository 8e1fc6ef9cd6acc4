"""What the holder of a receipt is told (凭回执查询): where it stands, until when, what was done, and the answer."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from huiyin.core import deadline, receipt
from huiyin.core.ladder import LadderRules, RungRule, StandIn
from huiyin.core.proof import read
from huiyin.core.ticket import Ticket, voicing
from huiyin.core.words import Rung
from huiyin.store.lists import Entry
from huiyin.web.sayings import (
    CLOSED,
    EXTENDED,
    HANDED_UP,
    HOTLINES,
    PICTURED,
    PURPOSES,
    REOPENED,
    SHELVED,
    STATES,
    STEPS,
    SUPERVISED,
)
from huiyin.web.shown import BEIJING, Books, category

_FINAL = ("withdrawn", "redirected")


class PublicStep(Struct, frozen=True):
    """A step as the resident sees it; `why` where there is a reason to tell."""

    name: str
    at: datetime
    why: str | None = None


class HotlineShown(Struct, frozen=True):
    """Who to call before anything else."""

    call: list[str]
    words: list[str]


class ComplaintShown(Struct, frozen=True):
    """What the holder of a receipt may know: never anything personal, no building, no evidence."""

    receipt: Annotated[str, Meta(examples=["4829-1305-7226-4137"])]
    state: Annotated[str, Meta(description="received sorting dispatched signed resolved replied shelved merged closed")]
    state_text: str
    number: str | None
    held_by: Annotated[str | None, Meta(description="现在由哪个岗位办理(岗位,不是个人)")]
    category: str | None
    community: str | None
    due_at: datetime | None
    due_explained: str | None
    hotline: HotlineShown | None
    steps: list[PublicStep]
    reply: Annotated[str | None, Meta(description="答复的内容")]
    outcome: str | None = None
    solved: Annotated[str | None, Meta(description="您的反馈:yes partly no")] = None
    satisfied: int | None = None
    reopened: Annotated[int, Meta(description="重办次数")] = 0
    supervised: Annotated[bool, Meta(description="是否正在督办")] = False
    can_give_feedback: Annotated[bool, Meta(description="现在是否可以评价(feedback)")] = False
    can_withdraw: Annotated[bool, Meta(description="现在是否可以撤回(withdraw)")] = False
    urged: Annotated[int, Meta(description="在现在这一级已催办的次数")] = 0
    urge_from: Annotated[datetime | None, Meta(description="何时起可以催办(urge);现在不能催办为 null")] = None
    can_add: Annotated[bool, Meta(description="现在是否可以补充(add)")] = False
    can_report_pressure: Annotated[bool, Meta(description="现在是否可以反映受到压力(pressure)")] = False
    pressured: Annotated[bool, Meta(description="已因受到压力转街道办理")] = False


class Told(Struct, frozen=True):
    """What is known of a complaint; `lead` is the ticket that it was merged into."""

    ticket: Ticket
    history: Sequence[Entry]
    community: str | None
    lead: Ticket | None = None


def waiting(value: int, at: datetime) -> ComplaintShown:
    """A complaint that the sorter has not taken up yet."""
    steps = [PublicStep("已收到", at)]
    nothing = None
    head = (receipt.show(value), "received", STATES["received"])
    return ComplaintShown(*head, nothing, nothing, nothing, nothing, nothing, nothing, nothing, steps, nothing)


def complaint(value: int, told: Told, books: Books, reply: str | None, at: datetime) -> ComplaintShown:
    """For the holder of a receipt, now; `reply` are the words of the answer, opened."""
    kept = told.ticket
    held = told.lead if told.lead is not None and kept.state == "merged" else kept
    holder = None if kept.closed_at else _holder(held, books.ladder)
    what = category(books.catalogue, kept.category)
    head = (receipt.show(value), kept.state, _state(kept, told.lead), kept.number, holder, what, told.community)
    return ComplaintShown(
        *head,
        *_due(held, books),
        _hotline(kept.hotline),
        _steps(told, books.ladder),
        reply,
        kept.outcome,
        kept.solved,
        kept.satisfied,
        kept.reopened,
        held.supervision is not None,
        _may_speak(kept),
        kept.closed_at is None,
        *_voice(kept, held, books.ladder, at),
    )


def _voice(kept: Ticket, held: Ticket, ladder: LadderRules, at: datetime) -> tuple[Any, ...]:
    """What the resident may say meanwhile: urge what is worked on, add to and protect their own."""
    may = voicing.can_add(kept, ladder), voicing.can_report(kept, ladder, at)
    return held.urged, voicing.free_at(held, ladder), *may, kept.pressured


def _may_speak(kept: Ticket) -> bool:
    """Whether a word on the answer would be taken now."""
    answered = kept.state == "replied" or (kept.state == "closed" and kept.reply is not None)
    return answered and kept.outcome not in _FINAL


def _state(kept: Ticket, lead: Ticket | None) -> str:
    if kept.outcome is not None:
        return f"{STATES['closed']}:{CLOSED[kept.outcome]}"
    if kept.state == "merged":
        return _merged(lead)
    return STATES[kept.state]


def _merged(lead: Ticket | None) -> str:
    count = len(lead.joined) if lead is not None else 0
    return f"已与 {count} 件同类诉求合并办理" if count else "已与同类诉求合并办理"


def _due(held: Ticket, books: Books) -> tuple[datetime | None, str | None]:
    """None once it is closed; of what is shelved, when it is looked at again."""
    if held.closed_at is not None:
        return None, None
    if held.state == "shelved" and held.shelf is not None:
        return held.shelf.review_at, f"已挂账,{_day(held.shelf.review_at)}复查"
    if held.due is None:
        return None, None
    return held.due.at, deadline.explain(held.due, BEIJING, books.calendar)


def _day(at: datetime) -> str:
    there = at.astimezone(BEIJING)
    return f"{there.year}年{there.month}月{there.day}日"


def _holder(kept: Ticket, ladder: LadderRules) -> str | None:
    """The post, also one that stands in."""
    return None if kept.post is None else _called(kept.rung, kept.post.code, kept.post.name, ladder)


def _called(rung: Rung | None, code: str, name: str, ladder: LadderRules) -> str:
    """A post; those of one estate or building without its name: others may see a receipt too."""
    if rung is None:
        return name
    rule, prefix = ladder.rungs[rung], code.partition(":")[0]
    seats: tuple[RungRule | StandIn, ...] = (rule, *rule.stand_ins)
    found = next((one for one in seats if one.prefix == prefix), rule)
    return found.name if found.seat in ("building", "estate") else name


def _hotline(call: Sequence[str]) -> HotlineShown | None:
    return HotlineShown(list(call), [HOTLINES.get(one, one) for one in call]) if call else None


# -- steps ------------------------------------------------------------------------------------------------


def _steps(told: Told, ladder: LadderRules) -> list[PublicStep]:
    """Those that a resident may know, in their words; a merged one's as the lead stands now."""
    found = []
    for row in told.history:
        name = STEPS.get(row.step)
        if name is None:
            continue
        data = msgspec.json.decode(read(row.body).data, type=dict[str, Any])
        if row.step == "ticket.merged.v1" and told.ticket.lead == data.get("into"):
            name = _merged(told.lead)
        if name.endswith(":"):
            name += _to(data["standing"], ladder)
        why = _WHY.get(row.step)
        found.append(PublicStep(name, row.at, why(data) if why else None))
    return found


def _to(standing: dict[str, Any], ladder: LadderRules) -> str:
    return _called(standing["rung"], standing["post"]["code"], standing["post"]["name"], ladder)


def _extended(data: dict[str, Any]) -> str:
    return f"{EXTENDED.get(data['reason'], '其他原因')},延长 {data['days']} 个工作日"


def _shelved(data: dict[str, Any]) -> str:
    review = msgspec.convert(data["review_at"], datetime)
    return f"{SHELVED.get(data['reason'], '其他原因')},{_day(review)}复查"


def _viewed(data: dict[str, Any]) -> str:
    return PURPOSES.get(data.get("purpose", ""), "办理需要")


_WHY: dict[str, Callable[[dict[str, Any]], str | None]] = {
    "ticket.handed_up.v1": lambda data: HANDED_UP.get(data["reason"], "其他原因"),
    "ticket.supervised.v1": lambda data: SUPERVISED.get(data["reason"]),
    "ticket.extended.v1": _extended,
    "ticket.shelved.v1": _shelved,
    "ticket.reopened.v1": lambda data: REOPENED.get(data["reason"], "其他原因"),
    "ticket.closed.v1": lambda data: CLOSED.get(data["outcome"]),
    "ticket.viewed.v1": _viewed,
    "ticket.urged.v1": lambda data: "已提醒承办岗位,上一级也看到了" if data.get("watcher") else "已提醒承办岗位",
    "ticket.pictured.v1": lambda data: PICTURED.get(data["kind"]),
}
