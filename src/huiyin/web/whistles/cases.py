"""Who orders something of which whistle (经办), and what they name: places, evidence, departments, words that leave."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core import words
from huiyin.core.people import Viewer
from huiyin.core.registry import Unknown, located
from huiyin.core.ticket import Rules, Ticket
from huiyin.core.whistle import Whistle
from huiyin.core.whistle.commands import Ask, Position, Tried
from huiyin.core.words import Sealed, Spot
from huiyin.store import lists, people, tickets, vault
from huiyin.store.pictures import Kept
from huiyin.web import named
from huiyin.web.bodies import wrong
from huiyin.web.pen import Pen
from huiyin.web.problems import Problem
from huiyin.web.room import Room
from huiyin.web.scans import known_of, scan
from huiyin.web.whistles import bodies

# What counts as tried where nobody picks the steps: everything that a post did or that happened to it on the ladder.
TRYING = frozenset(
    f"ticket.{name}.v1"
    for name in (
        *("signed", "contacted", "noted", "site_checked", "dissuaded", "handed_up", "climbed", "resolved", "replied"),
        *("objection_ruled", "supervised", "reopened", "extended", "shelved"),
    )
)
_SCANNED = 20  # tickets whose complainants a text is scanned for


class Case(Struct):
    """Who orders something of which whistle, when; `whistle` is None where it is to be blown. `pen` seals what they
    say, `pictures` lie in the vault with it. `behind` is the mediation that it is blown for, `beside` are its parties:
    a department learns of neither."""

    room: Room
    viewer: Viewer
    number: str
    whistle: Whistle | None
    at: datetime
    pen: Pen
    pictures: Sequence[Kept] = ()
    behind: str = ""
    beside: Sequence[vault.Dossier] = ()

    @property
    def it(self) -> Whistle:
        assert self.whistle is not None
        return self.whistle

    @property
    def seen(self) -> tuple[Sealed, ...]:
        return tuple(one.word for one in self.pictures)

    async def told(self, field: str, text: str, about: Sequence[str] | None = None) -> words.Sealed:
        """Words that leave the house for a department: sealed, once nothing in them tells who complained. A department
        does not know that, so its words are looked at for nobody in particular: a refusal would answer its guesses."""
        own = self.viewer.role == "department"
        of = self.it.tickets if about is None else about
        known = [] if own else [*await dossiers(self.room, of), *self.beside]
        # A whistle that is refused has a fresh number each time: guesses are counted by whose complaint it is.
        counted = next(iter(of), self.behind or self.number)
        await scan(self.room, self.viewer, counted, [known_of(one) for one in known], text)
        return self.pen.write(field, text)

    async def colleague(self, said: str) -> str:
        """Somebody of the viewer's own post; who else there is in the city is not told. Raises Problem."""
        person = await named.person(self.room, said, self.at)
        if person != self.viewer.person:
            theirs = await self.room.ask(lambda c: people.standing(c, person, self.at))
            if self.viewer.post not in theirs.now:
                raise Problem("unknown-person")
        return person

    async def asks(self, some: Sequence[bodies.Asked], about: Sequence[str] | None = None) -> tuple[Ask, ...]:
        """One department alone is the lead; codes of this city. Raises Problem."""
        rules = await self.room.rules()
        found = []
        for one in some:
            lead = one.lead if one.lead is not None else len(some) == 1
            found.append(Ask(named.post(one.department, rules), await self.told("asks", one.text, about), lead))
        return tuple(found)


async def dossiers(room: Room, numbers: Sequence[str]) -> list[vault.Dossier]:
    """Who complained in some tickets; those that were erased are left out."""
    if not numbers:
        return []

    async def read(connection: AsyncConnection) -> dict[str, tuple[Ticket, Any]]:
        return await tickets.load(connection, list(numbers)[:_SCANNED])

    found = await room.ask(read)
    opened = [await room.vaults.read(ticket.dossier) for ticket, _ in found.values()]
    return [one for one in opened if one is not None]


def position(lat: float | None, lon: float | None) -> Position | None:
    """Where somebody was; half a position is none. Raises Problem."""
    if (lat is None) != (lon is None):
        raise wrong("lon" if lon is None else "lat", "经纬度要一起填写")
    return Position(lat, lon) if lat is not None and lon is not None else None


def spot(rules: Rules, building: str | None, grid: str | None, community: str | None) -> Spot | None:
    """The place that codes name; raises Problem."""
    try:
        return located(rules.registry, building, grid, community)
    except Unknown as error:
        raise Problem(f"unknown-{error.what}") from None


async def tried(room: Room, viewer: Viewer, number: str, picked: Sequence[int] | None) -> tuple[Tried, ...]:
    """Steps of a ticket's log as evidence; raises Problem where the ticket is hidden or has no such step."""
    sight = room.sight(viewer)

    async def read(connection: AsyncConnection) -> list[lists.Entry]:
        return list(await lists.history(connection, number)) if await lists.visible(connection, sight, number) else []

    entries = await room.ask(read)
    if not entries:
        raise Problem("not-found")
    if picked is None:
        return tuple(Tried(number, one.version) for one in entries if one.step in TRYING)
    if unknown := set(picked) - {one.version for one in entries}:
        raise wrong("tried", f"工单日志里没有第 {min(unknown)} 步")
    return tuple(Tried(number, version) for version in sorted(set(picked)))
