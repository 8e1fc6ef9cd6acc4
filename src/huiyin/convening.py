"""The committee's half of the one door (调委会的事务): who sits in it, duty, rooms; each change with its step."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import reduce

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.mediation import office
from huiyin.core.mediation.committee import Member
from huiyin.core.mediation.office import Step
from huiyin.core.proof import read
from huiyin.store import bookings, committee_files, committees, log
from huiyin.store.bookings import Booking, Room
from huiyin.store.committee_files import Committees
from huiyin.store.committees import Body, Key
from huiyin.store.database import driver, turn

NOUN = "committee"
CONSOLE = "console"  # the post of whoever sits at the machine itself
_LOCK = 0x48555939  # one change at a time; 38 is the parties' entries'

_step = msgspec.json.Decoder(Step).decode


class Hangs(Exception):
    """It cannot be taken away yet: `count` cases, or sessions, hang on it."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count


def ident(one: Key) -> str:
    """A committee as its chain in the log is called."""
    return f"{one[0]}:{one[1]}"


def key(ident: str) -> Key:
    """The committee whose chain it is."""
    committee, _, kind = ident.rpartition(":")
    return committee, kind


def fold(bodies: Sequence[bytes]) -> office.Office:
    """The office after all steps of its chain."""
    return reduce(office.follow, map(told, bodies), office.Office())


def told(body: bytes) -> Step:
    """The step of a leaf; raises msgspec.MsgspecError for what is none."""
    step: Step = _step(read(body).data)
    return step


