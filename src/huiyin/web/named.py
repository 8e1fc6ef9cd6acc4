"""Whom and what an order names (指名): persons, posts, homes and places become codes and keyed hashes at once."""

import re
from datetime import datetime

from huiyin.core.staff import Party
from huiyin.core.ticket import Rules, Ticket
from huiyin.store import people
from huiyin.web.bodies import Kin, missing, wrong
from huiyin.web.problems import Problem
from huiyin.web.room import Room

_OPAQUE = re.compile(r"p-[a-z2-7]{8}")
# What a dissuasion's place may be called in the log: numbers of buildings and entrances, and where anybody may be.
_PUBLIC = re.compile(
    r"(?:[0-9一二三四五六七八九十]{1,3}(?:栋|号楼|单元|层)|小区|院|楼|门口|楼道|楼梯间?|过道|走廊|大厅|电梯间?|屋顶|天台|"
    r"地下|车库|停车场|车棚|广场|花园|绿地|健身区|活动室|球场|游乐场|消防通道|垃圾站|商铺|工地|道路|大门|内|外|旁|前|后|的|、)+"
)


async def person(room: Room, named: str, at: datetime) -> str:
    """The opaque id of a user name or of itself; raises Problem."""
    if _OPAQUE.fullmatch(named):
        return named
    found = await room.ask(lambda c: people.person_of(c, named, at))
    if not found.id:
        raise Problem("unknown-person")
    return found.id


def post(code: str, rules: Rules) -> str:
    """A post code of this city; raises Problem. What goes into the log is never just anybody's words."""
    prefix, _, place = code.partition(":")
    if place not in _places(rules).get(prefix, frozenset()):
        raise Problem("unknown-post")
    return code


def _places(rules: Rules) -> dict[str, frozenset[str]]:
    known = rules.registry
    codes = {
        "building": frozenset(known.buildings),
        "estate": frozenset(known.estates),
        "grid": frozenset(known.grids),
        "community": frozenset(known.communities),
        "street": frozenset(known.streets),
        "district": frozenset(one.district for one in known.streets.values()),
    }
    rungs = rules.ladder.rungs.values()
    found = {one.prefix: codes[one.seat] for rule in rungs for one in rule.stand_ins}
    found |= {rule.prefix: codes[rule.seat] for rule in rungs}
    departments = frozenset(name for entry in rules.catalogue.entries.values() for name in entry.departments)
    return found | {
        "grid": codes["grid"],
        "mediator": codes["community"],
        "street_leader": codes["street"],
        "department": departments,
    }


async def party(room: Room, kin: Kin, at: datetime) -> Party:
    """A party by keyed hashes and codes only; raises Problem unless exactly one way of naming it is used."""
    ways = [name for name in ("username", "phone", "building_code", "organisation") if getattr(kin, name)]
    if not ways:
        raise missing("room" if kin.room else "username")
    if len(ways) > 1:
        raise wrong(ways[1], "只能用一种方式指明当事人")
    if kin.username:
        return Party(kin.role, person=await person(room, kin.username, at))
    if kin.phone:
        if len(re.sub(r"\D", "", kin.phone)) < 5:
            raise wrong("phone")
        return Party(kin.role, phone=room.seal.mark(kin.phone))
    rules = await room.rules()
    if kin.organisation:
        return Party(kin.role, organisation=post(kin.organisation, rules))
    return _home(room, rules, kin)


def _home(room: Room, rules: Rules, kin: Kin) -> Party:
    if not kin.room:
        raise missing("room")
    if kin.building_code is None or kin.building_code not in rules.registry.buildings:
        raise Problem("unknown-building")
    return Party(kin.role, household=room.seal.household(kin.building_code, kin.room))


def place(words: str | None, ticket: Ticket, rules: Rules) -> tuple[str, str | None]:
    """What the log may say of a place, and what has to be sealed: a code or public words stay, all else is replaced by
    the ticket's own building or grid."""
    spot = ticket.spot
    own = spot.building_code or spot.grid_code or spot.community_code or "-"
    if words is None:
        return own, None
    words = words.strip()
    known = rules.registry
    registered = (known.buildings, known.estates, known.grids, known.communities, known.streets)
    if any(words in some for some in registered) or _PUBLIC.fullmatch(words):
        return words, None
    return own, words
