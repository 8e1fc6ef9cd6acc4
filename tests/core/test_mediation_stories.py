"""Whole stories of mediations (人民调解), each asserting the whole state after every step."""

from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from huiyin.core.calendar import Calendar, Year
from huiyin.core.deadline import Limit, due
from huiyin.core.mediation import Mediation
from huiyin.core.mediation import commands as c
from huiyin.core.mediation import steps as s
from huiyin.core.mediation import steps_agreed as sa
from huiyin.core.mediation.kinds import Side, Statement
from huiyin.core.mediation.state import Agreement, Joint, Line, Mediator, Owed, Question, Session
from huiyin.core.scene import CLOCK, RESIDENT
from huiyin.core.staff import Party
from tests.core.mediating import (
    AT_A,
    AT_B,
    CASE,
    DESK,
    DIGEST,
    LETTER,
    LI,
    MATTER,
    MINUTES,
    OTHER,
    PARTIES,
    PARTY,
    SAID,
    SECRET,
    TERMS,
    WANG,
    A,
    B,
    C,
    D,
    Story,
    accepted,
    applied,
    apply,
    beijing,
    confirming,
    consented,
    drafted,
    effective,
    ended,
    held,
    item,
    joint,
    mark,
    marked,
    notified,
    performed,
    sat,
    seated,
    terms,
    words,
)

ROUTES = ("court", "arbitration", "authority")
FILE = ("register", "notice", "identity", "record", "agreement", "visit")
HALT = ("register", "notice", "identity", "record", "routes")


def ending(story: Story, reason: str, told: str = "", **more: object) -> dict[str, object]:
    """What an end changes: its limits, its routes, whoever was told at once."""
    clocks = (story.clock("deliver", 3, "working_day"), story.clock("archive", 30))
    over = sa.Ended(reason, ROUTES, story.now, clocks, (told,) if told else (), **more)  # type: ignore[arg-type]
    lines = tuple(replace(one, told=one.party == told) for one in story.case.lines)
    report = tuple(one for one in story.case.clocks if one.duty == "report")
    return {"state": "ended", "ending": over, "lines": lines, "clocks": (*report, *clocks)}


def two_neighbours() -> Story:
    """From the application to the committee's seal."""
    story = Story(apply(), RESIDENT)
    check = story.clock("accept", 3, "working_day")
    two = (Line(A, "person", True), Line(B, "person", False))
    assert story.case == Mediation(
        "TJ1", 1, "applied", C, "residents", "application", "A01", MATTER, two, clocks=(check,)
    )  # fmt: skip
    story.does(c.Check(), DESK, s.Checked, bars=())
    one = s.Consented(A, "screen", story.now)
    story.does(c.Consent(A, "screen"), AT_A, s.Consented, **story.line(A, consent=one))
    story.refuses("consent-missing", c.Accept(CASE), DESK)
    other = s.Consented(B, "paper", story.now)
    story.does(c.Consent(B, "paper"), DESK, s.Consented, **story.line(B, consent=other))
    story.after(hours=1)
    month = story.clock("mediate", 30)
    assert month.due.at == beijing(12, 22), "accepted on 20 November: 20 December is a Sunday, so the Monday, 24:00"
    assert [one.at for one in month.alarms] == [beijing(12, 11, 9), beijing(12, 18, 9)]
    story.does(c.Accept(CASE), DESK, s.Accepted, state="accepted", case=CASE, clocks=(month,), limit=month.due)
    for party in (A, B):
        notice = s.RightsNotified(party, "paper", story.now)
        story.does(c.NotifyRights(party, "paper"), DESK, s.RightsNotified, **story.line(party, notice=notice))
    story.does(c.Assign("p-wang"), DESK, s.MediatorAssigned, mediators=(Mediator("p-wang", False),))
    told = (Mediator("p-wang", False, (SAID,)),)
    story.does(c.Disclose(SAID), WANG, s.Disclosed, mediators=told)
    moment = beijing(11, 25, 19)
    hold = story.clock("hold", 3, "working_day", "1", moment)
    assert hold.due.at == beijing(11, 30, 17, 30), "Wednesday evening: Monday, close of business"
    plan = s.SessionPlanned(1, moment, (hold,))
    story.does(c.Plan(moment), DESK, s.SessionPlanned, sessions=(Session(1, plan),), clocks=(month, hold))
    reply = s.InvitationAnswered(1, B, "yes")
    story.does(c.Reply(B, 1, "yes"), AT_B, s.InvitationAnswered, sessions=(Session(1, plan, (reply,)),))
    story.now = beijing(11, 25, 21)
    offer = Statement(B, words("b"))
    what = s.SessionHeld(1, moment, "p-wang", (A, B), MINUTES, (), (Statement(A, words("a")),), (offer,), (words("u"),))
    story.does(
        c.Hold(moment, (A, B), MINUTES, 1, (), what.statements, (offer,), what.undisputed), WANG, s.SessionHeld,
        sessions=(Session(1, plan, (reply,), what),), clocks=(month,),
    )  # fmt: skip
    secret = s.Confided("p-wang", A, SECRET)
    story.does(c.Confide(A, SECRET), WANG, s.Confided, caucus=(secret,))
    paper = Agreement("written", TERMS, (Owed(item()),), story.now, DIGEST, 3)
    story.does(c.Draft(DIGEST, TERMS), WANG, s.Drafted, state="signing", agreement=paper)
    assert story.case.unmarked == (A, B, "mediator", "committee")
    first = sa.Marked("party", DIGEST, "fingerprint", story.now, A)
    story.does(
        mark(story, "party", party=A, form="fingerprint"), AT_A, s.Marked, agreement=replace(paper, marks=(first,))
    )
    story.after(hours=14)
    seal = story.clock("seal", 3, "working_day")
    second = sa.Marked("party", DIGEST, "signature", story.now, B, image=LETTER, clocks=(seal,))
    story.does(
        mark(story, "party", party=B, image=LETTER), WANG, s.Marked,
        agreement=replace(paper, marks=(first, second)), clocks=(seal,),
    )  # fmt: skip
    committee = sa.Marked("committee", DIGEST, "seal", story.now)
    story.does(mark(story, "committee"), DESK, s.Marked, agreement=replace(paper, marks=(first, second, committee)))
    return story


