"""Who looks is told what changed (实时): numbers of what the looker may see, and nothing else."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import groupby
from typing import Any, Literal

import structlog
from nats.aio.msg import Msg
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.store import lists, whistle_lists
from huiyin.store.sights import Sight

WINDOW = 0.4  # seconds in which changes are gathered before anybody is told
MOST = 200  # numbers told at once; of more it is enough that there were many
LISTENERS = 500  # of one process
LIFE = 300.0  # seconds: then the browser comes back, and shows again who it is
_BEAT = 15.0  # seconds between signs of life

# Which whistles somebody may see: of their place, those that their post is called to, or none.
Whistles = Literal["place", "called", ""]
# Which of some mediations somebody may see; None where they have none.
Mediations = Callable[[list[str]], Awaitable[set[str]]] | None
Ask = Callable[[Callable[[AsyncConnection], Awaitable[Any]]], Awaitable[Any]]
_log = structlog.get_logger()


class Listener:
    """One open page: its sight, what it is known to have seen, and what waits to be told."""

    def __init__(self, sight: Sight, whistles: Whistles, mediations: Mediations = None) -> None:
        self.sight, self.whistles, self.mediations = sight, whistles, mediations
        self.known: set[str] = set()
        self.news: set[str] = set()
        self.woken = asyncio.Event()

    @property
    def like(self) -> str:
        """Pages of whom all is the same to."""
        return f"{self.whistles} {self.mediations is not None} {self.sight!r}"

    def tell(self, numbers: set[str]) -> None:
        """Something for this page."""
        self.news |= numbers
        self.woken.set()


class Live:
    """Hears the events of this process' NATS connection; while that is away pages ask by themselves."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._listeners: list[Listener] = []
        self._changed: set[str] = set()
        self._stirred = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Start telling."""
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Every page's stream ends."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def heard(self, msg: Msg) -> None:
        """An event of the log; its id says of what (`ticket-HY000000123-4`, `whistle-SH000000001-2`)."""
        noun, _, rest = (msg.headers or {}).get("Nats-Msg-Id", "").partition("-")
        number = rest.rpartition("-")[0]
        if noun in ("ticket", "whistle", "mediation") and number and self._listeners:
            self._changed.add(number)
            self._stirred.set()

    async def listen(
        self, sight: Sight, shown: list[str], whistles: Whistles = "", mediations: Mediations = None
    ) -> AsyncIterator[list[str]]:
        """Sorted numbers each time something changed, an empty list as a sign of life. `shown` are on the page now:
        when one of them goes out of sight that is told too, once. Raises nothing; ends after LIFE seconds."""
        here = Listener(sight, whistles, mediations)
        here.known = await self._seen(here, shown[:MOST])
        self._listeners.append(here)
        end = asyncio.get_running_loop().time() + LIFE
        try:
            yield []
            while (left := end - asyncio.get_running_loop().time()) > 0:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(here.woken.wait(), min(left, _BEAT))
                here.woken.clear()
                news, here.news = here.news, set()
                yield sorted(news)[:MOST]
        finally:
            self._listeners.remove(here)

    @property
    def full(self) -> bool:
        """Whether one more page would be too many."""
        return len(self._listeners) >= LISTENERS

    async def _run(self) -> None:
        while True:
            await self._stirred.wait()
            await asyncio.sleep(WINDOW)  # what changes together is told together
            self._stirred.clear()
            changed, self._changed = self._changed, set()
            try:
                await self._tell(changed)
            except Exception as error:  # the database is away: pages ask again by themselves
                _log.warning("failed", noun="live", error=type(error).__name__)

    async def _tell(self, changed: set[str]) -> None:
        """One question for all pages of the same sight."""
        numbers = sorted(changed)
        by_sight = sorted(self._listeners, key=lambda one: one.like)
        for _, same in groupby(by_sight, key=lambda one: one.like):
            pages = list(same)
            seen = await self._seen(pages[0], numbers)
            for page in pages:
                gone = (page.known & changed) - seen
                page.known = (page.known | seen) - gone
                if seen or gone:
                    page.tell(seen | gone)

    async def _seen(self, page: Listener, numbers: list[str]) -> set[str]:
        sight = page.sight
        blown = [one for one in numbers if one.startswith("SH")] if page.whistles else []

        async def read(connection: AsyncConnection) -> set[str]:
            seen = set(await lists.seen(connection, sight, [one for one in numbers if one.startswith("HY")]))
            if page.whistles == "called":
                return seen | await whistle_lists.called_to(connection, sight, blown)
            return seen | await whistle_lists.seen(connection, sight, blown)

        found: set[str] = await self._ask(read)
        mediated = [one for one in numbers if one.startswith("TJ")]
        return found | await page.mediations(mediated) if page.mediations and mediated else found
