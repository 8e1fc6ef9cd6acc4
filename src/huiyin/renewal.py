"""The rulebook of a process that runs for months: as the database has it, and taken anew when that changes."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from huiyin.core.calendar import Calendar
from huiyin.core.registry import Registry
from huiyin.rules.load import stamp
from huiyin.rules.rulebook import Rulebook
from huiyin.store import calendars, registry

LOOK = 5.0  # seconds between looks at the versions when no hint comes

_log = structlog.get_logger()


class Renewal:
    """`book` is the newest one that could be built; `take` puts it where it is used. `folder`: see Rulebook."""

    def __init__(self, engine: AsyncEngine, folder: Path) -> None:
        self._engine, self._folder = engine, folder
        self._stamp: tuple[int, ...] = ()
        self.book: Rulebook

    async def begin(self, connection: AsyncConnection) -> Rulebook:
        """The first one."""
        self._stamp = stamp(self._folder)
        self.book = Rulebook(*await self._read(connection))
        return self.book

    async def look(self, take: Callable[[Rulebook], None]) -> None:
        """Where registry, calendar or a file of rules changed: build a new one beside the running one, then take it.
        One that cannot be read yet is tried again at the next look."""
        try:
            await self._renew(take)
        except Exception as error:
            _log.warning("waited", noun="rulebook", error=type(error).__name__)

    async def _renew(self, take: Callable[[Rulebook], None]) -> None:
        fresh, rules = stamp(self._folder), self.book.rules
        async with self._engine.connect() as connection:
            standing = await registry.version(connection), await calendars.version(connection), fresh
            if standing == (rules.registry.version, rules.calendar.version, self._stamp):
                return
            known = await self._read(connection)
        self.book = await asyncio.to_thread(Rulebook, *known)
        self._stamp = fresh
        take(self.book)
        _log.info("renewed", noun="rulebook", version=self.book.rules.version)

    async def _read(self, connection: AsyncConnection) -> tuple[Registry, Path, Calendar]:
        return await registry.load(connection), self._folder, await calendars.load(connection)
