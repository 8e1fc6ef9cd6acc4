"""What the desk must know besides the tickets: who holds the posts they may come to, and whose cases they are."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.ladder import Ladder
from huiyin.core.mediation import Mediation
from huiyin.core.mediation.commands import Apply
from huiyin.core.mediation.ground import desk_of, mediators_of
from huiyin.core.mediation.rules import MediationRules
from huiyin.core.staff import NOBODY, Party, Staff
from huiyin.core.ticket import Actor, Rules, Scene, Ticket
from huiyin.core.whistle import Command, Whistle
from huiyin.core.whistle.commands import Blow, Join
from huiyin.core.words import Spot
from huiyin.orders import Complaint, Mediating, Order, Whistling
from huiyin.store import mediation_people, parties, people
from huiyin.store.mediations import Filed


class Scenes:
    """The scene of each order of one batch."""

    def __init__(self, staff: Staff, known: dict[str, tuple[Party, ...]]) -> None:
        self._staff, self._known = staff, known

    def of(self, order: Order, number: str) -> Scene:
        """Who acts on a ticket that exists."""
        return Scene(Actor(order.actor, order.role, order.person), self._staff, self._known.get(number, ()))

    def of_whistle(self, order: Order, whistle: Whistle | None, command: Command) -> Scene:
        """Who acts on a whistle: the parties are those of all its tickets, and of the one that it joins."""
        named = [*(whistle.tickets if whistle else ())]
        named += [command.ticket] if isinstance(command, Blow | Join) and command.ticket else []
        return self.around(Actor(order.actor, order.role, order.person), named)

    def of_mediation(self, order: Order, what: Mediating) -> Scene:
        """Who acts on a mediation: its parties are those that are known, and whom the order names first."""
        parties = (*self._known.get(what.number, ()), *_introduced(what))
        return Scene(Actor(order.actor, order.role, order.person), self._staff, parties)

    def at_table(self, by: Actor, number: str) -> Scene:
        """Who looks at a mediation, and might act."""
        return Scene(by, self._staff, self._known.get(number, ()))

    def met(self, what: Mediating) -> None:
        """Whom an order that was done named."""
        self._known[what.number] = (*self._known.get(what.number, ()), *_introduced(what))

    def around(self, by: Actor, tickets: Iterable[str]) -> Scene:
        """Who acts, between the parties of some tickets."""
        return Scene(by, self._staff, tuple(one for ticket in tickets for one in self._known.get(ticket, ())))

    def filing(self, what: Complaint) -> Scene:
        """A complaint that comes in: the complainant is the one party that is known."""
        sealed = what.sealed
        if sealed.person is None and sealed.household is None:
            return Scene(staff=self._staff)
        return Scene(staff=self._staff, parties=(Party("complainant", sealed.person, sealed.household),))


_NOBODY = Scenes(NOBODY, {})


async def for_filings(connection: AsyncConnection, orders: Sequence[Order], rules: Rules, at: datetime) -> Scenes:
    """One query for all the posts that some new tickets may come to."""
    if not await people.anybody(connection):
        return _NOBODY
    spots = {order.what.sorting.spot for order in orders if isinstance(order.what, Complaint)}
    return Scenes(await people.current(connection, _posts(spots, rules), at), {})


async def for_changes(
    connection: AsyncConnection, orders: Sequence[Order], tickets: Iterable[Ticket], rules: Rules, at: datetime
) -> Scenes:
    """Two queries: who holds what, who the parties are; neither where no post was ever given."""
    if not await people.anybody(connection):
        return _NOBODY
    found = list(tickets)
    codes = _posts({one.spot for one in found}, rules)
    codes += [one.post.code for one in found if one.post] + [order.actor for order in orders]
    staff = await people.current(connection, codes, at)
    known = await parties.of(connection, [one.number for one in found]) if staff.holdings else {}
    return Scenes(staff, await _named(connection, known))


async def for_whistles(
    connection: AsyncConnection,
    orders: Sequence[Order],
    found: Iterable[Whistle],
    at: datetime,
    posts: Iterable[str] = (),
) -> Scenes:
    """Two queries: who holds the posts that act, who the parties of all the tickets are (also where no post was ever
    given: whom a department is named by may be the accused)."""
    tickets = {ticket for one in found for ticket in one.tickets}
    for order in orders:
        if isinstance(order.what, Whistling) and isinstance(order.what.command, Blow | Join):
            tickets.update([order.what.command.ticket] if order.what.command.ticket else [])
    staff = await people.current(connection, sorted({*posts, *(order.actor for order in orders)}), at)
    known = await parties.of(connection, sorted(tickets)) if tickets else {}
    return Scenes(staff, await _named(connection, known))


async def for_mediations(
    connection: AsyncConnection,
    orders: Sequence[Order],
    found: Iterable[Mediation | Filed],
    book: MediationRules,
    at: datetime,
    looking: Iterable[str] = (),
) -> Scenes:
    """Who holds the posts that act and those of the committees' mediators; who the parties are by person and home: the
    mediation's own, and those of the ticket that it came of."""
    here = {one.number: (one.kind, one.committee, one.ticket) for one in found}
    for order in orders:
        if isinstance(order.what, Mediating) and isinstance(order.what.command, Apply):
            what = order.what.command
            here.setdefault(order.what.number, (what.kind, what.committee, what.ticket))
    posts = {*looking, *(order.actor for order in orders)}
    posts |= {post(book, kind, where) for kind, where, _ in here.values() for post in (desk_of, mediators_of)}
    staff = await people.current(connection, sorted(posts), at)
    of_tickets = await parties.of(connection, sorted({ticket for *_, ticket in here.values() if ticket}))
    own = await mediation_people.parties(connection, list(here))
    known = {n: (*own.get(n, ()), *of_tickets.get(ticket or "", ())) for n, (*_, ticket) in here.items()}
    return Scenes(staff, await _named(connection, known))


def _introduced(what: Mediating) -> tuple[Party, ...]:
    """The parties of an order by the hashes of their records, which go into the vault with it."""
    sealed, found = dict(what.sealed), []
    for one in what.people:
        if one.capacity in mediation_people.INTERESTED:
            kept = sealed.get(one.ref or "")
            marks = (kept.person, kept.household) if kept else (None, None)
            found.append(Party("complainant" if one.applicant else "respondent", *marks, one.person, one.organisation))
    return tuple(found)


def _posts(spots: Iterable[Spot], rules: Rules) -> list[str]:
    ladder = Ladder(rules.ladder, rules.registry)
    return sorted({code for spot in spots for code in ladder.posts(spot)})


async def _named(connection: AsyncConnection, known: dict[str, tuple[Party, ...]]) -> dict[str, tuple[Party, ...]]:
    """A party whose phone is a known person's is that person: declared relations count."""
    phones = sorted({one.phone for some in known.values() for one in some if one.phone and not one.person})
    if not phones:
        return known
    persons = await people.by_phones(connection, phones)
    return {
        number: tuple(
            replace(one, person=persons[one.phone]) if one.phone in persons and not one.person else one for one in some
        )
        for number, some in known.items()
    }
