"""Checks of the log from outside: does every chain hold, do the views say what the log says."""

import gzip
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import astuple
from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from huiyin import convening
from huiyin.core.proof import Broken, check, read
from huiyin.store import committees, counting, log, mediations, tickets, views, whistles
from huiyin.store.chains import Chains, Row, Views

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
    """Every chain of the log, then every cause of the inbox: one without a chain is a lost noun."""
    walk = _Walk()
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="REPEATABLE READ")
        async for rows in log.chains(connection):
            walk.add(rows)
        verdict = walk.end()
        for noun, ident in (await connection.execute(_LOST)).all():
            verdict.blame(Broken(noun, ident, 0, "in-inbox-without-log"))
        for noun, ident, version in (await connection.execute(_COLUMNS)).all():
            verdict.blame(Broken(noun, ident, version, "columns-differ"))
    return verdict


_LOST = text(
    "SELECT i.noun, i.id FROM inbox i WHERE i.noun IN ('mediation', 'ticket', 'whistle') AND i.refused IS NULL"
    " AND NOT EXISTS (SELECT FROM log l WHERE l.noun = i.noun AND l.id = i.id AND l.version = 1) LIMIT 1000"
)


# What people and partners are shown comes from the columns: they must say what the hashed leaf says.
_COLUMNS = text(
    "SELECT noun, id, version FROM (SELECT noun, id, version, step, at,"
    " convert_from(body, 'UTF8')::jsonb AS leaf FROM log) l"
    " WHERE leaf -> 'data' ->> 'step' IS DISTINCT FROM step OR (leaf ->> 'at')::timestamptz IS DISTINCT FROM at"
    " ORDER BY noun, id, version LIMIT 1000"
)


async def verify_sealed(engine: AsyncEngine) -> Verdict:
    """Every sealed record that a step refers to (complaint, ask, reply, plan, picture, an export's reason) against the
    hash that the log committed to; needs the vault's role."""
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
    " WHERE noun IN ('export', 'mediation', 'ticket', 'whistle') AND (noun, id, version) > (:noun, :id, :version)"
    " ORDER BY noun, id, version LIMIT 2000)"
    " SELECT p.noun, p.id, p.version, r.one ->> 'dossier', coalesce(d.ref, f.ref) IS NOT NULL,"
    " encode(sha256(coalesce(d.body, f.body)), 'hex') = r.one ->> 'sealed' IS TRUE FROM page p"
    " LEFT JOIN LATERAL jsonb_path_query(p.data, 'strict $.** ? (exists(@.dossier) && exists(@.sealed))') r(one)"
    " ON true LEFT JOIN vault.dossiers d ON d.ref = r.one ->> 'dossier'"
    " LEFT JOIN vault.pictures f ON f.ref = r.one ->> 'dossier' ORDER BY p.noun, p.id, p.version"
)


class Difference(Struct, frozen=True):
    """A noun whose kept rows are not what its steps fold to; `fields` names the columns, or the rows."""

    number: str
    fields: tuple[str, ...]


class Rebuilt(Struct):
    """So many tickets, whistles and mediations were folded from the log and compared with their views, committees'
    offices with their rows, and what is counted of tickets with the tallies."""

    tickets: int = 0
    whistles: int = 0
    mediations: int = 0
    committees: int = 0
    faults: int = 0
    differences: list[Difference] = []

    def blame(self, difference: Difference) -> None:
        self.faults += 1
        if len(self.differences) < _LISTED:
            self.differences.append(difference)


async def rebuild(engine: AsyncEngine) -> Rebuilt:
    """Fold every noun from the log and compare them with their rows: one snapshot, a page at a time."""
    found = Rebuilt()
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="REPEATABLE READ")
        await _tickets(connection, found)
        found.whistles = await _chained(connection, found, whistles.CHAINS, whistles.VIEWS)
        found.mediations = await _chained(connection, found, mediations.CHAINS, mediations.VIEWS)
        await _committees(connection, found)
        for number in (await connection.execute(_STRAY)).scalars():
            found.blame(Difference(number, ("not-in-log",)))
        for name in await counting.wrong(connection):
            found.blame(Difference(name, ("tallies",)))
    return found


