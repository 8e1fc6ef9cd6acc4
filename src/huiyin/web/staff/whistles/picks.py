"""What the ladder tried before (逐级办理的证据): a ticket's steps to pick from, told as the review log tells them."""

from collections.abc import Collection

from msgspec import Struct

from huiyin.core.whistle.commands import Tried
from huiyin.core.whistled import Whistled
from huiyin.store import lists
from huiyin.story import Teller
from huiyin.web import dossiers, logged
from huiyin.web.cases import Case
from huiyin.web.staff.whistles.standing import Stand
from huiyin.web.whistles.cases import TRYING
from huiyin.web.who import TABLE

_TOLD = str(Whistled.__struct_config__.tag)


class Evidence(Struct, frozen=True):
    """One step, and what was said then as far as the viewer may read it; `sensible` ones are of the ladder's own work
    and picked where nobody picked."""

    version: int
    said: str
    sensible: bool
    picked: bool
    words: str = ""


async def evidence(stand: Stand, picked: Collection[int] | None) -> list[Evidence]:
    """Oldest first; none where no ticket led here. Other tickets are named only where they are in sight."""
    case = stand.case
    if case is None:
        return []
    named = logged.named(case.history)
    sight = stand.room.sight(stand.viewer)
    seen = frozenset(await stand.room.ask(lambda c: lists.seen(c, sight, named)))
    told = Teller(stand.book).tell([one.body for one in case.history], seen | {case.ticket.number})
    words = await _words(case)
    found = []
    for row, said in zip(case.history, told, strict=True):
        sensible = row.step in TRYING
        chosen = sensible if picked is None else row.version in picked
        if row.step != _TOLD and not logged.kept_from(stand.viewer.role, row.step):
            found.append(Evidence(row.version, said, sensible, chosen, words.get(row.version, "")))
    return found


async def _words(case: Case) -> dict[int, str]:
    """What was said with each step, as on the ticket's page."""
    if case.viewer.role not in TABLE["GET", "/api/v1/tickets/{number}/dossier"]:
        return {}
    dossier = await dossiers.told(case)
    return {one.version: one.text for one in dossier.words} if dossier else {}


def tried(stand: Stand, picked: Collection[int] | None) -> tuple[Tried, ...]:
    """Those that are picked, or would be, as a whistle names them."""
    case = stand.case
    if case is None:
        return ()
    rows = (one for one in case.history if (one.step in TRYING if picked is None else one.version in picked))
    return tuple(Tried(case.ticket.number, one.version) for one in rows)
