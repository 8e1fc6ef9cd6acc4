"""`huiyin db upgrade`: bring the tables up to this version."""

import asyncio

import click

from huiyin import settings


@click.group()
def db() -> None:
    """数据库结构。"""


@db.command()
def upgrade() -> None:
    """把数据库结构升级到这个版本(用表的所有者账号)。"""
    from huiyin.store import migrate  # slow to import

    asyncio.run(migrate.upgrade(settings.connections().owner_database_url))
    click.echo("数据库结构已是最新")
