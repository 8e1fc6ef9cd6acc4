"""The registry's half of the one door: whatever changes the registry reads, decides and writes here."""

from datetime import datetime
from pathlib import Path

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncEngine

from huiyin import clock, convening
from huiyin.core.registry import Registry, imported
from huiyin.settings import Explained
from huiyin.store import log, registry
from huiyin.store.committee_files import Committees, read_committees
from huiyin.store.database import connect, driver, turn
from huiyin.store.registry_files import BadRegistry, odd_codes, read_folder

NOUN = "registry"
CONSOLE = "console"  # the post of whoever sits at the machine itself
_LOCK = 0x48555933  # one import at a time; 31 is the migrations, 32 the relay

_CALLED = {"streets": "街道", "communities": "社区", "estates": "小区", "grids": "网格", "buildings": "楼栋"}


class Summary(Struct, frozen=True):
    """What an import did; no changes at all where the same registry stood already."""

    version: str
    was: str
    counts: dict[str, int]
    changes: dict[str, registry.Change] = {}
    warnings: list[str] = []
    committees: dict[str, int] = {}  # where files of committees came along: how many of what
    changed: bool = False  # whether these were otherwise before


async def import_registry(
    engine: AsyncEngine, wanted: Registry, *, at: datetime, actor: str = CONSOLE, found: Committees | None = None
) -> Summary:
    """Put `wanted` in the place of the registry that stands: rows, version and log step in one transaction, with the
    mediation committees of the same folder.

    The same version writes nothing. Raises store.registry.InUse where open tickets stand in what would go. The
    step's cause is the content itself: a version is the hash of its rows.
    """
    counts = {name: len(getattr(wanted, name)) for name in registry.TABLES}
    async with engine.begin() as connection:
        await turn(connection, _LOCK)
        was = await registry.load(connection)
        steps = imported(wanted, was.version)
        changes = {}
        if steps:
            raw = await driver(connection)
            changes = await registry.save(connection, raw, wanted, was, at)
            made = await log.continued(
                connection, NOUN, NOUN, steps, actor=actor, at=at, cause=f"registry#{steps[0].version}"
            )
            await log.append(raw, made)
        changed = found is not None and await convening.take(connection, found, at=at, actor=actor)
    more = found.counts if found else {}
    return Summary(wanted.version, was.version, counts, changes, odd_codes(wanted), more, changed)


async def import_folder(url: str, folder: Path, at: datetime | None = None, *, actor: str = CONSOLE) -> Summary:
    """Import the five files of `folder`, and committees where it has some, into the database at `url`; Explained, in
    Chinese, where that cannot be."""
    try:
        wanted = read_folder(folder)
        found = read_committees(folder, wanted)
    except BadRegistry as bad:
        raise Explained(str(bad)) from bad
    engine = connect(url, name="registry", size=1, statement_timeout_ms=60_000)
    try:
        return await import_registry(engine, wanted, at=at or clock.now(), actor=actor, found=found)
    except BadRegistry as bad:
        raise Explained(str(bad)) from bad
    except registry.InUse as used:
        raise Explained(_in_use(used)) from used
    finally:
        await engine.dispose()


def _in_use(used: registry.InUse) -> str:
    lines = [
        f"{_CALLED[name]} {code}:{count} 件未结工单"
        for name, codes in used.codes.items()
        for code, count in codes.items()
    ]
    more = [f"… 另有 {len(lines) - 50} 处"] if len(lines) > 50 else []
    head = "新登记册删去了仍有未结工单的条目,未导入任何数据。请先办结或改派这些工单,或在登记册中保留:"
    return "\n".join([head, *lines[:50], *more])
