"""The guide of mediation (docs/guide/mediation.md) cannot lie: its tables are those of the code and the rulebook."""

import re

from huiyin.core.mediation.agreeing import LACKS
from huiyin.core.mediation.authority import TABLE
from huiyin.core.mediation.ground import NOT_YET, PAST
from huiyin.rules.rulebook import load_mediation
from tests.laws.sources import ROOT

PAGE = (ROOT / "docs" / "guide" / "mediation.md").read_text()
BOOK = load_mediation()[0]
UNITS = {"natural_hour": "小时", "natural_day": "日", "working_day": "工作日", "month": "个月"}
RELATIONS = {"party": "当事人", "mediator": "调解员", "committee": "委员会", "system": "系统"}
BY_ITSELF = {"mediate": "终止并告知其他途径", "confirm": "权利期满"}


def rows(heading: str) -> list[list[str]]:
    """The cells of the table below a heading."""
    part = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|") and not line.startswith("|---")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines][1:]


def test_the_limits_are_those_of_the_file() -> None:
    limits = {BOOK.duties[duty]: f"{one.length} {UNITS[one.unit]}" for duty, one in BOOK.limits.items()}
    ends = {BOOK.duties[duty]: BY_ITSELF.get(duty, "督促") for duty in BOOK.limits}
    assert {row[0]: row[1] for row in rows("时限")} == limits
    assert {row[0]: row[2] for row in rows("时限")} == ends


def test_the_figures_in_the_text_are_those_of_the_file() -> None:
    extension = BOOK.extension
    assert f"延长 {extension.times} 次、最多 {extension.longest} 日" in PAGE
    told = [f"{BOOK.duties[duty]} {'、'.join(map(str, days))} 日" for duty, days in BOOK.alarms.items()]
    assert f"到期前提醒:{','.join(told)}。" in PAGE
    assert (BOOK.late.length, BOOK.late.unit, "每 1 个工作日一次" in PAGE) == (1, "working_day", True)
    assert f"最多 {BOOK.representatives} 人" in PAGE
    assert f"自协议生效起 {BOOK.limits['confirm'].length} 日内" in PAGE


def test_who_may_is_what_the_code_says() -> None:
    said = {re.findall(r"`(\w+)`", row[0])[0]: row[1] for row in rows("谁可以做什么")}
    assert said == {
        name: " ".join(word for key, word in RELATIONS.items() if key in may) for name, may in TABLE.items()
    }


def test_what_bars_a_case_and_what_terms_may_not_say_are_the_files() -> None:
    assert {row[0].strip("`"): row[1] for row in rows("不予受理的情形")} == BOOK.bars
    kinds = {"vague": "要写明", "unlawful": "不得写"}
    said = {row[0].strip("`"): tuple(row[1:]) for row in rows("协议用语")}
    assert said == {code: (kinds[one.kind], one.advice) for code, one in BOOK.terms.items()}


def test_every_refusal_is_explained() -> None:
    """And says what to do next, in words without a code."""
    table = rows("不予办理")
    sources = (ROOT / "src" / "huiyin" / "core" / "mediation").glob("*.py")
    door = ROOT / "src" / "huiyin" / "mediating.py"
    codes = {code for path in (*sources, door) for code in re.findall(r'Refused\(\s*"([a-z-]+)"', path.read_text())}
    codes |= {*NOT_YET.values(), *PAST.values(), *LACKS.values(), "not-your-side", "not-your-mediation"}
    assert {row[0].strip("`") for row in table} == codes
    assert len(table) == len(codes)
    assert not [row for row in table if re.search(r"[a-z]", row[1]) or len(row[1]) < 6]
