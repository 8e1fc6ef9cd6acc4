"""The evidence that a whistle names (证据): steps of tickets in sight, told as the ticket's own page tells them."""

from collections.abc import Sequence

from msgspec import Struct

from huiyin.store import lists
from huiyin.story import Teller
from huiyin.web import logged
from huiyin.web.whistles.finding import Found
from huiyin.web.whistles.shapes import TriedShown

_MOST = 8  # tickets: of a whistle that many joined the first ones are enough


class Proof(Struct, frozen=True):
    """The steps of one ticket, each a sentence with its time."""

    ticket: str
    said: tuple[str, ...]


async def proofs(found: Found, tickets: Sequence[str], tried: Sequence[TriedShown]) -> list[Proof]:
    """All tickets of a whistle with what was picked from them; `tickets` are those in sight."""
    return [await _proof(found, one, {each.version for each in tried if each.number == one}) for one in tickets[:_MOST]]


async def _proof(found: Found, ticket: str, picked: set[int]) -> Proof:
    room, sight = found.room, found.room.sight(found.viewer)
    history = await room.ask(lambda c: lists.history(c, ticket)) if picked else []
    if not history:
        return Proof(ticket, ())
    seen = await room.ask(lambda c: lists.seen(c, sight, logged.named(history)))
    told = Teller(await room.rules()).tell([one.body for one in history], seen | {ticket})
    rows = zip(history, told, strict=True)
    return Proof(
        ticket,
        tuple(
            said for one, said in rows if one.version in picked and not logged.kept_from(found.viewer.role, one.step)
        ),
    )
