"""Persons (人员), their declared relations, and their terms in posts (任期); only `huiyin.posts` writes here."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.staff import Holding, Left, Person, Staff, Taken, Term
from huiyin.store.database import driver

_PERSON = (
    "p.person, p.phone, p.household, p.employer,"
    " ARRAY(SELECT o.post_code FROM holdings o WHERE o.person = p.person AND o.since <= :at"
    " AND (o.until IS NULL OR o.until > :at)),"
    " ARRAY(SELECT r.b FROM relations r WHERE r.a = p.person)"
)
_TERM = "h.post_code, h.person, h.role, h.scope, h.since, h.until, h.deputy"


class Standing(Struct, frozen=True):
    """What somebody is now: `now` by post code, `ever` all posts they ever held."""

    person: Person = Person("")
    now: dict[str, Term] = {}
    ever: frozenset[str] = frozenset()


async def anybody(connection: AsyncConnection) -> bool:
    """Whether a post was ever given to somebody."""
    return bool(await (await driver(connection)).fetchval("SELECT EXISTS (SELECT FROM holdings)"))


async def current(connection: AsyncConnection, post_codes: Sequence[str], at: datetime) -> Staff:
    """Who holds some posts at a moment, holders before deputies; in it are only posts that somebody ever held."""
    found: dict[str, tuple[Holding, ...]] = {}
    for post, deputy, held, *person in await connection.execute(_CURRENT, {"codes": list(post_codes), "at": at}):
        here = found.setdefault(post, ())
        if held:
            found[post] = (*here, Holding(post, _person(person), deputy))
    return Staff(found)


_CURRENT = text(
    f"SELECT h.post_code, h.deputy, h.until IS NULL OR h.until > :at, {_PERSON}"  # noqa: S608
    " FROM holdings h JOIN persons p USING (person)"
    " WHERE h.post_code = ANY(:codes) AND h.since <= :at AND (h.until IS NULL OR h.until > h.since)"
    " ORDER BY h.post_code, h.deputy, h.since, h.person"
)


def _person(row: Sequence[object]) -> Person:
    ident, phone, household, employer, posts, related = row
    return Person(
        str(ident),
        phone if isinstance(phone, bytes) else None,
        household if isinstance(household, bytes) else None,
        str(employer) if employer is not None else None,
        frozenset(posts if isinstance(posts, list) else ()),
        frozenset(related if isinstance(related, list) else ()),
    )


async def person(connection: AsyncConnection, ident: str, at: datetime) -> Person:
    """Somebody by their id; without phone, household and posts where nobody has it (a machine: "")."""
    row = (await connection.execute(_ONE, {"person": ident, "at": at})).first()
    return _person(row) if row else Person(ident)


_ONE = text(f"SELECT {_PERSON} FROM persons p WHERE p.person = :person")  # noqa: S608


async def person_of(connection: AsyncConnection, username: str, at: datetime) -> Person:
    """Whose account it is; the person "" for a machine's and for one that is not there."""
    ident = (await connection.execute(_OF, {"username": username})).scalar()
    return await person(connection, ident or "", at)


_OF = text("SELECT person FROM accounts WHERE username = :username")


async def by_phones(connection: AsyncConnection, phones: Sequence[bytes]) -> dict[bytes, str]:
    """Which of some phones (keyed hashes) are a known person's, so that declared relations count."""
    return {bytes(phone): ident for phone, ident in await connection.execute(_PHONES, {"phones": list(phones)})}


_PHONES = text("SELECT phone, person FROM persons WHERE phone = ANY(:phones) ORDER BY person DESC")


async def posts_of(connection: AsyncConnection, ident: str, at: datetime) -> dict[str, Term]:
    """What a person holds at a moment, by post code."""
    return {one.post: one for one in await terms(connection, ident) if one.holds(at)}


async def standing(connection: AsyncConnection, ident: str, at: datetime) -> Standing:
    """Who somebody is and what they hold; nothing for a machine."""
    if not ident:
        return Standing()
    known = await terms(connection, ident)
    now = {one.post: one for one in known if one.holds(at)}
    return Standing(await person(connection, ident, at), now, frozenset(one.post for one in known))


