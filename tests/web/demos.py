"""The demonstration opened by tests: as often as wanted, cut off in the middle, its work counted."""

from pathlib import Path
from typing import Any

import asyncpg
import pytest

from huiyin import demo, keys
from tests.asked import asked
from tests.conftest import Database
from tests.core.world import AT


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with its keys."""
    for name in ("vault.key", "receipt.key"):
        keys.key(tmp_path, name)
    return tmp_path


class Crash(Exception):
    """The process is gone."""


async def cut_off(database: Database, data: Path, desk: Any, orders: int) -> None:
    """A demonstration whose `desk` fails after so many orders, and is opened once more."""
    real, left = desk.act, orders

    async def act(self: Any, *given: Any, **more: Any) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise Crash
        return await real(self, *given, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(desk, "act", act)
        with pytest.raises(Crash):
            await demo.furnish(database.url, data, AT)
    await demo.furnish(database.url, data, AT)


async def opened_twice(database: Database, data: Path, numbers: str, files: tuple[str, ...]) -> None:
    """The second time nothing happens: no row of the log, no cause, no number, no file."""
    await demo.furnish(database.url, data, AT)
    owner = await asyncpg.connect(database.admin_url)
    count = f"SELECT (SELECT count(*) FROM log), (SELECT count(*) FROM inbox), (SELECT last_value FROM {numbers})"
    first, kept = tuple(await owner.fetchrow(count)), [(data / name).read_bytes() for name in files]
    await demo.furnish(database.url, data, AT)
    assert tuple(await owner.fetchrow(count)) == first
    assert [(data / name).read_bytes() for name in files] == kept
    await owner.close()


async def statements(database: Database, data: Path, part: Any, name: str) -> tuple[int, int]:
    """How many statements the `part` of the demonstration with this `name` takes, at first and again."""
    real, counts = getattr(part, name), []

    async def watched(*given: Any) -> None:
        with asked() as heard:
            await real(*given)
        counts.append(len(heard))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(part, name, watched)
        await demo.furnish(database.url, data, AT)
        await demo.furnish(database.url, data, AT)
    print(f"statements: {counts[0]} at first, {counts[1]} again")
    return counts[0], counts[1]
