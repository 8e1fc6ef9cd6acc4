"""Seals people's words (密封) the moment they come in: what is decided and logged sees a reference and a hash."""

import secrets

from huiyin.core import words
from huiyin.store import vault
from huiyin.web.bodies import WORDS, missing
from huiyin.web.problems import Problem


class Pen:
    """The words of one order about one ticket; `kept` goes to the desk with it."""

    def __init__(self, seal: vault.Seal, number: str) -> None:
        self._seal, self._number = seal, number
        self.kept: list[tuple[str, vault.Sealed]] = []

    def perhaps(self, *parts: str | None) -> words.Sealed | None:
        """The words as one record, under a name of its own; None where nothing was said."""
        said = "\n".join(part.strip() for part in parts if part and part.strip())
        if not said:
            return None
        if len(said) > WORDS:
            raise Problem("text-too-long", field="text")
        ref = f"{self._number}/{secrets.token_hex(8)}"
        sealed = self._seal.seal(vault.encode(vault.Dossier(text=said)))
        self.kept.append((ref, sealed))
        return words.Sealed(ref, sealed.digest)

    def write(self, field: str, *parts: str | None) -> words.Sealed:
        """The same where something has to be said: else the field is missing."""
        sealed = self.perhaps(*parts)
        if sealed is None:
            raise missing(field)
        return sealed
