"""Orders decided on paper (预演): a page offers what the ticket allows, says where it leads, and changes nothing."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import get_args

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin import scenes
from huiyin.core import commands as core
from huiyin.core.commands import Command
from huiyin.core.masks import Field
from huiyin.core.people import Viewer
from huiyin.core.staff import Party
from huiyin.core.steps import Step
from huiyin.core.ticket import Refused, Rules, Scene, Ticket, decide
from huiyin.core.ticket.ground import Ground, accused
from huiyin.core.words import Sealed
from huiyin.orders import Change, Order

_SAID = Sealed("-", "0" * 64)  # stands for words that nobody wrote yet
_DAY = timedelta(days=1)
# Why there is nothing to choose where nothing was refused: it was done before, or there is nobody.
_NOTHING = {"sign": "already-signed", "reassign": "not-of-this-post", "notice": "not-the-respondent"}

Ways = list[tuple[str, Command]]  # a choice's value ("" where there is none) and what it orders


class Tried(Struct, frozen=True):
    """What an order would lead to, by the value of its choice; `code` is why there is no way at all."""

    ways: dict[str, list[Step]]
    code: str = ""


class Stage:
    """The moment, the rulebook, who acts and who holds which post: what decisions about some tickets stand on."""

    def __init__(self, viewer: Viewer, at: datetime, rules: Rules, order: Order, known: scenes.Scenes) -> None:
        self.viewer, self.at, self.rules, self._order, self._known = viewer, at, rules, order, known

    def scene(self, ticket: Ticket) -> Scene:
        """Who acts on a ticket."""
        return self._known.of(self._order, ticket.number)

    def try_(self, ticket: Ticket, command: str) -> Tried:
        """An order as the windows call it, each of its choices; `ways` has those that the ticket takes."""
        ways: dict[str, list[Step]] = {}
        code = ""
        for value, wanted in _WAYS[command](self, ticket):
            try:
                steps = decide(ticket, wanted, at=self.at, rules=self.rules, scene=self.scene(ticket))
            except Refused as refusal:
                code = code or refusal.code
            else:
                if steps or wanted == core.Reclassify():
                    ways[value] = steps
        return Tried(ways, "" if ways else code or _NOTHING.get(command, "not-your-ticket"))

    def holders(self, ticket: Ticket) -> list[str]:
        """The persons (opaque) who hold the ticket's post now."""
        here = self.scene(ticket).staff.holdings.get(ticket.post.code, ()) if ticket.post else ()
        return [one.person.id for one in here]


async def stage(
    connection: AsyncConnection, rules: Rules, viewer: Viewer, kept: Sequence[Ticket], at: datetime
) -> Stage:
    """What orders about some tickets would be decided by; a few queries for all of them."""
    change = Change(kept[0].number if kept else "", core.Sign())
    order = Order("", "", viewer.post, change, role=viewer.role, person=viewer.person)
    return Stage(viewer, at, rules, order, await scenes.for_changes(connection, [order], kept, rules, at))


# -- every order with its choices -------------------------------------------------------------------------


def _rungs(here: Stage, _ticket: Ticket) -> Ways:
    return [(rung, core.Dispatch(rung)) for rung in here.rules.ladder.order]


def _rulings(here: Stage, _ticket: Ticket) -> Ways:
    return [("", core.Rule(False)), *((rung, core.Rule(True, rung)) for rung in here.rules.ladder.order)]


def _candidates(_here: Stage, ticket: Ticket) -> Ways:
    found = [one.code for one in ticket.sorting.candidates] if ticket.sorting else []
    return [("", core.Reclassify()), *((code, core.Reclassify(code)) for code in found if code != ticket.category)]


def _persons(here: Stage, ticket: Ticket) -> Ways:
    return [(person, core.Reassign(person)) for person in here.holders(ticket)]


def _shelf(here: Stage, ticket: Ticket) -> Ways:
    owner = ticket.post.code if ticket.post else ""
    return [("", core.Shelve("other", here.at + _DAY, owner, _SAID))]


def _outcomes(_here: Stage, _ticket: Ticket) -> Ways:
    return [(one, core.Close(one)) for one in get_args(core.Outcome)]


def _answers(_here: Stage, _ticket: Ticket) -> Ways:
    return [(one, core.FollowUp(one, via="call")) for one in get_args(core.Solved)]


def _looks(_here: Stage, _ticket: Ticket) -> Ways:
    fields: tuple[Field, ...] = get_args(Field)
    return [(field, core.View(field, "contact")) for field in ("phone", "name", "room") if field in fields]


def _respondents(here: Stage, ticket: Ticket) -> Ways:
    parties = Ground(here.at, here.rules, here.scene(ticket)).parties(ticket.about, ticket.spot)
    return [(post, core.Notify(post, _SAID)) for post in sorted(accused(parties))]


def _one(make: Callable[[], Command]) -> Callable[[Stage, Ticket], Ways]:
    return lambda _here, _ticket: [("", make())]


_WAYS: dict[str, Callable[[Stage, Ticket], Ways]] = {
    "reclassify": _candidates,
    "dispatch": _rungs,
    "sign": _one(core.Sign),
    "contact": _one(core.Contact),
    "note": _one(lambda: core.Note(_SAID)),
    "site-check": _one(lambda: core.CheckSite(_SAID)),
    "dissuade": lambda here, _ticket: [("", core.Dissuade(here.at, "-", _SAID))],
    "reassign": _persons,
    "relate": _one(lambda: core.Relate(Party("complainant"))),
    "resolve": _one(lambda: core.Resolve(_SAID)),
    "reply": _one(lambda: core.Reply(_SAID)),
    "hand-up": _one(lambda: core.HandUp("other")),
    "object": _one(lambda: core.Object("other")),
    "rule": _rulings,
    "answer": _one(lambda: core.AnswerSupervision(_SAID)),
    "extend": _one(lambda: core.Extend("other", 1)),
    "shelve": _shelf,
    "approve": _one(core.Approve),
    "decline": _one(core.Decline),
    "clear": _one(lambda: core.Clear(_SAID)),
    "merge": _one(lambda: core.Merge("-")),
    "split": _one(core.Split),
    "follow-up": _answers,
    "reopen": _one(lambda: core.Reopen("other")),
    "withdraw": _one(core.Withdraw),
    "redirect": lambda _here, _ticket: [("", core.Redirect("outside-public-duty", _SAID))],
    "close": _outcomes,
    "reveal": _looks,
    "notice": _respondents,
}
