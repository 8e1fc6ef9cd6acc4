"""A party's door (当事人入口): that its code was used, from what, and left; what was done inside stands in the case."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

Way = Literal["phone", "computer", "program"]


class Entered(Struct, frozen=True, tag_field="step", tag="entry.made.v1"):
    """Somebody showed the code: a browser as it calls itself, or a program. No address and no device is kept."""

    ident: str
    way: Way


class Left(Struct, frozen=True, tag_field="step", tag="entry.left.v1"):
    """What was opened by one entry is shut."""

    ident: str


class AllLeft(Struct, frozen=True, tag_field="step", tag="entry.all_left.v1"):
    """The party shut all that was open by its code, wherever that was."""


EntryStep = Entered | Left | AllLeft


class Entry(Struct, frozen=True):
    """One use of the code; `left` when it was shut, None where nobody did."""

    ident: str
    way: Way
    at: datetime
    left: datetime | None = None


def fold(steps: Iterable[tuple[EntryStep, datetime]]) -> tuple[Entry, ...]:
    """The entries of one party, oldest first."""
    found: dict[str, Entry] = {}
    for step, at in steps:
        match step:
            case Entered():
                found[step.ident] = Entry(step.ident, step.way, at)
            case Left():
                found |= _shut([found[step.ident]] if step.ident in found else [], at)
            case AllLeft():
                found |= _shut(found.values(), at)
    return tuple(found.values())


def _shut(some: Iterable[Entry], at: datetime) -> dict[str, Entry]:
    return {one.ident: replace(one, left=at) for one in some if one.left is None}


def leaving(entries: Iterable[Entry], ident: str | None) -> list[EntryStep]:
    """The step that shuts one entry, or all of them (None); none where nothing of it is open."""
    still = [one for one in entries if one.left is None and ident in (None, one.ident)]
    if not still:
        return []
    return [AllLeft() if ident is None else Left(ident)]
