"""The end of a whistle (核验、退回、评哨、结哨): the blower confirms on site, both sides rate each other."""

from typing import assert_never

from msgspec.structs import replace

from huiyin.core.scene import Refused
from huiyin.core.whistle import timing
from huiyin.core.whistle.commands import Confirm, Ending, Hear, RateBlower, RateDepartment, Return
from huiyin.core.whistle.ground import Ground, coarse, working
from huiyin.core.whistle.state import Whistle
from huiyin.core.whistle.steps import (
    BlowerRated,
    Closed,
    Confirmed,
    DepartmentRated,
    Ended,
    ResidentHeard,
    Returned,
    Step,
)


def decide(whistle: Whistle, command: Ending, ground: Ground) -> list[Step]:
    """Steps from the lead's reply on."""
    match command:
        case Confirm():
            return _confirm(whistle, command, ground)
        case Return():
            return _return(whistle, command, ground)
        case RateDepartment():
            return _rate(whistle, command, ground)
        case RateBlower():
            return _rate_back(whistle, command, ground)
        case Hear():
            return _hear(whistle, command)
        case _:
            assert_never(command)


def _confirm(whistle: Whistle, command: Confirm, ground: Ground) -> list[Step]:
    if whistle.state == "confirmed":
        return []
    working(whistle, "replied")
    _in_turn(whistle, ground)
    _other_side(whistle, ground)
    if whistle.approval == "waiting":
        raise Refused("not-approved")
    lead = whistle.lead
    assert lead is not None
    position = coarse(command.position)
    clocks = tuple(ground.clock(whistle.kind, "rate", post) for post in (whistle.blower, lead.post))
    unanswered = tuple(one.post for one in whistle.lines if not one.lead and one.answered is None)
    on_site = ground.on_site(whistle, position, command.pictures)
    return [Confirmed(on_site, ground.by.person, clocks, unanswered, position, command.pictures)]


def _return(whistle: Whistle, command: Return, ground: Ground) -> list[Step]:
    working(whistle, "replied")
    _in_turn(whistle, ground)
    _other_side(whistle, ground)
    lead, times = whistle.lead, whistle.returned + 1
    assert lead is not None
    clock = ground.clock(whistle.kind, "reply", lead.post, limit=ground.limits(whistle.kind).redo)
    returned = Returned(command.missing, times, (clock,))
    if times < ground.rules.whistle.returns:
        return [returned]
    return [returned, timing.supervised(clock, "returned", clock.watch, ground)]


def _in_turn(whistle: Whistle, ground: Ground) -> None:
    """The blower looks first; once that is late the street may, so that no whistle waits for somebody who cannot."""
    late = any(one.duty == "confirm" and one.level > 0 for one in whistle.clocks)
    if ground.by.post != whistle.blower and not late:
        raise Refused("blower-first")


def _other_side(whistle: Whistle, ground: Ground) -> None:
    """Nobody judges their own work, as whatever post they act (交叉任职)."""
    if any(ground.sits(one.post, one.person) for one in whistle.lines):
        raise Refused("own-work")


def _rate(whistle: Whistle, command: RateDepartment, ground: Ground) -> list[Step]:
    rated = DepartmentRated(command.post, command.response, command.quality, command.cooperation, command.arrival)
    if rated in whistle.ratings:
        return []
    working(whistle, "confirmed")
    _other_side(whistle, ground)
    if whistle.line(command.post) is None:
        raise Refused("no-such-department")
    if any(one.post == command.post for one in whistle.ratings):
        raise Refused("already-rated")
    if command.arrival is None and ground.limits(whistle.kind).arrive is not None:
        raise Refused("rating-incomplete")
    _scores(command.response, command.quality, command.cooperation, 1 if command.arrival is None else command.arrival)
    return _and_closed(whistle, rated, ground)


def _rate_back(whistle: Whistle, command: RateBlower, ground: Ground) -> list[Step]:
    rated = BlowerRated(ground.by.post, command.justified, command.score)
    if rated == whistle.rated_back:
        return []
    working(whistle, "confirmed")
    if ground.same(whistle.blown_by, whistle.passed_by):
        raise Refused("own-work")
    if whistle.rated_back is not None:
        raise Refused("already-rated")
    _scores(command.score)
    return _and_closed(whistle, rated, ground)


def _and_closed(whistle: Whistle, rated: DepartmentRated | BlowerRated, ground: Ground) -> list[Step]:
    """The last rating closes it."""
    return [rated] if follow(whistle, rated).unrated else [rated, Closed("rated", ground.at)]


def _scores(*scores: int) -> None:
    if not all(1 <= one <= 5 for one in scores):
        raise Refused("score-out-of-range")


def _hear(whistle: Whistle, command: Hear) -> list[Step]:
    heard = ResidentHeard(command.ticket, command.solved, command.satisfied)
    if heard in whistle.heard:
        return []
    if command.ticket not in whistle.tickets:
        raise Refused("not-of-this-whistle")
    _scores(1 if command.satisfied is None else command.satisfied)
    return [heard]


# -- folding ----------------------------------------------------------------------------------------------


def follow(whistle: Whistle, step: Ended) -> Whistle:
    """The whistle after a step of this kind."""
    match step:
        case Confirmed():
            return replace(whistle.stopping(), state="confirmed").starting(step.clocks)
        case Returned():
            after = replace(whistle, state="called", reply=None, returned=step.times)
            return after.stopping("confirm").starting(step.clocks)
        case DepartmentRated():
            after = replace(whistle, ratings=(*whistle.ratings, step))
            return after if whistle.blower in after.unrated else after.stopping("rate", post=whistle.blower)
        case BlowerRated():
            return replace(whistle, rated_back=step).stopping("rate", post=step.post)
        case ResidentHeard():
            others = tuple(one for one in whistle.heard if one.ticket != step.ticket)
            return replace(whistle, heard=(*others, step))
        case Closed():
            after = whistle.stopping()
            return replace(after, state="closed", outcome=step.outcome, closed_at=step.at, pause=None)
        case _:
            assert_never(step)
