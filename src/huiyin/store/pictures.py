"""Pictures (照片) in the vault: each sealed with a key of its own, under a name that says nothing."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.words import Sealed as Word
from huiyin.store import vault
from huiyin.store.database import Driver

Size = Literal["full", "small"]


class Picture(Struct, frozen=True):
    """One that was developed: JPEG, and a small one; `origin` is the SHA-256 of what it was made from."""

    full: bytes
    small: bytes
    origin: bytes


class Kept(Struct, frozen=True):
    """One as it lies in the vault: both sizes go when the key goes."""

    ref: str
    sealed: vault.Sealed
    small: bytes

    @property
    def word(self) -> Word:
        """What the log says of it."""
        return Word(self.ref, self.sealed.digest)


def sealed(seal: vault.Seal, pictures: Sequence[Picture], phone: str | None = None) -> tuple[Kept, ...]:
    """Some pictures that came together, in their order; `phone` finds them again to erase a person."""
    name = secrets.token_hex(12)
    found = []
    for i, picture in enumerate(pictures, 1):
        full = seal.seal(picture.full, phone)
        found.append(Kept(f"{name}-{i}", full, seal.beside(full, picture.small)))
    return tuple(found)


COLUMNS = ("ref", "person", "key", "body", "small", "digest", "at")


async def write(connection: Driver, rows: Sequence[Kept], at: datetime) -> None:
    """Keep pictures; only the desk calls this (a law test looks)."""
    if rows:
        await connection.copy_records_to_table(
            "pictures",
            schema_name="vault",
            columns=COLUMNS,
            records=[
                (one.ref, one.sealed.person, one.sealed.key, one.sealed.body, one.small, one.sealed.digest, at)
                for one in rows
            ],
        )


async def of_events(connection: Driver, event_ids: Sequence[str]) -> dict[str, tuple[Word, ...]]:
    """The pictures that came over the doorstep with some complaints."""
    found: dict[str, tuple[Word, ...]] = {}
    for event_id, ref, digest in await connection.fetch(_OF_EVENTS, list(event_ids)):
        found[event_id] = (*found.get(event_id, ()), Word(ref, digest))
    return found


_OF_EVENTS = "SELECT event_id, ref, digest FROM vault.pictures WHERE event_id = ANY($1) ORDER BY ref"


async def kept(connection: AsyncConnection, ref: str, size: Size) -> vault.Sealed | None:
    """A picture as it lies there (the vault's role only); None where it was erased, or is not there."""
    row = (await connection.execute(_KEPT[size], {"ref": ref})).first()
    return vault.Sealed(bytes(row[0]), bytes(row[1])) if row else None


_KEPT = {
    "full": text("SELECT key, body FROM vault.pictures WHERE ref = :ref AND key IS NOT NULL"),
    "small": text("SELECT key, small FROM vault.pictures WHERE ref = :ref AND key IS NOT NULL"),
}
