"""A walk without rails: anybody tries anything with a mediation; what always holds (DOMAIN 14: 3, 9, 11-13)."""

import os
from contextlib import nullcontext, suppress
from datetime import date, datetime, timedelta

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

from huiyin.core.calendar import Calendar, Year
from huiyin.core.mediation import Command, Mediation, Step, follow
from huiyin.core.mediation import commands as c
from huiyin.core.mediation import steps as s
from huiyin.core.mediation import steps_agreed as sa
from huiyin.core.mediation.kinds import Side, Statement
from huiyin.core.mediation.seen import for_committee, for_mediator, for_party, for_ticket_holder
from huiyin.core.scene import CLOCK, Refused
from huiyin.core.staff import Party, conflict
from huiyin.core.words import Actor, Sealed
from tests.core.clocked import time_comes, time_goes_by_unwatched
from tests.core.mediating import (
    AT_A,
    BOOK,
    CASE,
    DESK,
    DIGEST,
    ELSEWHERE,
    LETTER,
    LI,
    OTHER,
    PARTIES,
    PARTY,
    SAID,
    SEATS,
    TERMS,
    WANG,
    ZHAO,
    A,
    B,
    D,
    Story,
    apply,
    beijing,
    item,
    terms,
    words,
)

STAFF_ACTORS = [DESK, WANG, LI, ZHAO]
ACTORS = [*STAFF_ACTORS, *PARTY.values(), CLOCK, *ELSEWHERE]
MEDIATORS = {"p-wang": WANG, "p-li": LI, "p-zhao": ZHAO}
FOUND = [PARTIES, (*PARTIES, Party("respondent", person="p-wang")), (*PARTIES, Party("barred", organisation=DESK.post))]
DRAFTS = [TERMS, terms(), terms(item(), item("i2", date(2026, 11, 25), A, B), partial=True), terms(found=("fine",)),
          terms(item(), found=("soon",)), terms(facts=None)]  # fmt: skip
IDS = st.sampled_from([A, A, B, B, D])
ITEMS = st.sampled_from(["i1", "i2"])
HOWS = st.sampled_from(["screen", "paper"])
BY = st.sampled_from(["", "", "", "r1", "p-lawyer"])
NEW = st.integers(0, 9).map(lambda n: words(f"{n}new"))
PAPERS = ("register", "notice", "identity", "record", "agreement", "oral-register", "routes", "visit")
MATTERS = st.sampled_from([("mediator", "p-wang"), ("mediator", "p-li"), ("invitee", "p-uncle"), ("open", ""),
                           ("extension", "10"), ("oral", ""), ("confirmation", "")])  # fmt: skip
YEARS = {**BOOK.calendar.years, 2027: Year(2027, {date(2027, 1, 1): "元旦"}, {date(2027, 1, 9): "补班"}),
         2028: Year(2028, {}, {})}  # fmt: skip
UPTO = st.sampled_from([0, 3, 5, 6, 6, 7, 7, 7, 8, 9, 10, 11, 12])
MANY = st.integers(0, 103)
TIMES = st.sampled_from([-1, 0, 0, 1, 24])


