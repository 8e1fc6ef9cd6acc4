"""Who the parties are (当事人): their records into the vault, opaque ids for the log, a code of their own for each."""

import secrets
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core import receipt as receipts
from huiyin.core.mediation.kinds import Side
from huiyin.store import mediation_people, vault
from huiyin.store.mediation_people import Known
from huiyin.web import named
from huiyin.web.mediations import particulars
from huiyin.web.mediations.bodies import Companion, Identity, Who
from huiyin.web.problems import Problem
from huiyin.web.room import Room

_CODES = 10**15


class Named(Struct, frozen=True):
    """The parties of a new mediation: what the log names them as, who they are, their records."""

    sides: tuple[Side, ...]
    people: tuple[Known, ...]
    sealed: tuple[tuple[str, vault.Sealed], ...]


async def named_as(room: Room, number: str, some: Sequence[Who], first: int = 1) -> Named:
    """Records of some parties, numbered from `first` on; raises Problem for a home or a post that is not there."""
    sides, people, sealed = [], [], []
    for n, who in enumerate(some, first):
        known, kept = await known_as(room, number, Known(f"p{n}", applicant=who.applicant), who)
        sides.append(Side(known.ident, who.kind, who.applicant))
        people.append(known)
        sealed.append(kept)
    return Named(tuple(sides), tuple(people), tuple(sealed))


async def known_as(room: Room, number: str, before: Known, who: Identity) -> tuple[Known, tuple[str, vault.Sealed]]:
    """Somebody as they are known from now on, and their new record under its name."""
    ref = f"{number}/{secrets.token_hex(8)}"
    post = named.post(who.organisation, await room.rules()) if who.organisation else before.organisation
    return replace(before, ref=ref, organisation=post), (ref, await _record(room, who))


async def _record(room: Room, who: Identity) -> vault.Sealed:
    home = {"building_code": who.building_code, "room": who.room} if who.room else None
    relation = who.relation if isinstance(who, Companion) else ""
    more = particulars.of(who)
    dossier = vault.Dossier(text=relation, place=home, name=who.name, phone=who.phone, particulars=more)
    sealed = room.seal.seal(vault.encode(dossier), who.phone)
    if who.room is None:
        return sealed
    if who.building_code not in (await room.rules()).registry.buildings:
        raise Problem("unknown-building")
    assert who.building_code is not None
    return replace(sealed, household=room.seal.household(who.building_code, who.room))


async def completed(room: Room, before: Known, who: Identity) -> Identity:
    """Who says the same name again means the same person: what is left out stays as it was known. Another name is
    another person, of whom nothing is known but what is said."""
    kept = await room.vaults.read(before.ref) if before.ref else None
    if kept is None or kept.name != who.name:
        return who
    fresh = particulars.completed(replace(who, phone=who.phone or kept.phone), kept.particulars)
    place = kept.place if isinstance(kept.place, dict) else {}
    building, home = place.get("building_code"), place.get("room")
    if who.room or not home or building not in (await room.rules()).registry.buildings:
        return fresh
    return replace(fresh, building_code=building, room=home)


async def codes_for(room: Room, number: str, those: Sequence[str]) -> dict[str, str]:
    """A first code for each party that has none, to be handed over once; whoever has one is left out."""
    made = {party: new_code() for party in those}

    async def write(connection: AsyncConnection) -> list[str]:
        at = room.clock()
        admit = mediation_people.admit
        return [party for party, code in made.items() if await admit(connection, number, party, code, at)]

    return {party: receipts.show(made[party]) for party in await room.write(write)}


def new_code() -> int:
    """Fifteen digits by chance, as `receipts.show` writes them."""
    return secrets.randbelow(_CODES)


async def who_holds(room: Room, code: str) -> tuple[str, str]:
    """(mediation, party) of a code however it was typed; raises Problem."""
    value = receipts.read(code)
    if value is None:
        raise Problem("receipt-mistyped")
    found = await room.ask(lambda c: mediation_people.by_code(c, value))
    if found is None:
        raise Problem("unknown-receipt")
    return found
