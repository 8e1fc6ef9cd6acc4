"""How often a resident may urge (催办): the rulebook's figures."""

from datetime import timedelta

from msgspec import Struct, field

from huiyin.core.words import Urgency


def _usual() -> dict[Urgency, int]:
    return {"emergency": 1, "urgent": 4, "normal": 24, "complex": 48}


class Urging(Struct, frozen=True):
    """Natural hours between two by urgency, how often at one post, and from which time on whoever is above sees it."""

    wait: dict[Urgency, int] = field(default_factory=_usual)
    most: int = 3
    above: int = 2

    def pause(self, urgency: Urgency) -> timedelta:
        """Between two."""
        return timedelta(hours=self.wait[urgency])
