"""What a ticket is told of a mediation that came of it: kept in every state, nothing waits for it, nothing changes."""

from collections.abc import Callable
from typing import get_args

import pytest

from huiyin.core.mediated import Mediated, MediationProgress
from huiyin.core.state import MediationAt
from huiyin.core.ticket import CLOCK, RESIDENT, SORTER, Actor
from huiyin.story import load_words
from tests.core.test_whistled import EVERYWHERE
from tests.core.world import COMMUNITY, PROPERTY, Story

ONE, OTHER = "TJ000000001", "TJ000000002"


@pytest.mark.parametrize("before", EVERYWHERE)
@pytest.mark.parametrize("by", [CLOCK, SORTER])
def test_it_is_written_down_wherever_the_ticket_stands(before: Callable[[], Story], by: object) -> None:
    story = before()
    assert not story.ticket.mediations
    moment = story.ticket.next_at
    story.does(Mediated(ONE, "applied", 1), by, Mediated, mediations=(MediationAt(ONE, "applied", 1),))  # type: ignore[arg-type]
    assert story.ticket.next_at == moment


@pytest.mark.parametrize("by", [PROPERTY, COMMUNITY, RESIDENT])
def test_only_the_house_itself_says_so(by: Actor) -> None:
    EVERYWHERE[2]().refuses("not-your-ticket", Mediated(ONE, "accepted", 2), by)


def test_news_only_and_never_backwards() -> None:
    story = EVERYWHERE[2]()
    story.give(Mediated(ONE, "accepted", 5), CLOCK)
    for late in (Mediated(ONE, "applied", 1), Mediated(ONE, "accepted", 5), Mediated(ONE, "accepted", 9)):
        assert story.decide(late, CLOCK) == []
    story.give(Mediated(OTHER, "applied", 1), CLOCK)
    story.give(Mediated(ONE, "agreed", 12), CLOCK)
    assert story.ticket.mediations == (MediationAt(OTHER, "applied", 1), MediationAt(ONE, "agreed", 12))
    assert story.ticket.whistles == ()


def test_every_progress_has_its_words() -> None:
    words = load_words()
    said = [words.word("progress", one) for one in get_args(MediationProgress)]
    assert len(set(said)) == len(said)
    assert not set(said) & set(get_args(MediationProgress))