def test_two_neighbours_from_the_last_mark_to_the_file() -> None:
    story = two_neighbours()
    paper = story.case.agreement
    assert paper is not None
    story.after(days=1)
    last = sa.Marked("mediator", DIGEST, "signature", story.now, by="p-wang")
    confirm, perform = story.clock("confirm", 30), story.clock("perform", 13, of="i1")
    assert perform.due.at == beijing(12, 11)
    assert [(one.left, one.at) for one in confirm.alarms] == [
        (30, beijing(11, 28, 9)), (10, beijing(12, 18, 9)), (3, beijing(12, 25, 9)),
    ]  # fmt: skip
    assert confirm.due.at == beijing(12, 29), "effective on 27 November: 27 December is a Sunday, so the 28th, 24:00"
    whole = replace(paper, marks=(*paper.marks, last), effective_at=story.now)
    clocks = (confirm, story.clock("visit", 30), perform)
    story.does(
        mark(story, "mediator"), WANG, s.Marked, s.TookEffect,
        state="effective", agreement=whole, clocks=clocks, confirm_by=confirm.due,
    )  # fmt: skip
    story.until(beijing(12, 3, 9))
    told = [(one.duty, one.left) for one in story.steps if isinstance(one, s.Reminded)]
    assert told == [("confirm", 30), ("perform", 7)]
    half = replace(whole, owed=(Owed(item(), "part", story.now),))
    story.does(c.Perform("i1", "part", story.now), WANG, s.Performed, agreement=half)
    more = replace(whole, owed=(Owed(item(), "part", story.after(hours=1).now),))
    story.does(c.Perform("i1", "part", story.now), WANG, s.Performed, agreement=more)
    story.after(days=1)
    kept = replace(whole, owed=(Owed(item(), "whole", story.now, evidence=(LETTER,)),))
    archive = story.clock("archive", 30)
    story.does(
        c.Perform("i1", "whole", story.now, A, (LETTER,)), AT_A, s.Performed, s.Fulfilled,
        state="performed", agreement=kept, **story.running(archive, stop="perform"),
    )  # fmt: skip
    story.refuses("not-visited", c.Archive(FILE), DESK)
    visited = sa.Visited(story.now, (A, B), "yes", SAID, 5, by="p-wang")
    story.does(
        c.Visit(story.now, (A, B), "yes", SAID, 5), WANG, s.Visited, visits=(visited,), **story.running(stop="visit")
    )
    story.refuses("file-incomplete", c.Archive(FILE[:-1]), DESK)
    story.does(c.Archive(FILE), DESK, s.Archived, state="archived", clocks=())
    assert (story.case.next_at, story.case.due) == (None, None)
    story.does(c.LinkBack("TJ2"), CLOCK, s.Resurfaced, resurfaced=("TJ2",))


def test_a_whistle_that_was_blown_for_a_case_is_noted_and_gates_nothing() -> None:
    story = accepted()
    story.does(c.NoteWhistle("SH1"), DESK, sa.Whistled, whistles=("SH1",))
    assert story.decide(c.NoteWhistle("SH1"), DESK) == [], "noted is noted"
    story.does(c.NoteWhistle("SH2"), DESK, sa.Whistled, whistles=("SH1", "SH2"))


def test_a_joint_meeting_is_asked_for_and_answered_and_gates_nothing() -> None:
    """By codes, each once and in one order; one at a time; today is still in time; after effect too."""
    story = accepted().gives((c.Assign("p-wang"), DESK))
    today = story.now.date()
    first = sa.MeetingAsked("p-wang", ("owners", "police"), today, words(1))
    ask = c.AskMeeting(("police", "owners", "police"), today, words(1))
    story.does(ask, WANG, sa.MeetingAsked, joint=(Joint(first),))
    assert story.decide(ask, WANG) == []
    no = sa.MeetingAnswered(reason="nobody-can")
    story.does(c.AnswerMeeting(reason="nobody-can"), DESK, sa.MeetingAnswered, joint=(Joint(first, no),))
    assert story.decide(c.AnswerMeeting(reason="nobody-can"), DESK) == [], "answered is answered"
    second = sa.MeetingAsked("p-wang", ("street",), today, words(2))
    story.does(
        c.AskMeeting(("street",), today, words(2)), WANG, sa.MeetingAsked, joint=(Joint(first, no), Joint(second))
    )
    at = story.now + timedelta(days=2)
    yes = sa.MeetingAnswered(at, words(3))
    story.does(c.AnswerMeeting(at, words(3)), DESK, sa.MeetingAnswered, joint=(Joint(first, no), Joint(second, yes)))
    late = effective()
    late.give(c.AskMeeting(("judicial",), late.now.date(), words(4)), WANG)


def test_a_signed_sheet_lies_in_the_file_until_another_takes_its_place() -> None:
    """Of each form and each party one; at any time until the file is closed, before acceptance too."""
    story = accepted().gives((c.Assign("p-wang"), DESK))
    one, other, mine = (sa.Enclosed("identity", (words(n),), of) for n, of in ((1, A), (2, B), (3, A)))
    story.does(c.Enclose("identity", one.pages, A), WANG, sa.Enclosed, enclosed=(one,))
    story.does(c.Enclose("identity", other.pages, B), WANG, sa.Enclosed, enclosed=(one, other))
    story.does(c.Enclose("identity", mine.pages, A), WANG, sa.Enclosed, enclosed=(other, mine))
    rights = sa.Enclosed("rights", (words(4), words(5)))
    story.does(c.Enclose("rights", rights.pages), WANG, sa.Enclosed, enclosed=(other, mine, rights))
    more = sa.Enclosed("rights", (*rights.pages, words(6)))
    story.does(c.Enclose("rights", (words(6),), more=True), WANG, sa.Enclosed, enclosed=(other, mine, more))
    assert story.decide(c.Enclose("rights", (words(5), words(6)), more=True), WANG) == [], "it lies there once"


