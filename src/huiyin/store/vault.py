"""The vault (身份保管库): names, phones, rooms and free text, sealed with a key of their own each."""

import hmac
import os
import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Any

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.store.database import Driver

_NONCE = 12
_ZERO = bytes(_NONCE)  # a record's own key seals one message under it, so it may be fixed
_ONE = bytes(_NONCE - 1) + b"\1"  # and one beside it


class Particulars(Struct, frozen=True, omit_defaults=True):
    """What forms ask of a person or an organisation besides name and home; `head` is who an organisation acts by."""

    sex: str = ""
    ethnicity: str = ""
    born: date | None = None
    occupation: str = ""
    id_number: str = ""
    head: str = ""


class Dossier(Struct, frozen=True, omit_defaults=True):
    """What the resident wrote and who they are. Never leaves the vault but through a logged read."""

    text: str
    title: str | None = None
    place: Any = None
    name: str | None = None
    phone: str | None = None
    anonymous: bool | None = None
    particulars: Particulars | None = None


class Sealed(Struct, frozen=True):
    """One encrypted record: `key` is its own AES-256 key, wrapped with the master key; `body` the ciphertext."""

    key: bytes
    body: bytes
    person: bytes | None = None
    household: bytes | None = None

    @property
    def digest(self) -> str:
        """Hex SHA-256 of the ciphertext: what the log commits to."""
        return sha256(self.body).hexdigest()


class Seal:
    """Seals and opens with a 32-byte master key from `secrets/vault.key`."""

    def __init__(self, master: bytes) -> None:
        self._wrap = AESGCM(sha256(b"huiyin wrap" + master).digest())
        self._person = sha256(b"huiyin person" + master).digest()
        self._household = sha256(b"huiyin household" + master).digest()
        self._worker = sha256(b"huiyin worker" + master).digest()

    def seal(self, plain: bytes, person: str | None = None) -> Sealed:
        """Encrypt with a fresh key. `person` (a phone number) is kept as a keyed hash only."""
        fresh = os.urandom(32 + _NONCE)
        key, nonce = fresh[:32], fresh[32:]
        wrapped = nonce + self._wrap.encrypt(nonce, key, None)
        return Sealed(wrapped, AESGCM(key).encrypt(_ZERO, plain, None), self.mark(person) if person else None)

    def mark(self, phone: str) -> bytes:
        """The keyed hash of a phone number, however it is written: +86, spaces and dashes do not count."""
        digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", phone))
        plain = re.sub(r"^(0086|86)(?=1\d{10}$)", "", digits) or phone
        return hmac.digest(self._person, plain.encode("utf-8", "surrogatepass"), "sha256")

    def household(self, building_code: str, room: str) -> bytes:
        """The keyed hash of a home; full-width or lower-case writing and 室, 号, 房 behind it do not count."""
        plain = "/".join(_plain(part) for part in (building_code, room))
        return hmac.digest(self._household, plain.encode("utf-8", "surrogatepass"), "sha256")

    def worker(self, post: str, who: str) -> str:
        """An opaque code of somebody of a department, from the name or work number that it gives; spaces and width do
        not count. Of another department it is another one: nobody is followed from post to post by it."""
        plain = "".join(unicodedata.normalize("NFKC", who).casefold().split())
        whole = "\0".join((post, plain or who)).encode("utf-8", "surrogatepass")
        return f"w-{hmac.digest(self._worker, whole, 'sha256').hex()[:20]}"

    def open(self, sealed: Sealed) -> bytes:
        """Decrypt; raises cryptography's InvalidTag where a byte was changed or the master key is another."""
        return AESGCM(self._own(sealed)).decrypt(_ZERO, sealed.body, None)

    def beside(self, sealed: Sealed, plain: bytes) -> bytes:
        """Encrypt one more message under a record's own key: it is gone when the record is."""
        return AESGCM(self._own(sealed)).encrypt(_ONE, plain, None)

    def open_beside(self, sealed: Sealed) -> bytes:
        """Decrypt a body that `beside` made; raises as `open` does."""
        return AESGCM(self._own(sealed)).decrypt(_ONE, sealed.body, None)

    def _own(self, sealed: Sealed) -> bytes:
        return self._wrap.decrypt(sealed.key[:_NONCE], sealed.key[_NONCE:], None)


def _plain(part: str) -> str:
    return re.sub(r"[室号房]+$", "", re.sub(r"\s", "", unicodedata.normalize("NFKC", part)).upper())


encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(Dossier).decode

DOSSIER_COLUMNS = ("ref", "person", "household", "key", "body", "at")


async def write(connection: Driver, rows: Sequence[tuple[str, Sealed]], at: datetime) -> None:
    """Store dossiers under their refs; one COPY."""
    if rows:
        await connection.copy_records_to_table(
            "dossiers",
            schema_name="vault",
            columns=DOSSIER_COLUMNS,
            records=[(ref, sealed.person, sealed.household, sealed.key, sealed.body, at) for ref, sealed in rows],
        )


async def kept(connection: AsyncConnection, ref: str) -> Sealed | None:
    """A record as it lies there (the vault's role only); None where it was erased, or is not there."""
    row = (await connection.execute(_KEPT, {"ref": ref})).first()
    return Sealed(bytes(row[0]), bytes(row[1])) if row else None


async def all_kept(connection: AsyncConnection, refs: Sequence[str]) -> dict[str, Sealed]:
    """The same for several records in one look; those that are not there are left out."""
    rows = await connection.execute(_ALL_KEPT, {"refs": list(refs)})
    return {ref: Sealed(bytes(key), bytes(body)) for ref, key, body in rows}


_ALL_KEPT = text("SELECT ref, key, body FROM vault.dossiers WHERE ref = ANY(:refs) AND key IS NOT NULL")
_KEPT = text("SELECT key, body FROM vault.dossiers WHERE ref = :ref AND key IS NOT NULL")
