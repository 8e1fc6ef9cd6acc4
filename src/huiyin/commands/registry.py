"""`huiyin registry import`, `huiyin registry show`: the city's streets, communities, estates, grids, buildings."""

import asyncio
import time
from pathlib import Path

import click

from huiyin import settings

CALLED = {"streets": "街道", "communities": "社区", "estates": "小区", "grids": "网格", "buildings": "楼栋"}


@click.group()
def registry() -> None:
    """街道、社区、小区、网格、楼栋登记册。"""


@registry.command("import")
@click.argument("folder", metavar="目录", type=click.Path(exists=True, file_okay=False, path_type=Path))
def import_(folder: Path) -> None:
    """导入目录中的 streets.csv communities.csv estates.csv grids.csv buildings.csv。

    有一行不对就什么也不导入,并列出每一处的文件与行号;内容相同则不作任何改动。
    """
    from huiyin import hint  # slow to import
    from huiyin.registration import import_folder  # slow to import

    where = settings.connections()
    began = time.monotonic()
    done = asyncio.run(import_folder(where.database_url, folder))
    for warning in done.warnings:
        click.echo(f"提醒:{warning}", err=True)
    if not done.changes:
        click.echo(f"无变化:登记册已是版本 {done.version}")
        return
    for name, change in done.changes.items():
        click.echo(
            f"{CALLED[name]} {done.counts[name]:>7,}  新增 {change.added:,}  变更 {change.changed:,}"
            f"  删除 {change.removed:,}"
        )
    click.echo(f"登记册已是版本 {done.version},用时 {time.monotonic() - began:.1f} 秒")
    if not asyncio.run(hint.changed(where.nats_url)):
        click.echo("提醒:NATS 暂不可达,各进程稍后自行发现新登记册", err=True)


@registry.command()
def show() -> None:
    """显示当前登记册的版本与数量。"""
    found = asyncio.run(_counts(settings.connections().database_url))
    if not found["version"]:
        click.echo("还没有导入登记册;请用 huiyin registry import 目录")
        return
    click.echo(f"版本 {found['version']}")
    for name, called in CALLED.items():
        click.echo(f"{called} {found[name]:>7,}")


async def _counts(url: str) -> dict[str, int | str]:
    from huiyin.store.database import connect
    from huiyin.store.registry import load

    engine = connect(url, name="registry", size=1)
    try:
        async with engine.connect() as connection:
            kept = await load(connection)
    finally:
        await engine.dispose()
    return {"version": kept.version} | {name: len(getattr(kept, name)) for name in CALLED}
