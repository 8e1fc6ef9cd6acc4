"""Canonical bytes and the per-noun hash chain: what a log row is, and how anyone can check it."""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec
from msgspec import Struct


class Leaf(Struct, frozen=True):
    """One step as it is hashed. Its JSON bytes are stored as they are and never made again.

    `at` is aware UTC, `prev` the hex SHA-256 of the same noun's previous leaf ("" for the first), `actor` a
    post and not a person, `cause` the message or request behind it, `rules` the rulebook version.
    """

    v: int
    noun: str
    id: str
    version: int
    actor: str
    cause: str
    at: datetime
    rules: str
    prev: str
    data: Any


class RawLeaf(Struct, frozen=True):
    """A leaf read back without knowing its step; `data` keeps the very bytes."""

    v: int
    noun: str
    id: str
    version: int
    actor: str
    cause: str
    at: datetime
    rules: str
    prev: str
    data: msgspec.Raw


class Broken(Struct, frozen=True):
    """A place where the chain does not hold; `why` is a stable code."""

    noun: str
    id: str
    version: int
    why: str


_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder(RawLeaf).decode


def seal(leaf: Leaf) -> tuple[bytes, bytes]:
    """The canonical bytes of a leaf and their SHA-256 (32 bytes)."""
    body = _encode(leaf)
    return body, sha256(body).digest()


def read(body: bytes) -> RawLeaf:
    """A stored leaf; raises msgspec.DecodeError for bytes that are none."""
    return _decode(body)


def check(rows: Iterable[tuple[str, str, int, bytes, bytes, bytes]]) -> Iterable[Broken]:
    """Walk (noun, id, version, prev, hash, body) ordered by noun, id, version and name every break."""
    chain: tuple[str, str] | None = None
    version, last = 0, b""
    for noun, ident, number, prev, digest, body in rows:
        if (noun, ident) != chain:
            chain, version, last = (noun, ident), 0, b""
        for why in _faults(noun, ident, number, prev, digest, body, version + 1, last):
            yield Broken(noun, ident, number, why)
        version, last = number, digest


def _faults(
    noun: str, ident: str, number: int, prev: bytes, digest: bytes, body: bytes, expected: int, last: bytes
) -> Iterable[str]:
    if number != expected:
        yield "version-gap"
    if sha256(body).digest() != digest:
        yield "body-changed"
    if prev != last:
        yield "link-broken"
    try:
        leaf = read(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        yield "unreadable"
        return
    if (leaf.noun, leaf.id, leaf.version, leaf.prev) != (noun, ident, number, prev.hex()):
        yield "columns-differ"
