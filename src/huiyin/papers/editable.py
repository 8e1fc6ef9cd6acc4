"""Papers as DOCX, for people to edit and sign: the same words as the PDF, and the same bytes for the same paper."""

import io
import zipfile
from copy import deepcopy
from datetime import UTC, date, datetime
from itertools import accumulate, pairwise
from typing import Any

import docx as word
from docx.document import Document
from docx.oxml.ns import qn
from docx.shared import Mm

from huiyin.papers.blocks import Block, Break, Cell, Grid, Head, Mark, Paper, Para, Picture, Place, Places, Row
from huiyin.papers.ooxml import FANGSONG, HEI, SONG, Element, cell, field, gap, node, paragraph, row, runs, table
from huiyin.papers.words import day

_WIDTH = 8845  # between the margins of A4, in twentieths of a point: 210 - 30 - 24 mm
_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNDATED = date(2011, 1, 1)
_DONE = {"signature": "（已签名）", "seal": "（已盖章）", "fingerprint": "（已按指印）"}
_ALIGN = {"body": "both", "plain": "left", "centre": "center", "right": "right", "note": "left"}


def docx(*papers: Paper) -> bytes:
    """Papers as one DOCX file, each on its own pages. Takes some ten milliseconds of the interpreter: off the loop with
    `asyncio.to_thread`.

    The page numbers are Word's own fields. No check code is printed: it would be wrong as soon as somebody edits.
    """
    made = word.Document()
    _page(made, papers[0], "SECTIONPAGES" if len(papers) > 1 else "NUMPAGES")
    last = made.element.body.sectPr
    if len(papers) > 1:
        last.find(qn("w:pgMar")).addnext(node("pgNumType", start=1))  # each counts its own pages
    for at, paper in enumerate(papers):
        for part in (*([_ended(last)] if at else []), *_title(paper), *_after(made, paper.blocks)):
            last.addprevious(part)
    return _settled(made, papers[0])


def _ended(last: Element) -> Element:
    """Behind a paper: the next one begins a page."""
    made = gap()
    made.find(qn("w:pPr")).append(deepcopy(last))
    return made


def _page(made: Document, paper: Paper, total: str) -> None:
    section = made.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(28), Mm(26)
    section.left_margin, section.right_margin = Mm(30), Mm(24)
    if paper.face == "page":
        parts = (*runs("第 ", face=SONG, size=10.5), *field("PAGE", 10.5), *runs(" 页 共 ", face=SONG, size=10.5))
        footer = paragraph((*parts, *field(total, 10.5), *runs(" 页", face=SONG, size=10.5)), jc="center", line=12)
        first = section.footer.paragraphs[0]._p  # python-docx has no public way to put a field into a footer
        first.getparent().replace(first, footer)


def _title(paper: Paper) -> list[Element]:
    cover = paper.face == "cover"
    said = []
    if paper.title:
        title = runs(paper.title, face=SONG, size=36 if cover else 22, bold=True)
        said.append(paragraph(title, jc="center", before=100 if cover else 0, after=6, line=44 if cover else 30))
    if paper.number and paper.face != "back":
        said.append(paragraph(runs(paper.number, size=12), jc="center" if cover else "right", after=50 if cover else 8))
    return said


def _after(made: Document, blocks: tuple[Block, ...]) -> list[Element]:
    """The blocks one after another; a paragraph stays with the signatures that follow it, a sheet begins a page."""
    parts: list[Element] = []
    for at, block in enumerate(blocks):
        if at and isinstance(block, Picture):
            parts += _elements(made, Break(), keep=False)
        parts += _elements(made, block, keep=isinstance(blocks[min(at + 1, len(blocks) - 1)], Places))
    return parts


def _elements(made: Document, block: Block, keep: bool) -> list[Element]:
    match block:
        case Para():
            return _para(block, keep)
        case Head():
            return [paragraph(runs(block.text, face=HEI), indent=True, before=6, keep=1)]
        case Grid():
            return [_grid(block), gap(8)]
        case Places():
            return [_places(made, block), gap()]
        case Picture():
            caption = [paragraph(runs(block.caption, size=10.5), jc="center")] if block.caption else []
            return [_image(made, block.data, 150, 225), *caption]
        case Break():
            return [node("p", node("r", node("br", type="page")))]


def _para(block: Para, keep: bool) -> list[Element]:
    size = 10.5 if block.style == "note" else 14
    parts = block.text.split("\n")
    made = []
    for number, part in enumerate(parts):
        label = runs(block.label, face=HEI, size=size) if number == 0 and block.label else []
        jc = "left" if block.label else _ALIGN[block.style]
        inner = (*label, *runs(part, size=size))
        made.append(paragraph(inner, jc=jc, indent=block.style == "body", keep=int(keep)))
    return made


