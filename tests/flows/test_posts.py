"""A post changes hands, on a real database: rows, steps and chain agree; a repeat is no step; nobody is lost."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import nats as nats_py
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from huiyin import posts, review
from huiyin.bus.relay import Relay
from huiyin.bus.streams import EVENTS
from huiyin.core import staff
from huiyin.core.staff import Holding, Overlapping, Person, Seat, Staff, Term, follow, seat
from huiyin.engines.postgres import OWNER, Postgres
from huiyin.store import accounts, migrate, people
from huiyin.store.database import connect
from huiyin.store.vault import Seal
from tests.conftest import Bus, Database
from tests.core.world import AT

DAY = timedelta(days=1)
POST = "building_leader:E1-B01"
House = Callable[[Callable[[AsyncConnection], Awaitable[Any]]], Awaitable[Any]]


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    """The services' own role."""
    made = connect(database.url, name="test")
    yield made
    await made.dispose()


@pytest.fixture
def house(engine: AsyncEngine) -> House:
    """Runs an order in a transaction of its own."""

    async def run(order: Callable[[AsyncConnection], Awaitable[Any]]) -> Any:
        async with engine.begin() as connection:
            return await order(connection)

    return run


def term(person: str, since: int = 0, until: int | None = None, *, post: str = POST, deputy: bool = False) -> Term:
    end = None if until is None else AT + until * DAY
    return Term(post, person, "building_leader", "building:E1-B01", AT + since * DAY, end, deputy)


async def who(house: House, at: datetime, post: str = POST) -> list[tuple[str, bool]] | None:
    """Who holds a post at a moment; None where nobody ever did."""
    found: Staff = await house(lambda c: people.current(c, [post], at))
    holdings = found.holdings.get(post)
    return None if holdings is None else [(one.person.id, one.deputy) for one in holdings]


async def logged(house: House) -> list[tuple[str, int, str]]:
    rows = await house(lambda c: c.execute(text("SELECT id, version, step FROM log WHERE noun = 'post' ORDER BY seq")))
    return [tuple(row) for row in rows]


async def test_a_post_changes_hands(house: House, engine: AsyncEngine) -> None:
    wang, li, zhao = [await house(posts.new_person) for _ in range(3)]
    assert await who(house, AT) is None, "nobody was ever named"
    await house(lambda c: posts.give(c, term(wang), at=AT))
    await house(lambda c: posts.give(c, term(zhao, deputy=True), at=AT))
    assert await who(house, AT - DAY) is None
    assert await who(house, AT + DAY) == [(wang, False), (zhao, True)]
    await house(lambda c: posts.end(c, wang, POST, AT + 5 * DAY, at=AT + 5 * DAY))
    await house(lambda c: posts.give(c, term(li, 5), at=AT + 5 * DAY))
    assert await who(house, AT + 4 * DAY) == [(wang, False), (zhao, True)]
    assert await who(house, AT + 5 * DAY) == [(li, False), (zhao, True)]
    for one in (li, zhao):
        await house(lambda c, one=one: posts.end(c, one, POST, AT + 9 * DAY, at=AT + 9 * DAY))
    assert await who(house, AT + 9 * DAY) == [], "vacant is not the same as never named"
    steps = await logged(house)
    assert [version for _, version, _ in steps] == [1, 2, 3, 4, 5, 6]
    verdict = await review.verify(engine)
    assert verdict.whole, verdict


async def test_a_term_that_never_began_leaves_no_vacancy(house: House) -> None:
    """Planned and called off: nobody was ever named, the desk works as before."""
    wang = await house(posts.new_person)
    await house(lambda c: posts.give(c, term(wang, 7), at=AT))
    await house(lambda c: posts.end(c, wang, POST, AT + DAY, at=AT + DAY))
    assert await who(house, AT + 8 * DAY) is None


async def test_a_repeat_is_no_step(house: House) -> None:
    wang = await house(posts.new_person)
    for _ in range(3):
        await house(lambda c: posts.give(c, term(wang), at=AT))
    await house(lambda c: posts.give(c, term(wang, 3), at=AT + 3 * DAY))
    assert len(await logged(house)) == 1
    for _ in range(3):
        await house(lambda c: posts.end(c, wang, POST, AT + 4 * DAY, at=AT + 4 * DAY))
    assert [step for _, _, step in await logged(house)] == ["post.taken.v1", "post.left.v1"]


