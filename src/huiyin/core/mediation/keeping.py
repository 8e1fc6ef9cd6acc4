"""What becomes of an agreement (履行、回访、违约、司法确认): kept, breached, before a court, confirmed by one."""

from datetime import datetime
from typing import assert_never

from msgspec.structs import replace

from huiyin.core.deadline import Due
from huiyin.core.mediation.authority import PARTY
from huiyin.core.mediation.commands import After, Confirming
from huiyin.core.mediation.commands_agreed import (
    ApplyConfirmation,
    Breach,
    LinkBack,
    NoteWhistle,
    Perform,
    RecordRuling,
    Sue,
    TellConfirmation,
    Visit,
)
from huiyin.core.mediation.ground import Ground, working
from huiyin.core.mediation.state import BEFORE_EFFECT, IN_EFFECT, Agreement, Confirmation, Mediation, Owed
from huiyin.core.mediation.steps import Confirmed, Followed, Step
from huiyin.core.mediation.steps_agreed import (
    Breached,
    ConfirmationApplied,
    ConfirmationLapsed,
    ConfirmationRuled,
    ConfirmationTold,
    Fulfilled,
    Performed,
    Resurfaced,
    Sued,
    Visited,
    Whistled,
)
from huiyin.core.scene import Refused


def decide(mediation: Mediation, command: After | Confirming, ground: Ground) -> list[Step]:
    """Steps after the agreement has effect."""
    match command:
        case Perform():
            return _perform(mediation, command, ground)
        case Breach():
            return _breach(mediation, command, ground)
        case Visit():
            return _visit(mediation, command, ground)
        case Sue():
            return _sue(mediation, command, ground)
        case LinkBack():
            known = command.number in mediation.resurfaced
            return [] if known else [Resurfaced(command.number)]
        case NoteWhistle():
            return _note(mediation, command)
        case TellConfirmation():
            return _tell(mediation, command, ground)
        case ApplyConfirmation():
            return _apply(mediation, command, ground)
        case RecordRuling():
            return _rule(mediation, command, ground)
        case _:
            assert_never(command)


def _perform(mediation: Mediation, c: Perform, ground: Ground) -> list[Step]:
    """A party says so of what it is owed, never of what it owes."""
    working(mediation, IN_EFFECT)
    owed = _item(mediation, c.item)
    if c.party:
        ground.party(mediation, c.party)
    if ground.by.role == PARTY and owed.item.owed != c.party:
        raise Refused("owed-to-another")
    if (owed.done, owed.at) == (c.done, c.at) and set(c.evidence) <= set(owed.evidence):
        return []
    if owed.done == "whole":
        raise Refused("already-performed")
    ground.happened(c.at)
    performed = Performed(c.item, c.done, c.at, c.party, c.evidence)
    if all(one.done == "whole" for one in _agreement(follow(mediation, performed)).owed):
        return [performed, Fulfilled((ground.clock("archive"),))]
    return [performed]


def _breach(mediation: Mediation, command: Breach, ground: Ground) -> list[Step]:
    working(mediation, IN_EFFECT)
    owed = _item(mediation, command.item)
    if owed.breached == command.words:
        return []
    if owed.done == "whole":
        raise Refused("already-performed")
    if owed.breached is not None:
        raise Refused("already-breached")
    clock = mediation.clock("perform", command.item)
    if clock is not None and not clock.level and clock.due.at > ground.at:
        raise Refused("not-due-yet")
    return [Breached(command.item, command.words, ground.routes("breach"), (ground.clock("archive"),))]


def _visit(mediation: Mediation, command: Visit, ground: Ground) -> list[Step]:
    said = (command.satisfied, command.lawsuit, command.hazards)
    visited = Visited(command.at, command.parties, command.kept, command.words, *said, ground.by.person)
    if visited in mediation.visits:
        return []
    working(mediation, IN_EFFECT)
    ground.happened(command.at)
    if not command.parties:
        raise Refused("nobody-there")
    for party in command.parties:
        ground.party(mediation, party)
    if command.satisfied is not None and not 1 <= command.satisfied <= 5:
        raise Refused("score-out-of-range")
    return [visited]


def _sue(mediation: Mediation, command: Sue, ground: Ground) -> list[Step]:
    line = ground.party(mediation, command.party)
    if line.party in mediation.sued:
        return []
    working(mediation, IN_EFFECT)
    return [Sued(line.party, (ground.clock("archive"),))]


def _note(mediation: Mediation, command: NoteWhistle) -> list[Step]:
    """Of a restricted file its desk does not know what it is about: it calls nobody for it."""
    if command.number in mediation.whistles:
        return []
    if mediation.restricted:
        raise Refused("not-your-mediation")
    working(mediation, (*BEFORE_EFFECT, *IN_EFFECT, "ended"))
    return [Whistled(command.number)]


