"""What may be asked of a whistle (吹哨): commands, imperative; people's words come sealed, as references."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from huiyin.core.words import About, Sealed, Spot

Kind = Literal["emergency", "enforcement", "key", "daily"]
Source = Literal["ticket", "patrol", "meeting", "own"]
Beyond = Literal["no-power", "no-means", "no-expertise", "several-departments", "not-settled", "other"]
SendBackReason = Literal["own-duty", "not-enough", "already-blown", "other"]
ObjectReason = Literal["not-our-duty", "other-department", "wrong-place", "wrong-matter", "already-handled", "other"]
PauseReason = Literal["waiting-owner", "weather", "materials", "procedure", "court", "other"]
CancelReason = Literal["settled", "mistaken", "joined", "other"]
# Whom a department spoke to: a kind, never a person. It does not know the complainant, so that is not among them.
Contacted = Literal["blower", "street", "community", "property", "owners_committee", "respondent", "on_site", "other"]
Solved = Literal["yes", "partly", "no"]
Justified = Literal["yes", "partly", "no"]


class Tried(Struct, frozen=True):
    """Evidence that the ladder was climbed first: a step of a ticket's log, by number and version."""

    number: str
    version: int


class Position(Struct, frozen=True):
    """WGS 84; kept with three decimals, about a hundred metres."""

    lat: float
    lon: float


class Ask(Struct, frozen=True, omit_defaults=True):
    """What is asked of one department; its words are written for the department, they never quote the complaint."""

    post: str
    words: Sealed
    lead: bool = False


class Open(Struct, frozen=True):
    """A whistle that is open now, as far as a new one must know of it."""

    number: str
    category: str
    spot: Spot


# -- blowing ----------------------------------------------------------------------------------------------


class Blow(Struct, frozen=True):
    """吹哨: `beyond` and `words` say why this level cannot solve it, `tried` what the ladder did before. `others`
    are the open whistles near by (the desk looks), `apart` why it is another matter than theirs."""

    number: str
    kind: Kind
    source: Source
    category: str
    spot: Spot
    beyond: Beyond
    words: Sealed
    asks: tuple[Ask, ...]
    ticket: str | None = None
    about: About = "none"
    tried: tuple[Tried, ...] = ()
    position: Position | None = None
    pictures: tuple[Sealed, ...] = ()
    others: tuple[Open, ...] = ()
    apart: Sealed | None = None


class PassOn(Struct, frozen=True):
    """The street passes a community's whistle on, with the asks as it corrected them (none: as they are)."""

    asks: tuple[Ask, ...] = ()


class SendBack(Struct, frozen=True):
    """The street does not pass it on, and says what is missing."""

    reason: SendBackReason
    words: Sealed


class Approve(Struct, frozen=True):
    """同意: of a leader who did not blow it; in an emergency afterwards."""

    words: Sealed | None = None


class Decline(Struct, frozen=True):
    """不同意: before the call it ends the whistle; after an emergency's it is on record, and the work goes on."""

    reason: SendBackReason
    words: Sealed


class Join(Struct, frozen=True):
    """Another ticket is about the same; `spot` and `about` are the ticket's."""

    ticket: str
    tried: tuple[Tried, ...] = ()
    spot: Spot | None = None
    about: About = "none"


class Cancel(Struct, frozen=True):
    """撤哨: before anybody acknowledged it."""

    reason: CancelReason
    words: Sealed | None = None


# -- the department's side --------------------------------------------------------------------------------


class Acknowledge(Struct, frozen=True):
    """接哨: `person`, an opaque id, is who comes; said again, somebody else does."""

    person: str


class Object(Struct, frozen=True):
    """A duty question; the department stays bound until the ruling (首接负责)."""

    reason: ObjectReason
    words: Sealed


class Rule(Struct, frozen=True):
    """裁定 of the street on the objection of `post`: upheld = `to` is called instead; else it cannot object again.
    One that turns out to be complained about is replaced so without having objected."""

    post: str
    upheld: bool
    to: str | None = None
    words: Sealed | None = None


class Arrive(Struct, frozen=True):
    """报到: when and where; `on_site` as they say it, what the position and the pictures say stands beside it."""

    arrived_at: datetime
    spot: Spot
    on_site: bool = True
    position: Position | None = None
    pictures: tuple[Sealed, ...] = ()


class Plan(Struct, frozen=True):
    words: Sealed
    until: datetime


class Progress(Struct, frozen=True):
    words: Sealed


class AskCo(Struct, frozen=True):
    """The lead asks another department in."""

    post: str
    words: Sealed


class Answer(Struct, frozen=True):
    """A co-department to the lead."""

    words: Sealed


class Reply(Struct, frozen=True):
    """The lead's, with four elements: when it was accepted, who was spoken to, what was done, and until when the
    rest is (or that it is finished)."""

    accepted_at: datetime | None = None
    contacted: tuple[Contacted, ...] = ()
    done: Sealed | None = None
    finished: bool = False
    by_when: datetime | None = None


class AskPause(Struct, frozen=True):
    """The lead cannot go on for so many working days."""

    reason: PauseReason
    days: int
    words: Sealed


class GrantPause(Struct, frozen=True):
    pass


class RefusePause(Struct, frozen=True):
    words: Sealed


class Resume(Struct, frozen=True):
    pass


# -- the end ----------------------------------------------------------------------------------------------


class Confirm(Struct, frozen=True):
    """The blower looked on site: it is done."""

    position: Position | None = None
    pictures: tuple[Sealed, ...] = ()


class Return(Struct, frozen=True):
    """退回: it is not; `missing` says what."""

    missing: Sealed


class RateDepartment(Struct, frozen=True):
    """评哨: 1 to 5; `arrival` where somebody had to come."""

    post: str
    response: int
    quality: int
    cooperation: int
    arrival: int | None = None


class RateBlower(Struct, frozen=True):
    """The lead's: was it justified to whistle?"""

    justified: Justified
    score: int


class Hear(Struct, frozen=True):
    """What the resident of a ticket said of the outcome: a fact from the ticket, it counts."""

    ticket: str
    solved: Solved
    satisfied: int | None = None


# -- time -------------------------------------------------------------------------------------------------


class Tick(Struct, frozen=True):
    """Time has gone by: whatever is due happens."""


class Recompute(Struct, frozen=True):
    """A calendar arrived: provisional due times are worked out again."""


Blowing = Blow | PassOn | SendBack | Approve | Decline | Join | Cancel
Answering = Acknowledge | Arrive | Plan | Progress | AskCo | Answer | Reply
Disputing = Object | Rule
Pausing = AskPause | GrantPause | RefusePause | Resume
Ending = Confirm | Return | RateDepartment | RateBlower | Hear
Timing = Tick | Recompute
Command = Blowing | Answering | Disputing | Pausing | Ending | Timing
