"""`huiyin replay FILE`: publish complaints from a file and account for every one."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from time import monotonic
from typing import Any

import click
import msgspec
from nats.aio.client import Client
from nats.errors import Error
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from huiyin import logs, settings
from huiyin.bus import streams
from huiyin.replay import Replay, Summary
from huiyin.replay_file import File, Unreadable
from huiyin.settings import Explained
from huiyin.store.database import connect

LINES_SHOWN = 50
LABELS = {
    "published": "已发布",
    "placed_grid": "派到网格",
    "placed_community": "只派到社区",
    "manual": "转人工分拣",
    "merged": "并单",
    "dead_lettered": "死信",
    "refused": "被拒绝",
    "already_known": "其中此前已有",
    "unaccounted": "去向不明",
    "unreadable_lines": "无法读取的行",
    "seconds": "用时(秒)",
    "per_second": "每秒",
}
_OPTIONAL = {"refused", "unaccounted", "unreadable_lines"}


@click.command()
@click.argument("file", metavar="文件", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), help="每秒最多发布几件;默认不限")
@click.option("--json", "as_json", is_flag=True, help="只打印一个 JSON 对象")
def replay(file: Path, rate: float | None, as_json: bool) -> None:
    """把 JSON Lines 文件(可为 .gz)中的诉求发布到总线,并逐件核对去向。

    同一文件发布两次不会产生第二张工单。有一件去向不明或有一行无法读取时退出码为 1。
    """
    logs.configure("error")  # that our own connection closes is no news here
    lines = _Lines(file.name)
    begun: list[Replay] = []
    try:
        asyncio.run(_heard(_replay(file, rate, lines.complain, begun.append)))
    except (
        KeyboardInterrupt,
        asyncio.CancelledError,
    ):  # nobody else cancels it; a timeout of that moment may count, too
        click.echo("已中断;再次运行会从头核对,不会产生第二张工单", err=True)
        sys.exit(130)
    (run,) = begun
    _report(run, as_json)
    sys.exit(0 if run.summary.whole and not run.trouble else 1)


class _Lines:
    """Says the first of what cannot be read of a file."""

    def __init__(self, name: str) -> None:
        self._name, self._shown = name, 0

    def complain(self, line: Unreadable) -> None:
        self._shown += 1
        if self._shown <= LINES_SHOWN:
            click.echo(f"{self._name} 第 {line.line} 行:{line.why}", err=True)


async def _heard(work: Coroutine[Any, Any, None]) -> None:
    """Ctrl-C is Ctrl-C also where somebody's library swallowed it, or failed at it."""
    try:
        await work
    finally:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise asyncio.CancelledError


async def _replay(
    path: Path, rate: float | None, complain: Callable[[Unreadable], None], begun: Callable[[Replay], None]
) -> None:
    where = settings.connections()
    async with AsyncExitStack() as stack:
        file = File(path)
        stack.callback(file.close)
        engine = connect(where.database_url, name="replay", size=2)
        stack.push_async_callback(engine.dispose)
        nc = await _connected(where.nats_url)
        stack.push_async_callback(nc.close)
        run = Replay(file, nc, engine, rate=rate, complain=complain)
        begun(run)
        showing = asyncio.create_task(_show(run))
        try:
            await run.run()
        finally:
            showing.cancel()
            await asyncio.gather(showing, return_exceptions=True)


async def _connected(url: str) -> Client:
    try:
        async with asyncio.timeout(10):
            return await streams.connect(url, "replay")
    except (OSError, TimeoutError, Error) as error:
        raise Explained(f"连不上 NATS({type(error).__name__});请先启动:huiyin up") from error


async def _show(run: Replay) -> None:
    """A bar on a terminal, a line every few seconds elsewhere; always on stderr."""
    console = Console(stderr=True)
    if console.is_terminal:
        await _bars(run, console)
    else:
        await _lines(run)


async def _bars(run: Replay, console: Console) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
    counted = (MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, *counted, console=console, transient=True) as progress:
        reading = progress.add_task("已读取(字节)", total=max(1, run.file.size))
        following = progress.add_task("已核对(件)", total=1)
        try:
            while True:
                progress.update(reading, completed=run.file.position)
                total = run.accounted + run.waiting.total()
                progress.update(following, completed=run.accounted, total=max(1, total))
                await asyncio.sleep(0.1)
        finally:
            progress.update(following, completed=run.accounted, total=max(1, run.accounted + run.waiting.total()))


async def _lines(run: Replay) -> None:
    began = monotonic()
    while True:
        await asyncio.sleep(5)
        click.echo(
            f"[{monotonic() - began:5.0f} 秒] 已发布 {run.summary.published:,} 件,已核对 {run.accounted:,} 件,"
            f"在途 {run.waiting.total():,} 件",
            err=True,
        )


def _report(run: Replay, as_json: bool) -> None:
    if run.trouble:
        click.echo(f"没有完成:{run.trouble}", err=True)
    for cause in list(run.waiting)[:LINES_SHOWN]:
        click.echo(f"去向不明:source={cause[0]} id={cause[1]}", err=True)
    if (more := run.summary.unreadable_lines - LINES_SHOWN) > 0:
        click.echo(f"… 另有 {more} 行无法读取", err=True)
    if run.file.unused:
        click.echo(f"没有用到的字段:{'、'.join(sorted(run.file.unused)[:20])}", err=True)
    if as_json:
        click.echo(msgspec.json.encode(run.summary))
    else:
        Console().print(_table(run.summary))


def _table(summary: Summary) -> Table:
    table = Table(show_header=False)
    for name, value in msgspec.structs.asdict(summary).items():
        if value or name not in _OPTIONAL:
            table.add_row(LABELS[name], f"{value:,}")
    return table
