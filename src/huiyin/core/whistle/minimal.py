"""What a department may know of a whistle (最小事件): the matter, the place, the task and its own clocks."""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from huiyin.core.whistle import steps as s
from huiyin.core.whistle.commands import Kind, Position
from huiyin.core.whistle.state import Line, Whistle
from huiyin.core.whistle.steps import Clock, OnSite, Step
from huiyin.core.words import Sealed, Spot


class Stage(Struct, frozen=True):
    """How far a department is, for the others on the same whistle."""

    post: str
    lead: bool
    acknowledged: bool
    on_site: OnSite | None
    answered: bool


class Minimal(Struct, frozen=True):
    """An allow-list: all that leaves the street for a department. `number` is the whistle's own, of no ticket.

    Not in it: any ticket, the complaint or its words, who is complained about, why the street cannot, what the ladder
    tried, which person blew, passed or approved it, what residents said, how others were rated. The place is never
    nearer than the building: a stairwell can tell who complained (DOMAIN T13).
    """

    number: str
    kind: Kind
    category: str
    spot: Spot
    position: Position | None
    words: Sealed
    pictures: tuple[Sealed, ...]
    blower: str
    street: str
    lead: bool
    called_at: datetime
    bound: bool
    objected: bool
    paused: bool
    returned: int
    closed: bool
    clocks: tuple[Clock, ...]
    others: tuple[Stage, ...]


def minimal(whistle: Whistle, post: str) -> Minimal | None:
    """The whistle as one department may see it; None where it is not called: then there is nothing to see."""
    line = whistle.line(post)
    if line is None:
        return None
    return Minimal(
        number=whistle.number,
        kind=whistle.kind,
        category=whistle.category,
        spot=replace(whistle.spot, unit=None),
        position=whistle.position,
        words=line.words,
        pictures=whistle.pictures,
        blower=whistle.blower,
        street=whistle.street,
        lead=line.lead,
        called_at=line.called_at,
        bound=line.bound,
        objected=line.objection is not None,
        paused=whistle.state == "paused",
        returned=whistle.returned,
        closed=whistle.state == "closed",
        clocks=tuple(one for one in whistle.clocks if one.post == post),
        others=tuple(_stage(one, whistle) for one in whistle.lines if one.post != post),
    )


def _stage(line: Line, whistle: Whistle) -> Stage:
    answered = line.answered is not None or (line.lead and whistle.reply is not None)
    on_site = line.arrived.on_site if line.arrived is not None else None
    return Stage(line.post, line.lead, bool(line.person), on_site, answered)


# -- its steps --------------------------------------------------------------------------------------------


def shared(step: Step, post: str, *, lead: bool) -> Step | None:
    """A step as a department that is on the whistle may read it, None where it may not: what it did, what was asked of
    it, its own clocks, what became of the whole. Never why it was blown, who is behind it, or what a resident said."""
    if not _reads(step, post, lead=lead):
        return None
    if isinstance(step, s.Paused):
        step = replace(step, stopped=tuple(one for one in step.stopped if one.post == post))
    if isinstance(step, s.Called):
        step = replace(step, asks=tuple(one for one in step.asks if one.post == post))
    if isinstance(step, s.ObjectionRuled) and step.post != post:
        step = _taken_over(step)
    if isinstance(step, _CLOCKED):
        return replace(step, clocks=tuple(one for one in step.clocks if one.post == post))
    return step


def _taken_over(step: s.ObjectionRuled) -> s.ObjectionRuled:
    """A ruling for whoever has the duty from now on: whose it was, and why no longer, is not theirs to know. It may
    have been that somebody complained about them."""
    words = None if step.reason == "recused" else step.words
    return replace(step, post="", reason="other", words=words)


_CLOCKED = (
    s.Called,
    s.Confirmed,
    s.Objected,
    s.ObjectionRuled,
    s.Replied,
    s.PauseAsked,
    s.Paused,
    s.Resumed,
    s.Returned,
)


def _reads(step: Step, post: str, *, lead: bool) -> bool:
    match step:
        case s.Called():
            return any(one.post == post for one in step.asks)
        case s.Objected() | s.BlowerRated() | s.DepartmentRated() | s.Reminded() | s.Supervised():
            return step.post == post
        case s.ObjectionRuled():
            return post in (step.post, step.to)
        case s.Answered() | s.Progressed():
            return lead or step.post == post
        case s.Planned() | s.Replied() | s.PauseAsked() | s.PauseRefused():
            return lead
        case s.Acknowledged() | s.Arrived() | s.Paused() | s.Resumed() | s.Returned() | s.Confirmed():
            return True
        case s.Cancelled() | s.Closed():
            return True
        case _:
            return False