async def test_two_at_once_are_one(house: House) -> None:
    """The same order twice at the same moment, and many posts' chains: one step each, no gap."""
    wang = await house(posts.new_person)
    orders = [lambda c, n=n: posts.give(c, term(wang, post=f"mediator:{n}"), at=AT) for n in (1, 2, 1, 2)]
    made = await asyncio.gather(*(house(order) for order in orders))
    assert sorted(len(steps) for steps in made) == [0, 0, 1, 1]
    assert {(ident, version) for ident, version, _ in await logged(house)} == {("mediator:1", 1), ("mediator:2", 1)}


async def test_what_cannot_be_writes_nothing(house: House) -> None:
    wang = await house(posts.new_person)
    await house(lambda c: posts.give(c, term(wang, 7), at=AT))
    with pytest.raises(Overlapping):
        await house(lambda c: posts.give(c, term(wang, 3), at=AT))
    for bad in (term(wang, post="two words"), term(wang, post="x" * 65), term(wang, post=""), term(wang, 3, 3)):
        with pytest.raises(posts.BadTerm):
            await house(lambda c, bad=bad: posts.give(c, bad, at=AT))
    assert len(await logged(house)) == 1


async def test_rows_are_what_the_steps_say(house: House) -> None:
    """Terms in the table are what `core.staff.follow` makes of the log."""
    wang = await house(posts.new_person)
    kept: list[Term] = []
    story = (term(wang, 0, 4), term(wang, 7), term(wang, 2, 5, deputy=True), term(wang, 8, deputy=True))
    for wanted in story:
        for step in await house(lambda c, wanted=wanted: posts.give(c, wanted, at=AT)):
            kept = follow(kept, step)
        assert await house(lambda c: people.terms(c, wang, POST)) == sorted(kept, key=lambda one: one.since)
    for step in await house(lambda c: posts.end(c, wang, POST, AT + 3 * DAY, at=AT)):
        kept = follow(kept, step)
    assert await house(lambda c: people.terms(c, wang, POST)) == sorted(kept, key=lambda one: one.since)
    assert not any(one.holds(AT + n * DAY) for one in kept for n in range(3, 20))


async def test_what_is_known_of_a_person(house: House) -> None:
    """Two posts, a relation, an employer: all of it comes with whoever holds the post."""
    seal = Seal(b"v" * 32)
    wang, li = [await house(posts.new_person) for _ in range(2)]
    await house(lambda c: posts.give(c, term(wang), at=AT))
    await house(lambda c: posts.give(c, term(wang, post="owners_committee:E1"), at=AT))
    await house(lambda c: posts.give(c, term(wang, 0, 1, post="mediator:1"), at=AT))
    await house(lambda c: posts.describe(c, wang, phone=seal.mark("13800000000")))
    await house(lambda c: posts.describe(c, wang, household=seal.household("E1-B01", "601"), employer="property:E1"))
    await house(lambda c: posts.relate(c, li, wang, "配偶"))
    mine = frozenset((POST, "owners_committee:E1"))
    expected = Person(
        wang, seal.mark("+86 138 0000 0000"), seal.household("e1-b01", "601室"), "property:E1", mine, frozenset((li,))
    )
    later = AT + 2 * DAY
    found = await house(lambda c: people.current(c, [POST, "mediator:1", "mediator:2"], later))
    assert found == Staff({POST: (Holding(POST, expected),), "mediator:1": ()})
    assert await house(lambda c: people.person(c, wang, later)) == expected
    assert await house(lambda c: people.by_phones(c, [seal.mark("13800000000"), b"?"])) == {expected.phone: wang}
    assert (await house(lambda c: people.person(c, li, later))).related == frozenset((wang,))
    assert set(await house(lambda c: people.posts_of(c, wang, later))) == mine
    parties = [staff.Party("respondent", organisation="owners_committee:E1")]
    assert seat(found, POST, "楼栋长", parties) == Seat("conflicted", "楼栋长与本件有利害关系(任职于被反映单位),回避")


