"""Committees on a real database: their making-up, register, load, duty roster, rooms that two never have at once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from huiyin.core.calendar import local
from huiyin.core.mediation.committee import Member, flaws, suited
from huiyin.mediating import MediationDesk
from huiyin.store import bookings, committees
from huiyin.store.bookings import Booking, Room
from huiyin.store.database import connect
from tests.conftest import Database
from tests.core.mediating import BOOK, LI, SEATS, WANG, ZHAO
from tests.core.world import AT, C
from tests.flows.mediating import BODY, SEATED, fresh, opened, set_up, told

TODAY = local(AT)
YEARS = date(TODAY.year + 2, 1, 1)


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    owner = connect(database.owner_url, name="owner")
    await set_up(owner)
    await owner.dispose()
    made = connect(database.url, name="test")
    yield made
    await made.dispose()


async def test_what_a_committee_lacks_is_said_from_its_members(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        (body,) = await committees.known(connection, [C])
        assert body == BODY
        for n, person in enumerate(("a", "b", "c")):
            await committees.elect(connection, body, Member(person, TODAY, YEARS, chair=n == 0, woman=n == 1))
        assert flaws(await committees.composition(connection, body), TODAY) == ()
        await committees.elect(connection, body, Member("b", TODAY, YEARS))
        assert flaws(await committees.composition(connection, body), TODAY) == ("no-woman",)


async def test_the_register_is_who_holds_the_post_with_what_they_know_best(engine: AsyncEngine) -> None:
    number, desk = (await fresh(engine))[0], MediationDesk(engine, BOOK)
    await desk.act([opened(number)], at=AT)
    await told(desk, number, SEATED)
    async with engine.begin() as connection:
        await committees.specialise(connection, C, WANG.person, ["A01", "B"])
        await committees.specialise(connection, C, WANG.person, ["A01"])
        found = await committees.register(connection, C, SEATS, AT)
        load = await committees.load_of(connection, [one.person for one in found])
    assert {one.person: one.specialities for one in found} == {WANG.person: ("A01",), LI.person: (), ZHAO.person: ()}
    assert load == {WANG.person: 1}
    assert next(one.person for one in suited(found, "A01", TODAY, load)) == WANG.person
    assert [one.person for one in suited(found, "B01", TODAY, load)][-1] == WANG.person


async def test_the_roster_of_a_day_is_what_was_said_last(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await committees.put_on_duty(connection, BODY, TODAY, [WANG.person, LI.person, WANG.person])
        await committees.put_on_duty(connection, BODY, TODAY, [LI.person])
        await committees.put_on_duty(connection, BODY, TODAY + timedelta(days=1), [WANG.person])
        assert await committees.on_duty(connection, BODY, TODAY, TODAY + timedelta(days=1)) == [(TODAY, LI.person)]


def booking(number: str, since: float, until: float, session: int = 1, room: str = "r1") -> Booking:
    return Booking(room, AT + timedelta(hours=since), AT + timedelta(hours=until), number, session)


async def test_a_room_is_nobody_elses_while_it_is_booked(engine: AsyncEngine) -> None:
    room = Room("r1", C, "residents", "老娘舅调解室", 8)
    async with engine.begin() as connection:
        await bookings.furnish(connection, room)
        assert await bookings.rooms(connection, BODY) == [room]
        assert await bookings.book(connection, booking("TJ1", 1, 2))
        assert not await bookings.book(connection, booking("TJ2", 1.5, 2.5))
        assert await bookings.book(connection, booking("TJ2", 2, 3)), "one begins as the other ends"
        assert await bookings.book(connection, booking("TJ1", 0, 1.5)), "moved: its own time is no obstacle"
        assert not await bookings.book(connection, booking("TJ3", 1, 2, room="r9")), "no such room"
        here = await bookings.booked(connection, BODY, AT, AT + timedelta(hours=9))
        assert here == [booking("TJ1", 0, 1.5), booking("TJ2", 2, 3)]
        await bookings.release(connection, "TJ1", 1)
        assert await bookings.book(connection, booking("TJ3", 1, 2))


async def test_of_many_at_once_one_has_the_room(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await bookings.furnish(connection, Room("r1", C, "residents", "老娘舅调解室", 8))

    async def takes(number: str) -> bool:
        async with engine.begin() as connection:
            return await bookings.book(connection, booking(number, 1, 2))

    assert sum(await asyncio.gather(*(takes(f"TJ{n}") for n in range(8)))) == 1
