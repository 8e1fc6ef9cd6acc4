"""Whoever holds the receipt: reads the whole story and the answer, says whether it was solved, takes it back."""

from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest
from msgspec.structs import replace

from huiyin.calendars import import_year
from huiyin.core import receipt as receipts
from huiyin.rules.calendars import load_calendar
from huiyin.rules.replies import load_replies
from huiyin.store.vault import Dossier, Seal, encode
from tests.core.world import spot
from tests.web.conftest import NOW, VAULT_KEY, Filer, People, Site
from tests.web.hands import Hands

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Hands:
    return await Hands(site, filer).sit(people)


async def answered(hands: Hands, **more: Any) -> str:
    """A ticket with a reply of the building leader."""
    number = await hands.file(**more)
    await hands.do("leader", number, "sign")
    await hands.do("leader", number, "resolve", {"text": "换了阀门"})
    await hands.do("leader", number, "reply", {"text": "阀门已换,不再漏水。"})
    return number


async def test_the_whole_story(hands: Hands) -> None:
    number = await hands.file(hotline=("gas",))
    for who, command, body in (
        ("leader", "sign", {}),
        ("leader", "contact", {"text": "电话联系"}),
        ("leader", "site-check", {"text": "看过"}),
        ("leader", "note", {"text": "内部记录"}),
        ("leader", "hand-up", {"reason": "beyond-means"}),
        ("community", "dispatch", {"rung": "property_company"}),
        ("property", "sign", {}),
        ("property", "resolve", {"evidence": "照片"}),
        ("property", "reply", {"text": "主管道已更换。"}),
    ):
        await hands.do(who, number, command, body)
    told = await hands.told(number)
    assert [(step["name"], step["why"]) for step in told["steps"]] == [
        ("已登记", None),
        ("已提示先拨打紧急电话", None),
        ("已分派", None),
        ("承办岗位已签收", None),
        ("工作人员已联系您", None),
        ("已现场核实", None),
        ("已上报上一级:业主委员会", "超出本级的办理能力"),
        ("已改派:物业服务企业", None),
        ("承办岗位已签收", None),
        ("承办岗位已办结", None),
        ("已答复", None),
    ]
    assert (told["state"], told["state_text"]) == ("replied", "已答复,请您评价是否解决")
    assert (told["held_by"], told["reply"]) == ("物业服务企业", "主管道已更换。")
    assert (told["can_give_feedback"], told["can_withdraw"]) == (True, True)
    assert "7日" in told["due_explained"]
    said = await hands.feedback(number, solved="yes", satisfied=5, comment="谢谢")
    body = said.json()
    assert (said.status_code, body["state"], body["outcome"]) == (200, "closed", "solved")
    assert (body["state_text"], body["solved"], body["satisfied"]) == ("已结案:已解决", "yes", 5)
    assert [step["name"] for step in body["steps"][-2:]] == ["已回访", "已结案"]
    assert (body["held_by"], body["due_at"], body["can_withdraw"]) == (None, None, False)
    assert body["can_give_feedback"]
    for secret in ("内部记录", "E1", "1栋", "柳岸花园", "谢谢", "照片", "p-"):
        assert secret not in str(body), secret


async def test_who_stands_in_is_said(hands: Hands) -> None:
    """An estate without a committee: the residents' committee acts, and the receipt says so."""
    number = await hands.file(where=spot("E2", "E2-B01"))
    up = await hands.do("community", number, "dispatch", {"rung": "owners_committee"})
    assert up["acting"].startswith("以居代业")
    told = await hands.told(number)
    assert told["held_by"] == "柳岸社区居民委员会(代行业主委员会职责)"
    assert told["steps"][-1]["name"] == "已改派:柳岸社区居民委员会(代行业主委员会职责)"
    gone = await hands.do("community", number, "hand-up", {"reason": "unsafe"})
    assert gone["rung"] == "street_office"  # the community's desk has had it
    assert (await hands.told(number))["steps"][-1]["why"] == "存在安全隐患"


