"""Lists of whistles (哨单): the board of a place, a department's inbox, what waits for a post, one whistle, its log."""

from datetime import datetime
from typing import Annotated, Any

from litestar import Request, get
from litestar.params import FromPath, FromQuery, QueryParameter
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.people import Viewer
from huiyin.core.whistle import Whistle
from huiyin.core.whistle.commands import Kind
from huiyin.core.whistle.state import State
from huiyin.core.words import Sealed
from huiyin.scenes import for_whistles
from huiyin.store import lists, whistle_lists, whistles
from huiyin.store.places import Place
from huiyin.store.whistle_lists import Waiting
from huiyin.web import cursors
from huiyin.web.problems import Problem, spec
from huiyin.web.room import Room
from huiyin.web.whistles.finding import NUMBER, Found, Leaf, find, scene_of, shown_all
from huiyin.web.whistles.shapes import CallShown, WhistleShown

LIMIT = 200
_COMMON = ("log-in-first", "not-your-role", "database-away")

Req = Request[Any, Any, Any]
_Code = Annotated[str | None, QueryParameter(max_length=64)]


class WhistlePage(Struct, frozen=True):
    """Open ones by what is due first, closed ones newest first; `next` goes into `cursor`. A page may be short and
    still have a next one."""

    whistles: list[WhistleShown | CallShown]
    next: str | None


class DutyShown(Struct, frozen=True):
    """What waits for a post of the viewer."""

    number: str
    duty: str
    duty_text: str
    post: str
    about: str | None
    due_at: datetime
    level: int


class DutyPage(Struct, frozen=True):
    """The most urgent first."""

    duties: list[DutyShown]


class StepShown(Struct, frozen=True):
    """One step: when, by which post, what happened in a sentence, and what was said then."""

    version: int
    step: str
    at: datetime
    actor: str
    said: str
    words: list[str]
    hash: Annotated[str, Meta(description="与上一步相连的摘要")]


class StepPage(Struct, frozen=True):
    """Oldest first; a department reads what concerns it."""

    number: str
    steps: list[StepShown]


@get(
    "/api/v1/whistles",
    summary="哨单列表",
    description="街道、社区看本辖区的;部门看派给自己的最小事件。",
    tags=["吹哨报到"],
    operation_id="listWhistles",
    responses=spec("bad-query", *_COMMON),
)
async def page(
    request: Req,
    open_: Annotated[bool, QueryParameter(name="open", description="true 未结哨,false 已结哨")] = True,
    state_: Annotated[State | None, QueryParameter(name="state")] = None,
    kind: FromQuery[Kind | None] = None,
    category: _Code = None,
    community: _Code = None,
    department: _Code = None,
    late: Annotated[bool | None, QueryParameter(description="曾列入催办、督办的")] = None,
    cursor: _Code = None,
    limit: Annotated[int, QueryParameter(ge=1, le=LIMIT)] = 50,
) -> WhistlePage:
    """One page of what the viewer may see."""
    wanted: dict[str, Any] = {"state": state_, "kind": kind, "category": category, "community": community}
    wanted |= {"department": department, "late": late}
    if any("\0" in value for value in wanted.values() if isinstance(value, str)):
        raise Problem("bad-query")
    found, after = await listed(request, wanted, cursor, limit, open_=open_)
    return WhistlePage(await shown_all(found), after)


async def listed(
    request: Req, wanted: dict[str, Any], cursor: str | None, limit: int, *, open_: bool
) -> tuple[list[Found], str | None]:
    """A page of what somebody may see of what they ask for, and the cursor of the next; raises Problem."""
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    after = cursors.read(cursor, NUMBER)

    async def read(connection: AsyncConnection) -> tuple[list[str], Place | None]:
        sight = room.sight(viewer)
        if viewer.role == "department":
            return await whistle_lists.inbox(connection, sight, after, limit, open_=open_)
        return await whistle_lists.board(connection, sight, wanted, after, limit, open_=open_)

    numbers, last = await room.ask(read)
    return await some(room, viewer, numbers), cursors.write(last)


