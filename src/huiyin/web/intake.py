"""The residents' window (诉求登记): a complaint in, a receipt out."""

import re
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from msgspec import UNSET, Meta, Struct, UnsetType

from huiyin.bus.envelope import FILED, ComplaintData, Unreadable, read_filed
from huiyin.core import receipt as receipts
from huiyin.door import KeyReused
from huiyin.web import floods
from huiyin.web.problems import Problem, spec
from huiyin.web.room import Room

API = "/api/v1"
_KEY = re.compile(r"[\x20-\x7e]{1,256}")
_FAULTS = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError)
_AS_EVENT = {"ce-type": FILED, "ce-id": "-", "ce-source": "-"}

_decode = msgspec.json.Decoder(ComplaintData).decode

Req = Request[Any, Any, Any]


class Receipt(Struct, frozen=True):
    """Proof that a complaint is kept: it was on disk before this was said."""

    receipt: Annotated[str, Meta(description="回执号,四位一组", examples=["4829-1305-7226-4137"])]
    status_url: Annotated[str, Meta(examples=["http://127.0.0.1:8646/api/v1/complaints/4829-1305-7226-4137"])]
    number: Annotated[str, Meta(description="工单号;只在已经成单时给出")] | UnsetType = UNSET


@post(
    f"{API}/complaints",
    summary="登记一件诉求",
    description="写入数据库之后才应答。Idempotency-Key 与内容都相同的重复提交得到同一回执号。",
    tags=["居民"],
    operation_id="fileComplaint",
    responses=spec(
        "not-json",
        "no-text",
        "text-too-long",
        "wrong-type",
        "bad-key",
        "body-too-large",
        "idempotency-key-reused",
        "too-many-complaints",
        "database-away",
    ),
)
async def file(request: Req) -> Response[Receipt]:
    """Any words of a resident; committed to PostgreSQL, sealed, before the answer."""
    room: Room = request.app.state.room
    floods.admit(request)
    data, unknown = read(await request.body())
    lane = await floods.lane(request, "api", request.headers.get(floods.HEADER, ""))
    if unknown:
        request.scope["huiyin"] = {"kept_out": unknown}  # type: ignore[typeddict-unknown-key]
    try:
        kept = await room.door.accept(data, idempotency_key(request), lane=lane)
    except KeyReused:
        raise Problem("idempotency-key-reused") from None
    number = receipts.show(kept.receipt)
    address = f"{base(request)}{API}/complaints/{number}"
    return Response(Receipt(number, address, kept.number or UNSET), headers={"Location": address})


@get(
    f"{API}/challenge",
    summary="取一道验算题",
    description="同一网络短时间内提交很多时,带上答案(请求头 Huiyin-Proof)可以照常排队;不带也收,只是排在后面。"
    "题目与答案的格式同 ALTCHA 2(PBKDF2/SHA-256),每个答案只能用一次。",
    tags=["居民"],
    operation_id="getChallenge",
)
async def sum_(request: Req) -> dict[str, Any]:
    """A sum for programs, which may come in crowds."""
    return floods.challenge(request.app.state.room, "api")


def read(body: bytes) -> tuple[ComplaintData, tuple[str, ...]]:
    """A complaint and the names of fields that were kept out; raises Problem.

    What is not right at first sight is looked at as the bus does it, which also finds the reason."""
    try:
        data = _decode(body)
        if not data.text.isspace():
            return data, ()
    except _FAULTS:
        pass
    try:
        filed = read_filed(body, _AS_EVENT)
    except Unreadable as fault:
        path = fault.detail.removeprefix("$.").removeprefix("data").removeprefix(".")
        raise Problem(fault.code, field=path) from None
    return filed.data, filed.unknown


def idempotency_key(request: Req) -> str | None:
    """The header, or None; raises Problem for one that is empty, too long or not printable."""
    key = request.headers.get("idempotency-key")
    if key is not None and not _KEY.fullmatch(key):
        raise Problem("bad-key")
    return key


def base(request: Req) -> str:
    """The address by which people know this house: the deployer's word, else what this browser called."""
    room: Room = request.app.state.room
    return room.where.public_url or f"{request.scope['scheme']}://{request.headers.get('host', '')}"
