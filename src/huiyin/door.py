"""The HTTP half of the one door: a complaint (诉求) is on disk, sealed, before its receipt is given."""

import asyncio
import hmac
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime

import asyncpg
import msgspec
import structlog
from msgspec import Struct

from huiyin.bus.envelope import ComplaintData, write_filed
from huiyin.core import receipt as receipts
from huiyin.desk import Away
from huiyin.orders import DOORSTEP
from huiyin.store import doorstep, pictures
from huiyin.store.database import Driver, is_away
from huiyin.store.pictures import Picture
from huiyin.store.vault import Seal

SOURCE = DOORSTEP
WRITERS, WIDTH, WEIGHT = 2, 500, 4_000_000  # complaints and bytes of pictures in a transaction
PATIENCE = 1.5  # seconds a request waits for its commit; RELIABILITY 8: an honest 503 within 2 s
_STATEMENT, _CONNECT, _PAUSE = 1.0, 1.0, 0.25
_MEETINGS = 4  # receipts of 10**15 that may meet in a row

_log = structlog.get_logger()
_encode = msgspec.json.Encoder().encode


class Accepted(Struct, frozen=True):
    """A kept complaint; `number` only where it is a ticket already."""

    receipt: int
    number: str | None = None
    again: bool = False  # kept before under the same key


class KeyReused(Exception):
    """The idempotency key was used for other words before; `kept` is what they became."""

    def __init__(self, kept: Accepted) -> None:
        super().__init__()
        self.kept = kept


class _Guest(Struct):
    """A row that waits for its commit."""

    row: doorstep.Row
    kept: asyncio.Future[doorstep.Kept | None]


