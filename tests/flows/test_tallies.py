"""What is counted on a real database: a story's tallies are what its log says, once, whatever dies on the way."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from consumers.tallies import Teller
from huiyin import review
from huiyin.core import commands as c
from huiyin.core.calendar import local
from huiyin.desk import Change, Desk, Order
from huiyin.rules.load import load_sorting_rules
from huiyin.store import tallies
from huiyin.store.database import connect
from huiyin.store.sights import Sight
from huiyin.store.tallies import Reach, Sum
from tests.conftest import Database
from tests.core.world import AT, RULES, sorting, spot
from tests.flows.test_desk import complaint
from tests.flows.test_walk import WORDS, Crash, crashing

STREET, COMMUNITY = "street:990101001", "community:990101001001"
EVER = (date(2026, 1, 1), date(2027, 12, 31))
LEADER, ABOVE = ("building_leader:E1-B01", "building_leader"), ("community:990101001001", "community")
DESKS = [LEADER, ABOVE, ("property:E1", "property"), ("street:990101001", "street")]
COMMANDS = [c.Sign(), c.Contact(), c.HandUp("beyond-means"), c.Withdraw(), c.Resolve(WORDS)]


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    made = connect(database.url, name="test")
    yield made
    await made.dispose()


@pytest.fixture
def desk(engine: AsyncEngine) -> Desk:
    return Desk(engine, RULES, load_sorting_rules().matters, b"r" * 32)


class Story:
    """Tickets that somebody works on, at times of the test's choosing."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.at, self.count = desk, AT, 0

    async def file(self, category: str = "A01", where: Any = None) -> str:
        self.count += 1
        order = complaint(f"{self.count}", sorting(category, where))
        (answer,) = await self.desk.act([order], at=self.at)
        return str(answer.number)

    async def give(self, number: str, command: c.Command, post: str, role: str, person: str = "") -> str | None:
        self.count += 1
        change = Change(number, command)
        order = Order("urn:test", f"o{self.count}", post, change, role=role, person=person or f"p-{role}")
        (answer,) = await self.desk.act([order], at=self.at)
        return answer.code

    async def pass_(self, **time: int) -> None:
        self.at += timedelta(**time)
        while await self.desk.sweep(self.at):
            pass

    async def answered(self, number: str, solved: Any = "yes", satisfied: int | None = 5) -> None:
        """The straight way to an answer, and the resident's word."""
        for command in (c.Sign(), c.Contact(), c.Resolve(WORDS), c.Reply(WORDS)):
            assert await self.give(number, command, *LEADER) is None, command
        assert await self.give(number, c.FollowUp(solved, satisfied), "resident", "resident") is None


async def told(engine: AsyncEngine, *wanted: Any, place: str = STREET, **more: Any) -> dict[Any, dict[str, Sum]]:
    async with engine.connect() as connection:
        return await tallies.sums(connection, Reach(place, *EVER, **more), wanted)


async def all_counted(engine: AsyncEngine, limit: int = 50) -> int:
    """Rounds until nothing is left; how many steps."""
    teller, found = Teller(engine, limit), 0
    while (done := await teller.round()) > 0:
        found += done
    return found


async def test_a_story_is_counted_as_it_went(desk: Desk, engine: AsyncEngine) -> None:
    """Signed after an hour, contacted in time, replied and closed after three; a second one lapses and climbs."""
    story = Story(desk)
    first, second = await story.file("B01"), await story.file("B01")
    story.at += timedelta(hours=1)
    assert await story.give(first, c.Sign(), *LEADER) is None
    assert await story.give(first, c.Contact(), *LEADER) is None
    story.at += timedelta(hours=2)
    for command in (c.Resolve(WORDS), c.Reply(WORDS)):
        assert await story.give(first, command, *LEADER) is None
    assert await story.give(first, c.FollowUp("yes", 5), "resident", "resident") is None
    await story.pass_(days=4)
    await all_counted(engine)
    found = await told(
        engine, ("filed", ""), ("filed", "topic"), ("signed", ""), ("replied", ""), ("contact", "said"),
        ("followed", "said"), ("rated", "said"), ("closed", "rung"), ("closed", "said"), ("climbed", "said"),
        ("lapsed", "rung"), ("lapsed", "said"),
    )  # fmt: skip
    assert found["filed", ""] == {"": Sum(2)}
    assert found["filed", "topic"] == {"B": Sum(2)}
    assert found["signed", ""] == {"": Sum(1, 60)}
    assert found["replied", ""] == {"": Sum(1, 180)}
    assert found["contact", "said"] == {"in-time": Sum(1), "late": Sum(1)}
    assert found["followed", "said"] == {"yes": Sum(1)}
    assert found["rated", "said"] == {"5": Sum(1)}
    assert found["closed", "rung"] == {"building_leader": Sum(1, 180)}
    assert found["closed", "said"] == {"solved": Sum(1, 180)}
    assert found["climbed", "said"] == {"sign-lapsed": Sum(1)}
    assert found["lapsed", "rung"] == {"building_leader": Sum(2)}
    assert found["lapsed", "said"] == {"sign-lapsed": Sum(1), "case-lapsed": Sum(1)}, second


