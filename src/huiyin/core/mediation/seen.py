"""Who may see what of a mediation (谁看得到什么): allow-lists for mediator, party, committee and a ticket's handler."""

from datetime import date, datetime

from msgspec import Struct
from msgspec.structs import replace

from huiyin.core.mediation.clocks import Countdown
from huiyin.core.mediation.kinds import Attendee, Coming, Committee, Matter, Reason, Route, Source, Terms
from huiyin.core.mediation.number import CaseNumber
from huiyin.core.mediation.state import Confirmation, Line, Mediation, Owed, Session, State
from huiyin.core.mediation.steps import Invited
from huiyin.core.mediation.steps_agreed import MeetingAnswered
from huiyin.core.words import Sealed


def for_mediator(mediation: Mediation, person: str) -> Mediation | None:
    """Both sides, whole; of what was confided only what this mediator was told themselves; the document only as it is
    printed. None to who is not, or no longer, assigned."""
    if mediation.mediator(person) is None:
        return None
    agreement = mediation.agreement and replace(mediation.agreement, document=None)
    confided = tuple(one for one in mediation.caucus if one.mediator == person)
    return replace(mediation, caucus=confided, agreement=agreement)


def document(mediation: Mediation) -> Sealed | None:
    """The agreement as it lay before who signed it: for who sees its terms, and sees in it no more than they may
    (decision 0028)."""
    return mediation.agreement.document if mediation.agreement else None


class Invitation(Struct, frozen=True):
    """A session as a party is invited to it; `undisputed` is what both sides said when it was held."""

    session: int
    at: datetime
    online: bool
    venue: Sealed | None
    coming: Coming | None
    held: bool
    adjourned: bool
    said: tuple[Sealed, ...]
    undisputed: tuple[Sealed, ...]


class Stance(Struct, frozen=True):
    """A question to all parties: this one's own answer, and whether all said yes."""

    matter: Matter
    of: str
    mine: bool | None
    allowed: bool


class Paperwork(Struct, frozen=True):
    """The agreement as its parties have it; `mine`: whether this party has marked it."""

    terms: Terms
    digest: str
    copies: int
    mine: bool
    marks_missing: int
    effective_at: datetime | None
    owed: tuple[Owed, ...]


class PartySight(Struct, frozen=True):
    """All that a party sees through its own door. `helpers`: who is to be invited, which every party is asked.
    `category`: what kind of dispute it is, for who is asked whether they are willing to have it mediated.

    Not in it: anything confided, what the other side said, offered, granted or answered, its agents and how it was
    told; minutes; any danger, report or restriction (it may be the danger); the ticket and who referred it; who checked
    what; the committee's own limits and lateness.
    """

    number: str
    case: CaseNumber | None
    committee: str
    category: str
    state: State
    mine: Line
    all_consented: bool
    mediators: tuple[str, ...]
    disclosed: tuple[Sealed, ...]
    helpers: tuple[Invited, ...]
    open: bool
    stances: tuple[Stance, ...]
    sessions: tuple[Invitation, ...]
    agreement: Paperwork | None
    confirmation: Confirmation
    clocks: tuple[Countdown, ...]
    may_stop: bool
    ended: Reason | None
    routes: tuple[Route, ...]


_PARTYS = ("mediate", "perform", "confirm")  # the limits that are a party's business


def for_party(mediation: Mediation, party: str) -> PartySight | None:
    """The mediation as one party may see it; None to who is none."""
    if (line := mediation.line(party)) is None:
        return None
    return PartySight(
        number=mediation.number,
        case=mediation.case,
        committee=mediation.committee,
        category=mediation.category,
        state=mediation.state,
        mine=line,
        all_consented=all(one.consent for one in mediation.lines),
        mediators=tuple(one.person for one in mediation.mediators),
        disclosed=tuple(words for one in mediation.mediators for words in one.disclosed),
        helpers=mediation.helpers,
        open=mediation.open,
        stances=_stances(mediation, party),
        sessions=tuple(_invitation(one, party) for one in mediation.sessions),
        agreement=_paperwork(mediation, party),
        confirmation=mediation.confirmation,
        clocks=tuple(one for one in mediation.clocks if one.duty in _PARTYS),
        may_stop=mediation.state in ("applied", "accepted", "signing"),
        ended=mediation.ending.reason if mediation.ending else None,
        routes=mediation.ending.routes if mediation.ending else (),
    )


def _stances(mediation: Mediation, party: str) -> tuple[Stance, ...]:
    return tuple(
        Stance(one.matter, one.of, _mine(party in one.yes, party in one.no), mediation.allowed(one.matter, one.of))
        for one in mediation.questions
    )


def _mine(yes: bool, no: bool) -> bool | None:
    return yes if yes or no else None


