"""What an application's words remind of (受理提示): whom to call at once, what bars it, what must be reported first."""

from typing import Any

from msgspec import Struct

from huiyin.core.mediation import precheck
from huiyin.core.mediation.rules import MediationRules
from huiyin.core.sorting import Question
from huiyin.story import load_words
from huiyin.web.residents.filing import hotlines
from huiyin.web.room import Room

_LOOKED = 2_000  # characters


class Hint(Struct, frozen=True):
    """A word of the text, and what it may mean."""

    word: str
    said: str


async def of(room: Room, text: str) -> dict[str, Any]:
    """For the form and the page that asks once more; nothing of it is kept, nothing is decided by it."""
    text = text[:_LOOKED]
    if not text:
        return {"calls": [], "barring": [], "dangers": []}
    book = (await room.mediations()).rules.mediation
    risks = precheck.risks(text, book)
    calls = (await room.sorter()).sort([Question(text)])[0].hotline
    calls = tuple(dict.fromkeys((*("110" for _ in risks[:1]), *calls)))
    return {
        "calls": hotlines(calls),
        "barring": [Hint(one.word, book.bars[one.code]) for one in precheck.bars(text, book)],  # type: ignore[index]
        "dangers": [_danger(one, book) for one in risks],
    }


def _danger(one: precheck.Hint, book: MediationRules) -> Hint:
    words, rule = load_words("mediation_story.toml"), book.risks[one.code]  # type: ignore[index]  # a risk's code
    bodies = "、".join(words.word("bodies", body) for body in rule.bodies)
    secret = ",案卷列入保密卷" if rule.restricted else ""
    return Hint(one.word, f"{words.word('risk', one.code)}:登记以后请登记风险,先报告{bodies}再调解{secret}")
