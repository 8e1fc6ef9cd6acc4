"""Whose committee it is (本调委会): the committees of a viewer's post, who mediates there, what people are called."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, get_args
from urllib.parse import urlencode

from litestar import Request
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.convening import Office
from huiyin.core.calendar import local
from huiyin.core.mediation.committee import Registered
from huiyin.core.mediation.ground import desk_of, mediators_of
from huiyin.core.mediation.kinds import Committee
from huiyin.core.mediation.rules import MediationRules
from huiyin.store import accounts, committees
from huiyin.store.committees import Body
from huiyin.web.problems import Problem
from huiyin.web.room import Room

Req = Request[Any, Any, Any]


class Mine(Struct, frozen=True):
    """A committee as its staff look at it; `keeps` for its desk, who may change what is said of it."""

    body: Body
    others: tuple[Body, ...]
    keeps: bool
    book: MediationRules

    @property
    def query(self) -> dict[str, str]:
        return {"kind": self.body.kind} if self.others else {}

    def path(self, page: str = "", **more: str) -> str:
        """The address of a page of this committee."""
        asked = urlencode({**self.query, **{name: value for name, value in more.items() if value}})
        return f"/mediations/committee{page}" + (f"?{asked}" if asked else "")

    @property
    def mediators(self) -> str:
        """The post of its mediators."""
        return mediators_of(self.book, self.body.kind, self.body.committee)


async def kinds(request: Req) -> tuple[list[Committee], bool]:
    """The kinds of committee that the viewer's post is the desk of, else those that it mediates for."""
    room: Room = request.app.state.room
    book = (await room.mediations()).rules.mediation
    post = request.state.viewer.post
    code = post.partition(":")[2]
    desks: list[Committee] = [kind for kind in get_args(Committee) if desk_of(book, kind, code) == post]
    if desks:
        return desks, True
    return [kind for kind in get_args(Committee) if mediators_of(book, kind, code) == post], False


async def perhaps(request: Req, kind: str = "") -> Mine | None:
    """The committee that is meant; None where the viewer's post has none yet."""
    room: Room = request.app.state.room
    mine, keeps = await kinds(request)
    code = request.state.viewer.post.partition(":")[2]
    known = [one for one in await room.ask(lambda c: committees.known(c, [code])) if one.kind in mine]
    if not known:
        return None
    chosen = next((one for one in known if one.kind == kind), known[0])
    book = (await room.mediations()).rules.mediation
    return Mine(chosen, tuple(one for one in known if one != chosen), keeps, book)


async def find(request: Req, kind: str = "") -> Mine:
    """The same; raises Problem where there is none."""
    found = await perhaps(request, kind)
    if found is None:
        raise Problem("not-found")
    return found


async def kept(request: Req, kind: str = "") -> Mine:
    """The same for its desk, before it changes something."""
    found = await find(request, kind)
    if not found.keeps:
        raise Problem("not-your-role")
    return found


def office(request: Req, connection: AsyncConnection, body: Body) -> Office:
    """A committee's office as the viewer's post changes it."""
    room: Room = request.app.state.room
    return Office(connection, body, at=room.clock(), actor=request.state.viewer.post)


class People(Struct, frozen=True):
    """The register with what its mediators are called."""

    register: tuple[Registered, ...]
    names: Mapping[str, str]

    def name(self, person: str) -> str:
        return self.names.get(person) or "没有账号的人"


async def people(connection: AsyncConnection, mine: Mine, room: Room, others: Iterable[str] = ()) -> People:
    """Who mediates for a committee now; names for them and for others."""
    found = await committees.register(connection, mine.body.committee, mine.mediators, room.clock())
    persons = sorted({*others, *(one.person for one in found)})
    return People(tuple(found), await accounts.names(connection, persons))


def monday(day: date) -> date:
    """The first day of a week."""
    return day - timedelta(days=day.weekday())


def week_of(query: Mapping[str, str], today: date) -> date:
    """The Monday of the week that an address names; raises Problem."""
    try:
        day = date.fromisoformat(query["week"]) if query.get("week") else today
    except ValueError:
        raise Problem("bad-query", field="week") from None
    if not 2000 <= day.year < 2100:
        raise Problem("bad-query", field="week")
    return monday(day)


def today(request: Req) -> date:
    """The day it is in Beijing."""
    room: Room = request.app.state.room
    return local(room.clock())
