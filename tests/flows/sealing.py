"""Orders about whistles and mediations as windows send them: all words in the vault, every picture too."""

import itertools
import secrets
from typing import Any

import msgspec
from msgspec import Struct

from huiyin.core import mediation, whistle
from huiyin.core.words import Actor, Sealed
from huiyin.orders import Mediating, Order, Whistling
from huiyin.store import vault
from huiyin.store.mediation_people import Known
from huiyin.store.pictures import Kept
from huiyin.store.vault import Seal

SEAL = Seal(b"m" * 32)
SAID = b"words of somebody"
_causes = itertools.count(1)


class Pen:
    """Puts fresh words in the place of every reference of a command; what a `pictures` refers to is a picture."""

    def __init__(self, seal: Seal = SEAL, said: bytes = SAID) -> None:
        self._seal, self._said = seal, said
        self._words: list[tuple[str, vault.Sealed]] = []
        self._pictures: list[Kept] = []

    def order(
        self, number: str, command: whistle.Command, by: Actor, ident: str = "", source: str = "urn:test"
    ) -> Order:
        """Everything sealed, under a cause of its own."""
        return self._order(Whistling, number, command, by, ident, source)

    def mediating(
        self, number: str, command: mediation.Command, by: Actor, ident: str = "", people: tuple[Known, ...] = ()
    ) -> Order:
        """The same for a mediation."""
        made = self._order(Mediating, number, command, by, ident, "urn:test")
        return msgspec.structs.replace(made, what=msgspec.structs.replace(made.what, people=people))  # type: ignore[type-var]

    def _order(self, shape: Any, number: str, command: Any, by: Actor, ident: str, source: str) -> Order:
        self._words, self._pictures = [], []
        made = self._fresh(command, number, "")
        what = shape(number, made, tuple(self._words), tuple(self._pictures))
        return Order(source, ident or f"sealed-{next(_causes)}", by.post, what, role=by.role, person=by.person)

    def _fresh(self, value: Any, number: str, name: str) -> Any:
        if isinstance(value, Sealed):
            ref, kept = f"{number}/{secrets.token_hex(8)}", self._seal.seal(self._said)
            if name == "pictures":
                self._pictures.append(Kept(ref, kept, b"small"))
            else:
                self._words.append((ref, kept))
            return Sealed(ref, kept.digest)
        if isinstance(value, tuple):
            return tuple(self._fresh(one, number, name) for one in value)
        if isinstance(value, Struct):
            parts = msgspec.structs.asdict(value)
            made = {one: self._fresh(part, number, one) for one, part in parts.items()}
            return msgspec.structs.replace(value, **made)
        return value


order = Pen().order
