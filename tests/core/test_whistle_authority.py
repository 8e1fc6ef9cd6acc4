"""Who may give which command about a whistle (权限): the whole table, command by relation."""

from datetime import timedelta
from typing import get_args

import pytest

from huiyin.core.scene import CLOCK, SORTER, Refused, Scene
from huiyin.core.staff import Party, Person
from huiyin.core.whistle import Command
from huiyin.core.whistle import commands as c
from huiyin.core.whistle.authority import TABLE, allow, relations
from huiyin.core.whistle.ground import Ground
from huiyin.core.words import Actor
from tests.core.whistling import (
    BOOK,
    CITY,
    COLLEAGUE,
    COMMUNITY,
    FIRE,
    HALL,
    LEAD,
    LEADER,
    POLICE,
    SAID,
    STREET,
    Story,
    ask,
    at_department,
    blow,
    called,
)
from tests.core.world import AT, spot, staffed

# b: the community that blew it, s: the person of the street who passed it, S: another one there, l: the street's
# leader, d: the lead, o: a co-department, t: the clock; x: a department that is not called, a leader, a community and
# a street of elsewhere.
ORDERS: dict[type, tuple[Command, str]] = {
    c.Blow: (blow(), "bsS"),
    c.PassOn: (c.PassOn(), "sS"),
    c.SendBack: (c.SendBack("other", SAID), "sS"),
    c.Approve: (c.Approve(), "sSl"),
    c.Decline: (c.Decline("other", SAID), "sSl"),
    c.Join: (c.Join("HY2"), "bsS"),
    c.Cancel: (c.Cancel("other"), "b"),
    c.Acknowledge: (c.Acknowledge("p"), "do"),
    c.Object: (c.Object("other", SAID), "do"),
    c.Rule: (c.Rule(CITY, False), "sS"),
    c.Arrive: (c.Arrive(AT, spot()), "do"),
    c.Plan: (c.Plan(SAID, AT + timedelta(days=1)), "d"),
    c.Progress: (c.Progress(SAID), "do"),
    c.AskCo: (c.AskCo(FIRE, SAID), "d"),
    c.Answer: (c.Answer(SAID), "o"),
    c.Reply: (c.Reply(), "d"),
    c.AskPause: (c.AskPause("other", 1, SAID), "d"),
    c.GrantPause: (c.GrantPause(), "sSl"),
    c.RefusePause: (c.RefusePause(SAID), "sSl"),
    c.Resume: (c.Resume(), "dsS"),
    c.Confirm: (c.Confirm(), "bsS"),
    c.Return: (c.Return(SAID), "bsS"),
    c.RateDepartment: (c.RateDepartment(CITY, 1, 1, 1), "b"),
    c.RateBlower: (c.RateBlower("yes", 1), "d"),
    c.Hear: (c.Hear("HY1", "yes"), "t"),
    c.Tick: (c.Tick(), "t"),
    c.Recompute: (c.Recompute(), "t"),
}
WHO = {"b": COMMUNITY, "s": STREET, "S": COLLEAGUE, "l": LEADER, "d": at_department(CITY), "o": at_department(POLICE),
       "t": CLOCK}  # fmt: skip
NOBODY_HERE = [at_department(FIRE), Actor("street_leader:other", "street", "p"), Actor("community:other", "community"),
               Actor("street:other", "street", "p"), Actor("", ""), Actor("grid:1", "grid_worker")]  # fmt: skip


def story() -> Story:
    one = Story(blow(asks=(*LEAD, ask(POLICE))), COMMUNITY)
    one.give(c.PassOn(), STREET)
    one.give(c.Approve(), LEADER)
    return one


@pytest.mark.parametrize("kind", ORDERS, ids=lambda kind: kind.__name__)
def test_who_may(kind: type) -> None:
    command, may = ORDERS[kind]
    one = story()
    assert one.whistle.passed_by == "p-blower"
    for letter, by in WHO.items():
        ground = Ground(AT, BOOK, Scene(by))
        if letter in may:
            allow(ground, one.whistle, command)
        else:
            with pytest.raises(Refused, match=r"not-your-whistle|own-request"):
                allow(ground, one.whistle, command)
    for by in NOBODY_HERE:
        with pytest.raises(Refused, match="not-your-whistle"):
            allow(Ground(AT, BOOK, Scene(by)), one.whistle, command)


def test_every_command_has_its_row() -> None:
    kinds = {shape.__name__ for shape in get_args(Command)}
    assert set(TABLE) == kinds
    assert {kind.__name__ for kind in ORDERS} == kinds


def test_somebody_of_the_street_without_a_name_approves_nothing() -> None:
    ground = Ground(AT, BOOK, Scene(Actor(HALL, "street")))
    assert relations(ground, story().whistle) == {"street"}


def test_the_sorter_is_a_machine_too() -> None:
    allow(Ground(AT, BOOK, Scene(SORTER)), story().whistle, c.Hear("HY1", "yes"))


def test_the_clock_ticks_whoever_is_complained_about() -> None:
    one = called(parties=(Party("respondent", organisation="clock"),))
    assert one.decide(c.Tick(), CLOCK) == []


def test_by_person_whatever_the_post() -> None:
    """Who is a party does nothing with it, at the street or at a department."""
    staff = staffed((Person("p-colleague", household=b"h"), HALL), (Person("p-城管", employer="property:E1"), CITY))
    parties = (Party("complainant", household=b"h"), Party("respondent", organisation="property:E1"))
    one = called(staff=staff)
    one.parties = parties
    one.refuses("recused", c.Acknowledge("p"), at_department(CITY))
    one.refuses("recused", c.Join("HY2"), COLLEAGUE)
    one.give(c.Acknowledge("p"), at_department(CITY, "p-other"))


def test_where_nobody_is_named_the_streets_desk_rules_itself() -> None:
    """By person: an empty name is nobody's, so it is not the blower's either."""
    desk = Actor(HALL, "street")
    one = Story(blow(), desk)
    one.give(c.Approve(), LEADER)
    one.give(c.Object("other", SAID), at_department(CITY))
    one.give(c.Rule(CITY, False), desk)
    assert one.whistle.lines[0].bound
