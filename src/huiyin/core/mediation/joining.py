"""The parties' side (同意、告知、委托、代表、共同同意): each consents for itself, what binds all needs all of them."""

from typing import assert_never

from msgspec.structs import replace

from huiyin.core.mediation.commands import (
    Answer,
    Consent,
    Empower,
    Identify,
    Invite,
    Joining,
    LookUp,
    NotifyRights,
    RenewCode,
    Represent,
)
from huiyin.core.mediation.ground import Ground, working
from huiyin.core.mediation.kinds import Matter
from huiyin.core.mediation.state import BEFORE_EFFECT, IN_EFFECT, MEDIATING, Line, Mediation, State
from huiyin.core.mediation.steps import (
    Answered,
    CodeRenewed,
    Consented,
    ContactViewed,
    Empowered,
    Extended,
    Identified,
    Invited,
    Joined,
    MediatorLeft,
    Represented,
    RightsNotified,
    Step,
)
from huiyin.core.scene import Refused

# While a question may be answered.
WHEN: dict[Matter, tuple[State, ...]] = {
    "mediator": BEFORE_EFFECT,
    "invitee": BEFORE_EFFECT,
    "open": BEFORE_EFFECT,
    "extension": MEDIATING,
    "oral": MEDIATING,
    "confirmation": IN_EFFECT,
}


def decide(mediation: Mediation, command: Joining, ground: Ground) -> list[Step]:
    """Steps of the parties; what one party said stands until it says otherwise."""
    if isinstance(command, Invite):
        return _invite(mediation, command)
    line = ground.party(mediation, command.party)
    match command:
        case Identify():
            return _identify(mediation, line, command)
        case Consent():
            return _consent(mediation, line, command, ground)
        case RenewCode():
            return _renew(mediation, line, ground)
        case LookUp():
            return _look(mediation, line, command, ground)
        case NotifyRights():
            return _notify(mediation, line, command, ground)
        case Empower():
            return _empower(mediation, line, command)
        case Represent():
            return _represent(mediation, line, command, ground)
        case Answer():
            return _answer(mediation, line, command, ground)
        case _:
            assert_never(command)


def _identify(mediation: Mediation, line: Line, command: Identify) -> list[Step]:
    if line.record == command.words:
        return []
    working(mediation, (*BEFORE_EFFECT, *IN_EFFECT, "ended"))
    return [Identified(line.party, command.words)]


def _renew(mediation: Mediation, line: Line, ground: Ground) -> list[Step]:
    """Until the file is closed; of a restricted one not by its desk, who would read with it what it does not see."""
    working(mediation, (*BEFORE_EFFECT, *IN_EFFECT, "ended"))
    if mediation.restricted and ground.by.post == ground.desk(mediation):
        raise Refused("not-your-mediation")
    return [CodeRenewed(line.party)]


def _look(mediation: Mediation, line: Line, command: LookUp, ground: Ground) -> list[Step]:
    """Every look is a step of its own: the second is no repeat of the first. A danger or an end is no bar: that is when
    one has to telephone."""
    working(mediation, (*BEFORE_EFFECT, *IN_EFFECT, "ended"))
    return [ContactViewed(ground.by.person, line.party, command.purpose)]


def _notify(mediation: Mediation, line: Line, command: NotifyRights, ground: Ground) -> list[Step]:
    if line.notice is not None:
        return []
    working(mediation, BEFORE_EFFECT)
    return [RightsNotified(line.party, command.how, ground.at)]


def _consent(mediation: Mediation, line: Line, command: Consent, ground: Ground) -> list[Step]:
    if line.consent is not None:
        return []
    ground.voice(line, command.by)
    working(mediation, ("applied",))
    return [Consented(line.party, command.how, ground.at, command.by)]


def _empower(mediation: Mediation, line: Line, command: Empower) -> list[Step]:
    empowered = Empowered(line.party, command.agent, command.words, command.special)
    if empowered in line.agents:
        return []
    working(mediation, (*BEFORE_EFFECT, *IN_EFFECT))
    if not command.agent:
        raise Refused("nobody-named")
    return [empowered]


