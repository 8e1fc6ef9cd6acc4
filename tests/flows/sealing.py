"""Whistle orders as a window sends them: every word of theirs lies in the vault, every picture too."""

import itertools
from typing import Any

import msgspec
from msgspec import Struct

from huiyin.core.whistle import Command
from huiyin.core.words import Actor, Sealed
from huiyin.orders import Order, Whistling
from huiyin.store import vault
from huiyin.store.pictures import Kept
from huiyin.store.vault import Seal

SEAL = Seal(b"m" * 32)
_refs = itertools.count(1)


def sealed(number: str, command: Command, said: bytes = b"words of somebody") -> Whistling:
    """The order with fresh words in the place of every reference; what a `pictures` refers to is a picture."""
    words: list[tuple[str, vault.Sealed]] = []
    pictures: list[Kept] = []
    return Whistling(number, _fresh(command, number, said, words, pictures, ""), tuple(words), tuple(pictures))


def _fresh(value: Any, number: str, said: bytes, words: list[Any], pictures: list[Kept], name: str) -> Any:
    if isinstance(value, Sealed):
        ref, kept = f"{number}/{next(_refs)}", SEAL.seal(said)
        if name == "pictures":
            pictures.append(Kept(ref, kept, b"small"))
        else:
            words.append((ref, kept))
        return Sealed(ref, kept.digest)
    if isinstance(value, tuple):
        return tuple(_fresh(one, number, said, words, pictures, name) for one in value)
    if isinstance(value, Struct):
        fields = msgspec.structs.asdict(value)
        made = {one: _fresh(part, number, said, words, pictures, one) for one, part in fields.items()}
        return msgspec.structs.replace(value, **made)
    return value


def order(number: str, command: Command, by: Actor, ident: str = "", source: str = "urn:test") -> Order:
    """Everything sealed, under a cause of its own."""
    cause = ident or f"sealed-{next(_refs)}"
    return Order(source, cause, by.post, sealed(number, command), role=by.role, person=by.person)