def test_somebody_is_asked_before_and_between_sessions() -> None:
    """Each is a record of its own; said again it is not another one; it changes nothing else."""
    story = accepted().gives((c.Assign("p-wang"), DESK), (c.Assign("p-li"), DESK))
    first = s.Investigated("p-wang", story.now, words(1), words(2), words(3), words(4), words(5), words(6), words(7))
    ask = c.Investigate(story.now, *(words(n) for n in range(1, 8)))
    story.does(ask, WANG, s.Investigated, investigations=(first,))
    second = s.Investigated("p-li", story.after(hours=1).now, words(1), words(2), words(8))
    story.does(
        c.Investigate(story.now, words(1), words(2), words(8)), LI, s.Investigated, investigations=(first, second)
    )


def test_a_look_at_a_party_s_contact_is_a_step_and_changes_nothing() -> None:
    """Each is one of its own; a danger that is not reported and an end are no bar to the telephone."""
    danger = seated().gives((c.FlagRisk("domestic", SAID), WANG))
    for story in (seated(), danger, effective(), ended()):
        for purpose in ("arrange", "arrange", "safety"):
            before = story.case
            assert story.give(c.LookUp(A, purpose), WANG) == [s.ContactViewed("p-wang", A, purpose)]
            assert story.case == replace(before, version=before.version + 1)


def test_a_session_has_an_end_and_who_wrote_it_down() -> None:
    story = seated().after(hours=2)
    began = story.now.replace(minute=0)
    over = held(began, ended=story.now, recorder=words(3))
    (made,) = story.give(over, WANG)
    assert made == s.SessionHeld(1, began, "p-wang", (A, B), MINUTES, ended=story.now, recorder=words(3))
    assert story.decide(over, WANG) == []


def test_what_is_asked_for_stands_with_the_application() -> None:
    asked = (words(2), words(3))
    story = Story(apply(requests=asked), DESK)
    assert isinstance(story.steps[0], s.Applied)
    assert (story.steps[0].requests, story.case.requests) == (asked, asked)


def test_each_party_is_told_of_the_thirty_days_once() -> None:
    """When it was, not when it was written down; whoever is told knows the court; the court of the application is the
    last word on it."""
    story = effective().after(hours=3)
    at = story.now
    first = sa.ConfirmationTold(A, "paper", at, words(8))
    story.after(hours=1).does(
        c.TellConfirmation(A, "paper", at, words(8)), DESK, sa.ConfirmationTold,
        court=words(8), **story.line(A, confirm_told=first),
    )  # fmt: skip
    second = sa.ConfirmationTold(B, "oral", story.now)
    story.does(
        c.TellConfirmation(B, "oral", story.now), WANG, sa.ConfirmationTold, **story.line(B, confirm_told=second)
    )
    assert story.decide(c.TellConfirmation(B, "screen", story.now, words(9)), WANG) == [], "told is told"
    story.gives(*((c.Answer(one, "confirmation", True), PARTY[one]) for one in (A, B)))
    story.give(c.ApplyConfirmation(story.now, words(9)), DESK)
    assert story.case.court == words(9)


def test_a_visit_says_who_came_what_went_to_court_and_what_may_flare_up() -> None:
    story = effective()
    seen = c.Visit(story.now, (A,), "partly", SAID, None, words(2), words(3))
    visited = sa.Visited(story.now, (A,), "partly", SAID, None, words(2), words(3), "p-desk")
    story.does(seen, DESK, sa.Visited, visits=(visited,), **story.running(stop="visit"))


def test_what_was_marked_is_kept_with_the_draft() -> None:
    """And goes with it when another document takes its place."""
    story = sat()
    story.give(c.Draft(DIGEST, TERMS, words(8)), WANG)
    assert story.case.agreement is not None
    assert story.case.agreement.document == words(8)
    story.give(c.Draft(OTHER, TERMS), WANG)
    assert story.case.agreement.document is None


def test_one_refuses() -> None:
    """One no is enough (art. 17), whatever the other said; the other one is told its routes by notice."""
    story = applied().gives((c.Consent(A, "paper"), DESK)).after(days=1)
    story.does(c.Refuse(B, "screen"), AT_B, s.Ended, **ending(story, "refused", B, party=B))
    assert story.live() == ["archive", "deliver"]
    story.refuses("ended-mediation", c.Consent(B, "screen"), AT_B)
    story.refuses("ended-mediation", c.Accept(CASE), DESK)
    story.refuses("routes-not-delivered", c.Archive(("register", "routes")), DESK)
    story.does(
        c.DeliverRoutes(A, "paper"), DESK, s.RoutesDelivered,
        **story.running(stop="deliver"), **story.line(A, told=True),
    )  # fmt: skip
    story.does(c.Archive(("register", "routes")), DESK, s.Archived, state="archived", clocks=())


def test_a_stop_before_acceptance_is_a_refusal() -> None:
    story = consented()
    story.does(c.Stop(B, "paper"), DESK, s.Ended, **ending(story, "refused", party=B))
    story = consented()
    story.does(c.Stop(A, "screen"), AT_A, s.Ended, **ending(story, "withdrawn", A, party=A))


def test_the_applicant_takes_it_back() -> None:
    story = applied()
    story.does(c.Refuse(A, "oral"), DESK, s.Ended, **ending(story, "withdrawn", party=A))
    assert not any(one.told for one in story.case.lines), "told at the desk is not yet told by notice"


