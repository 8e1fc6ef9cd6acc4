"""Every step is counted where it happened."""

import asyncio
from collections.abc import Callable
from time import perf_counter

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from huiyin import faults
from huiyin.bus.waits import first
from huiyin.store import counting
from huiyin.store.database import is_away

LIMIT = 2_000  # steps a transaction
POLL = 1.0  # seconds between looks where there was nothing to count

_log = structlog.get_logger()


class Teller:
    """Counts what the log's tail says. Without NATS: it looks by itself; several of them take turns."""

    def __init__(self, engine: AsyncEngine, limit: int = LIMIT) -> None:
        self._engine, self._limit = engine, limit
        self._away = False

    async def run(self, stop: asyncio.Event, ready: Callable[[], None] = lambda: None) -> None:
        """Until `stop`; whatever fails is tried again, from where the last commit was."""
        ready()
        while not stop.is_set():
            if await self._guarded() < self._limit:
                await first(stop, seconds=POLL)

    async def _guarded(self) -> int:
        try:
            done = await self.round()
        except Exception as error:
            if not is_away(error):
                _log.error("failed", noun="tally", exc_info=error)
            elif not self._away:
                _log.warning("waited", noun="database", error=type(error).__name__)
                self._away = True
            return 0
        self._away = False
        return done

    async def round(self) -> int:
        """One transaction; how many steps were looked at, -1 where somebody else counts."""
        began = perf_counter()
        async with self._engine.begin() as connection:
            done = await counting.advance(connection, self._limit)
            faults.reach("tallies.before-commit")
        faults.reach("tallies.after-commit")
        if done > 0:
            _log.info("counted", noun="step", count=done, ms=round((perf_counter() - began) * 1000, 1))
        return done
