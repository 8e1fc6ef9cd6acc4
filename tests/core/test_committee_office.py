"""A committee's office as steps: what is one, what they fold to, how each reads without a name that is not known."""

import re
from datetime import date
from typing import get_args

import msgspec
import pytest

from huiyin.committee_story import Callers, CommitteeTeller
from huiyin.core.mediation import office
from huiyin.core.mediation.committee import Member
from huiyin.core.mediation.office import Office, Step, elected, follow
from huiyin.rules.load import load_catalogue
from huiyin.story import load_words
from tests.core.world import AT

SINCE, UNTIL, LATER = date(2026, 1, 1), date(2029, 1, 1), date(2028, 6, 30)
WANG = Member("p-wang", SINCE, UNTIL, chair=True)
STEPS: tuple[Step, ...] = (
    office.Founded("柳岸", False),
    office.Mended("柳岸", True, True),
    office.MemberAppointed("p-wang", SINCE, UNTIL, True),
    office.MemberMended("p-wang", SINCE, LATER, False, True),
    office.MemberAppointed("p-li", SINCE, UNTIL, False),
    office.MemberRemoved("p-li", SINCE),
    office.SpecialitiesChanged("p-wang", ("A", "A01")),
    office.RosterChanged(date(2026, 12, 8), ("p-li", "p-wang")),
    office.RosterChanged(date(2026, 12, 9), ("p-wang",)),
    office.RosterChanged(date(2026, 12, 9), ()),
    office.RoomOpened("R1", 8),
    office.RoomMended("R1", 10, True),
    office.RoomOpened("R2", 4),
    office.RoomClosed("R2"),
    office.RoomBooked("R1", "TJ000000001", 1, AT, AT),
    office.RoomReleased("R1", "TJ000000001", 1),
)


def test_the_story_has_every_step_and_folds_to_what_stands() -> None:
    assert {type(step) for step in STEPS} == set(get_args(Step))
    made = Office()
    for step in STEPS:
        made = follow(made, step)
    assert made == Office(
        "柳岸",
        True,
        {("p-wang", SINCE): (LATER, False)},
        {"R1": 10},
        {date(2026, 12, 8): frozenset(("p-li", "p-wang"))},
    )


def test_a_repeat_is_no_step_and_for_whom_a_member_counts_is_in_none() -> None:
    assert elected(WANG, WANG) == []
    assert elected(None, WANG) == [office.MemberAppointed("p-wang", SINCE, UNTIL, True)]
    longer = msgspec.structs.replace(WANG, until=LATER)
    assert elected(WANG, longer) == [office.MemberMended("p-wang", SINCE, LATER, True, False)]
    for mark in ("woman", "minority"):
        (step,) = elected(WANG, msgspec.structs.replace(WANG, **{mark: True}))
        assert step == office.MemberMended("p-wang", SINCE, UNTIL, True, True)
        assert mark not in msgspec.json.encode(step).decode()


@pytest.mark.parametrize("step", STEPS, ids=lambda step: str(type(step).__name__))
def test_each_step_reads_and_names_only_whom_the_reader_knows(step: Step) -> None:
    catalogue = load_catalogue()
    known = Callers({"p-wang": "王桂英", "p-li": "李建平"}, {"R1": "老娘舅调解室"}, frozenset(("TJ000000001",)))
    told = CommitteeTeller(catalogue, known).sentence(step)
    assert re.search(r"[一-鿿]", told)
    assert not re.search(r"p-|True|False|\{|\bR1\b", told)
    bare = CommitteeTeller(catalogue, Callers()).sentence(step)
    assert not re.search(r"王|李|老娘舅|TJ\d", bare)


def test_every_variant_of_every_step_can_be_said() -> None:
    """None behind one that always fits, and all of them for steps that there are."""
    words = load_words("committee_story.toml")
    assert set(words.said) == {str(kind.__struct_config__.tag) for kind in get_args(Step)}
    for name, variants in words.said.items():
        assert all(one.when for one in variants[:-1]), name
        assert not variants[-1].when, name