async def terms(connection: AsyncConnection, ident: str, post_code: str | None = None) -> list[Term]:
    """A person's terms, past and planned too; of one post where one is named."""
    rows = await connection.execute(_TERMS, {"person": ident, "post": post_code})
    return [Term(*row) for row in rows]


_TERMS = text(
    f"SELECT {_TERM} FROM holdings h WHERE h.person = :person"  # noqa: S608
    " AND (CAST(:post AS text) IS NULL OR h.post_code = :post) ORDER BY h.post_code, h.since"
)


async def held(connection: AsyncConnection, post_code: str | None, at: datetime) -> list[tuple[Term, str]]:
    """All terms that are not over, of one post where one is named; with a user name of the person, or ""."""
    rows = await connection.execute(_LIST, {"post": post_code, "at": at})
    return [(Term(*row[:7]), row[7]) for row in rows]


_LIST = text(
    f"SELECT {_TERM}, COALESCE((SELECT min(a.username) FROM accounts a WHERE a.person = h.person), '')"  # noqa: S608
    " FROM holdings h WHERE (CAST(:post AS text) IS NULL OR h.post_code = :post)"
    " AND (h.until IS NULL OR h.until > :at) ORDER BY h.post_code, h.deputy, h.since, h.person"
)


async def ever(connection: AsyncConnection, post_codes: Sequence[str]) -> list[Term]:
    """All terms in some posts, past and planned too, the newest first."""
    return [Term(*row) for row in await connection.execute(_EVER, {"codes": list(post_codes)})]


_EVER = text(
    f"SELECT {_TERM} FROM holdings h WHERE h.post_code = ANY(:codes)"  # noqa: S608
    " ORDER BY h.post_code, h.since DESC, h.person"
)


# -- writing: `huiyin.posts` only -------------------------------------------------------------------------


async def admit(connection: AsyncConnection, ident: str) -> None:
    """A new person, of whom nothing is known yet."""
    await connection.execute(_ADMIT, {"person": ident})


_ADMIT = text("INSERT INTO persons (person) VALUES (:person)")


async def give(connection: AsyncConnection, step: Taken) -> None:
    """A term begins."""
    await connection.execute(
        _GIVE,
        {
            "post": step.post,
            "person": step.person,
            "role": step.role,
            "scope": step.scope,
            "deputy": step.deputy,
            "since": step.since,
            "until": step.until,
        },
    )


_GIVE = text(
    "INSERT INTO holdings (post_code, person, role, scope, deputy, since, until)"
    " VALUES (:post, :person, :role, :scope, :deputy, :since, :until)"
    " ON CONFLICT (post_code, person, since) DO UPDATE SET role = excluded.role, scope = excluded.scope,"
    " deputy = excluded.deputy, until = excluded.until"
)


async def end(connection: AsyncConnection, step: Left) -> None:
    """Whatever runs past the step's `until` ends there; what was only planned never begins."""
    await connection.execute(_END, {"post": step.post, "person": step.person, "until": step.until})


_END = text(
    "UPDATE holdings SET until = GREATEST(since, CAST(:until AS timestamptz))"
    " WHERE post_code = :post AND person = :person AND (until IS NULL OR until > :until)"
)


async def declare(connection: AsyncConnection, one: str, other: str, kind: str) -> None:
    """A relation that the two declared, both ways."""
    rows = [{"a": one, "b": other, "kind": kind}, {"a": other, "b": one, "kind": kind}]
    await connection.execute(_DECLARE, rows)


_DECLARE = text(
    "INSERT INTO relations (a, b, kind) VALUES (:a, :b, :kind) ON CONFLICT (a, b) DO UPDATE SET kind = excluded.kind"
)


async def describe(
    connection: AsyncConnection, ident: str, phone: bytes | None, household: bytes | None, employer: str | None
) -> None:
    """What is known of a person, keyed hashes and a post code; None leaves what stands there."""
    known = {"person": ident, "phone": phone, "household": household, "employer": employer}
    await connection.execute(_DESCRIBE, known)


_DESCRIBE = text(
    "UPDATE persons SET phone = COALESCE(:phone, phone), household = COALESCE(:household, household),"
    " employer = COALESCE(:employer, employer) WHERE person = :person"
)
