"""Child processes that cannot outlive us, and the facts about processes that /proc knows."""

import contextlib
import ctypes
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1
LOG_LIMIT = 20_000_000
# Below the ports that the kernel hands to outgoing connections, so that a remembered port stays free.
PORTS = range(15_000, 32_000)

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class Failed(Exception):
    """An engine did not start; the message says what it said, in a person's words."""


def spawn(
    argv: Sequence[str | os.PathLike[str]],
    *,
    log: Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    death_signal: signal.Signals = signal.SIGTERM,
    first: Callable[[], None] | None = None,
    user: int | None = None,
    group: int | None = None,
    pass_fds: Sequence[int] = (),
    stdin: int = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Start `argv` in a session of its own (Ctrl-C is ours to pass on), ended by the kernel if we die.

    Call it from the main thread: the kernel watches the thread that forked. `first` runs in the child
    before exec. On systems other than Linux nothing watches us (untested there).
    """
    with open_log(log) as output:
        return subprocess.Popen(
            argv,
            cwd=cwd,
            env=env,
            stdin=stdin,
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=_leash(death_signal, first),  # noqa: PLW1509  # the parent starts no threads before
            start_new_session=True,
            user=user,
            group=group,
            extra_groups=None if user is None else [],
            pass_fds=pass_fds,
        )


def _leash(death_signal: signal.Signals, first: Callable[[], None] | None) -> Callable[[], None]:
    parent = os.getpid()

    def in_child() -> None:
        if first is not None:
            first()
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:  # it died while we were being born: no signal will come
            os._exit(1)

    return in_child


@contextlib.contextmanager
def open_log(path: Path) -> Iterator[int]:
    """Append to a log that only we may read; a big one is moved aside once (`.1`)."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_size > LOG_LIMIT:
            path.replace(path.with_name(path.name + ".1"))
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        yield handle
    finally:
        os.close(handle)


def stop(process: subprocess.Popen[bytes], sign: signal.Signals, seconds: float) -> bool:
    """Ask, wait, then insist. True when asking was enough."""
    if process.poll() is None:
        process.send_signal(sign)
    return reap(process, seconds)


def reap(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Wait for one that was asked to stop, then insist. True when it went by itself."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return False
    return True


def until(fact: Callable[[], bool], seconds: float, every: float = 0.01) -> bool:
    """Wait for a fact; False when the deadline passed first."""
    deadline = time.monotonic() + seconds
    while not fact():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


def alive(pid: int) -> bool:
    """Whether a process runs. A zombie does not: nobody may ever reap it (PID 1 of a container)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    stat = Path(f"/proc/{pid}/stat")
    with contextlib.suppress(OSError):
        return stat.read_text().rpartition(")")[2].split()[0] not in "ZX"
    return not Path("/proc/self").exists()


def living_in(folder: Path) -> list[int]:
    """Processes whose working directory is `folder` (engines are started so): its real holders."""
    home = os.path.realpath(folder)
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.readlink(entry / "cwd") == home and alive(int(entry.name)):
                found.append(int(entry.name))
    return found


def clear(folder: Path, *signals: signal.Signals) -> None:
    """Let what an earlier run left in `folder` finish by itself, then ask it to, harder each time."""
    for sign in (None, *signals, signal.SIGKILL):
        for pid in living_in(folder) if sign else ():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, sign or 0)
        if until(lambda: not living_in(folder), 3.0, every=0.05):
            return
    raise Failed(f"上一次运行留下的进程仍占用 {folder},请检查:{living_in(folder)}")


def free_port(host: str, wanted: int = 0) -> int:
    """`wanted` when it can be had, else one that nobody listens on now."""
    candidates = [wanted] if wanted else []
    candidates += random.SystemRandom().sample(PORTS, 50)
    for port in candidates:
        if can_bind(host, port):
            return port
    raise Failed(f"在 {host} 上找不到空闲端口")


def can_bind(host: str, port: int) -> bool:
    """Whether a server could listen on the port now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def last_lines(log: Path, count: int = 8) -> str:
    """What an engine said before it gave up."""
    with contextlib.suppress(OSError):
        return "\n".join(log.read_text(errors="replace").splitlines()[-count:])
    return ""
