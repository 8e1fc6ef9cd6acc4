"""A mediation committee (调解委员会): what it is called, who sits in it, what the law misses, who mediates for it."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath
from msgspec import Struct
from sqlalchemy.exc import IntegrityError

from huiyin.convening import Hangs
from huiyin.core.mediation.committee import Flaw, Member, flaws
from huiyin.store import accounts, committees
from huiyin.store.committees import Body
from huiyin.story import Teller
from huiyin.web.problems import Problem
from huiyin.web.room import Room
from huiyin.web.staff import windows
from huiyin.web.staff.mediations.office import mine as whose
from huiyin.web.staff.mediations.office.mine import Mine, People

Req = Request[Any, Any, Any]

_SHORT = re.compile(r"\w{1,16}")
_LONGEST = 60
_GROUPS = re.compile(r"[A-Z]")
FLAWS: dict[Flaw, str] = {
    "too-few": "在任委员不足三人,应有三至九人(人民调解法第八条)",
    "too-many": "在任委员超过九人,应有三至九人(人民调解法第八条)",
    "no-chair": "没有主任,应设主任一人(人民调解法第八条)",
    "two-chairs": "主任不止一人,应设主任一人(人民调解法第八条)",
    "no-woman": "没有妇女委员(人民调解法第八条)",
    "no-minority": "多民族居住地区没有人数较少民族的委员(人民调解法第八条)",
    "term-too-long": "有委员的任期超过三年,每届任期三年,可以连选连任(人民调解法第九条)",
    "term-over": "有委员的任期已满,请及时推选(人民调解法第九条)",
    "term-ends": "有委员的任期六十天内届满,请准备推选(人民调解法第九条)",
}
KINDS = {"residents": "居民委员会人民调解委员会", "street": "街道人民调解委员会", "property": "物业纠纷人民调解委员会"}
WRONG = {
    "kind": "请从您岗位的调解委员会中选一个,再保存。",
    "called": "请填写调解委员会的全称,最多 60 个字。",
    "short": "简称写在案号里,须为 1 至 16 个文字或数字,不含空格和括号。",
    "short-taken": "这个简称已经是别的调解委员会的,请换一个。",
    "short-fixed": "已经用这个简称编了案号,不能再改。",
    "username": "没有这个账号,请核对用户名;还没有账号的,请登记员先添加。",
    "term": "任期不对:结束应晚于开始,日期形如 2026-11-20。",
    "speciality": "请从事项清单里选,最多 20 项。",
    "person": "这位不在本委员会的调解员名册上。",
    "busy": "这位委员在本委员会还有 {} 件没有办完的调解,请先在案件里另行指派调解员,再移除。",
}


class Page(Struct, frozen=True):
    """What the page shows of one committee."""

    members: tuple[Member, ...]
    flaws: tuple[str, ...]
    people: People
    load: Mapping[str, int]
    numbered: bool
    today: date
    removed: tuple[Member, ...] = ()


@get("/mediations/committee", include_in_schema=False)
async def page(request: Req) -> Response[bytes]:
    """The committee of the viewer's post; where there is none yet, the form to register it."""
    return await shown(request, request.query_params.get("kind", ""))


async def shown(
    request: Req, kind: str, status: int = 200, wrong: str = "", count: int = 0, **said: str
) -> Response[bytes]:
    """The page; `wrong` is why nothing was saved, `count` how much stands in the way."""
    room: Room = request.app.state.room
    found = await whose.perhaps(request, kind)
    may, keeps = await whose.kinds(request)
    facts: dict[str, Any] = {"mine": found, "kinds": KINDS, "may": [one for one in may if keeps], "said": said}
    groups = [(one.code, one.name) for one in room.catalogue.entries.values() if one.parent is None]
    leaves = [(one.code, one.name) for one in room.catalogue.leaves() if one.mediable]
    filled = await _page(room, found, whose.today(request)) if found else None
    names = dict((*groups, *leaves))
    called = Teller(await room.rules()).post(found.mediators) if found else ""
    why = WRONG.get(wrong, "").format(count)
    more = {"mediators_called": called, "groups": groups, "names": names, "wrong": why, "page": filled}
    return await windows.window(request, "mediation_committee.html", status, **facts, **more)


async def _page(room: Room, mine: Mine, today: date) -> Page:
    async def look(c: Any) -> Page:
        made, gone = await committees.composition(c, mine.body), await committees.removed(c, mine.body)
        gone = gone if mine.keeps else []
        people = await whose.people(c, mine, room, (one.person for one in (*made.members, *gone)))
        load = await committees.load_of(c, [one.person for one in people.register])
        numbered = await committees.numbered(c, mine.body)
        said = tuple(FLAWS[one] for one in flaws(made, today))
        order = sorted(made.members, key=lambda one: (one.until < today, not one.chair, one.since, one.person))
        return Page(tuple(order), said, people, load, numbered, today, tuple(gone))

    return await room.ask(look)


