"""What a ticket hears of its whistles (吹哨): kept in every state, and waited for in none; no clock of it changes."""

from msgspec.structs import replace

from huiyin.core.state import Ticket, WhistleAt
from huiyin.core.steps import Step
from huiyin.core.whistled import Whistled


def decide(ticket: Ticket, command: Whistled) -> list[Step]:
    """[] for what comes late or again, and for what says nothing new: the same stage with the same limit."""
    fresh, known = _at(command), next((one for one in ticket.whistles if one.number == command.whistle), None)
    if known is None:
        return [command]
    new = fresh.version > known.version and fresh != replace(known, version=fresh.version)
    return [command] if new else []


# -- folding ----------------------------------------------------------------------------------------------


def follow(ticket: Ticket, step: Whistled) -> Ticket:
    """The ticket after a step of this kind: what it knows of each whistle, the latest news last."""
    others = (one for one in ticket.whistles if one.number != step.whistle)
    return replace(ticket, whistles=(*others, _at(step)))


def _at(told: Whistled) -> WhistleAt:
    return WhistleAt(told.whistle, told.stage, told.version, told.at)
