"""A walk without rails: anybody tries anything with a whistle at any time; what always holds."""

import os
from contextlib import nullcontext, suppress
from datetime import timedelta

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

from huiyin.core.scene import CLOCK, Refused, accused
from huiyin.core.staff import Party
from huiyin.core.whistle import Command, Step, Whistle, follow
from huiyin.core.whistle import commands as c
from huiyin.core.whistle import steps as s
from huiyin.core.whistle.minimal import minimal
from huiyin.core.words import Actor
from tests.core.clocked import time_comes, time_goes_by_unwatched
from tests.core.whistling import (
    BOOK,
    CITY,
    COLLEAGUE,
    COMMUNITY,
    FIRE,
    HALL,
    LEADER,
    PICTURE,
    POLICE,
    SAID,
    STREET,
    TEAM,
    Story,
    ask,
    at_department,
    blow,
)
from tests.core.world import spot

POSTS = [CITY, POLICE, FIRE]
ACTORS = [STREET, COLLEAGUE, LEADER, COMMUNITY, CLOCK, *map(at_department, POSTS), at_department("department:水务"),
          Actor(HALL, "street", "p-城管"), Actor("community:other", "community")]  # fmt: skip
PARTIES = [(), *((Party("respondent", organisation=one),) for one in (FIRE, CITY))]
KINDS = st.sampled_from(sorted(BOOK.whistle.kinds))
WORDS = st.sampled_from([SAID, ask(CITY).words])
TIMES = st.sampled_from([-1, 0, 1, 24, 24 * 5, 24 * 60])
NEVER_BEFORE: dict[type, tuple[type, ...]] = {  # a stage, and what must have been of the same department
    s.Arrived: (s.Acknowledged,),
    s.Planned: (s.Acknowledged,),
    s.Answered: (s.Acknowledged,),
    s.Replied: (s.Acknowledged,),
    s.PauseAsked: (s.Acknowledged,),
}


def anything(now: object) -> st.SearchStrategy[Command]:
    at = now  # type: ignore[assignment]
    near = TIMES.map(lambda hours: at + timedelta(hours=hours))  # type: ignore[operator]
    return st.one_of(
        st.sampled_from(
            [c.PassOn(), c.PassOn(TEAM), c.SendBack("other", SAID), c.Approve(), c.Decline("other", SAID),
             c.Cancel("other"), c.Join("HY2"), c.Object("not-our-duty", SAID), c.Object("other", SAID), c.GrantPause(),
             c.RefusePause(SAID), c.Resume(), c.Confirm(), c.Return(SAID), c.Recompute(), c.Progress(SAID)]
        ),
        st.builds(c.Acknowledge, st.sampled_from(["", "p-城管", "p-x"])),
        st.builds(c.Rule, st.sampled_from(POSTS), st.booleans(), st.none() | st.sampled_from([*POSTS, COMMUNITY.post])),
        st.builds(c.Arrive, near, st.just(spot()), st.booleans(), st.none(), st.sampled_from([(), (PICTURE,)])),
        st.builds(c.Plan, WORDS, near),
        st.builds(c.AskCo, st.sampled_from(POSTS), WORDS),
        st.builds(c.Answer, WORDS),
        st.builds(c.Reply, near, st.sampled_from([(), ("street",)]), WORDS, st.booleans(), st.none() | near),
        st.builds(c.AskPause, st.just("court"), st.integers(0, 22), WORDS),
        st.builds(c.RateDepartment, st.sampled_from(POSTS), *[st.integers(0, 6)] * 3, st.none() | st.integers(1, 5)),
        st.builds(c.RateBlower, st.just("yes"), st.integers(0, 6)),
        st.builds(c.Hear, st.sampled_from(["HY000000001", "HY2"]), st.just("no"), st.none() | st.integers(1, 5)),
    )  # fmt: skip


