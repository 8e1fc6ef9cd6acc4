"""A mediation in a list (调解列表): by the rows of the views, no case read whole; names for who mediates it alone."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.mediation.kinds import Committee
from huiyin.core.mediation.rules import MediationRules
from huiyin.core.people import Viewer
from huiyin.store import mediation_days, mediation_people
from huiyin.store.mediation_days import Limit, Row, Whose
from huiyin.store.mediation_people import Known
from huiyin.store.places import Place
from huiyin.web.room import Room


class Running(Struct, frozen=True):
    """A limit that runs; `level` is how often it ran out."""

    duty: str
    due_at: datetime
    level: int


class MediationListed(Struct, frozen=True):
    """A case of a list; the whole of it stands under its number. Both who mediates it and its desk may know all of
    this, but for the two that say whose they are."""

    number: str
    kind: str
    state: str
    stage: Annotated[str, Meta(description="等着做什么,比 state 细")]
    case: Annotated[str | None, Meta(description="案号")]
    category: Annotated[str | None, Meta(description="保密卷的事项只给承办调解员")]
    restricted: bool
    report_owed: bool
    confirmation: str
    sessions: Annotated[int, Meta(description="开过几次调解会")]
    owed: Annotated[int, Meta(description="约定了几项")]
    performed: int
    ended: str | None
    due_at: datetime | None
    limits: list[Running]
    mediators: Annotated[list[str], Meta(description="承办调解员,人员代号;只给调解委员会岗位")]
    names: Annotated[dict[str, str], Meta(description="当事人代号与称呼;只给承办调解员")]


class Beside(Struct, frozen=True):
    """What stands beside the rows of a list, by their numbers: `seated` for a desk, `people` for who mediates them."""

    limits: Mapping[str, list[Limit]]
    seated: Mapping[str, list[str]]
    people: Mapping[str, tuple[Known, ...]]


async def whose(room: Room, viewer: Viewer, book: MediationRules) -> Whose:
    """The list that somebody has by the post that they act as: a mediator's own cases, a desk's committee's."""
    place, kinds = seats(viewer, book)
    apart = await room.ask(lambda c: mediation_days.apart(c, room.sight(viewer)))
    return Whose(place, kinds, viewer.person if viewer.role == "mediator" else "", apart)


def seats(viewer: Viewer, book: MediationRules) -> tuple[str, tuple[Committee, ...]]:
    """Where a post's committees are, and of which kinds."""
    prefix, _, place = viewer.post.partition(":")
    mediates = viewer.role == "mediator"
    of = {kind: seat.mediator if mediates else seat.desk for kind, seat in book.seats.items()}
    return place, tuple(kind for kind, post in of.items() if post == prefix)


async def page(
    room: Room, mine: Whose, after: Place | None, limit: int, *, open_: bool
) -> tuple[list[MediationListed], Place | None]:
    """One page: open ones by what is due first, those that are filed newest first."""

    async def read(connection: AsyncConnection) -> tuple[list[Row], Place | None, Beside]:
        rows, last = await mediation_days.rows(connection, mine, (), after, limit, open_=open_)
        return rows, last, await beside(connection, mine, [one.number for one in rows])

    rows, last, found = await room.ask(read)
    names = await named(room, found.people)
    return [_listed(row, mine, found, names.get(row.number, {})) for row in rows], last


async def beside(connection: AsyncConnection, mine: Whose, numbers: Sequence[str]) -> Beside:
    """Each by its index."""
    people = await mediation_people.of(connection, numbers) if mine.person else {}
    seated = {} if mine.person else await mediation_days.seated(connection, numbers)
    return Beside(await mediation_days.limits(connection, numbers), seated, people)


async def named(room: Room, people: Mapping[str, tuple[Known, ...]]) -> dict[str, dict[str, str]]:
    """Number → party → name, with one look into the vault; who is not known yet, or erased, has none."""
    refs = sorted({one.ref for some in people.values() for one in some if one.ref and one.capacity == "party"})
    kept = dict(zip(refs, await room.vaults.read_all([(ref, None) for ref in refs]), strict=True)) if refs else {}
    return {
        number: {one.ident: (dossier.name if (dossier := kept.get(one.ref or "")) else "") or "" for one in some}
        for number, some in people.items()
    }


def _listed(row: Row, mine: Whose, found: Beside, names: Mapping[str, str]) -> MediationListed:
    return MediationListed(
        number=row.number,
        kind=row.kind,
        state=row.state,
        stage=row.stage,
        case=row.case,
        category=None if row.restricted and not mine.person else row.category,
        restricted=row.restricted,
        report_owed=row.report_owed,
        confirmation=row.confirmation,
        sessions=row.sessions,
        owed=row.owed,
        performed=row.performed,
        ended=row.reason,
        due_at=row.due_at,
        limits=[Running(one.duty, one.due_at, one.level) for one in found.limits.get(row.number, ())],
        mediators=list(found.seated.get(row.number, ())),
        names={ident: name for ident, name in names.items() if name},
    )
