"""Other hands that read what was printed: python-docx and pypdf, and what a paper says to compare with."""

import io
import re
from collections.abc import Iterator
from typing import Any

import docx as word
from docx.document import Document
from docx.oxml.ns import qn
from pypdf import PdfReader

from huiyin.papers.blocks import Break, Grid, Head, Paper, Para, Picture, Places
from huiyin.papers.words import day

_FOOT = re.compile(r"第\d+页共\d+页|校验码[0-9a-f]{16}")
_DONE = {"signature": "（已签名）", "seal": "（已盖章）", "fingerprint": "（已按指印）"}


def squeezed(text: str) -> str:
    """Without what line breaking puts in."""
    return re.sub(r"[\s\u200b]+", "", text)


def said(paper: Paper) -> str:
    """Every word of a paper in reading order, as both printers must print it."""
    number = paper.number if paper.face != "back" else ""
    return squeezed(paper.title + number + "".join(_said(paper)))


def _said(paper: Paper) -> Iterator[str]:
    for block in paper.blocks:
        match block:
            case Para():
                yield block.label + block.text
            case Head():
                yield block.text
            case Grid():
                yield from (cell.text for row in block.rows for cell in row.cells)
            case Places():
                for place in block.places:
                    mark = place.mark
                    yield place.label
                    yield _DONE[mark.kind] if mark is not None and not mark.image else ""
                    yield place.how
                    yield day(mark.on) if mark is not None else day(None) if block.dated else ""
                yield block.closing
            case Picture():
                yield block.caption
            case Break():
                pass


def of_docx(data: bytes) -> str:
    """All words of the body, in order."""
    document: Document = word.Document(io.BytesIO(data))
    return squeezed("".join(node.text or "" for node in document.element.body.iter(qn("w:t"))))


def faces_of(data: bytes, letter: str) -> set[str]:
    """The eastAsia faces of the runs with this letter."""
    document: Any = word.Document(io.BytesIO(data))
    found = set()
    for run in document.element.body.iter(qn("w:r")):
        if letter in "".join(node.text or "" for node in run.iter(qn("w:t"))):
            found.add(run.find(qn("w:rPr")).find(qn("w:rFonts")).get(qn("w:eastAsia")))
    return found


def of_pdf(data: bytes) -> list[str]:
    """The words of each page with its foot."""
    return [squeezed(page.extract_text()) for page in PdfReader(io.BytesIO(data)).pages]


def body(pages: list[str]) -> str:
    return "".join(_FOOT.sub("", page) for page in pages)
