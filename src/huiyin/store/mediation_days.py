"""What a mediator's day and a committee's day ask (调解日程): rows, how many wait at which stage, sessions, limits."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.store import sights
from huiyin.store.places import Place
from huiyin.store.sights import Sight
from huiyin.store.tables.mediation import LAST


class Whose(Struct, frozen=True):
    """The cases of a committee's kinds at a place; of one mediator where `person` is given. Without those `apart`, in
    which the one who looks has an interest, as `finding` has it."""

    committee: str
    kinds: tuple[str, ...]
    person: str = ""
    apart: tuple[str, ...] = ()


class Row(Struct, frozen=True):
    """A case in a list, by codes alone."""

    number: str
    state: str
    stage: str
    kind: str
    category: str
    case: str | None
    restricted: bool
    report_owed: bool
    confirmation: str
    sessions: int
    owed: int
    performed: int
    reason: str | None
    due_at: datetime | None


class Limit(Struct, frozen=True):
    """A limit of a case that runs; `level` is how often it ran out."""

    number: str
    duty: str
    due_at: datetime
    level: int


class Planned(Struct, frozen=True):
    """A session that is to be."""

    number: str
    session: int
    at: datetime
    online: bool


_SOONEST = f"coalesce(m.due_at, {LAST.replace(':', chr(92) + ':')})"
_ROW = (
    "m.number, m.state, m.stage, m.kind, m.category, m.case_number, m.restricted, m.report_owed, m.confirmation,"
    f" m.sessions, m.owed, m.performed, m.reason, m.due_at, {_SOONEST} AS soonest"
)
CONFIRMING = "m.effective_at IS NOT NULL AND m.state <> 'archived' AND m.confirmation IN ('open', 'applied')"


async def rows(
    connection: AsyncConnection, whose: Whose, stages: Sequence[str], after: Place | None, limit: int, *, open_: bool
) -> tuple[list[Row], Place | None]:
    """One page: open ones by what is due first, those that are filed newest first; `stages` narrow it, `confirm` is
    whatever a court may still confirm."""
    given: dict[str, Any] = {"limit": limit, "stages": list(stages)}
    narrowed = _NARROWED if stages else ""
    if after is not None:
        narrowed += f" AND ({_SOONEST}, m.number) > (:at, :after)" if open_ else " AND m.number < :after"
        given |= {"at": after.at, "after": after.number} if open_ else {"after": after.number}
    order = ("soonest, number" if open_ else "number DESC") + " LIMIT :limit"
    found = (await connection.execute(_of(whose, _ROW, narrowed, order, open_=open_), _given(whose, given))).all()
    last = found[-1] if len(found) == limit else None
    return [Row(*one[:-1]) for one in found], Place(last.soonest, last.number) if last else None


_NARROWED = f" AND (m.stage = ANY(:stages) OR ('confirm' = ANY(:stages) AND {CONFIRMING}))"


def _of(whose: Whose, fields: str, narrowed: str, order: str, *, open_: bool) -> TextClause:
    """Each kind of committee by its own index, then all of them together."""
    state = "m.state <> 'archived'" if open_ else "m.state = 'archived'"
    here = f"m.committee = :committee AND m.kind = k.kind AND {state}"
    table = "mediations m"
    if whose.person:
        table = "mediation_seats s JOIN mediations m ON m.number = s.number"
        here = f"s.person = :person AND {'' if open_ else 'NOT '}s.open AND {here}"
    one = f"SELECT {fields} FROM {table} WHERE {here}{narrowed}{_without(whose)} ORDER BY {order}"  # noqa: S608
    kinds = "unnest(CAST(:kinds AS text[])) AS k(kind)"
    return text(f"SELECT o.* FROM {kinds} CROSS JOIN LATERAL ({one}) o ORDER BY {order}")  # noqa: S608


def _given(whose: Whose, more: Mapping[str, Any] | None = None) -> dict[str, Any]:
    known: dict[str, Any] = {"committee": whose.committee, "kinds": list(whose.kinds), **(more or {})}
    known |= {"person": whose.person} if whose.person else {}
    return known | ({"apart": list(whose.apart)} if whose.apart else {})


def _without(whose: Whose) -> str:
    return " AND m.number <> ALL(:apart)" if whose.apart else ""


# -- how many ---------------------------------------------------------------------------------------------


class Count(Struct, frozen=True):
    """Open cases at a stage, and how many of them a court may still confirm."""

    stage: str
    count: int
    confirming: int


async def counts(connection: AsyncConnection, whose: Whose) -> list[Count]:
    """How many open cases stand at which stage."""
    fields = f"m.stage, count(*), count(*) FILTER (WHERE {CONFIRMING})"
    found = await connection.execute(_summed(whose, fields, "m.stage"), _given(whose))
    return [Count(*one) for one in found]


async def load(connection: AsyncConnection, whose: Whose) -> dict[str, int]:
    """How many open cases of a committee each of its mediators has."""
    found = await connection.execute(_summed(whose, "c.person, count(*)", "c.person", seats=True), _given(whose))
    return {str(person): int(count) for person, count in found}


def _summed(whose: Whose, fields: str, by: str, *, seats: bool = False) -> TextClause:
    here = "m.committee = :committee AND m.kind = ANY(:kinds) AND m.state <> 'archived'"
    table = "mediations m"
    if whose.person:
        table, here = (
            f"{table} JOIN mediation_seats s ON s.number = m.number",
            f"{here} AND s.person = :person AND s.open",
        )
    table += " JOIN mediation_seats c ON c.number = m.number" if seats else ""
    return text(f"SELECT {fields} FROM {table} WHERE {here}{_without(whose)} GROUP BY {by}")  # noqa: S608


# -- what is soon -----------------------------------------------------------------------------------------


async def owing(connection: AsyncConnection, whose: Whose, limit: int) -> list[Row]:
    """Cases with a danger that somebody must still be told of."""
    statement = _of(whose, _ROW, " AND m.report_owed", "number LIMIT :limit", open_=True)
    return [Row(*one[:-1]) for one in await connection.execute(statement, _given(whose, {"limit": limit}))]


async def planned(
    connection: AsyncConnection, whose: Whose, since: datetime, until: datetime, limit: int
) -> list[Planned]:
    """The sessions of some days, the first one first."""
    here = "m.committee = :committee AND m.kind = ANY(:kinds) AND m.state <> 'archived'"
    table = "mediations m"
    if whose.person:
        table, here = "mediation_seats s JOIN mediations m USING (number)", f"s.person = :person AND s.open AND {here}"
    statement = text(
        f"WITH mine AS MATERIALIZED (SELECT m.number FROM {table} WHERE {here}{_without(whose)})"  # noqa: S608
        " SELECT x.number, x.session, x.at, x.online FROM mine JOIN mediation_sessions x USING (number)"
        " WHERE x.state = 'planned' AND x.at >= :since AND x.at < :until ORDER BY x.at, x.number LIMIT :limit"
    )
    given = _given(whose, {"since": since, "until": until, "limit": limit})
    return [Planned(*one) for one in await connection.execute(statement, given)]


async def limits(connection: AsyncConnection, numbers: Sequence[str]) -> dict[str, list[Limit]]:
    """The limits of some cases that run, the soonest first."""
    found: dict[str, list[Limit]] = {}
    for one in await connection.execute(_LIMITS, {"numbers": list(numbers)}):
        found.setdefault(one.number, []).append(Limit(*one))
    return found


_LIMITS = text(
    "SELECT number, duty, due_at, level FROM mediation_duties WHERE number = ANY(:numbers)"
    " ORDER BY due_at, number, duty"
)


async def seated(connection: AsyncConnection, numbers: Sequence[str]) -> dict[str, list[str]]:
    """Who mediates some cases."""
    found: dict[str, list[str]] = {}
    for number, person in await connection.execute(_SEATED, {"numbers": list(numbers)}):
        found.setdefault(number, []).append(person)
    return found


_SEATED = text("SELECT number, person FROM mediation_seats WHERE number = ANY(:numbers) ORDER BY number, person")


async def near(connection: AsyncConnection, whose: Whose, numbers: Sequence[str]) -> list[str]:
    """Those of some cases that are in somebody's list, or were until they were filed."""
    mine = " JOIN mediation_seats s ON s.number = m.number AND s.person = :person" if whose.person else ""
    statement = text(
        f"SELECT m.number FROM mediations m{mine} WHERE m.number = ANY(:numbers) AND m.committee = :committee"  # noqa: S608
        f" AND m.kind = ANY(:kinds){_without(whose)}"
    )
    return list((await connection.execute(statement, _given(whose, {"numbers": list(numbers)}))).scalars())


