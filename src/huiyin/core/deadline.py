"""A due time that can explain itself (时限): unit, length, start, calendar, and the rule behind it."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta, tzinfo
from itertools import groupby, takewhile
from typing import Annotated, Literal, assert_never

from msgspec import Meta, Struct

from huiyin.core.calendar import OFFICE, Calendar, Office, local, midnight

Unit = Literal["natural_minute", "natural_hour", "working_hour", "natural_day", "working_day"]
Span = tuple[datetime, datetime]

_DAY = timedelta(days=1)
_RUNNING: dict[Unit, timedelta] = {"natural_minute": timedelta(minutes=1), "natural_hour": timedelta(hours=1)}


class Limit(Struct, frozen=True):
    """So many hours or days; one of zero is over when it starts."""

    length: Annotated[int, Meta(ge=0)]
    unit: Unit


class Due(Struct, frozen=True, omit_defaults=True):
    """`at` and `start` are aware UTC, `length` counts `unit`s, `basis` names the rule the limit comes from.

    `calendar` is the version of the calendar that was asked, "" where none was; `provisional`: a year that matters
    had no calendar, its days were taken as Monday to Friday, and it is to be reckoned anew when the year arrives.
    """

    at: datetime
    unit: Unit
    length: int
    start: datetime
    basis: str
    calendar: str = ""
    provisional: bool = False


def natural(start: datetime, hours: int, basis: str) -> Due:
    """`hours` natural hours after `start`: hours run from the moment, day and night (民法典 art. 200-201)."""
    return Due(start + timedelta(hours=hours), "natural_hour", hours, start, basis)


def due(start: datetime, limit: Limit, basis: str, calendar: Calendar, office: Office = OFFICE) -> Due:
    """When a limit that starts at `start` (aware) is over (民法典 art. 200-204, 民事诉讼法 art. 85).

    Days: the first one is not counted. Working days end at close of business of the last; natural days at 24:00 of
    the last, which moves on to the next working day where it is none. Working hours run in `office`'s hours of
    working days only. Natural minutes and hours never ask the calendar.
    """
    at, provisional = _ends(start, limit, calendar, office)
    version = "" if limit.unit in _RUNNING else calendar.version
    return Due(at, limit.unit, limit.length, start, basis, version, provisional)


def month(start: date, months: int, calendar: Calendar) -> tuple[date, bool]:
    """The last day of a period of months, and whether it is provisional: moved on from a day of rest (art. 203)."""
    raw = months_on(start, months)
    last = calendar.moved(raw)
    return last, not calendar.covers(raw, last)


def months_on(start: date, months: int) -> date:
    """The corresponding day, or the month's last one where there is none (民法典 art. 202)."""
    count = start.year * 12 + start.month - 1 + months
    first, after = (date(number // 12, number % 12 + 1, 1) for number in (count, count + 1))
    return first.replace(day=min(start.day, (after - first).days))


def moment(due: Due, part: tuple[int, int], calendar: Calendar, office: Office = OFFICE) -> datetime:
    """When `part` of the limit ((1, 2), (4, 5) …) has run, in its own time: of working units only time that is worked.

    Between `due.start` and `due.at`, both excluded, for a part between nothing and the whole of a limit over zero.
    """
    over, of = part
    spans: list[Span] = []
    if due.unit in ("working_hour", "working_day"):
        first = local(due.start) + (_DAY if due.unit == "working_day" else timedelta())
        until = takewhile(lambda span: span[0] < due.at, _worked(due.start, first, calendar, office))
        spans = [(begin, min(end, due.at)) for begin, end in until]
    total = sum((end - begin for begin, end in spans), timedelta())
    if not total:  # natural time; or another calendar says that none of it was worked
        return due.start + (due.at - due.start) * over // of
    return _after(spans, total * over // of)


def rest(due: Due, at: datetime, calendar: Calendar, office: Office = OFFICE) -> Limit:
    """What is left of a limit at a moment before its end, in its own unit, rounded up to a whole one."""
    today, last = local(at), local(due.at - timedelta(microseconds=1))
    days = range(1, (last - today).days + 1)
    match due.unit:
        case "natural_minute" | "natural_hour":
            left = -((at - due.at) // _RUNNING[due.unit])
        case "natural_day":
            left = len(days)
        case "working_day":
            left = sum(calendar.workday(today + n * _DAY) for n in days)
        case "working_hour":
            until = takewhile(lambda span: span[0] < due.at, _worked(at, today, calendar, office))
            worked = sum((min(end, due.at) - begin for begin, end in until), timedelta())
            left = -(-worked // timedelta(hours=1))
        case _:
            assert_never(due.unit)
    return Limit(max(left, 1), due.unit)


def recomputed(due: Due, calendar: Calendar, office: Office = OFFICE) -> Due | None:
    """The same limit under another calendar; None where neither the moment nor its certainty changes."""
    at, provisional = _ends(due.start, Limit(due.length, due.unit), calendar, office)
    if (at, provisional) == (due.at, due.provisional):
        return None
    return Due(at, due.unit, due.length, due.start, due.basis, calendar.version, provisional)


# -- reckoning --------------------------------------------------------------------------------------------


def _ends(start: datetime, limit: Limit, calendar: Calendar, office: Office) -> tuple[datetime, bool]:
    """The end, and whether a day that was asked about lies in an unknown year."""
    if limit.length < 1:
        return start, False
    today = local(start)
    match limit.unit:
        case "natural_minute" | "natural_hour":
            return start + limit.length * _RUNNING[limit.unit], False
        case "natural_day":
            raw = today + limit.length * _DAY
            last = calendar.moved(raw)
            return midnight(last + _DAY), not calendar.covers(raw, last)
        case "working_day":
            last = _worked_day(today, limit.length, calendar)
            return office.closes(last), not calendar.covers(today + _DAY, last)
        case "working_hour":
            at = _after(_worked(start, today, calendar, office), timedelta(hours=limit.length))
            return at, not calendar.covers(today, local(at))
    assert_never(limit.unit)


def _worked_day(day: date, number: int, calendar: Calendar) -> date:
    """The `number`th working day after `day`."""
    while number:
        day += _DAY
        number -= calendar.workday(day)
    return day


def _worked(start: datetime, day: date, calendar: Calendar, office: Office) -> Iterator[Span]:
    """The spans of office hours from `day` on, none of them before `start`; without an end."""
    while True:
        if calendar.workday(day):
            yield from ((max(begin, start), end) for begin, end in office.on(day) if end > start)
        day += _DAY


def _after(spans: Iterable[Span], wanted: timedelta) -> datetime:
    """The moment when `wanted` has run in spans that are long enough."""
    for begin, end in spans:
        if end - begin >= wanted:
            return begin + wanted
        wanted -= end - begin
    raise ValueError("the spans are shorter than what is wanted")


# -- explaining -------------------------------------------------------------------------------------------

_CALLED: dict[Unit, str] = {
    "natural_minute": "分钟",
    "natural_hour": "小时",
    "working_hour": "个工作小时",
    "natural_day": "日",
    "working_day": "个工作日",
}
_WEEKDAYS = "一二三四五六日"


def length(limit: Limit) -> str:
    """`10 分钟`, `2 个工作日`."""
    return f"{limit.length} {_CALLED[limit.unit]}"


_LONG = 10  # over so many days only holidays and make-up days are named


def explain(due: Due, zone: tzinfo, calendar: Calendar | None = None) -> str:
    """The derivation as a sentence in Chinese; hours in `zone`, days in China's.

    With the calendar every day off and make-up day on the way is named, where the calendar still leads to `due.at`.
    """
    if due.unit in _RUNNING:
        start, end = (moment.astimezone(zone).strftime("%Y-%m-%d %H:%M") for moment in (due.start, due.at))
        return f"{start} 起 {due.length} {_CALLED[due.unit]}(自然时,含夜间和节假日),至 {end};依据:{due.basis}"
    last = local(due.at - timedelta(microseconds=1))
    way = _way(due, last, calendar) if calendar and _leads(due, last, calendar) else ""
    far = "%Y/" if local(due.start).year != last.year else ""
    clock = due.start.astimezone(zone).strftime(" %H:%M") if due.unit == "working_hour" else ""
    end = "24:00" if due.unit == "natural_day" else due.at.astimezone(zone).strftime("%H:%M")
    head = f"收到 {_date(local(due.start), far)}{clock},{due.length}{_CALLED[due.unit]}"
    text = f"{head}{way and ':'}{way} → {_date(last, far)} {end};依据:{due.basis};日历版本 {due.calendar}"
    return text + (_guess(due, last, calendar) if due.provisional else "")


def _leads(due: Due, last: date, calendar: Calendar) -> bool:
    """Whether this calendar comes to the same last day; one that was imported since may not."""
    start = local(due.start)
    if due.unit == "working_day":
        return _worked_day(start, due.length, calendar) == last
    if due.unit == "natural_day":
        return calendar.moved(start + due.length * _DAY) == last
    return calendar.workday(last)


def _way(due: Due, last: date, calendar: Calendar) -> str:
    """What lies between the start and the last day."""
    start = local(due.start)
    if due.unit == "natural_day":
        raw = start + due.length * _DAY
        return "" if raw == last else f"{_date(raw)}期满;{_rest(raw, last - _DAY, calendar)},顺延"
    whole = due.unit == "working_day" and due.length <= _LONG
    said, month = [], start.month
    for kind, first, end in _stretches(start + _DAY, last, calendar):
        if kind == "rest" and (whole or _named(first, end, calendar) or due.unit == "working_hour"):
            said.append(_rest(first, end, calendar))
        elif kind == "made_up" or (kind == "plain" and whole):
            said.append((_made_up if kind == "made_up" else _plain)(first, end, month if whole else 0))
        else:
            continue
        month = end.month
    if not whole and due.unit == "working_day":
        said.append("其余周末休息" if said else "周末休息")
    return ";".join(said)


def _stretches(first: date, last: date, calendar: Calendar) -> Iterator[tuple[str, date, date]]:
    """Neighbouring days of one kind: (kind, first, last)."""

    def kind(day: date) -> str:
        return "made_up" if calendar.made_up(day) else "plain" if calendar.workday(day) else "rest"

    days = (first + n * _DAY for n in range((last - first).days + 1))
    for name, group in groupby(days, kind):
        found = list(group)
        yield name, found[0], found[-1]


def _named(first: date, last: date, calendar: Calendar) -> bool:
    return any(calendar.holiday(first + n * _DAY) for n in range((last - first).days + 1))


def _rest(first: date, last: date, calendar: Calendar) -> str:
    """`10/1–10/7放假`, or 休息 where it is a weekend only."""
    days = _date(first) if first == last else f"{_date(first)}–{_date(last)}"
    return days + ("放假" if _named(first, last, calendar) else "休息")


def _plain(first: date, last: date, month: int) -> str:
    """`8、9日`; with the month where it is not the one that was said last."""
    between = "、" if last - first == _DAY else "–"
    if first.month == last.month == month:
        return f"{first.day}日" if first == last else f"{first.day}{between}{last.day}日"
    return _date(first) if first == last else f"{_date(first)}{between}{_date(last)}"


def _made_up(first: date, last: date, month: int) -> str:
    """`10日(六)补班`."""
    days = (first + n * _DAY for n in range((last - first).days + 1))
    return "、".join(f"{_plain(day, day, month)}({_WEEKDAYS[day.weekday()]})" for day in days) + "补班"


def _date(day: date, far: str = "") -> str:
    return f"{day.strftime(far)}{day.month}/{day.day}"


def _guess(due: Due, last: date, calendar: Calendar | None) -> str:
    years = range(local(due.start).year, last.year + 1)
    unknown = [str(year) for year in years if calendar and not calendar.known(year)] or [str(last.year)]
    return f"({'、'.join(unknown)}年放假安排尚未公布,暂按周一至周五推算,公布后自动重算)"
