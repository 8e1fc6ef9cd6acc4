"""What time itself does to a whistle (催办、督办、挂牌督办、报区): reminders, supervision, the end of a pause."""

from collections.abc import Callable
from typing import Literal

from msgspec.structs import replace

from huiyin.core.deadline import recomputed as again
from huiyin.core.watch import Watch, reminder
from huiyin.core.whistle import pausing
from huiyin.core.whistle.commands import Tick, Timing
from huiyin.core.whistle.ground import Ground
from huiyin.core.whistle.state import Whistle
from huiyin.core.whistle.steps import Clock, Closed, Recomputed, Reminded, Step, Supervised, Timed


def decide(whistle: Whistle, command: Timing, ground: Ground) -> list[Step]:
    """The one thing that is due now, what ran out first; [] where nothing is. What else is due is the next tick's."""
    if not isinstance(command, Tick):
        return _recompute(whistle, ground)
    over = [one for one in whistle.clocks if one.watch.due.at <= ground.at]
    if over:
        return [_lapsed(whistle, min(over, key=lambda one: one.watch.due.at), ground)]
    told = ((one, reminder(one.watch, one.told, ground.at)) for one in whistle.clocks)
    return next(([Reminded(one.duty, one.post, part, one.of)] for one, part in told if part), [])


def _lapsed(whistle: Whistle, clock: Clock, ground: Ground) -> Step:
    """A pause is over, the time to rate has gone by; whatever else is late is supervised, a level higher each time."""
    if clock.duty == "pause":
        return pausing.resumed(whistle, ground)
    if clock.duty == "rate":
        return Closed("unrated", ground.at, whistle.unrated)
    late = ground.watch(ground.limits(whistle.kind).late, "督办时限")
    return supervised(clock, "lapsed", late, ground)


def supervised(clock: Clock, reason: Literal["lapsed", "returned"], watch: Watch, ground: Ground) -> Supervised:
    """The next level of a clock; some duties begin at 督办."""
    book = ground.rules.whistle
    first = 2 if reason == "returned" else book.first_level.get(clock.duty, 1)
    return Supervised(reason, clock.duty, clock.post, max(clock.level + 1, first), watch, clock.of)


def _recompute(whistle: Whistle, ground: Ground) -> list[Step]:
    """Provisional due times worked out again; a step where one of them was, changed or not (DOMAIN 7.5)."""
    book = ground.rules
    fresh = []
    for one in whistle.clocks:
        due = again(one.watch.due, book.calendar, book.whistle.office) if one.watch.due.provisional else None
        if due is not None:
            fresh.append(replace(one, watch=ground.reminding(due)))
    return [Recomputed(tuple(fresh))] if fresh else []


# -- folding ----------------------------------------------------------------------------------------------


def follow(whistle: Whistle, step: Timed) -> Whistle:
    """The whistle after a step of this kind."""
    if isinstance(step, Recomputed):
        return whistle.starting(step.clocks)
    if isinstance(step, Reminded):
        return _turned(whistle, step, lambda one: replace(one, told=(*one.told, step.part)))
    after = _turned(whistle, step, lambda one: replace(one, watch=step.watch, level=step.level, told=()))
    late = (step.duty, step.post)
    known = after.late if late in after.late or step.reason == "returned" else (*after.late, late)
    return replace(after, level=max(after.level, step.level), late=known)


def _turned(whistle: Whistle, step: Reminded | Supervised, turn: Callable[[Clock], Clock]) -> Whistle:
    """One clock in its place."""
    key = (step.duty, step.post, step.of)
    return replace(whistle, clocks=tuple(turn(one) if one.key == key else one for one in whistle.clocks))
