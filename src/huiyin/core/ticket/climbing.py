"""Up the ladder (逐级上报): by hand, by time, by conflict; objections and their rulings; supervision (督办)."""

from typing import assert_never

from msgspec.structs import replace

from huiyin.core.commands import AnswerSupervision, Climbing, HandUp, Object, Recompute, Rule, Tick
from huiyin.core.deadline import Limit
from huiyin.core.ladder import Standing
from huiyin.core.staff import Party
from huiyin.core.state import OPEN, Objection, Supervision, Ticket
from huiyin.core.steps import (
    Climbed,
    ClimbReason,
    Dispatched,
    HandedUp,
    Objected,
    ObjectionRuled,
    Recomputed,
    Reminded,
    Step,
    Supervised,
    SuperviseReason,
    SupervisionAnswered,
)
from huiyin.core.ticket import timing
from huiyin.core.ticket.filing import designate, stand
from huiyin.core.ticket.ground import Ground, Refused, working
from huiyin.core.watch import Watch
from huiyin.core.words import Sealed


def decide(ticket: Ticket, command: Climbing, ground: Ground) -> list[Step]:
    """Steps up, and what leads there."""
    match command:
        case HandUp():
            return _hand_up(ticket, command, ground)
        case Object():
            return _object(ticket, command, ground)
        case Rule():
            return _rule(ticket, command, ground)
        case AnswerSupervision():
            return _answer(ticket, command, ground)
        case Tick():
            return timing.tick(ticket, ground)
        case Recompute():
            return timing.recompute(ticket, ground)
        case _:
            assert_never(command)


def up(ticket: Ticket, reason: ClimbReason, ground: Ground, words: Sealed | None = None) -> HandedUp | None:
    """The step to the next post that may take it; None where nobody is above."""
    standing = aside(ticket, ground) or ground.ladder.above(ticket.rung, ground.case(ticket), _here(ticket))
    if standing is None:
        return None
    return hand_to(ticket, standing, reason, ground, words)


def aside(ticket: Ticket, ground: Ground) -> Standing | None:
    """Where nobody of the post may take it: who stands in for it on the same rung, as the district for the street."""
    if ticket.rung is None or not ground.barred(_here(ticket), ground.parties(ticket.about, ticket.spot)):
        return None
    standing = ground.ladder.at(ticket.rung, ground.case(ticket))
    return standing if standing is not None and standing.post.code != _here(ticket) else None


def _here(ticket: Ticket) -> str:
    return ticket.post.code if ticket.post else ""


def hand_to(
    ticket: Ticket, standing: Standing, reason: ClimbReason, ground: Ground, words: Sealed | None = None
) -> HandedUp:
    """The step to a certain post, its clocks from now on."""
    sign, due = ground.clocks(standing, ticket.urgency)
    return HandedUp(reason, ticket.rung, standing, sign, due, words)


def recuse(ticket: Ticket, ground: Ground, party: Party) -> list[Step]:
    """What follows where a party becomes known: the post goes on to the next if all who hold it have an interest."""
    if ticket.state not in OPEN:
        return []
    scene = replace(ground.scene, parties=(*ground.scene.parties, party))
    return recused(ticket, Ground(ground.at, ground.rules, scene))


def recused(ticket: Ticket, ground: Ground) -> list[Step]:
    """The step away from a post where nobody may take it any more; none where somebody may, or nobody else."""
    if not ground.barred(_here(ticket), ground.parties(ticket.about, ticket.spot)):
        return []
    step = up(ticket, "recused", ground)
    return [step] if step is not None else []


def _hand_up(ticket: Ticket, command: HandUp, ground: Ground) -> list[Step]:
    working(ticket, "dispatched", "signed")
    step = up(ticket, command.reason, ground, command.words)
    if step is None:
        raise Refused("last-rung")
    return [step]


def _object(ticket: Ticket, command: Object, ground: Ground) -> list[Step]:
    working(ticket, "dispatched", "signed")
    if ticket.objection is not None:
        raise Refused("already-objected")
    if ticket.designated:
        raise Refused("designated")
    if ticket.urgency == "emergency":
        raise Refused("not-for-emergency")
    ruler = ground.ladder.above(ticket.rung, ground.case(ticket), _here(ticket))
    if ruler is None:
        raise Refused("last-rung")
    due = ground.due(ground.rules.ladder.terms.objection, "派单异议裁定时限", ruler.rung)
    return [Objected(command.reason, ruler, due, command.words)]


