"""How a ticket ends (回访、重办、撤诉、告知、结案): never without an answer, never by its own resolver."""

from datetime import timedelta
from typing import assert_never

from msgspec.structs import replace

from huiyin.core.commands import Close, Ending, FollowUp, Outcome, Redirect, Reopen, ReopenReason, Withdraw
from huiyin.core.endings import Closed, Ended, FollowedUp, Redirected, Reopened
from huiyin.core.ladder import Standing
from huiyin.core.staff import Holding, Person
from huiyin.core.state import OPEN, Ticket
from huiyin.core.steps import Replied, Step
from huiyin.core.ticket import climbing
from huiyin.core.ticket.filing import stand
from huiyin.core.ticket.ground import RESIDENT, Ground, Refused, working
from huiyin.core.words import Sealed

# What a person may close with; the others come about by themselves.
_BY_HAND: tuple[Outcome, ...] = ("solved", "explained", "outside-duty", "to-mediation")
_FINAL: tuple[Outcome, ...] = ("withdrawn", "redirected")


def decide(ticket: Ticket, command: Ending, ground: Ground) -> list[Step]:
    """Steps towards the end, and back."""
    match command:
        case FollowUp():
            return _follow_up(ticket, command, ground)
        case Reopen():
            return _reopen(ticket, command, ground)
        case Withdraw():
            return _withdraw(ticket, command, ground)
        case Redirect():
            return _redirect(ticket, command, ground)
        case Close():
            return _close(ticket, command, ground)
        case _:
            assert_never(command)


def _follow_up(ticket: Ticket, command: FollowUp, ground: Ground) -> list[Step]:
    """Yes closes it, no brings it to the next rung up, partly waits for whoever closes it."""
    if ticket.outcome in _FINAL:
        raise Refused("closed-ticket")
    if ticket.state != "replied" and not (ticket.state == "closed" and ticket.reply is not None):
        raise Refused("not-replied")
    said = FollowedUp(command.solved, command.via, command.satisfied, command.words)
    if (command.via == "receipt") != (ground.by.role == RESIDENT.role):
        raise Refused("not-your-ticket")  # who writes a call down does not hold the receipt
    if ground.by.role != RESIDENT.role and _own_work(ticket, ground):
        raise Refused("own-work")
    if command.solved == "no":
        return [said, reopened(ticket, "unsatisfied", ground)]
    if command.solved == "yes" and ticket.state == "replied":
        return [said, Closed("solved", ground.at)]
    return [said]


def _own_work(ticket: Ticket, ground: Ground) -> bool:
    """Whether the actor is who resolved it (or answered, where nobody did), or of the same desk, or in its pay, as
    whatever post; of the last desk another person may."""
    by = ground.by
    post = ticket.resolved_at_post or ticket.replied_at_post
    who = ticket.resolver if ticket.resolved_at_post else ticket.replier
    if not post:
        return False
    if by.person and by.person == who:
        return True
    last = ticket.rung == ground.rules.ladder.order[-1] and by.person and who
    return not last and (by.post == post or any(_of(one.person, post) for one in _acting(ground)))


def _acting(ground: Ground) -> list[Holding]:
    here = ground.scene.staff.holdings.get(ground.by.post, ()) if ground.by.person else ()
    return [one for one in here if one.person.id == ground.by.person]


def _of(person: Person, post: str) -> bool:
    return post in person.posts or person.employer == post


def reopened(ticket: Ticket, reason: ReopenReason | str, ground: Ground, words: Sealed | None = None) -> Reopened:
    """Steps of a resident's no: on the next rung up; at the last one again where nobody is above."""
    if ticket.closed_at and ground.at > ticket.closed_at + timedelta(days=ground.rules.ladder.terms.reopen_days):
        raise Refused("too-late")
    here = ticket.post.code if ticket.post else ""
    standing = climbing.aside(ticket, ground) or ground.ladder.above(ticket.rung, ground.case(ticket), here)
    if standing is None and ticket.post is not None:
        standing = Standing(ticket.rung, ticket.post, ("已是最后一级,由本级重办",), ticket.acting)
    assert standing is not None
    sign, due = ground.clocks(standing, ticket.urgency)
    return Reopened(reason, ticket.reopened + 1, standing, sign, due, words)  # type: ignore[arg-type]


def _reopen(ticket: Ticket, command: Reopen, ground: Ground) -> list[Step]:
    if ticket.state not in ("replied", "closed"):
        raise Refused("still-open")
    if ticket.outcome in _FINAL:
        raise Refused("closed-ticket")
    return [reopened(ticket, command.reason, ground, command.words)]


def _withdraw(ticket: Ticket, command: Withdraw, ground: Ground) -> list[Step]:
    """撤诉: by the resident, or on their word; kept as its own outcome, never as solved."""
    if ticket.outcome == "withdrawn":
        return []
    working(ticket, *OPEN, "shelved", "replied", "merged")
    if ticket.pressured and ground.by.role != RESIDENT.role:
        raise Refused("sheltered")  # only who holds the receipt says that they want it no more
    if ground.by.person and ground.by.person == ticket.handler:
        raise Refused("own-work")  # who should do the work does not say that nobody wants it any more
    return [Closed("withdrawn", ground.at, command.words)]


def _redirect(ticket: Ticket, command: Redirect, ground: Ground) -> list[Step]:
    """The words are the reply: the resident is told the route before it is closed."""
    working(ticket, *OPEN)
    follow_up = ground.due(ground.rules.ladder.terms.follow_up, "回访时限")
    return [Redirected(command.reason), Replied(command.words, follow_up), Closed("redirected", ground.at)]


def _close(ticket: Ticket, command: Close, ground: Ground) -> list[Step]:
    if ticket.state == "closed":
        raise Refused("closed-ticket")
    if ticket.state != "replied":
        raise Refused("no-reply")  # 格里有回音: none is closed without an answer
    if command.outcome not in _BY_HAND:
        raise Refused("not-by-hand")
    if command.outcome == "solved" and not ticket.resolved_at_post:
        raise Refused("no-evidence")
    if command.outcome == "to-mediation" and not ground.entry(ticket.category).mediable:
        raise Refused("not-mediable")
    if ticket.solved == "no" or (command.outcome == "solved" and ticket.solved == "partly"):
        raise Refused("resident-disagrees")
    if _own_work(ticket, ground):
        raise Refused("own-work")
    return [Closed(command.outcome, ground.at, command.words)]


# -- folding ----------------------------------------------------------------------------------------------


def follow(ticket: Ticket, step: Ended) -> Ticket:
    """The ticket after a step of this kind."""
    match step:
        case FollowedUp():
            return replace(ticket, solved=step.solved, satisfied=step.satisfied)
        case Reopened():
            passed = (*ticket.passed, ticket.rung) if step.standing.rung != ticket.rung else ticket.passed
            again = stand(ticket, step.standing, step.sign, step.resolve, ticket.case_due)
            cleared = replace(again, closed_at=None, outcome=None, lead=None, solved=None, satisfied=None, route=None)
            return replace(cleared, passed=passed, reopened=step.times)
        case Redirected():
            return ticket
        case Closed():
            closed = replace(ticket, state="closed", outcome=step.outcome, closed_at=step.at)
            return replace(closed, supervision=None, objection=None, request=None, shelf=None)
        case _:
            assert_never(step)
