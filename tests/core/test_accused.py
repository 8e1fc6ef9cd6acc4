"""Who is complained about never handles it (回避): a story for each row of DOMAIN 2.3."""

import pytest
from msgspec.structs import replace

from huiyin.core import commands as c
from huiyin.core.endings import Closed, Redirected
from huiyin.core.ladder import Post
from huiyin.core.sight import Hidden, hidden
from huiyin.core.staff import Party, Person
from huiyin.core.steps import Filed, HandedUp, Related, Replied, Signed, Sorted
from huiyin.core.ticket import RESIDENT
from tests.core.rungs import LEAD, POSTS, climb, whole
from tests.core.world import (
    AT,
    COMMITTEE,
    COMMUNITY,
    GRID,
    LEADER,
    PROPERTY,
    RULES,
    STREET,
    WORDS,
    Story,
    actor,
    rules,
    staffed,
)

HOME = b"E1-B01/601"
WANG = Person("p-wang", household=HOME)
LI = Person("p-li", household=b"E1-B02/101")


def test_a_neighbour_begins_with_the_building_leader_and_climbs_all_five() -> None:
    story = Story("B01", about="neighbour")
    assert [type(one) for one in story.steps] == [Filed, Sorted]
    whole(story, "building_leader")
    climb(story, "owners_committee")
    climb(story, "property_company")
    climb(story, "community_committee")
    climb(story, "street_office")
    story.refuses("last-rung", c.HandUp("beyond-means"), STREET)


@pytest.mark.parametrize(
    ("parties", "why"),
    [
        ((Party("complainant", household=HOME),), "同住户"),
        ((Party("respondent", household=HOME),), "同住户"),
        ((Party("respondent", person="p-wang"),), "本人是当事人"),
    ],
)
def test_a_building_leader_of_one_of_the_homes_withdraws(parties: tuple[Party, ...], why: str) -> None:
    story = Story("B01", about="neighbour", staff=staffed((WANG, LEAD)), parties=parties)
    whole(story, "community_committee", (f"楼栋长与本件有利害关系({why}),回避",))
    assert story.ticket.post != Post(*POSTS["building_leader"])
    story.refuses("recused", c.Note(WORDS), actor(LEAD, "p-wang"))


def test_a_declared_relative_withdraws_and_the_deputy_takes_it() -> None:
    relative = replace(WANG, related=frozenset({"p-zhao"}))
    parties = (Party("complainant", person="p-zhao"),)
    alone = Story("B01", about="neighbour", staff=staffed((relative, LEAD)), parties=parties)
    whole(alone, "community_committee", ("楼栋长与本件有利害关系(与当事人有申报的关系),回避",))
    staff = staffed((relative, LEAD), deputies=((LI, LEAD),))
    story = Story("B01", about="neighbour", staff=staff, parties=parties)
    whole(story, "building_leader", ("楼栋长回避,由副职承办",))
    story.refuses("recused", c.Sign(), actor(LEAD, "p-wang"))
    story.does(c.Sign(), actor(LEAD, "p-li"), Signed, **story.signed("p-li"))


def test_about_a_building_leader() -> None:
    story = Story("A01", about="building_leader")
    whole(story, "community_committee", ("楼栋长是被反映对象,回避",))
    story.refuses("recused", c.Note(WORDS), LEADER)
    story.refuses("rung-recused", c.Dispatch("building_leader"), STREET)
    climb(story, "street_office")


@pytest.mark.parametrize(
    ("leaf", "rung"),
    [
        ("L01", "community_committee"),
        ("C05", "community_committee"),
        ("A01", "community_committee"),
        ("M02", "street_office"),
        ("M03", "street_office"),
        ("M04", "street_office"),
    ],
)
def test_about_the_committee(leaf: str, rung: str) -> None:
    """Recall, accounts and hand-over are the street's; else the community begins. The company is out, too."""
    story = Story(leaf, about="owners_committee")
    why = () if leaf.startswith("M") or rung == "street_office" else ("业主委员会是被反映对象,回避",)
    whole(story, rung, why)
    for out in (COMMITTEE, PROPERTY):
        story.refuses("recused", c.Note(WORDS), out)


@pytest.mark.parametrize("leaf", ["M02", "M03", "M04"])
def test_the_leaves_begin_at_the_street_wherever_the_catalogue_puts_them(leaf: str) -> None:
    entries = dict(Story().rules.catalogue.entries)
    entries[leaf] = replace(entries[leaf], first_tier="owners_committee")
    book = rules()
    book = replace(book, catalogue=replace(book.catalogue, entries=entries))
    whole(Story(leaf, about="owners_committee", rulebook=book), "street_office", ("业主委员会是被反映对象,回避",))


