"""Papers as PDF, by typst: the same papers and fonts give the same bytes, and what no font has is said, never a box."""

import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import typst
from msgspec import Struct

from huiyin.papers.blocks import COPY, Paper, Picture
from huiyin.papers.fonts import GETA, Fonts
from huiyin.papers.words import day

# PDF/A for the archive; it also refuses what would be drawn as an empty box (.notdef).
_STANDARD: Any = ["a-2b"]
_typeset: Any = typst.compile  # its stub wants a root of bytes where the input is bytes; the program does not
_UNDATED = date(2011, 1, 1)  # of papers without a day: PDF/A wants one, the clock would make each print another
_KINDS = {b"\x89PNG\r\n\x1a\n": ".png", b"\xff\xd8\xff": ".jpg"}
_UNBROKEN = re.compile(r"[!-~]{24}(?=[!-~])")
_ZERO_WIDTH = "\u200b"


class Unprintable(Exception):
    """These papers cannot be printed; the message says what is wrong with them, in Chinese, without their words."""


class Pressed(Struct, frozen=True):
    """A PDF. `lost` are the characters that no font of this machine has: printed as 〓[U+20BB7], to be put in by pen.

    Who lets a paper be signed looks that there are none.
    """

    data: bytes
    lost: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        """What a window tells about it; empty where nothing is lost."""
        if not self.lost:
            return ""
        named = "、".join(f"{letter}(U+{ord(letter):04X})" for letter in self.lost)
        lost = f"本机字体缺少这些字:{named},PDF 中印作 {GETA}。"
        return f"{lost}请安装有这些字的字体(汉字如 fonts-hanazono,其他文字如 fonts-noto-core)后重新生成,或者用 DOCX。"


def press(papers: Sequence[Paper], fonts: Fonts) -> Pressed:
    """One PDF of all these papers, in order; numbered through as a volume where a cover is among them.

    Blocks for some milliseconds a page. A server asks `printer.Printer`; or a thread (`asyncio.to_thread(press, …)`):
    typst lets go of the interpreter's lock while it sets the type, but keeps what it set last in memory.
    """
    ready = fonts.ready("".join(_strings(papers)))
    pictures: dict[str, bytes] = {}
    table = {ord(letter): f"{GETA}[U+{ord(letter):04X}]" for letter in ready.lost}
    data = {
        **_ending(papers),
        "title": papers[0].title or "人民调解文书",
        "on": _date(papers),
        "undated": day(None),
        "fonts": {name: _families(getattr(fonts, name), ready.rare, fonts) for name in ("body", "song", "hei")},
        "papers": [_paper(paper, table, pictures) | laid for paper, laid in zip(papers, _layout(papers), strict=True)],
    }
    return Pressed(_compile(json.dumps(data, ensure_ascii=False), pictures, fonts), ready.lost)


def _families(chain: tuple[str, ...], rare: tuple[str, ...], fonts: Fonts) -> list[str]:
    return list(dict.fromkeys((*chain, *fonts.body, *fonts.song, *fonts.hei, *rare)))


def _date(papers: Sequence[Paper]) -> list[int]:
    on = max((paper.on for paper in papers if paper.on is not None), default=_UNDATED)
    return [on.year, on.month, on.day]


def _layout(papers: Sequence[Paper]) -> list[dict[str, Any]]:
    """What each is called inside, and where numbering begins; papers with pages are 1, 2 … as in the contents."""
    volume = any(paper.face == "cover" for paper in papers)
    laid: list[dict[str, Any]] = []
    inside = 0
    for place, paper in enumerate(papers):
        numbered = paper.face == "page"
        inside += numbered
        name = str(inside) if numbered else f"{paper.face}-{place}"
        laid.append({"name": name, "restart": numbered and (inside == 1 or not volume)})
    return laid


def _ending(papers: Sequence[Paper]) -> dict[str, Any]:
    """Whether pages are numbered through, and the last paper inside."""
    inside = [one["name"] for one, paper in zip(_layout(papers), papers, strict=True) if paper.face == "page"]
    volume = any(paper.face == "cover" for paper in papers) and bool(inside)
    return {"volume": volume, "ending": inside[-1] if inside else ""}


def _paper(paper: Paper, table: dict[int, str], pictures: dict[str, bytes]) -> dict[str, Any]:
    scanned = bool(paper.blocks) and all(isinstance(block, Picture) for block in paper.blocks)
    code = "" if scanned or paper.face != "page" or paper.of == COPY else f"校验码 {paper.digest[:16]}"
    return {**_plain(paper, table, pictures), "titled": not scanned, "code": code}


def _plain(thing: Any, table: dict[int, str], pictures: dict[str, bytes]) -> Any:
    """As JSON for the press: days in words, images as names of files, characters that no font has as geta."""
    if isinstance(thing, str):
        return _UNBROKEN.sub(lambda run: run[0] + _ZERO_WIDTH, thing).translate(table)
    if isinstance(thing, bytes):
        return _picture(thing, pictures) if thing else ""
    if isinstance(thing, date):
        return day(thing)
    if isinstance(thing, tuple):
        return [_plain(part, table, pictures) for part in thing]
    if isinstance(thing, Struct):
        kept = {name: _plain(getattr(thing, name), table, pictures) for name in thing.__struct_fields__}
        return {**kept, "type": thing.__struct_config__.tag}
    return thing


def _strings(thing: Any) -> Iterator[str]:
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, tuple | list):
        for part in thing:
            yield from _strings(part)
    elif isinstance(thing, Struct):
        for name in thing.__struct_fields__:
            yield from _strings(getattr(thing, name))


def _picture(data: bytes, pictures: dict[str, bytes]) -> str:
    kind = next((kind for magic, kind in _KINDS.items() if data.startswith(magic)), None)
    if kind is None:
        raise Unprintable("图片只能是 PNG 或者 JPEG。")
    name = next((name for name, known in pictures.items() if known is data), f"/{len(pictures)}{kind}")
    pictures[name] = data
    return name


@cache
def _template() -> bytes:
    return (files("huiyin.papers") / "paper.typ").read_bytes()


def _compile(data: str, pictures: dict[str, bytes], fonts: Fonts) -> bytes:
    with _laid_out(pictures) as root:
        try:
            made: bytes = _typeset(
                _template(), root=root, font_paths=fonts.loaded, ignore_system_fonts=True,
                sys_inputs={"data": data}, format="pdf", pdf_standards=_STANDARD, pdf_tags=False, timestamp=0,
            )  # fmt: skip
        except typst.TypstError as error:
            raise Unprintable(_why(error)) from None  # what typst says may quote the paper's words
    return made


def _why(error: typst.TypstError) -> str:
    if "image" in error.message or "decode" in error.message:
        return "有一张图片已损坏,不能印入 PDF。"
    return "文书中有不能排版的内容,没有生成 PDF。"


@contextmanager
def _laid_out(pictures: dict[str, bytes]) -> Iterator[str]:
    """Pictures where typst can read them, in memory where the system has such a folder; words are never in a file."""
    memory = Path("/dev/shm")  # noqa: S108
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None, prefix="huiyin-") as folder:
        for name, data in pictures.items():
            Path(folder, name.lstrip("/")).write_bytes(data)
        yield folder
