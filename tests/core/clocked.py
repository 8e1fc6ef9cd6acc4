"""Time in a walk: what always holds of anything that has a next moment."""

from datetime import timedelta
from typing import Any, Protocol

from huiyin.core.scene import CLOCK


class Walker(Protocol):
    """A walk: its story, what the story is about as it is now, and where its steps are heard."""

    story: Any
    tick: Any

    def one(self) -> Any: ...

    def heard(self, steps: list[Any]) -> None: ...


def time_comes(walk: Walker, times: int) -> None:
    """Never a moment before, always at the moment."""
    for _ in range(times):
        moment = walk.one().next_at
        if moment is None:
            return
        if moment > walk.story.now:
            walk.story.now = moment - timedelta(microseconds=1)
            assert walk.story.decide(walk.tick, CLOCK) == []
            walk.story.now = moment
        steps = walk.story.give(walk.tick, CLOCK)
        assert steps, "a moment that came and nothing happened: the sweep would spin"
        walk.heard(steps)


def time_goes_by_unwatched(walk: Walker, hours: int, ticks: int) -> None:
    """The sweep was down: what is due then is done with in a few ticks of one moment."""
    walk.story.now += timedelta(hours=hours)
    for _ in range(ticks):
        due = walk.one().next_at is not None and walk.one().next_at <= walk.story.now
        steps = walk.story.give(walk.tick, CLOCK)
        walk.heard(steps)
        assert bool(steps) == due
        if not steps:
            return
    raise AssertionError("it never comes to rest")