class Walk(RuleBasedStateMachine):
    """One whistle, and anybody."""

    story: Story
    tick = c.Tick()

    @initialize(kind=KINDS, by=st.sampled_from([STREET, COMMUNITY]), team=st.booleans(), upto=st.integers(0, 7))
    def blow(self, kind: str, by: Actor, team: bool, upto: int) -> None:
        self.story = Story(blow(kind, asks=TEAM[:3] if team else TEAM[:1]), by)
        self.again: Whistle | None = None
        self.heard(self.story.steps)
        self.the_straight_way(upto)

    @precondition(lambda self: self.story.whistle.state == "closed")
    @rule(kind=KINDS, by=st.sampled_from([STREET, COMMUNITY]), team=st.booleans(), upto=st.integers(2, 7))
    def another_one(self, kind: str, by: Actor, team: bool, upto: int) -> None:
        """What is closed is done with: the next one."""
        self.blow(kind, by, team, upto)

    @rule(data=st.data(), by=st.sampled_from(ACTORS))
    def anybody(self, data: st.DataObject, by: Actor) -> None:
        self.tries(data.draw(anything(self.story.now)), by)

    @rule(data=st.data(), which=st.integers(0, 3))
    def a_department(self, data: st.DataObject, which: int) -> None:
        lines = self.story.whistle.lines
        if lines:
            by, now = at_department(lines[which % len(lines)].post), self.story.now
            then = now + timedelta(days=1)
            own = [c.Acknowledge(by.person), c.Arrive(now, spot()), c.Answer(SAID), c.Plan(SAID, then),
                   c.AskCo(FIRE, SAID), c.Object("other", SAID), c.AskPause("court", 2, SAID),
                   c.RateBlower("no", 1), c.Reply(now, ("street",), SAID, True)]  # fmt: skip
            self.tries(data.draw(st.sampled_from(own)), by)

    @rule(data=st.data(), post=st.sampled_from(POSTS))
    def the_other_side(self, data: st.DataObject, post: str) -> None:
        own = [(c.Return(SAID), self.blower()), (c.Confirm(), self.blower()), (c.GrantPause(), COLLEAGUE),
               (c.RefusePause(SAID), LEADER), (c.Resume(), STREET), (c.Rule(post, False), COLLEAGUE),
               (c.RateDepartment(post, 1, 2, 3, 4), self.blower()), (c.Decline("own-duty", SAID), LEADER),
               (c.SendBack("own-duty", SAID), STREET), (c.Approve(), COLLEAGUE)]  # fmt: skip
        self.tries(*data.draw(st.sampled_from(own)))

    @rule(upto=st.integers(1, 9))
    def the_straight_way(self, upto: int) -> None:
        now, lead = self.story.now, self.story.whistle.lead
        by = at_department(lead.post if lead else CITY)
        team = [at_department(one.post) for one in (self.story.whistle.lines or self.story.whistle.asks)]
        way: list[list[tuple[Command, Actor]]] = [
            [(c.PassOn(), STREET)], [(c.Approve(), LEADER)], [(c.Acknowledge(one.person), one) for one in team],
            [(c.Arrive(now, spot(), pictures=(PICTURE,)), one) for one in team],
            [(c.Plan(SAID, now + timedelta(days=1)), by)], [(c.Reply(now, ("street",), SAID, True), by)],
            [(c.Confirm(), self.blower())],
            [(c.RateDepartment(one.post, 5, 5, 5, 5), self.blower()) for one in team], [(c.RateBlower("yes", 5), by)],
        ]  # fmt: skip
        for command, who in (one for some in way[:upto] for one in some):
            self.tries(command, who)

    @rule(post=st.sampled_from(POSTS), to=st.sampled_from([None, *POSTS]), upheld=st.booleans())
    def a_dispute(self, post: str, to: str | None, upheld: bool) -> None:
        self.tries(c.Object("other", SAID), at_department(post))
        self.tries(c.Rule(post, upheld, to), COLLEAGUE)

    @rule(days=st.integers(1, 20))
    def a_pause(self, days: int) -> None:
        lead = self.story.whistle.lead
        if lead is not None:
            self.tries(c.AskPause("court", days, SAID), at_department(lead.post))
            self.tries(c.GrantPause(), COLLEAGUE)

    @rule(party=st.sampled_from([0, 1, 2]))
    def somebody_is_found_out(self, party: int) -> None:
        self.story.parties = PARTIES[party]

    @rule(to=st.sampled_from([POLICE, FIRE]))
    def the_lead_is_found_out_and_replaced(self, to: str) -> None:
        self.story.parties = PARTIES[2]
        self.tries(c.Rule(CITY, True, to), COLLEAGUE)

    @precondition(lambda self: self.story.whistle.next_at is not None)
    @rule(times=st.integers(1, 6))
    def time_comes(self, times: int) -> None:
        time_comes(self, times)

    @rule(hours=st.integers(1, 24 * 20))
    def time_goes_by_unwatched(self, hours: int) -> None:
        time_goes_by_unwatched(self, hours, 24)

    def one(self) -> Whistle:
        return self.story.whistle

    def blower(self) -> Actor:
        return COMMUNITY if self.story.whistle.blower == COMMUNITY.post else STREET

    def tries(self, command: Command, by: Actor) -> None:
        before = self.story.whistle
        try:
            steps = self.story.give(command, by)
        except Refused:
            assert self.story.whistle == before
            return
        if steps:  # what was done already may be said again by anybody: nothing happens
            self.allowed(before, command, by)
        self.heard(steps)
        if not isinstance(command, c.Progress | c.Return | c.Recompute):
            self.a_repeat_is_nothing(command, by)

    def a_repeat_is_nothing(self, command: Command, by: Actor) -> None:
        """What is said twice has no second effect: no step; or a refusal, but never of what a department sends."""
        sends = isinstance(command, c.Acknowledge | c.Arrive | c.Plan | c.AskCo | c.Answer | c.Reply | c.Object)
        with nullcontext() if sends else suppress(Refused):
            assert self.story.decide(command, by) == []

    def allowed(self, before: Whistle, command: Command, by: Actor) -> None:
        """Nobody judges what they did, asked or blew themselves; nobody with an interest does anything."""
        if by is not CLOCK:
            assert by.post not in accused(self.story.parties)
        if isinstance(command, c.Approve | c.Decline | c.Rule) and by.person:
            assert by.person not in (before.blown_by, before.passed_by)
        if isinstance(command, c.Confirm | c.Return | c.RateDepartment):
            assert by.person not in {one.person for one in before.lines}

    def heard(self, steps: list[Step]) -> None:
        """Every step goes through JSON into a second whistle."""
        for step in steps:
            self.in_order(step)
            self.again = follow(self.again, msgspec.json.decode(msgspec.json.encode(step), type=Step))

    def in_order(self, step: Step) -> None:
        """No stage is skipped: before each comes the one before, of the same department since it was called."""
        one = self.again
        if isinstance(step, s.Called) and one is not None and one.kind != "emergency":
            assert one.approval == "given"
        if isinstance(step, s.Called):
            assert not set(accused(self.story.parties)) & {each.post for each in step.asks}
        if isinstance(step, s.ObjectionRuled) and step.to is not None:
            assert step.to not in accused(self.story.parties)
        if type(step) in NEVER_BEFORE:
            assert one is not None
            line = one.line(step.post)  # type: ignore[union-attr]
            assert line is not None
            assert line.person
        if isinstance(step, s.Replied | s.Answered) and one is not None:
            line = one.line(step.post)
            assert line is not None
            assert line.came or BOOK.whistle.kinds[one.kind].limits.arrive is None
            assert isinstance(step, s.Answered) or line.planned or BOOK.whistle.kinds[one.kind].limits.plan is None
        if isinstance(step, s.Confirmed) and one is not None:
            assert one.reply is not None
            assert one.approval != "waiting"

    # -- what always holds --------------------------------------------------------------------------------

    @invariant()
    def folds(self) -> None:
        assert self.again == self.story.whistle
        assert self.story.whistle.version == len(self.story.steps)

    @invariant()
    def one_lead_at_any_time(self) -> None:
        one = self.story.whistle
        assert sum(line.lead for line in one.lines) == (1 if one.lines else 0)
        assert len({line.post for line in one.lines}) == len(one.lines)
        assert bool(one.lines) == (any(isinstance(step, s.Called) for step in self.story.steps))
        assert all(line.post.startswith("department:") for line in one.lines)

    @invariant()
    def the_reply_is_the_lead_s(self) -> None:
        one = self.story.whistle
        assert one.reply is None or one.lead is None or one.reply.post == one.lead.post
        assert (one.state == "replied") <= (one.reply is not None)

    @invariant()
    def every_open_whistle_has_a_live_clock(self) -> None:
        one = self.story.whistle
        assert (one.next_at is None) == (one.state == "closed")
        assert (one.due is None) == (one.state == "closed")
        assert len({clock.key for clock in one.clocks}) == len(one.clocks)

    @invariant()
    def the_clocks_are_those_of_what_is_owed(self) -> None:
        """Reckoned anew from what has happened, without looking at how they were started and stopped."""
        one = self.story.whistle
        if one.state in ("passing", "closed"):
            assert [clock.duty for clock in one.clocks] == (["pass"] if one.state == "passing" else [])
            return
        limits = BOOK.whistle.kinds[one.kind].limits
        owed = set()
        if one.approval == "waiting":
            owed.add(("approve", LEADER.post, ""))
        if one.state in ("called", "paused", "replied"):
            for line in one.lines:
                owed |= {("acknowledge", line.post, "")} if not line.person else set()
                owed |= {("arrive", line.post, "")} if limits.arrive and not line.came else set()
                if line.lead and one.state != "replied":
                    owed |= {("reply", line.post, "")}
                    owed |= {("plan", line.post, "")} if limits.plan and not line.planned else set()
                owed |= {("answer", line.post, "")} if not line.lead and not line.answered else set()
                owed |= {("rule", HALL, line.post)} if line.objection else set()
        resting = {(rest.duty, rest.post, "") for rest in one.pause.stopped} if one.pause else set()
        lead = one.lead.post if one.lead else ""
        owed |= {("grant", HALL, lead)} if one.pause and one.state == "called" else set()
        owed |= {("pause", lead, "")} if one.state == "paused" else set()
        owed |= {("confirm", one.blower, "")} if one.state == "replied" else set()
        owed |= {("rate", post, "") for post in one.unrated} if one.state == "confirmed" else set()
        assert {clock.key for clock in one.clocks} == owed - resting
        assert resting <= owed

    @invariant()
    def a_rated_whistle_is_closed(self) -> None:
        one = self.story.whistle
        assert (one.state == "closed") == (one.closed_at is not None) == (one.outcome is not None)
        confirmed = any(isinstance(step, s.Confirmed) for step in self.story.steps)
        assert (one.outcome == "rated") == (confirmed and not one.unrated)
        if one.outcome in ("rated", "unrated"):
            assert isinstance(self.story.steps[-1], s.Closed | s.ResidentHeard)

    @invariant()
    def a_pause_is_whole(self) -> None:
        one = self.story.whistle
        assert (one.state == "paused") <= (one.pause is not None)
        assert one.pauses <= BOOK.whistle.pauses.times
        assert one.state != "paused" or not any(line.objection for line in one.lines)
        assert one.pause is None or one.state in ("called", "paused")
        assert one.pause is None or (one.lead is not None and one.pause.post == one.lead.post)

    @invariant()
    def supervision_is_remembered(self) -> None:
        one = self.story.whistle
        raised = [step for step in self.story.steps if isinstance(step, s.Supervised)]
        assert one.level == max((step.level for step in raised), default=0)
        assert set(one.late) == {(step.duty, step.post) for step in raised if step.reason == "lapsed"}
        assert one.returned == sum(isinstance(step, s.Returned) for step in self.story.steps)

    @invariant()
    def departments_see_only_their_own(self) -> None:
        one = self.story.whistle
        for post in POSTS:
            seen = minimal(one, post)
            assert (seen is None) == (one.line(post) is None)
            assert seen is None or all(clock.post == post for clock in seen.clocks)
            assert seen == minimal(replace(one, tickets=(), tried=(), heard=(), blown_by="", words=SAID), post)


def test_a_walk() -> None:
    examples = int(os.environ.get("HUIYIN_WALK", "60"))
    run_state_machine_as_test(Walk, settings=settings(max_examples=examples, stateful_step_count=40, deadline=None))
