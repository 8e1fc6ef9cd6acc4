"""Complaints that wait on the stream of an older data folder, in the server's default account, come along into ours."""

import asyncio
import json
import shutil
import signal
from pathlib import Path

import nats
from msgspec import Struct
from nats.js.errors import NotFoundError

from huiyin import keys
from huiyin.engines import accounts, process
from huiyin.engines.nats import SERVICE_INBOX, Nats

FORMER = Path("nats", "js", "jetstream", "$G")  # no account of that name can export anything
ASIDE = Path("nats", "former")  # where it lies until all has come along; a server with accounts would stumble over it
_STREAM, _DURABLE = "INTAKE", "sorter"


class Waiting(Struct, frozen=True):
    """A message as it came, and where it sat."""

    seq: int
    subject: str
    payload: bytes
    headers: dict[str, str]


class _Former(Nats):
    """The server as it was before there were accounts."""

    def _config(self) -> str:
        before, _, after = super()._config().partition("authorization { timeout: 5 }")
        user = f"{{ user: {accounts.SERVICE}, password: {json.dumps(keys.password(self.data, 'nats-huiyin'))} }}"
        whole = f"{before}authorization {{ timeout: 5, users: [ {user} ] }}\n{after.rpartition('include')[0]}"
        return whole.replace(str((self.home / "js").resolve()), str((self.data / ASIDE).resolve()))


def found(data: Path) -> list[Waiting]:
    """What no sorter has done yet; [] where the folder is none of before. Starts that server, and ends it."""
    if (data / FORMER).exists():
        (data / ASIDE / "jetstream").mkdir(parents=True, exist_ok=True, mode=0o700)
        (data / FORMER).rename(data / ASIDE / "jetstream" / FORMER.name)
    if not (data / ASIDE).exists():
        return []
    engine = _Former(data)
    engine.begin()
    running = engine.spawn()
    try:
        if not process.until(engine.is_ready, 30):
            raise process.Failed(f"旧消息流没有就绪,日志在 {engine.log}")
        return asyncio.run(_read(engine.url))
    finally:
        process.stop(running, signal.SIGTERM, 10)


async def _read(url: str) -> list[Waiting]:
    nc = await nats.connect(url, inbox_prefix=SERVICE_INBOX.encode())
    js, kept = nc.jetstream(), []
    try:
        seq = await _done(js)
        while True:
            one = await js.get_msg(_STREAM, seq + 1, subject=">", next=True)
            seq = one.seq or seq + 1
            kept.append(Waiting(seq, one.subject or "", one.data or b"", dict(one.headers or {})))
    except NotFoundError:
        return kept
    finally:
        await nc.close()


async def _done(js: nats.js.JetStreamContext) -> int:
    """Up to where everything is acknowledged; what comes along twice is known to the inbox."""
    try:
        return int((await js.consumer_info(_STREAM, _DURABLE)).ack_floor.stream_seq)
    except NotFoundError:
        return 0


async def put(url: str, waiting: list[Waiting]) -> None:
    """On the stream as it is now, each with its own headers."""
    nc = await nats.connect(url, inbox_prefix=SERVICE_INBOX.encode())
    for one in waiting:
        own = {name: value for name, value in one.headers.items() if not name.lower().startswith("nats-")}
        await nc.jetstream().publish(one.subject, one.payload, headers=own | {"Nats-Msg-Id": f"carried-{one.seq}"})
    await nc.close()


def done(data: Path) -> None:
    """Nothing is there any more; what was told on the other streams stands in the log."""
    shutil.rmtree(data / ASIDE, ignore_errors=True)
