"""`huiyin web`: the windows over HTTP, one process."""

import gc
import sys

import click

from huiyin import settings
from huiyin.settings import Explained


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
    from huiyin.web.app import build  # imported while the engines are still starting
    from huiyin.web.room import Room, Where
    from huiyin.web.serve import server

    said = settings.load()
    logs.configure(said.log_level)
    readiness.wait_for_start()
    where = settings.connections()
    gc.set_threshold(10_000, 50, 50)

    async def serve() -> bool:
        room = Room(
            Where(
                where.database_url,
                where.nats_url,
                settings.vault_key(),
                settings.receipt_key(),
                said.web_url,
                settings.rules_folder(where.data),
                where.vault_database_url,
            ),
            clock.now,
        )
        running = server(build(room), host, port)
        await running.serve()
        return running.started

    try:
        started = uvloop.run(serve())
    except SystemExit as error:  # uvicorn: the port is taken
        raise Explained(f"不能在 {host}:{port} 上监听:端口被占用或地址不可用") from error
    if not started:
        sys.exit(3)
