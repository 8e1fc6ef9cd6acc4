"""The resident's voice in a running case (催办、补充、受到压力): limited, heard above, never to the teller's harm."""

from datetime import datetime, timedelta
from typing import assert_never

from msgspec.structs import replace

from huiyin.core.ladder import LadderRules, Post
from huiyin.core.state import OPEN, Ticket
from huiyin.core.steps import Step
from huiyin.core.ticket import climbing
from huiyin.core.ticket.filing import stand
from huiyin.core.ticket.ground import Ground, Refused
from huiyin.core.ticket.refuge import away, barred
from huiyin.core.voices import Add, Added, Pressured, ReportPressure, Urge, Urged, Voiced, Voicing


def decide(ticket: Ticket, command: Voicing, ground: Ground) -> list[Step]:
    """Steps of the resident's own."""
    match command:
        case Urge():
            return _urge(ticket, ground)
        case Add():
            return _add(ticket, command, ground)
        case ReportPressure():
            return _pressure(ticket, ground)
        case _:
            assert_never(command)


# -- urging -----------------------------------------------------------------------------------------------


def free_at(ticket: Ticket, rules: LadderRules) -> datetime | None:
    """From when on it may be urged, perhaps long since; None where it may not as long as it is where it is."""
    if ticket.state not in OPEN or ticket.urged >= rules.urging.most:
        return None
    return ticket.urged_at + rules.urging.pause(ticket.urgency) if ticket.urged_at else ticket.filed_at


def _urge(ticket: Ticket, ground: Ground) -> list[Step]:
    """The second is heard above; where nobody is above it is supervised."""
    rules = ground.rules.ladder
    if ticket.state not in OPEN:
        raise Refused("nothing-to-urge")
    free = free_at(ticket, rules)
    if free is None:
        raise Refused("urged-enough")
    if ground.at < free:
        raise Refused("urged-too-soon")
    times = ticket.urged + 1
    if times < rules.urging.above:
        return [Urged(times, ground.at)]
    above = _above(ticket, ground)
    quiet = above is not None or ticket.supervision is not None
    return [Urged(times, ground.at, above), *([] if quiet else [climbing.supervised(ticket, "urged", ground)])]


def _above(ticket: Ticket, ground: Ground) -> Post | None:
    if ticket.rung is None or ticket.post is None:
        return None
    standing = ground.ladder.above(ticket.rung, ground.case(ticket), ticket.post.code)
    return standing.post if standing is not None else None


# -- adding -----------------------------------------------------------------------------------------------


def can_add(ticket: Ticket, rules: LadderRules) -> bool:
    """Whether more words would be taken."""
    return ticket.state != "closed" and ticket.added < rules.terms.additions


def _add(ticket: Ticket, command: Add, ground: Ground) -> list[Step]:
    if ticket.state == "closed":
        raise Refused("nothing-to-add-to")
    if not can_add(ticket, ground.rules.ladder):
        raise Refused("added-enough")
    return [Added(command.words)]


# -- under pressure ---------------------------------------------------------------------------------------


def can_report(ticket: Ticket, rules: LadderRules, at: datetime) -> bool:
    """Whether a word about pressure would be taken: also on what was closed or taken back a while ago, for pressure
    may be why; not on what no rung may judge."""
    if ticket.pressured or ticket.outcome == "redirected":
        return False
    return ticket.closed_at is None or at <= ticket.closed_at + timedelta(days=rules.terms.reopen_days)


def _pressure(ticket: Ticket, ground: Ground) -> list[Step]:
    if ticket.pressured:
        return []
    if ticket.outcome == "redirected":
        raise Refused("told-elsewhere")
    if not can_report(ticket, ground.rules.ladder, ground.at):
        raise Refused("too-late")
    step = away(ticket, ticket.spot, ground)
    return [step, climbing.supervised(follow(ticket, step), "pressured", ground)]


# -- folding ----------------------------------------------------------------------------------------------


def follow(ticket: Ticket, step: Voiced) -> Ticket:
    """The ticket after a step of this kind."""
    match step:
        case Urged():
            return replace(ticket, urged=step.times, urged_at=step.at, watcher=step.watcher or ticket.watcher)
        case Added():
            return replace(ticket, added=ticket.added + 1)
        case Pressured():
            return _pressured(ticket, step)
        case _:
            assert_never(step)


def _pressured(ticket: Ticket, step: Pressured) -> Ticket:
    """It begins anew at the street, whatever had become of it."""
    passed = (*ticket.passed, step.was) if step.standing.rung != step.was else ticket.passed
    again = stand(ticket, step.standing, step.sign, step.resolve, ticket.case_due)
    cleared = replace(again, closed_at=None, outcome=None, lead=None, solved=None, satisfied=None)
    kept = (*ticket.kept_out, *(one for one in barred(step.posts, step.persons) if one not in ticket.kept_out))
    return replace(cleared, passed=passed, designated=True, pressured=True, kept_out=kept)
