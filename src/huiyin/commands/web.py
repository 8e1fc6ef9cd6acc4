"""`huiyin web`: the windows over HTTP, one process."""

import gc
import sys
from typing import TYPE_CHECKING

import click

from huiyin import settings
from huiyin.settings import Explained

if TYPE_CHECKING:
    from huiyin.web.room import Where


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址")
@click.option("--port", type=click.IntRange(0, 65535), default=8646, show_default=True, help="端口")
def web(host: str, port: int) -> None:
    """只运行网页与接口;数据库或 NATS 暂时不在也能启动。"""
    run(host, port)


def run(host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM; returns after at most about three seconds of draining."""
    import uvloop

    from huiyin import clock, logs, readiness
    from huiyin.web import app, room, serve  # imported while the engines are still starting

    said = settings.load()
    logs.configure(said.log_level)
    readiness.wait_for_start()
    where = _where(said.web_url)
    gc.set_threshold(10_000, 50, 50)

    async def stand() -> bool:
        running = serve.server(app.build(room.Room(where, clock.now)), host, port, _listens)
        await running.serve()
        return running.started

    try:
        started = uvloop.run(stand())
    except SystemExit as error:  # uvicorn: the port is taken
        raise Explained(f"不能在 {host}:{port} 上监听:端口被占用或地址不可用") from error
    if not started:
        sys.exit(3)


def _listens() -> None:
    """What was loaded until now stays as long as the process: the collector need never look at it again."""
    from huiyin import readiness

    gc.collect()
    gc.freeze()
    readiness.announce()


def _where(web_url: str) -> "Where":
    """What the windows need to know."""
    from huiyin.web.room import Where

    found, said = settings.connections(), settings.load()
    return Where(
        found.database_url,
        found.nats_url,
        settings.vault_key(),
        settings.receipt_key(),
        web_url,
        settings.rules_folder(found.data),
        found.vault_database_url,
        said.tile_url,
        said.fonts,
    )
