"""What every decision about a ticket stands on: the rulebook beside the scene, limits, and where it stands."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from huiyin.core.calendar import Calendar
from huiyin.core.catalogue import Catalogue, Entry
from huiyin.core.deadline import Due, Limit
from huiyin.core.ladder import Case, Ladder, LadderRules, Standing
from huiyin.core.registry import Registry
from huiyin.core.scene import CLOCK, RESIDENT, SORTER, Refused, Scene, accused
from huiyin.core.staff import Party, conflict
from huiyin.core.state import Ticket
from huiyin.core.watch import Watch, due_once, watch_once
from huiyin.core.words import About, Actor, Rung, Spot, Urgency

__all__ = ["CLOCK", "RESIDENT", "SORTER", "Ground", "Refused", "Rules", "Scene", "accused", "known", "working"]


class Rules(Struct, frozen=True):
    """The rulebook a decision is made under; `version` goes into every step."""

    version: str
    registry: Registry
    catalogue: Catalogue
    ladder: LadderRules
    calendar: Calendar


class Ground(Struct, frozen=True):
    """One decision's ground: moment, rulebook, scene."""

    at: datetime
    rules: Rules
    scene: Scene

    @property
    def by(self) -> Actor:
        return self.scene.by

    @property
    def ladder(self) -> Ladder:
        return Ladder(self.rules.ladder, self.rules.registry, self.scene.staff)

    def entry(self, category: str) -> Entry:
        return self.rules.catalogue.entries[category]

    def parties(self, about: About, spot: Spot) -> tuple[Party, ...]:
        """The known parties and the post that is complained about."""
        accused = self.ladder.respondent(about, spot)
        return (
            self.scene.parties if accused is None else (*self.scene.parties, Party("respondent", organisation=accused))
        )

    def inside(self, ticket: Ticket) -> bool:
        """Whether who acts is, by person, of the post that has the ticket, as whatever other post they act now."""
        here = self.scene.staff.holdings.get(ticket.post.code, ()) if ticket.post else ()
        return bool(self.by.person) and self.by.person in {ticket.handler, *(one.person.id for one in here)}

    def mine(self, ticket: Ticket) -> bool:
        """Whether who acts has the ticket, by post or by person."""
        return self.inside(ticket) or (ticket.post is not None and self.by.post == ticket.post.code)

    def barred(self, post: str, parties: Sequence[Party]) -> bool:
        """Whether nobody who holds a post may take what concerns these parties."""
        here = self.scene.staff.holdings.get(post, ())
        return post in accused(parties) or (
            bool(here) and all(conflict(one.person, parties) is not None for one in here)
        )

    def case(self, ticket: Ticket, spot: Spot | None = None) -> Case:
        """The ticket as the ladder sees it, here or at another place."""
        place = ticket.spot if spot is None else spot
        return Case(place, ticket.about, self.parties(ticket.about, place))

    def due(self, limit: Limit, basis: str, rung: Rung | None = None, start: datetime | None = None) -> Due:
        """A due time from now, or from `start`, in a rung's office hours; worked out once for a whole batch."""
        office = self.rules.ladder.office(rung)
        return due_once(self.at if start is None else start, limit, basis, self.rules.calendar, office)

    def watch(self, limit: Limit, basis: str, rung: Rung | None = None, start: datetime | None = None) -> Watch:
        """The same, with reminders."""
        return self.reminding(self.due(limit, basis, rung, start), rung)

    def reminding(self, one: Due, rung: Rung | None) -> Watch:
        """The reminders of a due time, in a rung's office hours."""
        return watch_once(one, self.rules.calendar, self.rules.ladder.office(rung))

    def clocks(self, standing: Standing, urgency: Urgency) -> tuple[Watch, Due]:
        """The two clocks of a rung from now on: to sign, to be done."""
        rung = standing.rung
        if rung is None:
            desk = self.rules.ladder.sorting_desk
            watch = self.watch(Limit(desk.hours, "natural_hour"), desk.name)
            return watch, watch.due
        limits, name = self.rules.ladder.clocks[urgency], self.rules.ladder.rungs[rung].name
        sign = self.watch(limits.sign, f"{name}签收时限", rung)
        return sign, self.due(limits.resolve, f"{name}办理时限", rung)


def known(ticket: Ticket | None) -> Ticket:
    """The ticket that must be there."""
    if ticket is None:
        raise Refused("unknown-ticket")
    return ticket


def working(ticket: Ticket, *states: str) -> None:
    """Refuse what is not in one of these states, with a code that says which it is in."""
    if ticket.state in states:
        return
    if ticket.state == "closed":
        raise Refused("closed-ticket")
    if ticket.state == "merged":
        raise Refused("merged-ticket")
    if ticket.state == "shelved":
        raise Refused("shelved-ticket")
    if ticket.state == "sorting":
        raise Refused("still-sorting")
    if ticket.state == "replied":
        raise Refused("already-replied")
    if ticket.state == "resolved":
        raise Refused("already-resolved")
    raise Refused("not-signed" if ticket.state == "dispatched" else "already-signed")
