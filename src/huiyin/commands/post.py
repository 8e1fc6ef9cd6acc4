"""`huiyin post`: who holds which post, from when to when; a post changes hands and its tickets stay."""

from datetime import datetime
from typing import cast

import click
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin import clock
from huiyin.commands.user import BEIJING, DAY, moment, role_option, run, seen, somebody
from huiyin.core.people import Role
from huiyin.core.staff import Overlapping, Term
from huiyin.settings import Explained


@click.group()
def post() -> None:
    """岗位:任职、离任、列出。"""


@post.command()
@click.argument("name")
@click.option("--post", "code", required=True, help="岗位代码,如 building_leader:E1-B03")
@role_option
@click.option("--scope", "scope_", required=True, help="可见范围,同 huiyin user add")
@click.option("--deputy", is_flag=True, help="副职")
@click.option("--since", type=DAY, help="任期开始;默认现在")
@click.option("--until", type=DAY, help="任期结束(不含);默认不定")
def give(
    name: str, code: str, role: str, scope_: str, deputy: bool, since: datetime | None, until: datetime | None
) -> None:
    """让账号 NAME 的本人任一个岗位(可兼任);岗位上未结的工单随岗位走。"""
    from huiyin import posts

    seen(scope_)
    now = clock.now()
    begins, ends = moment(since) or now, moment(until)

    async def order(connection: AsyncConnection) -> bool:
        term = Term(code, await somebody(connection, name), cast(Role, role), scope_, begins, ends, deputy)
        return bool(await posts.give(connection, term, at=now))

    try:
        done = run(order)
    except posts.BadTerm as bad:
        raise Explained("岗位代码应为 1 到 64 个字母、数字、汉字或 : . _ -,且 --until 晚于 --since") from bad
    except Overlapping as over:
        raise Explained(f"{name} 在 {code} 已有从那时或更晚开始的任期;请先 huiyin post end") from over
    click.echo(f"{name} 任 {code}{'(副职)' if deputy else ''}" if done else f"无变化:{name} 已任 {code}")


@post.command()
@click.argument("name")
@click.option("--post", "code", required=True, help="岗位代码")
@click.option("--at", "until", type=DAY, help="离任时间;默认现在")
def end(name: str, code: str, until: datetime | None) -> None:
    """账号 NAME 的本人不再任一个岗位;工单留在岗位上,等接任的人。"""
    from huiyin import posts
    from huiyin.store import people

    now = clock.now()

    async def order(connection: AsyncConnection) -> bool:
        person = await somebody(connection, name)
        if not await people.terms(connection, person, code):
            raise Explained(f"{name} 没有任过 {code}")
        return bool(await posts.end(connection, person, code, moment(until) or now, at=now))

    click.echo(f"{name} 离任 {code}" if run(order) else f"无变化:{name} 已离任 {code}")


@post.command("list")
@click.argument("code", required=False, metavar="[岗位代码]")
def list_(code: str | None) -> None:
    """列出现在与将来的任职:岗位、账号、类别、范围、起止。"""
    from huiyin.store import people

    now = clock.now()
    for term, name in run(lambda c: people.held(c, code, now)):
        kind = "副职" if term.deputy else "正职"
        times = f"{_said(term.since)} – {_said(term.until) if term.until else ''}"
        click.echo(f"{term.post}\t{name or term.person}\t{kind}\t{term.role}\t{term.scope}\t{times}")


def _said(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M}"