# -- who must not know ------------------------------------------------------------------------------------


async def apart(connection: AsyncConnection, sight: Sight) -> tuple[str, ...]:
    """The mediations in which the one who looks has an interest (回避), of their own parties or of the ticket's; asked
    once a page. Each part begins at the person and goes by an index."""
    if not (sight.person or sight.organisations):
        return ()
    plain = Sight("all", "", (), sight.person, sight.organisations)
    parts = [_BARRED, *((_CONFLICTS,) if sight.person else ())]
    parts.append(f"SELECT m.number FROM mediations m WHERE m.ticket IN ({sights.apart(plain)})")  # noqa: S608
    given = {"mine": list(sight.organisations), **({"person": sight.person} if sight.person else {})}
    return tuple(sorted(set((await connection.execute(text(" UNION ALL ".join(parts)), given)).scalars())))


_PARTY = "q.capacity IN ('party', 'agent', 'representative')"
_BARRED = f"SELECT q.number FROM mediation_people q WHERE q.organisation = ANY(:mine) AND NOT q.applicant AND {_PARTY}"  # noqa: S608
_KIN = "(SELECT CAST(:person AS text) AS person UNION ALL SELECT r.b FROM relations r WHERE r.a = :person)"
_OF_RECORD = f"JOIN mediation_people q ON q.number = split_part(d.ref, '/', 1) AND q.ref = d.ref AND {_PARTY}"
_CONFLICTS = f"""
SELECT q.number FROM {_KIN} k JOIN persons p ON p.person = k.person JOIN vault.dossiers d ON d.person = p.phone
  {_OF_RECORD} WHERE d.ref LIKE 'TJ%'
UNION ALL
SELECT q.number FROM persons p JOIN vault.dossiers d ON d.household = p.household {_OF_RECORD}
  WHERE p.person = :person AND d.ref LIKE 'TJ%'
UNION ALL
SELECT q.number FROM {_KIN} k JOIN mediation_people q ON q.person = k.person AND {_PARTY}
"""  # noqa: S608
