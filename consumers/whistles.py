"""A whistle is told to its tickets, and what a resident said is told to the whistle."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.bus.introducing import Introducing, Told
from huiyin.bus.streams import EVENT_PREFIX
from huiyin.core.whistle import Step, Whistle
from huiyin.core.whistle.commands import Hear
from huiyin.core.whistle.steps import Joined, Resumed, Supervised
from huiyin.core.whistled import Whistled, WhistleStage
from huiyin.desk import Change, Order
from huiyin.orders import Whistling
from huiyin.store import tickets, whistles

DURABLE = "whistles"
SUBJECTS = (f"{EVENT_PREFIX}.whistle.>", f"{EVENT_PREFIX}.ticket.followed_up.>")
SOURCE = "urn:huiyin:whistles"
ACTOR, ROLE = "whistles", "clock"


class Hearsay(Introducing):
    """Between tickets and whistles."""

    name, noun, shape = "whistles", "whistle", Whistling

    async def orders(self, connection: AsyncConnection, events: Sequence[Told]) -> list[list[Order]]:
        return await _orders(connection, events)


# -- which orders an event leads to -----------------------------------------------------------------------


async def _orders(connection: AsyncConnection, events: Sequence[Told]) -> list[list[Order]]:
    """For each event the orders that it causes, from what the log says now."""
    about = {event.subject for event in events if event.type.startswith("whistle.")}
    heard = {event.subject for event in events if not event.type.startswith("whistle.")}
    past = await whistles.CHAINS.past(connection, sorted(about))
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
    version = event.version
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
