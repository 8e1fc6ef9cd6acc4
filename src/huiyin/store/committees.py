"""Mediation committees (人民调解委员会): their case numbers, members, mediators and duty roster."""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec
from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.mediation.committee import Composition, Member, Registered
from huiyin.core.mediation.kinds import Committee
from huiyin.core.mediation.office import Office
from huiyin.store.database import Driver

Key = tuple[str, str]  # (committee, kind)


class Body(Struct, frozen=True):
    """A committee; `short` is what it calls itself in its case numbers."""

    committee: str
    kind: Committee
    short: str
    called: str
    mixed: bool = False


async def known(connection: AsyncConnection, codes: Sequence[str] | None = None) -> list[Body]:
    """The committees of some places, or all of them."""
    rows = await connection.execute(_KNOWN, {"codes": None if codes is None else list(codes)})
    return [Body(*row) for row in rows]


_KNOWN = text(
    "SELECT committee, kind, short, called, mixed FROM mediation_committees"
    " WHERE CAST(:codes AS text[]) IS NULL OR committee = ANY(:codes) ORDER BY committee, kind"
)


async def keep(connection: AsyncConnection, one: Body) -> None:
    """A committee as it is now."""
    given = {name: getattr(one, name) for name in Body.__struct_fields__}
    await connection.execute(_KEEP, given)


_KEEP = text(
    "INSERT INTO mediation_committees (committee, kind, short, called, mixed)"
    " VALUES (:committee, :kind, :short, :called, :mixed) ON CONFLICT (committee, kind)"
    " DO UPDATE SET short = excluded.short, called = excluded.called, mixed = excluded.mixed"
)


async def numbered(connection: AsyncConnection, one: Body) -> bool:
    """Whether a case of it has a number already: from then on its short name stays."""
    given = {"committee": one.committee, "kind": one.kind}
    return bool((await connection.execute(_NUMBERED, given)).scalar())


_NUMBERED = text(
    "SELECT EXISTS (SELECT FROM mediation_counters WHERE committee = :committee AND kind = :kind AND last > 0)"
)


# -- case numbers (案号) -----------------------------------------------------------------------------------


class Counter(Struct):
    """A committee's counter of a year; whoever holds it holds it until the transaction ends."""

    short: str
    last: int


async def counters(connection: Driver, wanted: Sequence[Key], year: int) -> dict[Key, Counter]:
    """The counters of some committees, locked: two transactions never take the same number and none is left out.
    A committee that is not known has none."""
    held: dict[Key, Counter] = {}
    for committee, kind in sorted(set(wanted)):
        row = await connection.fetchrow(_COUNTER, committee, kind, year)
        if row is not None:
            held[committee, kind] = Counter(row["short"], row["last"])
    return held


# The row is there from the first case of a year on; taking it is writing it, so that the second waits for the first.
_COUNTER = (
    "WITH taken AS (INSERT INTO mediation_counters (committee, kind, year, last)"
    " SELECT committee, kind, $3, 0 FROM mediation_committees WHERE committee = $1 AND kind = $2"
    " ON CONFLICT (committee, kind, year) DO UPDATE SET last = mediation_counters.last RETURNING committee, kind, last)"
    " SELECT c.short, t.last FROM taken t JOIN mediation_committees c USING (committee, kind)"
)


async def count(connection: Driver, year: int, used: Sequence[tuple[Key, int]]) -> None:
    """Where the counters stand now; only the mediation's desk calls this (a law test looks)."""
    for (committee, kind), last in used:
        await connection.execute(_COUNT, committee, kind, year, last)


_COUNT = "UPDATE mediation_counters SET last = $4 WHERE committee = $1 AND kind = $2 AND year = $3"


# -- who ---------------------------------------------------------------------------------------------------


async def composition(connection: AsyncConnection, one: Body) -> Composition:
    """Who makes up a committee, for `core.mediation.committee.flaws`."""
    given = {"committee": one.committee, "kind": one.kind}
    members = tuple(Member(*row) for row in await connection.execute(_MEMBERS, given))
    return Composition(one.committee, one.kind, members, one.mixed)


