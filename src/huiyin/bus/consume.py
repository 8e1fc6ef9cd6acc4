"""The consume loop: take whatever has arrived, up to five hundred; a lone message never waits for a batch."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from enum import Enum
from typing import Protocol

import msgspec
import structlog
from msgspec import Struct
from nats.aio.client import Client
from nats.aio.msg import Msg

from huiyin import faults
from huiyin.bus.streams import LOG_GREW
from huiyin.bus.waits import first
from huiyin.desk import Away

_log = structlog.get_logger()

_EXPIRES = 30.0
_HEARTBEAT = 5.0
_SILENCE = 3 * _HEARTBEAT
_GLANCE = 0.5  # how often a waiting lane looks whether its connection was a new one meanwhile
_SICK = 0.5  # seconds before asking a server again that has just said no
_HOLD = 8.0  # while the database is away: tell NATS that the batch is still in hand (ack_wait is 30 s)


class Say(Enum):
    """What is said to NATS about a message."""

    DONE = b""
    NEVER = b"+TERM"
    WORKING = b"+WPI"


class Later(Struct, frozen=True):
    """Come back after `seconds`; always with a delay (RELIABILITY 0.4)."""

    seconds: float


Verdict = Say | Later


class Mark(Struct, frozen=True):
    """Where a message sits: its sequence in the stream and how often it was delivered."""

    stream_seq: int
    deliveries: int


def mark(reply: str) -> Mark:
    """Read from the ack subject, `$JS.ACK.…` in its short or long form."""
    parts = reply.split(".")
    at = 4 if len(parts) == 9 else 6
    return Mark(int(parts[at + 1]), int(parts[at]))


class Handler(Protocol):
    """Answers each message of a batch; raises Away where nothing can be done now."""

    async def __call__(self, messages: Sequence[Msg]) -> Sequence[Verdict]: ...


class Pull:
    """Keeps pull requests open for `window` messages and hands over what has come."""

    def __init__(self, nc: Client, stream: str, durable: str, window: int = 1_500) -> None:
        self._nc, self.durable = nc, durable
        self._subject = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}"
        self._window = window
        self._inbox = nc.new_inbox()
        self._buffer: deque[Msg] = deque()
        self._asked = 0
        self._sick = False
        self._link = nc.stats["reconnects"]
        self._arrived = asyncio.Event()

    async def start(self) -> None:
        await self._nc.subscribe(self._inbox, cb=self._on)

    async def _on(self, msg: Msg) -> None:
        self._arrived.set()
        if msg.reply.startswith("$JS.ACK."):
            self._buffer.append(msg)
            self._asked = max(0, self._asked - 1)
        elif msg.headers and (status := msg.headers.get("Status")) and status != "100":
            self._asked = max(0, self._asked - int(msg.headers.get("Nats-Pending-Messages", self._asked)))
            self._sick = status in ("409", "503")  # no such consumer, or JetStream still recovers

    async def _ask(self) -> None:
        missing = self._window - self._asked - len(self._buffer)
        if missing * 2 < self._window or not self._nc.is_connected:
            return  # what is asked of nobody would all be sent, and answered, when somebody is there again
        request = {
            "batch": missing,
            "expires": int(_EXPIRES * 1e9),
            "idle_heartbeat": int(_HEARTBEAT * 1e9),
        }
        self._asked += missing
        await self._nc.publish(self._subject, msgspec.json.encode(request), self._inbox)

    async def take(self, limit: int) -> list[Msg]:
        """At least one message and at most `limit`; waits for the first only."""
        while not self._buffer:
            await self._ask()
            await self._hear()
            if self._sick:
                self._sick = False
                _log.warning("waited", noun="consumer")
                await asyncio.sleep(_SICK)
        await self._ask()  # before anything is taken: a cancelled take must not lose messages
        buffer = self._buffer
        return [buffer.popleft() for _ in range(min(limit, len(buffer)))]

    async def _hear(self) -> None:
        """Until something comes, or until a request must have been lost with its connection or its server."""
        loop = asyncio.get_running_loop()
        silent = loop.time() + _SILENCE
        self._arrived.clear()
        while not self._arrived.is_set():
            try:
                async with asyncio.timeout(_GLANCE):
                    await self._arrived.wait()
            except TimeoutError:
                if self._nc.stats["reconnects"] != self._link or loop.time() > silent:
                    self._link = self._nc.stats["reconnects"]
                    self._asked = 0
                    return

    async def release(self) -> None:
        """Give back what was fetched and not begun, for others to take at once."""
        waiting = list(self._buffer)
        self._buffer.clear()
        await answer(self._nc, waiting, [Later(0.001)] * len(waiting))


async def consume(
    nc: Client,
    pull: Pull,
    handle: Handler,
    *,
    stop: asyncio.Event,
    back: Callable[[], Awaitable[bool]],
    batch: int = 500,
) -> None:
    """One lane: take, handle, answer, until `stop` is set. `back` says whether the database answers again."""
    while not stop.is_set():
        faults.reach(f"{pull.durable}.before-fetch")
        messages = await _next(pull, batch, stop)
        if not messages:
            return
        faults.reach(f"{pull.durable}.after-fetch")
        verdicts = await _handled(nc, messages, handle, stop, back)
        faults.reach(f"{pull.durable}.before-ack")
        await answer(nc, messages, verdicts)
        await nc.publish(LOG_GREW)
        faults.reach(f"{pull.durable}.after-ack")


async def _next(pull: Pull, batch: int, stop: asyncio.Event) -> list[Msg]:
    taking = asyncio.ensure_future(pull.take(batch))
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait({taking, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if taking.done():
        return taking.result()
    taking.cancel()
    return []


async def _handled(
    nc: Client,
    messages: Sequence[Msg],
    handle: Handler,
    stop: asyncio.Event,
    back: Callable[[], Awaitable[bool]],
) -> Sequence[Verdict]:
    told: float | None = asyncio.get_running_loop().time()
    while told is not None:
        try:
            return await handle(messages)
        except Away as away:
            _log.warning("waited", noun="database", error=str(away), held=len(messages))
        told = await _wait(nc, messages, stop, back, told)
    return [Later(1.0)] * len(messages)


async def _wait(
    nc: Client, messages: Sequence[Msg], stop: asyncio.Event, back: Callable[[], Awaitable[bool]], told: float
) -> float | None:
    """Hold the batch until the database is back; when NATS last heard of it, or None if asked to stop meanwhile."""
    loop = asyncio.get_running_loop()
    while True:
        await first(stop, seconds=0.25)  # also before the first look: it may be away for writing only
        if stop.is_set():
            return None
        if loop.time() - told > _HOLD and nc.is_connected:
            told = loop.time()
            await answer(nc, messages, [Say.WORKING] * len(messages))
        if await back():
            return told


async def answer(nc: Client, messages: Sequence[Msg], verdicts: Sequence[Verdict]) -> None:
    """Tell NATS about each message; a lost answer only means a re-delivery, which the inbox knows."""
    for msg, verdict in zip(messages, verdicts, strict=True):
        if isinstance(verdict, Later):
            delay = msgspec.json.encode({"delay": int(verdict.seconds * 1e9)})
            await nc.publish(msg.reply, b"-NAK " + delay)
        else:
            await nc.publish(msg.reply, verdict.value)
