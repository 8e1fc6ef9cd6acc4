"""The log told: a sentence for every step, a word for everything a step may say, nothing that is not in the log."""

import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huiyin import demo
from huiyin.core import commands as ask
from huiyin.core.ladder import Standing
from huiyin.core.proof import Leaf, seal
from huiyin.core.steps import Step
from huiyin.core.ticket import CLOCK, RESIDENT, SORTER, Actor, Scene, Ticket, decide, follow
from huiyin.core.words import Sealed
from huiyin.story import Teller, load_words
from tests.core.world import AT, RULES, file

WORDS = load_words()
TELLER = Teller(RULES)
STEPS = {str(shape.__struct_config__.tag): shape for shape in get_args(Step)}
GOLDEN = sorted((Path(__file__).parents[2] / "schemas" / "golden").glob("*/ticket.*.json"))
# Fields whose values are words of other tables: rungs, codes of the catalogue.
ELSEWHERE = {"was", "category", "was_category", "part", "kind"}  # each part and kind has a sentence of its own


def test_every_step_has_a_sentence_that_always_fits() -> None:
    """A new step brings its sentence in the same change; the last one said of it asks for nothing."""
    assert WORDS.said.keys() == STEPS.keys()
    assert not [name for name, variants in WORDS.said.items() if variants[-1].when]
    assert not [name for name, variants in WORDS.said.items() if any(not one.when for one in variants[:-1])]


@pytest.mark.parametrize("name", STEPS)
def test_a_sentence_speaks_of_fields_that_are_there(name: str) -> None:
    fields = set(STEPS[name].__struct_fields__)
    for variant in WORDS.said[name]:
        assert variant.when.keys() <= fields
        said = {re.sub("_(why|also)$", "", one) for one in re.findall(r"\{(\w+)\}", variant.say)}
        assert said <= fields | {"who", "here", "lapsed", "fresh", "urgency", "category"}, variant.say
        assert "words" not in said


def literals(shape: Any) -> set[str]:
    """Every plain word that a field may hold."""
    if any(isinstance(one, str) for one in get_args(shape)):
        return set(get_args(shape))
    return {word for inner in get_args(shape) for word in literals(inner)}


@pytest.mark.parametrize("name", STEPS)
def test_every_value_of_a_field_has_its_word(name: str) -> None:
    """Reasons, outcomes, channels: none is shown as a code."""
    for field, shape in get_type_hints(STEPS[name]).items():
        if field not in ELSEWHERE:
            missing = literals(shape) - WORDS.words.get(field, {}).keys()
            assert not missing, (field, missing)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_every_golden_step_is_told_in_chinese(path: Path) -> None:
    """Also alone, without the ticket before it: whole, one sentence, no code of ours left in it."""
    step = msgspec.convert(json.loads(path.read_text())["data"], Step)
    said = TELLER.sentence(step, AT, "community:990101001001")
    assert re.fullmatch(r"2026年11月20日 09:00 [^{}]+。", said)
    plain = re.sub(r"HY\d+|E\d{4}", "", said)
    assert not re.search(r"[a-z]{3,}|None|p-\w{8}", plain), said


# -- a whole climb ----------------------------------------------------------------------------------------


class Log:
    """A ticket's leaves, one after the other."""

    def __init__(self) -> None:
        self.ticket: Ticket | None = None
        self.leaves: list[bytes] = []
        self.at = AT

    def do(self, command: ask.Command, by: Actor = SORTER) -> None:
        for step in decide(self.ticket, command, at=self.at, rules=RULES, scene=Scene(by)):
            self.ticket = follow(self.ticket, step)
            body, _ = seal(
                Leaf(1, "ticket", self.ticket.number, self.ticket.version, by.post, "-", self.at, "r", "", step)
            )
            self.leaves.append(body)

    def wait(self) -> None:
        """Until the clock does something."""
        assert self.ticket is not None
        assert self.ticket.next_at is not None
        self.at = self.ticket.next_at
        self.do(ask.Tick(), CLOCK)


def climbed() -> list[str]:
    """Nobody does anything: from the building leader to supervision."""
    log = Log()
    log.do(file("P02"))
    while log.ticket is not None and (log.ticket.supervision is None or log.ticket.rung != "street_office"):
        log.wait()
    return TELLER.tell(log.leaves)


def test_a_climb_reads_as_a_committee_member_would_tell_it() -> None:
    told = climbed()
    assert told[0] == "2026年11月20日 09:00 登记:网页诉求,工单号 HY000000001。"
    assert told[1].startswith(
        "11月20日 09:00 分拣:事项“相邻通行与共用部位”,一般;派给柳岸花园1栋楼栋长,须在 11/23 17:30"
    )
    assert (
        "11月23日 17:30 柳岸花园1栋楼栋长未在时限内签收(楼栋长签收时限:收到 11/20,1个工作日:11/21–11/22休息;23日"
        " → 11/23 17:30),已上报至柳岸花园业主委员会,须在 11/24 17:30 前签收、11/26 17:30 前办结。"
    ) in told
    assert any(one.startswith("11月23日 14:00 ") and "提醒柳岸花园1栋楼栋长:签收时限已过一半" in one for one in told)
    climbs = [one.partition("已上报至")[2].partition(",")[0] for one in told if "已上报至" in one]
    assert climbs == ["柳岸花园业主委员会", "柳岸花园物业服务企业", "柳岸社区党委", "清河街道三方办"]
    assert any("列入督办" in one for one in told)


