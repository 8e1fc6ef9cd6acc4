"""The vault (身份保管库): names, phones, rooms and free text, sealed with a key of their own each."""

import hmac
import os
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct

from huiyin.store.database import Driver

_NONCE = 12
_ZERO = bytes(_NONCE)  # a record's own key seals one message only, so its nonce may be fixed


class Dossier(Struct, frozen=True, omit_defaults=True):
    """What the resident wrote and who they are. Never leaves the vault but through a logged read."""

    text: str
    title: str | None = None
    place: Any = None
    name: str | None = None
    phone: str | None = None
    anonymous: bool | None = None


class Sealed(Struct, frozen=True):
    """One encrypted record: `key` is its own AES-256 key, wrapped with the master key; `body` the ciphertext."""

    key: bytes
    body: bytes
    person: bytes | None = None

    @property
    def digest(self) -> str:
        """Hex SHA-256 of the ciphertext: what the log commits to."""
        return sha256(self.body).hexdigest()


class Seal:
    """Seals and opens with a 32-byte master key from `secrets/vault.key`."""

    def __init__(self, master: bytes) -> None:
        self._wrap = AESGCM(sha256(b"huiyin wrap" + master).digest())
        self._person = sha256(b"huiyin person" + master).digest()

    def seal(self, plain: bytes, person: str | None = None) -> Sealed:
        """Encrypt with a fresh key. `person` (a phone number) is kept as a keyed hash only."""
        fresh = os.urandom(32 + _NONCE)
        key, nonce = fresh[:32], fresh[32:]
        wrapped = nonce + self._wrap.encrypt(nonce, key, None)
        mark = hmac.digest(self._person, person.encode("utf-8", "surrogatepass"), "sha256") if person else None
        return Sealed(wrapped, AESGCM(key).encrypt(_ZERO, plain, None), mark)

    def open(self, sealed: Sealed) -> bytes:
        """Decrypt; raises cryptography's InvalidTag where a byte was changed or the master key is another."""
        key = self._wrap.decrypt(sealed.key[:_NONCE], sealed.key[_NONCE:], None)
        return AESGCM(key).decrypt(_ZERO, sealed.body, None)


encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(Dossier).decode

DOSSIER_COLUMNS = ("ref", "person", "key", "body", "at")


async def write(connection: Driver, rows: Sequence[tuple[str, Sealed]], at: datetime) -> None:
    """Store dossiers under their refs; one COPY."""
    if rows:
        await connection.copy_records_to_table(
            "dossiers",
            schema_name="vault",
            columns=DOSSIER_COLUMNS,
            records=[(ref, sealed.person, sealed.key, sealed.body, at) for ref, sealed in rows],
        )