async def test_no_climbs(hands: Hands) -> None:
    """No, partly, yes; before an answer; after closing, and too late after it."""
    number = await hands.file()
    for state in ("filed", "signed"):
        early = await hands.feedback(number, solved="yes")
        assert (early.status_code, early.json()["code"]) == (409, "not-replied"), state
        await hands.do("leader", number, "sign")
    assert not (await hands.told(number))["can_give_feedback"]
    await hands.do("leader", number, "reply", {"text": "已答复"})
    partly = await hands.feedback(number, solved="partly", satisfied=2)
    assert (partly.json()["state"], partly.json()["solved"]) == ("replied", "partly")
    no = (await hands.feedback(number, solved="no", satisfied=1, comment="还在漏")).json()
    assert (no["state"], no["held_by"], no["reopened"], no["reply"]) == ("dispatched", "业主委员会", 1, None)
    assert {"name": "已重办:业主委员会", "why": "居民反馈没有解决"}.items() <= no["steps"][-1].items()
    assert (await hands.feedback(number, solved="no")).json()["code"] == "not-replied"
    await hands.do("owners", number, "sign")
    await hands.do("owners", number, "resolve", {"text": "修好"})
    await hands.do("owners", number, "reply", {"text": "这次修好了"})
    assert (await hands.feedback(number, solved="yes")).json()["state"] == "closed"
    later = (await hands.feedback(number, solved="no")).json()
    assert (later["state"], later["held_by"], later["reopened"]) == ("dispatched", "物业服务企业", 2)


async def test_too_late(hands: Hands) -> None:
    number = await answered(hands)
    assert (await hands.feedback(number, solved="yes")).status_code == 200
    hands.site.clock.now = NOW + timedelta(days=31)
    assert (await hands.feedback(number, solved="no")).json()["code"] == "too-late"
    assert (await hands.feedback(number, solved="partly")).status_code == 200


async def test_what_cannot_be_said(hands: Hands) -> None:
    number = await answered(hands)
    for body, field in (
        ({}, "solved"),
        ({"solved": "maybe"}, "solved"),
        ({"solved": True}, "solved"),
        ({"solved": "yes", "satisfied": 6}, "satisfied"),
        ({"solved": "yes", "satisfied": 0}, "satisfied"),
        ({"solved": "yes", "comment": "a\0"}, "comment"),
        ({"solved": "yes", "comment": "长" * 8001}, "comment"),
    ):
        answer = await hands.feedback(number, **body)
        assert (answer.status_code, answer.json()["field"]) == (400, field), body
    assert (await hands.told(number))["solved"] is None
    http = hands.site.http
    for receipt, code in ((receipts.show(42), "unknown-receipt"), ("1234", "receipt-mistyped")):
        for verb in ("feedback", "withdraw"):
            answer = await http.post(f"/api/v1/complaints/{receipt}/{verb}", json={"solved": "yes", "confirm": True})
            assert (answer.status_code, answer.json()["code"]) == (404, code)


async def test_before_the_sorter(site: Site) -> None:
    """A complaint that only waits at the door."""
    receipt = (await site.http.post("/api/v1/complaints", json={"text": "楼上漏水"})).json()["receipt"]
    path = f"/api/v1/complaints/{receipt}"
    assert (await site.http.post(f"{path}/feedback", json={"solved": "no"})).json()["code"] == "not-replied"
    assert (await site.http.post(f"{path}/withdraw", json={"confirm": True})).json()["code"] == "not-yet-sorted"


async def test_a_repeat_counts_once(hands: Hands, admin: asyncpg.Connection) -> None:
    number = await answered(hands)
    path, key = f"{hands.receipt(number)}/feedback", {"Idempotency-Key": "f1"}
    answers = [
        await hands.site.http.post(path, headers=key, json={"solved": "partly", "comment": "金丝雀"}) for _ in range(3)
    ]
    assert {answer.content for answer in answers} == {answers[0].content}
    assert await admin.fetchval("SELECT count(*) FROM log WHERE step = 'ticket.followed_up.v1'") == 1
    row = await admin.fetchrow("SELECT body FROM log WHERE step = 'ticket.followed_up.v1'")
    assert b'"actor":"resident"' in row["body"]


