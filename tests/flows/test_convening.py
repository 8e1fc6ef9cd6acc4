"""Each change in a committee's office stands in the log with it or not at all; what is taken away can come back."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from huiyin import convening, review
from huiyin.bus import relay
from huiyin.convening import Hangs, Office
from huiyin.core.mediation import office as o
from huiyin.core.mediation.committee import Member
from huiyin.core.proof import read
from huiyin.mediating import MediationDesk
from huiyin.store import bookings, committees, log
from huiyin.store.bookings import Booking, Room
from huiyin.store.database import connect
from tests.conftest import Database
from tests.core.mediating import BOOK, LI, WANG
from tests.core.world import AT, C
from tests.flows.mediating import BODY, DESK, SEATED, fresh, opened, set_up, told

IDENT = f"{C}:residents"
SINCE, UNTIL = date(2026, 1, 1), date(2029, 1, 1)
MEMBER = Member(WANG.person, SINCE, UNTIL, chair=True, woman=True)
ROOM = Room("R1", C, "residents", "王桂英调解室", 8)


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    made = connect(database.url, name="test")
    await set_up(made)
    yield made
    await made.dispose()


async def does(engine: AsyncEngine, name: str, *given: Any) -> bool:
    """One change by the desk, in a transaction of its own."""
    async with engine.begin() as connection:
        made: bool = await getattr(Office(connection, BODY, at=AT, actor=DESK.post), name)(*given)
    return made


async def steps(engine: AsyncEngine) -> list[Any]:
    async with engine.connect() as connection:
        bodies = (await log.bodies(connection, convening.NOUN, [IDENT])).get(IDENT, [])
    assert {read(body).actor for body in bodies} <= {DESK.post}
    return [convening.told(body) for body in bodies]


async def same(engine: AsyncEngine) -> bool:
    """Whether every chain holds and all that stands is what the log says."""
    rebuilt = await review.rebuild(engine)
    assert (await review.verify(engine)).whole
    return not [one for one in rebuilt.differences if ":" in one.number or one.number == "R9"]


async def test_each_change_has_its_step_and_a_repeat_has_none(engine: AsyncEngine) -> None:
    day = date(2026, 12, 8)
    longer = Member(WANG.person, SINCE, UNTIL + timedelta(days=9), chair=True)
    for name, given, step in (
        ("elect", (MEMBER,), o.MemberAppointed(WANG.person, SINCE, UNTIL, True)),
        ("elect", (longer,), o.MemberMended(WANG.person, SINCE, longer.until, True, True)),
        ("specialise", (WANG.person, ["P", "A01"]), o.SpecialitiesChanged(WANG.person, ("A01", "P"))),
        ("put_on_duty", (day, [WANG.person, LI.person]), o.RosterChanged(day, tuple(sorted((WANG.person, LI.person))))),
        ("put_on_duty", (day, []), o.RosterChanged(day, ())),
        ("furnish", (ROOM,), o.RoomOpened("R1", 8)),
        ("furnish", (Room("R1", C, "residents", "老娘舅调解室", 8),), o.RoomMended("R1", 8, True)),
        ("close", ("R1",), o.RoomClosed("R1")),
        ("reopen", ("R1",), o.RoomOpened("R1", 8)),
        ("remove", (WANG.person, SINCE), o.MemberRemoved(WANG.person, SINCE)),
        ("restore", (WANG.person, SINCE), o.MemberAppointed(WANG.person, SINCE, longer.until, True)),
    ):
        assert await does(engine, name, *given), name
        assert not await does(engine, name, *given), f"{name} again"
        assert (await steps(engine))[-1] == step
        assert await same(engine), name
    async with engine.connect() as connection:
        assert (await committees.composition(connection, BODY)).members == (longer,), "as it was, with its marks"
    text_of = str(await steps(engine))
    assert "王桂英" not in text_of
    assert "老娘舅" not in text_of


async def test_what_the_committee_is_called_is_a_step_without_the_name(engine: AsyncEngine) -> None:
    async def keep(**other: Any) -> bool:
        async with engine.begin() as connection:
            given = {"committee": C, "kind": "residents", "short": BODY.short, "called": BODY.called, **other}
            return await Office(connection, committees.Body(**given), at=AT, actor=DESK.post).keep()

    assert await steps(engine) == [o.Founded(BODY.short, False)]
    assert not await keep()
    assert await keep(called="另一个全称")
    assert await keep(called="另一个全称", mixed=True)
    assert (await steps(engine))[1:] == [o.Mended(BODY.short, False, True), o.Mended(BODY.short, True, False)]
    assert await same(engine)


async def test_nothing_stands_without_its_step_nor_a_step_without_it(engine: AsyncEngine) -> None:
    """The same transaction: what breaks after the change takes both with it."""
    for name, given in (("elect", (MEMBER,)), ("furnish", (ROOM,)), ("put_on_duty", (SINCE, [WANG.person]))):
        with pytest.raises(RuntimeError):  # noqa: PT012  # what is raised is the end of the transaction
            async with engine.begin() as connection:
                await getattr(Office(connection, BODY, at=AT, actor=DESK.post), name)(*given)
                raise RuntimeError
    assert await steps(engine) == [o.Founded(BODY.short, False)]
    assert await same(engine)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE mediation_committees SET short = 'X'",
        "UPDATE mediation_members SET until = until + 1",
        "UPDATE mediation_members SET removed = true",
        "DELETE FROM mediation_roster",
        "UPDATE mediation_rooms SET seats = 99",
        "INSERT INTO mediation_rooms (room, committee, kind, called, seats) SELECT 'R9', committee, kind, 'x', 2"
        " FROM mediation_rooms",
        "INSERT INTO mediation_committees VALUES ('X9', 'street', '九', '九', false)",
    ],
)
async def test_what_was_changed_past_the_door_is_found(engine: AsyncEngine, database: Database, statement: str) -> None:
    await does(engine, "elect", MEMBER)
    await does(engine, "furnish", ROOM)
    await does(engine, "put_on_duty", SINCE, [WANG.person])
    assert await same(engine)
    async with engine.begin() as connection:
        await connection.execute(text(statement))
    assert not await same(engine)


# -- what hangs on it -------------------------------------------------------------------------------------


async def seated(engine: AsyncEngine) -> str:
    """A case of 王; its number."""
    number, desk = (await fresh(engine))[0], MediationDesk(engine, BOOK)
    await desk.act([opened(number)], at=AT)
    await told(desk, number, SEATED)
    return number


async def test_a_member_with_open_cases_stays_until_they_are_anothers(engine: AsyncEngine) -> None:
    await does(engine, "elect", MEMBER)
    await seated(engine)
    with pytest.raises(Hangs) as held:
        await does(engine, "remove", WANG.person, SINCE)
    assert held.value.count == 1
    assert (await steps(engine))[-1] == o.MemberAppointed(WANG.person, SINCE, UNTIL, True)


async def test_a_room_with_sessions_ahead_stays_and_one_that_is_closed_is_not_booked(engine: AsyncEngine) -> None:
    await does(engine, "furnish", ROOM)
    wish = Booking("R1", AT + timedelta(hours=1), AT + timedelta(hours=3), "TJ000000001", 1)
    assert await does(engine, "book", wish)
    assert await does(engine, "book", wish)
    with pytest.raises(Hangs) as held:
        await does(engine, "close", "R1")
    assert held.value.count == 1
    assert await does(engine, "release", "TJ000000001", 1)
    assert not await does(engine, "release", "TJ000000001", 1)
    past = Booking("R1", AT - timedelta(hours=3), AT - timedelta(hours=1), "TJ000000002", 1)
    assert await does(engine, "book", past)
    assert await does(engine, "close", "R1")
    assert not await does(engine, "book", wish), "closed"
    assert [type(step) for step in (await steps(engine))[2:]] == [o.RoomBooked, o.RoomReleased, o.RoomBooked,
                                                                   o.RoomClosed]  # fmt: skip
    async with engine.connect() as connection:
        assert await bookings.called(connection, "TJ000000002") == {1: "王桂英调解室"}, "it was held there"
    assert await same(engine)


async def test_nothing_of_it_goes_out(engine: AsyncEngine) -> None:
    assert convening.NOUN in relay.SILENT
