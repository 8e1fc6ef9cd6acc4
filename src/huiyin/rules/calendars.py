"""Holiday notices as files, one a year: the published ones lie in this package, a deployer imports further ones."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from msgspec import Struct

from huiyin.core.calendar import Calendar, Year

COLUMNS = ("date", "kind", "name")
SHOWN = 50
LONGEST = 40

_KINDS = {"off": True, "放假": True, "休": True, "work": False, "补班": False, "班": False}
_DATE = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_WEEKDAYS = "一二三四五六日"


class _Row(Struct, frozen=True):
    where: str
    day: date
    off: bool
    name: str


class _Wrong(Exception):
    """What is wrong with one entry."""


@cache
def load_calendar() -> Calendar:
    """The calendar of the published years that come with the software."""
    folder = files("huiyin.rules") / "calendars"
    return Calendar.of(read_year(path.read_bytes()) for path in folder.iterdir() if path.name.endswith(".csv"))


def read_year(data: bytes, year: int | None = None) -> Year:
    """A notice: CSV (date, kind off or work, name) or the JSON of NateScarlet/holiday-cn; UTF-8 or GB18030.

    `year` is the notice's; else the JSON's own, or that of the CSV's last day. Raises ValueError, a line in Chinese
    for each fault.
    """
    text = _text(data)
    faults: list[str] = []
    entries: Iterable[_Entry]
    if text.lstrip().startswith("{"):
        said, entries = _json(text)
        if year not in (None, said):
            raise ValueError(f"文件是 {said} 年的,不是 {year} 年的")
        year = said
    else:
        entries = _csv(text)
    rows = list(_rows(entries, faults))
    found = _year(rows, year or max((row.day.year for row in rows), default=0), faults)
    if faults:
        more = [f"… 另有 {len(faults) - SHOWN} 处"] if len(faults) > SHOWN else []
        raise ValueError("\n".join([*faults[:SHOWN], *more]))
    return found


def written(year: Year) -> str:
    """A notice as the JSON that `read_year` reads; the same year gives the same text."""
    days = [{"name": name, "date": day.isoformat(), "isOffDay": off} for day, off, name in year.rows()]
    return json.dumps({"year": year.year, "days": days}, ensure_ascii=False)


# -- the files --------------------------------------------------------------------------------------------

_Entry = tuple[str, object, object, object]  # where it stands, date, off or not, name; as they were written


def _text(data: bytes) -> str:
    if data.startswith(b"PK\x03\x04"):
        raise ValueError("是 Excel 工作簿,请另存为“CSV UTF-8(逗号分隔)”")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValueError("既不是 UTF-8 也不是 GB18030 编码")


def _csv(text: str) -> Iterator[_Entry]:
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        head = tuple(cell.strip() for cell in next(reader, ()))
        if head[:3] != COLUMNS:
            raise ValueError(f"第 1 行:表头应为 {','.join(COLUMNS)}")
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                day, kind, name, *_ = (*cells, "", "", "")
                yield f"第 {reader.line_num} 行", day, _KINDS.get(kind.lower(), kind), name
    except csv.Error as error:
        raise ValueError(f"第 {reader.line_num} 行:不是合法的 CSV({error})") from None


def _json(text: str) -> tuple[int, Sequence[_Entry]]:
    try:
        notice: dict[str, Any] = json.loads(text)
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        raise ValueError(f"第 {line} 行:不是合法的 JSON") from None
    except RecursionError:
        raise ValueError("不是放假安排:嵌套过深") from None
    year, days = notice.get("year"), notice.get("days")
    if type(year) is not int or not isinstance(days, list):
        raise ValueError("缺少 year(整数)或 days(列表)")
    lines = [text.count("\n", 0, found.start()) + 1 for found in re.finditer(r'"date"\s*:', text)]
    places = (
        [f"第 {n} 行" for n in lines] if len(lines) == len(days) else [f"days 第 {n + 1} 项" for n in range(len(days))]
    )
    items = [day if isinstance(day, dict) else {} for day in days]
    return year, [
        (place, day.get("date"), day.get("isOffDay"), day.get("name", ""))
        for place, day in zip(places, items, strict=True)
    ]


# -- what they say ----------------------------------------------------------------------------------------


def _rows(entries: Iterable[_Entry], faults: list[str]) -> Iterator[_Row]:
    for where, day, off, name in entries:
        try:
            yield _row(where, day, off, name)
        except _Wrong as wrong:
            faults.append(f"{where}:{wrong}")


def _row(where: str, day: object, off: object, name: object) -> _Row:
    parts = _DATE.fullmatch(day) if isinstance(day, str) else None
    try:
        found = date(*map(int, parts.groups())) if parts else None
    except ValueError:
        found = None
    if found is None:
        raise _Wrong(f"日期应形如 2027-01-01,实为“{str(day)[:LONGEST]}”")
    if not isinstance(off, bool):
        raise _Wrong(f"类别应为 off(放假)或 work(补班),实为“{str(off)[:LONGEST]}”")
    if not isinstance(name, str) or len(name) > LONGEST or not name.isprintable():
        raise _Wrong(f"名称应为不超过 {LONGEST} 字的文字")
    if not off and found.weekday() < 5:
        raise _Wrong(f"补班日 {found} 是星期{_WEEKDAYS[found.weekday()]},本来就是工作日")
    return _Row(where, found, off, name)


def _year(rows: Sequence[_Row], year: int, faults: list[str]) -> Year:
    seen: dict[date, _Row] = {}
    for row in rows:
        if row.day.year != year and (row.day.year, row.day.month) != (year - 1, 12):
            faults.append(f"{row.where}:{row.day} 不属于 {year} 年的放假安排(只可延及上一年 12 月)")
        elif row.day in seen:
            faults.append(f"{row.where}:{row.day} 与{seen[row.day].where}重复")
        seen.setdefault(row.day, row)
    off, work = ({d: row.name for d, row in sorted(seen.items()) if row.off is kind} for kind in (True, False))
    faults += [] if faults else _missing(year, off)
    return Year(year, off, work)


def _missing(year: int, off: dict[date, str]) -> list[str]:
    """Half a notice would pass for a whole one: the days that are off in every year must be there."""
    if not off:
        return ["没有一个放假日;放假安排尚未公布时不要导入"]
    fixed = [day for day in (date(year, month, 1) for month in (1, 5, 10)) if day.weekday() < 5 and day not in off]
    spring = [day for day in off if date(year, 1, 20) < day < date(year, 2, 25)]
    return [f"缺少法定节假日 {day}" for day in fixed] + ([] if spring else ["缺少春节放假日"])
