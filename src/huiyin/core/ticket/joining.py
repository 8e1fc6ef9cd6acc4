"""Tickets of one matter together (并单) and apart again (拆单); every complainant keeps their own."""

from typing import assert_never

from msgspec.structs import replace

from huiyin.core import state
from huiyin.core.commands import Follow, Join, Joining, Leave, Merge
from huiyin.core.commands import Split as Part
from huiyin.core.endings import Grouped, Joined, Left, Merged, Split
from huiyin.core.ladder import Standing
from huiyin.core.state import OPEN, Ticket
from huiyin.core.steps import Replied, Step
from huiyin.core.ticket import climbing
from huiyin.core.ticket.filing import stand
from huiyin.core.ticket.ground import Ground, Refused, working


def decide(ticket: Ticket, command: Joining, ground: Ground) -> list[Step]:
    """One half each of what happens to two tickets in one transaction."""
    match command:
        case Merge():
            return _merge(ticket, command)
        case Join():
            return _join(ticket, command, ground)
        case Part():
            return _split(ticket, command, ground)
        case Leave():
            return [Left(command.number)] if any(one.number == command.number for one in ticket.joined) else []
        case Follow():
            return _told(ticket, command, ground)
        case _:
            assert_never(command)


def _merge(ticket: Ticket, command: Merge) -> list[Step]:
    if ticket.state == "merged" and ticket.lead == command.into:
        return []
    working(ticket, *OPEN, "shelved")
    if command.into == ticket.number:
        raise Refused("same-ticket")
    if ticket.pressured:
        raise Refused("sheltered")  # others lead where it must not be seen
    if ticket.joined:
        raise Refused("leads-others")  # its own followers first
    return [Merged(command.into)]


def _join(ticket: Ticket, command: Join, ground: Ground) -> list[Step]:
    """Whoever is complained about in one of them must not come to handle it as the other (DOMAIN 14.3)."""
    if any(one.number == command.number for one in ticket.joined):
        return []
    working(ticket, *OPEN, "shelved")
    if command.number == ticket.number:
        raise Refused("same-ticket")
    if ticket.pressured:
        raise Refused("sheltered")
    accused = ground.rules.ladder.accused
    if accused.get(ticket.about) != accused.get(command.about):
        raise Refused("different-respondents")
    return [Joined(command.number, command.filed_at, command.building_code)]


def _split(ticket: Ticket, command: Part, ground: Ground) -> list[Step]:
    if ticket.state != "merged" or ticket.lead is None or ticket.post is None:
        raise Refused("not-merged")
    sign, due = ground.clocks(Standing(ticket.rung, ticket.post), ticket.urgency)
    return [Split(ticket.lead, sign, due, command.words), *climbing.recused(ticket, ground)]


def _told(ticket: Ticket, command: Follow, ground: Ground) -> list[Step]:
    if ticket.state != "merged":
        return []
    follow_up = ground.due(ground.rules.ladder.terms.follow_up, "回访时限")
    return [Replied(command.words, follow_up, ticket.lead, resolver=command.resolver, post=command.post)]


# -- folding ----------------------------------------------------------------------------------------------


def follow(ticket: Ticket, step: Grouped) -> Ticket:
    """The ticket after a step of this kind."""
    match step:
        case Merged():
            return replace(
                ticket, state="merged", lead=step.into, objection=None, request=None, shelf=None, supervision=None
            )
        case Joined():
            one = state.Join(step.number, step.filed_at, step.building_code)
            return replace(ticket, joined=(*ticket.joined, one))
        case Left():
            return replace(ticket, joined=tuple(one for one in ticket.joined if one.number != step.number))
        case Split():
            assert ticket.post is not None
            here = Standing(ticket.rung, ticket.post, ticket.why_here, ticket.acting, ticket.also)
            again = stand(ticket, here, step.sign, step.resolve, ticket.case_due)
            return replace(again, lead=None, designated=ticket.designated)
        case _:
            assert_never(step)
