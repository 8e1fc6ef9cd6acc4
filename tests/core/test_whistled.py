"""What a ticket is told of its whistles (吹哨): kept in every state, newest last, and nothing waits for it."""

from collections.abc import Callable
from datetime import timedelta
from typing import get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from huiyin.core import commands as c
from huiyin.core.people import ROLES
from huiyin.core.sight import hears
from huiyin.core.state import State, WhistleAt
from huiyin.core.steps import Reminded, Resolved
from huiyin.core.tally import Told, counts
from huiyin.core.ticket import CLOCK, SORTER
from huiyin.core.whistled import Whistled, WhistleStage
from huiyin.story import Teller, load_words
from tests.core.stages import (
    at_property,
    closed,
    desk,
    merged,
    pressured,
    replied,
    resolved,
    shelved,
    signed,
    whistled,
    withdrawn,
)
from tests.core.world import AT, PROPERTY, RULES, WORDS, Story

ONE, OTHER = "SH000000001", "SH000000002"
SOON = AT + timedelta(hours=4)
EVERYWHERE = (desk, at_property, signed, resolved, replied, shelved, merged, closed, withdrawn, pressured)


def test_the_stages_above_are_every_state() -> None:
    assert {story().ticket.state for story in EVERYWHERE} == set(get_args(State))


@pytest.mark.parametrize("before", EVERYWHERE)
@pytest.mark.parametrize("by", [CLOCK, SORTER])
def test_it_is_written_down_wherever_the_ticket_stands(before: Callable[[], Story], by: object) -> None:
    """And nothing else changes: no state, no clock, no rung."""
    story = before()
    moment = story.ticket.next_at
    heard = WhistleAt(ONE, "blown", 1, SOON)
    story.does(Whistled(ONE, "blown", 1, SOON), by, Whistled, whistles=(heard,))  # type: ignore[arg-type]
    assert story.ticket.next_at == moment


def test_a_whistle_s_life_beside_the_ticket_s() -> None:
    story = signed()
    told: list[tuple[WhistleStage, int, object]] = [
        ("blown", 1, SOON), ("called", 3, SOON), ("acknowledged", 4, SOON), ("arrived", 6, None), ("replied", 9, SOON),
        ("returned", 10, SOON), ("replied", 11, SOON), ("confirmed", 12, SOON), ("closed", 15, None),
    ]  # fmt: skip
    for stage, version, at in told:
        command = Whistled(ONE, stage, version, at)  # type: ignore[arg-type]
        made = story.does(command, CLOCK, Whistled, whistles=(WhistleAt(ONE, stage, version, at),))  # type: ignore[arg-type]
        assert made == [command]
        assert story.decide(command, CLOCK) == []
    assert story.ticket.state == "signed"


def test_the_ladder_s_clock_runs_on() -> None:
    """The ticket never waits for a whistle: it is reminded and climbs at the moments it would have had."""
    alone, beside = signed(), whistled()
    for story in (alone, beside):
        story.ticks(Reminded, reminded=(("resolve", "half"),))
        story.lapses()
    assert replace(beside.ticket, version=0, whistles=()) == replace(alone.ticket, version=0)
    assert beside.now == alone.now
    assert beside.ticket.whistles == whistled().ticket.whistles, "another rung knows it, too"


def test_work_goes_on_and_the_whistle_with_it() -> None:
    story = whistled()
    known = story.ticket.whistles
    story.give(c.Resolve(WORDS), PROPERTY)
    assert isinstance(story.steps[-1], Resolved)
    story.give(c.Reply(WORDS), PROPERTY)
    assert story.ticket.whistles == known
    story.give(Whistled(ONE, "confirmed", 12), CLOCK)
    assert (story.ticket.state, story.ticket.whistles[0].stage) == ("replied", "confirmed")


