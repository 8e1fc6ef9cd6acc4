"""The way to the darkrooms (暗房): a few processes of their own, each ended when it is late or says nonsense."""

import asyncio
import sys
from contextlib import suppress
from hashlib import sha256

import structlog
from msgspec import Struct

from huiyin.darkroom import FRAME, HEAVIEST, SECONDS
from huiyin.store.pictures import Picture
from huiyin.web.problems import Problem

ROOMS = 2
WAIT = 30.0  # seconds until one is free
_LATE = SECONDS + 5.0  # by the wall: a machine may have other work
_OFTEN = 500  # pictures after which a process is exchanged for a fresh one
_CODES = frozenset((b"bad-picture", b"picture-too-large"))
_JPEG = b"\xff\xd8\xff"

_log = structlog.get_logger()


class _Nonsense(Exception):
    """A darkroom that does not keep to its words: whatever it was given has taken it over."""


class _Room(Struct):
    process: asyncio.subprocess.Process
    done: int = 0


class Darkrooms:
    """Opened when the first picture comes; nothing of ours, no key and no connection, is in their memory."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(ROOMS)
        self._idle: list[_Room] = []

    async def develop(self, raw: bytes) -> Picture:
        """A clean picture; raises Problem `bad-picture`, `picture-too-large`, or `pictures-busy` after WAIT."""
        try:
            async with asyncio.timeout(WAIT):
                await self._free.acquire()
        except TimeoutError:
            raise Problem("pictures-busy") from None
        try:
            parts = await self._developed(raw)
        finally:
            self._free.release()
        if len(parts) == 1:
            raise Problem(parts[0].decode())
        return Picture(parts[0], parts[1], sha256(raw).digest())

    async def close(self) -> None:
        """End all."""
        while self._idle:
            await _end(self._idle.pop())

    async def _developed(self, raw: bytes) -> list[bytes]:
        room = self._idle.pop() if self._idle else _Room(await _opened())
        try:
            async with asyncio.timeout(_LATE):
                parts = await _asked(room.process, raw)
        except (TimeoutError, OSError, EOFError, _Nonsense) as error:
            _log.warning("ended", noun="darkroom", error=type(error).__name__)
            await _end(room)
            return [b"bad-picture"]
        except BaseException:  # nobody waits for its answer any more
            await _end(room)
            raise
        room.done += 1
        if room.done < _OFTEN:
            self._idle.append(room)
        else:
            await _end(room)
        return parts


async def _opened() -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-I", "-m", "huiyin.darkroom"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # a decoder may quote what it reads
        cwd="/",
        env={},
    )


async def _asked(process: asyncio.subprocess.Process, raw: bytes) -> list[bytes]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(FRAME.pack(len(raw)) + raw)
    await process.stdin.drain()
    parts = []
    for _ in range((await process.stdout.readexactly(1))[0]):
        (length,) = FRAME.unpack(await process.stdout.readexactly(FRAME.size))
        if length > HEAVIEST:
            raise _Nonsense
        parts.append(await process.stdout.readexactly(length))
    if len(parts) == 2 and all(one.startswith(_JPEG) for one in parts):
        return parts
    if len(parts) == 1 and parts[0] in _CODES:
        return parts
    raise _Nonsense


async def _end(room: _Room) -> None:
    if room.process.returncode is None:
        with suppress(ProcessLookupError):
            room.process.kill()
    await asyncio.shield(room.process.wait())
