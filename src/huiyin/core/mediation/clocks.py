"""The limits of a mediation (期限): what is due when, and at how many days before its end somebody is reminded."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from huiyin.core.calendar import Office, local
from huiyin.core.deadline import Due
from huiyin.core.mediation.kinds import Duty

_MOMENT = timedelta(microseconds=1)


class Alarm(Struct, frozen=True):
    """So many days before the end."""

    left: int
    at: datetime


class Countdown(Struct, frozen=True, omit_defaults=True):
    """A limit that runs; `of` is the session or the item that it is about, `told` the last reminder given, `level` how
    often it ran out."""

    duty: Duty
    due: Due
    alarms: tuple[Alarm, ...] = ()
    of: str = ""
    level: int = 0
    told: int | None = None

    @property
    def key(self) -> tuple[Duty, str]:
        return self.duty, self.of

    @property
    def next_at(self) -> datetime:
        """When the next thing happens to it: a reminder, or its end."""
        return next((one.at for one in self._ahead), self.due.at)

    def reminder(self, at: datetime) -> int | None:
        """The latest reminder that is due and not given; one that a later one overtook is left out."""
        return next((one.left for one in reversed(self._ahead) if one.at <= at), None)

    @property
    def _ahead(self) -> list[Alarm]:
        return [one for one in self.alarms if self.told is None or one.left < self.told]


def alarms(due: Due, left: Sequence[int], office: Office) -> tuple[Alarm, ...]:
    """The reminders of a limit: at the opening of the office, so many days before its last day; those that would lie
    before its first day are left out."""
    last, first = local(due.at - _MOMENT), local(due.start)
    days = [(n, last - timedelta(days=n)) for n in sorted(left, reverse=True)]
    return tuple(Alarm(n, office.on(day)[0][0]) for n, day in days if day >= first)
