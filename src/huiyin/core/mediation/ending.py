"""How a mediation ends (拒绝、终止、归档): any party at any time before effect, the committee with a reason."""

from typing import assert_never

from msgspec.structs import replace

from huiyin.core.mediation.authority import is_party
from huiyin.core.mediation.commands import Ending, Refuse, Stop
from huiyin.core.mediation.commands_agreed import Archive, DeliverRoutes, Enclose, End
from huiyin.core.mediation.ground import WAY, Ground, working
from huiyin.core.mediation.kinds import Paper, Reason
from huiyin.core.mediation.state import BEFORE_EFFECT, MEDIATING, Mediation
from huiyin.core.mediation.steps import Over, Step
from huiyin.core.mediation.steps_agreed import Archived, Enclosed, Ended, RoutesDelivered
from huiyin.core.scene import Refused
from huiyin.core.words import Sealed


def decide(mediation: Mediation, command: Ending, ground: Ground) -> list[Step]:
    """Steps of the end; one party's no is enough (art. 17, 23)."""
    match command:
        case Refuse() | Stop():
            return _leave(mediation, command, ground)
        case End():
            if is_repeat(mediation, command.reason, command.words):
                return []
            working(mediation, MEDIATING)
            return [ended(mediation, command.reason, ground, words=command.words)]
        case DeliverRoutes():
            return _deliver(mediation, command, ground)
        case Archive():
            return _archive(mediation, command, ground)
        case Enclose():
            return _enclose(mediation, command)
        case _:
            assert_never(command)


def _leave(mediation: Mediation, command: Refuse | Stop, ground: Ground) -> list[Step]:
    line = ground.party(mediation, command.party)
    if mediation.ending is not None and mediation.ending.party == line.party:
        return []
    ground.voice(line, command.by, special=False)
    working(mediation, ("applied",) if isinstance(command, Refuse) else BEFORE_EFFECT)
    reason: Reason = "stopped"
    if mediation.state == "applied":
        reason = "withdrawn" if line.applicant else "refused"
    return [replace(ended(mediation, reason, ground, party=command.party), by=command.by)]


def is_repeat(mediation: Mediation, reason: Reason, words: Sealed) -> bool:
    """Whether it ended so already."""
    return mediation.ending is not None and (mediation.ending.reason, mediation.ending.words) == (reason, words)


def ended(
    mediation: Mediation, reason: Reason, ground: Ground, *, party: str = "", words: Sealed | None = None
) -> Ended:
    """The end with the routes told (art. 26): to who ends it at their own door at once, to the others by notice."""
    told = (party,) if party and is_party(ground.by, party) else ()
    clocks = (ground.clock("deliver"), ground.clock("archive"))
    return Ended(reason, ground.routes(reason), ground.at, clocks, told, party, words=words)


def _deliver(mediation: Mediation, command: DeliverRoutes, ground: Ground) -> list[Step]:
    line = ground.party(mediation, command.party)
    if line.told:
        return []
    if mediation.ending is None:
        raise Refused("not-ended")
    return [RoutesDelivered(line.party, command.how)]


# -- the file ---------------------------------------------------------------------------------------------


def _archive(mediation: Mediation, command: Archive, ground: Ground) -> list[Step]:
    if mediation.state == "archived":
        return []
    working(mediation, ("effective", "performed", "ended"))
    if mediation.owing:
        raise Refused("report-first")
    if mediation.state == "ended":
        if not all(one.told for one in mediation.lines):
            raise Refused("routes-not-delivered")
    else:
        _settled(mediation)
    if not needed(mediation, ground) <= set(command.papers):
        raise Refused("file-incomplete")
    return [Archived(command.papers, ground.at)]


def _enclose(mediation: Mediation, command: Enclose) -> list[Step]:
    """At any time until the file is closed."""
    same = (one for one in mediation.enclosed if (one.sheet, one.of) == (command.sheet, command.of))
    there = next((one.pages for one in same), ()) if command.more else ()
    pages = (*there, *(one for one in command.pages if one not in there))
    enclosed = Enclosed(command.sheet, pages, command.of)
    if enclosed in mediation.enclosed:
        return []
    working(mediation, WAY[:-1])
    if not command.pages:
        raise Refused("no-pages")
    return [enclosed]


def _settled(mediation: Mediation) -> None:
    """Performed; or what was not is breached or before a court, and nothing waits for the other one."""
    assert mediation.agreement is not None
    open_still = any(one.done != "whole" and one.breached is None for one in mediation.agreement.owed)
    if open_still and not mediation.sued:
        raise Refused("not-performed")
    if mediation.clock("ruling") or (mediation.state == "effective" and mediation.clock("confirm")):
        raise Refused("confirmation-open")
    if not mediation.visits:
        raise Refused("not-visited")


def needed(mediation: Mediation, ground: Ground) -> set[Paper]:
    """The papers without which the file is not complete (art. 27)."""
    book, papers = ground.book.papers, set(ground.book.papers.always)
    if mediation.case is not None:
        papers |= {*book.accepted}
    if any(one.held for one in mediation.sessions):
        papers |= {*book.sat}
    if mediation.state == "ended":
        return papers | {*book.ended}
    if mediation.agreement is not None:
        papers |= {*(book.written if mediation.agreement.form == "written" else book.oral)}
    return papers


# -- folding ----------------------------------------------------------------------------------------------


def follow(mediation: Mediation, step: Over) -> Mediation:
    """The mediation after a step of this kind; what must be reported stays owed."""
    match step:
        case Ended():
            lines = tuple(replace(one, told=one.party in step.told) for one in mediation.lines)
            report = tuple(one for one in mediation.clocks if one.duty == "report")
            after = replace(mediation, state="ended", ending=step, lines=lines, clocks=report)
            return _delivered(after.starting(step.clocks))
        case RoutesDelivered():
            line = mediation.line(step.party)
            assert line is not None
            return _delivered(mediation.with_line(replace(line, told=True)))
        case Archived():
            return replace(mediation, state="archived", clocks=())
        case Enclosed():
            others = (one for one in mediation.enclosed if (one.sheet, one.of) != (step.sheet, step.of))
            return replace(mediation, enclosed=(*others, step))
        case _:
            assert_never(step)


def _delivered(mediation: Mediation) -> Mediation:
    """Once everybody has it, nothing is to be delivered."""
    return mediation.stopping("deliver") if all(one.told for one in mediation.lines) else mediation
