"""How tallies (统计) come about: each step counted once, rows and sums and the mark of how far in one transaction."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import astuple
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.steps import Step
from huiyin.core.tally import Count, Told, counts
from huiyin.store import log
from huiyin.store.database import Driver, driver
from huiyin.store.tallies import SPREAD

NAME = "tallies"  # of the cursor
NOUN = "ticket"
_LOCK = 0x54414C4C


class _Leaf(Struct, frozen=True):
    version: int
    at: datetime
    data: Step


_leaf = msgspec.json.Decoder(_Leaf).decode


def told(bodies: Iterable[bytes]) -> Iterator[Told]:
    """A chain's leaves as what counts."""
    for body in bodies:
        leaf = _leaf(body)
        yield Told(leaf.version, leaf.at, leaf.data)


async def advance(connection: AsyncConnection, limit: int) -> int:
    """Count the next rows of the log; how many it were. Inside one transaction: the sums and the mark of how far
    they go commit together, and only one counts at a time (-1 where somebody else does).

    A step is counted with what was before it in its ticket's own chain, so the order in which the tail shows the
    tickets' steps does not matter."""
    if not (await connection.execute(_ALONE, {"key": _LOCK})).scalar_one():
        return -1
    entries = await log.tail(connection, await log.cursor(connection, NAME), limit)
    if not entries:
        return 0
    wanted: dict[str, dict[int, bytes]] = {}
    for entry in entries:
        if entry.noun == NOUN:
            wanted.setdefault(entry.id, {})[entry.version] = entry.body
    raw = await driver(connection)
    await add(raw, await _counts(raw, wanted))
    await log.move(connection, NAME, entries[-1].cursor)
    return len(entries)


_ALONE = text("SELECT pg_try_advisory_xact_lock(:key)")


async def _counts(raw: Driver, wanted: dict[str, dict[int, bytes]]) -> list[Count]:
    """What the wanted steps count as; only chains whose beginning is not among them are read."""
    older = [number for number, steps in wanted.items() if len(steps) != max(steps)]
    chains: dict[str, list[bytes]] = {number: [steps[n] for n in sorted(steps)] for number, steps in wanted.items()}
    chains |= {number: bodies for number, (bodies, _) in (await log.whole(raw, NOUN, older)).items()}
    return [one for number, bodies in chains.items() for one in counts(told(bodies)) if one.version in wanted[number]]


async def add(raw: Driver, found: Sequence[Count]) -> None:
    """New rows of what is counted, and the sums that they add to, in one statement."""
    if found:
        await raw.execute(_ADD, *map(list, zip(*map(astuple, found), strict=True)))


_COLUMNS = ", ".join(Count.__struct_fields__)
SUMS = f"""
SELECT p.kind || p.code AS place, c.metric, b.by, c.day, b.key, c.about, count(*) AS count, sum(c.minutes) AS minutes
FROM {{}} c {SPREAD} GROUP BY p.kind || p.code, c.metric, b.by, c.day, b.key, c.about
"""  # noqa: S608
# Everybody who counts takes the sums in the same order, so nobody waits in a circle.
_ADD = f"""
WITH made AS (
    INSERT INTO counted ({_COLUMNS}) SELECT * FROM unnest(
        $1::text[], $2::integer[], $3::text[], $4::date[], $5::text[], $6::text[], $7::text[], $8::text[],
        $9::text[], $10::text[], $11::text[], $12::integer[]) RETURNING *
)
INSERT INTO tallies AS t (place, metric, by, day, key, about, count, minutes) {SUMS.format("made")}
ON CONFLICT (place, metric, by, day, key, about)
DO UPDATE SET count = t.count + excluded.count, minutes = t.minutes + excluded.minutes
"""  # noqa: S608


# -- checking ---------------------------------------------------------------------------------------------


async def wrong(connection: AsyncConnection, batch: int = 2_000) -> list[str]:
    """What is kept and is not what the log says, as far as it was counted: tickets whose rows differ, then sums that
    are not those of the rows; at most a thousand of each. One snapshot is the caller's to give."""
    found: list[str] = []
    after = "", 0
    held: dict[str, list[tuple[bytes, bool]]] = {}
    while rows := (await connection.execute(_CHAINS, {"id": after[0], "version": after[1], "limit": batch})).all():
        for number, _, body, done in rows:
            held.setdefault(number, []).append((bytes(body), done))
        after = rows[-1][0], rows[-1][1]
        rest = held.pop(after[0]) if len(rows) == batch else None  # its chain may go on in the next page
        found += await _differing(connection, held)
        held = {} if rest is None else {after[0]: rest}
    found += await _differing(connection, held)
    found += (await connection.execute(_STRAY)).scalars()
    return found[:1_000] + [":".join(map(str, row)) for row in await connection.execute(_WRONG_SUMS)]


async def _differing(connection: AsyncConnection, chains: dict[str, list[tuple[bytes, bool]]]) -> list[str]:
    if not chains:
        return []
    kept: dict[str, set[Any]] = {}
    for row in await connection.execute(_KEPT, {"numbers": list(chains)}):
        kept.setdefault(row[0], set()).add(tuple(row))
    found = []
    for number, leaves in chains.items():
        done = [counted for _, counted in leaves]
        said = {astuple(one) for one in counts(told(body for body, _ in leaves)) if done[one.version - 1]}
        if said != kept.get(number, set()):
            found.append(number)
    return found


_MARK = "coalesce((SELECT (xid, seq) >= (l.xid, l.seq) FROM cursors WHERE name = 'tallies'), false)"
_CHAINS = text(
    f"SELECT id, version, body, {_MARK} FROM log l WHERE noun = 'ticket' AND (id, version) > (:id, :version)"  # noqa: S608
    " ORDER BY noun, id, version LIMIT :limit"
)
_KEPT = text(f"SELECT {_COLUMNS} FROM counted WHERE number = ANY(:numbers)")  # noqa: S608
_STRAY = text(
    "SELECT DISTINCT number FROM counted c WHERE NOT EXISTS"
    " (SELECT FROM log l WHERE l.noun = 'ticket' AND l.id = c.number AND l.version = c.version) LIMIT 1000"
)
_WRONG_SUMS = text(f"""
SELECT place, metric, by, day, key, about FROM tallies t FULL JOIN ({SUMS.format("counted")}) s
USING (place, metric, by, day, key, about)
WHERE (t.count, t.minutes) IS DISTINCT FROM (s.count, s.minutes) LIMIT 1000
""")  # noqa: S608
