"""A mediation's log told (调解办理日志): one sentence in Chinese a step, from what the log holds and nothing else."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from msgspec import Struct

from huiyin.core.deadline import Due
from huiyin.core.mediation import Rules, Step
from huiyin.core.mediation.clocks import Countdown
from huiyin.core.mediation.kinds import Side
from huiyin.core.mediation.number import CaseNumber
from huiyin.core.proof import read
from huiyin.core.registry import Registry
from huiyin.story import BEIJING, clock, derived, load_words, place, short

_step = msgspec.json.Decoder(Step).decode
NTH = "甲乙丙丁戊己庚辛壬癸"
_PARTIES = ("party", "told", "present", "parties")


class MediationTeller:
    """Tells under one rulebook, with the registry's names of places. Parties are 甲, 乙 …, in the order in which they
    were named; people have no names."""

    def __init__(self, rules: Rules, registry: Registry) -> None:
        self._rules, self._registry = rules, registry
        self._words = load_words("mediation_story.toml")

    def tell(self, leaves: Sequence[bytes]) -> list[str]:
        """The sentences of one mediation's leaves, all of them from the first on."""
        told, parties = [read(body) for body in leaves], ()
        said = []
        for n, leaf in enumerate(told):
            step = _step(leaf.data)
            parties = parties or tuple(one.party for one in getattr(step, "sides", ()))
            said.append(self.sentence(step, leaf.at, leaf.actor, parties, first=not n))
        return said

    def sentence(
        self, step: Step, at: datetime, actor: str, parties: Sequence[str] = (), *, first: bool = False
    ) -> str:
        """What one step says; the first one with its year."""
        who = self.post(actor, parties)
        values = {"who": who, "door": "凭查询码" if actor.startswith("party:") else f"{who}登记"}
        for name in step.__struct_fields__:
            values |= self._value(name, getattr(step, name), at, parties)
        return f"{clock(at, year=first)} {self._words.variant(step).say.format_map(values)}"

    def post(self, code: str, parties: Sequence[str] = ()) -> str:
        """What a post is called, by its kind and place; a party by its turn."""
        prefix, _, where = code.partition(":")
        if prefix == "party":
            return _party(where, parties)
        title = self._words.posts.get(prefix)
        return code if title is None else title.format(place(self._registry, prefix, where))

    def _value(self, name: str, value: Any, at: datetime, parties: Sequence[str]) -> dict[str, str]:
        if isinstance(value, Due):
            return {name: short(value.at, at), f"{name}_why": derived(value, self._rules.calendar)}
        if isinstance(value, datetime):
            return {name: clock(value, year=value.astimezone(BEIJING).year != at.astimezone(BEIJING).year)}
        if isinstance(value, date):
            return {name: f"{value.year}年{value.month}月{value.day}日"}
        if isinstance(value, CaseNumber):
            return {name: str(value)}
        if isinstance(value, tuple):
            return {name: self._listed(name, value, at, parties)}
        if name in _PARTIES:
            return {name: _party(value, parties)}
        return {name: "" if value is None or isinstance(value, Struct) else self._word(name, str(value))}

    def _listed(self, name: str, values: tuple[Any, ...], at: datetime, parties: Sequence[str]) -> str:
        said = "、".join(self._part(name, one, at, parties) for one in values)
        return f"时限:{said}。" if said and name == "clocks" else said

    def _part(self, name: str, one: Any, at: datetime, parties: Sequence[str]) -> str:
        if isinstance(one, Countdown):
            return f"{self._words.word('duty', one.duty)} {short(one.due.at, at)}"
        if isinstance(one, Side):
            return _party(one.party, parties) + ("(申请人)" if one.applicant else "")
        if name in _PARTIES:
            return _party(str(one), parties)
        return "" if isinstance(one, Struct) else self._word(name, str(one))

    def _word(self, name: str, value: str) -> str:
        if name == "category":
            entry = self._rules.catalogue.entries.get(value)
            return entry.name if entry else value
        return self._words.words.get(name, {}).get(value, value)


def _party(party: str, parties: Sequence[str]) -> str:
    """甲方, 乙方; 当事人 where it is not known which."""
    if party not in parties[: len(NTH)]:
        return "当事人" if party else ""
    return f"当事人{NTH[list(parties).index(party)]}"
