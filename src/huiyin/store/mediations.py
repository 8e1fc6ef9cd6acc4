"""Mediations (人民调解) read back from the log, and their views: how far each is, who mediates, what is due."""

from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.mediation import Mediation, Step, follow
from huiyin.core.mediation.kinds import Committee
from huiyin.core.mediation.state import Session
from huiyin.store.chains import Chains, Part, Row, Views, step_of
from huiyin.store.clocked import Clocked
from huiyin.store.database import Driver
from huiyin.store.tables import mediation as tables

NOUN = "mediation"
CLOCKED = Clocked("mediations")
CHAINS: Chains[Mediation, Step] = Chains(NOUN, step_of(Step), follow, "mediations")


async def numbers(connection: AsyncConnection, count: int) -> list[str]:
    """Fresh numbers of mediations, TJ and nine digits; gaps happen and mean nothing. A case's own number (案号) comes
    from its committee's counter when it is accepted."""
    found = await connection.execute(_NUMBERS, {"count": count})
    return [f"TJ{value:09d}" for value in found.scalars()]


_NUMBERS = text("SELECT nextval('mediation_number') FROM generate_series(1, :count)")


async def of_ticket(connection: AsyncConnection, ticket: str) -> list[str]:
    """The mediations that came of a ticket, the first one first."""
    return list((await connection.execute(_OF_TICKET, {"ticket": ticket})).scalars())


_OF_TICKET = text("SELECT number FROM mediations WHERE ticket = :ticket ORDER BY number")


async def of_whistle(connection: AsyncConnection, whistle: str) -> list[str]:
    """The mediations that a whistle was blown for."""
    return list((await connection.execute(_OF_WHISTLE, {"whistle": whistle})).scalars())


_OF_WHISTLE = text("SELECT number FROM mediation_whistles WHERE whistle = :whistle ORDER BY number")


async def of_ticket_versions(connection: AsyncConnection, ticket: str) -> int:
    """How many steps there are of all the mediations of a ticket."""
    return int((await connection.execute(_VERSIONS, {"ticket": ticket})).scalar_one())


_VERSIONS = text("SELECT coalesce(sum(version), 0) FROM mediations WHERE ticket = :ticket")


class Filed(Struct, frozen=True):
    """What the views know of a mediation, whatever became of its log; `persons` mediate it."""

    number: str
    kind: Committee
    committee: str
    ticket: str | None
    restricted: bool
    persons: list[str]


async def filed(connection: AsyncConnection, number: str) -> Filed | None:
    """A mediation without a look into its log; None where there is none."""
    row = (await connection.execute(_FILED, {"number": number})).one_or_none()
    return Filed(*row) if row else None


_FILED = text(
    "SELECT number, kind, committee, ticket, restricted,"
    " ARRAY(SELECT person FROM mediation_seats s WHERE s.number = m.number) FROM mediations m WHERE number = :number"
)


# -- the views --------------------------------------------------------------------------------------------


def _row(one: Mediation) -> Row:
    agreement, owed = one.agreement, one.agreement.owed if one.agreement else ()
    return (
        *(one.number, one.version, one.state, stage(one), one.committee, one.kind, one.source, one.category),
        *(one.ticket, one.before, str(one.case) if one.case else None),
        *(one.restricted, bool(one.owing), len(one.lines), len(one.mediators)),
        *(sum(session.held is not None for session in one.sessions), one.level),
        one.limit.start if one.limit else None,
        agreement.effective_at if agreement else None,
        *((one.ending.at, one.ending.reason) if one.ending else (None, None)),
        *(one.confirmation, len(owed), sum(item.done == "whole" for item in owed)),
        one.due.at if one.due else None,
        *(one.next_at, one.provisional),
    )


def stage(one: Mediation) -> str:
    """What a mediation waits for, finer than its state."""
    match one.state:
        case "applied":
            return _applied(one)
        case "accepted":
            return _accepted(one)
        case "signing":
            return "signing" if set(one.unmarked) - {"mediator", "committee"} else "sealing"
        case "effective":
            owed = one.agreement.owed if one.agreement else ()
            return "breached" if any(item.breached and item.done != "whole" for item in owed) else "performing"
        case "performed":
            return "filing" if one.visits else "visiting"
        case "ended":
            return "filing" if all(line.told for line in one.lines) else "telling"
        case "archived":
            return "archived"


def _applied(one: Mediation) -> str:
    if not one.bars:
        waiting = any(line.consent is None for line in one.lines)
        return "checking" if one.bars is None else "consenting" if waiting else "accepting"
    return "barred"


def _accepted(one: Mediation) -> str:
    if any(line.notice is None for line in one.lines):
        return "notifying"
    if not one.mediators:
        return "seating"
    if any(session.waits for session in one.sessions):
        return "sitting"
    return "drafting" if any(session.held for session in one.sessions) else "planning"


def _seats(one: Mediation) -> tuple[Row, ...]:
    due = one.due.at if one.due else None
    return tuple((one.number, seat.person, seat.chosen, one.state != "archived", due) for seat in one.mediators)


def _duties(one: Mediation) -> tuple[Row, ...]:
    return tuple((one.number, clock.duty, clock.of, clock.due.at, clock.level) for clock in one.clocks)


def _whistles(one: Mediation) -> tuple[Row, ...]:
    return tuple((one.number, whistle) for whistle in one.whistles)


def _sessions(one: Mediation) -> tuple[Row, ...]:
    return tuple(_session(one.number, session) for session in one.sessions)


def _session(number: str, session: Session) -> Row:
    plan, held = session.plan, session.held
    at = held.began if held else plan.at if plan else None
    how = "held" if held else "planned" if session.waits else "adjourned"
    return number, session.number, at, plan is not None and plan.online, how


VIEWS: Views[Mediation] = Views(
    tables.mediations,
    _row,
    (
        Part(tables.seats, lambda one: (one.mediators, one.clocks, one.state), _seats),
        Part(tables.duties, lambda one: one.clocks, _duties),
        Part(tables.sessions, lambda one: one.sessions, _sessions),
        Part(tables.whistles, lambda one: one.whistles, _whistles),
    ),
)


async def write(connection: Driver, changed: Sequence[tuple[Mediation | None, Mediation]]) -> None:
    """The views' rows of some mediations. Only the mediation's desk calls this (a law test looks)."""
    await VIEWS.write(connection, changed)