_TERM = "person, since, until, chair, woman, minority"
_MEMBERS = text(
    f"SELECT {_TERM} FROM mediation_members"  # noqa: S608
    " WHERE committee = :committee AND kind = :kind AND NOT removed ORDER BY since, person"
)


async def removed(connection: AsyncConnection, one: Body) -> list[Member]:
    """Who was taken off, entered by mistake; to be put back where that was the mistake."""
    given = {"committee": one.committee, "kind": one.kind}
    return [Member(*row) for row in await connection.execute(_REMOVED, given)]


_REMOVED = text(
    f"SELECT {_TERM} FROM mediation_members"  # noqa: S608
    " WHERE committee = :committee AND kind = :kind AND removed ORDER BY since, person"
)


async def elect(connection: AsyncConnection, one: Body, member: Member) -> None:
    """A member from a day on; also one that was taken off."""
    given = {name: getattr(member, name) for name in Member.__struct_fields__}
    await connection.execute(_ELECT, {"committee": one.committee, "kind": one.kind, **given})


_ELECT = text(
    "INSERT INTO mediation_members (committee, kind, person, since, until, chair, woman, minority)"
    " VALUES (:committee, :kind, :person, :since, :until, :chair, :woman, :minority)"
    " ON CONFLICT (committee, kind, person, since) DO UPDATE SET until = excluded.until, chair = excluded.chair,"
    " woman = excluded.woman, minority = excluded.minority, removed = false"
)


async def remove(connection: AsyncConnection, one: Body, person: str, since: date) -> None:
    """Take a member's term off the list."""
    given = {"committee": one.committee, "kind": one.kind, "person": person, "since": since}
    await connection.execute(_REMOVE, given)


_REMOVE = text(
    "UPDATE mediation_members SET removed = true"
    " WHERE committee = :committee AND kind = :kind AND person = :person AND since = :since"
)


async def busy(connection: AsyncConnection, one: Body, person: str) -> int:
    """How many open cases of a committee somebody mediates."""
    given = {"committee": one.committee, "kind": one.kind, "person": person}
    return int((await connection.execute(_BUSY, given)).scalar_one())


_BUSY = text(
    "SELECT count(*) FROM mediation_seats s JOIN mediations m USING (number)"
    " WHERE s.person = :person AND s.open AND m.committee = :committee AND m.kind = :kind"
)


async def offices(connection: AsyncConnection, keys: Sequence[Key]) -> dict[Key, Office]:
    """Some committees as their rows are, to be held against what the log says of them."""
    given = {"committees": [one for one, _ in keys], "kinds": [kind for _, kind in keys]}
    found: dict[Key, Office] = {}
    for committee, kind, short, mixed, *parts in await connection.execute(_OFFICES, given):
        members, rooms, roster = (msgspec.json.decode(part) for part in parts)
        terms = {
            (who, date.fromisoformat(since)): (date.fromisoformat(end), chair) for who, since, end, chair in members
        }
        days = {date.fromisoformat(day): frozenset(persons) for day, persons in roster}
        found[committee, kind] = Office(short, mixed, terms, dict(rooms), days)
    return found


_OF = "WHERE x.committee = c.committee AND x.kind = c.kind"
_OFFICES = text(
    "SELECT c.committee, c.kind, c.short, c.mixed,"  # noqa: S608
    " (SELECT coalesce(json_agg(json_build_array(x.person, x.since, x.until, x.chair)), '[]')::text"
    f" FROM mediation_members x {_OF} AND NOT x.removed),"
    " (SELECT coalesce(json_agg(json_build_array(x.room, x.seats)), '[]')::text"
    f" FROM mediation_rooms x {_OF} AND NOT x.closed),"
    " (SELECT coalesce(json_agg(json_build_array(d.day, d.persons)), '[]')::text"
    f" FROM (SELECT x.day, json_agg(x.person) AS persons FROM mediation_roster x {_OF} GROUP BY x.day) d)"
    " FROM mediation_committees c JOIN unnest(CAST(:committees AS text[]), CAST(:kinds AS text[])) k (committee, kind)"
    " USING (committee, kind)"
)


