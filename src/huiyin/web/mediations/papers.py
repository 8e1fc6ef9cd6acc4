"""The papers of a case (文书、卷宗), made out from the vault: for the mediators of the case, as DOCX or PDF."""

import asyncio
from collections.abc import Mapping
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath
from msgspec.structs import replace

from huiyin.core.mediation.kinds import Terms
from huiyin.core.mediation.state import Agreement, Owed
from huiyin.core.proof import read
from huiyin.papers.facts import File
from huiyin.papers.fonts import NoFont
from huiyin.papers.forms import FORMS
from huiyin.papers.forms import papers as made
from huiyin.papers.press import Unprintable
from huiyin.papers.volume import volume
from huiyin.store import committees, lists, mediations, vault
from huiyin.story import load_words
from huiyin.web.mediations.file import Desk, file_of
from huiyin.web.mediations.finding import Found, find
from huiyin.web.mediations.shown import is_picture, references
from huiyin.web.pen import Pen
from huiyin.web.problems import CODES, Problem, spec

CODES["no-such-paper"] = (404, "没有这种文书,或本件还没有到办这份文书的时候")
CODES["not-printable"] = (503, "文书现在印不出来:请在服务器上安装中文字体(如 fonts-noto-cjk)后再试,或下载 DOCX")
PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

Req = Request[Any, Any, Any]


async def digest(found: Found, terms: Terms, pen: Pen) -> str:
    """Of the agreement as it will be printed: what every mark is under; changed by a single word, name or date."""
    room = found.room
    agreement = Agreement("written", terms, tuple(map(Owed, terms.items)), room.clock())
    fresh = {ref: vault.decode(room.seal.open(sealed)).text for ref, sealed in pen.kept}
    file = await filled(replace(found, one=replace(found.one, agreement=agreement)), fresh)
    return made(file, "agreement")[0].digest


async def filled(found: Found, fresh: Mapping[str, str] | None = None) -> File:
    """The case's file; only its mediators see who is who. `fresh` are words that are not kept yet."""
    one, room = found.one, found.room
    names = {known.ident: known.ref for known in found.people if known.ref}
    words = {each.dossier: each.sealed for each in references(found.seen) if not is_picture(each)}
    pairs = [*words.items(), *((ref, None) for ref in set(names.values()) - set(words))]
    kept = dict(zip((ref for ref, _ in pairs), await room.vaults.read_all(pairs), strict=True))
    entries = await room.ask(lambda c: lists.history(c, one.number, mediations.NOUN))
    bodies = await room.ask(lambda c: committees.known(c, [one.committee]))
    called = next((body.called for body in bodies if body.kind == one.kind), "")
    people = {ident: dossier for ident, ref in names.items() if (dossier := kept[ref]) is not None}
    opened = {ref: dossier.text for ref in words if (dossier := kept[ref]) is not None} | dict(fresh or {})
    said = load_words("mediation_story.toml")
    return file_of(one, Desk(called, read(entries[0].body).at, opened, people, said, room.catalogue))


@get(
    "/api/v1/mediations/{number:str}/papers/{paper:str}",
    summary="一份文书,或整卷",
    description="文书代码加 .docx 或 .pdf,如 agreement.pdf;volume.pdf 是整卷。只给承办调解员。",
    tags=["人民调解"],
    operation_id="printMediation",
    media_type=PDF,
    responses=spec("not-found", "no-such-paper", "not-printable", "log-in-first", "not-your-role", "database-away"),
)
async def printed(request: Req, number: FromPath[str], paper: FromPath[str]) -> Response[bytes]:
    """Made by a process of its own; never kept."""
    found = await find(request, number)
    if found.eyes != "mediator":
        raise Problem("not-found")
    form, _, kind = paper.rpartition(".")
    if kind not in ("pdf", "docx") or (form not in FORMS and (form, kind) != ("volume", "pdf")):
        raise Problem("no-such-paper")
    file = await filled(found)
    papers = volume(file) if form == "volume" else made(file, form)
    if not papers:
        raise Problem("no-such-paper")
    printer, head = found.room.printer(), {"Content-Disposition": f'attachment; filename="{number}-{form}.{kind}"'}
    if kind == "docx":
        whole = await asyncio.wrap_future(printer.docx(papers[0]))
        return Response(whole, media_type=DOCX, headers={**head, "X-Huiyin-Digest": papers[0].digest})
    try:
        pressed = await asyncio.wrap_future(printer.pdf(papers))
    except (NoFont, Unprintable):
        raise Problem("not-printable") from None
    return Response(pressed.data, media_type=PDF, headers={**head, "X-Huiyin-Digest": papers[0].digest})


ROUTES = [printed]
