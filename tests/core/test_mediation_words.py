"""A mediation's log told, its rulebook, terms looked over, numbers, committees, shares; and that it is free."""

import re
import tomllib
from datetime import date, timedelta
from importlib.resources import files
from typing import Any, get_args, get_type_hints

import msgspec
import pytest
from msgspec import inspect
from msgspec.structs import replace

from huiyin import shapes
from huiyin.core.mediation import Command, Mediation, Step, kinds
from huiyin.core.mediation import commands as c
from huiyin.core.mediation import steps as s
from huiyin.core.mediation.committee import Composition, Member, Registered, flaws, suited
from huiyin.core.mediation.number import CaseNumber, parsed
from huiyin.core.mediation.rules import Besides, MediationRules
from huiyin.core.mediation.shares import Share, confirmation, performance, success
from huiyin.core.mediation.terms import check, codes
from huiyin.core.proof import Leaf, seal
from huiyin.core.scene import CLOCK, RESIDENT
from huiyin.mediation_story import MediationTeller
from huiyin.story import load_words
from tests.core.mediating import (
    AT_A,
    AT_B,
    BOOK,
    CASE,
    DESK,
    DIGEST,
    LETTER,
    PARTY,
    SAID,
    SECRET,
    TERMS,
    WANG,
    A,
    B,
    Story,
    accepted,
    applied,
    apply,
    beijing,
    confirming,
    consented,
    drafted,
    effective,
    ended,
    held,
    item,
    mark,
    performed,
    sat,
    terms,
)
from tests.core.world import AT, REGISTRY

WORDS = load_words("mediation_story.toml")
TELLER = MediationTeller(BOOK, REGISTRY)
STEPS = {str(shape.__struct_config__.tag): shape for shape in get_args(Step)}


def test_every_step_has_a_sentence_that_always_fits() -> None:
    assert WORDS.said.keys() == STEPS.keys()
    assert not [name for name, variants in WORDS.said.items() if variants[-1].when]
    assert not [name for name, variants in WORDS.said.items() if any(not one.when for one in variants[:-1])]


@pytest.mark.parametrize("name", STEPS)
def test_a_sentence_speaks_of_fields_that_are_there(name: str) -> None:
    fields = set(STEPS[name].__struct_fields__)
    for variant in WORDS.said[name]:
        assert variant.when.keys() <= fields
        said = set(re.findall(r"\{(\w+)\}", variant.say))
        assert said <= fields | {"who", "door"}, variant.say
        assert not said & {"words", "person", "persons", "mediator", "agent", "minutes", "by", "of", "digest", "item"}
    if "clocks" in fields and name != "mediation.marked.v1":
        assert any("{clocks}" in one.say for one in WORDS.said[name]), "limits that begin are told"


def literals(shape: Any) -> set[str]:
    if any(isinstance(one, str) for one in get_args(shape)):
        return set(get_args(shape))
    return {word for inner in get_args(shape) for word in literals(inner)}


@pytest.mark.parametrize("name", STEPS)
def test_every_value_of_a_field_has_its_word(name: str) -> None:
    for field, shape in get_type_hints(STEPS[name]).items():
        missing = literals(shape) - WORDS.words.get(field, {}).keys()
        assert not missing, (field, missing)


def test_the_words_and_the_rules_call_the_same() -> None:
    assert set(get_args(kinds.Duty)) == WORDS.words["duty"].keys() == BOOK.mediation.duties.keys()
    assert set(get_args(kinds.Route)) == WORDS.words["routes"].keys()


class Told(Story):
    """A story that keeps its sentences."""

    def __init__(self, *args: Any) -> None:
        self.leaves: list[bytes] = []
        super().__init__(*args)

    def give(self, command: Any, by: Any) -> list[Step]:
        made = super().give(command, by)
        for step in made:
            leaf = Leaf(1, "mediation", "TJ1", len(self.leaves) + 1, by.post, "-", self.now, "r", "", step)
            self.leaves.append(seal(leaf)[0])
        return made


