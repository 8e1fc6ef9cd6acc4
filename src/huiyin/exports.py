"""The exports' half of the one door (导出): what is taken away is written down here before anybody gets it."""

import secrets
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core import words
from huiyin.core.export import Exported
from huiyin.store import log, vault
from huiyin.store.database import driver

NOUN = "export"


def fresh() -> str:
    """The number of an export: says nothing, but leads to its step."""
    return "X" + secrets.token_hex(6)


async def made(
    connection: AsyncConnection,
    ident: str,
    sealed: vault.Sealed,
    rows: int,
    by: tuple[str, ...],
    *,
    searched: bool,
    more: bool,
    actor: str,
    at: datetime,
) -> None:
    """An export's only step, and the sealed reason: one transaction."""
    ref = f"{ident}/why"
    step = Exported(rows, by, words.Sealed(ref, sealed.digest), searched, more)
    raw = await driver(connection)
    await log.append(raw, await log.continued(connection, NOUN, ident, [step], actor=actor, at=at))
    await vault.write(raw, [(ref, sealed)], at)
