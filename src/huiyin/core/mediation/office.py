"""A committee's office (调委会的事务): who sits in it, what mediators know, duty, rooms; steps and their folding."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TypeVar, assert_never

from msgspec import Struct
from msgspec.structs import replace

from huiyin.core.mediation.committee import Member

K = TypeVar("K")
V = TypeVar("V")

# People are opaque ids here. In no step is what committees and rooms are called (a room often after a person), nor for
# whom a member counts (妇女、人数较少民族): that is nobody's business for ever.


class Founded(Struct, frozen=True, tag_field="step", tag="committee.founded.v1"):
    """It is registered; `short` is what it calls itself in its case numbers, `mixed`: several peoples live there."""

    short: str
    mixed: bool


class Mended(Struct, frozen=True, tag_field="step", tag="committee.mended.v1"):
    """What is said of it is otherwise from now on; `renamed`: its full name, too."""

    short: str
    mixed: bool
    renamed: bool


class MemberAppointed(Struct, frozen=True, tag_field="step", tag="committee.member_appointed.v1"):
    """Elected from `since`, until `until` at the last; also one that was taken off by mistake."""

    person: str
    since: date
    until: date
    chair: bool


class MemberMended(Struct, frozen=True, tag_field="step", tag="committee.member_mended.v1"):
    """The same term with another end or office; `counted`: for whom they count is otherwise, too."""

    person: str
    since: date
    until: date
    chair: bool
    counted: bool


class MemberRemoved(Struct, frozen=True, tag_field="step", tag="committee.member_removed.v1"):
    """Entered by mistake: that term never was."""

    person: str
    since: date


class SpecialitiesChanged(Struct, frozen=True, tag_field="step", tag="committee.specialities_changed.v1"):
    """What a mediator of the register knows best, in the place of what stood there."""

    person: str
    best: tuple[str, ...]


class RosterChanged(Struct, frozen=True, tag_field="step", tag="committee.roster_changed.v1"):
    """Who is on duty on a day, in the place of who was."""

    day: date
    persons: tuple[str, ...]


class RoomOpened(Struct, frozen=True, tag_field="step", tag="committee.room_opened.v1"):
    """A room is there to be booked, for the first time or again."""

    place: str
    seats: int


class RoomMended(Struct, frozen=True, tag_field="step", tag="committee.room_mended.v1"):
    """Other seats, or (`renamed`) another name."""

    place: str
    seats: int
    renamed: bool


class RoomClosed(Struct, frozen=True, tag_field="step", tag="committee.room_closed.v1"):
    """Nobody books it any more; sessions that were held there stay where they were."""

    place: str


class RoomBooked(Struct, frozen=True, tag_field="step", tag="committee.room_booked.v1"):
    """A room for a session of a case, in the place of the one that it had."""

    place: str
    number: str
    session: int
    since: datetime
    until: datetime


class RoomReleased(Struct, frozen=True, tag_field="step", tag="committee.room_released.v1"):
    """By hand; the case's own steps say where a session is over or will not be."""

    place: str
    number: str
    session: int


Step = (
    Founded
    | Mended
    | MemberAppointed
    | MemberMended
    | MemberRemoved
    | SpecialitiesChanged
    | RosterChanged
    | RoomOpened
    | RoomMended
    | RoomClosed
    | RoomBooked
    | RoomReleased
)


# -- deciding ---------------------------------------------------------------------------------------------


def elected(was: Member | None, now: Member) -> list[MemberAppointed | MemberMended]:
    """The step of a member's term as it is from now on; none where it stands so already."""
    if was == now:
        return []
    if was is None:
        return [MemberAppointed(now.person, now.since, now.until, now.chair)]
    counted = (was.woman, was.minority) != (now.woman, now.minority)
    return [MemberMended(now.person, now.since, now.until, now.chair, counted)]


# -- folding ----------------------------------------------------------------------------------------------


class Office(Struct, frozen=True):
    """What the log says of a committee: members' terms (person, since → until, chair), rooms that are open (→ seats),
    days with somebody on duty."""

    short: str = ""
    mixed: bool = False
    members: Mapping[tuple[str, date], tuple[date, bool]] = {}
    rooms: Mapping[str, int] = {}
    roster: Mapping[date, frozenset[str]] = {}


def follow(office: Office, step: Step) -> Office:
    """The office after a step; bookings fold with their cases, specialities with their mediators: neither is here."""
    match step:
        case Founded() | Mended():
            return replace(office, short=step.short, mixed=step.mixed)
        case MemberAppointed() | MemberMended():
            return replace(office, members={**office.members, (step.person, step.since): (step.until, step.chair)})
        case MemberRemoved():
            return replace(office, members=_without(office.members, (step.person, step.since)))
        case RosterChanged():
            days = _without(office.roster, step.day)
            return replace(office, roster={**days, step.day: frozenset(step.persons)} if step.persons else days)
        case RoomOpened() | RoomMended():
            return replace(office, rooms={**office.rooms, step.place: step.seats})
        case RoomClosed():
            return replace(office, rooms=_without(office.rooms, step.place))
        case SpecialitiesChanged() | RoomBooked() | RoomReleased():
            return office
        case _:
            assert_never(step)


def _without(some: Mapping[K, V], key: K) -> dict[K, V]:
    return {one: value for one, value in some.items() if one != key}
