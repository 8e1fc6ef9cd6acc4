"""When a flood comes to the door (洪峰): a sum is asked instead of a puzzle; who has none waits in a lane of floods."""

import ipaddress
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import digest
from secrets import randbelow
from typing import Any

import altcha.v2 as altcha
import msgspec
from litestar import Request

from huiyin.desk import Away
from huiyin.rules.public import Door
from huiyin.store import proofs
from huiyin.web.logins import network
from huiyin.web.problems import Problem
from huiyin.web.rates import Rates
from huiyin.web.room import Room
from huiyin.web.who import account

Req = Request[Any, Any, Any]

HEADER = "huiyin-proof"
EVERYBODY = ""
CALM, FLOOD = 0, 1  # the lanes
_LONGEST = 4_096  # characters of a proof


def where(request: Req) -> str:
    """The network that somebody calls from. A header says it only where a proxy of the deployer's stands before us:
    the public address is told, and the caller is a machine of ours; then the last entry, which that proxy wrote."""
    room: Room = request.app.state.room
    peer = request.client.host if request.client else ""
    said = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    return network(said if said and room.where.public_url and _inside(peer) else peer)


def _inside(peer: str) -> bool:
    try:
        return ipaddress.ip_address(peer).is_private
    except ValueError:
        return False


def looked(request: Req) -> None:
    """One more hint or name to choose; raises Problem where a network asks for too many."""
    room: Room = request.app.state.room
    most = room.public.door.look
    if room.rates.count("look", where(request), most) > most:
        raise Problem("too-many-complaints", headers={"Retry-After": "60"})


def asked(request: Req) -> bool:
    """Whether a network's browsers are asked for a sum now."""
    room: Room = request.app.state.room
    rules = room.public.door
    return room.rates.level("file", where(request), rules.free) > _free(room.rates, rules) - 1


def _free(rates: Rates, rules: Door) -> int:
    return rules.calm if rates.level("file", EVERYBODY, rules.house) > rules.house else rules.free


def admit(request: Req) -> None:
    """One more at the door, before it is read; raises Problem beyond the hard bound of its network."""
    room: Room = request.app.state.room
    most = room.public.door.hard
    if room.rates.count("hard", where(request), most) > most:
        raise Problem("too-many-complaints", headers={"Retry-After": "60"})


async def lane(request: Req, bound: str, proof: str) -> int:
    """The lane of one more complaint: the usual one as long as its network sends few, or with a sum that was worked
    out for `bound`. Nothing is refused here, and nothing dropped."""
    room: Room = request.app.state.room
    rules, here = room.public.door, where(request)
    if request.headers.get("authorization") and await account(request) is not None:
        return CALM
    few = room.rates.count("file", here, rules.free) <= _free(room.rates, rules)
    room.rates.count("file", EVERYBODY, rules.house)
    return CALM if few or await solved(room, bound, proof) else FLOOD


# -- the sum ----------------------------------------------------------------------------------------------


def challenge(room: Room, bound: str) -> dict[str, Any]:
    """A sum for one page (`bound`), signed, out of date after a while; deterministic: it takes a known time."""
    rules = room.public.door
    made = altcha.create_challenge(
        "PBKDF2/SHA-256",
        rules.cost,
        counter=rules.tries + randbelow(rules.tries // 2 + 1),
        expires_at=datetime.now(UTC) + timedelta(minutes=rules.minutes),
        data={"bound": _mark(bound)},
        hmac_secret=_key(room, b"sum"),
        hmac_key_secret=_key(room, b"sum's key"),
    )
    return dict(made.to_dict())


async def solved(room: Room, bound: str, proof: str) -> bool:
    """Whether a proof is of our own making, for this page, not out of date, right, and new. The library takes the same
    one twice, so those that were used are kept until they are out of date."""
    if not proof or len(proof) > _LONGEST:
        return False
    found = altcha.verify_solution(proof, _key(room, b"sum"), hmac_key_secret=_key(room, b"sum's key"))
    if not found.verified:
        return False
    said = _read(proof)
    if said.data.get("bound") != _mark(bound) or said.expiresAt is None:
        return False
    until = datetime.fromtimestamp(said.expiresAt, UTC)
    mark = sha256(f"{said.nonce}{said.salt}".encode()).digest()
    try:
        return not await room.write(lambda c: proofs.used(c, mark, datetime.now(UTC), until))
    except Away:
        return False


class _Parameters(msgspec.Struct):
    nonce: str
    salt: str
    data: dict[str, str] = {}
    expiresAt: int | None = None  # the library's name


class _Challenge(msgspec.Struct):
    parameters: _Parameters


class _Proof(msgspec.Struct):
    challenge: _Challenge


def _read(proof: str) -> _Parameters:
    """What was verified a moment ago, so it is there."""
    return msgspec.json.decode(b64decode(proof), type=_Proof).challenge.parameters


def _mark(bound: str) -> str:
    return sha256(bound.encode()).hexdigest()[:32]


def _key(room: Room, what: bytes) -> bytes:
    return digest(room.where.receipt_key, b"huiyin flood: " + what, "sha256")
