"""Lists of mediations (调解): a mediator's day, a committee's cases, one, its log, a party's own, a ticket's."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, get
from litestar.params import FromPath, QueryParameter
from msgspec import Struct
from msgspec.structs import replace

from huiyin.core.mediation import Step
from huiyin.core.mediation.steps import Applied
from huiyin.core.proof import read
from huiyin.mediation_story import MediationTeller
from huiyin.store import lists, mediations
from huiyin.web import cursors
from huiyin.web.acts import history
from huiyin.web.mediations import listed
from huiyin.web.mediations.finding import NUMBER, Found, find, held_by
from huiyin.web.mediations.listed import MediationListed
from huiyin.web.mediations.own import keys
from huiyin.web.mediations.shown import MediationShown, OnTicket, on_ticket, readable
from huiyin.web.problems import spec
from huiyin.web.room import Room

API = "/api/v1/mediations"
LIMIT = 200
_COMMON = ("log-in-first", "not-your-role", "database-away")

Req = Request[Any, Any, Any]
_step = msgspec.json.Decoder(Step).decode


class MediationPage(Struct, frozen=True):
    """Open ones by what is due first, filed ones newest first; `next` goes into `cursor`."""

    mediations: list[MediationListed]
    next: str | None


class MediationStep(Struct, frozen=True):
    """One step in a sentence, without words and names."""

    version: int
    step: str
    at: datetime
    said: str
    hash: str


class MediationLog(Struct, frozen=True):
    """Oldest first; the desk reads how far it is, a mediator all but what others were told alone."""

    number: str
    steps: list[MediationStep]


class OnTicketPage(Struct, frozen=True):
    """What came of a ticket."""

    mediations: list[OnTicket]


@get(
    API,
    summary="调解列表",
    description="调解员看自己承办的,调解委员会岗位看本委员会的;一件的全部内容按编号另取。",
    tags=["人民调解"],
    operation_id="listMediations",
    responses=spec("bad-query", *_COMMON),
)
async def page(
    request: Req,
    open_: Annotated[bool, QueryParameter(name="open", description="true 未归档,false 已归档")] = True,
    cursor: Annotated[str | None, QueryParameter(max_length=64)] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=LIMIT)] = 50,
) -> MediationPage:
    """One page of what the viewer may see."""
    room: Room = request.app.state.room
    mine = await listed.whose(room, request.state.viewer, (await room.mediations()).rules.mediation)
    found, last = await listed.page(room, mine, cursors.read(cursor, NUMBER), limit, open_=open_)
    return MediationPage(found, cursors.write(last))


@get(
    f"{API}/{{number:str}}",
    summary="一件调解",
    tags=["人民调解"],
    operation_id="readMediation",
    responses=spec("not-found", *_COMMON),
)
async def one(request: Req, number: FromPath[str]) -> MediationShown:
    """As the viewer may see it."""
    return await (await find(request, number)).present()


@get(
    f"{API}/{{number:str}}/log",
    summary="调解办理日志",
    tags=["人民调解"],
    operation_id="readMediationLog",
    responses=spec("not-found", *_COMMON),
)
async def log(request: Req, number: FromPath[str]) -> MediationLog:
    """Its steps told, as far as the viewer reads them."""
    return MediationLog(number, await told(await find(request, number)))


async def told(found: Found) -> list[MediationStep]:
    """The steps that somebody may read, oldest first."""
    entries = await found.room.ask(lambda c: lists.history(c, found.one.number, mediations.NOUN))
    rules, registry = (await found.room.mediations()).rules, (await found.room.rules()).registry
    teller, parties = MediationTeller(rules, registry), [line.party for line in found.one.lines]
    hidden = found.eyes == "committee" and found.one.restricted
    steps = []
    for entry in entries:
        leaf = read(entry.body)
        step = _step(leaf.data)
        if hidden and isinstance(step, Applied):
            step = replace(step, category="保密")
        if readable(step, found.eyes, found.who):
            said = teller.sentence(step, leaf.at, leaf.actor, parties, first=entry.version == 1)
            steps.append(MediationStep(entry.version, entry.step, leaf.at, said, entry.hash.hex()))
    return steps


@get(
    f"{API}/mine/{{code:str}}",
    summary="当事人凭查询码查看自己的调解",
    description="看不到对方说了什么、同意了没有,也看不到对方是谁的任何身份信息。",
    tags=["人民调解"],
    operation_id="readOwnMediation",
    responses=spec("receipt-mistyped", "unknown-receipt", "too-many-codes", "database-away"),
)
async def own(request: Req, code: FromPath[str]) -> MediationShown:
    """As its party may see it."""
    room: Room = request.app.state.room
    return await (await held_by(room, *await keys.by_program(request, code))).present()


@get(
    "/api/v1/tickets/{number:str}/mediations",
    summary="由工单而来的调解",
    description="只有进展和结果;工单不等调解,照常办理、照常上报。",
    tags=["人民调解"],
    operation_id="listTicketMediations",
    responses=spec("not-found", *_COMMON),
)
async def of_ticket(request: Req, number: FromPath[str]) -> OnTicketPage:
    """For whoever may see the ticket."""
    await history(request, number)
    room: Room = request.app.state.room
    numbers = await room.ask(lambda c: mediations.of_ticket(c, number))
    found = await room.ask(lambda c: mediations.CHAINS.load(c, numbers))
    return OnTicketPage(on_ticket([found[name][0] for name in numbers], number))


ROUTES = [page, one, log, own, of_ticket]
