"""`huiyin log …`: verify the chains, export them, rebuild every view and compare, tell a ticket's story."""

import asyncio
import sys
from pathlib import Path

import click
import msgspec
from sqlalchemy import text

from huiyin import clock, review, settings
from huiyin.core.mediation import Rules as Mediating
from huiyin.core.ticket import Rules
from huiyin.core.whistle import Rules as Whistling
from huiyin.mediation_story import MediationTeller
from huiyin.rules.load import load_catalogue, own
from huiyin.rules.rulebook import load_ladder, load_mediation, load_whistle
from huiyin.settings import Explained
from huiyin.store import calendars, log, mediations, registry, tickets, whistles
from huiyin.store.database import connect
from huiyin.story import Teller
from huiyin.whistle_story import WhistleTeller

_SLOW = 600_000  # milliseconds: reading the whole log is the job


@click.group("log")
def log_group() -> None:
    """校验、导出、重放、讲述办理日志。"""


@log_group.command()
@click.option("--export", "export_file", type=click.Path(exists=True, path_type=Path), help="校验导出文件,不连数据库")
@click.option("--json", "as_json", is_flag=True, help="只打印一个 JSON 对象")
def verify(export_file: Path | None, as_json: bool) -> None:
    """校验日志:每条链逐条验算,卷宗密文与日志中的摘要核对。完好退出码为 0,否则为 1。"""
    if export_file is not None:
        chains, sealed = review.verify_export(export_file), None
    else:
        chains, sealed = asyncio.run(_verify())
    whole = chains.whole and (sealed is None or sealed.whole)
    if as_json:
        click.echo(msgspec.json.encode({"whole": whole, "chains": chains, "dossiers": sealed}))
    else:
        _report(chains, sealed, whole)
    sys.exit(0 if whole else 1)


async def _verify() -> tuple[review.Verdict, review.Verdict]:
    where = settings.connections()
    engine = connect(where.database_url, name="verify", statement_timeout_ms=_SLOW)
    vault = connect(where.vault_database_url, name="verify-vault", statement_timeout_ms=_SLOW)
    try:
        return await review.verify(engine), await review.verify_sealed(vault)
    finally:
        await engine.dispose()
        await vault.dispose()


def _report(chains: review.Verdict, sealed: review.Verdict | None, whole: bool) -> None:
    click.echo(f"链 {chains.nouns} 条,步骤 {chains.leaves} 条" + (f",卷宗 {sealed.leaves} 份" if sealed else ""))
    for verdict in (chains, sealed):
        for fault in verdict.broken if verdict else ():
            click.echo(f"  不符:{fault.noun} {fault.id} 第 {fault.version} 步:{fault.why}")
    faults = chains.faults + (sealed.faults if sealed else 0)
    click.echo("日志完好" if whole else f"日志不完好:{faults} 处;请保留现场并联系审计员")


@log_group.command()
@click.argument("file", type=click.Path(path_type=Path))
def export(file: Path) -> None:
    """把全部日志写成一个文件(JSON Lines,gzip),可用 verify --export 离线校验。"""
    count = asyncio.run(_export(file))
    click.echo(f"已导出 {count} 条步骤到 {file};校验:huiyin log verify --export {file}")


async def _export(file: Path) -> int:
    engine = connect(settings.connections().database_url, name="export", statement_timeout_ms=_SLOW)
    try:
        return await review.export(engine, file, clock.now())
    finally:
        await engine.dispose()


@log_group.command()
@click.option("--json", "as_json", is_flag=True, help="只打印一个 JSON 对象")
def replay(as_json: bool) -> None:
    """从日志重建每个视图并与现有的比较。一致退出码为 0,否则为 1。"""
    found = asyncio.run(_replay())
    if as_json:
        click.echo(msgspec.json.encode({"same": found.faults == 0, **msgspec.structs.asdict(found)}))
    else:
        for difference in found.differences:
            click.echo(f"  不同:{difference.number}:{'、'.join(difference.fields)}")
        end = "视图与日志一致" if not found.faults else f"{found.faults} 处与日志不一致"
        made = (
            f"{found.tickets} 张工单、{found.whistles} 张哨单、{found.mediations} 件调解、{found.committees} 个调委会"
        )
        click.echo(f"重建 {made};{end}")
    sys.exit(0 if not found.faults else 1)


async def _replay() -> review.Rebuilt:
    engine = connect(settings.connections().database_url, name="replay", statement_timeout_ms=_SLOW)
    try:
        return await review.rebuild(engine)
    finally:
        await engine.dispose()


@log_group.command()
@click.argument("number", default="")
@click.option("--json", "as_json", is_flag=True, help="只打印一个 JSON 数组")
def story(number: str, as_json: bool) -> None:
    """讲述一张工单(HY…)、哨单(SH…)或一件调解(TJ…)的经过,一步一句,不含个人信息。

    不写 NUMBER 时讲上报级数最多、督办级别最高的工单。"""
    told = asyncio.run(_story(number))
    if not told:
        raise Explained(f"没有工单、哨单或调解 {number}".rstrip())
    click.echo(msgspec.json.encode(told) if as_json else "\n".join(told))


async def _story(number: str) -> list[str]:
    where = settings.connections()
    own_rules = settings.rules_folder(where.data)
    engine = connect(where.database_url, name="story", statement_timeout_ms=_SLOW)
    try:
        async with engine.connect() as connection:
            number = number or (await connection.execute(_GRAVEST)).scalar() or ""
            known, calendar = await registry.load(connection), await calendars.load(connection)
            noun = _NOUNS.get(number[:2], tickets.NOUN)
            leaves = (await log.bodies(connection, noun, [number])).get(number, [])
    finally:
        await engine.dispose()
    catalogue = load_catalogue(own(own_rules, "catalogue.csv"))
    if noun == whistles.NOUN:
        return WhistleTeller(Whistling("-", catalogue, calendar, load_whistle(own_rules)[0]), known).tell(leaves)
    if noun == mediations.NOUN:
        return MediationTeller(Mediating("-", catalogue, calendar, load_mediation(own_rules)[0]), known).tell(leaves)
    return Teller(Rules("-", known, catalogue, load_ladder(own_rules)[0], calendar)).tell(leaves)


_NOUNS = {"SH": whistles.NOUN, "TJ": mediations.NOUN}

# The one that left the most rungs; of those the one under the highest supervision, then with the most steps.
_GRAVEST = text(
    "SELECT number FROM tickets ORDER BY cardinality(string_to_array(coalesce(passed, ''), ' ')) DESC,"
    " supervised DESC NULLS LAST, version DESC, number LIMIT 1"
)
