"""What a resident may say of a running case: urging is heard above, pressure takes it out of reach."""

from contextlib import suppress
from datetime import timedelta

import pytest

from huiyin.core import commands as c
from huiyin.core.ladder import Post
from huiyin.core.staff import Party, Person
from huiyin.core.steps import Reclassified, Supervised
from huiyin.core.ticket import RESIDENT, Actor, Refused
from huiyin.core.ticket.voicing import can_report, free_at
from huiyin.core.voices import Add, Added, Pressured, ReportPressure, Urge, Urged
from huiyin.core.words import Spot
from tests.core.stages import at_property, closed, filed, leading, pressured, replied, shelved, signed, withdrawn
from tests.core.world import (
    AT,
    COMMUNITY,
    LEADER,
    PROPERTY,
    RULES,
    STREET,
    WORDS,
    actor,
    staffed,
)

ABOVE = Post(COMMUNITY.post, "柳岸社区党委")


def test_the_second_time_whoever_is_above_sees_it() -> None:
    story = at_property()
    assert free_at(story.ticket, RULES.ladder) == AT
    story.does(Urge(), RESIDENT, Urged, urged=1, urged_at=AT)
    assert free_at(story.ticket, RULES.ladder) == AT + timedelta(hours=24)
    story.after(hours=24)
    story.does(Urge(), RESIDENT, Urged, urged=2, urged_at=story.now, watcher=ABOVE)
    story.after(hours=24)
    story.does(Urge(), RESIDENT, Urged, urged=3, urged_at=story.now)
    assert free_at(story.ticket, RULES.ladder) is None
    story.give(c.HandUp("unsafe"), PROPERTY)
    assert (story.ticket.urged, story.ticket.watcher) == (0, None), "another post begins anew"
    assert free_at(story.ticket, RULES.ladder) == AT


@pytest.mark.parametrize(("urgency", "hours"), [("emergency", 1), ("urgent", 4), ("normal", 24), ("complex", 48)])
def test_what_is_urgent_may_be_urged_sooner(urgency: str, hours: int) -> None:
    story = at_property(urgency=urgency)
    story.give(Urge(), RESIDENT)
    assert free_at(story.ticket, RULES.ladder) == AT + timedelta(hours=hours)


def test_where_nobody_is_above_it_is_supervised_once() -> None:
    for leaf in ("M02", "A01"):
        story = filed(leaf, Spot() if leaf == "A01" else None)
        story.give(Urge(), RESIDENT)
        story.after(hours=48)
        assert [type(step) for step in story.give(Urge(), RESIDENT)] == [Urged, Supervised]
        assert story.ticket.supervision is not None
        assert (story.ticket.supervision.level, story.ticket.watcher) == (1, None)
        story.after(hours=48)
        assert [type(step) for step in story.give(Urge(), RESIDENT)] == [Urged]


def test_whoever_has_an_interest_is_not_the_one_above() -> None:
    wang = Person("p-wang", employer="property:E1")
    story = at_property(
        about="none", staff=staffed((wang, COMMUNITY.post)), parties=(Party("respondent", person="p-wang"),)
    )
    story.give(Urge(), RESIDENT)
    story.after(hours=24).give(Urge(), RESIDENT)
    assert story.ticket.watcher == Post(STREET.post, "清河街道三方办")


def test_words_are_added_while_it_is_open() -> None:
    for story in (signed(), shelved(), replied()):
        story.does(Add(WORDS), RESIDENT, Added, added=1)


OUT = (Party("barred", organisation=PROPERTY.post),)


def test_under_pressure_it_goes_to_the_street() -> None:
    story = signed()
    (sent, watched) = story.give(ReportPressure(), RESIDENT)
    assert isinstance(sent, Pressured)
    assert (sent.posts, sent.persons, sent.was) == ((PROPERTY.post,), (), "property_company")
    assert isinstance(watched, Supervised)
    assert watched.reason == "pressured"
    one = story.ticket
    assert (one.rung, one.state, one.pressured, one.designated) == ("street_office", "dispatched", True, True)
    assert (one.kept_out, one.passed) == (OUT, ("property_company",))
    assert one.supervision is not None
    story.give(c.AnswerSupervision(WORDS), STREET)
    for command in (c.Sign(), c.Resolve(WORDS), c.Reply(WORDS)):
        story.give(command, STREET)
    assert story.ticket.state == "replied"
    story.give(c.FollowUp("no"), RESIDENT)
    assert (story.ticket.rung, story.ticket.reopened, story.ticket.kept_out) == ("street_office", 1, OUT)


