"""The whistle's half of the one door (吹哨): whatever changes a whistle reads, decides and writes here."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from huiyin import faults, scenes
from huiyin.batch import Sheet
from huiyin.clerk import Clerk
from huiyin.core.scene import Refused
from huiyin.core.whistle import Rules, Step, Whistle, decide, follow
from huiyin.core.whistle.commands import Blow, Open, Recompute, Tick
from huiyin.orders import CLOCK, Answer, Order, Whistling
from huiyin.scenes import Scenes
from huiyin.store import log, whistles
from huiyin.store.database import Driver, driver

Loaded = dict[str, tuple[Whistle, log.Head]]


class WhistleDesk(Clerk):
    """Holds what every order about whistles needs: the database and the rulebook."""

    noun = whistles.NOUN
    clocked = whistles.CLOCKED

    def __init__(self, engine: AsyncEngine, rules: Rules) -> None:
        super().__init__(engine, rules.calendar.version)
        self.rules = rules

    async def _write(self, orders: Sequence[Order], at: datetime, attempt: int) -> dict[tuple[str, str], Answer]:
        sheet = _Whistles(at, self.rules)
        async with self.engine.begin() as connection:
            raw = await driver(connection)
            faults.reach("desk.begun")
            found = await whistles.CHAINS.locked(connection, sorted({what(order).number for order in orders}))
            await self._decide(connection, orders, found, sheet)
            faults.reach("desk.decided")
            await self._keep(raw, sheet)
            faults.reach("desk.before-commit")
        faults.reach("desk.after-commit")
        return sheet.answers

    async def _wake(self, connection: AsyncConnection, names: Sequence[str], at: datetime, again: bool) -> Sheet:
        sheet = _Whistles(at, self.rules)
        found = await whistles.CHAINS.load(connection, names)
        orders = [_by_itself(found[number][0], again) for number in names]
        await self._decide(connection, orders, found, sheet)
        return sheet

    async def _decide(
        self, connection: AsyncConnection, orders: Sequence[Order], found: Loaded, sheet: "_Whistles"
    ) -> None:
        """The orders over whistles that are loaded and locked, each after the one before it."""
        blows = [one for order in orders if isinstance(one := what(order).command, Blow)]
        for there in await whistles.near(await driver(connection), [(one.category, one.spot) for one in blows]):
            sheet.open(there)
        known = await scenes.for_whistles(connection, orders, [one for one, _ in found.values()], sheet.at)
        for order in orders:
            sheet.change(order, found, known)

    async def _keep(self, raw: Driver, sheet: Sheet) -> None:
        await super()._keep(raw, sheet)
        assert isinstance(sheet, _Whistles)
        await whistles.write(raw, [(sheet.before[number], after) for number, after in sheet.changed.items()])


class _Whistles(Sheet):
    """The rows of whistles; `near` are those that are open, by their matter, `before` is what each was at first."""

    def __init__(self, at: datetime, rules: Rules) -> None:
        super().__init__(whistles.NOUN, at, rules.version)
        self.rules = rules
        self.near: dict[tuple[str | None, ...], list[Open]] = {}
        self.changed: dict[str, Whistle] = {}
        self.before: dict[str, Whistle | None] = {}

    def open(self, one: Open) -> None:
        """A whistle that a new one of the same leaf in the same place would be a duplicate of."""
        self.near.setdefault(whistles.matter(one.category, one.spot), []).append(one)

    def change(self, order: Order, found: Loaded, known: Scenes) -> None:
        """Decide and record; a refusal that offers another whistle is answered with its number."""
        asked = what(order)
        command, number = asked.command, asked.number
        whistle, head = found.get(number, (None, log.Head()))
        if isinstance(command, Blow):
            others = self.near.get(whistles.matter(command.category, command.spot), ())
            command = replace(command, number=number, others=tuple(others))
        try:
            steps = decide(
                whistle, command, at=self.at, rules=self.rules, scene=known.of_whistle(order, whistle, command)
            )
        except Refused as refusal:
            self.answer(order, Answer("refused", refusal.offer or number, code=refusal.code))
            return
        if steps:
            found[number] = self._put(order, whistle, head, steps)
            self.dossiers.extend(asked.sealed)
            self.pictures.extend(asked.pictures)
        self.answer(order, Answer("done", number))

    def _put(
        self, order: Order, before: Whistle | None, head: log.Head, steps: Sequence[Step]
    ) -> tuple[Whistle, log.Head]:
        after = before
        for step in steps:
            after = follow(after, step)
        assert after is not None
        if before is None:
            self.open(Open(after.number, after.category, after.spot))
        self.before.setdefault(after.number, before)
        self.changed[after.number] = after
        return after, self.write(order, after.number, after.spot.grid_code or "-", head, steps)


def what(order: Order) -> Whistling:
    """What an order wants of a whistle."""
    assert isinstance(order.what, Whistling)
    return order.what


def _by_itself(whistle: Whistle, again: bool) -> Order:
    """A cause of the clock's own: a whistle at a version."""
    kind, command = ("recompute", Recompute()) if again else ("tick", Tick())
    cause = f"{whistle.number}-{whistle.version}-{kind}"
    return Order(CLOCK, cause, "clock", Whistling(whistle.number, command), role="clock")