@pytest.mark.parametrize(
    ("leaf", "rung", "skipped"),
    [
        ("A02", "owners_committee", True),
        ("C05", "owners_committee", True),
        ("L01", "owners_committee", False),
        ("A01", "owners_committee", True),  # no building leader judges the company
        ("L03", "community_committee", False),
        ("L08", "community_committee", False),
        ("L05", "street_office", False),
    ],
)
def test_about_the_company(leaf: str, rung: str, skipped: bool) -> None:
    story = Story(leaf, about="property")
    whole(story, rung, ("物业服务企业是被反映对象,回避",) if skipped else ())
    story.refuses("recused", c.Note(WORDS), PROPERTY)
    if rung == "owners_committee":
        climb(story, "community_committee", "物业服务企业是被反映对象,回避")


@pytest.mark.parametrize("leaf", ["T04", "K02", "A02", "B01", "L01"])
def test_about_grid_or_community_staff(leaf: str) -> None:
    story = Story(leaf, about="grid_or_community_staff")
    whole(story, "street_office", () if leaf == "T04" else ("社区党委是被反映对象,回避",))
    for out in (GRID, COMMUNITY):
        story.refuses("recused", c.Note(WORDS), out)
    down = c.Dispatch("community_committee")
    story.refuses("department-duty" if leaf == "T04" else "rung-recused", down, actor(STREET.post, "p-x"))


def test_about_a_department_it_is_told_another_route() -> None:
    story = Story("A01", about="department")
    assert [type(one) for one in story.steps] == [Filed, Sorted, Redirected, Replied, Closed]
    assert (story.ticket.route, story.ticket.outcome) == ("about-a-department", "redirected")
    for role in ("street", "community", "department", "mediator"):
        assert Hidden("department") in hidden(role, (), RULES.ladder)  # type: ignore[arg-type]
    assert not hidden("auditor", (), RULES.ladder)


def test_about_the_street_it_is_told_the_route_and_closed() -> None:
    story = Story("B06", about="street")
    assert [type(one) for one in story.steps] == [Filed, Sorted, Redirected, Replied, Closed]
    assert story.steps[2] == Redirected("about-the-street")
    one = story.ticket
    assert (one.state, one.outcome, one.closed_at) == ("closed", "redirected", AT)
    assert (one.route, one.reply, one.rung) == ("about-the-street", None, None)
    assert one.post == Post("sorting", "人工分拣台")
    assert one.follow_up == story.follow_up()
    assert one.next_at is None
    assert one.version == 5
    story.refuses("closed-ticket", c.FollowUp("no"), RESIDENT)


def test_one_person_in_two_posts_brings_both() -> None:
    """Cross-appointment: who sits in the residents' committee and works for the company is out as either."""
    both = Person("p-cross", employer="property:E1")
    community = COMMUNITY.post
    story = Story("L03", about="property", staff=staffed((both, community), (both, "property:E1")))
    whole(story, "street_office", ("社区党委与本件有利害关系(受雇于被反映单位),回避",))
    story.refuses("recused", c.Note(WORDS), actor(community, "p-cross"))
    with_li = staffed((both, community), (LI, community))
    story = Story("L03", about="property", staff=with_li)
    whole(story, "community_committee")
    story.refuses("recused", c.Sign(), actor(community, "p-cross"))
    story.does(c.Sign(), actor(community, "p-li"), Signed, **story.signed("p-li"))


def test_a_respondent_found_out_later_is_out_at_once_named_or_not() -> None:
    """The desk that is complained about holds it no longer, though nobody was ever named there."""
    story = Story("A02")
    whole(story, "property_company")
    party = Party("respondent", organisation="property:E1")
    was = story.stands("community_committee", *POSTS["community_committee"]) | {"passed": ("property_company",)}
    steps = story.does(c.Relate(party), GRID, Related, HandedUp, **was)
    assert steps[0] == Related("respondent", "organisation")
    story.parties = (party,)
    story.refuses("recused", c.Note(WORDS), PROPERTY)
    story.refuses("rung-missing", c.Dispatch("property_company"), STREET)


def test_a_relation_that_touches_nobody_here_moves_nothing() -> None:
    story = Story("A02", staff=staffed((LI, "property:E1")))
    story.does(c.Relate(Party("complainant", household=HOME)), GRID, Related)
    story = Story("A02", staff=staffed((LI, "property:E1"), (WANG, "property:E1")))
    story.does(c.Relate(Party("complainant", household=HOME)), GRID, Related)
