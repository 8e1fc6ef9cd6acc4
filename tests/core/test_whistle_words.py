"""A whistle's log told: a sentence for every step, a word for everything a step may say; the rulebook's file."""

import re
import tomllib
from importlib.resources import files
from typing import Any, get_args, get_type_hints

import msgspec
import pytest

from huiyin.core.proof import Leaf, seal
from huiyin.core.scene import CLOCK
from huiyin.core.whistle import Step
from huiyin.core.whistle import commands as c
from huiyin.core.whistle import steps as s
from huiyin.core.whistle.rules import WhistleRules
from huiyin.story import load_words
from huiyin.whistle_story import WhistleTeller
from tests.core.whistling import (
    BOOK,
    CITY,
    COLLEAGUE,
    COMMUNITY,
    FIRE,
    LEAD,
    LEADER,
    PICTURE,
    POLICE,
    SAID,
    STREET,
    Story,
    ask,
    at_department,
    blow,
    called,
    done,
)
from tests.core.world import AT, REGISTRY, spot

WORDS = load_words("whistle_story.toml")
TELLER = WhistleTeller(BOOK, REGISTRY)
STEPS = {str(shape.__struct_config__.tag): shape for shape in get_args(Step)}
ELSEWHERE = {"about", "part"}  # never told of a whistle; half and most have sentences of their own


def test_every_step_has_a_sentence_that_always_fits() -> None:
    assert WORDS.said.keys() == STEPS.keys()
    assert not [name for name, variants in WORDS.said.items() if variants[-1].when]
    assert not [name for name, variants in WORDS.said.items() if any(not one.when for one in variants[:-1])]


@pytest.mark.parametrize("name", STEPS)
def test_a_sentence_speaks_of_fields_that_are_there(name: str) -> None:
    fields = set(STEPS[name].__struct_fields__)
    for variant in WORDS.said[name]:
        assert variant.when.keys() <= fields
        said = {re.sub("_why$", "", one) for one in re.findall(r"\{(\w+)\}", variant.say)}
        assert said <= fields | {"who"}, variant.say
        assert not said & {"words", "person", "position", "missing", "done", "about"}, "sealed, or a person's"
    if "clocks" in fields:
        assert any("{clocks}" in one.say for one in WORDS.said[name]), "limits that begin are told"


def literals(shape: Any) -> set[str]:
    if any(isinstance(one, str) for one in get_args(shape)):
        return set(get_args(shape))
    return {word for inner in get_args(shape) for word in literals(inner)}


@pytest.mark.parametrize("name", STEPS)
def test_every_value_of_a_field_has_its_word(name: str) -> None:
    """Reasons, duties, outcomes: none is shown as a code; and each duty has the word of its limit."""
    for field, shape in get_type_hints(STEPS[name]).items():
        if field not in ELSEWHERE:
            missing = literals(shape) - WORDS.words.get(field, {}).keys()
            assert not missing, (field, missing)
    assert set(get_args(s.Duty)) == WORDS.words["duty"].keys() == BOOK.whistle.duties.keys()


class Told(Story):
    """A story that keeps its sentences."""

    def __init__(self, *args: Any) -> None:
        self.leaves: list[bytes] = []
        super().__init__(*args)

    def give(self, command: Any, by: Any) -> list[Step]:
        made = super().give(command, by)
        for step in made:
            leaf = Leaf(1, "whistle", "W1", len(self.leaves) + 1, by.post, "-", self.now, "r", "", step)
            self.leaves.append(seal(leaf)[0])
        return made


def told() -> list[str]:
    story = Told(blow("enforcement", asks=(*LEAD, ask(POLICE))), COMMUNITY)
    story.give(c.PassOn(), STREET)
    story.give(c.Approve(), LEADER)
    story.give(c.Object("other-department", SAID), at_department(CITY))
    story.give(c.Rule(CITY, True, FIRE), COLLEAGUE)
    fire = at_department(FIRE)
    story.give(c.Acknowledge("p-fire"), fire)
    story.give(c.Arrive(story.now, spot(), False), fire)
    story.give(c.Arrive(story.now, spot(), pictures=(PICTURE,)), fire)
    story.until("acknowledge", POLICE, 3)
    story.give(c.AskPause("weather", 2, SAID), fire)
    story.give(c.GrantPause(), COLLEAGUE)
    story.give(c.Resume(), fire)
    story.give(done(story.now, contacted=("street", "property")), fire)
    story.give(c.Return(SAID), COMMUNITY)
    story.give(done(story.now), fire)
    story.give(c.Confirm(pictures=(PICTURE,)), COMMUNITY)
    for post in (FIRE, POLICE):
        story.give(c.RateDepartment(post, 5, 4, 3, 2), COMMUNITY)
    story.give(c.RateBlower("partly", 4), fire)
    story.give(c.Hear("HY000000001", "partly", 3), CLOCK)
    return TELLER.tell(story.leaves)


