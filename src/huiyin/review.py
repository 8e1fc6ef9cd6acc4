"""Checks of the log from outside: does every chain hold, do the views say what the log says."""

import gzip
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from huiyin.core.proof import Broken, check, read
from huiyin.store import counting, log, tickets, views

_LISTED = 20


class Verdict(Struct):
    """What a check found. `broken` lists the first faults, `faults` counts them all."""

    nouns: int = 0
    leaves: int = 0
    faults: int = 0
    broken: list[Broken] = []

    @property
    def whole(self) -> bool:
        return self.faults == 0

    def blame(self, fault: Broken) -> None:
        self.faults += 1
        if len(self.broken) < _LISTED:
            self.broken.append(fault)


ChainRow = tuple[str, str, int, bytes, bytes, bytes]


class _Walk:
    """Feeds rows to `proof.check` batch by batch and keeps whole chains together."""

    def __init__(self) -> None:
        self.verdict = Verdict()
        self._held: list[ChainRow] = []

    def add(self, rows: Iterable[ChainRow]) -> None:
        for row in rows:
            if self._held and row[:2] != self._held[-1][:2]:
                self._close()
            self._held.append(row)

    def _close(self) -> None:
        self.verdict.nouns += 1
        self.verdict.leaves += len(self._held)
        for fault in check(self._held):
            self.verdict.blame(fault)
        self._held = []

    def end(self) -> Verdict:
        if self._held:
            self._close()
        return self.verdict


async def verify(engine: AsyncEngine) -> Verdict:
    """Every chain of the log, then every cause of the inbox: one without a chain is a lost ticket."""
    walk = _Walk()
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="REPEATABLE READ")
        async for rows in log.chains(connection):
            walk.add(rows)
        verdict = walk.end()
        for number in await _lost(connection):
            verdict.blame(Broken(tickets.NOUN, number, 0, "in-inbox-without-log"))
        for noun, ident, version in (await connection.execute(_COLUMNS)).all():
            verdict.blame(Broken(noun, ident, version, "columns-differ"))
    return verdict


async def _lost(connection: AsyncConnection) -> list[str]:
    result = await connection.execute(_LOST)
    return [row[0] for row in result]


_LOST = text(
    "SELECT i.id FROM inbox i WHERE i.noun = 'ticket' AND i.refused IS NULL AND NOT EXISTS"
    " (SELECT FROM log l WHERE l.noun = i.noun AND l.id = i.id AND l.version = 1) LIMIT 1000"
)


# What people and partners are shown comes from the columns: they must say what the hashed leaf says.
_COLUMNS = text(
    "SELECT noun, id, version FROM (SELECT noun, id, version, step, at,"
    " convert_from(body, 'UTF8')::jsonb AS leaf FROM log) l"
    " WHERE leaf -> 'data' ->> 'step' IS DISTINCT FROM step OR (leaf ->> 'at')::timestamptz IS DISTINCT FROM at"
    " ORDER BY noun, id, version LIMIT 1000"
)


async def verify_sealed(engine: AsyncEngine) -> Verdict:
    """Every sealed record that a step refers to (complaint, reply, plan, picture, an export's reason) against the hash
    that the log committed to; needs the vault's role."""
    verdict = Verdict()
    last: tuple[str, str, int] = ("", "", 0)
    async with engine.connect() as connection:
        while True:
            given = dict(zip(("noun", "id", "version"), last, strict=True))
            rows = (await connection.execute(_SEALED, given)).all()
            if not rows:
                return verdict
            for _, number, version, ref, kept, matches in rows:
                if ref is not None:
                    verdict.leaves += 1
                    if not matches:
                        why = "ciphertext-changed" if kept else "ciphertext-missing"
                        verdict.blame(Broken("dossier", number, version, why))
            last = rows[-1][0], rows[-1][1], rows[-1][2]


# A reference is an object with `dossier` and `sealed`, at whatever depth of a step; a page is so many steps.
_SEALED = text(
    "WITH page AS MATERIALIZED (SELECT noun, id, version, convert_from(body, 'UTF8')::jsonb -> 'data' AS data FROM log"
    " WHERE noun IN ('export', 'ticket') AND (noun, id, version) > (:noun, :id, :version)"
    " ORDER BY noun, id, version LIMIT 2000)"
    " SELECT p.noun, p.id, p.version, r.one ->> 'dossier', coalesce(d.ref, f.ref) IS NOT NULL,"
    " encode(sha256(coalesce(d.body, f.body)), 'hex') = r.one ->> 'sealed' IS TRUE FROM page p"
    " LEFT JOIN LATERAL jsonb_path_query(p.data, 'strict $.** ? (exists(@.dossier) && exists(@.sealed))') r(one)"
    " ON true LEFT JOIN vault.dossiers d ON d.ref = r.one ->> 'dossier'"
    " LEFT JOIN vault.pictures f ON f.ref = r.one ->> 'dossier' ORDER BY p.noun, p.id, p.version"
)


