"""Receipts: the same event the same one, none to guess, every slip of the tongue found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin.core import receipt

SECRET = bytes(32)


def test_the_same_event_gets_the_same_receipt() -> None:
    assert receipt.make(SECRET, "a", "b") == receipt.make(SECRET, "a", "b")
    assert receipt.make(SECRET, "a", "b") != receipt.make(b"x" * 32, "a", "b")
    assert receipt.make(SECRET, "a", "b") != receipt.make(SECRET, "a", "b", attempt=1)


@pytest.mark.parametrize("written", ["4829 1305 7226 4130", "4829130572264130", "４８２９-1305-7226-4130"])
def test_however_it_is_written(written: str) -> None:
    value = receipt.read(receipt.show(482913057226413))
    assert value == 482913057226413
    shown = receipt.show(482913057226413)
    assert receipt.read(written[:-1] + shown[-1]) == value


def test_spoken_in_chinese() -> None:
    shown = receipt.show(120456789012345)
    spoken = shown.replace("-", "").translate(str.maketrans("0123456789", "零幺二三四五六七八九"))
    assert receipt.read(spoken) == 120456789012345


@given(st.integers(0, 10**15 - 1), st.integers(0, 15), st.integers(1, 9))
def test_one_wrong_digit_is_found(value: int, place: int, shift: int) -> None:
    digits = receipt.show(value).replace("-", "")
    wrong = digits[:place] + str((int(digits[place]) + shift) % 10) + digits[place + 1 :]
    assert receipt.read(digits) == value
    assert receipt.read(wrong) is None


@given(st.integers(0, 10**15 - 1), st.integers(0, 14))
def test_two_swapped_digits_are_found(value: int, place: int) -> None:
    digits = receipt.show(value).replace("-", "")
    if digits[place] == digits[place + 1]:
        return
    wrong = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
    assert receipt.read(wrong) is None


@pytest.mark.parametrize("junk", ["", "abc", "123", "0" * 17, "x" * 10_000, "4829-1305-7226-413a", "²" * 16])
def test_junk_is_no_receipt(junk: str) -> None:
    assert receipt.read(junk) is None
