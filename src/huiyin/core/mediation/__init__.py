"""A mediation's life (人民调解): applied for, consented to by all, sat, agreed or ended, performed, filed."""

from datetime import datetime
from typing import assert_never

from msgspec.structs import replace

from huiyin.core.mediation import agreeing, ending, joining, keeping, meeting, opening, seating, sitting, steps, timing
from huiyin.core.mediation import commands as asked
from huiyin.core.mediation.authority import allow
from huiyin.core.mediation.commands import Command
from huiyin.core.mediation.ground import Ground, Rules, known
from huiyin.core.mediation.state import Mediation
from huiyin.core.mediation.steps import Step
from huiyin.core.scene import Scene

__all__ = ["Command", "Mediation", "Rules", "Step", "decide", "follow"]

_NOBODY_ELSE = Scene()


def decide(
    mediation: Mediation | None, command: Command, *, at: datetime, rules: Rules, scene: Scene = _NOBODY_ELSE
) -> list[Step]:
    """The steps a command leads to; [] for a repeat; raises Refused where the mediation or the scene does not allow it.
    `scene.parties` are its parties by person and household, `scene.staff` holds the committee's register: nobody with
    an interest mediates."""
    ground = Ground(at, rules, scene)
    if isinstance(command, asked.Apply) and mediation is None:
        return opening.decide(None, command, ground)
    one = known(mediation)
    allow(ground, one, command)
    if isinstance(command, asked.Opening):
        return opening.decide(one, command, ground)
    if isinstance(command, asked.Joining):
        return joining.decide(one, command, ground)
    if isinstance(command, asked.Seating):
        return seating.decide(one, command, ground)
    if isinstance(command, asked.Sitting | asked.Guarding):
        return sitting.decide(one, command, ground)
    if isinstance(command, asked.Meeting):
        return meeting.decide(one, command, ground)
    if isinstance(command, asked.Agreeing):
        return agreeing.decide(one, command, ground)
    return _later(one, command, ground)


def _later(
    one: Mediation, command: asked.After | asked.Confirming | asked.Ending | asked.Timing, ground: Ground
) -> list[Step]:
    """What comes after an agreement, or instead of one, or with time."""
    if isinstance(command, asked.After | asked.Confirming):
        return keeping.decide(one, command, ground)
    if isinstance(command, asked.Ending):
        return ending.decide(one, command, ground)
    if isinstance(command, asked.Timing):
        return timing.decide(one, command, ground)
    assert_never(command)


def follow(mediation: Mediation | None, step: Step) -> Mediation:
    """The mediation after a step; raises ValueError where the first step is not `Applied`."""
    after = _followed(mediation, step)
    return replace(after, version=1 if mediation is None else mediation.version + 1)


def _followed(mediation: Mediation | None, step: Step) -> Mediation:
    if isinstance(step, steps.Begun):
        return opening.follow(mediation, step)
    if mediation is None:
        raise ValueError("a mediation begins with mediation.applied.v1")
    if isinstance(step, steps.Joined):
        return joining.follow(mediation, step)
    if isinstance(step, steps.Seated):
        return seating.follow(mediation, step)
    if isinstance(step, steps.Sat):
        return sitting.follow(mediation, step)
    if isinstance(step, steps.Guarded):
        return sitting.guarded(mediation, step)
    if isinstance(step, steps.Met):
        return meeting.follow(mediation, step)
    if isinstance(step, steps.Agreed):
        return agreeing.follow(mediation, step)
    return _went_on(mediation, step)


def _went_on(mediation: Mediation, step: steps.Followed | steps.Confirmed | steps.Over | steps.Timed) -> Mediation:
    if isinstance(step, steps.Followed):
        return keeping.follow(mediation, step)
    if isinstance(step, steps.Confirmed):
        return keeping.ruled(mediation, step)
    if isinstance(step, steps.Over):
        return ending.follow(mediation, step)
    if isinstance(step, steps.Timed):
        return timing.follow(mediation, step)
    assert_never(step)
