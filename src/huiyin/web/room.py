"""What every window needs: the door, the database to read, the rulebook, the desk; and to notice them gone."""

import asyncio
import contextlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec
import structlog
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from huiyin import office
from huiyin.core.calendar import Calendar
from huiyin.core.catalogue import Catalogue
from huiyin.core.ladder import LadderRules
from huiyin.core.people import Viewer
from huiyin.core.sight import hidden, left_behind
from huiyin.core.sorting import Sorter
from huiyin.core.ticket import Rules
from huiyin.desk import Answer, Away, Desk, Order
from huiyin.door import Door
from huiyin.mediating import MediationDesk
from huiyin.papers.printer import Printer
from huiyin.rules.figures import load_screen
from huiyin.rules.load import listed, load_catalogue, own, stamp
from huiyin.rules.public import Public, load_public
from huiyin.rules.rulebook import Rulebook, load_ladder
from huiyin.store import calendars, registry
from huiyin.store.database import connect, is_away
from huiyin.store.lists import Sight
from huiyin.store.vault import Seal
from huiyin.web.bell import Bell
from huiyin.web.darkrooms import Darkrooms
from huiyin.web.frame import Meter
from huiyin.web.live import Live
from huiyin.web.logins import Logins
from huiyin.web.rates import Rates
from huiyin.web.vaults import Vaults
from huiyin.whistling import WhistleDesk

PATIENCE = 1.6  # seconds: an honest 503 comes within 2
POOL = 8

T = TypeVar("T")
_log = structlog.get_logger()


class Where(Struct, frozen=True):
    """What a web process is told: its connections, its keys, and the address people know it by ("": Host)."""

    database_url: str
    nats_url: str
    vault_key: bytes
    receipt_key: bytes
    public_url: str = ""
    rules: Path | None = None  # a city's own rules: steps name the rulebook that is in force
    vault_database_url: str = ""  # the vault's own role; "": the same user for all
    tile_url: str = ""  # of map tiles, with {z} {x} {y}
    fonts: Path | None = None  # a folder of them, beside the system's

    @property
    def tile_host(self) -> str:
        """Where tiles come from, for the policy; "" without tiles."""
        found = urlsplit(self.tile_url)
        return f"{found.scheme}://{found.netloc}" if found.netloc else ""


