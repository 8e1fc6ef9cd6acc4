"""A whistle as a picture (哨单图): how far each department is at each stage, with its clocks; from what is shown."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from huiyin.core.whistle import Step
from huiyin.core.whistle import steps as s
from huiyin.core.whistle.rules import WhistleRules
from huiyin.web.staff.whistles.called import level
from huiyin.web.whistles.finding import Leaf
from huiyin.web.whistles.shapes import CallShown, ClockShown, LineShown, OtherShown, WhistleShown

_COLUMNS = {"acknowledge": "接哨", "arrive": "到场", "plan": "方案", "end": "答复、反馈"}
_DONE = {"acknowledge": "已接哨", "plan": "已有方案", "reply": "已答复", "answer": "已反馈主办"}
_ON_SITE = {"yes": ("done", "到场属实"), "unproven": ("proofless", "到场,无佐证"), "no": ("away", "不在现场")}
_STEPS: dict[str, type[Any]] = {
    "acknowledge": s.Acknowledged,
    "arrive": s.Arrived,
    "plan": s.Planned,
    "reply": s.Replied,
    "answer": s.Answered,
}


class Cell(Struct, frozen=True):
    """One department at one stage. `mark`: done, late (done or left undone after its limit), running, paused, away,
    proofless, none (not asked of it), wait (nothing of it is known yet)."""

    mark: str
    words: str = ""
    at: datetime | None = None
    due: datetime | None = None
    level: str = ""


class Row(Struct, frozen=True):
    """One department; `own` for the one that looks."""

    post: str
    name: str
    lead: bool
    own: bool
    called_at: datetime | None
    cells: tuple[Cell, ...]
    objected: bool = False
    bound: bool = False


class Picture(Struct, frozen=True):
    """`columns` are the stages that this kind of whistle has."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


class _Stand(Struct, frozen=True):
    """How far a department is, as far as the viewer is told; `late` is None where that is not told."""

    post: str
    name: str
    lead: bool
    acknowledged: bool
    on_site: str | None
    planned: bool
    answered: bool
    late: frozenset[str] | None = None
    called_at: datetime | None = None
    objected: bool = False
    bound: bool = False


def picture(shown: WhistleShown | CallShown, leaves: Sequence[Leaf], book: WhistleRules) -> Picture:
    """The picture of what one viewer is shown; `leaves` are the steps that they may read."""
    stands = sorted(_stands(shown), key=lambda one: not one.lead)
    limits = book.kinds[shown.kind].limits  # type: ignore[index]  # a kind of the rulebook
    stages = ["acknowledge"]
    stages += ["arrive"] if limits.arrive or any(one.on_site for one in stands) else []
    stages += ["plan"] if limits.plan else []
    drawing = _Drawing(shown, leaves, frozenset(book.pauses.stops))
    rows = tuple(drawing.row(one, (*stages, "end")) for one in stands)
    return Picture(tuple(_COLUMNS[one] for one in (*stages, "end")), rows)


def _stands(shown: WhistleShown | CallShown) -> Iterable[_Stand]:
    if isinstance(shown, WhistleShown):
        return [_known(one) for one in shown.lines]
    return [_known(shown.line), *(_told(one) for one in shown.others)]


def _known(one: LineShown) -> _Stand:
    return _Stand(
        *(one.post, one.post_name, one.lead, bool(one.person), one.on_site, one.until is not None),
        *(one.stage in ("answered", "replied"), frozenset(one.late), one.called_at),
        *(one.objected is not None, one.bound),
    )


def _told(one: OtherShown) -> _Stand:
    return _Stand(
        one.post, one.post_name, one.lead, one.acknowledged, one.on_site, planned=False, answered=one.answered
    )


class _Drawing:
    """What all rows of one picture are drawn from."""

    def __init__(self, shown: WhistleShown | CallShown, leaves: Sequence[Leaf], stops: frozenset[str]) -> None:
        self._own = shown.line.post if isinstance(shown, CallShown) else ""
        self._paused, self._over = shown.state == "paused", shown.state in ("confirmed", "closed")
        self._clocks = {(one.duty, one.post): one for one in shown.clocks if one.about is None}
        self._leaves, self._stops = leaves, stops

    def row(self, one: _Stand, stages: Sequence[str]) -> Row:
        cells = tuple(self._cell(one, stage) for stage in stages)
        more = {"objected": one.objected, "bound": one.bound}
        return Row(one.post, one.name, one.lead, one.post == self._own, one.called_at, cells, **more)

    def _cell(self, one: _Stand, stage: str) -> Cell:
        duty = ("reply" if one.lead else "answer") if stage == "end" else stage
        clock = self._clocks.get((duty, one.post))
        if stage == "plan" and not one.lead:
            return Cell("none", "不要求")
        if stage == "arrive" and one.on_site:
            return self._came(one, clock)
        done = {"acknowledge": one.acknowledged, "plan": one.planned, "end": one.answered}.get(stage, False)
        if done:
            late = one.late is not None and duty in one.late
            return Cell("late" if late else "done", _DONE[duty] + self._timely(one, duty), self._at(duty, one.post))
        return self._undone(one, duty, clock)

    def _came(self, one: _Stand, clock: ClockShown | None) -> Cell:
        """Somebody said that they are there: whether that is so stands beside it."""
        mark, words = _ON_SITE[one.on_site or "no"]
        at = self._at("arrive", one.post)
        if mark == "away":
            return Cell(mark, words, at, clock.due_at if clock else None, level(clock.level) if clock else "")
        late = one.late is not None and "arrive" in one.late
        return Cell("late" if late else mark, words + self._timely(one, "arrive"), at)

    def _undone(self, one: _Stand, duty: str, clock: ClockShown | None) -> Cell:
        if clock is not None:
            return Cell("running", "", None, clock.due_at, level(clock.level))
        if self._paused and duty in self._stops:
            return Cell("paused", "暂停计时")
        if self._over and one.late is not None:
            return Cell("late" if duty in one.late else "none", "没有办")
        return Cell("wait", "还没有" if one.late is None else "不限时")

    def _timely(self, one: _Stand, duty: str) -> str:
        if one.late is None:
            return ""
        return ",逾期" if duty in one.late else ",按时"

    def _at(self, duty: str, post: str) -> datetime | None:
        """When it was done, as far as the steps that the viewer may read say."""
        return next((_when(leaf.step, leaf.at) for leaf in reversed(self._leaves) if _of(leaf.step, duty, post)), None)


def _of(step: Step, duty: str, post: str) -> bool:
    return isinstance(step, _STEPS[duty]) and getattr(step, "post", "") == post


def _when(step: Step, at: datetime) -> datetime:
    return step.arrived_at if isinstance(step, s.Arrived) else at
