"""The windows' way into the vault (身份保管库): one record at a time, with the vault's own database role."""

from collections.abc import Awaitable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from cryptography.exceptions import InvalidTag
from nats.aio.client import Client
from sqlalchemy.ext.asyncio import AsyncEngine

from huiyin.bus.again import send_again
from huiyin.store import dead, pictures, vault
from huiyin.store.database import connect
from huiyin.store.dead import Listed, Message
from huiyin.store.vault import Dossier, Seal, Sealed

T = TypeVar("T")


class Patience(Protocol):
    """Waits for the database as long as a window may; raises Away after that."""

    def __call__(self, work: Awaitable[T], /) -> Awaitable[T]: ...


class Vaults:
    """Opens what was sealed; whoever asks has looked before whether they may."""

    def __init__(self, url: str, seal: Seal, patiently: Patience) -> None:
        self._engine: AsyncEngine = connect(
            url, name="web-vault", size=4, statement_timeout_ms=1_500, command_timeout=2
        )
        self._seal, self._patiently = seal, patiently

    async def close(self) -> None:
        """Leave."""
        await self._engine.dispose()

    async def read(self, ref: str, digest: str | None = None) -> Dossier | None:
        """The record of a name; None where it was erased, is not there, or is not what the log's `digest` says.

        Raises Away where the database does not answer in time."""
        return self._opened(await self._patiently(self._kept(ref)), digest)

    async def read_all(self, wanted: Sequence[tuple[str, str | None]]) -> list[Dossier | None]:
        """The same for several names with their digests, in one look."""
        if not wanted:
            return []
        found = await self._patiently(self._all_kept([ref for ref, _ in wanted]))
        return [self._opened(found.get(ref), digest) for ref, digest in wanted]

    def _opened(self, sealed: Sealed | None, digest: str | None) -> Dossier | None:
        if sealed is None or (digest is not None and sealed.digest != digest):
            return None
        try:
            return vault.decode(self._seal.open(sealed))
        except InvalidTag:  # sealed under another master key
            return None

    async def picture(self, ref: str, size: pictures.Size, digest: str) -> bytes | None:
        """A picture's JPEG; None where it was erased, is not there, or is not what the log's `digest` says.

        Raises Away where the database does not answer in time."""
        sealed = await self._patiently(self._seen(ref, size))
        if sealed is None or (size == "full" and sealed.digest != digest):
            return None
        try:
            return self._seal.open(sealed) if size == "full" else self._seal.open_beside(sealed)
        except InvalidTag:
            return None

    async def _seen(self, ref: str, size: pictures.Size) -> Sealed | None:
        async with self._engine.connect() as connection:
            return await pictures.kept(connection, ref, size)

    async def letter(self, letter: Listed) -> Message | None:
        """The whole of a dead letter; raises InvalidTag where another master key sealed it."""
        return await self._patiently(self._exhumed(letter))

    async def sizes(self, letters: Sequence[Listed]) -> dict[int, int]:
        """How large some dead letters are."""
        return await self._patiently(self._sized(letters))

    async def send_again(self, nc: Client, letters: Sequence[Listed], at: datetime) -> list[Listed]:
        """Dead letters back to their subjects; those whose message is no longer kept. Raises as `again` does."""
        return await self._patiently(send_again(nc, self._engine, self._seal, letters, at))

    async def _exhumed(self, letter: Listed) -> Message | None:
        async with self._engine.connect() as connection:
            return await dead.exhume(connection, self._seal, letter.stream, letter.stream_seq)

    async def _sized(self, letters: Sequence[Listed]) -> dict[int, int]:
        async with self._engine.connect() as connection:
            return await dead.sizes(connection, letters)

    async def _all_kept(self, refs: Sequence[str]) -> dict[str, Sealed]:
        async with self._engine.connect() as connection:
            return await vault.all_kept(connection, refs)

    async def _kept(self, ref: str) -> Sealed | None:
        async with self._engine.connect() as connection:
            return await vault.kept(connection, ref)
