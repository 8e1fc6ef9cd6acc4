"""Words on paper: blanks for the pen, days, numbers as clauses have them."""

from datetime import UTC, date, datetime

import pytest

from huiyin.papers.words import blank, counted, date_of, day, moment, named, numeral, span


def test_what_is_not_known_is_a_line_to_write_on() -> None:
    assert blank("  ") == "________"
    assert blank(" 张三 ") == "张三"
    assert day(None) == "____年__月__日"
    assert moment(None) == "____年__月__日__时__分"
    assert span(date(2026, 1, 2), None) == "2026年1月2日至____年__月__日"
    assert named(["", " "]) == "________"
    assert named(["张三", "", "阿沛·阿旺晋美"]) == "张三、阿沛·阿旺晋美"
    assert counted([], 2) == ("1. ________________________", "2. ________________________")
    assert counted(["甲", " ", "乙"]) == ("1. 甲", "2. 乙")


def test_midnight_is_tomorrow_in_beijing() -> None:
    at = datetime(2026, 12, 31, 16, 5, tzinfo=UTC)
    assert moment(at) == "2027年1月1日0时05分"
    assert date_of(at) == date(2027, 1, 1)
    assert date_of(None) is None


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "〇"), (1, "一"), (9, "九"), (10, "十"), (12, "十二"), (20, "二十"), (45, "四十五"), (99, "九十九")],
)
def test_numerals(number: int, said: str) -> None:
    assert numeral(number) == said
