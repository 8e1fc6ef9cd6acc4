"""What a whistle's codes are called (叫法), in the words of its log: data, like the story itself."""

from collections.abc import Sequence
from typing import get_args

from huiyin.core.whistle.steps import Duty
from huiyin.story import load_words

_WORDS = "whistle_story.toml"


def word(field: str, code: str) -> str:
    """A code in the words of the whistle's log."""
    return load_words(_WORDS).word(field, code)


def words(field: str, codes: Sequence[str]) -> dict[str, str]:
    """Some codes with their words, in their order."""
    return {code: word(field, code) for code in codes}


def level(count: int) -> str:
    """催办, 督办, 挂牌督办, 报区督办; "" where nothing ran out."""
    return word("level", str(count)) if count else ""


DUTIES: dict[str, str] = words("duty", get_args(Duty))
