"""`huiyin user`: accounts and whose they are; a password, a token, a TOTP secret are shown once and never again."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, TypeVar

import click
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin import clock, settings
from huiyin.core.people import ROLES, SCOPES, Scope, scope
from huiyin.core.staff import Overlapping
from huiyin.settings import Explained

if TYPE_CHECKING:
    from huiyin.store.accounts import Account

T = TypeVar("T")
DAY = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"])
BEIJING = timezone(timedelta(hours=8))  # a day without an offset is one here
role_option = click.option("--role", required=True, type=click.Choice(ROLES), help="岗位类别")


@click.group()
def user() -> None:
    """账号:添加、列出、停用、动态口令;账号的本人:利害关系。"""


@user.command()
@click.argument("name")
@role_option
@click.option("--scope", "scope_", required=True, help=f"可见范围:all 或 {'|'.join(SCOPES[1:])} 加 :代码")
@click.option("--post", help="办理日志里记的岗位代码;默认由岗位类别与范围得出")
@click.option("--deputy", is_flag=True, help="任副职")
@click.option("--since", type=DAY, help="任期开始;默认现在")
@click.option("--until", type=DAY, help="任期结束(不含);默认不定")
@click.option("--called", default="", help="姓名:印在调解文书上,当事人也看得到")
@click.option("--no-totp", "--demo", "exempt", is_flag=True, help="不要动态口令(仅供演示与测试);机器账号从来不要")
def add(name: str, role: str, scope_: str, post: str | None, called: str, exempt: bool, **term: Any) -> None:
    """添加账号及其任职(已有的则换新密码、令牌与动态口令);这些只显示一次。"""
    from huiyin import posts
    from huiyin.store.accounts import Account

    code = post or f"{role}:{seen(scope_).code or 'all'}"
    if not 0 < len(name) <= 64 or not name.isprintable() or len(called) > 32 or not called.isprintable():
        raise Explained("用户名应为 1 到 64 个可见字符,姓名最多 32 个")
    account = Account(name, role, code, scope_, exempt=exempt or role == "machine")
    try:
        said = run(lambda c: _enrol(c, account, called, term))
    except posts.BadTerm as bad:
        raise Explained("岗位代码应为 1 到 64 个字母、数字、汉字或 : . _ -,且 --until 晚于 --since") from bad
    except Overlapping as over:
        raise Explained(f"{name} 在 {code} 已有从那时或更晚开始的任期;请先 huiyin post end") from over
    click.echo(f"账号 {name}({role},{scope_},岗位 {code})")
    for line in said:
        click.echo(line)
    click.echo("以上密码、令牌、动态口令只显示这一次", err=True)


async def _enrol(connection: AsyncConnection, account: "Account", called: str, term: dict[str, Any]) -> list[str]:
    """The account and all its secrets, as lines to show. A token is of use only where no code is asked for."""
    from huiyin import office, posts
    from huiyin.web.logins import digest, hashed, new_password, new_token

    password, token = new_password(), new_token() if account.exempt else None
    at = clock.now()
    await office.hold(connection)
    person = await posts.enrol(
        connection,
        account,
        hashed(password),
        digest(token) if token else None,
        at=at,
        since=moment(term["since"]),
        until=moment(term["until"]),
        deputy=bool(term["deputy"]),
    )
    if called:
        await office.call(connection, replace(account, person=person), called, at=at, actor=posts.CONSOLE)
    shown = [f"密码 {password}"]
    return [*shown, f"令牌 {token}"] if token else [*shown, *await _totp(connection, account.username)]


@user.command()
@click.argument("name")
def totp(name: str) -> None:
    """给账号换新的动态口令密钥(旧的立即失效,会话结束),显示一次。"""

    async def order(connection: AsyncConnection) -> list[str]:
        await _account(connection, name)
        return await _totp(connection, name)

    for line in run(order):
        click.echo(line)
    click.echo("动态口令密钥只显示这一次", err=True)


async def _totp(connection: AsyncConnection, name: str) -> list[str]:
    from huiyin.store import accounts
    from huiyin.store.vault import Seal
    from huiyin.web import totp as codes

    secret = codes.new_secret()
    sealed = codes.sealed(Seal(settings.vault_key()), secret)
    await accounts.put_totp(connection, name, sealed, datetime.now(UTC))
    return [f"动态口令密钥 {secret}", f"动态口令地址 {codes.uri(secret, name)}"]


@user.command()
@click.argument("name")
@click.option("--phone", help="手机号:只存加密散列,用来发现本人就是当事人")
@click.option("--home", help="住处 楼栋代码/房号:只存加密散列,用来发现同住户")
@click.option("--employer", help="工作单位,用岗位代码表示,如 property:E0001、owners_committee:E0001")
def person(name: str, phone: str | None, home: str | None, employer: str | None) -> None:
    """登记账号本人的利害关系依据;登记后不再显示。"""
    from huiyin import posts
    from huiyin.store.vault import Seal

    building, _, room = (home or "").partition("/")
    if home is not None and not (building and room):
        raise Explained("--home 应为 楼栋代码/房号,如 E0001-B03/0602")
    if employer is not None and not posts.POST_CODE.fullmatch(employer):
        raise Explained("--employer 应为岗位代码,如 property:E0001")
    seal = Seal(settings.vault_key())
    marks = (seal.mark(phone) if phone else None, seal.household(building, room) if home else None, employer)

    async def order(connection: AsyncConnection) -> None:
        await posts.describe(connection, await somebody(connection, name), *marks)

    run(order)
    click.echo(f"已登记 {name}")


@user.command()
@click.argument("name")
@click.argument("other")
@click.option("--kind", required=True, help="关系,如 配偶、父母子女、合伙")
def relate(name: str, other: str, kind: str) -> None:
    """登记两个账号的本人申报的关系(双向)。"""
    from huiyin import posts

    async def order(connection: AsyncConnection) -> None:
        one, two = await somebody(connection, name), await somebody(connection, other)
        if one == two:
            raise Explained("两个账号是同一个人")
        await posts.relate(connection, one, two, kind)

    run(order)
    click.echo(f"已登记 {name} 与 {other} 的关系")


@user.command("list")
def list_() -> None:
    """列出账号。"""
    from huiyin.store import accounts

    for one in run(accounts.everyone):
        state = f"已停用 {one.disabled_at:%Y-%m-%d}" if one.disabled_at else "在用"
        click.echo(f"{one.username}\t{one.role}\t{one.scope}\t{one.post_code}\t{state}")


@user.command()
@click.argument("name")
@click.option("--keep-posts", is_flag=True, help="任职不变;岗位名义上仍有人,工单会等着")
def disable(name: str, keep_posts: bool) -> None:
    """停用账号,立即结束它的会话,并从各岗位离任(工单留在岗位,等接任的人)。"""
    from huiyin import office, posts

    async def order(connection: AsyncConnection) -> None:
        account, now = await _account(connection, name), datetime.now(UTC)
        await office.close_account(
            connection, account, at=clock.now(), now=now, actor=posts.CONSOLE, leave=not keep_posts
        )

    run(order)
    click.echo(f"账号 {name} 已停用" + (",任职不变" if keep_posts else ",各岗位已离任"))


# -- also for `huiyin post` -------------------------------------------------------------------------------


def moment(said: datetime | None) -> datetime | None:
    """What --since and its like say; without an offset it is Beijing's."""
    return said if said is None or said.tzinfo else said.replace(tzinfo=BEIJING)


def seen(said: str) -> Scope:
    """What --scope says; Explained where it says nothing."""
    try:
        return scope(said)
    except ValueError as error:
        raise Explained(f"--scope {said} 不对:应为 all 或 类别:代码,类别是 {' '.join(SCOPES[1:])}") from error


async def somebody(connection: AsyncConnection, name: str) -> str:
    """The person whose account it is; Explained where there is none, or it is a machine's."""
    account = await _account(connection, name)
    if not account.person:
        raise Explained(f"{name} 是机器账号,没有本人")
    return account.person


async def _account(connection: AsyncConnection, name: str) -> "Account":
    from huiyin.store import accounts

    found = await accounts.by_name(connection, name)
    if found is None:
        raise Explained(f"没有账号 {name}")
    return found


def run(order: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    """One transaction on the database that the settings name."""
    from huiyin.store.database import connect

    async def work() -> T:
        engine = connect(settings.connections().database_url, name="user")
        try:
            async with engine.begin() as connection:
                return await order(connection)
        finally:
            await engine.dispose()

    return asyncio.run(work())
