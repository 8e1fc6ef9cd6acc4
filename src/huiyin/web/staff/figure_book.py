"""What the workbooks of reports have in common (统计表): where a file comes from, sheets of figures to print."""

from collections.abc import Sequence
from datetime import date, datetime

import xlsxwriter  # type: ignore[import-untyped]
from msgspec import Struct

from huiyin.web.shown import BEIJING

OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
Cell = str | int | float | None


class Head(Struct, frozen=True):
    """Where a file comes from; `did` is what happened from `since` to `until`."""

    place: str
    since: date
    until: date
    post: str
    at: datetime
    did: str

    @property
    def line(self) -> str:
        made = f"{self.at.astimezone(BEIJING):%Y-%m-%d %H:%M}(北京时间)导出"
        return f"{self.place} {self.since} 至 {self.until} {self.did} · {self.post} · {made}"


def sheet(
    made: xlsxwriter.Workbook, title: str, head: Head, columns: Sequence[str], rows: Sequence[Sequence[Cell]]
) -> None:
    """Figures in cells of their own; a column whose name ends as a share does is shown in per cent."""
    page = made.add_worksheet(title)
    bold, plain = made.add_format({"bold": True, "bottom": 1}), made.add_format()
    share = made.add_format({"num_format": "0.0%"})
    plain.set_quote_prefix()  # a cell that begins with = + - @ stays words, in other programs too
    page.write_string(0, 0, head.line)
    for n, column in enumerate(columns):
        page.write_string(2, n, column, bold)
    for number, row in enumerate(rows, 3):
        for n, cell in enumerate(row):
            if isinstance(cell, str):
                page.write_string(number, n, cell, plain)
            elif cell is not None:
                page.write_number(number, n, cell, share if columns[n].endswith(("率", "比")) else None)
    page.set_column(0, 0, 24)
    page.freeze_panes(3, 1)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(2)
    page.set_footer(f"&L{head.line.replace('&', '&&')}&R&P / &N")
