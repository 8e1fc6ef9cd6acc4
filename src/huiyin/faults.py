"""Named points where a test may kill the process (RELIABILITY 7, A1); nothing happens unless it asks."""

import os
import signal

_WHERE, _, _TIMES = os.environ.get("HUIYIN_KILL_AT", "").partition(":")
_left = int(_TIMES or 1)

POINTS = (
    "sorter.before-fetch",
    "sorter.after-fetch",
    "sorter.after-sort",
    "desk.begun",
    "desk.decided",
    "desk.before-commit",
    "desk.after-commit",
    "sorter.before-ack",
    "sorter.after-ack",
    "relay.before-publish",
    "relay.after-publish",
    "relay.after-mark",
)


def reach(point: str) -> None:
    """`HUIYIN_KILL_AT=desk.before-commit:3` kills this process, unasked and uncleaned, on the third visit."""
    global _left  # noqa: PLW0603
    if point != _WHERE:
        return
    _left -= 1
    if _left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
