"""Whole stories of the work at a post: signed, resolved, answered, spoken on, closed, done again; more time."""

from datetime import UTC, datetime, timedelta

import pytest

from huiyin.core import commands as c
from huiyin.core.endings import Closed, FollowedUp, Redirected, Reopened
from huiyin.core.staff import Person
from huiyin.core.steps import (
    Contacted,
    Dissuaded,
    Noted,
    Pictured,
    Reassigned,
    Replied,
    Resolved,
    Signed,
    SiteChecked,
)
from huiyin.core.ticket import RESIDENT
from huiyin.core.words import Sealed
from tests.core.rungs import POSTS
from tests.core.stages import at_property, closed, replied, shelved, signed
from tests.core.world import AT, COMMUNITY, GRID, LEADER, PROPERTY, STREET, WORDS, S, Story, actor, staffed

WANG, LI = Person("p-wang"), Person("p-li")
PLAN = Sealed("HY000000001/3", "2" * 64)


def beijing(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


def test_from_signing_to_a_resident_who_says_yes() -> None:
    story = Story("A01", staff=staffed((WANG, LEADER.post), (LI, LEADER.post)))
    wang = actor(LEADER.post, "p-wang")
    assert story.ticket.sign is not None
    assert story.ticket.sign.due.at == beijing(11, 23, 17, 30), "Friday: the next working day is Monday"
    story.after(hours=1).does(c.Sign(), wang, Signed, **story.signed("p-wang"))
    assert story.ticket.due is not None
    assert story.ticket.due.at == beijing(11, 25, 17, 30), "three working days from when it came, not from signing"
    story.does(c.Contact(), wang, Contacted, contacted=True)
    story.does(c.Note(WORDS), GRID, Noted)
    story.does(c.CheckSite(WORDS), GRID, SiteChecked)
    story.does(c.Attach((WORDS,), "site"), GRID, Pictured, pictures=1)
    story.does(c.Dissuade(AT, "1栋2单元门口", WORDS), wang, Dissuaded)
    story.does(c.Reassign("p-li"), wang, Reassigned, handler="p-li")
    li = actor(LEADER.post, "p-li")
    story.does(c.Resolve(WORDS), li, Resolved, state="resolved", resolver="p-li", resolved_at_post=LEADER.post)
    said = {"state": "replied", "reply": PLAN, "follow_up": story.follow_up(), "replier": "p-li"}
    story.does(c.Reply(PLAN), li, Replied, replied_at_post=LEADER.post, **said)
    assert story.ticket.due == story.follow_up()
    story.after(hours=1)
    ended = {"state": "closed", "outcome": "solved", "closed_at": story.now, "solved": "yes", "satisfied": 5}
    story.does(c.FollowUp("yes", 5), RESIDENT, FollowedUp, Closed, **ended)
    assert story.ticket.next_at is None
    assert not story.ticket.provisional


def test_who_did_the_work_does_not_close_it() -> None:
    """Neither the resolver nor their desk, nor the same person as another post; a third one does."""
    both = staffed((WANG, LEADER.post), (WANG, COMMUNITY.post), (LI, COMMUNITY.post), (WANG, "grid:x"))
    story = Story("A01", staff=both)
    wang = actor(LEADER.post, "p-wang")
    for command in (c.Sign(), c.Resolve(WORDS), c.Reply(WORDS)):
        story.give(command, wang)
    story.refuses("own-work", c.Close("solved"), wang)
    story.refuses("own-work", c.Close("solved"), actor(COMMUNITY.post, "p-wang"))
    story.refuses("own-work", c.FollowUp("yes", via="visit"), actor(COMMUNITY.post, "p-wang"))
    ended = {"state": "closed", "outcome": "solved", "closed_at": story.now}
    story.does(c.Close("solved"), actor(COMMUNITY.post, "p-li"), Closed, **ended)


def test_a_second_employee_of_the_company_does_not_close_either() -> None:
    """By person: whoever is in the company's pay is of the company, as whatever post they act."""
    paid = Person("p-li", employer="property:E1")
    staff = staffed(
        (WANG, "property:E1"), (paid, "property:E1"), (paid, COMMUNITY.post), (Person("p-x"), COMMUNITY.post)
    )
    story = Story("A02", staff=staff)
    for command in (c.Sign(), c.Resolve(WORDS), c.Reply(WORDS)):
        story.give(command, actor("property:E1", "p-wang"))
    for by in (actor("property:E1", "p-li"), actor(COMMUNITY.post, "p-li")):
        story.refuses("own-work", c.Close("solved"), by)
    story.give(c.Close("solved"), actor(COMMUNITY.post, "p-x"))
    assert story.ticket.outcome == "solved"


def test_at_the_last_rung_another_person_of_the_desk_closes() -> None:
    street = f"street:{S}"
    story = Story("M02", staff=staffed((WANG, street), (LI, street)))
    for command in (c.Sign(), c.Resolve(WORDS), c.Reply(WORDS)):
        story.give(command, actor(street, "p-wang"))
    story.refuses("own-work", c.Close("solved"), actor(street, "p-wang"))
    story.refuses("own-work", c.Close("solved"), STREET)
    story.give(c.Close("solved"), actor(street, "p-li"))
    assert story.ticket.outcome == "solved"


def test_an_explanation_is_not_closed_by_who_gave_it() -> None:
    story = signed()
    said = {"state": "replied", "reply": WORDS, "follow_up": story.follow_up(), "replied_at_post": "property:E1"}
    story.does(c.Reply(WORDS), PROPERTY, Replied, **said)
    story.refuses("own-work", c.Close("explained"), PROPERTY)
    story.refuses("no-evidence", c.Close("solved"), COMMUNITY)
    story.does(c.Close("explained"), COMMUNITY, Closed, state="closed", outcome="explained", closed_at=story.now)


def test_mediation_only_where_it_may_be_mediated() -> None:
    story = Story("A01")
    for command in (c.Sign(), c.Reply(WORDS)):
        story.give(command, LEADER)
    story.does(c.Close("to-mediation"), COMMUNITY, Closed, state="closed", outcome="to-mediation", closed_at=AT)


# -- the resident speaks ----------------------------------------------------------------------------------


def test_a_no_climbs_one_rung() -> None:
    story = replied()
    made = story.stands("community_committee", *POSTS["community_committee"])
    made |= {"passed": ("property_company",), "reopened": 1, "solved": None, "satisfied": None}
    _, reopened = story.does(c.FollowUp("no", 1), RESIDENT, FollowedUp, Reopened, **made)
    assert isinstance(reopened, Reopened)
    assert (reopened.reason, reopened.times) == ("unsatisfied", 1)


def test_partly_waits_for_whoever_closes_it_and_else_climbs() -> None:
    story = replied()
    story.does(c.FollowUp("partly", 3), RESIDENT, FollowedUp, solved="partly", satisfied=3)
    story.refuses("resident-disagrees", c.Close("solved"), COMMUNITY)
    closes = replied()
    closes.give(c.FollowUp("partly"), RESIDENT)
    closes.give(c.Close("explained"), COMMUNITY)
    assert closes.ticket.outcome == "explained"
    story.at_next()
    made = story.stands("community_committee", *POSTS["community_committee"])
    made |= {"passed": ("property_company",), "reopened": 1, "solved": None, "satisfied": None}
    story.ticks(Reopened, **made)


def test_silence_closes_and_is_counted_apart() -> None:
    story = replied()
    end = beijing(11, 28, 0)  # seven natural days: Friday's 24:00 of the week after
    assert story.ticket.next_at == end
    story.ticks(Closed, state="closed", outcome="no-answer", closed_at=end)
    story.after(days=2).does(c.FollowUp("yes", 4), RESIDENT, FollowedUp, solved="yes", satisfied=4)
    assert story.ticket.outcome == "no-answer", "what it was closed as stays"


def test_done_again_within_thirty_days_and_at_the_last_rung_there_again() -> None:
    story = closed().after(days=30)
    made = story.stands("community_committee", *POSTS["community_committee"])
    made |= {"passed": ("property_company",), "reopened": 1, "closed_at": None, "outcome": None}
    story.does(c.Reopen("came-back", WORDS), RESIDENT, Reopened, **made)
    top = Story("M02")
    for command in (c.Sign(), c.Resolve(WORDS), c.Reply(WORDS)):
        top.give(command, STREET)
    again = top.stands("street_office", *POSTS["street_office"], "已是最后一级,由本级重办")
    top.does(c.FollowUp("no"), RESIDENT, FollowedUp, Reopened, reopened=1, **again)
    for command in (c.Sign(), c.Resolve(WORDS), c.Reply(WORDS)):
        top.give(command, STREET)
    top.give(c.FollowUp("no"), RESIDENT)
    assert top.ticket.reopened == 2


def test_withdrawn_is_its_own_outcome() -> None:
    for story in (at_property(), signed(), shelved(), replied()):
        ended = {"state": "closed", "outcome": "withdrawn", "closed_at": story.now}
        story.does(c.Withdraw(WORDS), RESIDENT, Closed, shelf=None, **ended)
        assert story.ticket.next_at is None
    signed().refuses("not-your-ticket", c.Withdraw(), PROPERTY)


@pytest.mark.parametrize(
    "reason",
    ["emergency-handed", "in-legal-process", "already-handled", "secret", "outside-public-duty", "unlawful"],
)
def test_the_six_ways_to_send_a_resident_elsewhere(reason: c.RedirectReason) -> None:
    """接诉即办条例 art. 11(3): told the route, then closed; never closed without the words."""
    story = signed()
    ended = {"state": "closed", "outcome": "redirected", "closed_at": story.now, "replied_at_post": ""}
    said = {"reply": WORDS, "follow_up": story.follow_up()}
    redirected, *_ = story.does(c.Redirect(reason, WORDS), COMMUNITY, Redirected, Replied, Closed, **said, **ended)
    assert redirected == Redirected(reason)
    story.refuses("closed-ticket", c.FollowUp("no"), RESIDENT)


@pytest.mark.parametrize("person", [Person("p-li", employer="property:E1"), Person("p-li", posts=frozenset())])
def test_in_its_pay_or_of_its_desk_is_enough(person: Person) -> None:
    """Either makes somebody the company's: an employee without a post there, a holder whom another one pays."""
    held = ((person, COMMUNITY.post), *(() if person.employer else ((person, "property:E1"),)))
    story = Story("A02", staff=staffed((WANG, "property:E1"), *held))
    for command in (c.Sign(), c.Resolve(WORDS), c.Reply(WORDS)):
        story.give(command, actor("property:E1", "p-wang"))
    story.refuses("own-work", c.Close("solved"), actor(COMMUNITY.post, "p-li"))


def test_what_waited_waits_no_longer_once_it_is_answered_or_closed() -> None:
    story = signed()
    story.give(c.Object("other"), PROPERTY)
    story.give(c.Extend("other", 2), PROPERTY)
    story.give(c.Reply(WORDS), PROPERTY)
    assert (story.ticket.objection, story.ticket.request) == (None, None)
    story = signed()
    story.give(c.Object("other"), PROPERTY)
    story.give(c.Resolve(WORDS), PROPERTY)
    assert story.ticket.objection is None
    story = Story("M02").lapses()
    assert story.ticket.supervision is not None
    story.give(c.Withdraw(), RESIDENT)
    assert (story.ticket.supervision, story.ticket.next_at) == (None, None)
