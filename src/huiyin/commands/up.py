"""`huiyin up`: start everything on this machine."""

from pathlib import Path

import click

from huiyin import settings


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="网页监听地址")
@click.option("--port", type=click.IntRange(0, 65535), help="网页端口;0 为自动选择空闲端口")
@click.option("--demo", is_flag=True, help="装入演示街区与各岗位账号")
@click.option(
    "--registry",
    type=click.Path(exists=True, file_okay=False, resolve_path=True, path_type=Path),
    help="就绪之前导入的登记册目录(streets.csv 等五个文件)",
)
@click.option("--speed", type=float, default=1.0, show_default=True, help="演示时钟:比真实时间快几倍")
def up(host: str, port: int | None, demo: bool, registry: Path | None, speed: float) -> None:
    """在这台机器上启动全部,就绪后打印一行 ready。"""
    from huiyin.up import Options, run  # --help need not load the engines

    options = Options(host=host, port=port, demo=demo, registry=registry, speed=speed)
    raise SystemExit(run(settings.load().folder, options))
