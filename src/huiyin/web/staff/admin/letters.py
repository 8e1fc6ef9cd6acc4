"""Dead letters (死信): what could not be read or done, its whole message after a step in the log, sent again."""

import re
from typing import Any, Literal, get_args

import structlog
from cryptography.exceptions import InvalidTag
from litestar import Request, Response, get, post
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin import office
from huiyin.bus.again import ours
from huiyin.bus.publish import Rejected, Unsent
from huiyin.core.office import LetterReplayed, LetterRevealed
from huiyin.core.people import Viewer
from huiyin.store import dead
from huiyin.store.dead import Listed
from huiyin.web.problems import Problem
from huiyin.web.room import Room
from huiyin.web.staff import windows
from huiyin.web.staff.admin import gate

Req = Request[Any, Any, Any]
Purpose = Literal["repair", "dispute"]

PAGE = 40
PURPOSES: dict[Purpose, str] = {"repair": "查明为什么没有办成,以便修好再投", "dispute": "来件人询问,核对是否收到"}
# What people read of a reason's code; another one stands as it is.
REASONS = {
    "not-json": "不是 JSON",
    "unknown-type": "不认识的事件类型",
    "unknown-specversion": "不认识的格式版本",
    "bad-id": "事件编号不对",
    "no-text": "没有诉求内容",
    "wrong-type": "字段的类型不对",
    "missing-field": "缺少必填的字段",
    "failed": "多次没有办成",
}
_LARGEST = 2**63 - 1
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")  # and what turns text around
_log = structlog.get_logger()


@get("/admin/letters", include_in_schema=False)
async def page(request: Req) -> Response[bytes]:
    """The oldest first; those that were sent again only where wanted."""
    room: Room = request.app.state.room
    query = request.query_params
    everything, after = query.get("show") == "all", _number(query.get("after", ""))
    found = await room.ask(lambda c: dead.listed(c, after=after, limit=PAGE + 1, waiting_only=not everything))
    letters = found[:PAGE]
    more = letters[-1].id if len(found) > PAGE else None
    facts = {
        "all": everything,
        "next": more,
        "later": after > 0,
        "sizes": await room.vaults.sizes(letters),
        "ours": {one.id for one in letters if ours(one)},
        "reasons": REASONS,
    }
    return await gate.page(request, "admin_letters.html", letters=letters, **facts)


def _number(said: str) -> int:
    return min(int(said), _LARGEST) if said.isascii() and said.isdecimal() else 0


@get("/admin/letters/{ident:str}", include_in_schema=False)
async def one(request: Req, ident: FromPath[str]) -> Response[bytes]:
    """All that is known without opening it."""
    room: Room = request.app.state.room
    letter = await _found(room, ident)
    size = (await room.vaults.sizes([letter])).get(letter.id)
    return await _shown(request, letter, size, None)


async def _shown(request: Req, letter: Listed, size: int | None, whole: str | None) -> Response[bytes]:
    facts = {"size": size, "whole": whole, "purposes": PURPOSES, "reasons": REASONS, "ours": ours(letter)}
    return await gate.page(request, "admin_letter.html", letter=letter, **facts)


async def _found(room: Room, ident: str) -> Listed:
    number = _number(ident)
    letter = await room.ask(lambda c: dead.one(c, number)) if number else None
    if letter is None:
        raise Problem("not-found")
    return letter


@post("/admin/letters/{ident:str}/reveal", include_in_schema=False, status_code=200)
async def reveal(request: Req, ident: FromPath[str]) -> Response[Any]:
    """No password of one's own, no words; no step, no words: who looked and what for is committed before the vault is
    opened."""
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    said, letter = await windows.said(request), await _found(room, ident)
    purpose = next((one for one in get_args(Purpose) if one == said.get("purpose")), None)
    if purpose is None:
        return windows.back(f"/admin/letters/{letter.id}", wrong="choose")
    if fault := await gate.confirm(request, said):
        return windows.back(f"/admin/letters/{letter.id}", wrong=fault)
    await _kept(room, viewer, [LetterRevealed(letter.id, purpose)])
    _log.warning("revealed", noun="dead_letter", id=letter.id, post=viewer.post)
    try:
        message = await room.vaults.letter(letter)
    except InvalidTag:
        return windows.back(f"/admin/letters/{letter.id}", wrong="key")
    return await _shown(request, letter, len(message.payload) if message else None, _whole(message))


def _whole(message: dead.Message | None) -> str:
    """Headers and content as text; what cannot be seen is written out."""
    if message is None:
        return "原文已不在库中"
    head = "".join(f"{name}: {value}\n" for name, value in (message.headers or {}).items())
    words = message.payload.decode(errors="backslashreplace")
    return _UNSEEN.sub(lambda found: repr(found[0])[1:-1], f"{head}\n{words}".lstrip("\n"))


@post("/admin/letters/replay", include_in_schema=False)
async def replay(request: Req) -> Response[Any]:
    """Those that were chosen, back to where they came from; one that dies again is a new letter."""
    room: Room = request.app.state.room
    chosen = [_number(value) for name, value in await windows.pairs(request) if name == "letter"][:PAGE]
    letters = await room.ask(lambda c: _all(c, sorted({*chosen} - {0})))
    if not letters:
        return windows.back("/admin/letters", wrong="choose")
    if any(ours(one) for one in letters):
        return windows.back("/admin/letters", wrong="ours")
    client = room.bell.client
    if client is None:
        return windows.back("/admin/letters", wrong="nats")
    await _kept(room, request.state.viewer, [LetterReplayed(one.id) for one in letters])
    try:
        lost = await room.vaults.send_again(client, letters, room.clock())
    except (Unsent, Rejected):
        return windows.back("/admin/letters", wrong="nats")
    except InvalidTag:
        return windows.back("/admin/letters", wrong="key")
    return windows.back("/admin/letters", wrong="lost") if lost else windows.back("/admin/letters", "sent")


async def _all(connection: AsyncConnection, idents: list[int]) -> list[Listed]:
    found = [await dead.one(connection, ident) for ident in idents]
    return [one for one in found if one is not None]


async def _kept(room: Room, viewer: Viewer, steps: list[LetterRevealed | LetterReplayed]) -> None:
    at = room.clock()
    await room.write(lambda c: office.handle_letters(c, steps, at=at, actor=viewer.post))
