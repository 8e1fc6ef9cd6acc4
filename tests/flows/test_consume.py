"""`huiyin consume` on its own: on a NATS where nobody made the streams it makes them, and then it works."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import asyncpg
import nats as nats_py

from huiyin import keys, readiness
from huiyin.bus import streams
from tests.conftest import Bus, Database


async def test_alone_on_a_new_nats(nats: Bus, database: Database, tmp_path: Path) -> None:
    client = await nats_py.connect(nats.url, inbox_prefix=nats.inbox.encode())
    js = client.jetstream()
    for name in (streams.INTAKE, streams.EVENTS):
        await js.delete_stream(name)
    admin = await asyncpg.connect(database.admin_url)
    await admin.execute(
        "INSERT INTO inbox (source, event_id, stream_seq, noun, id, at) VALUES ('s', 'e', 41, 'ticket', 'HY1', now())"
    )
    await admin.close()
    keys.key(tmp_path, "vault.key")
    keys.key(tmp_path, "receipt.key")
    ready, said = os.pipe()
    where = {
        "HUIYIN_DATA": str(tmp_path),
        "HUIYIN_NATS_URL": nats.url,
        "HUIYIN_DATABASE_URL": database.url,
        "HUIYIN_VAULT_DATABASE_URL": database.vault_url,
        readiness.READY: str(said),
    }
    program = [sys.executable, "-m", "huiyin", "consume", "sorter", "relay"]
    started = subprocess.Popen(program, env=os.environ | where, pass_fds=[said])  # noqa: ASYNC220  # it is the subject
    os.close(said)
    try:
        assert select.select([ready], [], [], 60)[0]
        assert os.read(ready, 16) == b"ready\n"
        assert (await js.consumer_info(streams.INTAKE, "sorter")).config.filter_subject == streams.INTAKE_SUBJECT
        filed = await js.publish(streams.INTAKE_SUBJECT, b"junk")
        assert filed.seq == 42, "a stream made anew goes on behind what the log names"
        assert (await js.stream_info(streams.EVENTS)).config.subjects == [f"{streams.EVENT_PREFIX}.>"]
    finally:
        os.close(ready)
        started.send_signal(signal.SIGTERM)
        assert started.wait(20) == 0
        await client.close()
