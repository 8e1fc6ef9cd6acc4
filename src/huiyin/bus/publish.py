"""Publishing that is paid once a batch: atomic batches in order, the same ids at every retry, none twice."""

import asyncio
import random
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import TypeVar

import msgspec
import structlog
from msgspec import Struct
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import (
    BadHeaderError,
    ConnectionClosedError,
    ConnectionDrainingError,
    Error,
    MaxPayloadError,
)

_log = structlog.get_logger()

LIMIT = 500  # the server takes 1,000; more than 500 brings nothing (STACK 1)
BYTES = 4 * 1024 * 1024  # half of what the client holds back while it reconnects
_COST = 256  # a message's headers and its place in the protocol, in bytes
_ANSWER = 5.0
_GLANCE = 0.1  # how often a waiting request looks whether its connection was lost meanwhile
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0


class Outgoing(Struct, frozen=True):
    """One message; the stream refuses a second one of the same `msg_id` inside its window (two minutes)."""

    subject: str
    payload: bytes
    msg_id: str
    headers: dict[str, str] | None = None


class Published(Struct, frozen=True):
    """What the stream did: `duplicates` were there already, which is as good as stored."""

    stored: int = 0
    duplicates: int = 0


class Unsent(Exception):
    """NATS gave no usable answer for `deadline` seconds; what it did not acknowledge may be sent again."""


class OutOfStep(Exception):
    """The stream does not end where its writer thought: look at it, then go on from there."""


class Rejected(Exception):
    """The stream will never take this message (too large, no such header): trying again is of no use."""

    def __init__(self, message: Outgoing, why: str) -> None:
        super().__init__(f"{message.subject} {message.msg_id}: {why}")
        self.message, self.why = message, why


class _Trouble(Exception):
    """Try the same again a little later."""