def test_stopped_in_the_third_session() -> None:
    story = sat()
    for n in (2, 3):
        moment = beijing(11, 21 + n, 19)
        story.gives((c.Plan(moment), DESK))
        story.now = moment
        if n == 2:
            story.gives((c.Hold(moment, (A, B), words("m"), n), WANG))
    assert [one.number for one in story.case.sessions if one.held] == [1, 2]
    assert story.live() == ["hold:3", "mediate"]
    story.does(c.Stop(A, "screen"), AT_A, s.Ended, **ending(story, "stopped", A, party=A))
    assert story.live() == ["archive", "deliver"]
    story.refuses("ended-mediation", c.Hold(story.now, (A, B), words("n"), 3), WANG)
    story.refuses("ended-mediation", c.Plan(beijing(12, 1, 9)), DESK)
    story.refuses("ended-mediation", c.Draft(DIGEST, TERMS), WANG)


def test_a_party_stops_with_the_pen_in_its_hand() -> None:
    """All but the seal is there: the agreement has no effect, so the door stays open (art. 23)."""
    story = marked()
    story.gives((mark(story, "mediator"), WANG))
    assert story.case.unmarked == ("committee",)
    story.does(c.Stop(B, "screen"), AT_B, s.Ended, **ending(story, "stopped", B, party=B))
    story.refuses("ended-mediation", mark(story, "committee"), DESK)
    done = effective()
    done.refuses("in-effect", c.Stop(B, "screen"), AT_B)


def test_by_word_of_mouth() -> None:
    """In effect from the day they agreed, without a mark (art. 30); nothing is owed, so it is kept."""
    story = sat()
    said = terms()
    story.refuses("oral-not-agreed", c.AgreeOrally(story.now, said), WANG)
    for party in (A, B):
        story.gives((c.Answer(party, "oral", True), PARTY[party]))
    day = story.now
    story.after(days=2)
    confirm, visit = (story.clock(duty, 30, start=day) for duty in ("confirm", "visit"))
    clocks = (confirm, visit, story.clock("archive", 30))
    story.does(
        c.AgreeOrally(day, said), WANG, s.AgreedOrally, s.TookEffect, s.Fulfilled,
        state="performed", agreement=Agreement("oral", said, (), day, effective_at=day), clocks=clocks,
        confirm_by=confirm.due,
    )  # fmt: skip
    assert story.case.unmarked == ()
    assert confirm.due.start == day
    story.gives((c.Visit(story.now, (A,), "yes", SAID), DESK))
    papers = ("register", "notice", "identity", "record", "visit")
    story.refuses("file-incomplete", c.Archive((*papers, "agreement")), DESK)
    story.gives((c.Archive((*papers, "oral-register")), DESK))


def test_a_part_is_agreed() -> None:
    """What is left in dispute has its routes told with the effect (深圳 26)."""
    story = drafted(terms(item(), partial=True))
    story.gives(*((mark(story, "party", party=one), PARTY[one]) for one in (A, B)), (mark(story, "committee"), DESK))
    took = story.give(mark(story, "mediator"), WANG)[-1]
    assert isinstance(took, sa.TookEffect)
    assert took.routes == ROUTES
    assert isinstance(whole := effective().steps[-1], sa.TookEffect)
    assert whole.routes is None


def test_the_right_to_confirm_lapses_on_the_thirty_first_day() -> None:
    """In effect on Friday 16 January 2026: 15 February is a holiday, the last day is the 24th (DOMAIN 7)."""
    story = effective(at=beijing(1, 16, 9))
    assert story.case.agreement is not None
    assert story.case.agreement.effective_at == beijing(1, 16, 11)
    assert story.case.confirm_by == due(beijing(1, 16, 11), Limit(30, "natural_day"), "调解司法确认申请期限",
                                        story.book.calendar)  # fmt: skip
    story.gives(*((c.Answer(one, "confirmation", True), PARTY[one]) for one in (A, B)))
    while story.case.confirmation == "open":
        story.until(story.case.next_at)  # type: ignore[arg-type]
    told = [(one.left, one.duty) for one in story.steps if isinstance(one, s.Reminded) and one.duty == "confirm"]
    assert told == [(30, "confirm"), (10, "confirm"), (3, "confirm")]
    assert story.now == beijing(2, 25), "24 February is over"
    assert story.steps[-1] == sa.ConfirmationLapsed(story.now)
    assert (story.case.confirmation, story.case.clock("confirm")) == ("lapsed", None)
    story.refuses("confirm-too-late", c.ApplyConfirmation(story.now), DESK)
    story.gives((c.Perform("i1", "whole", story.now, A), AT_A))


def test_the_court_confirms() -> None:
    story = joint().after(days=3)
    ruling = story.clock("ruling", 30)
    story.does(
        c.ApplyConfirmation(story.now), DESK, s.ConfirmationApplied,
        confirmation="applied", **story.running(ruling, stop="confirm"),
    )  # fmt: skip
    story.does(
        c.RecordRuling("confirmed", LETTER), DESK, s.ConfirmationRuled,
        confirmation="confirmed", confirm_words=LETTER, **story.running(stop="ruling"),
    )  # fmt: skip
    assert story.steps[-1] == sa.ConfirmationRuled("confirmed", LETTER)
    story.refuses("already-ruled", c.ApplyConfirmation(story.now), DESK)


def test_the_court_refuses_and_the_routes_are_told() -> None:
    story = confirming()
    story.gives((c.RecordRuling("refused", LETTER), DESK))
    assert story.steps[-1] == sa.ConfirmationRuled("refused", LETTER, ("court",))