def test_a_story_reads_as_the_street_would_tell_it() -> None:
    lines = told()
    assert lines[0] == (
        "2026年11月20日 09:00 柳岸社区吹综合执法哨,哨单号 W1:事项“商铺经营噪声”,由工单 HY000000001 引出;"
        "本级无法解决的原因:没有执法权。时限:清河街道转报 11/20 14:30。"
    )
    assert lines[1:3] == [
        "11月20日 09:00 清河街道审核后转报,点名城管部门(主办)、公安部门(协办)。时限:清河街道主要领导审批 11/20 14:30。",
        "11月20日 09:00 清河街道主要领导同意吹哨。",
    ]
    assert lines[3].startswith("11月20日 09:00 派哨:城管部门(主办)、公安部门(协办)。时限:城管部门接哨 11/20 14:30、")
    assert lines[5].startswith(
        "11月20日 09:00 清河街道裁定:城管部门的异议成立(理由:属其他部门职责),改由消防救援部门负责,不得再退。"
    )
    assert lines[7] == "11月20日 09:00 消防救援部门于 11月20日 09:00 登记报到,但不在现场,到场时限继续计算。"
    assert [one for one in lines if "挂牌督办" in one]
    assert (
        "11月20日 14:30 公安部门接哨逾期,催办,须在 11/23 17:30 前补办(督办时限:收到 11/20,1个工作日:"
        "11/21–11/22休息;23日 → 11/23 17:30)。"
    ) in lines
    assert lines[-4].endswith("柳岸社区评价公安部门:响应 5 分,到场 2 分,质量 4 分,配合 3 分。")
    assert lines[-3].endswith("消防救援部门评哨:吹哨部分合理,4 分。")
    assert lines[-2].endswith("结哨:双方已互评。")


def test_nothing_of_the_code_is_left_in_it() -> None:
    for line in told():
        plain = re.sub(r"HY\d+|W1", "", line)
        assert re.fullmatch(r"(2026年)?11月\d+日 \d\d:\d\d [^{}]+。", line), line
        assert not re.search(r"[a-z]{3,}|None|p-\w+", plain), line


def test_the_fourth_level_is_the_last_word() -> None:
    watch = called().whistle.clocks[0].watch
    for level, word in ((1, "催办"), (4, "报区督办"), (9, "报区督办")):
        step = s.Supervised("lapsed", "reply", CITY, level, watch)
        assert f"逾期,{word}," in TELLER.sentence(step, AT, "clock")


def test_what_comes_from_elsewhere_than_a_ticket() -> None:
    story = Story(blow(source="patrol", ticket=None, tried=()))
    assert "来自巡查;" in TELLER.sentence(story.steps[0], AT, STREET.post)
    assert TELLER.post("nobody") == "nobody"


# -- the file of limits -----------------------------------------------------------------------------------

DATA = tomllib.loads((files("huiyin.rules") / "whistle.toml").read_text())


def test_the_shipped_limits_are_those_of_the_domain() -> None:
    """DOMAIN 4.4: proposals; whoever changes one knows that it was one."""
    said = {
        (kind, duty): f"{one.length} {one.unit}"
        for kind, rule in BOOK.whistle.kinds.items()
        for duty in ("acknowledge", "arrive", "plan", "reply")
        if (one := rule.limits.of(duty)) is not None  # type: ignore[arg-type]
    }
    assert said == {
        ("emergency", "acknowledge"): "10 natural_minute", ("emergency", "arrive"): "1 natural_hour",
        ("emergency", "reply"): "2 natural_hour",
        ("enforcement", "acknowledge"): "4 working_hour", ("enforcement", "arrive"): "2 working_day",
        ("enforcement", "reply"): "10 working_day",
        ("key", "acknowledge"): "1 working_day", ("key", "plan"): "5 working_day", ("key", "reply"): "10 working_day",
        ("daily", "acknowledge"): "1 working_day", ("daily", "reply"): "5 working_day",
    }  # fmt: skip
    assert [kind for kind, rule in BOOK.whistle.kinds.items() if rule.approval == "afterwards"] == ["emergency"]


@pytest.mark.parametrize(
    ("path", "lacks"),
    [
        (("kinds", "daily"), "daily"),
        (("duties", "rate"), "rate"),
        (("kinds", "key", "limits", "passing"), "key.passing"),
        (("kinds", "daily", "limits", "grant"), "daily.grant"),
    ],
)
def test_a_file_that_lacks_something_says_what(path: tuple[str, ...], lacks: str) -> None:
    data = msgspec.json.decode(msgspec.json.encode(DATA))
    inner = data
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    if path == ("kinds", "daily"):
        data["pauses"]["kinds"].remove("daily")
    with pytest.raises((ValueError, msgspec.ValidationError), match=lacks):
        msgspec.convert(data, WhistleRules)


def test_a_file_with_a_word_too_many_is_wrong() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(DATA | {"nobody": 1}, WhistleRules)
