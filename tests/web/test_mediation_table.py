"""The table between two families: what stands on it, what never does; minutes and drafts as forms."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from huiyin.web.staff.mediations.sitting import terms_form
from huiyin.web.staff.mediations.sitting.amounts import capitals, priced, unpriced
from tests.web.conftest import Filer, People, Site
from tests.web.mediators import Mediators
from tests.web.test_mediation_table_sign import see
from tests.web.test_mediations import CANARY, MINUTES, SAID_A, STATEMENT, sat, terms

HTML = {"Accept": "text/html"}
pytestmark = pytest.mark.usefixtures("city")
TYPED = {
    "facts": "2026年11月1日,六楼卫生间漏水,五楼天花板起皮。",
    "issues": "谁来修、赔多少。",
    "responsibility": "六楼承担全部责任。",
    "content": "六楼修好防水,赔偿五楼。",
    "owes-1": "p2",
    "owed-1": "p1",
    "what-1": "赔偿天花板粉刷费",
    "amount-1": "3040.50",
    "manner-1": "money",
    "place-1": "柳岸社区调解室",
    "until-1": "2026-12-31",
}


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Mediators:
    return await Mediators(site, filer).sit(people)


async def sends(hands: Mediators, path: str, said: dict[str, Any], who: str = "wang") -> httpx.Response:
    return await hands.site.http.post(path, headers=hands.heads[who] | HTML, data={"key": "k1", **said})


def seen_in(page: str) -> str:
    """The digest of the paper that was shown."""
    return page.partition('name="seen" value="')[2][:64]


# -- the table --------------------------------------------------------------------------------------------


async def test_what_both_said_stands_on_the_table(hands: Mediators) -> None:
    number = await sat(hands)
    page = await see(hands, "wang", f"/mediations/{number}/table")
    for said in (
        "确有漏水",
        "娄秀兰",
        "许立本",
        "自愿、平等、免费",
        "起诉",
        "一次一个人说话",
        "柳岸社区人民调解委员会",
        "不公开",
    ):
        assert said in page, said
    await hands.does("wang", number, "draft", {"terms": terms()})
    page = await see(hands, "wang", f"/mediations/{number}/table")
    for said in ("更换卫生间防水层", "2026年12月20日以前", "6 楼卫生间", "还差 4 个签名"):
        assert said in page, said


async def test_nothing_private_stands_on_the_table(hands: Mediators) -> None:
    """Whatever one side said alone, to the mediator or in the minutes; a danger; who complained; what is late."""
    ticket = await hands.file("A01")
    body = {"parties": [{"name": "许立本", "phone": "13800000002"}], "text": "工单原话金丝雀"}
    made = await hands.site.http.post(f"/api/v1/tickets/{ticket}/mediate", headers=hands.heads["community"], json=body)
    assert made.status_code == 201, made.text
    number = str(made.json()["number"])
    hands.codes[number] = made.json()["codes"]
    await hands.does("community", number, "check")
    for party in ("p1", "p2"):
        await hands.does("community", number, "consent", {"party": party, "how": "paper"})
    await hands.does("community", number, "accept")
    for party in ("p1", "p2"):
        await hands.does("community", number, "notify-rights", {"party": party, "how": "paper"})
    await hands.does("community", number, "assign", {"person": await hands.person("wang")})
    hands.site.clock.now += timedelta(hours=1)
    said = [{"party": "p1", "text": SAID_A}, {"party": "p2", "text": STATEMENT}]
    held = {"began": hands.site.clock.now.isoformat(), "present": ["p1", "p2"], "minutes": MINUTES, "statements": said,
            "offers": [{"party": "p2", "text": "方案金丝雀"}], "undisputed": ["确有漏水"]}  # fmt: skip
    await hands.does("wang", number, "hold", held)
    await hands.does("wang", number, "confide", {"party": "p1", "text": CANARY})
    await hands.does("wang", number, "disclose", {"text": "披露说明"})
    await hands.does("wang", number, "flag-risk", {"risk": "child", "text": "风险金丝雀"})
    hands.site.clock.now += timedelta(days=40)
    page = await see(hands, "wang", f"/mediations/{number}/table")
    assert "确有漏水" in page
    never = (CANARY, MINUTES, SAID_A, STATEMENT, "方案金丝雀", "工单原话金丝雀", "风险金丝雀", "13800000002", "E1-B01",
             ticket, "/tickets", "/desk", "data-live", "公安", "报告", "逾期", "保密", "谈话内容", "督促")  # fmt: skip
    assert [one for one in never if one in page] == []


async def test_the_table_is_the_mediators_to_turn(hands: Mediators) -> None:
    number = await sat(hands)
    for path in ("table", "minutes", "draft", "sign"):
        for who, status in (("li", 404), ("far", 404), ("community", 403), ("street", 403)):
            await see(hands, who, f"/mediations/{number}/{path}", status)
        await see(hands, "wang", f"/mediations/TJ999999999/{path}", 404)
    for path in ("minutes", "drafting"):
        assert (await sends(hands, f"/mediations/{number}/{path}", TYPED, "li")).status_code == 404


async def test_the_way_back_asks_first(hands: Mediators) -> None:
    number = await sat(hands)
    page = await see(hands, "wang", f"/mediations/{number}/table")
    assert page.count(f'href="/mediations/{number}"') == 1
    assert page.index("请先把屏幕转向自己") < page.index(f'href="/mediations/{number}"')


# -- minutes ----------------------------------------------------------------------------------------------


async def test_minutes_are_kept_as_they_were_typed(hands: Mediators) -> None:
    number = await hands.seated()
    hands.site.clock.now += timedelta(hours=1)
    said = {"began": "2026-11-22 10:30".replace(" ", "T"), "said-p1": "家里一直漏水"}
    wrong = await sends(hands, f"/mediations/{number}/minutes", said)
    assert wrong.status_code == 422
    for told in ("请勾选娄秀兰到场", "请填写这次调解的经过", "家里一直漏水"):
        assert told in wrong.text, told
    began = (hands.site.clock.now + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M")
    more = {
        **said,
        "began": began,
        "present": ["p1", "p2"],
        "minutes": "谈了一个半小时",
        "fact": ["确有漏水", "", "已三天"],
    }
    done = await sends(hands, f"/mediations/{number}/minutes", more | {"offer-p2": "愿意修"})
    assert done.status_code == 303, done.text[:600]
    assert done.headers["location"] == f"/mediations/{number}?said=done&sent=k1"
    held = (await hands.looks("wang", number)).json()["sight"]["sessions"][0]["held"]
    assert held["undisputed"] == ["确有漏水", "已三天"]
    assert held["minutes"] == "谈了一个半小时"
    assert [one["words"] for one in (*held["statements"], *held["offers"])] == ["家里一直漏水", "愿意修"]


async def test_minutes_that_the_house_refuses_say_why_and_keep_the_words(hands: Mediators) -> None:
    number = await hands.seated()
    said = {"began": "2027-01-01T10:00", "present": ["p1"], "minutes": "写了很久的记录", "fact": ["一条事实"]}
    later = await sends(hands, f"/mediations/{number}/minutes", said)
    assert (later.status_code, "时间在将来" in later.text) == (409, True)
    assert "写了很久的记录" in later.text
    assert "一条事实" in later.text


# -- the draft --------------------------------------------------------------------------------------------


async def test_a_draft_is_read_before_it_is_laid_on_the_table(hands: Mediators) -> None:
    number = await sat(hands)
    first = await see(hands, "wang", f"/mediations/{number}/draft")
    assert "确有漏水" in first, "what both sides say stands in the facts"
    shown = await sends(hands, f"/mediations/{number}/drafting", TYPED | {"do": "preview"})
    assert shown.status_code == 200, shown.text[:600]
    for said in ("人民调解协议书", "计人民币3,040.50元(大写:人民币叁仟零肆拾元伍角整)", "娄秀兰", "封存,请各方签名"):
        assert said in shown.text, said
    assert (await hands.looks("wang", number)).json()["sight"]["agreement"] is None, "nothing is sealed yet"
    seen = seen_in(shown.text)
    other = await sends(hands, f"/mediations/{number}/drafting", TYPED | {"do": "seal", "seen": seen, "issues": "另写"})
    assert "改过了" in other.text
    done = await sends(hands, f"/mediations/{number}/drafting", TYPED | {"do": "seal", "seen": seen})
    assert done.status_code == 303, done.text[:600]
    agreement = (await hands.looks("wang", number)).json()["sight"]["agreement"]
    assert agreement["digest"] == seen
    (item,) = agreement["terms"]["items"]
    assert (item["owes"], item["until"], item["place"]) == ("p2", "2026-12-31", "柳岸社区调解室")
    again = await see(hands, "wang", f"/mediations/{number}/draft")
    assert 'value="3040.50"' in again
    assert "赔偿天花板粉刷费</textarea>" in again


async def test_what_may_not_be_written_cannot_be_sent(hands: Mediators) -> None:
    number = await sat(hands)
    path = f"/mediations/{number}/drafting"
    for do in ("preview", "seal"):
        bad = await sends(hands, path, TYPED | {"do": do, "what-1": "不付钱就停水"})
        assert (bad.status_code, "不得写“停水”" in bad.text) == (422, True)
        assert "民法典第九百四十四条" in bad.text
    vague = await sends(hands, path, TYPED | {"do": "preview", "content": "六楼尽快修好"})
    assert (vague.status_code, "各方坚持" in vague.text) == (422, True)
    insisted = await sends(hands, path, TYPED | {"do": "preview", "content": "六楼尽快修好", "insist": "yes"})
    assert insisted.status_code == 200
    seal = {"do": "seal", "seen": seen_in(insisted.text), "content": "六楼尽快修好", "insist": "yes"}
    assert (await sends(hands, path, TYPED | seal)).status_code == 303


async def test_what_the_law_lists_is_asked_for(hands: Mediators) -> None:
    number = await sat(hands)
    bare = await sends(
        hands, f"/mediations/{number}/drafting", {"do": "preview", "what-2": "道歉", "owes-2": "p1", "owed-2": "p1"}
    )
    assert bare.status_code == 422
    for told in ("请填写“纠纷的主要事实”", "第 2 项:请选择谁向谁", "第 2 项:请写明在哪里", "第 2 项:请写明最迟"):
        assert told in bare.text, told


async def test_a_partial_agreement_says_what_is_left(hands: Mediators) -> None:
    number = await sat(hands)
    path = f"/mediations/{number}/drafting"
    bare = await sends(hands, path, TYPED | {"do": "preview", "partial": "yes"})
    assert (bare.status_code, "请写明哪些还没有达成一致" in bare.text) == (422, True)
    said = TYPED | {"partial": "yes", "left": "精神损害赔偿没有谈拢"}
    shown = await sends(hands, path, said | {"do": "preview"})
    assert "尚未达成一致的事项" in shown.text
    await sends(hands, path, said | {"do": "seal", "seen": seen_in(shown.text)})
    assert "精神损害赔偿没有谈拢" in await see(hands, "wang", f"/mediations/{number}/table")
    assert "精神损害赔偿没有谈拢" in await see(hands, "wang", f"/mediations/{number}/sign")


async def test_another_draft_says_that_marks_become_void(hands: Mediators) -> None:
    number = await sat(hands)
    digest = (await hands.does("wang", number, "draft", {"terms": terms()}))["sight"]["agreement"]["digest"]
    mark = {"digest": digest, "at": hands.site.clock.now.isoformat(), "form": "signature"}
    await hands.does("p1", number, "mark", mark)
    assert "1 个签名" in await see(hands, "wang", f"/mediations/{number}/draft")
    bare = await sends(hands, f"/mediations/{number}/drafting", TYPED | {"do": "preview"})
    assert (bare.status_code, "都作废" in bare.text) == (422, True)
    assert (
        await sends(hands, f"/mediations/{number}/drafting", TYPED | {"do": "preview", "void": "yes"})
    ).status_code == 200


async def test_what_must_come_first_is_said_before_anybody_types(hands: Mediators) -> None:
    number = await hands.seated()
    assert "还没有开过调解会" in await see(hands, "wang", f"/mediations/{number}/draft")


# -- sums -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("0.01", "壹分"), ("0.5", "伍角整"), ("1", "壹元整"), ("10", "壹拾元整"), ("3040.50", "叁仟零肆拾元伍角整"),
        ("100000", "壹拾万元整"), ("100500", "壹拾万零伍佰元整"), ("10001", "壹万零壹元整"),
        ("10000001", "壹仟万零壹元整"), ("1200.05", "壹仟贰佰元零伍分"), ("305000", "叁拾万伍仟元整"),
        ("100010000", "壹亿零壹万元整"),
        ("9999999999.99", "玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"), ("0", "零元整"),
        ("100000000", "壹亿元整"), ("1000000001", "壹拾亿零壹元整"),
    ],
)  # fmt: skip
def test_sums_in_words(amount: str, said: str) -> None:
    assert capitals(Decimal(amount)) == said


def test_a_sum_goes_into_the_words_and_out_again() -> None:
    for what, amount in (("赔偿(含误工)", "3000"), ("赔偿", "12345.60"), ("道歉", "")):
        assert unpriced(priced(what, amount)) == (what, amount)
    said = terms_form.body(TYPED)["terms"]["items"][0]["text"]
    assert unpriced(said) == ("赔偿天花板粉刷费", "3040.50")