def _invitation(session: Session, party: str) -> Invitation:
    plan, held = session.plan, session.held
    at = held.began if held else plan.at if plan else None
    assert at is not None
    return Invitation(
        session=session.number,
        at=at,
        online=plan is not None and plan.online,
        venue=plan.venue if plan else None,
        coming=next((one.coming for one in session.replies if one.party == party), None),
        held=held is not None,
        adjourned=session.adjourned is not None,
        said=tuple(one.words for one in (*held.statements, *held.offers) if one.party == party) if held else (),
        undisputed=held.undisputed if held else (),
    )


def _paperwork(mediation: Mediation, party: str) -> Paperwork | None:
    one = mediation.agreement
    if one is None:
        return None
    mine = one.form == "oral" or party not in mediation.unmarked
    missing = len(mediation.unmarked)
    return Paperwork(one.terms, one.digest, one.copies, mine, missing, one.effective_at, one.owed)


# -- those who are not at the table -----------------------------------------------------------------------


class Progress(Struct, frozen=True):
    """How far it is, in numbers."""

    parties: int
    consents: int
    notices: int
    sessions: int
    unmarked: int
    items: int
    performed: int
    breached: int
    routes_told: int


class Subject(Struct, frozen=True):
    """What it is about, and the document that the committee seals."""

    category: str
    words: Sealed
    terms: Terms | None
    digest: str


class JointSight(Struct, frozen=True):
    """A joint meeting as the desk is asked for it: not why."""

    attendees: tuple[Attendee, ...]
    until: date
    answered: MeetingAnswered | None


class CommitteeSight(Struct, frozen=True):
    """All that the committee's desk sees: how far it is and what is due; of a restricted file not what it is about.

    Not in it: anything confided, minutes, statements, offers, who of the parties said what, what a danger is about.
    """

    number: str
    case: CaseNumber | None
    kind: Committee
    source: Source
    state: State
    ended: Reason | None
    restricted: bool
    report_owed: bool
    mediators: tuple[str, ...]
    effective_at: datetime | None
    confirmation: Confirmation
    progress: Progress
    clocks: tuple[Countdown, ...]
    level: int
    whistles: tuple[str, ...]
    joint: tuple[JointSight, ...]
    subject: Subject | None


def for_committee(mediation: Mediation) -> CommitteeSight:
    """The mediation as the desk of its committee may see it."""
    one, agreement = mediation, mediation.agreement
    return CommitteeSight(
        number=one.number,
        case=one.case,
        kind=one.kind,
        source=one.source,
        state=one.state,
        ended=one.ending.reason if one.ending else None,
        restricted=one.restricted,
        report_owed=bool(one.owing),
        mediators=tuple(each.person for each in one.mediators),
        effective_at=agreement.effective_at if agreement else None,
        confirmation=one.confirmation,
        progress=_progress(one),
        clocks=one.clocks,
        level=one.level,
        whistles=one.whistles,
        joint=() if one.restricted else _joint(one),
        subject=None if one.restricted else _subject(one),
    )


def _joint(one: Mediation) -> tuple[JointSight, ...]:
    return tuple(JointSight(each.asked.attendees, each.asked.until, each.answered) for each in one.joint)


def _progress(one: Mediation) -> Progress:
    owed = one.agreement.owed if one.agreement else ()
    return Progress(
        parties=len(one.lines),
        consents=sum(line.consent is not None for line in one.lines),
        notices=sum(line.notice is not None for line in one.lines),
        sessions=sum(session.held is not None for session in one.sessions),
        unmarked=len(one.unmarked),
        items=len(owed),
        performed=sum(item.done == "whole" for item in owed),
        breached=sum(item.breached is not None for item in owed),
        routes_told=sum(line.told for line in one.lines),
    )


def _subject(one: Mediation) -> Subject:
    terms, digest = (one.agreement.terms, one.agreement.digest) if one.agreement else (None, "")
    return Subject(one.category, one.words, terms, digest)


class TicketSight(Struct, frozen=True):
    """All that whoever has the ticket on the ladder sees: that it is being mediated, and how that came out.

    Not in it: parties, mediators, sessions, terms, reasons; of a restricted file nothing but that it is.
    """

    number: str
    state: State | None
    agreed: bool | None
    performed: bool | None
    routes: tuple[Route, ...]


def for_ticket_holder(mediation: Mediation, ticket: str) -> TicketSight | None:
    """The mediation as a ticket's handler may see it; None where it did not come of that ticket."""
    if mediation.ticket != ticket:
        return None
    if mediation.restricted:
        return TicketSight(mediation.number, None, None, None, ())
    routes = mediation.ending.routes if mediation.ending else ()
    agreed = mediation.agreement is not None and mediation.agreement.effective_at is not None
    return TicketSight(mediation.number, mediation.state, agreed, mediation.state == "performed", routes)
