"""Which of the estates named in a complaint the reporter lives in: weighing every mention by its surroundings."""

import re
from collections.abc import Sequence

from msgspec import Struct

from huiyin.core.sorting.names import Name
from huiyin.core.sorting.numerals import BUILDING
from huiyin.core.sorting.rules import PlaceRules

_CLAUSE = re.compile(r"[。,;!?\n\x1e]")
_HANZI = re.compile(r"[\u4e00-\u9fff]")
_BOUNDARY = frozenset("区县市镇乡村道路街段号旁在是的住我为到从和与及至对将把请查于由向给称有原系,。;:!?()\n\x1e、")


class Mention(Struct, frozen=True, gc=False):
    """A name found at start..end of the text; `zone` is 0 form fields, 1 title, 2 body."""

    name: Name
    spelling: str
    start: int
    end: int
    zone: int


class Context(Struct, frozen=True):
    """The words of the rules, compiled once."""

    lived: re.Pattern[str]
    passing: re.Pattern[str]
    near: re.Pattern[str]
    street: re.Pattern[str]
    inside: re.Pattern[str]


def compiled(rules: PlaceRules) -> Context:
    def either(words: Sequence[str], *, before: str = "", after: str = "") -> re.Pattern[str]:
        return re.compile(before + "(?:" + "|".join(sorted(map(re.escape, words), key=len, reverse=True)) + ")" + after)

    return Context(
        lived=either(rules.lived),
        passing=either(rules.passing),
        near=either(rules.near, before="(?:小区|社区)?的?"),
        street=either(rules.street),
        inside=either(rules.inside),
    )


_ZONE = (6.0, 2.0, 1.0)


def weigh(text: str, low: int, high: int, found: Mention, context: Context) -> float:
    """How strongly this mention says “here”: about 1 for a bare mention, 4 and more for “我是…3栋业主”."""
    before = text[max(low, found.start - 14) : found.start]
    before = _CLAUSE.split(before)[-1]
    points = _ZONE[found.zone] * found.name.weight
    if context.lived.search(before):
        points += 3.0
    elif context.passing.search(before[-12:]):
        points -= 1.5
    if before and before[-1] not in _BOUNDARY and _HANZI.match(before[-1]):
        points -= 0.3
    return points + _behind(text, high, found.end, context)


def _behind(text: str, high: int, end: int, context: Context) -> float:
    after = text[end : min(high, end + 12)]
    if context.street.match(after):
        return -1.5
    points = 0.0
    if BUILDING.match(after) or BUILDING.match(after.removeprefix("小区")):
        points += 3.0
    if context.inside.match(after):
        points += 1.0
    if context.near.match(after):
        points -= 0.7
    return points


def plain(text: str, low: int, found: Mention, context: Context) -> bool:
    """Whether a name that stands alone in its text is simply the place: no road of that name, no comparison."""
    if context.street.match(text, found.end):
        return False
    before = text[max(low, found.start - 12) : found.start]
    return not (before and context.passing.search(_CLAUSE.split(before)[-1]))


def telling(text: str, low: int, high: int, found: Mention, context: Context) -> bool:
    """Whether a generic name (公园里, 国际公寓) is meant as an estate here."""
    before, after = text[max(low, found.start - 10) : found.start], text[found.end : min(high, found.end + 8)]
    if found.zone == 0 or context.inside.match(after) or BUILDING.match(after):
        return True
    return bool(re.search(r"[A-Z]\d*[区县市]$|街道$|路\d*号?$", before)) and not context.street.match(after)