class Difference(Struct, frozen=True):
    """A ticket whose kept row is not what its steps fold to; `fields` names the columns."""

    number: str
    fields: tuple[str, ...]


class Rebuilt(Struct):
    """`tickets` were folded from the log and compared with the view, and what is counted of them with the tallies."""

    tickets: int = 0
    faults: int = 0
    differences: list[Difference] = []

    def blame(self, difference: Difference) -> None:
        self.faults += 1
        if len(self.differences) < _LISTED:
            self.differences.append(difference)


async def rebuild(engine: AsyncEngine) -> Rebuilt:
    """Fold every ticket from the log and compare it with its row, in one snapshot, a page at a time."""
    found = Rebuilt()
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="REPEATABLE READ")
        async for folded in _folded(connection):
            found.tickets += len(folded)
            kept = await _kept(connection, list(folded))
            for number, row in folded.items():
                if differing := _differing(row, kept.get(number)):
                    found.blame(Difference(number, differing))
        for number in (await connection.execute(_STRAY)).scalars():
            found.blame(Difference(number, ("not-in-log",)))
        for name in await counting.wrong(connection):
            found.blame(Difference(name, ("tallies",)))
    return found


async def _folded(connection: AsyncConnection) -> AsyncIterator[dict[str, views.Row]]:
    held: dict[str, list[bytes]] = {}
    async for rows in log.chains(connection, tickets.NOUN):
        for _, number, _, _, _, body in rows:
            held.setdefault(number, []).append(body)
        last = rows[-1][1]  # its chain may go on in the next page
        rest = held.pop(last)
        if held:
            yield {number: views.row(tickets.fold(bodies)) for number, bodies in held.items()}
        held = {last: rest}
    if held:
        yield {number: views.row(tickets.fold(bodies)) for number, bodies in held.items()}


async def _kept(connection: AsyncConnection, numbers: list[str]) -> dict[str, tuple[Any, ...]]:
    result = await connection.execute(_KEPT, {"numbers": numbers})
    return {row[0]: tuple(row) for row in result}


_KEPT = text(f"SELECT {', '.join(views.COLUMNS)} FROM tickets WHERE number = ANY(:numbers)")  # noqa: S608
_STRAY = text(
    "SELECT number FROM tickets t WHERE NOT EXISTS"
    " (SELECT FROM log l WHERE l.noun = 'ticket' AND l.id = t.number) LIMIT 1000"
)


def _differing(row: views.Row, kept: tuple[Any, ...] | None) -> tuple[str, ...]:
    if kept is None:
        return ("missing",)
    return tuple(name for name, a, b in zip(views.COLUMNS, row, kept, strict=True) if a != b)


# -- export -----------------------------------------------------------------------------------------------


class Exported(Struct, frozen=True):
    """One line of an export: the hash in hex and the canonical bytes as text."""

    hash: str
    leaf: str


async def export(engine: AsyncEngine, path: Path, at: datetime) -> int:
    """Write the whole log as JSON Lines (gzip), chain by chain; how many leaves. Holds no personal data."""
    count = 0
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="REPEATABLE READ")
        with path.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, at.timestamp()) as out:
            async for rows in log.chains(connection):
                for *_, digest, body in rows:
                    out.write(msgspec.json.encode(Exported(digest.hex(), body.decode())) + b"\n")
                count += len(rows)
    return count


def verify_export(path: Path) -> Verdict:
    """Check an export without a database; raises OSError or msgspec.DecodeError for a file that is none."""
    walk = _Walk()
    walk.add(_exported(path))
    return walk.end()


def _exported(path: Path) -> Iterator[ChainRow]:
    decode = msgspec.json.Decoder(Exported).decode
    with gzip.open(path, "rb") as lines:
        for line in lines:
            row = decode(line)
            body = row.leaf.encode()
            leaf = read(body)
            prev = bytes.fromhex(leaf.prev)
            yield leaf.noun, leaf.id, leaf.version, prev, bytes.fromhex(row.hash), body