def told() -> list[str]:
    story = Told(apply(source="ticket", ticket="HY000000001"), CLOCK)
    story.gives((c.Check(("court",)), DESK), (c.Check(), DESK), (c.Consent(A, "screen"), AT_A))
    story.gives((c.Consent(B, "paper"), DESK), (c.Accept(CASE), DESK), (c.Assign("p-wang"), DESK))
    story.gives(*((c.NotifyRights(one, "oral"), WANG) for one in (A, B)), (c.Empower(B, "p-x", LETTER, True), AT_B))
    story.gives((c.Invite("p-uncle", "relative"), WANG), (c.Answer(A, "invitee", False, "p-uncle"), AT_A))
    story.gives((c.Plan(AT + timedelta(hours=10), True), DESK), (c.Reply(B, 1, "another-time"), AT_B))
    story.after(hours=10).gives((held(story.now, session=1), WANG), (c.Confide(A, SECRET), WANG))
    story.gives((c.FlagRisk("child", SAID), WANG), (c.Report("police", story.now, LETTER), WANG))
    story.gives((c.Report("civil-affairs", story.now, SAID), WANG), (c.Assign("p-li"), DESK))
    story.gives((c.Answer(B, "mediator", False, "p-li"), AT_B), (c.Draft(DIGEST, TERMS), WANG))
    story.gives(*((mark(story, "party", party=one), PARTY[one]) for one in (A, B)))
    story.gives((mark(story, "committee"), DESK), (mark(story, "mediator"), WANG)).until(beijing(12, 11))
    story.gives((c.Breach("i1", SAID), WANG), (c.Visit(story.now, (A, B), "no", SAID), DESK), (c.Sue(A), AT_A))
    return TELLER.tell(story.leaves)


def test_a_story_reads_as_the_committee_would_tell_it() -> None:
    lines = told()
    assert lines[0] == (
        "2026年11月20日 09:00 系统将工单 HY000000001 的“楼上楼下渗漏水”纠纷移送调解,双方:当事人甲(申请人)、当事人乙。"
        "时限:受理审查 11/25 17:30。"
    )
    assert lines[1] == "11月20日 09:00 柳岸社区人民调解委员会审查:有不予受理的情形(人民法院已受理)。"
    assert lines[3:6] == [
        "11月20日 09:00 当事人甲同意调解(在线,凭查询码)。",
        "11月20日 09:00 当事人乙同意调解(书面,柳岸社区人民调解委员会登记)。",
        "11月20日 09:00 柳岸社区人民调解委员会受理,案号 (2026)柳岸人调字第12号。时限:办理 12/21 24:00。",
    ]
    for sentence in (
        "当事人乙特别授权委托了代理人(凭查询码)。",
        "当事人甲不同意邀请该人员参加(凭查询码)。",
        "定于 11月20日 19:00 在线举行第 1 次调解。时限:会议记录 11/25 17:30。",
        "当事人乙答复第 1 次调解:请求改期(凭查询码)。",
        "到场:当事人甲、当事人乙;已制作调解记录。",
        "调解员与一方单独谈话,内容保密。",
        "登记风险(未成年人受侵害),须报告公安机关、民政部门;报告前不再调解。时限:报告 11/20 21:00。",
        "一名调解员退出(当事人不接受)。",
        "拟定调解协议书,一式 3 份,待签名盖章。",
        "当事人乙在协议书上签名(凭查询码)。时限:签章 11/25 17:30。",
        "书面协议自 11月20日 19:00 起生效。时限:司法确认申请 12/21 24:00、回访 12/21 24:00、履行 12/10 24:00。",
        "督促:履行逾期,第 1 次。时限:履行 12/14 17:30。",
        "登记:一项约定逾期未履行,已告知当事人可以向人民法院起诉。",
        "回访当事人甲、当事人乙:没有履行。",
        "当事人甲就协议向人民法院起诉(凭查询码)。",
    ):
        assert [one for one in lines if sentence in one], sentence


def test_nothing_of_the_code_is_left_in_it() -> None:
    for line in told():
        plain = re.sub(r"HY\d+", "", line)
        assert re.fullmatch(r"(2026年)?1[12]月\d+日 \d\d:\d\d [^{}]+。", line), line
        assert not re.search(r"[a-z]{2,}|None|p-\w+|p\d", plain), line