def test_taken_back_in_time_it_may_be_asked_for_again() -> None:
    story = confirming()
    story.gives((c.RecordRuling("withdrawn", LETTER), DESK))
    assert story.case.clock("ruling") is None
    story.after(days=2)
    again = story.clock("ruling", 30)
    story.does(
        c.ApplyConfirmation(story.now), DESK, s.ConfirmationApplied,
        confirmation="applied", confirm_words=None, **story.running(again),
    )  # fmt: skip
    late = confirming().gives((c.RecordRuling("withdrawn", LETTER), DESK))
    late.now = late.case.confirm_by.at  # type: ignore[union-attr]
    late.refuses("confirm-too-late", c.ApplyConfirmation(late.now), DESK)


def test_a_breach() -> None:
    """Late: urged every working day; then the routes are told, and the file may be closed without the money."""
    story = effective()
    story.refuses("not-due-yet", c.Breach("i1", SAID), DESK)
    story.gives((c.Perform("i1", "part", story.now), DESK), (c.Visit(story.now, (A,), "no", SAID), DESK))
    story.until(beijing(12, 11))
    urged = story.steps[-1]
    assert isinstance(urged, s.Urged)
    late = story.clock("perform", 1, "working_day", "i1", level=1)
    assert (urged, story.case.level) == (s.Urged("perform", 1, (late,), "i1"), 1)
    assert story.case.clock("perform", "i1") == late
    story.until(late.due.at)
    assert story.case.clock("perform", "i1").level == 2  # type: ignore[union-attr]
    assert story.case.agreement is not None
    broken = replace(story.case.agreement, owed=(replace(story.case.agreement.owed[0], breached=SAID),))
    archive = story.clock("archive", 30)
    story.does(
        c.Breach("i1", SAID), DESK, s.Breached, agreement=broken, **story.running(archive, stop="perform"),
    )  # fmt: skip
    assert story.steps[-1] == sa.Breached("i1", SAID, ("court",), (archive,))
    story.refuses("confirmation-open", c.Archive(FILE), DESK)
    story.until(beijing(12, 22))
    assert story.case.confirmation == "lapsed"
    story.gives((c.Archive(FILE), DESK))


def test_paid_after_all() -> None:
    story = effective().until(beijing(12, 11)).gives((c.Breach("i1", SAID), DESK))
    story.gives((c.Perform("i1", "whole", story.now, A), AT_A))
    assert (story.case.state, story.case.agreement.owed[0].breached) == ("performed", SAID)  # type: ignore[union-attr]


def test_before_a_court() -> None:
    story = effective()
    archive = story.clock("archive", 30)
    story.does(c.Sue(B), AT_B, s.Sued, sued=(B,), **story.running(archive))
    story.gives((c.Visit(story.now, (A,), "no", SAID), DESK)).until(beijing(12, 22))
    story.gives((c.Archive(FILE), DESK))


def test_a_mediator_turns_out_to_be_a_relative() -> None:
    """In mid-case: what that mediator does is refused, the other one's session too, until they are gone."""
    story = sat()
    story.gives((c.Assign("p-li"), DESK), (c.Confide(A, SECRET), WANG))
    story.parties = (*PARTIES, Party("respondent", person="p-wang"))
    story.refuses("recused", c.Hold(story.now, (A,), SAID), WANG)
    story.refuses("mediator-recused", c.Hold(story.now, (A,), SAID), LI)
    left = s.MediatorLeft("p-wang", "recused")
    story.does(c.Release("p-wang", "recused"), DESK, s.MediatorLeft, mediators=(Mediator("p-li", False),), gone=(left,))
    story.gives((c.Hold(story.now, (A,), SAID), LI))
    story.parties = PARTIES
    story.refuses("mediator-recused", c.Assign("p-wang"), DESK)
    story.refuses("not-your-mediation", c.Confide(A, words("x")), WANG)


def test_who_withdraws_takes_their_signature_along() -> None:
    story = marked()
    story.gives((mark(story, "mediator"), WANG), (c.Assign("p-li"), DESK), (c.Release("p-wang", "recused"), WANG))
    assert story.case.unmarked == ("mediator", "committee")
    story.gives((mark(story, "committee"), DESK), (mark(story, "mediator"), LI))
    assert story.case.state == "effective"


def test_a_party_does_not_accept_the_mediator() -> None:
    """选择或者接受 (art. 23): a no and they withdraw, without a reason given (深圳 23)."""
    story = seated()
    ask = c.Answer(B, "mediator", False, "p-wang")
    question = Question("mediator", "p-wang", no=frozenset((B,)))
    left = s.MediatorLeft("p-wang", "challenged")
    story.does(ask, AT_B, s.Answered, s.MediatorLeft, questions=(question,), mediators=(), gone=(left,))
    story.refuses("mediator-missing", c.Plan(story.after(days=1).now.replace(year=2027)), DESK)
    story.refuses("mediator-challenged", c.Assign("p-wang"), DESK)
    story.refuses("not-chosen-by-all", c.Assign("p-li", True), DESK)
    for party in (A, B):
        story.gives((c.Answer(party, "mediator", True, "p-li"), PARTY[party]))
    story.does(c.Assign("p-li", True), DESK, s.MediatorAssigned, mediators=(Mediator("p-li", True),))
    story.gives((c.Answer(B, "mediator", True, "p-wang"), AT_B), (c.Assign("p-wang"), DESK))


def test_a_party_accepts_the_mediator() -> None:
    story = seated()
    question = Question("mediator", "p-wang", yes=frozenset((B,)))
    story.does(c.Answer(B, "mediator", True, "p-wang"), AT_B, s.Answered, questions=(question,))


