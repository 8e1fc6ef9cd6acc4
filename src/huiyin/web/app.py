"""The web application: its routes, its guard, and the frame around them."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar, Request, Response
from litestar.datastructures import State
from litestar.types import ASGIApp

from huiyin.web import (
    acts,
    desks,
    dissuasions,
    dossiers,
    health,
    intake,
    machine,
    notices,
    pages,
    receipts,
    sessions,
    tickets,
    voices,
)
from huiyin.web.frame import Frame
from huiyin.web.mediations import acts as mediating
from huiyin.web.mediations import contact, opening, printing
from huiyin.web.mediations import lists as mediations
from huiyin.web.problems import HANDLERS, Problem, ProblemDetails, respond
from huiyin.web.residents import albums as own_albums
from huiyin.web.residents import board, filing, tracking, voicing
from huiyin.web.room import Room
from huiyin.web.sorry import for_people
from huiyin.web.staff import (
    albums,
    bulk,
    desk,
    doors,
    export,
    lists,
    looks,
    orders,
    patrol,
    review,
    screen,
    sorting,
    streams,
    ticket,
)
from huiyin.web.staff.admin import routes as administration
from huiyin.web.staff.mediations import routes as mediation_windows
from huiyin.web.staff.whistles import blowing, passing
from huiyin.web.staff.whistles import overview as whistle_overview
from huiyin.web.staff.whistles import routes as whistle_windows
from huiyin.web.whistles import acts as whistling
from huiyin.web.whistles import lists as whistles
from huiyin.web.who import TABLE, admit

BODY_LIMIT = 64 * 1024
_HOLE = re.compile(r"\{[^}]+\}")

ROUTES: list[Any] = [
    intake.file,
    intake.sum_,
    receipts.state,
    receipts.feedback,
    receipts.withdraw,
    voices.urge,
    voices.add,
    voices.pressure,
    machine.find,
    sessions.log_in,
    sessions.log_out,
    tickets.page,
    tickets.one,
    tickets.steps,
    *acts.ROUTES,
    *mediations.ROUTES,
    *mediating.ROUTES,
    *opening.ROUTES,
    *contact.ROUTES,
    *printing.ROUTES,
    *mediation_windows.ROUTES,
    *whistles.ROUTES,
    *whistling.ROUTES,
    *whistle_windows.ROUTES,
    *whistle_overview.ROUTES,
    *blowing.ROUTES,
    *passing.ROUTES,
    dissuasions.export,
    dossiers.one,
    dossiers.reveal,
    notices.release,
    notices.inbox,
    desks.mine,
    desks.rulings,
    desks.supervised,
    desks.approvals,
    health.healthz,
    health.readyz,
    health.metrics,
    filing.home,
    filing.form,
    filing.file,
    filing.places,
    filing.hints,
    board.choose,
    board.show,
    tracking.ask,
    tracking.find,
    tracking.show,
    tracking.tidings,
    own_albums.picture,
    tracking.feedback,
    tracking.ask_withdraw,
    tracking.withdraw,
    voicing.urge,
    voicing.add,
    voicing.ask_pressure,
    voicing.pressure,
    doors.ask,
    doors.enter_by_form,
    doors.leave_by_form,
    doors.act_as,
    streams.live,
    *desk.ROUTES,
    *ticket.ROUTES,
    *orders.ROUTES,
    *looks.ROUTES,
    albums.picture,
    albums.ask,
    albums.attach,
    *lists.ROUTES,
    *bulk.ROUTES,
    *export.ROUTES,
    *sorting.ROUTES,
    patrol.page,
    patrol.mark,
    patrol.worker,
    patrol.take,
    review.ask,
    review.suggest,
    review.ticket,
    review.post,
    *administration.ROUTES,
    *screen.ROUTES,
    pages.docs,
    pages.static,
    pages.openapi,
]


def _wrong_method(request: Request[Any, Any, Any], _error: Exception) -> Response[ProblemDetails]:
    """405 names the methods that the table knows for the path (RFC 9110 15.5.6)."""
    path = request.scope["path"]
    known = {method for method, template in TABLE if re.fullmatch(_HOLE.sub("[^/]+", template), path)}
    return respond(Problem("wrong-method", headers={"Allow": ", ".join(sorted({*known, "OPTIONS"}))}))


def build(room: Room) -> ASGIApp:
    """The ASGI application for a room that its lifespan opens and closes."""
    return Frame(litestar(state(room)), room.meter)


def litestar(found: State) -> Litestar:
    """The application inside the frame; `found` is what a request finds beside its route."""
    return Litestar(
        route_handlers=ROUTES,
        guards=[admit],
        exception_handlers={kind: for_people(one) for kind, one in {**HANDLERS, 405: _wrong_method}.items()},
        lifespan=[_opened],
        state=found,
        request_max_body_size=BODY_LIMIT,
        openapi_config=None,
        logging_config=None,
    )


def state(room: Room) -> State:
    """What the routes need of a room."""
    return State({"room": room, "meter": room.meter})


@asynccontextmanager
async def _opened(app: Litestar) -> AsyncIterator[None]:
    room: Room = app.state.room
    await room.open()
    try:
        yield
    finally:
        await room.close()
