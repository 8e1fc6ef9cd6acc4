"""A committee's log told (调委会改动记录): a sentence in Chinese a step, calling nobody the reader may not know."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from huiyin.core.catalogue import Catalogue
from huiyin.core.mediation.office import Step
from huiyin.story import clock, load_words


class Callers(Struct, frozen=True):
    """What a reader may call people and rooms, and which cases they know; all others are nobody in particular."""

    people: Mapping[str, str] = {}
    rooms: Mapping[str, str] = {}
    cases: frozenset[str] = frozenset()

    def person(self, ident: str) -> str:
        """By name; else as the log has them."""
        return self.people.get(ident) or f" {ident} "

    def room(self, place: str) -> str:
        """By name; else by its code."""
        return f"“{self.rooms[place]}”" if place in self.rooms else f" {place} "

    def case(self, number: str) -> str:
        """By number; else that it is one."""
        return f" {number} " if number in self.cases else "一件调解"


class CommitteeTeller:
    """Tells under one catalogue of matters."""

    def __init__(self, catalogue: Catalogue, callers: Callers) -> None:
        self._catalogue, self._callers = catalogue, callers
        self._words = load_words("committee_story.toml")

    def sentence(self, step: Step) -> str:
        """What one step says, without who did it and when."""
        values = {name: self._value(name, getattr(step, name)) for name in step.__struct_fields__}
        return self._words.variant(step).say.format_map(values)

    def _value(self, name: str, value: Any) -> str:
        if isinstance(value, datetime):
            return clock(value, year=False)
        if isinstance(value, bool):
            return self._words.word(name, "yes" if value else "no")
        if isinstance(value, tuple):
            return "、".join(self._called(name, one) for one in value)
        return self._called(name, str(value))

    def _called(self, name: str, value: str) -> str:
        match name:
            case "person" | "persons":
                return self._callers.person(value)
            case "place":
                return self._callers.room(value)
            case "number":
                return self._callers.case(value)
            case "best":
                entry = self._catalogue.entries.get(value)
                return entry.name if entry else value
        return value