def test_everybody_who_had_it_is_kept_out_by_post_and_by_person() -> None:
    wang, li, zhao = Person("p-wang"), Person("p-li"), Person("p-zhao")
    staff = staffed((wang, LEADER.post), (li, PROPERTY.post), (zhao, COMMUNITY.post), (li, COMMUNITY.post))
    story = filed("A01", staff=staff)
    story.give(c.Sign(), actor(LEADER.post, "p-wang"))
    story.give(c.Dispatch("community_committee"), actor(STREET.post, "p-x"))
    story.give(c.Sign(), actor(COMMUNITY.post, "p-zhao"))
    sent = story.give(ReportPressure(), RESIDENT)[0]
    assert isinstance(sent, Pressured)
    assert sent.posts == tuple(sorted((LEADER.post, PROPERTY.post, COMMUNITY.post)))
    assert sent.persons == ("p-wang", "p-zhao")
    for post, person in (
        (LEADER.post, "p-wang"),
        (PROPERTY.post, "p-li"),
        (COMMUNITY.post, "p-li"),
        (COMMUNITY.post, ""),
    ):
        story.refuses("recused", c.Note(WORDS), actor(post, person))


def test_a_person_of_the_street_who_had_it_is_out_and_the_street_goes_on() -> None:
    wang, li = Person("p-wang"), Person("p-li")
    for staff, post in ((staffed((wang, STREET.post), (li, STREET.post)), STREET.post),
                        (staffed((wang, STREET.post)), "district:东城区")):  # fmt: skip
        story = filed("M02", staff=staff)
        story.give(c.Sign(), actor(STREET.post, "p-wang"))
        story.give(ReportPressure(), RESIDENT)
        assert story.ticket.post is not None
        assert story.ticket.post.code == post
        story.refuses("recused", c.Sign(), actor(STREET.post, "p-wang"))


@pytest.mark.parametrize("before", [replied, closed, withdrawn, shelved])
def test_whatever_had_become_of_it(before: object) -> None:
    """Pressure may be why it was taken back."""
    story = before()  # type: ignore[operator]
    story.give(ReportPressure(), RESIDENT)
    assert (story.ticket.state, story.ticket.rung, story.ticket.outcome) == ("dispatched", "street_office", None)
    assert story.ticket.next_at is not None


def test_a_lead_goes_without_those_that_were_merged_into_it() -> None:
    """The other tickets stay where they are seen; this one must not."""
    story = leading()
    story.give(ReportPressure(), RESIDENT)
    assert story.ticket.pressured


def test_calling_it_otherwise_brings_it_nowhere_else() -> None:
    story = pressured()
    street = Actor(STREET.post, "street", "p-wang")
    (step,) = story.give(c.Reclassify(category="B01"), street)
    assert isinstance(step, Reclassified)
    assert step.standing.rung == "street_office"
    steps = story.give(c.Reclassify(building_code="E2-B01"), street)
    assert [type(one) for one in steps] == [Reclassified, Pressured]
    assert Party("barred", organisation="property:E2") in story.ticket.kept_out


def test_without_a_place_people_sort_it_and_it_stays_sheltered() -> None:
    story = filed("A01", Spot())
    story.give(ReportPressure(), RESIDENT)
    assert (story.ticket.rung, story.ticket.kept_out) == (None, ())
    story.give(c.Reclassify(building_code="E1-B01"), Actor(STREET.post, "street", "p-wang"))
    assert story.ticket.rung == "street_office"
    assert Party("barred", organisation=PROPERTY.post) in story.ticket.kept_out


def test_what_no_rung_may_judge_is_told_where_to_go() -> None:
    story = filed("C01", about="street")
    assert not can_report(story.ticket, RULES.ladder, story.now)


def test_it_never_comes_down_again() -> None:
    """No order of anybody at a desk brings it below the street."""
    story = pressured()
    orders = (c.Dispatch("property_company"), c.HandUp("other"), c.Object("other"), c.Rule(True), c.Split(), c.Sign())
    for command in orders:
        for post in (STREET.post, COMMUNITY.post, PROPERTY.post, LEADER.post):
            with suppress(Refused):
                story.give(command, actor(post, "p-x"))
        assert story.ticket.rung == "street_office"
