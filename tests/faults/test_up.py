"""`huiyin up` as its user sees it: one ready line, a clean stop, and no trace after a kill."""

import asyncio
import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import psutil
import pytest

from huiyin import prepare
from huiyin.engines import process
from huiyin.engines.nats import monitor

pytestmark = pytest.mark.fault

READY = re.compile(r"ready web=(http://\S+) nats=(nats://\S+) db=(postgresql://\S+) data=(\S+)\n")
DEADLINE = 60.0


class Addresses(NamedTuple):
    """What the ready line says."""

    web: str
    bus: str
    base: str


class Running:
    """One `huiyin up` on a data folder."""

    def __init__(self, data: Path, *options: str) -> None:
        self.data = data
        self.errors = data.with_name(data.name + ".stderr")
        with self.errors.open("ab") as errors:
            self.process = psutil.Popen(
                [sys.executable, "-m", "huiyin", "up", "--data", data, "--port", "0", *options],
                stdout=subprocess.PIPE,
                stderr=errors,
                env={**os.environ, "HUIYIN_DATA": ""},
            )

    def ready(self) -> Addresses:
        """The addresses of the ready line; it is the first thing on stdout."""
        os.set_blocking(self.process.stdout.fileno(), False)
        seen = b""

        def line() -> bool:
            nonlocal seen
            seen += self.process.stdout.read() or b""
            return seen.endswith(b"\n") or self.process.poll() is not None

        assert process.until(line, DEADLINE), self.errors.read_text()
        said = READY.fullmatch(seen.decode())
        assert said, seen.decode() + self.errors.read_text()
        assert said[4] == str(self.data)
        return Addresses(*said.groups()[:3])

    def tree(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]

    def child(self, *words: str) -> psutil.Process | None:
        """The direct child whose command line holds all of `words`."""
        for one in self.process.children():
            with contextlib.suppress(psutil.NoSuchProcess):
                if all(any(word in part for part in one.cmdline()) for word in words):
                    return one
        return None

    def journal(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in (self.data / "logs" / "up.log").read_text().splitlines()]

    def stop(self) -> float:
        began = time.monotonic()
        self.process.terminate()
        assert self.process.wait(DEADLINE) == 0
        return time.monotonic() - began


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Starts `huiyin up` on the test's data folder; nothing stays when the test ends."""
    started: list[Running] = []

    def start(*options: str) -> Running:
        started.append(Running(tmp_path / "data", *options))
        return started[-1]

    yield start
    for one in started:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.process.kill()
        one.process.wait()
        one.process.stdout.close()


def gone(processes: list[psutil.Process]) -> bool:
    return not any(process.alive(one.pid) for one in processes)


async def _sql(url: str, statement: str) -> Any:
    connection = await asyncpg.connect(url, timeout=5)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def sql(url: str, statement: str) -> Any:
    return asyncio.run(_sql(url, statement))


def answers_sql(url: str) -> bool:
    with contextlib.suppress(OSError, asyncpg.PostgresError):
        return bool(sql(url, "SELECT 1"))
    return False


def test_ready_alone_and_clean_away(up: Callable[..., Running]) -> None:
    """One line when all answers; the folder is taken; SIGTERM ends all within 10 s; the data stay."""
    first = up()
    addresses = first.ready()
    sql(addresses.base, "CREATE TABLE kept AS SELECT 1 AS n")
    instance = first.data / "run" / "instance.json"
    where = json.loads(instance.read_text())
    assert monitor(where["nats_monitor_url"], "/jsz?config=1")["config"]["sync_always"] is True
    assert instance.stat().st_mode & 0o077 == 0

    second = up()
    assert second.process.wait(DEADLINE) == 1
    assert str(first.data) in second.errors.read_text()

    tree = first.tree()
    assert first.stop() < 10
    assert gone(tree)
    third = up()
    assert third.ready() == addresses
    assert sql(addresses.base, "SELECT n FROM kept") == 1
    third.stop()


@pytest.mark.parametrize("victims", ["up", "everything"])
def test_a_kill_leaves_nobody_and_loses_nothing(up: Callable[..., Running], victims: str) -> None:
    """kill -9 of `up` alone, or of all at once: the kernel takes the rest along; the next start works."""
    one = up()
    addresses = one.ready()
    sql(addresses.base, "CREATE TABLE kept AS SELECT 1 AS n")
    tree = one.tree()
    for victim in tree if victims == "everything" else tree[:1]:
        with contextlib.suppress(psutil.NoSuchProcess):
            victim.kill()
    assert process.until(lambda: gone(tree), 10)
    assert not process.living_in(one.data / "nats")

    again = up()
    assert again.ready() == addresses
    assert sql(addresses.base, "SELECT n FROM kept") == 1
    again.stop()


def test_whoever_dies_comes_back(up: Callable[..., Running]) -> None:
    """Each part is killed in turn; it is back at the same address while the rest stands."""
    one = up()
    addresses = one.ready()
    where = json.loads((one.data / "run" / "instance.json").read_text())
    back = {
        ("nats-server",): lambda: healthy(where["nats_monitor_url"]),
        ("postgres", "-D"): lambda: answers_sql(addresses.base),
        ("consume", "sorter"): lambda: True,
        ("consume", "relay"): lambda: True,
        ("consume", "deadlines"): lambda: True,
        ("consume", "tallies"): lambda: True,
        ("consume", "whistles"): lambda: True,
        ("consume", "mediation"): lambda: True,
        ("consume", "messenger"): lambda: True,
        ("consume", "departments"): lambda: True,
        ("huiyin", "web"): lambda: prepare.answers(addresses.web + "/readyz"),
    }
    for words, fact in back.items():
        victim = one.child(*words)
        assert victim is not None, words
        victim.kill()

        def returned(words: tuple[str, ...] = words, old: int = victim.pid) -> bool:
            child = one.child(*words)
            return child is not None and child.pid != old

        assert process.until(returned, DEADLINE), words
        assert process.until(fact, DEADLINE, every=0.1), words
    one.stop()
    assert [line["part"] for line in one.journal() if line["event"] == "died"][:1] == ["nats"]


def healthy(url: str) -> bool:
    with contextlib.suppress(OSError):
        return bool(monitor(url, "/healthz").get("status") == "ok")
    return False


def test_speed_needs_engines_of_our_own(up: Callable[..., Running], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIYIN_NATS_URL", "nats://somewhere.example:4222")
    refused = up("--speed", "60")
    assert refused.process.wait(DEADLINE) == 1
    assert "--speed" in refused.errors.read_text()


def test_a_wanted_port_that_is_taken(up: Callable[..., Running]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        refused = up("--port", str(port))
        assert refused.process.wait(DEADLINE) == 1
        assert str(port) in refused.errors.read_text()
