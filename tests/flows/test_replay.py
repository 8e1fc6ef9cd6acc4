"""`huiyin replay` accounts for every line, and a second time adds nothing; `huiyin dead` sends again."""

import asyncio
import gzip
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import Struct
from nats.aio.client import Client
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from consumers.sorter import DURABLE, Intake
from huiyin.bus import streams
from huiyin.bus.consume import Pull, consume
from huiyin.bus.envelope import read_filed
from huiyin.desk import Desk
from huiyin.registration import import_registry
from huiyin.replay import PAGE, Replay, Summary
from huiyin.replay_file import BEIJING, SOURCE, File, Row, Unreadable
from huiyin.rules.rulebook import Rulebook
from huiyin.store import dead
from huiyin.store.database import connect
from huiyin.store.registry_files import read_folder
from huiyin.store.vault import Seal
from tests.conftest import Bus, Database

SAMPLES = Path(__file__).parents[1] / "samples"
COMPLAINTS = SAMPLES / "complaints.jsonl"
KEY = bytes(range(32))


def now() -> datetime:
    """The real time: the sorter has no demonstration clock here."""
    return datetime.now(UTC)


def lines(path: Path) -> list[Row | Unreadable]:
    """What a file holds."""
    with closing(File(path)) as file:
        return list(file)


def rows(path: Path) -> list[Row]:
    """A file without a bad line."""
    found = lines(path)
    assert all(isinstance(line, Row) for line in found)
    return [line for line in found if isinstance(line, Row)]


def complaints(path: Path, count: int) -> Path:
    """A file of many made-up complaints."""
    path.write_text("".join(f'{{"id":"N{i}","text":"第{i}号楼道灯坏了"}}\n' for i in range(count)), encoding="utf-8")
    return path


# -- the file -----------------------------------------------------------------------------------------------


def test_every_kind_of_line_is_an_event_that_can_be_read() -> None:
    found = [read_filed(row.payload, None) for row in rows(COMPLAINTS)]
    assert [filed.source for filed in found] == [SOURCE, SOURCE, SOURCE, "urn:test:partner", SOURCE]
    assert [filed.event_id.partition("-")[0] for filed in found][:4] == ["S1", "S2", "S3", "P"]
    assert found[0].data.place is not None
    assert found[1].data.filed_at == datetime(2026, 2, 1, 10, 30, tzinfo=BEIJING)
    assert found[1].data.reporter is not None
    assert found[1].data.reporter.name == "测试甲"
    assert found[2].data.text.startswith("每天晚上")
    assert found[2].data.title == "广场舞太吵"
    assert found[2].data.about is None  # somebody's label, not the resident's word
    assert found[2].data.filed_at == datetime(2026, 2, 2, 8, tzinfo=BEIJING)
    assert not any(filed.unknown for filed in found)


def test_an_event_does_not_depend_on_where_the_file_lies(tmp_path: Path) -> None:
    raw = COMPLAINTS.read_bytes()
    plain, packed = tmp_path / "a", tmp_path / "b"
    plain.write_bytes(b"\xef\xbb\xbf" + raw.replace(b"\n", b"\r\n\r\n"))
    packed.write_bytes(gzip.compress(raw))
    expected = [(row.cause, row.payload, row.msg_id) for row in rows(COMPLAINTS)]
    for path in (plain, packed):
        assert [(row.cause, row.payload, row.msg_id) for row in rows(path)] == expected


def test_the_order_of_fields_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "f").write_text('{"text":"甲","title":"乙"}\n{"title":"乙","text":"甲"}\n', "utf-8")
    first, second = (row.cause for row in rows(tmp_path / "f"))
    assert first == second


def test_other_words_under_the_same_id_are_another_complaint(tmp_path: Path) -> None:
    (tmp_path / "f").write_text('{"id":"1","text":"甲"}\n{"id":"1","text":"乙"}\n{"id":"1","text":"甲"}\n', "utf-8")
    first, second, third = (row.cause for row in rows(tmp_path / "f"))
    assert first == third != second


