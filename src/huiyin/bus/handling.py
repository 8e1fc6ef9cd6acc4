"""What becomes of each message of a batch: done, later, or buried; what came often is tried alone, so that nobody waits
behind what kills us."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from time import perf_counter
from typing import ClassVar, Generic, TypeVar

import structlog
from msgspec import Struct
from nats.aio.msg import Msg
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from huiyin.bus.consume import Later, Mark, Say, Verdict, mark
from huiyin.bus.envelope import Unreadable
from huiyin.orders import Away
from huiyin.store import dead, vault
from huiyin.store.database import is_away

TRIES = 5
_OFTEN = 2  # deliveries after which a message is handled alone and every try is counted first
_PAUSES = (1.0, 2.0, 5.0, 10.0)

_log = structlog.get_logger()
_R = TypeVar("_R")
T = TypeVar("T")


class Item(Struct, Generic[T]):
    """One message on its way through a batch; `said` is what it says."""

    msg: Msg
    mark: Mark
    said: T


Numbered = Sequence[tuple[int, Item[T]]]


class Handling(ABC, Generic[T]):
    """Handles batches from one stream; `noun` is what its messages are about, `pauses` when a message that could not be
    done is tried again. `clock` gives aware UTC times."""

    stream: ClassVar[str]
    noun: ClassVar[str]
    pauses: ClassVar[Sequence[float]] = _PAUSES
    tries: ClassVar[float] = TRIES  # after so many it is buried

    def __init__(self, seal: vault.Seal, clock: Callable[[], datetime]) -> None:
        self._seal, self._clock = seal, clock

    @property
    @abstractmethod
    def engine(self) -> AsyncEngine:
        """The database, where tries are counted and letters buried."""

    @abstractmethod
    def open(self, msg: Msg) -> T:
        """What a message says; raises Unreadable."""

    @abstractmethod
    def cause(self, said: T) -> tuple[str, str]:
        """The source and the id of what it says."""

    @abstractmethod
    async def done(self, items: Sequence[Item[T]]) -> list[bool]:
        """Which of some that came often were done already."""

    @abstractmethod
    async def act(self, items: Sequence[Item[T]], repeats: bool) -> list[str | None]:
        """Do them all; for each the error's class where it, and not its neighbours, could not be done. `repeats`: some
        may have been done before. Raises Away where the database is."""

    @abstractmethod
    def tell(self, items: Sequence[Item[T]], count: int, ms: float) -> None:
        """One line in our own log about a batch of `count` messages, of which `items` could be read."""

    async def __call__(self, messages: Sequence[Msg]) -> list[Verdict]:
        """One verdict a message; raises Away where the database is."""
        began = perf_counter()
        verdicts: dict[int, Verdict] = {}
        letters: list[dead.Letter] = []
        fresh: list[tuple[int, Item[T]]] = []
        again: list[tuple[int, Item[T]]] = []
        lone: list[tuple[int, Item[T]]] = []
        for i, msg in enumerate(messages):
            item = self._opened(msg)
            if isinstance(item, dead.Letter):
                letters.append(item)
                verdicts[i] = Say.NEVER
                continue
            times = item.mark.deliveries
            group = fresh if times == 1 else lone if times > _OFTEN else again
            group.append((i, item))
        await self._bury(letters)
        await self._crowd(fresh, verdicts)
        await self._crowd(again, verdicts)  # what killed a worker before must not take fresh ones along
        for i, item in await self._by_tries(lone, verdicts):
            verdicts[i] = await self._alone(item)
        read = [item for _, item in fresh + again + lone]
        self.tell(read, len(messages), round((perf_counter() - began) * 1000, 1))
        return [verdicts[i] for i in range(len(messages))]

    def _opened(self, msg: Msg) -> Item[T] | dead.Letter:
        """A message as it is meant, or as it is buried."""
        where = mark(msg.reply)
        try:
            return Item(msg, where, self.open(msg))
        except Unreadable as fault:
            return self._letter(msg, where, fault.code, fault.detail, (fault.source, fault.event_id))
        except Exception as bug:  # ours; its neighbours must not wait for the mending
            return self._letter(msg, where, "unreadable", type(bug).__name__, (None, None))

    async def _crowd(self, items: Numbered[T], verdicts: dict[int, Verdict]) -> None:
        if not items:
            return
        repeats = any(item.mark.deliveries > 1 for _, item in items)
        failed = await self._try([item for _, item in items], repeats)
        for (i, item), code in zip(items, failed, strict=True):
            verdicts[i] = Say.DONE if code is None else await self._judge(item, await self._count(item), code)

    async def _try(self, items: Sequence[Item[T]], repeats: bool) -> list[str | None]:
        """What raises is found by halving, as the desk finds what it cannot write: it fails alone."""
        try:
            return await self.act(items, repeats)
        except Away:
            raise
        except Exception as error:
            if len(items) == 1:
                _log.error("failed", noun=self.noun, seq=items[0].mark.stream_seq, exc_info=error)
                return [type(error).__name__]
        middle = len(items) // 2
        return await self._try(items[:middle], repeats) + await self._try(items[middle:], repeats)

    async def _by_tries(self, items: Numbered[T], verdicts: dict[int, Verdict]) -> Numbered[T]:
        """What came often: done ones are done, the rest least tried first, so that nobody waits behind a killer."""
        if not items:
            return []
        known = await self.done([item for _, item in items])
        verdicts.update((i, Say.DONE) for (i, _), there in zip(items, known, strict=True) if there)
        left = [(i, item) for i, item in items if i not in verdicts]
        seqs = [item.mark.stream_seq for _, item in left]
        tries = await self._with(lambda c: dead.attempts(c, self.stream, seqs))
        return sorted(left, key=lambda pair: tries.get(pair[1].mark.stream_seq, 0))

    async def _alone(self, item: Item[T]) -> Verdict:
        """A message that came often may be what kills us: count the try first, then handle it by itself."""
        tries = await self._count(item)
        if tries > self.tries:
            return await self._give_up(item, "tried-too-often", "")
        try:
            (code,) = await self._try([item], True)
        except Away:
            with suppress(Exception):  # the database's fault is not counted against the message
                await self._with(lambda c: dead.forgive(c, self.stream, item.mark.stream_seq))
            raise
        return Say.DONE if code is None else await self._judge(item, tries, code)

    async def _judge(self, item: Item[T], tries: int, code: str) -> Verdict:
        if tries >= self.tries:
            return await self._give_up(item, "failed", code)
        return Later(self.pauses[min(tries, len(self.pauses)) - 1])

    async def _count(self, item: Item[T]) -> int:
        return await self._with(lambda c: dead.attempt(c, self.stream, item.mark.stream_seq, self._clock()))

    async def _with(self, work: Callable[[AsyncConnection], Awaitable[_R]]) -> _R:
        """One transaction of its own; Away where the database is."""
        try:
            async with self.engine.begin() as connection:
                return await work(connection)
        except Exception as error:
            raise (Away(type(error).__name__) if is_away(error) else error) from None

    async def _give_up(self, item: Item[T], code: str, detail: str) -> Verdict:
        await self._bury([self._letter(item.msg, item.mark, code, detail, self.cause(item.said))])
        return Say.NEVER

    async def _bury(self, letters: Sequence[dead.Letter]) -> None:
        if not letters:
            return
        await self._with(lambda c: dead.bury(c, self._seal, letters, self._clock()))
        for letter in letters:
            _log.warning("buried", noun=self.noun, seq=letter.stream_seq, reason=letter.reason, field=letter.detail)

    def _letter(
        self, msg: Msg, where: Mark, reason: str, detail: str, cause: tuple[str | None, str | None]
    ) -> dead.Letter:
        headers = dict(msg.headers) if msg.headers else None
        what = (self.stream, where.stream_seq, msg.subject, reason, detail, where.deliveries)
        return dead.Letter(*what, msg.data, headers, *cause)
