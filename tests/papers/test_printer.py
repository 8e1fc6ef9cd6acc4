"""The process that prints: the same bytes as here, its errors come over, it is replaced when it dies."""

import asyncio
import os
import pickle
import signal
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from huiyin.papers import forms
from huiyin.papers.blocks import Picture, paper
from huiyin.papers.editable import docx
from huiyin.papers.fonts import Fonts, NoFont
from huiyin.papers.press import Unprintable, press
from huiyin.papers.printer import Printer
from tests.papers import cases

AGREEMENT = forms.papers(cases.full(), "agreement")[0]


@pytest.fixture(scope="module")
def printer() -> Iterator[Printer]:
    with Printer() as made:
        yield made


async def test_another_process_prints_the_same(printer: Printer, fonts: Fonts) -> None:
    pdf, words = printer.pdf([AGREEMENT]), printer.docx(AGREEMENT)
    assert await asyncio.wrap_future(pdf) == press([AGREEMENT], fonts)
    assert await asyncio.wrap_future(words) == docx(AGREEMENT)


async def test_what_cannot_be_printed_comes_over_as_such(printer: Printer) -> None:
    with pytest.raises(Unprintable, match="图片"):
        await asyncio.wrap_future(printer.pdf([paper(form="note", title="题", blocks=(Picture(cases.torn()),))]))


async def test_a_printer_that_died_is_replaced(printer: Printer, fonts: Fonts) -> None:
    await asyncio.wrap_future(printer.pdf([AGREEMENT]))
    for pid in list(printer._pool._processes or ()):
        os.kill(pid, signal.SIGKILL)
    try:
        again = await asyncio.wrap_future(printer.pdf([AGREEMENT]))
    except BrokenProcessPool:  # that print was the dead one's
        again = await asyncio.wrap_future(printer.pdf([AGREEMENT]))
    assert again == press([AGREEMENT], fonts)


def test_no_font_says_so_from_afar_too(tmp_path: Path) -> None:
    with pytest.raises(NoFont) as caught:
        Fonts([tmp_path], system=False)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