async def test_each_place_has_its_own_sum(desk: Desk, engine: AsyncEngine) -> None:
    """The grid's make the community's, the street's and the city's; who has no place is the city's only."""
    story = Story(desk)
    for where in (spot(), spot(), spot("E1", "E1-B02"), spot(community=False)):
        await story.file("B01", where)
    await all_counted(engine)
    counts = {
        place: (await told(engine, ("filed", ""), place=place))["filed", ""].get("", Sum()).count
        for place in ("all", STREET, COMMUNITY, "grid:990101001001001", "grid:990101001001002", "street:9")
    }
    assert list(counts.values()) == [4, 3, 3, 2, 1, 0]


async def test_days_are_china_s_and_what_is_about_somebody_can_be_left_out(desk: Desk, engine: AsyncEngine) -> None:
    story = Story(desk)
    await story.file("B01")
    story.at = AT.replace(hour=16)  # midnight in China
    await story.file("B01")
    await all_counted(engine)
    async with engine.connect() as connection:
        days = await tallies.daily(connection, Reach(STREET, *EVER), ["filed", "closed"])
    assert days == {"filed": {local(AT): 1, local(AT) + timedelta(days=1): 1}, "closed": {}}
    assert (await told(engine, ("filed", ""), without=("none",)))["filed", ""] == {}


async def test_a_random_story_is_what_the_log_says(desk: Desk, engine: AsyncEngine, database: Database) -> None:
    """Counted in small bites while it goes on; then counted again by hand from the log's columns."""
    chance, story = random.Random(5), Story(desk)
    numbers: list[str] = []
    for _ in range(120):
        match chance.randrange(6):
            case 0 | 1:
                numbers.append(await story.file(chance.choice(["A01", "B01", "C01", "J05"])))
            case 2:
                await story.pass_(hours=chance.choice([1, 7, 30]))
            case _ if numbers:
                number = chance.choice(numbers)
                command = chance.choice(
                    [c.Sign(), c.Contact(), c.HandUp("beyond-means"), c.Withdraw(), c.Resolve(WORDS)]
                )
                post, role = chance.choice([LEADER, ABOVE, ("property:E1", "property"), ("street:990101001", "street")])
                await story.give(number, command, post, role)
        await Teller(engine, chance.choice([1, 3, 40])).round()
    await story.answered(await story.file("B01"), "no", 1)  # comes back by itself
    await story.pass_(days=9)
    await all_counted(engine, 3)
    admin = await asyncpg.connect(database.admin_url)
    steps = Counter(row[0] for row in await admin.fetch("SELECT step FROM log WHERE noun = 'ticket'"))
    still_open = await admin.fetchval("SELECT count(*) FROM tickets WHERE closed_at IS NULL")
    await admin.close()
    wanted = {
        "filed": "sorted", "signed": "signed", "replied": "replied", "followed": "followed_up",
        "climbed": "handed_up", "supervised": "supervised", "reopened": "reopened", "closed": "closed",
    }  # fmt: skip
    found = await told(engine, *[(metric, "") for metric in (*wanted, "revived")], place="all")
    kept = {metric: sums.get("", Sum()).count for (metric, _), sums in found.items()}
    assert {metric: kept[metric] for metric in wanted} == {m: steps[f"ticket.{s}.v1"] for m, s in wanted.items()}
    assert kept["filed"] - kept["closed"] + kept["revived"] == still_open
    assert all(kept[metric] for metric in wanted), kept
    assert (await review.rebuild(engine)).differences == []


@pytest.mark.parametrize("point", ["tallies.before-commit", "tallies.after-commit"])
async def test_a_crash_counts_nothing_twice(desk: Desk, engine: AsyncEngine, point: str) -> None:
    story = Story(desk)
    for _ in range(10):
        await story.file("B01")
    with crashing(point), pytest.raises(Crash):
        await Teller(engine, 8).round()
    await all_counted(engine, 8)
    assert (await told(engine, ("filed", "")))["filed", ""] == {"": Sum(10)}
    assert (await review.rebuild(engine)).differences == []


