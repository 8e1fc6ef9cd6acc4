"""What is shown of a ticket to staff and machine clients: all that work needs, no other ticket they may not see."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone
from typing import Annotated, Any

from msgspec import Meta, Struct

from huiyin.core import deadline, receipt
from huiyin.core.calendar import Calendar
from huiyin.core.catalogue import Catalogue
from huiyin.core.ladder import LadderRules, Post
from huiyin.core.state import Join, WhistleAt
from huiyin.core.ticket import SameMatter, Ticket
from huiyin.core.whistled import WhistleStage
from huiyin.core.words import About, Channel, Evidence, Rung, Urgency
from huiyin.story import load_words

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")  # no daylight saving since 1991: needs no tzdata

STATES = {
    "sorting": "人工分拣中",
    "dispatched": "已派单,待签收",
    "signed": "办理中",
    "resolved": "已办结,待答复",
    "replied": "已答复,待回访",
    "shelved": "已挂账",
    "merged": "已并单",
    "closed": "已结案",
}
OUTCOMES = {
    "solved": "已解决",
    "explained": "已解释说明",
    "outside-duty": "不属于受理职责,已告知",
    "withdrawn": "居民撤回",
    "to-mediation": "转人民调解",
    "redirected": "已告知法定渠道",
    "no-answer": "已答复,回访期内没有收到反馈",
    "merged": "并入同类诉求",
}
_WEEKDAYS = "一二三四五六日"


class Books(Struct, frozen=True):
    """What codes and due times are explained by."""

    catalogue: Catalogue
    ladder: LadderRules
    calendar: Calendar


class Light(Struct, frozen=True):
    """For whose eyes: other tickets that they may see, commands that they may give, whether they hear of whistles."""

    seen: frozenset[str] = frozenset()
    allowed: tuple[str, ...] = ()
    hears: bool = False


class CandidateShown(Struct, frozen=True):
    """A category that the sorter considered."""

    code: str
    confidence: float


class ObjectionShown(Struct, frozen=True):
    """A duty question (派单异议) that waits for its ruling."""

    reason: str
    ruler: Post
    due_at: datetime


class RequestShown(Struct, frozen=True):
    """What waits for approval: extend 延期 or shelve 挂账."""

    what: str
    reason: str
    days: int
    review_at: datetime | None
    owner: str | None


class ShelfShown(Struct, frozen=True):
    """挂账: until when, whose."""

    reason: str
    review_at: datetime
    owner: str


class JoinedShown(Struct, frozen=True):
    """A ticket that was merged into this one."""

    number: str
    building_code: str | None
    filed_at: datetime


class WhistleAtShown(Struct, frozen=True):
    """How far a whistle (吹哨) is that was blown for the ticket."""

    number: Annotated[str, Meta(examples=["SH000000001"])]
    stage: WhistleStage
    stage_text: Annotated[str, Meta(description="进展的中文说法", examples=["主办部门已接哨"])]
    due_at: Annotated[datetime | None, Meta(description="哨单最近的时限;没有在走的时限为 null")]


class TicketShown(Struct, frozen=True):
    """A ticket (工单) for staff and machine clients; times are RFC 3339."""

    number: Annotated[str, Meta(examples=["HY000000123"])]
    state: Annotated[str, Meta(description="sorting dispatched signed resolved replied shelved merged closed")]
    state_text: Annotated[str, Meta(description="状态的中文说法", examples=["办理中"])]
    rung: Rung | None
    rung_name: Annotated[str, Meta(description="层级名称;人工分拣台没有层级", examples=["楼栋长"])]
    post: Post | None
    acting: Annotated[str | None, Meta(description="代行职责的依据;不代行为 null")]
    handler: Annotated[str, Meta(description="承办人代号(不透明);没有为空")]
    due_at: datetime | None
    due_explained: Annotated[str, Meta(description="时限是怎样算出来的")]
    sign_by: Annotated[datetime | None, Meta(description="签收时限;已签收为 null")]
    resolve_by: Annotated[datetime | None, Meta(description="本级办理时限")]
    case_due_at: datetime | None
    next_at: Annotated[datetime | None, Meta(description="下一次自动提醒、上报或督办的时间")]
    urged: Annotated[int, Meta(description="居民在本级催办的次数")]
    pressured: Annotated[bool, Meta(description="居民受到压力,由街道办理;不能改派、合并,只有居民能撤回")]
    supervised: Annotated[int | None, Meta(description="督办级别:1 督办,2 挂牌督办,3 起报区;没有为 null")]
    objection: ObjectionShown | None
    request: RequestShown | None
    shelf: ShelfShown | None
    passed: Annotated[list[Rung | None], Meta(description="经过的层级,依次")]
    contacted: bool
    designated: Annotated[bool, Meta(description="上级指定承办,不能退回")]
    extensions: Annotated[int, Meta(description="本级已延期次数")]
    resolved_by: Annotated[str | None, Meta(description="办结的岗位;有它就有办结凭据")]
    reply_at: datetime | None
    follow_up_by: Annotated[datetime | None, Meta(description="回访时限;到期没有反馈按“无反馈”结案")]
    solved: Annotated[str | None, Meta(description="居民是否认为解决:yes partly no")]
    satisfied: int | None
    reopened: Annotated[int, Meta(description="重办次数")]
    lead: Annotated[str | None, Meta(description="并入的主办工单;不在您范围内的不显示")]
    joined: list[JoinedShown]
    together: Annotated[str | None, Meta(examples=["14 件,3 栋楼,自 11月17日(周二)起"])]
    whistles: Annotated[list[WhistleAtShown], Meta(description="为这张工单吹的哨;只给属地岗位、审计、登记和机器客户端")]
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
    outcome_text: str | None
    version: int
    allowed: Annotated[list[str], Meta(description="您现在可以下达的命令")]


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


def others(kept: Iterable[Ticket]) -> list[str]:
    """The other tickets that some tickets name now: of these a viewer is told only what they may see."""
    found = set()
    for one in kept:
        found |= {other.number for other in one.same_matter} | {other.number for other in one.joined}
        found |= {one.lead} if one.lead else set()
    return sorted(found)


def ticket(kept: Ticket, books: Books, light: Light) -> TicketShown:
    """For staff."""
    return TicketShown(**_fields(kept, books, light))


def found(kept: Ticket, books: Books, light: Light, number_of_receipt: int | None) -> FoundShown:
    """For the machine client that filed it."""
    shown = "" if number_of_receipt is None else receipt.show(number_of_receipt)
    return FoundShown(**_fields(kept, books, light), receipt=shown)


def _fields(kept: Ticket, books: Books, light: Light) -> dict[str, Any]:
    joined = [one for one in kept.joined if one.number in light.seen]
    return {
        **_as_it_is(kept),
        **_times(kept, books),
        **_waiting(kept),
        **_sorted(kept),
        "state_text": STATES[kept.state],
        "rung_name": books.ladder.rungs[kept.rung].name if kept.rung else books.ladder.sorting_desk.name,
        "category_name": category(books.catalogue, kept.category),
        "outcome_text": OUTCOMES[kept.outcome] if kept.outcome else None,
        "resolved_by": kept.resolved_at_post or None,
        "lead": kept.lead if kept.lead in light.seen else None,
        "joined": [JoinedShown(one.number, one.building_code, one.filed_at) for one in joined],
        "together": together(kept, joined) if joined else None,
        "same_matter": [one for one in kept.same_matter if one.number in light.seen],
        "whistles": [_whistle(one) for one in kept.whistles] if light.hears else [],
        "allowed": list(light.allowed),
    }


_SAME = (
    *("number", "state", "rung", "post", "acting", "handler", "category", "urgency", "channel", "about", "filed_at"),
    *("closed_at", "outcome", "version", "contacted", "designated", "extensions", "solved", "satisfied", "reopened"),
    *("next_at", "urged", "pressured"),
)
PLACES = ("street_code", "community_code", "estate_code", "grid_code", "building_code")


def _as_it_is(kept: Ticket) -> dict[str, Any]:
    same = {name: getattr(kept, name) for name in _SAME} | {name: getattr(kept.spot, name) for name in PLACES}
    return same | {"passed": list(kept.passed), "hotline": list(kept.hotline), "why_here": list(kept.why_here)}


def _times(kept: Ticket, books: Books) -> dict[str, Any]:
    answered = kept.follow_up if kept.reply is not None or kept.route else None
    return {
        "due_at": kept.due.at if kept.due else None,
        "due_explained": deadline.explain(kept.due, BEIJING, books.calendar) if kept.due else "",
        "sign_by": kept.sign.due.at if kept.sign else None,
        "resolve_by": kept.rung_due.at if kept.rung_due else None,
        "case_due_at": kept.case_due.at if kept.case_due else None,
        "reply_at": answered.start if answered else None,
        "follow_up_by": answered.at if answered else None,
    }


def _waiting(kept: Ticket) -> dict[str, Any]:
    asked, shelf, objection = kept.request, kept.shelf, kept.objection
    return {
        "supervised": kept.supervision.level if kept.supervision else None,
        "objection": ObjectionShown(objection.reason, objection.ruler.post, objection.due.at) if objection else None,
        "request": RequestShown(asked.what, asked.reason, asked.days, asked.review_at, asked.owner) if asked else None,
        "shelf": ShelfShown(shelf.reason, shelf.review_at, shelf.owner) if shelf else None,
    }


def _sorted(kept: Ticket) -> dict[str, Any]:
    sorting = kept.sorting
    return {
        "candidates": [CandidateShown(c.code, c.confidence) for c in (sorting.candidates if sorting else ())],
        "evidence": sorting.evidence if sorting else None,
        "place_confidence": sorting.place_confidence if sorting else None,
    }


def _whistle(one: WhistleAt) -> WhistleAtShown:
    return WhistleAtShown(one.number, one.stage, load_words().word("stage", one.stage), one.at)


def category(catalogue: Catalogue, code: str) -> str:
    """What a leaf is called."""
    entry = catalogue.entries.get(code)
    return entry.name if entry else code


def together(kept: Ticket, joined: Sequence[Join]) -> str:
    """`14 件,3 栋楼,自 11月17日(周二)起`: all that is handled with one ticket, itself included."""
    buildings = {code for code in (kept.spot.building_code, *(one.building_code for one in joined)) if code}
    first = min(kept.filed_at, *(one.filed_at for one in joined)).astimezone(BEIJING)
    places = f"{len(buildings)} 栋楼," if buildings else ""
    day = f"{first.month}月{first.day}日(周{_WEEKDAYS[first.weekday()]})"
    return f"{len(joined) + 1} 件,{places}自 {day}起"
