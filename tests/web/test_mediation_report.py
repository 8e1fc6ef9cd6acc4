"""The report on mediation: who is told of which committee, both parts of each share, small numbers, the workbook."""

import io
import json
from datetime import timedelta

import asyncpg
import httpx
import pytest
from python_calamine import CalamineWorkbook

from huiyin.store import committees
from huiyin.store.committees import Body
from tests.web.browsers import WIDTHS, accessible, browsing, window
from tests.web.conftest import Filer, People, Site
from tests.web.everywhere import become
from tests.web.mediators import Mediators
from tests.web.test_mediation_committee import words

pytestmark = pytest.mark.usefixtures("city")
AT = "/mediations/report"


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Mediators:
    made = await Mediators(site, filer).sit(people)
    for one in (
        Body("990101001", "street", "清河", "清河街道人民调解委员会"),
        Body("990101001002", "residents", "纺织", "纺织社区人民调解委员会"),
    ):
        await site.room.write(lambda c, one=one: committees.keep(c, one))  # type: ignore[misc]
    return made


async def read(hands: Mediators, who: str, more: str = "", at: str = AT) -> httpx.Response:
    return await hands.site.http.get(f"{at}{more}", headers=hands.heads[who])


async def lived(hands: Mediators) -> None:
    """Two leaks that go on, one that was stopped, one of a child that is nobody else's to read of."""
    await hands.accepted()
    await hands.accepted()
    await hands.does("p2", await hands.accepted(), "stop", {"how": "screen"})
    number = await hands.seated()
    await hands.does("wang", number, "flag-risk", {"risk": "child", "text": "有伤"})


async def test_a_committee_reads_both_parts_of_its_own(hands: Mediators) -> None:
    await lived(hands)
    page = words(await read(hands, "community"))
    assert "柳岸社区人民调解委员会 · 调解统计" in page
    assert "另有保密卷 1" in page
    assert "调解成功率 0/1" in page
    assert "履行率 0/0" in page
    assert "没有数据" in page
    assert "清河街道" not in page.partition("合计")[2]
    assert "没有受理调解" in words(await read(hands, "community", "?month=2026-01"))


async def test_a_street_looks_over_its_committees_and_nobody_elses(hands: Mediators) -> None:
    await lived(hands)
    for who in ("street", "boss"):
        page = words(await read(hands, who))
        assert "本街道各调解委员会" in page
        for name in ("柳岸社区人民调解委员会", "清河街道人民调解委员会"):
            assert name in page
        assert "纺织社区" not in page, "which lies in no community of this street"
        one = words(await read(hands, who, "?committee=990101001001/residents"))
        assert "保密卷" not in one.partition("怎样计算")[0], "one alone would be known by it"
    assert (await read(hands, "community", "?committee=990101001/street")).status_code == 404
    assert "没有受理调解" in words(await read(hands, "community2"))
    for who in ("wang", "auditor"):
        assert (await read(hands, who)).status_code == 403
    for bad in ("?days=8", "?month=2030-01"):
        assert (await read(hands, "community", bad)).status_code == 400


async def test_a_street_is_not_told_what_one_case_was_about(hands: Mediators) -> None:
    """To the committee itself its matters are its own cases."""
    for _ in range(3):
        await hands.accepted()
    number = await hands.accepted(category="P04")
    await hands.does("p2", number, "stop", {"how": "screen"})
    mine = words(await read(hands, "community"))
    group = hands.site.room.catalogue.entries["P"].name
    assert group in mine
    one = "&committee=990101001001/residents"
    over = words(await read(hands, "street", f"?days=365{one}"))
    assert group not in over
    assert "其他事项 1 件数太少,不细分" in over
    leaks = hands.site.room.catalogue.entries["A"].name
    assert leaks in over
    assert leaks not in words(await read(hands, "street", "?days=365")), "all, less one's own, would be another's"
    for stretch in ("", f"?days=30{one}", f"?days=90{one}", f"?month={hands.site.clock.now:%Y-%m}"):
        assert leaks not in words(await read(hands, "street", stretch)), "what two stretches differ by would be a few"
        assert leaks in words(await read(hands, "community", stretch))
    assert "事项只在选定一个委员会的“近一年”里分列" in over


async def test_the_workbook_says_the_same_and_who_took_it_is_written_down(
    hands: Mediators, admin: asyncpg.Connection
) -> None:
    await lived(hands)
    answer = await read(hands, "street", "?committee=990101001001/residents&days=30", f"{AT}/export")
    assert answer.status_code == 200
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    whole = book.get_sheet_by_name("合计").to_python()
    assert "清河街道三方办" in whole[0][0], "the post in words, not by its code"
    assert "street:" not in whole[0][0]
    assert whole[2][:4] == ["合计", "受理", "调解成功率(分子)", "调解成功率(分母)"]
    assert whole[3][:5] == ["合计", 3.0, 0.0, 1.0, 0.0]
    text = json.dumps([book.get_sheet_by_name(name).to_python() for name in book.sheet_names], ensure_ascii=False)
    for secret in ("娄秀兰", "许立本", "138", "TJ0", "人调字第"):
        assert secret not in text
    body = await admin.fetchval("SELECT body FROM log WHERE noun = 'export'")
    step = json.loads(body)["data"]
    assert step["by"] == ["committee=990101001001/residents", "days=30"]
    assert (await read(hands, "far", "", f"{AT}/export")).status_code == 403
    assert await admin.fetchval("SELECT count(*) FROM log WHERE noun = 'export'") == 1


@pytest.mark.parametrize("width", WIDTHS)
async def test_the_page_is_whole_at_both_widths(hands: Mediators, width: str) -> None:
    await lived(hands)
    hands.site.clock.now += timedelta(days=32)
    await hands.accepted(category="B01")
    async with browsing() as browser, window(browser, hands.site.url, width) as seen:
        await become(seen.page, hands.site, "street")
        await seen.page.goto(AT)
        await accessible(seen.page)
        assert await seen.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
