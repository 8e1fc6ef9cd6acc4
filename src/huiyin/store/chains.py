"""A noun read back from its chain in the log, and the rows that it folds to, table by table."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct
from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.store import log
from huiyin.store.database import Driver, driver

Row = tuple[Any, ...]
N = TypeVar("N")
S = TypeVar("S")


class Part(Struct, Generic[N], frozen=True):
    """A table with any number of rows a noun; while `made_of` is as it was, so are its rows."""

    table: Table
    made_of: Callable[[N], object]
    rows: Callable[[N], tuple[Row, ...]]

    @property
    def columns(self) -> list[str]:
        return [column.name for column in self.table.columns]


class Views(Struct, Generic[N], frozen=True):
    """A table with one row a noun, keyed by `number`, and its parts."""

    table: Table
    row: Callable[[N], Row]
    parts: tuple[Part[N], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.table.columns)

    def kept(self, one: N) -> tuple[tuple[Row, ...], ...]:
        """What a noun is in the views: its row, then the rows of each part."""
        return ((self.row(one),), *(part.rows(one) for part in self.parts))

    async def read(self, connection: AsyncConnection, numbers: Sequence[str]) -> dict[str, tuple[tuple[Row, ...], ...]]:
        """The same as it lies in the database."""
        found: list[dict[str, list[Row]]] = []
        for table in (self.table, *(part.table for part in self.parts)):
            wanted = table.select().where(table.c.number.in_(numbers)).order_by(*table.primary_key)
            mine: dict[str, list[Row]] = {}
            for row in await connection.execute(wanted):
                mine.setdefault(row.number, []).append(tuple(row))
            found.append(mine)
        return {one: tuple(tuple(rows.get(one, ())) for rows in found) for one in numbers}

    async def write(self, connection: Driver, changed: Sequence[tuple[N | None, N]]) -> None:
        """The rows of some nouns, as each was (None: nothing yet) and as it is; a part that is as it was stays."""
        if not changed:
            return
        rows = [self.row(after) for _, after in changed]
        await connection.execute(self._upsert(), *map(list, zip(*rows, strict=True)))
        for part in self.parts:
            await self._write(connection, part, changed)

    async def _write(self, connection: Driver, part: Part[N], changed: Sequence[tuple[N | None, N]]) -> None:
        moved = [one for one in changed if one[0] is None or part.made_of(one[0]) != part.made_of(one[1])]
        if stale := [self.row(after)[0] for before, after in moved if before is not None]:
            await connection.execute(f"DELETE FROM {part.table.name} WHERE number = ANY($1)", stale)  # noqa: S608
        if fresh := [row for _, after in moved for row in part.rows(after)]:
            await connection.copy_records_to_table(part.table.name, columns=part.columns, records=fresh)

    def _upsert(self) -> str:
        arrays = ", ".join(
            f"${i}::{_KINDS.get(str(column.type), 'timestamptz')}[]" for i, column in enumerate(self.table.columns, 1)
        )
        sets = ", ".join(f"{name} = excluded.{name}" for name in self.columns[1:])
        insert = f"INSERT INTO {self.table.name} ({', '.join(self.columns)}) SELECT * FROM unnest({arrays})"  # noqa: S608
        return f"{insert} ON CONFLICT (number) DO UPDATE SET {sets}"


def step_of(steps: Any) -> Callable[[bytes], Any]:
    """What reads a leaf's step, one of a noun's union."""
    leaf: msgspec.json.Decoder[Any] = msgspec.json.Decoder(msgspec.defstruct("Leaf", [("data", steps)], frozen=True))
    return lambda body: leaf.decode(body).data


_KINDS = {"TEXT": "text", "INTEGER": "integer", "BOOLEAN": "boolean"}


class Chains(Struct, Generic[N, S], frozen=True):
    """How a noun is read: its name in the log, a leaf's step, what follows; `table` holds the row that is locked."""

    noun: str
    step: Callable[[bytes], S]
    follow: Callable[[N | None, S], N]
    table: str

    def fold(self, bodies: Sequence[bytes]) -> N:
        """A noun from its leaves; raises ValueError for none."""
        return self.after(None, [self.step(body) for body in bodies])

    def walk(self, bodies: Sequence[bytes]) -> Iterator[tuple[S, N]]:
        """Each step with the noun as it left it."""
        one: N | None = None
        for body in bodies:
            step = self.step(body)
            one = self.follow(one, step)
            yield step, one

    def after(self, one: N | None, steps: Sequence[S]) -> N:
        """A noun after some more steps; raises ValueError where there is none."""
        for step in steps:
            one = self.follow(one, step)
        if one is None:
            raise ValueError("no steps")
        return one

    async def load(self, connection: AsyncConnection, numbers: Sequence[str]) -> dict[str, tuple[N, log.Head]]:
        """Nouns and the ends of their chains, from the log; unknown numbers are absent."""
        found = await log.whole(await driver(connection), self.noun, numbers)
        return {number: (self.fold(leaves), head) for number, (leaves, head) in found.items()}

    async def past(self, connection: AsyncConnection, numbers: Sequence[str]) -> dict[str, list[tuple[S, N]]]:
        """Every step of some nouns, each with the noun as it left it; unknown numbers are absent."""
        found = await log.whole(await driver(connection), self.noun, numbers)
        return {number: list(self.walk(leaves)) for number, (leaves, _) in found.items()}

    async def locked(self, connection: AsyncConnection, numbers: Sequence[str]) -> dict[str, tuple[N, log.Head]]:
        """As `load`, nobody else's until the transaction ends."""
        lock = f"SELECT number FROM {self.table} WHERE number = ANY(:numbers) ORDER BY number FOR UPDATE"  # noqa: S608
        await connection.execute(text(lock), {"numbers": sorted(numbers)})
        return await self.load(connection, numbers)
