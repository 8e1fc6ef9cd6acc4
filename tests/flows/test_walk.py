"""A random walk through tickets' lives on a real PostgreSQL: commands, time, repeats, crashes; what always holds."""

import asyncio
import itertools
import os
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

import asyncpg
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from consumers.tallies import Teller
from huiyin import faults, review
from huiyin.core import commands as c
from huiyin.core.ladder import Ladder
from huiyin.core.staff import Party, conflict
from huiyin.core.state import Ticket
from huiyin.core.voices import Add, ReportPressure, Urge
from huiyin.core.words import Sealed
from huiyin.desk import Answer, Change, Complaint, Desk, Order
from huiyin.rules.load import load_sorting_rules
from huiyin.store import parties, people, tickets
from huiyin.store.database import connect
from huiyin.store.vault import Seal
from tests.conftest import Database
from tests.core.world import AT, RULES, sorting, spot

SEAL = Seal(b"m" * 32)
T = TypeVar("T")
_ids = itertools.count(1)
EXAMPLES = int(os.environ.get("HUIYIN_WALK", "30"))

PEOPLE = {  # opaque id → posts, phone, household, employer
    "p-leader": ("building_leader:E1-B01", "13800000001", "E1-B01/101", None),
    "p-deputy": ("building_leader:E1-B01", "13800000002", "E1-B01/201", None),
    "p-owner": ("owners_committee:E1", "13800000003", "E1-B02/301", None),
    "p-company": ("property:E1", "13800000004", "E9-B01/1", "property:E1"),
    "p-cross": ("community:990101001001", "13800000005", "E9-B01/2", "property:E1"),
    "p-community": ("community:990101001001", "13800000006", "E9-B01/3", None),
    "p-street": ("street:990101001", "13800000007", "E9-B01/4", None),
    "p-street2": ("street:990101001", "13800000008", "E9-B01/5", None),
    "p-grid": ("grid:990101001001001", "13800000009", "E9-B01/6", None),
}
ROLES = {
    "building_leader": "building_leader",
    "owners_committee": "owners_committee",
    "property": "property",
    "community": "community",
    "street": "street",
    "grid": "grid_worker",
}
PLACES = [spot(), spot("E1", "E1-B02"), spot(building=None), spot("E2", "E2-B01"), spot(community=False)]
ABOUTS = ["none", "neighbour", "building_leader", "owners_committee", "property", "grid_or_community_staff", "street"]
LEAVES = ["A01", "A02", "B01", "L02", "L03", "M03", "G01", "B06", "J05", "T09"]
WORDS = Sealed("HY0/x", "0" * 64)
COMMANDS: list[c.Command] = [
    c.Sign(),
    c.Contact(),
    c.Note(WORDS),
    c.CheckSite(WORDS),
    c.Attach((WORDS, WORDS), "site"),
    c.Resolve(WORDS),
    c.Reply(WORDS),
    c.HandUp("beyond-means"),
    c.Object("not-our-duty"),
    c.Rule(True),
    c.Rule(False),
    c.Rule(True, "community_committee"),
    c.AnswerSupervision(WORDS),
    c.Extend("complex", 2),
    c.Approve(),
    c.Decline(),
    c.Clear(WORDS),
    c.Shelve("funds", AT + timedelta(days=30), "x", WORDS),
    c.Dispatch("property_company"),
    c.Dispatch("street_office"),
    c.Reclassify(category="G01"),
    c.Reclassify(building_code="E1-B02"),
    c.FollowUp("yes", 5, "call"),
    c.FollowUp("no", 1, "call"),
    c.FollowUp("partly"),
    c.Reopen("came-back"),
    c.Withdraw(),
    c.Redirect("secret", WORDS),
    c.Close("solved"),
    c.Close("explained"),
    c.Relate(Party("respondent", person="p-leader")),
    c.Relate(Party("respondent", household=SEAL.household("E1-B02", "301"))),
    c.Reassign("p-deputy"),
]


class Crash(Exception):
    """The process ends at a named point."""


