"""Who may do what with a ticket (权限): command × relation to it; the relation is computed, never declared."""

from huiyin.core.commands import Command
from huiyin.core.ladder import LadderRules
from huiyin.core.people import ROLES
from huiyin.core.scene import MACHINES
from huiyin.core.sight import hidden
from huiyin.core.state import Ticket
from huiyin.core.ticket.ground import Ground, Refused
from huiyin.core.words import Actor, Rung

# holder: the post that has it. assistant: who helps that post, or was told of the emergency. above: a higher rung
# of the same place. area: of the same place, not higher. ruler: asked to rule on the objection. resident: holds
# the receipt. system: the clock and the sorter.

_WORK = frozenset(("holder", "assistant"))
_ANY = frozenset(("holder", "assistant", "above"))
_UP = frozenset(("above",))
_SYSTEM = frozenset(("system",))
_RESIDENT = frozenset(("resident",))

TABLE: dict[str, frozenset[str]] = {
    "File": _SYSTEM,
    "Reclassify": frozenset(("holder", "assistant", "above", "area")),
    "Dispatch": _UP,
    "Sign": _WORK,
    "Contact": _ANY | {"area"},
    "Note": _ANY | {"area"},
    "Attach": _ANY | {"area", "resident"},
    "CheckSite": _ANY | {"area"},
    "Dissuade": _ANY | {"area"},
    "Reassign": frozenset(("holder", "above")),
    "Relate": _ANY | {"area"},
    "Resolve": _WORK,
    "Reply": _ANY,
    "View": _ANY | {"area"},
    "Notify": frozenset(("holder", "above")),
    "HandUp": _WORK,
    "Object": frozenset(("holder",)),
    "Rule": frozenset(("ruler", "above")),
    "AnswerSupervision": _ANY,
    "Tick": _SYSTEM,
    "Recompute": _SYSTEM,
    "Extend": _ANY,
    "Shelve": _ANY,
    "Approve": _UP,
    "Decline": _UP,
    "Clear": _ANY,
    "Merge": _ANY | {"area"},
    "Join": _ANY | {"area"},
    "Split": _ANY | {"resident", "area", "system"},
    "Leave": _ANY | {"resident", "area", "system"},
    "Follow": _SYSTEM,
    "FollowUp": _ANY | {"resident", "area"},
    "Reopen": frozenset(("above", "resident", "area")),
    "Withdraw": frozenset(("above", "resident", "area")),
    "Redirect": frozenset(("above", "holder")),
    "Close": _ANY | {"area"},
    "Urge": _RESIDENT,
    "Add": _RESIDENT,
    "ReportPressure": _RESIDENT,
    "Whistled": _SYSTEM,
    "Mediated": _SYSTEM,
}


def relations(by: Actor, ticket: Ticket, rules: LadderRules) -> frozenset[str]:
    """What an actor is to a ticket."""
    if by.role in MACHINES:
        return _SYSTEM
    if by.role == "resident":
        return _RESIDENT
    found = set()
    if ticket.post is not None and by.post == ticket.post.code:
        found.add("holder")
    elif _area(by, ticket) and _over(by, ticket, rules):
        found.add("above")
    if by.post in [one.code for one in ticket.also] or _assists(by, ticket, rules):
        found.add("assistant")  # does the holder's work: no bystander of the area
    if not found and _area(by, ticket):
        found.add("area")
    if ticket.objection is not None and ticket.objection.ruler.post.code == by.post:
        found.add("ruler")
    return frozenset(found)


def assigned(by: Actor, ticket: Ticket, rules: LadderRules) -> bool:
    """Whether the actor has the case in hand: holds it, or helps who does."""
    return bool(relations(by, ticket, rules) & _WORK)


def _assists(by: Actor, ticket: Ticket, rules: LadderRules) -> bool:
    return ticket.rung is not None and by.post in [
        f"{prefix}:{ticket.spot.grid_code}" for prefix in rules.assist.get(ticket.rung, ())
    ]


def _area(by: Actor, ticket: Ticket) -> bool:
    """Whether the ticket lies where the post belongs."""
    spot = ticket.spot
    here = (f"grid:{spot.grid_code}", f"community:{spot.community_code}", f"street:{spot.street_code}")
    if by.post in here:
        return True
    # Nobody knows the place yet: every community and street desk that sees it may look for it.
    return ticket.spot.community_code is None and by.role in ("community", "street", "grid_worker")


def _over(by: Actor, ticket: Ticket, rules: LadderRules) -> bool:
    """Whether the post's rung is above the ticket's."""
    if ticket.rung is None:
        return any(by.post.startswith(f"{rules.rungs[rung].prefix}:") for rung in rules.order)
    return ticket.rung in below(by.post, rules)


def below(post: str, rules: LadderRules) -> tuple[Rung, ...]:
    """The rungs under a post's own, lowest first; none for a post that is no rung."""
    prefix = post.partition(":")[0]
    own = next((at for at, rung in enumerate(rules.order) if rules.rungs[rung].prefix == prefix), 0)
    return rules.order[:own]


def allow(ground: Ground, ticket: Ticket, command: Command) -> frozenset[str]:
    """The relations under which the actor may do it; raises Refused("not-your-ticket")."""
    _unbiased(ground, ticket)
    found = relations(ground.by, ticket, ground.rules.ladder)
    wanted = TABLE[type(command).__name__]
    if found & wanted:
        return found
    top = ticket.rung in (None, ground.rules.ladder.order[-1])
    if top and "holder" in found and "above" in wanted and ground.by.person:
        return found  # nobody is above: another person of the same post decides (`asking` looks who)
    raise Refused("not-your-ticket")


def _unbiased(ground: Ground, ticket: Ticket) -> None:
    """Whoever has an interest in the case does nothing with it, whatever post they act as (信访工作条例 28(3))."""
    by = ground.by
    if by.role in MACHINES:
        return
    parties = ground.parties(ticket.about, ticket.spot)
    if _out(by, ticket, ground.rules.ladder) or ground.scene.interested(parties):
        raise Refused("recused")


def _out(by: Actor, ticket: Ticket, rules: LadderRules) -> bool:
    """Whether the kind of post never even knows of such a case: where nobody is named, too (`sight`)."""
    role = next((one for one in ROLES if one == by.role), None)
    if role is None:
        return False
    return any(
        one.about == ticket.about and (one.column is None or getattr(ticket.spot, one.column) == one.code)
        for one in hidden(role, (by.post,), rules)
    )
