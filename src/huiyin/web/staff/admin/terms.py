"""Posts and who holds them (岗位与任职): by place, the vacant ones, giving a post and ending a term."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin import posts
from huiyin.core.calendar import midnight
from huiyin.core.people import Viewer
from huiyin.core.proof import read
from huiyin.core.staff import Left, Overlapping, Taken, Term
from huiyin.store import accounts, log, offices
from huiyin.store.offices import Held
from huiyin.web.problems import Problem
from huiyin.web.room import Room
from huiyin.web.shown import BEIJING
from huiyin.web.staff import windows
from huiyin.web.staff.admin import gate
from huiyin.web.staff.directory import ROLE_OF, Directory, Known

Req = Request[Any, Any, Any]

PAGE = 40
SHOWS = {"": "全部", "vacant": "空缺", "never": "从未任命"}


class Seat(Struct, frozen=True):
    """A post in the list. `since`: vacant from then on; `never`: nobody was ever named."""

    code: str
    name: str
    holders: list[Held]
    coming: list[Held]
    since: datetime | None
    never: bool
    waiting: int


class Change(Struct, frozen=True):
    """A step of the post's own log, told."""

    at: datetime
    said: str
    actor: str


@get("/admin/posts", include_in_schema=False)
async def page(request: Req) -> Response[bytes]:
    """Posts of the viewer's scope, place by place."""
    query = request.query_params
    wanted, show, after = query.get("q", "").strip()[:64], query.get("show", ""), query.get("after", "")
    found = await _chosen(request, wanted, show if show in SHOWS else "")
    first = next((n + 1 for n, one in enumerate(found) if one.code == after), 0)
    seats = await _seats(request, found[first : first + PAGE])
    more = found[first + PAGE - 1].code if len(found) > first + PAGE else None
    kept = windows.kept({"q": wanted, "show": show}, "q", "show")
    facts = {"q": wanted, "show": show, "shows": SHOWS, "count": len(found), "next": more, "kept": kept}
    return await gate.page(request, "admin_posts.html", seats=seats, later=first > 0, **facts)


async def _chosen(request: Req, wanted: str, show: str) -> list[Known]:
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    known, now = await gate.known(request), room.clock()
    named = await room.ask(offices.named)
    found = [*known.ours(viewer.scope, wanted), *await _others(room, viewer, known, named, wanted)]
    if show == "never":
        return [one for one in found if one.code not in named]
    if show == "vacant":
        vacant = await room.ask(lambda c: offices.vacant(c, now))
        return [one for one in found if one.code in vacant]
    return found


async def vacancies(request: Req) -> int:
    """How many posts of the viewer's scope had somebody and have nobody."""
    return len(await _chosen(request, "", "vacant"))


async def _others(room: Room, viewer: Viewer, known: Directory, named: frozenset[str], wanted: str) -> list[Known]:
    """Posts that no place has by itself (departments): whose terms say that they work here."""
    codes = sorted(code for code in named if code not in known and all(part in code for part in wanted.split()))
    held = await room.ask(lambda c: offices.terms(c, codes)) if codes else {}
    return [Known(code, known.name(code)) for code in codes if _works_here(viewer, known, code, held.get(code, []))]


def _works_here(viewer: Viewer, known: Directory, code: str, held: Sequence[Held]) -> bool:
    by_term = any(known.inside(viewer.scope, one.term.scope) for one in held)
    return known.looked_after(viewer.scope, code) or (code not in known and by_term)


async def _seats(request: Req, chosen: Sequence[Known]) -> list[Seat]:
    room: Room = request.app.state.room
    now, codes = room.clock(), [one.code for one in chosen]

    async def look(connection: AsyncConnection) -> tuple[dict[str, list[Held]], dict[str, int]]:
        return await offices.terms(connection, codes), await offices.waiting(connection, codes)

    held, waiting = await room.ask(look)
    return [_seat(one, held.get(one.code, []), waiting.get(one.code, 0), now) for one in chosen]


def _seat(one: Known, held: list[Held], waiting: int, now: datetime) -> Seat:
    holders = [it for it in held if it.term.holds(now)]
    coming = [it for it in held if it.term.since > now]
    ends = [it.term.until for it in held if it.term.until is not None and it.term.until <= now]
    since = max(ends) if ends and not holders else None
    return Seat(one.code, one.name, holders, coming, since, not held, waiting)


# -- one post ---------------------------------------------------------------------------------------------


@get("/admin/posts/{post:str}", include_in_schema=False)
async def one(request: Req, post: FromPath[str]) -> Response[bytes]:
    """Who holds it, who did, who changed that; the forms to give and to end."""
    return await _shown(request, post)


async def _shown(request: Req, code: str, status: int = 200, wrong: str = "", **said: str) -> Response[bytes]:
    room: Room = request.app.state.room
    known, held = await _mine(request, code)
    (seat,) = await _seats(request, [Known(code, known.name(code))])
    leaves = await room.ask(lambda c: log.bodies(c, posts.NOUN, [code]))
    names = {one.term.person: one.username for one in held}
    changes = [_change(body, known, names) for body in reversed(leaves.get(code, []))]
    past = [one for one in held if one not in seat.holders and one not in seat.coming]
    today = f"{room.clock().astimezone(BEIJING):%Y-%m-%d}"
    facts = {"past": past, "changes": changes, "said": said, "today": today, "wrong": wrong}
    return await gate.page(request, "admin_post.html", status, seat=seat, **facts)


