"""A mediation as somebody looks at it (一件调解): there for who mediates or seals it, hidden from everybody else."""

import re
from collections.abc import Sequence
from typing import Any

from litestar import Request
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.mediation import Mediation, Rules
from huiyin.core.mediation.ground import desk_of, mediators_of
from huiyin.core.people import Viewer
from huiyin.core.scene import Scene
from huiyin.core.words import Actor
from huiyin.scenes import for_mediations
from huiyin.store import mediation_people, mediations
from huiyin.store.mediation_people import Known
from huiyin.web.mediations.shown import Eyes, MediationShown, is_picture, references, shown, sight
from huiyin.web.problems import Problem
from huiyin.web.room import Room

NUMBER = re.compile(r"TJ[0-9]{9,15}")

Req = Request[Any, Any, Any]


class Found(Struct, frozen=True):
    """A mediation that somebody may know of; `seen` is all of it that they may see, `who` a person or a party, `scene`
    what a member of the staff could act in."""

    room: Room
    one: Mediation
    eyes: Eyes
    who: str
    seen: Struct
    people: tuple[Known, ...] = ()
    scene: Scene = Scene()

    async def present(self) -> MediationShown:
        """As it is shown to them."""
        return (await present([self]))[0]


async def present(found: Sequence[Found]) -> list[MediationShown]:
    """Several, with their words and names in one look into the vault."""
    if not found:
        return []
    words, names = await opened(found)
    return [shown(one.one, one.eyes, one.seen, words, own) for one, own in zip(found, names, strict=True)]


async def opened(found: Sequence[Found]) -> tuple[dict[str, str], list[dict[str, str]]]:
    """The words that some sights refer to, by their records; and of each who is who, for whom that is."""
    wanted = {word.dossier: word.sealed for one in found for word in references(one.seen) if not is_picture(word)}
    refs = {known.ref for one in found for known in _named(one) if known.ref}
    pairs = [*wanted.items(), *((ref, None) for ref in refs - set(wanted))]
    read = await found[0].room.vaults.read_all(pairs)
    kept = {ref: dossier for (ref, _), dossier in zip(pairs, read, strict=True) if dossier is not None}
    names = [{who.ident: kept[who.ref].name or "" for who in _named(one) if who.ref in kept} for one in found]
    return {ref: kept[ref].text for ref in wanted if ref in kept}, names


def _named(found: Found) -> Sequence[Known]:
    """Who is who is for the mediators of the case alone."""
    return found.people if found.eyes == "mediator" else ()


async def find(request: Req, number: str) -> Found:
    """A mediation that is there for the viewer; raises Problem("not-found") for one that is hidden, or is none."""
    room: Room = request.app.state.room
    if not NUMBER.fullmatch(number):
        raise Problem("not-found")
    request.scope["huiyin"] = {"id": number}  # type: ignore[typeddict-unknown-key]  # for the log line
    found = await some(room, request.state.viewer, [number])
    if not found:
        raise Problem("not-found")
    return found[0]


async def some(room: Room, viewer: Viewer, numbers: Sequence[str]) -> list[Found]:
    """Those of some mediations that are there for a viewer, in the order of their numbers."""
    rules = (await room.mediations()).rules
    return await room.ask(lambda c: _look(c, room, rules, viewer, numbers))


async def _look(
    connection: AsyncConnection, room: Room, rules: Rules, viewer: Viewer, numbers: Sequence[str]
) -> list[Found]:
    kept = await mediations.CHAINS.load(connection, numbers)
    cases = [kept[number][0] for number in numbers if number in kept]
    scenes = await for_mediations(connection, [], cases, rules.mediation, room.clock(), [viewer.post])
    known = await mediation_people.of(connection, list(kept))
    found = []
    for one in cases:
        eyes = _eyes(one, rules, viewer)
        scene = scenes.at_table(Actor(viewer.post, viewer.role, viewer.person), one.number)
        if eyes is None or scene.interested(scene.parties):
            continue
        if (seen := sight(one, eyes, viewer.person)) is not None:
            found.append(Found(room, one, eyes, viewer.person, seen, known.get(one.number, ()), scene))
    return found


def _eyes(one: Mediation, rules: Rules, viewer: Viewer) -> Eyes | None:
    """As what somebody looks: by the post that they act as."""
    if viewer.post == mediators_of(rules.mediation, one.kind, one.committee):
        return "mediator"
    return "committee" if viewer.post == desk_of(rules.mediation, one.kind, one.committee) else None


async def held_by(room: Room, number: str, party: str) -> Found:
    """A mediation as its party sees it; raises Problem where it is none of theirs any more."""
    kept = await room.ask(lambda c: mediations.CHAINS.load(c, [number]))
    seen = sight(kept[number][0], "party", party) if number in kept else None
    if seen is None:
        raise Problem("unknown-receipt")
    return Found(room, kept[number][0], "party", party, seen)
