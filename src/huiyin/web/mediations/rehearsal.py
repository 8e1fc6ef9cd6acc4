"""An order tried on paper (试办): which ones a mediation would take now, where they would lead, why it would not."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import product
from typing import get_args

from huiyin.core.calendar import local
from huiyin.core.mediation import Command, Mediation, Rules, Step, decide
from huiyin.core.mediation import commands as c
from huiyin.core.mediation import commands_agreed as a
from huiyin.core.mediation.ground import mediators_of
from huiyin.core.mediation.kinds import Body, Item, Matter, Paper, Risk, Terms
from huiyin.core.mediation.number import CaseNumber
from huiyin.core.mediation.state import Line
from huiyin.core.people import Viewer
from huiyin.core.scene import Refused, Scene
from huiyin.core.words import Sealed
from huiyin.web.mediations.finding import Found
from huiyin.web.mediations.orders import ORDERS

PAPER = Sealed("paper/1", "0" * 64)
_DIGEST = "0" * 64
_SOME = 5  # parties that stand for all of a large case
_NOTHING = "not-your-mediation"


def offered(found: Found, viewer: Viewer, rules: Rules) -> tuple[str, ...]:
    """The orders that this viewer could give now, in the order of the table."""
    at = found.room.clock()
    return tuple(
        name
        for name, row in ORDERS.items()
        if viewer.role in row.roles and name in _SAMPLES and next(led(found, rules, name, at), None) is not None
    )


def led(found: Found, rules: Rules, name: str, at: datetime) -> Iterator[list[Step]]:
    """Where an order would lead, in each way in which it can be given now."""
    for one in _SAMPLES[name](found.one, found.scene, rules, at):
        if steps := tried(found.one, one, found.scene, rules, at):
            yield steps


def tried(one: Mediation, command: Command, scene: Scene, rules: Rules, at: datetime) -> list[Step]:
    """The steps that a command would lead to; [] where it is refused, or is a repeat."""
    try:
        return decide(one, command, at=at, rules=rules, scene=scene)
    except Refused:
        return []


def refusal(found: Found, rules: Rules, name: str, at: datetime) -> str:
    """The code that an order would be refused with now; "" where there is nothing to order."""
    for one in _SAMPLES[name](found.one, found.scene, rules, at):
        try:
            decide(found.one, one, at=at, rules=rules, scene=found.scene)
        except Refused as refused:
            return refused.code
    return ""


# -- commands that stand for all of their kind ------------------------------------------------------------

_Made = Callable[[Mediation, Scene, Rules, datetime], Iterable[Command]]


def _voices(one: Mediation) -> Iterator[tuple[Line, str]]:
    """Each party with everybody who could speak for it."""
    for line in one.lines[:_SOME]:
        own = [""] if line.kind != "group" else []
        for by in (*own, *line.representatives[:1], *(each.agent for each in line.agents)):
            yield line, by
        if line.kind == "group" and not line.representatives and not line.agents:
            yield line, ""  # which says what is missing


def _register(one: Mediation, scene: Scene, rules: Rules) -> list[str]:
    held = scene.staff.holdings.get(mediators_of(rules.mediation, one.kind, one.committee), ())
    return [each.person.id for each in held]


def _answers(one: Mediation, scene: Scene, rules: Rules, _at: datetime) -> Iterator[Command]:
    of: dict[Matter, list[str]] = {
        "mediator": _register(one, scene, rules),
        "invitee": [each.person for each in one.helpers],
        "extension": ["1"],
    }
    for (line, by), matter, yes in product(_voices(one), get_args(Matter), (True, False)):
        for what in of.get(matter, [""]):
            yield c.Answer(line.party, matter, yes, what, by)


def _holds(one: Mediation, _scene: Scene, _rules: Rules, at: datetime) -> Iterator[Command]:
    yield c.Hold(at, tuple(line.party for line in one.lines), PAPER)


def _terms(one: Mediation, at: datetime) -> Terms:
    first, second = one.lines[0].party, one.lines[-1].party
    item = Item("i1", first, second, PAPER, "other", local(at), PAPER)
    return Terms(PAPER, PAPER, PAPER, PAPER, (item,))


def _marks(one: Mediation, _scene: Scene, _rules: Rules, at: datetime) -> Iterator[Command]:
    digest = one.agreement.digest if one.agreement else _DIGEST
    yield a.Mark("mediator", digest, "signature", at)
    yield a.Mark("committee", digest, "seal", at)
    for line, by in _voices(one):
        yield a.Mark("party", digest, "signature", at, line.party, by, PAPER)


def _performed(one: Mediation, _scene: Scene, _rules: Rules, at: datetime) -> Iterator[Command]:
    for owed in one.agreement.owed if one.agreement else ():
        yield a.Perform(owed.item.item, "part", at)
    yield a.Perform("?", "part", at)


def _breaches(one: Mediation, _scene: Scene, _rules: Rules, _at: datetime) -> Iterator[Command]:
    for owed in one.agreement.owed if one.agreement else ():
        yield a.Breach(owed.item.item, PAPER)
    yield a.Breach("?", PAPER)


def _waiting(one: Mediation) -> list[int]:
    return [each.number for each in one.sessions if each.waits] or [0]


def _by_party(make: Callable[[str], Command]) -> _Made:
    return lambda one, _scene, _rules, _at: [make(line.party) for line in one.lines[:_SOME]]


def _spoken(make: Callable[[str, str], Command]) -> _Made:
    return lambda one, _scene, _rules, _at: [make(line.party, by) for line, by in _voices(one)]


def _one(make: Callable[[datetime], Command]) -> _Made:
    return lambda _one, _scene, _rules, at: [make(at)]


def _replies(one: Mediation, _scene: Scene, _rules: Rules, _at: datetime) -> Iterator[Command]:
    for number, line, coming in product(_waiting(one), one.lines[:_SOME], ("yes", "no")):
        yield c.Reply(line.party, number, coming)  # type: ignore[arg-type]


_SAMPLES: dict[str, _Made] = {
    "check": lambda _one, _s, _r, _at: [c.Check(), c.Check(("reserved",))],
    "accept": _one(lambda _at: c.Accept(CaseNumber(1, "-", 1))),
    "decline": _one(lambda _at: c.Decline(PAPER)),
    "consent": _spoken(lambda party, by: c.Consent(party, "paper", by)),
    "refuse": _spoken(lambda party, by: c.Refuse(party, "paper", by)),
    "stop": _spoken(lambda party, by: c.Stop(party, "paper", by)),
    "notify-rights": _by_party(lambda party: c.NotifyRights(party, "paper")),
    "empower": _by_party(lambda party: c.Empower(party, "a?", PAPER)),
    "represent": _by_party(lambda party: c.Represent(party, ("r?",))),
    "invite": _one(lambda _at: c.Invite("h?", "other")),
    "answer": _answers,
    "assign": lambda one, scene, rules, _at: [c.Assign(person) for person in _register(one, scene, rules)],
    "disclose": _one(lambda _at: c.Disclose(PAPER)),
    "release": lambda one, _s, _r, _at: [c.Release(each.person, "unable") for each in one.mediators],
    "plan": _one(lambda at: c.Plan(at + timedelta(hours=1))),
    "reply": _replies,
    "hold": _holds,
    "adjourn": lambda one, _s, _r, _at: [c.Adjourn(number, PAPER) for number in _waiting(one)],
    "confide": _by_party(lambda party: c.Confide(party, PAPER)),
    "investigate": _one(lambda at: c.Investigate(at, PAPER, PAPER, PAPER)),
    "flag-risk": lambda _one, _s, _r, _at: [c.FlagRisk(risk, PAPER) for risk in get_args(Risk)],
    "report": lambda _one, _s, _r, at: [c.Report(body, at, PAPER) for body in get_args(Body)],
    "ask-meeting": _one(lambda at: a.AskMeeting(("street",), local(at), PAPER)),
    "answer-meeting": _one(lambda at: a.AnswerMeeting(at + timedelta(hours=1))),
    "draft": lambda one, _s, _r, at: [a.Draft(_DIGEST, _terms(one, at))],
    "mark": _marks,
    "agree-orally": lambda one, _s, _r, at: [a.AgreeOrally(at, _terms(one, at))],
    "perform": _performed,
    "breach": _breaches,
    "visit": lambda one, _s, _r, at: [a.Visit(at, (one.lines[0].party,), "yes", PAPER)],
    "sue": _by_party(a.Sue),
    "tell-confirmation": lambda one, _s, _r, at: [
        a.TellConfirmation(line.party, "paper", at) for line in one.lines[:_SOME]
    ],
    "apply-confirmation": _one(a.ApplyConfirmation),
    "record-ruling": _one(lambda _at: a.RecordRuling("withdrawn", PAPER)),
    "end": _one(lambda _at: a.End("no-prospect", PAPER)),
    "deliver-routes": _by_party(lambda party: a.DeliverRoutes(party, "paper")),
    "archive": _one(lambda _at: a.Archive(get_args(Paper))),
}
