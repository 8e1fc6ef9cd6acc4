"""The web application: its routes, its guard, and the frame around them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar
from litestar.datastructures import State
from litestar.types import ASGIApp

from huiyin.web import health, intake, machine, pages, sessions, tickets
from huiyin.web.frame import Frame
from huiyin.web.problems import HANDLERS
from huiyin.web.room import Room
from huiyin.web.who import admit

BODY_LIMIT = 64 * 1024

ROUTES: list[Any] = [
    intake.file,
    intake.state,
    machine.find,
    sessions.log_in,
    sessions.log_out,
    tickets.page,
    tickets.one,
    tickets.steps,
    tickets.reclassify,
    health.healthz,
    health.readyz,
    health.metrics,
    health.root,
    pages.docs,
    pages.static,
    pages.openapi,
]


def build(room: Room) -> ASGIApp:
    """The ASGI application for a room that its lifespan opens and closes."""
    return Frame(litestar(room), room.meter)


def litestar(room: Room) -> Litestar:
    """The application inside the frame."""

    @asynccontextmanager
    async def lifespan(_app: Litestar) -> AsyncIterator[None]:
        await room.open()
        try:
            yield
        finally:
            await room.close()

    return Litestar(
        route_handlers=ROUTES,
        guards=[admit],
        exception_handlers=HANDLERS,
        lifespan=[lifespan],
        state=State({"room": room, "meter": room.meter}),
        request_max_body_size=BODY_LIMIT,
        openapi_config=None,
        logging_config=None,
    )
