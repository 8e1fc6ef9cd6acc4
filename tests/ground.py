"""Where the engines of tests stand: in memory where there is room, for a fresh database is six hundred files."""

import contextlib
import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil

MEMORY = Path("/dev/shm")
ROOM = 6 << 30  # bytes that must be free; a container's /dev/shm is often much smaller
PREFIX = "engines-of-tests-"


@contextlib.contextmanager
def ground() -> Iterator[Path]:
    """A folder for engines, gone afterwards. Who kills programs may have it too: what a killed program had written is
    in the system's hands, whatever disk that is."""
    where = MEMORY if _roomy() else None
    with (
        tempfile.TemporaryDirectory(prefix=PREFIX, dir=where, ignore_cleanup_errors=True) as folder,
        Path(folder, "lock").open("w") as lock,
    ):
        fcntl.flock(lock, fcntl.LOCK_EX)
        _clear()
        yield Path(folder)


def _roomy() -> bool:
    return MEMORY.is_dir() and min(shutil.disk_usage(MEMORY).free, psutil.virtual_memory().available) > ROOM


def _clear() -> None:
    """What killed runs left: nobody holds its lock any more."""
    for old in MEMORY.glob(f"{PREFIX}*/lock"):
        with contextlib.suppress(OSError), old.open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(old.parent, ignore_errors=True)
