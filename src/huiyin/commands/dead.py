"""`huiyin dead list`, `show`, `replay`: what could not be read or done, and sending it again."""

import asyncio
import getpass
import re
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import TypeVar

import click
import msgspec
import structlog
from cryptography.exceptions import InvalidTag
from nats.aio.client import Client
from nats.errors import Error
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from huiyin import clock, logs, settings
from huiyin.bus import streams
from huiyin.bus.again import ours, send_again
from huiyin.bus.publish import Rejected, Unsent
from huiyin.settings import Explained
from huiyin.store import dead as store
from huiyin.store.database import connect
from huiyin.store.dead import Listed, Message
from huiyin.store.vault import Seal

PAGE = 100
_UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # what a terminal would obey
_NEWEST = text("SELECT max(id) FROM dead_letters")
_log = structlog.get_logger()
_T = TypeVar("_T")
_OURS = "系统自己发布的事件,内容以办理日志为准,不重投"


@click.group()
def dead() -> None:
    """死信:读不懂或办不成的消息,原文加密保存,可以重投。"""


@dead.command("list")
@click.option("--all", "everything", is_flag=True, help="也列出已经重投的")
@click.option("--after", default=0, help="从这个编号之后列起")
@click.option("--limit", default=PAGE, show_default=True, type=click.IntRange(1, 10_000), help="最多列出几条")
@click.option("--json", "as_json", is_flag=True, help="只打印一个 JSON 对象")
def list_(everything: bool, after: int, limit: int, as_json: bool) -> None:
    """列出死信(不含原文)。"""
    logs.configure("error")
    found = _run(_listed(after, limit + 1, waiting_only=not everything))
    page, more = found[:limit], len(found) > limit
    if as_json:
        click.echo(msgspec.json.encode({"letters": page, "next": page[-1].id if more else None}))
        return
    for letter in page:
        click.echo(_line(letter))
    if more:
        click.echo(f"… 还有;下一页:huiyin dead list --after {page[-1].id}{' --all' if everything else ''}", err=True)
    elif not page:
        click.echo("没有死信" if everything else "没有待处理的死信")


@dead.command()
@click.argument("ident", metavar="编号", type=int)
@click.option("--reveal", is_flag=True, help="显示原文(可能含个人信息;此举会记入日志)")
def show(ident: int, reveal: bool) -> None:
    """显示一条死信。"""
    logs.configure("info")
    letter, message = _run(_opened(ident, reveal))
    click.echo(_line(letter))
    for name, value in (("来源", letter.source), ("事件编号", letter.event_id), ("投递次数", letter.deliveries)):
        click.echo(f"{name} {'-' if value is None else value}")
    if not reveal:
        click.echo("原文已隐去;加 --reveal 显示", err=True)
    elif message is None:
        click.echo("原文已不在库中", err=True)
    else:
        for header, value in (message.headers or {}).items():
            click.echo(_safe(f"{header}: {value}"))
        click.echo(_safe(message.payload.decode(errors="backslashreplace")))


@dead.command()
@click.argument("idents", metavar="[编号]…", nargs=-1, type=int)
@click.option("--all", "everything", is_flag=True, help="重投所有还没有重投的")
@click.option("--again", is_flag=True, help="已经重投过的也再投一次")
def replay(idents: tuple[int, ...], everything: bool, again: bool) -> None:
    """把死信原样重新发布到它原来的主题。"""
    if bool(idents) == everything:
        raise click.UsageError("请给出编号,或用 --all")
    logs.configure("error")
    sent, skipped = _run(_replay(idents, again))
    for ident, why in skipped:
        click.echo(f"{ident}:{why}", err=True)
    click.echo(f"已重投 {sent} 条" + (f",跳过 {len(skipped)} 条" if skipped else ""))
    raise SystemExit(1 if skipped else 0)


def _run(work: Awaitable[_T]) -> _T:
    async def go() -> _T:
        return await work

    try:
        return asyncio.run(go())
    except InvalidTag as error:
        raise Explained("死信打不开:保管库密钥(vault.key)不是封存它时的那一把") from error
    except (Unsent, Rejected) as error:
        raise Explained(f"没有全部重投:{error};已投的都已标记,可再次运行") from error


