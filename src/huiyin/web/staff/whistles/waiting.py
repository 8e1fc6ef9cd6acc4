"""What waits for a post (待办的哨): to pass on, approve, rule, grant, confirm, rate; and what it blew, under way."""

from datetime import datetime

from msgspec import Struct

from huiyin.core.people import Viewer
from huiyin.core.whistle.steps import Duty
from huiyin.store import whistle_lists
from huiyin.store.whistle_lists import Waiting
from huiyin.web.room import Room
from huiyin.web.shown import category
from huiyin.web.staff import called
from huiyin.web.whistles.finding import Found
from huiyin.web.whistles.lists import some, waiting
from huiyin.web.whistles.shapes import STATES

MOST, OWN = 50, 20  # shown
# What a duty is done with, and what its button says.
COMMANDS: dict[str, tuple[str, str]] = {
    "pass": ("pass-on", "转报"),
    "approve": ("approve", "审批"),
    "rule": ("rule", "裁定"),
    "grant": ("grant-pause", "审批暂停"),
    "confirm": ("confirm", "核验"),
    "rate": ("rate", "评价"),
}


class Wait(Struct, frozen=True):
    """One duty; `command` is "" where another person must do it, `late` says how far it was supervised."""

    number: str
    duty: str
    what: str
    where: str
    kind: str
    urgent: bool
    about: str
    due_at: datetime
    late: str
    command: str
    title: str


class Own(Struct, frozen=True):
    """A whistle that the post blew."""

    number: str
    what: str
    where: str
    kind: str
    state: str
    due_at: datetime | None


class Waits(Struct, frozen=True):
    """The desk's list: the most urgent first."""

    duties: list[Wait]
    own: list[Own]
    more: bool
    may_blow: bool


async def waits(room: Room, viewer: Viewer) -> Waits:
    """Up to MOST duties, and up to OWN whistles of the post's own."""
    rows = await waiting(room, viewer, MOST + 1)
    sight = room.sight(viewer)
    wanted = {"blower": viewer.post}
    own, _ = await room.ask(lambda c: whistle_lists.board(c, sight, wanted, None, OWN, open_=True))
    numbers = list(dict.fromkeys([*(one.number for one in rows[:MOST]), *own]))
    found = {one.whistle.number: one for one in await some(room, viewer, numbers)} if numbers else {}
    duties = [_wait(row, found[row.number]) for row in rows[:MOST]]
    return Waits(duties, [_own(found[number]) for number in own], len(rows) > MOST, not await leads(room, viewer))


async def count(room: Room, viewer: Viewer, most: int) -> int:
    """How many duties wait, up to `most`."""
    return len(await waiting(room, viewer, most))


async def leads(room: Room, viewer: Viewer) -> bool:
    """Whether somebody sits here to approve: their whistles come first."""
    rules = (await room.whistles()).rules.whistle
    return viewer.post.startswith(f"{rules.leader}:")


def _wait(row: Waiting, one: Found) -> Wait:
    command, title = COMMANDS.get(row.duty, ("", ""))
    duty: Duty = row.duty  # type: ignore[assignment]  # as its clock had it
    whistle, teller = one.whistle, one.teller()
    kind = one.rules.whistle.kinds[whistle.kind]
    return Wait(
        row.number,
        one.rules.whistle.duties[duty],
        category(one.rules.catalogue, whistle.category),
        called.place(whistle.spot, one.registry),
        kind.name,
        kind.approval == "afterwards",
        teller.post(row.about) if row.about else "",
        row.due_at,
        teller.word("level", str(row.level)) if row.level else "",
        command if command in one.allowed else "",
        title,
    )


def _own(one: Found) -> Own:
    whistle = one.whistle
    return Own(
        whistle.number,
        category(one.rules.catalogue, whistle.category),
        called.place(whistle.spot, one.registry),
        one.rules.whistle.kinds[whistle.kind].name,
        STATES[whistle.state],
        whistle.due.at if whistle.due else None,
    )
