"""What may be asked once there are terms (协议、履行、回访、司法确认、终止、归档): commands, imperative."""

from datetime import date, datetime

from msgspec import Struct

from huiyin.core.mediation.kinds import (
    Attendee,
    ByHand,
    Done,
    Hand,
    How,
    Kept,
    MarkForm,
    NoMeeting,
    Paper,
    Ruling,
    Sheet,
    Terms,
)
from huiyin.core.words import Sealed

# -- the agreement ----------------------------------------------------------------------------------------


class Draft(Struct, frozen=True):
    """The written agreement as it lies on the table; `digest` is the SHA-256 of the document that is signed, `document`
    the document itself: names, homes and forms may change, what was signed does not."""

    digest: str
    terms: Terms
    document: Sealed | None = None


class Mark(Struct, frozen=True):
    """A signature, seal or fingerprint under the document of this digest; `party` and `by` as in `Consent`."""

    hand: Hand
    digest: str
    form: MarkForm
    at: datetime
    party: str = ""
    by: str = ""
    image: Sealed | None = None


class AgreeOrally(Struct, frozen=True):
    """口头协议 (art. 28, 30): registered; in effect from the day on which the parties agreed."""

    at: datetime
    terms: Terms


# -- afterwards -------------------------------------------------------------------------------------------


class Perform(Struct, frozen=True):
    """An item was performed, in part or whole; `party` is who says so where a party does: whom it is owed."""

    item: str
    done: Done
    at: datetime
    party: str = ""
    evidence: tuple[Sealed, ...] = ()


class Breach(Struct, frozen=True):
    """An item is not performed although its day is over; the parties are told their routes (若干规定 37)."""

    item: str
    words: Sealed


class Visit(Struct, frozen=True):
    """回访; `kept`: whether what was agreed is; `lawsuit`: what went to court later and what came of it, `hazards`:
    what may flare up again."""

    at: datetime
    parties: tuple[str, ...]
    kept: Kept
    words: Sealed
    satisfied: int | None = None
    lawsuit: Sealed | None = None
    hazards: Sealed | None = None


class Sue(Struct, frozen=True):
    """A party went to court over content or performance (art. 32)."""

    party: str


class TellConfirmation(Struct, frozen=True):
    """司法确认权利告知: a party knows of the thirty days, and which `court` it may go to with the others."""

    party: str
    how: How
    at: datetime
    court: Sealed | None = None


class ApplyConfirmation(Struct, frozen=True):
    """司法确认申请, by all parties together (art. 33; 民事诉讼法 205); `at` when it was handed in to `court`."""

    at: datetime
    court: Sealed | None = None


class RecordRuling(Struct, frozen=True):
    """裁定: confirmed, refused; or the application was withdrawn."""

    ruling: Ruling
    words: Sealed


# -- the end ----------------------------------------------------------------------------------------------


class End(Struct, frozen=True):
    """终止调解 by the committee, with its reason."""

    reason: ByHand
    words: Sealed


class DeliverRoutes(Struct, frozen=True):
    """A party has the notice of its other routes (art. 26)."""

    party: str
    how: How


class Archive(Struct, frozen=True):
    """归档, with the papers that are in the file (art. 27)."""

    papers: tuple[Paper, ...]


class Enclose(Struct, frozen=True):
    """Into the file as pictures: paper that was signed by hand, or came from outside; in the place of what was there of
    this form, `of` this one where a case has several (a party, a session); with `more` behind what is there."""

    sheet: Sheet
    pages: tuple[Sealed, ...]
    of: str = ""
    more: bool = False


class LinkBack(Struct, frozen=True):
    """The dispute flared up again: another mediation was opened on it."""

    number: str


class NoteWhistle(Struct, frozen=True):
    """吹哨: the committee's desk called departments for what the case needs. The whistle itself says nothing of it."""

    number: str


# -- others who are called --------------------------------------------------------------------------------


class AskMeeting(Struct, frozen=True):
    """请开联席会议: who should come, at the latest on which day; why is for the mediators' eyes."""

    attendees: tuple[Attendee, ...]
    until: date
    words: Sealed


class AnswerMeeting(Struct, frozen=True):
    """It is arranged: `at`, without a venue at the committee's; or not, for a `reason`."""

    at: datetime | None = None
    venue: Sealed | None = None
    reason: NoMeeting | None = None
