"""Which steps of a whistle a department may read (最小事件), and what is left of them."""

from typing import Any

import pytest

from huiyin.core.whistle import commands as c
from huiyin.core.whistle import minimal
from huiyin.core.whistle import steps as s
from huiyin.core.whistle.minimal import shared
from tests.core.whistling import CITY, POLICE, SAID, STREET, TEAM, Story, arrived, at_department, called, done
from tests.core.world import AT


def _names(story: Story, post: str, *, lead: bool) -> list[str]:
    return [type(one).__name__ for one in story.steps if shared(one, post, lead=lead)]


def test_a_department_reads_what_concerns_it() -> None:
    story = arrived("daily", asks=TEAM)
    story.give(c.Answer(SAID), at_department(POLICE))
    story.give(done(story.now), at_department(CITY))
    story.give(c.Return(SAID), STREET)
    everybody = ["Acknowledged"] * 4 + ["Arrived"] * 4
    assert _names(story, CITY, lead=True) == ["Called", *everybody, "Answered", "Replied", "Returned"]
    assert _names(story, POLICE, lead=False) == ["Called", *everybody, "Answered", "Returned"]
    assert _names(story, TEAM[2].post, lead=False) == ["Called", *everybody, "Returned"]


def test_of_the_call_its_own_task_and_clocks_are_left() -> None:
    story = called("enforcement", asks=TEAM)
    step = next(one for one in story.steps if isinstance(one, s.Called))
    seen = shared(step, POLICE, lead=False)
    assert isinstance(seen, s.Called)
    assert [one.post for one in seen.asks] == [POLICE]
    assert {one.post for one in seen.clocks} == {POLICE}
    assert len(seen.clocks) == 3


def test_every_step_with_clocks_is_cut_to_its_own() -> None:
    """A new step with clocks must be thought of: it is cut, or nobody of a department reads it."""
    kept_from = {"Blown", "PassedOn", "Recomputed"}
    clocked = {one.__name__ for one in s.Step.__args__ if "clocks" in one.__struct_fields__}  # type: ignore[attr-defined]
    assert {one.__name__ for one in minimal._CLOCKED} | kept_from >= clocked


@pytest.mark.parametrize("reader", [CITY, POLICE])
def test_what_is_behind_it_is_nobodys(reader: str) -> None:
    story = called("daily", asks=TEAM, by=STREET)
    story.give(c.Progress(SAID), at_department(CITY))
    hidden: list[Any] = [one for one in story.steps if isinstance(one, s.Blown | s.Approved)]
    assert len(hidden) == 2
    heard = s.ResidentHeard("HY000000001", "no")
    for one in (*hidden, heard, s.SentBack("other", SAID), s.Declined("other", SAID), s.Joined("HY000000002", ())):
        assert shared(one, reader, lead=reader == CITY) is None


def test_an_objection_is_its_own_and_the_next_ones() -> None:
    ruled = s.ObjectionRuled(CITY, True, "other", "B04", called().now, POLICE)
    assert shared(ruled, CITY, lead=True) is not None
    assert shared(ruled, POLICE, lead=True) is not None
    assert shared(ruled, TEAM[2].post, lead=False) is None


def test_who_takes_over_is_not_told_whose_it_was_nor_that_somebody_complained_about_them() -> None:
    """All rulings read alike to it."""
    for why, words in (("other", SAID), ("recused", None)):
        told = shared(s.ObjectionRuled(CITY, True, why, "B04", AT, POLICE, words=SAID), POLICE, lead=True)  # type: ignore[arg-type]
        assert told == s.ObjectionRuled("", True, "other", "B04", AT, POLICE, words=words)
    own = s.ObjectionRuled(CITY, False, "other", "B04", AT, words=SAID)
    assert shared(own, CITY, lead=True) == own
