"""A joint meeting that is asked for (请开联席会议), and what the desk says to it: nothing waits for it."""

from typing import assert_never, get_args

from msgspec.structs import replace

from huiyin.core.calendar import local
from huiyin.core.mediation.commands import Meeting
from huiyin.core.mediation.commands_agreed import AnswerMeeting, AskMeeting
from huiyin.core.mediation.ground import Ground, working
from huiyin.core.mediation.kinds import Attendee
from huiyin.core.mediation.state import BEFORE_EFFECT, IN_EFFECT, Joint, Mediation
from huiyin.core.mediation.steps import Met, Step
from huiyin.core.mediation.steps_agreed import MeetingAnswered, MeetingAsked
from huiyin.core.scene import Refused


def decide(mediation: Mediation, command: Meeting, ground: Ground) -> list[Step]:
    """Steps of a joint meeting; of a restricted file there is none: it would tell."""
    match command:
        case AskMeeting():
            return _ask(mediation, command, ground)
        case AnswerMeeting():
            return _answer(mediation, command, ground)
        case _:
            assert_never(command)


def _ask(mediation: Mediation, c: AskMeeting, ground: Ground) -> list[Step]:
    attendees: tuple[Attendee, ...] = tuple(one for one in get_args(Attendee) if one in c.attendees)
    asked = MeetingAsked(ground.by.person, attendees, c.until, c.words)
    if any(one.asked == asked for one in mediation.joint):
        return []
    _living(mediation)
    if _open(mediation) is not None:
        raise Refused("meeting-asked")
    if not attendees:
        raise Refused("nobody-asked")
    if c.until < local(ground.at):
        raise Refused("moment-past")
    return [asked]


def _answer(mediation: Mediation, c: AnswerMeeting, ground: Ground) -> list[Step]:
    answered = MeetingAnswered(c.at, c.venue, c.reason)
    if mediation.joint and mediation.joint[-1].answered == answered:
        return []
    _living(mediation)
    if _open(mediation) is None:
        raise Refused("no-meeting-asked")
    if (c.at is None) == (c.reason is None) or (c.at is None and c.venue is not None):
        raise Refused("when-or-why")
    if c.at is not None and c.at <= ground.at:
        raise Refused("moment-past")
    return [answered]


def _living(mediation: Mediation) -> None:
    """Until it ended or is filed."""
    if mediation.restricted:
        raise Refused("meeting-would-tell")
    working(mediation, (*BEFORE_EFFECT, *IN_EFFECT))


def _open(mediation: Mediation) -> Joint | None:
    return next((one for one in mediation.joint if one.answered is None), None)


def follow(mediation: Mediation, step: Met) -> Mediation:
    """The mediation after a step of this kind."""
    if isinstance(step, MeetingAsked):
        return replace(mediation, joint=(*mediation.joint, Joint(step)))
    *before, last = mediation.joint
    return replace(mediation, joint=(*before, replace(last, answered=step)))
