"""A limit that reminds (时限与提醒): at half, at four fifths, at the end; from the rulebook's clocks."""

from collections.abc import Collection
from datetime import datetime
from typing import Literal

from msgspec import Struct

from huiyin.core.calendar import OFFICE, Calendar, Office
from huiyin.core.deadline import Due, Limit, due, moment

Part = Literal["half", "most"]


class Watch(Struct, frozen=True):
    """A limit that reminds: `half` and `most` (80 %) are when; aware UTC."""

    due: Due
    half: datetime
    most: datetime


def reminding(one: Due, calendar: Calendar, office: Office = OFFICE) -> Watch:
    """The reminders of a due time."""
    return Watch(one, moment(one, (1, 2), calendar, office), moment(one, (4, 5), calendar, office))


def upcoming(watch: Watch, told: Collection[str]) -> datetime:
    """When the next thing happens to a limit whose reminders `told` were given."""
    if not told:
        return watch.half
    return watch.due.at if "most" in told else watch.most


def reminder(watch: Watch, told: Collection[str], at: datetime) -> Part | None:
    """The later of the reminders that are due and not yet given."""
    if watch.most <= at:
        return None if "most" in told else "most"
    return "half" if watch.half <= at and "half" not in told else None


# -- once for a whole batch -------------------------------------------------------------------------------


def due_once(start: datetime, limit: Limit, basis: str, calendar: Calendar, office: Office) -> Due:
    """`due`, worked out once for a whole batch."""
    key = (start, limit.length, limit.unit, basis, calendar.version, office.spans)
    if (found := _DUES.get(key)) is None:
        _bound(_DUES)
        found = _DUES[key] = due(start, limit, basis, calendar, office)
    return found


def watch_once(one: Due, calendar: Calendar, office: Office) -> Watch:
    """`reminding`, worked out once for a whole batch."""
    key = (one.start, one.length, one.unit, one.basis, one.at, calendar.version, office.spans)
    if (found := _WATCHES.get(key)) is None:
        _bound(_WATCHES)
        found = _WATCHES[key] = reminding(one, calendar, office)
    return found


# The same questions come five hundred times a batch; the answers depend on nothing but the questions.
_DUES: dict[tuple[object, ...], Due] = {}
_WATCHES: dict[tuple[object, ...], Watch] = {}


def _bound(kept: dict[tuple[object, ...], Due] | dict[tuple[object, ...], Watch]) -> None:
    if len(kept) > 256:
        kept.clear()
