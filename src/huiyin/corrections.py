"""What people corrected (改类): the texts from the vault with the leaves that people gave them, for training."""

from collections.abc import AsyncIterator, Sequence

import msgspec
from cryptography.exceptions import InvalidTag
from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from huiyin.core.ticket import Reclassified, Sorted, Step
from huiyin.store import vault
from huiyin.training import Correction

_PAGE = 1_000


class _Leaf(Struct, frozen=True):
    data: Step


_read = msgspec.json.Decoder(_Leaf).decode


async def chosen(engine: AsyncEngine) -> dict[str, str]:
    """Ticket number → the leaf a person chose last: when filing, or by correcting the sorter (DOMAIN 14.20)."""
    found: dict[str, str] = {}
    async for rows in _steps(engine):
        for number, body in rows:
            match _read(body).data:
                case Sorted(sorting=sorting) if sorting.chosen is not None:
                    found[number] = sorting.category
                case Reclassified(category=category, was_category=before) if category != before:
                    found[number] = category
                case _:
                    pass
    return found


async def _steps(engine: AsyncEngine) -> AsyncIterator[list[tuple[str, bytes]]]:
    last = ("", 0)
    async with engine.connect() as connection:
        while True:
            result = await connection.execute(_STEPS, {"id": last[0], "version": last[1], "limit": _PAGE})
            rows = result.all()
            if not rows:
                return
            yield [(number, bytes(body)) for number, _, _, body in rows]
            last = rows[-1][0], rows[-1][1]


_STEPS = text(
    "SELECT id, version, step, body FROM log WHERE noun = 'ticket' AND (id, version) > (:id, :version)"
    " AND step IN ('ticket.sorted.v1', 'ticket.reclassified.v1') ORDER BY noun, id, version LIMIT :limit"
)


class Ruled(Struct, frozen=True):
    """How objections (派单异议) against a leaf's first rung ended: what the catalogue should learn."""

    category: str
    reason: str
    objections: int
    upheld: int


async def rulings(engine: AsyncEngine) -> list[Ruled]:
    """By leaf and reason, the most often upheld first."""
    async with engine.connect() as connection:
        return [Ruled(*row) for row in await connection.execute(_RULINGS)]


_RULINGS = text(
    "SELECT d ->> 'category', d ->> 'reason', count(*), count(*) FILTER (WHERE (d ->> 'upheld')::boolean)"
    " FROM (SELECT convert_from(body, 'UTF8')::jsonb -> 'data' AS d FROM log"
    " WHERE step = 'ticket.objection_ruled.v1') ruled GROUP BY 1, 2 ORDER BY 4 DESC, 3 DESC, 1, 2"
)


async def read(engine: AsyncEngine, vault_engine: AsyncEngine, seal: vault.Seal) -> AsyncIterator[Correction]:
    """Each corrected complaint whose words are still there; erased ones are gone from training too."""
    leaves = await chosen(engine)
    numbers = sorted(leaves)
    for start in range(0, len(numbers), _PAGE):
        page = numbers[start : start + _PAGE]
        for number, dossier in await _dossiers(vault_engine, seal, page):
            yield Correction(dossier.text, leaves[number], dossier.title or "")


async def _dossiers(
    vault_engine: AsyncEngine, seal: vault.Seal, numbers: Sequence[str]
) -> list[tuple[str, vault.Dossier]]:
    refs = {f"{number}/1": number for number in numbers}
    async with vault_engine.connect() as connection:
        rows = (await connection.execute(_DOSSIERS, {"refs": list(refs)})).all()
    opened = []
    for ref, key, body in rows:
        try:
            plain = seal.open(vault.Sealed(bytes(key), bytes(body)))
        except InvalidTag:
            continue  # sealed under another master key: nothing to learn from it
        opened.append((refs[ref], vault.decode(plain)))
    return opened


_DOSSIERS = text("SELECT ref, key, body FROM vault.dossiers WHERE ref = ANY(:refs) AND key IS NOT NULL")
