"""Who complained, and who is told (查看与告知): a full look leaves a step; the respondent gets a text of its own."""

from huiyin.core.commands import Looking, Notify, View
from huiyin.core.masks import revealable
from huiyin.core.state import OPEN, Ticket
from huiyin.core.steps import Notified, Step, Viewed
from huiyin.core.ticket.authority import assigned
from huiyin.core.ticket.ground import Ground, Refused, working


def decide(ticket: Ticket, command: Looking, ground: Ground) -> list[Step]:
    """Steps of looking and telling; neither changes the ticket."""
    return _look(ticket, command, ground) if isinstance(command, View) else _tell(ticket, command, ground)


def _look(ticket: Ticket, command: View, ground: Ground) -> list[Step]:
    """Every look is a step of its own: the second is no repeat of the first."""
    working(ticket, *OPEN, "replied", "shelved", "merged")
    by = ground.by
    if not revealable(by.role, command.field, assigned=assigned(by, ticket, ground.rules.ladder)):
        raise Refused("not-revealed")
    return [Viewed(command.field, command.purpose, by.person)]


def _tell(ticket: Ticket, command: Notify, ground: Ground) -> list[Step]:
    """A document for a post that is a respondent here, and for no other."""
    working(ticket, *OPEN, "replied", "shelved")
    parties = ground.parties(ticket.about, ticket.spot)
    if command.to not in {one.organisation for one in parties if one.role == "respondent"}:
        raise Refused("not-the-respondent")
    return [Notified(command.to, command.words)]
