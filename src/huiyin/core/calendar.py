"""The working calendar (放假调休): days off, make-up days and office hours, year by year as they are announced."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from hashlib import sha256
from itertools import pairwise

import msgspec
from msgspec import Struct

ZONE = timezone(timedelta(hours=8))  # 北京时间: one zone for the whole country, without summer time since 1991
_DAY = timedelta(days=1)


def local(moment: datetime) -> date:
    """The day in China at an aware moment."""
    return moment.astimezone(ZONE).date()


def midnight(day: date) -> datetime:
    """The first moment of a day in China, as aware UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=ZONE).astimezone(UTC)


class Office(Struct, frozen=True):
    """A desk's office hours (办公时间) on a working day: "HH:MM" pairs, ascending; "24:00" may end the last.

    Raises ValueError for spans that are none or overlap.
    """

    spans: tuple[tuple[str, str], ...] = (("09:00", "12:00"), ("13:30", "17:30"))

    def __post_init__(self) -> None:
        edges = [_minutes(edge) for span in self.spans for edge in span]
        ascending = all(
            first < second if n % 2 == 0 else first <= second for n, (first, second) in enumerate(pairwise(edges))
        )
        if not edges or not ascending or edges[-1] > 24 * 60:
            raise ValueError(f"office hours are not ascending spans of one day: {self.spans}")

    def on(self, day: date) -> list[tuple[datetime, datetime]]:
        """The spans of a day as aware UTC."""
        start = midnight(day)
        return [
            (start + timedelta(minutes=_minutes(begin)), start + timedelta(minutes=_minutes(end)))
            for begin, end in self.spans
        ]

    def closes(self, day: date) -> datetime:
        """Close of business (停止业务活动的时间, 民法典 art. 203)."""
        return self.on(day)[-1][1]


@cache
def _minutes(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    if not (hours.isdecimal() and minutes.isdecimal() and int(minutes) < 60):
        raise ValueError(f"not a time of day: {clock!r}")
    return int(hours) * 60 + int(minutes)


OFFICE = Office()


class Year(Struct, frozen=True):
    """One year's notice of the State Council Office: day → name, of days off and of make-up workdays (补班).

    It may reach into December of the year before (元旦), never further.
    """

    year: int
    off: dict[date, str]
    work: dict[date, str]

    def rows(self) -> list[tuple[date, bool, str]]:
        """(day, whether it is off, its name), in the order of the days."""
        listed = [(day, True, name) for day, name in self.off.items()]
        return sorted(listed + [(day, False, name) for day, name in self.work.items()])


class Calendar(Struct, frozen=True):
    """The years whose notices are known; `version` is the hash of their content. Made by `of`."""

    version: str
    years: dict[int, Year]

    @staticmethod
    def of(years: Iterable[Year]) -> "Calendar":
        """The calendar of some years; of two for the same year the later one counts."""
        known = {year.year: year for year in years}
        ordered = dict(sorted(known.items()))
        content = msgspec.json.encode([(year.year, year.rows()) for year in ordered.values()])
        return Calendar(sha256(content).hexdigest()[:12], ordered)

    def known(self, year: int) -> bool:
        """Whether the year's notice is here; where not, `workday` can only guess Monday to Friday."""
        return year in self.years

    def covers(self, first: date, last: date) -> bool:
        """Whether every day of a stretch lies in a known year; 29-31 December may be the next notice's,
        as in 2018."""
        until = (last + timedelta(days=3)).year
        return all(self.known(year) for year in range(first.year, until + 1))

    def workday(self, day: date) -> bool:
        """Whether a day is worked. A day of December asks the notice of the next year first: it is the newer one."""
        made_up = self.made_up(day)
        return made_up or (day.weekday() < 5 and not self.holiday(day))

    def made_up(self, day: date) -> bool:
        """A Saturday or Sunday that is worked (调休上班)."""
        return self._listed(day) is True

    def holiday(self, day: date) -> bool:
        """A day that a notice names as off; a plain weekend is not one."""
        return self._listed(day) is False

    def moved(self, day: date) -> date:
        """The day itself, or the first working day after where it is none (民法典 art. 203)."""
        while not self.workday(day):
            day += _DAY
        return day

    def _listed(self, day: date) -> bool | None:
        for number in (day.year + 1, day.year) if day.month == 12 else (day.year,):
            year = self.years.get(number)
            if year is not None and (day in year.work or day in year.off):
                return day in year.work
        return None


class YearImported(Struct, frozen=True, tag_field="step", tag="calendar.imported.v1"):
    """The notice of `year` stands from now on: so many days off and make-up days; `version` is the whole calendar's."""

    year: int
    off: int
    work: int
    version: str
    was: str


def imported(year: Year, standing: Calendar) -> list[YearImported]:
    """The step of putting `year` into the calendar that stands; none where it stands already."""
    if standing.years.get(year.year) == year:
        return []
    version = with_year(standing, year).version
    return [YearImported(year.year, len(year.off), len(year.work), version, standing.version)]


def with_year(standing: Calendar, year: Year) -> Calendar:
    """The calendar with one more year, or with that year otherwise."""
    return Calendar.of([*standing.years.values(), year])
