"""A street's busy week for tests and pictures of its screen: filed, signed, answered, climbed."""

from datetime import timedelta

import asyncpg

from consumers.tallies import Teller
from huiyin.core.words import About
from tests.core.world import AT, REGISTRY
from tests.web.conftest import Site
from tests.web.hands import Hands

WORDS = {"text": "已经处理"}
SQUARE = 0.004  # degrees: about 400 m
OTHERS: list[tuple[str, About]] = [
    *(("A01", "none"), ("C01", "none"), ("C01", "property"), ("J05", "none"), ("L02", "property"), ("H02", "none")),
]


async def outlines(admin: asyncpg.Connection) -> None:
    """Grids get outlines, side by side; before the room first looks at the registry."""
    for n, code in enumerate(sorted(REGISTRY.grids)):
        west, south = 116.40 + n * SQUARE, 39.90
        north, east, middle = south + SQUARE, west + SQUARE, west + SQUARE / 2
        ring = [[west, south], [east, south], [east, north], [middle, north + SQUARE / 10], [west, north]]
        await admin.execute("UPDATE grids SET polygon = $1 WHERE code = $2", ring, code)


async def counted(site: Site) -> None:
    """As the consumer does, to the end of the log."""
    while await Teller(site.room.engine).round() > 0:
        pass


async def week(site: Site, hands: Hands) -> list[str]:
    """Ten tickets: four alike, some answered, one climbed, one about the property company; counted."""
    numbers = [await hands.file("B01") for _ in range(4)]
    numbers += [await hands.file(category, about) for category, about in OTHERS]
    site.clock.now = AT + timedelta(hours=1)
    for number in numbers[:2]:
        await hands.do("leader", number, "sign")
        await hands.do("leader", number, "contact")
    await answered(hands, numbers[0])
    site.clock.now = AT + timedelta(hours=9)
    await hands.do("leader", numbers[1], "hand-up", {"reason": "beyond-means"})
    await counted(site)
    return numbers


async def answered(hands: Hands, number: str, solved: str = "yes", satisfied: int = 5) -> None:
    """Done, answered, and the resident's word."""
    for command in ("resolve", "reply"):
        await hands.do("leader", number, command, WORDS)
    assert (await hands.feedback(number, solved=solved, satisfied=satisfied)).status_code < 300
