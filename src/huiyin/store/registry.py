"""The registry in PostgreSQL: read in one statement, so never half old and half new; written by difference."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.registry import Building, Community, Estate, Grid, Registry, Street
from huiyin.store.database import Driver

TABLES = ("streets", "communities", "estates", "grids", "buildings")
_ROWS: tuple[type[Struct], ...] = (Street, Community, Estate, Grid, Building)
# What in a ticket's row refers to which table.
_REFERS = dict(zip(("street_code", "community_code", "estate_code", "grid_code", "building_code"), TABLES, strict=True))

_canonical = msgspec.json.Encoder(order="deterministic").encode


class Change(Struct, frozen=True):
    """What another registry does to one table."""

    added: int = 0
    changed: int = 0
    removed: int = 0


class InUse(Exception):
    """Rows that open tickets stand in would go; `codes` by table, each with its open tickets."""

    def __init__(self, codes: dict[str, dict[str, int]]) -> None:
        super().__init__(", ".join(codes))
        self.codes = codes


class _Stored(Struct):
    version: str
    streets: list[Street]
    communities: list[Community]
    estates: list[Estate]
    grids: list[Grid]
    buildings: list[Building]


_decode = msgspec.json.Decoder(_Stored).decode


def digest(registry: Registry) -> str:
    """The registry's version: twelve hex digits of the SHA-256 of its rows in the order of their codes."""
    hashed = sha256()
    for name in TABLES:
        rows: Mapping[str, Any] = getattr(registry, name)
        hashed.update(_canonical([rows[code] for code in sorted(rows)]))
    return hashed.hexdigest()[:12]


async def load(connection: AsyncConnection) -> Registry:
    """The registry as it stands; an empty one of version "" where none was imported."""
    stored = _decode((await connection.execute(_LOAD)).scalar_one())
    tables = {name: {row.code: row for row in getattr(stored, name)} for name in TABLES}
    return Registry(version=stored.version, **tables)


def _rows_of(name: str) -> str:
    return f"'{name}', (SELECT coalesce(json_agg(r ORDER BY code), '[]') FROM {name} r)"  # noqa: S608


_LOAD = text(
    "SELECT CAST(json_build_object('version', coalesce((SELECT version FROM registry_version), ''), "  # noqa: S608
    + ", ".join(_rows_of(name) for name in TABLES)
    + ") AS text)"
)


async def version(connection: AsyncConnection) -> str:
    """The version that stands, "" for none; cheap."""
    return str((await connection.execute(_VERSION)).scalar() or "")


_VERSION = text("SELECT version FROM registry_version")


async def save(
    connection: AsyncConnection, raw: Driver, registry: Registry, was: Registry, at: datetime
) -> dict[str, Change]:
    """Put `registry` in the place of `was` by difference; only `registration` calls this.

    A row that open tickets refer to is not removed: raises InUse. Closed tickets keep the codes they had.
    """
    await _refuse_in_use(connection, registry, was)
    changes = {}
    for name, row in zip(TABLES, _ROWS, strict=True):
        changes[name] = await _write(raw, name, row, getattr(was, name), getattr(registry, name))
    await connection.execute(_MARK, {"version": registry.version, "at": at})
    return changes


async def _write(
    raw: Driver,
    name: str,
    row: type[Struct],
    before: Mapping[str, Struct],
    after: Mapping[str, Struct],
) -> Change:
    """One DELETE and one COPY, of what differs only."""
    removed = before.keys() - after.keys()
    differing = [code for code in after if before.get(code) != after[code]]
    changed = before.keys() & set(differing)
    if removed or changed:
        await raw.execute(f"DELETE FROM {name} WHERE code = ANY($1)", [*removed, *changed])  # noqa: S608
    if differing:
        rows = [tuple(map(_plain, msgspec.structs.astuple(after[code]))) for code in differing]
        await raw.copy_records_to_table(name, columns=row.__struct_fields__, records=rows)
    return Change(len(differing) - len(changed), len(changed), len(removed))


def _plain(value: Any) -> Any:
    """asyncpg takes lists for arrays, at every depth."""
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


_MARK = text(
    "INSERT INTO registry_version (one, version, at) VALUES (1, :version, :at)"
    " ON CONFLICT (one) DO UPDATE SET version = excluded.version, at = excluded.at"
)


async def _refuse_in_use(connection: AsyncConnection, registry: Registry, was: Registry) -> None:
    found: dict[str, dict[str, int]] = {}
    for column, name in _REFERS.items():
        gone: Sequence[str] = sorted(getattr(was, name).keys() - getattr(registry, name).keys())
        if gone:
            counted = await connection.execute(_open_tickets(column), {"codes": gone})
            if used := {row.code: row.tickets for row in counted}:
                found[name] = used
    if found:
        raise InUse(found)


def _open_tickets(column: str) -> Any:
    return text(
        f"SELECT {column} AS code, count(*) AS tickets FROM tickets WHERE closed_at IS NULL AND {column} = ANY(:codes)"  # noqa: S608
        f" GROUP BY {column} ORDER BY {column}"
    )