class Office:
    """One committee's, in one transaction, by one post. Each change says whether it was one; a repeat has no step."""

    def __init__(self, connection: AsyncConnection, body: Body, *, at: datetime, actor: str) -> None:
        self._connection, self._body, self._at, self._actor = connection, body, at, actor
        self._ours = False

    async def keep(self) -> bool:
        """The committee is as the body says."""
        now = self._body
        await self._turn()
        known = await committees.known(self._connection, [now.committee])
        was = next((one for one in known if one.kind == now.kind), None)
        if was == now:
            return False
        await committees.keep(self._connection, now)
        if was is None:
            return await self._write(office.Founded(now.short, now.mixed))
        return await self._write(office.Mended(now.short, now.mixed, was.called != now.called))

    async def elect(self, member: Member) -> bool:
        """A member's term is so from now on."""
        was = await self._term(member.person, member.since)
        steps = office.elected(was, member)
        if steps:
            await committees.elect(self._connection, self._body, member)
        return await self._write(*steps)

    async def remove(self, person: str, since: date) -> bool:
        """A term that was entered by mistake never was; raises Hangs where its person mediates open cases."""
        if await self._term(person, since) is None:
            return False
        if busy := await committees.busy(self._connection, self._body, person):
            raise Hangs(busy)
        await committees.remove(self._connection, self._body, person, since)
        return await self._write(office.MemberRemoved(person, since))

    async def restore(self, person: str, since: date) -> bool:
        """A term that was taken off is as it was."""
        await self._turn()
        gone = await committees.removed(self._connection, self._body)
        found = next((one for one in gone if (one.person, one.since) == (person, since)), None)
        return found is not None and await self.elect(found)

    async def taken_away(self) -> set[tuple[str, date | None]]:
        """Terms and rooms that a desk took off, by their names."""
        members = await committees.removed(self._connection, self._body)
        rooms = await bookings.rooms(self._connection, self._body, closed=True)
        return {*((one.person, one.since) for one in members), *((one.room, None) for one in rooms)}

    async def _term(self, person: str, since: date) -> Member | None:
        await self._turn()
        members = (await committees.composition(self._connection, self._body)).members
        return next((one for one in members if (one.person, one.since) == (person, since)), None)

    async def specialise(self, person: str, best: Sequence[str]) -> bool:
        """What a mediator knows best."""
        await self._turn()
        now = tuple(sorted(set(best)))
        if sorted(await committees.specialities(self._connection, self._body.committee, person)) == [*now]:
            return False
        await committees.specialise(self._connection, self._body.committee, person, now)
        return await self._write(office.SpecialitiesChanged(person, now))

    async def put_on_duty(self, day: date, persons: Sequence[str]) -> bool:
        """Who is on duty on a day."""
        await self._turn()
        held = await committees.on_duty(self._connection, self._body, day, date.fromordinal(day.toordinal() + 1))
        now = tuple(sorted(set(persons)))
        if tuple(sorted(person for _, person in held)) == now:
            return False
        await committees.put_on_duty(self._connection, self._body, day, now)
        return await self._write(office.RosterChanged(day, now))

    # -- rooms --------------------------------------------------------------------------------------------

    async def furnish(self, room: Room) -> bool:
        """A room is so, and open to be booked."""
        await self._turn()
        was = await self._room(room.room)
        if was == room:
            return False
        await bookings.furnish(self._connection, room)
        if was is None:
            return await self._write(office.RoomOpened(room.room, room.seats))
        return await self._write(office.RoomMended(room.room, room.seats, was.called != room.called))

    async def close(self, place: str) -> bool:
        """Nobody books a room any more; raises Hangs where sessions are still to be held in it."""
        await self._turn()
        if await self._room(place) is None:
            return False
        if ahead := await bookings.ahead(self._connection, place, self._at):
            raise Hangs(ahead)
        await bookings.close(self._connection, place)
        return await self._write(office.RoomClosed(place))

    async def reopen(self, place: str) -> bool:
        """A room that was closed is there again."""
        await self._turn()
        closed = await bookings.rooms(self._connection, self._body, closed=True)
        found = next((one for one in closed if one.room == place), None)
        return found is not None and await self.furnish(found)

    async def _room(self, place: str) -> Room | None:
        return next((one for one in await bookings.rooms(self._connection, self._body) if one.room == place), None)

    async def book(self, wish: Booking) -> bool:
        """A room for a session; False where somebody has it then, or it is not there. Whoever asks holds the case."""
        await self._turn()
        was = await bookings.of_session(self._connection, wish.number, wish.session)
        if not await bookings.book(self._connection, wish):
            return False
        if was != wish:
            await self._write(office.RoomBooked(wish.room, wish.number, wish.session, wish.since, wish.until))
        return True

    async def release(self, number: str, session: int) -> bool:
        """The room of a session is free again."""
        await self._turn()
        was = await bookings.of_session(self._connection, number, session)
        if was is None:
            return False
        await bookings.release(self._connection, number, session)
        return await self._write(office.RoomReleased(was.room, number, session))

    async def _turn(self) -> None:
        """Held until the transaction ends: asked for once."""
        if not self._ours:
            await turn(self._connection, _LOCK)
            self._ours = True

    async def _write(self, *steps: Step) -> bool:
        if not steps:
            return False
        key = ident((self._body.committee, self._body.kind))
        made = await log.continued(self._connection, NOUN, key, steps, actor=self._actor, at=self._at)
        await log.append(await driver(self._connection), made)
        return True


async def take(connection: AsyncConnection, found: Committees, *, at: datetime, actor: str = CONSOLE) -> bool:
    """Keep what files say of committees; what they do not name stays, and what a desk took away stays away until it is
    taken back there. Whether anything was otherwise before. Raises store.registry_files.BadRegistry."""
    settled = await committee_files.settled(connection, found)
    offices = {key: Office(connection, body, at=at, actor=actor) for key, body in settled.bodies.items()}
    changed = [await one.keep() for one in offices.values()]
    gone = {key: await one.taken_away() for key, one in offices.items()}
    for seat in settled.seats:
        if (seat.member.person, seat.member.since) not in gone[seat.committee]:
            changed.append(await offices[seat.committee].elect(seat.member))
    for room in settled.rooms:
        if (room.room, None) not in gone[key := f"{room.committee}/{room.kind}"]:
            changed.append(await offices[key].furnish(room))
    return any(changed)
