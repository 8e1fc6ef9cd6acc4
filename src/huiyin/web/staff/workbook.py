"""A list as a workbook (导出的表格): plain text in every cell, nobody's identity, and where it came from."""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]
from msgspec import Struct

from huiyin.core.ticket import Rules
from huiyin.store.lists import Line
from huiyin.story import Teller
from huiyin.web.shown import BEIJING, OUTCOMES, STATES, category
from huiyin.web.staff.choices import URGENCIES

# What a column is called, and how wide it is. No name, no phone, no room, no entrance, no handler, no words.
COLUMNS = (
    ("工单号", 14), ("事项", 18), ("街道", 14), ("社区", 14), ("小区", 18), ("楼栋", 8), ("状态", 16), ("承办岗位", 26),
    ("缓急", 8), ("登记时间", 17), ("本级时限", 17), ("全程时限", 17), ("结案时间", 17), ("结果", 20),
)  # fmt: skip
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Nothing is guessed from what stands in a cell: no formula, no link, no number.
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "yyyy-mm-dd hh:mm",
    "remove_timezone": True,
}


class Mark(Struct, frozen=True):
    """Where a file comes from, so that one that is found elsewhere tells: the export's number leads to its step."""

    ident: str
    post: str
    at: datetime
    by: str  # the filter, in words
    more: bool

    @property
    def line(self) -> str:
        return f"导出编号 {self.ident} · {self.post} · {_there(self.at):%Y-%m-%d %H:%M}(北京时间)"


def workbook(rows: Sequence[Line], mark: Mark, rules: Rules) -> bytes:
    """The file; what it costs is its rows, so it is made off the loop."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, _OPTIONS) as book:
        book.set_properties({"title": "工单", "author": mark.post, "comments": mark.line, "created": _there(mark.at)})
        _sheet(book, rows, mark, rules)
    return out.getvalue()


def _sheet(book: xlsxwriter.Workbook, rows: Sequence[Line], mark: Mark, rules: Rules) -> None:
    sheet = book.add_worksheet("工单")
    bold, wrap = book.add_format({"bold": True, "bottom": 1}), book.add_format({"text_wrap": True, "valign": "top"})
    wrap.set_quote_prefix()  # a cell that begins with = + - @ stays words, in other programs too
    when = book.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left", "valign": "top"})
    more = "还有更多,没有导出;请缩小范围分次导出" if mark.more else "已全部导出"
    for number, line in enumerate((mark.line, f"条件:{mark.by} · {len(rows)} 件,{more}")):
        sheet.write_string(number, 0, line)
    for column, (name, width) in enumerate(COLUMNS):
        sheet.write_string(3, column, name, bold)
        sheet.set_column(column, column, width)
    teller = Teller(rules)
    for number, row in enumerate(rows, 4):
        for column, cell in enumerate(_cells(row, rules, teller)):
            if isinstance(cell, datetime):
                sheet.write_datetime(number, column, cell, when)
            elif cell:
                sheet.write_string(number, column, cell, wrap)
    sheet.freeze_panes(4, 1)
    sheet.autofilter(3, 0, 3 + len(rows), len(COLUMNS) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(3)
    sheet.set_footer(f"&L{mark.line.replace('&', '&&')}&R&P / &N")


def _cells(row: Line, rules: Rules, teller: Teller) -> Sequence[str | datetime | None]:
    known = rules.registry
    places: tuple[tuple[Mapping[str, Any], str | None], ...] = (
        (known.streets, row.street_code),
        (known.communities, row.community_code),
        (known.estates, row.estate_code),
        (known.buildings, row.building_code),
    )
    named = [getattr(some.get(code), "name", code) if code else None for some, code in places]
    times = [None if at is None else _there(at) for at in (row.filed_at, row.due_at, row.case_due_at, row.closed_at)]
    return (
        row.number,
        category(rules.catalogue, row.category),
        *named,
        STATES.get(row.state, row.state),
        teller.post(row.post_code),
        URGENCIES.get(row.urgency, row.urgency),
        *times,
        OUTCOMES.get(row.outcome or "", row.outcome),
    )


def _there(at: datetime) -> datetime:
    """Beijing's wall clock: workbooks know no zones."""
    return at.astimezone(BEIJING).replace(tzinfo=None)