def test_a_danger_is_reported_before_anything_goes_on() -> None:
    """Art. 25; and the report is owed even when the mediation is over."""
    story = seated()
    report = story.clock("report", 2, "natural_hour")
    assert report.due.at == beijing(11, 20, 11)
    story.does(
        c.FlagRisk("violence", SAID), WANG, s.RiskFlagged, risks=(SAID,), owing=("police",), **story.running(report)
    )
    story.refuses("report-first", held(story.now), WANG)
    story.refuses("report-first", c.Plan(story.now.replace(year=2027)), DESK)
    story.refuses("report-first", c.Confide(A, SECRET), WANG)
    story.until(report.due.at)
    late = story.clock("report", 1, "working_day", level=1)
    assert story.steps[-1] == s.Urged("report", 1, (late,))
    story.does(c.Stop(A, "screen"), AT_A, s.Ended, **ending(story, "stopped", A, party=A))
    assert story.live() == ["archive", "deliver", "report"]
    story.gives((c.DeliverRoutes(B, "paper"), DESK))
    story.refuses("report-first", c.Archive(HALT), DESK)
    done = c.Report("police", story.now, LETTER)
    story.does(done, DESK, s.Reported, owing=(), reports=(LETTER,), **story.running(stop="report"))
    story.gives((c.Archive(HALT), DESK))
    story.gives((c.FlagRisk("violence", words("y")), DESK))
    assert story.live() == ["report"]
    assert story.case.state == "archived"


def test_reported_it_goes_on() -> None:
    story = sat().gives((c.FlagRisk("crime", SAID), WANG))
    story.refuses("report-first", c.Draft(DIGEST, TERMS), WANG)
    story.gives((c.Report("police", story.now, LETTER), WANG), (c.Draft(DIGEST, TERMS), WANG))


def test_a_child_is_in_danger() -> None:
    """A restricted file, and every body that must know (未成年人保护法 11)."""
    story = sat()
    report = story.clock("report", 2, "natural_hour")
    bodies = ("police", "civil-affairs")
    story.does(
        c.FlagRisk("child", SAID), WANG, s.RiskFlagged,
        risks=(SAID,), owing=bodies, restricted=True, **story.running(report),
    )  # fmt: skip
    story.after(hours=1)
    both = (SAID, words("y"))
    story.does(c.FlagRisk("violence", words("y")), WANG, s.RiskFlagged, risks=both)
    story.does(c.Report("police", story.now, LETTER), WANG, s.Reported, owing=bodies[1:], reports=(LETTER,))
    story.refuses("nothing-to-report", c.Report("police", story.now, words("z")), WANG)
    story.does(
        c.Report("civil-affairs", story.now, words("z")), DESK, s.Reported,
        owing=(), reports=(LETTER, words("z")), **story.running(stop="report"),
    )  # fmt: skip


def test_violence_at_home_is_a_danger_from_the_first_day() -> None:
    """DOMAIN 8.3: J10; and it is for the police, mediated is only what it cost."""
    story = applied(category="J10")
    assert [type(one) for one in story.steps] == [s.Applied, s.RiskFlagged]
    assert (story.case.restricted, story.case.owing, story.live()) == (True, ("police",), ["accept", "report"])
    story.gives((c.Check(), DESK))
    assert story.case.bars == ("reserved",)
    story.gives((c.Check(civil=True), DESK))
    assert (story.case.bars, story.case.civil) == ((), True)


def test_not_accepted() -> None:
    story = consented()
    story.does(c.Check(("court", "court")), DESK, s.Checked, bars=("court",))
    story.refuses("not-acceptable", c.Accept(CASE), DESK)
    over = ending(story, "declined", words=SAID, bars=("court",))
    ended = over["ending"]
    assert isinstance(ended, sa.Ended)
    over["ending"] = replace(ended, routes=("authority", "court", "arbitration"))
    story.does(c.Decline(SAID), DESK, s.Ended, **over)


def test_nobody_decides_on_an_application() -> None:
    """Urged each working day until the committee accepts or declines; the fields of the clock say how often."""
    story = applied()
    late = []
    for level in (1, 2, 3):
        story.ticks(s.Urged, level=level, **next_late(story, "accept", level, late))
    assert [one.level for one in story.steps if isinstance(one, s.Urged)] == [1, 2, 3]
    assert late == [beijing(11, 26, 17, 30), beijing(11, 27, 17, 30), beijing(11, 30, 17, 30)]


def next_late(story: Story, duty: str, level: int, moments: list[object]) -> dict[str, object]:
    start = story.case.next_at
    clock = story.clock(duty, 1, "working_day", start=start, level=level)  # type: ignore[arg-type]
    moments.append(clock.due.at)
    return story.running(clock)


def test_the_month_is_over() -> None:
    """With two reminders; then it ends by itself and the routes are told (宁波 27)."""
    story = sat()
    for left in (10, 3):
        clock = replace(story.case.clock("mediate"), told=left)  # type: ignore[type-var]
        story.ticks(s.Reminded, **story.running(clock))
    story.now = story.case.next_at  # type: ignore[assignment]
    assert story.now == beijing(12, 22)
    story.does(c.Tick(), CLOCK, s.Ended, **ending(story, "time-over"))


def test_a_month_of_another_city_is_thirty_days() -> None:
    """DOMAIN 7: accepted on 31 January, one month: 28 February, a make-up workday; thirty days end on 2 March."""
    start = beijing(1, 31, 9)
    story = accepted(at=start)
    assert story.case.limit is not None
    assert story.case.limit.at == beijing(3, 1)
    book = story.book.mediation
    limits = book.limits | {"mediate": replace(book.limits["mediate"], length=30, unit="natural_day")}
    city = replace(story.book, mediation=replace(book, limits=limits))
    assert accepted(at=start, book=city).case.limit.at == beijing(3, 3)  # type: ignore[union-attr]
    assert accepted(at=beijing(9, 3, 9)).case.limit.at == beijing(10, 9)  # type: ignore[union-attr]


def test_all_want_more_time() -> None:
    """By agreement of all, from the old end on; one time, never afterwards."""
    story = accepted()
    story.gives((c.Answer(A, "extension", True, "15"), AT_A))
    longer = story.clock("mediate", 45)
    question = Question("extension", "15", frozenset((A, B)))
    story.does(
        c.Answer(B, "extension", True, "15"), DESK, s.Answered, s.Extended,
        questions=(question,), extensions=1, clocks=(longer,), limit=longer.due,
    )  # fmt: skip
    assert longer.due.at == beijing(1, 5, year=2027), "4 January 2027, 24:00"
    assert longer.due.provisional, "nobody knows the holidays of 2027 yet"
    story.refuses("no-extension-left", c.Answer(A, "extension", True, "5"), AT_A)


