"""What happens once there are terms (协议、履行、回访、司法确认、终止、归档): steps, past tense."""

from datetime import date, datetime
from typing import Literal

from msgspec import Struct

from huiyin.core.mediation.clocks import Countdown
from huiyin.core.mediation.kinds import (
    Attendee,
    Bar,
    Done,
    Hand,
    How,
    Kept,
    MarkForm,
    NoMeeting,
    Paper,
    Reason,
    Routes,
    Ruling,
    Sheet,
    Terms,
)
from huiyin.core.words import Sealed

# -- the agreement ----------------------------------------------------------------------------------------


class Drafted(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="mediation.drafted.v1"):
    """The document lies on the table; marks under another one are void. One copy a party and one kept (art. 29)."""

    digest: str
    terms: Terms
    copies: int
    at: datetime
    clocks: tuple[Countdown, ...]
    document: Sealed | None = None


class Marked(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="mediation.marked.v1"):
    """A signature, seal or fingerprint; of a mediator `by` says which one. `clocks`: after the last party's mark the
    committee's seal is due."""

    hand: Hand
    digest: str
    form: MarkForm
    at: datetime
    party: str = ""
    by: str = ""
    image: Sealed | None = None
    clocks: tuple[Countdown, ...] = ()


class AgreedOrally(Struct, frozen=True, tag_field="step", tag="mediation.agreed_orally.v1"):
    """Registered by the mediator; every party saw no need for paper (art. 28)."""

    terms: Terms
    at: datetime


class TookEffect(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="mediation.took_effect.v1"):
    """生效 at the latest of the marks, or on the day of an oral agreement. `routes`: where the rest may go, if it is
    partial."""

    form: Literal["written", "oral"]
    at: datetime
    clocks: tuple[Countdown, ...]
    routes: Routes | None = None


# -- afterwards -------------------------------------------------------------------------------------------


class Performed(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="mediation.performed.v1"):
    item: str
    done: Done
    at: datetime
    party: str = ""
    evidence: tuple[Sealed, ...] = ()


class Fulfilled(Struct, frozen=True, tag_field="step", tag="mediation.fulfilled.v1"):
    """Everything that was agreed is performed."""

    clocks: tuple[Countdown, ...]


class Breached(Struct, frozen=True, tag_field="step", tag="mediation.breached.v1"):
    """Not performed in time; `routes` are told (若干规定 37)."""

    item: str
    words: Sealed
    routes: Routes
    clocks: tuple[Countdown, ...]


class Visited(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="mediation.visited.v1"):
    """`by`: who visited, where that is known."""

    at: datetime
    parties: tuple[str, ...]
    kept: Kept
    words: Sealed
    satisfied: int | None = None
    lawsuit: Sealed | None = None
    hazards: Sealed | None = None
    by: str = ""


class Sued(Struct, frozen=True, tag_field="step", tag="mediation.sued.v1"):
    """Content or performance is before a court (art. 32)."""

    party: str
    clocks: tuple[Countdown, ...]


class Resurfaced(Struct, frozen=True, tag_field="step", tag="mediation.resurfaced.v1"):
    """Another mediation was opened on the same dispute."""

    number: str


class Whistled(Struct, frozen=True, tag_field="step", tag="mediation.whistled.v1"):
    """Departments were called (吹哨) for what the case needs; it gates nothing."""

    number: str


class MeetingAsked(Struct, frozen=True, tag_field="step", tag="mediation.meeting_asked.v1"):
    """A mediator asked the desk to convene a joint meeting (联席会议); it gates nothing."""

    mediator: str
    attendees: tuple[Attendee, ...]
    until: date
    words: Sealed


class MeetingAnswered(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="mediation.meeting_answered.v1"):
    """The desk arranged it, or declined with a reason."""

    at: datetime | None = None
    venue: Sealed | None = None
    reason: NoMeeting | None = None


class ConfirmationTold(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="mediation.confirmation_told.v1"):
    """A party was told that all together may ask the court within thirty days."""

    party: str
    how: How
    at: datetime
    court: Sealed | None = None


class ConfirmationApplied(
    Struct, frozen=True, omit_defaults=True, tag_field="step", tag="mediation.confirmation_applied.v1"
):
    """All parties together asked the court to confirm it (art. 33)."""

    at: datetime
    clocks: tuple[Countdown, ...]
    court: Sealed | None = None


class ConfirmationRuled(
    Struct, frozen=True, omit_defaults=True, tag_field="step", tag="mediation.confirmation_ruled.v1"
):
    """裁定; refused: the routes are told, vary or mediate again or sue."""

    ruling: Ruling
    words: Sealed
    routes: Routes | None = None


class ConfirmationLapsed(Struct, frozen=True, tag_field="step", tag="mediation.confirmation_lapsed.v1"):
    """The thirty days are over; the agreement binds as before."""

    at: datetime


# -- the end ----------------------------------------------------------------------------------------------


class Ended(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="mediation.ended.v1"):
    """终止、不予受理; never without the routes (art. 26). `told` are the parties who read them as it ended, `bars`
    why it was declined."""

    reason: Reason
    routes: Routes
    at: datetime
    clocks: tuple[Countdown, ...]
    told: tuple[str, ...] = ()
    party: str = ""
    by: str = ""
    bars: tuple[Bar, ...] = ()
    words: Sealed | None = None


class RoutesDelivered(Struct, frozen=True, tag_field="step", tag="mediation.routes_delivered.v1"):
    party: str
    how: How


class Enclosed(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="mediation.enclosed.v1"):
    """A signed sheet, or one from outside, lies in the file as pictures; an earlier one of the same is out of it."""

    sheet: Sheet
    pages: tuple[Sealed, ...]
    of: str = ""


class Archived(Struct, frozen=True, tag_field="step", tag="mediation.archived.v1"):
    """归档; nothing is due any more."""

    papers: tuple[Paper, ...]
    at: datetime
