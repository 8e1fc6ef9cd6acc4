"""The elements of WordprocessingML that papers are made of (ECMA-376 part 1, 17): runs, paragraphs, tables, fields."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

# The Chinese faces that Word and WPS have; each run names one, so that no program picks a face without these letters.
FANGSONG, SONG, HEI = "仿宋", "宋体", "黑体"
LATIN = "Times New Roman"
# 宋体 has extension A and what GBK lacks of the basic block, 仿宋 and 黑体 do not; beyond, Windows has these two.
_RARE = re.compile(
    "(?P<宋体>[\u3400-\u4dbf\u9fa6-\u9fff\ue000-\uf8ff\uf900-\ufaff]+)"
    "|(?P<b>[\U00020000-\U0002ffff]+)|(?P<g>[\U00030000-\U0003ffff]+)"
)
_BEYOND = {"b": "SimSun-ExtB", "g": "SimSun-ExtG"}
Element = Any  # lxml's elements are untyped


def node(tag: str, *children: Element, **attributes: str | int) -> Element:
    """w:tag with attributes of the same namespace."""
    made = OxmlElement(f"w:{tag}")
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), str(value))
    for child in children:
        made.append(child)
    return made


def faces(text: str, face: str) -> Iterator[tuple[str, str]]:
    """Stretches of text with the Chinese face that has their letters."""
    end = 0
    for found in _RARE.finditer(text):
        if found.start() > end:
            yield text[end : found.start()], face
        kind = found.lastgroup or SONG
        yield found[0], _BEYOND.get(kind, kind)
        end = found.end()
    if end < len(text):
        yield text[end:], face


def runs(text: str, *, face: str = FANGSONG, size: float = 14, bold: bool = False) -> list[Element]:
    """The text as runs, `size` in points; a new line is a line break."""
    made: list[Element] = []
    for number, line in enumerate(text.split("\n")):
        if number:
            made.append(node("r", node("br")))
        made += [_run(part, chinese, size, bold) for part, chinese in faces(line, face)]
    return made


def _run(text: str, face: str, size: float, bold: bool) -> Element:
    # The hint puts what both scripts have (·, quotes) into the Chinese face.
    latin = face if face in _BEYOND.values() else LATIN
    looks = [node("rFonts", ascii=latin, hAnsi=latin, eastAsia=face, cs=LATIN, hint="eastAsia")]
    looks += [node("b")] if bold else []
    looks += [node("sz", val=round(size * 2)), node("szCs", val=round(size * 2))]
    words = node("t")
    words.text = text
    words.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return node("r", node("rPr", *looks), words)


def field(code: str, size: float) -> list[Element]:
    """A number that Word reckons itself: PAGE, NUMPAGES."""
    made = []
    for kind in ("begin", "code", "end"):
        run = _run("", SONG, size, bold=False)
        run.remove(run[-1])
        inner = node("instrText") if kind == "code" else node("fldChar", fldCharType=kind)
        if kind == "code":
            inner.text = f" {code} "
        run.append(inner)
        made.append(run)
    return made


def paragraph(inner: Iterable[Element], *, jc: str = "left", indent: bool = False, **more: int) -> Element:
    """`jc` left, center, right, both; `indent` two characters; `before`, `after` in points; `keep` with what follows,
    `ruled` to write on."""
    looks = [node("keepNext")] if more.get("keep") else []
    if more.get("ruled"):
        looks.append(node("pBdr", node("bottom", val="single", sz=4, space=1, color="auto")))
    spacing = {"before": more.get("before", 0) * 20, "after": more.get("after", 0) * 20}
    looks.append(node("spacing", **spacing, line=more.get("line", 25) * 20, lineRule="atLeast"))
    if indent:
        looks.append(node("ind", firstLineChars=200, firstLine=560))
    looks.append(node("jc", val=jc))
    return node("p", node("pPr", *looks), *inner)


def gap(points: int = 0) -> Element:
    """The paragraph that must stand after a table, as small as it may be."""
    spacing = node("spacing", before=0, after=points * 20, line=20, lineRule="exact")
    return node("p", node("pPr", spacing, node("rPr", node("sz", val=2))))


def table(widths: list[int], rows: Iterable[Element], *, lines: bool) -> Element:
    """A table of these column widths in twentieths of a point, with lines or as a mere arrangement."""
    edges = ("top", "left", "bottom", "right", "insideH", "insideV")
    kind = {"val": "single", "sz": 4, "space": 0, "color": "auto"} if lines else {"val": "nil"}
    looks = (
        node("tblW", w=sum(widths), type="dxa"),
        node("tblBorders", *(node(edge, **kind) for edge in edges)),
        node("tblLayout", type="fixed"),
        node("tblCellMar", node("left", w=70, type="dxa"), node("right", w=70, type="dxa")),
    )
    grid = node("tblGrid", *(node("gridCol", w=width) for width in widths))
    return node("tbl", node("tblPr", *looks), grid, *rows)


def row(cells: Iterable[Element], *, height: float, header: bool = False, whole: bool = False) -> Element:
    """`height` in millimetres at least; `header` is repeated on each page; `whole` is never broken."""
    looks = [node("cantSplit")] if whole else []
    looks.append(node("trHeight", val=round(height * 56.7), hRule="atLeast"))
    looks += [node("tblHeader")] if header else []
    return node("tr", node("trPr", *looks), *cells)


def cell(paragraphs: Iterable[Element], *, width: int, span: int = 1, align: str = "center") -> Element:
    looks = [node("tcW", w=width, type="dxa")]
    looks += [node("gridSpan", val=span)] if span > 1 else []
    looks.append(node("vAlign", val=align))
    return node("tc", node("tcPr", *looks), *paragraphs)
