"""`huiyin department`: which departments take part over NATS, each with credentials of its own."""

import json
import re
from pathlib import Path

import click

from huiyin import departments, keys, settings
from huiyin.engines import accounts, nats
from huiyin.settings import Explained


@click.group()
def department() -> None:
    """职能部门的系统:哪些部门经 NATS 参与吹哨报到,各用各的账号。"""


@department.command()
@click.argument("name")
@click.option("--token", help="记号(小写字母和数字),如 chengguan;缺省由岗位算出")
def add(name: str, token: str | None) -> None:
    """让部门 NAME(城管 或 department:城管)参与;已参与的换一个新口令。口令只显示这一次。"""
    data, post = settings.load().folder, _post(name)
    known = departments.load(data)
    token = next((one for one, held in known.items() if held == post), token or departments.token_for(post))
    departments.check(token, post)
    if known.get(token, post) != post:
        raise Explained(f"记号 {token} 已归 {known[token]};请用 --token 换一个")
    (keys.folder(data) / departments.secret(token)).unlink(missing_ok=True)
    password = keys.password(data, departments.secret(token))
    departments.save(data, known | {token: post})
    click.echo(f"{post} 记号 {token}\n地址 nats://{token}:{password}@{_host()}")
    _apply(data)


@department.command("list")
def list_() -> None:
    """列出参与的部门和各自的记号;口令不再显示。"""
    for token, post in departments.load(settings.load().folder).items():
        click.echo(f"{post} {token}")


@department.command()
@click.argument("name")
def remove(name: str) -> None:
    """部门 NAME 不再经 NATS 参与:它的账号即刻失效;哨单照旧在网页上办。"""
    data, post = settings.load().folder, _post(name)
    known = departments.load(data)
    left = {token: held for token, held in known.items() if held != post}
    if left == known:
        raise Explained(f"{post} 没有参与")
    departments.save(data, left)
    for token in known.keys() - left.keys():
        (keys.folder(data) / departments.secret(token)).unlink(missing_ok=True)
    _apply(data)


@department.command("accounts")
def accounts_command() -> None:
    """打印外部 NATS 的账号配置(deploy/nats/accounts.conf),含各部门的口令:请只让 NATS 读得到。"""
    data = settings.load().folder
    known = departments.load(data)
    passwords = {token: json.dumps(keys.password(data, departments.secret(token))) for token in known}
    ours = {accounts.SERVICE: "$HUIYIN_NATS_PASSWORD", accounts.PARTNER: "$HUIYIN_PARTNER_PASSWORD"}
    click.echo(accounts.written(known, passwords | ours), nl=False)


def _post(name: str) -> str:
    return name if name.startswith(departments.KIND) else departments.KIND + name


def _where() -> settings.Connections | None:
    """What runs now."""
    try:
        return settings.connections()
    except Explained:
        return None


def _host() -> str:
    where = _where()
    return re.sub(r"^.*@", "", where.nats_partner_url) if where else "127.0.0.1:…(huiyin up 启动后可见)"


def _apply(data: Path) -> None:
    """Our own server takes it up at once; somebody else's needs its file."""
    if settings.load().nats_url:
        click.echo("外部 NATS:huiyin department accounts > deploy/nats/accounts.conf,再让它重新读配置两次(reload)")
        return
    nats.write_accounts(data)
    where = _where()
    if where is not None and nats.reload(data, where.nats_monitor_url):
        click.echo("正在运行的 NATS 已更新账号")