def test_another_document_voids_the_marks() -> None:
    """And the month runs on from where it stood."""
    story = marked()
    limit = story.case.limit
    assert (story.live(), limit is not None) == (["seal"], True)
    story.refuses("other-document", mark(story, "committee", digest=OTHER), DESK)
    month = story.clock("mediate", 30, start=limit.start)  # type: ignore[union-attr]
    paper = Agreement("written", TERMS, (Owed(item()),), story.after(hours=1).now, OTHER, 3)
    story.does(c.Draft(OTHER, TERMS), WANG, s.Drafted, agreement=paper, clocks=(month,))
    assert story.case.unmarked == (A, B, "mediator", "committee")
    story.refuses("other-document", mark(story, "party", party=A), AT_A)
    story.gives(*((mark(story, "party", party=one, digest=OTHER), PARTY[one]) for one in (A, B)))
    assert story.live() == ["seal"]


def test_open_only_with_everybodys_yes() -> None:
    story = seated()
    assert not story.case.open
    story.gives((c.Answer(A, "open", True), AT_A))
    assert not story.case.open
    story.gives((c.Answer(B, "open", True), DESK))
    assert story.case.open
    story.gives((c.Answer(A, "open", False), AT_A))
    assert not story.case.open


def test_an_uncle_helps_once_all_agree() -> None:
    story = seated()
    helper = c.Invite("p-uncle", "relative")
    story.does(helper, WANG, s.Invited, helpers=(s.Invited("p-uncle", "relative"),))
    story.gives((c.Answer(A, "invitee", True, "p-uncle"), AT_A))
    story.refuses("invitee-not-agreed", held(story.now, invitees=("p-uncle",)), WANG)
    story.gives((c.Answer(B, "invitee", True, "p-uncle"), AT_B), (held(story.now, invitees=("p-uncle",)), WANG))


def test_each_helper_needs_everybodys_yes() -> None:
    story = seated().gives((c.Invite("p-uncle", "relative"), WANG), (c.Invite("p-expert", "expert"), WANG))
    for party in (A, B):
        story.gives((c.Answer(party, "invitee", True, "p-uncle"), PARTY[party]))
    story.refuses("invitee-not-agreed", held(story.now, invitees=("p-uncle", "p-expert")), WANG)


def test_in_effect_is_when_the_last_mark_was_made_not_when_it_was_recorded() -> None:
    """The seal of Friday is recorded on Monday; the mediator signed on Saturday: Saturday it is (DOMAIN T11)."""
    story = marked()
    friday, saturday = story.now, story.after(days=1).now
    story.gives((mark(story, "mediator"), WANG))
    story.after(days=2).gives((mark(story, "committee", at=friday), DESK))
    assert story.case.agreement is not None
    assert story.case.agreement.effective_at == saturday
    for duty in ("confirm", "visit"):
        assert story.case.clock(duty) == story.clock(duty, 30, start=saturday)
    assert story.case.clock("perform", "i1") == story.clock("perform", 19, of="i1", start=saturday)


def test_with_the_effect_no_session_is_waited_for() -> None:
    story = sat()
    story.gives((c.Plan(beijing(11, 27, 19)), DESK), (c.Draft(DIGEST, TERMS), WANG))
    story.gives(*((mark(story, "party", party=one), PARTY[one]) for one in (A, B)))
    assert story.live() == ["hold:2", "seal"]
    story.gives((mark(story, "mediator"), WANG), (mark(story, "committee"), DESK))
    assert story.live() == ["confirm", "perform:i1", "visit"]


def test_what_is_due_soon_or_was_before_the_effect() -> None:
    """No reminder of seven days where five are left; what was to be done on the spot is due the day after."""
    items = (item("i1", date(2026, 11, 25)), item("i2", date(2026, 11, 20)), item("i3", date(2026, 11, 1)))
    story = drafted(terms(*items))
    for one, by in ((A, AT_A), (B, AT_B)):
        story.gives((mark(story, "party", party=one), by))
    story.gives((mark(story, "mediator"), WANG), (mark(story, "committee"), DESK))
    clocks = [story.case.clock("perform", one.item) for one in items]
    assert [one.due.at for one in clocks if one] == [beijing(11, 26), beijing(11, 24), beijing(11, 24)], "a weekend"
    assert [[alarm.left for alarm in one.alarms] for one in clocks if one] == [[1], [1], [1]]


def test_a_stairwell_speaks_through_five() -> None:
    """A group consents and signs through whom it chose; three parties, four copies."""
    sides = (Side(A, applicant=True), Side(B), Side(D, "group"))
    story = checked_of(sides)
    story.refuses("representative-needed", c.Consent(D, "paper"), DESK)
    five = tuple(f"r{n}" for n in range(5))
    story.refuses("too-many-representatives", c.Represent(D, (*five, "r5")), DESK)
    story.does(c.Represent(D, five), PARTY[D], s.Represented, **story.line(D, representatives=five))
    story.refuses("representative-needed", c.Consent(D, "paper", "r9"), DESK)
    for party, by in ((A, ""), (B, ""), (D, "r2")):
        story.gives((c.Consent(party, "paper", by), DESK))
    story.gives((c.Accept(CASE), DESK), (c.Assign("p-wang"), DESK))
    story.gives(*((c.NotifyRights(one, "oral"), WANG) for one in story.ids))
    story.gives((held(story.now), WANG), (c.Draft(DIGEST, TERMS), WANG))
    assert story.case.agreement.copies == 4  # type: ignore[union-attr]
    story.refuses("representative-needed", mark(story, "party", party=D), PARTY[D])
    story.gives((mark(story, "party", party=D, by="r4"), PARTY[D]))


