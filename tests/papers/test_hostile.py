"""Whatever a resident types is data: no markup, template, XML or control of it is ever obeyed, in DOCX or PDF."""

import io
import zipfile
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from msgspec import structs

from huiyin.papers import forms
from huiyin.papers.blocks import Cell, Grid, Head, Paper, Para, Picture, Place, Places, Row, paper
from huiyin.papers.editable import docx
from huiyin.papers.facts import File, Party, Statement
from huiyin.papers.fonts import Fonts
from huiyin.papers.press import Unprintable, press
from huiyin.papers.words import clean
from tests.papers import cases, reading
from tests.papers.test_forms import shown

HOSTILE = {
    "typst": '#read("/etc/passwd") #panic("x") $ sum $ @ref <label> *b* _i_ `raw` = 标题 \\ #let a = 1 #"]',
    "jinja": "{{ 7*7 }} {% for x in y %} {# c #} ${7*7} {0} %s %(name)s",
    "xml": "</w:t></w:r><w:br/>&amp;&#x41;<!-- x --><![CDATA[y]]><?php ?>]]>",
    "json": '","face":"cover","x":["\\u0041',
    "lines": "一\r\n二\n\n\n三\u2028四\u2029五\x0b六\x0c七\x85八",
    "controls": "甲\x00\x01\x08\x1b[31m\x7f\x9f乙\ufffe\uffff丙\ud800丁",
    "turned": "\u202e倒过来\u202c\u2066隔\u2069\u200f左\u200e\ufeff\u00ad右\u200b",
    "arabic": "ئۇيغۇر مۇھەممەد",
    "tibetan": "བསོད་ནམས་རྒྱ་མཚོ",
    "rare": "𠮷野㛃 䶮龘 𪚥 𱁬 葛\U000e0100 \uf900",
    "emoji": "😀👨‍👩‍👧❤️",
    "combining": "e\u0301\u0302\u0303" + "\u0321" * 40,
    "field": "=HYPERLINK(1) MERGEFIELD PAGE \\* MERGEFORMAT",
    "long": "长" * 8000,
    "unbroken": "A1" * 4000,
    "many lines": "行\n" * 400,
}


def full_of(text: str) -> Paper:
    """The text everywhere that a paper has room for words."""
    head = Row((Cell("名称"), Cell("内容")))
    grid = Grid((1, 2), (head, Row((Cell(text, style="label"), Cell(text))), Row((Cell(text, span=2),))), header=True)
    blocks = (
        Para(text, label=text), Para(text, style="note"), Para(text, style="centre"), Head(text), grid,
        Places((Place("party:1", text, text),), closing=text),
    )  # fmt: skip
    return paper(form="record", title=text[:200], number=text[:200], blocks=blocks)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_words(text: str, fonts: Fonts) -> None:
    made = full_of(text)
    assert reading.of_docx(docx(made)) == reading.said(made)
    pressed = press([made], fonts)
    words = "".join(reading.of_pdf(pressed.data))
    if text in {HOSTILE[kind] for kind in ("typst", "jinja", "xml", "json", "field", "lines")}:
        assert reading.squeezed(clean(text)) in words


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_names_and_statements_go_through_every_form(text: str, fonts: Fonts) -> None:
    file = cases.full(1, 1)
    parties = (structs.replace(file.parties[0], name=text, address=text), *file.parties[1:])
    sitting = structs.replace(file.sessions[0], statements=(Statement(text, text),), result=text)
    file = structs.replace(file, parties=parties, sessions=(sitting,))
    for code in ("application", "record", "agreement", "acceptance"):
        for made in forms.papers(file, code):
            assert reading.of_docx(docx(made)) == reading.said(made)
            assert press([made], fonts).data.startswith(b"%PDF")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(), max_size=60))
def test_any_text_is_printed(fonts: Fonts, text: str) -> None:
    """Hypothesis looks for a string that breaks a printer."""
    made = full_of(text)
    assert reading.of_docx(docx(made)) == reading.said(made)
    assert press([made], fonts).data.startswith(b"%PDF")


def test_the_xml_of_a_docx_is_well_formed_and_closed() -> None:
    """No entity, no relation that leads outside, no macro."""
    with zipfile.ZipFile(io.BytesIO(docx(full_of("".join(HOSTILE.values()))))) as file:
        for name in file.namelist():
            data = file.read(name)
            if name.endswith((".xml", ".rels")):
                root: Any = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
                assert root.getroottree().docinfo.internalDTD is None
                assert b'TargetMode="External"' not in data
            assert "vba" not in name


def test_what_is_unseen_is_taken_out_and_names_are_not() -> None:
    assert clean("张\u200b三\u202e") == "张三"
    assert clean("a\tb\r\n\r\n \nc\x00") == "a b\nc"
    for name in (*cases.NAMES, "𱁬", "葛\U000e0100", "\uf900", "نۇر", "क्‍ष", "e\u0301", "Åsa"):
        assert clean(name) == name, "never normalised"


def test_a_name_is_the_same_everywhere(fonts: Fonts) -> None:
    """·, minority names, extension A and B: intact in DOCX; in PDF intact or said to be lost."""
    for name in (*cases.NAMES, "𱁬"):
        (made, *_) = forms.papers(File(parties=(Party(side="applicant", name=name),)), "application")
        assert name in reading.of_docx(docx(made))
        pressed = press([made], fonts)
        assert shown(name, pressed.lost) in reading.body(reading.of_pdf(pressed.data))


@pytest.mark.parametrize(
    ("letter", "face"),
    [("买", "仿宋"), ("㛃", "宋体"), ("䶮", "宋体"), ("龘", "仿宋"), ("𠮷", "SimSun-ExtB"), ("𱁬", "SimSun-ExtG")],
)
def test_a_run_names_a_face_that_has_its_letters(letter: str, face: str) -> None:
    made = paper(form="note", title="题", blocks=(Para(f"买买提·{letter}某"),))
    assert reading.faces_of(docx(made), letter) == {face}


def test_no_word_of_a_paper_is_in_an_error(fonts: Fonts) -> None:
    """What is logged of a failed print must not tell what stood on it."""
    for data in (cases.torn(), b"GIF89a secret"):
        with pytest.raises(Unprintable) as caught:
            press([paper(form="note", title="买买提", blocks=(Para("秘密"), Picture(data)))], fonts)
        assert "图片" in str(caught.value)
        assert "秘密" not in f"{caught.value!r} {caught.value.__cause__!r}"
        assert caught.value.__suppress_context__ or caught.value.__context__ is None
