"""The mediation's half of the one door (人民调解): whatever changes a mediation reads, decides and writes here."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from huiyin import faults, scenes
from huiyin.batch import Sheet
from huiyin.clerk import Clerk
from huiyin.core.calendar import local
from huiyin.core.mediation import Command, Mediation, Rules, Step, decide, follow
from huiyin.core.mediation.commands import Accept, Apply, Recompute, Tick
from huiyin.core.mediation.number import CaseNumber
from huiyin.core.mediation.state import MEDIATING
from huiyin.core.mediation.steps import Accepted
from huiyin.core.scene import Refused
from huiyin.orders import CLOCK, Answer, Mediating, Order
from huiyin.scenes import Scenes
from huiyin.store import bookings, committees, log, mediation_people, mediations
from huiyin.store.committees import Counter, Key
from huiyin.store.database import Driver, driver

Loaded = dict[str, tuple[Mediation, log.Head]]


class MediationDesk(Clerk):
    """Holds what every order about mediations needs: the database and the rulebook."""

    noun = mediations.NOUN
    clocked = mediations.CLOCKED

    def __init__(self, engine: AsyncEngine, rules: Rules) -> None:
        super().__init__(engine, rules.calendar.version)
        self.rules = rules

    async def _write(self, orders: Sequence[Order], at: datetime, attempt: int) -> dict[tuple[str, str], Answer]:
        sheet = _Mediations(at, self.rules)
        async with self.engine.begin() as connection:
            raw = await driver(connection)
            faults.reach("desk.begun")
            names = sorted({what(order).number for order in orders})
            found = await mediations.CHAINS.locked(connection, names)
            await self._decide(connection, orders, found, sheet)
            faults.reach("desk.decided")
            await self._keep(raw, sheet)
            faults.reach("desk.before-commit")
        faults.reach("desk.after-commit")
        return sheet.answers

    async def _wake(self, connection: AsyncConnection, names: Sequence[str], at: datetime, again: bool) -> Sheet:
        sheet = _Mediations(at, self.rules)
        found = await mediations.CHAINS.load(connection, names)
        await self._decide(connection, [_by_itself(found[number][0], again) for number in names], found, sheet)
        return sheet

    async def _decide(
        self, connection: AsyncConnection, orders: Sequence[Order], found: Loaded, sheet: "_Mediations"
    ) -> None:
        """The orders over mediations that are loaded and locked, each after the one before it."""
        taking = {what(order).number for order in orders if isinstance(what(order).command, Accept)}
        wanted = [_key(one) for number, (one, _) in found.items() if number in taking]
        sheet.counters = await committees.counters(await driver(connection), wanted, sheet.year)
        staged = [one for one, _ in found.values()]
        known = await scenes.for_mediations(connection, orders, staged, self.rules.mediation, sheet.at)
        for order in orders:
            sheet.change(order, found, known)

    async def _keep(self, raw: Driver, sheet: Sheet) -> None:
        await super()._keep(raw, sheet)
        assert isinstance(sheet, _Mediations)
        await committees.count(raw, sheet.year, [(key, sheet.counters[key].last) for key in sorted(sheet.used)])
        await mediation_people.write(raw, sheet.people, sheet.at)
        await mediations.write(raw, [(sheet.before[number], after) for number, after in sheet.changed.items()])
        await bookings.freed(
            raw, [pair for number, one in sheet.changed.items() for pair in _off(sheet.before[number], one)]
        )


class _Mediations(Sheet):
    """The rows of mediations; `before` is what each was at first, `counters` are held, `used` those that went on."""

    def __init__(self, at: datetime, rules: Rules) -> None:
        super().__init__(mediations.NOUN, at, rules.version)
        self.rules, self.year = rules, local(at).year
        self.counters: dict[Key, Counter] = {}
        self.used: set[Key] = set()
        self.people: list[tuple[str, mediation_people.Known]] = []
        self.changed: dict[str, Mediation] = {}
        self.before: dict[str, Mediation | None] = {}

    def change(self, order: Order, found: Loaded, known: Scenes) -> None:
        """Decide and record, or answer with the refusal."""
        asked = what(order)
        number = asked.number
        one, head = found.get(number, (None, log.Head()))
        try:
            command = self._numbered(number, one, asked.command)
            scene = known.of_mediation(order, asked)
            steps = decide(one, command, at=self.at, rules=self.rules, scene=scene)
        except Refused as refusal:
            self.answer(order, Answer("refused", number, code=refusal.code))
            return
        if steps:
            found[number] = self._put(order, one, head, steps)
            self.dossiers.extend(asked.sealed)
            self.pictures.extend(asked.pictures)
            self.people.extend((number, each) for each in asked.people)
            known.met(asked)
        self.answer(order, Answer("done", number))

    def _numbered(self, number: str, one: Mediation | None, command: Command) -> Command:
        """A case is accepted under the next number of its committee's year, or under the one that it has."""
        if isinstance(command, Apply):
            return replace(command, number=number)
        if not isinstance(command, Accept) or one is None:
            return command
        counter = self.counters.get(_key(one))
        if counter is None:
            raise Refused("unknown-committee")
        return Accept(one.case or CaseNumber(self.year, counter.short, counter.last + 1))

    def _put(
        self, order: Order, before: Mediation | None, head: log.Head, steps: Sequence[Step]
    ) -> tuple[Mediation, log.Head]:
        after = before
        for step in steps:
            after = follow(after, step)
            if isinstance(step, Accepted):
                self.counters[_key(after)].last = step.case.serial
                self.used.add(_key(after))
        assert after is not None
        self.before.setdefault(after.number, before)
        self.changed[after.number] = after
        return after, self.write(order, after.number, "-", head, steps)


def what(order: Order) -> Mediating:
    """What an order wants of a mediation."""
    assert isinstance(order.what, Mediating)
    return order.what


def _key(one: Mediation) -> Key:
    return one.committee, one.kind


def _off(before: Mediation | None, after: Mediation) -> list[tuple[str, int]]:
    """The sessions that were to be and will not: adjourned, or what they were for is over."""
    waited = {one.number for one in before.sessions if one.waits} if before else set()
    over = after.state not in MEDIATING
    return [
        (after.number, one.number)
        for one in after.sessions
        if one.number in waited and (one.adjourned is not None or (over and one.waits))
    ]


def _by_itself(one: Mediation, again: bool) -> Order:
    """A cause of the clock's own: a mediation at a version."""
    kind, command = ("recompute", Recompute()) if again else ("tick", Tick())
    return Order(CLOCK, f"{one.number}-{one.version}-{kind}", "clock", Mediating(one.number, command), role="clock")