def test_ends_are_told_with_their_routes() -> None:
    after = "当事人可以向人民法院起诉、依照约定或者法律申请仲裁、请求行政机关处理。"
    stopped = TELLER.sentence(ended().steps[-1], AT, AT_B.post, (A, B))
    assert f"调解结束:当事人乙要求终止调解(凭查询码);{after}" in stopped
    declined = applied().gives((c.Check(("elsewhere",)), DESK), (c.Decline(SAID), DESK)).steps[-1]
    assert "不予受理(不属本调解委员会地域范围);当事人可以请求行政机关处理" in TELLER.sentence(declined, AT, DESK.post)
    assert "当事人同意调解" in TELLER.sentence(s.Consented("p7", "oral", AT), AT, AT_A.post, (A, B))
    assert TELLER.post(AT_B.post, (A, B)) == "当事人乙"
    assert TELLER.post("nobody") == "nobody"
    assert TELLER.post(RESIDENT.post) == "来件人"
    refused = confirming().gives((c.RecordRuling("refused", SAID), DESK)).steps[-1]
    assert "法院裁定驳回;已告知当事人可以向人民法院起诉,也可以" in TELLER.sentence(refused, AT, DESK.post)


# -- the file ---------------------------------------------------------------------------------------------

DATA = tomllib.loads((files("huiyin.rules") / "mediation.toml").read_text())


def test_the_shipped_limits_are_those_of_the_law() -> None:
    """人民调解法 33: thirty days from effect; 若干规定 33: a month; five representatives; every end names the court."""
    book = BOOK.mediation
    assert (book.limits["confirm"].length, book.limits["confirm"].unit) == (30, "natural_day")
    assert book.alarms["confirm"] == (30, 10, 3)
    assert (book.limits["mediate"].length, book.limits["mediate"].unit) == (1, "month")
    assert (book.representatives, book.elements) == (5, ("facts", "issues", "responsibility", "place"))
    assert all("court" in some for some in book.routes.values())
    assert {*get_args(kinds.Reason), *get_args(Besides)} == book.routes.keys()
    assert {risk for risk, rule in book.risks.items() if rule.restricted} == {"child", "domestic"}
    assert all("police" in rule.bodies for rule in book.risks.values())


@pytest.mark.parametrize(
    "path",
    [("seats", "street"), ("limits", "archive"), ("duties", "visit"), ("bars", "court"), ("risks", "child"),
     ("routes", "stalling"), ("routes", "partial")],
)  # fmt: skip
def test_a_file_that_lacks_something_says_what(path: tuple[str, str]) -> None:
    data = msgspec.json.decode(msgspec.json.encode(DATA))
    del data[path[0]][path[1]]
    with pytest.raises((ValueError, msgspec.ValidationError), match=".".join(path)):
        msgspec.convert(data, MediationRules)


def test_an_end_without_a_route_and_a_danger_without_a_body_are_wrong() -> None:
    for table, name, value in (("routes", "refused", []), ("risks", "crime", {"bodies": []})):
        data = msgspec.json.decode(msgspec.json.encode(DATA))
        data[table][name] = value
        with pytest.raises(ValueError, match=f"{table}.{name}"):
            msgspec.convert(data, MediationRules)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(DATA | {"nobody": 1}, MediationRules)


