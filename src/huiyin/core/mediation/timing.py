"""What time itself does to a mediation (提醒、督促、期满): reminders, urging, its month is over, a right lapses."""

from msgspec.structs import replace

from huiyin.core.deadline import recomputed as again
from huiyin.core.mediation import ending
from huiyin.core.mediation.clocks import Countdown
from huiyin.core.mediation.commands import Tick, Timing
from huiyin.core.mediation.ground import Ground
from huiyin.core.mediation.state import Mediation
from huiyin.core.mediation.steps import Recomputed, Reminded, Step, Timed, Urged
from huiyin.core.mediation.steps_agreed import ConfirmationLapsed


def decide(mediation: Mediation, command: Timing, ground: Ground) -> list[Step]:
    """The one thing that is due now, what ran out first; [] where nothing is. What else is due is the next tick's."""
    if not isinstance(command, Tick):
        return _recompute(mediation, ground)
    over = [one for one in mediation.clocks if one.due.at <= ground.at]
    if over:
        return [_lapsed(mediation, min(over, key=lambda one: one.due.at), ground)]
    told = ((one, one.reminder(ground.at)) for one in mediation.clocks)
    return next(([Reminded(one.duty, left, one.of)] for one, left in told if left is not None), [])


def _lapsed(mediation: Mediation, clock: Countdown, ground: Ground) -> Step:
    """The time for mediating is over: it ends with the routes told (宁波 27); the court's thirty days: the right is
    gone; whatever else is late is urged, and never goes quiet."""
    if clock.duty == "mediate":
        return ending.ended(mediation, "time-over", ground)
    if clock.duty == "confirm":
        return ConfirmationLapsed(ground.at)
    late = ground.late(clock)
    return Urged(clock.duty, late.level, (late,), clock.of)


def _recompute(mediation: Mediation, ground: Ground) -> list[Step]:
    """Provisional due times worked out again; a step where one of them was, changed or not (DOMAIN 7.5)."""
    book, fresh = ground.rules, []
    for one in mediation.clocks:
        due = again(one.due, book.calendar, book.mediation.office) if one.due.provisional else None
        if due is not None:
            fresh.append(replace(one, due=due, alarms=ground.counting(one.duty, due).alarms if one.alarms else ()))
    return [Recomputed(tuple(fresh))] if fresh else []


# -- folding ----------------------------------------------------------------------------------------------


def follow(mediation: Mediation, step: Timed) -> Mediation:
    """The mediation after a step of this kind."""
    if isinstance(step, Reminded):
        clock = mediation.clock(step.duty, step.of)
        assert clock is not None
        return mediation.starting((replace(clock, told=step.left),))
    if isinstance(step, Urged):
        return replace(mediation, level=max(mediation.level, step.level)).starting(step.clocks)
    return mediation.starting(step.clocks)
