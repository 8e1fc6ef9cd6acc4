"""Who may do what with a whistle (权限): command × relation to it; the relation is computed, never declared."""

from huiyin.core.scene import MACHINES, Refused
from huiyin.core.whistle.commands import Command
from huiyin.core.whistle.ground import Ground
from huiyin.core.whistle.state import Whistle

# blower: the post that blew it. street: the street of the place, area: its community. leader: who may approve for the
# street: its leader, or a named person of its desk (`blowing` looks that it is another one). lead, co: the departments
# that are called. system: the clock, and consumers.

_AREA = frozenset(("blower", "street", "area"))
_STREET = frozenset(("street",))
_LEADER = frozenset(("leader",))
_BLOWER = frozenset(("blower",))
_LEAD = frozenset(("lead",))
_CO = frozenset(("co",))
_SYSTEM = frozenset(("system",))

TABLE: dict[str, frozenset[str]] = {
    "Blow": _AREA,
    "PassOn": _STREET,
    "SendBack": _STREET,
    "Approve": _LEADER,
    "Decline": _LEADER,
    "Join": _AREA,
    "Cancel": _BLOWER,
    "Acknowledge": _LEAD | _CO,
    "Object": _LEAD | _CO,
    "Rule": _STREET,
    "Arrive": _LEAD | _CO,
    "Plan": _LEAD,
    "Progress": _LEAD | _CO,
    "AskCo": _LEAD,
    "Answer": _CO,
    "Reply": _LEAD,
    "AskPause": _LEAD,
    "GrantPause": _STREET | _LEADER,
    "RefusePause": _STREET | _LEADER,
    "Resume": _LEAD | _STREET,
    "Confirm": _BLOWER | _STREET,
    "Return": _BLOWER | _STREET,
    "RateDepartment": _BLOWER,
    "RateBlower": _LEAD,
    "Hear": _SYSTEM,
    "Tick": _SYSTEM,
    "Recompute": _SYSTEM,
}


def relations(ground: Ground, whistle: Whistle) -> frozenset[str]:
    """What an actor is to a whistle."""
    by, found = ground.by, set()
    if by.role in MACHINES:
        return _SYSTEM
    if by.post == whistle.blower:
        found.add("blower")
    if by.post == whistle.street:
        found.add("street")
    if by.post == f"community:{whistle.spot.community_code}":
        found.add("area")
    leader = f"{ground.rules.whistle.leader}:{whistle.spot.street_code}"
    if by.post == leader or (by.post == whistle.street and by.person):
        found.add("leader")
    line = whistle.line(by.post)
    if line is not None:
        found.add("lead" if line.lead else "co")
    return frozenset(found)


def allow(ground: Ground, whistle: Whistle, command: Command) -> None:
    """Raises Refused where the actor may not: "recused" with an interest in the case (信访工作条例 28(3)),
    "not-your-whistle" without the relation, "own-request" where only another person may."""
    if ground.by.role not in MACHINES and ground.scene.interested(ground.scene.parties):
        raise Refused("recused")
    wanted, found = TABLE[type(command).__name__], relations(ground, whistle)
    if wanted & found:
        return
    raise Refused("own-request" if wanted == _LEADER and "street" in found else "not-your-whistle")
