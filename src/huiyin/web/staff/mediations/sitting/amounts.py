"""Sums of money in an agreement (金额大写): in digits and in words that nobody can add a nought to."""

import re
from decimal import Decimal

_DIGITS, _PLACES, _GROUPS = "零壹贰叁肆伍陆柒捌玖", ("仟", "佰", "拾", ""), ("", "万", "亿")
AMOUNT = re.compile(r"[0-9]{1,10}(\.[0-9]{1,2})?")
_SAID = re.compile(r"(.*),计人民币([0-9,]+\.[0-9]{2})元\(大写:人民币[^()]*\)", re.DOTALL)


def capitals(amount: Decimal) -> str:
    """3040.50 → 叁仟零肆拾元伍角整; up to 9,999,999,999.99."""
    cents = int(amount * 100)
    yuan, jiao, fen = cents // 100, cents // 10 % 10, cents % 10
    said = f"{_whole(yuan)}元" if yuan else ""
    if jiao:
        said += f"{_DIGITS[jiao]}角"
    elif fen and yuan:
        said += "零"
    return (said + f"{_DIGITS[fen]}分" if fen else said + "整") if cents else "零元整"


def _whole(number: int) -> str:
    """In groups of four, one 零 for any number of noughts between."""
    said, gap = "", False
    for n, name in zip(range(2, -1, -1), reversed(_GROUPS), strict=True):
        group = number // 10_000**n % 10_000
        if not group:
            gap = bool(said)
            continue
        said += ("零" if said and (gap or group < 1_000) else "") + _group(group) + name
        gap = False
    return said


def _group(number: int) -> str:
    said = ""
    for digit, place in zip(f"{number:04}", _PLACES, strict=True):
        said += _DIGITS[int(digit)] + place if digit != "0" else "零"
    return re.sub("零+", "零", said).strip("零")


def priced(what: str, amount: str) -> str:
    """What is owed, with its sum in digits and in words; without a sum as it is."""
    if not amount:
        return what
    sum_ = Decimal(amount)
    return f"{what},计人民币{sum_:,.2f}元(大写:人民币{capitals(sum_)})"


def unpriced(words: str) -> tuple[str, str]:
    """The same back again, for a form that is filled with what was drafted."""
    found = _SAID.fullmatch(words)
    return (found[1], found[2].replace(",", "").removesuffix(".00")) if found else (words, "")
