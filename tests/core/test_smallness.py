"""Small numbers (小数保护): whatever is published, none of a few people can be worked out."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huiyin.core.smallness import FEW, HIDDEN, Figure, Share, beside, column, one, share, total

K = 5


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=5))
def test_no_hidden_number_follows_from_the_sum(values: list[int]) -> None:
    """Every way in which the hidden ones may add up to what is told leaves each of them at least two values."""
    cells = {str(i): value for i, value in enumerate(values)}
    shown = column(cells, K)
    told = total(cells, shown, K)
    hidden = [key for key, figure in shown.items() if figure.value is None]
    if told.value is None or not hidden:
        return
    rest = told.value - sum(figure.value or 0 for figure in shown.values())
    ways = [way for way in product(range(1, K), repeat=len(hidden)) if sum(way) == rest]
    for i in range(len(hidden)):
        assert len({way[i] for way in ways}) > 1, (values, shown, told)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 9)), min_size=1, max_size=4))
def test_nor_from_ninety_days_less_thirty(values: list[tuple[int, int]]) -> None:
    thirty = {str(i): short for i, (short, _) in enumerate(values)}
    ninety = {str(i): short + more for i, (short, more) in enumerate(values)}
    first, second = column(thirty, K), column(ninety, K, thirty)
    for key in ninety:
        a, b = first[key].value, second[key].value
        if a is not None and b is not None:
            assert not 0 < b - a < K
    a, b = total(thirty, first, K).value, total(ninety, second, K, sum(thirty.values())).value
    if a and b is not None:
        assert not 0 < b - a < K


def test_one_number() -> None:
    assert [one(value, K) for value in (0, 1, 4, 5)] == [Figure(0), FEW, FEW, Figure(5)]
    assert total({"a": 3, "b": 20}, column({"a": 3, "b": 20}, K), K) == HIDDEN
    assert total({"a": 2, "b": 3, "c": 9}, column({"a": 2, "b": 3, "c": 9}, K), K) == Figure(14)
    assert total({"a": 1, "b": 1}, column({"a": 1, "b": 1}, K), K) == HIDDEN
    assert total({"a": 4, "b": 4, "c": 9}, column({"a": 4, "b": 4, "c": 9}, K), K) == HIDDEN
    assert (beside(9, 12, K), beside(7, 12, K), beside(12, 12, K)) == (HIDDEN, Figure(7), Figure(12))


@pytest.mark.parametrize(
    ("part", "whole", "told"),
    [
        (0, 0, Share(nothing=True)),
        (2, 4, Share()),
        (4, 20, Share()),
        (18, 20, Share()),
        (15, 20, Share(15, 20)),
        (20, 20, Share(20, 20)),
        (0, 9, Share(0, 9)),
    ],
)
def test_shares(part: int, whole: int, told: Share) -> None:
    assert share(part, whole, K) == told


def test_percent() -> None:
    assert (share(10, 15, K).percent, share(1, 3, K).percent, share(0, 0, K).percent) == (67, None, None)
