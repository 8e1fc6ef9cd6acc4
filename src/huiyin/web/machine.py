"""The machine clients' window: what became of an event, by its source and id."""

from typing import Annotated, Any

from litestar import Request, get
from litestar.params import QueryParameter
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.people import Viewer
from huiyin.core.sight import hears
from huiyin.store import calendars, dead, inbox, lists, tickets
from huiyin.web import shown
from huiyin.web.problems import Problem, spec
from huiyin.web.room import Room

_Source = Annotated[str, QueryParameter(description="CloudEvents source", max_length=256)]
_Id = Annotated[str, QueryParameter(name="id", description="CloudEvents id", max_length=256)]


@get(
    "/api/v1/complaints",
    summary="一个事件成了哪张工单",
    description="还在路上时 404;进了死信时给出原因。只给机器客户端。",
    tags=["机器客户端"],
    operation_id="findComplaint",
    responses=spec("bad-query", "log-in-first", "not-your-role", "on-its-way", "database-away"),
)
async def find(request: Request[Any, Any, Any], source: _Source, event_id: _Id) -> shown.FoundShown | shown.DeadShown:
    """The ticket with its receipt, or the dead letter's reason."""
    room: Room = request.app.state.room
    viewer: Viewer = request.state.viewer
    if "\0" in source or "\0" in event_id:
        raise Problem("bad-query", field="source, id")
    found = await room.ask(lambda c: _find(c, room, viewer, source, event_id))
    if found is None:
        raise Problem("on-its-way")
    return found


async def _find(
    connection: AsyncConnection, room: Room, viewer: Viewer, source: str, event_id: str
) -> shown.FoundShown | shown.DeadShown | None:
    known = await inbox.known(connection, [(source, event_id)])
    if (source, event_id) in known:
        number, receipt, _ = known[source, event_id]
        if not number or not await lists.visible(connection, room.sight(viewer), number):
            return None
        history = await lists.history(connection, number)
        kept = tickets.fold([entry.body for entry in history])
        seen = await lists.seen(connection, room.sight(viewer), shown.others([kept]))
        books = shown.Books(room.catalogue, room.ladder, await calendars.load(connection))
        return shown.found(kept, books, shown.Light(seen, hears=hears(viewer.role)), receipt)
    letter = await dead.of_event(connection, source, event_id)
    return shown.DeadShown(shown.DeadLetter(letter.reason, letter.detail)) if letter else None
