"""The one door: whatever changes a ticket reads, decides and writes here, for one order or for five hundred."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from huiyin import faults, scenes
from huiyin.batch import Batch, Sheet
from huiyin.clerk import CLAIMED, Aside, Clerk
from huiyin.core import receipt as receipts
from huiyin.core.commands import File, Recompute, Tick
from huiyin.core.sorting.matters import MatterKey, same_matter
from huiyin.core.sorting.rules import MatterRules
from huiyin.core.ticket import Rules, SameMatter, Ticket, decide
from huiyin.orders import DOORSTEP, Answer, Away, Change, Complaint, Order, by_itself
from huiyin.store import log, notices, parties, pictures, tickets, views
from huiyin.store.database import Driver, driver

__all__ = ["CLAIMED", "Answer", "Aside", "Away", "Change", "Complaint", "Desk", "Order"]


class Desk(Clerk):
    """Holds what every order needs: the database, the rulebook, the key of receipts."""

    noun = tickets.NOUN
    clocked = views.CLOCKED

    def __init__(self, engine: AsyncEngine, rules: Rules, matters: MatterRules, receipt_key: bytes) -> None:
        super().__init__(engine, rules.calendar.version)
        self.rules = rules
        self._matters = matters
        self._span = timedelta(days=max(matters.days.values()))
        self._related = {leaf: " " + " ".join(group) for group in matters.related for leaf in group}
        self._receipt_key = receipt_key

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
            await self._keep(raw, batch)
            faults.reach("desk.before-commit")
        faults.reach("desk.after-commit")
        return batch.answers

    async def _wake(self, connection: AsyncConnection, names: Sequence[str], at: datetime, again: bool) -> Batch:
        batch = Batch(at, self.rules)
        found = await tickets.load(connection, names)
        command = Recompute() if again else Tick()
        orders = [by_itself(Change(number, command), found[number][0].version, again=again) for number in names]
        await self._decide(connection, orders, found, batch)
        return batch

    async def _keep(self, raw: Driver, sheet: Sheet) -> None:
        await super()._keep(raw, sheet)
        assert isinstance(sheet, Batch)
        await views.insert(raw, sheet.new)
        await views.update(raw, list(sheet.changed.values()), placed=sheet.placed)
        await parties.write(raw, sheet.parties, sheet.at)
        await notices.write(raw, sheet.notices)

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


def _parts(order: Order) -> list[Change]:
    assert isinstance(order.what, Change)
    return [order.what, *order.what.also]


_LOCK = text("SELECT number FROM tickets WHERE number = ANY(:numbers) ORDER BY number FOR UPDATE")