def _item(mediation: Mediation, item: str) -> Owed:
    found = next((one for one in _agreement(mediation).owed if one.item.item == item), None)
    if found is None:
        raise Refused("unknown-item")
    return found


def _agreement(mediation: Mediation) -> Agreement:
    assert mediation.agreement is not None
    return mediation.agreement


# -- the court --------------------------------------------------------------------------------------------


def _tell(mediation: Mediation, c: TellConfirmation, ground: Ground) -> list[Step]:
    """As long as they can still go there: who was told too late was not told of a right."""
    line = ground.party(mediation, c.party)
    if line.confirm_told is not None:
        return []
    working(mediation, IN_EFFECT)
    if mediation.confirmation in ("confirmed", "refused"):
        raise Refused("already-ruled")
    effective, limit = _court_from(mediation)
    ground.happened(c.at)
    if mediation.confirmation == "lapsed" or c.at >= limit.at:
        raise Refused("confirm-too-late")
    if c.at < effective:
        raise Refused("before-effect")
    return [ConfirmationTold(line.party, c.how, c.at, c.court)]


def _court_from(mediation: Mediation) -> tuple[datetime, Due]:
    """From when until when the court may be asked."""
    effective, limit = _agreement(mediation).effective_at, mediation.confirm_by
    assert effective is not None
    assert limit is not None
    return effective, limit


def _apply(mediation: Mediation, command: ApplyConfirmation, ground: Ground) -> list[Step]:
    """All parties together, within thirty days of effect (art. 33, 民事诉讼法 205); anew after they took it back."""
    working(mediation, IN_EFFECT)
    if mediation.confirmation == "applied":
        return []
    if mediation.confirmation in ("confirmed", "refused"):
        raise Refused("already-ruled")
    effective, limit = _court_from(mediation)
    if mediation.confirmation == "lapsed" or command.at >= limit.at:
        raise Refused("confirm-too-late")
    if not mediation.allowed("confirmation"):
        raise Refused("not-jointly")
    ground.happened(command.at)
    if command.at < effective:
        raise Refused("before-effect")
    return [ConfirmationApplied(command.at, (ground.clock("ruling", command.at),), command.court)]


def _rule(mediation: Mediation, command: RecordRuling, ground: Ground) -> list[Step]:
    working(mediation, IN_EFFECT)
    if (mediation.confirmation, mediation.confirm_words) == (command.ruling, command.words):
        return []
    if mediation.confirmation != "applied":
        raise Refused("nothing-to-rule")
    routes = ground.routes("not-confirmed") if command.ruling == "refused" else None
    return [ConfirmationRuled(command.ruling, command.words, routes)]


# -- folding ----------------------------------------------------------------------------------------------


def follow(mediation: Mediation, step: Followed) -> Mediation:
    """The mediation after a step of what becomes of the agreement."""
    match step:
        case Performed():
            owed = _item(mediation, step.item)
            evidence = (*owed.evidence, *(one for one in step.evidence if one not in owed.evidence))
            after = _with(mediation, replace(owed, done=step.done, at=step.at, evidence=evidence))
            return after.stopping("perform", of=step.item) if step.done == "whole" else after
        case Fulfilled():
            return replace(mediation, state="performed").starting(step.clocks)
        case Breached():
            owed = replace(_item(mediation, step.item), breached=step.words)
            return _with(mediation, owed).stopping("perform", of=step.item).starting(step.clocks)
        case Visited():
            return replace(mediation, visits=(*mediation.visits, step)).stopping("visit")
        case Sued():
            return replace(mediation, sued=(*mediation.sued, step.party)).starting(step.clocks)
        case Resurfaced():
            return replace(mediation, resurfaced=(*mediation.resurfaced, step.number))
        case Whistled():
            return replace(mediation, whistles=(*mediation.whistles, step.number))
        case _:
            assert_never(step)


def _with(mediation: Mediation, owed: Owed) -> Mediation:
    agreement = _agreement(mediation)
    items = tuple(owed if one.item.item == owed.item.item else one for one in agreement.owed)
    return replace(mediation, agreement=replace(agreement, owed=items))


def ruled(mediation: Mediation, step: Confirmed) -> Mediation:
    """The mediation after a step of the court's confirmation."""
    match step:
        case ConfirmationTold():
            line = mediation.line(step.party)
            assert line is not None
            after = mediation.with_line(replace(line, confirm_told=step))
            return replace(after, court=step.court or mediation.court)
        case ConfirmationApplied():
            court = step.court or mediation.court
            after = replace(mediation, confirmation="applied", confirm_words=None, court=court)
            return after.stopping("confirm").starting(step.clocks)
        case ConfirmationRuled():
            now: Confirmation = step.ruling
            return replace(mediation, confirmation=now, confirm_words=step.words).stopping("ruling")
        case ConfirmationLapsed():
            return replace(mediation, confirmation="lapsed").stopping("confirm")
        case _:
            assert_never(step)
