"""The resident's voice in a running case (催办、补充、受到压力), by receipt, from whichever window."""

from collections.abc import Sequence
from typing import Any

from litestar import Request, post
from litestar.params import FromPath

from huiyin.core import voices
from huiyin.core.ticket import voicing
from huiyin.store.pictures import Picture
from huiyin.web import attaching, bodies, told
from huiyin.web.intake import API, idempotency_key
from huiyin.web.paint import until
from huiyin.web.pen import Pen
from huiyin.web.problems import Problem, spec
from huiyin.web.receipts import HERE, SAID, event_id, give, held, known_by, number
from huiyin.web.room import Room

Req = Request[Any, Any, Any]
_ABSENT = "on-its-way-to-us"


@post(
    f"{API}/complaints/{{receipt:str}}/urge",
    status_code=200,
    summary="催办",
    description="提醒承办岗位,第二次起上一级也看到;两次之间要隔一段时间,每一级有次数限制(见 urge_from)。",
    tags=["居民"],
    operation_id="urgeComplaint",
    responses=spec(*HERE, "bad-key", "on-its-way-to-us", "nothing-to-urge", "urged-too-soon", "urged-enough"),
)
async def urge(request: Req, receipt: FromPath[str]) -> told.ComplaintShown:
    """Whoever has it is reminded."""
    return await hurry(request, number(receipt), idempotency_key(request))


async def hurry(request: Req, value: int, key: str | None) -> told.ComplaintShown:
    """Urge what is being worked on: of a merged complaint the one that leads."""
    room: Room = request.app.state.room
    known = await known_by(room, value)
    ticket = held(known, _ABSENT)
    lead = known.found.lead if known.found is not None and ticket.state == "merged" else None
    urged, body = lead or ticket, bodies.Nothing()
    cause = event_id(request, value, "urge", body, key)
    try:
        return await give(request, value, urged, cause, voices.Urge(), Pen(room.seal, urged.number))
    except Problem as problem:
        free = voicing.free_at(urged, room.ladder)
        if problem.code == "urged-too-soon" and free is not None:
            words = f"刚催办过,已经提醒承办岗位;{until(free)}以后还没有办,可以再催"
            raise Problem(problem.code, words) from None
        raise


@post(
    f"{API}/complaints/{{receipt:str}}/add",
    status_code=200,
    summary="补充情况",
    description="密封保存,只给能看原文的岗位看;每次最多 2000 字,一件事最多补充 10 次。",
    tags=["居民"],
    operation_id="addToComplaint",
    responses=spec(*SAID, *HERE, "on-its-way-to-us", "nothing-to-add-to", "added-enough"),
)
async def add(request: Req, receipt: FromPath[str]) -> told.ComplaintShown:
    """More words."""
    value = number(receipt)
    await known_by(request.app.state.room, value)
    return await amend(request, value, bodies.read(await request.body(), bodies.Addition), idempotency_key(request))


async def amend(
    request: Req, value: int, body: bodies.Addition, key: str | None, pictures: Sequence[Picture] = ()
) -> told.ComplaintShown:
    """Add words, and pictures, to the resident's own complaint, merged or not."""
    room: Room = request.app.state.room
    ticket = held(await known_by(room, value), _ABSENT)
    pen = Pen(room.seal, ticket.number)
    said = voices.Add(pen.write("text", body.text))
    cause = event_id(request, value, "add", body, attaching.said(key, pictures))
    return await give(request, value, ticket, cause, said, pen, pictures)


@post(
    f"{API}/complaints/{{receipt:str}}/pressure",
    status_code=200,
    summary="因为反映问题受到压力",
    description="confirm 必须为 true。立即转街道督办,物业和曾经承办的岗位、人员不再看到;工作人员不能撤销。",
    tags=["居民"],
    operation_id="reportPressure",
    responses=spec(*SAID, *HERE, "on-its-way-to-us", "told-elsewhere", "too-late"),
)
async def pressure(request: Req, receipt: FromPath[str]) -> told.ComplaintShown:
    """To the street, at once."""
    value = number(receipt)
    await known_by(request.app.state.room, value)
    body = bodies.read(await request.body(), bodies.Confirmation)
    if not body.confirm:
        raise bodies.wrong("confirm", "请确认:confirm 应为 true")
    return await shelter(request, value, idempotency_key(request))


async def shelter(request: Req, value: int, key: str | None) -> told.ComplaintShown:
    """Take the case out of the reach of whoever leans on the resident."""
    room: Room = request.app.state.room
    ticket = held(await known_by(room, value), _ABSENT)
    cause = event_id(request, value, "pressure", bodies.Confirmation(True), key)
    return await give(request, value, ticket, cause, voices.ReportPressure(), Pen(room.seal, ticket.number))
