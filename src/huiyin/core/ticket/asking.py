"""More time (延期) and no time at all (挂账、销账): asked for with a reason, granted by another one above."""

from datetime import datetime, timedelta
from typing import Any, assert_never

from msgspec.structs import replace

from huiyin.core.commands import Approve, Asking, Clear, Decline, Extend, ExtendReason, Shelve
from huiyin.core.deadline import Limit
from huiyin.core.state import Request, Shelf, Ticket
from huiyin.core.steps import Cleared, Extended, Granted, RequestDeclined, Requested, Shelved, Step
from huiyin.core.ticket import climbing
from huiyin.core.ticket.ground import Ground, Refused, working
from huiyin.core.words import Sealed


def decide(ticket: Ticket, command: Asking, ground: Ground, relations: frozenset[str]) -> list[Step]:
    """Whoever is above grants at once what others ask for; nobody grants what they asked for themselves, nor what
    their own post asked for, as whatever other post they act (交叉任职)."""
    match command:
        case Extend():
            return _extend(ticket, command, ground, granted="above" in relations and not ground.inside(ticket))
        case Shelve():
            return _shelve(ticket, command, ground, granted="above" in relations and not ground.inside(ticket))
        case Approve():
            return _approve(ticket, ground, relations)
        case Decline():
            request = _pending(ticket, ground, relations)
            return [RequestDeclined(request.what, command.words)]
        case Clear():
            return _clear(ticket, command, ground)
        case _:
            assert_never(command)


def _extend(ticket: Ticket, command: Extend, ground: Ground, *, granted: bool) -> list[Step]:
    working(ticket, "dispatched", "signed")
    terms = ground.rules.ladder.terms
    longest = terms.longest_extension.get(ticket.urgency)
    if longest is None:
        raise Refused("not-for-emergency")
    if not 1 <= command.days <= longest:
        raise Refused("extension-too-long")
    if ticket.extensions >= terms.extensions:
        raise Refused("no-extension-left")
    if ticket.state == "dispatched":
        raise Refused("not-signed")
    _in_time(ticket, ground)
    if granted:
        return [_extended(ticket, command.reason, command.days, command.words, ground)]
    if ticket.request is not None:
        raise Refused("already-asked")
    return [Requested("extend", command.reason, _who(ground), command.days, words=command.words)]


def _extended(ticket: Ticket, reason: ExtendReason, days: int, words: Sealed | None, ground: Ground) -> Extended:
    """From the due time on, never from before: no extension is retroactive (DOMAIN 14.9)."""
    name = ground.rules.ladder.rungs[ticket.rung].name if ticket.rung else ""
    limit = Limit(days, "working_day")
    return Extended(
        reason, days, ground.watch(limit, f"{name}办理时限延期", ticket.rung, _in_time(ticket, ground)), words
    )


def _in_time(ticket: Ticket, ground: Ground) -> datetime:
    if ticket.rung_due is None or ticket.rung_due.at <= ground.at:
        raise Refused("too-late")
    return ticket.rung_due.at


def _shelve(ticket: Ticket, command: Shelve, ground: Ground, *, granted: bool) -> list[Step]:
    """Shelved again, where the day of its review finds the reason still there: with a plan and a grant as before."""
    working(ticket, "dispatched", "signed", "resolved", "shelved")
    if ticket.urgency == "emergency":
        raise Refused("not-for-emergency")
    furthest = ground.at + timedelta(days=ground.rules.ladder.terms.longest_shelf_days)
    if not ground.at < command.review_at <= furthest:
        raise Refused("review-date")
    if granted:
        return [Shelved(command.reason, command.review_at, command.owner, command.plan)]
    if ticket.request is not None:
        raise Refused("already-asked")
    asker = _who(ground)
    return [Requested("shelve", command.reason, asker, 0, command.review_at, command.owner, command.plan)]


def _who(ground: Ground) -> str:
    return ground.by.person or ground.by.post


def _pending(ticket: Ticket, ground: Ground, relations: frozenset[str]) -> Request:
    """The request that somebody else may grant: on the last rung another person of the post, else one from above."""
    if ticket.request is None:
        raise Refused("nothing-asked")
    asked = ticket.request.asker in (ground.by.person, ground.by.post)
    if asked or ("holder" not in relations and ground.inside(ticket)):
        raise Refused("own-request")
    return ticket.request


def _approve(ticket: Ticket, ground: Ground, relations: frozenset[str]) -> list[Step]:
    request = _pending(ticket, ground, relations)
    if request.what == "extend":
        return [_extended(ticket, request.reason, request.days, request.words, ground)]  # type: ignore[arg-type]
    if request.review_at is None or request.words is None or request.review_at <= ground.at:
        raise Refused("review-date")
    return [Shelved(request.reason, request.review_at, request.owner or "", request.words)]  # type: ignore[arg-type]


def _clear(ticket: Ticket, command: Clear, ground: Ground) -> list[Step]:
    if ticket.state != "shelved" or ticket.rung is None:
        raise Refused("not-shelved")
    limits = ground.rules.ladder.clocks[ticket.urgency]
    name = ground.rules.ladder.rungs[ticket.rung].name
    until = ground.watch(limits.resolve, f"{name}办理时限(销账后重新起算)", ticket.rung)
    return [Cleared(command.evidence, until), *climbing.recused(ticket, ground)]


# -- folding ----------------------------------------------------------------------------------------------


def follow(ticket: Ticket, step: Granted) -> Ticket:
    """The ticket after a step of this kind."""
    match step:
        case Requested():
            asked = (step.what, step.reason, step.asker, step.days, step.review_at, step.owner, step.words)
            return replace(ticket, request=Request(*asked))
        case RequestDeclined():
            return replace(ticket, request=None)
        case Extended():
            return _longer(ticket, step)
        case Shelved():
            shelf = Shelf(step.reason, step.review_at, step.owner)
            return replace(ticket, state="shelved", shelf=shelf, request=None, objection=None, lapsed=False)
        case Cleared():
            return _taken_up(ticket, step)
        case _:
            assert_never(step)


def _longer(ticket: Ticket, step: Extended) -> Ticket:
    asked, limit = ticket.request, step.resolve
    return replace(
        ticket,
        request=None if asked and asked.what == "extend" else asked,
        extensions=ticket.extensions + 1,
        resolve=limit,
        rung_due=limit.due,
        reminded=tuple(one for one in ticket.reminded if one[0] != "resolve"),
    )


def _taken_up(ticket: Ticket, step: Cleared) -> Ticket:
    gone: dict[str, Any] = dict.fromkeys(("shelf", "request", "sign"))
    return replace(
        ticket,
        **gone,
        state="signed",
        resolve=step.resolve,
        rung_due=step.resolve.due,
        lapsed=False,
        reminded=tuple(one for one in ticket.reminded if one[0] == "answer"),
    )