# -- terms ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("乙方于2026年12月10日前支付修复费用三千元", {}),
        ("乙方尽快支付,并作适当补偿", {"soon": ("尽快",), "about": ("适当",)}),
        ("尽 快\n修好;力争年底前", {"soon": ("尽快",), "about": ("力争",)}),
        ("逾期一天罚款一百元", {"fine": ("罚款",)}),
        ("甲方此后不得起诉、不得投诉", {"no-suing": ("不得起诉",), "no-reporting": ("不得投诉",)}),
        ("不交费就停水停电", {"cutting": ("停水", "停电")}),
        ("物业不得擅自停水", {}),
        ("物业不得擅自停水,否则业主可停电", {"cutting": ("停电",)}),
        ("不得停水。逾期停水", {"cutting": ("停水",)}),
        ("双方不罚款", {}),
        ("严禁断电", {}),
        ("不付,停水", {"cutting": ("停水",)}),
        ("不付就停水", {"cutting": ("停水",)}),
        ("吵闹严禁,停水", {"cutting": ("停水",)}),
        ("不付就停\u2f54", {"cutting": ("停水",)}),
        ("不得尽快", {"soon": ("尽快",)}),
        ("当众下跪道歉", {"shaming": ("当众下跪",)}),
        ("扣留身份证", {"liberty": ("扣留身份证",)}),
        # What real agreements say (tests/flows/test_mediation_dialogues.py).
        ("家属放弃向药房就徐某死亡一事提起诉讼、仲裁等相关权利",
         {"no-suing": ("放弃…仲裁", "放弃…诉讼", "放弃…起诉")}),
        ("阿英自愿放弃对阿汉进行行政处罚和其他经济与法律上的追诉", {"no-suing": ("放弃…追诉",)}),
        ("孙女士放弃对精神损害赔偿的诉求,仍可以起诉", {}),
        ("不放弃诉讼的权利;任何一方可以向人民法院提起诉讼", {}),
        ("检察院对蔡某某作出相对不起诉的处理决定", {}),
        ("检察院作出了不起诉决定,但双方此后不起诉", {"no-suing": ("不起诉",)}),
        ("请求人民法院酌情从轻处罚", {}),
        ("依据《治安管理处罚法》和《关于适用法律若干问题的解释》", {}),
        ("物业可以处罚业主", {"fine": ("处罚",)}),
    ],
)  # fmt: skip
def test_words_that_do_not_belong_into_terms(text: str, found: dict[str, tuple[str, ...]]) -> None:
    said = check(text, BOOK.mediation)
    assert {one.code: one.words for one in said} == found
    assert all(len(one.advice) > 8 for one in said)
    assert [one.kind for one in said] == sorted((one.kind for one in said), key=lambda kind: kind != "unlawful")


def test_what_is_found_is_what_a_draft_is_refused_for() -> None:
    found = tuple(one.code for one in check("尽快支付,否则停电", BOOK.mediation))
    assert found == ("cutting", "soon")
    sat().refuses("unlawful-terms", c.Draft(DIGEST, terms(item(), found=found, insist=True)), WANG)
    sat().refuses("vague-terms", c.Draft(DIGEST, terms(item(), found=found[1:])), WANG)


def test_no_word_is_made_of_the_end_of_one_field_and_the_beginning_of_the_next() -> None:
    """What stands in two fields is nobody's word; what stands in one is, wherever its line breaks."""
    parted = (("物业暂停", "水电费另行结算"), ("双方互不追究,此后不", "起诉状已经撤回"), ("尽", "快递柜由甲方搬走"))
    for one, next_ in parted:
        assert codes((one, next_), BOOK.mediation) == ()
        assert codes((f"{one}\n{next_}",), BOOK.mediation)
    assert codes(("尽快支付", "否则停电", "尽快搬走"), BOOK.mediation) == ("soon", "cutting")


# -- numbers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["(2026)柳岸人调字第12号", "(2026)柳岸人调字第012号", " (2026) 柳岸人调字 第12号"])
def test_a_number_is_read_as_people_write_it(text: str) -> None:
    assert parsed(text) == CASE
    assert str(CASE) == "(2026)柳岸人调字第12号"


@pytest.mark.parametrize(
    "text", ["", "(2026)人调字第1号", "(26)柳岸人调字第1号", "(2026)柳岸人调字第0号", "2026柳岸人调字第1号"]
)
def test_what_is_no_number(text: str) -> None:
    assert parsed(text) is None


def test_a_thousandth_case_is_one_like_any() -> None:
    """DOMAIN 3.3: a live system breaks at 1000."""
    for serial in (1, 999, 1000, 123456):
        one = CaseNumber(2026, "晋医", serial)
        assert parsed(str(one)) == one


# -- committees -------------------------------------------------------------------------------------------

DAY = date(2026, 11, 20)


def member(n: int, **more: Any) -> Member:
    return Member(f"p{n}", date(2025, 1, 1), date(2028, 1, 1), **more)


GOOD = (member(1, chair=True), member(2, woman=True), member(3))