def _represent(mediation: Mediation, line: Line, command: Represent, ground: Ground) -> list[Step]:
    if line.representatives == command.persons:
        return []
    working(mediation, BEFORE_EFFECT)
    if line.kind != "group":
        raise Refused("not-a-group")
    if not command.persons or "" in command.persons:
        raise Refused("nobody-named")
    if len(set(command.persons)) > ground.book.representatives:
        raise Refused("too-many-representatives")
    return [Represented(line.party, command.persons)]


def _invite(mediation: Mediation, command: Invite) -> list[Step]:
    invited = Invited(command.person, command.helper)
    if invited in mediation.helpers:
        return []
    working(mediation, BEFORE_EFFECT)
    if not command.person:
        raise Refused("nobody-named")
    if mediation.line(command.person) is not None:
        raise Refused("is-a-party")
    return [invited]


def _answer(mediation: Mediation, line: Line, c: Answer, ground: Ground) -> list[Step]:
    question = mediation.question(c.matter, c.of)
    if line.party in (question.yes if c.yes else question.no):
        return []
    ground.voice(line, c.by)
    working(mediation, WHEN[c.matter])
    _asked(mediation, c, ground)
    answered = Answered(line.party, c.matter, c.yes, c.of, c.by)
    if c.matter == "mediator" and not c.yes and mediation.mediator(c.of) is not None:
        return [answered, MediatorLeft(c.of, "challenged")]
    if c.matter == "extension" and follow(mediation, answered).allowed("extension", c.of):
        return [answered, _extended(mediation, int(c.of), ground)]
    return [answered]


def _asked(mediation: Mediation, c: Answer, ground: Ground) -> None:
    """Refuse an answer to what was not asked: nobody invited, no such mediator, no days to add."""
    if c.matter == "invitee" and not any(one.person == c.of for one in mediation.helpers):
        raise Refused("not-invited")
    if c.matter == "mediator" and mediation.mediator(c.of) is None:
        ground.free(mediation, c.of)
    if c.matter == "extension":
        _extendable(mediation, c.of, ground)
    if c.matter in ("open", "oral", "confirmation") and c.of:
        raise Refused("not-a-question")


def _extendable(mediation: Mediation, of: str, ground: Ground) -> None:
    """Never afterwards: what is over is over."""
    book = ground.book.extension
    if of not in map(str, range(1, book.longest + 1)):
        raise Refused("extension-too-long")
    if mediation.extensions >= book.times:
        raise Refused("no-extension-left")
    clock = mediation.clock("mediate")
    if clock is None or clock.due.at <= ground.at:
        raise Refused("nothing-to-extend")


def _extended(mediation: Mediation, days: int, ground: Ground) -> Extended:
    assert mediation.limit is not None
    longer = ground.longer(mediation.limit, days, "mediate")
    return Extended(days, (ground.counting("mediate", longer),))


# -- folding ----------------------------------------------------------------------------------------------


def follow(mediation: Mediation, step: Joined) -> Mediation:
    """The mediation after a step of this kind."""
    if isinstance(step, CodeRenewed | ContactViewed):
        return mediation  # the code is kept beside it, a look changes nothing
    if isinstance(step, Invited):
        return replace(mediation, helpers=(*mediation.helpers, step))
    if isinstance(step, Extended):
        return replace(mediation, extensions=mediation.extensions + 1).starting(step.clocks)
    if isinstance(step, Answered):
        return _answered(mediation, step)
    line = mediation.line(step.party)
    assert line is not None
    match step:
        case Identified():
            return mediation.with_line(replace(line, record=step.words))
        case Consented():
            return mediation.with_line(replace(line, consent=step))
        case RightsNotified():
            return mediation.with_line(replace(line, notice=step))
        case Empowered():
            return mediation.with_line(replace(line, agents=(*(a for a in line.agents if a.agent != step.agent), step)))
        case Represented():
            return mediation.with_line(replace(line, representatives=step.persons))
        case _:
            assert_never(step)


def _answered(mediation: Mediation, step: Answered) -> Mediation:
    was = mediation.question(step.matter, step.of)
    yes, no = was.yes - {step.party}, was.no - {step.party}
    now = replace(was, yes=yes | {step.party}, no=no) if step.yes else replace(was, yes=yes, no=no | {step.party})
    others = (one for one in mediation.questions if (one.matter, one.of) != (step.matter, step.of))
    return replace(mediation, questions=(*others, now))
