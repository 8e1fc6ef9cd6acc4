"""A ticket as somebody looks at it (一件工单): there for them or not at all, and what they are to it."""

import secrets
from typing import Any

import msgspec
from litestar import Request
from msgspec import Struct

from huiyin.core import masks
from huiyin.core.masks import Part
from huiyin.core.people import Viewer
from huiyin.core.ticket import Actor, Ticket
from huiyin.core.ticket.authority import assigned
from huiyin.desk import Change
from huiyin.store import tickets, vault
from huiyin.store.lists import Entry
from huiyin.web.acts import history, order_of
from huiyin.web.problems import done
from huiyin.web.room import Room

Req = Request[Any, Any, Any]


class Case(Struct, frozen=True):
    """A ticket that the viewer may know of, and what they are to it."""

    room: Room
    viewer: Viewer
    ticket: Ticket
    history: list[Entry]
    assigned: bool

    def level(self, part: Part) -> masks.Level:
        return masks.level(self.viewer.role, part, assigned=self.assigned, category=self.ticket.category)

    async def dossier(self) -> vault.Dossier:
        """Empty where it was erased."""
        digest = msgspec.json.decode(self.history[0].body)["data"]["sealed"]
        return await self.room.vaults.read(self.ticket.dossier, digest) or vault.Dossier("")

    async def act(self, change: Change) -> None:
        """Every cause is its own: looking twice is two steps."""
        done(await self.room.act(order_of(self.viewer, secrets.token_hex(16), change)))


def room_of(dossier: vault.Dossier) -> str | None:
    place = dossier.place if isinstance(dossier.place, dict) else {}
    return place.get("room") or place.get("address")


async def find(request: Req, number: str) -> Case:
    """A ticket that is there for the viewer; raises Problem("not-found") for one that is hidden, or is none."""
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    found = await history(request, number)
    ticket = tickets.fold([entry.body for entry in found])
    by = Actor(viewer.post, viewer.role, viewer.person)
    return Case(room, viewer, ticket, found, assigned(by, ticket, room.ladder))
