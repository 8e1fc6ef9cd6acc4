"""What two nouns hear of each other: an event of our own says where to look, the log says what happened there."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar

import msgspec
import structlog
from msgspec import Struct
from nats.aio.msg import Msg
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from huiyin import faults
from huiyin.bus.envelope import Unreadable
from huiyin.bus.handling import Handling, Item
from huiyin.bus.streams import EVENTS
from huiyin.clerk import Clerk
from huiyin.orders import Answer, Away, Change, Order
from huiyin.store import inbox, vault

CROWD = 500  # orders a transaction: many tickets may hang on one noun

_log = structlog.get_logger()


class Told(Struct, frozen=True):
    """An event of our own, as far as it says where to look: what happened stands in the log."""

    id: str
    source: str
    type: str
    subject: str

    @property
    def version(self) -> int:
        """Which step of its noun it is."""
        return int(self.id.rpartition("-")[2])


_told = msgspec.json.Decoder(Told)
_Item = Item[Told]


class Introducing(Handling[Told]):
    """Handles batches of events; each leads to orders for desks. Nothing is given up: what stands in the log can be
    told later as well. `name` is what its consumer is called, `shape` what the desk beside the tickets' takes; both
    desks may be replaced by ones with newer rulebooks."""

    name: ClassVar[str]
    shape: ClassVar[type[Struct]]
    stream = EVENTS
    pauses = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 600.0)
    tries = float("inf")

    def __init__(self, desk: Clerk, beside: Clerk, seal: vault.Seal, clock: Callable[[], datetime]) -> None:
        super().__init__(seal, clock)
        self.desk, self.beside = desk, beside

    @abstractmethod
    async def orders(self, connection: AsyncConnection, events: Sequence[Told]) -> list[list[Order]]:
        """For each event the orders that it causes, from what the log says now."""

    @property
    def engine(self) -> AsyncEngine:
        return self.desk.engine

    def open(self, msg: Msg) -> Told:
        try:
            said = _told.decode(msg.data)
            _ = said.version
        except (msgspec.MsgspecError, ValueError):
            raise Unreadable("wrong-type") from None
        return said

    def cause(self, said: Told) -> tuple[str, str]:
        return said.source, said.id

    async def done(self, items: Sequence[_Item]) -> list[bool]:
        try:
            made = await self._with(lambda c: self.orders(c, [item.said for item in items]))
        except Away:
            raise
        except Exception:  # one that cannot be read: each is looked at alone
            return [False] * len(items)
        causes = [(order.source, order.event_id) for orders in made for order in orders]
        known = await self._with(lambda c: inbox.known(c, causes))
        return [all((order.source, order.event_id) in known for order in orders) for orders in made]

    async def act(self, items: Sequence[_Item], repeats: bool) -> list[str | None]:
        made = await self._with(lambda c: self.orders(c, [item.said for item in items]))
        faults.reach(f"{self.name}.after-look")
        orders = [order for some in made for order in some]
        answers: dict[str, Answer] = {}
        for desk, shape in ((self.desk, Change), (self.beside, self.shape)):
            mine = [order for order in orders if isinstance(order.what, shape)]
            answers |= await self._done_by(desk, mine, repeats)
            faults.reach(f"{self.name}.after-desk")
        return [_failed([answers[order.event_id] for order in some]) for some in made]

    async def _done_by(self, desk: Clerk, orders: Sequence[Order], repeats: bool) -> dict[str, Answer]:
        """The answers by cause; a refusal is an answer too, and whoever reads the log should know of it."""
        answers: dict[str, Answer] = {}
        for first in range(0, len(orders), CROWD):
            some = orders[first : first + CROWD]
            found = await desk.act(some, at=self._clock(), suspect=repeats)
            answers |= {order.event_id: answer for order, answer in zip(some, found, strict=True)}
        for cause, answer in answers.items():
            if answer.outcome == "refused":
                _log.warning("refused", noun=desk.noun, id=answer.number, code=answer.code, cause=cause)
        return answers

    def tell(self, items: Sequence[_Item], count: int, ms: float) -> None:
        _log.info("told", noun=self.noun, count=count, ms=ms)


def _failed(answers: Sequence[Answer]) -> str | None:
    return next((answer.code or "" for answer in answers if answer.outcome == "failed"), None)
