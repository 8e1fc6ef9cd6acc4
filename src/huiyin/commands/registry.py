"""`huiyin registry import`, `show`, `qr`: the city's streets, communities, estates, grids, buildings."""

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from huiyin import settings
from huiyin.settings import Explained

if TYPE_CHECKING:
    from huiyin.core.registry import Registry
    from huiyin.registration import Summary

CALLED = {"streets": "街道", "communities": "社区", "estates": "小区", "grids": "网格", "buildings": "楼栋"}


@click.group()
def registry() -> None:
    """街道、社区、小区、网格、楼栋登记册。"""


@registry.command("import")
@click.argument("folder", metavar="目录", type=click.Path(exists=True, file_okay=False, path_type=Path))
def import_(folder: Path) -> None:
    """导入目录中的 streets.csv communities.csv estates.csv grids.csv buildings.csv。

    目录里有 committees.csv、committee_members.csv、mediation_rooms.csv 的,一并导入人民调解委员会、委员、调解室。

    有一行不对就什么也不导入,并列出每一处的文件与行号;内容相同则不作任何改动。
    """
    from huiyin import hint  # slow to import
    from huiyin.registration import import_folder  # slow to import

    where = settings.connections()
    began = time.monotonic()
    done = asyncio.run(import_folder(where.database_url, folder))
    if _told(done, time.monotonic() - began) and not asyncio.run(hint.changed(where.nats_url)):
        click.echo("提醒:NATS 暂不可达,各进程稍后自行发现新登记册", err=True)


def _told(done: "Summary", seconds: float) -> bool:
    """What an import did, said; whether the registry is another one now."""
    for warning in done.warnings:
        click.echo(f"提醒:{warning}", err=True)
    if done.committees:
        click.echo(_counted(done.committees) + ("" if done.changed else ",无变化"))
    if not done.changes:
        click.echo(f"无变化:登记册已是版本 {done.version}")
        return False
    for name, change in done.changes.items():
        click.echo(
            f"{CALLED[name]} {done.counts[name]:>7,}  新增 {change.added:,}  变更 {change.changed:,}"
            f"  删除 {change.removed:,}"
        )
    click.echo(f"登记册已是版本 {done.version},用时 {seconds:.1f} 秒")
    return True


def _counted(some: dict[str, int]) -> str:
    return ",".join(f"{called} {count:,}" for called, count in some.items())


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


@registry.command()
@click.argument("out", metavar="输出.html", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--estate", metavar="小区编码", help="只要一个小区;缺省为全部")
@click.option(
    "--url", "address", metavar="网址", help="居民打开的网址,如 https://huiyin.example.cn;缺省取 HUIYIN_WEB_URL"
)
def qr(out: Path, estate: str | None, address: str | None) -> None:
    """生成楼栋二维码,每栋一张,扫一扫就能反映,小区和楼栋已经填好。

    得到一个网页文件:用浏览器打开后打印(或另存为 PDF),一页六张,贴在单元门口。
    """
    from huiyin.web.residents.signs import sheet  # slow to import

    base = address or settings.load().web_url
    if not base.startswith(("http://", "https://")):
        raise Explained("请用 --url 写明居民打开的网址(http:// 或 https:// 开头),或设置 HUIYIN_WEB_URL")
    if out.suffix.lower() not in (".html", ".htm"):
        raise Explained("输出文件应以 .html 结尾;要 PDF,请用浏览器打开后打印为 PDF")
    kept = asyncio.run(_registry(settings.connections().database_url))
    if estate is not None and estate not in kept.estates:
        raise Explained(f"登记册里没有小区 {estate}")
    chosen = [one for one in kept.buildings.values() if estate in (None, one.estate_code)]
    if not chosen:
        raise Explained("没有楼栋:请先用 huiyin registry import 导入登记册")
    out.write_text(sheet(kept, chosen, base.rstrip("/")), encoding="utf-8")
    click.echo(f"{len(chosen):,} 栋 → {out}")


async def _registry(url: str) -> "Registry":
    from huiyin.store.database import connect
    from huiyin.store.registry import load

    engine = connect(url, name="registry", size=1)
    try:
        async with engine.connect() as connection:
            return await load(connection)
    finally:
        await engine.dispose()


async def _counts(url: str) -> dict[str, int | str]:
    kept = await _registry(url)
    return {"version": kept.version} | {name: len(getattr(kept, name)) for name in CALLED}
