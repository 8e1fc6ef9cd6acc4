"""The one door on a real database: one order or five hundred, repeats, refusals, a bad one among good ones."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from huiyin import review
from huiyin.core.commands import Sign
from huiyin.core.ticket import Reclassify, Ticket
from huiyin.core.words import Sorting
from huiyin.desk import Away, Change, Complaint, Desk, Order
from huiyin.rules.load import load_sorting_rules
from huiyin.store import tickets
from huiyin.store.database import connect
from huiyin.store.vault import Seal
from tests.conftest import Database
from tests.core.world import AT, RULES, sorting, spot

SEAL = Seal(b"m" * 32)


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    made = connect(database.url, name="test")
    yield made
    await made.dispose()


@pytest.fixture
def desk(engine: AsyncEngine) -> Desk:
    return Desk(engine, RULES, load_sorting_rules().matters, b"r" * 32)


def complaint(ident: str, found: Sorting | None = None, source: str = "urn:test") -> Order:
    what = Complaint("web", "none", AT, found or sorting(), SEAL.seal(b"words", "13800000000"))
    return Order(source, ident, "sorter", what, stream_seq=int(ident) if ident.isdigit() else 1)


async def count(engine: AsyncEngine, table: str) -> int:
    async with engine.connect() as connection:
        return int((await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one())


async def whole(engine: AsyncEngine, database: Database) -> None:
    """The log verifies, the view is what the log says, the vault holds what the log committed to."""
    assert (await review.verify(engine)).whole
    assert (await review.rebuild(engine)).differences == []
    vault = connect(database.vault_url, name="test")
    assert (await review.verify_sealed(vault)).whole
    await vault.dispose()


async def test_five_hundred_at_once(desk: Desk, engine: AsyncEngine, database: Database) -> None:
    orders = [complaint(str(i)) for i in range(500)]
    answers = await desk.act(orders, at=AT)
    assert [answer.outcome for answer in answers] == ["done"] * 500
    assert len({answer.number for answer in answers}) == len({answer.receipt for answer in answers}) == 500
    assert await count(engine, "tickets") == await count(engine, "inbox") == 500
    assert await count(engine, "log") == 1000
    await whole(engine, database)


async def test_a_repeat_gets_the_first_answer(desk: Desk, engine: AsyncEngine) -> None:
    (first,) = await desk.act([complaint("7")], at=AT)
    for suspect in (False, True):
        (again,) = await desk.act([complaint("7")], at=AT, suspect=suspect)
        assert again == msgspec.structs.replace(first, outcome="repeat")
    one, two = await desk.act([complaint("8"), complaint("8")], at=AT)
    assert (one.outcome, two.outcome, one.number) == ("done", "repeat", two.number)
    assert await count(engine, "tickets") == 2


async def test_repeats_among_new_ones(desk: Desk, engine: AsyncEngine, database: Database) -> None:
    await desk.act([complaint(str(i)) for i in range(0, 100, 3)], at=AT)
    answers = await desk.act([complaint(str(i)) for i in range(100)], at=AT)
    assert [answer.outcome for answer in answers] == ["done" if i % 3 else "repeat" for i in range(100)]
    assert await count(engine, "tickets") == 100
    await whole(engine, database)


async def test_two_workers_with_the_same_messages(desk: Desk, engine: AsyncEngine, database: Database) -> None:
    async def work(order: Sequence[int]) -> None:
        while True:
            try:
                await desk.act([complaint(str(i)) for i in order], at=AT)
            except Away:
                continue
            return

    await asyncio.gather(work(range(200)), work(range(199, -1, -1)), work(range(50, 150)))
    assert await count(engine, "tickets") == 200
    await whole(engine, database)


async def test_a_bad_order_fails_alone(desk: Desk, engine: AsyncEngine, database: Database) -> None:
    orders = [complaint(str(i)) for i in range(9)]
    orders[4] = complaint("4", msgspec.structs.replace(sorting(), category="Z99"))
    answers = await desk.act(orders, at=AT)
    assert [answer.outcome for answer in answers] == ["done"] * 4 + ["failed"] + ["done"] * 4
    assert answers[4].code == "KeyError"
    assert await count(engine, "tickets") == 8
    await whole(engine, database)


async def test_nothing_is_decided_when_the_database_is_away() -> None:
    nowhere = connect("postgresql://huiyin_app:x@127.0.0.1:1/huiyin", name="test")
    with pytest.raises(Away):
        await Desk(nowhere, RULES, load_sorting_rules().matters, b"r" * 32).act([complaint("1")], at=AT)
    await nowhere.dispose()


async def test_a_person_corrects_the_sorter(desk: Desk, engine: AsyncEngine, database: Database) -> None:
    (answer,) = await desk.act([complaint("1")], at=AT)
    assert answer.number
    later = AT + timedelta(hours=1)
    change = Order("urn:http", "r1", "community:990101001001", Change(answer.number, Reclassify(category="B01")))
    refused = Order("urn:http", "r2", "community:990101001001", Change(answer.number, Reclassify(category="Z")))
    stray = Order("urn:http", "r3", "community:990101001001", Change("HY999999999", Reclassify(category="B01")))
    got = await desk.act([change, refused, stray, complaint("2")], at=later)
    assert [(one.outcome, one.code) for one in got] == [
        ("done", None),
        ("refused", "unknown-category"),
        ("refused", "unknown-ticket"),
        ("done", None),
    ]
    (again,) = await desk.act([change], at=later)
    assert again.outcome == "repeat"
    (still,) = await desk.act([refused], at=later)
    assert (still.outcome, still.code) == ("repeat", "unknown-category")
    async with engine.connect() as connection:
        ticket, head = (await tickets.load(connection, [answer.number]))[answer.number]
    assert (ticket.category, ticket.version, head.version) == ("B01", 3, 3)
    await whole(engine, database)


async def test_signing_in_time_starts_the_second_clock(desk: Desk, engine: AsyncEngine, database: Database) -> None:
    """First the limit to sign for it, then the one to be done with it; whose post it is not is refused."""
    (answer,) = await desk.act([complaint("1")], at=AT)
    assert answer.number
    before = await kept(engine, answer.number)
    assert before.due is not None
    assert before.due.at == datetime(2026, 11, 23, 9, 30, tzinfo=UTC), "a working day after a Friday"
    later = AT + timedelta(hours=1)
    holder = {"actor": "building_leader:E1-B01", "role": "building_leader", "person": "p1"}
    strange = Order("urn:http", "r1", "property:E1", Change(answer.number, Sign()), role="property", person="p2")
    sign = Order("urn:http", "r2", what=Change(answer.number, Sign()), **holder)  # type: ignore[arg-type]
    got = await desk.act([strange, sign], at=later)
    assert [(one.outcome, one.code) for one in got] == [("refused", "not-your-ticket"), ("done", None)]
    after = await kept(engine, answer.number)
    assert after.due is not None
    assert (after.state, after.handler, after.due.length) == ("signed", "p1", 3)
    assert after.due.at == datetime(2026, 11, 25, 9, 30, tzinfo=UTC), "from when it came, not from the signature"
    assert after.case_due == before.case_due
    await whole(engine, database)


async def kept(engine: AsyncEngine, number: str) -> Ticket:
    async with engine.connect() as connection:
        return (await tickets.load(connection, [number]))[number][0]


async def test_the_same_matter_is_suggested_never_merged(desk: Desk, engine: AsyncEngine) -> None:
    (first,) = await desk.act([complaint("1")], at=AT)
    second, third = await desk.act([complaint("2"), complaint("3")], at=AT)
    elsewhere, other = await desk.act(
        [complaint("4", sorting(where=spot("E2", "E2-B01"))), complaint("5", sorting("G01"))], at=AT
    )
    async with engine.connect() as connection:
        numbers = [str(answer.number) for answer in (first, second, third, elsewhere, other)]
        found = await tickets.load(connection, numbers)
    near = {number: {same.number for same in found[number][0].same_matter} for number in numbers}
    assert near[numbers[0]] == set()
    assert near[numbers[1]] == {numbers[0]}
    assert near[numbers[2]] == {numbers[0], numbers[1]}, "also those of the same batch"
    assert near[numbers[3]] == near[numbers[4]] == set()


async def test_nothing_personal_outside_the_vault(desk: Desk, engine: AsyncEngine, database: Database) -> None:
    sealed = SEAL.seal("张三丰家住302室 13912345678".encode(), "13912345678")
    order = Order("urn:test", "1", "sorter", Complaint("web", "none", AT, sorting(), sealed), 1)
    await desk.act([order], at=AT)
    async with engine.connect() as connection:
        for table in ("log", "inbox", "tickets"):
            dump = str((await connection.execute(text(f"SELECT t::text FROM {table} t"))).all())
            body = str((await connection.execute(text("SELECT convert_from(body, 'UTF8') FROM log"))).all())
            for canary in ("张三丰", "302室", "13912345678"):
                assert canary not in dump
                assert canary not in body
