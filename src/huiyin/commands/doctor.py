"""`huiyin doctor`: looks at settings, versions, permissions and durability, and says what to do."""

import asyncio
import os
import platform
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import click
import nats
from msgspec import Struct

from huiyin import clock, keys, prepare, settings
from huiyin.engines import identity, process
from huiyin.engines import nats as engine
from huiyin.settings import Connections, Explained, Settings
from huiyin.steady import JUMP

LEAST_FREE = 2 * 1024**3
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
LATE = 60.0  # seconds after which what is due should long have happened
WANTED_STREAMS = ("INTAKE", "EVENTS", "COMMANDS")  # DEPARTMENTS drops the oldest: whoever is away must not stop others


class Finding(Struct, frozen=True):
    """One thing that was looked at; `advice` says what to do where it is not well. `mild`: all else works without."""

    well: bool
    what: str
    advice: str = ""
    mild: bool = False


@click.command()
def doctor() -> None:
    """检查设置、版本、权限与持久性,并说明怎么办;有问题时退出码为 1。"""
    said = settings.load()
    findings = [*_machine(said), *_folder(said.folder), *_fonts(said), *asyncio.run(_running())]
    for finding in findings:
        click.echo(f"{'✓' if finding.well else '!' if finding.mild else '✗'} {finding.what}")
        if not finding.well:
            click.echo(f"    → {finding.advice}")
    raise SystemExit(not all(finding.well or finding.mild for finding in findings))


def _machine(said: Settings) -> Iterator[Finding]:
    yield Finding(True, f"Python {platform.python_version()},{platform.platform()}")
    if not said.nats_url:
        yield _program("NATS", "nats-server", engine.program, (2, 14))
    if not said.database_url:
        who = identity.choose()
        yield Finding(True, f"PostgreSQL 以 {_ways[who.name]} 运行")
        yield _program("PostgreSQL", "postgres", lambda: identity.programs(who) / "postgres", (18,))


_ways = {"plain": "当前用户身份", "namespace": "独立用户命名空间", "nobody": "nobody 身份"}


