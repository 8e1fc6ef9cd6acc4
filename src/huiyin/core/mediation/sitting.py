"""Sessions (调解会、背对背): none before all are willing and know their rights, none while danger is unreported."""

from collections.abc import Collection
from typing import assert_never

from msgspec.structs import replace

from huiyin.core.mediation.commands import (
    Adjourn,
    Confide,
    FlagRisk,
    Guarding,
    Hold,
    Investigate,
    Plan,
    Reply,
    Report,
    Sitting,
)
from huiyin.core.mediation.ground import Ground, safe, working
from huiyin.core.mediation.state import MEDIATING, Mediation, Session
from huiyin.core.mediation.steps import (
    Confided,
    Guarded,
    Investigated,
    InvitationAnswered,
    Reported,
    RiskFlagged,
    Sat,
    SessionAdjourned,
    SessionHeld,
    SessionPlanned,
    Step,
)
from huiyin.core.scene import Refused


def decide(mediation: Mediation, command: Sitting | Guarding, ground: Ground) -> list[Step]:
    """Steps of sessions, and of what must be reported from them."""
    match command:
        case Plan():
            return _plan(mediation, command, ground)
        case Reply():
            return _reply(mediation, command, ground)
        case Hold():
            return _hold(mediation, command, ground)
        case Adjourn():
            return _adjourn(mediation, command)
        case Confide():
            return _confide(mediation, command, ground)
        case Investigate():
            return _investigate(mediation, command, ground)
        case FlagRisk():
            return _flag(mediation, command, ground)
        case Report():
            return _report(mediation, command, ground)
        case _:
            assert_never(command)


def _plan(mediation: Mediation, command: Plan, ground: Ground) -> list[Step]:
    for one in (one.plan for one in mediation.sessions if one.waits):
        if one is not None and (one.at, one.online, one.venue) == (command.at, command.online, command.venue):
            return []
    working(mediation, MEDIATING)
    safe(mediation)
    _seated(mediation, ground)
    if command.at <= ground.at:
        raise Refused("session-in-the-past")
    last = mediation.clock("mediate")
    if last is not None and command.at >= last.due.at:
        raise Refused("session-too-late")
    number = len(mediation.sessions) + 1
    clock = ground.clock("hold", command.at, str(number))
    return [SessionPlanned(number, command.at, (clock,), command.online, command.venue)]


def _reply(mediation: Mediation, command: Reply, ground: Ground) -> list[Step]:
    line, session = ground.party(mediation, command.party), _planned(mediation, command.session)
    answered = InvitationAnswered(command.session, line.party, command.coming)
    if answered in session.replies:
        return []
    working(mediation, MEDIATING)
    _waits(session)
    return [answered]


def _hold(mediation: Mediation, c: Hold, ground: Ground) -> list[Step]:
    number = len(mediation.sessions) + 1 if c.session is None else c.session
    if any(one.held and one.held.minutes == c.minutes for one in mediation.sessions):
        return []
    working(mediation, MEDIATING)
    safe(mediation)
    _seated(mediation, ground)
    if c.session is not None:
        _waits(_planned(mediation, number))
    _present(mediation, c.present, [one.party for one in (*c.statements, *c.offers)])
    if not all(mediation.allowed("invitee", one) for one in c.invitees):
        raise Refused("invitee-not-agreed")
    _over(c, ground)
    for line in mediation.lines:
        if line.notice is None:
            raise Refused("rights-not-told")
        if line.consent is None or c.began < max(line.notice.at, line.consent.at):
            raise Refused("before-the-notice")
    head = (number, c.began, ground.by.person, c.present, c.minutes, c.invitees)
    return [SessionHeld(*head, c.statements, c.offers, c.undisputed, c.ended, c.recorder)]


def _over(c: Hold, ground: Ground) -> None:
    """It began, and where it says so was over, before it is recorded."""
    ground.happened(c.began)
    if c.ended is not None:
        ground.happened(c.ended)
        if c.ended < c.began:
            raise Refused("over-before-it-began")


