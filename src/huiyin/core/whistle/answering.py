"""The departments' side (应哨、报到、办理、答复): every one for itself, the lead for all (首接负责)."""

from datetime import timedelta
from typing import assert_never

from msgspec.structs import replace

from huiyin.core.deadline import due
from huiyin.core.scene import Refused
from huiyin.core.whistle.commands import (
    Acknowledge,
    Answer,
    Answering,
    Arrive,
    Ask,
    AskCo,
    Plan,
    Progress,
    Reply,
)
from huiyin.core.whistle.ground import Ground, coarse, working
from huiyin.core.whistle.state import BOUND, Line, Whistle
from huiyin.core.whistle.steps import (
    Acknowledged,
    Answered,
    Arrived,
    Called,
    Planned,
    Progressed,
    Replied,
    Step,
    Worked,
)

_FARTHEST = timedelta(days=3 * 366)  # of a plan; what lies at the end of all calendars could not even be told


def decide(whistle: Whistle, command: Answering, ground: Ground) -> list[Step]:
    """Steps of a department's work; a stage is refused before the one that comes before it."""
    line = whistle.line(ground.by.post)
    assert line is not None
    match command:
        case Acknowledge():
            return _acknowledge(whistle, line, command)
        case Arrive():
            return _arrive(whistle, line, command, ground)
        case Plan():
            return _plan(whistle, line, command, ground)
        case Progress():
            working(whistle, *BOUND)
            return [Progressed(line.post, command.words)]
        case AskCo():
            return _ask(whistle, line, command, ground)
        case Answer():
            return _answer(whistle, line, command, ground)
        case Reply():
            return _reply(whistle, line, command, ground)
        case _:
            assert_never(command)


def _acknowledge(whistle: Whistle, line: Line, command: Acknowledge) -> list[Step]:
    if line.person and line.person == command.person:
        return []
    working(whistle, *BOUND)
    if not command.person:
        raise Refused("nobody-named")
    return [Acknowledged(line.post, command.person)]


def _arrive(whistle: Whistle, line: Line, command: Arrive, ground: Ground) -> list[Step]:
    position = coarse(command.position)
    there = command.on_site and whistle.spot.community_code in (None, command.spot.community_code)
    on_site = ground.on_site(whistle, position, command.pictures) if there else "no"
    arrived = Arrived(line.post, command.arrived_at, command.spot, on_site, position, command.pictures)
    if line.arrived == arrived:
        return []
    working(whistle, *BOUND)
    _acknowledged(line)
    if line.came:
        raise Refused("already-arrived")
    if command.arrived_at > ground.at:
        raise Refused("not-yet-happened")
    if command.arrived_at < line.called_at:
        raise Refused("before-the-call")
    return [arrived]


def _plan(whistle: Whistle, line: Line, command: Plan, ground: Ground) -> list[Step]:
    planned = Planned(line.post, command.words, command.until)
    if line.planned == planned:
        return []
    working(whistle, "called")
    _come(whistle, line, ground)
    if command.until <= ground.at:
        raise Refused("by-when-past")
    if command.until > ground.at + _FARTHEST:
        raise Refused("by-when-too-far")
    return [planned]


def _ask(whistle: Whistle, line: Line, command: AskCo, ground: Ground) -> list[Step]:
    already = whistle.line(command.post)
    if already is not None and already.words == command.words:
        return []
    working(whistle, "called")
    _acknowledged(line)
    if already is not None:
        raise Refused("already-asked")
    _callable(command.post, whistle, ground)
    ask = Ask(command.post, command.words)
    return [Called(ground.at, (ask,), ground.called(whistle.kind, (ask,)))]


def _callable(post: str, whistle: Whistle, ground: Ground) -> None:
    """Who is complained about is not called; a department is not told that this is why."""
    try:
        ground.callable(post, whistle.about)
    except Refused as refused:
        if refused.code in ("accused-unknown", "department-recused"):
            raise Refused("ask-the-street") from None
        raise


def _answer(whistle: Whistle, line: Line, command: Answer, ground: Ground) -> list[Step]:
    if line.answered == command.words:
        return []
    working(whistle, *BOUND)
    _come(whistle, line, ground)
    if line.answered is not None:
        raise Refused("already-answered")
    return [Answered(line.post, command.words)]


def _reply(whistle: Whistle, line: Line, command: Reply, ground: Ground) -> list[Step]:
    if whistle.reply is not None and _said(whistle.reply) == _asked(command):
        return []
    working(whistle, "called")
    _come(whistle, line, ground)
    if line.planned is None and ground.limits(whistle.kind).plan is not None:
        raise Refused("not-planned")
    return [_replied(whistle, line, command, ground)]


def _replied(whistle: Whistle, line: Line, command: Reply, ground: Ground) -> Replied:
    """The four elements, each of them asked for. What is promised is confirmed once its day has come."""
    if command.accepted_at is None:
        raise Refused("reply-lacks-accepted")
    if not command.contacted:
        raise Refused("reply-lacks-contacted")
    if command.done is None:
        raise Refused("reply-lacks-done")
    if not command.finished and command.by_when is None:
        raise Refused("reply-lacks-by-when")
    if command.accepted_at > ground.at:
        raise Refused("not-yet-happened")
    if command.accepted_at < line.called_at:
        raise Refused("before-the-call")
    by_when = None if command.finished else command.by_when
    if by_when is not None:
        book = ground.rules
        if by_when <= ground.at:
            raise Refused("by-when-past")
        if by_when > due(ground.at, book.whistle.promise, "", book.calendar, book.whistle.office).at:
            raise Refused("by-when-too-far")
    from_then = ground if by_when is None else replace(ground, at=by_when)
    clock = from_then.clock(whistle.kind, "confirm", whistle.blower)
    return Replied(line.post, command.accepted_at, command.contacted, command.done, (clock,), by_when)


def _said(step: Replied) -> tuple[object, ...]:
    return step.accepted_at, step.contacted, step.done, step.by_when


def _asked(command: Reply) -> tuple[object, ...]:
    return command.accepted_at, command.contacted, command.done, None if command.finished else command.by_when


def _acknowledged(line: Line) -> None:
    if not line.person:
        raise Refused("not-acknowledged")


def _come(whistle: Whistle, line: Line, ground: Ground) -> None:
    """Acknowledged, and there where this kind of whistle asks for it."""
    _acknowledged(line)
    if not line.came and ground.limits(whistle.kind).arrive is not None:
        raise Refused("not-arrived")


# -- folding ----------------------------------------------------------------------------------------------


def follow(whistle: Whistle, step: Worked) -> Whistle:
    """The whistle after a step of this kind."""
    line = whistle.line(step.post)
    assert line is not None
    match step:
        case Acknowledged():
            return whistle.with_line(replace(line, person=step.person)).stopping("acknowledge", post=line.post)
        case Arrived():
            after = whistle.with_line(replace(line, arrived=step))
            return after if step.on_site == "no" else after.stopping("arrive", post=line.post)
        case Planned():
            return whistle.with_line(replace(line, planned=step)).stopping("plan", post=line.post)
        case Progressed():
            return whistle
        case Answered():
            after = whistle.with_line(replace(line, answered=step.words, objection=None))
            return after.stopping("answer", "rule", post=line.post)
        case Replied():
            after = replace(whistle.with_line(replace(line, objection=None)), state="replied", reply=step, pause=None)
            return after.stopping("reply", "rule", "grant", post=line.post).starting(step.clocks)
        case _:
            assert_never(step)
