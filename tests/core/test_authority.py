"""Who may give which order (权限): the whole table, command by relation; and who is never asked at all."""

from contextlib import suppress
from typing import get_args

import pytest

from huiyin.core import commands as c
from huiyin.core.mediated import Mediated
from huiyin.core.staff import Party, Person
from huiyin.core.ticket import CLOCK, RESIDENT, Actor, Command, Refused, Scene
from huiyin.core.ticket.authority import TABLE, allow, relations
from huiyin.core.ticket.ground import Ground
from huiyin.core.voices import Add, ReportPressure, Urge
from huiyin.core.whistled import Whistled
from tests.core.stages import objected
from tests.core.world import (
    AT,
    COMMITTEE,
    COMMUNITY,
    DESK,
    GRID,
    LEADER,
    LEADER2,
    PROPERTY,
    RULES,
    STREET,
    WORDS,
    S,
    Spot,
    Story,
    actor,
    staffed,
)

# h: the post that has it, g: the grid worker who helps it, u: the rung above, a: the place's, but below, o: another
# post of the estate, x: a desk of elsewhere, r: the resident, t: the clock. On the building leader's ticket g is the
# helper and u the community; on the company's g is "a".
ORDERS: dict[type, tuple[Command, str]] = {
    c.File: (c.File("x", "web", "none", AT, "x", "x", None), "t"),  # type: ignore[arg-type]
    c.Reclassify: (c.Reclassify("B01"), "hgua"),
    c.Dispatch: (c.Dispatch("property_company"), "u"),
    c.Sign: (c.Sign(), "hg"),
    c.Contact: (c.Contact(), "hgua"),
    c.Note: (c.Note(WORDS), "hgua"),
    c.CheckSite: (c.CheckSite(WORDS), "hgua"),
    c.Attach: (c.Attach((WORDS,)), "hguar"),
    c.Dissuade: (c.Dissuade(AT, "x", WORDS), "hgua"),
    c.Reassign: (c.Reassign("x"), "hu"),
    c.Relate: (c.Relate(Party("complainant")), "hgua"),
    c.Resolve: (c.Resolve(WORDS), "hg"),
    c.Reply: (c.Reply(WORDS), "hgu"),
    c.View: (c.View("name", "contact"), "hgua"),
    c.Notify: (c.Notify("x", WORDS), "hu"),
    c.HandUp: (c.HandUp("other"), "hg"),
    c.Object: (c.Object("other"), "h"),
    c.Rule: (c.Rule(True), "u"),
    c.AnswerSupervision: (c.AnswerSupervision(WORDS), "hgu"),
    c.Tick: (c.Tick(), "t"),
    c.Recompute: (c.Recompute(), "t"),
    c.Extend: (c.Extend("other", 1), "hgu"),
    c.Shelve: (c.Shelve("other", AT, "x", WORDS), "hgu"),
    c.Approve: (c.Approve(), "u"),
    c.Decline: (c.Decline(), "u"),
    c.Clear: (c.Clear(WORDS), "hgu"),
    c.Merge: (c.Merge("x"), "hgua"),
    c.Join: (c.Join("x", None, AT), "hgua"),
    c.Split: (c.Split(), "hguart"),
    c.Leave: (c.Leave("x"), "hguart"),
    c.Follow: (c.Follow(WORDS, "x", "x"), "t"),
    c.FollowUp: (c.FollowUp("yes"), "hguar"),
    c.Reopen: (c.Reopen("other"), "uar"),
    c.Withdraw: (c.Withdraw(), "uar"),
    c.Redirect: (c.Redirect("secret", WORDS), "hu"),
    c.Close: (c.Close("solved"), "hgua"),
    Urge: (Urge(), "r"),
    Add: (Add(WORDS), "r"),
    ReportPressure: (ReportPressure(), "r"),
    Whistled: (Whistled("SH000000001", "blown", 1), "t"),
    Mediated: (Mediated("TJ000000001", "applied", 1), "t"),
}
AT_LEADER = {"h": LEADER, "g": GRID, "u": COMMUNITY, "o": PROPERTY, "x": LEADER2, "r": RESIDENT, "t": CLOCK}
AT_COMPANY = {"h": PROPERTY, "a": GRID, "u": STREET, "o": COMMITTEE, "x": actor("community:other"), "r": RESIDENT}
AT_STREET = {"h": STREET, "a": COMMUNITY, "o": PROPERTY, "x": actor("street:other"), "t": CLOCK}


