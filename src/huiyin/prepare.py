"""What must be true before our processes start: tables, streams, registry, demonstration data."""

import asyncio
import importlib
import re
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from huiyin import departments, keys
from huiyin.engines.nats import monitor, reload, write_accounts
from huiyin.settings import Explained, Instance

USUAL_GIB = 4.0
DEMO_DEPARTMENTS = {"chengguan": "department:城管", "gongan": "department:公安"}
_FEW_TRIES = {"max_reconnect_attempts": 3, "reconnect_time_wait": 0.5}  # of the first connection; else two minutes
MIGRATIONS = Path(__file__).parent / "store" / "migrations" / "versions"
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def preload(*, first: bool) -> None:
    """Import the slow things while the cluster is made; Alembic only where there is something to migrate."""
    importlib.import_module("huiyin.bus.streams")
    importlib.import_module("huiyin.store.migrate" if first else "asyncpg")


def steps(where: Instance, *, registry: Path | None, demo: bool) -> Iterator[tuple[str, Callable[[], None]]]:
    """What to do, in order, each with what a person calls it."""
    yield "数据库结构", lambda: asyncio.run(_migrate(where))
    yield "消息流", lambda: asyncio.run(_streams(where))
    if registry is not None:
        yield f"小区登记册 {registry}", lambda: asyncio.run(_registry(where, registry))
    if demo:
        yield "演示数据", lambda: asyncio.run(_demo(where))


def answers(url: str) -> bool:
    """Whether a page of our own says 200 now."""
    try:
        with _direct.open(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


async def _migrate(where: Instance) -> None:
    if await _revision(where.owner_database_url) not in _newest():
        from huiyin.store import migrate  # noqa: PLC0415

        await migrate.upgrade(where.owner_database_url)


async def _revision(url: str) -> str | None:
    """The schema's revision; None for an empty database."""
    import asyncpg  # noqa: PLC0415

    try:
        connection = await asyncpg.connect(url, timeout=10)
    except (OSError, asyncpg.PostgresError, TimeoutError) as error:
        raise Explained(f"连不上 PostgreSQL:{error};请检查 HUIYIN_DATABASE_URL") from error
    try:
        revision: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
    except asyncpg.UndefinedTableError:
        return None
    except asyncpg.InsufficientPrivilegeError as error:
        raise Explained("这个账号不能升级数据库结构;请用 HUIYIN_OWNER_DATABASE_URL 指明表的所有者") from error
    finally:
        await connection.close()
    return revision


def _newest() -> set[str]:
    """The revision that no other one follows, read without Alembic: its import takes a second."""
    scripts = [path.read_text() for path in MIGRATIONS.glob("*.py")]
    said = {name: _said(name, scripts) for name in ("revision", "down_revision")}
    return said["revision"] - said["down_revision"]


def _said(name: str, scripts: list[str]) -> set[str]:
    found = (re.search(rf'^{name}\b.*= *"(\w+)"', script, re.MULTILINE) for script in scripts)
    return {match[1] for match in found if match}


async def _streams(where: Instance) -> None:
    import nats  # noqa: PLC0415

    from huiyin.bus import streams  # noqa: PLC0415

    inbox = streams.INBOX_PREFIX.encode()
    try:
        client = await nats.connect(
            where.nats_url, inbox_prefix=inbox, connect_timeout=5, allow_reconnect=False, error_cb=_silent, **_FEW_TRIES
        )
    except (OSError, nats.errors.Error, TimeoutError) as error:
        raise Explained(f"连不上 NATS:{error};请检查 HUIYIN_NATS_URL") from error
    try:
        await streams.ensure(client.jetstream(), gib=_share(where), first=await _next_seq(where))
    finally:
        await client.close()


async def _next_seq(where: Instance) -> int:
    """Where a stream that must be made anew goes on."""
    from huiyin.store import inbox  # noqa: PLC0415
    from huiyin.store.database import connect  # noqa: PLC0415

    engine = connect(where.database_url, name="up")
    try:
        async with engine.connect() as connection:
            return await inbox.next_seq(connection)
    finally:
        await engine.dispose()


async def _silent(_error: Exception) -> None:
    """What went wrong is raised, too."""


def _share(where: Instance) -> float:
    """GiB for each of our two streams: together 80 % of what the server may store."""
    if not where.nats_monitor_url:
        return USUAL_GIB
    limit: int = monitor(where.nats_monitor_url, "/jsz?config=1")["config"]["max_storage"]
    return min(USUAL_GIB, 0.4 * limit / 1024**3)


async def _registry(where: Instance, folder: Path) -> None:
    from huiyin import registration  # noqa: PLC0415

    done = await registration.import_folder(where.database_url, folder)
    for warning in done.warnings:
        print(f"提醒:{warning}", file=sys.stderr)  # noqa: T201


async def _demo(where: Instance) -> None:
    from huiyin import clock, demo  # noqa: PLC0415

    data = Path(where.data)
    await demo.furnish(where.database_url, data, clock.load(data).now())
    if where.nats_monitor_url and not (data / departments.FILE).exists():
        _demo_departments(data, where)


def _demo_departments(data: Path, where: Instance) -> None:
    """Two departments may take part over NATS; where, DIR/demo-departments.json says (0600)."""
    departments.save(data, DEMO_DEPARTMENTS)
    write_accounts(data)
    reload(data, where.nats_monitor_url)
    host = where.nats_partner_url.rpartition("@")[2]
    found = [
        {"post": post, "token": token, "url": f"nats://{token}:{keys.password(data, departments.secret(token))}@{host}"}
        for token, post in DEMO_DEPARTMENTS.items()
    ]
    keys.write_private(data / "demo-departments.json", msgspec.json.format(msgspec.json.encode(found), indent=2))
