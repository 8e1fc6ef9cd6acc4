"""How much comes from where (频次): a bucket a network that empties by the hour, in memory; no address is kept."""

from collections.abc import Callable
from time import monotonic

REMEMBERED = 50_000
HOUR = 3600.0


class Rates:
    """How many of a kind came from a network in about the last hour."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._buckets: dict[tuple[str, str], tuple[float, float]] = {}

    def count(self, kind: str, where: str, hourly: int) -> float:
        """One more; how full the bucket is now, that loses `hourly` an hour and holds a minute's more: soon after a
        flood is over it is over for its network, too."""
        key, now = (kind, where), self._clock()
        level, at = self._buckets.pop(key, (0.0, now))
        level = min(max(0.0, level - (now - at) * hourly / HOUR) + 1, hourly * 61 / 60 + 1)
        self._buckets[key] = level, now  # at the end: the dictionary is in order of the last that came
        if len(self._buckets) > REMEMBERED:
            del self._buckets[next(iter(self._buckets))]
        return level

    def level(self, kind: str, where: str, hourly: int) -> float:
        """How full it is, nothing added."""
        level, at = self._buckets.get((kind, where), (0.0, 0.0))
        return max(0.0, level - (self._clock() - at) * hourly / HOUR)
