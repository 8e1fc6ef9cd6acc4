"""Whether a clock that people set runs steadily: beside one that only runs; a jump is held for a while."""

import time
from datetime import datetime

JUMP = 30.0  # seconds
HOLD = 120.0  # seconds of steady time before a clock that jumped is believed again


def elapsed() -> float:
    """Seconds that really passed since some moment, a suspended machine's sleep among them where the system counts it;
    nobody sets this clock."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


class Steady:
    """Looks at a clock again and again; `held` from a jump until HOLD seconds without one."""

    def __init__(self) -> None:
        self._ahead: tuple[float, float] | None = None  # of the other clock: at least, at most
        self._until: float | None = None

    @property
    def held(self) -> bool:
        """Whether the clock is not to be believed yet."""
        return self._until is not None

    def hold(self, now: float) -> None:
        """From `now` on, for another reason."""
        self._until = now + HOLD

    def look(self, clock: datetime, before: float, after: float) -> float:
        """Seconds that the clock jumped since the last look (less than nothing: back); 0 where it is steady.

        `clock` was read between `before` and `after` of `elapsed`; a slow answer is no jump.
        """
        told = clock.timestamp()
        last, self._ahead = self._ahead, (told - after, told - before)
        jumped = 0.0 if last is None else max(0.0, self._ahead[0] - last[1]) + min(0.0, self._ahead[1] - last[0])
        if abs(jumped) > JUMP:
            self.hold(after)
            return jumped
        if self._until is not None and after >= self._until:
            self._until = None
        return 0.0
