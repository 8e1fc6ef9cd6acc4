"""The working calendar: every published day as another hand lists it, and notices read from files or refused."""

from datetime import date, datetime, timedelta
from itertools import pairwise

import chinese_calendar
import pytest

from huiyin.core.calendar import OFFICE, ZONE, Calendar, Office, Year, imported, local, midnight, with_year
from huiyin.rules.calendars import load_calendar, read_year, written

CALENDAR = load_calendar()
PUBLISHED = range(2020, 2027)
NOTICE = [
    "date,kind,name",
    "2027-01-01,off,元旦",
    "2027-02-05,off,春节",
    "2027-02-08,off,春节",
    "2027-02-20,work,春节",
    "2027-10-01,off,国庆节",
]


def days(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


def csv(*changed: tuple[int, str | None]) -> bytes:
    """The sample notice with some lines (the header is 1) otherwise or left out."""
    lines = dict(enumerate(NOTICE, 1)) | dict(changed)
    return ("\n".join(line for line in lines.values() if line is not None) + "\n").encode()


def faults(data: bytes, year: int | None = None) -> list[str]:
    with pytest.raises(ValueError, match=r".") as raised:
        read_year(data, year)
    return str(raised.value).splitlines()


# -- the published years ------------------------------------------------------------------------------------


@pytest.mark.parametrize("year", PUBLISHED)
def test_every_published_day_is_what_another_hand_says(year: int) -> None:
    assert CALENDAR.known(year)
    differing = [day for day in days(year) if CALENDAR.workday(day) != chinese_calendar.is_workday(day)]
    assert not differing


@pytest.mark.parametrize("year", PUBLISHED)
def test_every_day_off_has_a_name(year: int) -> None:
    names = {name for _, _, name in CALENDAR.years[year].rows()}
    assert names <= {"元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节"}


def test_what_the_notice_of_2026_says() -> None:
    """DOMAIN 7 item 4 and the last vector: 248 working days."""
    made_up = {day for day in days(2026) if CALENDAR.made_up(day)}
    assert made_up == {date(2026, m, d) for m, d in ((1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10))}
    off = ((1, 1, 1, 3), (2, 15, 2, 23), (4, 4, 4, 6), (5, 1, 5, 5), (6, 19, 6, 21), (9, 25, 9, 27), (10, 1, 10, 7))
    assert {day for day in days(2026) if CALENDAR.holiday(day)} == {
        day for m, d, n, e in off for day in days(2026) if date(2026, m, d) <= day <= date(2026, n, e)
    }
    worked = [day.month for day in days(2026) if CALENDAR.workday(day)]
    assert [worked.count(month) for month in range(1, 13)] == [21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23]


def test_what_the_notice_of_2025_says() -> None:
    made_up = {day for day in days(2025) if CALENDAR.made_up(day)}
    assert made_up == {date(2025, m, d) for m, d in ((1, 26), (2, 8), (4, 27), (9, 28), (10, 11))}


def test_a_year_without_a_notice_is_not_known() -> None:
    assert not CALENDAR.known(2027)
    assert CALENDAR.covers(date(2026, 1, 1), date(2026, 12, 28))
    assert not CALENDAR.covers(date(2026, 12, 1), date(2026, 12, 29)), "the next notice may reach back so far"
    assert not CALENDAR.covers(date(2026, 12, 31), date(2027, 1, 1))
    assert CALENDAR.workday(date(2027, 1, 1)), "a guess: Friday"


def test_a_notice_may_reach_into_december() -> None:
    """As that of 2019 did: 12-29 (Sat) worked for 12-31 (Mon) off."""
    notice = Year(2019, {date(2018, 12, 31): "元旦", date(2019, 1, 1): "元旦"}, {date(2018, 12, 29): "元旦"})
    before = Calendar.of([Year(2018, {date(2018, 12, 29): "从前"}, {})])
    after = with_year(before, notice)
    asked = [date(2018, 12, 29), date(2018, 12, 31), date(2019, 1, 1), date(2019, 1, 2)]
    assert [before.workday(day) for day in asked] == [False, True, True, True]
    assert [after.workday(day) for day in asked] == [True, False, False, True]
    assert after.moved(date(2018, 12, 31)) == date(2019, 1, 2)


# -- versions and steps -------------------------------------------------------------------------------------


def test_the_version_is_the_content_and_not_its_order() -> None:
    years = list(CALENDAR.years.values())
    assert Calendar.of(reversed(years)) == CALENDAR
    versions = {Calendar.of(years[:n]).version for n in range(len(years) + 1)}
    assert len(versions) == len(years) + 1
    other = Year(2026, years[-1].off, {})
    assert with_year(CALENDAR, other).version != CALENDAR.version


def test_a_year_is_imported_once() -> None:
    year = read_year(csv())
    (step,) = imported(year, CALENDAR)
    standing = with_year(CALENDAR, year)
    assert (step.year, step.off, step.work) == (2027, 4, 1)
    assert (step.was, step.version) == (CALENDAR.version, standing.version)
    assert imported(year, standing) == []
    assert imported(CALENDAR.years[2026], standing) == []


# -- office hours -------------------------------------------------------------------------------------------


def test_office_hours_are_local() -> None:
    day = date(2026, 9, 30)
    spans = [(a.astimezone(ZONE).strftime("%H:%M"), b.astimezone(ZONE).strftime("%H:%M")) for a, b in OFFICE.on(day)]
    assert spans == [("09:00", "12:00"), ("13:30", "17:30")]
    assert OFFICE.closes(day) == datetime(2026, 9, 30, 17, 30, tzinfo=ZONE)
    assert Office((("00:00", "24:00"),)).closes(day) == midnight(date(2026, 10, 1))
    assert len(Office((("09:00", "12:00"), ("12:00", "17:00"))).on(day)) == 2
    assert local(midnight(day)) == day
    assert local(midnight(day) - timedelta(microseconds=1)) == date(2026, 9, 29)


@pytest.mark.parametrize(
    "spans",
    [
        (),
        (("09:00", "09:00"),),
        (("12:00", "09:00"),),
        (("09:00", "12:00"), ("11:00", "17:00")),
        (("09:00", "24:30"),),
        (("9", "17:00"),),
        (("09:60", "17:00"),),
        (("-1:00", "17:00"),),
    ],
)
def test_office_hours_that_are_none(spans: tuple[tuple[str, str], ...]) -> None:
    with pytest.raises(ValueError, match=r"office hours|time of day"):
        Office(spans)


# -- files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_however_excel_saved_it(encoding: str, end: str) -> None:
    text = csv().decode().replace("\n", end).replace("-0", "/").replace("-", "/") + f",,{end}"
    assert read_year(text.encode(encoding)) == read_year(csv())


def test_words_instead_of_codes() -> None:
    assert read_year(csv().replace(b"off", "放假".encode()).replace(b"work", "补班".encode())) == read_year(csv())


@pytest.mark.parametrize("year", PUBLISHED)
def test_a_year_is_read_as_it_was_written(year: int) -> None:
    text = written(CALENDAR.years[year])
    assert read_year(text.encode()) == CALENDAR.years[year]
    assert text == written(read_year(text.encode(), year))


def test_the_days_are_in_order_whatever_the_file() -> None:
    header, *rows = NOTICE
    turned = read_year("\n".join([header, *reversed(rows)]).encode())
    assert all(first < second for first, second in pairwise(turned.off))
    assert turned == read_year(csv())


WRONG = [
    ((1, "日期,类别,名称"), "第 1 行:表头应为 date,kind,name"),
    ((3, "2027-02-30,off,春节"), "第 3 行:日期应形如 2027-01-01,实为“2027-02-30”"),
    ((3, "2月5日,off,春节"), "第 3 行:日期应形如 2027-01-01,实为“2月5日”"),
    ((3, "2027-02-05,rest,春节"), "第 3 行:类别应为 off(放假)或 work(补班),实为“rest”"),
    ((3, "2027-02-05"), "第 3 行:类别应为 off(放假)或 work(补班),实为“”"),
    ((3, "2027-02-05,off," + "长" * 41), "第 3 行:名称应为不超过 40 字的文字"),
    ((3, "2027-02-05,off,春\a节"), "第 3 行:名称应为不超过 40 字的文字"),
    ((3, "2027-02-01,work,春节"), "第 3 行:补班日 2027-02-01 是星期一,本来就是工作日"),
    ((3, "2027-01-01,off,春节"), "第 3 行:2027-01-01 与第 2 行重复"),
    ((3, "2027-02-20,off,春节"), "第 5 行:2027-02-20 与第 3 行重复"),
    ((3, "2026-11-30,off,春节"), "第 3 行:2026-11-30 不属于 2027 年的放假安排(只可延及上一年 12 月)"),
    ((2, None), "缺少法定节假日 2027-01-01"),
    ((6, None), "缺少法定节假日 2027-10-01"),
]


@pytest.mark.parametrize(("change", "said"), WRONG)
def test_what_is_wrong_is_said_with_its_line(change: tuple[int, str | None], said: str) -> None:
    assert faults(csv(change)) == [said]


def test_every_fault_is_said_at_once() -> None:
    found = faults(csv((2, "x,off,元旦"), (5, "2027-02-19,work,春节")))
    assert [one.partition(":")[0] for one in found] == ["第 2 行", "第 5 行"]


def test_a_day_is_compared_with_where_it_stood_first() -> None:
    found = faults(csv((3, "2027-01-01,off,元旦"), (4, "2027-01-01,off,元旦")))
    assert found == ["第 3 行:2027-01-01 与第 2 行重复", "第 4 行:2027-01-01 与第 2 行重复"]


def test_a_file_may_reach_into_december() -> None:
    assert date(2026, 12, 31) in read_year(csv((3, "2026-12-31,off,元旦"))).off


def test_a_long_list_is_capped() -> None:
    found = faults("\n".join(["date,kind,name", *["x,off,元旦"] * 200]).encode())
    assert len(found) == 51
    assert found[-1] == "… 另有 150 处"


def test_half_a_notice_is_none() -> None:
    assert faults(csv((3, None), (4, None))) == ["缺少春节放假日"]
    assert faults(b"date,kind,name\n") == ["没有一个放假日;放假安排尚未公布时不要导入"]
    assert faults(b'{"year": 2027, "papers": [], "days": []}') == ["没有一个放假日;放假安排尚未公布时不要导入"]


def test_the_year_that_is_asked_for() -> None:
    assert read_year(csv(), 2027) == read_year(csv())
    assert "2027-02-05 不属于 2026 年的放假安排" in faults(csv(), 2026)[1]
    assert faults(written(CALENDAR.years[2026]).encode(), 2027) == ["文件是 2026 年的,不是 2027 年的"]


JSON = [
    (b"{", "第 1 行:不是合法的 JSON"),
    (b'{"year": 2027,\n "days": [}', "第 2 行:不是合法的 JSON"),
    (b'{"year": "2027", "days": []}', "缺少 year(整数)或 days(列表)"),
    (b'{"year": 2027}', "缺少 year(整数)或 days(列表)"),
    (b'{"year": 2027, "days": [\n3]}', "days 第 1 项:日期应形如 2027-01-01,实为“None”"),
    (b'{"year": 2027, "days": [\n{"date": 3}]}', "第 2 行:日期应形如 2027-01-01,实为“3”"),
    (b'{"year": 2027, "days": [\n{"date": "2027-01-01"}]}', "第 2 行:类别应为 off(放假)或 work(补班),实为“None”"),
    (
        b'{"year": 2027, "days": [{"date": "2027-01-01", "isOffDay": true, "name": 5}]}',
        "第 1 行:名称应为不超过 40 字的文字",
    ),
    (b'{"a":' * 100_000, "不是放假安排:嵌套过深"),
    (b"PK\x03\x04rest", "是 Excel 工作簿,请另存为“CSV UTF-8(逗号分隔)”"),
    (b"\xff\xff\xff", "既不是 UTF-8 也不是 GB18030 编码"),
    (b'date,kind,name\n"' + b"x" * 5_000_000, "不是合法的 CSV"),  # past any limit that another module sets
    (b"", "第 1 行:表头应为 date,kind,name"),
]


@pytest.mark.parametrize(("data", "said"), JSON, ids=range(len(JSON)))
def test_what_is_no_notice_is_named(data: bytes, said: str) -> None:
    assert said in faults(data)[0]
