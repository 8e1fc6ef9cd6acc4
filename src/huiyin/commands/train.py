"""`huiyin train`: the sorter learns from what people corrected; offline, on this machine, and reversible."""

import asyncio
from pathlib import Path

import click
import structlog

from huiyin import corrections, logs, settings
from huiyin.core.sorting.model import Model, encode
from huiyin.rules.load import load_catalogue, load_model, own
from huiyin.store.database import connect
from huiyin.store.vault import Seal
from huiyin.training import Correction
from huiyin.training import train as learn

FEW = 20
_SLOW = 600_000

_log = structlog.get_logger()


@click.command("train")
@click.option("--out", type=click.Path(path_type=Path), help="写到这个文件,不启用(默认写入数据目录并启用)")
@click.option("--objections", is_flag=True, help="不训练,列出各事项的派单异议与裁定,供修订事项清单")
@click.option("--reset", is_flag=True, help="回到随软件发布的模型")
def train_command(out: Path | None, reset: bool, objections: bool) -> None:
    """用人工改类的结果重新训练分类模型;几秒后分拣自动换用,--reset 可还原。"""
    data = settings.load()
    target = out or settings.rules_folder(data.folder) / "model.msgpack"
    if objections:
        _objections(asyncio.run(_rulings()))
        return
    if reset:
        target.unlink(missing_ok=True)
        click.echo("已还原为随软件发布的模型")
        return
    logs.configure(data.log_level)
    found = asyncio.run(_read())
    if len(found) < FEW:
        raise settings.Explained(f"只有 {len(found)} 条人工改类记录;至少 {FEW} 条才值得训练")
    click.echo(f"{len(found)} 条人工改类记录,正在训练 …")
    model = learn(found, catalogue=load_catalogue(), base=load_model())
    _write(target, model)
    click.echo(f"新模型 {model.version} 已写入 {target}" + ("" if out else ";分拣将在几秒内换用"))


async def _rulings() -> list[corrections.Ruled]:
    engine = connect(settings.connections().database_url, name="train", statement_timeout_ms=_SLOW)
    try:
        return await corrections.rulings(engine)
    finally:
        await engine.dispose()


def _objections(found: list[corrections.Ruled]) -> None:
    """Upheld objections say that a leaf begins at the wrong rung: people change the catalogue, the sorter does not."""
    folder = settings.rules_folder(settings.load().folder)
    entries = load_catalogue(own(folder, "catalogue.csv")).entries
    for one in found:
        entry = entries.get(one.category)
        where = f"{entry.name}(首办 {entry.first_tier})" if entry else "已不在清单中"
        click.echo(f"{one.category}\t{where}\t{one.reason}\t异议 {one.objections}\t成立 {one.upheld}")
    said = (
        "还没有经过裁定的派单异议"
        if not found
        else "成立的异议说明首办层级有误:请修订 rules/catalogue.csv 的 first_tier"
    )
    click.echo(said, err=True)


async def _read() -> list[Correction]:
    where = settings.connections()
    engine = connect(where.database_url, name="train", statement_timeout_ms=_SLOW)
    vault = connect(where.vault_database_url, name="train-vault", statement_timeout_ms=_SLOW)
    try:
        found = [one async for one in corrections.read(engine, vault, Seal(settings.vault_key()))]
    finally:
        await engine.dispose()
        await vault.dispose()
    _log.info("read", noun="dossier", purpose="training", count=len(found))
    return found


def _write(target: Path, model: Model) -> None:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = target.with_suffix(".new")
    fresh.write_bytes(encode(model))
    fresh.replace(target)
