"""`huiyin user`: accounts; a password and a token are shown once and never again."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar, cast

import click
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin import settings
from huiyin.core.people import ROLES, SCOPES, Role, scope
from huiyin.settings import Explained

T = TypeVar("T")


@click.group()
def user() -> None:
    """账号:添加、列出、停用。"""


@user.command()
@click.argument("name")
@click.option("--role", required=True, type=click.Choice(ROLES), help="岗位类别")
@click.option("--scope", "scope_", required=True, help=f"可见范围:all 或 {'|'.join(SCOPES[1:])} 加 :代码")
@click.option("--post", help="办理日志里记的岗位代码;默认由岗位类别与范围得出")
def add(name: str, role: str, scope_: str, post: str | None) -> None:
    """添加账号(已有的则换新密码与令牌),显示一次密码和令牌。"""
    from huiyin.store import accounts
    from huiyin.web.logins import digest, hashed, new_password, new_token

    try:
        seen = scope(scope_)
    except ValueError as error:
        raise Explained(f"--scope {scope_} 不对:应为 all 或 类别:代码,类别是 {' '.join(SCOPES[1:])}") from error
    if not 0 < len(name) <= 64 or not name.isprintable():
        raise Explained("用户名应为 1 到 64 个可见字符")
    account = accounts.Account(name, cast(Role, role), post or f"{role}:{seen.code or 'all'}", scope_)
    password, token = new_password(), new_token()
    now = datetime.now(UTC)
    _run(lambda c: accounts.put(c, account, hashed(password), digest(token), now))
    click.echo(f"账号 {name}({role},{scope_},岗位 {account.post_code})\n密码 {password}\n令牌 {token}")
    click.echo("密码和令牌只显示这一次", err=True)


@user.command("list")
def list_() -> None:
    """列出账号。"""
    from huiyin.store import accounts

    for one in _run(accounts.everyone):
        state = f"已停用 {one.disabled_at:%Y-%m-%d}" if one.disabled_at else "在用"
        click.echo(f"{one.username}\t{one.role}\t{one.scope}\t{one.post_code}\t{state}")


@user.command()
@click.argument("name")
def disable(name: str) -> None:
    """停用账号,并立即结束它的会话。"""
    from huiyin.store import accounts

    if not _run(lambda c: accounts.disable(c, name, datetime.now(UTC))):
        raise Explained(f"没有账号 {name}")
    click.echo(f"账号 {name} 已停用")


def _run(order: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    from huiyin.store.database import connect

    async def work() -> T:
        engine = connect(settings.connections().database_url, name="user")
        try:
            async with engine.begin() as connection:
                return await order(connection)
        finally:
            await engine.dispose()

    return asyncio.run(work())
