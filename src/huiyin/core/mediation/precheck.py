"""What the words of an application remind of (受理提示): what may not be accepted, what must be reported first."""

import unicodedata
from collections.abc import Mapping
from typing import get_args

from msgspec import Struct

from huiyin.core.mediation.kinds import Bar, Risk
from huiyin.core.mediation.rules import MediationRules


class Hint(Struct, frozen=True):
    """One thing to look at before it is accepted: its code, and the word that reminds of it. Nothing is decided."""

    code: Bar | Risk
    word: str


def bars(words: str, rules: MediationRules) -> tuple[Hint, ...]:
    """What may stand in the way of accepting, in the order of the rulebook."""
    return tuple(Hint(code, word) for code, word in _found(words, rules.precheck) if code in get_args(Bar))


def risks(words: str, rules: MediationRules) -> tuple[Hint, ...]:
    """Dangers that may have to be reported."""
    return tuple(Hint(code, word) for code, word in _found(words, rules.precheck) if code in get_args(Risk))


def _found(words: str, known: Mapping[Bar | Risk, tuple[str, ...]]) -> list[tuple[Bar | Risk, str]]:
    """The first word of each code that stands in a text, whatever spaces are between."""
    plain = "".join(unicodedata.normalize("NFKC", words).split())
    firsts = ((code, next((one for one in some if one in plain), "")) for code, some in known.items())
    return [(code, word) for code, word in firsts if word]
