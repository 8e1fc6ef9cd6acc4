"""A pause (暂停计时): asked for with a reason, granted by another one, stopping the right clocks only."""

from typing import assert_never

from msgspec.structs import replace

from huiyin.core.deadline import Limit, rest
from huiyin.core.scene import Refused
from huiyin.core.whistle.commands import AskPause, GrantPause, Pausing, RefusePause, Resume
from huiyin.core.whistle.ground import Ground, working
from huiyin.core.whistle.state import Pause, Whistle
from huiyin.core.whistle.steps import Clock, Held, PauseAsked, Paused, PauseRefused, Rest, Resumed, Step


def decide(whistle: Whistle, command: Pausing, ground: Ground) -> list[Step]:
    """Steps of asking for a pause, of granting it and of its end."""
    match command:
        case AskPause():
            return _ask(whistle, command, ground)
        case GrantPause():
            if whistle.state == "paused":
                return []
            return [_paused(whistle, _asked(whistle, ground), ground)]
        case RefusePause():
            working(whistle, "called")
            _asked(whistle, ground)
            return [PauseRefused(command.words)]
        case Resume():
            if whistle.state != "paused":
                raise Refused("not-paused")
            return [resumed(whistle, ground)]
        case _:
            assert_never(command)


def _ask(whistle: Whistle, command: AskPause, ground: Ground) -> list[Step]:
    book, lead = ground.rules.whistle.pauses, whistle.lead
    assert lead is not None
    asked = Pause(command.reason, command.days, command.words, lead.post, ground.by.person)
    if whistle.pause is not None and replace(whistle.pause, stopped=()) == asked:
        return []
    working(whistle, "called")
    if whistle.kind not in book.kinds:
        raise Refused("not-for-this-kind")
    if whistle.pause is not None:
        raise Refused("pause-asked")
    if whistle.pauses >= book.times:
        raise Refused("no-pause-left")
    if not 1 <= command.days <= book.longest:
        raise Refused("pause-too-long")
    if not lead.person:
        raise Refused("not-acknowledged")
    _in_time(whistle, ground)
    clock = ground.clock(whistle.kind, "grant", whistle.street, lead.post)
    return [PauseAsked(lead.post, ground.by.person, command.reason, command.days, command.words, (clock,))]


def _in_time(whistle: Whistle, ground: Ground) -> None:
    """No pause is retroactive, and none while it is in question whose duty it is."""
    if any(one.objection for one in whistle.lines):
        raise Refused("objection-pending")
    if not any(one.duty == "reply" and one.level == 0 and one.watch.due.at > ground.at for one in whistle.clocks):
        raise Refused("too-late")


def _asked(whistle: Whistle, ground: Ground) -> Pause:
    """The request that somebody else may grant."""
    if whistle.pause is None:
        raise Refused("nothing-asked")
    if ground.sits(whistle.pause.post, whistle.pause.person):
        raise Refused("own-request")
    return whistle.pause


def _paused(whistle: Whistle, pause: Pause, ground: Ground) -> Paused:
    working(whistle, "called")
    _in_time(whistle, ground)
    stopped = tuple(
        Rest(one.duty, one.post, rest(one.watch.due, ground.at, ground.rules.calendar, ground.rules.whistle.office))
        for one in whistle.clocks
        if one.duty in ground.rules.whistle.pauses.stops and one.level == 0 and one.watch.due.at > ground.at
    )
    clock = ground.clock(whistle.kind, "pause", pause.post, limit=Limit(pause.days, "working_day"))
    return Paused(pause.reason, pause.days, stopped, (clock,))


def resumed(whistle: Whistle, ground: Ground) -> Resumed:
    """What was left of the clocks that rested, from now on."""
    stopped = whistle.pause.stopped if whistle.pause else ()
    return Resumed(tuple(_again(one, whistle, ground) for one in stopped))


def _again(one: Rest, whistle: Whistle, ground: Ground) -> Clock:
    return ground.clock(whistle.kind, one.duty, one.post, limit=one.left)


# -- folding ----------------------------------------------------------------------------------------------


def follow(whistle: Whistle, step: Held) -> Whistle:
    """The whistle after a step of this kind."""
    match step:
        case PauseAsked():
            pause = Pause(step.reason, step.days, step.words, step.post, step.person)
            return replace(whistle, pause=pause).starting(step.clocks)
        case PauseRefused():
            return replace(whistle, pause=None).stopping("grant")
        case Paused():
            return _held(whistle, step)
        case Resumed():
            return replace(whistle, state="called", pause=None).stopping("pause").starting(step.clocks)
        case _:
            assert_never(step)


def _held(whistle: Whistle, step: Paused) -> Whistle:
    """The stopped clocks are kept beside the others."""
    assert whistle.pause is not None
    for one in step.stopped:
        whistle = whistle.stopping(one.duty, post=one.post)
    pause = whistle.pause and replace(whistle.pause, stopped=step.stopped)
    after = replace(whistle, state="paused", pause=pause, pauses=whistle.pauses + 1)
    return after.stopping("grant").starting(step.clocks)
