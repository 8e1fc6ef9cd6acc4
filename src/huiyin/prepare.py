"""What must be true before our processes start: tables, streams, registry, demonstration data."""

import asyncio
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

from huiyin.engines.nats import monitor
from huiyin.settings import Explained, Instance

USUAL_GIB = 4.0
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def preload() -> None:
    """Import the slow things while the cluster is still being made."""
    import huiyin.bus.streams  # noqa: PLC0415
    import huiyin.store.migrate  # noqa: F401, PLC0415


def steps(where: Instance, *, registry: Path | None, demo: bool) -> Iterator[tuple[str, Callable[[], None]]]:
    """What to do, in order, each with what a person calls it."""
    yield "数据库结构", lambda: asyncio.run(_migrate(where))
    yield "消息流", lambda: asyncio.run(_streams(where))
    if registry is not None:
        yield f"小区登记册 {registry}", lambda: asyncio.run(_registry(where, registry))
    if demo:
        yield "演示数据", lambda: asyncio.run(_demo(where, registry))


def answers(url: str) -> bool:
    """Whether a page of our own says 200 now."""
    try:
        with _direct.open(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


async def _migrate(where: Instance) -> None:
    from huiyin.store import migrate  # noqa: PLC0415

    await migrate.upgrade(where.owner_database_url)


async def _streams(where: Instance) -> None:
    import nats  # noqa: PLC0415

    from huiyin.bus import streams  # noqa: PLC0415

    inbox = streams.INBOX_PREFIX.encode()
    client = await nats.connect(where.nats_url, inbox_prefix=inbox, connect_timeout=5, allow_reconnect=False)
    try:
        await streams.ensure(client.jetstream(), gib=_share(where))
    finally:
        await client.close()


def _share(where: Instance) -> float:
    """GiB for each of our two streams: together 80 % of what the server may store."""
    if not where.nats_monitor_url:
        return USUAL_GIB
    limit = monitor(where.nats_monitor_url, "/jsz?config=1")["config"]["max_storage"]
    return min(USUAL_GIB, 0.4 * limit / 1024**3)


async def _registry(where: Instance, folder: Path) -> None:
    from huiyin import registration  # noqa: PLC0415

    done = await registration.import_folder(where.database_url, folder)
    for warning in done.warnings:
        print(f"提醒:{warning}", file=sys.stderr)  # noqa: T201


async def _demo(where: Instance, registry: Path | None) -> None:
    raise Explained("这个版本还没有演示数据(--demo)")
