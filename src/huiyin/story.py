"""The review log told (办理日志): one sentence in Chinese a step, from what the log holds and nothing else."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec
from msgspec import Struct

from huiyin.core.calendar import Calendar
from huiyin.core.deadline import Due, explain
from huiyin.core.ladder import Standing
from huiyin.core.proof import read
from huiyin.core.registry import Registry, titled
from huiyin.core.steps import Recomputed, Sorted, Step
from huiyin.core.ticket import Rules, Ticket, follow
from huiyin.core.watch import Watch

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")  # no daylight saving since 1991: needs no tzdata
_RECOMPUTED = {"sign": "签收", "resolve": "办结", "rung": "办结", "answer": "督办答复", "ruling": "裁定"}
_NUMBER = re.compile(r"HY\d{9,15}")
_step = msgspec.json.Decoder(Step).decode


class Variant(Struct, frozen=True, forbid_unknown_fields=True):
    """What may be said of a step, `when` its fields have these values ("": none, "some": there is one)."""

    say: str
    when: dict[str, tuple[str, ...]] = {}


class Words(Struct, frozen=True, forbid_unknown_fields=True):
    """The data of `rules/story.toml`, or of another noun's."""

    said: dict[str, tuple[Variant, ...]]
    words: dict[str, dict[str, str]]
    posts: dict[str, str]

    def variant(self, step: Struct) -> Variant:
        """What is said of a step: the first whose `when` fits."""
        known = {name: _plain(getattr(step, name)) for name in step.__struct_fields__}
        variants = self.said[str(type(step).__struct_config__.tag)]
        return next(one for one in variants if all(_fits(known[name], some) for name, some in one.when.items()))

    def word(self, name: str, value: str) -> str:
        """What a field's value is called; of levels every further one is the highest."""
        known = self.words.get(name, {})
        return known.get(value, list(known.values())[-1] if name == "level" else value)


@cache
def load_words(name: str = "story.toml") -> Words:
    """A file of the rulebook; raises msgspec.ValidationError where it is wrong."""
    data = (files("huiyin.rules") / name).read_bytes()
    return msgspec.convert(tomllib.loads(data.decode()), Words)


