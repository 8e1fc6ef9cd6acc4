"""The guide of the ladder (docs/guide/ladder.md) cannot lie: its tables are those of the code and of ladder.toml."""

import re

import pytest

from huiyin.core.commands import Command
from huiyin.core.people import COMMANDS, ROLES, Role, may
from huiyin.core.ticket import authority
from huiyin.rules.rulebook import load_ladder
from huiyin.web.orders import ORDERS
from huiyin.web.refusals import REFUSALS
from tests.laws.sources import ROOT

PAGE = (ROOT / "docs" / "guide" / "ladder.md").read_text()
LADDER = load_ladder()[0]
POSTS: dict[Role, str] = {
    "grid_worker": "网格员",
    "building_leader": "楼栋长",
    "owners_committee": "业委会",
    "property": "物业",
    "community": "社区",
    "street": "街道",
    "department": "部门",
    "mediator": "调解员",
}
RELATIONS = {
    "holder": "承办",
    "assistant": "协办",
    "above": "上级",
    "area": "属地",
    "ruler": "裁定",
    "resident": "居民",
}
UNITS = {"natural_hour": "小时", "working_hour": "工作小时", "natural_day": "日", "working_day": "工作日"}
BESIDE = {"view": "View", "notify": "Notify", "attach": "Attach"}  # given at windows of their own


def rows(heading: str) -> list[list[str]]:
    """The cells of the table below a heading."""
    part = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


ORDERED = {re.findall(r"`([a-z-]+)`", row[0])[0]: row for row in rows("命令")}


def kind(command: str) -> str:
    return ORDERS[command].kind.__name__ if command in ORDERS else BESIDE[command]


def test_every_command_has_its_row() -> None:
    assert list(ORDERED) == list(COMMANDS)
    assert {kind(command) for command in COMMANDS} <= {shape.__name__ for shape in Command.__args__}


@pytest.mark.parametrize("command", COMMANDS)
def test_who_may_is_what_the_code_says(command: str) -> None:
    """Kinds of post, and what they must be to the ticket."""
    _, posts, relations, *_ = ORDERED[command]
    assert posts.split("、") == [POSTS[role] for role in ROLES if may(role, command)]
    wanted = authority.TABLE[kind(command)] - {"system"}
    assert relations.split("、") == [said for relation, said in RELATIONS.items() if relation in wanted]


@pytest.mark.parametrize("command", ORDERS)
def test_refusals_are_what_the_window_says(command: str) -> None:
    """Besides those that every command may meet, named above the table."""
    found = set(re.findall(r"`([a-z-]+)`", ORDERED[command][3]))
    assert found == set(ORDERS[command].codes)
    assert found <= REFUSALS.keys()


@pytest.mark.parametrize("command", COMMANDS)
def test_what_happens_to_the_clocks_is_said(command: str) -> None:
    assert ORDERED[command][4]


def test_the_rungs_are_those_of_the_file() -> None:
    table = rows("五个层级")
    assert [row[1] for row in table] == [LADDER.rungs[rung].name for rung in LADDER.order]
    assert [re.findall(r"`(\w+)`", row[0])[0] for row in table] == list(LADDER.order)
    for row, rung in zip(table, LADDER.order, strict=True):
        assert all(one.name in row[2] for one in LADDER.rungs[rung].stand_ins), rung


def test_the_limits_are_those_of_the_file() -> None:
    """Each urgency's two clocks and the limit of the whole case where the catalogue has none of its own."""
    names = {"紧急": "emergency", "加急": "urgent", "一般": "normal", "复杂": "complex"}
    table = rows("时限")
    assert [names[row[0]] for row in table] == list(LADDER.clocks)
    for name, sign, resolve, case in table:
        clocks = LADDER.clocks[names[name]]  # type: ignore[index]
        for said, limit in ((sign, clocks.sign), (resolve, clocks.resolve)):
            assert said == f"{limit.length} {UNITS[limit.unit]}"
        assert case == f"{LADDER.limits[names[name]]} 小时"  # type: ignore[index]


def test_the_other_limits_are_those_of_the_file() -> None:
    terms = LADDER.terms
    for limit, what in ((terms.objection, "裁定"), (terms.supervision, "督办答复"), (terms.follow_up, "回访")):
        assert f"{what} {limit.length} {UNITS[limit.unit]}" in PAGE
    assert f"结案后 {terms.reopen_days} 日内" in PAGE
    assert f"挂账最长 {terms.longest_shelf_days} 日" in PAGE
    for urgency, days in terms.longest_extension.items():
        assert f"{ {'normal': '一般', 'complex': '复杂'}[urgency] }事项最多 {days} 个工作日" in PAGE
    assert f"人工分拣 {LADDER.sorting_desk.hours} 小时" in PAGE
