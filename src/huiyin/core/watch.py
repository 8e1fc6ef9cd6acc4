"""A limit that reminds (时限与提醒): at half, at four fifths, at the end; from the rulebook's clocks."""

from datetime import datetime

from msgspec import Struct

from huiyin.core.calendar import Calendar
from huiyin.core.deadline import Due, Limit, due, moment


class Watch(Struct, frozen=True):
    """A limit that reminds: `half` and `most` (80 %) are when; aware UTC."""

    due: Due
    half: datetime
    most: datetime


def watch(start: datetime, limit: Limit, basis: str, calendar: Calendar) -> Watch:
    """A limit from `start` on, with its reminders."""
    return reminding(due(start, limit, basis, calendar), calendar)


def reminding(one: Due, calendar: Calendar) -> Watch:
    """The reminders of a due time."""
    return Watch(one, moment(one, (1, 2), calendar), moment(one, (4, 5), calendar))
