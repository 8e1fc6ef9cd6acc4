"""Whole stories of whistles (吹哨报到), each asserting the whole state after every step."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from huiyin.core.calendar import Calendar
from huiyin.core.deadline import Limit
from huiyin.core.scene import CLOCK
from huiyin.core.staff import Party
from huiyin.core.whistle import Whistle
from huiyin.core.whistle import commands as c
from huiyin.core.whistle import steps as s
from huiyin.core.whistle.state import Objection, Pause
from huiyin.core.words import Sealed
from tests.core.whistling import (
    BOOK,
    BOSS,
    CITY,
    COLLEAGUE,
    COMMUNITY,
    FIRE,
    HALL,
    LEAD,
    LEADER,
    MARKET,
    PICTURE,
    POLICE,
    SAID,
    STREET,
    TEAM,
    TRIED,
    WHY,
    Story,
    acknowledged,
    arrived,
    ask,
    at_department,
    beijing,
    blow,
    blown,
    called,
    confirmed,
    done,
    objected,
    replied,
)
from tests.core.world import AT, spot

THERE = c.Position(39.9042, 116.4074)
COMMAND = at_department(CITY)


def test_one_department_from_the_whistle_to_both_ratings() -> None:
    story = Story(blow())
    approve = story.clock("approve", BOSS)
    assert approve.watch.due.at == beijing(11, 23, 17, 30), "Friday: one working day is Monday's close"
    assert story.whistle == Whistle(
        "W1", 1, "approving", "daily", "ticket", "B04", spot(), "no-power", WHY, LEAD, HALL, "p-blower", AT,
        tickets=("HY000000001",), tried=TRIED, clocks=(approve,),
    )  # fmt: skip
    story.after(hours=1)
    clocks = tuple(story.clock(duty, CITY) for duty in ("acknowledge", "reply"))
    lines = story.called(*LEAD)
    story.does(c.Approve(), LEADER, s.Approved, s.Called, state="called", approval="given", lines=lines, clocks=clocks)
    assert story.whistle.due == clocks[0].watch.due
    assert clocks[1].watch.due.at == beijing(11, 27, 17, 30), "five working days from the call"
    over = story.running(stop=[("acknowledge", CITY)]) | story.line(CITY, person="p-城管")
    story.does(c.Acknowledge("p-城管"), COMMAND, s.Acknowledged, **over)
    story.does(c.Progress(SAID), COMMAND, s.Progressed)
    story.after(days=3)
    confirm = story.clock("confirm", HALL)
    reply = s.Replied(CITY, story.now, ("street",), SAID, (confirm,))
    story.does(done(story.now), COMMAND, s.Replied, state="replied", reply=reply, clocks=(confirm,))
    rate = (story.clock("rate", HALL), story.clock("rate", CITY))
    story.does(c.Confirm(pictures=(PICTURE,)), STREET, s.Confirmed, state="confirmed", clocks=rate)
    assert isinstance(step := story.steps[-1], s.Confirmed)
    assert (step.on_site, step.unanswered, step.person) == ("yes", (), "p-blower")
    one = s.DepartmentRated(CITY, 5, 4, 3)
    story.does(c.RateDepartment(CITY, 5, 4, 3), STREET, s.DepartmentRated, ratings=(one,), clocks=rate[1:])
    ended = {"state": "closed", "outcome": "rated", "closed_at": story.now, "clocks": ()}
    back = s.BlowerRated(CITY, "partly", 4)
    story.does(c.RateBlower("partly", 4), COMMAND, s.BlowerRated, s.Closed, rated_back=back, **ended)
    assert story.whistle.next_at is None
    assert story.whistle.due is None
    heard = s.ResidentHeard("HY000000001", "no", 2)
    story.does(c.Hear("HY000000001", "no", 2), CLOCK, s.ResidentHeard, heard=(heard,))
    again = s.ResidentHeard("HY000000001", "yes")
    story.does(c.Hear("HY000000001", "yes"), CLOCK, s.ResidentHeard, heard=(again,))


def test_lead_and_three_others_one_late_one_objecting() -> None:
    story = Story(blow("enforcement", asks=TEAM))
    story.give(c.Approve(), COLLEAGUE)
    assert story.live() == sorted(
        [("acknowledge", one) for one in (CITY, POLICE, FIRE, MARKET)]
        + [("arrive", one) for one in (CITY, POLICE, FIRE, MARKET)]
        + [("reply", CITY), *(("answer", one) for one in (POLICE, FIRE, MARKET))]
    )
    assert story.whistle.due is not None
    assert story.whistle.due.at == beijing(11, 20, 14, 30), "four working hours from nine, over lunch"
    for post in (CITY, POLICE, FIRE, MARKET):
        over = story.running(stop=[("acknowledge", post)]) | story.line(post, person="p-x")
        story.does(c.Acknowledge("p-x"), at_department(post), s.Acknowledged, **over)
    # The market regulator objects and stays bound; the street says that nobody has to come in its place.
    rule = story.clock("rule", HALL, MARKET)
    objection = story.line(MARKET, objection=Objection("not-our-duty", SAID))
    story.does(c.Object("not-our-duty", SAID), at_department(MARKET), s.Objected, **objection, **story.running(rule))
    without = tuple(one for one in story.whistle.lines if one.post != MARKET)
    left = tuple(one for one in story.whistle.clocks if MARKET not in (one.post, one.of))
    story.does(c.Rule(MARKET, True), COLLEAGUE, s.ObjectionRuled, lines=without, clocks=left)
    for post in (CITY, POLICE, FIRE):
        came = s.Arrived(post, story.now, spot(), "yes", pictures=(PICTURE,))
        over = story.running(stop=[("arrive", post)]) | story.line(post, arrived=came)
        story.does(c.Arrive(story.now, spot(), pictures=(PICTURE,)), at_department(post), s.Arrived, **over)
    over = story.running(stop=[("answer", POLICE)]) | story.line(POLICE, answered=SAID)
    story.does(c.Answer(SAID), at_department(POLICE), s.Answered, **over)
    # The fire brigade lets its five days go by.
    step = story.until("answer", FIRE)
    assert isinstance(step, s.Supervised)
    late = story.watch(Limit(1, "working_day"), "督办时限")
    assert step == s.Supervised("lapsed", "answer", FIRE, 1, late)
    assert (story.whistle.level, story.whistle.late) == (1, (("answer", FIRE),))
    assert story.now == beijing(11, 27, 17, 30)
    assert isinstance(story.until("answer", FIRE, 2), s.Supervised)
    assert (story.whistle.level, story.whistle.late) == (2, (("answer", FIRE),))
    # The lead carries all: it replies, and the late one still owes its part until the blower has looked.
    story.give(done(story.now), COMMAND)
    assert story.live() == [("answer", FIRE), ("confirm", HALL)]
    (sure,) = story.give(c.Confirm(), STREET)
    assert isinstance(sure, s.Confirmed)
    assert (sure.on_site, sure.unanswered) == ("unproven", (FIRE,))
    for post in (CITY, POLICE):
        story.give(c.RateDepartment(post, 5, 5, 5, 5), STREET)
    assert story.live() == [("rate", CITY), ("rate", HALL)]
    story.give(c.RateBlower("yes", 5), COMMAND)
    assert story.whistle.state == "confirmed", "one department is not rated yet"
    story.give(c.RateDepartment(FIRE, 1, 1, 1, 1), STREET)
    assert (story.whistle.state, story.whistle.outcome) == ("closed", "rated")


def test_an_emergency_is_approved_afterwards() -> None:
    story = Story(blow("emergency", asks=(*LEAD, ask(FIRE)), tried=()), COMMUNITY)
    assert [type(one) for one in story.steps] == [s.Blown, s.Called], "the community calls at once"
    approve = story.clock("approve", BOSS)
    team = ("acknowledge", "arrive", "reply"), ("acknowledge", "arrive", "answer")
    clocks = [story.clock(duty, post) for post, duties in zip((CITY, FIRE), team, strict=True) for duty in duties]
    assert story.whistle.clocks == (approve, *clocks)
    assert [one.watch.due.at - AT for one in clocks[:3]] == [timedelta(minutes=n) for n in (10, 60, 120)]
    story.after(minutes=3).give(c.Acknowledge("p-城管"), COMMAND)
    story.does(c.Approve(), STREET, s.Approved, approval="given", **story.running(stop=[("approve", BOSS)]))
    assert [one.duty for one in story.whistle.clocks if one.post == CITY] == ["arrive", "reply"]


def test_an_emergency_that_nobody_approves_is_supervised_not_void() -> None:
    story = called("emergency")
    step = story.until("approve", BOSS, 2)
    assert isinstance(step, s.Supervised)
    assert (step.duty, step.level, story.now) == ("approve", 2, AT + timedelta(hours=24))
    assert story.whistle.state == "called"
    assert story.whistle.approval == "waiting"
    over = {"approval": "declined"} | story.running(stop=[("approve", BOSS)])
    story.does(c.Decline("not-enough", SAID), LEADER, s.Declined, **over)
    story.give(c.Acknowledge("p-城管"), COMMAND)
    assert story.whistle.lines[0].person == "p-城管", "the work goes on"


def test_an_emergency_is_not_confirmed_before_its_approval() -> None:
    story = replied("emergency")
    assert story.live() == [("approve", BOSS), ("confirm", HALL)]
    story.refuses("not-approved", c.Confirm(), STREET)
    story.give(c.Decline("own-duty", SAID), LEADER)
    story.does(c.Confirm(), STREET, s.Confirmed, state="confirmed",
               clocks=(story.clock("rate", HALL), story.clock("rate", CITY)))  # fmt: skip


def test_returned_twice_then_supervised() -> None:
    story = replied()
    redo = Limit(3, "working_day")
    clock = story.clock("reply", CITY, limit=redo)
    back = {"state": "called", "reply": None, "clocks": (clock,)}
    (step,) = story.does(c.Return(SAID), STREET, s.Returned, returned=1, **back)
    assert step == s.Returned(SAID, 1, (clock,))
    story.after(hours=2).give(done(story.now), COMMAND)
    clock = story.clock("reply", CITY, limit=redo)
    back = {"state": "called", "reply": None, "clocks": (replace(clock, level=2),)}
    _, sup = story.does(c.Return(SAID), STREET, s.Returned, s.Supervised, returned=2, level=2, **back)
    assert sup == s.Supervised("returned", "reply", CITY, 2, clock.watch)
    assert story.whistle.late == (), "returned is not late"
    assert isinstance(story.until("reply", CITY, 3), s.Supervised)
    assert story.whistle.late == (("reply", CITY),)
    story.give(done(story.now), COMMAND)
    story.give(c.Return(SAID), STREET)
    assert (story.whistle.returned, story.whistle.level) == (3, 3)
    assert story.whistle.clocks[0].level == 2, "the third return is supervised again, from its beginning"


def test_a_wrong_department_is_readdressed_by_the_ruling() -> None:
    story = called("enforcement", asks=(*LEAD, ask(POLICE)))
    rule = story.clock("rule", HALL, CITY)
    over = story.line(CITY, objection=Objection("other-department", SAID)) | story.running(rule)
    story.does(c.Object("other-department", SAID), COMMAND, s.Objected, **over)
    lead = story.whistle.lead
    assert lead is not None
    assert lead.post == CITY, "bound until the ruling"
    assert ("acknowledge", CITY) in story.live(), "and its clocks run"
    story.give(c.Acknowledge("p-城管"), COMMAND)
    story.after(hours=2)
    fresh = tuple(story.clock(duty, FIRE) for duty in ("acknowledge", "arrive", "reply"))
    (police,) = (one for one in story.whistle.lines if one.post == POLICE)
    new = replace(story.called(c.Ask(FIRE, lead.words, True))[0], bound=True)
    theirs = tuple(one for one in story.whistle.clocks if one.post == POLICE)
    ruled = c.Rule(CITY, True, FIRE, SAID)
    (step,) = story.does(ruled, COLLEAGUE, s.ObjectionRuled, lines=(police, new), clocks=(*theirs, *fresh))
    assert step == s.ObjectionRuled(CITY, True, "other-department", "B04", story.now, FIRE, fresh, SAID)
    story.refuses("not-your-whistle", c.Acknowledge("p-城管"), COMMAND)
    story.refuses("designated", c.Object("not-our-duty", SAID), at_department(FIRE))


def test_a_co_department_may_become_the_lead() -> None:
    story = objected("enforcement", asks=(*LEAD, ask(POLICE)))
    story.give(c.Object("wrong-place", SAID), at_department(POLICE))
    story.give(c.Rule(CITY, True, POLICE), COLLEAGUE)
    (line,) = story.whistle.lines
    assert (line.post, line.lead, line.bound, line.objection) == (POLICE, True, True, None)
    assert story.live() == [("acknowledge", POLICE), ("arrive", POLICE), ("reply", POLICE)]


def test_an_objection_that_is_not_upheld_binds() -> None:
    story = objected()
    assert isinstance(story.until("rule", HALL), s.Supervised), "the street is late: supervised, the lead still bound"
    over = story.line(CITY, objection=None, bound=True) | story.running(stop=[("rule", HALL)])
    (step,) = story.does(c.Rule(CITY, False, FIRE), COLLEAGUE, s.ObjectionRuled, **over)
    assert isinstance(step, s.ObjectionRuled)
    assert (step.to, step.clocks) == (None, ())
    story.refuses("designated", c.Object("not-our-duty", SAID), COMMAND)


def test_a_pause_stops_the_right_clocks_only() -> None:
    story = called("key", asks=(*LEAD, ask(POLICE), ask(FIRE)))
    story.give(c.Acknowledge("p-城管"), COMMAND)
    story.give(c.Acknowledge("p-公安"), at_department(POLICE))
    story.after(days=4)  # Tuesday: two of the working days have gone
    asked = Pause("weather", 3, SAID, CITY, "p-城管")
    grant = story.clock("grant", HALL, CITY)
    story.does(c.AskPause("weather", 3, SAID), COMMAND, s.PauseAsked, pause=asked, **story.running(grant))
    story.does(c.RefusePause(SAID), COLLEAGUE, s.PauseRefused, pause=None, **story.running(stop=[("grant", HALL)]))
    story.give(c.AskPause("weather", 3, SAID), COMMAND)
    left = {("plan", CITY): 3, ("reply", CITY): 8, ("answer", POLICE): 3, ("answer", FIRE): 3}
    stopped = tuple(
        s.Rest(one.duty, one.post, Limit(left[one.duty, one.post], "working_day"))
        for one in story.whistle.clocks
        if (one.duty, one.post) in left
    )
    assert len(stopped) == 4
    pause = story.clock("pause", CITY, limit=Limit(3, "working_day"))
    held = replace(asked, stopped=stopped)
    over = story.running(pause, stop=[*left, ("grant", HALL)])
    story.does(c.GrantPause(), COLLEAGUE, s.Paused, state="paused", pauses=1, pause=held, **over)
    assert story.live() == [("acknowledge", FIRE), ("pause", CITY)], "coming is never put off"
    story.does(c.GrantPause(), COLLEAGUE)
    over = story.line(POLICE, answered=SAID)
    held = replace(held, stopped=tuple(one for one in stopped if one.post != POLICE))
    story.does(c.Answer(SAID), at_department(POLICE), s.Answered, pause=held, **over)
    story.give(c.Acknowledge("p-x"), at_department(FIRE))
    story.ticks(s.Reminded, clocks=(replace(pause, told=("half",)),))
    story.ticks(s.Reminded, clocks=(replace(pause, told=("half", "most")),))
    story.now = pause.watch.due.at
    days = [(one.duty, one.post, one.left) for one in held.stopped]
    clocks = tuple(story.clock(duty, post, limit=limit) for duty, post, limit in days)
    assert len(clocks) == 3
    story.ticks(s.Resumed, state="called", pause=None, clocks=clocks)
    assert story.now == beijing(11, 27, 17, 30)
    assert clocks[0].watch.due.at == beijing(12, 2, 17, 30), "three working days more, from where it stopped"
    story.refuses("no-pause-left", c.AskPause("weather", 3, SAID), COMMAND)


def test_a_pause_may_end_early() -> None:
    story = acknowledged("key")
    story.give(c.AskPause("court", 20, SAID), COMMAND)
    story.give(c.GrantPause(), LEADER)
    clocks = tuple(story.clock(duty, CITY, limit=Limit(n, "working_day")) for duty, n in (("plan", 5), ("reply", 10)))  # type: ignore[arg-type]
    story.does(c.Resume(), COMMAND, s.Resumed, state="called", pause=None, clocks=clocks)


def test_a_late_duty_is_not_stopped_by_a_pause() -> None:
    story = acknowledged("key")
    story.until("plan", CITY)
    story.give(c.AskPause("court", 3, SAID), COMMAND)
    story.give(c.GrantPause(), COLLEAGUE)
    assert story.live() == [("pause", CITY), ("plan", CITY)], "the plan is owed already"


def test_what_ran_out_a_moment_ago_is_late_before_the_clock_says_so() -> None:
    story = acknowledged("key")
    story.give(c.AskPause("court", 3, SAID), COMMAND)
    story.now = next(one.watch.due.at for one in story.whistle.clocks if one.duty == "plan")
    story.give(c.GrantPause(), COLLEAGUE)
    assert story.live() == [("pause", CITY), ("plan", CITY)]
    assert [type(one) for one in story.give(c.Tick(), CLOCK)] == [s.Supervised]


def test_a_pause_stops_who_is_in_time_and_not_who_is_late() -> None:
    story = acknowledged("key", asks=(*LEAD, ask(POLICE)))
    story.after(days=3).give(c.AskCo(FIRE, SAID), COMMAND)
    story.give(c.Acknowledge("p-x"), at_department(FIRE))
    story.give(c.Plan(SAID, story.now + timedelta(days=1)), COMMAND)
    story.until("answer", POLICE)
    story.give(c.AskPause("court", 3, SAID), COMMAND)
    story.give(c.GrantPause(), COLLEAGUE)
    assert story.live() == [("answer", POLICE), ("pause", CITY)]
    assert story.whistle.pause is not None
    assert {(one.duty, one.post) for one in story.whistle.pause.stopped} == {("answer", FIRE), ("reply", CITY)}


def test_who_is_late_with_the_reply_cannot_pause() -> None:
    story = acknowledged()
    story.until("reply", CITY)
    story.refuses("too-late", c.AskPause("court", 3, SAID), COMMAND)


def test_a_reply_ends_what_waited_for_the_street() -> None:
    story = objected(asks=(*LEAD, ask(POLICE)))
    story.give(c.Acknowledge("p-城管"), COMMAND)
    story.refuses("objection-pending", c.AskPause("court", 3, SAID), COMMAND)
    story.give(done(story.now), COMMAND)
    assert story.whistle.lines[0].objection is None
    assert ("rule", HALL) not in story.live()
    story = acknowledged()
    story.give(c.AskPause("court", 3, SAID), COMMAND)
    story.give(done(story.now), COMMAND)
    assert (story.whistle.pause, story.live()) == (None, [("confirm", HALL)])


def test_a_pause_that_waits_goes_with_the_lead() -> None:
    story = acknowledged()
    story.give(c.AskPause("court", 3, SAID), COMMAND)
    story.give(c.Object("not-our-duty", SAID), COMMAND)
    story.refuses("objection-pending", c.GrantPause(), COLLEAGUE)
    story.give(c.Rule(CITY, True, WATER_POST), COLLEAGUE)
    assert (story.whistle.pause, story.live()) == (None, [("acknowledge", WATER_POST), ("reply", WATER_POST)])


WATER_POST = "department:水务"


def test_a_communitys_whistle_passes_through_the_street() -> None:
    story = Story(blow(), COMMUNITY)
    assert (story.whistle.state, story.whistle.blower) == ("passing", COMMUNITY.post)
    assert story.whistle.clocks == (story.clock("pass", HALL),)
    story.refuses("not-passed-on", c.Approve(), LEADER)
    better = (*LEAD, ask(POLICE))
    approve = story.clock("approve", BOSS)
    over = {"state": "approving", "passed": True, "passed_by": "p-blower", "asks": better, "clocks": (approve,)}
    story.does(c.PassOn(better), STREET, s.PassedOn, **over)
    story.does(c.PassOn(better), STREET)
    story.does(c.PassOn(), STREET)
    story.refuses("own-request", c.Approve(), STREET)
    story.give(c.Approve(), COLLEAGUE)
    assert [one.post for one in story.whistle.lines] == [CITY, POLICE]
    story.give(c.Acknowledge("p-城管"), COMMAND)
    story.give(done(story.now), COMMAND)
    assert ("confirm", COMMUNITY.post) in story.live()
    story.refuses("blower-first", c.Confirm(), STREET)
    story.give(c.Confirm(), COMMUNITY)
    assert story.live() == [("rate", COMMUNITY.post), ("rate", CITY)]


def test_a_communitys_whistle_is_sent_back() -> None:
    story = Story(blow(), COMMUNITY)
    assert isinstance(story.until("pass", HALL), s.Supervised), "the street that lets it lie is urged"
    ended = {"state": "closed", "outcome": "sent-back", "closed_at": story.now, "clocks": ()}
    story.does(c.SendBack("not-enough", SAID), STREET, s.SentBack, s.Closed, **ended)


def test_a_leader_declines_and_it_is_over() -> None:
    story = Story(blow())
    ended = {"state": "closed", "outcome": "declined", "closed_at": story.now, "clocks": ()}
    story.does(c.Decline("own-duty", SAID), LEADER, s.Declined, s.Closed, approval="declined", **ended)
    story.does(c.Decline("own-duty", SAID), LEADER)


def test_the_blower_takes_it_back_while_nobody_has_it() -> None:
    story = called()
    ended = {"state": "closed", "outcome": "cancelled", "closed_at": story.now, "clocks": ()}
    story.does(c.Cancel("settled"), STREET, s.Cancelled, s.Closed, **ended)
    assert acknowledged().whistle.state == "called"


def test_another_ticket_joins() -> None:
    story = called()
    more = c.Tried("HY000000002", 4)
    over = {"tickets": ("HY000000001", "HY000000002"), "tried": (*TRIED, more)}
    story.does(c.Join("HY000000002", (*TRIED, more)), COMMUNITY, s.Joined, **over)
    story.does(c.Join("HY000000002"), STREET)
    story.give(c.Hear("HY000000002", "yes", 5), CLOCK)
    story.give(c.Hear("HY000000001", "no"), CLOCK)
    assert [one.ticket for one in story.whistle.heard] == ["HY000000002", "HY000000001"]


def test_the_lead_asks_another_department_in() -> None:
    story = acknowledged("enforcement")
    story.after(hours=1)
    fresh = tuple(story.clock(duty, FIRE) for duty in ("acknowledge", "arrive", "answer"))
    words = Sealed("W1/9", "9" * 64)
    (line,) = story.called(c.Ask(FIRE, words))
    story.does(c.AskCo(FIRE, words), COMMAND, s.Called, lines=(*story.whistle.lines, line), **story.running(*fresh))
    story.does(c.AskCo(FIRE, words), COMMAND)


def test_not_on_site_is_visible_and_does_not_count() -> None:
    story = acknowledged("enforcement", position=THERE)
    far = c.Position(39.92, 116.407)
    for position, claimed in ((far, True), (None, False)):
        came = s.Arrived(CITY, story.now, spot(), "no", position, (PICTURE,))
        story.does(c.Arrive(story.now, spot(), claimed, position, (PICTURE,)), COMMAND, s.Arrived,
                   **story.line(CITY, arrived=came))  # fmt: skip
        assert ("arrive", CITY) in story.live()
        story.refuses("not-arrived", done(story.now), COMMAND)
    elsewhere = replace(spot(), community_code="990101001009")
    story.give(c.Arrive(story.now, elsewhere, pictures=(PICTURE,)), COMMAND)
    assert ("arrive", CITY) in story.live()
    near = c.Position(39.90461, 116.40739)
    came = s.Arrived(CITY, story.now, spot(), "yes", c.Position(39.905, 116.407))
    over = story.line(CITY, arrived=came) | story.running(stop=[("arrive", CITY)])
    story.does(c.Arrive(story.now, spot(), position=near), COMMAND, s.Arrived, **over)
    story.does(c.Arrive(story.now, spot(), position=near), COMMAND)


def test_arrived_without_a_proof_counts_and_says_so() -> None:
    story = acknowledged("enforcement")
    story.give(c.Arrive(story.now, spot()), COMMAND)
    assert story.whistle.lines[0].came
    assert ("arrive", CITY) not in story.live()
    assert isinstance(step := story.steps[-1], s.Arrived)
    assert step.on_site == "unproven"


def test_a_promise_is_confirmed_when_its_day_has_come() -> None:
    story = acknowledged()
    then = story.now + timedelta(days=10)
    reply = done(story.now, finished=False, by_when=then)
    confirm = story.clock("confirm", HALL, start=then)
    over = {"state": "replied", "reply": s.Replied(CITY, story.now, ("street",), SAID, (confirm,), then)}
    story.does(reply, COMMAND, s.Replied, clocks=(confirm,), **over)
    story.does(reply, COMMAND)
    assert confirm.watch.half > then


def test_a_plan_comes_first_where_one_is_asked_for() -> None:
    story = acknowledged("key")
    until = story.now + timedelta(days=9)
    planned = s.Planned(CITY, SAID, until)
    over = story.line(CITY, planned=planned) | story.running(stop=[("plan", CITY)])
    story.does(c.Plan(SAID, until), COMMAND, s.Planned, **over)
    story.does(c.Plan(SAID, until), COMMAND)
    story.give(c.Plan(SAID, until + timedelta(days=1)), COMMAND)
    assert story.whistle.lines[0].planned != planned


def test_what_is_late_rises_from_urging_to_the_district_and_never_falls_silent() -> None:
    story = called()
    clock, levels = story.whistle.clocks[0], []
    story.ticks(s.Reminded, clocks=(replace(clock, told=("half",)), story.whistle.clocks[1]))
    story.ticks(s.Reminded, clocks=(replace(clock, told=("half", "most")), story.whistle.clocks[1]))
    for level in range(1, 6):
        story.until("acknowledge", CITY, level)
        levels.append(story.whistle.clocks[0].level)
    assert levels == [1, 2, 3, 4, 5]
    assert story.whistle.level == 5
    assert story.whistle.late == (("acknowledge", CITY),)
    story.give(c.Tick(), CLOCK)
    assert story.whistle.late == (("acknowledge", CITY), ("reply", CITY)), "its other limits run all the while"
    story.give(c.Acknowledge("p-城管"), COMMAND)
    assert ("acknowledge", CITY) not in story.live()


def test_after_a_long_outage_the_first_limit_that_ran_out_is_first() -> None:
    story = called("emergency").after(days=2)
    duties = []
    while steps := story.give(c.Tick(), CLOCK):
        duties += [(one.duty, one.level) for one in steps if isinstance(one, s.Supervised)]
    assert duties == [("acknowledge", 1), ("arrive", 1), ("reply", 1), ("approve", 2)]


def test_time_to_rate_goes_by() -> None:
    story = confirmed()
    story.give(c.RateBlower("no", 1), COMMAND)
    story.ticks(s.Reminded, clocks=(replace(story.whistle.clocks[0], told=("half",)),))
    story.ticks(s.Reminded, clocks=(replace(story.whistle.clocks[0], told=("half", "most")),))
    story.now = story.whistle.clocks[0].watch.due.at
    ended = {"state": "closed", "outcome": "unrated", "closed_at": story.now, "clocks": ()}
    (step,) = story.ticks(s.Closed, **ended)
    assert step == s.Closed("unrated", story.now, (HALL,))


def test_a_new_calendar_works_provisional_times_out_again() -> None:
    bare = replace(BOOK, calendar=Calendar.of(one for one in BOOK.calendar.years.values() if one.year < 2026))
    story = called("key", at=beijing(9, 28, 9), book=bare)
    assert story.whistle.provisional
    assert story.decide(c.Recompute(), CLOCK) == []
    story.book = BOOK
    start = story.now
    story.now = start + timedelta(hours=5)
    fresh = tuple(story.clock(duty, CITY, start=start) for duty in ("acknowledge", "plan", "reply"))
    story.does(c.Recompute(), CLOCK, s.Recomputed, clocks=fresh)
    assert not story.whistle.provisional
    story.does(c.Recompute(), CLOCK)


@pytest.mark.parametrize("kind", ["emergency", "enforcement", "key", "daily"])
def test_every_kind_comes_to_its_end(kind: str) -> None:
    story = confirmed(kind)
    score = 5 if kind in ("emergency", "enforcement") else None
    story.give(c.RateDepartment(CITY, 5, 5, 5, score), STREET)
    story.give(c.RateBlower("yes", 5), COMMAND)
    assert story.whistle.outcome == "rated"


def test_a_repeated_command_does_nothing() -> None:
    """What a department's system sends twice is done once, whatever happened since."""
    story = arrived()
    here = c.Arrive(story.now, spot(), pictures=(PICTURE,))
    reply = done(story.now)
    story.give(reply, COMMAND)
    for command in (c.Acknowledge("p-城管"), here, reply):
        assert story.decide(command, COMMAND) == []
    story.give(c.Confirm(), STREET)
    for command in (c.Acknowledge("p-城管"), here, reply):
        assert story.decide(command, COMMAND) == []
    assert story.decide(c.Confirm(), STREET) == []
    assert story.decide(c.Approve(), LEADER) == []
    assert story.decide(blow(), STREET) == []
    story.give(c.RateDepartment(CITY, 1, 1, 1, 1), STREET)
    assert story.decide(c.RateDepartment(CITY, 1, 1, 1, 1), STREET) == []
    story.give(c.RateBlower("yes", 5), COMMAND)
    assert story.decide(c.RateBlower("yes", 5), COMMAND) == []
    story.give(c.Hear("HY000000001", "yes"), CLOCK)
    assert story.decide(c.Hear("HY000000001", "yes"), CLOCK) == []
    story = acknowledged("daily", asks=(*LEAD, ask(POLICE)))
    for command, by in (
        (c.Object("not-our-duty", SAID), COMMAND),
        (c.Answer(SAID), at_department(POLICE)),
        (c.AskPause("court", 2, SAID), COMMAND),
    ):
        if isinstance(command, c.AskPause):
            story.give(c.Rule(CITY, False), COLLEAGUE)
        assert story.give(command, by)
        assert story.decide(command, by) == []
    story.give(c.GrantPause(), COLLEAGUE)
    assert story.decide(c.AskPause("court", 2, SAID), COMMAND) == []


