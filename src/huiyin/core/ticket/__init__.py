"""A complaint's life as a ticket (工单): filed, sorted, at a rung, up the ladder, answered, closed."""

from datetime import datetime
from typing import assert_never

from msgspec.structs import replace

from huiyin.core import commands as asked
from huiyin.core import endings, voices
from huiyin.core import steps as done
from huiyin.core.commands import Command, File, Reclassify
from huiyin.core.mediated import Mediated
from huiyin.core.state import State, Ticket
from huiyin.core.steps import Filed, HotlineInstructed, Reclassified, Sorted, Step
from huiyin.core.ticket import asking, climbing, ending, filing, handling, hearing, joining, looking, voicing
from huiyin.core.ticket.authority import allow
from huiyin.core.ticket.ground import CLOCK, RESIDENT, SORTER, Ground, Refused, Rules, Scene, known
from huiyin.core.whistled import Whistled
from huiyin.core.words import Actor, SameMatter

__all__ = [
    "CLOCK",
    "RESIDENT",
    "SORTER",
    "Actor",
    "Command",
    "File",
    "Filed",
    "HotlineInstructed",
    "Reclassified",
    "Reclassify",
    "Refused",
    "Rules",
    "SameMatter",
    "Scene",
    "Sorted",
    "State",
    "Step",
    "Ticket",
    "decide",
    "follow",
]

_NOBODY_ELSE = Scene()


def decide(
    ticket: Ticket | None, command: Command, *, at: datetime, rules: Rules, scene: Scene = _NOBODY_ELSE
) -> list[Step]:
    """The steps a command leads to; [] for a repeat; raises Refused where the ticket or the scene does not allow it."""
    if isinstance(command, File):
        return filing.decide(ticket, command, Ground(at, rules, scene))
    one = known(ticket)
    ground = Ground(at, rules, replace(scene, parties=(*scene.parties, *one.kept_out)))
    return _decided(one, command, ground, allow(ground, one, command))


def _decided(one: Ticket, command: Command, ground: Ground, relations: frozenset[str]) -> list[Step]:
    if isinstance(command, Whistled | Mediated):
        return hearing.decide(one, command)
    if isinstance(command, asked.Climbing):
        return climbing.decide(one, command, ground)
    if isinstance(command, voices.Voicing):
        return voicing.decide(one, command, ground)
    if isinstance(command, asked.Filing):
        return filing.decide(one, command, ground)
    if isinstance(command, asked.Asking):
        return asking.decide(one, command, ground, relations)
    if isinstance(command, asked.Joining):
        return joining.decide(one, command, ground)
    if isinstance(command, asked.Ending):
        return ending.decide(one, command, ground)
    if isinstance(command, asked.Looking):
        return looking.decide(one, command, ground)
    return handling.decide(one, command, ground)


def follow(ticket: Ticket | None, step: Step) -> Ticket:
    """The ticket after a step; raises ValueError where the first step is not `Filed`."""
    if isinstance(step, filing.PLACED):
        after = filing.follow(ticket, step)
        return after if ticket is None else replace(after, version=ticket.version + 1)
    if ticket is None:
        raise ValueError("a ticket begins with ticket.filed.v1")
    if isinstance(step, Whistled | Mediated):
        return replace(hearing.follow(ticket, step), version=ticket.version + 1)
    if isinstance(step, voices.Voiced):
        return replace(voicing.follow(ticket, step), version=ticket.version + 1)
    return replace(_followed(ticket, step), version=ticket.version + 1)


def _followed(
    ticket: Ticket, step: done.Handled | done.Climbed | done.Granted | endings.Grouped | endings.Ended
) -> Ticket:
    match step:
        case done.Requested() | done.RequestDeclined() | done.Extended() | done.Shelved() | done.Cleared():
            return asking.follow(ticket, step)
        case endings.Merged() | endings.Joined() | endings.Split() | endings.Left():
            return joining.follow(ticket, step)
        case endings.FollowedUp() | endings.Reopened() | endings.Redirected() | endings.Closed():
            return ending.follow(ticket, step)
        case done.Reminded() | done.HandedUp() | done.Supervised() | done.SupervisionAnswered():
            return climbing.follow(ticket, step)
        case done.Objected() | done.ObjectionRuled() | done.Dispatched() | done.Recomputed():
            return climbing.follow(ticket, step)
        case (
            done.Signed() | done.Contacted() | done.Noted() | done.SiteChecked() | done.Dissuaded() | done.Reassigned()
        ):
            return handling.follow(ticket, step)
        case done.Pictured() | done.Related() | done.Resolved() | done.Replied():
            return handling.follow(ticket, step)
        case done.Viewed() | done.Notified():
            return ticket
        case _:
            assert_never(step)
