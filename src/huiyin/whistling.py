"""The whistle's half of the one door (吹哨): whatever changes a whistle reads, decides and writes here."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from huiyin import scenes
from huiyin.batch import Chained, Sheet
from huiyin.clerk import ByNumber
from huiyin.core.scene import Refused
from huiyin.core.whistle import Rules, Step, Whistle, decide
from huiyin.core.whistle.commands import Blow, Open, Recompute, Tick
from huiyin.orders import Answer, Order, Whistling
from huiyin.scenes import Scenes
from huiyin.store import log, whistles
from huiyin.store.database import Driver, driver

Loaded = dict[str, tuple[Whistle, log.Head]]


class WhistleDesk(ByNumber):
    """Holds what every order about whistles needs: the database and the rulebook."""

    noun, chains = whistles.NOUN, whistles.CHAINS
    clocked = whistles.CLOCKED

    def __init__(self, engine: AsyncEngine, rules: Rules) -> None:
        super().__init__(engine, rules.calendar.version)
        self.rules = rules

    def _sheet(self, at: datetime) -> "_Whistles":
        return _Whistles(at, self.rules)

    def _turn(self, number: str, again: bool) -> Whistling:
        return Whistling(number, Recompute() if again else Tick())

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
        await whistles.write(raw, sheet.moved)


class _Whistles(Chained[Whistle]):
    """The rows of whistles; `near` are those that are open, by their matter."""

    def __init__(self, at: datetime, rules: Rules) -> None:
        super().__init__(whistles.CHAINS, at, rules.version)
        self.rules = rules
        self.near: dict[tuple[str | None, ...], list[Open]] = {}

    def place(self, after: Whistle) -> str:
        return after.spot.grid_code or "-"

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
        after, head = self.record(order, what(order).number, before, head, steps)
        if before is None:
            self.open(Open(after.number, after.category, after.spot))
        return after, head


def what(order: Order) -> Whistling:
    """What an order wants of a whistle."""
    assert isinstance(order.what, Whistling)
    return order.what
