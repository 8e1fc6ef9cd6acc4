"""A whistle for what a mediation needs (为调解吹哨): the case is told, and the whistle says nothing of the case."""

from collections.abc import Sequence
from typing import Any

from litestar import Request

from huiyin.core.mediation.commands_agreed import NoteWhistle
from huiyin.core.people import Viewer
from huiyin.orders import Mediating, Order
from huiyin.store import mediation_people, mediations, vault, whistle_lists
from huiyin.store.mediation_people import Known
from huiyin.web.acts import SOURCE
from huiyin.web.mediations import finding
from huiyin.web.problems import Problem
from huiyin.web.room import Room
from huiyin.web.whistles.finding import Found
from huiyin.web.whistles.shapes import STATES

Req = Request[Any, Any, Any]


async def behind(request: Req, number: str) -> finding.Found:
    """The case, as its own desk sees it; raises Problem("not-found") for any other, for a restricted file, of which the
    desk does not know what it is about, and for one that is closed."""
    found = await finding.find(request, number)
    if not may(found, request.state.viewer):
        raise Problem("not-found")
    return found


def may(found: finding.Found, viewer: Viewer) -> bool:
    """Whether who looks at a case may blow for it."""
    blows = viewer.post.partition(":")[0] in ("street", "community")  # a special committee's desk has no ground
    open_ = not found.one.restricted and found.one.state != "archived"
    return blows and open_ and found.eyes == "committee"


async def parties(found: finding.Found) -> list[vault.Dossier]:
    """Whom nothing that leaves the house for a department may name."""
    return await _opened(found.room, found.people)


async def beside(room: Room, whistle: str) -> list[vault.Dossier]:
    """The same of every mediation that a whistle was blown for."""
    numbers = await room.ask(lambda c: mediations.of_whistle(c, whistle))
    if not numbers:
        return []
    known = await room.ask(lambda c: mediation_people.of(c, numbers))
    return await _opened(room, [one for some in known.values() for one in some])


async def _opened(room: Room, some: Sequence[Known]) -> list[vault.Dossier]:
    read = await room.vaults.read_all([(one.ref, None) for one in some if one.ref])
    return [one for one in read if one is not None]


async def note(request: Req, found: finding.Found, whistle: str) -> None:
    """Tell the case; said again it is said already. Raises Problem where it could not be written."""
    viewer, number = request.state.viewer, found.one.number
    what = Mediating(number, NoteWhistle(whistle))
    order = Order(SOURCE, f"{number}/{whistle}", viewer.post, what, role=viewer.role, person=viewer.person)
    if (await found.room.mediate(order)).outcome == "failed":
        raise Problem("fault")


async def cases(found: Found) -> list[str]:
    """The mediations that a whistle was blown for, of those that are there for who looks."""
    if found.post:
        return []
    numbers = await found.room.ask(lambda c: mediations.of_whistle(c, found.whistle.number))
    return [one.one.number for one in await finding.some(found.room, found.viewer, numbers)]


async def blown(found: finding.Found) -> Sequence[tuple[str, str]]:
    """The whistles that were blown for a case, and how far each is."""
    numbers = found.one.whistles
    states = await found.room.ask(lambda c: whistle_lists.states(c, numbers)) if numbers else {}
    return [(number, STATES[states[number]]) for number in numbers if number in states]
