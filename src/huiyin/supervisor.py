"""Keeps the parts of one machine standing: starts them anew when they die, ends them in order."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Protocol

from huiyin import readiness
from huiyin.engines import process

FIRST_PAUSE, LAST_PAUSE = 0.2, 3.0  # so that a message which kills its worker delays others by less than 5 s
STEADY = 60.0


class Part(Protocol):
    """Something that runs: an engine or one of our own processes."""

    name: str
    label: str
    stop_signal: signal.Signals
    running: subprocess.Popen[bytes] | None

    def again(self) -> subprocess.Popen[bytes]:
        """Start it anew, in the same place."""

    def is_ready(self) -> bool:
        """Whether it does its work; Failed when it gave up."""


class Worker:
    """One `python -m huiyin …` of ours, which says itself when it is ready."""

    stop_signal = signal.SIGTERM

    def __init__(self, name: str, label: str, arguments: Sequence[str], *, data: Path) -> None:
        self.name, self.label = name, label
        self.arguments = arguments
        self.data = data
        self.log = data / "logs" / f"{name}.log"
        self.running: subprocess.Popen[bytes] | None = None
        self._said = self._go = -1
        self._ready = False

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start it now; it imports what it needs and waits for `go`."""
        start, self._go = os.pipe()
        try:
            return self._start({readiness.START: start})
        finally:
            os.close(start)

    def go(self) -> None:
        """The engines stand: let it connect."""
        os.close(self._go)

    def again(self) -> subprocess.Popen[bytes]:
        """Start it anew; nothing to wait for."""
        return self._start({})

    def is_ready(self) -> bool:
        """Whether it has said so since its last start."""
        if not self._ready and select.select([self._said], [], [], 0)[0]:
            self._ready = os.read(self._said, 16) != b""
            if not self._ready:
                raise process.Failed(f"{self.label} 启动失败:\n{process.last_lines(self.log)}")
        return self._ready

    def _start(self, handles: dict[str, int]) -> subprocess.Popen[bytes]:
        if self._said >= 0:
            os.close(self._said)
        self._said, said = os.pipe()
        self._ready = False
        handles = {**handles, readiness.READY: said}
        self.running = process.spawn(
            [sys.executable, "-m", "huiyin", *self.arguments],
            log=self.log,
            env={**os.environ, "HUIYIN_DATA": str(self.data), **{k: str(v) for k, v in handles.items()}},
            death_signal=signal.SIGKILL,  # we died without a goodbye: everything is safe to kill, so be quick
            pass_fds=list(handles.values()),
        )
        os.close(said)
        return self.running


class Bell:
    """SIGINT, SIGTERM and SIGHUP as a fact that can be waited for."""

    def __init__(self) -> None:
        self.rung = False
        self._out, self._in = os.pipe()

    def listen(self) -> None:
        """Take the signals from now on."""
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sign, self._ring)

    def wait(self, seconds: float) -> bool:
        """Until the bell rings, at most so long."""
        if not self.rung:
            select.select([self._out], [], [], seconds)
        return self.rung

    def _ring(self, _sign: int, _frame: FrameType | None) -> None:
        self.rung = True
        os.write(self._in, b"!")


class Journal:
    """One JSON line for each thing that happened to a part: DATA/logs/up.log."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, event: str, part: str, **more: object) -> None:
        line = {"event": event, "part": part, "at": datetime.now(UTC).isoformat(timespec="milliseconds")}
        with process.open_log(self.path) as handle:
            os.write(handle, json.dumps({**line, **more}, ensure_ascii=False).encode() + b"\n")


class Supervisor:
    """Watches parts; each one that dies comes back after a pause that grows while it keeps dying."""

    def __init__(self, parts: Sequence[Part], journal: Journal, tell: Callable[[str], None]) -> None:
        self.parts = parts
        self.journal = journal
        self.tell = tell
        self._pauses = {part.name: FIRST_PAUSE for part in parts}
        self._since = {part.name: time.monotonic() for part in parts}
        self._due: dict[str, float] = {}

    def look(self) -> None:
        """One glance at every part."""
        now = time.monotonic()
        for part in self.parts:
            if part.name in self._due:
                if now >= self._due[part.name]:
                    self._restart(part)
            elif part.running is None or part.running.poll() is not None:
                self._died(part, now)

    def restart(self, part: Part) -> None:
        """End a part that answers no more; it comes back like one that died."""
        self.journal("ended", part.name, reason="unhealthy")
        if part.running is not None:
            process.stop(part.running, part.stop_signal, 5)

    def _died(self, part: Part, now: float) -> None:
        code = None if part.running is None else part.running.returncode
        if now - self._since[part.name] > STEADY:
            self._pauses[part.name] = FIRST_PAUSE
        pause = self._pauses[part.name]
        self._pauses[part.name] = min(pause * 2, LAST_PAUSE)
        self._due[part.name] = now + pause
        self.journal("died", part.name, code=code, pause=pause)
        self.tell(f"{part.label} 意外退出(代码 {code}),{pause:g} 秒后重新启动")

    def _restart(self, part: Part) -> None:
        del self._due[part.name]
        self._since[part.name] = time.monotonic()
        try:
            pid = part.again().pid
        except (OSError, process.Failed) as error:
            self.journal("failed", part.name, reason=str(error))
            part.running = None
        else:
            self.journal("restarted", part.name, pid=pid)


def end(parts: Sequence[Part], seconds: float) -> list[str]:
    """Ask all of `parts` to stop at once, wait together, insist; the names of those that had to be killed."""
    running = [(part, part.running) for part in parts if part.running is not None]
    for part, child in running:
        if child.poll() is None:
            child.send_signal(part.stop_signal)
    deadline = time.monotonic() + seconds
    late = []
    for part, child in running:
        if not process.reap(child, max(0.0, deadline - time.monotonic())):
            late.append(part.name)
    return late
