"""A ticket read back: its steps in the log, folded."""

from collections.abc import Callable, Iterator, Sequence

import msgspec
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

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