def anything(now: datetime) -> st.SearchStrategy[Command]:
    near = TIMES.map(lambda hours: now + timedelta(hours=hours))
    people = st.sampled_from([(A, B), (A,), (A, B, D), ()])
    return st.one_of(
        st.sampled_from(
            [c.Check(), c.Check(("court",)), c.Accept(CASE), c.Decline(SAID), c.Recompute(), c.LinkBack("TJ9"),
             c.NoteWhistle("SH9"), c.Represent(D, ("r1",)), c.Identify(B, SAID), c.RenewCode(B),
             c.Invite("p-uncle", "relative"), c.Disclose(SAID), c.Archive(PAPERS),
             c.Archive(()), c.End("stalling", SAID), c.Report("police", now, LETTER), c.Breach("i1", SAID),
             c.RecordRuling("refused", SAID), c.RecordRuling("withdrawn", SAID)]
        ),
        st.builds(c.Consent, IDS, HOWS, BY),
        st.builds(c.Refuse, IDS, HOWS, BY),
        st.builds(c.Stop, IDS, HOWS, BY),
        st.builds(c.NotifyRights, IDS, HOWS),
        st.builds(c.LookUp, IDS, st.sampled_from(["arrange", "safety"])),
        st.builds(c.Empower, IDS, st.just("p-lawyer"), st.just(LETTER), st.booleans()),
        st.builds(lambda p, m, y, by: c.Answer(p, m[0], y, m[1], by), IDS, MATTERS, st.booleans(), BY),
        st.builds(c.Assign, st.sampled_from(sorted(MEDIATORS)), st.booleans()),
        st.builds(c.Release, st.sampled_from(sorted(MEDIATORS)), st.sampled_from(["recused", "unable"])),
        st.builds(c.Plan, near, st.booleans()),
        st.builds(c.Reply, IDS, st.integers(1, 3), st.sampled_from(["yes", "no"])),
        st.builds(c.Hold, near, people, NEW, st.none() | st.integers(1, 3), st.sampled_from([(), ("p-uncle",)]),
                  st.sampled_from([(), (Statement(A, SAID),)])),
        st.builds(c.Adjourn, st.integers(1, 3), NEW),
        st.builds(c.Confide, IDS, NEW),
        st.builds(c.Investigate, near, NEW, NEW, NEW),
        st.builds(c.AskMeeting, st.sampled_from([("police",), ("street", "owners"), ()]), near.map(datetime.date), NEW),
        st.builds(c.AnswerMeeting, st.none() | near, st.none() | NEW, st.sampled_from([None, None, "too-early"])),
        st.builds(c.FlagRisk, st.sampled_from(["violence", "child"]), NEW),
        st.builds(c.Report, st.sampled_from(["police", "civil-affairs"]), near, NEW),
        st.builds(c.Draft, st.sampled_from([DIGEST, OTHER, "x"]), st.sampled_from(DRAFTS)),
        st.builds(c.Mark, st.sampled_from(["party", "mediator", "committee"]), st.sampled_from([DIGEST, OTHER]),
                  st.sampled_from(["signature", "seal", "fingerprint"]), near, st.sampled_from(["", A, B, D]), BY,
                  st.none() | st.just(LETTER)),
        st.builds(c.AgreeOrally, near, st.sampled_from(DRAFTS)),
        st.builds(c.Perform, ITEMS, st.sampled_from(["part", "whole"]), near, st.sampled_from(["", A, B])),
        st.builds(c.Visit, near, people, st.just("partly"), NEW, st.none() | st.integers(0, 6)),
        st.builds(c.Sue, IDS),
        st.builds(c.TellConfirmation, IDS, HOWS, near, st.none() | NEW),
        st.builds(c.ApplyConfirmation, near),
        st.builds(c.DeliverRoutes, IDS, HOWS),
    )  # fmt: skip


