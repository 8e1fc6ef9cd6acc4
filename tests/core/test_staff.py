"""Conflicts of interest and seats, each kind in a table; what giving and ending a post does, in a walk."""

from datetime import datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin.core.staff import (
    NOBODY,
    Conflict,
    Holding,
    Left,
    Overlapping,
    Party,
    Person,
    Seat,
    Staff,
    Taken,
    Term,
    conflict,
    follow,
    left,
    seat,
    taken,
)
from tests.core.world import AT

POST, NAME = "building_leader:E1-B01", "楼栋长"
WANG = Person(
    "p-wang", b"138", b"E1-B01/601", "property:E1", frozenset((POST, "owners_committee:E1")), frozenset(("p-li",))
)
LI = Person("p-li", b"139", b"E1-B02/101")
ME = Party("complainant", b"137", b"E1-B03/301", "p-me")

CONFLICTS: dict[str, tuple[list[Party], Conflict | None]] = {
    "nobody known": ([Party("complainant"), Party("respondent")], None),
    "strangers": ([ME, Party("respondent", b"136", b"E1-B04/401", "p-zhao", "street:S")], None),
    "filed it, by phone": ([Party("complainant", phone=b"138")], "party"),
    "filed it, by person": ([Party("complainant", person="p-wang")], "party"),
    "accused, by phone": ([ME, Party("respondent", phone=b"138")], "party"),
    "accused, by person": ([ME, Party("respondent", person="p-wang")], "party"),
    "lives with who filed it": ([Party("complainant", household=b"E1-B01/601")], "household"),
    "lives with the accused": ([ME, Party("respondent", household=b"E1-B01/601")], "household"),
    "works for the accused": ([ME, Party("respondent", organisation="property:E1")], "employer"),
    "works for who filed it": ([Party("complainant", organisation="property:E1")], None),
    "is related to who filed it": ([Party("complainant", person="p-li")], "declared"),
    "is related to the accused": ([ME, Party("respondent", person="p-li")], "declared"),
    "sits on the accused committee": ([ME, Party("respondent", organisation="owners_committee:E1")], "respondent"),
    "is the accused post": ([ME, Party("respondent", organisation=POST)], "respondent"),
    "was barred": ([ME, Party("barred", person="p-wang")], "barred"),
    "is of a post that was barred": ([ME, Party("barred", organisation=POST)], "barred"),
    "works for who was barred": ([ME, Party("barred", organisation="property:E1")], "barred"),
    "others were barred": ([ME, Party("barred", person="p-zhao"), Party("barred", organisation="street:S")], None),
    "committee of elsewhere": ([ME, Party("respondent", organisation="owners_committee:E2")], None),
    "the nearest reason is said": ([Party("complainant", b"138", b"E1-B01/601"), ME], "party"),
}


@pytest.mark.parametrize("case", CONFLICTS)
def test_conflicts(case: str) -> None:
    """信访工作条例 art. 28(3)."""
    parties, expected = CONFLICTS[case]
    assert conflict(WANG, parties) == expected


def test_every_kind_of_conflict_has_a_case() -> None:
    assert {kind for _, kind in CONFLICTS.values()} - {None} == set(get_args(Conflict))


def test_who_nothing_is_known_of_is_in_no_conflict() -> None:
    """Two that are not known are not the same."""
    nobody = Person("p-x")
    assert conflict(nobody, [Party("complainant"), Party("respondent")]) is None


def test_one_person_in_two_posts_brings_both() -> None:
    """Cross-appointment: as building leader, too, somebody of the committee cannot take what accuses it."""
    parties = [ME, Party("respondent", organisation="owners_committee:E1")]
    assert seat(staffed(WANG), POST, NAME, parties) == Seat(
        "conflicted", "楼栋长与本件有利害关系(任职于被反映单位),回避"
    )


# -- seats ------------------------------------------------------------------------------------------------


def staffed(*holders: Person, deputies: tuple[Person, ...] = ()) -> Staff:
    made = [Holding(POST, one) for one in holders] + [Holding(POST, one, deputy=True) for one in deputies]
    return Staff({POST: tuple(made)})


HOME = [ME, Party("respondent", household=b"E1-B01/601")]  # in conflict with Wang
BOTH = [Party("complainant", household=b"E1-B02/101"), Party("respondent", household=b"E1-B01/601")]

