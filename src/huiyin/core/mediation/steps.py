"""What happens to a mediation (人民调解): steps, past tense; a step's tag is its published name."""

from datetime import datetime

from msgspec import Struct

from huiyin.core.mediation.clocks import Countdown
from huiyin.core.mediation.kinds import (
    Bar,
    Body,
    Coming,
    Committee,
    Duty,
    Gone,
    Helper,
    How,
    Matter,
    Purpose,
    Referrer,
    Risk,
    Side,
    Source,
    Statement,
)
from huiyin.core.mediation.number import CaseNumber
from huiyin.core.mediation.steps_agreed import (
    AgreedOrally,
    Archived,
    Breached,
    ConfirmationApplied,
    ConfirmationLapsed,
    ConfirmationRuled,
    ConfirmationTold,
    Drafted,
    Enclosed,
    Ended,
    Fulfilled,
    Marked,
    MeetingAnswered,
    MeetingAsked,
    Performed,
    Resurfaced,
    RoutesDelivered,
    Sued,
    TookEffect,
    Visited,
    Whistled,
)
from huiyin.core.words import Sealed

# -- opening ----------------------------------------------------------------------------------------------


class Applied(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="mediation.applied.v1"):
    """申请、移送、主动调解; the committee's limit to accept or decline begins."""

    number: str
    committee: str
    kind: Committee
    source: Source
    category: str
    words: Sealed
    sides: tuple[Side, ...]
    clocks: tuple[Countdown, ...]
    ticket: str | None = None
    referrer: Referrer | None = None
    before: str | None = None
    requests: tuple[Sealed, ...] = ()


class Checked(Struct, frozen=True, tag_field="step", tag="mediation.checked.v1"):
    """What stands in the way of accepting; nothing, or a reason each."""

    bars: tuple[Bar, ...]
    civil: bool


class Accepted(Struct, frozen=True, tag_field="step", tag="mediation.accepted.v1"):
    """受理: every party is willing; the time for mediating runs."""

    case: CaseNumber
    clocks: tuple[Countdown, ...]


# -- the parties ------------------------------------------------------------------------------------------


class Identified(Struct, frozen=True, tag_field="step", tag="mediation.identified.v1"):
    """Whoever is close to a party does not mediate: who is, is reckoned anew from here on."""

    party: str
    words: Sealed


class CodeRenewed(Struct, frozen=True, tag_field="step", tag="mediation.code_renewed.v1"):
    """A party comes with another code from now on; whoever came with the one before is out."""

    party: str


class ContactViewed(Struct, frozen=True, tag_field="step", tag="mediation.contact_viewed.v1"):
    """查看联系方式: which mediator (an opaque person) looked, and what for; what they read is in no step."""

    mediator: str
    party: str
    purpose: Purpose


class Consented(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="mediation.consented.v1"):
    party: str
    how: How
    at: datetime
    by: str = ""


class RightsNotified(Struct, frozen=True, tag_field="step", tag="mediation.rights_notified.v1"):
    party: str
    how: How
    at: datetime


class Empowered(Struct, frozen=True, tag_field="step", tag="mediation.empowered.v1"):
    party: str
    agent: str
    words: Sealed
    special: bool


class Represented(Struct, frozen=True, tag_field="step", tag="mediation.represented.v1"):
    party: str
    persons: tuple[str, ...]


class Invited(Struct, frozen=True, tag_field="step", tag="mediation.invited.v1"):
    """May help once every party agrees."""

    person: str
    helper: Helper


class Answered(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="mediation.answered.v1"):
    """A party's yes or no; what only all together may allow stands as long as every last answer is a yes."""

    party: str
    matter: Matter
    yes: bool
    of: str = ""
    by: str = ""


class Extended(Struct, frozen=True, tag_field="step", tag="mediation.extended.v1"):
    """All parties want more time, before it was over."""

    days: int
    clocks: tuple[Countdown, ...]


# -- the mediators ----------------------------------------------------------------------------------------


class MediatorAssigned(Struct, frozen=True, tag_field="step", tag="mediation.mediator_assigned.v1"):
    person: str
    chosen: bool


