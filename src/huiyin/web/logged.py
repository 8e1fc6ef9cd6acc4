"""The review log (办理日志) as staff read it: other tickets are named only to who may see them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from huiyin.core.people import Role
from huiyin.core.proof import read
from huiyin.core.sight import hears
from huiyin.core.whistled import Whistled
from huiyin.store.lists import Entry

_WHISTLED = str(Whistled.__struct_config__.tag)
_NUMBERS = ("number", "into", "lead")  # fields of steps that name a ticket


class LogEntry(Struct, frozen=True):
    """A row of the review log (办理日志); `actor` is a post; `hash` chains to the row before."""

    step: str
    at: datetime
    actor: str
    version: int
    hash: str
    rules: str
    said: Annotated[str, Meta(description="这一步的经过,一句话")]
    data: dict[str, Any]


def entry(row: Entry, seen: frozenset[str], said: str) -> LogEntry:
    """A log row with its leaf opened; other tickets only where the viewer may see them."""
    leaf = read(row.body)
    data = _without(msgspec.json.decode(leaf.data, type=dict[str, Any]), seen)
    return LogEntry(row.step, row.at, leaf.actor, row.version, row.hash.hex(), leaf.rules, said, data)


def kept_from(role: Role, step: str) -> bool:
    """Whether a step is not for a role to read, though they may see the ticket."""
    return step == _WHISTLED and not hears(role)


def named(rows: Iterable[Entry]) -> list[str]:
    """The tickets that a log names, now or once."""
    found = set()
    for row in rows:
        data = msgspec.json.decode(read(row.body).data, type=dict[str, Any])
        found |= {data[name] for name in _NUMBERS if isinstance(data.get(name), str)}
        found |= {one["number"] for one in data.get("same_matter", ())}
    return sorted(found)


def _without(data: dict[str, Any], seen: frozenset[str]) -> dict[str, Any]:
    kept = {name: value for name, value in data.items() if name not in _NUMBERS or value in seen}
    if "same_matter" in kept:
        kept["same_matter"] = [one for one in kept["same_matter"] if one["number"] in seen]
    return kept
