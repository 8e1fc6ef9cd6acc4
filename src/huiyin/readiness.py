"""How a child of `huiyin up` waits for its engines and says that it is ready; alone, both are nothing."""

import contextlib
import os

START, READY = "HUIYIN_START_FD", "HUIYIN_READY_FD"


def wait_for_start() -> None:
    """Block until the engines stand. Import everything first: that is what the waiting time is for."""
    handle = os.environ.pop(START, None)
    if handle is not None:
        with os.fdopen(int(handle), "rb") as pipe:
            pipe.read()


def announce() -> None:
    """Say once that this process does its work now."""
    handle = os.environ.pop(READY, None)
    if handle is not None:
        with contextlib.suppress(BrokenPipeError), os.fdopen(int(handle), "wb") as pipe:
            pipe.write(b"ready\n")
