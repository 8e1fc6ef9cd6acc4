"""What a ticket hears of its whistles and mediations (吹哨、调解): kept in every state, and waited for in none."""

from msgspec.structs import replace

from huiyin.core.mediated import Mediated
from huiyin.core.state import MediationAt, Ticket, WhistleAt
from huiyin.core.steps import Step
from huiyin.core.whistled import Whistled


def decide(ticket: Ticket, command: Whistled | Mediated) -> list[Step]:
    """[] for what comes late or again, and for what says nothing new: the same stage with the same limit."""
    fresh = _at(command)
    heard: tuple[WhistleAt | MediationAt, ...] = (*ticket.whistles, *ticket.mediations)
    known = next((one for one in heard if one.number == fresh.number), None)
    if known is None:
        return [command]
    new = fresh.version > known.version and fresh != replace(known, version=fresh.version)
    return [command] if new else []


# -- folding ----------------------------------------------------------------------------------------------


def follow(ticket: Ticket, step: Whistled | Mediated) -> Ticket:
    """The ticket after a step of this kind: what it knows of each of them, the latest news last."""
    fresh = _at(step)
    if isinstance(fresh, WhistleAt):
        others = (one for one in ticket.whistles if one.number != fresh.number)
        return replace(ticket, whistles=(*others, fresh))
    rest = (one for one in ticket.mediations if one.number != fresh.number)
    return replace(ticket, mediations=(*rest, fresh))


def _at(told: Whistled | Mediated) -> WhistleAt | MediationAt:
    if isinstance(told, Mediated):
        return MediationAt(told.mediation, told.progress, told.version)
    return WhistleAt(told.whistle, told.stage, told.version, told.at)
