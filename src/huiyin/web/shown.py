"""What is shown of a ticket: all that work needs to staff, what a resident may know to who holds a receipt."""

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from huiyin.core import deadline, receipt
from huiyin.core.catalogue import Catalogue
from huiyin.core.ladder import LadderRules, Post
from huiyin.core.proof import read
from huiyin.core.ticket import SameMatter, Ticket
from huiyin.core.words import About, Channel, Evidence, Rung, Urgency
from huiyin.store.lists import Entry

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")  # no daylight saving since 1991: needs no tzdata

_STATES = {
    "received": "已收到,正在分派",
    "sorting": "人工分拣中:正在核实地点或承办单位",
    "dispatched": "已派到承办岗位",
}
_STEPS = {
    "ticket.filed.v1": "已登记",
    "ticket.hotline_instructed.v1": "已提示先拨打紧急电话",
    "ticket.sorted.v1": "已分派",
    "ticket.reclassified.v1": "工作人员已更正事项或地点",
}
_HOTLINES = {
    "110": "请立即拨打 110 报警",
    "119": "请立即拨打 119",
    "120": "请立即拨打 120 急救",
    "122": "请立即拨打 122",
    "gas": "请先撤离到室外,再拨打燃气公司抢修电话;在室内不要开关电器",
    "lift": "请按轿厢内的求助按钮,或拨打轿厢内张贴的救援电话",
    "water": "请先关闭阀门,再拨打供水公司抢修电话",
    "power": "请远离带电物体,再拨打 95598",
}
_AREA_POSTS = ("community_committee", "street_office", None)


class CandidateShown(Struct, frozen=True):
    """A category that the sorter considered."""

    code: str
    confidence: float


class TicketShown(Struct, frozen=True):
    """A ticket (工单) for staff and machine clients; times are RFC 3339."""

    number: Annotated[str, Meta(examples=["HY000000123"])]
    state: Annotated[str, Meta(description="sorting = 人工分拣, dispatched = 已派单")]
    rung: Rung | None
    post: Post | None
    due_at: datetime | None
    due_explained: Annotated[str, Meta(description="时限是怎样算出来的")]
    case_due_at: datetime | None
    street_code: str | None
    community_code: str | None
    estate_code: str | None
    grid_code: str | None
    building_code: str | None
    category: str
    category_name: str
    candidates: list[CandidateShown]
    urgency: Urgency
    hotline: list[str]
    why_here: list[str]
    evidence: Evidence | None
    place_confidence: float | None
    same_matter: list[SameMatter]
    channel: Channel
    about: About
    filed_at: datetime
    closed_at: datetime | None
    outcome: str | None
    version: int


class FoundShown(TicketShown, frozen=True):
    """The ticket that an event became, with its receipt."""

    receipt: Annotated[str, Meta(examples=["4829-1305-7226-4137"])]


class DeadLetter(Struct, frozen=True):
    """Why a message could not be read or done: a stable code, and the field."""

    reason: str
    detail: str


class DeadShown(Struct, frozen=True):
    """An event that ended among the dead letters."""

    dead_letter: DeadLetter


class PublicStep(Struct, frozen=True):
    """A step as the resident sees it."""

    name: str
    at: datetime


class HotlineShown(Struct, frozen=True):
    """Who to call before anything else."""

    call: list[str]
    words: list[str]


class ComplaintShown(Struct, frozen=True):
    """What the holder of a receipt may know: never anything personal, no building, no evidence."""

    receipt: Annotated[str, Meta(examples=["4829-1305-7226-4137"])]
    state: Annotated[str, Meta(description="received | sorting | dispatched")]
    state_text: str
    number: str | None
    held_by: Annotated[str | None, Meta(description="现在由哪个岗位办理(岗位,不是个人)")]
    category: str | None
    community: str | None
    due_at: datetime | None
    due_explained: str | None
    hotline: HotlineShown | None
    steps: list[PublicStep]
    reply: str | None


class LogEntry(Struct, frozen=True):
    """A row of the review log (办理日志); `actor` is a post; `hash` chains to the row before."""

    step: str
    at: datetime
    actor: str
    version: int
    hash: str
    rules: str
    data: dict[str, Any]


def ticket(kept: Ticket, catalogue: Catalogue) -> TicketShown:
    """For staff."""
    return TicketShown(**_fields(kept, catalogue))


def found(kept: Ticket, catalogue: Catalogue, number_of_receipt: int | None) -> FoundShown:
    """For the machine client that filed it."""
    shown = "" if number_of_receipt is None else receipt.show(number_of_receipt)
    return FoundShown(**_fields(kept, catalogue), receipt=shown)


def _fields(kept: Ticket, catalogue: Catalogue) -> dict[str, Any]:
    sorting, spot = kept.sorting, kept.spot
    places = ("street_code", "community_code", "estate_code", "grid_code", "building_code")
    same = ("number", "state", "rung", "post", "category", "urgency", "channel", "about", "filed_at")
    return {
        **{name: getattr(kept, name) for name in (*same, "closed_at", "outcome", "version")},
        **{name: getattr(spot, name) for name in places},
        "due_at": kept.due.at if kept.due else None,
        "due_explained": deadline.explain(kept.due, BEIJING) if kept.due else "",
        "case_due_at": kept.case_due.at if kept.case_due else None,
        "category_name": _name(catalogue, kept.category),
        "candidates": [CandidateShown(c.code, c.confidence) for c in (sorting.candidates if sorting else ())],
        "hotline": list(kept.hotline),
        "why_here": list(kept.why_here),
        "evidence": sorting.evidence if sorting else None,
        "place_confidence": sorting.place_confidence if sorting else None,
        "same_matter": list(kept.same_matter),
    }


def _name(catalogue: Catalogue, code: str) -> str:
    entry = catalogue.entries.get(code)
    return entry.name if entry else code


def waiting(value: int, at: datetime) -> ComplaintShown:
    """A complaint that the sorter has not taken up yet."""
    steps = [PublicStep("已收到", at)]
    words = _STATES["received"]
    return ComplaintShown(receipt.show(value), "received", words, None, None, None, None, None, None, None, steps, None)


def complaint(
    value: int,
    kept: Ticket,
    history: Sequence[Entry],
    community: str | None,
    catalogue: Catalogue,
    ladder: LadderRules,
) -> ComplaintShown:
    """For the holder of a receipt."""
    return ComplaintShown(
        receipt.show(value),
        kept.state,
        _STATES.get(kept.state, "办理中"),
        kept.number,
        _holder(kept, ladder),
        _name(catalogue, kept.category),
        community,
        kept.due.at if kept.due else None,
        deadline.explain(kept.due, BEIJING) if kept.due else None,
        _hotline(kept.hotline),
        [PublicStep(_STEPS[entry.step], entry.at) for entry in history if entry.step in _STEPS],
        None,
    )


def _holder(kept: Ticket, ladder: LadderRules) -> str | None:
    """The post; those of one estate or building without its name: others may see a receipt too."""
    if kept.post is None:
        return None
    if kept.rung is None or kept.rung in _AREA_POSTS:
        return kept.post.name
    return ladder.rungs[kept.rung].name


def _hotline(call: Sequence[str]) -> HotlineShown | None:
    return HotlineShown(list(call), [_HOTLINES.get(one, one) for one in call]) if call else None


def entry(row: Entry) -> LogEntry:
    """A log row with its leaf opened."""
    leaf = read(row.body)
    data = msgspec.json.decode(leaf.data, type=dict[str, Any])
    return LogEntry(row.step, row.at, leaf.actor, row.version, row.hash.hex(), leaf.rules, data)
