"""Terms looked over before they are sealed (协议用语检查): what is too vague to be kept, what no agreement may say."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import Literal

from msgspec import Struct

from huiyin.core.mediation.rules import MediationRules

_BACK = 4  # so many characters before a word may turn it round: 不得擅自停水
_BETWEEN = "[^,。;:!?]{0,30}?"  # what … stands for


class Finding(Struct, frozen=True):
    """One kind of words that was found: its code, the words in the order of the text, what to write instead."""

    code: str
    kind: Literal["vague", "unlawful"]
    words: tuple[str, ...]
    advice: str


def codes(fields: Iterable[str], rules: MediationRules) -> tuple[str, ...]:
    """What is found in several fields, each by itself: where one ends and the next begins nobody wrote a word."""
    return tuple(dict.fromkeys(one.code for words in fields for one in check(words, rules)))


def check(words: str, rules: MediationRules) -> tuple[Finding, ...]:
    """What is to be mended in an agreement's words, unlawful first; () where nothing is.

    Spaces and the width of characters make no difference; an unlawful term that is itself forbidden (不得停水) is none.
    """
    plain = "".join(unicodedata.normalize("NFKC", words).split())
    found = []
    for code, rule in rules.terms.items():
        negations = rules.negations if rule.kind == "unlawful" else ()
        others = _without(plain, rule.but)
        places = {one: _place(others, one, negations) for one in rule.words}
        said = sorted((at, one) for one, at in places.items() if at >= 0)
        if said:
            found.append(Finding(code, rule.kind, tuple(one for _, one in said), rule.advice))
    return tuple(sorted(found, key=lambda one: one.kind != "unlawful"))


def _place(plain: str, word: str, negations: tuple[str, ...]) -> int:
    """Where a word first stands without a negation before it in the same clause, -1 where nowhere: one of a single
    character right before it (不罚款; but 不付就停水), a longer one close before (不得擅自停水)."""
    for found in _pattern(word).finditer(plain):
        near = plain[max(0, found.start() - _BACK) : found.start()]
        before = "".join(char if char.isalnum() else " " for char in near)
        clause = before.rpartition(" ")[2]
        if not any(clause.endswith(one) if len(one) == 1 else one in clause for one in negations):
            return found.start()
    return -1


@cache
def _pattern(word: str) -> re.Pattern[str]:
    return re.compile(_BETWEEN.join(map(re.escape, word.split("…"))))


def _without(plain: str, phrases: tuple[str, ...]) -> str:
    """The text with other phrases blotted out, everything else where it was."""
    for one in sorted(phrases, key=len, reverse=True):
        plain = plain.replace(one, "□" * len(one))
    return plain