class Room:
    """Lives as long as the process; neither the database nor NATS need be there when it opens."""

    def __init__(self, where: Where, clock: Callable[[], datetime]) -> None:
        self.where, self.clock = where, clock
        self.live = Live(self.ask)
        self.bell = Bell(where.nats_url, self.live.heard)
        self.seal = seal = Seal(where.vault_key)
        self.vaults = Vaults(where.vault_database_url or where.database_url, seal, self._patiently)
        self.door = Door(where.database_url, seal, where.receipt_key, clock, self.bell.ring)
        self.engine: AsyncEngine = connect(
            where.database_url, name="web", size=POOL, statement_timeout_ms=1_500, command_timeout=2
        )
        self.catalogue: Catalogue = load_catalogue(own(where.rules, "catalogue.csv"))
        self.ladder: LadderRules = load_ladder(where.rules)[0]
        self.screen = load_screen(where.rules)
        self.public: Public = load_public(where.rules)
        self.rates = Rates()
        self.logins = Logins()
        self.meter = Meter()
        self.darkrooms = Darkrooms()
        self._desk: Desk | None = None
        self._whistles: WhistleDesk | None = None
        self._mediations: MediationDesk | None = None
        self._sorter: Sorter | None = None
        self._printer: Printer | None = None
        self._files: tuple[int, ...] = ()
        self._renewing = asyncio.Lock()

    async def open(self) -> None:
        """Begin to connect; returns at once."""
        self.door.open()
        self.bell.open()
        self.live.open()

    async def close(self) -> None:
        """Leave; called once no request is under way."""
        await self.door.close()
        await self.live.close()
        await self.bell.close()
        await self.vaults.close()
        await self.darkrooms.close()
        if self._printer is not None:
            self._printer.__exit__()
        await self.engine.dispose()

    def printer(self) -> Printer:
        """The process that prints, from the first paper on."""
        if self._printer is None:
            self._printer = Printer((self.where.fonts,) if self.where.fonts else ())
        return self._printer

    async def ask(self, question: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Read from the database; raises Away within PATIENCE where it does not answer."""
        return await self._patiently(self._asked(question))

    async def _asked(self, question: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        async with self.engine.connect() as connection:
            return await question(connection)

    async def write(self, order: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Write what is not a noun of the log (sessions); committed when it returns."""
        return await self._patiently(self._written(order))

    async def _written(self, order: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        async with self.engine.begin() as connection:
            return await order(connection)

    async def _patiently(self, work: Awaitable[T]) -> T:
        """The work goes on by itself where it is late: ending it would wait for the very same database."""
        task = asyncio.ensure_future(work)
        if self.door.away is not None:
            task.cancel()
            raise Away(self.door.away)
        done, _ = await asyncio.wait({task}, timeout=PATIENCE)
        if not done:
            task.add_done_callback(_forget)
            raise Away("Slow")
        try:
            return task.result()
        except Exception as error:
            if is_away(error):
                raise Away(type(error).__name__) from None
            raise

    def cause(self, hand: str, said: tuple[object, ...], key: str | None) -> str:
        """The same key and words from the same hand are one cause. Keyed with a secret: the log holds it, and words
        could be guessed."""
        words = msgspec.json.encode((*said, key or secrets.token_hex(16)))
        return hmac.digest(self.where.receipt_key, f"huiyin {hand} ".encode() + words, "sha256").hex()[:32]

    def sight(self, viewer: Viewer) -> Sight:
        """What a viewer may see, for the store."""
        seen = hidden(viewer.role, viewer.organisations, self.ladder)
        mine, left = tuple(sorted(viewer.organisations)), left_behind(viewer.role) or ""
        return Sight(viewer.scope.kind, viewer.scope.code, seen, viewer.person, mine, viewer.post, left)

    async def act(self, order: Order) -> Answer:
        """Give one order to the desk, under the registry as it is now."""
        (answer,) = await self.act_on([order])
        return answer

    async def act_on(self, orders: Sequence[Order]) -> list[Answer]:
        """Several orders in one transaction of the desk; each has its own answer."""
        desk = await self._current_desk()
        return await self._patiently(desk.act(orders, at=self.clock(), suspect=True))

    async def whistle(self, order: Order) -> Answer:
        """Give one order about a whistle to its desk."""
        desk = await self.whistles()
        (answer,) = await self._patiently(desk.act([order], at=self.clock(), suspect=True))
        return answer

    async def whistles(self) -> WhistleDesk:
        """The whistle's desk, under the rulebook as it is now."""
        await self._current_desk()
        assert self._whistles is not None
        return self._whistles

    async def mediate(self, order: Order) -> Answer:
        """Give one order about a mediation to its desk."""
        desk = await self.mediations()
        (answer,) = await self._patiently(desk.act([order], at=self.clock(), suspect=True))
        return answer

    async def mediations(self) -> MediationDesk:
        """The mediation's desk, under the rulebook as it is now."""
        await self._current_desk()
        assert self._mediations is not None
        return self._mediations

    async def rules(self) -> Rules:
        """The rulebook as it is now, registry and calendar included."""
        return (await self._current_desk()).rules

    async def sorter(self) -> Sorter:
        """The sorter for the registry as it is now: what a text would be taken for."""
        await self._current_desk()
        assert self._sorter is not None
        return self._sorter

    async def _current_desk(self) -> Desk:
        """Under the registry and the calendar that stand; a new one of either is taken up here."""
        version, known = await self.ask(_stands)
        async with self._renewing:
            files = stamp(self.where.rules) if self.where.rules else ()
            if self._desk is not None and _same(self._desk.rules, version, known) and files == self._files:
                return self._desk
            fresh = await self.ask(registry.load)
            book = await asyncio.to_thread(Rulebook, fresh, self.where.rules, known)
            matters, key = book.sorting.matters, self.where.receipt_key
            self._desk, self._sorter = Desk(self.engine, book.rules, matters, key), book.sorter
            self._whistles = WhistleDesk(self.engine, book.whistling)
            self._mediations = MediationDesk(self.engine, book.mediating)
            self._files, self.catalogue, self.ladder = files, book.rules.catalogue, book.rules.ladder
            self.screen = load_screen(self.where.rules)
            await self._keep(book.rules.version)
            _log.info("renewed", noun="rulebook", version=book.rules.version)
        return self._desk

    async def _keep(self, version: str) -> None:
        """The log says from when on a rulebook stands; a database that is away does not keep it from standing."""
        files = await asyncio.to_thread(listed, self.where.rules)
        with contextlib.suppress(Away):
            await self.write(lambda c: office.keep_rulebook(c, version, files, at=self.clock()))


async def _stands(connection: AsyncConnection) -> tuple[str, Calendar]:
    return await registry.version(connection), await calendars.load(connection)


def _same(rules: Rules, registry_version: str, calendar: Calendar) -> bool:
    return rules.registry.version == registry_version and rules.calendar.version == calendar.version


def _forget(task: "asyncio.Future[T]") -> None:
    if not task.cancelled():
        task.exception()