def _program(label: str, name: str, find: Callable[[], Path], least: tuple[int, ...]) -> Finding:
    advice = f"重新安装:删除 .venv 后运行 python3 start.py install;或使用外部 {label}"
    try:
        shown = subprocess.run([find(), "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError, process.Failed) as error:
        return Finding(False, f"{label}:{error}", advice)
    number = shown.split()[-1].removeprefix("v").rstrip(")")
    enough = tuple(int(part) for part in number.split(".")[:2]) >= least
    return Finding(enough, f"{label} 程序 {number}", advice)


def _folder(folder: Path) -> Iterator[Finding]:
    if not folder.exists():
        yield Finding(True, f"数据目录 {folder} 还不存在,首次启动时建立")
        return
    yield Finding(os.access(folder, os.W_OK), f"数据目录 {folder} 可写", "换用启动时的用户,或 --data 指定别的目录")
    free = shutil.disk_usage(folder).free
    yield Finding(free >= LEAST_FREE, f"磁盘空闲 {free / 1024**3:.1f} GB", "至少留出 2 GB,否则停止接收新诉求")
    secrets = folder / keys.FOLDER
    if os.access(secrets, os.X_OK):
        loose = [path.name for path in (secrets, *secrets.iterdir()) if path.stat().st_mode & 0o077]
        yield Finding(not loose, "密钥文件只有本人可读", f"chmod -R go-rwx {secrets}({','.join(loose)})")


def _fonts(said: Settings) -> Iterator[Finding]:
    """Whether papers of mediation can be printed, with which letters, and which names may lack one."""
    from huiyin.papers.fonts import Fonts, NoFont  # takes a moment, and only here

    folder = said.fonts
    if folder is not None:
        yield Finding(folder.is_dir(), f"字体目录 {folder}", "HUIYIN_FONT_FOLDER 指的目录不存在或读不到")
    try:
        fonts = Fonts([folder] if folder and folder.is_dir() else [])
    except NoFont as error:
        yield Finding(False, "调解文书不能印成 PDF", str(error), mild=True)
        return
    yield Finding(True, f"调解文书字体:正文 {fonts.body[0]},标题 {fonts.song[0]},小标题 {fonts.hei[0]}")
    lost = "、".join(name for name, letters in _LETTERS.items() if fonts.ready(letters).lost)
    yield Finding(not lost, f"缺生僻字字体:{lost}" if lost else "生僻字字体齐全", _RARE_FONTS, mild=True)


_LETTERS = {"扩展 A 区(如 㛃)": "㛃", "扩展 B 区(如 𠮷)": "𠮷", "扩展 C 至 G 区(如 𫍯 𰻝)": "𫍯𰻝"}
_RARE_FONTS = (
    "这些姓名用字在 PDF 中印作 〓:装 fonts-hanazono,或把遍黑体、宋体-扩展等字体放进 HUIYIN_FONT_FOLDER;DOCX 不受影响"
)


async def _running() -> list[Finding]:
    try:
        where = settings.connections()
    except Explained as error:
        return [Finding(True, f"没有正在运行的服务,跳过运行时检查({str(error).splitlines()[0]})")]
    return [
        *_monitored(where),
        *[finding async for finding in _streams(where)],
        *[finding async for finding in _database(where)],
        Finding(
            not where.web_url or await asyncio.to_thread(prepare.answers, where.web_url + "/readyz"),
            f"网页 {where.web_url or '(外部)'} 应答",
            f"看日志 {where.data / 'logs' / 'web.log'}",
        ),
    ]


def _monitored(where: Connections) -> Iterator[Finding]:
    if not where.nats_monitor_url:
        yield Finding(
            False, "NATS 是否每次写盘:无从得知", "外部 NATS 须设 sync_interval: always,并设 HUIYIN_NATS_MONITOR_URL"
        )
        return
    try:
        config = engine.monitor(where.nats_monitor_url, "/jsz?config=1")["config"]
        health = engine.monitor(where.nats_monitor_url, "/healthz")
    except (OSError, KeyError) as error:
        yield Finding(False, f"NATS 监控口不应答:{error}", "确认 NATS 在运行,且开启了 JetStream")
        return
    yield Finding(health.get("status") == "ok", "NATS 健康", f"{health.get('error')};磁盘腾空后须重启 NATS")
    yield Finding(
        bool(config.get("sync_always")),
        "NATS 每次写盘后才应答(sync_always)",
        "jetstream 配置里写 sync_interval: always 并重启,否则断电会丢已应答的消息",
    )


async def _streams(where: Connections) -> AsyncIterator[Finding]:
    try:
        client = await nats.connect(
            where.nats_url,
            inbox_prefix=engine.SERVICE_INBOX.encode(),
            connect_timeout=3,
            allow_reconnect=False,
            error_cb=_silent,
        )
    except (OSError, nats.errors.Error, TimeoutError) as error:
        yield Finding(False, f"连不上 NATS:{error}", "确认地址与口令(HUIYIN_NATS_URL)")
        return
    found = {info.config.name: info.config for info in await client.jetstream().streams_info()}
    await client.close()
    for name in WANTED_STREAMS:
        config = found.get(name)
        kept = config is not None and config.discard == "new" and bool(config.max_bytes)
        yield Finding(kept, f"消息流 {name} 有界且满时拒收", "重新运行 huiyin up,由它建立")


async def _silent(_error: Exception) -> None:
    """What went wrong is in the finding."""


async def _database(where: Connections) -> AsyncIterator[Finding]:
    try:
        connection = await asyncpg.connect(where.database_url, timeout=3, command_timeout=5)
    except (OSError, asyncpg.PostgresError, TimeoutError) as error:
        yield Finding(False, f"连不上 PostgreSQL:{error}", "确认地址与口令(HUIYIN_DATABASE_URL)")
        return
    version = connection.get_settings().server_version
    yield Finding(int(version.split(".")[0]) >= 18, f"PostgreSQL {version}", "请升级到 18")
    for name, wanted in DURABLE.items():
        value = await connection.fetchval("SELECT current_setting($1)", name)
        yield Finding(value == wanted, f"PostgreSQL {name} = {value}", f"须为 {wanted},否则断电会丢已提交的数据")
    mighty = await connection.fetchval(
        "SELECT rolsuper OR rolcreaterole OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
    )
    yield Finding(not mighty, "服务账号没有管理权限", "服务请用普通账号,迁移另设 HUIYIN_OWNER_DATABASE_URL")
    try:
        ((base, newest, soonest),) = await connection.fetch(_CLOCKS)
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError):
        yield Finding(False, "数据库结构不是本版本的", "运行 huiyin db upgrade")
    else:
        for finding in _time(base, newest, soonest, clock.load(where.data)):
            yield finding
    await connection.close()


_CLOCKS = (
    "SELECT clock_timestamp(), (SELECT at FROM log ORDER BY xid DESC, seq DESC LIMIT 1),"
    " least((SELECT next_at FROM tickets WHERE next_at IS NOT NULL ORDER BY next_at LIMIT 1),"
    " (SELECT next_at FROM whistles WHERE next_at IS NOT NULL ORDER BY next_at LIMIT 1),"
    " (SELECT next_at FROM mediations WHERE next_at IS NOT NULL ORDER BY next_at LIMIT 1))"
)


def _time(base: datetime, newest: datetime | None, soonest: datetime | None, told: clock.Clock) -> Iterator[Finding]:
    """Whether deadlines can be trusted to the database's clock, and whether they are kept."""
    now = told.told_at(base)
    off = max(
        abs((datetime.now(UTC) - base).total_seconds()), (newest - now).total_seconds() / told.speed if newest else 0
    )
    yield Finding(
        off <= JUMP,
        f"数据库时钟与本机、与日志相差不到 {JUMP:g} 秒",
        f"相差 {off:.0f} 秒,时限上报可能已暂停;请用 NTP 校准两边的时钟",
    )
    late = (now - soonest).total_seconds() / told.speed if soonest else 0
    yield Finding(late <= LATE, "到期事项都已办理", f"最早一项已过期 {late:.0f} 秒;看日志 deadlines.log")
