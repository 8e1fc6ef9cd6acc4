"""The log of one whistle in review (哨单复盘): every step with what runs from then on and its hash, whole or broken."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.proof import read
from huiyin.core.whistle import Step, Whistle, follow
from huiyin.store import reviews, whistle_lists, whistles
from huiyin.store.reviews import Link
from huiyin.web.paint import until
from huiyin.web.problems import Problem
from huiyin.web.room import Room
from huiyin.web.staff import chained, windows
from huiyin.web.staff.whistles.called import level, word
from huiyin.web.whistles.finding import NUMBER
from huiyin.whistle_story import WhistleTeller

Req = Request[Any, Any, Any]

_step = msgspec.json.Decoder(Step).decode


@get("/review/whistles/{number:str}", include_in_schema=False)
async def whistle(request: Req, number: FromPath[str]) -> Response[bytes]:
    """As a ticket's review; hidden is 404, as if it were not there."""
    room: Room = request.app.state.room
    links = await _links(room, request, number)
    wrong = chained.faults(links)
    teller = WhistleTeller((await room.whistles()).rules, (await room.rules()).registry)
    told = chained.rows(links, _walked(teller, [one.body for one in links]), teller.post, wrong)
    facts = {"number": number, "steps": len(links), "broken": wrong, "why": chained.WHY, "what": "哨单"}
    facts |= {"again": windows.opens(request.state.viewer.role, "/review")}
    facts |= {"path": "/review/whistles", "line": request.query_params.get("view") == "line"}
    return await windows.window(request, "review_ticket.html", rows=list(told), page=f"/whistles/{number}", **facts)


async def _links(room: Room, request: Req, number: str) -> Sequence[Link]:
    async def look(connection: AsyncConnection) -> Sequence[Link]:
        there = await whistle_lists.visible(connection, room.sight(request.state.viewer), number)
        return await reviews.chain(connection, whistles.NOUN, number) if there else []

    found = await room.ask(look) if NUMBER.fullmatch(number) else []
    if not found:
        raise Problem("not-found")
    return found


def _walked(teller: WhistleTeller, leaves: Sequence[bytes]) -> Iterator[tuple[str, str]]:
    """Sentences and limits as far as the chain can be read; a tampered one may end early."""
    one: Whistle | None = None
    try:
        for body in leaves:
            leaf = read(body)
            step = _step(leaf.data)
            one = follow(one, step)
            yield teller.sentence(step, leaf.at, leaf.actor).split(" ", 2)[2], _limit(one, teller)
    except Exception:  # what was changed by hand can be wrong in every way; the page must still say where
        return


def _limit(one: Whistle, teller: WhistleTeller) -> str:
    """What runs out first from then on, and whose it is."""
    first = min(one.clocks, key=lambda clock: clock.watch.due.at, default=None)
    if first is None:
        return ""
    late = f"({level(first.level)})" if first.level else ""
    return f"{teller.post(first.post)}{word('duty', first.duty)} {until(first.watch.due.at)}{late}"


ROUTES = [whistle]