def test_the_demonstrations_ticket_climbs_all_rungs_within_a_day() -> None:
    """What README promises of `--speed 3600`: a leaf that begins with the building leader and is urgent."""
    assert "J03" in [leaf for leaf, _, _ in demo.WORK]
    log, seen = Log(), []
    log.do(file("J03"))
    while log.ticket is not None and log.ticket.supervision is None:
        seen.append(log.ticket.rung)
        log.wait()
    assert list(dict.fromkeys(seen)) == list(RULES.ladder.order)
    assert log.at - AT < timedelta(days=1)


def test_nothing_personal_is_told() -> None:
    """Only what is in the log: words stay references, handlers stay unnamed."""
    log = Log()
    log.do(file("B01"))
    leader = Actor("building_leader:E1-B01", "building_leader", "p-4h6j8k2m")
    log.do(ask.Sign(), leader)
    log.at += timedelta(minutes=5)
    log.do(ask.Note(Sealed("HY000000001/2", "a" * 64)), leader)
    log.do(ask.Resolve(Sealed("HY000000001/3", "b" * 64)), leader)
    log.do(ask.Reply(Sealed("HY000000001/4", "c" * 64)), leader)
    log.do(ask.FollowUp("no", 1, words=Sealed("HY000000001/5", "d" * 64)), RESIDENT)
    told = "".join(TELLER.tell(log.leaves))
    assert "柳岸花园1栋楼栋长记录了办理进展" in told
    assert "第 1 次重办(来件人认为没有解决),交由柳岸花园业主委员会" in told
    assert not re.search(r"p-4h6j8k2m|HY000000001/|aaaa|bbbb", told)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("grid:990101001001001", "柳岸社区网格员"),
        ("building_leader:E1-B02", "柳岸花园2栋楼栋长"),
        ("department:城管", "城管部门"),
        ("management_committee:E2", "老纺织大院物业管理委员会"),
        ("community:990101001001", "柳岸社区党委"),
        ("district:东城区", "东城区区级督办席"),
        ("clock", "系统"),
        ("resident", "来件人"),
        ("somebody:else", "somebody:else"),
    ],
)
def test_posts_are_called_by_kind_and_place(code: str, name: str) -> None:
    assert TELLER.post(code) == name


def test_who_stands_in_and_who_is_told_at_once_is_said() -> None:
    step = decide(None, file("J05"), at=AT, rules=RULES)[-1]
    said = TELLER.sentence(step, AT, "sorter")
    assert "派给柳岸花园物业服务企业" in said
    assert "同时告知柳岸社区党委" in said
    acting = msgspec.structs.replace(step, standing=Standing("owners_committee", step.standing.post, ("空缺",), "代行"))  # type: ignore[union-attr]
    assert "(代行;空缺)" in TELLER.sentence(acting, AT, "sorter")


def test_other_tickets_are_named_only_to_who_may_see_them() -> None:
    log = Log()
    log.do(file("B01"))
    log.do(ask.Merge("HY000000077"), Actor("community:990101001001", "community"))
    assert "HY000000077" in TELLER.tell(log.leaves)[-1]
    assert "HY000000077" in TELLER.tell(log.leaves, frozenset({"HY000000077"}))[-1]
    hidden = TELLER.tell(log.leaves, frozenset())
    assert "并入 另一张工单" in hidden[-1]
    assert "HY000000001" in hidden[0]


# -- anything that a log may hold ------------------------------------------------------------------------------

MOMENTS = st.integers(-2_000_000, 1_500_000).map(lambda minutes: AT + timedelta(minutes=minutes))


def anything(shape: Any) -> st.SearchStrategy[Any]:
    """Values of a field's type; codes that nobody knows, limits of any length."""
    if shape is datetime:
        return MOMENTS
    if isinstance(shape, type) and issubclass(shape, msgspec.Struct):
        return st.builds(shape, **{name: anything(inner) for name, inner in get_type_hints(shape).items()})
    if shape is int:
        return st.integers(0, 9)
    return many(shape) if get_args(shape) else st.from_type(shape)


def many(shape: Any) -> st.SearchStrategy[Any]:
    """Unions, tuples and plain words."""
    inner = get_args(shape)
    if any(isinstance(one, str) for one in inner):
        return st.sampled_from(inner)
    if inner[-1] is Ellipsis:
        return st.lists(anything(inner[0]), max_size=2).map(tuple)
    return st.one_of([anything(one) for one in inner])


@pytest.mark.parametrize("name", STEPS)
@settings(max_examples=25)
@given(data=st.data())
def test_no_step_is_without_words(name: str, data: st.DataObject) -> None:
    """Whatever an old log holds is told, with and without the ticket before it."""
    step = data.draw(anything(STEPS[name]))
    ticket = data.draw(st.none() | st.just(folded()))
    said = TELLER.sentence(step, data.draw(MOMENTS), "clock", ticket)
    assert said.rstrip().endswith("。")


def folded() -> Ticket:
    """A ticket with everything that a sentence may look back at."""
    log = Log()
    log.do(file("B01"))
    log.do(ask.Sign(), Actor("building_leader:E1-B01", "building_leader", "p-1"))
    log.do(ask.Object("wrong-place"), Actor("building_leader:E1-B01", "building_leader", "p-1"))
    assert log.ticket is not None
    return log.ticket
