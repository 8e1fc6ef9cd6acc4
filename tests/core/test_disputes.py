"""Whose is it? Objections and their rulings (派单异议), department duties, the sorting desk."""

import pytest
from msgspec.structs import replace

from huiyin.core import commands as c
from huiyin.core.ladder import Post, Standing
from huiyin.core.staff import Party, Person
from huiyin.core.state import Objection, Supervision
from huiyin.core.steps import (
    Dispatched,
    HandedUp,
    Objected,
    ObjectionRuled,
    Reclassified,
    Reminded,
    Supervised,
    SupervisionAnswered,
)
from huiyin.core.ticket import CLOCK
from huiyin.core.words import Spot
from tests.core.rungs import POSTS, comes
from tests.core.stages import objected, signed
from tests.core.test_stories import beijing
from tests.core.world import (
    COMMUNITY,
    DESK,
    GRID,
    LEADER,
    PROPERTY,
    RULES,
    STREET,
    WORDS,
    C,
    Story,
    actor,
    spot,
    staffed,
)

WANG, LI = Person("p-wang"), Person("p-li")


def ruler(story: Story, rung: str) -> Objection:
    code, name = POSTS[rung]
    due = story.due(RULES.ladder.terms.objection, "派单异议裁定时限", rung)  # type: ignore[arg-type]
    return Objection("not-our-duty", Standing(rung, Post(code, name)), due)  # type: ignore[arg-type]


def test_upheld_it_goes_to_the_ruler_and_stays_there() -> None:
    story = signed()
    story.does(c.Object("not-our-duty"), PROPERTY, Objected, objection=ruler(story, "community_committee"))
    made = comes(story, "community_committee", designated=True)
    ruled, _ = story.does(c.Rule(True, words=WORDS), COMMUNITY, ObjectionRuled, Dispatched, **made)
    assert ruled == ObjectionRuled(True, "not-our-duty", "A02", WORDS)
    story.refuses("designated", c.Object("other"), COMMUNITY)
    assert story.ticket.passed == (), "what was sent wrongly was at no rung"


def test_upheld_for_another_rung() -> None:
    story = objected()
    made = comes(story, "building_leader", designated=True)
    story.does(c.Rule(True, "building_leader"), STREET, ObjectionRuled, Dispatched, **made)


def test_rejected_it_stays_and_is_not_returned_again() -> None:
    story = objected()
    clock = story.ticket.sign
    story.does(c.Rule(False), COMMUNITY, ObjectionRuled, objection=None, designated=True)
    assert story.ticket.sign == clock
    story.refuses("designated", c.Object("other"), PROPERTY)
    story.refuses("designated", c.Reclassify(category="A01"), PROPERTY)
    corrected = story.does(
        c.Reclassify(category="C05"), PROPERTY, Reclassified,
        **(comes(story, "property_company", designated=True, category="C05", case_due=case_due(story, "C05"))),
    )  # fmt: skip
    assert corrected
    story.give(c.HandUp("beyond-means"), PROPERTY)
    assert story.ticket.rung == "community_committee"


def case_due(story: Story, leaf: str) -> object:
    """The whole case's limit, from when it was accepted."""
    entry = RULES.catalogue.entries[leaf]
    one = story.ticket.case_due
    assert one is not None
    hours = entry.deadline_hours
    return replace(one, at=one.start + (one.at - one.start) / one.length * hours, length=hours,
                   basis=f"事项{leaf}“{entry.name}”")  # fmt: skip


def test_unruled_it_is_the_rulers_who_may_by_then() -> None:
    story = signed()
    story.after(hours=1)
    story.does(c.Object("not-our-duty"), PROPERTY, Objected, objection=ruler(story, "community_committee"))
    assert story.ticket.next_at == beijing(11, 23, 17, 30), "one working day of the community's office"
    story.at_next()
    (step,) = story.does(
        c.Tick(), CLOCK, HandedUp, **comes(story, "community_committee", passed=("property_company",))
    )  # fmt: skip
    assert isinstance(step, HandedUp)
    assert step.reason == "ruling-lapsed"


def test_a_ruler_who_turns_out_to_be_a_party_does_not_get_it() -> None:
    staff = staffed((WANG, COMMUNITY.post))
    party = Party("respondent", person="p-wang")
    story = objected(staff=staff)
    story.give(c.Relate(party), GRID)
    story.parties = (party,)
    story.refuses("recused", c.Rule(True), actor(COMMUNITY.post, "p-wang"))
    story.refuses("rung-missing", c.Rule(True), STREET)
    story.lapses()
    assert story.ticket.rung == "street_office"