def test_another_person_may_come_instead() -> None:
    story = acknowledged()
    story.does(c.Acknowledge("p-other"), COMMAND, s.Acknowledged, **story.line(CITY, person="p-other"))


def test_joined_and_blown_say_what_they_are_made_of() -> None:
    story = blown("enforcement", position=c.Position(39.90424, 116.40736), pictures=(PICTURE,), about="merchant")
    assert story.whistle.position == c.Position(39.904, 116.407)
    assert (story.whistle.pictures, story.whistle.about) == ((PICTURE,), "merchant")


def test_what_a_co_department_asked_goes_on_when_the_lead_replies() -> None:
    """Its objection is still ruled on, after the reply too; who answers all the same has taken it back."""
    story = acknowledged(asks=(*LEAD, ask(POLICE), ask(FIRE)))
    for post in (POLICE, FIRE):
        story.give(c.Object("wrong-matter", SAID), at_department(post))
    rule = story.clock("rule", HALL, FIRE)
    over = story.line(POLICE, answered=SAID, objection=None)
    left = tuple(one for one in story.whistle.clocks if POLICE not in (one.post, one.of))
    story.does(c.Answer(SAID), at_department(POLICE), s.Answered, clocks=left, **over)
    finished = done(story.now, by_when=story.now + timedelta(days=2))
    story.give(finished, COMMAND)
    assert story.whistle.reply is not None
    assert story.whistle.reply.by_when is None, "finished is finished"
    assert story.decide(finished, COMMAND) == []
    answer, confirm = story.clock("answer", FIRE), story.clock("confirm", HALL)
    assert story.whistle.clocks == (answer, rule, confirm)
    without = story.whistle.lines[:2]
    story.does(c.Rule(FIRE, True), COLLEAGUE, s.ObjectionRuled, lines=without, clocks=(confirm,))


