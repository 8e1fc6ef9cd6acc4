"""Papers leave the house (打印、下载): made by a process of its own; what names people is written down."""

import asyncio
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath
from msgspec import Struct

from huiyin import exports
from huiyin.core.people import Viewer
from huiyin.papers import forms
from huiyin.papers.blocks import Paper, signed
from huiyin.papers.facts import File
from huiyin.papers.fonts import NoFont
from huiyin.papers.press import Pressed, Unprintable
from huiyin.papers.printer import Printer
from huiyin.papers.volume import OUTSIDE, volume
from huiyin.store import vault
from huiyin.web.mediations import papers
from huiyin.web.mediations.finding import Found, find
from huiyin.web.mediations.sheets import with_pictures
from huiyin.web.paint import download
from huiyin.web.problems import CODES, Problem, spec
from huiyin.web.room import Room

CODES["no-such-paper"] = (404, "没有这种文书,或本件还没有到办这份文书的时候")
CODES["not-printable"] = (503, "文书现在印不出来:请在服务器上安装中文字体(如 fonts-noto-cjk)后再试,或下载 DOCX")
PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
VOLUME, BLANK = "volume", "blank-"
_NAMELESS = frozenset(("contents", "back"))  # forms without anybody's name
_WHY = "承办人民调解员打印、下载本案文书"

Req = Request[Any, Any, Any]


class Asked(Struct, frozen=True):
    """What is to be printed, from the last part of the address: `record.pdf`, `blank-visit.docx`, `volume.pdf`."""

    form: str
    kind: str
    blank: bool = False

    @property
    def called(self) -> str:
        return f"{BLANK if self.blank else ''}{self.form}.{self.kind}"


def asked(paper: str) -> Asked:
    """Raises Problem("no-such-paper") for what is none."""
    name, _, kind = paper.rpartition(".")
    form, blank = name.removeprefix(BLANK), name.startswith(BLANK)
    whole = (form, kind, blank) == (VOLUME, "pdf", False)
    if not whole and (form not in forms.FORMS or kind not in ("pdf", "docx")):
        raise Problem("no-such-paper")
    return Asked(form, kind, blank)


async def hand_out(request: Req, number: str, paper: str) -> Response[bytes]:
    """A paper for a mediator of the case; any other is told that there is none. Written down before it is given."""
    found = await find(request, number)
    if found.eyes != "mediator":
        raise Problem("not-found")
    what = asked(paper)
    some = await made(found, what)
    if not some:
        raise Problem("no-such-paper")
    ready = await printed(found.room, some, what.kind)
    if not what.blank and what.form not in _NAMELESS:
        await _noted(found.room, request.state.viewer, number, what, len(some))
    more = {"x-huiyin-digest": some[0].digest}
    if ready.lost:
        more["x-huiyin-lost"] = " ".join(f"U+{ord(letter):04X}" for letter in ready.lost)
    return download(ready.data, f"{number}-{what.called}", PDF if what.kind == "pdf" else DOCX, **more)


async def made(found: Found, what: Asked) -> tuple[Paper, ...]:
    """The papers of that name; none where the case has none."""
    file = await papers.filled(found)
    if what.blank:
        bare = File(number=file.number, committee=file.committee)
        return forms.papers(bare, what.form)
    file = await with_pictures(found.room, found.one, file)
    if what.form in (VOLUME, *OUTSIDE):
        whole = await asyncio.to_thread(volume, file)
        return tuple(one for one in whole if what.form in (VOLUME, one.form))
    return tuple(signed(one, file.marks) for one in forms.papers(file, what.form))


async def printed(room: Room, some: tuple[Paper, ...], kind: str) -> Pressed:
    """As a file, and what no font has; raises Problem("not-printable") where the machine has no font."""
    try:
        return await _pressed(room.printer(), some, kind)
    except BrokenProcessPool:  # it died of something else: there is another one
        return await _pressed(room.printer(), some, kind)
    except (NoFont, Unprintable):
        raise Problem("not-printable") from None


async def _pressed(printer: Printer, some: tuple[Paper, ...], kind: str) -> Pressed:
    if kind == "docx":
        return Pressed(await asyncio.wrap_future(printer.docx(*some)))
    return await asyncio.wrap_future(printer.pdf(some))


async def _noted(room: Room, viewer: Viewer, number: str, what: Asked, sheets: int) -> None:
    """The law gives both sides' papers to who mediates: no reason is asked, each download is there for review."""
    sealed = room.seal.seal(vault.encode(vault.Dossier(_WHY)))
    by = (f"mediation={number}", f"paper={what.called}")
    await room.write(
        lambda c: exports.made(
            c, exports.fresh(), sealed, sheets, by, searched=False, more=False, actor=viewer.post, at=room.clock()
        )
    )


@get(
    "/api/v1/mediations/{number:str}/papers/{paper:str}",
    summary="一份文书,或整卷",
    description="文书代码加 .docx 或 .pdf,如 agreement.pdf;前加 blank- 是空白表;volume.pdf 是整卷。"
    "只给承办调解员,下载留痕。",
    tags=["人民调解"],
    operation_id="printMediation",
    media_type=PDF,
    responses=spec("not-found", "no-such-paper", "not-printable", "log-in-first", "not-your-role", "database-away"),
)
async def by_api(request: Req, number: FromPath[str], paper: FromPath[str]) -> Response[bytes]:
    """Never kept."""
    return await hand_out(request, number, paper)


@get("/mediations/{number:str}/papers/{paper:str}", include_in_schema=False)
async def by_window(request: Req, number: FromPath[str], paper: FromPath[str]) -> Response[bytes]:
    """The same for the browser."""
    return await hand_out(request, number, paper)


ROUTES = [by_api, by_window]
