"""Points and texts at which a test may kill the process (RELIABILITY 7, A1, D3); nothing happens unless it asks."""

import os
import signal
from collections.abc import Iterable

_WHERE, _, _TIMES = os.environ.get("HUIYIN_KILL_AT", "").partition(":")
_left = int(_TIMES or 1)
_CRASH, _EXIT = os.environ.get("HUIYIN_CRASH_ON", ""), os.environ.get("HUIYIN_EXIT_ON", "")

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
    "tallies.before-commit",
    "tallies.after-commit",
    "whistles.before-fetch",
    "whistles.after-fetch",
    "whistles.after-look",
    "whistles.after-desk",
    "whistles.before-ack",
    "whistles.after-ack",
    "mediation.before-fetch",
    "mediation.after-fetch",
    "mediation.after-look",
    "mediation.after-desk",
    "mediation.before-ack",
    "mediation.after-ack",
    "messenger.before-fetch",
    "messenger.after-fetch",
    "messenger.after-look",
    "messenger.after-publish",
    "messenger.before-ack",
    "messenger.after-ack",
    "departments.before-fetch",
    "departments.after-fetch",
    "departments.after-desk",
    "departments.after-answer",
    "departments.before-ack",
    "departments.after-ack",
)


def reach(point: str) -> None:
    """`HUIYIN_KILL_AT=desk.before-commit:3` kills this process, unasked and uncleaned, on the third visit."""
    global _left  # noqa: PLW0603
    if point != _WHERE:
        return
    _left -= 1
    if _left == 0:
        os.kill(os.getpid(), signal.SIGKILL)


class Poisoned(Exception):
    """A text that `HUIYIN_CRASH_ON` names."""


def taste(texts: Iterable[str]) -> None:
    """`HUIYIN_CRASH_ON=word`: handling a text with the word raises, as a bug of ours would.
    `HUIYIN_EXIT_ON=word`: it takes the process along, as a bug of a native library would."""
    if not (_CRASH or _EXIT):
        return
    for text in texts:
        if _CRASH and _CRASH in text:
            raise Poisoned
        if _EXIT and _EXIT in text:
            os._exit(3)
