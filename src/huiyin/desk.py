"""The one door: whatever changes a ticket reads, decides and writes here, for one order or for five hundred."""

from collections.abc import Awaitable, Callable, Container, Sequence
from datetime import datetime, timedelta

import asyncpg
import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from huiyin import faults, scenes
from huiyin.batch import Batch
from huiyin.core import receipt as receipts
from huiyin.core.commands import File, Recompute, Tick
from huiyin.core.sorting.matters import MatterKey, same_matter
from huiyin.core.sorting.rules import MatterRules
from huiyin.core.ticket import Rules, SameMatter, Ticket, decide
from huiyin.orders import DOORSTEP, Answer, Away, Change, Complaint, Order, by_itself
from huiyin.store import inbox, log, notices, parties, pictures, tickets, vault, views
from huiyin.store.database import Driver, driver, is_away

CLAIMED = 500

Aside = dict[str, Exception | None]
_Claim = Callable[[Driver, list[str] | None], Awaitable[list[str]]]

__all__ = ["Answer", "Away", "Change", "Complaint", "Desk", "Order"]


class Desk:
    """Holds what every order needs: the database, the rulebook, the key of receipts."""

    def __init__(self, engine: AsyncEngine, rules: Rules, matters: MatterRules, receipt_key: bytes) -> None:
        self.engine = engine
        self.rules = rules
        self._matters = matters
        self._span = timedelta(days=max(matters.days.values()))
        self._related = {leaf: " " + " ".join(group) for group in matters.related for leaf in group}
        self._receipt_key = receipt_key

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

    async def _write(self, orders: Sequence[Order], at: datetime, attempt: int) -> dict[tuple[str, str], Answer]:
        batch = Batch(at, self.rules)
        filings = [order for order in orders if isinstance(order.what, Complaint)]
        changes = [order for order in orders if isinstance(order.what, Change)]
        async with self.engine.begin() as connection:
            numbers = await views.numbers(connection, len(filings))
            raw = await driver(connection)
            faults.reach("desk.begun")
            if filings:
                scene = await scenes.for_filings(connection, filings, self.rules, at)
                await self._file(raw, filings, numbers, scene, batch, attempt)
            await self._change(connection, changes, batch)
            faults.reach("desk.decided")
            await _keep(raw, batch)
            faults.reach("desk.before-commit")
        faults.reach("desk.after-commit")
        return batch.answers

    # -- what time does -----------------------------------------------------------------------------------

    async def sweep(self, at: datetime, limit: int = CLAIMED, aside: Aside | None = None) -> int:
        """Do what is due by `at` for at most `limit` tickets; to how many something happened. Several sweeps never
        claim the same ticket; a cause is a ticket and its version, so nothing happens twice.

        Tickets in `aside` are left alone; those that raise (found by halving) or are claimed in vain come there, with
        the error or None. Without `aside` they raise. Raises Away.
        """

        async def claim(raw: Driver, only: list[str] | None) -> list[str]:
            return await views.due(raw, at, limit, list(aside or ()), only)

        return await self._claim(claim, Tick(), at, aside)

    async def recompute(self, at: datetime, after: str, limit: int = CLAIMED, aside: Aside | None = None) -> str | None:
        """Work provisional due times out again for at most `limit` tickets after number `after`; the last number,
        None where none was left. `aside` as for `sweep`. Raises Away."""
        last: list[str] = []

        async def claim(raw: Driver, only: list[str] | None) -> list[str]:
            found = await views.provisional(raw, after, limit, only)
            last.extend(found if only is None else ())
            return found

        await self._claim(claim, Recompute(), at, aside)
        return last[-1] if last else None

    async def _claim(
        self, claim: _Claim, command: Tick | Recompute, at: datetime, aside: Aside | None, only: list[str] | None = None
    ) -> int:
        names: list[str] = []
        try:
            done = await self._do(claim, command, at, only, names)
        except Exception as error:
            if is_away(error):
                raise Away(type(error).__name__) from None
            if aside is None or not names:
                raise
            if len(names) == 1:
                aside[names[0]] = error
                return 0
            halves = names[: len(names) // 2], names[len(names) // 2 :]
            return sum([await self._claim(claim, command, at, aside, half) for half in halves])
        if aside is not None and isinstance(command, Tick):
            aside.update((number, None) for number in names if number not in done)
        return sum(number in done for number in names)

    async def _do(
        self, claim: _Claim, command: Tick | Recompute, at: datetime, only: list[str] | None, names: list[str]
    ) -> Container[str]:
        """One transaction; `names` gets what it claims; those to which something happened."""
        batch = Batch(at, self.rules)
        async with self.engine.begin() as connection:
            await connection.execute(_BEGIN)
            raw = await driver(connection)
            names.extend(await claim(raw, only))
            faults.reach("desk.begun")
            if names:
                found = await tickets.load(connection, names)
                orders = [by_itself(number, found[number][0].version, command) for number in names]
                await self._decide(connection, orders, found, batch)
                batch.forget_vain()
                faults.reach("desk.decided")
                await _keep(raw, batch)
                faults.reach("desk.before-commit")
        faults.reach("desk.after-commit")
        return batch.changed

    # -- new tickets --------------------------------------------------------------------------------------

    async def _file(
        self,
        raw: Driver,
        orders: Sequence[Order],
        numbers: Sequence[str],
        known: scenes.Scenes,
        batch: Batch,
        attempt: int,
    ) -> None:
        keys = [
            views.matter(number, order.what.filed_at, order.what.sorting)
            for number, order in zip(numbers, orders, strict=True)
            if isinstance(order.what, Complaint)
        ]
        near = await self._near(raw, keys)
        came = [order.event_id for order in orders if order.source == DOORSTEP]
        batch.came = await pictures.of_events(raw, came) if came else {}
        for number, order, others in zip(numbers, orders, near, strict=True):
            self._file_one(number, order, others, known, batch, attempt)

    def _file_one(
        self,
        number: str,
        order: Order,
        others: tuple[SameMatter, ...],
        known: scenes.Scenes,
        batch: Batch,
        attempt: int,
    ) -> None:
        what = order.what
        assert isinstance(what, Complaint)
        ref = f"{number}/1"
        how, seen = (what.channel, what.about, what.filed_at), batch.seen(order)
        command = File(number, *how, ref, what.sealed.digest, what.sorting, others, seen)
        steps = decide(None, command, at=batch.at, rules=self.rules, scene=known.filing(what))
        ticket, _ = batch.record(order, None, log.Head(), steps)
        batch.new.append(views.row(ticket))
        batch.dossiers.append((ref, what.sealed))
        receipt = receipts.make(self._receipt_key, order.source, order.event_id, attempt)
        batch.answer(order, Answer("done", number, receipt))

    async def _near(self, raw: Driver, keys: Sequence[MatterKey]) -> list[tuple[SameMatter, ...]]:
        """The open tickets that may be the same matter, for each of some new ones."""
        others: list[list[MatterKey]] = [[] for _ in keys]
        wanted = []
        earlier: dict[str, list[MatterKey]] = {}
        for i, key in enumerate(keys):
            if key.estate_code is None:
                continue
            leaves = " ".join(key.leaves) + self._related.get(key.leaves[0], "")
            wanted.append((i, key.estate_code, leaves, key.filed_at - self._span, key.filed_at + self._span))
            here = earlier.setdefault(key.estate_code, [])
            others[i].extend(here[-2:])  # of this very batch
            here.append(key)
        for i, number, building, leaves, *rest in await views.matters(raw, wanted):
            filed_at, words, urgency = rest
            known = tuple(leaves.split()), filed_at, tuple(words.split()), urgency
            others[i].append(MatterKey(number, keys[i].estate_code, building, *known))
        return [
            tuple(SameMatter(number, score) for number, score in same_matter(key, found, self._matters))
            if found
            else ()
            for key, found in zip(keys, others, strict=True)
        ]

    # -- tickets that exist -------------------------------------------------------------------------------

    async def _change(self, connection: AsyncConnection, orders: Sequence[Order], batch: Batch) -> None:
        if not orders:
            return
        names = {one.number for order in orders for one in _parts(order)}
        found = await _locked(connection, sorted(names))
        await self._decide(connection, orders, found, batch)

    async def _decide(
        self,
        connection: AsyncConnection,
        orders: Sequence[Order],
        found: dict[str, tuple[Ticket, log.Head]],
        batch: Batch,
    ) -> None:
        """The orders over tickets that are loaded and locked; those that were merged into them come along."""
        followers = {one.number for ticket, _ in found.values() for one in ticket.joined} - set(found)
        if followers:
            found |= await _locked(connection, sorted(followers))
        staged = [ticket for ticket, _ in found.values()]
        known = await scenes.for_changes(connection, orders, staged, self.rules, batch.at)
        for order in orders:
            batch.change(order, _parts(order), found, known)


async def _locked(connection: AsyncConnection, names: Sequence[str]) -> dict[str, tuple[Ticket, log.Head]]:
    await connection.execute(_LOCK, {"numbers": list(names)})
    return await tickets.load(connection, names)


async def _keep(raw: Driver, batch: Batch) -> None:
    """All that a batch came to, one statement a table."""
    await inbox.remember(raw, batch.inbox)
    await log.append(raw, batch.log)
    await views.insert(raw, batch.new)
    await views.update(raw, list(batch.changed.values()), placed=batch.placed)
    await vault.write(raw, batch.dossiers, batch.at)
    await pictures.write(raw, batch.pictures, batch.at)
    await parties.write(raw, batch.parties, batch.at)
    await notices.write(raw, batch.notices)


def _parts(order: Order) -> list[Change]:
    assert isinstance(order.what, Change)
    return [order.what, *order.what.also]


_BEGIN = text("SELECT 1")
_LOCK = text("SELECT number FROM tickets WHERE number = ANY(:numbers) ORDER BY number FOR UPDATE")