async def _mine(request: Req, code: str) -> tuple[Directory, list[Held]]:
    """What is known of a post of the viewer's scope; another street's is not there."""
    room: Room = request.app.state.room
    known = await gate.known(request)
    held = await room.ask(lambda c: offices.terms(c, [code])) if posts.POST_CODE.fullmatch(code) else {}
    there = code in known or bool(held.get(code))
    if not there or not _works_here(request.state.viewer, known, code, held.get(code, [])):
        raise Problem("not-found")
    return known, held.get(code, [])


def _change(body: bytes, known: Directory, names: dict[str, str]) -> Change:
    leaf = read(body)
    step = msgspec.json.decode(leaf.data, type=Taken | Left)
    who, by = names.get(step.person) or step.person, known.name(leaf.actor)
    if isinstance(step, Taken):
        until = f"到 {_day(step.until)}" if step.until else ""
        return Change(
            leaf.at, f"{who} 任{'副职' if step.deputy else '正职'},从 {_day(step.since)} 起{until}", leaf.actor
        )
    return Change(leaf.at, f"{who} 离任,到 {_day(step.until)} 止", by)


def _day(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M}"


# -- changes ----------------------------------------------------------------------------------------------


@post("/admin/posts/{post:str}/appoint", include_in_schema=False)
async def appoint(request: Req, post: FromPath[str]) -> Response[Any]:
    """Somebody of the registrar's own scope holds the post from a day on; its open tickets stay with it."""
    room: Room = request.app.state.room
    said, viewer = await windows.said(request), request.state.viewer
    known, _ = await _mine(request, post)
    fault = await gate.confirm(request, said) or await _appointed(room, viewer, known, post, said)
    if fault:
        kept = {name: said.get(name, "")[:64] for name in ("username", "since", "until", "deputy")}
        return await _shown(request, post, 422, gate.WRONG[fault], **kept)
    return windows.back(f"/admin/posts/{quote(post)}", "done")


async def _appointed(room: Room, viewer: Viewer, known: Directory, code: str, said: dict[str, str]) -> str:
    """ "" or which of gate.WRONG."""
    account = await room.ask(lambda c: accounts.by_name(c, said.get("username", "")))
    found = await room.ask(lambda c: offices.account(c, account.person, room.clock())) if account else None
    if found is None or found.disabled_at is not None or not gate.ours(viewer, known, found):
        return "account"
    if found.role in gate.NOT_OURS:
        return "account"
    if found.person == viewer.person:
        return "self"
    try:
        term = term_of(room, viewer, known, code, found.person, said)
        steps = await room.write(lambda c: posts.give(c, term, at=room.clock(), actor=viewer.post))
    except Overlapping:
        return "overlap"
    except posts.BadTerm:
        return "term"
    return "" if steps else "nothing"


def term_of(room: Room, viewer: Viewer, known: Directory, code: str, person: str, said: dict[str, str]) -> Term:
    """A form's term in a post; raises posts.BadTerm for days that are none, or posts nobody may give."""
    role = ROLE_OF.get(code.partition(":")[0])
    if role is None:
        raise posts.BadTerm
    mine = f"{viewer.scope.kind}:{viewer.scope.code}" if viewer.scope.code else viewer.scope.kind
    since, until = day(said.get("since", "")), day(said.get("until", ""))
    now = room.clock()
    begins = since if since is not None and since.date() != now.astimezone(BEIJING).date() else now
    return Term(code, person, role, known.scope_of(code) or mine, begins, until, bool(said.get("deputy")))


def day(said: str) -> datetime | None:
    """The first moment of a day in Beijing; None for nothing. Raises posts.BadTerm for what is no day."""
    try:
        known = date.fromisoformat(said) if said else None
    except ValueError:
        raise posts.BadTerm from None
    if known is None:
        return None
    if not 2000 <= known.year <= 2999:  # a mistyped year
        raise posts.BadTerm
    return midnight(known)


@post("/admin/posts/{post:str}/end", include_in_schema=False)
async def end(request: Req, post: FromPath[str]) -> Response[Any]:
    """A term ends now, or on a day; the open tickets stay at the post and wait for who comes next."""
    room: Room = request.app.state.room
    said, viewer = await windows.said(request), request.state.viewer
    _, held = await _mine(request, post)
    person = said.get("person", "")
    if person == viewer.person:
        return await _shown(request, post, 422, gate.WRONG["self"])
    if not any(one.term.person == person for one in held):
        return await _shown(request, post, 422, gate.WRONG["nothing"])
    if fault := await gate.confirm(request, said):
        return await _shown(request, post, 422, gate.WRONG[fault])
    try:
        until, now = day(said.get("until", "")) or room.clock(), room.clock()
    except posts.BadTerm:
        return await _shown(request, post, 422, gate.WRONG["term"])
    steps = await room.write(lambda c: posts.end(c, person, post, until, at=now, actor=viewer.post))
    return windows.back(
        f"/admin/posts/{quote(post)}", "done" if steps else "", **({} if steps else {"wrong": "nothing"})
    )