class Door:
    """Writes whatever waits, up to 500 complaints a transaction, by at most two writers (group commit).

    A lone complaint is written at once. While the database is away requests fail at once and the writers
    keep knocking. `after_commit` runs after each commit and must not block."""

    def __init__(
        self,
        url: str,
        seal: Seal,
        receipt_key: bytes,
        clock: Callable[[], datetime],
        after_commit: Callable[[], None] = lambda: None,
    ) -> None:
        self.away: str | None = None
        self._url, self._seal, self._clock = url, seal, clock
        self._receipt_key, self._after_commit = receipt_key, after_commit
        self._event_key = hmac.digest(receipt_key, b"huiyin event of an idempotency key", "sha256")
        self._same_key = hmac.digest(receipt_key, b"huiyin same words", "sha256")
        self._open = asyncio.Event()
        self._waiting: list[_Guest] = []
        self._idle: list[asyncio.Future[None]] = []
        self._writers: list[asyncio.Task[None]] = []

    def open(self) -> None:
        """Start the writers; they need no database yet."""
        self._writers = [asyncio.create_task(self._stand()) for _ in range(WRITERS)]

    async def opened(self) -> None:
        """Until the database answered for the first time."""
        await self._open.wait()

    async def close(self) -> None:
        """End the writers; call once no request is under way."""
        for writer in self._writers:
            writer.cancel()
        await asyncio.gather(*self._writers, return_exceptions=True)

    async def accept(
        self, data: ComplaintData, key: str | None = None, pictures: Sequence[Picture] = (), lane: int = 0
    ) -> Accepted:
        """Keep a complaint and its pictures; returns after their commit. The same key, words and pictures give the
        same receipt. What comes in a flood's lane (1) is kept as well, and let in after everybody else's.

        Raises KeyReused for other words under the same key, Away where the database is (then nothing, or
        something a repeat with the same key finds again)."""
        if data.channel is None:
            data = msgspec.structs.replace(data, channel="web")
        said = _encode(data) + b"".join(one.origin for one in pictures)
        same = b"" if key is None else hmac.digest(self._same_key, said, "sha256")
        for attempt in range(_MEETINGS):
            kept = await self._keep(msgspec.structs.replace(self._row(data, key, same, attempt, pictures), lane=lane))
            if kept is None:
                continue
            found = Accepted(kept.receipt, kept.number, kept.again)
            if kept.same != same:
                raise KeyReused(found)
            return found
        raise Away("NoReceipt")

    def _row(
        self, data: ComplaintData, key: str | None, same: bytes, attempt: int, taken: Sequence[Picture]
    ) -> doorstep.Row:
        event_id = secrets.token_hex(16) if key is None else self._event_id(key, attempt)
        sealed = self._seal.seal(write_filed(SOURCE, event_id, data, self._clock()))
        receipt = receipts.make(self._receipt_key, SOURCE, event_id)
        seen = pictures.sealed(self._seal, taken, data.reporter.phone if data.reporter else None)
        return doorstep.Row(receipt, event_id, same, sealed.key, sealed.body, seen)

    def _event_id(self, key: str, attempt: int) -> str:
        words = f"{attempt}\0{key}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._event_key, words, "sha256").hex()[:32]

    async def _keep(self, row: doorstep.Row) -> doorstep.Kept | None:
        if self.away is not None:
            raise Away(self.away)
        guest = _Guest(row, asyncio.get_running_loop().create_future())
        self._waiting.append(guest)
        if self._idle:
            self._idle.pop().set_result(None)
        try:
            async with asyncio.timeout(PATIENCE):
                return await guest.kept
        except TimeoutError:
            raise Away("Slow") from None

    # -- the writers --------------------------------------------------------------------------------------

    async def _stand(self) -> None:
        """Connect, write until the connection fails, connect again; for ever."""
        while True:
            connection = await self._connect()
            try:
                while True:
                    await self._settle(connection, await self._next())
            except Exception as error:
                _log.warning("lost", noun="database", error=type(error).__name__)
            finally:
                connection.terminate()

    async def _connect(self) -> Driver:
        while True:
            try:
                connection = await asyncpg.connect(
                    self._url,
                    timeout=_CONNECT,
                    command_timeout=_STATEMENT,
                    server_settings={"application_name": "huiyin-door", "timezone": "UTC"},
                )
            except Exception as error:
                self._shut(type(error).__name__)
                await asyncio.sleep(_PAUSE)
                continue
            self._open.set()
            if self.away is not None:
                self.away = None
                _log.info("opened", noun="door")
            return connection

    def _shut(self, why: str) -> None:
        """The breaker: whoever waits is told now, whoever comes is told at once."""
        if self.away is None:
            _log.warning("shut", noun="door", error=why)
        self.away = why
        for guest in self._waiting:
            if not guest.kept.done():
                guest.kept.set_exception(Away(why))
        self._waiting.clear()

    async def _next(self) -> list[_Guest]:
        """Everything that waits, at most one of an event (two at once are told apart after the first)."""
        while True:
            batch: dict[str, _Guest] = {}
            later: list[_Guest] = []
            heavy = 0
            for guest in self._waiting:
                if len(batch) == WIDTH or heavy > WEIGHT or guest.row.event_id in batch:
                    later.append(guest)
                elif not guest.kept.done():
                    batch[guest.row.event_id] = guest
                    heavy += guest.row.weight
            self._waiting = later
            if batch:
                return [batch[event_id] for event_id in sorted(batch)]  # one order: writers never deadlock
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._idle.append(turn)
            await turn

    async def _settle(self, connection: Driver, batch: Sequence[_Guest]) -> None:
        """Write a batch; halve one that fails by itself; put it back where the database fails."""
        try:
            kept = await self._write(connection, [guest.row for guest in batch])
        except BaseException as error:
            if not isinstance(error, Exception) or is_away(error) or connection.is_closed():
                self._waiting[:0] = batch
                raise
            await self._halve(connection, batch, error)
            return
        for guest in batch:
            if not guest.kept.done():
                guest.kept.set_result(kept.get(guest.row.event_id))
        self._after_commit()

    async def _halve(self, connection: Driver, batch: Sequence[_Guest], error: Exception) -> None:
        if len(batch) == 1:
            if not batch[0].kept.done():
                batch[0].kept.set_exception(error)
            return
        middle = len(batch) // 2
        await self._settle(connection, batch[:middle])
        await self._settle(connection, batch[middle:])

    async def _write(self, connection: Driver, rows: Sequence[doorstep.Row]) -> dict[str, doorstep.Kept]:
        new = await doorstep.write(connection, SOURCE, rows, self._clock())
        kept = {row.event_id: doorstep.Kept(row.receipt, row.same) for row in rows if row.event_id in new}
        if len(new) < len(rows):
            others = [row.event_id for row in rows if row.event_id not in new]
            kept |= await doorstep.known(connection, SOURCE, others)
        return kept