@post("/mediations/committee", include_in_schema=False)
async def keep(request: Req) -> Response[Any]:
    """Register the committee, or mend what is said of it."""
    said = await windows.said(request)
    may, keeps = await whose.kinds(request)
    kind = said.get("kind", "")
    if not keeps or (kind in KINDS and kind not in may):
        raise Problem("not-your-role")
    if kind not in may:
        return await shown(request, "", 422, "kind")
    code = request.state.viewer.post.partition(":")[2]
    called, short = said.get("called", "").strip(), said.get("short", "").strip()
    one = Body(code, kind, short, called, "mixed" in said)
    wrong = "called" if not 0 < len(called) <= _LONGEST else "" if _SHORT.fullmatch(short) else "short"
    wrong = wrong or await _kept(request, one)
    if wrong:
        return await shown(request, one.kind, 422, wrong, called=called, short=short)
    return windows.back("/mediations/committee", "saved", kind=one.kind)


async def _kept(request: Req, one: Body) -> str:
    """Keep it, or say what stands in the way: a short name is another committee's, or numbers bear the old one."""
    room: Room = request.app.state.room

    async def write(c: Any) -> str:
        was = [each for each in await committees.known(c, [one.committee]) if each.kind == one.kind]
        if was and was[0].short != one.short and await committees.numbered(c, was[0]):
            return "short-fixed"
        await whose.office(request, c, one).keep()
        return ""

    try:
        return await room.write(write)
    except IntegrityError:
        return "short-taken"


@post("/mediations/committee/members", include_in_schema=False)
async def elect(request: Req) -> Response[Any]:
    """A member's term, or what it is from now on."""
    said = await windows.said(request)
    mine = await whose.kept(request, said.get("kind", ""))
    room: Room = request.app.state.room
    since, until = _day(said.get("since", "")), _day(said.get("until", ""))
    name = said.get("username", "").strip()
    person = (await room.ask(lambda c: accounts.persons(c, [name]))).get(name)
    wrong = "username" if person is None else "term" if since is None or until is None or until <= since else ""
    if wrong or person is None or since is None or until is None:
        return await shown(request, mine.body.kind, 422, wrong, username=name)
    member = Member(person, since, until, "chair" in said, "woman" in said, "minority" in said)
    await room.write(lambda c: whose.office(request, c, mine.body).elect(member))
    return windows.back("/mediations/committee", "saved", **mine.query)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@post("/mediations/committee/members/{what:str}", include_in_schema=False)
async def undo(request: Req, what: FromPath[str]) -> Response[Any]:
    """A term that was entered by mistake is taken off the list (remove), or comes back (restore)."""
    said = await windows.said(request)
    mine = await whose.kept(request, said.get("kind", ""))
    room: Room = request.app.state.room
    person, since = said.get("person", ""), _day(said.get("since", ""))
    if what not in ("remove", "restore") or since is None:
        raise Problem("not-found")

    async def write(c: Any) -> bool:
        ours = whose.office(request, c, mine.body)
        return await (ours.remove(person, since) if what == "remove" else ours.restore(person, since))

    try:
        done = await room.write(write)
    except Hangs as held:
        return await shown(request, mine.body.kind, 409, "busy", held.count)
    return windows.back("/mediations/committee", "done" if done else "", **mine.query)


@post("/mediations/committee/specialities", include_in_schema=False)
async def specialise(request: Req) -> Response[Any]:
    """What a mediator of the register knows best: matters, or whole groups of them."""
    pairs = await windows.pairs(request)
    said = dict(pairs)
    mine = await whose.kept(request, said.get("kind", ""))
    room: Room = request.app.state.room
    best = sorted({value for name, value in pairs if name == "best"})
    people = await room.ask(lambda c: whose.people(c, mine, room))
    if said.get("person") not in {one.person for one in people.register}:
        return await shown(request, mine.body.kind, 422, "person")
    if len(best) > 20 or not all(one in room.catalogue.entries for one in best):
        return await shown(request, mine.body.kind, 422, "speciality")
    await room.write(lambda c: whose.office(request, c, mine.body).specialise(said["person"], best))
    return windows.back("/mediations/committee", "saved", **mine.query)


ROUTES = [page, keep, elect, undo, specialise]
