"""What people notice first: what it is about, days with their year, no day that has passed."""

from datetime import timedelta

import pytest

from huiyin.web.paint import moment, until
from tests.core.mediating import beijing
from tests.web.conftest import Filer, People, Site
from tests.web.mediators import OPEN, Mediators
from tests.web.test_mediation_case import HTML, minute, plain, see, sent

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Mediators:
    return await Mediators(site, filer).sit(people)


async def own(hands: Mediators, number: str, party: str = "p2") -> str:
    """What a party reads who comes with its code."""
    code = hands.codes[number][party]
    begun = await hands.site.http.post("/mediation", data={"code": code})
    hands.site.http.cookies.clear()
    cookie = "; ".join(f"{name}={value}" for name, value in begun.cookies.items())
    page = await hands.site.http.get("/mediation/mine", headers=HTML | {"Cookie": cookie})
    return plain(page.text)


def test_a_day_of_another_year_says_so() -> None:
    at = beijing(11, 20, 9, 30)
    assert moment(at) == moment(at, at) == "11月20日(周五)09:30"
    assert moment(at, at.replace(year=at.year + 1)) == "2026年11月20日(周五)09:30"
    assert until(beijing(11, 21), at.replace(year=at.year + 1)) == "2026年11月20日(周五)24:00"


async def test_who_is_asked_to_be_willing_reads_what_for(hands: Mediators) -> None:
    number = await hands.opened()
    said = await own(hands, number)
    assert "为的是“楼上楼下渗漏水”这件事。" in said
    assert f"什么事 楼上楼下渗漏水 编号 {number}" in said
    assert OPEN["text"] not in said
    assert "娄秀兰" not in said


async def test_no_session_is_planned_after_the_last_day(hands: Mediators) -> None:
    number = await hands.seated()
    late = minute(hands.site.clock.now + timedelta(days=700))
    answer = await sent(hands, "wang", number, "plan", {"at": late, "online": "no"})
    assert answer.status_code == 409
    assert "约定的时间在办理期限以后;请改早,或者先由各方同意延长期限。" in plain(answer.text)


async def test_only_what_can_be_answered_is_asked(hands: Mediators) -> None:
    number = await hands.seated()
    form = plain(await see(hands, "wang", f"/mediations/{number}/do/answer"))
    assert "延长期限" in form
    assert "共同申请司法确认" not in form
    assert "邀请该人员参加" not in form


async def test_what_is_still_to_be_done_is_not_due_already(hands: Mediators) -> None:
    number = await hands.seated()
    said = {"facts": "漏水", "issues": "赔多少", "responsibility": "六楼", "content": "赔偿"}
    item = {"owes-1": "p2", "owed-1": "p1", "what-1": "修好", "manner-1": "work", "place-1": "五楼"}
    day = f"{hands.site.clock.now - timedelta(days=1):%Y-%m-%d}"
    answer = await hands.site.http.post(
        f"/mediations/{number}/drafting",
        headers=hands.heads["wang"] | HTML,
        data={**said, **item, "until-1": day, "key": "drafting-late", "do": "preview"},
    )
    assert answer.status_code == 422
    assert "第 1 项:这一天已经过了,请核对;已经做完的写在“协议内容”里。" in plain(answer.text)
