"""A whistle as somebody looks at it (一张哨单): there for them or not at all; its words opened, its steps told."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from litestar import Request
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.people import Viewer
from huiyin.core.proof import read
from huiyin.core.registry import Registry
from huiyin.core.scene import Scene
from huiyin.core.whistle import Rules, Step, Whistle
from huiyin.core.whistle.minimal import shared
from huiyin.core.whistle.steps import Arrived, Returned
from huiyin.core.words import Actor, Sealed
from huiyin.scenes import Scenes, for_whistles
from huiyin.store import lists, whistle_lists, whistles
from huiyin.web.problems import Problem
from huiyin.web.room import Room
from huiyin.web.whistles import rehearsal, shown
from huiyin.web.whistles.shapes import CallShown, WhistleShown
from huiyin.whistle_story import WhistleTeller

NUMBER = re.compile(r"SH[0-9]{9,15}")

Req = Request[Any, Any, Any]
_step = msgspec.json.Decoder(Step).decode


class Leaf(Struct, frozen=True):
    """One step of the log."""

    version: int
    at: datetime
    actor: str
    step: Step
    hash: bytes
    rules: str


class Found(Struct, frozen=True):
    """A whistle that the viewer may know of; `post` is theirs where they are a department on it, else "".

    `leaves` are all its steps: what of them is shown is for `told` to say."""

    room: Room
    viewer: Viewer
    rules: Rules
    registry: Registry
    whistle: Whistle
    leaves: tuple[Leaf, ...]
    scene: Scene
    seen: frozenset[str]
    post: str = ""

    @property
    def missing(self) -> Sealed | None:
        """What the last return said that is missing."""
        return next((one.step.missing for one in reversed(self.leaves) if isinstance(one.step, Returned)), None)

    @property
    def allowed(self) -> tuple[str, ...]:
        return rehearsal.offered(self.whistle, self.viewer, self.scene, self.rules, self.room.clock())

    @property
    def steps(self) -> list[Leaf]:
        """The steps that the viewer may read, oldest first."""
        if not self.post:
            return list(self.leaves)
        line = self.whistle.line(self.post)
        lead = line is not None and line.lead
        read_ = ((one, shared(one.step, self.post, lead=lead)) for one in self.leaves)
        return [replace(one, step=step) for one, step in read_ if step is not None]

    @property
    def pictures(self) -> dict[str, str]:
        """The pictures that the viewer may see, by name, with what the log says of them."""
        some = list(self.whistle.pictures)
        for one in self.leaves:
            own = not self.post or (isinstance(one.step, Arrived) and one.step.post == self.post)
            some += getattr(one.step, "pictures", ()) if own else ()
        return {each.dossier: each.sealed for each in some}

    @property
    def words(self) -> list[Sealed]:
        """The words that are shown with it."""
        return shown.words_of(self.whistle, self.post, self.missing)

    async def present(self) -> WhistleShown | CallShown:
        """As this viewer is shown it."""
        return self.read(await self.opened(self.words))

    def read(self, opened: dict[str, str]) -> WhistleShown | CallShown:
        """The same with words that were opened."""
        eyes = shown.Eyes(self.rules, self.registry, opened, self.seen, self.allowed)
        if self.post:
            return shown.call(self.whistle, self.post, eyes, self.missing)
        return shown.whistle(self.whistle, eyes)

    async def opened(self, wanted: Sequence[Sealed]) -> dict[str, str]:
        """The words of some records, by name; those that were erased are left out."""
        pairs = [(one.dossier, one.sealed) for one in wanted]
        found = await self.room.vaults.read_all(pairs)
        return {ref: one.text for (ref, _), one in zip(pairs, found, strict=True) if one is not None}

    def teller(self) -> WhistleTeller:
        return WhistleTeller(self.rules, self.registry)


async def shown_all(found: Sequence[Found]) -> list[WhistleShown | CallShown]:
    """Several as their viewer is shown them; one look into the vault."""
    if not found:
        return []
    opened = await found[0].opened([word for one in found for word in one.words])
    return [one.read(opened) for one in found]


async def find(request: Req, number: str) -> Found:
    """A whistle that is there for the viewer; raises Problem("not-found") for one that is hidden, or is none."""
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    if not NUMBER.fullmatch(number):
        raise Problem("not-found")
    request.scope["huiyin"] = {"id": number}  # type: ignore[typeddict-unknown-key]  # for the log line
    rules = (await room.whistles()).rules
    registry = (await room.rules()).registry
    found = await room.ask(lambda c: look(c, room, viewer, number))
    if found is None:
        raise Problem("not-found")
    one, leaves, scene, seen = found
    post = viewer.post if viewer.role == "department" else ""
    return Found(room, viewer, rules, registry, one, leaves, scene, seen, post)


_Looked = tuple[Whistle, tuple[Leaf, ...], Scene, frozenset[str]]


async def look(connection: AsyncConnection, room: Room, viewer: Viewer, number: str) -> _Looked | None:
    """What one page needs, in a few queries; None where the whistle is not there for the viewer."""
    if not await visible(connection, room, viewer, number):
        return None
    entries = await lists.history(connection, number, whistles.NOUN)
    leaves = tuple(_leaf(entry) for entry in entries)
    one = whistles.CHAINS.fold([entry.body for entry in entries])
    scenes = await for_whistles(connection, [], [one], room.clock(), [viewer.post])
    seen = await lists.seen(connection, room.sight(viewer), one.tickets)
    return one, leaves, scene_of(scenes, viewer, one), seen


def scene_of(scenes: Scenes, viewer: Viewer, one: Whistle | None) -> Scene:
    """Who looks at a whistle, as its desk would see them act."""
    return scenes.around(Actor(viewer.post, viewer.role, viewer.person), one.tickets if one else ())


async def visible(connection: AsyncConnection, room: Room, viewer: Viewer, number: str) -> bool:
    """Whether a whistle is there for somebody: a department where it is called, others by place and ticket."""
    if viewer.role == "department":
        return await whistle_lists.called(connection, room.sight(viewer), number)
    return await whistle_lists.visible(connection, room.sight(viewer), number)


def _leaf(entry: lists.Entry) -> Leaf:
    raw = read(entry.body)
    return Leaf(entry.version, raw.at, raw.actor, _step(raw.data), entry.hash, raw.rules)
