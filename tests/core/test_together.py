"""Tickets of one matter together and apart (并单、拆单): two stories, and what the desk makes them do to each other."""

from datetime import timedelta

import pytest

from huiyin.core import commands as c
from huiyin.core.endings import Closed, FollowedUp, Joined, Left, Merged, Reopened, Split
from huiyin.core.state import Join
from huiyin.core.steps import Reminded, Replied, Supervised
from huiyin.core.ticket import CLOCK, RESIDENT, Actor
from tests.core.rungs import POSTS, comes
from tests.core.stages import asking, objected, shelved, signed
from tests.core.world import AT, COMMUNITY, GRID, LEADER, PROPERTY, STREET, WORDS, Story, actor

LEAD = "HY000000002"


def alone(story: Story, **more: object) -> dict[str, object]:
    """What coming apart changes: at the rung where it was, its clocks anew."""
    one = story.ticket
    assert one.post is not None
    here = story.stands(one.rung, one.post.code, one.post.name, *one.why_here)
    return here | {"acting": one.acting, "also": one.also, "designated": one.designated, "lead": None} | more


def test_both_halves() -> None:
    story, lead = signed(), signed()
    story.does(c.Merge(LEAD), PROPERTY, Merged, state="merged", lead=LEAD)
    assert story.ticket.next_at is None
    lead.does(c.Join("HY000000009", "E1-B02", AT), GRID, Joined, joined=(Join("HY000000009", AT, "E1-B02"),))
    lead.does(c.Leave("HY000000009"), RESIDENT, Left, joined=())
    story.after(days=3)
    story.does(c.Split(WORDS), RESIDENT, Split, **alone(story))
    assert story.ticket.sign is not None
    assert story.ticket.sign.due.start == story.now


@pytest.mark.parametrize("before", [asking, objected, shelved])
def test_what_waited_of_one_that_is_merged_waits_no_longer(before: object) -> None:
    story = before()  # type: ignore[operator]
    story.give(c.Merge(LEAD), COMMUNITY)
    one = story.ticket
    assert (one.request, one.objection, one.shelf, one.supervision) == (None, None, None, None)


def test_evidence_of_before_the_merge_does_not_count_after() -> None:
    story = signed()
    story.give(c.Resolve(WORDS), PROPERTY)
    story.give(c.Merge(LEAD), PROPERTY)
    story.does(c.Split(), COMMUNITY, Split, **alone(story))
    assert story.ticket.resolved_at_post == ""
    for command in (c.Sign(), c.Reply(WORDS)):
        story.give(command, PROPERTY)
    story.refuses("no-evidence", c.Close("solved"), COMMUNITY)


def test_an_acting_post_is_still_marked_after_a_split() -> None:
    story = Story("L02", about="none")
    story.give(c.Dispatch("community_committee"), STREET)
    assert story.ticket.designated
    story.give(c.Merge(LEAD), COMMUNITY)
    story.does(c.Split(), CLOCK, Split, **alone(story, designated=True))
    emergency = Story("J05", urgency="emergency")
    emergency.give(c.Merge(LEAD), PROPERTY)
    emergency.does(c.Split(), CLOCK, Split, **alone(emergency))
    assert emergency.ticket.also


def test_the_case_clock_runs_on_while_merged() -> None:
    """Apart again after its end it is supervised at once."""
    story = signed()
    story.give(c.Merge(LEAD), PROPERTY)
    case = story.ticket.case_due
    story.after(days=8).give(c.Split(), RESIDENT)
    assert story.ticket.case_due == case
    (step,) = story.give(c.Tick(), CLOCK)
    assert isinstance(step, Supervised)
    assert step.reason == "case-lapsed"


def test_the_leads_reply_is_everybodys() -> None:
    """Each complainant gets the answer, time to speak, and the way up; the lead's resolver closes none of them."""
    story = signed()
    story.give(c.Merge(LEAD), PROPERTY)
    said = {"state": "replied", "reply": WORDS, "follow_up": story.follow_up()}
    who = {"resolver": "p-wang", "resolved_at_post": "property:E1"}
    also = {"replier": "p-wang", "replied_at_post": "property:E1"}
    (step,) = story.does(c.Follow(WORDS, "p-wang", "property:E1"), CLOCK, Replied, **said, **who, **also)
    assert isinstance(step, Replied)
    assert step.lead == LEAD
    for by in (PROPERTY, actor(COMMUNITY.post, "p-wang")):
        story.refuses("own-work", c.Close("solved"), by)
    up = comes(story, "community_committee", passed=("property_company",), reopened=1, lead=None)
    story.does(c.FollowUp("no"), RESIDENT, FollowedUp, Reopened, **up)


def test_a_lead_that_answered_without_evidence_proves_nothing_to_others() -> None:
    story = signed()
    story.give(c.Merge(LEAD), PROPERTY)
    story.give(c.Follow(WORDS, "", ""), CLOCK)
    story.refuses("no-evidence", c.Close("solved"), COMMUNITY)
    story.give(c.Close("explained"), COMMUNITY)
    assert story.ticket.outcome == "explained"


def test_a_merged_one_may_be_withdrawn_and_not_reopened() -> None:
    story = signed()
    story.give(c.Merge(LEAD), PROPERTY)
    story.refuses("still-open", c.Reopen("other"), RESIDENT)
    story.refuses("not-replied", c.FollowUp("no"), RESIDENT)
    story.does(c.Withdraw(), RESIDENT, Closed, state="closed", outcome="withdrawn", closed_at=story.now)
    story.refuses("not-merged", c.Split(), RESIDENT)


def test_a_lead_that_follows_nobody_yet_may_be_merged_itself() -> None:
    lead = signed()
    lead.give(c.Join("HY000000009", None, AT), PROPERTY)
    lead.refuses("leads-others", c.Merge("HY000000003"), PROPERTY)
    lead.give(c.Leave("HY000000009"), COMMUNITY)
    lead.give(c.Merge("HY000000003"), PROPERTY)
    assert lead.ticket.lead == "HY000000003"
    lead.refuses("merged-ticket", c.Merge("HY000000004"), PROPERTY)


def test_a_shelved_one_may_lead() -> None:
    story = shelved()
    story.give(c.Join("HY000000009", None, AT + timedelta(hours=1)), COMMUNITY)
    assert [one.number for one in story.ticket.joined] == ["HY000000009"]


def test_merged_it_is_not_reminded() -> None:
    story = Story("A01")
    story.give(c.Merge(LEAD), LEADER)
    story.after(days=9)
    assert story.decide(c.Tick(), CLOCK) == []
    story.give(c.Split(), Actor("clock", "clock"))
    kinds = {type(one) for one in story.lapses().steps}
    assert Reminded in kinds
    assert story.ticket.post is not None
    assert story.ticket.post.code == POSTS["owners_committee"][0]


def test_supervision_of_one_that_is_merged_is_the_leads() -> None:
    story = Story("A01")
    while story.ticket.supervision is None:
        story.at_next().give(c.Tick(), CLOCK)
    story.does(c.Merge(LEAD), LEADER, Merged, state="merged", lead=LEAD, supervision=None)
