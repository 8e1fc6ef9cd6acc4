"""`huiyin calendar import`, `huiyin calendar list`: the yearly holiday notices behind every working day."""

import asyncio
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from huiyin import settings

if TYPE_CHECKING:
    from huiyin.core.calendar import Calendar


@click.group()
def calendar() -> None:
    """工作日历:每年一份放假调休安排。"""


@calendar.command("import")
@click.argument("file", metavar="文件", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--year", type=click.IntRange(2000, 2999), help="放假安排的年份;默认由文件得出")
def import_(file: Path, year: int | None) -> None:
    """导入一年的放假安排:CSV(date,kind,name;kind 为 off 放假或 work 补班),或 holiday-cn 的 JSON。

    有一行不对就什么也不导入,并列出每一处的行号;内容相同则不作任何改动。
    """
    from huiyin import hint  # slow to import
    from huiyin.calendars import import_notice  # slow to import

    where = settings.connections()
    done = asyncio.run(import_notice(where.database_url, file.read_bytes(), year))
    if done.version == done.was:
        click.echo(f"无变化:{done.year.year} 年放假安排已在日历版本 {done.version} 中")
        return
    click.echo(
        f"{done.year.year} 年放假安排已导入:放假 {len(done.year.off)} 天,补班 {len(done.year.work)} 天;"
        f"日历已是版本 {done.version}"
    )
    if not asyncio.run(hint.changed(where.nats_url)):
        click.echo("提醒:NATS 暂不可达,各进程稍后自行发现新日历", err=True)


@calendar.command("list")
def list_() -> None:
    """列出已有放假安排的年份。"""
    standing, imported = asyncio.run(_standing(settings.connections().database_url))
    click.echo(f"日历版本 {standing.version}")
    for number, year in standing.years.items():
        source = f"{imported[number]:%Y-%m-%d} 导入" if number in imported else "随软件提供"
        click.echo(
            f"{number}  放假 {len(year.off):>2} 天  补班 {len(year.work):>2} 天"
            f"  工作日 {_worked(standing, number)} 天  {source}"
        )
    click.echo(f"{max(standing.years) + 1} 年起尚无放假安排:届时的期限暂按周一至周五推算并注明,导入后自动重算")


def _worked(standing: "Calendar", year: int) -> int:
    first, after = date(year, 1, 1), date(year + 1, 1, 1)
    return sum(standing.workday(first + timedelta(days=n)) for n in range((after - first).days))


async def _standing(url: str) -> "tuple[Calendar, dict[int, datetime]]":
    from huiyin.store import calendars
    from huiyin.store.database import connect

    engine = connect(url, name="calendar", size=1)
    try:
        async with engine.connect() as connection:
            return await calendars.load(connection), await calendars.imported_at(connection)
    finally:
        await engine.dispose()
