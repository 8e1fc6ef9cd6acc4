"""Due times (时限): DOMAIN 7's vectors, thousands of cases against slow counters, certainty, derivations."""

import random
from datetime import UTC, date, datetime, timedelta

import chinese_calendar
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin.core.calendar import OFFICE, ZONE, Calendar, Office, Year, local, midnight, with_year
from huiyin.core.deadline import Due, Limit, Unit, due, explain, moment, month, natural, recomputed
from huiyin.rules.calendars import load_calendar

CALENDAR = load_calendar()
YEAR_2027 = Year(2027, {date(2027, 1, 1): "元旦", date(2027, 1, 4): "元旦"}, {date(2027, 1, 9): "元旦"})  # made up
WITH_2027 = with_year(CALENDAR, YEAR_2027)
BASIS = "事项A01“楼上楼下渗漏水”"
DAY = timedelta(days=1)


def at(text: str) -> datetime:
    """Beijing time."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def reckon(start: str, length: int, unit: Unit, calendar: Calendar = CALENDAR) -> Due:
    return due(at(start), Limit(length, unit), BASIS, calendar)


def last_day(found: Due) -> date:
    return local(found.at - timedelta(microseconds=1))


# -- the vectors of DOMAIN 7 --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-02-12", 1, "2026-02-13"),
        ("2026-02-12", 5, "2026-02-26"),
        ("2026-04-30", 5, "2026-05-11"),
        ("2026-09-18", 5, "2026-09-24"),
        ("2026-09-30", 5, "2026-10-13"),
        ("2026-01-01", 1, "2026-01-04"),
    ],
)
@pytest.mark.parametrize("clock", ["00:00", "09:30", "23:59"])
def test_working_days(start: str, days: int, end: str, clock: str) -> None:
    """Whenever in the day it came: the day is not counted; over at close of business."""
    assert reckon(f"{start}T{clock}", days, "working_day").at == at(f"{end}T17:30")


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-01-16", 30, "2026-02-24"),
        ("2026-09-01", 30, "2026-10-08"),
        ("2026-04-04", 30, "2026-05-06"),
        ("2026-09-02", 1, "2026-09-03"),
    ],
)
def test_natural_days(start: str, days: int, end: str) -> None:
    found = reckon(f"{start}T15:00", days, "natural_day")
    assert found.at == midnight(date.fromisoformat(end) + DAY)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-09-03", 1, "2026-10-08"),
        ("2024-01-30", 1, "2024-02-29"),
        ("2025-11-30", 3, "2026-02-28"),
        ("2025-12-15", 1, "2026-01-15"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2026-03-31", 0, "2026-03-31"),
    ],
)
def test_months(start: str, months: int, end: str) -> None:
    assert month(date.fromisoformat(start), months, CALENDAR) == (date.fromisoformat(end), False)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-09-30T16:30", 4, "2026-10-08T12:00"),
        ("2026-09-30T16:30", 1, "2026-09-30T17:30"),
        ("2026-09-30T12:30", 1, "2026-09-30T14:30"),
        ("2026-09-30T03:00", 3, "2026-09-30T12:00"),
        ("2026-09-30T11:59:30", 1, "2026-09-30T14:29:30"),
        ("2026-09-30T20:00", 7, "2026-10-08T17:30"),
        ("2026-10-09T17:29", 1, "2026-10-10T09:59"),
        ("2026-02-14T09:00", 8, "2026-02-24T10:00"),
    ],
)
def test_working_hours(start: str, hours: int, end: str) -> None:
    assert reckon(start, hours, "working_hour").at == at(end)


def test_office_hours_of_another_desk() -> None:
    late = Office((("10:00", "20:00"),))
    assert due(at("2026-09-30T19:00"), Limit(2, "working_hour"), BASIS, CALENDAR, late).at == at("2026-10-08T11:00")
    assert due(at("2026-09-30T19:00"), Limit(1, "working_day"), BASIS, CALENDAR, late).at == at("2026-10-08T20:00")


def test_natural_hours_run_on_holidays_and_never_ask() -> None:
    found = reckon("2026-12-31T23:30", 24, "natural_hour")
    assert found == natural(at("2026-12-31T23:30"), 24, BASIS)
    assert (found.calendar, found.provisional) == ("", False)
    assert recomputed(found, WITH_2027) is None


@pytest.mark.parametrize("unit", ["natural_hour", "working_hour", "natural_day", "working_day"])
def test_a_limit_of_nothing_is_over_at_once(unit: Unit) -> None:
    found = reckon("2026-10-03T08:00", 0, unit)
    assert found.at == found.start == moment(found, (1, 2), CALENDAR)


def test_the_day_is_chinas() -> None:
    """17:00 UTC on the 30th is the 1st in Beijing."""
    found = due(datetime(2026, 9, 30, 17, tzinfo=UTC), Limit(30, "natural_day"), BASIS, CALENDAR)
    assert last_day(found) == date(2026, 11, 2)  # 10-31 is a Saturday


# -- slow counters ------------------------------------------------------------------------------------------

FIRST, LAST = date(2020, 1, 1), date(2026, 12, 31)
WORKED = {day for n in range((LAST - FIRST).days + 1) if chinese_calendar.is_workday(day := FIRST + n * DAY)}
OPEN = bytearray((LAST - FIRST).days * 1440 + 1440)  # every minute of the published years: 1 where a desk is open
for _n in range((LAST - FIRST).days + 1):
    if FIRST + _n * DAY in WORKED:
        for _begin, _end in ((540, 720), (810, 1050)):
            OPEN[_n * 1440 + _begin : _n * 1440 + _end] = b"\1" * (_end - _begin)


def minute(of: datetime) -> int:
    return int((of - midnight(FIRST)).total_seconds() // 60)


def starts(seed: int, number: int, until: date) -> list[datetime]:
    chance = random.Random(seed)
    span = (until - FIRST).days * 1440
    return [midnight(FIRST) + timedelta(minutes=chance.randrange(span)) for _ in range(number)]


def test_working_days_counted_one_by_one() -> None:
    chance = random.Random(1)
    for start in starts(2, 5_000, date(2026, 9, 1)):
        length = chance.randint(1, 60)
        day, left = local(start), length
        while left:
            day += DAY
            left -= day in WORKED
        found = due(start, Limit(length, "working_day"), BASIS, CALENDAR)
        assert (last_day(found), found.provisional) == (day, False), start
        assert found.at == OFFICE.closes(day)


def test_natural_days_counted_one_by_one() -> None:
    chance = random.Random(3)
    for start in starts(4, 5_000, date(2026, 9, 1)):
        length = chance.randint(1, 90)
        day = local(start)
        for _ in range(length):
            day += DAY
        while day not in WORKED:
            day += DAY
        found = due(start, Limit(length, "natural_day"), BASIS, CALENDAR)
        assert (last_day(found), found.provisional) == (day, False), start


def test_working_hours_counted_minute_by_minute() -> None:
    chance = random.Random(5)
    for start in starts(6, 2_000, date(2026, 11, 1)):
        length = chance.randint(1, 30)
        now, left = minute(start), length * 60
        while left:
            left -= OPEN[now]
            now += 1
        found = due(start, Limit(length, "working_hour"), BASIS, CALENDAR)
        assert (minute(found.at), found.provisional) == (now, False), start


def test_months_found_by_trying() -> None:
    chance = random.Random(7)
    for start in starts(8, 2_000, date(2025, 9, 1)):
        months, day = chance.randint(0, 13), local(start)
        year, number = divmod(day.year * 12 + day.month - 1 + months, 12)
        for last in range(day.day, 27, -1) if day.day > 27 else [day.day]:
            try:
                found = date(year, number + 1, last)
                break
            except ValueError:
                continue
        while found not in WORKED:
            found += DAY
        assert month(day, months, CALENDAR) == (found, False)


@pytest.mark.parametrize("part", [(1, 2), (4, 5), (1, 60)])
@pytest.mark.parametrize("unit", ["working_hour", "working_day"])
def test_part_of_working_time_counted_minute_by_minute(unit: Unit, part: tuple[int, int]) -> None:
    """Between the start and the moment lies that part of the minutes that are worked until the end."""
    chance = random.Random(9)
    for start in starts(10, 500, date(2026, 9, 1)):
        found = due(start, Limit(chance.randint(1, 20), unit), BASIS, CALENDAR)
        when = moment(found, part, CALENDAR)
        assert found.start < when < found.at
        begin = minute(start if unit == "working_hour" else midnight(local(start) + DAY))
        whole, done = sum(OPEN[begin : minute(found.at)]), sum(OPEN[begin : minute(when)])
        assert done * part[1] == whole * part[0], start
        assert OPEN[minute(when) - 1], "not before it has run, not after"


UNITS = st.sampled_from(["natural_hour", "working_hour", "natural_day", "working_day"])
MOMENTS = st.integers(0, 15 * 366 * 86_400).map(lambda s: datetime(2015, 1, 1, tzinfo=UTC) + timedelta(seconds=s))


@given(MOMENTS, st.integers(1, 120), UNITS, st.sampled_from([CALENDAR, WITH_2027, Calendar.of([])]))
def test_what_holds_for_every_due_time(start: datetime, length: int, unit: Unit, calendar: Calendar) -> None:
    found = due(start, Limit(length, unit), BASIS, calendar)
    assert start < moment(found, (1, 2), calendar) < moment(found, (4, 5), calendar) < found.at
    assert recomputed(found, calendar) is None, "DOMAIN 14 item 5: the same from what is stored"
    assert due(start, Limit(length + 1, unit), BASIS, calendar).at >= found.at
    assert msgspec.json.decode(msgspec.json.encode(found), type=Due) == found
    assert found.provisional == ("尚未公布" in explain(found, ZONE, calendar))
    if unit != "natural_hour":
        assert calendar.workday(last_day(found))
        assert found.provisional or calendar.known(last_day(found).year)


# -- years without a calendar -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "length", "unit", "guess", "then"),
    [
        ("2026-12-30T10:00", 5, "working_day", "2027-01-06T17:30", "2027-01-08T17:30"),
        ("2026-12-02T10:00", 30, "natural_day", "2027-01-02T00:00", "2027-01-06T00:00"),
        ("2026-12-31T16:30", 2, "working_hour", "2027-01-01T10:00", "2027-01-05T10:00"),
        ("2026-12-31T16:30", 1, "working_day", "2027-01-01T17:30", "2027-01-05T17:30"),
    ],
)
def test_a_guess_is_marked_and_reckoned_anew(start: str, length: int, unit: Unit, guess: str, then: str) -> None:
    before = reckon(start, length, unit)
    assert (before.at, before.provisional, before.calendar) == (at(guess), True, CALENDAR.version)
    assert "(2027年放假安排尚未公布,暂按周一至周五推算,公布后自动重算)" in explain(before, ZONE, CALENDAR)
    after = recomputed(before, WITH_2027)
    assert after == Due(at(then), unit, length, at(start), BASIS, WITH_2027.version)
    assert after == reckon(start, length, unit, WITH_2027)
    assert recomputed(after, WITH_2027) is None


def test_a_guess_that_was_right_becomes_certain() -> None:
    before = reckon("2027-03-01T10:00", 3, "working_day")
    after = recomputed(before, WITH_2027)
    assert after is not None
    assert (after.at, before.provisional, after.provisional) == (before.at, True, False)


def test_what_ends_in_a_known_year_is_certain() -> None:
    before = reckon("2026-12-25T10:00", 1, "working_day")
    assert (before.at, before.provisional) == (at("2026-12-28T17:30"), False)
    assert recomputed(before, WITH_2027) is None


def test_a_notice_may_reach_back_into_december() -> None:
    notice = Year(2027, YEAR_2027.off | {date(2026, 12, 31): "元旦"}, {})
    before = reckon("2026-12-30T10:00", 1, "working_day")
    assert before.provisional
    after = recomputed(before, with_year(CALENDAR, notice))
    assert after is not None
    assert after.at == at("2027-01-05T17:30")


@pytest.mark.parametrize(
    ("start", "length", "unit", "provisional"),
    [
        ("2019-12-31T10:00", 1, "working_day", False),  # the day it came is not asked about
        ("2019-12-30T10:00", 2, "working_day", True),
        ("2019-12-01T10:00", 32, "natural_day", False),  # of natural days only the last one is
        ("2019-12-31T17:00", 1, "working_hour", True),
    ],
)
def test_only_days_that_matter_make_it_a_guess(start: str, length: int, unit: Unit, provisional: bool) -> None:
    found = reckon(start, length, unit)
    assert found.at.year == 2020
    assert found.provisional is provisional
    assert ("(2019年放假安排" in explain(found, ZONE, CALENDAR)) is provisional


def test_a_last_day_that_is_moved_out_of_an_unknown_year_is_a_guess() -> None:
    """Saturday 2022-12-31; the notice of 2023 alone does not say what 2022 said."""
    only = Calendar.of([CALENDAR.years[2023]])
    assert reckon("2022-12-01T10:00", 30, "natural_day", only).provisional
    assert month(date(2022, 11, 30), 1, only) == (date(2022, 12, 30), True)


def test_months_into_an_unknown_year() -> None:
    assert month(date(2026, 12, 1), 1, CALENDAR) == (date(2027, 1, 1), True)
    assert month(date(2026, 12, 1), 1, WITH_2027) == (date(2027, 1, 5), False)


def test_part_of_a_limit_under_a_calendar_that_left_nothing_of_it() -> None:
    before = reckon("2026-12-31T17:00", 1, "working_day")
    assert moment(before, (1, 2), WITH_2027) == before.start + (before.at - before.start) / 2


# -- what is written ----------------------------------------------------------------------------------------


def test_natural_hours_are_written_as_ever() -> None:
    assert msgspec.json.encode(natural(datetime(2026, 3, 2, 1, tzinfo=UTC), 72, "x")) == (
        b'{"at":"2026-03-05T01:00:00Z","unit":"natural_hour","length":72,"start":"2026-03-02T01:00:00Z","basis":"x"}'
    )


def test_a_guess_is_written_as_one() -> None:
    found = msgspec.to_builtins(reckon("2026-12-31T16:30", 1, "working_day"))
    assert (found["calendar"], found["provisional"]) == (CALENDAR.version, True)


# -- derivations --------------------------------------------------------------------------------------------

TAIL = f";依据:{BASIS};日历版本 {CALENDAR.version}"
GUESSED = "(2027年放假安排尚未公布,暂按周一至周五推算,公布后自动重算)"


@pytest.mark.parametrize(
    ("start", "length", "unit", "said"),
    [
        ("2026-09-30T10:00", 3, "working_day", "收到 9/30,3个工作日:10/1–10/7放假;8、9日;10日(六)补班 → 10/10 17:30"),
        ("2025-09-30T10:00", 3, "working_day", "收到 9/30,3个工作日:10/1–10/8放假;9、10日;11日(六)补班 → 10/11 17:30"),
        ("2026-02-12T10:00", 1, "working_day", "收到 2/12,1个工作日:13日 → 2/13 17:30"),
        (
            "2026-02-12T10:00",
            5,
            "working_day",
            "收到 2/12,5个工作日:13日;14日(六)补班;2/15–2/23放假;24–26日 → 2/26 17:30",
        ),
        (
            "2026-04-30T10:00",
            5,
            "working_day",
            "收到 4/30,5个工作日:5/1–5/5放假;6–8日;9日(六)补班;5/10休息;11日 → 5/11 17:30",
        ),
        ("2026-06-29T10:00", 3, "working_day", "收到 6/29,3个工作日:6/30–7/2 → 7/2 17:30"),
        ("2026-06-30T10:00", 2, "working_day", "收到 6/30,2个工作日:7/1、7/2 → 7/2 17:30"),
        (
            "2023-09-28T10:00",
            3,
            "working_day",
            "收到 9/28,3个工作日:9/29–10/6放假;7日(六)、8日(日)补班;9日 → 10/9 17:30",
        ),
        (
            "2026-09-08T10:00",
            15,
            "working_day",
            "收到 9/8,15个工作日:9/20(日)补班;9/25–9/27放假;其余周末休息 → 9/29 17:30",
        ),
        (
            "2026-09-30T10:00",
            10,
            "working_day",
            "收到 9/30,10个工作日:10/1–10/7放假;8、9日;10日(六)补班;10/11休息;12–16日;10/17–10/18休息;19、20日"
            " → 10/20 17:30",
        ),
        ("2026-07-01T10:00", 11, "working_day", "收到 7/1,11个工作日:周末休息 → 7/16 17:30"),
        ("2026-09-01T10:00", 30, "natural_day", "收到 9/1,30日:10/1期满;10/1–10/7放假,顺延 → 10/8 24:00"),
        ("2026-09-02T10:00", 3, "natural_day", "收到 9/2,3日:9/5期满;9/5–9/6休息,顺延 → 9/7 24:00"),
        ("2026-09-02T10:00", 2, "natural_day", "收到 9/2,2日 → 9/4 24:00"),
        ("2026-09-30T16:30", 4, "working_hour", "收到 9/30 16:30,4个工作小时:10/1–10/7放假 → 10/8 12:00"),
        ("2026-09-30T09:30", 2, "working_hour", "收到 9/30 09:30,2个工作小时 → 9/30 11:30"),
        (
            "2026-10-09T17:00",
            10,
            "working_hour",
            "收到 10/9 17:00,10个工作小时:10/10(六)补班;10/11休息 → 10/12 11:30",
        ),
    ],
)
def test_the_derivation(start: str, length: int, unit: Unit, said: str) -> None:
    assert explain(reckon(start, length, unit), ZONE, CALENDAR) == said + TAIL


def test_the_derivation_into_another_year_names_both() -> None:
    guess = reckon("2026-12-30T10:00", 3, "working_day")
    assert explain(guess, ZONE, CALENDAR) == (
        f"收到 2026/12/30,3个工作日:12/31、1/1;1/2–1/3休息;4日 → 2027/1/4 17:30{TAIL}{GUESSED}"
    )
    known = recomputed(guess, WITH_2027)
    assert known is not None
    assert explain(known, ZONE, WITH_2027).startswith(
        "收到 2026/12/30,3个工作日:31日;1/1–1/4放假;5、6日 → 2027/1/6 17:30"
    )


def test_without_the_calendar_or_under_another_one_nothing_is_made_up() -> None:
    guess = reckon("2026-12-30T10:00", 3, "working_day")
    short = f"收到 2026/12/30,3个工作日 → 2027/1/4 17:30{TAIL}{GUESSED}"
    assert explain(guess, ZONE) == short
    assert explain(guess, ZONE, WITH_2027) == short
    for start, length, unit in (("2026-12-31T16:30", 2, "working_hour"), ("2026-12-03T10:00", 30, "natural_day")):
        other = reckon(start, length, unit)
        assert explain(other, ZONE, WITH_2027) == explain(other, ZONE)


def test_natural_hours_are_explained_as_ever() -> None:
    said = f"2026-09-30 10:00 起 3 小时(自然时,含夜间和节假日),至 2026-09-30 13:00;依据:{BASIS}"
    assert explain(reckon("2026-09-30T10:00", 3, "natural_hour"), ZONE, CALENDAR) == said
