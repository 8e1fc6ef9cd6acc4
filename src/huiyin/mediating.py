"""The mediation's half of the one door (人民调解): whatever changes a mediation reads, decides and writes here."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from huiyin import scenes
from huiyin.batch import Chained, Sheet
from huiyin.clerk import ByNumber
from huiyin.core.calendar import local
from huiyin.core.mediation import Command, Mediation, Rules, Step, decide
from huiyin.core.mediation.commands import Accept, Apply, Recompute, Tick
from huiyin.core.mediation.number import CaseNumber
from huiyin.core.mediation.state import MEDIATING
from huiyin.core.mediation.steps import Accepted
from huiyin.core.scene import Refused
from huiyin.orders import Answer, Mediating, Order
from huiyin.scenes import Scenes
from huiyin.store import bookings, committees, log, mediation_people, mediations
from huiyin.store.committees import Counter, Key
from huiyin.store.database import Driver, driver

Loaded = dict[str, tuple[Mediation, log.Head]]


class MediationDesk(ByNumber):
    """Holds what every order about mediations needs: the database and the rulebook."""

    noun, chains = mediations.NOUN, mediations.CHAINS
    clocked = mediations.CLOCKED

    def __init__(self, engine: AsyncEngine, rules: Rules) -> None:
        super().__init__(engine, rules.calendar.version)
        self.rules = rules

    def _sheet(self, at: datetime) -> "_Mediations":
        return _Mediations(at, self.rules)

    def _turn(self, number: str, again: bool) -> Mediating:
        return Mediating(number, Recompute() if again else Tick())

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
        await mediation_people.renew(raw, sheet.codes, sheet.at)
        await mediations.write(raw, sheet.moved)
        await bookings.freed(raw, [pair for before, after in sheet.moved for pair in _off(before, after)])


class _Mediations(Chained[Mediation]):
    """The rows of mediations; `counters` are held, `used` those that went on."""

    def __init__(self, at: datetime, rules: Rules) -> None:
        super().__init__(mediations.CHAINS, at, rules.version)
        self.rules, self.year = rules, local(at).year
        self.counters: dict[Key, Counter] = {}
        self.used: set[Key] = set()
        self.people: list[tuple[str, mediation_people.Known]] = []
        self.codes: list[tuple[str, str, int]] = []

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
            self.codes.extend((number, *each) for each in asked.codes)
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
        after, head = self.record(order, what(order).number, before, head, steps)
        for step in steps:
            if isinstance(step, Accepted):
                self.counters[_key(after)].last = step.case.serial
                self.used.add(_key(after))
        return after, head


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
