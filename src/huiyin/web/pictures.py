"""Pictures at the windows (照片): developed when they come, sealed, and shown to whoever may see them."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, get_args

import msgspec
from litestar import Request, Response
from msgspec import Struct

from huiyin.core import masks
from huiyin.core.commands import Attach
from huiyin.core.masks import Picture as Kind
from huiyin.desk import Change
from huiyin.store import pictures, vault
from huiyin.store.lists import Entry
from huiyin.store.pictures import Picture
from huiyin.web import parcels
from huiyin.web.cases import Case
from huiyin.web.problems import Problem
from huiyin.web.room import Room

Req = Request[Any, Any, Any]

STEP = "ticket.pictured.v1"
KINDS: tuple[Kind, ...] = get_args(Kind)
RESIDENTS: frozenset[Kind] = frozenset(("complaint", "added", "evidence"))  # what the receipt's holder is shown
_REF = re.compile(r"[0-9a-f]{24}-[1-9]")
# Bytes that are a JPEG and nothing else, for this page only; opened by itself it may do nothing.
_HEADERS = {
    "content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "content-disposition": 'inline; filename="picture.jpg"',
    "cache-control": "no-store",
}


class Shown(Struct, frozen=True):
    """A picture that somebody may see."""

    ref: str
    digest: str
    kind: Kind
    at: datetime
    actor: str


async def develop(room: Room, raw: bytes) -> Picture:
    """A clean picture of whatever was sent; raises Problem with a code where it is none."""
    if len(raw) > parcels.PICTURE:
        raise Problem("picture-too-large", field="picture")
    return await room.darkrooms.develop(raw)


async def taken(request: Req) -> Sequence[Picture]:
    """The pictures of the form that was sent, developed; none where none were chosen. Raises Problem with a code
    where one is no good: the form's words can be read all the same."""
    found = await parcels.opened(request)
    if found.wrong:
        raise Problem(found.wrong, field="picture")
    return found.pictures


def attaching(seal: vault.Seal, number: str, some: Sequence[Picture], evidence: bool = True) -> Change:
    """What the desk is told; put another Change into its `also` for what happens with it (办结), or neither does."""
    kept = pictures.sealed(seal, some)
    return Change(number, Attach(tuple(one.word for one in kept), "evidence" if evidence else "site"), pictures=kept)


def together(seal: vault.Seal, change: Change, some: Sequence[Picture]) -> Change:
    """An order with the pictures that are its evidence, in one transaction; without pictures the order as it is."""
    if not some:
        return change
    first = attaching(seal, change.number, some)
    return msgspec.structs.replace(first, also=(msgspec.structs.replace(change, also=()), *change.also))


def album(case: Case) -> list[Shown]:
    """The pictures of a ticket that the viewer may see, in the order in which they came."""
    role, post = case.viewer.role, case.viewer.post
    return [
        one for one in of(case.history) if masks.shows(role, one.kind, assigned=case.assigned, own=one.actor == post)
    ]


def of(history: Sequence[Entry]) -> list[Shown]:
    """All pictures that a ticket's steps name."""
    found = []
    for entry in history:
        if entry.step == STEP:
            leaf = msgspec.json.decode(entry.body, type=_Leaf)
            found += [
                Shown(one.dossier, one.sealed, leaf.data.kind, entry.at, leaf.actor) for one in leaf.data.pictures
            ]
    return found


class _Word(Struct, frozen=True):
    dossier: str
    sealed: str


class _Pictured(Struct, frozen=True):
    pictures: list[_Word]
    kind: Kind


class _Leaf(Struct, frozen=True):
    actor: str
    data: _Pictured


async def answer(request: Req, ref: str, some: Sequence[Shown]) -> Response[bytes]:
    """One of the pictures that somebody may see; any other is one that is not there."""
    found = next((one for one in some if one.ref == ref), None) if _REF.fullmatch(ref) else None
    if found is None:
        raise Problem("not-found")
    room: Room = request.app.state.room
    size: pictures.Size = "small" if request.query_params.get("size") == "small" else "full"
    jpeg = await room.vaults.picture(found.ref, size, found.digest)
    if jpeg is None:
        raise Problem("not-found")
    return Response(jpeg, media_type="image/jpeg", headers=_HEADERS)