async def _tickets(connection: AsyncConnection, found: Rebuilt) -> None:
    async for folded in _folded(connection, tickets.NOUN, lambda bodies: views.row(tickets.fold(bodies))):
        found.tickets += len(folded)
        result = await connection.execute(_KEPT, {"numbers": list(folded)})
        kept = {row[0]: tuple(row) for row in result}
        for number, row in folded.items():
            if differing := _differing(views.COLUMNS, row, kept.get(number)):
                found.blame(Difference(number, differing))


async def _chained(connection: AsyncConnection, found: Rebuilt, chains: Chains[Any, Any], kept: Views[Any]) -> int:
    """A noun that folds to a row and its parts; how many there are."""
    count = 0
    async for folded in _folded(connection, chains.noun, lambda bodies: kept.kept(chains.fold(bodies))):
        count += len(folded)
        there = await kept.read(connection, list(folded))
        for number, ((row,), *parts) in folded.items():
            whole, *rest = there[number]
            differing = [*_differing(kept.columns, row, whole[0] if whole else None)]
            for part, made, rows in zip(kept.parts, parts, rest, strict=True):
                differing += _rows(part.table, made, rows)
            if differing:
                found.blame(Difference(number, tuple(differing)))
    return count


async def _committees(connection: AsyncConnection, found: Rebuilt) -> None:
    async for folded in _folded(connection, convening.NOUN, convening.fold):
        found.committees += len(folded)
        there = await committees.offices(connection, [convening.key(one) for one in folded])
        for name, made in folded.items():
            kept = there.get(convening.key(name))
            if differing := _differing(made.__struct_fields__, astuple(made), astuple(kept) if kept else None):
                found.blame(Difference(name, differing))


_Made = TypeVar("_Made")


async def _folded(
    connection: AsyncConnection, noun: str, make: Callable[[Sequence[bytes]], _Made]
) -> AsyncIterator[dict[str, _Made]]:
    held: dict[str, list[bytes]] = {}
    async for rows in log.chains(connection, noun):
        for _, number, _, _, _, body in rows:
            held.setdefault(number, []).append(body)
        last = rows[-1][1]  # its chain may go on in the next page
        rest = held.pop(last)
        if held:
            yield {number: make(bodies) for number, bodies in held.items()}
        held = {last: rest}
    if held:
        yield {number: make(bodies) for number, bodies in held.items()}


_KEPT = text(f"SELECT {', '.join(views.COLUMNS)} FROM tickets WHERE number = ANY(:numbers)")  # noqa: S608
_STRAY = text(
    "SELECT number FROM (SELECT 'ticket' AS noun, number FROM tickets UNION SELECT 'whistle', number FROM whistles"
    " UNION SELECT 'whistle', number FROM whistle_lines UNION SELECT 'whistle', number FROM whistle_duties"
    " UNION SELECT 'whistle', number FROM whistle_tickets UNION SELECT 'mediation', number FROM mediations"
    " UNION SELECT 'mediation', number FROM mediation_seats UNION SELECT 'mediation', number FROM mediation_duties"
    " UNION SELECT 'mediation', number FROM mediation_sessions UNION SELECT 'mediation', number FROM mediation_whistles"
    " UNION SELECT 'committee', committee || ':' || kind FROM mediation_committees) t"
    " WHERE NOT EXISTS (SELECT FROM log l WHERE l.noun = t.noun AND l.id = t.number) ORDER BY number LIMIT 1000"
)


def _differing(columns: Sequence[str], row: Sequence[Any], kept: Sequence[Any] | None) -> tuple[str, ...]:
    if kept is None:
        return ("missing",)
    return tuple(str(name) for name, a, b in zip(columns, row, kept, strict=True) if a != b)


def _rows(table: Table, made: Sequence[Row], kept: Sequence[Row]) -> Iterator[str]:
    """What differs in the rows of one table that one noun has."""
    keys = [i for i, column in enumerate(table.columns) if column.primary_key]
    ours, theirs = ({tuple(row[i] for i in keys): row for row in some} for some in (made, kept))
    for key in sorted(ours.keys() | theirs.keys()):
        name = " ".join((table.name, *map(str, key)))
        if key in ours and key in theirs:
            for column in _differing([column.name for column in table.columns], ours[key], theirs[key]):
                yield f"{name} {column}"
        else:
            yield f"{name} {'missing' if key in ours else 'not-in-log'}"


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