async def test_taking_it_back(hands: Hands) -> None:
    """Withdrawn is its own outcome; a merged one leaves its lead, and a lead lets its own go."""
    lead, one, two = [await hands.file() for _ in range(3)]
    for number in (one, two):
        await hands.do("community", number, "merge", {"into": lead})
    for body, field in (({}, "confirm"), ({"confirm": False}, "confirm"), ({"confirm": "yes"}, "confirm")):
        answer = await hands.site.http.post(f"{hands.receipt(one)}/withdraw", json=body)
        assert (answer.status_code, answer.json()["field"]) == (400, field)
    gone = await hands.site.http.post(f"{hands.receipt(one)}/withdraw", json={"confirm": True, "text": "不用了"})
    assert (gone.status_code, gone.json()["state_text"]) == (200, "已结案:已撤回")
    assert (await hands.feedback(one, solved="no")).json()["code"] == "closed-ticket"
    shown = await hands.do("community", lead, "note", {"text": "x"})
    assert [row["number"] for row in shown["joined"]] == [two]
    again = await hands.site.http.post(f"{hands.receipt(one)}/withdraw", json={"confirm": True})
    assert again.status_code == 200
    await hands.site.http.post(f"{hands.receipt(lead)}/withdraw", json={"confirm": True})
    assert (await hands.told(two))["state"] == "dispatched"


async def test_about_the_street(hands: Hands) -> None:
    """No rung may judge it: the legal route is the answer, at once, from the rulebook."""
    number = await hands.file("T04", "street")
    told = await hands.told(number)
    assert (told["state"], told["outcome"]) == ("closed", "redirected")
    assert told["reply"] == load_replies()["about-the-street"]
    for route in ("12345", "纪", "信访", "行政复议", "行政诉讼"):
        assert route in told["reply"]
    assert [step["name"] for step in told["steps"][-3:]] == ["已告知法定渠道", "已答复", "已结案"]
    assert not told["can_give_feedback"]


async def test_an_answer_that_was_erased(hands: Hands, admin: asyncpg.Connection) -> None:
    number = await answered(hands)
    assert (await hands.told(number))["reply"] == "阀门已换,不再漏水。"
    other = Seal(VAULT_KEY).seal(encode(Dossier(text="别人的话")))  # well sealed, but not what the log says
    exchanged = "UPDATE vault.dossiers SET key = $1, body = $2 WHERE ref <> $3"
    await admin.execute(exchanged, other.key, other.body, f"{number}/1")
    assert (await hands.told(number))["reply"] == "答复的内容已按规定删除。"
    await admin.execute("UPDATE vault.dossiers SET body = body || '\\x00'::bytea WHERE ref <> $1", f"{number}/1")
    assert (await hands.told(number))["reply"] == "答复的内容已按规定删除。"
    await admin.execute("UPDATE vault.dossiers SET key = NULL")
    assert (await hands.told(number))["reply"] == "答复的内容已按规定删除。"


async def test_a_new_calendar_is_noticed(hands: Hands) -> None:
    """The desk and the explanations go by the calendar that stands, without a restart."""
    first, second = await hands.file(), await hands.file()
    before = await hands.do("leader", first, "hand-up", {"reason": "other"})
    assert before["sign_by"] == "2026-11-23T09:30:00Z"
    year = load_calendar().years[2026]
    off = replace(year, off=year.off | {date(2026, 11, 23): "测试假日"})
    await import_year(hands.site.room.engine, off, at=NOW)
    after = await hands.do("leader", second, "hand-up", {"reason": "other"})
    assert after["sign_by"] == "2026-11-24T09:30:00Z"
    assert "11/23放假" in after["due_explained"]
