"""What a mediation's steps fold to (人民调解): parties, mediators, sessions, the agreement and what became of it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from huiyin.core.deadline import Due
from huiyin.core.mediation.clocks import Countdown
from huiyin.core.mediation.kinds import (
    Bar,
    Body,
    Committee,
    Done,
    Duty,
    Item,
    Kind,
    Matter,
    Referrer,
    Source,
    Terms,
)
from huiyin.core.mediation.number import CaseNumber
from huiyin.core.mediation.steps import (
    Confided,
    Consented,
    Empowered,
    Investigated,
    InvitationAnswered,
    Invited,
    MediatorLeft,
    RightsNotified,
    SessionHeld,
    SessionPlanned,
)
from huiyin.core.mediation.steps_agreed import (
    ConfirmationTold,
    Enclosed,
    Ended,
    Marked,
    MeetingAnswered,
    MeetingAsked,
    Visited,
)
from huiyin.core.words import Sealed

State = Literal["applied", "accepted", "signing", "effective", "performed", "ended", "archived"]
BEFORE_EFFECT: tuple[State, ...] = ("applied", "accepted", "signing")
MEDIATING: tuple[State, ...] = ("accepted", "signing")
IN_EFFECT: tuple[State, ...] = ("effective", "performed")
Confirmation = Literal["open", "applied", "confirmed", "refused", "withdrawn", "lapsed"]


class Line(Struct, frozen=True):
    """One party; `record`: who it is, where that became known later; `told`: it has the notice of its other routes,
    `confirm_told` that of the thirty days for asking the court."""

    party: str
    kind: Kind
    applicant: bool
    record: Sealed | None = None
    consent: Consented | None = None
    notice: RightsNotified | None = None
    agents: tuple[Empowered, ...] = ()
    representatives: tuple[str, ...] = ()
    told: bool = False
    confirm_told: ConfirmationTold | None = None


class Question(Struct, frozen=True):
    """What all parties together may allow, and who said yes or no to it last."""

    matter: Matter
    of: str
    yes: frozenset[str] = frozenset()
    no: frozenset[str] = frozenset()


class Mediator(Struct, frozen=True):
    """Who mediates; `chosen` by the parties, and what they disclosed."""

    person: str
    chosen: bool
    disclosed: tuple[Sealed, ...] = ()


class Session(Struct, frozen=True):
    """One session: planned, or on the spot; answered by the parties; held, or adjourned."""

    number: int
    plan: SessionPlanned | None = None
    replies: tuple[InvitationAnswered, ...] = ()
    held: SessionHeld | None = None
    adjourned: Sealed | None = None

    @property
    def waits(self) -> bool:
        return self.held is None and self.adjourned is None


class Joint(Struct, frozen=True):
    """A joint meeting that was asked for, and what the desk said to it."""

    asked: MeetingAsked
    answered: MeetingAnswered | None = None


class Owed(Struct, frozen=True):
    """An item of the agreement and what became of it, last `at`; `breached`: not performed in time, the routes told."""

    item: Item
    done: Literal["no"] | Done = "no"
    at: datetime | None = None
    breached: Sealed | None = None
    evidence: tuple[Sealed, ...] = ()


class Agreement(Struct, frozen=True):
    """What was agreed, with the marks under the document of this digest; an oral one has none of these."""

    form: Literal["written", "oral"]
    terms: Terms
    owed: tuple[Owed, ...]
    at: datetime
    digest: str = ""
    copies: int = 0
    marks: tuple[Marked, ...] = ()
    effective_at: datetime | None = None
    document: Sealed | None = None

    def mark(self, hand: str, party: str = "") -> Marked | None:
        return next((one for one in self.marks if (one.hand, one.party) == (hand, party)), None)


class Mediation(Struct, frozen=True):
    """What the steps fold to. `bars` is None until the registrar looked; `owing` are the bodies a risk has not been
    reported to; `limit` and `confirm_by` stay when their clocks stop."""

    number: str
    version: int
    state: State
    committee: str
    kind: Committee
    source: Source
    category: str
    words: Sealed
    lines: tuple[Line, ...]
    ticket: str | None = None
    referrer: Referrer | None = None
    before: str | None = None
    requests: tuple[Sealed, ...] = ()
    bars: tuple[Bar, ...] | None = None
    civil: bool = False
    case: CaseNumber | None = None
    questions: tuple[Question, ...] = ()
    helpers: tuple[Invited, ...] = ()
    extensions: int = 0
    mediators: tuple[Mediator, ...] = ()
    gone: tuple[MediatorLeft, ...] = ()
    sessions: tuple[Session, ...] = ()
    caucus: tuple[Confided, ...] = ()
    investigations: tuple[Investigated, ...] = ()
    risks: tuple[Sealed, ...] = ()
    owing: tuple[Body, ...] = ()
    reports: tuple[Sealed, ...] = ()
    restricted: bool = False
    agreement: Agreement | None = None
    visits: tuple[Visited, ...] = ()
    sued: tuple[str, ...] = ()
    confirmation: Confirmation = "open"
    confirm_words: Sealed | None = None
    court: Sealed | None = None
    ending: Ended | None = None
    resurfaced: tuple[str, ...] = ()
    whistles: tuple[str, ...] = ()
    joint: tuple[Joint, ...] = ()
    enclosed: tuple[Enclosed, ...] = ()
    clocks: tuple[Countdown, ...] = ()
    limit: Due | None = None
    confirm_by: Due | None = None
    level: int = 0  # how often any duty was late, at the most

    def line(self, party: str) -> Line | None:
        return next((one for one in self.lines if one.party == party), None)

    def mediator(self, person: str) -> Mediator | None:
        return next((one for one in self.mediators if one.person == person), None)

    def session(self, number: int) -> Session | None:
        return next((one for one in self.sessions if one.number == number), None)

    def clock(self, duty: Duty, of: str = "") -> Countdown | None:
        return next((one for one in self.clocks if one.key == (duty, of)), None)

    def question(self, matter: Matter, of: str = "") -> Question:
        return next((one for one in self.questions if (one.matter, one.of) == (matter, of)), Question(matter, of))

    def allowed(self, matter: Matter, of: str = "") -> bool:
        """Whether every party said yes."""
        return self.question(matter, of).yes >= {one.party for one in self.lines}

    @property
    def open(self) -> bool:
        """Sessions are closed unless all parties want them open (art. 23)."""
        return self.allowed("open")

    @property
    def unmarked(self) -> tuple[str, ...]:
        """Whose mark the document lacks: parties by their ids, "mediator", "committee" (art. 29)."""
        if self.agreement is None or self.agreement.form == "oral":
            return ()
        mark = self.agreement.mark
        parties = (one.party for one in self.lines if mark("party", one.party) is None)
        return (*parties, *(hand for hand in ("mediator", "committee") if mark(hand) is None))

    @property
    def due(self) -> Due | None:
        """The soonest limit that runs."""
        return min((one.due for one in self.clocks), key=lambda due: due.at, default=None)

    @property
    def next_at(self) -> datetime | None:
        """When something happens by itself next; None once it is archived."""
        return min((one.next_at for one in self.clocks), default=None)

    @property
    def provisional(self) -> bool:
        """Whether a due time that still counts was worked out without its year's calendar."""
        return any(one.due.provisional for one in self.clocks)

    # -- folding ------------------------------------------------------------------------------------------

    def starting(self, clocks: Iterable[Countdown]) -> "Mediation":
        """With these clocks, each in the place of the one with the same key."""
        fresh = {one.key: one for one in clocks}
        limit, confirm = fresh.get(("mediate", "")), fresh.get(("confirm", ""))
        return replace(
            self,
            clocks=(*(one for one in self.clocks if one.key not in fresh), *fresh.values()),
            limit=limit.due if limit and not limit.level else self.limit,
            confirm_by=confirm.due if confirm else self.confirm_by,
        )

    def stopping(self, *duties: Duty, of: str | None = None) -> "Mediation":
        """Without the clocks of these duties, about one thing or any."""
        kept = (one for one in self.clocks if one.duty not in duties or of not in (None, one.of))
        return replace(self, clocks=tuple(kept))

    def with_line(self, line: Line) -> "Mediation":
        """With one party's line as it is now."""
        return replace(self, lines=tuple(line if one.party == line.party else one for one in self.lines))

    def with_session(self, session: Session) -> "Mediation":
        """With one more session, or one as it is now."""
        others = (one for one in self.sessions if one.number != session.number)
        return replace(self, sessions=tuple(sorted((*others, session), key=lambda one: one.number)))
