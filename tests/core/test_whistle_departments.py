"""Whom to call, what a call learns from upheld objections (分哨), and what a department sees (最小事件)."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from msgspec import Struct
from msgspec.structs import replace

from huiyin.core.deadline import Limit, due, rest
from huiyin.core.scene import CLOCK
from huiyin.core.staff import Party
from huiyin.core.whistle import commands as c
from huiyin.core.whistle.ground import metres
from huiyin.core.whistle.minimal import Minimal, Stage, minimal
from huiyin.core.whistle.suggest import Learnt, Suggestion, suggest
from huiyin.core.words import Sealed
from tests.core.whistling import (
    BOOK,
    CITY,
    COLLEAGUE,
    FIRE,
    HALL,
    LEAD,
    LEADER,
    PICTURE,
    POLICE,
    SAID,
    STREET,
    Story,
    ask,
    at_department,
    blow,
    called,
    done,
)
from tests.core.world import AT, RULES, spot

GREEN = "department:生态环境"
ENTRIES = RULES.catalogue.entries


def posts(category: str, *learnt: Learnt, accused: tuple[str, ...] = ()) -> list[str]:
    return [one.post for one in suggest(ENTRIES[category], learnt, BOOK.whistle, accused)]


def test_the_catalogues_order_without_the_street() -> None:
    assert ENTRIES["B04"].departments == ("生态环境", "城管", "公安")
    assert posts("B04") == [GREEN, CITY, POLICE]
    assert posts("M02") == ["department:住建", "department:民政"]
    assert posts("M06") == []
    assert suggest(ENTRIES["B04"], (), BOOK.whistle)[0] == Suggestion(GREEN, True, 0, 0)


@pytest.mark.parametrize(
    ("count", "order"),
    [(1, [GREEN, CITY, POLICE]), (2, [CITY, GREEN, POLICE]), (6, [CITY, GREEN, POLICE]), (7, [CITY, POLICE, GREEN])],
)
def test_upheld_objections_move_a_department(count: int, order: list[str]) -> None:
    """One ruling counts on both sides: against the one, for the other."""
    assert posts("B04", Learnt(GREEN, CITY, count)) == order


def test_what_was_learnt_stands_beside_the_suggestion() -> None:
    first, second, *_ = suggest(ENTRIES["B04"], (Learnt(GREEN, CITY, 2), Learnt(GREEN, None, 5)), BOOK.whistle)
    assert (first, second.post) == (Suggestion(CITY, True, 2, 0), POLICE)
    assert Suggestion(GREEN, True, 0, 7) in suggest(
        ENTRIES["B04"], (Learnt(GREEN, CITY, 2), Learnt(GREEN, None, 5)), BOOK.whistle
    )


def test_a_department_that_is_not_listed_comes_in_by_its_rulings() -> None:
    assert posts("B04", Learnt(POLICE, FIRE, 1)) == [GREEN, CITY, POLICE, FIRE]
    assert posts("B04", Learnt(GREEN, FIRE, 10))[0] == FIRE
    assert posts("B04", Learnt(GREEN, FIRE, 1), Learnt(FIRE, None, 1)) == [GREEN, CITY, POLICE]


def test_nobody_is_suggested_who_is_complained_about() -> None:
    assert GREEN not in posts("B04", accused=(GREEN,))
    assert FIRE not in posts("B04", Learnt(CITY, FIRE, 9), accused=(FIRE,))


# -- what a department sees -------------------------------------------------------------------------------

SECRETS = ("HY000000001", "HY000000777", "secret", "p-blower", "p-leader", "p-公安", "2单元")


def whistle() -> Story:
    why = Sealed("secret/1", "5" * 64)
    story = called(
        "enforcement", asks=(*LEAD, ask(POLICE)), words=why, spot=replace(spot(), unit="2单元"), about="merchant",
        pictures=(PICTURE,), position=c.Position(39.9, 116.4), apart=why, others=(c.Open("W9", "B04", spot()),),
    )  # fmt: skip
    story.give(c.Join("HY000000777", (c.Tried("HY000000777", 3),)), STREET)
    story.give(c.Hear("HY000000777", "no", 1), CLOCK)
    return story


def test_the_minimal_event_whole() -> None:
    story = whistle()
    own = tuple(story.clock(duty, CITY) for duty in ("acknowledge", "arrive", "reply"))
    assert minimal(story.whistle, CITY) == Minimal(
        "W1", "enforcement", "B04", spot(), c.Position(39.9, 116.4), LEAD[0].words, (PICTURE,), HALL, HALL, True, AT,
        False, False, False, 0, False, own, (Stage(POLICE, False, False, None, False),),
    )  # fmt: skip


def test_the_minimal_event_follows_the_work() -> None:
    story = whistle()
    police, command = at_department(POLICE), at_department(CITY)
    story.give(c.Acknowledge("p-公安"), police)
    story.give(c.Arrive(story.now, replace(spot(), unit="2单元"), False), police)
    story.give(c.Object("other", SAID), command)
    seen = minimal(story.whistle, CITY)
    assert seen is not None
    assert (seen.others, seen.objected) == ((Stage(POLICE, False, True, "no", False),), True)
    story.give(c.Rule(CITY, False), COLLEAGUE)
    story.give(c.Arrive(story.now, spot(), pictures=(PICTURE,)), police)
    story.give(c.Answer(SAID), police)
    story.give(c.Acknowledge("p-城管"), command)
    story.give(c.Arrive(story.now, spot(), pictures=(PICTURE,)), command)
    story.give(c.AskPause("court", 2, SAID), command)
    story.give(c.GrantPause(), LEADER)
    seen = minimal(story.whistle, CITY)
    assert seen is not None
    assert (seen.bound, seen.paused, seen.others[0].answered) == (True, True, True)
    story.give(c.Resume(), command)
    story.give(done(story.now), command)
    story.give(c.Return(SAID), STREET)
    story.give(done(story.now), command)
    theirs = minimal(story.whistle, POLICE)
    assert theirs is not None
    assert (theirs.returned, theirs.others) == (1, (Stage(CITY, True, True, "yes", True),))
    story.give(c.Confirm(), STREET)
    assert (theirs.closed, theirs.lead) == (False, False)
    story.give(c.RateBlower("yes", 5), command)
    for post in (CITY, POLICE):
        story.give(c.RateDepartment(post, 5, 5, 5, 5), STREET)
    ended = minimal(story.whistle, POLICE)
    assert ended is not None
    assert ended.closed


def test_no_secret_is_in_it() -> None:
    """Whatever is not for departments can change, and they see the same."""
    story = whistle()
    for post in (CITY, POLICE):
        seen = minimal(story.whistle, post)
        text = msgspec.json.encode(seen).decode()
        assert not [one for one in SECRETS if one in text]
        others: dict[str, Any] = {
            "tickets": (), "tried": (), "words": SAID, "beyond": "other", "about": "none", "source": "own", "heard": (),
            "blown_by": "x", "passed_by": "x", "approval": "waiting", "level": 9, "late": (("pass", HALL),), "asks": (),
        }  # fmt: skip
        assert minimal(replace(story.whistle, **others), post) == seen


def test_who_is_not_called_sees_nothing() -> None:
    assert minimal(whistle().whistle, FIRE) is None
    assert minimal(Story(blow()).whistle, CITY) is None, "not before the leader's approval"


def test_the_allow_list_is_these_fields() -> None:
    """Law: a field that is new here was decided on (RELIABILITY A16)."""
    assert Minimal.__struct_fields__ == (
        "number", "kind", "category", "spot", "position", "words", "pictures", "blower", "street", "lead", "called_at",
        "bound", "objected", "paused", "returned", "closed", "clocks", "others",
    )  # fmt: skip
    assert issubclass(Minimal, Struct)


def test_a_position_is_near_in_both_directions() -> None:
    """Half a kilometre: fewer degrees of latitude than of longitude."""
    here = c.Position(39.9, 116.4)
    assert round(metres(c.Position(39.905, 116.4), here)) == 556
    assert round(metres(c.Position(39.9, 116.405), here)) == 427


def test_a_complainant_that_is_a_department_may_be_called() -> None:
    parties = (Party("complainant", organisation=CITY), Party("respondent", organisation=FIRE))
    assert called(parties=parties).whistle.line(CITY) is not None


@pytest.mark.parametrize(
    ("limit", "at", "left"),
    [
        (Limit(10, "natural_minute"), timedelta(minutes=3, seconds=30), 7),
        (Limit(2, "natural_hour"), timedelta(minutes=30), 2),
        (Limit(2, "natural_hour"), timedelta(hours=1), 1),
        (Limit(5, "natural_day"), timedelta(days=2), 3),
        (Limit(5, "natural_day"), timedelta(days=5), 1),
        (Limit(5, "working_day"), timedelta(days=4), 3),  # from Friday nine o'clock, over a weekend
        (Limit(1, "working_day"), timedelta(days=3), 1),  # its last day has begun
        (Limit(8, "working_hour"), timedelta(hours=1, minutes=30), 7),
        (Limit(4, "working_hour"), timedelta(hours=3, minutes=30), 1),  # over lunch
    ],
)
def test_what_is_left_of_a_limit_is_rounded_up(limit: Limit, at: timedelta, left: int) -> None:
    one = due(AT, limit, "x", BOOK.calendar)
    assert rest(one, AT + at, BOOK.calendar) == Limit(left, limit.unit)