def checked_of(sides: tuple[Side, ...]) -> Story:
    return applied(sides=sides).gives((c.Check(), DESK))


def test_an_agent_with_special_authority_signs() -> None:
    story = drafted()
    letter = s.Empowered(B, "p-lawyer", LETTER, False)
    story.does(c.Empower(B, "p-lawyer", LETTER), AT_B, s.Empowered, **story.line(B, agents=(letter,)))
    story.refuses("authority-too-small", mark(story, "party", party=B, by="p-lawyer", image=SAID), WANG)
    more = replace(letter, special=True)
    story.does(c.Empower(B, "p-lawyer", LETTER, True), AT_B, s.Empowered, **story.line(B, agents=(more,)))
    story.gives((mark(story, "party", party=B, by="p-lawyer", image=SAID), WANG))
    general = applied().gives((c.Empower(B, "p-lawyer", LETTER), AT_B))
    general.gives((c.Refuse(B, "oral", "p-lawyer"), DESK))
    assert general.case.ending.by == "p-lawyer"  # type: ignore[union-attr]


def test_a_session_that_does_not_take_place() -> None:
    story = seated()
    moment = story.now.replace(hour=11)
    story.gives((c.Plan(moment, True), DESK))
    plan = story.case.sessions[0]
    off = (replace(plan, adjourned=SAID),)
    story.does(c.Adjourn(1, SAID), DESK, s.SessionAdjourned, sessions=off, **story.running(stop="hold"))
    story.refuses("session-over", c.Hold(story.now, (A,), MINUTES, 1), WANG)
    story.refuses("session-over", c.Reply(A, 1, "no"), AT_A)
    forgotten = seated()
    forgotten.gives((c.Plan(moment), DESK)).until(beijing(11, 25, 17, 30))
    assert isinstance(urged := forgotten.steps[-1], s.Urged)
    assert (urged.duty, urged.of) == ("hold", "1")


def test_a_file_without_a_session_needs_no_record() -> None:
    story = seated()
    story.gives((c.Plan(story.now.replace(hour=11)), DESK), (c.Adjourn(1, SAID), DESK), (c.Stop(A, "screen"), AT_A))
    story.gives((c.DeliverRoutes(B, "paper"), DESK))
    story.gives((c.Archive(("register", "notice", "identity", "routes")), DESK))


def test_the_committee_gives_up() -> None:
    story = sat()
    story.does(c.End("no-prospect", SAID), WANG, s.Ended, **ending(story, "no-prospect", words=SAID))
    crime = sat().gives((c.End("crime", SAID), DESK))
    assert crime.case.ending.routes == ("police", "court")  # type: ignore[union-attr]


@pytest.mark.parametrize("story", [performed(), ended(), notified()], ids=["performed", "ended", "notified"])
def test_a_new_calendar_mends_what_was_a_guess(story: Story) -> None:
    """Only what was provisional; a step even where the day stays."""
    assert not story.case.provisional
    assert story.decide(c.Recompute(), CLOCK) == []


def test_recomputed() -> None:
    late = accepted(at=beijing(12, 20, 9))
    assert late.case.provisional
    year = Year(2027, {date(2027, 1, 20): "假"}, {})
    late.book = replace(late.book, calendar=Calendar.of([*late.book.calendar.years.values(), year]))
    month = late.clock("mediate", 31)
    assert month.due.at == beijing(1, 22, year=2027)
    late.does(c.Recompute(), CLOCK, s.Recomputed, clocks=(month,), limit=month.due)
    assert late.decide(c.Recompute(), CLOCK) == []


def test_what_was_certain_stays() -> None:
    """A notice that is changed afterwards moves no day that somebody was told (DOMAIN 7.5)."""
    story = accepted()
    year = story.book.calendar.years[2026]
    changed = replace(year, off=year.off | {date(2026, 12, 21): "假"})
    story.book = replace(story.book, calendar=Calendar.of([*story.book.calendar.years.values(), changed]))
    assert story.decide(c.Recompute(), CLOCK) == []


def test_the_highest_level_is_remembered() -> None:
    story = applied().until(beijing(11, 26, 17, 30))
    assert story.case.level == 2
    story.gives((c.Refuse(B, "screen"), AT_B)).until(beijing(12, 2, 9))
    assert isinstance(urged := story.steps[-1], s.Urged)
    assert (urged.duty, urged.level, story.case.level) == ("deliver", 1, 2)


def test_a_reminder_stays_given_when_the_calendar_comes() -> None:
    story = accepted(at=beijing(12, 20, 9)).until(beijing(1, 15, year=2027))
    assert story.case.clocks[0].told == 10
    years = story.book.calendar.years
    known = Calendar.of([*years.values(), Year(2027, {}, {})])
    story.book = replace(story.book, calendar=known)
    story.give(c.Recompute(), CLOCK)
    assert (story.case.clocks[0].told, story.case.provisional) == (10, False)


def test_a_sweep_that_was_down_gives_the_last_reminder_only() -> None:
    story = accepted()
    story.now = beijing(12, 19)
    assert story.give(c.Tick(), CLOCK) == [s.Reminded("mediate", 3)]
    assert story.give(c.Tick(), CLOCK) == []


def test_the_committees_own_initiative_and_a_ticket() -> None:
    own = applied(source="own", by=DESK, sides=(Side(A), Side(B)))
    assert not any(one.applicant for one in own.case.lines)
    ticket = applied(source="ticket", ticket="HY000000001", by=CLOCK)
    assert ticket.case.ticket == "HY000000001"
    court = applied(source="referral", referrer="court", by=CLOCK, before="TJ0")
    assert (court.case.referrer, court.case.before) == ("court", "TJ0")
    assert applied(by=AT_A).case.lines[0].applicant