BAD = [
    (b"not json", "不是 JSON"),
    (b'["list"]', "不是 JSON 对象"),
    (b"[" * 100_000, "不是 JSON"),
    (b'{"specversion":"1.0","id":"x","data":{"text":"y"}}', "事件缺少可用的 source 或 id"),
    (b'{"specversion":"1.0","id":"x\\u0000","source":"s"}', "事件缺少可用的 source 或 id"),
    (b'{"text":"' + b"a" * 600_000 + b'"}', "超过 500,000 字节"),
]


@pytest.mark.parametrize(("line", "why"), BAD)
def test_a_line_that_is_no_complaint_is_named_and_its_neighbours_are_read(
    tmp_path: Path, line: bytes, why: str
) -> None:
    (tmp_path / "f").write_bytes('{"text":"甲"}\n'.encode() + line + '\n{"text":"乙"}\n'.encode())
    before, bad, after = lines(tmp_path / "f")
    assert isinstance(before, Row)
    assert isinstance(after, Row)
    assert bad == Unreadable(2, why)


def test_a_broken_archive_gives_what_is_whole(tmp_path: Path) -> None:
    raw = gzip.compress(os.urandom(50_000).hex().encode() + b"\n")
    (tmp_path / "f").write_bytes(gzip.compress('{"text":"甲"}\n'.encode()) + raw[:-100])
    found = lines(tmp_path / "f")
    assert isinstance(found[0], Row)
    assert isinstance(found[-1], Unreadable)
    assert found[-1].why.startswith("文件在此处损坏")


def test_half_an_emoji_does_not_lose_a_complaint(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b'{"text":"ok \\ud83d"}')
    assert read_filed(rows(tmp_path / "f")[0].payload, None).data.text == "ok ?"


# -- the run ------------------------------------------------------------------------------------------------


