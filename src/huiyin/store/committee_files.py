"""Mediation committees as CSV files beside a registry's (committees.csv …): none is invented, nothing half read."""

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import get_args

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.mediation.committee import Member
from huiyin.core.mediation.kinds import Committee
from huiyin.core.registry import Registry
from huiyin.store import accounts, bookings, committees
from huiyin.store.bookings import Room
from huiyin.store.committees import Body
from huiyin.store.registry_files import BadRegistry, Fault, Fields, Reading, Sheet, Wrong, count_of, name_of, one_of

_COMMITTEES = Sheet(
    "committees.csv",
    "调解委员会",
    ("committee_code", "kind", "short", "committee", "mixed"),
    may_be_empty=False,
    keys=2,
)
_MEMBERS = Sheet(
    "committee_members.csv",
    "委员",
    ("committee_code", "kind", "username", "since", "until", "chair", "woman", "minority"),
    keys=4,
)
_ROOMS = Sheet("mediation_rooms.csv", "调解室", ("room_code", "committee_code", "kind", "room", "seats"))
_SHORT = re.compile(r"[\w]{1,16}")  # stands in every case number; no brackets, no blanks
_YES = {"yes": True, "no": False, "": False}
SEATS = range(1, 1000)


class Seat(Struct, frozen=True):
    """A member by user name, of a committee by its key."""

    committee: str
    username: str
    member: Member
    line: str


class Committees(Struct, frozen=True):
    """What the files say; empty where there are none."""

    bodies: Mapping[str, Body] = {}
    seats: tuple[Seat, ...] = ()
    rooms: tuple[Room, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many of what; nothing where there were no files."""
        said = {"调解委员会": len(self.bodies), "委员": len(self.seats), "调解室": len(self.rooms)}
        return said if self.bodies else {}


def read_committees(folder: Path, registry: Registry) -> Committees:
    """The committees of `folder`, all three files optional, the first before the others; raises BadRegistry."""
    there = [sheet for sheet in (_COMMITTEES, _MEMBERS, _ROOMS) if (folder / sheet.file).exists()]
    if not there:
        return Committees()
    reading = Reading(folder)
    bodies = reading.rows(_COMMITTEES, lambda fields: _body(fields, registry))
    _shorts(reading, bodies)
    seats = reading.rows(_MEMBERS, lambda fields: _seat(reading, fields, bodies)) if _MEMBERS in there else {}
    rooms = reading.rows(_ROOMS, lambda fields: _room(reading, fields, bodies)) if _ROOMS in there else {}
    if reading.faults:
        raise BadRegistry(reading.faults)
    return Committees(bodies, tuple(seats.values()), tuple(rooms.values()))


def _body(fields: Fields, registry: Registry) -> Body:
    code, kind = fields["committee_code"], one_of(fields, "kind", get_args(Committee))
    places = {"residents": ("社区",), "street": ("街道",), "property": ("社区", "街道")}[kind]
    known = {"社区": {*registry.communities}, "街道": {*registry.streets}}
    if not any(code in known[place] for place in places):
        raise Wrong(f"登记册里没有{'或'.join(places)} {code}")
    if not _SHORT.fullmatch(fields["short"]):
        raise Wrong("short 是案号里的简称,须为 1 至 16 个文字或数字,不含空格和括号")
    return Body(code, kind, fields["short"], name_of(fields, "committee"), _yes(fields, "mixed"))


def _shorts(reading: Reading, bodies: Mapping[str, Body]) -> None:
    """A short name stands for one committee alone: else two would give the same case number."""
    first: dict[str, str] = {}
    for key, one in bodies.items():
        if first.setdefault(one.short, key) != key:
            reading.faults.append(Fault(_COMMITTEES.file, 0, f"简称 {one.short} 用了两次:{first[one.short]} 和 {key}"))


def _seat(reading: Reading, fields: Fields, bodies: Mapping[str, Body]) -> Seat:
    body = reading.find(_COMMITTEES, _key(fields), bodies)
    since, until = _day(fields, "since"), _day(fields, "until")
    if until <= since:
        raise Wrong("until 须晚于 since")
    marks = (_yes(fields, name) for name in ("chair", "woman", "minority"))
    name = name_of(fields, "username")
    return Seat(f"{body.committee}/{body.kind}", name, Member("", since, until, *marks), _MEMBERS.key(fields))


def _room(reading: Reading, fields: Fields, bodies: Mapping[str, Body]) -> Room:
    body = reading.find(_COMMITTEES, _key(fields), bodies)
    seats = count_of(fields, "seats")
    if seats not in SEATS:
        raise Wrong(f"seats 须在 {SEATS.start} 至 {SEATS.stop - 1} 之间")
    return Room(fields["room_code"], body.committee, body.kind, name_of(fields, "room"), seats)


def _key(fields: Fields) -> str:
    return f"{fields['committee_code']}/{fields['kind']}"


def _yes(fields: Fields, column: str) -> bool:
    if fields[column] not in _YES:
        raise Wrong(f"{column} 须为 yes、no 之一,实为“{fields[column][:20]}”")
    return _YES[fields[column]]


def _day(fields: Fields, column: str) -> date:
    try:
        return date.fromisoformat(fields[column])
    except ValueError:
        raise Wrong(f"{column} 须为日期,如 2026-03-31,实为“{fields[column][:20]}”") from None


# -- what stands already ----------------------------------------------------------------------------------


async def settled(connection: AsyncConnection, found: Committees) -> Committees:
    """The same with persons in the place of user names, before it is written.

    Raises BadRegistry for a member without an account, another short name than numbers were given under, and another
    committee's room."""
    persons = await accounts.persons(connection, sorted({one.username for one in found.seats}))
    faults = [
        Fault(_MEMBERS.file, 0, f"没有账号 {one.username}({one.line});请先用 huiyin user add 建立")
        for one in found.seats
        if one.username not in persons
    ]
    faults += await _renamed(connection, found) + await _moved(connection, found)
    if faults:
        raise BadRegistry(faults)
    seats = (replace(one, member=replace(one.member, person=persons[one.username])) for one in found.seats)
    return replace(found, seats=tuple(seats))


async def _renamed(connection: AsyncConnection, found: Committees) -> list[Fault]:
    """Whose short name would change, though its numbers bear the old one; whose is another committee's."""
    known = await committees.known(connection)
    mine = {(one.committee, one.kind): one for one in found.bodies.values()}
    faults = []
    for was in known:
        now = mine.get((was.committee, was.kind))
        if now is not None and now.short != was.short and await committees.numbered(connection, was):
            faults.append(Fault(_COMMITTEES.file, 0, f"{was.called} 已经用简称 {was.short} 编了案号,不能再改"))
        if any(one.short == was.short and key != (was.committee, was.kind) for key, one in mine.items()):
            faults.append(Fault(_COMMITTEES.file, 0, f"简称 {was.short} 已经是 {was.called} 的"))
    return faults


async def _moved(connection: AsyncConnection, found: Committees) -> list[Fault]:
    """Which rooms are another committee's already: whatever is booked there is booked in its office."""
    kept = await bookings.owned(connection, [one.room for one in found.rooms])
    return [
        Fault(_ROOMS.file, 0, f"调解室 {one.room} 已经是 {was.committee}/{was.kind} 的,请换一个 room_code")
        for one in found.rooms
        if (was := kept.get(one.room)) and (was.committee, was.kind) != (one.committee, one.kind)
    ]