@asynccontextmanager
async def _database(url: str) -> AsyncIterator[AsyncEngine]:
    engine = connect(url, name="dead", size=1)
    try:
        yield engine
    finally:
        await engine.dispose()


async def _listed(after: int, limit: int, *, waiting_only: bool) -> list[Listed]:
    async with _database(settings.connections().database_url) as engine, engine.connect() as connection:
        return await store.listed(connection, after=after, limit=limit, waiting_only=waiting_only)


async def _opened(ident: int, reveal: bool) -> tuple[Listed, Message | None]:
    where = settings.connections()
    url = where.vault_database_url if reveal else where.database_url
    async with _database(url) as engine, engine.connect() as connection:
        letter = await store.one(connection, ident)
        if letter is None:
            raise Explained(f"没有编号为 {ident} 的死信")
        if not reveal:
            return letter, None
        _log.warning("revealed", noun="dead_letter", id=ident, post="console", login=getpass.getuser())
        return letter, await store.exhume(connection, Seal(settings.vault_key()), letter.stream, letter.stream_seq)


async def _replay(idents: Sequence[int], again: bool) -> tuple[int, list[tuple[int, str]]]:
    """How many were sent, and which were not and why; no `idents` means all that wait."""
    where = settings.connections()
    async with _database(where.vault_database_url) as engine, AsyncExitStack() as stack:
        nc = await _connected(where.nats_url)
        stack.push_async_callback(nc.close)
        sent, skipped = 0, list[tuple[int, str]]()
        seal = Seal(settings.vault_key())
        async for page in _wanted(engine, idents, again, skipped):
            lost = await send_again(nc, engine, seal, page, clock.now())
            skipped += [(letter.id, "原文已不在库中") for letter in lost]
            sent += len(page) - len(lost)
        return sent, skipped


async def _wanted(
    engine: AsyncEngine, idents: Sequence[int], again: bool, skipped: list[tuple[int, str]]
) -> AsyncIterator[list[Listed]]:
    """Pages of letters to send; those named that cannot be go into `skipped`."""
    if not idents:
        async for page in _waiting(engine):
            yield page
        return
    async with engine.connect() as connection:
        named = [(ident, await store.one(connection, ident)) for ident in dict.fromkeys(idents)]
    page = []
    for ident, letter in named:
        if letter is None:
            skipped.append((ident, "没有这条死信"))
        elif ours(letter):
            skipped.append((ident, _OURS))
        elif letter.replayed_at and not again:
            skipped.append((ident, f"已于 {_time(letter.replayed_at)} 重投;要再投一次请加 --again"))
        else:
            page.append(letter)
    yield page


async def _waiting(engine: AsyncEngine) -> AsyncIterator[list[Listed]]:
    """What waits now and can be sent again, page by page; a letter that dies again meanwhile is a new one and not among
    them."""
    after, end = 0, None
    while True:
        async with engine.connect() as connection:
            if end is None:
                end = (await connection.execute(_NEWEST)).scalar() or 0
            page = await store.listed(connection, after=after, limit=PAGE)
        page = [letter for letter in page if letter.id <= end]
        if not page:
            return
        after = page[-1].id
        yield [letter for letter in page if not ours(letter)]


async def _connected(url: str) -> Client:
    try:
        async with asyncio.timeout(10):
            return await streams.connect(url, "dead")
    except (OSError, TimeoutError, Error) as error:
        raise Explained(f"连不上 NATS({type(error).__name__});请先启动:huiyin up") from error


def _line(letter: Listed) -> str:
    again = f"  {_time(letter.replayed_at)} 已重投" if letter.replayed_at else ""
    detail = f" {letter.detail}" if letter.detail else ""
    return (
        f"{letter.id}  {_time(letter.at)}  {letter.reason}{_safe(detail)}  {letter.subject}"
        f"  {letter.stream}/{letter.stream_seq}{again}"
    )


def _time(at: datetime) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _safe(text: str) -> str:
    """A message may hold anything, also what would command the terminal."""
    return _UNSAFE.sub(lambda found: repr(found[0])[1:-1], text)