async def some(room: Room, viewer: Viewer, numbers: list[str]) -> list[Found]:
    """Whistles that are there for a viewer, in the order of their numbers; without their steps."""
    rules, registry = (await room.whistles()).rules, (await room.rules()).registry
    post = viewer.post if viewer.role == "department" else ""

    async def read(connection: AsyncConnection) -> list[Found]:
        kept: dict[str, Whistle] = {n: one for n, (one, _) in (await whistles.CHAINS.load(connection, numbers)).items()}
        scenes = await for_whistles(connection, [], kept.values(), room.clock(), [viewer.post])
        about = sorted({ticket for one in kept.values() for ticket in one.tickets})
        seen = await lists.seen(connection, room.sight(viewer), about)
        return [
            Found(room, viewer, rules, registry, kept[n], (), scene_of(scenes, viewer, kept[n]), seen, post)
            for n in numbers
        ]

    return await room.ask(read)


@get(
    "/api/v1/whistles/duties",
    summary="待本岗位办理的哨单事项",
    description="转报、审批、裁定、暂停审批、核验、互评;部门的接哨、到场、方案、答复、反馈。",
    tags=["吹哨报到"],
    operation_id="listWhistleDuties",
    responses=spec(*_COMMON),
)
async def duties(request: Req) -> DutyPage:
    """Up to two hundred, the most urgent first."""
    room: Room = request.app.state.room
    rules = (await room.whistles()).rules
    found = await waiting(room, request.state.viewer, LIMIT)
    names = rules.whistle.duties
    return DutyPage(
        [DutyShown(d.number, d.duty, names[d.duty], d.post, d.about or None, d.due_at, d.level) for d in found]  # type: ignore[index]
    )


async def waiting(room: Room, viewer: Viewer, limit: int) -> list[Waiting]:
    """What waits for a viewer's post; for a street's desk what its leader must approve, too: another person may."""
    rules = (await room.whistles()).rules
    prefix, _, code = viewer.post.partition(":")
    posts = [viewer.post, f"{rules.whistle.leader}:{code}"] if prefix == "street" else [viewer.post]
    if viewer.role == "department":
        return await room.ask(lambda c: whistle_lists.own_waiting(c, room.sight(viewer), limit))
    return await room.ask(lambda c: whistle_lists.waiting(c, posts, room.sight(viewer), limit))


@get(
    "/api/v1/whistles/{number:str}",
    summary="一张哨单",
    tags=["吹哨报到"],
    operation_id="readWhistle",
    responses=spec("not-found", *_COMMON),
)
async def one(request: Req, number: FromPath[str]) -> WhistleShown | CallShown:
    """A whistle in the viewer's scope; for a department the minimal event."""
    return await (await find(request, number)).present()


@get(
    "/api/v1/whistles/{number:str}/log",
    summary="哨单办理日志",
    tags=["吹哨报到"],
    operation_id="readWhistleLog",
    responses=spec("not-found", *_COMMON),
)
async def steps(request: Req, number: FromPath[str]) -> StepPage:
    """Its steps with the words that the viewer may read."""
    found = await find(request, number)
    return StepPage(number, await told(found))


async def told(found: Found) -> list[StepShown]:
    """The steps that the viewer may read, told, with what was said."""
    read = found.steps
    said = {leaf.version: _said(leaf, found) for leaf in read}
    opened = await found.opened([word for words in said.values() for word in words])
    teller = found.teller()
    return [
        StepShown(
            leaf.version,
            str(type(leaf.step).__struct_config__.tag),
            leaf.at,
            leaf.actor,
            teller.sentence(leaf.step, leaf.at, leaf.actor),
            [opened[word.dossier] for word in said[leaf.version] if word.dossier in opened],
            leaf.hash.hex(),
        )
        for leaf in read
    ]


def _said(leaf: Leaf, found: Found) -> list[Sealed]:
    """The words of a step, of its asks those that are for the viewer's eyes; pictures are no words."""
    step = leaf.step
    words = [getattr(step, name, None) for name in ("words", "apart", "missing", "done")]
    kept = [one for one in words if isinstance(one, Sealed)]
    for ask in getattr(step, "asks", ()):
        kept += [ask.words] if not found.post or ask.post == found.post else []
    return kept


ROUTES = [page, duties, one, steps]