class Walk(RuleBasedStateMachine):
    """One database for the whole run; each example has tickets of its own."""

    base: Database
    loop: asyncio.AbstractEventLoop

    @initialize()
    def begin(self) -> None:
        self.engine = connect(self.base.url, name="walk")
        self.desk = Desk(self.engine, RULES, load_sorting_rules().matters, b"r" * 32)
        self.teller = Teller(self.engine, limit=7)
        self.now = AT
        self.numbers: list[str] = []
        self.orders: list[tuple[Order, Answer]] = []
        self.case_start: dict[str, datetime] = {}
        self.replied: set[str] = set()

    def run(self, work: Awaitable[T]) -> T:
        return self.loop.run_until_complete(work)

    def teardown(self) -> None:
        if hasattr(self, "engine"):
            self.run(self.whole())
            self.run(self.engine.dispose())

    async def whole(self) -> None:
        """Chains hold, every view row is what its log folds to, and what is counted is what the log says."""
        while await self.teller.round() > 0:
            pass
        assert (await review.verify(self.engine)).whole
        assert (await review.rebuild(self.engine)).differences == []

    # -- what happens -------------------------------------------------------------------------------------

    @rule(
        leaf=st.sampled_from(LEAVES), where=st.sampled_from(PLACES), about=st.sampled_from(ABOUTS), home=st.booleans()
    )
    def file(self, leaf: str, where: Any, about: Any, home: bool) -> None:
        sealed = SEAL.seal(b"words", "13800000001" if home else None)  # the building leader complains, too
        order = Order(
            "urn:walk", str(next(_ids)), "sorter", Complaint("web", about, self.now, sorting(leaf, where), sealed)
        )
        (answer,) = self.run(self.desk.act([order], at=self.now))
        assert answer.outcome == "done"
        self.numbers.append(str(answer.number))
        self.orders.append((order, answer))

    @precondition(lambda self: self.numbers)
    @rule(
        data=st.data(), command=st.sampled_from(COMMANDS), who=st.sampled_from([*PEOPLE, "resident", *["holder"] * 9])
    )
    def order(self, data: st.DataObject, command: c.Command, who: str) -> None:
        """Anybody tries anything; mostly whoever holds it."""
        number = data.draw(st.sampled_from(self.numbers))
        self.give(number, command, self.holder(number) if who == "holder" else who)

    @precondition(lambda self: self.numbers)
    @rule(
        data=st.data(),
        first=st.sampled_from(
            [
                c.Object("not-our-duty"),
                c.Extend("complex", 2),
                c.Shelve("funds", AT + timedelta(days=30), "x", WORDS),
                c.HandUp("unsafe"),
            ]
        ),
        then=st.sampled_from([c.Rule(True), c.Rule(False), c.Approve(), c.Decline(), c.Clear(WORDS), None]),
    )
    def asked_and_answered(self, data: st.DataObject, first: c.Command, then: c.Command | None) -> None:
        """The holder asks, somebody above answers; or time does."""
        number = data.draw(st.sampled_from(self.numbers))
        self.give(number, c.Sign(), self.holder(number))
        self.give(number, first, self.holder(number))
        if then is not None:
            objection = self.ticket(number).objection
            ruler = objection.ruler.post.code if objection else ""
            above = next((p for p, (post, *_) in PEOPLE.items() if post == ruler), "p-street2")
            self.give(number, then, above)

    def holder(self, number: str) -> str:
        """One who holds the post where it lies; the street where nobody does."""
        post = self.ticket(number).post
        return next((p for p, (held, *_) in PEOPLE.items() if post and held == post.code), "p-street")

    @precondition(lambda self: self.numbers)
    @rule(data=st.data(), answer=st.sampled_from(["yes", "partly", "no"]))
    def the_straight_way(self, data: st.DataObject, answer: Any) -> None:
        """Random commands seldom get far: whoever holds it signs, resolves, replies; the resident speaks."""
        number = data.draw(st.sampled_from(self.numbers))
        for command in (c.Sign(), c.Resolve(WORDS), c.Reply(WORDS)):
            self.give(number, command, self.holder(number))
        self.give(number, c.FollowUp(answer, 3), "resident")

    @precondition(lambda self: self.numbers)
    @rule(data=st.data(), command=st.sampled_from([Urge(), Urge(), Add(WORDS), ReportPressure()]))
    def the_resident_speaks(self, data: st.DataObject, command: c.Command) -> None:
        self.give(data.draw(st.sampled_from(self.numbers)), command, "resident")

    def give(self, number: str, command: c.Command, person: str) -> Answer:
        post = PEOPLE[person][0] if person in PEOPLE else "resident"
        role = ROLES.get(post.split(":")[0], "resident")
        change = Change(number, command)
        order = Order("urn:walk", str(next(_ids)), post, change, role=role, person=person if person in PEOPLE else "")
        (answer,) = self.run(self.desk.act([order], at=self.now))
        assert answer.outcome in ("done", "refused"), answer
        self.orders.append((order, answer))
        return answer

    @precondition(lambda self: len(self.numbers) > 1)
    @rule(data=st.data(), person=st.sampled_from([*PEOPLE]))
    def merge(self, data: st.DataObject, person: str) -> None:
        one, lead = data.draw(st.sampled_from(self.numbers)), data.draw(st.sampled_from(self.numbers))
        other = self.ticket(one)
        join = Change(lead, c.Join(one, other.spot.building_code, other.filed_at))
        post = PEOPLE[person][0]
        what = Change(one, c.Merge(lead), also=(join,))
        order = Order("urn:walk", str(next(_ids)), post, what, role=ROLES[post.split(":")[0]], person=person)
        (answer,) = self.run(self.desk.act([order], at=self.now))
        assert answer.outcome in ("done", "refused")
        one_joined = any(j.number == one for j in self.ticket(lead).joined)
        assert answer.outcome == "refused" or one_joined

    @precondition(lambda self: self.numbers)
    @rule(data=st.data())
    def split(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(self.numbers))
        lead = self.ticket(number).lead
        if lead is not None:
            what = Change(number, c.Split(), also=(Change(lead, c.Leave(number)),))
            order = Order("urn:walk", str(next(_ids)), "resident", what, role="resident")
            assert self.run(self.desk.act([order], at=self.now))[0].outcome in ("done", "refused")

    @rule(hours=st.sampled_from([1, 5, 24, 80, 24 * 8]))
    def time_passes(self, hours: int) -> None:
        """Sweeps until nothing is due; that must come to an end."""
        self.now += timedelta(hours=hours)
        turns = 0
        while self.run(self.desk.sweep(self.now)):
            turns += 1
            assert turns < 60, "the sweep never ends"
        for number in self.numbers:
            next_at = self.ticket(number).next_at
            assert next_at is None or next_at > self.now

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def again(self, data: st.DataObject) -> None:
        """The same cause once more changes nothing and gets the same answer."""
        order, before = data.draw(st.sampled_from(self.orders))
        versions = [self.ticket(number).version for number in self.numbers]
        (answer,) = self.run(self.desk.act([order], at=self.now))
        assert (answer.outcome, answer.number, answer.code) == ("repeat", before.number, before.code)
        assert versions == [self.ticket(number).version for number in self.numbers]

    @precondition(lambda self: self.numbers)
    @rule(point=st.sampled_from(["desk.decided", "desk.before-commit"]), data=st.data())
    def crash(self, point: str, data: st.DataObject) -> None:
        """An end before the commit leaves nothing behind; the same order goes through afterwards."""
        number = data.draw(st.sampled_from(self.numbers))
        before = self.ticket(number).version
        post = "community:990101001001"
        ident = str(next(_ids))
        order = Order("urn:walk", ident, post, Change(number, c.Note(WORDS)), role="community", person="p-community")
        with crashing(point):
            (answer,) = self.run(self.desk.act([order], at=self.now))
        assert (answer.outcome, answer.code) == ("failed", "Crash")
        assert self.ticket(number).version == before
        (answer,) = self.run(self.desk.act([order], at=self.now))
        assert answer.outcome in ("done", "refused")

    # -- what always holds --------------------------------------------------------------------------------

    def ticket(self, number: str) -> Ticket:
        async def load() -> Ticket:
            async with self.engine.connect() as connection:
                return (await tickets.load(connection, [number]))[number][0]

        return self.run(load())

    @invariant()
    def everybody_is_looked_after(self) -> None:
        for number in getattr(self, "numbers", []):
            one = self.ticket(number)
            self.looked_after(one)
            self.answered(one)
            self.unbiased(one)
            assert not one.pressured or one.rung in (None, "street_office")
            assert not one.pressured or not {join.number for join in one.joined}

    def looked_after(self, one: Ticket) -> None:
        """No open ticket without a post and a live clock; its case's clock never began anew."""
        assert one.post is not None
        assert (one.closed_at is not None) == (one.state == "closed") == (one.outcome is not None)
        assert (one.next_at is None) == (one.state in ("closed", "merged"))
        assert one.case_due is not None
        assert self.case_start.setdefault(one.number, one.case_due.start) == one.case_due.start
        if one.state == "merged":
            assert one.lead is not None
            lead = self.ticket(one.lead)
            assert lead.state not in ("closed", "merged"), "a merged ticket follows one that goes on"
            assert any(join.number == one.number for join in lead.joined)

    def answered(self, one: Ticket) -> None:
        """格里有回音: closed means answered, but for those who withdrew."""
        if one.state == "closed" and one.outcome != "withdrawn":
            assert one.reply is not None or one.route is not None

    def unbiased(self, one: Ticket) -> None:
        """The rung is not the accused's; at no post that has somebody free is everybody conflicted."""
        accused = RULES.ladder.accused.get(one.about)
        assert accused is None or one.rung not in accused.skip
        if one.state in ("closed", "merged", "replied", "shelved") or one.post is None:
            return
        here, known = self.run(self.scene(one))
        if here and all(conflict(holding.person, known) for holding in here):
            raise AssertionError(f"{one.number} lies with {one.post.code}, where everybody has an interest")

    async def scene(self, one: Ticket) -> tuple[Any, tuple[Party, ...]]:
        assert one.post is not None
        async with self.engine.connect() as connection:
            staff = await people.current(connection, [one.post.code], self.now)
            known = (await parties.of(connection, [one.number])).get(one.number, ())
        accused = Ladder(RULES.ladder, RULES.registry).respondent(one.about, one.spot)
        organisation = (Party("respondent", organisation=accused),) if accused else ()
        return staff.holdings.get(one.post.code, ()), known + organisation


