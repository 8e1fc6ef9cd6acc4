"""The system (系统) at a glance: versions, who answers, who lags behind, what waits too long."""

import asyncio
import platform
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Any

from litestar import Request, Response, get
from msgspec import Struct
from nats.errors import Error
from nats.js.errors import Error as JetError

from huiyin.bus import relay, streams
from huiyin.rules.load import listed
from huiyin.store import calendars, dead, machine
from huiyin.store.machine import Base
from huiyin.web.clocks import span
from huiyin.web.room import Room
from huiyin.web.staff.admin import gate
from huiyin.web.staff.admin.terms import vacancies

Req = Request[Any, Any, Any]

_PATIENCE = 1.0  # seconds for NATS to answer
_LAG, _WAIT, _SKEW = 1_000, 60.0, 5.0  # from when on something is said to lag, to be late, to be off


class Finding(Struct, frozen=True):
    """One thing that was looked at; `advice` says what to do where it is not well."""

    well: bool
    what: str
    now: str
    advice: str = ""


class Queue(Struct, frozen=True):
    """A durable consumer of a stream: what waits, what is under way."""

    stream: str
    name: str
    waiting: int
    under_way: int


@get("/admin", include_in_schema=False)
async def overview(request: Req) -> Response[bytes]:
    """What wants a registrar's eye, and the way there."""
    room: Room = request.app.state.room
    waiting = await room.ask(dead.count)
    known = await room.ask(calendars.load)
    last = max(known.years)
    guessed = await room.ask(machine.provisional)
    own = sum(ours for *_, ours in listed(room.where.rules))
    facts = {"letters": waiting, "last": last, "guessed": guessed, "own": own, "vacant": await vacancies(request)}
    return await gate.page(request, "admin_home.html", **facts)


@get("/admin/system", include_in_schema=False)
async def page(request: Req) -> Response[bytes]:
    """Read only; what is away says so instead of failing the page's other parts."""
    room: Room = request.app.state.room
    base, queues = await room.ask(lambda c: machine.base(c, relay.NAME)), await _queues(room)
    client = room.bell.client
    versions = [
        ("回音", version("huiyin")),
        ("Python", platform.python_version()),
        ("PostgreSQL", base.version),
        ("NATS", str(client.connected_server_version).strip("<>").rpartition(" v")[2] if client else "连不上"),
        ("规则", (await room.rules()).version),
    ]
    findings = list(_findings(room, base, queues))
    return await gate.page(request, "admin_system.html", versions=versions, findings=findings, queues=queues or [])


async def _queues(room: Room) -> list[Queue] | None:
    """Every durable consumer; None where NATS does not say."""
    client = room.bell.client
    if client is None:
        return None
    try:
        async with asyncio.timeout(_PATIENCE):
            js = client.jetstream()
            found = [(name, await js.consumers_info(name)) for name in (streams.INTAKE, streams.EVENTS)]
    except (TimeoutError, Error, JetError):
        return None
    return [
        Queue(name, str(one.name), one.num_pending or 0, one.num_ack_pending or 0)
        for name, some in found
        for one in some
    ]


def _findings(room: Room, base: Base, queues: list[Queue] | None) -> Iterator[Finding]:
    yield Finding(
        room.bell.connected,
        "消息总线(NATS)",
        "应答" if room.bell.connected else "连不上",
        "网页仍然受理诉求;请看 nats 的日志",
    )
    behind = base.behind
    yield Finding(
        behind < _LAG, "事件发布(relay)", f"还有 {behind} 步没有发布", "看 relay 的日志;NATS 恢复后会自己补上"
    )
    if queues is None:
        yield Finding(False, "各消费者", "无从得知", "NATS 恢复后再看")
    for one in queues or []:
        said = f"待取 {one.waiting},在办 {one.under_way}"
        yield Finding(one.waiting < _LAG, f"{one.stream} 的 {one.name}", said, f"看 {one.name} 的日志;可以多开一个进程")
    yield from _of_the_base(room, base)


def _of_the_base(room: Room, base: Base) -> Iterator[Finding]:
    off = abs((datetime.now(UTC) - base.now).total_seconds())
    yield Finding(off <= _SKEW, "数据库时钟", f"与本机相差 {off:.1f} 秒", "请用 NTP 校准两边的时钟,否则时限上报会暂停")
    late = (room.clock() - base.soonest).total_seconds() if base.soonest else 0
    yield Finding(
        late <= _WAIT,
        "到期事项",
        f"最早一项已过期 {span(timedelta(seconds=late))}" if late > _WAIT else "都已办理",
        "看 deadlines 的日志",
    )
    yield Finding(base.letters == 0, "死信", f"{base.letters} 封待处理", "到“死信”页查明原因,修好后重投")
    for name, value, wanted in base.durable:
        yield Finding(value == wanted, f"PostgreSQL {name}", value, f"须为 {wanted},否则断电会丢已提交的数据")
    yield Finding(
        base.plain, "服务账号", "没有管理权限" if base.plain else "有管理权限", "服务请用普通账号,迁移另用所有者账号"
    )