def _grid(block: Grid) -> Element:
    total = sum(block.columns)
    edges = [0, *(round(_WIDTH * part / total) for part in accumulate(block.columns))]
    widths = [right - left for left, right in pairwise(edges)]
    size = 10.5 if block.header else 12
    rows = [_row(one, widths, size, header=block.header and at == 0) for at, one in enumerate(block.rows)]
    return table(widths, rows, lines=True)


def _row(one: Row, widths: list[int], size: float, *, header: bool) -> Element:
    cells, at = [], 0
    for box in one.cells:
        cells.append(_cell(box, sum(widths[at : at + box.span]), size))
        at += box.span
    return row(cells, height=one.height, header=header)


def _cell(box: Cell, width: int, size: float) -> Element:
    jc = "left" if box.style == "value" else "center"
    face = SONG if box.style == "label" else FANGSONG
    words = paragraph(runs(box.text, face=face, size=size), jc=jc, line=16)
    long = box.style == "value" and len(box.text) > 60
    return cell([words], width=width, span=box.span, align="top" if long else "center")


def _places(made: Document, block: Places) -> Element:
    """Two in a line, as in the PDF; the paper's day beside or below the last."""
    halves = [_WIDTH // 2, _WIDTH - _WIDTH // 2]
    last = len(block.places) - 1 - (len(block.places) - 1) % 2  # rows before the last stay with the next
    cells = [_place(made, one, block.dated, halves[at % 2], at < last) for at, one in enumerate(block.places)]
    if block.closing:
        closing = [paragraph(runs(block.closing, size=12), jc="right")]
        wide = len(cells) % 2 == 0
        cells.append(cell(closing, width=_WIDTH if wide else halves[1], span=2 if wide else 1, align="bottom"))
    rows = [row(cells[at : at + 2], height=20, whole=True) for at in range(0, len(cells) - len(cells) % 2, 2)]
    if len(cells) % 2:
        rest = cells[-1:] if block.closing else [*cells[-1:], cell([paragraph(())], width=halves[1])]
        rows.append(row(rest, height=10 if block.closing else 20, whole=True))
    return table(halves, rows, lines=False)


def _place(made: Document, place: Place, dated: bool, width: int, keep: bool) -> Element:
    mark = place.mark
    on = day(mark.on) if mark is not None else day(None) if dated else ""
    inner = [
        paragraph(runs(place.label, size=12), line=16, before=6, keep=int(keep)),
        _mark(made, mark),
        paragraph((*runs(place.how, size=9), *runs(f"　{on}" if on else "", size=10.5)), line=14),
    ]
    return cell(inner, width=width, align="top")


def _mark(made: Document, mark: Mark | None) -> Element:
    if mark is not None and mark.image:
        return _image(made, mark.image, 60, 12, ruled=True)
    return paragraph(runs("" if mark is None else _DONE[mark.kind], size=12), jc="center", line=34, ruled=1)


def _image(made: Document, data: bytes, width: int, height: int, *, ruled: bool = False) -> Element:
    """As large as fits into so many millimetres."""
    inline: Any = made.part.new_pic_inline(io.BytesIO(data))
    scale = min(Mm(width) / inline.extent.cx, Mm(height) / inline.extent.cy)
    extents = (inline.extent, inline.graphic.graphicData.pic.spPr.xfrm.ext)
    for extent in extents:
        extent.cx, extent.cy = round(extent.cx * scale), round(extent.cy * scale)
    return paragraph([node("r", node("drawing", inline))], jc="center", line=1, ruled=int(ruled))


# -- the same bytes for the same paper ---------------------------------------------------------------------


def _settled(made: Document, paper: Paper) -> bytes:
    about = made.core_properties
    on = paper.on or _UNDATED
    about.created = about.modified = datetime(on.year, on.month, on.day, tzinfo=UTC).replace(tzinfo=None)
    about.title, about.author, about.last_modified_by, about.comments, about.revision = paper.title, "", "", "", 1
    raw = io.BytesIO()
    made.save(raw)
    return _rezipped(raw)


def _rezipped(raw: io.BytesIO) -> bytes:
    """Without the clock that a ZIP file keeps for each member."""
    out = io.BytesIO()
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            member = zipfile.ZipInfo(name, _EPOCH)
            member.compress_type, member.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            target.writestr(member, source.read(name))
    return out.getvalue()
