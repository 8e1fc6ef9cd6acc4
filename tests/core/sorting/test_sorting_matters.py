"""Merge suggestions: the same source at the same place, whatever the words; never another matter of the estate."""

from datetime import UTC, datetime, timedelta

import pytest

from huiyin.core.sorting import Question, Sorter
from huiyin.core.sorting.matters import MatterKey, same_matter
from huiyin.rules.load import load_sorting_rules

RULES = load_sorting_rules().matters
DAY = datetime(2026, 3, 1, 9, tzinfo=UTC)
NEW = MatterKey("N", "E1", None, ("D04", "B06", "T02"), DAY, ("搅拌站", "粉尘"))


def other(**changes: object) -> MatterKey:
    fields = {"number": "O", "estate_code": "E1", "building_code": None, "leaves": ("D04",), "filed_at": DAY}
    return MatterKey(**(fields | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "linked"),
    [
        ({}, True),
        ({"leaves": ("B06", "D04"), "words": ("搅拌站", "噪音")}, True),  # noise to one, dust to the other
        ({"leaves": ("R04",), "words": ("搅拌站", "规划")}, True),
        ({"leaves": ("H02",), "words": ("电梯",)}, False),
        ({"leaves": ("L02",), "words": ("物业费",)}, False),
        ({"estate_code": "E2"}, False),
        ({"estate_code": None}, False),
        ({"filed_at": DAY - timedelta(days=200)}, False),
    ],
)
def test_linked(changes: dict[str, object], linked: bool) -> None:
    assert bool(same_matter(NEW, [other(**changes)], RULES)) is linked


def test_not_itself_ranked_and_few() -> None:
    others = [other(number=f"O{day:02}", filed_at=DAY - timedelta(days=day)) for day in range(20)] + [NEW]
    found = same_matter(NEW, others, RULES)
    assert [number for number, _ in found] == ["O00", "O01", "O02", "O03", "O04"]


def test_same_building_counts_for_more() -> None:
    lift = MatterKey("N", "E1", "B1", ("H02",), DAY, ("电梯",))
    here, there = other(building_code="B1", leaves=("H02",)), other(number="P", building_code="B2", leaves=("H02",))
    assert same_matter(lift, [there, here], RULES)[0][0] == "O"


PLANT = [
    "云栖里旁边的混凝土搅拌站粉尘太大，窗台每天一层灰",
    "云栖里小区附近新建搅拌站，夜里噪音吵得睡不着",
    "请查一查云栖里边上的搅拌站有没有环评手续，孩子都咳嗽了",
    "反对在云栖里旁边修建搅拌站，污染环境",
]
ELSE = ["云栖里电梯又坏了，老人下不了楼", "云栖里物业费涨价没有公示", "云栖里门口乱停车堵住出口"]


def key(sorter: Sorter, number: int, text: str) -> MatterKey:
    found = sorter.sort([Question(text)])[0]
    leaves = tuple(candidate.code for candidate in found.candidates)
    words = found.candidates[0].words
    return MatterKey(f"{number}", found.spot.estate_code, None, leaves, DAY, words, found.urgency)


def test_one_plant_many_words(sorter: Sorter) -> None:
    keys = [key(sorter, number, text) for number, text in enumerate(PLANT + ELSE)]
    plant = {f"{number}" for number in range(len(PLANT))}
    for number, one in enumerate(keys):
        linked = {other for other, _ in same_matter(one, keys, RULES)}
        if number < len(PLANT):
            assert linked
            assert linked <= plant
        else:
            assert not linked & plant
