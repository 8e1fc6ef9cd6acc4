"""A joint meeting asked for from a case: the desk reads whom and until when, never why; the parties nothing at all."""

import json
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import pytest

from huiyin.story import BEIJING
from tests.web.conftest import Filer, People, Site
from tests.web.mediators import Mediators
from tests.web.test_mediation_case import given, plain, see, sent

WHY, PLACE = "楼上说要找人来评理", "街道二楼会议室"
NAMES = ("娄秀兰", "许立本")
pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Mediators:
    return await Mediators(site, filer).sit(people)


def soon(hands: Mediators, **more: float) -> datetime:
    return hands.site.clock.now.astimezone(BEIJING) + timedelta(**more)


def ask(hands: Mediators, **more: Any) -> dict[str, Any]:
    return {"attendees": ["police", "owners"], "until": f"{soon(hands, days=5):%Y-%m-%d}", "text": WHY} | more


async def test_by_form_from_asking_to_the_answer(hands: Mediators) -> None:
    number = await hands.seated()
    path = f"/mediations/{number}"
    form = plain(await see(hands, "wang", f"{path}/do/ask-meeting"))
    assert "联席会议不影响调解、起诉、仲裁和行政途径" in form
    await given(hands, "wang", number, "ask-meeting", ask(hands))
    mine, desk = await see(hands, "wang", path), await see(hands, "community", path)
    for html in (mine, desk):
        assert "请业主委员会、公安派出所" in plain(html)
        assert "等调解委员会答复" in plain(html)
    assert WHY in mine
    assert f"{path}/do/answer-meeting" in desk
    assert f"{path}/do/answer-meeting" not in mine
    answer = await see(hands, "community", f"{path}/do/answer-meeting")
    assert "联席会议不影响调解、起诉、仲裁和行政途径" in answer
    for html in (desk, answer):
        assert not [one for one in (WHY, *NAMES) if one in html]
    when = {"at": f"{soon(hands, days=3):%Y-%m-%dT%H:%M}", "venue": PLACE}
    await given(hands, "community", number, "answer-meeting", {"arranged": "yes", **when, "reason": "too-early"})
    for who in ("wang", "community"):
        text = plain(await see(hands, who, path))
        assert PLACE in text
        assert "等调解委员会答复" not in text


async def test_declined_with_a_reason_and_asked_again(hands: Mediators) -> None:
    number = await hands.seated()
    await given(hands, "wang", number, "ask-meeting", ask(hands))
    lacking = await sent(hands, "community", number, "answer-meeting", {"arranged": "yes"})
    assert (lacking.status_code, "召开的写明时间" in lacking.text) == (409, True)
    await given(hands, "community", number, "answer-meeting", {"arranged": "no", "reason": "nobody-can", "key": "k2"})
    for who in ("wang", "community"):
        assert "不召开:有关单位来不了" in plain(await see(hands, who, f"/mediations/{number}"))
    await given(hands, "wang", number, "ask-meeting", ask(hands, key="again"))
    assert await hands.code_of("wang", number, "ask-meeting", ask(hands, text="另一次")) == "meeting-asked"


async def test_words_that_are_past_or_of_nobody_are_mended_on_the_form(hands: Mediators) -> None:
    number = await hands.seated()
    late = await sent(hands, "wang", number, "ask-meeting", ask(hands, until="2026-01-01"))
    assert (late.status_code, "请改为今后" in late.text) == (409, True)
    nobody = await sent(hands, "wang", number, "ask-meeting", {"until": "2026-12-31", "text": WHY})
    assert (nobody.status_code, "请勾选请谁参加" in nobody.text) == (422, True)


async def test_why_is_the_mediators_and_the_parties_hear_nothing(hands: Mediators, admin: asyncpg.Connection) -> None:
    number = await hands.seated()
    before = {one: (await hands.looks(one, number)).json() for one in ("p1", "p2")}
    await hands.does("wang", number, "ask-meeting", ask(hands))
    for one in ("p1", "p2"):
        assert (await hands.looks(one, number)).json() == before[one]
    seen = (await hands.looks("community", number)).json()
    asked = {"attendees": ["owners", "police"], "until": ask(hands)["until"], "answered": None}
    assert seen["sight"]["joint"] == [asked]
    assert WHY in (await hands.looks("wang", number)).text
    for more in ("", "/log"):
        assert WHY not in (await hands.looks("community", number, more)).text
    told = json.dumps((await hands.looks("community", number, "/log")).json(), ensure_ascii=False)
    assert "请业主委员会、公安派出所参加" in told
    kept = await admin.fetch("SELECT body FROM log")
    assert not [row for row in kept if WHY.encode() in bytes(row["body"])]
    assert await hands.code_of("community", number, "answer-meeting", {}) == "when-or-why"
    assert (await hands.tries("community", number, "ask-meeting", ask(hands))).status_code in (403, 409)
    assert (await hands.tries("li", number, "ask-meeting", ask(hands))).status_code == 404


async def test_of_a_restricted_file_it_is_not_offered(hands: Mediators) -> None:
    number = await hands.seated()
    await hands.does("wang", number, "ask-meeting", ask(hands))
    await hands.does("wang", number, "flag-risk", {"risk": "child", "text": "孩子身上有伤"})
    for who, command in (("wang", "ask-meeting"), ("community", "answer-meeting")):
        html = await see(hands, who, f"/mediations/{number}")
        assert f"do/{command}" not in html
    assert "等调解委员会答复" not in plain(html)
    assert (await hands.looks("community", number)).json()["sight"]["joint"] == []
    assert await hands.code_of("wang", number, "ask-meeting", ask(hands, text="再请一次")) == "meeting-would-tell"


async def test_what_ended_is_not_answered_any_more(hands: Mediators) -> None:
    number = await hands.seated()
    await hands.does("wang", number, "ask-meeting", ask(hands))
    await hands.does("p2", number, "stop", {"how": "screen"})
    html = await see(hands, "wang", f"/mediations/{number}")
    assert "没有答复,不再召开" in plain(html)
    for who, command, body in (("wang", "ask-meeting", ask(hands, text="x")),
                               ("community", "answer-meeting", {"reason": "too-early"})):  # fmt: skip
        assert await hands.code_of(who, number, command, body) == "ended-mediation"
        assert f"do/{command}" not in await see(hands, who, f"/mediations/{number}")
