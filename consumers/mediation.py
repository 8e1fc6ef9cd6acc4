"""A ticket that is closed for mediation opens one; what becomes of a mediation is told to its ticket, and to the one
before it."""

from collections.abc import Iterator, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.bus.introducing import Introducing, Told
from huiyin.bus.streams import EVENT_PREFIX
from huiyin.core.endings import Closed
from huiyin.core.mediated import Mediated, MediationProgress
from huiyin.core.mediation import Mediation, Step
from huiyin.core.mediation.commands import Apply
from huiyin.core.mediation.commands_agreed import LinkBack
from huiyin.core.mediation.kinds import Side
from huiyin.core.mediation.steps import Applied
from huiyin.core.steps import Filed
from huiyin.core.ticket import Ticket
from huiyin.core.words import Sealed
from huiyin.desk import Change, Order
from huiyin.orders import Mediating
from huiyin.store import committees, mediations, parties, tickets
from huiyin.store.committees import Body
from huiyin.store.mediation_people import Known

DURABLE = "mediation"
SUBJECTS = (f"{EVENT_PREFIX}.mediation.>", f"{EVENT_PREFIX}.ticket.closed.>")
SOURCE = "urn:huiyin:mediation"
ACTOR, ROLE = "mediation", "clock"
COMPLAINANT, RESPONDENT = "p1", "p2"  # opaque: who they are lies in the vault


class Go(Introducing):
    """Between tickets and mediations."""

    name = noun = "mediation"
    shape = Mediating

    async def orders(self, connection: AsyncConnection, events: Sequence[Told]) -> list[list[Order]]:
        about = sorted({event.subject for event in events if event.type.startswith("mediation.")})
        past = await mediations.CHAINS.past(connection, about)
        made = []
        for event in events:
            if event.type.startswith("mediation."):
                made.append(list(_telling(event, past.get(event.subject, []))))
            else:
                made.append(await _opening(connection, event))
        return made


# -- a ticket closed for mediation ------------------------------------------------------------------------


async def _opening(connection: AsyncConnection, event: Told) -> list[Order]:
    """An application for a ticket that was closed so, unless one that is open came of it before."""
    past = await tickets.past(connection, event.subject)
    if event.version > len(past) or not _sent(past[event.version - 1][0]):
        return []
    _, ticket = past[event.version - 1]
    filed, place = past[0][0], await _place(connection, ticket)
    earlier = await mediations.CHAINS.load(connection, await mediations.of_ticket(connection, event.subject))
    if place is None or any(one.ending is None and one.state != "archived" for one, _ in earlier.values()):
        return []
    assert isinstance(filed, Filed)
    (number,) = await mediations.numbers(connection, 1)
    matter = (place.committee, place.kind, "ticket", ticket.category, Sealed(filed.dossier, filed.sealed))
    sides = (Side(COMPLAINANT, applicant=True), Side(RESPONDENT))
    command = Apply(number, *matter, sides, ticket.number)  # type: ignore[arg-type]
    known = (Known(COMPLAINANT, applicant=True, ref=filed.dossier), await _respondent(connection, ticket))
    return [_order(event, number, Mediating(number, command, people=known), "opened")]


def _sent(step: object) -> bool:
    return isinstance(step, Closed) and step.outcome == "to-mediation"


async def _place(connection: AsyncConnection, ticket: Ticket) -> Body | None:
    """The committee of the community, else of the street (大事不出街道); the community's where none is registered yet:
    it stands as an application until it is."""
    spot = ticket.spot
    codes = [code for code in (spot.community_code, spot.street_code) if code]
    found = {
        one.committee: one for one in reversed(await committees.known(connection, codes)) if one.kind != "property"
    }
    registered = next((found[code] for code in codes if code in found), None)
    if registered is not None or not codes:
        return registered
    return Body(codes[0], "residents" if spot.community_code else "street", "", "")


async def _respondent(connection: AsyncConnection, ticket: Ticket) -> Known:
    """Whoever is complained about, as far as the ticket knows."""
    known = (await parties.of(connection, [ticket.number])).get(ticket.number, ())
    one = next((party for party in known if party.role == "respondent"), None)
    return Known(RESPONDENT, person=one.person if one else None, organisation=one.organisation if one else None)


# -- what becomes of it -----------------------------------------------------------------------------------


def _telling(event: Told, past: Sequence[tuple[Step, Mediation]]) -> Iterator[Order]:
    """What is news to the ticket, and to the mediation whose dispute flared up again."""
    if event.version > len(past):
        return
    step, after = past[event.version - 1]
    before = past[event.version - 2][1] if event.version > 1 else None
    if after.ticket is not None and (fresh := news(before, after)) is not None:
        told = Mediated(after.number, fresh, event.version)
        yield _order(event, after.ticket, Change(after.ticket, told), after.ticket)
    if isinstance(step, Applied) and step.before is not None:
        yield _order(event, step.before, Mediating(step.before, LinkBack(after.number)), step.before)


def news(before: Mediation | None, after: Mediation) -> MediationProgress | None:
    """What whoever holds the ticket is told: how it comes out; of a restricted file only that it is."""
    if before is None:
        return "applied"
    if after.restricted or progress(before) == progress(after):
        return None
    return progress(after)


def progress(one: Mediation) -> MediationProgress:
    """How far a mediation is, in what anybody at the ticket may know."""
    if one.ending is not None:
        return "declined" if one.ending.reason == "declined" else "ended"
    if one.agreement is None or one.agreement.effective_at is None:
        return "applied" if one.state == "applied" else "accepted"
    owed = one.agreement.owed
    if any(item.breached is not None and item.done != "whole" for item in owed):
        return "breached"
    return "performed" if all(item.done == "whole" for item in owed) else "agreed"


def _order(event: Told, number: str, what: Change | Mediating, name: str) -> Order:
    return Order(SOURCE, f"{event.id}/{name}", ACTOR, what, role=ROLE)
