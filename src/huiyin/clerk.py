"""What every noun's door does (办理): orders in one transaction, repeats told, the bad one halved out, time's turns."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Container, Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from huiyin import faults
from huiyin.batch import Sheet
from huiyin.orders import Answer, Away, Mediating, Order, Whistling, by_itself
from huiyin.store import inbox, log, pictures, vault
from huiyin.store.chains import Chains
from huiyin.store.clocked import Clocked
from huiyin.store.database import Driver, driver, is_away

CLAIMED = 500

Aside = dict[str, Exception | None]
_Claim = Callable[[Driver, list[str] | None], Awaitable[list[str]]]


class Clerk(ABC):
    """One noun's door. `clocked` are its queues of time, `calendar` the version of the one it reckons by."""

    noun: str
    clocked: Clocked

    def __init__(self, engine: AsyncEngine, calendar: str) -> None:
        self.engine, self.calendar = engine, calendar

    @abstractmethod
    async def _write(self, orders: Sequence[Order], at: datetime, attempt: int) -> dict[tuple[str, str], Answer]:
        """Do all of the orders in one transaction, or none."""

    @abstractmethod
    async def _wake(self, connection: AsyncConnection, names: Sequence[str], at: datetime, again: bool) -> Sheet:
        """What time does to some that are claimed, or what a new calendar does (`again`)."""

    async def _keep(self, raw: Driver, sheet: Sheet) -> None:
        """All that a transaction came to, one statement a table."""
        await inbox.remember(raw, sheet.inbox)
        await log.append(raw, sheet.log)
        await vault.write(raw, sheet.dossiers, sheet.at)
        await pictures.write(raw, sheet.pictures, sheet.at)

    async def act(self, orders: Sequence[Order], *, at: datetime, suspect: bool = False) -> list[Answer]:
        """Do orders in one transaction; the answers come in the orders' sequence.

        An order that cannot be written is found by halving the batch and answered `failed`; its neighbours go
        through. Orders known from before are answered `repeat`. `suspect` looks for repeats before trying
        (cheaper where many are expected). Raises Away where the database, not an order, is at fault.
        """
        first: dict[tuple[str, str], Order] = {}
        for order in orders:
            first.setdefault((order.source, order.event_id), order)
        done = await self._settle(list(first.values()), at, suspect)
        if len(first) == len(orders):
            return [done[cause] for cause in first]
        return [
            done[cause] if first[cause] is order else msgspec.structs.replace(done[cause], outcome="repeat")
            for order in orders
            for cause in [(order.source, order.event_id)]
        ]

    async def _settle(
        self, orders: Sequence[Order], at: datetime, look: bool, attempt: int = 0
    ) -> dict[tuple[str, str], Answer]:
        known: dict[tuple[str, str], Answer] = {}
        try:
            if look:
                known = await self._known(orders)
                orders = [order for order in orders if (order.source, order.event_id) not in known]
            return known | (await self._write(orders, at, attempt) if orders else {})
        except Exception as error:
            if is_away(error):
                raise Away(type(error).__name__) from None
            return known | await self._mend(orders, at, look, attempt, error)

    async def _mend(
        self, orders: Sequence[Order], at: datetime, look: bool, attempt: int, error: Exception
    ) -> dict[tuple[str, str], Answer]:
        """After a failed transaction: look for repeats, then halve, until the bad order stands alone."""
        if isinstance(error, asyncpg.UniqueViolationError) and not look:
            return await self._settle(orders, at, True, attempt)
        if len(orders) > 1:
            middle = len(orders) // 2
            left = await self._settle(orders[:middle], at, look, attempt)
            return left | await self._settle(orders[middle:], at, look, attempt)
        if isinstance(error, asyncpg.UniqueViolationError) and attempt < 3:
            return await self._settle(orders, at, True, attempt + 1)  # two receipts met: take another
        order = orders[0]
        return {(order.source, order.event_id): Answer("failed", code=type(error).__name__)}

    async def _known(self, orders: Sequence[Order]) -> dict[tuple[str, str], Answer]:
        async with self.engine.connect() as connection:
            found = await inbox.known(connection, [(order.source, order.event_id) for order in orders])
        return {
            cause: Answer("repeat", number, receipt, refused) for cause, (number, receipt, refused) in found.items()
        }

    # -- what time does -----------------------------------------------------------------------------------

    async def sweep(self, at: datetime, limit: int = CLAIMED, aside: Aside | None = None) -> int:
        """Do what is due by `at` for at most `limit` of them; to how many something happened. Several sweeps never
        claim the same one; a cause is a number and its version, so nothing happens twice.

        What is in `aside` is left alone; those that raise (found by halving) or are claimed in vain come there, with
        the error or None. Without `aside` they raise. Raises Away.
        """

        async def claim(raw: Driver, only: list[str] | None) -> list[str]:
            return await self.clocked.due(raw, at, limit, list(aside or ()), only)

        return await self._claim(claim, at, aside)

    async def recompute(self, at: datetime, after: str, limit: int = CLAIMED, aside: Aside | None = None) -> str | None:
        """Work provisional due times out again for at most `limit` of them after number `after`; the last number,
        None where none was left. `aside` as for `sweep`. Raises Away."""
        last: list[str] = []

        async def claim(raw: Driver, only: list[str] | None) -> list[str]:
            found = await self.clocked.provisional(raw, after, limit, only)
            last.extend(found if only is None else ())
            return found

        await self._claim(claim, at, aside, again=True)
        return last[-1] if last else None

    async def _claim(
        self, claim: _Claim, at: datetime, aside: Aside | None, only: list[str] | None = None, *, again: bool = False
    ) -> int:
        names: list[str] = []
        try:
            done = await self._do(claim, at, only, names, again)
        except Exception as error:
            if is_away(error):
                raise Away(type(error).__name__) from None
            if aside is None or not names:
                raise
            if len(names) == 1:
                aside[names[0]] = error
                return 0
            halves = names[: len(names) // 2], names[len(names) // 2 :]
            return sum([await self._claim(claim, at, aside, half, again=again) for half in halves])
        if aside is not None and not again:
            aside.update((number, None) for number in names if number not in done)
        return sum(number in done for number in names)

    async def _do(
        self, claim: _Claim, at: datetime, only: list[str] | None, names: list[str], again: bool
    ) -> Container[str]:
        """One transaction; `names` gets what it claims; those to which something happened."""
        async with self.engine.begin() as connection:
            await connection.execute(_BEGIN)
            raw = await driver(connection)
            names.extend(await claim(raw, only))
            faults.reach("desk.begun")
            if not names:
                return ()
            sheet = await self._wake(connection, names, at, again)
            sheet.forget_vain()
            faults.reach("desk.decided")
            await self._keep(raw, sheet)
            faults.reach("desk.before-commit")
        faults.reach("desk.after-commit")
        return sheet.changed


class ByNumber(Clerk):
    """The door of a noun whose orders each name one by its number; `chains` is how it is read and locked."""

    chains: Chains[Any, Any]

    @abstractmethod
    def _sheet(self, at: datetime) -> Sheet:
        """An empty one."""

    @abstractmethod
    def _turn(self, number: str, again: bool) -> Whistling | Mediating:
        """What time wants of one."""

    @abstractmethod
    async def _decide(self, connection: AsyncConnection, orders: Sequence[Order], found: Any, sheet: Any) -> None:
        """The orders over what is loaded and locked, each after the one before it."""

    async def _write(self, orders: Sequence[Order], at: datetime, attempt: int) -> dict[tuple[str, str], Answer]:
        sheet = self._sheet(at)
        async with self.engine.begin() as connection:
            raw = await driver(connection)
            faults.reach("desk.begun")
            found = await self.chains.locked(connection, sorted({number(order) for order in orders}))
            await self._decide(connection, orders, found, sheet)
            faults.reach("desk.decided")
            await self._keep(raw, sheet)
            faults.reach("desk.before-commit")
        faults.reach("desk.after-commit")
        return sheet.answers

    async def _wake(self, connection: AsyncConnection, names: Sequence[str], at: datetime, again: bool) -> Sheet:
        sheet = self._sheet(at)
        found = await self.chains.load(connection, names)
        turns = [by_itself(self._turn(name, again), found[name][0].version, again=again) for name in names]
        await self._decide(connection, turns, found, sheet)
        return sheet


def number(order: Order) -> str:
    """Which one an order is about."""
    assert isinstance(order.what, Whistling | Mediating)
    return order.what.number


_BEGIN = text("SELECT 1")