class Teller:
    """Tells under one rulebook: names of places, titles of posts, the calendar of derivations."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._words = load_words()
        ladder = rules.ladder.rungs.values()
        held = [(rule.prefix, rule.name) for rule in ladder]
        standing_in = [(one.prefix, one.name) for rule in ladder for one in rule.stand_ins]
        self._titles = {**self._words.posts, **dict(reversed([*held, *standing_in]))}

    def tell(self, leaves: Sequence[bytes], seen: frozenset[str] | None = None) -> list[str]:
        """The sentences of one ticket's leaves, all of them from the first on; of other tickets only those in `seen`
        are named (None: all)."""
        return [text for text, _ in self.walk(leaves, seen)]

    def walk(self, leaves: Sequence[bytes], seen: frozenset[str] | None = None) -> Iterator[tuple[str, Ticket]]:
        """The same, each with the ticket as the step left it."""
        ticket: Ticket | None = None
        for body in leaves:
            leaf = read(body)
            step = _step(leaf.data)
            text = self.sentence(step, leaf.at, leaf.actor, ticket)
            ticket = follow(ticket, step)
            yield text if seen is None else _unnamed(text, seen | {ticket.number}), ticket

    def sentence(self, step: Step, at: datetime, actor: str, before: Ticket | None = None) -> str:
        """What one step says; `before` is the ticket as it was."""
        values = {"who": self.post(actor, before), "here": before.post.name if before and before.post else ""}
        values["lapsed"] = self._lapsed(step, before)
        for name in step.__struct_fields__:
            values |= self._value(name, getattr(step, name), at, before)
        if isinstance(step, Sorted):
            values |= self._value("category", step.sorting.category, at, before)
            values |= self._value("urgency", step.sorting.urgency, at, before)
        if isinstance(step, Recomputed):
            values["fresh"] = self._fresh(step, at)
        first = before is None or before.filed_at.astimezone(BEIJING).year != at.astimezone(BEIJING).year
        return f"{clock(at, year=first)} {self._words.variant(step).say.format_map(values)}"

    def post(self, code: str, ticket: Ticket | None = None) -> str:
        """What a post is called: as the ticket's own steps call it, else by its kind and place."""
        if ticket is not None and ticket.post is not None and ticket.post.code == code:
            return ticket.post.name
        prefix, _, where = code.partition(":")
        if (title := self._titles.get(prefix)) is None:
            return code
        name = place(self._rules.registry, prefix, where)
        return title.format(name) if "{0}" in title else titled(name, title)

    def _value(self, name: str, value: Any, at: datetime, ticket: Ticket | None) -> dict[str, str]:
        if isinstance(value, Watch):
            return self._value(name, value.due, at, ticket)
        if isinstance(value, Due):
            return {name: short(value.at, at), f"{name}_why": derived(value, self._rules.calendar)}
        if isinstance(value, Standing):
            why = [*([value.acting] if value.acting else []), *value.why]
            also = "、".join(one.name for one in value.also)
            names = {name: value.post.name, f"{name}_why": f"({';'.join(why)})" if why else ""}
            return names | {f"{name}_also": f",同时告知{also}" if also else ""}
        if isinstance(value, datetime):
            return {name: clock(value, year=value.astimezone(BEIJING).year != at.astimezone(BEIJING).year)}
        if isinstance(value, Struct):
            return {}  # sealed words, and what the sorter found: told by what it led to
        if isinstance(value, tuple):
            return {name: "、".join(self._word(name, str(one), ticket) for one in value)}
        return {name: "" if value is None else self._word(name, str(value), ticket), f"{name}_why": ""}

    def _word(self, name: str, value: str, ticket: Ticket | None) -> str:
        if name in ("category", "was_category"):
            entry = self._rules.catalogue.entries.get(value)
            return entry.name if entry else value
        if name in ("to", "owner"):
            return self.post(value, ticket)
        return self._words.word(name, value)

    def _lapsed(self, step: Step, before: Ticket | None) -> str:
        """Of which limit a step of the clock speaks."""
        if before is None:
            return ""
        reason = getattr(step, "reason", None) or getattr(step, "duty", None)
        answer = before.supervision.answer.due if before.supervision else None
        ruling = before.objection.due if before.objection else None
        known = {"case-lapsed": before.case_due, "ruling-lapsed": ruling, "unanswered": answer, "answer": answer}
        due = known[reason] if reason in known else before.running[1].due if before.running else None
        return derived(due, self._rules.calendar) if due is not None else ""

    def _fresh(self, step: Recomputed, at: datetime) -> str:
        found = {}
        for name, called in _RECOMPUTED.items():
            if (value := getattr(step, name)) is not None:
                found[called] = f"{called} {short(value.due.at if isinstance(value, Watch) else value.at, at)}"
        return ":" + "、".join(found.values()) if found else ""


def _unnamed(text: str, seen: frozenset[str]) -> str:
    return _NUMBER.sub(lambda found: found[0] if found[0] in seen else "另一张工单", text)


def _plain(value: Any) -> str:
    """A field's value as `when` names it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Standing):
        return value.rung or "desk"
    if value is None or value == ():
        return ""
    return value if isinstance(value, str) else "some"


def _fits(value: str, wanted: Sequence[str]) -> bool:
    return value in wanted or (bool(value) and "some" in wanted)


def derived(due: Due, calendar: Calendar) -> str:
    """A limit's derivation, in brackets."""
    text = explain(due, BEIJING, calendar).partition(";依据:")[0]
    guess = ",放假安排尚未公布,暂按周一至周五推算" if due.provisional else ""
    return f"({due.basis}:{text}{guess})"


def clock(at: datetime, *, year: bool) -> str:
    """`11月23日 17:30`, Beijing."""
    here = at.astimezone(BEIJING)
    return f"{f'{here.year}年' if year else ''}{here.month}月{here.day}日 {here:%H:%M}"


def short(at: datetime, now: datetime) -> str:
    """`11/23 17:30`; midnight is the end of the day before."""
    here = at.astimezone(BEIJING)
    end = "24:00" if (here.hour, here.minute) == (0, 0) else f"{here:%H:%M}"
    day = here - timedelta(days=1) if end == "24:00" else here
    far = f"{day.year}/" if day.year != now.astimezone(BEIJING).year else ""
    return f"{far}{day.month}/{day.day} {end}"


def place(known: Registry, prefix: str, code: str) -> str:
    """What the place behind a post's code is called; the code itself where the registry has none."""
    if (grid := known.grids.get(code)) is not None and prefix == "grid":
        code = grid.community_code
    if (building := known.buildings.get(code)) is not None:
        return known.estates[building.estate_code].name + building.name
    for some in (known.estates, known.communities, known.streets):
        if (one := some.get(code)) is not None:
            return str(one.name)
    return code
