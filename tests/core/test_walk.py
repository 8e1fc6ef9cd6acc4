"""A walk without rails: anybody tries anything at any time; what always holds, and every clock reckoned anew."""

import os
from datetime import timedelta
from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from msgspec.structs import replace

from huiyin.core import commands as c
from huiyin.core.endings import Closed, FollowedUp, Reopened, Split
from huiyin.core.ladder import Case, Ladder
from huiyin.core.mediated import Mediated
from huiyin.core.staff import Party, conflict
from huiyin.core.state import OPEN
from huiyin.core.steps import (
    Cleared,
    Dispatched,
    Extended,
    HandedUp,
    Reclassified,
    Signed,
    Sorted,
    Step,
    SupervisionAnswered,
)
from huiyin.core.ticket import CLOCK, RESIDENT, Actor, Refused, Ticket, follow
from huiyin.core.voices import Pressured
from huiyin.core.whistled import Whistled
from huiyin.core.words import Spot
from tests.core.anybody import ABOUTS, ACTORS, ANYTHING, BOOKS, LEAVES, PARTIES, PLACES, STAFFS, THEN, WHISTLED
from tests.core.clocked import time_comes, time_goes_by_unwatched
from tests.core.reckoned import DATA, reckoned
from tests.core.world import (
    AT,
    RULES,
    STREET,
    WORDS,
    Story,
    actor,
    spot,
)

STANDS = (Sorted, Reclassified, HandedUp, Dispatched, Reopened, Split, Pressured)


