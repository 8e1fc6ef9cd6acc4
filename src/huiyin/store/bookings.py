"""Rooms for mediating (调解室) and who has them when: two never have one at once."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.store.committees import Body
from huiyin.store.database import Driver


class Room(Struct, frozen=True):
    """A room of a committee."""

    room: str
    committee: str
    kind: str
    called: str
    seats: int


class Booking(Struct, frozen=True):
    """A room for a session, from `since` up to and without `until`."""

    room: str
    since: datetime
    until: datetime
    number: str
    session: int


async def rooms(connection: AsyncConnection, one: Body, *, closed: bool = False) -> list[Room]:
    """The rooms of a committee; or those that it closed."""
    rows = await connection.execute(_ROOMS, {"committee": one.committee, "kind": one.kind, "closed": closed})
    return [Room(*row) for row in rows]


_ROOM = "room, committee, kind, called, seats"
_ROOMS = text(
    f"SELECT {_ROOM} FROM mediation_rooms"  # noqa: S608
    " WHERE committee = :committee AND kind = :kind AND closed = :closed ORDER BY called, room"
)


async def owned(connection: AsyncConnection, codes: Sequence[str]) -> dict[str, Room]:
    """Rooms by their codes, whosever they are, closed or not."""
    rows = (Room(*row) for row in await connection.execute(_OWNED, {"codes": list(codes)}))
    return {one.room: one for one in rows}


_OWNED = text(f"SELECT {_ROOM} FROM mediation_rooms WHERE room = ANY(:codes)")  # noqa: S608


async def furnish(connection: AsyncConnection, one: Room) -> None:
    """A room as it is now, open to be booked."""
    await connection.execute(_FURNISH, {name: getattr(one, name) for name in Room.__struct_fields__})


_FURNISH = text(
    "INSERT INTO mediation_rooms (room, committee, kind, called, seats)"
    " VALUES (:room, :committee, :kind, :called, :seats) ON CONFLICT (room) DO UPDATE SET"
    " committee = excluded.committee, kind = excluded.kind, called = excluded.called, seats = excluded.seats,"
    " closed = false"
)


async def close(connection: AsyncConnection, room: str) -> None:
    """Nobody books it from now on."""
    await connection.execute(_CLOSE, {"room": room})


_CLOSE = text("UPDATE mediation_rooms SET closed = true WHERE room = :room")


async def ahead(connection: AsyncConnection, room: str, at: datetime) -> int:
    """How many sessions are still to be held in a room; whoever would book it waits until the transaction ends."""
    await connection.execute(_HOLD, {"room": room})
    return int((await connection.execute(_AHEAD, {"room": room, "at": at})).scalar_one())


_AHEAD = text("SELECT count(*) FROM mediation_bookings WHERE room = :room AND until > :at")


async def book(connection: AsyncConnection, one: Booking) -> bool:
    """Take a room for a session, in the place of the one that it had; False where somebody has it then, or it is not
    there. Whoever books a room first keeps it: the room's row is held until the transaction ends."""
    if (await connection.execute(_HOLD, {"room": one.room})).first() is None:
        return False
    given = {name: getattr(one, name) for name in Booking.__struct_fields__}
    if (await connection.execute(_TAKEN, given)).first() is not None:
        return False
    await connection.execute(_BOOK, given)
    return True


_HOLD = text("SELECT 1 FROM mediation_rooms WHERE room = :room AND NOT closed FOR UPDATE")
_TAKEN = text(
    "SELECT 1 FROM mediation_bookings WHERE room = :room AND since < :until AND until > :since"
    " AND (number, session) <> (:number, :session) LIMIT 1"
)
_BOOK = text(
    "INSERT INTO mediation_bookings (room, since, until, number, session)"
    " VALUES (:room, :since, :until, :number, :session) ON CONFLICT (number, session) DO UPDATE SET"
    " room = excluded.room, since = excluded.since, until = excluded.until"
)


async def release(connection: AsyncConnection, number: str, session: int) -> None:
    """The room of a session is free again."""
    await connection.execute(_RELEASE, {"number": number, "session": session})


_RELEASE = text("DELETE FROM mediation_bookings WHERE number = :number AND session = :session")


async def of_session(connection: AsyncConnection, number: str, session: int) -> Booking | None:
    """The room that a session has."""
    row = (await connection.execute(_OF_SESSION, {"number": number, "session": session})).first()
    return Booking(*row) if row else None


_OF_SESSION = text(
    "SELECT room, since, until, number, session FROM mediation_bookings WHERE number = :number AND session = :session"
)


async def called(connection: AsyncConnection, number: str) -> dict[int, str]:
    """What the rooms of a case's sessions are called."""
    return {row[0]: row[1] for row in await connection.execute(_CALLED, {"number": number})}


_CALLED = text(
    "SELECT b.session, r.called FROM mediation_bookings b JOIN mediation_rooms r USING (room) WHERE b.number = :number"
)


async def freed(connection: Driver, over: Sequence[tuple[str, int]]) -> None:
    """Sessions that will not take place leave their rooms; only the mediation's desk calls this (a law test looks)."""
    if over:
        await connection.execute(_FREED, [number for number, _ in over], [session for _, session in over])


_FREED = (
    "DELETE FROM mediation_bookings b USING unnest($1::text[], $2::int[]) o (number, session)"
    " WHERE b.number = o.number AND b.session = o.session"
)


async def booked(connection: AsyncConnection, one: Body, since: datetime, until: datetime) -> list[Booking]:
    """What is booked in a committee's rooms between two moments."""
    given = {"committee": one.committee, "kind": one.kind, "since": since, "until": until}
    return [Booking(*row) for row in await connection.execute(_BOOKED, given)]


_BOOKED = text(
    "SELECT b.room, b.since, b.until, b.number, b.session FROM mediation_bookings b JOIN mediation_rooms r USING (room)"
    " WHERE r.committee = :committee AND r.kind = :kind AND b.since < :until AND b.until > :since"
    " ORDER BY b.since, b.room"
)
