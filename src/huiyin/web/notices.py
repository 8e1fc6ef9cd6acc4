"""What the complained-about side is told (告知书): a document of its own, scanned before it leaves, by day only."""

import re
import secrets
from datetime import date
from typing import Annotated

import structlog
from litestar import get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta, Struct

from huiyin.core import words
from huiyin.core.commands import Notify
from huiyin.core.people import Viewer
from huiyin.desk import Change
from huiyin.store import notices, vault
from huiyin.web.cases import Case, Req, find
from huiyin.web.problems import Problem, spec
from huiyin.web.room import Room
from huiyin.web.scans import known_of, scan

LIMIT = 100
GUESSES = 5  # refused notices of one person about one ticket a day: a refusal must not answer guesses
REMEMBERED = 10_000
_CURSOR = re.compile(r"(\d{4}-\d\d-\d\d)\.([0-9a-f]{12})")
_COMMON = ("log-in-first", "not-your-role", "database-away")
_log = structlog.get_logger()


class Release(Struct, frozen=True, forbid_unknown_fields=True):
    """A document of its own for the post that is complained about."""

    to: Annotated[str, Meta(min_length=1, max_length=64, examples=["property:E1"])]
    text: Annotated[str, Meta(min_length=1, max_length=8_000, examples=["请检查3栋门禁,并于三日内书面答复。"])]


class NoticeShown(Struct, frozen=True):
    """What a post was told, by day; of the ticket nothing."""

    id: str
    date: date
    text: str


class NoticePage(Struct, frozen=True):
    """Newest day first; `next` goes into `cursor`."""

    notices: list[NoticeShown]
    next: str | None


@post(
    "/api/v1/tickets/{number:str}/notice",
    summary="向被反映单位发出告知书",
    description="单独成文,由承办人撰写;能认出诉求人的文字不予发出。被反映单位看不到工单。",
    tags=["工作人员"],
    operation_id="releaseNotice",
    responses=spec(
        "not-found",
        "wrong-type",
        "identifies-complainant",
        "too-many-guesses",
        "not-the-respondent",
        "not-your-ticket",
        "recused",
        "closed-ticket",
        *_COMMON,
    ),
)
async def release(request: Req, number: FromPath[str], data: JSONBody[Release]) -> NoticeShown:
    """The document as the respondent will read it."""
    return await send(await find(request, number), data)


async def send(case: Case, data: Release) -> NoticeShown:
    """Scanned, sealed, released; raises Problem where it tells who complained."""
    await scan(case.room, case.viewer, case.ticket.number, [known_of(await case.dossier())], data.text)
    number = case.ticket.number
    ref = f"{number}/{secrets.token_hex(16)}"  # from it the notice has its id, which must not lead back
    sealed = case.room.seal.seal(vault.encode(vault.Dossier(data.text)))
    command = Notify(data.to, words.Sealed(ref, sealed.digest))
    await case.act(Change(number, command, sealed=((ref, sealed),)))
    ident, _, _, day = notices.row(data.to, ref, case.room.clock())
    return NoticeShown(ident, day, data.text)


@get(
    "/api/v1/notices",
    summary="发给本岗位的告知书",
    description="只有日期和正文;不含工单号、时刻和诉求人的任何信息。",
    tags=["工作人员"],
    operation_id="listNotices",
    responses=spec("bad-query", *_COMMON),
)
async def inbox(
    request: Req,
    cursor: Annotated[str | None, QueryParameter(max_length=64)] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=LIMIT)] = 20,
) -> NoticePage:
    """Documents released to the post that the viewer acts as."""
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    before = _before(cursor)
    found = await room.ask(lambda c: notices.page(c, viewer.post, before, limit))
    opened = [(one, await room.vaults.read(one.ref)) for one in found]
    shown = [NoticeShown(one.id, one.day, kept.text) for one, kept in opened if kept is not None]
    last = found[-1] if len(found) == limit else None
    return NoticePage(shown, f"{last.day.isoformat()}.{last.id}" if last else None)


def _before(cursor: str | None) -> tuple[date, str] | None:
    if cursor is None:
        return None
    if (match := _CURSOR.fullmatch(cursor)) is None:
        raise Problem("bad-query", field="cursor")
    try:
        return date.fromisoformat(match[1]), match[2]
    except ValueError:
        raise Problem("bad-query", field="cursor") from None
