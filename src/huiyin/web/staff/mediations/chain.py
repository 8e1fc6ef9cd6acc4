"""The log of one mediation in review (调解复盘): every step that one may know of with its hash, whole or broken."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, repeat
from typing import Any, Literal

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.mediation import Mediation, Rules, Step, follow
from huiyin.core.mediation.ground import desk_of, mediators_of
from huiyin.core.people import Viewer
from huiyin.core.proof import RawLeaf, read
from huiyin.core.words import Actor
from huiyin.mediation_story import MediationTeller
from huiyin.scenes import for_mediations
from huiyin.store import lists, mediations, reviews
from huiyin.store.mediations import Filed
from huiyin.store.reviews import Link
from huiyin.web.mediations.finding import NUMBER
from huiyin.web.mediations.shown import readable
from huiyin.web.paint import until
from huiyin.web.problems import Problem
from huiyin.web.room import Room
from huiyin.web.staff import chained, windows
from huiyin.web.staff.directory import Directory, directory
from huiyin.web.staff.mediations.case.called import word

Req = Request[Any, Any, Any]
Eyes = Literal["mediator", "committee", "auditor"]

_step = msgspec.json.Decoder(Step).decode
_UNTOLD = "办理了一步,内容不在审计范围内。"
_CLOSED = "保密卷:办理了一步,内容只有承办调解员看得到。"


@get("/review/mediations/{number:str}", include_in_schema=False)
async def mediation(request: Req, number: FromPath[str]) -> Response[bytes]:
    """As a ticket's review; hidden is 404, as if it were not there."""
    room: Room = request.app.state.room
    reader, links = await _found(room, request.state.viewer, number)
    wrong = chained.faults(links)
    listed = [(link, told) for link, told in zip(links, reader.walked(links), strict=True) if told is not None]
    rows = chained.rows([link for link, _ in listed], (told for _, told in listed), reader.post(links), wrong)
    facts = {"number": number, "steps": len(links), "broken": wrong, "why": chained.WHY, "what": "调解案卷"}
    facts |= {"path": "/review/mediations", "line": request.query_params.get("view") == "line"}
    facts |= {"again": windows.opens(request.state.viewer.role, "/review")}
    page = "" if reader.eyes == "auditor" else f"/mediations/{number}"
    return await windows.window(request, "review_ticket.html", rows=list(rows), page=page, **facts)


# -- who looks --------------------------------------------------------------------------------------------


async def _found(room: Room, viewer: Viewer, number: str) -> tuple["_Reader", Sequence[Link]]:
    """From the views who may look, for a log that was changed may not be readable."""
    rules, known = (await room.mediations()).rules, directory(await room.rules())

    async def look(connection: AsyncConnection) -> tuple[_Reader, Sequence[Link]] | None:
        one = await mediations.filed(connection, number)
        eyes = _eyes(one, rules, known, viewer) if one else None
        if one is None or eyes is None or await _kept_from(connection, room, rules, viewer, (one, eyes)):
            return None
        teller = MediationTeller(rules, known.rules.registry)
        return _Reader(teller, eyes, viewer.person, one.restricted), await reviews.chain(
            connection, mediations.NOUN, number
        )

    found = await room.ask(look) if NUMBER.fullmatch(number) else None
    if found is None or not found[1]:
        raise Problem("not-found")
    return found


def _eyes(one: Filed, rules: Rules, known: Directory, viewer: Viewer) -> Eyes | None:
    """As what somebody looks: who mediates it, the desk of its committee, an auditor of its place."""
    desk = desk_of(rules.mediation, one.kind, one.committee)
    if viewer.role == "auditor":
        return "auditor" if known.within(viewer.scope, desk) else None
    if viewer.post == mediators_of(rules.mediation, one.kind, one.committee):
        return "mediator" if viewer.person in one.persons else None
    return "committee" if viewer.post == desk else None


async def _kept_from(
    connection: AsyncConnection, room: Room, rules: Rules, viewer: Viewer, looked: tuple[Filed, Eyes]
) -> bool:
    """Whether who looks has an interest in it; to an auditor nothing is there of a ticket that is not, either."""
    one, eyes = looked
    scenes = await for_mediations(connection, [], [one], rules.mediation, room.clock(), [viewer.post])
    scene = scenes.at_table(Actor(viewer.post, viewer.role, viewer.person), one.number)
    if scene.interested(scene.parties):
        return True
    if eyes != "auditor" or one.ticket is None:
        return False
    return not await lists.visible(connection, room.sight(viewer), one.ticket)


# -- what they read ---------------------------------------------------------------------------------------


class _Reader(Struct, frozen=True):
    """Who reads a log: a mediator all but what others were told alone, the desk how far it is, an auditor that a step
    was taken, told where the desk is told, too. Of a restricted file who does not mediate reads only that."""

    teller: MediationTeller
    eyes: Eyes
    person: str
    restricted: bool

    def walked(self, links: Sequence[Link]) -> Iterator[tuple[str, str] | None]:
        """Of each link its sentence and limit, None where it is not there for the reader."""
        parties = _parties(links)
        for link, limit in zip(links, chain(self._limits(links), repeat("")), strict=False):
            try:
                leaf = read(link.body)
                yield self._told(leaf, _step(leaf.data), parties, limit)
            except Exception:  # what was changed by hand can be wrong in every way; the page must still say where
                yield chained.WHY["unreadable"], ""

    def _told(self, leaf: RawLeaf, step: Step, parties: Sequence[str], limit: str) -> tuple[str, str] | None:
        legible = readable(step, "mediator" if self.eyes == "mediator" else "committee", self.person)
        if not legible and self.eyes != "auditor":
            return None
        if self.restricted and self.eyes != "mediator":
            return _CLOSED, ""
        if not legible:
            return _UNTOLD, ""
        return self.teller.sentence(step, leaf.at, leaf.actor, parties).split(" ", 2)[2], limit

    def post(self, links: Sequence[Link]) -> Callable[[str], str]:
        """What who acted is called; which party it was is for who mediates."""
        parties = _parties(links) if self.eyes == "mediator" else ()
        return lambda code: self.teller.post(code, parties)

    def _limits(self, links: Sequence[Link]) -> Iterator[str]:
        """What runs out first after each step, as far as the chain can be followed; that a danger is to be reported is
        told to who mediates alone."""
        one: Mediation | None = None
        try:
            for link in links:
                one = follow(one, _step(read(link.body).data))
                clocks = (each for each in one.clocks if self.eyes == "mediator" or each.duty != "report")
                first = min(clocks, key=lambda each: each.due.at, default=None)
                late = f"(已督促 {first.level} 次)" if first and first.level else ""
                yield f"{word('duty', first.duty)} {until(first.due.at)}{late}" if first else ""
        except Exception:  # as above
            return


def _parties(links: Sequence[Link]) -> tuple[str, ...]:
    """In the order in which they were named, as the log begins."""
    try:
        return tuple(one.party for one in getattr(_step(read(links[0].body).data), "sides", ()))
    except Exception:  # as above
        return ()


ROUTES = [mediation]
