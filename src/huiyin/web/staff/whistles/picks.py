"""What the ladder tried before (逐级办理的证据): a ticket's steps to pick from, told as the review log tells them."""

from collections.abc import Collection

from msgspec import Struct

from huiyin.core.whistle.commands import Tried
from huiyin.core.whistled import Whistled
from huiyin.store import lists
from huiyin.story import Teller
from huiyin.web import logged
from huiyin.web.staff.whistles.standing import Stand
from huiyin.web.whistles.cases import TRYING

_TOLD = str(Whistled.__struct_config__.tag)


class Evidence(Struct, frozen=True):
    """One step; `sensible` ones are of the ladder's own work and picked where nobody picked."""

    version: int
    said: str
    sensible: bool
    picked: bool


async def evidence(stand: Stand, picked: Collection[int] | None) -> list[Evidence]:
    """Oldest first; none where no ticket led here. Other tickets are named only where they are in sight."""
    case = stand.case
    if case is None:
        return []
    named = logged.named(case.history)
    sight = stand.room.sight(stand.viewer)
    seen = frozenset(await stand.room.ask(lambda c: lists.seen(c, sight, named)))
    told = Teller(stand.book).tell([one.body for one in case.history], seen | {case.ticket.number})
    found = []
    for row, said in zip(case.history, told, strict=True):
        sensible = row.step in TRYING
        chosen = sensible if picked is None else row.version in picked
        if row.step != _TOLD and not logged.kept_from(stand.viewer.role, row.step):
            found.append(Evidence(row.version, said, sensible, chosen))
    return found


def tried(stand: Stand, found: Collection[Evidence]) -> tuple[Tried, ...]:
    """Those that are picked, as a whistle names them."""
    return tuple(Tried(stand.case.ticket.number, one.version) for one in found if one.picked) if stand.case else ()
