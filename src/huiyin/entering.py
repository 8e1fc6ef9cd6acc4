"""The entries' half of the one door (当事人入口): each use of a code is written down before it opens anything."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core import entry
from huiyin.core.entry import Entered, Entry, EntryStep, Way
from huiyin.core.proof import read
from huiyin.store import log
from huiyin.store.database import driver, turn

NOUN = "entry"
AGAIN = timedelta(hours=1)  # a program shows the code with every question: it is written down once an hour
_LOCK = 0x48555938

_step = msgspec.json.Decoder(EntryStep).decode


async def entries(connection: AsyncConnection, number: str, party: str) -> tuple[Entry, ...]:
    """Of one party of a mediation, oldest first."""
    ident = _ident(number, party)
    leaves = [read(body) for body in (await log.bodies(connection, NOUN, [ident])).get(ident, [])]
    return entry.fold((_step(leaf.data), leaf.at) for leaf in leaves)


async def enter(connection: AsyncConnection, number: str, party: str, way: Way, at: datetime) -> str:
    """One more entry; its name, which says nothing."""
    await turn(connection, _LOCK)
    ident = secrets.token_hex(4)
    await _write(connection, number, party, [Entered(ident, way)], at)
    return ident


async def leave(connection: AsyncConnection, number: str, party: str, ident: str | None, at: datetime) -> None:
    """One entry is shut, or all of a party (None)."""
    await turn(connection, _LOCK)
    await _write(connection, number, party, entry.leaving(await entries(connection, number, party), ident), at)


def lately(some: Sequence[Entry], way: Way, at: datetime) -> bool:
    """Whether somebody came this way within the hour."""
    return any(one.way == way and one.at > at - AGAIN for one in some)


async def _write(
    connection: AsyncConnection, number: str, party: str, steps: Sequence[EntryStep], at: datetime
) -> None:
    made = await log.continued(connection, NOUN, _ident(number, party), steps, actor=f"party:{party}", at=at)
    await log.append(await driver(connection), made)


def _ident(number: str, party: str) -> str:
    return f"{number}/{party}"
