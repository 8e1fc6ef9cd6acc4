"""What time itself does to a ticket (时限到期): reminders, climbing, supervision, closing in silence."""

from msgspec.structs import replace

from huiyin.core.deadline import Due
from huiyin.core.deadline import recomputed as again
from huiyin.core.endings import Closed
from huiyin.core.state import Ticket
from huiyin.core.steps import Duty, Recomputed, Reminded, Step, SuperviseReason
from huiyin.core.ticket import climbing, ending
from huiyin.core.ticket.ground import Ground
from huiyin.core.watch import Watch, reminder
from huiyin.core.words import Rung


def tick(ticket: Ticket, ground: Ground) -> list[Step]:
    """The one thing that is due now, the gravest first; [] where nothing is. What else is due is the next tick's."""
    soonest = ticket.next_at
    if soonest is None or soonest > ground.at:
        return []
    if ticket.state == "replied":
        return _silence(ticket, ground) or _answer(ticket, ground)
    return (
        _case(ticket, ground)
        or _ruling(ticket, ground)
        or _running(ticket, ground)
        or _review(ticket, ground)
        or _answer(ticket, ground)
    )


def _case(ticket: Ticket, ground: Ground) -> list[Step]:
    """The whole case's clock never restarts: its end is supervised once, wherever the ticket stands."""
    if ticket.case_due is None or ticket.case_lapsed or ticket.case_due.at > ground.at:
        return []
    return [climbing.supervised(ticket, "case-lapsed", ground)]


def _silence(ticket: Ticket, ground: Ground) -> list[Step]:
    """No answer to the follow-up: closed, and counted apart. One that said "partly" did answer: it goes up."""
    if ticket.follow_up is None or ticket.follow_up.at > ground.at:
        return []
    if ticket.solved == "partly":
        return [ending.reopened(ticket, "unsatisfied", ground)]
    return [Closed("no-answer", ground.at)]


def _ruling(ticket: Ticket, ground: Ground) -> list[Step]:
    """Nobody ruled in time: the case is now the one's who should have, or who may in their place by now."""
    objection = ticket.objection
    if objection is None or objection.due.at > ground.at:
        return []
    step = climbing.up(ticket, "ruling-lapsed", ground)
    return [step or climbing.hand_to(ticket, objection.ruler, "ruling-lapsed", ground)]


def _running(ticket: Ticket, ground: Ground) -> list[Step]:
    if (running := ticket.running) is None:
        return []
    duty, watch = running
    if watch.due.at > ground.at:
        return _remind(ticket, duty, watch, ground)
    if duty == "sort":
        return [climbing.supervised(ticket, "sorting-lapsed", ground)]
    step = climbing.up(ticket, "sign-lapsed" if duty == "sign" else "resolve-lapsed", ground)
    return [step] if step else [climbing.supervised(ticket, "last-rung-lapsed", ground)]


def _review(ticket: Ticket, ground: Ground) -> list[Step]:
    """挂账: the day on which it had to be looked at again has come."""
    if ticket.state != "shelved" or ticket.lapsed or ticket.shelf is None or ticket.shelf.review_at > ground.at:
        return []
    return [climbing.supervised(ticket, "review-lapsed", ground)]


def _answer(ticket: Ticket, ground: Ground) -> list[Step]:
    if ticket.supervision is None:
        return []
    watch = ticket.supervision.answer
    if watch.due.at > ground.at:
        return _remind(ticket, "answer", watch, ground)
    reason: SuperviseReason = "unanswered"
    return [climbing.supervised(ticket, reason, ground)]


def _remind(ticket: Ticket, duty: Duty, watch: Watch, ground: Ground) -> list[Step]:
    """The later of the reminders that are due and not yet given."""
    part = reminder(watch, [told for one, told in ticket.reminded if one == duty], ground.at)
    return [Reminded(duty, part)] if part else []


# -- a calendar arrives -----------------------------------------------------------------------------------


def recompute(ticket: Ticket, ground: Ground) -> list[Step]:
    """Provisional due times worked out again; a step where one of them was, changed or not (DOMAIN 7.5)."""
    if ticket.state == "closed":
        return []
    supervision = ticket.supervision.answer if ticket.supervision else None
    objection = ticket.objection
    rung = ticket.rung
    step = Recomputed(
        _watch(ticket.sign, rung, ground),
        _watch(ticket.resolve, rung, ground),
        _watch(supervision, rung, ground),
        _due(objection.due, objection.ruler.rung, ground) if objection else None,
        _due(ticket.follow_up, None, ground),
        _due(ticket.rung_due, rung, ground),
    )
    return [] if step == Recomputed() else [step]


def _due(one: Due | None, rung: Rung | None, ground: Ground) -> Due | None:
    if one is None or not one.provisional:
        return None
    return again(one, ground.rules.calendar, ground.rules.ladder.office(rung))


def _watch(one: Watch | None, rung: Rung | None, ground: Ground) -> Watch | None:
    fresh = _due(one.due, rung, ground) if one else None
    return ground.reminding(fresh, rung) if fresh else None


def recomputed(ticket: Ticket, step: Recomputed) -> Ticket:
    """The ticket with the times that changed."""
    supervision, objection = ticket.supervision, ticket.objection
    if supervision is not None and step.answer is not None:
        supervision = replace(supervision, answer=step.answer)
    if objection is not None and step.ruling is not None:
        objection = replace(objection, due=step.ruling)
    return replace(
        ticket,
        sign=step.sign or ticket.sign,
        resolve=step.resolve or ticket.resolve,
        rung_due=step.rung or ticket.rung_due,
        supervision=supervision,
        objection=objection,
        follow_up=step.follow_up or ticket.follow_up,
    )
