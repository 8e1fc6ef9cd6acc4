"""The work at a post (办理): signing, contact, notes, site checks, dissuasion, resolving, the reply."""

from typing import assert_never

from msgspec.structs import replace

from huiyin.core.commands import (
    Attach,
    CheckSite,
    Contact,
    Dissuade,
    Handling,
    Note,
    Reassign,
    Relate,
    Reply,
    Resolve,
    Sign,
)
from huiyin.core.staff import Party, conflict
from huiyin.core.state import OPEN, Ticket
from huiyin.core.steps import (
    Contacted,
    Dissuaded,
    Noted,
    Pictured,
    Reassigned,
    Related,
    Replied,
    Resolved,
    Signed,
    SiteChecked,
    Step,
    Worked,
)
from huiyin.core.ticket import climbing
from huiyin.core.ticket.ground import RESIDENT, Ground, Refused, working

PICTURES = 40  # of a ticket


def decide(ticket: Ticket, command: Handling, ground: Ground) -> list[Step]:
    """Steps of the daily work."""
    match command:
        case Sign():
            return _sign(ticket, ground)
        case Contact() | CheckSite() | Note():
            return _record(ticket, command)
        case Attach():
            return _attach(ticket, command, ground)
        case Dissuade():
            return _dissuade(ticket, command, ground)
        case Reassign():
            return _reassign(ticket, command, ground)
        case Relate():
            return _relate(ticket, command.party, ground)
        case Resolve():
            working(ticket, "signed")
            return [Resolved(command.evidence, ground.by.person, ground.by.post)]
        case Reply():
            return _reply(ticket, command, ground)
        case _:
            assert_never(command)


def _sign(ticket: Ticket, ground: Ground) -> list[Step]:
    if ticket.state == "signed" and ticket.handler == ground.by.person:
        return []
    working(ticket, "dispatched")
    assert ticket.rung_due is not None
    return [Signed(ground.by.person, ground.reminding(ticket.rung_due, ticket.rung))]


def _record(ticket: Ticket, command: Contact | CheckSite | Note) -> list[Step]:
    """What was said and seen; of a merged ticket a note."""
    if isinstance(command, Note):
        working(ticket, *OPEN, "replied", "shelved", "merged")
        return [Noted(command.words)]
    working(ticket, *OPEN, "replied", "shelved")
    return [Contacted(command.words) if isinstance(command, Contact) else SiteChecked(command.words)]


def _attach(ticket: Ticket, command: Attach, ground: Ground) -> list[Step]:
    working(ticket, *OPEN, "replied", "shelved", "merged")
    if ticket.pictures + len(command.pictures) > PICTURES:
        raise Refused("album-full")
    return [Pictured(command.pictures, "added" if ground.by.role == RESIDENT.role else command.kind)]


def _dissuade(ticket: Ticket, command: Dissuade, ground: Ground) -> list[Step]:
    working(ticket, *OPEN, "replied", "shelved")
    if command.when > ground.at:
        raise Refused("not-yet-happened")
    return [Dissuaded(command.when, command.place, command.words)]


def _reassign(ticket: Ticket, command: Reassign, ground: Ground) -> list[Step]:
    working(ticket, "dispatched", "signed")
    if command.handler == ticket.handler:
        return []
    here = ground.scene.staff.holdings.get(ticket.post.code if ticket.post else "", ())
    person = next((one.person for one in here if one.person.id == command.handler), None)
    if person is None:
        raise Refused("not-of-this-post")
    if conflict(person, ground.parties(ticket.about, ticket.spot)):
        raise Refused("handler-recused")
    return [Reassigned(command.handler)]


def _relate(ticket: Ticket, party: Party, ground: Ground) -> list[Step]:
    """Whoever holds it and has an interest is out at once: the ticket goes on to the next post that has none."""
    working(ticket, *OPEN, "replied", "shelved")
    by = "person" if party.person or party.phone else "household" if party.household else "organisation"
    return [Related(party.role, by), *climbing.recuse(ticket, ground, party)]  # type: ignore[arg-type]


def _reply(ticket: Ticket, command: Reply, ground: Ground) -> list[Step]:
    working(ticket, "signed", "resolved")
    follow_up = ground.due(ground.rules.ladder.terms.follow_up, "回访时限")
    return [Replied(command.words, follow_up, resolver=ground.by.person, post=ground.by.post)]


# -- folding ----------------------------------------------------------------------------------------------


def follow(ticket: Ticket, step: Worked) -> Ticket:
    """The ticket after a step of this kind."""
    match step:
        case Signed():
            return _signed(ticket, step)
        case Contacted():
            return replace(ticket, contacted=True)
        case Noted() | SiteChecked() | Dissuaded() | Related():
            return ticket
        case Pictured():
            return replace(ticket, pictures=ticket.pictures + len(step.pictures))
        case Reassigned():
            return replace(ticket, handler=step.handler)
        case Resolved():
            return replace(ticket, state="resolved", resolver=step.resolver, resolved_at_post=step.post, objection=None)
        case Replied():
            return _replied(ticket, step)
        case _:
            assert_never(step)


def _signed(ticket: Ticket, step: Signed) -> Ticket:
    hand = (ticket.post.code if ticket.post else "", step.handler)
    hands = ticket.hands if hand in ticket.hands else (*ticket.hands, hand)
    due = step.resolve.due
    return replace(
        ticket, state="signed", sign=None, resolve=step.resolve, rung_due=due, handler=step.handler, hands=hands
    )


def _replied(ticket: Ticket, step: Replied) -> Ticket:
    """Its rung is done with it: what waited there for a ruling or an approval waits no longer."""
    if step.lead is not None:
        ticket = replace(ticket, resolver=step.resolver, resolved_at_post=step.post)
    return replace(
        ticket,
        state="replied",
        reply=step.words,
        route=step.route,
        follow_up=step.follow_up,
        objection=None,
        request=None,
        solved=None,
        satisfied=None,
        replier=step.resolver,
        replied_at_post=step.post,
    )
