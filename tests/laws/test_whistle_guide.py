"""The guide of the whistle (docs/guide/whistle.md) cannot lie: its tables are those of the code and of whistle.toml."""

import re

from huiyin.core.deadline import Limit
from huiyin.core.whistle.authority import TABLE
from huiyin.core.whistle.ground import NOT_YET, PAST
from huiyin.core.whistle.rules import Limits
from huiyin.rules.rulebook import load_whistle
from tests.laws.sources import ROOT

PAGE = (ROOT / "docs" / "guide" / "whistle.md").read_text()
BOOK = load_whistle()[0]
LIMITS = ("passing", "approve", "acknowledge", "arrive", "plan", "reply", "answer", "redo", "rule", "grant", "confirm",
          "rate", "late")  # fmt: skip
UNITS = {"natural_minute": "分钟", "natural_hour": "小时", "working_hour": "工作小时", "working_day": "工作日"}
RELATIONS = {"blower": "吹哨人", "street": "街道", "area": "属地", "leader": "领导", "lead": "主办", "co": "协办",
             "system": "系统"}  # fmt: skip


def rows(heading: str) -> list[list[str]]:
    """The cells of the table below a heading."""
    part = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|") and not line.startswith("|---")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def cell(limit: Limit | None) -> str:
    return f"{limit.length} {UNITS[limit.unit]}" if limit else "—"


def test_the_limits_are_those_of_the_file() -> None:
    head, *table = rows("四种哨和时限")
    kinds = list(BOOK.kinds.values())
    assert head[1:] == [one.name for one in kinds]
    assert set(LIMITS) == set(Limits.__struct_fields__)
    assert [row[1:] for row in table] == [[cell(getattr(one.limits, name)) for one in kinds] for name in LIMITS]


def test_the_figures_in_the_text_are_those_of_the_file() -> None:
    assert f"最远 {BOOK.promise.length} 日" in PAGE
    assert f"退回满 {BOOK.returns} 次" in PAGE
    assert (BOOK.pauses.times, f"最长 {BOOK.pauses.longest} 个工作日" in PAGE) == (1, True)


def test_who_may_is_what_the_code_says() -> None:
    _, *table = rows("命令")
    said = {re.findall(r"`(\w+)`", row[0])[0]: row[1] for row in table}
    assert said == {
        name: " ".join(word for key, word in RELATIONS.items() if key in may) for name, may in TABLE.items()
    }


def test_every_refusal_is_explained() -> None:
    """And says what to do next, in words without a code."""
    _, *table = rows("不予办理")
    sources = (ROOT / "src" / "huiyin" / "core" / "whistle").glob("*.py")
    codes = {code for path in sources for code in re.findall(r'Refused\(\s*"([a-z-]+)"', path.read_text())}
    assert {row[0].strip("`") for row in table} == codes | {*NOT_YET.values(), *PAST.values(), "not-your-whistle"}
    assert not [row for row in table if re.search(r"[a-z]", row[1]) or len(row[1]) < 6]
