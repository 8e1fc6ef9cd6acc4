"""What stands on a paper in words: what a keyboard cannot mean is taken out, what is not known yet is left to a pen."""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta, timezone

BLANK = "____"
_BEIJING = timezone(timedelta(hours=8))
# No program that draws letters agrees with another about these, XML forbids most of them, and what cannot be seen must
# not tell two papers apart that are signed as one: controls, invisible and direction-turning characters, halves of
# surrogate pairs, what is no character. ZWJ, ZWNJ and variation selectors stay: names are written with them.
_UNMEANT = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ufdd0-\ufdef\ufeff\ufff9-\uffff\ud800-\udfff\U000e0000-\U000e007f"
    + "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(1, 17))
    + "]"
)
_LINES = re.compile("(?:[ \t\u3000]*(?:\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]))+")
_DIGITS = "〇一二三四五六七八九"


def clean(text: str) -> str:
    """The same words for every printer: one kind of line end, no empty lines, a space for a tab, nothing unseen.

    Never normalised: NFC would turn the compatibility ideographs of some names into others.
    """
    return _LINES.sub("\n", _UNMEANT.sub("", text.replace("\t", " "))).strip()


def blank(text: str, width: int = 2) -> str:
    """The text, or a line to write on."""
    return text.strip() or BLANK * width


def unended(text: str) -> str:
    """Without the full stop that would stand before another one."""
    return text.strip().rstrip("。.;；,，")


def day(on: date | None) -> str:
    """2026年3月5日, or the same with lines for the pen."""
    return f"{BLANK}年__月__日" if on is None else f"{on.year}年{on.month}月{on.day}日"


def moment(at: datetime | None) -> str:
    """A day and a time of day as the clock on the wall says, in Beijing."""
    if at is None:
        return f"{BLANK}年__月__日__时__分"
    there = at.astimezone(_BEIJING)
    return f"{day(there.date())}{there.hour}时{there.minute:02d}分"


def date_of(at: datetime | None) -> date | None:
    """The day of a moment, in Beijing."""
    return None if at is None else at.astimezone(_BEIJING).date()


def span(since: date | None, until: date | None) -> str:
    return f"{day(since)}至{day(until)}"


def named(names: Iterable[str]) -> str:
    """张三、买买提·艾力, or a line."""
    return blank("、".join(name.strip() for name in names if name.strip()))


def numeral(number: int) -> str:
    """1 → 一, 12 → 十二, 40 → 四十; up to 99, as clauses are counted."""
    tens, ones = divmod(number, 10)
    return ("" if tens < 2 else _DIGITS[tens]) + ("十" if tens else "") + (_DIGITS[ones] if ones or not tens else "")


def counted(items: Iterable[str], empty: int = 1) -> tuple[str, ...]:
    """1. … 2. …; `empty` numbered lines when there are none."""
    kept = [item for item in items if item.strip()] or [BLANK * 6] * empty
    return tuple(f"{number}. {item.strip()}" for number, item in enumerate(kept, 1))
