"""The engines keep their promises: who may do what on the bus, every write synced, nobody runs as root."""

import asyncio
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import nats as nats_py
import pytest
from nats.aio.client import Client
from nats.js.api import StreamConfig
from nats.js.errors import NotFoundError

from consumers import mediation, messenger, whistles
from huiyin.engines import accounts, identity, postgres, process
from huiyin.engines.nats import Nats, monitor
from huiyin.engines.postgres import Postgres
from tests.faults.house import Move


@pytest.fixture
async def service(nats: Any) -> AsyncIterator[Client]:
    client = await nats_py.connect(nats.url, inbox_prefix=nats.inbox.encode())
    js = client.jetstream()
    for name, subject in (("INTAKE", "huiyin.intake.>"), ("EVENTS", "huiyin.event.>")):
        try:
            await js.stream_info(name)
        except NotFoundError:
            await js.add_stream(StreamConfig(name=name, subjects=[subject], allow_direct=True))
    yield client
    await client.close()


@pytest.fixture
def refusals() -> asyncio.Queue[str]:
    """What the server would not let the partner do, as it says so."""
    return asyncio.Queue()


@pytest.fixture
async def partner(nats: Any, refusals: asyncio.Queue[str]) -> AsyncIterator[Client]:
    async def refused(error: Exception) -> None:
        refusals.put_nowait(str(error))

    client = await nats_py.connect(nats.partner_url, error_cb=refused)
    yield client
    await client.close()


async def test_a_partner_files_and_follows(service: Client, partner: Client) -> None:
    """What CONTRACT promises a partner: publish on intake, read the events in every usual way."""
    js = partner.jetstream(timeout=5)
    filed = await js.publish("huiyin.intake.complaint", b"{}", headers={"Nats-Msg-Id": "1"})
    assert filed.stream == "INTAKE"
    await service.jetstream().publish("huiyin.event.ticket.filed.-", b"told")

    durable = await js.pull_subscribe("huiyin.event.>", durable="partner", stream="EVENTS")
    (message,) = await durable.fetch(1, timeout=5)
    await message.ack_sync(timeout=5)
    assert message.data == b"told"
    assert (await js.consumer_info("EVENTS", "partner")).ack_floor.stream_seq == 1
    pushed = await js.subscribe("huiyin.event.>", stream="EVENTS", ordered_consumer=True)
    assert (await pushed.next_msg(timeout=5)).data == b"told"
    assert (await js.get_msg("EVENTS", 1)).data == b"told"
    assert (await js.stream_info("INTAKE")).state.messages == 1
    await js.delete_consumer("EVENTS", "partner")


REFUSED = {
    "read": ("$JS.API.STREAM.MSG.GET.INTAKE", b'{"seq":1}'),
    "read directly": ("$JS.API.DIRECT.GET.INTAKE", b'{"seq":1}'),
    "consume": ("$JS.API.CONSUMER.CREATE.INTAKE", b'{"stream_name":"INTAKE","config":{}}'),
    "consume durably": ("$JS.API.CONSUMER.DURABLE.CREATE.INTAKE.x", b"{}"),
    "take the sorter's": ("$JS.API.CONSUMER.MSG.NEXT.INTAKE.sorter", b"1"),
    "delete": ("$JS.API.STREAM.DELETE.EVENTS", b""),
    "purge": ("$JS.API.STREAM.PURGE.INTAKE", b""),
    "copy": ("$JS.API.STREAM.CREATE.COPY", b'{"name":"COPY","sources":[{"name":"INTAKE"}]}'),
    "invent an event": ("huiyin.event.ticket.closed.-", b"{}"),
    **{f"take {name}'s": (f"$JS.API.CONSUMER.MSG.NEXT.EVENTS.{name}", b"1") for name in accounts.OURS},
    "end ours": ("$JS.API.CONSUMER.DELETE.EVENTS.mediation", b""),
    "answer for ours": ("$JS.ACK.EVENTS.mediation.1.1.1.0.0", b""),
    "make ours anew": ("$JS.API.CONSUMER.CREATE.EVENTS.mediation.huiyin.event.ticket.>", b"{}"),
    "wake the relay": ("huiyin.hint.log", b""),
}


