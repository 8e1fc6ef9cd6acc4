"""Publishes a file of complaints and follows every one of them until it lies somewhere."""

import asyncio
from collections import Counter
from collections.abc import Callable
from itertools import islice
from time import monotonic

from msgspec import Struct
from nats.aio.client import Client
from sqlalchemy.ext.asyncio import AsyncEngine

from huiyin.bus.publish import Outgoing, Rejected, Unsent, publish_batch
from huiyin.bus.streams import INTAKE_SUBJECT
from huiyin.replay_file import Cause, File, Row, Unreadable
from huiyin.store import whereabouts
from huiyin.store.database import is_away

BATCH = 500
WINDOW = 10_000  # events on their way at most: bounds memory here and the queue there
PAGE = 2_000  # events asked about in one statement
PATIENCE = 60.0  # seconds without any progress after which the rest is unaccounted for
_QUICK, _SLOW = 0.05, 0.5


class Summary(Struct):
    """What became of a file. `placed_grid` to `unaccounted` add up to its readable lines; `already_known` of
    them had ended before this run (those still get published, to the same tickets)."""

    published: int = 0
    placed_grid: int = 0
    placed_community: int = 0
    manual: int = 0
    merged: int = 0
    dead_lettered: int = 0
    refused: int = 0
    already_known: int = 0
    unaccounted: int = 0
    unreadable_lines: int = 0
    seconds: float = 0.0
    per_second: float = 0.0

    @property
    def whole(self) -> bool:
        """Whether every line of the file is accounted for."""
        return not (self.unaccounted or self.unreadable_lines)


class Replay:
    """One run over one file. `waiting` counts the events on their way, by cause."""

    def __init__(
        self,
        file: File,
        nc: Client,
        engine: AsyncEngine,
        *,
        rate: float | None = None,
        patience: float = PATIENCE,
        complain: Callable[[Unreadable], None] = lambda line: None,
    ) -> None:
        self.file = file
        self.summary = Summary()
        self.waiting: Counter[Cause] = Counter()
        self.accounted = 0
        self.published_all = False
        self.trouble = ""
        self._nc, self._engine = nc, engine
        self._rate, self._patience, self._complain = rate, patience, complain
        self._moved = self._began = monotonic()
        self._room = asyncio.Event()

    async def run(self) -> Summary:
        """Publish and follow at the same time, until all is accounted for or nothing moves any more."""
        publishing = asyncio.create_task(self._publish())
        following = asyncio.create_task(self._follow())
        try:
            done, _ = await asyncio.wait({publishing, following}, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
        except (Stuck, Unsent, Rejected) as trouble:
            self.trouble = str(trouble)
        finally:
            for task in (publishing, following):
                task.cancel()
            await asyncio.gather(publishing, following, return_exceptions=True)
            self._close()
        return self.summary

    def _close(self) -> None:
        summary = self.summary
        summary.unaccounted = self.waiting.total()
        summary.seconds = round(monotonic() - self._began, 3)
        summary.per_second = round(self.accounted / summary.seconds, 1) if summary.seconds else 0.0

    # -- publishing ---------------------------------------------------------------------------------------

    async def _publish(self) -> None:
        size = BATCH if self._rate is None else max(1, min(BATCH, round(self._rate / 10)))
        lines, taken = iter(self.file), 0
        while batch := list(islice(lines, size)):
            await self._pace(taken)
            taken += len(batch)
            await self._send([row for row in batch if isinstance(row, Row)])
            for row in batch:
                if isinstance(row, Unreadable):
                    self.summary.unreadable_lines += 1
                    self._complain(row)
            await self._has_room()
        self.published_all = True

    async def _pace(self, taken: int) -> None:
        if self._rate is not None:
            await asyncio.sleep(max(0.0, self._began + taken / self._rate - monotonic()))

    async def _has_room(self) -> None:
        while self.waiting.total() > WINDOW:
            self._room.clear()
            await self._room.wait()

    async def _send(self, rows: list[Row]) -> None:
        """Publish a batch. What is known gets published too: that no second ticket comes of it is the point.
        Only where a dead letter lies already, a second one would help nobody (`huiyin dead replay` does)."""
        known = await self._ask([row.cause for row in rows])
        outgoing = [row for row in rows if known.get(row.cause) != "dead_lettered"]
        for row in rows:
            self.summary.already_known += row.cause in known or row.cause in self.waiting
            self.waiting[row.cause] += 1
        messages = [Outgoing(INTAKE_SUBJECT, row.payload, row.msg_id, _HEADERS) for row in outgoing]
        await publish_batch(self._nc, messages, deadline=self._patience)
        self.summary.published += len(outgoing)
        self._moved = monotonic()

    # -- following ----------------------------------------------------------------------------------------

    async def _follow(self) -> None:
        pause = _QUICK
        while self.waiting or not self.published_all:
            page = list(islice(self.waiting, PAGE))
            found = await self._settle(page)
            if found:
                pause = _QUICK
                self._moved = monotonic()
            elif page and monotonic() - self._moved > self._patience:
                raise Stuck(f"{self._patience:g} 秒没有任何进展")
            if found * 2 <= len(page):  # more than half of a page: the next one has ended too
                await asyncio.sleep(pause)
                pause = min(_SLOW, pause * 1.5)

    async def _settle(self, page: list[Cause]) -> int:
        """Ask about the oldest; the number of causes that have ended. The others go to the end of the queue."""
        found = await self._ask(page) if page else {}
        for cause in page:
            count = self.waiting.pop(cause)
            if (end := found.get(cause)) is None:
                self.waiting[cause] = count
            else:
                self.accounted += count
                setattr(self.summary, end, getattr(self.summary, end) + count)
        if found:
            self._room.set()
        return len(found)

    async def _ask(self, causes: list[Cause]) -> dict[Cause, whereabouts.End]:
        """Patient with a database that is away for a while."""
        until = monotonic() + self._patience
        while True:
            try:
                async with self._engine.connect() as connection:
                    return await whereabouts.ends(connection, causes)
            except Exception as error:
                if not is_away(error) or monotonic() > until:
                    raise
            await asyncio.sleep(_SLOW)


class Stuck(Exception):
    """Nothing has moved for the whole patience: what waits is unaccounted for."""


_HEADERS = {"Content-Type": "application/cloudevents+json"}
