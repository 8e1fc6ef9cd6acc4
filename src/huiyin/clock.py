"""The time the whole system goes by: the real one, or a demonstration clock that runs faster."""

import contextlib
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct

from huiyin import keys, settings

FILE = "clock.json"
START = 30.0  # seconds until the first mark of a run, generously


class Clock(Struct, frozen=True):
    """Told time = `told` + (real time - `real`) · `speed`; without origins it is real time."""

    speed: float = 1.0
    real: datetime | None = None
    told: datetime | None = None

    def now(self) -> datetime:
        """The current told time, aware, UTC."""
        return self.told_at(datetime.now(UTC))

    def told_at(self, real: datetime) -> datetime:
        """The told time at a real one, from whatever clock that is (the database's)."""
        if self.real is None or self.told is None:
            return real
        return self.told + (real - self.real) * self.speed


def load(data: Path) -> Clock:
    """The clock of a data folder, as its `up` last set it; real time where none was ever set."""
    with contextlib.suppress(FileNotFoundError):
        return msgspec.json.decode((data / FILE).read_bytes(), type=Clock)
    return Clock()


@cache
def current() -> Clock:
    """This process's clock, read once: `up` sets it before it starts anything."""
    return load(settings.load().folder)


def now() -> datetime:
    """The system's time by `current()`. `core` never calls this: time is handed to it."""
    return current().now()


def resume(data: Path, speed: float) -> Clock:
    """Set the clock for a run; it goes on where the last run stopped, never before that nor before now."""
    current.cache_clear()
    kept = _mark(data)
    real = datetime.now(UTC)
    if kept is None and speed == 1:
        return Clock()
    if kept is not None and kept <= real and speed == 1:
        _forget(data)
        return Clock()
    clock = Clock(speed, real, max(kept or real, real))
    keys.write_private(data / FILE, msgspec.json.encode(clock))
    mark(data, clock, ahead=START)
    return clock


def mark(data: Path, clock: Clock, ahead: float = 0) -> None:
    """Keep how far told time went, `ahead` real seconds beyond now: a killed run never goes back either."""
    if clock.told is not None:
        reached = clock.now() + timedelta(seconds=ahead * clock.speed)
        keys.write_private(data / "run" / FILE, msgspec.json.encode(reached))


def _mark(data: Path) -> datetime | None:
    with contextlib.suppress(FileNotFoundError):
        return msgspec.json.decode((data / "run" / FILE).read_bytes(), type=datetime)
    return None


def _forget(data: Path) -> None:
    for path in (data / FILE, data / "run" / FILE):
        path.unlink(missing_ok=True)