def test_the_house_s_consumers_are_all_kept_from_partners() -> None:
    """Whoever reads EVENTS by a durable name."""
    names = {module.DURABLE for module in (mediation, messenger, whistles)}
    assert names == set(accounts.OURS)


@pytest.mark.parametrize("what", REFUSED)
async def test_a_partner_may_not(service: Client, partner: Client, refusals: asyncio.Queue[str], what: str) -> None:
    """The server refuses everything else; a refusal shows as an error line and no answer."""
    await service.jetstream().publish("huiyin.intake.complaint", b"somebody else's")
    subject, body = REFUSED[what]
    answer = asyncio.create_task(partner.request(subject, body, timeout=10))
    assert f'permissions violation for publish to "{subject.lower()}"' in await asyncio.wait_for(refusals.get(), 10)
    assert not answer.done()
    answer.cancel()


@pytest.mark.parametrize("subject", ["huiyin.intake.>", "huiyin.hint.>", "_INBOX_HUIYIN.>", ">", "$JS.API.>"])
async def test_a_partner_may_not_listen_to(partner: Client, refusals: asyncio.Queue[str], subject: str) -> None:
    await partner.subscribe(subject)
    assert f'permissions violation for subscription to "{subject.lower()}"' in await asyncio.wait_for(
        refusals.get(), 10
    )


async def test_every_write_is_synced_and_sealed(nats: Any, service: Client, nats_server: Nats) -> None:
    """RELIABILITY 0.1, and no complaint's words in the files of the stream."""
    assert monitor(nats.monitor_url, "/jsz?config=1")["config"]["sync_always"] is True
    await service.jetstream().publish("huiyin.intake.complaint", "电梯停了三天".encode())
    stored = b"".join(path.read_bytes() for path in nats_server.home.rglob("*.blk"))
    assert stored
    assert "电梯".encode() not in stored


async def test_the_services_have_no_might(pg: Postgres) -> None:
    connection = await asyncpg.connect(pg.url(postgres.APP))
    row = await connection.fetchrow("SELECT * FROM pg_roles WHERE rolname = current_user")
    assert row is not None
    assert not any(row[might] for might in ("rolsuper", "rolcreaterole", "rolcreatedb", "rolbypassrls"))
    await connection.close()


async def test_what_is_committed_is_on_disk(house: Move) -> None:
    """As people run it; the engine that most tests share syncs nothing."""
    here = await house()
    names = ("fsync", "synchronous_commit", "full_page_writes", "data_checksums")
    rows = await here.sql("SELECT setting FROM pg_settings WHERE name = ANY($1)", list(names))
    assert [row["setting"] for row in rows] == ["on"] * len(names)


async def test_no_password_no_entry(pg: Postgres) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(pg.url(postgres.ADMIN), password="guessed")


async def test_chinese_texts_have_trigrams(database: Any) -> None:
    """A cluster of locale C would find no letters in them."""
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    assert await owner.fetchval("SELECT '路口积水严重' % '路口积水'")
    await owner.close()


@pytest.fixture
def open_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that everybody may walk into, and a place for copies beside it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        monkeypatch.setattr(identity, "STATE", folder / "state")
        yield folder


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends its server another identity")
@pytest.mark.parametrize("reachable", [True, False])
def test_root_without_namespaces_runs_as_nobody(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch, reachable: bool
) -> None:
    """Where the kernel denies user namespaces; also with a data folder that only root may enter."""
    monkeypatch.setenv("HUIYIN_POSTGRES_IDENTITY", "nobody")
    data = open_folder / "data"
    data.mkdir(mode=0o755 if reachable else 0o700)
    for _ in ("first", "again"):
        engine = Postgres(data)
        engine.begin()
        engine.finish()
        running = engine.spawn()
        assert process.until(engine.is_ready, 30)
        assert Path(f"/proc/{running.pid}").stat().st_uid == 65534
        assert process.stop(running, signal.SIGINT, 10)
    assert engine.cluster.is_relative_to(data) is reachable