@pytest.mark.parametrize("rung", ["building_leader", "property_company", "community_committee"])
def test_a_departments_duty_goes_down_by_no_way(rung: str) -> None:
    """接诉即办条例 art. 17: neither by dispatch nor by a ruling, whoever it is that sends it."""
    story = Story("B06")
    story.refuses("department-duty", c.Dispatch(rung), actor(STREET.post, "p-x"))  # type: ignore[arg-type]
    story.kept = replace(story.ticket, objection=Objection("other", Standing(None, Post("x", "x")), story.follow_up()))
    story.refuses("department-duty", c.Rule(True, rung), actor(STREET.post, "p-x"))  # type: ignore[arg-type]
    moved = Story("A01")
    moved.give(c.Reclassify(category="B06"), GRID)
    assert moved.ticket.rung == "street_office"


# -- the sorting desk -------------------------------------------------------------------------------------


def test_nobody_sorts_it_and_it_is_supervised() -> None:
    story = Story("A01", Spot())
    assert story.ticket.running is not None
    assert story.ticket.running[0] == "sort"
    story.ticks(Reminded, reminded=(("sort", "half"),))
    story.ticks(Reminded, reminded=(("sort", "half"), ("sort", "most")))
    story.at_next()
    assert story.now == beijing(11, 20, 11)
    (step,) = story.ticks(Supervised, supervision=Supervision(1, story.answer()), lapsed=True)
    assert isinstance(step, Supervised)
    assert step.reason == "sorting-lapsed"
    made = story.stands(None, "sorting", "人工分拣台")
    fresh = {"supervision": None, "lapsed": False, "sign": made["sign"], "rung_due": made["rung_due"], "reminded": ()}
    story.does(c.AnswerSupervision(WORDS), COMMUNITY, SupervisionAnswered, **fresh)
    where = {"spot": spot()}
    story.does(
        c.Reclassify(building_code="E1-B01"), COMMUNITY, Reclassified, **comes(story, "building_leader", **where)
    )
    assert story.ticket.spot.building == "1栋"


def test_every_desk_may_find_the_place_and_only_those() -> None:
    for by in (actor("community:other"), actor("street:other"), actor("grid:other"), DESK):
        story = Story("A01", Spot())
        story.give(c.Reclassify(grid_code="990101001001002"), by)
        assert story.ticket.rung == "community_committee"
        assert story.ticket.spot == spot(building=None).__class__("990101001", C, "E1", "990101001001002")
        story.refuses("not-your-ticket", c.Reclassify(category="B01"), by)
    for by in (PROPERTY, LEADER):
        Story("A01", Spot()).refuses("not-your-ticket", c.Reclassify(grid_code="990101001001002"), by)


def test_merged_at_the_sorting_desk_it_comes_apart_there() -> None:
    story = Story("A01", Spot())
    story.give(c.Merge("HY000000002"), COMMUNITY)
    assert story.ticket.next_at is None
    story.give(c.Split(), COMMUNITY)
    assert story.ticket.state == "sorting"
    assert story.ticket.next_at is not None


def test_a_correction_moves_it_and_keeps_what_the_sorter_said() -> None:
    """Another category, another place: another first rung; the case's clock runs from when it was accepted."""
    story = Story("A01").after(hours=3)
    there = replace(spot("E1", "E1-B02"), building="2栋")
    made = {"spot": there, "category": "G01", "urgency": "complex"}
    before = story.ticket
    story.kept = replace(before, urgency="complex")
    made = comes(story, "owners_committee", case_due=case_due(story, "G01"), **made)
    story.kept = before
    (step,) = story.does(c.Reclassify("G01", "E1-B02"), GRID, Reclassified, **made)
    assert isinstance(step, Reclassified)
    assert (step.was_category, step.was_spot) == ("A01", spot())
    assert story.ticket.sorting == before.sorting


def test_an_emergency_stays_one_whatever_it_is_called() -> None:
    story = Story("J05", urgency="emergency", hotline=("119",))
    story.give(c.Reclassify("C05"), PROPERTY)
    assert (story.ticket.urgency, story.ticket.rung) == ("emergency", "property_company")
    assert story.ticket.hotline == ("119",)
    assert story.ticket.sign is not None
    assert story.ticket.sign.due.length == 1