async def test_an_account_has_a_person_and_keeps_it(house: House) -> None:
    """A renewed account is the same person; another post of its own is a hand-over; a machine is nobody."""
    wang = accounts.Account("wang", "street", "street:1", "all")
    first = await house(lambda c: posts.enrol(c, wang, None, None, at=AT))
    assert first == await house(lambda c: posts.enrol(c, wang, None, None, at=AT + DAY))
    moved = accounts.Account("wang", "community", "community:1", "all")
    assert first == await house(lambda c: posts.enrol(c, moved, None, None, at=AT + 2 * DAY, deputy=True))
    assert await who(house, AT + 2 * DAY, "street:1") == []
    assert await who(house, AT + 2 * DAY, "community:1") == [(first, True)]
    assert (await house(lambda c: people.person_of(c, "wang", AT + 2 * DAY))).posts == {"community:1"}
    machine = accounts.Account("robot", "machine", "machine", "all", exempt=True)
    assert await house(lambda c: posts.enrol(c, machine, None, None, at=AT)) == ""
    assert await house(lambda c: people.person_of(c, "robot", AT)) == Person("")
    assert await house(lambda c: people.person_of(c, "nobody", AT)) == Person("")
    assert len(await logged(house)) == 3


async def test_the_steps_are_published(house: House, engine: AsyncEngine, database: Database, nats: Bus) -> None:
    """Also of a post with a Chinese name: the message's id is ASCII, and a new leader reads it back."""
    wang = await house(posts.new_person)
    named = term(wang, post="department:城管")
    await house(lambda c: posts.give(c, named, at=AT))
    client = await nats_py.connect(nats.url, inbox_prefix=nats.inbox.encode())
    vault = connect(database.vault_url, name="test")
    relay = Relay(client, engine, vault, Seal(b"v" * 32))
    assert await relay.events() == 1
    message = await client.jetstream().get_last_msg(EVENTS, "huiyin.event.post.taken.-")
    assert (message.headers or {})["Nats-Msg-Id"] == "post-department:%E5%9F%8E%E7%AE%A1-1"
    assert "department:城管" in (message.data or b"").decode()
    await house(lambda c: c.execute(text("UPDATE cursors SET xid = '1', seq = 0")))
    await relay._catch_up()
    assert await relay.events() == 0, "the last event on the stream said how far the leader before came"
    await vault.dispose()
    await client.close()


async def test_accounts_of_before_become_persons(database: Database, pg: Postgres) -> None:
    """Migration 0003: everybody keeps their post, from the day of their account; a machine stays nobody."""
    admin = await asyncpg.connect(database.admin_url)
    await admin.execute(f"CREATE DATABASE {database.name}_old OWNER {OWNER}")
    url = pg.url(OWNER, f"{database.name}_old")
    await migrate.upgrade(url, "0002")
    old = await asyncpg.connect(url)
    await old.execute(
        "INSERT INTO accounts (username, role, post_code, scope, created_at, disabled_at) VALUES"
        " ('wang', 'street', 'street:1', 'street:1', $1, NULL), ('li', 'mediator', 'mediator:1', 'all', $1, $2),"
        " ('robot', 'machine', 'machine', 'all', $1, NULL)",
        AT,
        AT + DAY,
    )
    await migrate.upgrade(url, "0003")
    rows = await old.fetch(
        "SELECT username, exempt, post_code, h.role, h.scope, deputy, since, until FROM accounts"
        " JOIN persons USING (person) JOIN holdings h USING (person, post_code) ORDER BY username"
    )
    assert [tuple(row) for row in rows] == [
        ("li", False, "mediator:1", "mediator", "all", False, AT, AT + DAY),
        ("wang", False, "street:1", "street", "street:1", False, AT, None),
    ]
    robot = await old.fetchrow("SELECT person, exempt FROM accounts WHERE username = 'robot'")
    assert tuple(robot or ()) == ("", True)
    await old.close()
    await admin.execute(f"DROP DATABASE {database.name}_old WITH (FORCE)")
    await admin.close()
