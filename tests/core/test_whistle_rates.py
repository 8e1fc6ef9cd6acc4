"""Rates of whistles: each with both its parts, nothing counted that nobody could have done, no verdict on few."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from huiyin.core.whistle import rates
from huiyin.core.whistle.rates import Blown, Facts, Mean, Measures, Ratio, blower, compared, department, weighed
from huiyin.rules.figures import ScreenRules, load_screen

LINE = Facts("department:城管", True, "called", None, frozenset(), True, False, False)


def line(stage: str = "called", late: str = "", **more: Any) -> Facts:
    return replace(LINE, stage=stage, late=frozenset(late.split()), **more)


def test_nothing_is_no_data() -> None:
    assert (Ratio(0, 0).percent, Ratio(0, 0).share, Mean().value) == (None, None, None)
    assert Ratio(1, 4).percent == 25
    assert Ratio(0.5, 2) + Ratio(1, 1) == Ratio(1.5, 3)
    assert (Mean(5, 1) + Mean(2, 1)).value == 3.5


@pytest.mark.parametrize(
    ("one", "responded", "came", "answered", "helped", "settled"),
    [
        (line(), None, None, None, None, None),  # all limits still run
        (line("acknowledged"), True, None, None, None, None),
        (line("acknowledged", "acknowledge"), False, None, None, None, None),  # came late to it
        (line("called", "acknowledge"), False, None, None, None, None),
        (line("arrived", on_site="yes"), True, True, None, None, None),
        (line("arrived", on_site="unproven"), True, True, None, None, None),  # taken at their word
        (line("acknowledged", on_site="no"), True, None, None, None, None),  # not there, and still in time
        (line("acknowledged", "arrive", on_site="no"), True, False, None, None, None),
        (line("arrived", "arrive", on_site="yes"), True, False, None, None, None),
        (line("arrived", on_site="yes", must_come=False), True, None, None, None, None),
        (line("acknowledged", "arrive", must_come=False), True, None, None, None, None),
        (line("replied", on_site="yes"), True, True, True, None, None),
        (line("replied", "reply", on_site="yes"), True, True, False, None, None),
        (line("replied", on_site="yes", confirmed=True), True, True, True, None, True),
        (line("replied", on_site="yes", confirmed=True, returned=True), True, True, True, None, False),
        (line("acknowledged", returned=True), True, None, None, None, None),  # sent back, not yet confirmed
        (line("answered", lead=False, must_come=False), True, None, True, True, None),
        (line("answered", "answer", lead=False, must_come=False), True, None, False, False, None),
        (line("answered", "reply", lead=False, must_come=False), True, None, True, True, None),  # not its duty
        (line("acknowledged", lead=False, must_come=False, confirmed=True), True, None, None, None, None),
    ],
)
def test_what_counts_as_what(
    one: Facts, responded: bool, came: bool, answered: bool, helped: bool, settled: bool
) -> None:
    assert rates.responded(one) is responded
    assert rates.came(one) is came
    assert rates.answered(one) is answered
    assert rates.helped(one) is helped
    assert rates.settled(one) is settled


def test_a_department_adds_up() -> None:
    scores = (Mean(9, 2), Mean(4, 1), Mean(3, 1), Mean(5, 1))
    lines = [
        line("replied", on_site="yes", confirmed=True, count=3, scores=scores),
        line("replied", "acknowledge arrive", on_site="unproven", confirmed=True, returned=True),
        line("acknowledged", on_site="no", count=2),
        line("answered", lead=False, must_come=False, on_site="no"),
        line("called", count=4),
    ]
    found = department(lines, {True: 1, False: 3})
    assert (found.called, found.leads) == (11, 10)
    assert (found.responded, found.came) == (Ratio(6, 7), Ratio(3, 4))
    assert (found.answered, found.helped, found.settled) == (Ratio(4, 4), Ratio(1, 1), Ratio(3, 4))
    assert found.upheld == Ratio(1, 4)
    assert (found.away, found.unproven) == (2, 1), "only where they had to come"
    assert (found.response.value, found.arrival.count, found.quality.total) == (4.5, 1, 3)
    assert (found.cooperation.value, department([], {}).response.value) == (5, None)


def test_who_blows() -> None:
    one = Blown("street:1", "rated", True, True, False, 0, "yes", "partly", 4, Mean(18, 4))
    some = [
        one,
        replace(one, justified="partly", returned=True, count=2, score=Mean(6, 2), solved=None, level=2),
        replace(one, justified="no", count=1, score=Mean(1, 1), solved="no"),
        Blown("street:1", "declined", False, False, False, 0, None, None),
        Blown("street:1", "sent-back", False, False, False, 0, None, None, 2),
        Blown("street:1", None, True, False, False, 3, None, "yes"),
    ]
    found = blower(some, Measures(partly=0.5))
    assert (found.blown, found.called, found.supervised) == (11, 8, 3)
    assert found.stopped == {"sent-back": 2, "declined": 1}
    assert (found.justified, found.solved) == (Ratio(5, 7), Ratio(3, 6))
    assert (found.settled, found.score) == (Ratio(5, 7), Mean(25, 7))
    assert blower(some, Measures(partly=0)).justified == Ratio(4, 7)
    assert weighed([], 0.5) == Ratio()


PEERS = [Ratio(10, 1000), Ratio(12, 1000), Ratio(8, 1000), Ratio(90, 1000), Ratio(10, 1000)]


@pytest.mark.parametrize(
    ("own", "peers", "verdict"),
    [
        (Ratio(10, 1000), PEERS, "usual"),
        (Ratio(30, 1000), PEERS, "high"),
        (Ratio(29, 1000), PEERS, "usual"),
        (Ratio(3, 1000), PEERS, "low"),
        (Ratio(4, 1000), PEERS, "usual"),
        (Ratio(0, 1000), PEERS, "low"),
        (Ratio(0, 400), PEERS, "usual"),  # four would have been expected: too few to say anything
        (Ratio(0, 500), PEERS, "low"),
        (Ratio(4, 100), PEERS, "usual"),  # four whistles, though many for so few tickets
        (Ratio(5, 100), PEERS, "high"),
        (Ratio(50, 99), PEERS, "few-tickets"),
        (Ratio(3, 0), PEERS, "few-tickets"),
        (Ratio(10, 1000), PEERS[:3], "few-peers"),
        (Ratio(10, 1000), [*PEERS[:3], Ratio(1, 99)], "few-peers"),
        (Ratio(10, 1000), [Ratio(0, 1000)] * 4, "no-median"),
    ],
)
def test_a_street_beside_its_peers(own: Ratio, peers: list[Ratio], verdict: str) -> None:
    found = compared(own, peers, Measures())
    assert found.verdict == verdict
    assert found.share == own
    if verdict not in ("few-peers", "no-median"):
        assert found.median == 0.01, "one street that whistles for everything moves the median little"


counts = st.builds(Ratio, st.integers(0, 500), st.integers(0, 2000))


@given(counts, st.lists(counts, max_size=8))
def test_a_verdict_never_depends_on_the_order(own: Ratio, peers: list[Ratio]) -> None:
    assert compared(own, peers, Measures()) == compared(own, peers[::-1], Measures())


def test_the_values_are_the_city_s() -> None:
    assert load_screen().whistles == Measures(), "the shipped file says what a file without the part means"
    rules = ScreenRules(0, 4, 18, 3, 7)
    assert rules.whistles == Measures()
