"""The posts' half of the one door (岗位): whatever changes who holds a post reads, decides and writes here."""

import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import cast

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core import staff
from huiyin.core.people import Role
from huiyin.core.staff import Left, Taken, Term
from huiyin.store import accounts, log, people
from huiyin.store.database import driver, turn

NOUN = "post"
CONSOLE = "console"  # the post of whoever sits at the machine itself
POST_CODE = re.compile(r"[\w:.\-]{1,64}")  # 城管 and E1-B01 are words too; no space, no quote, no slash
_LOCK = 0x48555934  # one hand-over at a time; 33 is the registry's imports
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


class BadTerm(ValueError):
    """A post code that cannot be one, or a term that ends before it begins."""


async def new_person(connection: AsyncConnection) -> str:
    """Somebody new; an opaque id, as the log will name them."""
    ident = "p-" + "".join(secrets.choice(_LETTERS) for _ in range(8))
    await people.admit(connection, ident)
    return ident


async def enrol(
    connection: AsyncConnection,
    account: accounts.Account,
    password: str | None,
    token: bytes | None,
    *,
    at: datetime,
    since: datetime | None = None,
    until: datetime | None = None,
    deputy: bool = False,
    actor: str = CONSOLE,
) -> str:
    """Make or renew an account, with its person and their term in its post; the person's id.

    A post that was the account's own before ends. A machine is nobody, "", and holds nothing. Secrets are hashes."""
    before = await accounts.by_name(connection, account.username)
    ident = before.person if before else ""
    if account.role != "machine":
        ident = ident or await new_person(connection)
        if before is not None and before.post_code != account.post_code:
            await end(connection, ident, before.post_code, at, at=at, actor=actor)
        term = Term(account.post_code, ident, cast(Role, account.role), account.scope, since or at, until, deputy)
        await give(connection, term, at=at, actor=actor)
    await accounts.put(connection, replace(account, person=ident), password, token, at)
    return ident


async def give(
    connection: AsyncConnection, term: Term, *, at: datetime, actor: str = CONSOLE
) -> Sequence[Taken | Left]:
    """Give a post to a person from a day on; the steps, none where they hold it so already.

    Raises BadTerm, and core.staff.Overlapping where another term of theirs there begins later."""
    if not POST_CODE.fullmatch(term.post) or (term.until is not None and term.until <= term.since):
        raise BadTerm
    await turn(connection, _LOCK)
    steps = staff.taken(await people.terms(connection, term.person, term.post), term)
    for step in steps:
        if isinstance(step, Taken):
            await people.give(connection, step)
        else:
            await people.end(connection, step)
    await _write(connection, term.post, steps, at, actor)
    return steps


async def end(
    connection: AsyncConnection, person: str, post: str, until: datetime, *, at: datetime, actor: str = CONSOLE
) -> Sequence[Left]:
    """End a person's terms in a post; the steps, none where all is over by then. The tickets stay at the post."""
    await turn(connection, _LOCK)
    steps = staff.left(await people.terms(connection, person, post), post, person, until)
    for step in steps:
        await people.end(connection, step)
    await _write(connection, post, steps, at, actor)
    return steps


async def relate(connection: AsyncConnection, one: str, other: str, kind: str) -> None:
    """Two persons declared that they are related: a private matter, never in the log."""
    await people.declare(connection, one, other, kind)


async def describe(
    connection: AsyncConnection,
    person: str,
    phone: bytes | None = None,
    household: bytes | None = None,
    employer: str | None = None,
) -> None:
    """What conflicts are found by: keyed hashes and a post code, never in the log."""
    await people.describe(connection, person, phone, household, employer)


async def _write(
    connection: AsyncConnection, post: str, steps: Sequence[Taken | Left], at: datetime, actor: str
) -> None:
    if not steps:
        return
    made = await log.continued(connection, NOUN, post, steps, actor=actor, at=at)
    await log.append(await driver(connection), made)
