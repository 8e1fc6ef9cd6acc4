"""The one door: whatever changes a ticket reads, decides and writes here, for one order or for five hundred."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import asyncpg
import msgspec
from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from huiyin import faults
from huiyin.core import receipt as receipts
from huiyin.core.sorting.matters import MatterKey, same_matter
from huiyin.core.sorting.rules import MatterRules
from huiyin.core.ticket import (
    File,
    Refused,
    Rules,
    SameMatter,
    Step,
    Ticket,
    decide,
    follow,
)
from huiyin.orders import Answer, Away, Change, Complaint, Order
from huiyin.store import inbox, log, tickets, vault, views
from huiyin.store.database import Driver, driver, is_away

INTAKE = "INTAKE"

__all__ = ["Answer", "Away", "Change", "Complaint", "Desk", "Order"]


class _Batch(Struct):
    """What one transaction is about to write."""

    at: datetime
    answers: dict[tuple[str, str], Answer]
    log: list[log.Row]
    new: list[views.Row]
    changed: dict[str, views.Row]
    inbox: list[inbox.Row]
    dossiers: list[tuple[str, vault.Sealed]]


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
        batch = _Batch(at, {}, [], [], {}, [], [])
        filings = [order for order in orders if isinstance(order.what, Complaint)]
        changes = [order for order in orders if isinstance(order.what, Change)]
        async with self.engine.begin() as connection:
            numbers = await views.numbers(connection, len(filings))
            raw = await driver(connection)
            faults.reach("desk.begun")
            await self._file(raw, filings, numbers, batch, attempt)
            await self._change(connection, changes, batch)
            faults.reach("desk.decided")
            await inbox.remember(raw, batch.inbox)
            await log.append(raw, batch.log)
            await views.insert(raw, batch.new)
            await views.update(raw, list(batch.changed.values()))
            await vault.write(raw, batch.dossiers, at)
            faults.reach("desk.before-commit")
        faults.reach("desk.after-commit")
        return batch.answers

    # -- new tickets --------------------------------------------------------------------------------------

    async def _file(
        self, raw: Driver, orders: Sequence[Order], numbers: Sequence[str], batch: _Batch, attempt: int
    ) -> None:
        keys = [_matter_key(number, order.what) for number, order in zip(numbers, orders, strict=True)]
        near = await self._near(raw, keys)
        for number, order, others in zip(numbers, orders, near, strict=True):
            self._file_one(number, order, others, batch, attempt)

    def _file_one(self, number: str, order: Order, others: tuple[SameMatter, ...], batch: _Batch, attempt: int) -> None:
        what = order.what
        assert isinstance(what, Complaint)
        ref = f"{number}/1"
        command = File(number, what.channel, what.about, what.filed_at, ref, what.sealed.digest, what.sorting, others)
        steps = decide(None, command, at=batch.at, rules=self.rules)
        ticket, _ = self._record(order, None, log.Head(), steps, batch)
        batch.new.append(views.row(ticket))
        batch.dossiers.append((ref, what.sealed))
        receipt = receipts.make(self._receipt_key, order.source, order.event_id, attempt)
        self._answer(order, batch, Answer("done", number, receipt))

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

    async def _change(self, connection: AsyncConnection, orders: Sequence[Order], batch: _Batch) -> None:
        if not orders:
            return
        names = sorted({order.what.number for order in orders if isinstance(order.what, Change)})
        await connection.execute(_LOCK, {"numbers": names})
        found = await tickets.load(connection, names)
        for order in orders:
            self._change_one(order, found, batch)

    def _change_one(self, order: Order, found: dict[str, tuple[Ticket, log.Head]], batch: _Batch) -> None:
        assert isinstance(order.what, Change)
        number = order.what.number
        ticket, head = found.get(number, (None, log.Head()))
        try:
            steps = decide(ticket, order.what.command, at=batch.at, rules=self.rules)
        except Refused as refusal:
            self._answer(order, batch, Answer("refused", number, code=refusal.code))
            return
        if steps:
            ticket, head = self._record(order, ticket, head, steps, batch)
            found[number] = (ticket, head)
            batch.changed[number] = views.row(ticket)
        self._answer(order, batch, Answer("done", number))

    # -- both ---------------------------------------------------------------------------------------------

    def _record(
        self, order: Order, ticket: Ticket | None, head: log.Head, steps: Sequence[Step], batch: _Batch
    ) -> tuple[Ticket, log.Head]:
        after = ticket
        for step in steps:
            after = follow(after, step)
        assert after is not None
        own = order.stream_seq is None  # a partner's source and id stay out of the log: they may say anything
        cause = f"{order.source}#{order.event_id}" if own else f"{INTAKE}/{order.stream_seq}"
        made, head = log.rows(
            tickets.NOUN,
            after.number,
            head,
            steps,
            names=[_name(step) for step in steps],
            key=after.spot.grid_code or "-",
            actor=order.actor,
            cause=cause,
            at=batch.at,
            rules=self.rules.version,
        )
        batch.log.extend(made)
        return after, head

    def _answer(self, order: Order, batch: _Batch, answer: Answer) -> None:
        batch.answers[order.source, order.event_id] = answer
        batch.inbox.append(
            (
                order.source,
                order.event_id,
                order.stream_seq,
                tickets.NOUN,
                answer.number or "",
                answer.receipt,
                answer.code,
                batch.at,
            )
        )


_LOCK = text("SELECT number FROM tickets WHERE number = ANY(:numbers) ORDER BY number FOR UPDATE")


def _name(step: Step) -> str:
    return str(type(step).__struct_config__.tag)


def _matter_key(number: str, what: Complaint | Change) -> MatterKey:
    assert isinstance(what, Complaint)
    sorting = what.sorting
    words = sorting.candidates[0].words if sorting.candidates else ()
    leaves = views.leaves(sorting.category, sorting.candidates)
    spot = sorting.spot
    place = spot.estate_code, spot.building_code
    return MatterKey(number, *place, leaves, what.filed_at, words, sorting.urgency)
