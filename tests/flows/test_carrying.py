"""A data folder of before there were accounts: what waited on its intake is not lost."""

import asyncio
import signal
from pathlib import Path

from nats.js.api import ConsumerConfig

from huiyin import carrying
from huiyin.bus import streams
from huiyin.engines import process
from huiyin.engines.nats import Nats


async def test_what_waited_in_the_default_account_comes_along(tmp_path: Path) -> None:
    former = carrying._Former(tmp_path)
    running = former.spawn() if former.begin() is None else None
    assert running is not None
    assert process.until(former.is_ready, 30)
    nc = await streams.connect(former.url, "test")
    js = nc.jetstream()
    await streams.ensure(js, gib=0.1)
    for n in range(3):
        await js.publish(streams.INTAKE_SUBJECT, b"%d" % n, headers={"Nats-Msg-Id": f"m{n}", "ce-id": str(n)})
    await js.add_consumer(streams.INTAKE, ConsumerConfig(durable_name="sorter", ack_policy="explicit"))  # type: ignore[arg-type]
    pull = await js.pull_subscribe_bind(consumer="sorter", stream=streams.INTAKE)
    (first,) = await pull.fetch(1)
    await first.ack_sync()
    await nc.close()
    process.stop(running, signal.SIGTERM, 10)
    (tmp_path / carrying.FORMER).parent.mkdir(parents=True)  # where a server of before has it
    (tmp_path / carrying.ASIDE / "jetstream" / "$G").rename(tmp_path / carrying.FORMER)
    carrying.done(tmp_path)
    assert (tmp_path / carrying.FORMER).exists()

    waiting = await asyncio.to_thread(carrying.found, tmp_path)
    assert await asyncio.to_thread(carrying.found, tmp_path) == waiting, "also when we died before it was put"
    assert [(one.seq, one.payload, one.headers["ce-id"]) for one in waiting] == [(2, b"1", "1"), (3, b"2", "2")]
    engine = Nats(tmp_path)
    engine.begin()
    running = engine.spawn()
    assert process.until(engine.is_ready, 30)
    nc = await streams.connect(engine.url, "test")
    await streams.ensure(nc.jetstream(), gib=0.1, first=4)
    for _ in ("once", "and again after a crash"):
        await carrying.put(engine.url, waiting)
    state = (await nc.jetstream().stream_info(streams.INTAKE)).state
    assert (state.messages, state.first_seq) == (2, 4)
    kept = await nc.jetstream().get_msg(streams.INTAKE, 4)
    assert (kept.data, (kept.headers or {})["ce-id"]) == (b"1", "1")
    await nc.close()
    carrying.done(tmp_path)
    assert not (tmp_path / carrying.ASIDE).exists()
    assert carrying.found(tmp_path) == []
    process.stop(running, signal.SIGTERM, 10)