class Walk(RuleBasedStateMachine):
    """One mediation, and anybody."""

    story: Story
    tick = c.Tick()

    @initialize(three=st.booleans(), upto=UPTO, written=st.booleans())
    def apply(self, three: bool, upto: int, written: bool) -> None:
        sides = (Side(A, applicant=True), Side(B), *((Side(D, "group"),) if three else ()))
        self.story = Story(apply(sides=sides, source="ticket", ticket="HY000000001"), DESK)
        self.again: Mediation | None = None
        self.heard(self.story.steps)
        self.the_straight_way(upto, written)

    @precondition(lambda self: self.story.case.state in ("archived", "ended"))
    @rule(three=st.booleans(), upto=UPTO, written=st.booleans())
    def another_one(self, three: bool, upto: int, written: bool) -> None:
        self.apply(three, upto, written)

    @rule(data=st.data(), by=st.sampled_from(ACTORS))
    def anybody(self, data: st.DataObject, by: Actor) -> None:
        self.tries(data.draw(anything(self.story.now)), by)

    @rule(data=st.data(), by=st.sampled_from(STAFF_ACTORS))
    def the_committee(self, data: st.DataObject, by: Actor) -> None:
        self.tries(data.draw(anything(self.story.now)), by)

    @rule(data=st.data())
    def at_its_own_door(self, data: st.DataObject) -> None:
        command = data.draw(anything(self.story.now))
        self.tries(command, PARTY.get(getattr(command, "party", ""), AT_A))

    @rule(written=st.booleans())
    def a_step_further(self, written: bool) -> None:
        """The next stage of the straight way."""
        was = self.story.case.version
        for upto in range(1, 13):
            self.the_straight_way(upto, written)
            if self.story.case.version > was:
                return

    def the_straight_way(self, upto: int, written: bool) -> None:
        ids, now = self.story.ids, self.story.now
        by = {one: "r1" if one == D else "" for one in ids}
        paper = [(c.Draft(DIGEST, TERMS), WANG),
                 *((c.Mark("party", DIGEST, "signature", now, one, by[one]), PARTY[one]) for one in ids),
                 (c.Mark("mediator", DIGEST, "signature", now), WANG),
                 (c.Mark("committee", DIGEST, "seal", now), DESK)]  # fmt: skip
        spoken = [*((c.Answer(one, "oral", True, "", by[one]), PARTY[one]) for one in ids),
                  (c.AgreeOrally(now, TERMS), WANG)]  # fmt: skip
        way: list[list[tuple[Command, Actor]]] = [
            [(c.Check(), DESK)], [(c.Represent(D, ("r1",)), PARTY[D])] if D in ids else [],
            [(c.Consent(one, "screen", by[one]), PARTY[one]) for one in ids], [(c.Accept(CASE), DESK)],
            [(c.NotifyRights(one, "paper"), DESK) for one in ids], [(c.Assign("p-wang"), DESK)],
            [(c.Hold(now, (A, B), words("m")), WANG)], paper[:1] if written else spoken[:1],
            paper[1:] if written else spoken[1:],
            [(c.Answer(one, "confirmation", True, "", by[one]), PARTY[one]) for one in ids],
            [(c.ApplyConfirmation(now), DESK)] if written else [(c.Perform("i1", "whole", now), DESK)],
            [(c.Visit(now, (A,), "yes", SAID), DESK), (c.Archive(PAPERS), DESK)],
        ]  # fmt: skip
        for command, who in (one for some in way[:upto] for one in some):
            self.tries(command, who)

    @rule(name=st.sampled_from(["p-wang", "p-wang", "p-li"]), new=NEW, some=st.lists(MANY, min_size=2, max_size=6))
    def at_the_table(self, name: str, new: Sealed, some: list[int]) -> None:
        now, seats = self.story.now, [one.person for one in self.story.case.mediators]
        number = len(self.story.case.sessions)
        own: list[Command] = [c.Plan(now + timedelta(hours=30)), c.Hold(now, (A,), new, number), c.Adjourn(number, new),
               c.Confide(A, new), c.Investigate(now, new, new, new),
               c.AskMeeting(("street",), now.date() + timedelta(days=1), new),
               c.Disclose(new), c.FlagRisk("child", new), c.Report("police", now, new),
               c.Report("civil-affairs", now, new), c.Draft(OTHER, DRAFTS[2]), c.Invite("p-uncle", "relative"),
               c.Release(name, "recused"), c.Release(name, "unable"), c.End("impossible", new)]  # fmt: skip
        for n in some:
            self.tries(own[n % len(own)], MEDIATORS[name if name in seats or not seats else seats[0]])

    @rule(new=NEW, name=ITEMS, some=st.lists(MANY, min_size=1, max_size=4))
    def afterwards(self, new: Sealed, name: str, some: list[int]) -> None:
        now = self.story.now
        own: list[Command] = [c.Breach(name, new), c.Perform(name, "part", now), c.Sue(B),
               c.RecordRuling("refused", new), c.RecordRuling("withdrawn", new), c.Archive(PAPERS),
               c.TellConfirmation(A, "paper", now, new), c.TellConfirmation(B, "oral", now),
               c.AnswerMeeting(now + timedelta(hours=1), new), c.AnswerMeeting(reason="too-early"),
               c.Visit(now, (A,), "no", new), c.ApplyConfirmation(now)]  # fmt: skip
        for n in some:
            self.tries(own[n % len(own)], DESK)

    @rule(which=st.sampled_from(["reply", "deliver", "more", "matter"]), matter=MATTERS, yes=st.booleans())
    def all_together(self, which: str, matter: tuple[str, str], yes: bool) -> None:
        """Each party at its own door says the same."""
        for one in self.story.case.lines:
            by = one.representatives[0] if one.representatives else ""
            orders: dict[str, Command] = {
                "reply": c.Reply(one.party, len(self.story.case.sessions), "yes"),
                "deliver": c.DeliverRoutes(one.party, "screen"),
                "more": c.Answer(one.party, "extension", True, "12", by),
                "matter": c.Answer(one.party, matter[0], yes, matter[1], by),
            }
            self.tries(orders[which], PARTY[one.party])

    @rule(known=st.booleans())
    def a_calendar_comes(self, known: bool) -> None:
        """2027 becomes known, or (a mistake) unknown again."""
        years = [one for one in YEARS.values() if known or one.year != 2027]
        self.story.book = replace(self.story.book, calendar=Calendar.of(years))
        self.tries(c.Recompute(), CLOCK)
        assert not known or not self.story.case.provisional or self.story.now > beijing(11, 1, year=2027)

    @rule(which=st.integers(0, 2))
    def somebody_is_found_out(self, which: int) -> None:
        self.story.parties = FOUND[which]

    @rule(party=IDS)
    def a_party_stops(self, party: str) -> None:
        """At any time until the agreement has effect, whatever else is going on (art. 23)."""
        case = self.story.case
        if case.line(party) is None or case.state not in ("applied", "accepted", "signing"):
            return
        line = case.line(party)
        if line is not None and line.kind == "group" and not line.representatives:
            return
        by = line.representatives[0] if line and line.kind == "group" else ""
        steps = self.story.decide(c.Stop(party, "screen", by), PARTY[party])
        assert isinstance(steps[0], sa.Ended)
        assert steps[0].routes

    @precondition(lambda self: self.story.case.next_at is not None)
    @rule(times=st.integers(1, 4))
    def time_comes(self, times: int) -> None:
        time_comes(self, times)

    @rule(hours=st.sampled_from([1, 5, 31, 31, 24 * 4, 24 * 12, 24 * 20]))
    def time_goes_by_unwatched(self, hours: int) -> None:
        time_goes_by_unwatched(self, hours, 24)

    def one(self) -> Mediation:
        return self.story.case

    def tries(self, command: Command, by: Actor) -> None:
        before = self.story.case
        try:
            steps = self.story.give(command, by)
        except Refused:
            assert self.story.case == before
            return
        self.allowed(command, by)
        self.heard(steps)
        if not isinstance(command, c.Recompute | c.RenewCode | c.LookUp):  # each look, each code is another one
            self.a_repeat_is_nothing(command, by)

    def a_repeat_is_nothing(self, command: Command, by: Actor) -> None:
        """What is said twice has no second effect; refused only where it cost whoever said it their seat."""
        with nullcontext() if not isinstance(command, c.Release) else suppress(Refused):
            assert self.story.decide(command, by) == []

    def allowed(self, command: Command, by: Actor) -> None:
        """Nobody with an interest decides anything; nobody speaks for another party."""
        party = getattr(command, "party", "")
        if by.role == "party":
            assert by.post == f"party:{party}"
        if by.post == SEATS and not isinstance(command, c.Release | c.FlagRisk | c.Report):
            person = next(one.person for one in self.story.staff.holdings[SEATS] if one.person.id == by.person)
            assert conflict(person, self.story.parties) is None
        assert by not in ELSEWHERE

    def heard(self, steps: list[Step]) -> None:
        """Every step goes through JSON into a second mediation."""
        for step in steps:
            self.in_order(step)
            if isinstance(step, sa.MeetingAsked | sa.MeetingAnswered):
                self.beside(step)
            self.again = follow(self.again, msgspec.json.decode(msgspec.json.encode(step), type=Step))

    def in_order(self, step: Step) -> None:
        """What must have been before, looked at in the other one's state."""
        one = self.again
        if one is None:
            assert isinstance(step, s.Applied)
            return
        if isinstance(step, s.Accepted | s.SessionPlanned | s.SessionHeld | s.Confided | sa.Drafted | sa.AgreedOrally):
            assert all(line.consent for line in one.lines), "art. 17: every party is willing"
        if isinstance(step, s.SessionHeld):
            assert all(line.notice for line in one.lines), "若干规定 30: rights before the first session"
            assert all(line.notice.at <= step.began for line in one.lines if line.notice)
            assert all(line.consent.at <= step.began for line in one.lines if line.consent)
            assert step.mediator in {each.person for each in one.mediators}
            assert all(one.allowed("invitee", each) for each in step.invitees)
        if isinstance(step, s.Investigated | s.ContactViewed):
            assert step.mediator in {each.person for each in one.mediators}
            assert getattr(step, "at", self.story.now) <= self.story.now
        working = s.SessionPlanned | s.SessionHeld | s.Confided | s.Investigated
        if isinstance(step, working | sa.Drafted | sa.AgreedOrally | sa.Archived):
            assert not one.owing, "art. 25: reported first"
        if isinstance(step, s.MediatorAssigned):
            held = next(each.person for each in self.story.staff.holdings[SEATS] if each.person.id == step.person)
            assert conflict(held, self.story.parties) is None
            assert not step.chosen or one.allowed("mediator", step.person)
        if isinstance(step, s.Extended):
            self.longer(one, step)
        if isinstance(step, sa.Ended):
            assert step.routes
            assert one.state in ("applied", "accepted", "signing")
        if isinstance(step, sa.TookEffect):
            self.in_effect(one, step)
        if isinstance(step, sa.ConfirmationApplied):
            assert one.allowed("confirmation")
        if isinstance(step, sa.ConfirmationApplied | sa.ConfirmationTold):
            assert one.confirm_by is not None
            assert one.agreement is not None
            assert one.agreement.effective_at is not None
            assert one.agreement.effective_at <= step.at < one.confirm_by.at
        if isinstance(step, sa.Breached):
            assert step.routes

    def beside(self, step: sa.MeetingAsked | sa.MeetingAnswered) -> None:
        """One joint meeting at a time, of a case that goes on and is not hidden; it changes nothing else."""
        one = self.again
        assert one is not None
        assert not one.restricted
        assert one.state not in ("ended", "archived")
        answered = [each.answered is not None for each in one.joint]
        assert all(answered) if isinstance(step, sa.MeetingAsked) else answered.count(False) == 1
        assert replace(follow(one, step), joint=one.joint, version=one.version) == one

    def longer(self, one: Mediation, step: s.Extended) -> None:
        """DOMAIN 14.9: everybody wants it, once, and before the time was over: none is retroactive."""
        running, (fresh,) = one.clock("mediate"), step.clocks
        assert running is not None
        assert self.story.now < running.due.at < fresh.due.at
        assert one.allowed("extension", str(step.days))
        assert one.extensions < self.story.book.mediation.extension.times
        assert step.days <= self.story.book.mediation.extension.longest

    def in_effect(self, one: Mediation, step: sa.TookEffect) -> None:
        """Art. 29: the latest of the marks of all under one document; art. 30."""
        paper = one.agreement
        assert paper is not None
        assert bool(step.routes) == paper.terms.partial
        assert not one.owing
        if paper.form == "oral":
            assert (step.at, paper.marks) == (paper.at, ())
            assert one.allowed("oral")
            return
        hands = [(each.hand, each.party) for each in paper.marks]
        wanted = [("party", line.party) for line in one.lines] + [("mediator", ""), ("committee", "")]
        assert sorted(hands) == sorted(wanted)
        assert {each.digest for each in paper.marks} == {paper.digest}
        signer = next(each.by for each in paper.marks if each.hand == "mediator")
        assert signer in {each.person for each in one.mediators}
        held = next(each.person for each in self.story.staff.holdings[SEATS] if each.person.id == signer)
        assert conflict(held, self.story.parties) is None
        assert step.at == max(each.at for each in paper.marks)
        assert paper.copies == len(one.lines) + 1

    # -- what always holds --------------------------------------------------------------------------------

    @invariant()
    def folds(self) -> None:
        assert self.again == self.story.case
        assert self.story.case.version == len(self.story.steps)

    @invariant()
    def an_end_has_its_routes_told(self) -> None:
        one = self.story.case
        effective = one.agreement is not None and one.agreement.effective_at is not None
        assert (one.ending is not None) == (one.state == "ended" or (one.state == "archived" and not effective))
        if one.ending is not None:
            assert one.ending.routes
            assert one.clock("deliver") or all(line.told for line in one.lines)
        if one.state == "archived" and one.ending is not None:
            assert all(line.told for line in one.lines)

    @invariant()
    def one_refusal_ends_it(self) -> None:
        ends = [one for one in self.story.steps if isinstance(one, sa.Ended)]
        assert len(ends) <= 1
        if ends and self.story.case.state == "ended":
            after = self.story.steps[self.story.steps.index(ends[0]) + 1 :]
            assert all(isinstance(one, sa.RoutesDelivered | s.Timed | s.Guarded | sa.Resurfaced) for one in after)

    @invariant()
    def nothing_open_goes_quiet(self) -> None:
        one = self.story.case
        assert (one.next_at is None) == (one.state == "archived" and not one.owing)
        assert len({clock.key for clock in one.clocks}) == len(one.clocks)

    @invariant()
    def the_clocks_are_those_of_what_is_owed(self) -> None:
        """Reckoned anew from what has happened, without looking at how they were started and stopped."""
        one, paper = self.story.case, self.story.case.agreement
        owed = {("report", "")} if one.owing else set()
        marked = paper is not None and not {line.party for line in one.lines} & set(one.unmarked)
        waiting = {("hold", str(each.number)) for each in one.sessions if each.waits}
        if one.state == "applied":
            owed |= {("accept", "")}
        if one.state == "accepted":
            owed |= {("mediate", ""), *waiting}
        if one.state == "signing":
            owed |= {("seal" if marked else "mediate", ""), *waiting}
        if one.state in ("effective", "performed"):
            assert paper is not None
            confirm = {"open": {("confirm", "")}, "applied": {("ruling", "")}}
            owed |= confirm.get(one.confirmation, set())
            owed |= {("perform", each.item.item) for each in paper.owed if each.done != "whole" and not each.breached}
            owed |= {("visit", "")} if not one.visits else set()
            broken = any(each.breached for each in paper.owed)
            owed |= {("archive", "")} if one.state == "performed" or one.sued or broken else set()
        if one.state == "ended":
            owed |= {("archive", "")} | ({("deliver", "")} if not all(line.told for line in one.lines) else set())
        assert {clock.key for clock in one.clocks} == owed

    @invariant()
    def performed_is_everything(self) -> None:
        one = self.story.case
        if one.agreement is not None and one.agreement.effective_at is not None and one.state != "archived":
            whole = all(each.done == "whole" for each in one.agreement.owed)
            assert (one.state == "performed") == whole

    @invariant()
    def what_is_confided_stays_so(self) -> None:
        """Whatever happens, the lists are the same without the notes; a mediator sees their own."""
        one = self.story.case
        bare = replace(one, caucus=())
        assert for_committee(one) == for_committee(bare)
        assert for_ticket_holder(one, "HY000000001") == for_ticket_holder(bare, "HY000000001")
        for party in (A, B, D):
            assert for_party(one, party) == for_party(bare, party)
        for person in MEDIATORS:
            seen = for_mediator(one, person)
            assert (seen is None) == (one.mediator(person) is None)
            assert seen is None or all(note.mediator == person for note in seen.caucus)


def test_a_walk() -> None:
    examples = int(os.environ.get("HUIYIN_WALK", "60"))
    run_state_machine_as_test(Walk, settings=settings(max_examples=examples, stateful_step_count=40, deadline=None))
