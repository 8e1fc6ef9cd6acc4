"""Who applies where (登记申请的岗位): the committees that a post may open for, a ticket that it may see, trying it."""

from collections.abc import Sequence
from typing import Any

from litestar import Request
from msgspec import Struct

from huiyin.core.mediation import Step, decide
from huiyin.core.people import Viewer
from huiyin.core.registry import Registry
from huiyin.core.scene import Refused
from huiyin.orders import Mediating
from huiyin.scenes import for_mediations
from huiyin.store import committees
from huiyin.store.committees import Body
from huiyin.web import cases
from huiyin.web.acts import order_of
from huiyin.web.cases import Case
from huiyin.web.mediations import opening
from huiyin.web.mediations.bodies import Applying, FromTicket
from huiyin.web.mediations.listed import seats
from huiyin.web.mediations.opening import Ready, Sent
from huiyin.web.room import Room
from huiyin.web.staff.mediations.application import Known, homes, organisations

Req = Request[Any, Any, Any]
_PAPER = "TJ000000000"  # what is only tried has no number of its own


class Stand(Struct, frozen=True):
    """One who applies, and what their form knows; `case` is the ticket that it comes of."""

    request: Req
    room: Room
    viewer: Viewer
    known: Known
    registry: Registry
    case: Case | None

    async def ready(self, body: Applying | FromTicket, number: str | None = None) -> Ready:
        """The application as the desk takes it; raises Problem."""
        if isinstance(body, Applying):
            return await opening.ready(self.request, body, number)
        assert self.case is not None
        steps = [entry.body for entry in self.case.history]
        return await opening.ready_from(self.request, steps, body, number)

    async def send(self, body: Applying | FromTicket, key: str) -> Sent:
        """Given; raises Problem."""
        return await opening.send(self.request, await self.ready(body), body, key)

    async def tried(self, body: Applying | FromTicket) -> tuple[Sequence[Step], str]:
        """Where it would lead, or the code that it would be refused with; raises Problem."""
        made = await self.ready(body, _PAPER)
        room, rules = self.room, (await self.room.mediations()).rules
        what = Mediating(made.command.number, made.command, made.sealed, people=made.people)
        order = order_of(self.viewer, "paper", what)
        known = await room.ask(lambda c: for_mediations(c, [order], [], rules.mediation, room.clock()))
        try:
            scene = known.of_mediation(order, what)
            return decide(None, made.command, at=room.clock(), rules=rules, scene=scene), ""
        except Refused as refused:
            return (), refused.code


async def stand(request: Req, number: str = "") -> Stand:
    """For the viewer, of a ticket where `number` is given; raises Problem where that is hidden."""
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    case = await cases.find(request, number) if number else None
    rules = await room.rules()
    place = viewer.post.partition(":")[2]
    known = Known(
        rules.catalogue,
        homes(rules.registry, viewer),
        organisations(rules.registry, place),
        await bodies(room, viewer),
    )
    return Stand(request, room, viewer, known, rules.registry, case)


async def bodies(room: Room, viewer: Viewer) -> list[Body]:
    """The registered committees that a post may open a mediation for."""
    place, kinds = seats(viewer, (await room.mediations()).rules.mediation)
    found = await room.ask(lambda c: committees.known(c, [place]))
    return [one for one in found if one.kind in kinds]