def test_what_comes_late_does_not_overwrite() -> None:
    story = whistled()
    for stale in (
        Whistled(ONE, "blown", 1, SOON),
        Whistled(ONE, "acknowledged", 2),
        Whistled(ONE, "acknowledged", 3),
        Whistled(ONE, "called", 3, SOON + timedelta(hours=1)),
    ):
        assert story.decide(stale, CLOCK) == [], stale


def test_the_same_stage_is_news_only_with_another_limit() -> None:
    """Supervised again, or readdressed: the limit that a reader is told must be one that runs."""
    story = whistled()
    assert story.decide(Whistled(ONE, "called", 7, SOON), CLOCK) == []
    later = SOON + timedelta(days=1)
    story.does(Whistled(ONE, "called", 7, later), CLOCK, Whistled, whistles=(WhistleAt(ONE, "called", 7, later),))
    story.does(Whistled(ONE, "called", 8), CLOCK, Whistled, whistles=(WhistleAt(ONE, "called", 8, None),))


def test_two_whistles_of_one_ticket_are_told_apart() -> None:
    story = whistled()
    first = story.ticket.whistles[0]
    joined = WhistleAt(OTHER, "joined", 2, None)
    story.does(Whistled(OTHER, "joined", 2), CLOCK, Whistled, whistles=(first, joined))
    moved = WhistleAt(ONE, "acknowledged", 4, None)
    story.does(Whistled(ONE, "acknowledged", 4), CLOCK, Whistled, whistles=(joined, moved))
    assert story.decide(Whistled(OTHER, "joined", 2), CLOCK) == []


STAGES: tuple[WhistleStage, ...] = get_args(WhistleStage)
MOMENTS = st.sampled_from([None, SOON, SOON + timedelta(days=1)])
TOLD = st.builds(Whistled, st.sampled_from([ONE, OTHER]), st.sampled_from(STAGES), st.integers(1, 9), MOMENTS)


@settings(max_examples=60)
@given(
    st.lists(st.builds(Whistled, st.sampled_from([ONE, OTHER]), st.sampled_from(STAGES), st.integers(1, 9), MOMENTS))
)
def test_in_whatever_order_it_comes(told: list[Whistled]) -> None:
    """Each whistle's version only grows; every step says something new; through JSON it is the same."""
    story = signed()
    for command in told:
        before = {one.number: one for one in story.ticket.whistles}.get(command.whistle)
        for step in story.give(command, CLOCK):
            assert msgspec.json.decode(msgspec.json.encode(step), type=Whistled) == step
            after = story.ticket.whistles[-1]
            assert after == WhistleAt(command.whistle, command.stage, command.version, command.at)
            assert before is None or before.version < after.version
            assert before is None or (before.stage, before.at) != (after.stage, after.at)
    numbers = [one.number for one in story.ticket.whistles]
    assert len(numbers) == len(set(numbers))
    assert story.ticket == replace(signed().ticket, version=story.ticket.version, whistles=story.ticket.whistles)


def test_it_counts_as_nothing() -> None:
    alone, beside = signed(), whistled()
    assert list(counts(_chain(beside))) == list(counts(_chain(alone)))


def _chain(story: Story) -> list[Told]:
    return [Told(version, AT, step) for version, step in enumerate(story.steps, 1)]


def test_every_stage_has_its_word() -> None:
    assert tuple(load_words().words["stage"]) == STAGES


def test_a_limit_is_told_where_one_runs() -> None:
    tell = Teller(RULES).sentence
    said = tell(Whistled(ONE, "acknowledged", 4, SOON), AT, "clock")
    assert said == "2026年11月20日 09:00 哨单 SH000000001:主办部门已接哨;最近的时限 11月20日 13:00。"
    said = tell(Whistled(ONE, "cancelled", 5), AT, "clock")
    assert said == "2026年11月20日 09:00 哨单 SH000000001:已撤哨。"


def test_who_is_told() -> None:
    """Nobody who may be complained about or called: they learn of it from the whistle, as far as it is theirs."""
    assert {role for role in ROLES if hears(role)} == {
        "grid_worker", "community", "street", "auditor", "registrar", "machine"
    }  # fmt: skip