def _rule(ticket: Ticket, command: Rule, ground: Ground) -> list[Step]:
    if ticket.objection is None:
        raise Refused("no-objection")
    objection = ticket.objection
    if ground.inside(ticket):
        raise Refused("own-request")
    ruled = ObjectionRuled(command.upheld, objection.reason, ticket.category, command.words)
    if not command.upheld:
        return [ruled]
    standing = designate(ticket, command.rung or objection.ruler.rung or "", ground)
    if standing.post == ticket.post:
        raise Refused("same-post")
    sign, due = ground.clocks(standing, ticket.urgency)
    return [ruled, Dispatched(standing, sign, due)]


def supervised(ticket: Ticket, reason: SuperviseReason, ground: Ground) -> Supervised:
    """督办, a level higher where one waits already; the top of the ladder is a step, never silence."""
    level = ticket.supervision.level + 1 if ticket.supervision else 1
    return Supervised(reason, level, ground.watch(ground.rules.ladder.terms.supervision, "督办答复时限", ticket.rung))


def _answer(ticket: Ticket, command: AnswerSupervision, ground: Ground) -> list[Step]:
    if ticket.state in ("closed", "merged"):
        working(ticket, *OPEN)
    if ticket.supervision is None:
        raise Refused("not-supervised")
    if ticket.rung is None:
        limit = Limit(ground.rules.ladder.sorting_desk.hours, "natural_hour")
        return [SupervisionAnswered(command.words, ground.watch(limit, ground.rules.ladder.sorting_desk.name))]
    limits = ground.rules.ladder.clocks[ticket.urgency]
    name = ground.rules.ladder.rungs[ticket.rung].name
    return [
        SupervisionAnswered(
            command.words, ground.watch(limits.resolve, f"{name}办理时限(督办答复后重新起算)", ticket.rung)
        )
    ]


# -- folding ----------------------------------------------------------------------------------------------


def follow(ticket: Ticket, step: Climbed) -> Ticket:
    """The ticket after a step of this kind."""
    match step:
        case Reminded():
            return replace(ticket, reminded=(*ticket.reminded, (step.duty, step.part)))
        case HandedUp():
            up = stand(ticket, step.standing, step.sign, step.resolve, ticket.case_due)
            return replace(up, passed=(*ticket.passed, step.was))
        case Dispatched():
            return replace(stand(ticket, step.standing, step.sign, step.resolve, ticket.case_due), designated=True)
        case Supervised():
            return _supervised(ticket, step)
        case SupervisionAnswered():
            return _answered(ticket, step.resolve)
        case Objected():
            return replace(ticket, objection=Objection(step.reason, step.ruler, step.due))
        case ObjectionRuled():
            return replace(ticket, objection=None, designated=ticket.designated or not step.upheld)
        case Recomputed():
            return timing.recomputed(ticket, step)
        case _:
            assert_never(step)


def _supervised(ticket: Ticket, step: Supervised) -> Ticket:
    """Reminders of the answer begin anew; a lapsed rung or review keeps no clock of its own."""
    return replace(
        ticket,
        supervision=Supervision(step.level, step.answer),
        lapsed=ticket.lapsed or step.reason in ("last-rung-lapsed", "sorting-lapsed", "review-lapsed"),
        case_lapsed=ticket.case_lapsed or step.reason == "case-lapsed",
        reminded=tuple(one for one in ticket.reminded if one[0] != "answer"),
    )


def _answered(ticket: Ticket, watch: Watch) -> Ticket:
    """Where the rung's clock had run out it begins anew, on a shelf the time until it is looked at again; where it
    runs it goes on."""
    kept = tuple(one for one in ticket.reminded if one[0] != "answer")
    after = replace(ticket, supervision=None, reminded=kept)
    if not ticket.lapsed and (ticket.running is not None or ticket.state not in OPEN):
        return after
    after = replace(after, lapsed=False, reminded=())
    if ticket.state == "shelved" and ticket.shelf is not None:
        return replace(after, shelf=replace(ticket.shelf, review_at=watch.due.at))
    if ticket.state in ("sorting", "dispatched"):
        return replace(after, sign=watch, rung_due=watch.due)
    return replace(after, resolve=watch, rung_due=watch.due)
