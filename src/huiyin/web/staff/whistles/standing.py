"""Who blows where (吹哨的起点): the ticket, who is complained about, the rulebook; a whistle decided on paper."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from litestar import Request
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.people import Viewer
from huiyin.core.scene import Refused, Scene, accused
from huiyin.core.ticket import Rules as Book
from huiyin.core.ticket import Ticket
from huiyin.core.whistle import Rules, Step, decide
from huiyin.core.whistle.commands import Ask, Blow, Join, Kind, Open, Tried
from huiyin.core.whistle.suggest import Learnt, Suggestion, suggest
from huiyin.core.words import Actor, Spot
from huiyin.orders import Order, Whistling
from huiyin.scenes import Scenes, for_whistles
from huiyin.store import whistle_lists
from huiyin.store.whistle_lists import Near
from huiyin.web.cases import Case, find
from huiyin.web.room import Room
from huiyin.web.whistles.rehearsal import PAPER
from huiyin.whistle_story import WhistleTeller

Req = Request[Any, Any, Any]

_NEAR = 5


class Try(Struct, frozen=True):
    """What a kind of whistle would lead to, or the code of why not."""

    steps: tuple[Step, ...] = ()
    code: str = ""


class Stand(Struct, frozen=True):
    """What a form for blowing is worked out from; `case` is the ticket, where one led here."""

    room: Room
    viewer: Viewer
    rules: Rules
    book: Book
    scene: Scene
    at: datetime
    case: Case | None = None

    @property
    def ticket(self) -> Ticket | None:
        return self.case.ticket if self.case else None

    @property
    def accused(self) -> frozenset[str]:
        """The posts that are complained about: never called, never offered."""
        return accused(self.scene.parties)

    @property
    def unnamed(self) -> bool:
        """A department is complained about, and nobody registered which."""
        named = any(post.startswith(f"{self.rules.whistle.department}:") for post in self.accused)
        return self.ticket is not None and self.ticket.about == "department" and not named

    @property
    def teller(self) -> WhistleTeller:
        return WhistleTeller(self.rules, self.book.registry)

    @property
    def departments(self) -> dict[str, str]:
        """Whom one may call, by what they are called: those of the catalogue, without the street itself."""
        book = self.rules.whistle
        entries = self.rules.catalogue.entries.values()
        names = {name for entry in entries for name in entry.departments if name not in book.own}
        posts = sorted(f"{book.department}:{name}" for name in names)
        return {post: self.teller.post(post) for post in posts if post not in self.accused}

    def try_(self, kind: Kind, category: str, spot: Spot, asks: Sequence[Ask] = (), tried: Sequence[Tried] = ()) -> Try:
        """A whistle as it would be decided; whom it asks is anybody where nobody is named yet."""
        ticket = self.ticket
        command = Blow(
            "-",
            kind,
            "ticket" if ticket else "own",
            category,
            spot,
            "other",
            PAPER,
            tuple(asks) or (Ask(f"{self.rules.whistle.department}:?", PAPER, lead=True),),
            ticket.number if ticket else None,
            ticket.about if ticket else "none",
            tuple(tried),
        )
        try:
            return Try(tuple(decide(None, command, at=self.at, rules=self.rules, scene=self.scene)))
        except Refused as refusal:
            return Try(code=refusal.code)

    async def suggested(self, category: str) -> tuple[Suggestion, ...]:
        """Departments for a matter, best first, as upheld objections have corrected the catalogue."""
        entry = self.rules.catalogue.entries.get(category)
        if entry is None:
            return ()
        rows = await self.room.ask(lambda c: whistle_lists.learnt(c, category))
        return suggest(entry, [Learnt(*row) for row in rows], self.rules.whistle, self.accused)

    async def near(self, category: str, spot: Spot | None) -> list[Near]:
        """Open whistles that the viewer may see, about the same near by."""
        if spot is None or not category:
            return []
        sight = self.room.sight(self.viewer)
        return await self.room.ask(lambda c: whistle_lists.near(c, sight, category, spot, _NEAR))


def opens(near: Sequence[Near]) -> tuple[Open, ...]:
    """As a new whistle must know of them."""
    names = ("street_code", "community_code", "estate_code", "grid_code", "building_code")
    return tuple(Open(one.number, one.category, Spot(**{n: getattr(one, n) for n in names})) for one in near)


async def stand(request: Req, number: str = "") -> Stand:
    """Where the viewer stands; raises Problem("not-found") for a ticket that is hidden, or is none."""
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    case = await find(request, number) if number else None
    rules, book = (await room.whistles()).rules, await room.rules()
    by, at = Actor(viewer.post, viewer.role, viewer.person), room.clock()
    order = Order("", "", viewer.post, Whistling("-", Join(number)), role=viewer.role, person=viewer.person)

    async def look(connection: AsyncConnection) -> Scenes:
        return await for_whistles(connection, [order], [], at)

    scene = (await room.ask(look)).around(by, [number] if number else [])
    return Stand(room, viewer, rules, book, scene, at, case)