def allowed(story: Story, command: Command, by: Actor) -> bool:
    ground = Ground(AT, RULES, Scene(by, story.staff, story.parties))
    with suppress(Refused):
        return bool(allow(ground, story.ticket, command))
    with pytest.raises(Refused, match="not-your-ticket"):
        allow(ground, story.ticket, command)
    return False


@pytest.mark.parametrize(("leaf", "who"), [("A01", AT_LEADER), ("A02", AT_COMPANY), ("M02", AT_STREET)])
def test_the_table(leaf: str, who: dict[str, Actor]) -> None:
    story = Story(leaf)
    for kind, (command, may) in ORDERS.items():
        found = {key for key, by in who.items() if allowed(story, command, by)}
        assert found == set(may) & set(who), kind


def test_every_command_has_its_row() -> None:
    """Law: no order that nobody thought of."""
    assert set(ORDERS) == set(get_args(Command))
    assert set(TABLE) == {kind.__name__ for kind in ORDERS}


def test_whoever_was_told_of_an_emergency_may_work_on_it() -> None:
    story = Story("J05", urgency="emergency")
    assert relations(COMMUNITY, story.ticket, RULES.ladder) == {"above", "assistant"}
    assert allowed(story, c.Resolve(WORDS), COMMUNITY)
    assert not allowed(Story("A02"), c.Resolve(WORDS), COMMUNITY)


def test_the_ruler_rules() -> None:
    """The next rung up rules though the place is not its own."""
    story = Story("A01")
    story.give(c.Object("other"), LEADER)
    assert relations(COMMITTEE, story.ticket, RULES.ladder) == {"ruler"}
    assert allowed(story, c.Rule(True), COMMITTEE)
    assert not allowed(story, c.Rule(True), PROPERTY)
    assert not allowed(objected(), c.Rule(True), PROPERTY)


def test_on_the_last_rung_only_a_named_person_stands_for_above() -> None:
    story = Story("M02", staff=staffed((Person("p-wang"), f"street:{S}")))
    for command in (c.Approve(), c.Dispatch("community_committee"), c.Reopen("other"), c.Withdraw()):
        assert allowed(story, command, actor(STREET.post, "p-wang"))
        assert not allowed(story, command, STREET)
    below = Story("A02")
    assert not allowed(below, c.Approve(), actor(PROPERTY.post, "p-wang"))


def test_who_finds_the_place_of_one_without_any() -> None:
    story = Story("A01", Spot())
    assert relations(actor("community:other"), story.ticket, RULES.ladder) == {"above"}
    assert relations(actor("grid:other"), story.ticket, RULES.ladder) == {"area"}
    assert relations(DESK, story.ticket, RULES.ladder) == {"holder"}
    assert relations(PROPERTY, story.ticket, RULES.ladder) == frozenset()
    assert not allowed(story, c.Dispatch("street_office"), actor("grid:other"))


ON_A_TICKET = [one for one, _ in ORDERS.values() if not isinstance(one, c.File)]


@pytest.mark.parametrize("command", ON_A_TICKET, ids=lambda one: type(one).__name__)
def test_whoever_has_an_interest_does_nothing(command: Command) -> None:
    """Named or not, as whatever post; and the accused's desk is out even of its own ticket."""
    wang = Person("p-wang", household=b"E1-B01/601")
    staff = staffed((wang, "property:E1"), (wang, COMMUNITY.post))
    story = Story("A02", staff=staff, parties=(Party("complainant", household=b"E1-B01/601"),))
    story.refuses("recused", command, actor(COMMUNITY.post, "p-wang"))
    Story("A02", about="property").refuses("recused", command, PROPERTY)
    Story("A02", about="grid_or_community_staff").refuses("recused", command, GRID)
    Story("A02", about="owners_committee").refuses("recused", command, PROPERTY)


def test_the_accused_of_elsewhere_is_another() -> None:
    """A company that is complained about is one company; a committee's desk of another estate only has no part."""
    story = Story("A02", about="property")
    story.refuses("not-your-ticket", c.Note(WORDS), actor("owners_committee:E2"))
