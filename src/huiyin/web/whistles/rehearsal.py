"""What a whistle would say to each order now (预演): the core's own decision on paper, nothing is kept."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from huiyin.core.people import Viewer
from huiyin.core.scene import Refused, Scene
from huiyin.core.whistle import Command, Rules, Step, Whistle, decide
from huiyin.core.whistle import commands as c
from huiyin.core.words import Sealed
from huiyin.web.whistles.orders import ORDERS

PAPER = Sealed("paper/1", "0" * 64)


def offered(one: Whistle, viewer: Viewer, scene: Scene, rules: Rules, at: datetime) -> tuple[str, ...]:
    """The orders that this viewer could give now, in the order of the table."""
    return tuple(
        name
        for name, row in ORDERS.items()
        if viewer.role in row.roles and any(tried(one, each, scene, rules, at) for each in samples(one, name, at))
    )


def tried(one: Whistle, command: Command, scene: Scene, rules: Rules, at: datetime) -> list[Step]:
    """The steps that a command would lead to; [] where it is refused, or is a repeat."""
    try:
        return decide(one, command, at=at, rules=rules, scene=scene)
    except Refused:
        return []


def refusal(one: Whistle, name: str, scene: Scene, rules: Rules, at: datetime) -> str:
    """The code that an order would be refused with now; where there is nothing to order, that it was done."""
    for each in samples(one, name, at):
        try:
            decide(one, each, at=at, rules=rules, scene=scene)
        except Refused as refused:
            return refused.code
    return _NOTHING.get(name, "not-your-whistle")


_NOTHING = {"rule": "no-objection", "rate": "already-rated", "grant-pause": "nothing-asked"}


def samples(one: Whistle, name: str, at: datetime) -> Sequence[Command]:
    """Commands that stand for all of their kind."""
    objecting = [line.post for line in one.lines if line.objection is not None]
    unrated = [line.post for line in one.lines if line.post not in {rated.post for rated in one.ratings}]
    match name:
        case "rule":
            accused = [c.Rule(line.post, upheld=True, to="department:?") for line in one.lines]
            return [*(c.Rule(post, upheld=False) for post in objecting), *accused]
        case "rate":
            return [c.RateDepartment(post, 3, 3, 3, 3) for post in unrated]
        case "ask-co":
            return [c.AskCo("department:?", PAPER)]
        case _:
            return [_SAMPLES[name](at, one)]


_SAMPLES: dict[str, Callable[[datetime, Whistle], Command]] = {
    "pass-on": lambda _at, _one: c.PassOn(),
    "send-back": lambda _at, _one: c.SendBack("other", PAPER),
    "approve": lambda _at, _one: c.Approve(),
    "decline": lambda _at, _one: c.Decline("other", PAPER),
    "join": lambda _at, _one: c.Join("HY?"),
    "cancel": lambda _at, _one: c.Cancel("other"),
    "acknowledge": lambda _at, _one: c.Acknowledge("p-?"),
    "object": lambda _at, _one: c.Object("other", PAPER),
    "arrive": lambda at, one: c.Arrive(at, one.spot, pictures=(PAPER,)),
    "plan": lambda at, _one: c.Plan(PAPER, at + timedelta(hours=1)),
    "progress": lambda _at, _one: c.Progress(PAPER),
    "answer": lambda _at, _one: c.Answer(PAPER),
    "reply": lambda at, _one: c.Reply(at, ("street",), PAPER, finished=True),
    "ask-pause": lambda _at, _one: c.AskPause("other", 1, PAPER),
    "grant-pause": lambda _at, _one: c.GrantPause(),
    "refuse-pause": lambda _at, _one: c.RefusePause(PAPER),
    "resume": lambda _at, _one: c.Resume(),
    "confirm": lambda _at, _one: c.Confirm(pictures=(PAPER,)),
    "return": lambda _at, _one: c.Return(PAPER),
    "rate-back": lambda _at, _one: c.RateBlower("yes", 5),
}
