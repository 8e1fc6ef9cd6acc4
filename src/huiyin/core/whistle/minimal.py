"""What a department may know of a whistle (最小事件): the matter, the place, the task and its own clocks."""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from huiyin.core.whistle.commands import Kind, Position
from huiyin.core.whistle.state import Line, Whistle
from huiyin.core.whistle.steps import Clock, OnSite
from huiyin.core.words import Sealed, Spot


class Stage(Struct, frozen=True):
    """How far a department is, for the others on the same whistle."""

    post: str
    lead: bool
    acknowledged: bool
    on_site: OnSite | None
    answered: bool


class Minimal(Struct, frozen=True):
    """An allow-list: all that leaves the street for a department. `number` is the whistle's own, of no ticket.

    Not in it: any ticket, the complaint or its words, who is complained about, why the street cannot, what the ladder
    tried, which person blew, passed or approved it, what residents said, how others were rated. The place is never
    nearer than the building: a stairwell can tell who complained (DOMAIN T13).
    """

    number: str
    kind: Kind
    category: str
    spot: Spot
    position: Position | None
    words: Sealed
    pictures: tuple[Sealed, ...]
    blower: str
    street: str
    lead: bool
    called_at: datetime
    bound: bool
    objected: bool
    paused: bool
    returned: int
    closed: bool
    clocks: tuple[Clock, ...]
    others: tuple[Stage, ...]


def minimal(whistle: Whistle, post: str) -> Minimal | None:
    """The whistle as one department may see it; None where it is not called: then there is nothing to see."""
    line = whistle.line(post)
    if line is None:
        return None
    return Minimal(
        number=whistle.number,
        kind=whistle.kind,
        category=whistle.category,
        spot=replace(whistle.spot, unit=None),
        position=whistle.position,
        words=line.words,
        pictures=whistle.pictures,
        blower=whistle.blower,
        street=whistle.street,
        lead=line.lead,
        called_at=line.called_at,
        bound=line.bound,
        objected=line.objection is not None,
        paused=whistle.state == "paused",
        returned=whistle.returned,
        closed=whistle.state == "closed",
        clocks=tuple(one for one in whistle.clocks if one.post == post),
        others=tuple(_stage(one, whistle) for one in whistle.lines if one.post != post),
    )


def _stage(line: Line, whistle: Whistle) -> Stage:
    answered = line.answered is not None or (line.lead and whistle.reply is not None)
    on_site = line.arrived.on_site if line.arrived is not None else None
    return Stage(line.post, line.lead, bool(line.person), on_site, answered)
