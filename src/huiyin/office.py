"""The office's half of the one door (管理): accounts, dead letters, the rulebook; each change with its step."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin import posts
from huiyin.core import office
from huiyin.core.office import OfficeStep, RulebookStands, RuleFile
from huiyin.core.people import Role
from huiyin.core.proof import read
from huiyin.core.staff import Term
from huiyin.store import accounts, log, people
from huiyin.store.accounts import Account
from huiyin.store.database import driver, turn

ACCOUNT, LETTER, RULEBOOK = "account", "letter", "rulebook"
SYSTEM = "system"  # the post of a service that starts
_LOCK = 0x48555937  # one at a time; 34 and 35 are the posts' and the calendar's


class Taken(ValueError):
    """The user name is somebody's already."""


async def hold(connection: AsyncConnection) -> None:
    """The office's turn; who needs the posts', too, takes it first, as everybody here does."""
    await turn(connection, _LOCK)


async def open_account(
    connection: AsyncConnection, account: Account, role: Role, password: str, term: Term, *, at: datetime, actor: str
) -> str:
    """A new account with its person and their term; the person's id. `password` is a hash.

    Raises Taken, posts.BadTerm, core.staff.Overlapping."""
    await hold(connection)
    if await accounts.by_name(connection, account.username) is not None:
        raise Taken
    person = await posts.enrol(
        connection,
        account,
        password,
        None,
        at=at,
        since=term.since,
        until=term.until,
        deputy=term.deputy,
        actor=actor,
    )
    await _write(connection, ACCOUNT, person, office.AccountOpened(person, account.post_code, role), at, actor)
    return person


async def close_account(
    connection: AsyncConnection, account: Account, *, at: datetime, now: datetime, actor: str, leave: bool
) -> None:
    """Nobody logs in with it any more; with `leave` the person leaves every post, too: a post whose holder cannot log
    in looks held, and what waits there waits for nobody. `now` is real time, by which sessions go."""
    await hold(connection)
    closed = await accounts.disable(connection, account.username, now)
    if not account.person:  # a machine is nobody and holds nothing
        return
    if closed:
        await _write(connection, ACCOUNT, account.person, office.AccountClosed(account.person), at, actor)
    if leave:
        for post in sorted({term.post for term in await people.terms(connection, account.person)}):
            await posts.end(connection, account.person, post, at, at=at, actor=actor)


async def call(connection: AsyncConnection, account: Account, called: str, *, at: datetime, actor: str) -> None:
    """What an account's person is called from now on; the step says that it changed, and not to what."""
    await hold(connection)
    if not await accounts.call(connection, account.username, called):
        return
    if account.person:  # a machine is nobody
        await _write(connection, ACCOUNT, account.person, office.AccountCalled(account.person), at, actor)


async def renew_codes(
    connection: AsyncConnection, account: Account, sealed: bytes, *, at: datetime, now: datetime, actor: str
) -> None:
    """Another secret for one-time codes, sealed; sessions of before end."""
    await hold(connection)
    await accounts.put_totp(connection, account.username, sealed, now)
    await _write(connection, ACCOUNT, account.person, office.CodesRenewed(account.person), at, actor)


async def end_sessions(
    connection: AsyncConnection, account: Account, token: bytes | None, *, at: datetime, now: datetime, actor: str
) -> int:
    """End one session of an account, or all (`token` None); how many were open."""
    await hold(connection)
    ended = await accounts.end_sessions(connection, account.username, token, now)
    if ended:
        step = office.SessionsEnded(account.person, ended)
        await _write(connection, ACCOUNT, account.person, step, at, actor)
    return ended


async def handle_letters(
    connection: AsyncConnection,
    steps: Sequence[office.LetterRevealed | office.LetterReplayed],
    *,
    at: datetime,
    actor: str,
) -> None:
    """Dead letters that are about to be read or sent again: the step is kept before."""
    await hold(connection)
    for step in steps:
        await _write(connection, LETTER, str(step.letter), step, at, actor)


async def keep_rulebook(
    connection: AsyncConnection, version: str, files: Sequence[tuple[str, str, bool]], *, at: datetime
) -> None:
    """Say which rulebook stands, where another stood before: file names with their hashes, own or shipped."""
    if (await last_rulebook(connection)) == version:
        return
    await hold(connection)
    history = await rulebooks(connection)
    known = tuple(RuleFile(*one) for one in files)
    for step in office.stands(version, known, history[-1][1] if history else None):
        await _write(connection, RULEBOOK, RULEBOOK, step, at, SYSTEM)


async def last_rulebook(connection: AsyncConnection) -> str | None:
    """The version that was kept last; one row by its key."""
    body = await log.last(connection, RULEBOOK, RULEBOOK)
    return _stood(body).version if body is not None else None


async def rulebooks(connection: AsyncConnection) -> list[tuple[datetime, RulebookStands]]:
    """Every rulebook that stood, and since when, oldest first."""
    bodies = (await log.bodies(connection, RULEBOOK, [RULEBOOK])).get(RULEBOOK, [])
    return [(read(body).at, _stood(body)) for body in bodies]


def _stood(body: bytes) -> RulebookStands:
    return msgspec.json.decode(read(body).data, type=RulebookStands)


async def _write(
    connection: AsyncConnection, noun: str, ident: str, step: OfficeStep, at: datetime, actor: str
) -> None:
    made = await log.continued(connection, noun, ident, [step], actor=actor, at=at)
    await log.append(await driver(connection), made)
