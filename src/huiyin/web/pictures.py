"""Pictures are shown (看照片) to whoever may see them, and to nobody else."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, get_args

import msgspec
from litestar import Request, Response
from msgspec import Struct

from huiyin.core import masks
from huiyin.core.masks import Picture as Kind
from huiyin.store import pictures
from huiyin.store.lists import Entry
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


def album(case: Case) -> list[Shown]:
    """The pictures of a ticket that the viewer may see, in the order in which they came."""
    role, post = case.viewer.role, case.viewer.post
    return [
        one for one in of(case.history) if masks.shows(role, one.kind, assigned=case.assigned, own=one.actor == post)
    ]


def residents(history: Sequence[Entry]) -> list[Shown]:
    """Those that the holder of the receipt may see: their own, and the evidence of what was done."""
    return [one for one in of(history) if one.kind in RESIDENTS]


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
