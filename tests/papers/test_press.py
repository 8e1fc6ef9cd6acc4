"""The printers: the same bytes again, pictures, threads, and a server's loop that goes on while type is set."""

import asyncio
import io
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import docx as word
import pytest
from msgspec import structs
from pypdf import PdfReader

from huiyin.papers import forms, volume
from huiyin.papers.blocks import COPY, Break, Cell, Grid, Para, Picture, Row, paper
from huiyin.papers.editable import docx
from huiyin.papers.fonts import Fonts
from huiyin.papers.press import press
from tests.papers import cases, reading

AGREEMENT = forms.papers(cases.full(), "agreement")[0]


def test_the_same_paper_is_the_same_bytes(fonts: Fonts) -> None:
    first, again = press([AGREEMENT], fonts), press([AGREEMENT], fonts)
    assert first == again
    made = docx(AGREEMENT)
    time.sleep(0.01)
    assert docx(AGREEMENT) == made
    with zipfile.ZipFile(io.BytesIO(made)) as file:
        assert {one.date_time for one in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert file.testzip() is None


def test_the_files_say_their_day_and_nobody(fonts: Fonts) -> None:
    about = word.Document(io.BytesIO(docx(AGREEMENT))).core_properties
    assert (about.author, about.last_modified_by, about.comments) == ("", "", "")
    assert about.title == "人民调解协议书"
    assert about.created is not None
    assert about.created.date() == about.modified.date() == date(2026, 3, 7)
    said = PdfReader(io.BytesIO(press([AGREEMENT], fonts).data)).metadata
    assert said is not None
    assert not said.author
    assert said.title == "人民调解协议书"
    assert said.creation_date is not None
    assert said.creation_date.date() == date(2026, 3, 7)
    undated = PdfReader(io.BytesIO(press([structs.replace(AGREEMENT, on=None)], fonts).data)).metadata
    assert undated is not None
    assert undated.creation_date is not None
    assert undated.creation_date.date() == date(2011, 1, 1), "no clock is read"


def test_the_foot_has_pages_and_in_pdf_the_check_code(fonts: Fonts) -> None:
    pages = reading.of_pdf(press([AGREEMENT], fonts).data)
    for number, page in enumerate(pages, 1):
        assert f"第{number}页共{len(pages)}页" in page
        assert f"校验码{AGREEMENT.digest[:16]}" in page
    footer = word.Document(io.BytesIO(docx(AGREEMENT))).sections[0].footer._element.xml
    assert "PAGE" in footer
    assert "NUMPAGES" in footer
    assert AGREEMENT.digest[:16] not in reading.of_docx(docx(AGREEMENT)), "it would be wrong once edited"


def test_a4_with_room_to_bind(fonts: Fonts) -> None:
    box = PdfReader(io.BytesIO(press([AGREEMENT], fonts).data)).pages[0].mediabox
    assert (round(box.width), round(box.height)) == (595, 842)
    section = word.Document(io.BytesIO(docx(AGREEMENT))).sections[0]
    assert section.page_width is not None
    assert section.left_margin is not None
    assert (round(section.page_width.mm), round(section.left_margin.mm)) == (210, 30)


def test_a_signature_is_never_alone_on_its_page(fonts: Fonts) -> None:
    """A page of signatures without a word of what they are for could be put under anything."""
    for length in range(0, 40, 3):
        file = cases.full()
        terms = tuple(f"第{number}项约定,双方均须遵守。" for number in range(length))
        file = structs.replace(file, agreement=structs.replace(file.agreement, terms=terms))
        pages = reading.of_pdf(press(forms.papers(file, "agreement"), fonts).data)
        (last,) = [page for page in pages if "人民调解员赵劝" in page]
        assert "一式四份" in last
        assert "被申请人" in last.split("一式四份")[1]


def test_a_new_line_in_a_box_is_one(fonts: Fonts) -> None:
    made = paper(form="note", title="题", blocks=(Grid((1,), (Row((Cell("甲乙\n丙丁"),)),)),))
    assert word.Document(io.BytesIO(docx(made))).tables[0].cell(0, 0).text == "甲乙\n丙丁"
    said = PdfReader(io.BytesIO(press([made], fonts).data)).pages[0].extract_text()
    assert {"甲乙", "丙丁"} <= {line.strip() for line in said.splitlines()}


def test_what_does_not_break_is_broken(fonts: Fonts) -> None:
    """A word of 300 letters would run out of its box and off the sheet."""
    made = paper(form="note", title="题", blocks=(Para("A" * 300),))
    page = PdfReader(io.BytesIO(press([made], fonts).data)).pages[0]
    assert len([line for line in page.extract_text().splitlines() if "AAA" in line]) > 5


def test_it_is_for_the_archive(fonts: Fonts) -> None:
    """PDF/A-2b, which also refuses what would be drawn as an empty box."""
    data = press([AGREEMENT], fonts).data
    assert b"<pdfaid:part>2</pdfaid:part>" in data
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in data


def test_pictures_are_in_both(fonts: Fonts) -> None:
    sheets = (Picture(cases.drawn("a", (900, 300)), "一"), Picture(cases.drawn("b", (300, 900), "JPEG"), "二"))
    made = paper(form="evidence", title="照片", blocks=sheets)
    pdf = PdfReader(io.BytesIO(press([made], fonts).data))
    assert len(pdf.pages) == 2
    assert [len(page.images) for page in pdf.pages] == [1, 1]
    shapes = word.Document(io.BytesIO(docx(made))).inline_shapes
    assert word.Document(io.BytesIO(docx(made))).element.xml.count('w:type="page"') == 1
    assert [round(shape.width / shape.height, 2) for shape in shapes] == [3.0, 0.33]


def test_a_break_is_a_new_page(fonts: Fonts) -> None:
    made = paper(form="note", title="题", blocks=(Para("一"), Break(), Para("二")))
    assert len(reading.of_pdf(press([made], fonts).data)) == 2
    assert 'w:type="page"' in word.Document(io.BytesIO(docx(made))).element.xml


def test_nothing_is_left_on_the_disk(fonts: Fonts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Words are never in a file; pictures for the time of a print, in memory where there is such a folder."""
    shared = Path("/dev/shm")
    before = set(shared.iterdir()) if shared.is_dir() else set()
    press([paper(form="evidence", title="照片", blocks=(Picture(cases.drawn()),))], fonts)
    left = {path for path in shared.iterdir() if path.name.startswith("huiyin-")} if shared.is_dir() else set()
    assert left <= before


def test_several_threads_print_at_once(fonts: Fonts) -> None:
    papers = [made for code in ("record", "rights", "agreement") for made in forms.papers(cases.full(), code)]
    alone = [press([made], fonts).data for made in papers]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda made: press([made], fonts).data, papers * 2))
    assert together == alone * 2


async def test_the_loop_goes_on_while_a_file_is_printed(fonts: Fonts) -> None:
    """typst lets go of the interpreter's lock: half of the print or more is another thread's."""
    made = volume.volume(cases.full(12, 60))
    done = asyncio.Event()
    gaps: list[float] = []

    async def watch() -> None:
        last = time.perf_counter()
        while not done.is_set():
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            gaps.append(now - last)
            last = now

    watching = asyncio.create_task(watch())
    began = time.perf_counter()
    await asyncio.to_thread(press, made, fonts)
    taken = time.perf_counter() - began
    done.set()
    await watching
    assert max(gaps) < taken / 2, f"{max(gaps):.3f} of {taken:.3f} s"


def test_several_papers_are_one_docx_each_on_its_own_pages() -> None:
    """Each begins a page, has its title, and counts its own pages from one."""
    records = forms.papers(cases.full(), "record")
    made = docx(*records)
    assert docx(*records) == made
    assert reading.of_docx(made) == "".join(reading.said(one) for one in records)
    document = word.Document(io.BytesIO(made))
    assert len(document.sections) == len(records) == 3
    for section in document.sections:
        order = [child.tag.rpartition("}")[2] for child in section._sectPr]
        assert order.index("pgNumType") == order.index("pgMar") + 1, "Word wants them in the schema's order"
        assert section.page_width == document.sections[0].page_width
        assert "SECTIONPAGES" in section.footer._element.xml
    assert "SECTIONPAGES" not in word.Document(io.BytesIO(docx(records[0]))).sections[0].footer._element.xml


def test_a_copy_has_no_check_code_of_its_own(fonts: Fonts) -> None:
    copy = structs.replace(AGREEMENT, of=COPY)
    (page, *_) = reading.of_pdf(press([copy], fonts).data)
    assert "校验码" not in page
    assert "第1页共" in page
