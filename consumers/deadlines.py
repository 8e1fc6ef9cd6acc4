"""What is overdue climbs one rung."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from time import perf_counter

import structlog
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.bus.waits import first
from huiyin.clerk import CLAIMED, Aside, Clerk
from huiyin.clock import Clock
from huiyin.orders import Away
from huiyin.steady import JUMP, Steady, elapsed
from huiyin.store import database, log
from huiyin.store.database import is_away

POLL = 1.0  # seconds at the most between looks
LEAST = 0.05  # seconds at the least, unless there was something to do
FIRST_PAUSE, LAST_PAUSE = 5.0, 600.0  # seconds for which a ticket is left alone that cannot be done
SETTLED = 60.0  # seconds after a new calendar, in which others may still reckon by the old one
_AWAY = 0.5

_log = structlog.get_logger()


class _Parked(Struct, frozen=True):
    """A ticket that is left alone until `until`, for `pause` seconds."""

    until: float
    pause: float


class _Reckoning:
    """The way through the tickets whose due times are provisional: after a start, after a new calendar, and once more
    when everybody has taken that one up. `after`: the number it has come to, None where it is at its end."""

    def __init__(self) -> None:
        self.version = ""
        self.after: str | None = None
        self._again: float | None = None

    def wanted(self, version: str, now: float) -> bool:
        """Whether there is more of it under this calendar."""
        if version != self.version:
            self.version, self.after, self._again = version, "", now + SETTLED
        elif self.after is None and self._again is not None and now >= self._again:
            self.after, self._again = "", None
        return self.after is not None


class Sweeper:
    """Does what is due to a noun, by the database's clock seen through `clock`; nothing while it is not to be believed.

    `desk` may be replaced by one with a newer rulebook. `lanes`: sweeps at once where there is much to do. `asked` and
    `elapsed` tell the time of the database and the time that really passed.
    """

    def __init__(
        self,
        desk: Clerk,
        clock: Clock,
        *,
        lanes: int = 1,
        asked: Callable[[AsyncConnection], Awaitable[datetime]] = database.now,
        elapsed: Callable[[], float] = elapsed,
    ) -> None:
        self.desk = desk
        self._clock, self._lanes = clock, lanes
        self._asked, self._elapsed = asked, elapsed
        self._steady, self._reckoning = Steady(), _Reckoning()
        self._parked: dict[str, _Parked] = {}
        self._begun = self._full = self._away = False

    async def run(self, stop: asyncio.Event, ready: Callable[[], None] = lambda: None) -> None:
        """Until `stop`; whatever fails is tried again."""
        ready()
        while not stop.is_set():
            if pause := await self._guarded():
                await first(stop, seconds=pause)

    async def _guarded(self) -> float:
        try:
            pause = await self.round()
        except Exception as error:
            if not isinstance(error, Away) and not is_away(error):
                _log.error("failed", noun="sweep", exc_info=error)
            elif not self._away:
                _log.warning("waited", noun="database", error=type(error).__name__)
                self._away = True
            return _AWAY
        self._away = False
        return pause

    async def round(self) -> float:
        """One look at the clock and at what is due by it; the seconds until the next, 0 where there may be more to do.
        Raises Away, and whatever the database does."""
        began = perf_counter()
        at, soonest = await self._look()
        if self._steady.held:
            return POLL
        done = 0
        if soonest is not None and soonest <= at:
            done = await self._sweep(at)
            late = round((at - soonest).total_seconds() / self._clock.speed, 3)
            if done:
                ms = round((perf_counter() - began) * 1000, 1)
                _log.info("ticked", noun=self.desk.noun, count=done, late=late, ms=ms)
        more = await self._reckon(at)
        if done or more:
            return 0.0
        return self._pause(at, soonest)

    async def _look(self) -> tuple[datetime, datetime | None]:
        """The time that is told now, and when something is due next."""
        async with self.desk.engine.connect() as connection:
            before = self._elapsed()
            real = await self._asked(connection)
            after = self._elapsed()
            newest = None if self._begun else await log.newest(connection)
            soonest = await self.desk.clocked.soonest(connection, self._left_alone(after))
        at = self._clock.told_at(real)
        was = self._steady.held
        jumped = self._steady.look(real, before, after)
        if newest is not None and (ahead := (newest - at).total_seconds() / self._clock.speed) > JUMP:
            self._steady.hold(after)
            jumped = -ahead
        self._begun = True
        if jumped:
            _log.error("held", noun="clock", seconds=round(jumped, 1))
        elif was and not self._steady.held:
            _log.warning("resumed", noun="clock")
        return at, soonest

    async def _sweep(self, at: datetime) -> int:
        """One batch, or several at once where the last was full; to how many tickets something happened."""
        known = self._left_alone(self._elapsed())
        aside: Aside = dict.fromkeys(known)
        width = self._lanes if self._full else 1
        made = await asyncio.gather(
            *(self.desk.sweep(at, CLAIMED, aside) for _ in range(width)), return_exceptions=True
        )
        self._park({number: aside[number] for number in aside.keys() - set(known)})
        done = 0
        for one in made:
            if isinstance(one, BaseException):
                raise one
            done += one
        self._full = done >= CLAIMED
        return done

    async def _reckon(self, at: datetime) -> bool:
        """One batch of provisional due times under the calendar that stands; whether there may be more."""
        way = self._reckoning
        calendar = self.desk.calendar
        if not way.wanted(calendar, self._elapsed()):
            return False
        aside: Aside = {}
        began, way.after = way.after, await self.desk.recompute(at, way.after or "", CLAIMED, aside)
        self._park(aside)
        if way.after is None and began:
            _log.info("recomputed", noun="calendar", version=calendar)
        return way.after is not None

    def _pause(self, at: datetime, soonest: datetime | None) -> float:
        """Until something is due; on a demonstration clock the time between looks is shorter as well."""
        most = max(LEAST, POLL / self._clock.speed)
        if soonest is None:
            return most
        return min(most, max(LEAST, (soonest - at).total_seconds() / self._clock.speed))

    # -- tickets that cannot be done --------------------------------------------------------------------------

    def _left_alone(self, now: float) -> list[str]:
        """Those whose pause is not over; what went well since its pause is forgotten."""
        for number in [number for number, one in self._parked.items() if now > one.until + LAST_PAUSE]:
            del self._parked[number]
        return [number for number, one in self._parked.items() if now < one.until]

    def _park(self, aside: Aside) -> None:
        """Each with its reason, and each time for longer, so that a bug of ours makes no work without an end."""
        now = self._elapsed()
        for number, error in aside.items():
            known = self._parked.get(number)
            pause = min(known.pause * 2, LAST_PAUSE) if known else FIRST_PAUSE
            self._parked[number] = _Parked(now + pause, pause)
            if error is None:
                _log.error("failed", noun=self.desk.noun, id=number, error="nothing-due", pause=pause)
            else:
                _log.error("failed", noun=self.desk.noun, id=number, exc_info=error, pause=pause)