class Disclosed(Struct, frozen=True, tag_field="step", tag="mediation.disclosed.v1"):
    person: str
    words: Sealed


class MediatorLeft(Struct, frozen=True, tag_field="step", tag="mediation.mediator_left.v1"):
    person: str
    reason: Gone


# -- sessions ---------------------------------------------------------------------------------------------


class SessionPlanned(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="mediation.session_planned.v1"):
    """The parties are invited; what it came to is due soon after."""

    session: int
    at: datetime
    clocks: tuple[Countdown, ...]
    online: bool = False
    venue: Sealed | None = None


class InvitationAnswered(Struct, frozen=True, tag_field="step", tag="mediation.invitation_answered.v1"):
    session: int
    party: str
    coming: Coming


class SessionHeld(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="mediation.session_held.v1"):
    """调解记录; statements and offers are kept per party."""

    session: int
    began: datetime
    mediator: str
    present: tuple[str, ...]
    minutes: Sealed
    invitees: tuple[str, ...] = ()
    statements: tuple[Statement, ...] = ()
    offers: tuple[Statement, ...] = ()
    undisputed: tuple[Sealed, ...] = ()
    ended: datetime | None = None
    recorder: Sealed | None = None


class SessionAdjourned(Struct, frozen=True, tag_field="step", tag="mediation.session_adjourned.v1"):
    session: int
    words: Sealed


class Confided(Struct, frozen=True, tag_field="step", tag="mediation.confided.v1"):
    """背对背: told to this mediator alone, whom alone it is ever shown."""

    mediator: str
    party: str
    words: Sealed


class Investigated(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="mediation.investigated.v1"):
    """调查记录, by one of the mediators; who was asked is no party, or not as one: all of it is sealed."""

    mediator: str
    at: datetime
    place: Sealed
    questioned: Sealed
    words: Sealed
    relation: Sealed | None = None
    reach: Sealed | None = None
    present: Sealed | None = None
    recorder: Sealed | None = None


# -- danger -----------------------------------------------------------------------------------------------


class RiskFlagged(Struct, frozen=True, tag_field="step", tag="mediation.risk_flagged.v1"):
    """Each of `bodies` must be told; until then there is no session. A `restricted` file is the mediators' only."""

    risk: Risk
    words: Sealed
    bodies: tuple[Body, ...]
    restricted: bool
    clocks: tuple[Countdown, ...]


class Reported(Struct, frozen=True, tag_field="step", tag="mediation.reported.v1"):
    body: Body
    at: datetime
    words: Sealed


# -- time -------------------------------------------------------------------------------------------------


class Reminded(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="mediation.reminded.v1"):
    """So many days are left."""

    duty: Duty
    left: int
    of: str = ""


class Urged(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="mediation.urged.v1"):
    """督促: a duty is late, `level` times now; it has a new limit."""

    duty: Duty
    level: int
    clocks: tuple[Countdown, ...]
    of: str = ""


class Recomputed(Struct, frozen=True, tag_field="step", tag="mediation.recomputed.v1"):
    """A calendar arrived: these limits are no longer provisional."""

    clocks: tuple[Countdown, ...]


Begun = Applied | Checked | Accepted
Noted = Identified | CodeRenewed | ContactViewed
Joined = Noted | Consented | RightsNotified | Empowered | Represented | Invited | Answered | Extended
Seated = MediatorAssigned | Disclosed | MediatorLeft
Sat = SessionPlanned | InvitationAnswered | SessionHeld | SessionAdjourned | Confided | Investigated
Guarded = RiskFlagged | Reported
Met = MeetingAsked | MeetingAnswered
Agreed = Drafted | Marked | AgreedOrally | TookEffect
Followed = Performed | Fulfilled | Breached | Visited | Sued | Resurfaced | Whistled
Confirmed = ConfirmationTold | ConfirmationApplied | ConfirmationRuled | ConfirmationLapsed
Over = Ended | RoutesDelivered | Archived | Enclosed
Timed = Reminded | Urged | Recomputed
Step = Begun | Joined | Seated | Sat | Guarded | Met | Agreed | Followed | Confirmed | Over | Timed
