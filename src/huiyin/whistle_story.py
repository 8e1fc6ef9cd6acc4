"""A whistle's log told (吹哨办理日志): one sentence in Chinese a step, from what the log holds and nothing else."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from huiyin.core.proof import read
from huiyin.core.registry import Registry
from huiyin.core.watch import Watch
from huiyin.core.whistle import Rules, Step
from huiyin.core.whistle.commands import Ask
from huiyin.core.whistle.steps import Clock
from huiyin.story import BEIJING, clock, derived, load_words, place, short

_step = msgspec.json.Decoder(Step).decode
_POSTS = ("post", "to")


class WhistleTeller:
    """Tells under one rulebook, with the registry's names of places."""

    def __init__(self, rules: Rules, registry: Registry) -> None:
        self._rules, self._registry = rules, registry
        self._words = load_words("whistle_story.toml")

    def tell(self, leaves: Sequence[bytes]) -> list[str]:
        """The sentences of one whistle's leaves."""
        told = [read(body) for body in leaves]
        return [self.sentence(_step(one.data), one.at, one.actor, first=not n) for n, one in enumerate(told)]

    def sentence(self, step: Step, at: datetime, actor: str, *, first: bool = False) -> str:
        """What one step says; the first one with its year."""
        values = {"who": self.post(actor)}
        for name in step.__struct_fields__:
            values |= self._value(name, getattr(step, name), at)
        return f"{clock(at, year=first)} {self._words.variant(step).say.format_map(values)}"

    def post(self, code: str) -> str:
        """What a post is called, by its kind and place."""
        prefix, _, where = code.partition(":")
        title = self._words.posts.get(prefix)
        return code if title is None else title.format(place(self._registry, prefix, where))

    def _value(self, name: str, value: Any, at: datetime) -> dict[str, str]:
        if isinstance(value, Watch):
            return {name: short(value.due.at, at), f"{name}_why": derived(value.due, self._rules.calendar)}
        if isinstance(value, datetime):
            return {name: clock(value, year=value.astimezone(BEIJING).year != at.astimezone(BEIJING).year)}
        if isinstance(value, tuple):
            said = "、".join(self._part(name, one, at) for one in value)
            return {name: f"时限:{said}。" if said and name == "clocks" else said}
        return {name: "" if value is None or isinstance(value, Struct) else self.word(name, str(value))}

    def _part(self, name: str, one: Any, at: datetime) -> str:
        if isinstance(one, Clock):
            return f"{self.post(one.post)}{self._words.word('duty', one.duty)} {short(one.watch.due.at, at)}"
        if isinstance(one, Ask):
            return f"{self.post(one.post)}({'主办' if one.lead else '协办'})"
        return "" if isinstance(one, Struct) else self.word(name, str(one))

    def word(self, name: str, value: str) -> str:
        """What the value of a step's field is called."""
        if name == "category":
            entry = self._rules.catalogue.entries.get(value)
            return entry.name if entry else value
        return self.post(value) if name in _POSTS else self._words.word(name, value)
