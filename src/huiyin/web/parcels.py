"""What a form sends (表单), fields and pictures: read as it comes, no part of it ever touches a disk."""

import asyncio
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from litestar import Request
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct
from multipart import (  # type: ignore[import-untyped]
    MultipartSegment,
    PushMultipartParser,
    parse_options_header,
)

from huiyin.store.pictures import Picture
from huiyin.web.problems import Problem
from huiyin.web.room import Room

Req = Request[Any, Any, Any]

PICTURES = 4  # a form
PICTURE = 12 * 1024 * 1024  # bytes of one
FIELD = 512 * 1024  # bytes of all fields
MOST = PICTURES * PICTURE + FIELD  # bytes of a form with pictures
FIELDS = 2_000
_PATIENCE = 180.0  # seconds for all of it: a slow phone with one bar
_HELD = 192 * 1024 * 1024  # bytes of pictures that come in at once, of everybody

_held = 0


class Parcel(Struct):
    """A form's fields in their order, and its developed pictures; `wrong` is the code of what is wrong with them."""

    pairs: list[tuple[str, str]]
    pictures: list[Picture] = []
    wrong: str = ""


async def opened(request: Req, fields: int = FIELDS) -> Parcel:
    """A form as it was sent, either way; read once. Raises Problem where it is no form."""
    known: Parcel | None = getattr(request.state, "parcel", None)
    if known is None:
        try:
            known = await _read(request, fields)
        except (ValueError, TimeoutError):  # a MultipartError is a ValueError
            raise Problem("bad-request") from None
        known.pairs = [(name, value.replace("\0", "").replace("\r\n", "\n").strip()) for name, value in known.pairs]
        request.state.parcel = known
    return known


async def _read(request: Req, fields: int) -> Parcel:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind == "multipart/form-data":
        async with asyncio.timeout(_PATIENCE):
            return await _parts(request, options.get("boundary", ""), fields)
    body = await request.body()
    if len(body) > FIELD:
        raise Problem("body-too-large")
    return Parcel(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=fields))


async def _parts(request: Req, boundary: str, fields: int) -> Parcel:
    """One picture at a time is in memory; it is developed before the next one is read."""
    room = request.app.state.room if takes_pictures(request) else None
    parcel, taking = Parcel([]), _Part("", None)
    try:
        with PushMultipartParser(boundary, max_segment_count=fields) as parser:
            async for chunk in request.stream():
                for event in () if parser.closed else parser.parse(chunk):
                    if isinstance(event, MultipartSegment):
                        taking = _Part(event.name or "", event.filename)
                    elif event is not None:
                        taking.add(event)
                    else:
                        await _put(parcel, taking, room)
    finally:
        taking.drop()
    return parcel


def takes_pictures(request: Req) -> bool:
    """Whether the route has room for them. On any other a darkroom would work for nothing: a login's form with a
    picture costs who sends it nothing, and everybody else their pictures."""
    handler = request.route_handler
    return isinstance(handler, HTTPRouteHandler) and handler.resolve_request_max_body_size() == MOST


async def _put(parcel: Parcel, part: "_Part", room: Room | None) -> None:
    """A part that is whole; a form whose pictures are no good keeps its words, and without `room` it has none."""
    raw = part.drop()
    if part.filename is None:
        parcel.pairs.append((part.name, raw.decode()))
        if sum(len(value) for _, value in parcel.pairs) > FIELD:
            raise Problem("body-too-large")
    elif room and (raw or part.filename or part.wrong):  # an empty one without a name: nothing was chosen
        wrong = part.wrong or ("too-many-pictures" if len(parcel.pictures) == PICTURES else "")
        if not (wrong or parcel.wrong):
            try:
                parcel.pictures.append(await room.darkrooms.develop(raw))
            except Problem as problem:
                wrong = problem.code
        parcel.wrong = parcel.wrong or wrong


class _Part(Struct):
    """What has come of a part; `wrong` says why it was let go."""

    name: str
    filename: str | None
    content: bytearray = msgspec.field(default_factory=bytearray)
    wrong: str = ""

    def add(self, chunk: bytes | bytearray) -> None:
        global _held  # noqa: PLW0603  # of everybody in this process
        most = FIELD if self.filename is None else PICTURE
        if len(self.content) + len(chunk) > most:
            self._let_go("picture-too-large")
        elif _held + len(chunk) > _HELD:
            self._let_go("pictures-busy")
        elif not self.wrong:
            self.content += chunk
            _held += len(chunk)

    def drop(self) -> bytes:
        """Its content; from now on it holds none."""
        global _held  # noqa: PLW0603
        raw = bytes(self.content)
        _held -= len(raw)
        self.content.clear()
        return raw

    def _let_go(self, wrong: str) -> None:
        if self.filename is None:
            raise Problem("body-too-large")
        self.wrong = self.wrong or wrong
        self.drop()