class Walk(RuleBasedStateMachine):
    """One ticket, and anybody."""

    story: Story
    tick = c.Tick()

    @initialize(
        leaf=st.sampled_from(LEAVES), about=st.sampled_from(ABOUTS), where=st.sampled_from(PLACES),
        staff=st.sampled_from(range(len(STAFFS))), parties=st.sampled_from(PARTIES),
        book=st.sampled_from(range(len(BOOKS))),
        emergency=st.sampled_from([False, False, False, True]), hours=st.integers(0, 24 * 9),
    )  # fmt: skip
    def file(
        self, leaf: str, about: str, where: Spot, staff: int, parties: tuple[Party, ...], book: int,
        emergency: bool, hours: int,
    ) -> None:  # fmt: skip
        more: dict[str, Any] = {"urgency": "emergency"} if emergency else {}
        at = AT - timedelta(days=54) + timedelta(hours=hours)  # about National Day
        self.story = Story(
            leaf, where, about, staff=STAFFS[staff], parties=parties, rulebook=BOOKS[book], at=at, **more
        )
        self.again: Ticket | None = None
        self.accepted = at
        self.rung_due = self.sign_due = at
        self.heard(self.story.steps)

    @rule(command=ANYTHING, by=st.sampled_from(ACTORS))
    def anybody(self, command: c.Command, by: Actor) -> None:
        self.tries(command, by)

    @rule(command=ANYTHING)
    def the_holder(self, command: c.Command) -> None:
        self.tries(command, self.holder())

    @precondition(lambda self: self.story.ticket.state == "closed")
    @rule(leaf=st.sampled_from(LEAVES), about=st.sampled_from(ABOUTS))
    def another_one(self, leaf: str, about: str) -> None:
        self.another(leaf, about)

    def another(self, leaf: str, about: str) -> None:
        """What is closed is done with: the next one, at this moment."""
        old = self.story
        parties = old.parties[:1]
        self.story = Story(leaf, spot(), about, staff=old.staff, parties=parties, rulebook=old.rules, at=old.now)
        self.again, self.accepted = None, old.now
        self.heard(self.story.steps)

    @rule(upto=st.integers(1, 3), said=st.sampled_from(["yes", "partly", "no"]))
    def the_straight_way(self, upto: int, said: Any) -> None:
        for command in (c.Sign(), c.Resolve(WORDS), c.Reply(WORDS))[:upto]:
            self.tries(command, self.holder())
        if upto == 3:
            self.tries(c.FollowUp(said), RESIDENT)

    @rule(first=st.sampled_from(["sign", "extend", "shelve", "object", "up", "merge"]), then=st.sampled_from(THEN))
    def holder_and_above(self, first: str, then: c.Command | None) -> None:
        """The holder asks, objects, hands up or merges; somebody above answers."""
        shelve = c.Shelve("funds", self.story.now + timedelta(days=20), "x", WORDS)
        asked: dict[str, c.Command] = {
            "extend": c.Extend("other", 3), "shelve": shelve, "object": c.Object("other"), "up": c.HandUp("unsafe"),
            "merge": c.Merge("HY2"),
        }  # fmt: skip
        self.in_hand()
        if first in asked:
            self.tries(asked[first], self.holder())
        if then is not None:
            self.tries(then, CLOCK if isinstance(then, c.Follow) else self.above())

    @rule(command=WHISTLED)
    def a_whistle_is_told_of(self, command: Whistled) -> None:
        """It is written down, whatever the state, and changes nothing else."""
        before = self.story.ticket
        steps = self.story.give(command, CLOCK)
        self.heard(steps)
        after, known = self.story.ticket, [one for one in before.whistles if one.number == command.whistle]
        assert replace(after, version=before.version, whistles=before.whistles) == before
        assert bool(steps) == (not known or command.version > known[0].version) or known[0].stage == command.stage

    @precondition(lambda self: self.story.ticket.next_at is not None)
    @rule(times=st.integers(1, 6))
    def time_comes(self, times: int) -> None:
        time_comes(self, times)

    @rule(hours=st.integers(1, 24 * 30))
    def time_goes_by_unwatched(self, hours: int) -> None:
        time_goes_by_unwatched(self, hours, 8)

    def one(self) -> Ticket:
        return self.story.ticket

    def in_hand(self) -> None:
        """Brings it to where somebody works on it, as far as anybody may."""
        if self.story.ticket.state == "closed":
            self.another("A02", "none")
        if self.story.ticket.state == "merged":
            self.tries(c.Split(), CLOCK)
        if self.story.ticket.state == "replied":
            self.tries(c.FollowUp("no"), RESIDENT)
        self.tries(c.Sign(), self.holder())

    def holder(self) -> Actor:
        """Somebody of the post that has it, without an interest where there is one."""
        post = self.story.ticket.post
        assert post is not None
        return self.somebody(post.code)

    def somebody(self, post: str) -> Actor:
        here = self.story.staff.holdings.get(post, ())
        free = [one.person.id for one in here if conflict(one.person, self.parties()) is None]
        return actor(post, free[-1] if free else "")

    def above(self) -> Actor:
        objection = self.story.ticket.objection
        return self.somebody(objection.ruler.post.code if objection else STREET.post)

    def tries(self, command: c.Command, by: Actor) -> None:
        before, parties = self.story.ticket, self.parties()
        try:
            steps = self.story.give(command, by)
        except Refused:
            assert self.story.ticket == before
            return
        if isinstance(command, c.Relate):
            self.story.parties = (*self.story.parties, command.party)
        self.heard(steps)
        self.allowed(before, parties, command, by)

    def allowed(self, before: Ticket, parties: tuple[Party, ...], command: c.Command, by: Actor) -> None:
        """Nobody does what a party, the accused, or the one who did the work must not do."""
        here = self.story.staff.holdings.get(by.post, ())
        me = next((one.person for one in here if one.person.id == by.person), None)
        if me is not None:
            assert conflict(me, parties) is None
        assert by.post not in {one.organisation for one in parties}
        if isinstance(command, c.Close) and by.person:
            assert by.person not in (before.resolver, before.replier if not before.resolved_at_post else "")
        if isinstance(command, c.Approve) and before.request is not None:
            assert before.request.asker not in (by.person, by.post)

    def parties(self) -> tuple[Party, ...]:
        one = self.story.ticket
        accused = Ladder(self.story.rules.ladder, self.story.rules.registry).respondent(one.about, one.spot)
        return (*self.story.parties, *([Party("respondent", organisation=accused)] if accused else []))

    def heard(self, steps: list[Step]) -> None:
        """Every step goes through JSON into a second ticket, and its clocks are reckoned by hand."""
        for step in steps:
            lapsed = self.again is not None and self.again.lapsed
            self.again = follow(self.again, msgspec.json.decode(msgspec.json.encode(step), type=Step))
            self.clocks(step, lapsed)

    def clocks(self, step: Step, lapsed: bool) -> None:
        one = self.again
        assert one is not None
        limits, now = DATA["clocks"][one.urgency], self.story.now
        if isinstance(step, STANDS):
            desk = {"length": DATA["sorting_desk"]["hours"], "unit": "natural_hour"}
            self.sign_due = reckoned(now, limits["sign"] if one.rung else desk, one.rung)
            self.rung_due = reckoned(now, limits["resolve"] if one.rung else desk, one.rung)
        elif isinstance(step, Extended):
            self.rung_due = reckoned(self.rung_due, {"length": step.days, "unit": "working_day"}, one.rung)
        elif isinstance(step, Cleared):
            self.rung_due = reckoned(now, limits["resolve"], one.rung)
        elif isinstance(step, SupervisionAnswered) and lapsed and one.state != "shelved":
            desk = {"length": DATA["sorting_desk"]["hours"], "unit": "natural_hour"}
            self.rung_due = self.sign_due = reckoned(now, limits["resolve"] if one.rung else desk, one.rung)
        elif isinstance(step, Signed):
            assert step.resolve.due.at == self.rung_due

    # -- what always holds --------------------------------------------------------------------------------

    @invariant()
    def folds(self) -> None:
        assert self.again == self.story.ticket
        assert self.story.ticket.version == len(self.story.steps)

    @invariant()
    def nobody_waits_for_nothing(self) -> None:
        one = self.story.ticket
        assert one.post is not None
        assert (one.next_at is None) == (one.state in ("merged", "closed"))
        assert (one.state == "merged") <= (one.lead is not None)

    @invariant()
    def one_rung_and_its_post(self) -> None:
        one, book = self.story.ticket, self.story.rules.ladder
        assert one.post is not None
        assert one.state != "sorting" or one.rung is None
        if one.rung is None:
            assert one.post.code == "sorting"
            assert one.state in ("sorting", "merged", "closed", "replied")
            return
        found = book.rungs[one.rung]
        assert one.post.code.split(":")[0] in {found.prefix, *(other.prefix for other in found.stand_ins)}
        assert (one.acting is None) == one.post.code.startswith(f"{found.prefix}:")

    @invariant()
    def never_the_accused(self) -> None:
        one = self.story.ticket
        accused = self.story.rules.ladder.accused.get(one.about)
        assert accused is None or one.rung not in accused.skip
        if one.state not in OPEN or one.rung is None:
            return
        ladder = Ladder(self.story.rules.ladder, self.story.rules.registry, self.story.staff)
        assert one.post is not None
        here = self.story.staff.holdings.get(one.post.code, ())
        out = bool(here) and all(conflict(each.person, self.parties()) for each in here)
        out = out or one.post.code in {each.organisation for each in self.parties()}
        case = Case(one.spot, one.about, self.parties())
        beside = ladder.at(one.rung, case)
        others = [beside] if beside and beside.post != one.post else []
        assert not out or not (others or ladder.above(one.rung, case, one.post.code))

    @invariant()
    def no_close_without_a_reply(self) -> None:
        one = self.story.ticket
        assert (one.state == "closed") == (one.closed_at is not None) == (one.outcome is not None)
        if one.state == "closed" and one.outcome != "withdrawn":
            assert one.reply is not None or one.route is not None
        if one.outcome == "solved" and not any(isinstance(step, FollowedUp) for step in self.story.steps):
            assert one.resolved_at_post, "solved, by whose evidence?"
        if one.state == "closed":
            last = [step for step in self.story.steps if not isinstance(step, Whistled | Mediated)][-1]
            assert isinstance(last, Closed) or one.solved is not None

    @invariant()
    def clocks_as_reckoned(self) -> None:
        one = self.story.ticket
        assert one.case_due is not None
        assert one.rung_due is not None
        entry = RULES.catalogue.entries[one.category]
        hours = entry.deadline_hours if one.urgency == entry.urgency else DATA["limits"][one.urgency]
        assert (one.case_due.start, one.case_due.at) == (self.accepted, self.accepted + timedelta(hours=hours))
        assert one.rung_due.at == self.rung_due
        assert one.sign is None or one.sign.due.at == self.sign_due
        for watch in (one.sign, one.resolve, one.supervision.answer if one.supervision else None):
            assert watch is None or watch.due.start < watch.half < watch.most < watch.due.at


def test_a_walk() -> None:
    examples = int(os.environ.get("HUIYIN_WALK", "80"))
    run_state_machine_as_test(Walk, settings=settings(max_examples=examples, stateful_step_count=40, deadline=None))
