"""What a step counts as: once, at its own time and place, whatever became of the ticket before and after."""

from datetime import date

import pytest

from huiyin.core import commands as ask
from huiyin.core.tally import Count, Told, counts
from huiyin.core.ticket import RESIDENT, Actor, Command
from tests.core.world import AT, COMMUNITY, LEADER, STREET, WORDS, Story, spot


class Lived(Story):
    """A story that remembers when its steps were."""

    def __init__(self, category: str = "B01", **more: object) -> None:
        self.told: list[Told] = []
        super().__init__(category, **more)  # type: ignore[arg-type]

    def give(self, command: Command, by: Actor) -> list[object]:  # type: ignore[override]
        before = len(self.steps)
        made = super().give(command, by)
        self.told += [Told(before + n, self.now, step) for n, step in enumerate(made, 1)]
        return list(made)

    def does_all(self, *commands: Command, by: Actor = LEADER) -> None:
        for command in commands:
            assert self.give(command, by), command

    def counted(self, *metrics: str) -> list[tuple[str, str, str]]:
        """Metric, word, rung, in the order of the steps; all of them, or of some metrics."""
        found = [(one.metric, one.said, one.rung) for one in counts(self.told)]
        return [one for one in found if not metrics or one[0] in metrics]


WORK = (ask.Sign(), ask.Contact(), ask.Resolve(WORDS), ask.Reply(WORDS))
L = "building_leader"


def test_a_straight_life() -> None:
    story = Lived().after(hours=1)
    story.does_all(*WORK)
    story.after(hours=1).give(ask.FollowUp("yes", 4), RESIDENT)
    assert story.counted() == [
        ("filed", "web", L), ("signed", "", L), ("contact", "in-time", L), ("replied", "", L),
        ("followed", "yes", L), ("rated", "4", L), ("closed", "solved", L),
    ]  # fmt: skip
    minutes = {one.metric: one.minutes for one in counts(story.told)}
    assert (minutes["signed"], minutes["replied"], minutes["closed"]) == (60, 60, 120)
    first = next(iter(counts(story.told)))
    assert first == Count(
        "HY000000001", 2, "filed", date(2026, 11, 20), "990101001", "990101001001", "990101001001001", L,
        "B", "none", "web", 0,
    )  # fmt: skip


def test_what_closes_and_opens_again_is_counted_both_ways() -> None:
    story = Lived().after(hours=1)
    story.does_all(*WORK)
    story.give(ask.FollowUp("yes"), RESIDENT)
    story.after(days=2).does_all(ask.Reopen("came-back"), by=COMMUNITY)
    found = [one[0] for one in story.counted("closed", "revived", "reopened", "rated")]
    assert found == ["closed", "reopened", "revived"]


def test_a_dissatisfied_answer_reopens_what_was_never_closed() -> None:
    story = Lived().after(hours=1)
    story.does_all(*WORK)
    story.give(ask.FollowUp("no", 1), RESIDENT)
    assert [one[:2] for one in story.counted("followed", "rated", "reopened", "closed", "revived")] == [
        ("followed", "no"), ("rated", "1"), ("reopened", "unsatisfied"),
    ]  # fmt: skip


def test_the_first_limit_that_runs_out_settles_the_contact() -> None:
    """Late once, however often it lapses and whoever calls afterwards; the rung is the one that let it lapse."""
    story = Lived()
    story.lapses().lapses()
    story.give(ask.Contact(), story_holder(story))
    assert story.counted("contact") == [("contact", "late", story.counted("contact")[0][2])]
    lapsed = story.counted("lapsed")
    assert ("lapsed", "sign-lapsed", L) in lapsed
    climbed = story.counted("climbed")
    assert climbed[0][1] == "sign-lapsed"
    assert climbed[0][2] != L


def story_holder(story: Lived) -> Actor:
    assert story.ticket.post is not None
    code = story.ticket.post.code
    return next((one for one in (LEADER, COMMUNITY, STREET) if one.post == code), STREET)


@pytest.mark.parametrize("hours", [1, 24 * 30])
def test_a_contact_is_in_time_by_the_limit_that_ran(hours: int) -> None:
    """A sweep that comes late does not make it early."""
    story = Lived().after(hours=hours)
    story.give(ask.Contact(), LEADER)
    assert story.counted("contact")[0][1] == ("in-time" if hours == 1 else "late")


def test_who_takes_it_back_had_to_be_contacted_by_nobody() -> None:
    story = Lived().after(hours=1)
    story.give(ask.Withdraw(), RESIDENT)
    assert [one[:2] for one in story.counted()] == [("filed", "web"), ("closed", "withdrawn")]


def test_a_standing_answer_is_no_desk_s() -> None:
    """About the street itself: no rung judges it, the rulebook replies."""
    story = Lived("C01", about="street")
    assert not story.counted("contact")
    assert [one[0] for one in story.counted()][:1] == ["filed"]


def test_a_step_stays_where_it_was() -> None:
    """Moved to another grid and topic, what came before stays in the old one."""
    story = Lived(where=spot()).after(hours=1)
    story.does_all(ask.Reclassify(building_code="E1-B02", category="G01"), by=COMMUNITY)
    story.after(hours=1).give(ask.Withdraw(), RESIDENT)
    found = {one.metric: (one.grid[-3:], one.topic, one.day) for one in counts(story.told)}
    assert found == {"filed": ("001", "B", date(2026, 11, 20)), "closed": ("002", "G", date(2026, 11, 20))}
    assert AT.date() == date(2026, 11, 20)
