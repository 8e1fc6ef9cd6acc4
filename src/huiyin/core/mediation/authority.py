"""Who may do what with a mediation (权限): command × relation to it; the relation is computed, never declared."""

from huiyin.core.mediation.commands import Apply, Command, FlagRisk, Release, Report
from huiyin.core.mediation.ground import Ground
from huiyin.core.mediation.state import Mediation
from huiyin.core.scene import MACHINES, Refused
from huiyin.core.words import Actor

# party: the party itself that the command speaks for, through its own door. mediator: who is assigned to it, by person.
# committee: the desk of the committee. system: the clock, and consumers. What a party says at the table, on paper or
# by voice, the mediator or the committee records for it.

PARTY = "party"  # the kind of post of whoever comes as a party: `party:<opaque id>`
_COMMITTEE = frozenset(("committee",))
_MEDIATOR = frozenset(("mediator",))
_STAFF = _COMMITTEE | _MEDIATOR
_ALL = _STAFF | {"party"}
_SYSTEM = frozenset(("system",))
_ANYBODY = (Release, FlagRisk, Report)  # withdrawing and reporting a danger is nobody's to be barred from

TABLE: dict[str, frozenset[str]] = {
    "Apply": _ALL | _SYSTEM,
    "Check": _COMMITTEE,
    "Accept": _COMMITTEE,
    "Decline": _COMMITTEE,
    "Identify": _STAFF,
    "RenewCode": _ALL,
    "LookUp": _MEDIATOR,
    "Consent": _ALL,
    "Refuse": _ALL,
    "Stop": _ALL,
    "NotifyRights": _ALL,
    "Empower": _ALL,
    "Represent": _ALL,
    "Invite": _STAFF,
    "Answer": _ALL,
    "Assign": _COMMITTEE,
    "Disclose": _MEDIATOR,
    "Release": _STAFF,
    "Plan": _STAFF,
    "Reply": _ALL,
    "Hold": _MEDIATOR,
    "Adjourn": _STAFF,
    "Confide": _MEDIATOR,
    "Investigate": _MEDIATOR,
    "FlagRisk": _STAFF,
    "Report": _STAFF,
    "AskMeeting": _MEDIATOR,
    "AnswerMeeting": _COMMITTEE,
    "Draft": _MEDIATOR,
    "Mark": _ALL,
    "AgreeOrally": _MEDIATOR,
    "Perform": _ALL,
    "Breach": _STAFF,
    "Visit": _STAFF,
    "Sue": _ALL,
    "TellConfirmation": _STAFF,
    "ApplyConfirmation": _STAFF,
    "RecordRuling": _STAFF,
    "End": _STAFF,
    "DeliverRoutes": _ALL,
    "Archive": _COMMITTEE,
    "Enclose": _MEDIATOR,
    "LinkBack": _SYSTEM,
    "NoteWhistle": _COMMITTEE,
    "Tick": _SYSTEM,
    "Recompute": _SYSTEM,
}


def relations(ground: Ground, mediation: Mediation, command: Command) -> frozenset[str]:
    """What an actor is to a mediation, where a command speaks for a party."""
    by, found = ground.by, set()
    if by.role in MACHINES:
        return _SYSTEM
    if is_party(by, getattr(command, "party", "")):
        found.add("party")
    if by.post == ground.desk(mediation):
        found.add("committee")
    if by.post == ground.mediators(mediation) and mediation.mediator(by.person) is not None:
        found.add("mediator")
    return frozenset(found)


def is_party(by: Actor, party: str) -> bool:
    """Whether somebody comes as this party."""
    return by.role == PARTY and by.post == f"{PARTY}:{party}"


def allow(ground: Ground, mediation: Mediation, command: Command) -> None:
    """Raises Refused where the actor may not: "recused" with an interest in the case, "not-your-mediation" without the
    relation, "not-your-side" where one party would speak for another."""
    staff = ground.by.role not in (*MACHINES, PARTY)
    if staff and not isinstance(command, _ANYBODY) and ground.scene.interested(ground.scene.parties):
        raise Refused("recused")
    if isinstance(command, Apply) or TABLE[type(command).__name__] & relations(ground, mediation, command):
        return
    mine = any(is_party(ground.by, one.party) for one in mediation.lines)
    raise Refused("not-your-side" if mine else "not-your-mediation")
