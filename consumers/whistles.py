"""A whistle is told to its tickets, and what a resident said is told to the whistle."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import msgspec
import structlog
from msgspec import Struct
from nats.aio.msg import Msg
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from huiyin import faults
from huiyin.bus.envelope import Unreadable
from huiyin.bus.handling import Handling, Item
from huiyin.bus.streams import EVENT_PREFIX, EVENTS
from huiyin.clerk import Clerk
from huiyin.core.whistle import Step, Whistle
from huiyin.core.whistle.commands import Hear
from huiyin.core.whistle.steps import Joined, Resumed, Supervised
from huiyin.core.whistled import Whistled, WhistleStage
from huiyin.desk import Change, Desk, Order
from huiyin.orders import Answer, Away, Whistling
from huiyin.store import inbox, tickets, vault, whistles
from huiyin.whistling import WhistleDesk

DURABLE = "whistles"
SUBJECTS = (f"{EVENT_PREFIX}.whistle.>", f"{EVENT_PREFIX}.ticket.followed_up.>")
SOURCE = "urn:huiyin:whistles"
ACTOR, ROLE = "whistles", "clock"
CROWD = 500  # orders a transaction: many tickets may hang on one whistle

_log = structlog.get_logger()


class Told(Struct, frozen=True):
    """An event of our own, as far as it says where to look: what happened stands in the log."""

    id: str
    source: str
    type: str
    subject: str


_told = msgspec.json.Decoder(Told)
_Item = Item[Told]


class Hearsay(Handling[Told]):
    """Handles batches of events; both desks may be replaced by ones with newer rulebooks. Nothing is given up: what
    stands in the log can be told later as well."""

    stream, noun = EVENTS, "whistle"
    pauses = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 600.0)
    tries = float("inf")

    def __init__(self, desk: Desk, whistling: WhistleDesk, seal: vault.Seal, clock: Callable[[], datetime]) -> None:
        super().__init__(seal, clock)
        self.desk, self.whistling = desk, whistling

    @property
    def engine(self) -> AsyncEngine:
        return self.desk.engine

    def open(self, msg: Msg) -> Told:
        try:
            said = _told.decode(msg.data)
            _version(said)
        except (msgspec.MsgspecError, ValueError):
            raise Unreadable("wrong-type") from None
        return said

    def cause(self, said: Told) -> tuple[str, str]:
        return said.source, said.id

    async def done(self, items: Sequence[_Item]) -> list[bool]:
        try:
            made = await self._with(lambda c: _orders(c, [item.said for item in items]))
        except Away:
            raise
        except Exception:  # one that cannot be read: each is looked at alone
            return [False] * len(items)
        causes = [(order.source, order.event_id) for orders in made for order in orders]
        known = await self._with(lambda c: inbox.known(c, causes))
        return [all((order.source, order.event_id) in known for order in orders) for orders in made]

    async def act(self, items: Sequence[_Item], repeats: bool) -> list[str | None]:
        made = await self._with(lambda c: _orders(c, [item.said for item in items]))
        faults.reach("whistles.after-look")
        orders = [order for some in made for order in some]
        answers: dict[str, Answer] = {}
        for desk, shape in ((self.desk, Change), (self.whistling, Whistling)):
            mine = [order for order in orders if isinstance(order.what, shape)]
            answers |= await self._done_by(desk, mine, repeats)
            faults.reach("whistles.after-desk")
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


# -- which orders an event leads to -----------------------------------------------------------------------


async def _orders(connection: AsyncConnection, events: Sequence[Told]) -> list[list[Order]]:
    """For each event the orders that it causes, from what the log says now."""
    about = {event.subject for event in events if event.type.startswith("whistle.")}
    heard = {event.subject for event in events if not event.type.startswith("whistle.")}
    past = await whistles.past(connection, sorted(about))
    answers = await tickets.followed_up(connection, sorted(heard))
    called = await whistles.of_tickets(connection, sorted(answers))
    return [
        list(_telling(event, past.get(event.subject, [])))
        if event.type.startswith("whistle.")
        else list(_hearing(event, answers.get(event.subject), called.get(event.subject, [])))
        for event in events
    ]


def _telling(event: Told, past: whistles.Past) -> Iterator[Order]:
    """Each ticket that hung on the whistle then is told what was new; nothing where the log has no such step."""
    version = _version(event)
    if version > len(past):
        return
    step, after = past[version - 1]
    before = past[version - 2][1] if version > 1 else None
    limit = after.due.at if after.due else None
    if (fresh := news(before, step, after)) is not None:
        for ticket in after.tickets:
            yield _order(event, ticket, Change(ticket, Whistled(after.number, fresh, version, limit)))
    elif isinstance(step, Joined):
        stage = progress(after)
        yield _order(
            event,
            step.ticket,
            Change(step.ticket, Whistled(after.number, "joined" if stage == "blown" else stage, version, limit)),
        )


def _hearing(event: Told, answer: tickets.FollowUp | None, called: Sequence[tuple[str, datetime]]) -> Iterator[Order]:
    """Each whistle that was blown for the ticket before the resident's last word hears that word, whichever event of
    theirs comes last."""
    if answer is None:
        return
    command = Hear(event.subject, answer.said.solved, answer.said.satisfied)
    for number, blown_at in called:
        if blown_at <= answer.at:
            yield _order(event, number, Whistling(number, command))


def _order(event: Told, target: str, what: Change | Whistling) -> Order:
    return Order(SOURCE, f"{event.id}/{target}", ACTOR, what, role=ROLE)


def _version(event: Told) -> int:
    return int(event.id.rpartition("-")[2])


# -- what is news to a ticket -----------------------------------------------------------------------------


def news(before: Whistle | None, step: Step, after: Whistle) -> WhistleStage | None:
    """What a step means to who holds a ticket of the whistle: how far it is, where that or the soonest limit is
    another than it was, or that somebody is late."""
    if isinstance(step, Supervised):
        return "supervised"
    if isinstance(step, Resumed):
        return "resumed"
    stage = progress(after)
    if after.due is None and after.state != "closed":
        return None  # in the middle of one decision: the next step of it is the news
    if before is not None and (stage, _limit(after)) == (progress(before), _limit(before)):
        return None
    return stage


def _limit(whistle: Whistle) -> datetime | None:
    return whistle.due.at if whistle.due else None


def progress(whistle: Whistle) -> WhistleStage:
    """How far a whistle is, told by its lead."""
    match whistle.state:
        case "closed":
            return _ENDS.get(whistle.outcome or "", "closed")
        case "passing" | "approving":
            return "blown"
        case "paused" | "replied" | "confirmed":
            return whistle.state
    lead = whistle.lead
    if lead is None:
        return "blown"
    reached: tuple[tuple[WhistleStage, bool], ...] = (
        ("called", not lead.person),
        ("returned", whistle.returned > 0),
        ("planned", lead.planned is not None),
        ("arrived", lead.came),
    )
    return next((stage for stage, there in reached if there), "acknowledged")


_ENDS: dict[str, WhistleStage] = {"sent-back": "sent-back", "declined": "declined", "cancelled": "cancelled"}
