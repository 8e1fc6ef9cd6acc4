"""A whistle's life (吹哨报到): blown, passed on, approved, called, acknowledged, arrived, replied, rated both ways."""

from datetime import datetime
from typing import assert_never

from msgspec.structs import replace

from huiyin.core.scene import Scene
from huiyin.core.whistle import answering, blowing, disputing, ending, pausing, steps, timing
from huiyin.core.whistle import commands as asked
from huiyin.core.whistle.authority import allow
from huiyin.core.whistle.commands import Command
from huiyin.core.whistle.ground import Ground, Rules, known
from huiyin.core.whistle.state import Whistle
from huiyin.core.whistle.steps import Step

__all__ = ["Command", "Rules", "Step", "Whistle", "decide", "follow"]

_NOBODY_ELSE = Scene()


def decide(
    whistle: Whistle | None, command: Command, *, at: datetime, rules: Rules, scene: Scene = _NOBODY_ELSE
) -> list[Step]:
    """The steps a command leads to; [] for a repeat; raises Refused where the whistle or the scene does not allow
    it. `scene.parties` are those of all its tickets: who is complained about neither blows nor is called."""
    ground = Ground(at, rules, scene)
    if isinstance(command, asked.Blow):
        return blowing.decide(whistle, command, ground)
    one = known(whistle)
    allow(ground, one, command)
    if isinstance(command, asked.Blowing):
        return blowing.decide(one, command, ground)
    if isinstance(command, asked.Answering):
        return answering.decide(one, command, ground)
    if isinstance(command, asked.Disputing):
        return disputing.decide(one, command, ground)
    if isinstance(command, asked.Pausing):
        return pausing.decide(one, command, ground)
    if isinstance(command, asked.Ending):
        return ending.decide(one, command, ground)
    if isinstance(command, asked.Timing):
        return timing.decide(one, command, ground)
    assert_never(command)


def follow(whistle: Whistle | None, step: Step) -> Whistle:
    """The whistle after a step; raises ValueError where the first step is not `Blown`."""
    after = _followed(whistle, step)
    return replace(after, version=1 if whistle is None else whistle.version + 1)


def _followed(whistle: Whistle | None, step: Step) -> Whistle:
    if isinstance(step, steps.Begun):
        return blowing.follow(whistle, step)
    if whistle is None:
        raise ValueError("a whistle begins with whistle.blown.v1")
    if isinstance(step, steps.Worked):
        return answering.follow(whistle, step)
    if isinstance(step, steps.Disputed):
        return disputing.follow(whistle, step)
    if isinstance(step, steps.Held):
        return pausing.follow(whistle, step)
    if isinstance(step, steps.Ended):
        return ending.follow(whistle, step)
    if isinstance(step, steps.Timed):
        return timing.follow(whistle, step)
    assert_never(step)
