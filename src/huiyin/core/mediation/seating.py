"""Who mediates (选定、指派、披露、回避): of the register, without an interest, and nobody whom a party challenges."""

from typing import assert_never

from msgspec.structs import replace

from huiyin.core.mediation.commands import Assign, Disclose, Release, Seating
from huiyin.core.mediation.ground import Ground, working
from huiyin.core.mediation.state import BEFORE_EFFECT, Mediation, Mediator
from huiyin.core.mediation.steps import Disclosed, MediatorAssigned, MediatorLeft, Seated, Step
from huiyin.core.scene import Refused


def decide(mediation: Mediation, command: Seating, ground: Ground) -> list[Step]:
    """Steps of who mediates; one of several may go at any time, and another come."""
    match command:
        case Assign():
            return _assign(mediation, command, ground)
        case Disclose():
            return _disclose(mediation, command, ground)
        case Release():
            return _release(mediation, command, ground)
        case _:
            assert_never(command)


def _assign(mediation: Mediation, command: Assign, ground: Ground) -> list[Step]:
    """By the committee, or as the parties chose (art. 19, 23)."""
    if mediation.mediator(command.person) is not None:
        return []
    working(mediation, BEFORE_EFFECT)
    ground.free(mediation, command.person)
    if mediation.question("mediator", command.person).no:
        raise Refused("mediator-challenged")
    if command.chosen and not mediation.allowed("mediator", command.person):
        raise Refused("not-chosen-by-all")
    return [MediatorAssigned(command.person, command.chosen)]


def _disclose(mediation: Mediation, command: Disclose, ground: Ground) -> list[Step]:
    one = mediation.mediator(ground.by.person)
    assert one is not None
    if command.words in one.disclosed:
        return []
    working(mediation, BEFORE_EFFECT)
    return [Disclosed(one.person, command.words)]


def _release(mediation: Mediation, command: Release, ground: Ground) -> list[Step]:
    """A mediator lets nobody go but themselves."""
    left = MediatorLeft(command.person, command.reason)
    if mediation.mediator(command.person) is None:
        if left in mediation.gone:
            return []
        raise Refused("not-assigned")
    if ground.by.post != ground.desk(mediation) and ground.by.person != command.person:
        raise Refused("not-your-hand")
    working(mediation, BEFORE_EFFECT)
    return [left]


# -- folding ----------------------------------------------------------------------------------------------


def follow(mediation: Mediation, step: Seated) -> Mediation:
    """The mediation after a step of this kind."""
    match step:
        case MediatorAssigned():
            return replace(mediation, mediators=(*mediation.mediators, Mediator(step.person, step.chosen)))
        case Disclosed():
            seats = (
                replace(one, disclosed=(*one.disclosed, step.words)) if one.person == step.person else one
                for one in mediation.mediators
            )
            return replace(mediation, mediators=tuple(seats))
        case MediatorLeft():
            return _left(mediation, step)
        case _:
            assert_never(step)


def _left(mediation: Mediation, step: MediatorLeft) -> Mediation:
    """Out of the case, and with them their signature under a document that has no effect yet."""
    kept, agreement = tuple(one for one in mediation.mediators if one.person != step.person), mediation.agreement
    if agreement is not None:
        marks = tuple(one for one in agreement.marks if (one.hand, one.by) != ("mediator", step.person))
        agreement = replace(agreement, marks=marks)
    return replace(mediation, mediators=kept, gone=(*mediation.gone, step), agreement=agreement)
