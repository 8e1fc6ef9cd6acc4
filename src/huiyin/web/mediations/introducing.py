"""Whom an order brings into a case (代理人、代表人、受邀人): who they are into the vault, an opaque id into the log."""

import secrets
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from huiyin.store import vault
from huiyin.store.mediation_people import Known
from huiyin.web.mediations import parties
from huiyin.web.mediations.refusals import problem
from huiyin.web.room import Room


class Way(Struct, frozen=True):
    """How an order names people: in what capacity, with which letter their ids begin, in which of its fields."""

    capacity: str
    letter: str
    field: str
    many: bool = False


WAYS = {
    "empower": Way("agent", "a", "agent"),
    "represent": Way("representative", "r", "persons", many=True),
    "invite": Way("helper", "h", "person"),
}


class Brought(Struct, frozen=True):
    """What goes with an order: its command's field, records of people and where they are."""

    fields: dict[str, Any] = {}
    people: tuple[Known, ...] = ()
    sealed: tuple[tuple[str, vault.Sealed], ...] = ()


async def brought(room: Room, number: str, name: str, body: Struct, known: Sequence[Known], party: str = "") -> Brought:
    """Those whom an order names by name, and those of the case whom it names by id; raises Problem for an id that is
    nobody's. `party` is whose side they are on."""
    way = WAYS.get(name)
    if way is None:
        return Brought()
    there = {one.ident for one in known if one.capacity == way.capacity and one.side == party}
    ids, people, sealed = [one for one in _listed(getattr(body, way.field)) if one], [], []
    if not there.issuperset(ids):
        raise problem("nobody-named")
    line = next((one for one in known if one.ident == party), Known(party))
    for who in _listed(body.who):  # type: ignore[attr-defined]  # each of WAYS has it
        fresh = Known(f"{way.letter}{secrets.token_hex(4)}", way.capacity, party, applicant=line.applicant)
        one, kept = await parties.known_as(room, number, fresh, who)
        ids.append(one.ident)
        people.append(one)
        sealed.append(kept)
    value = tuple(ids) if way.many else next(iter(ids), "")
    return Brought({way.field: value}, tuple(people), tuple(sealed))


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, tuple) else [value]
