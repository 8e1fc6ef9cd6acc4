"""How far a mediation is (调解进度), in words: the stages of the view, gathered as people speak of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from huiyin.core.calendar import local
from huiyin.core.mediation.rules import MediationRules
from huiyin.store.mediation_days import Count, Limit, Row
from huiyin.story import load_words

_MOMENT = timedelta(microseconds=1)

# What each stage of the view waits for (`store.mediations.stage`).
STAGES: dict[str, str] = {
    "checking": "待审查",
    "barred": "待不予受理",
    "consenting": "征求同意",
    "accepting": "待受理",
    "notifying": "告知权利义务",
    "seating": "待指派调解员",
    "planning": "待约调解会",
    "sitting": "待开调解会",
    "drafting": "调解、拟协议",
    "signing": "待当事人签字",
    "sealing": "待签章",
    "performing": "履行中",
    "breached": "有约定逾期未履行",
    "visiting": "待回访",
    "telling": "待送达其他途径",
    "filing": "待归档",
    "archived": "已归档",
}


class Group(Struct, frozen=True):
    """Stages as people speak of them; one without stages lies across the others."""

    code: str
    name: str
    stages: tuple[str, ...]


CONFIRM = "confirm"  # a court may still confirm it, whatever else it waits for
GROUPS = (
    Group("check", "受理审查", ("checking", "barred", "accepting")),
    Group("consent", "征求同意", ("consenting",)),
    Group("notify", "告知", ("notifying",)),
    Group("mediate", "调解", ("seating", "planning", "sitting", "drafting")),
    Group("sign", "签章", ("signing", "sealing")),
    Group("perform", "履行", ("performing", "breached")),
    Group(CONFIRM, "司法确认", (CONFIRM,)),
    Group("visit", "回访", ("visiting",)),
    Group("file", "归档", ("telling", "filing")),
)
_LINE = tuple(one for one in GROUPS if one.code != CONFIRM)
# What waits for the committee's desk, and how its work is called.
WAITING: dict[str, str] = {
    "checking": "待审查",
    "accepting": "待受理",
    "barred": "待不予受理",
    "seating": "待指派",
    "sealing": "待盖章",
    "telling": "待送达",
    "filing": "待归档",
}


def wanted(code: str) -> tuple[str, ...]:
    """The stages that an address asks for, by a group's code or a stage's; () where it asks for none."""
    group = next((one for one in GROUPS if one.code == code), None)
    if group is not None:
        return group.stages
    return (code,) if code in STAGES else ()


def name(code: str) -> str:
    """What is asked for, in words."""
    return next((one.name for one in GROUPS if one.code == code), STAGES.get(code, ""))


class Filter(Struct, frozen=True):
    """One way to narrow the list, and how many there are."""

    code: str
    name: str
    count: int


def filters(counts: Sequence[Count]) -> list[Filter]:
    """The groups in their order; those with nothing in them are left out."""
    by = {one.stage: one.count for one in counts}
    found = [Filter(one.code, one.name, sum(by.get(stage, 0) for stage in one.stages)) for one in GROUPS]
    confirming = sum(one.confirming for one in counts)
    found = [Filter(one.code, one.name, confirming) if one.code == CONFIRM else one for one in found]
    return [one for one in found if one.count]


def waiting(counts: Sequence[Count]) -> list[Filter]:
    """What waits for the desk."""
    by = {one.stage: one.count for one in counts}
    return [Filter(code, said, by[code]) for code, said in WAITING.items() if code in by]


# -- one case ---------------------------------------------------------------------------------------------


class Mark(Struct, frozen=True):
    """One place of the stage line: been, here or ahead."""

    name: str
    where: str


def line(row: Row) -> list[Mark]:
    """The stage line; a case that ended without an agreement goes to its file at once."""
    at = next((n for n, one in enumerate(_LINE) if row.stage in one.stages), len(_LINE))
    ended = row.state == "ended"
    return [Mark(one.name, _where(n, at, ended=ended)) for n, one in enumerate(_LINE)]


def _where(n: int, at: int, *, ended: bool) -> str:
    if n == at:
        return "here"
    return "left-out" if ended and n else "been" if n < at else "ahead"


class Told(Struct, frozen=True):
    """A limit as it is told: what must be done by when, and how late or how near it is ("" where neither)."""

    duty: str
    due_at: datetime
    late: str
    near: str


def told(limit: Limit, book: MediationRules, now: datetime) -> Told:
    """A limit in words. What ran out is urged each working day; before the end there are the rulebook's reminders."""
    duty = load_words("mediation_story.toml").word("duty", limit.duty)
    late = f"逾期,已督促 {limit.level} 次" if limit.level else ""
    left = (local(limit.due_at - _MOMENT) - local(now)).days
    alarms: Mapping[str, tuple[int, ...]] = book.alarms  # type: ignore[assignment]  # a view holds the core's duties
    alarm = min((one for one in alarms.get(limit.duty, ()) if 0 <= left <= one), default=None)
    near = "" if late or alarm is None else f"{alarm} 日内到期"
    return Told(duty, limit.due_at, late, near)