@pytest.mark.parametrize(
    ("members", "found"),
    [
        (GOOD, ()),
        (GOOD[:2], ("too-few",)),
        ((*GOOD, *map(member, range(4, 10))), ()),
        ((*GOOD, *map(member, range(4, 11))), ("too-many",)),
        ((member(1), *GOOD[1:]), ("no-chair",)),
        ((*GOOD, member(4, chair=True)), ("two-chairs",)),
        ((GOOD[0], member(2), GOOD[2]), ("no-woman",)),
        ((*GOOD, replace(member(4), until=date(2028, 1, 2))), ("term-too-long",)),
        ((*GOOD, replace(member(4), until=date(2026, 11, 19))), ("term-over",)),
        ((*GOOD[:2], replace(member(3), until=date(2026, 11, 19))), ("too-few", "term-over")),
        ((*GOOD[:2], replace(member(3), since=date(2026, 11, 21))), ("too-few",)),
        ((*GOOD, replace(member(4), until=date(2027, 1, 19))), ("term-ends",)),
        ((*GOOD, replace(member(4), until=date(2027, 1, 20))), ()),
        ((*GOOD, replace(member(4), until=DAY)), ("term-ends",)),
    ],
)  # fmt: skip
def test_how_a_committee_is_made_up(members: tuple[Member, ...], found: tuple[str, ...]) -> None:
    assert flaws(Composition("c", "residents", members), DAY) == found


def test_where_several_peoples_live() -> None:
    mixed = Composition("c", "street", GOOD, mixed=True)
    assert flaws(mixed, DAY) == ("no-minority",)
    assert flaws(replace(mixed, members=(*GOOD, member(4, minority=True))), DAY) == ()


def test_who_suits_a_matter() -> None:
    """The matter itself, then its group, then the fewest open cases; nobody whose time is over or to come."""
    register = [
        Registered("p1", "c", date(2025, 1, 1)),
        Registered("p2", "c", date(2025, 1, 1), specialities=("A",)),
        Registered("p3", "c", date(2025, 1, 1), specialities=("A01", "B")),
        Registered("p4", "c", DAY, DAY),
        Registered("p5", "c", date(2025, 1, 1), date(2026, 11, 19), ("A01",)),
        Registered("p6", "c", date(2026, 11, 21)),
    ]
    assert [one.person for one in suited(register, "A01", DAY, {"p1": 3})] == ["p3", "p2", "p4", "p1"]


# -- shares -----------------------------------------------------------------------------------------------


def test_shares_have_both_their_parts() -> None:
    """success = agreed ÷ ended of what was accepted; performed ÷ due; confirmed ÷ in effect; 0/0 is no figure."""
    refused = applied().gives((c.Refuse(B, "screen"), AT_B))
    confirmed = confirming().gives((c.RecordRuling("confirmed", SAID), DESK))
    every = [one.case for one in (refused, accepted(), drafted(), ended(), effective(), performed(), confirmed)]
    assert success(every) == Share(3, 4)
    assert success(every).rate == 0.75
    assert performance(every, AT) == Share(1, 1)
    assert performance(every, beijing(12, 11)) == Share(1, 3)
    assert confirmation(every) == Share(1, 3)
    late = effective().until(beijing(12, 11))
    assert performance([late.case], AT) == Share(0, 1), "urged: its day is over"
    late.gives((c.Breach("i1", SAID), DESK))
    assert performance([late.case], AT) == Share(0, 1)


def test_nothing_over_nothing_says_nothing() -> None:
    assert [success([]), performance([consented().case], AT), confirmation([])] == [Share(0, 0)] * 3
    assert Share(0, 0).rate is None
    assert Share(0, 4).rate == 0.0


# -- what it costs ----------------------------------------------------------------------------------------

COSTS = re.compile(r"fee|cost|price|charge|pay|amount|money|fine|deposit|收费|费用")


def test_it_is_free() -> None:
    """人民调解法 4: no command, step or state has a field for a fee, at any depth."""
    every = [*get_args(Command), *get_args(Step), Mediation]
    fields = {
        (shape.cls.__name__, field.name)
        for shape in shapes.structs([inspect.type_info(one) for one in every], set())
        for field in shape.fields
    }
    assert len(fields) > 200
    assert not [one for one in fields if COSTS.search(one[1])]


def test_it_touches_no_ticket() -> None:
    """Art. 3: it names the ticket that it came of, once, as it begins; what happens to that ticket is the ticket's."""
    naming = {shape.__name__ for shape in (*get_args(Command), *get_args(Step)) if "ticket" in shape.__struct_fields__}
    assert naming == {"Apply", "Applied"}
