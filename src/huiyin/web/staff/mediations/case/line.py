"""The stage line of a mediation (进度线) and its running limits: how far it is, who must act, until when and why."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct

from huiyin.core.calendar import Calendar
from huiyin.core.mediation.clocks import Countdown
from huiyin.core.mediation.kinds import Duty
from huiyin.core.mediation.seen import CommitteeSight
from huiyin.core.mediation.state import Mediation
from huiyin.story import derived
from huiyin.web.staff.mediations.case.called import word
from huiyin.web.staff.whistles.ways import Mile

# A stop of the line, the stages of the view that wait at it, whose turn it is, the limits that run meanwhile.
_STOPS: tuple[tuple[str, tuple[str, ...], str, tuple[Duty, ...]], ...] = (
    ("申请", (), "", ()),
    ("审查", ("checking", "barred"), "调解委员会", ("accept",)),
    ("同意", ("consenting", "accepting"), "各方当事人", ("accept",)),
    ("告知", ("notifying",), "调解委员会、调解员", ("mediate",)),
    ("调解会", ("seating", "planning", "sitting"), "调解员", ("hold", "mediate")),
    ("协议", ("drafting",), "调解员", ("mediate",)),
    ("签章", ("signing", "sealing"), "各方当事人、调解员、调解委员会", ("seal", "mediate")),
    ("生效", (), "", ()),
    ("履行", ("performing", "breached"), "当事人", ("perform",)),
    ("回访、确认", ("visiting",), "调解员、调解委员会", ("visit", "confirm", "ruling")),
    ("归档", ("filing", "telling"), "调解委员会", ("deliver", "archive")),
)
_WHO = {
    "accepting": "调解委员会",
    "seating": "调解委员会",
    "signing": "各方当事人",
    "sealing": "调解员、调解委员会",
    "telling": "调解委员会、调解员",
}
Seen = Mediation | CommitteeSight


class Limit(Struct, frozen=True):
    """A limit that runs: what it is for, its end, how often it was urged, how it was worked out."""

    duty: Duty
    name: str
    due: datetime
    level: int
    why: str


def line(seen: Seen, stage: str, applied: datetime) -> list[Mile]:
    """The whole line; of one that ended without an agreement the way that it came, and where it ended."""
    if seen.state in ("ended", "archived") and _ended(seen):
        return _broken(seen, stage, applied)
    here = len(_STOPS) if stage == "archived" else next(n for n, one in enumerate(_STOPS) if stage in one[1])
    return [_mile(n, here, seen, stage, applied) for n in range(len(_STOPS))]


def _mile(n: int, here: int, seen: Seen, stage: str, applied: datetime) -> Mile:
    name, _, who, duties = _STOPS[n]
    if n < here:
        return Mile(name, "been", at=_when(name, seen, applied))
    if n > here:
        return Mile(name)
    due = min((one.due.at for one in seen.clocks if one.duty in duties), default=None)
    return Mile(name, "here", _WHO.get(stage, who), due=due)


def _when(name: str, seen: Seen, applied: datetime) -> datetime | None:
    if name == "申请":
        return applied
    if name == "生效":
        return seen.effective_at if isinstance(seen, CommitteeSight) else _effective(seen)
    return None


def _effective(seen: Mediation) -> datetime | None:
    return seen.agreement.effective_at if seen.agreement else None


def _ended(seen: Seen) -> str:
    if isinstance(seen, CommitteeSight):
        return seen.ended or ""
    return seen.ending.reason if seen.ending else ""


def _broken(seen: Seen, stage: str, applied: datetime) -> list[Mile]:
    """It had come so far; then 结束 with its reason, then the file."""
    way = [Mile(name, "been", at=_when(name, seen, applied)) for name, *_ in _STOPS[: _reached(seen)]]
    at = seen.ending.at if isinstance(seen, Mediation) and seen.ending else None
    over = Mile("结束", "been", word("reason", _ended(seen)), at)
    if stage == "archived":
        return [*way, over, Mile("归档", "been")]
    return [*way, over, _mile(len(_STOPS) - 1, len(_STOPS) - 1, seen, stage, applied)]


def _reached(seen: Seen) -> int:
    """How many stops it had behind it."""
    if isinstance(seen, CommitteeSight):
        held, case = seen.progress.sessions, seen.case
        drafted = bool(seen.subject and seen.subject.digest)
    else:
        held, case = sum(one.held is not None for one in seen.sessions), seen.case
        drafted = seen.agreement is not None
    return 6 if drafted else 5 if held else 3 if case else 1


def limits(clocks: Iterable[Countdown], items: Sequence[str], calendar: Calendar) -> list[Limit]:
    """What runs, the soonest first; `items` are those of the agreement in their order."""
    some = sorted(clocks, key=lambda one: one.due.at)
    return [
        Limit(one.duty, _named(one, items), one.due.at, one.level, derived(one.due, calendar).strip("()"))
        for one in some
    ]


def _named(one: Countdown, items: Sequence[str]) -> str:
    if one.duty == "perform":
        return f"第 {items.index(one.of) + 1} 项约定履行" if one.of in items else "履行"
    return word("duty", one.duty) + (f"(第 {one.of} 次)" if one.duty == "hold" else "")
