"""How urgent: emergency words that are neither denied, past nor feared, then the leaf's own class."""

import re

from msgspec import Struct

from huiyin.core.catalogue import Catalogue
from huiyin.core.sorting import normal
from huiyin.core.sorting.rules import Adjustment, UrgencyRules
from huiyin.core.words import Urgency


class Alarm(Struct, frozen=True):
    """A word that may mean an emergency, found at start..end."""

    call: str
    word: str
    leaf: str
    needs: re.Pattern[str] | None


class Verdict(Struct, frozen=True, gc=False):
    urgency: Urgency
    words: tuple[str, ...] = ()
    hotline: tuple[str, ...] = ()
    leaf: str | None = None  # what such an emergency usually is


def _either(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(normal.one(word)) for word in sorted(words, key=len, reverse=True)) or r"(?!)")


class Judge:
    """Built once from the rules and the catalogue; afterwards a function of the text."""

    def __init__(self, rules: UrgencyRules, catalogue: Catalogue) -> None:
        self._early = rules.early
        self._classes: dict[str, Urgency] = {entry.code: entry.urgency for entry in catalogue.entries.values()}
        self._denied = re.compile(f"(?:{_either(rules.denied).pattern})[^,。]{{0,3}}$")
        self._supposed, self._caused = _either(rules.supposed), _either(rules.caused)
        self._past, self._over = _either(rules.past), _either(rules.over)
        self._noun, self._now = _either(rules.noun), _either(rules.now)
        self._adjust: dict[str, list[tuple[Adjustment, re.Pattern[str]]]] = {}
        for adjustment in rules.adjust:
            for leaf in adjustment.leaves:
                self._adjust.setdefault(leaf, []).append((adjustment, _either(adjustment.words)))
        self.alarms = {
            normal.one(word): Alarm(line.call, word, line.leaf, _either(line.needs) if line.needs else None)
            for line in rules.hotlines
            for word in line.words
        }

    def judge(self, text: str, low: int, high: int, alarms: list[tuple[Alarm, int, int]], leaf: str) -> Verdict:
        """`alarms`: those found in text[low:high] (the title and body), with their offsets; `leaf`: the category."""
        real = [alarm for alarm, start, end in alarms[:16] if self._is_real(text, low, high, alarm, start, end)]
        if real:
            words = tuple(dict.fromkeys(alarm.word for alarm in real))[:5]
            return Verdict("emergency", words, tuple(dict.fromkeys(alarm.call for alarm in real)), real[0].leaf)
        return self._adjusted(text, low, high, leaf)

    def _is_real(self, text: str, low: int, high: int, alarm: Alarm, start: int, end: int) -> bool:
        before, after = _sentence(text, low, high, start, end)
        if self._noun.match(after) or self._denied.search(before) or self._supposed.search(before[-24:]):
            return False
        if alarm.needs and not alarm.needs.search(before[-24:] + after[:24]):
            return False
        if self._now.search(before.rpartition(",")[2]) or self._now.search(after[:20]):
            return True
        if start - low > self._early or self._caused.search(before[-24:]):
            return False
        return not (self._past.search(before) or self._over.search(after[:20]))

    def _adjusted(self, text: str, low: int, high: int, leaf: str) -> Verdict:
        own: Urgency = self._classes.get(leaf, "normal")
        if own == "emergency":
            own = "urgent"  # the subject is grave, but nothing says that it is happening now
        for adjustment, words in self._adjust.get(leaf, ()):
            found = words.search(text, low, min(high, low + (60 if adjustment.title else 600)))
            if (found is None) == adjustment.absent:
                return Verdict(adjustment.to, (found[0],) if found else ())
        return Verdict(own)


def _sentence(text: str, low: int, high: int, start: int, end: int) -> tuple[str, str]:
    """The sentence around start..end, at most 60 characters on either side."""
    before = re.split(r"[。!?;\n\x1e]", text[max(low, start - 60) : start])[-1]
    after = re.split(r"[。!?;\n\x1e]", text[end : min(high, end + 60)])[0]
    return before, after
