"""What changed in a committee's office (改动记录): page by page, newest first; for its desk, its street, auditors."""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin import convening
from huiyin.committee_story import Callers, CommitteeTeller
from huiyin.core.mediation.ground import desk_of
from huiyin.core.mediation.office import Step
from huiyin.core.mediation.rules import MediationRules
from huiyin.core.people import Viewer
from huiyin.store import accounts, bookings, committees, log, reviews
from huiyin.store.committees import Body
from huiyin.store.reviews import Link
from huiyin.web.mediations import finding
from huiyin.web.problems import Problem
from huiyin.web.room import Room
from huiyin.web.staff import chained, windows
from huiyin.web.staff.chained import WHY
from huiyin.web.staff.directory import Directory, directory

Req = Request[Any, Any, Any]

PAGE = 40
_FOUND = 20
_LAST = 2**31 - 1
PATH = "/review/committees/{committee}/{kind}"


@get("/review/committees/{committee:str}/{kind:str}", include_in_schema=False)
async def changes(request: Req, committee: FromPath[str], kind: FromPath[str]) -> Response[bytes]:
    """Each step with its hash, and whether this part of the chain holds; another's committee is not there."""
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    body = next((one for one in await seen(room, viewer, [committee]) if one.kind == kind), None)
    if body is None:
        raise Problem("not-found")
    before = _before(request.query_params.get("before", ""))
    total, anchor, links = await room.ask(lambda c: _links(c, body, before))
    steps, wrong = [_step(one) for one in links], chained.faults(links, anchor)
    rules = await room.rules()
    teller = CommitteeTeller(rules.catalogue, await _callers(room, viewer, [one for one in steps if one]))
    told = chained.rows(links, _told(teller, steps), directory(rules).name, wrong)
    mine = viewer.post == desk_of((await room.mediations()).rules.mediation, body.kind, body.committee)
    facts = {"rows": [*told][::-1], "broken": wrong, "why": WHY, "body": body, "total": total}
    facts |= {"path": f"/review/committees/{quote(committee)}/{kind}", "later": before != _LAST}
    facts |= {"next": links[0].version if anchor else None, "again": windows.opens(viewer.role, "/review")}
    facts |= {"page": f"/mediations/committee?kind={kind}" if mine else ""}
    return await windows.window(request, "review_committee.html", **facts)


def _before(said: str) -> int:
    if said and not (said.isascii() and said.isdecimal() and len(said) < 10):
        raise Problem("bad-query", field="before")
    return int(said) if said else _LAST


async def _links(connection: AsyncConnection, body: Body, before: int) -> tuple[int, Link | None, Sequence[Link]]:
    """How many steps there are, the page's, and the one before them."""
    ident = convening.ident((body.committee, body.kind))
    heads = await log.heads(connection, convening.NOUN, [ident])
    found = await reviews.page(connection, convening.NOUN, ident, before, PAGE + 1)
    anchor = found[0] if len(found) > PAGE else None
    return heads[ident].version if heads else 0, anchor, found[1:] if anchor else found


def _step(link: Link) -> Step | None:
    try:
        return convening.told(link.body)
    except Exception:  # what was changed by hand can be wrong in every way; the page must still say where
        return None


def _told(teller: CommitteeTeller, steps: Sequence[Step | None]) -> Iterator[tuple[str, str]]:
    for step in steps:
        yield (teller.sentence(step) if step else WHY["unreadable"]), ""


# -- who looks --------------------------------------------------------------------------------------------


async def seen(room: Room, viewer: Viewer, codes: Sequence[str] | None = None) -> list[Body]:
    """The committees, of some places or all, whose changes a viewer may read."""
    book, known = (await room.mediations()).rules.mediation, directory(await room.rules())
    return [one for one in await room.ask(lambda c: committees.known(c, codes)) if _may(viewer, book, known, one)]


async def found(room: Room, viewer: Viewer, words: str) -> list[Body]:
    """The first few whose names have all of some words."""
    return [one for one in await seen(room, viewer) if all(part in one.called for part in words.split())][:_FOUND]


def _may(viewer: Viewer, book: MediationRules, known: Directory, one: Body) -> bool:
    """Its own desk, the street above it, an auditor of its place."""
    desk = desk_of(book, one.kind, one.committee)
    if viewer.post == desk:
        return True
    return viewer.role in ("street", "auditor") and known.within(viewer.scope, desk)


async def _callers(room: Room, viewer: Viewer, steps: Sequence[Step]) -> Callers:
    """Names as the committee's own pages have them, a case's number where it is there for the viewer; to an auditor
    everybody is who the log says."""
    if viewer.role == "auditor":
        return Callers()
    persons = {one for step in steps for one in (getattr(step, "person", ""), *getattr(step, "persons", ()))}
    places = {getattr(step, "place", "") for step in steps}
    numbers = sorted({getattr(step, "number", "") for step in steps} - {""})

    async def look(c: AsyncConnection) -> tuple[dict[str, str], dict[str, bookings.Room]]:
        return await accounts.names(c, sorted(persons - {""})), await bookings.owned(c, sorted(places - {""}))

    people, rooms = await room.ask(look)
    cases = await finding.some(room, viewer, numbers) if numbers else []
    called = {code: one.called for code, one in rooms.items()}
    return Callers(people, called, frozenset(one.one.number for one in cases))


ROUTES = [changes]