def test_a_co_department_is_replaced_by_another() -> None:
    """The lead keeps its lead, and the pause that it asked for; who was ruled to stay cannot object again."""
    story = acknowledged(asks=(*LEAD, ask(POLICE), ask(FIRE)))
    story.give(c.AskPause("court", 2, SAID), COMMAND)
    for post in (POLICE, FIRE):
        story.give(c.Object("wrong-matter", SAID), at_department(post))
    story.give(c.Rule(POLICE, False), COLLEAGUE)
    story.refuses("designated", c.Object("wrong-place", SAID), at_department(POLICE))
    left = tuple(one for one in story.whistle.clocks if FIRE not in (one.post, one.of))
    fresh = tuple(story.clock(duty, MARKET) for duty in ("acknowledge", "answer"))  # type: ignore[arg-type]
    new = replace(story.called(c.Ask(MARKET, ask(FIRE).words))[0], bound=True)
    over = {"lines": (*story.whistle.lines[:2], new), "clocks": (*left, *fresh)}
    story.does(c.Rule(FIRE, True, MARKET), COLLEAGUE, s.ObjectionRuled, **over)
    assert story.whistle.pause is not None
    story.refuses("already-asked", c.AskCo(MARKET, SAID), COMMAND)


def test_a_lead_that_is_found_out_after_its_reply_is_replaced_and_its_reply_with_it() -> None:
    """Who is complained about has replied: the next lead replies for itself, and nothing is confirmed before."""
    story = replied("enforcement")
    story.parties = (Party("respondent", organisation=CITY),)
    fresh = tuple(story.clock(duty, POLICE) for duty in ("acknowledge", "arrive", "reply"))  # type: ignore[arg-type]
    new = replace(story.called(c.Ask(POLICE, LEAD[0].words, True))[0], bound=True)
    over = {"state": "called", "reply": None, "lines": (new,), "clocks": fresh}
    story.does(c.Rule(CITY, True, POLICE), COLLEAGUE, s.ObjectionRuled, **over)
    story.refuses("not-replied", c.Confirm(), STREET)
    story.give(c.Acknowledge("p-x"), at_department(POLICE))
    story.give(c.Arrive(story.now, spot(), pictures=(PICTURE,)), at_department(POLICE))
    (said,) = story.give(done(story.now), at_department(POLICE))
    assert story.whistle.reply == said
    assert getattr(said, "post", "") == POLICE


def test_who_is_supervised_is_reminded_anew() -> None:
    story = called()
    story.until("acknowledge", CITY)
    (half,) = story.ticks(
        s.Reminded, clocks=(replace(story.whistle.clocks[0], told=("half",)), story.whistle.clocks[1])
    )
    assert half == s.Reminded("acknowledge", CITY, "half")


def test_two_objections_are_two_limits_of_the_street() -> None:
    story = objected("enforcement", asks=(*LEAD, ask(POLICE)))
    story.after(hours=5).give(c.Object("other", SAID), at_department(POLICE))
    story.until("rule", HALL)
    rules = {one.of: (one.level, one.told) for one in story.whistle.clocks if one.duty == "rule"}
    assert rules[CITY] == (1, ())
    assert rules[POLICE][0] == 0


def test_a_firm_limit_stays_whatever_calendar_comes() -> None:
    story = called("key", at=beijing(9, 28, 9))
    story.book = replace(BOOK, calendar=Calendar.of(one for one in BOOK.calendar.years.values() if one.year < 2026))
    assert story.decide(c.Recompute(), CLOCK) == []