SEATS: dict[str, tuple[Staff, list[Party], Seat]] = {
    "never named": (NOBODY, HOME, Seat("open")),
    "vacant": (staffed(), [], Seat("vacant", "楼栋长空缺")),
    "held": (staffed(WANG), [], Seat("held")),
    "held, with a deputy": (staffed(LI, deputies=(WANG,)), HOME, Seat("held")),
    "one of two holders withdraws": (staffed(WANG, LI), HOME, Seat("held")),
    "a deputy steps in": (staffed(WANG, deputies=(LI,)), HOME, Seat("deputy", "楼栋长回避,由副职承办")),
    "a deputy alone": (staffed(deputies=(LI,)), HOME, Seat("deputy", "楼栋长空缺,由副职承办")),
    "nobody is left": (staffed(WANG), HOME, Seat("conflicted", "楼栋长与本件有利害关系(同住户),回避")),
    "nor a deputy": (
        staffed(WANG, deputies=(LI,)), BOTH, Seat("conflicted", "楼栋长与本件有利害关系(同住户),回避")
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SEATS)
def test_seats(case: str) -> None:
    staff, parties, expected = SEATS[case]
    assert seat(staff, POST, NAME, parties) == expected


def test_where_somebody_may_take_it() -> None:
    kinds = {expected.kind: expected.works for _, _, expected in SEATS.values()}
    assert kinds == {"open": True, "held": True, "deputy": True, "vacant": False, "conflicted": False}


def test_why_names_nobody() -> None:
    """What goes into the log says the post and the relation, not who."""
    for _, _, expected in SEATS.values():
        assert "p-" not in expected.why


# -- a post changes hands ---------------------------------------------------------------------------------


def day(n: int) -> datetime:
    return AT + timedelta(days=n)


def term(since: int, until: int | None = None, *, deputy: bool = False, scope: str = "building:E1-B01") -> Term:
    end = None if until is None else day(until)
    return Term(POST, "p-wang", "building_leader", scope, day(since), end, deputy)


def step(one: Term) -> Taken:
    return Taken(one.post, one.person, one.role, one.scope, one.deputy, one.since, one.until)


ENDED = Left(POST, "p-wang", day(5))
TAKEN: dict[str, tuple[list[Term], Term, list[Taken | Left]]] = {
    "new": ([], term(0), [step(term(0))]),
    "again": ([term(0)], term(0), []),
    "again, later": ([term(0)], term(5), []),
    "after a gap": ([term(0, 3)], term(5), [step(term(5))]),
    "from its very end on": ([term(0, 5)], term(5), [step(term(5))]),
    "before a planned one": ([term(7)], term(5, 7), [step(term(5, 7))]),
    "another scope": ([term(0)], term(5, scope="estate:E1"), [ENDED, step(term(5, scope="estate:E1"))]),
    "now a deputy": ([term(0)], term(5, deputy=True), [ENDED, step(term(5, deputy=True))]),
    "an end to it": ([term(0)], term(5, 9), [ENDED, step(term(5, 9))]),
}


@pytest.mark.parametrize("case", TAKEN)
def test_giving(case: str) -> None:
    kept, wanted, expected = TAKEN[case]
    assert taken(kept, wanted) == expected


@pytest.mark.parametrize("wanted", [term(3), term(3, 8), term(7, 9), term(7, deputy=True)])
def test_a_later_term_is_not_written_over(wanted: Term) -> None:
    with pytest.raises(Overlapping):
        taken([term(7)], wanted)


def test_ending() -> None:
    assert left([term(0)], POST, "p-wang", day(5)) == [ENDED]
    assert left([term(7)], POST, "p-wang", day(5)) == [ENDED]
    assert left([term(0, 5)], POST, "p-wang", day(5)) == []
    assert left([], POST, "p-wang", day(5)) == []
    planned = follow([term(0), term(7)], Left(POST, "p-wang", day(5)))
    assert planned == [term(0, 5), term(7, 7)]
    assert left(planned, POST, "p-wang", day(5)) == []
    assert not any(one.holds(day(7)) for one in planned)


def test_a_term_is_from_and_without() -> None:
    assert [term(1, 3).holds(day(n)) for n in range(5)] == [False, True, True, False, False]


moves = st.lists(
    st.tuples(st.booleans(), st.integers(0, 20), st.integers(1, 10) | st.none(), st.booleans()), max_size=12
)


@given(moves)
def test_nobody_holds_a_post_twice_at_once(story: list[tuple[bool, int, int | None, bool]]) -> None:
    """Whatever is given and ended in whatever order: never two terms at a moment, and a repeat is no step."""
    kept: list[Term] = []
    for ends, since, length, deputy in story:
        if ends:
            steps: list[Taken | Left] = list(left(kept, POST, "p-wang", day(since)))
        else:
            wanted = term(since, None if length is None else since + length, deputy=deputy)
            try:
                steps = taken(kept, wanted)
            except Overlapping:
                continue
        for one in steps:
            kept = follow(kept, one)
        for n in range(40):
            assert sum(one.holds(day(n)) for one in kept) <= 1
        again = left(kept, POST, "p-wang", day(since)) if ends else taken(kept, wanted)
        assert again == []
        if ends:
            assert not any(one.holds(day(n)) for one in kept for n in range(since, 40))
        else:
            assert any(one.holds(day(since)) and one.deputy == deputy for one in kept)