class House(Struct):
    """Connections of one test."""

    database: Database
    bus: Bus
    nc: Client
    engine: AsyncEngine

    async def replay(self, path: Path, **options: Any) -> Replay:
        """One run."""
        with closing(File(path)) as file:
            run = Replay(file, self.nc, self.engine, **options)
            await run.run()
            return run

    async def count(self, table: str) -> int:
        """Rows of a table."""
        async with self.engine.connect() as connection:
            return int((await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one())


@pytest.fixture
async def house(database: Database, nats: Bus) -> AsyncIterator[House]:
    """A registered city, and nobody who sorts."""
    engine = connect(database.url, name="test", size=4)
    nc = await streams.connect(nats.url, "test")
    await import_registry(engine, read_folder(SAMPLES / "city"), at=now())
    yield House(database, nats, nc, engine)
    await nc.close()
    await engine.dispose()


@asynccontextmanager
async def sorting(house: House) -> AsyncIterator[None]:
    """The real sorter, in this process."""
    book = Rulebook(read_folder(SAMPLES / "city"))
    intake = Intake(Desk(house.engine, book.rules, book.sorting.matters, KEY), book.sorter, Seal(KEY), now)
    await streams.ensure_durable(house.nc.jetstream(), streams.INTAKE, DURABLE, streams.INTAKE_SUBJECT)
    pull, stop = Pull(house.nc, streams.INTAKE, DURABLE), asyncio.Event()
    await pull.start()

    async def back() -> bool:
        return True

    task = asyncio.create_task(consume(house.nc, pull, intake, stop=stop, back=back))
    try:
        yield
    finally:
        stop.set()
        await task


def same(summary: Summary) -> dict[str, float]:
    """A summary without its times and zeros."""
    found = msgspec.structs.asdict(summary)
    return {name: value for name, value in found.items() if value and name not in {"seconds", "per_second"}}


async def test_every_line_is_accounted_for_and_a_second_time_adds_none(house: House) -> None:
    async with sorting(house):
        first = await house.replay(COMPLAINTS)
        assert same(first.summary) == {"published": 5, "placed_grid": 1, "placed_community": 1, "manual": 3}
        assert first.summary.whole
        second = await house.replay(COMPLAINTS)
        assert same(second.summary) == same(first.summary) | {"already_known": 5}
        assert await house.count("tickets") == 5


async def test_twins_and_bad_lines(house: House, tmp_path: Path) -> None:
    said: list[Unreadable] = []
    (tmp_path / "f").write_text('{"text":"灯坏了"}\n{"text":"灯坏了"}\n坏行\n{"title":"没有正文"}\n', "utf-8")
    async with sorting(house):
        run = await house.replay(tmp_path / "f", complain=said.append)
        expected = {"manual": 2, "dead_lettered": 1, "already_known": 1, "unreadable_lines": 1}
        assert same(run.summary) == expected | {"published": 3}
        assert said == [Unreadable(3, "不是 JSON")]
        assert not run.summary.whole
        assert await house.count("tickets") == 1
        again = await house.replay(tmp_path / "f")
        assert same(again.summary) == expected | {"published": 2, "already_known": 3}
        assert await house.count("dead_letters") == 1


async def test_more_than_a_page(house: House, tmp_path: Path) -> None:
    async with sorting(house):
        run = await house.replay(complaints(tmp_path / "f", PAGE + 700))
        assert same(run.summary) == {"published": PAGE + 700, "manual": PAGE + 700}


async def test_what_nobody_sorts_is_unaccounted_for(house: House) -> None:
    run = await house.replay(COMPLAINTS, patience=0.3)
    assert same(run.summary) == {"published": 5, "unaccounted": 5}
    assert run.trouble
    assert not run.summary.whole


async def test_a_sorter_that_comes_late_is_waited_for(house: House, tmp_path: Path) -> None:
    (tmp_path / "f").write_text('{"text":"灯坏了"}\n{"text":"灯坏了"}\n', "utf-8")
    running = asyncio.create_task(house.replay(tmp_path / "f"))
    js = house.nc.jetstream()
    while (await js.stream_info(streams.INTAKE)).state.messages < 1:
        assert not running.done()
    async with sorting(house):
        assert same((await running).summary) == {"published": 2, "manual": 2, "already_known": 1}


async def test_a_ticket_beats_a_dead_letter_of_the_same_event(house: House) -> None:
    async with sorting(house):
        await house.replay(COMPLAINTS)
    letters = [
        dead.Letter(streams.INTAKE, seq, streams.INTAKE_SUBJECT, "failed", "", 9, b"", None, *row.cause)
        for seq, row in enumerate(rows(COMPLAINTS), 100)
    ]
    async with house.engine.begin() as connection:
        await dead.bury(connection, Seal(KEY), letters, now())
    assert (await house.replay(COMPLAINTS)).summary.dead_lettered == 0


async def test_the_rate_is_kept(house: House, tmp_path: Path) -> None:
    async with sorting(house):
        run = await house.replay(complaints(tmp_path / "f", 50), rate=100)
    assert run.summary.manual == 50
    assert run.summary.seconds >= 0.4


async def test_cancelled_it_leaves_no_task_behind(house: House) -> None:
    running = asyncio.create_task(house.replay(COMPLAINTS))
    js = house.nc.jetstream()
    while (await js.stream_info(streams.INTAKE)).state.messages < 5:
        assert not running.done()
    before = asyncio.all_tasks() - {running}
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not {task for task in asyncio.all_tasks() - before if "Replay" in repr(task.get_coro())}


# -- the commands -------------------------------------------------------------------------------------------


async def start(house: House, folder: Path, *arguments: str) -> asyncio.subprocess.Process:
    """`huiyin …` in its own process."""
    (folder / "vault.key").write_bytes(KEY)
    told = {
        "HUIYIN_DATABASE_URL": house.database.url,
        "HUIYIN_VAULT_DATABASE_URL": house.database.vault_url,
        "HUIYIN_NATS_URL": house.bus.url,
        "HUIYIN_DATA": str(folder / "data"),
        "HUIYIN_VAULT_KEY_FILE": str(folder / "vault.key"),
    }
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "huiyin",
        *arguments,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **told},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def command(house: House, folder: Path, *arguments: str) -> tuple[int | None, str, str]:
    """Exit code, stdout and stderr of `huiyin …`."""
    process = await start(house, folder, *arguments)
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def test_ctrl_c_leaves_cleanly(house: House, tmp_path: Path) -> None:
    process = await start(house, tmp_path, "replay", str(COMPLAINTS))
    js = house.nc.jetstream()
    while (await js.stream_info(streams.INTAKE)).state.messages < 5:
        assert process.returncode is None
    process.send_signal(signal.SIGINT)
    _, err = await process.communicate()
    assert process.returncode == 130
    assert err.decode().splitlines() == ["已中断;再次运行会从头核对,不会产生第二张工单"]


