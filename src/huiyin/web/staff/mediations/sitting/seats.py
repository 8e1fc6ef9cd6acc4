"""Who sits at the table (在座的人): the parties by the names that they have for each other, and who speaks for them."""

from collections.abc import Mapping
from typing import Any

from litestar import Request
from msgspec import Struct

from huiyin.core.mediation import Mediation
from huiyin.core.mediation.state import Line
from huiyin.store import committees
from huiyin.web.mediations.finding import Found, find
from huiyin.web.problems import Problem

Req = Request[Any, Any, Any]


class Voice(Struct, frozen=True):
    """Who may consent and sign for a party: `by` is "" for itself."""

    by: str
    name: str


class Seat(Struct, frozen=True):
    """A party at the table."""

    party: str
    name: str
    side: str
    applicant: bool
    voices: tuple[Voice, ...]


async def mediating(request: Req, number: str) -> Found:
    """A case for its mediators; raises Problem("not-found") for everybody else, its desk too."""
    found = await find(request, number)
    if found.eyes != "mediator":
        raise Problem("not-found")
    return found


def seats(one: Mediation, names: Mapping[str, str]) -> list[Seat]:
    """The parties, who applied first; one whose name is not known is called by its side."""
    counts = {True: 0, False: 0}
    found = []
    for line in one.lines:
        counts[line.applicant] += 1
        side = "申请人" if line.applicant else "被申请人"
        many = sum(each.applicant == line.applicant for each in one.lines) > 1
        called = names.get(line.party) or f"{side}{counts[line.applicant] if many else ''}"
        found.append(Seat(line.party, called, side, line.applicant, _voices(line, called, names)))
    return sorted(found, key=lambda seat: not seat.applicant)


def _voices(line: Line, called: str, names: Mapping[str, str]) -> tuple[Voice, ...]:
    """As `Ground.voice` judges: a group speaks through those it chose, an agent needs special authority."""
    own = (
        [Voice(one, f"{names.get(one) or '代表人'}(代表人)") for one in line.representatives]
        if line.kind == "group"
        else [Voice("", called)]
    )
    agents = [
        Voice(one.agent, f"{names.get(one.agent) or '代理人'}(特别授权代理)") for one in line.agents if one.special
    ]
    return (*own, *agents)


async def house(found: Found) -> str:
    """What the committee is called."""
    one = found.one
    known = await found.room.ask(lambda c: committees.known(c, [one.committee]))
    return next((body.called for body in known if body.kind == one.kind), "人民调解委员会")
