"""Rings the relay's bell after a commit, and hears what it published: hints on core NATS, never waited for."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from nats.aio.client import Client
from nats.aio.msg import Msg

from huiyin.bus import streams


class Bell:
    """Connects in the background for as long as it takes; while NATS is away a ring is nothing."""

    def __init__(self, url: str, heard: Callable[[Msg], Awaitable[None]]) -> None:
        self._url, self._heard = url, heard
        self._client: Client | None = None
        self._rung = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def connected(self) -> bool:
        """Whether NATS hears us now."""
        return self._client is not None and self._client.is_connected

    @property
    def client(self) -> Client | None:
        """The connection, while NATS hears us."""
        return self._client if self.connected else None

    def open(self) -> None:
        """Start connecting."""
        self._tasks = [asyncio.create_task(self._run())]

    async def close(self) -> None:
        """Hang up without waiting for anything."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(1):
                    await self._client.close()

    def ring(self) -> None:
        """Say that the doorstep has something new; many rings at once are one."""
        self._rung.set()

    async def _run(self) -> None:
        while self._client is None:
            try:
                client = await streams.connect(self._url, "web")
                for noun in ("ticket", "whistle", "mediation"):
                    await client.subscribe(f"{streams.EVENT_PREFIX}.{noun}.>", cb=self._heard)
                self._client = client
            except Exception:  # a wrong URL or a server that refuses us: the relay polls anyway
                await asyncio.sleep(1)
        while True:
            await self._rung.wait()
            self._rung.clear()
            if self._client.is_connected:
                with contextlib.suppress(Exception):
                    await self._client.publish(streams.DOOR_OPENED, b"")
                    await self._client.flush(1)
