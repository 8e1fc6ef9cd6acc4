"""What binds a file together: cover, contents, note of the file, back cover (卷宗封面 卷内目录 卷宗情况说明 封底)."""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from huiyin.papers.blocks import Cell, Grid, Paper, Para, Row, paper
from huiyin.papers.facts import File
from huiyin.papers.pieces import mediators, pen_place, row, seal_place, short, signing
from huiyin.papers.words import blank, counted, date_of, day, named, span


class Line(Struct, frozen=True):
    """A line of the contents: what it is called, its remark, and which document's pages are meant."""

    title: str
    folio: str
    remark: str = ""
    pages: str = ""  # where they are known already; else the press puts them in


def cover(file: File) -> tuple[Paper, ...]:
    """卷宗封面."""
    bound = file.binding
    rows = (
        row(("卷名", bound.title or f"{short(file)}{file.dispute.subject.strip()}纠纷"), last=3),
        row(("卷号", blank(bound.number or file.number)), last=3),
        row(("人民调解员", named(one.name for one in mediators(file))), last=3),
        row(("调解日期", span(file.accepted, _last(file))), last=3),
        row(("立卷人", blank(bound.filed_by)), ("立卷日期", day(bound.filed_on))),
        _pages(row(("保管期限", blank(bound.retention)), ("本卷页数", "")), 3),
        row(("备注", bound.remarks), height=24, last=3),
    )
    tall = tuple(Row(one.cells, max(one.height, 15)) for one in rows)
    blocks = (
        Para(blank(file.committee.name, 4), style="centre"),
        Grid((4, 7, 4, 6), tall),
    )
    return (
        paper(form="cover", title="人民调解卷宗", number=file.number, blocks=blocks, on=bound.filed_on, face="cover"),
    )


def _pages(one: Row, place: int) -> Row:
    """The row with all pages of the volume counted in that box, by the press that knows."""
    cells = list(one.cells)
    cells[place] = Cell("", folio="*")
    return Row(tuple(cells), one.height)


def _last(file: File) -> date | None:
    """The day the mediation came to its end: agreed, ended, else not known."""
    if file.agreement is not None:
        return file.agreement.on or file.agreement.effective
    return file.ending.on if file.ending is not None else _ended(file)


def _ended(file: File) -> date | None:
    times = [one.ended for one in file.sessions if one.ended is not None]
    return date_of(max(times)) if times and file.closing is not None else None


def contents(file: File, lines: Sequence[Line] = ()) -> tuple[Paper, ...]:
    """卷内目录; empty rows for the pen where no lines are given."""
    head = Row(tuple(Cell(name, style="label") for name in ("序号", "文书名称", "页号", "备注")))
    rows = [
        Row(
            (
                Cell(str(number), style="centre"),
                Cell(line.title),
                Cell(line.pages, style="centre", folio=line.folio),
                Cell(line.remark),
            )
        )
        for number, line in enumerate(lines or [Line("", "")] * 16, 1)
    ]
    made = Grid((2, 10, 3, 5), (head, *rows), header=True)
    return (paper(form="contents", title="卷内目录", number=file.number, blocks=(made,), face="contents"),)


def note(file: File, missing: Sequence[str] = ()) -> tuple[Paper, ...]:
    """卷宗情况说明: what is missing, and what is special about this file."""
    said = (*file.binding.notes, *(f"缺：{one}" for one in missing))
    blocks = (
        Para("本卷宗需要说明的情况："),
        *(Para(line) for line in counted(said or ("本卷材料齐全，无其他需要说明的情况。",))),
        signing(
            (pen_place("filer", "立卷人", file.binding.filed_by), seal_place(file)), closing=day(file.binding.filed_on)
        ),
    )
    return (paper(form="note", title="卷宗情况说明", number=file.number, blocks=blocks, on=file.binding.filed_on),)


def back(file: File) -> tuple[Paper, ...]:
    """封底: how many pages there are, who counted and who took the file in."""
    rows = (
        _pages(row(("本卷页数", ""), ("装订人", blank(file.binding.filed_by))), 1),
        row(("检查人", ""), ("归档日期", day(file.binding.filed_on))),
    )
    tall = tuple(Row(one.cells, 16) for one in rows)
    blocks = (Grid((4, 6, 4, 6), tall),)
    return (paper(form="back", title="", blocks=blocks, number=file.number, on=file.binding.filed_on, face="back"),)
