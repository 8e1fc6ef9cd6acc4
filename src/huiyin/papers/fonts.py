"""Which letters this machine can print: Chinese fonts found on the system or in a folder, and what they lack."""

import threading
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

import typst
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from msgspec import Struct

# 仿宋 for what is filled in, else 宋体, else whatever has Chinese; free fonts beside those of Windows, WPS and macOS.
_FANGSONG = ("FangSong", "FangSong_GB2312", "仿宋", "仿宋_GB2312", "STFangsong", "FZFangSong-Z02", "Zhuque Fangsong")
_SONG = (
    *("Noto Serif CJK SC", "Noto Serif SC", "Source Han Serif SC", "Source Han Serif CN", "SimSun", "NSimSun"),
    *("Songti SC", "STSong", "FZShuSong-Z01", "AR PL UMing CN", "AR PL SungtiL GB", "TW-Sung", "HanaMinA"),
)
_HEI = (
    *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "SimHei", "Microsoft YaHei"),
    *("PingFang SC", "Heiti SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Droid Sans Fallback"),
)
# Asked first for a character that the others lack: the large character sets.
_RARE = (
    *("HanaMinA", "HanaMinB", "BabelStone Han", "SimSun-ExtB", "SimSun-ExtG", "TW-Sung", "TW-Sung-Ext-B"),
    *("Plangothic P1", "Plangothic P2", "Jigmo", "Jigmo2", "Jigmo3", "Noto Serif CJK JP", "Noto Serif CJK TC"),
)
# Wheels that carry nothing but fonts.
_WHEELS = ("pylopdf_fonts_zh_cn",)
_PROBE = "人民调解协议书"
# Drawn as nothing, or by their neighbours: joiners and variation selectors.
_SILENT = frozenset([0x200C, 0x200D, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)])
GETA = "〓"  # what a printer sets for a sort that he has not got


class NoFont(Exception):
    """There is no Chinese font; the message says what to install."""


def _nothing(folders: Iterable[Path]) -> NoFont:
    looked = "、".join(str(folder) for folder in folders) or "系统字体目录"
    return NoFont(
        f"没有找到中文字体(找过:{looked}),不能生成 PDF。"
        "请安装一种,例如 Debian/Ubuntu:apt-get install fonts-noto-cjk;"
        "或者 pip install pylopdf-fonts-zh-cn;或者把字体文件放进一个目录,用 HUIYIN_FONT_FOLDER 指明,再重新启动。"
        "姓名中的生僻字另装 fonts-hanazono。DOCX 不受影响。"
    )


class Ready(Struct, frozen=True):
    """For one text: families beside the usual ones, and the characters that no font has."""

    rare: tuple[str, ...]
    lost: tuple[str, ...]


class Fonts:
    """The fonts of this process: looked for once, then asked by every print; may be asked by several threads."""

    def __init__(self, folders: Iterable[Path] = (), *, system: bool = True) -> None:
        self._folders = [Path(folder) for folder in folders]
        places = [str(folder) for folder in (*self._folders, *(_wheels() if system else ()))]
        self.loaded = typst.Fonts(include_system_fonts=system, include_embedded_fonts=False, font_paths=places)
        self._files = _by_family(self.loaded)
        self._known: dict[str, frozenset[int]] = {}
        self._lock = threading.Lock()
        self.song = self._chain(*_SONG, *_FANGSONG, *_HEI)
        self.body = self._chain(*_FANGSONG, *_SONG, *_HEI)
        self.hei = self._chain(*_HEI, *_SONG)
        self._found: dict[str, str | None] = {}

    def _chain(self, *families: str) -> tuple[str, ...]:
        """The first two of these families that really have Chinese."""
        chinese = {ord(letter) for letter in _PROBE}
        found = [name for name in families if name in self._files and chinese <= self._covers(name)]
        if not found:
            raise _nothing(self._folders)
        return tuple(found[:2])

    def ready(self, text: str) -> Ready:
        """Looks which families are wanted beside the usual ones. The same text gets the same answer, whatever was
        printed before."""
        with self._lock:
            usual = self._covers(self.body[0])
            odd = [c for c in sorted(set(text)) if ord(c) not in usual and ord(c) not in _SILENT and not c.isspace()]
            found = {letter: self._family(letter) for letter in odd}
        rare = dict.fromkeys(family for family in found.values() if family is not None)
        return Ready(tuple(rare), tuple(letter for letter, family in found.items() if family is None))

    def _family(self, letter: str) -> str | None:
        """The first family that has this character; None where no font of this machine has it."""
        if letter not in self._found:
            having = (name for name in self._candidates() if ord(letter) in self._covers(name))
            self._found[letter] = next(having, None)
        return self._found[letter]

    def _candidates(self) -> Iterator[str]:
        yield from (*self.body, *self.song, *self.hei)
        yield from (name for name in _RARE if name in self._files)
        yield from sorted(name for name in self._files if name not in _RARE)

    def _covers(self, family: str) -> frozenset[int]:
        if family not in self._known:
            self._known[family] = _letters(*self._files[family])
        return self._known[family]


def _by_family(loaded: typst.Fonts) -> dict[str, tuple[str, int]]:
    """One file a family, the upright regular one where there are several."""
    found: dict[str, tuple[int, str, int]] = {}
    for font in loaded.fonts():
        if font.path is not None:
            odd = (font.style != "normal") * 1000 + abs(font.weight - 400)
            found[font.family] = min(found.get(font.family, (9999, "", 0)), (odd, font.path, font.index))
    return {family: (path, index) for family, (_, path, index) in found.items()}


def _letters(path: str, index: int) -> frozenset[int]:
    try:
        with TTFont(path, fontNumber=index, lazy=True) as font:
            return frozenset(font.getBestCmap() or ())
    except Exception:  # a broken font file is one that has no letters
        return frozenset()


def _wheels() -> Iterator[Path]:
    for name in _WHEELS:
        spec = find_spec(name)
        if spec is not None and spec.origin is not None:
            yield Path(spec.origin).parent