async def register(connection: AsyncConnection, committee: str, post: str, at: datetime) -> list[Registered]:
    """The mediators of a committee: who holds its post now, and what they know best."""
    rows = await connection.execute(_REGISTER, {"committee": committee, "post": post, "at": at})
    return [Registered(person, committee, since, until, tuple(best)) for person, since, until, best in rows]


_REGISTER = text(
    "SELECT h.person, (h.since AT TIME ZONE 'Asia/Shanghai')::date, (h.until AT TIME ZONE 'Asia/Shanghai')::date,"
    " ARRAY(SELECT s.speciality FROM mediation_specialities s"
    " WHERE s.committee = :committee AND s.person = h.person ORDER BY s.speciality)"
    " FROM holdings h WHERE h.post_code = :post AND h.since <= :at AND (h.until IS NULL OR h.until > :at)"
    " ORDER BY h.person"
)


async def specialities(connection: AsyncConnection, committee: str, person: str) -> tuple[str, ...]:
    """What a mediator knows best."""
    return tuple((await connection.execute(_SPECIALITIES, {"committee": committee, "person": person})).scalars())


_SPECIALITIES = text(
    "SELECT speciality FROM mediation_specialities WHERE committee = :committee AND person = :person"
    " ORDER BY speciality"
)


async def specialise(connection: AsyncConnection, committee: str, person: str, best: Sequence[str]) -> None:
    """What a mediator knows best, in the place of what stood there."""
    await connection.execute(_FORGET, {"committee": committee, "person": person})
    if best:
        rows = [{"committee": committee, "person": person, "speciality": one} for one in best]
        await connection.execute(_SPECIALISE, rows)


_FORGET = text("DELETE FROM mediation_specialities WHERE committee = :committee AND person = :person")
_SPECIALISE = text(
    "INSERT INTO mediation_specialities (committee, person, speciality) VALUES (:committee, :person, :speciality)"
)


async def load_of(connection: AsyncConnection, persons: Sequence[str]) -> dict[str, int]:
    """How many open cases some mediators have."""
    rows = await connection.execute(_LOAD, {"persons": list(persons)})
    return {str(row[0]): int(row[1]) for row in rows}


_LOAD = text("SELECT person, count(*) FROM mediation_seats WHERE person = ANY(:persons) AND open GROUP BY person")


async def on_duty(connection: AsyncConnection, one: Body, since: date, until: date) -> list[tuple[date, str]]:
    """The duty roster of some days."""
    given = {"committee": one.committee, "kind": one.kind, "since": since, "until": until}
    return [(row[0], row[1]) for row in await connection.execute(_ON_DUTY, given)]


_ON_DUTY = text(
    "SELECT day, person FROM mediation_roster WHERE committee = :committee AND kind = :kind"
    " AND day >= :since AND day < :until ORDER BY day, person"
)


async def put_on_duty(connection: AsyncConnection, one: Body, day: date, persons: Sequence[str]) -> None:
    """Who is on duty on a day, in the place of who was."""
    given = {"committee": one.committee, "kind": one.kind, "day": day, "persons": list(persons)}
    await connection.execute(_PUT_ON_DUTY, given)


_PUT_ON_DUTY = text(
    "WITH off AS (DELETE FROM mediation_roster"
    " WHERE committee = :committee AND kind = :kind AND day = :day AND person <> ALL(:persons))"
    " INSERT INTO mediation_roster (committee, kind, day, person)"
    " SELECT CAST(:committee AS text), CAST(:kind AS text), CAST(:day AS date), unnest(CAST(:persons AS text[]))"
    " ON CONFLICT DO NOTHING"
)
