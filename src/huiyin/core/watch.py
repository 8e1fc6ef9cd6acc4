"""A limit that reminds (时限与提醒): at half, at four fifths, at the end; from the rulebook's clocks."""

from datetime import datetime

from msgspec import Struct

from huiyin.core.calendar import OFFICE, Calendar, Office
from huiyin.core.deadline import Due, moment


class Watch(Struct, frozen=True):
    """A limit that reminds: `half` and `most` (80 %) are when; aware UTC."""

    due: Due
    half: datetime
    most: datetime


def reminding(one: Due, calendar: Calendar, office: Office = OFFICE) -> Watch:
    """The reminders of a due time."""
    return Watch(one, moment(one, (1, 2), calendar, office), moment(one, (4, 5), calendar, office))
