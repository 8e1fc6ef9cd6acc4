"""Fonts are found or asked for; what none of them has is said and never drawn as an empty box."""

import subprocess
import sys
from pathlib import Path

import pytest
import typst
from fontTools.fontBuilder import FontBuilder
from fontTools.ttLib.tables._g_l_y_f import Glyph

from huiyin.papers.blocks import Para, paper
from huiyin.papers.fonts import Fonts, NoFont
from huiyin.papers.press import press
from tests.papers import cases, reading


@pytest.fixture(scope="module")
def plain(fonts: Fonts, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one Chinese font of this machine and nothing else."""
    folder = tmp_path_factory.mktemp("fonts")
    path = Path(fonts._files[fonts.hei[0]][0])
    (folder / path.name).symlink_to(path)
    return folder


def test_without_a_chinese_font_it_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(NoFont) as caught:
        Fonts([tmp_path], system=False)
    for wanted in ("fonts-noto-cjk", "pip install", str(tmp_path), "DOCX"):
        assert wanted in str(caught.value)


def test_a_font_that_only_has_a_chinese_name_is_none(tmp_path: Path) -> None:
    made = FontBuilder(1000, isTTF=True)
    made.setupGlyphOrder([".notdef", "A"])
    made.setupCharacterMap({65: "A"})
    made.setupGlyf({".notdef": Glyph(), "A": Glyph()})
    made.setupHorizontalMetrics({".notdef": (500, 0), "A": (500, 0)})
    made.setupHorizontalHeader(ascent=800, descent=-200)
    names = {"familyName": "SimSun", "styleName": "Regular", "uniqueFontIdentifier": "1", "fullName": "SimSun"}
    made.setupNameTable(names | {"psName": "SimSun", "version": "1"})
    made.setupOS2()
    made.setupPost()
    made.save(tmp_path / "simsun.ttf")
    seen = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(tmp_path)])
    assert seen.families() == ["SimSun"]
    with pytest.raises(NoFont):
        Fonts([tmp_path], system=False)


def test_a_broken_font_is_none(tmp_path: Path) -> None:
    (tmp_path / "simsun.ttf").write_bytes(b"\x00\x01\x00\x00torn")
    with pytest.raises(NoFont):
        Fonts([tmp_path], system=False)


def test_a_folder_of_the_settings_is_enough(plain: Path) -> None:
    only = Fonts([plain], system=False)
    text = reading.body(
        reading.of_pdf(press([paper(form="note", title="人民调解", blocks=(Para("协议"),))], only).data)
    )
    assert text == "人民调解协议"


def test_what_no_font_has_is_named_and_marked(plain: Path) -> None:
    only = Fonts([plain], system=False)
    made = paper(form="note", title="说明", blocks=(Para("姓名:𱁬某，\U0001fae0，\ue123。"),))
    pressed = press([made], only)
    assert set(pressed.lost) >= {"\U0001fae0", "\ue123"}
    assert "U+1FAE0" in pressed.said
    assert "fonts-hanazono" in pressed.said
    assert "〓[U+1FAE0]" in reading.body(reading.of_pdf(pressed.data))
    assert press([paper(form="note", title="说明", blocks=(Para("姓名"),))], only).said == ""


def test_what_is_lost_is_told_in_one_order(fonts: Fonts) -> None:
    letters = "".join(map(chr, range(0xE890, 0xE8A0)))
    lost = fonts.ready(letters[::-1] * 2).lost
    assert len(lost) > 8
    assert list(lost) == sorted(lost)


def test_a_rare_letter_is_found_in_another_font(fonts: Fonts) -> None:
    """Only where this machine has one."""
    having = [family for family in fonts._files if ord("𠮷") in fonts._covers(family)]
    pressed = press([paper(form="note", title="说明", blocks=(Para("𠮷"),))], fonts)
    assert ("𠮷" in pressed.lost) == (not having)


def test_what_was_printed_before_changes_nothing(fonts: Fonts) -> None:
    """The choice of fonts is of the text alone."""
    made = paper(form="note", title="说明", blocks=(Para("𠮷㛃"),))
    before = press([made], fonts)
    press([paper(form="note", title="别的", blocks=(Para("䶮𪚥𱁬ئۇ😀"),))], fonts)
    assert press([made], fonts) == before


def test_the_same_data_are_the_same_bytes_in_another_process(fonts: Fonts) -> None:
    code = (
        "import hashlib, sys; from tests.papers import cases; from huiyin.papers import forms, volume, press, fonts;"
        "from huiyin.papers.editable import docx; f = cases.full(1, 2); F = fonts.Fonts();"
        "print(hashlib.sha256(press.press(volume.volume(f), F).data).hexdigest(),"
        "hashlib.sha256(docx(forms.papers(f, 'agreement')[0])).hexdigest(), forms.papers(f, 'agreement')[0].digest)"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path), "TZ": zone},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("77", "America/New_York"))
    }  # fmt: skip
    assert len(said) == 1
    assert cases.full(1, 2) == cases.full(1, 2)
