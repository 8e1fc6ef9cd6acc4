"""What a ticket's steps fold to (工单): where it stands, what it waits for, and when something must happen."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from huiyin.core.catalogue import UNCLASSIFIED
from huiyin.core.commands import ExtendReason, ObjectReason, Outcome, ShelfReason, Solved
from huiyin.core.deadline import Due
from huiyin.core.ladder import Post, Standing
from huiyin.core.mediated import MediationProgress
from huiyin.core.staff import Party
from huiyin.core.steps import Asked, Duty
from huiyin.core.watch import Watch, upcoming
from huiyin.core.whistled import WhistleStage
from huiyin.core.words import About, Channel, Rung, SameMatter, Sealed, Sorting, Spot, Urgency

State = Literal["sorting", "dispatched", "signed", "resolved", "replied", "shelved", "merged", "closed"]
OPEN: tuple[State, ...] = ("sorting", "dispatched", "signed", "resolved")


class Objection(Struct, frozen=True):
    """A duty question that waits for its ruling."""

    reason: ObjectReason
    ruler: Standing
    due: Due


class Request(Struct, frozen=True):
    """What waits for the approval of a post above."""

    what: Asked
    reason: ExtendReason | ShelfReason
    asker: str
    days: int
    review_at: datetime | None
    owner: str | None
    words: Sealed | None


class Shelf(Struct, frozen=True):
    """挂账, until it is looked at again."""

    reason: ShelfReason
    review_at: datetime
    owner: str


class Supervision(Struct, frozen=True):
    """督办, unanswered."""

    level: int
    answer: Watch


class Join(Struct, frozen=True):
    """A ticket that was merged into this one."""

    number: str
    filed_at: datetime
    building_code: str | None


class WhistleAt(Struct, frozen=True):
    """The latest that the ticket was told of a whistle; `version` and `at` are the whistle's."""

    number: str
    stage: WhistleStage
    version: int
    at: datetime | None


class MediationAt(Struct, frozen=True):
    """The latest that the ticket was told of a mediation; `version` is the mediation's."""

    number: str
    progress: MediationProgress
    version: int


class Ticket(Struct, frozen=True):
    """What the steps fold to. `sign` is None once signed; `resolve` carries reminders once signed."""

    number: str
    version: int
    state: State
    channel: Channel
    about: About
    filed_at: datetime
    dossier: str
    spot: Spot = Spot()
    category: str = UNCLASSIFIED
    urgency: Urgency = "normal"
    rung: Rung | None = None
    post: Post | None = None
    why_here: tuple[str, ...] = ()
    acting: str | None = None
    also: tuple[Post, ...] = ()
    cycle: int = 0  # how often it came to a post
    passed: tuple[Rung | None, ...] = ()  # the rungs it left, in order
    sign: Watch | None = None
    resolve: Watch | None = None
    rung_due: Due | None = None  # the rung's limit for the whole work
    case_due: Due | None = None
    case_lapsed: bool = False
    reminded: tuple[tuple[Duty, str], ...] = ()
    handler: str = ""
    contacted: bool = False
    designated: bool = False
    objection: Objection | None = None
    request: Request | None = None
    extensions: int = 0
    shelf: Shelf | None = None
    supervision: Supervision | None = None
    lapsed: bool = False  # the rung's clock ran out where nobody is above: only the supervision's runs
    resolver: str = ""
    resolved_at_post: str = ""
    replier: str = ""
    replied_at_post: str = ""
    reply: Sealed | None = None
    route: str | None = None
    follow_up: Due | None = None
    solved: Solved | None = None
    satisfied: int | None = None
    reopened: int = 0
    lead: str | None = None
    joined: tuple[Join, ...] = ()
    sorting: Sorting | None = None
    same_matter: tuple[SameMatter, ...] = ()
    hotline: tuple[str, ...] = ()
    closed_at: datetime | None = None
    outcome: Outcome | None = None
    pictures: int = 0  # how many are attached
    hands: tuple[tuple[str, str], ...] = ()  # post and person of everybody who signed for it
    urged: int = 0  # how often at this post
    urged_at: datetime | None = None
    watcher: Post | None = None  # the post above that was told of the urging
    added: int = 0
    pressured: bool = False
    kept_out: tuple[Party, ...] = ()  # who has no more to do with it since then
    whistles: tuple[WhistleAt, ...] = ()  # what was blown for it; a record, never waited for
    mediations: tuple[MediationAt, ...] = ()  # what came of it; the same

    @property
    def due(self) -> Due | None:
        """What the ticket waits for now: to be sorted, signed, done, answered, spoken on."""
        if self.state in ("sorting", "dispatched") and self.sign is not None:
            return self.sign.due
        if self.state in ("replied",) and self.follow_up is not None:
            return self.follow_up
        return self.rung_due

    @property
    def provisional(self) -> bool:
        """Whether a due time that still counts was worked out without its year's calendar."""
        if self.closed_at is not None:
            return False
        watches = (self.sign, self.resolve, self.supervision.answer if self.supervision else None)
        dues = (self.rung_due, self.follow_up, self.objection.due if self.objection else None)
        return any(one.due.provisional for one in watches if one) or any(one.provisional for one in dues if one)

    @property
    def next_at(self) -> datetime | None:
        """When something happens by itself next; None for what is closed or follows another ticket."""
        return min(self._moments(), default=None)

    def _moments(self) -> list[datetime]:
        if self.state in ("merged", "closed"):
            return []
        found: list[datetime] = []
        if self.case_due is not None and not self.case_lapsed and self.state != "replied":
            found.append(self.case_due.at)
        if self.objection is not None:
            found.append(self.objection.due.at)
        if self.supervision is not None:
            found.append(self._next_of("answer", self.supervision.answer))
        if self.state == "replied" and self.follow_up is not None:
            found.append(self.follow_up.at)
        elif self.state == "shelved" and self.shelf is not None and not self.lapsed:
            found.append(self.shelf.review_at)
        elif (running := self.running) is not None:
            found.append(self._next_of(*running))
        return found

    @property
    def running(self) -> tuple[Duty, Watch] | None:
        """The rung's own clock that runs now; none while it is shelved or replied to, or ran out at the top."""
        if self.lapsed or self.state not in OPEN:
            return None
        if self.state in ("sorting", "dispatched"):
            return None if self.sign is None else ("sort" if self.rung is None else "sign", self.sign)
        return None if self.resolve is None else ("resolve", self.resolve)

    def _next_of(self, duty: Duty, watch: Watch) -> datetime:
        return upcoming(watch, [told for one, told in self.reminded if one == duty])
