"""Is it alive, is it ready, how busy is it: for supervisors, load balancers and Prometheus."""

from typing import Any

from litestar import Request, Response, get
from litestar.openapi.datastructures import ResponseSpec
from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.desk import Away
from huiyin.web.frame import Meter
from huiyin.web.room import Room

Req = Request[Any, Any, Any]


class Alive(Struct, frozen=True):
    """The process answers."""

    alive: bool = True


class Ready(Struct, frozen=True):
    """`ready` needs the database only; complaints are accepted while NATS is away."""

    ready: bool
    database: str
    nats: str


@get("/healthz", summary="进程是否活着", tags=["运行"], operation_id="healthz")
async def healthz() -> Alive:
    """Says nothing of the database."""
    return Alive()


@get(
    "/readyz",
    summary="是否可以受理",
    tags=["运行"],
    operation_id="readyz",
    responses={503: ResponseSpec(Ready, generate_examples=False, description="数据库不可用")},
)
async def readyz(request: Req) -> Response[Ready]:
    """200 where the database answers, else 503."""
    room: Room = request.app.state.room
    nats = "connected" if room.bell.connected else "away"
    try:
        await room.ask(_touch)
    except Away:
        return Response(Ready(False, "away", nats), status_code=503, headers={"Retry-After": "2"})
    return Response(Ready(True, "answers", nats))


async def _touch(connection: AsyncConnection) -> None:
    await connection.execute(text("SELECT 1"))


@get("/metrics", summary="Prometheus 指标", media_type="text/plain", tags=["运行"], operation_id="metrics")
async def metrics(request: Req) -> Response[bytes]:
    """Counts and times by route; nothing of anybody."""
    meter: Meter = request.app.state.meter
    return Response(meter.text(), media_type=meter.MEDIA)