async def test_the_command_prints_one_json_object(house: House, tmp_path: Path) -> None:
    async with sorting(house):
        code, out, err = await command(house, tmp_path, "replay", "--json", str(COMPLAINTS))
        assert (code, "没有用到的字段:likes、replied_at" in err) == (0, True)
        summary = msgspec.json.decode(out)
        assert {summary[name] for name in ("published", "unaccounted")} == {5, 0}
        (tmp_path / "bad").write_text('{"text":"灯坏了"}\n坏行\n', "utf-8")
        code, out, err = await command(house, tmp_path, "replay", str(tmp_path / "bad"))
        assert (code, "bad 第 2 行:不是 JSON" in err, "转人工分拣" in out) == (1, True, True)


async def test_a_dead_letter_is_sent_again_and_becomes_a_ticket(house: House, tmp_path: Path) -> None:
    row = rows(COMPLAINTS)[0]
    headers = {"Content-Type": "application/cloudevents+json", "Nats-Msg-Id": "old", "Nats-Batch-Id": "b"}
    letter = dead.Letter(
        streams.INTAKE, 7, streams.INTAKE_SUBJECT, "tried-too-often", "", 9, row.payload, headers, *row.cause
    )
    async with house.engine.begin() as connection:
        await dead.bury(connection, Seal(KEY), [letter], now())
    assert "tried-too-often" in (await command(house, tmp_path, "dead", "list"))[1]
    _, out, err = await command(house, tmp_path, "dead", "show", "1")
    assert "楼道" not in out + err
    _, out, err = await command(house, tmp_path, "dead", "show", "1", "--reveal")
    assert "楼道" in out
    assert '"event": "revealed"' in err
    assert "楼道" not in err
    assert (await command(house, tmp_path, "dead", "replay", "--all"))[:2] == (0, "已重投 1 条\n")
    message = await house.nc.jetstream().get_msg(streams.INTAKE, 1)
    assert message.data == row.payload
    assert message.headers == {"Content-Type": "application/cloudevents+json", "Nats-Msg-Id": "dead-1"}
    async with sorting(house):
        assert same((await house.replay(COMPLAINTS)).summary)["placed_grid"] == 1
    assert (await command(house, tmp_path, "dead", "list"))[1] == "没有待处理的死信\n"
    code, _, err = await command(house, tmp_path, "dead", "replay", "1", "99")
    assert code == 1
    assert "1:已于" in err
    assert "99:没有这条死信" in err
    assert (await command(house, tmp_path, "dead", "replay", "1", "--again"))[0] == 0
    listed = msgspec.json.decode((await command(house, tmp_path, "dead", "list", "--all", "--json"))[1])
    assert [one["replayed_at"] is None for one in listed["letters"]] == [False]


async def test_an_event_of_the_house_is_not_sent_again(house: House, tmp_path: Path) -> None:
    """Whoever listens would hear a thing twice, or one that the log never said; `--all` passes it over."""
    letter = dead.Letter(streams.EVENTS, 7, "huiyin.event.whistle.called.-", "wrong-type", "", 1, b"{}")
    async with house.engine.begin() as connection:
        await dead.bury(connection, Seal(KEY), [letter], now())
    code, out, err = await command(house, tmp_path, "dead", "replay", "1")
    assert (code, "已重投 0 条" in out, "不重投" in err) == (1, True, True)
    assert (await command(house, tmp_path, "dead", "replay", "--all"))[:2] == (0, "已重投 0 条\n")
    assert (await house.nc.jetstream().stream_info(streams.EVENTS)).state.messages == 0


async def test_another_vault_key_is_said_so(house: House, tmp_path: Path) -> None:
    letter = dead.Letter(streams.INTAKE, 7, streams.INTAKE_SUBJECT, "failed", "", 9, b"{}")
    async with house.engine.begin() as connection:
        await dead.bury(connection, Seal(bytes(32)), [letter], now())
    code, _, err = await command(house, tmp_path, "dead", "replay", "1")
    assert code == 1
    assert "vault.key" in err