class crashing:
    """While it lasts, reaching the point ends in Crash."""

    def __init__(self, point: str) -> None:
        self.point = point
        self.before: Callable[[str], None] = faults.reach

    def __enter__(self) -> None:
        def reach(point: str) -> None:
            if point == self.point:
                raise Crash

        faults.reach = reach

    def __exit__(self, *_: object) -> None:
        faults.reach = self.before


async def people_of(database: Database) -> None:
    """The persons and their posts."""
    owner = await asyncpg.connect(database.admin_url)
    for person, (post, phone, home, employer) in PEOPLE.items():
        building, room = home.split("/")
        await owner.execute(
            "INSERT INTO persons VALUES ($1, $2, $3, $4)",
            person,
            SEAL.mark(phone),
            SEAL.household(building, room),
            employer,
        )
        await owner.execute(
            "INSERT INTO holdings (post_code, person, role, scope, deputy, since) VALUES ($1, $2, $3, 'all', $4, $5)",
            post, person, ROLES[post.split(":")[0]], person == "p-deputy", AT - timedelta(days=9),
        )  # fmt: skip
    await owner.close()


def test_the_walk(database: Database) -> None:
    """Hypothesis drives; the loop is its own, so that each step is a whole transaction."""
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(people_of(database))
        Walk.base, Walk.loop = database, loop
        run_state_machine_as_test(
            Walk,
            settings=settings(
                max_examples=EXAMPLES, stateful_step_count=30, suppress_health_check=list(HealthCheck), deadline=None
            ),
        )
        kinds = loop.run_until_complete(_kinds(database))
        assert len(kinds) > 10, f"the walk came to little: {kinds}"
    finally:
        loop.close()


async def _kinds(database: Database) -> set[str]:
    engine = connect(database.url, name="count")
    async with engine.connect() as connection:
        found = set((await connection.execute(text("SELECT DISTINCT step FROM log"))).scalars())
    await engine.dispose()
    return found