class _Refusal(Exception):
    """The stream understood and said no."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(f"{code} {why}")
        self.code = code


class _Fault(Struct):
    code: int = 0
    err_code: int = 0
    description: str = ""


class _Ack(Struct):
    error: _Fault | None = None
    stream: str = ""
    seq: int = 0
    duplicate: bool = False
    count: int = 1


_WRONG_LAST, _DUPLICATE = 10071, 10201  # JetStream's own numbers; a part of a batch is there already
_HOPELESS = (MaxPayloadError, BadHeaderError)  # the client itself will never send it

_decode = msgspec.json.Decoder(_Ack).decode
_T = TypeVar("_T")


async def publish_batch(nc: Client, messages: Sequence[Outgoing], *, deadline: float = 60.0) -> Published:
    """Store messages in their order; returns when the stream has acknowledged every one.

    Any number: split into atomic batches (one fsync each). A batch that is refused (one duplicate is enough, or a
    part lost with its connection) goes one by one. `deadline` is seconds without any progress; then Unsent. Raises
    Rejected for a message that can never be stored; those before it are stored, those after it are not.
    """
    done = Published()
    for chunk in chunks(messages):
        more = await _store(nc, chunk, deadline)
        done = Published(done.stored + more.stored, done.duplicates + more.duplicates)
    return done


async def publish_behind(nc: Client, messages: Sequence[Outgoing], last: int, *, deadline: float = 60.0) -> int:
    """Store messages right behind sequence `last` of a stream that has one writer; the sequence it ends with then.

    Compare and set: nothing is stored twice, in a gap, or counted that the stream did not count, however long ago the
    first try was. Raises OutOfStep where the stream ends elsewhere, Unsent and Rejected as `publish_batch`.
    """
    for chunk in chunks(messages):
        last = await _behind(nc, chunk, last, deadline)
    return last


async def _behind(nc: Client, chunk: Sequence[Outgoing], last: int, deadline: float) -> int:
    async def send() -> _Ack:
        if len(chunk) > 1:
            return await _atomic(nc, chunk, last)
        return await _request(nc, chunk[0].subject, chunk[0].payload, _headers(chunk[0], last=last))

    try:
        ack = await _insist(send, deadline)
    except _HOPELESS as error:
        raise Rejected(chunk[0], str(error)) from error
    except _Refusal as refusal:
        if refusal.code in (_WRONG_LAST, _DUPLICATE):
            raise OutOfStep(str(refusal)) from refusal
        if len(chunk) == 1:
            raise Rejected(chunk[0], str(refusal)) from refusal
        for message in chunk:  # whose fault it is
            last = await _behind(nc, [message], last, deadline)
        return last
    if ack.duplicate or ack.seq != last + len(chunk):
        raise OutOfStep(f"{ack.seq} after {last} and {len(chunk)}")
    return ack.seq


def chunks(messages: Sequence[Outgoing], limit: int = LIMIT, size: int = BYTES) -> Iterator[list[Outgoing]]:
    """Runs of at most `limit` messages and `size` bytes; a larger single message stands alone."""
    run: list[Outgoing] = []
    held = 0
    for message in messages:
        cost = len(message.payload) + _COST
        if run and (len(run) == limit or held + cost > size):
            yield run
            run, held = [], 0
        run.append(message)
        held += cost
    if run:
        yield run


async def _store(nc: Client, chunk: Sequence[Outgoing], deadline: float) -> Published:
    if len(chunk) > 1:
        try:
            return Published(stored=(await _insist(lambda: _atomic(nc, chunk), deadline)).count)
        except _Refusal as refusal:
            _log.info("split", noun="batch", code=refusal.code, messages=len(chunk))
    duplicates = 0
    for message in chunk:
        duplicates += await _one(nc, message, deadline)
    return Published(len(chunk) - duplicates, duplicates)


async def _one(nc: Client, message: Outgoing, deadline: float) -> bool:
    """Whether it was a duplicate."""
    headers = _headers(message)

    async def send() -> bool:
        return (await _request(nc, message.subject, message.payload, headers)).duplicate

    try:
        return await _insist(send, deadline)
    except (_Refusal, *_HOPELESS) as refusal:
        raise Rejected(message, str(refusal)) from refusal


async def _atomic(nc: Client, chunk: Sequence[Outgoing], after: int | None = None) -> _Ack:
    """All of a chunk or nothing."""
    batch = uuid.uuid4().hex
    _need_connection(nc)
    *before, last = chunk
    try:
        for number, message in enumerate(before, 1):
            known = after if number == 1 else None
            await nc.publish(message.subject, message.payload, headers=_headers(message, batch, number, known))
    except _HOPELESS as error:
        raise _Refusal(0, str(error)) from error
    except Error as error:
        raise _lost(error) from error
    headers = _headers(last, batch, len(chunk))
    headers["Nats-Batch-Commit"] = "1"
    try:
        ack = await _request(nc, last.subject, last.payload, headers)
    except _HOPELESS as error:
        raise _Refusal(0, str(error)) from error
    if ack.count != len(chunk):  # nothing is taken for stored that the stream did not count
        raise _Refusal(0, f"{ack.count} of {len(chunk)} stored")
    return ack


def _headers(message: Outgoing, batch: str = "", number: int = 0, last: int | None = None) -> dict[str, str]:
    headers = {**(message.headers or {}), "Nats-Msg-Id": message.msg_id}
    if last is not None:
        headers["Nats-Expected-Last-Sequence"] = str(last)
    if batch:
        headers["Nats-Batch-Id"] = batch
        headers["Nats-Batch-Sequence"] = str(number)
    return headers


async def _request(nc: Client, subject: str, payload: bytes, headers: Mapping[str, str]) -> _Ack:
    """The stream's answer; _Trouble where there is none, _Refusal where it is a lasting no."""
    _need_connection(nc)
    asking = asyncio.ensure_future(nc.request(subject, payload, timeout=_ANSWER, headers=dict(headers)))
    try:
        msg = await _answered(nc, asking)
        ack = _decode(msg.data)
    except _HOPELESS:
        raise
    except (Error, OSError, TimeoutError, msgspec.MsgspecError) as error:
        raise _lost(error) from error
    finally:
        asking.cancel()
    if ack.error is None:
        return ack
    fault = ack.error
    if fault.code >= 500 or fault.code == 429:  # no room, no leader, too busy: that passes
        raise _Trouble(f"{fault.err_code} {fault.description}")
    raise _Refusal(fault.err_code, fault.description)


async def _answered(nc: Client, asking: asyncio.Future[Msg]) -> Msg:
    """Wait for an answer, but not for one that went down with its connection."""
    begun = nc.stats["reconnects"]
    while True:
        await asyncio.wait({asking}, timeout=_GLANCE)
        if asking.done():
            return asking.result()
        if not nc.is_connected or nc.stats["reconnects"] != begun:
            raise TimeoutError("the connection was lost while waiting")


def _need_connection(nc: Client) -> None:
    """Never into the client's buffer while it reconnects: half a batch would be sent later."""
    if nc.is_closed:
        raise Unsent("the connection to NATS is closed")
    if not nc.is_connected:
        raise _Trouble("reconnecting")


def _lost(error: BaseException) -> Exception:
    if isinstance(error, (ConnectionClosedError, ConnectionDrainingError)):
        return Unsent(type(error).__name__)
    return _Trouble(f"{type(error).__name__} {error}".strip())


async def _insist(work: Callable[[], Awaitable[_T]], deadline: float) -> _T:
    """Again and again with growing, jittered pauses until it is done, refused or `deadline` has passed."""
    loop = asyncio.get_running_loop()
    until, pause = loop.time() + deadline, _FIRST_PAUSE
    while True:
        try:
            return await work()
        except _Trouble as trouble:
            if loop.time() + pause > until:
                raise Unsent(f"no answer from NATS for {deadline:g} s: {trouble}") from trouble
            _log.info("retried", noun="publish", error=str(trouble))
        await asyncio.sleep(random.uniform(pause / 2, pause))  # noqa: S311
        pause = min(pause * 2, _LONGEST_PAUSE)
