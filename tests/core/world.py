"""A tiny city for pure tests: one street, one community, two estates, a few buildings."""

from datetime import UTC, datetime

from huiyin.core.registry import Building, Community, Estate, Grid, Registry, Street
from huiyin.core.ticket import File, Rules
from huiyin.core.words import Candidate, Evidence, Sorting, Spot
from huiyin.rules.calendars import load_calendar
from huiyin.rules.load import load_catalogue
from huiyin.rules.rulebook import load_ladder

AT = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)

REGISTRY = Registry(
    "test",
    {"990101001": Street("990101001", "清河街道", "东城区")},
    {"990101001001": Community("990101001001", "柳岸社区", "990101001")},
    {
        "E1": Estate("E1", "柳岸花园", (), "990101001001", "formed", "company", 800),
        "E2": Estate("E2", "老纺织大院", ("纺织大院",), "990101001001", "none", "none", 120),
    },
    {
        "990101001001001": Grid("990101001001001", "990101001001", "E1"),
        "990101001001002": Grid("990101001001002", "990101001001", "E1"),
        "990101001001003": Grid("990101001001003", "990101001001", "E2"),
    },
    {
        "E1-B01": Building("E1-B01", "E1", "1栋", 2, "990101001001001"),
        "E1-B02": Building("E1-B02", "E1", "2栋", 2, "990101001001002"),
        "E2-B01": Building("E2-B01", "E2", "1栋", 3, "990101001001003"),
    },
)

RULES = Rules("test", REGISTRY, load_catalogue(), load_ladder()[0], load_calendar())


def spot(estate: str | None = "E1", building: str | None = "E1-B01", community: bool = True) -> Spot:
    """A place in the tiny city."""
    if not community:
        return Spot()
    grid = REGISTRY.buildings[building].grid_code if building else None
    return Spot("990101001", "990101001001", estate, grid, building, "1栋" if building else None)


def sorting(category: str = "A01", where: Spot | None = None, **more: object) -> Sorting:
    """What a sorter might say."""
    fields = {
        "spot": spot() if where is None else where,
        "place_confidence": 0.95,
        "category": category,
        "candidates": (Candidate(category, 0.8, ("楼上漏水",)), Candidate("P01", 0.1)),
        "urgency": RULES.catalogue.entries[category].urgency,
        "evidence": Evidence("text"),
    }
    return Sorting(**(fields | more))  # type: ignore[arg-type]


def file(category: str = "A01", where: Spot | None = None, about: str = "none", **more: object) -> File:
    """An order to make a ticket."""
    return File("HY000000001", "web", about, AT, "HY000000001/1", "0" * 64, sorting(category, where, **more))  # type: ignore[arg-type]
