"""A ticket read back: its steps in the log, folded."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.endings import FollowedUp
from huiyin.core.proof import read
from huiyin.core.ticket import Step, Ticket, follow
from huiyin.store import log
from huiyin.store.database import driver

NOUN = "ticket"


class _StepLeaf(Struct, frozen=True):
    data: Step


_step: Callable[[bytes], _StepLeaf] = msgspec.json.Decoder(_StepLeaf).decode


def steps(bodies: Sequence[bytes]) -> Iterator[Step]:
    """The steps of some leaves, in their order."""
    return (_step(body).data for body in bodies)


def fold(bodies: Sequence[bytes]) -> Ticket:
    """A ticket from its leaves; raises ValueError for none."""
    ticket: Ticket | None = None
    for step in steps(bodies):
        ticket = follow(ticket, step)
    if ticket is None:
        raise ValueError("no steps")
    return ticket


async def load(connection: AsyncConnection, numbers: Sequence[str]) -> dict[str, tuple[Ticket, log.Head]]:
    """Tickets and the ends of their chains, from the log; unknown numbers are absent."""
    found = await log.whole(await driver(connection), NOUN, numbers)
    return {number: (fold(leaves), head) for number, (leaves, head) in found.items()}


async def past(connection: AsyncConnection, number: str) -> list[tuple[Step, Ticket]]:
    """Every step of a ticket, each with the ticket as it left it; nothing of one that is not there."""
    ticket: Ticket | None = None
    found: list[tuple[Step, Ticket]] = []
    for step in steps((await log.bodies(connection, NOUN, [number])).get(number, [])):
        ticket = follow(ticket, step)
        found.append((step, ticket))
    return found


class FollowUp(Struct, frozen=True):
    """What a resident said of the outcome (回访), and when."""

    said: FollowedUp
    at: datetime


_follow_up = msgspec.json.Decoder(FollowedUp).decode


async def followed_up(connection: AsyncConnection, numbers: Sequence[str]) -> dict[str, FollowUp]:
    """The last word of the residents of some tickets; absent where nobody said any."""
    rows = await connection.execute(_FOLLOWED_UP, {"noun": NOUN, "numbers": list(numbers)})
    return {number: FollowUp(_follow_up(read(bytes(body)).data), at) for number, at, body in rows}


_FOLLOWED_UP = text(
    "SELECT DISTINCT ON (id) id, at, body FROM log WHERE noun = :noun AND id = ANY(:numbers)"
    " AND step = 'ticket.followed_up.v1' ORDER BY id, version DESC"
)
