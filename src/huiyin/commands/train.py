"""`huiyin train`: the sorter learns from what people corrected; offline, on this machine, and reversible."""

import asyncio
from pathlib import Path

import click
import structlog

from huiyin import corrections, logs, settings
from huiyin.core.sorting.model import Model, encode
from huiyin.rules.load import load_catalogue, load_model
from huiyin.store.database import connect
from huiyin.store.vault import Seal
from huiyin.training import Correction
from huiyin.training import train as learn

FEW = 20
_SLOW = 600_000

_log = structlog.get_logger()


@click.command("train")
@click.option("--out", type=click.Path(path_type=Path), help="写到这个文件,不启用(默认写入数据目录并启用)")
@click.option("--reset", is_flag=True, help="回到随软件发布的模型")
def train_command(out: Path | None, reset: bool) -> None:
    """用人工改类的结果重新训练分类模型;几秒后分拣自动换用,--reset 可还原。"""
    data = settings.load()
    target = out or settings.rules_folder(data.folder) / "model.msgpack"
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