def _present(mediation: Mediation, present: Collection[str], speaking: Collection[str]) -> None:
    """Somebody came, only parties did, and only who came said something."""
    if not present:
        raise Refused("nobody-there")
    if any(mediation.line(one) is None for one in present):
        raise Refused("unknown-party")
    if not set(speaking) <= set(present):
        raise Refused("was-not-there")


def _seated(mediation: Mediation, ground: Ground) -> None:
    """Somebody mediates, and nobody of them should have withdrawn."""
    if not mediation.mediators:
        raise Refused("mediator-missing")
    for one in mediation.mediators:
        ground.free(mediation, one.person)


def _planned(mediation: Mediation, number: int) -> Session:
    session = mediation.session(number)
    if session is None:
        raise Refused("unknown-session")
    return session


def _waits(session: Session) -> None:
    if not session.waits:
        raise Refused("session-over")


def _adjourn(mediation: Mediation, command: Adjourn) -> list[Step]:
    session = _planned(mediation, command.session)
    if session.adjourned == command.words:
        return []
    working(mediation, MEDIATING)
    _waits(session)
    return [SessionAdjourned(session.number, command.words)]


def _confide(mediation: Mediation, command: Confide, ground: Ground) -> list[Step]:
    """A talk with one side is mediation too: not before it knows its rights."""
    line = ground.party(mediation, command.party)
    confided = Confided(ground.by.person, line.party, command.words)
    if confided in mediation.caucus:
        return []
    working(mediation, MEDIATING)
    safe(mediation)
    if line.notice is None:
        raise Refused("rights-not-told")
    return [confided]


def _investigate(mediation: Mediation, c: Investigate, ground: Ground) -> list[Step]:
    """Before a session or between two; a danger is reported first, then looked into by who is called."""
    head = (ground.by.person, c.at, c.place, c.questioned, c.words)
    made = Investigated(*head, c.relation, c.reach, c.present, c.recorder)
    if made in mediation.investigations:
        return []
    working(mediation, MEDIATING)
    safe(mediation)
    ground.happened(c.at)
    return [made]


# -- danger -----------------------------------------------------------------------------------------------


def _flag(mediation: Mediation, command: FlagRisk, ground: Ground) -> list[Step]:
    """At any time, also when all is over; the limit of a report that is owed already runs on."""
    if command.words in mediation.risks:
        return []
    clocks = () if mediation.clock("report") else (ground.clock("report"),)
    return [ground.flagged(command.risk, command.words, clocks)]


def _report(mediation: Mediation, command: Report, ground: Ground) -> list[Step]:
    if command.words in mediation.reports:
        return []
    if command.body not in mediation.owing:
        raise Refused("nothing-to-report")
    ground.happened(command.at)
    return [Reported(command.body, command.at, command.words)]


# -- folding ----------------------------------------------------------------------------------------------


def follow(mediation: Mediation, step: Sat) -> Mediation:
    """The mediation after a step of a session."""
    if isinstance(step, Confided):
        return replace(mediation, caucus=(*mediation.caucus, step))
    if isinstance(step, Investigated):
        return replace(mediation, investigations=(*mediation.investigations, step))
    session = mediation.session(step.session) or Session(step.session)
    match step:
        case SessionPlanned():
            return mediation.with_session(replace(session, plan=step)).starting(step.clocks)
        case InvitationAnswered():
            others = (one for one in session.replies if one.party != step.party)
            return mediation.with_session(replace(session, replies=(*others, step)))
        case SessionHeld():
            after = mediation.with_session(replace(session, held=step))
        case SessionAdjourned():
            after = mediation.with_session(replace(session, adjourned=step.words))
        case _:
            assert_never(step)
    return after.stopping("hold", of=str(step.session))


def guarded(mediation: Mediation, step: Guarded) -> Mediation:
    """The mediation after a step about a danger."""
    if isinstance(step, RiskFlagged):
        owing = (*mediation.owing, *(one for one in step.bodies if one not in mediation.owing))
        restricted = mediation.restricted or step.restricted
        after = replace(mediation, risks=(*mediation.risks, step.words), owing=owing, restricted=restricted)
        return after.starting(step.clocks)
    owing = tuple(one for one in mediation.owing if one != step.body)
    after = replace(mediation, owing=owing, reports=(*mediation.reports, step.words))
    return after if owing else after.stopping("report")