async def test_two_take_turns(desk: Desk, engine: AsyncEngine) -> None:
    """Whoever comes while another counts goes away; both together count each step once."""
    story = Story(desk)
    for _ in range(30):
        await story.file("B01")
    await asyncio.gather(*(all_counted(engine, 3) for _ in range(3)))
    await all_counted(engine)
    assert (await told(engine, ("filed", "")))["filed", ""] == {"": Sum(30)}


@pytest.mark.parametrize(
    "tamper",
    [
        "UPDATE tallies SET count = count + 1 WHERE metric = 'filed' AND place = 'all' AND by = ''",
        "DELETE FROM tallies WHERE metric = 'signed' AND by = 'rung'",
        "UPDATE counted SET said = 'other' WHERE metric = 'filed'",
        "DELETE FROM counted WHERE metric = 'signed'",
        "INSERT INTO counted SELECT 'HY9', version, metric, day, street, community, grid, rung, topic, about, said,"
        " minutes FROM counted LIMIT 1",
    ],
)
async def test_replay_finds_what_is_wrong(desk: Desk, engine: AsyncEngine, database: Database, tamper: str) -> None:
    story = Story(desk)
    await story.give(await story.file("B01"), c.Sign(), *LEADER)
    assert (await review.rebuild(engine)).differences == [], "what is not counted yet is not wrong"
    await all_counted(engine)
    assert (await review.rebuild(engine)).differences == []
    admin = await asyncpg.connect(database.admin_url)
    await admin.execute(tamper)
    await admin.close()
    found = (await review.rebuild(engine)).differences
    assert found
    assert all(one.fields == ("tallies",) for one in found)


async def test_a_later_version_may_come_first(desk: Desk, engine: AsyncEngine, database: Database) -> None:
    """Two transactions may reach the log in the other order than a ticket's versions: each is counted by its chain."""
    story = Story(desk)
    number = await story.file("B01")
    await story.give(number, c.Sign(), *LEADER)
    await story.give(number, c.Resolve(WORDS), *LEADER)
    await story.give(number, c.Reply(WORDS), *LEADER)
    admin = await asyncpg.connect(database.admin_url)
    await admin.execute("SET session_replication_role = replica")
    await admin.execute(
        "UPDATE log SET xid = (SELECT min(xid) FROM log l WHERE l.id = $1)"
        " WHERE id = $1 AND step = 'ticket.replied.v1'",
        number,
    )
    await admin.close()
    await all_counted(engine, 3)
    found = await told(engine, ("filed", ""), ("replied", ""), ("contact", "said"))
    assert found == {
        ("filed", ""): {"": Sum(1)}, ("replied", ""): {"": Sum(1)}, ("contact", "said"): {"in-time": Sum(1)}
    }  # fmt: skip
    assert (await review.rebuild(engine)).differences == []


async def test_what_is_hidden_from_somebody_is_in_no_sum_and_no_row(
    desk: Desk, engine: AsyncEngine, database: Database
) -> None:
    """A ticket in which a viewer has an interest, and those about a place of theirs, are taken out to the last row."""
    story = Story(desk)
    numbers = [await story.file("B01") for _ in range(3)]
    await story.answered(numbers[0])
    await all_counted(engine)
    admin = await asyncpg.connect(database.admin_url)
    party = "INSERT INTO parties (number, role, person, at) VALUES ($1, 'respondent', 'p-street', now())"
    await admin.execute(party, numbers[0])
    await admin.close()
    sight = Sight("street", "990101001", person="p-street")
    seen = await told(engine, ("filed", ""), ("filed", "rung"), ("closed", ""), sight=sight)
    assert seen == {("filed", ""): {"": Sum(2)}, ("filed", "rung"): {"building_leader": Sum(2)}, ("closed", ""): {}}
    async with engine.connect() as connection:
        reach = Reach(STREET, *EVER, sight=sight)
        rows = await tallies.page(connection, reach, "filed", "", "", before=None, limit=10)
        assert [row.number for row in rows] == [numbers[2], numbers[1]]
        first = tallies.Place(rows[0].day, rows[0].number, rows[0].version)
        more = await tallies.page(connection, reach, "filed", "rung", "building_leader", before=first, limit=10)
        assert more == rows[1:]
        assert (await tallies.daily(connection, reach, ["filed"]))["filed"] == {local(AT): 2}


async def test_it_says_how_far_it_is_behind(desk: Desk, engine: AsyncEngine) -> None:
    async def behind() -> Any:
        async with engine.connect() as connection:
            return await tallies.behind(connection)

    assert await behind() is None
    await Story(desk).file("B01")
    assert await behind() == AT
    await all_counted(engine)
    assert await behind() is None
    async with engine.connect() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM cursors WHERE name = 'tallies'"))).scalar() == 1
