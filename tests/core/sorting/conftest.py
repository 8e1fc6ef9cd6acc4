"""A small invented city with every trap the sorter must know."""

import pytest

from huiyin.core.registry import Building, Community, Estate, Grid, Registry, Street
from huiyin.core.sorting import Sorter
from huiyin.rules.load import load_catalogue, load_model, load_sorting_rules

# code, name, aliases, community, grids, buildings
ESTATES = (
    ("E1", "云栖里", ("云西里",), "C1", 2, 6),
    ("E2", "青杉小区", (), "C1", 1, 4),
    ("E3", "望潮花园", (), "C2", 2, 12),
    ("E4", "公园里", (), "C2", 2, 4),
    ("E5", "锦书台三期", (), "C1", 2, 4),
    ("E6", "鹤鸣苑", (), "C1", 2, 4),
    ("E7", "鹤鸣苑", (), "C3", 2, 4),
    ("E8", "澜庭1号", (), "C3", 2, 4),
)


def city() -> Registry:
    streets = {"S1": Street("S1", "东湾街道", "A1区"), "S2": Street("S2", "西岭街道", "A2区")}
    communities = {
        "C1": Community("C1", "东湾一社区", "S1"),
        "C2": Community("C2", "东湾二社区", "S1"),
        "C3": Community("C3", "西岭一社区", "S2"),
    }
    estates, grids, buildings = {}, {}, {}
    for code, name, aliases, community, count, houses in ESTATES:
        estates[code] = Estate(code, name, aliases, community, "formed", "company", 300)
        for number in range(count):
            west, south = int(code[1:]) * 0.01, number * 0.01
            ring = ((west, south), (west + 0.01, south), (west + 0.01, south + 0.01), (west, south + 0.01))
            grids[f"{code}G{number}"] = Grid(f"{code}G{number}", community, code, ring)
        for number in range(1, houses + 1):
            house = "A座" if (code, number) == ("E8", 4) else f"{number}栋"
            grid = f"{code}G{(number - 1) * count // houses}"
            buildings[f"{code}B{number}"] = Building(f"{code}B{number}", code, house, 3, grid)
    return Registry("test", streets, communities, estates, grids, buildings)


@pytest.fixture(scope="session")
def sorter() -> Sorter:
    return Sorter(city(), load_catalogue(), load_sorting_rules(), load_model())
