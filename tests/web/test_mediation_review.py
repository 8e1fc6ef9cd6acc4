"""A mediation's log in review: who finds it, how far each reads it, where a changed one says that it was changed."""

from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest
from playwright.async_api import Browser, expect

from tests.web.browsers import WIDTHS, accessible, browsing, window
from tests.web.conftest import Filer, People, Site
from tests.web.everywhere import become
from tests.web.secrets_of_cases import Cases
from tests.web.test_mediation_privacy import CANARIES

pytestmark = pytest.mark.usefixtures("city")
HTML = {"Accept": "text/html"}
UNTOLD, CLOSED = "内容不在审计范围内", "内容只有承办调解员看得到"


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Cases:
    made = await Cases(site, filer).sit(people)
    for name, post, scope in (
        ("watch", "auditor:990101001", "street:990101001"),
        ("watch2", "auditor:990101002", "street:990101002"),
    ):
        made.heads[name] = await people.seat(name, "auditor", post, scope)
    return made


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with browsing() as made:
        yield made


async def read(hands: Cases, who: str, number: str, status: int = 200, query: str = "") -> str:
    answer = await hands.site.http.get(f"/review/mediations/{number}{query}", headers=hands.heads[who] | HTML)
    assert answer.status_code == status, (who, answer.status_code, answer.text[:300])
    return answer.text


async def rows(admin: asyncpg.Connection, number: str) -> list[asyncpg.Record]:
    asked = "SELECT step, at, hash FROM log WHERE noun = 'mediation' AND id = $1 ORDER BY version"
    return list(await admin.fetch(asked, number))


def listed(said: str, some: list[asyncpg.Record]) -> list[str]:
    """The steps whose hash stands on the page."""
    return [row["step"] for row in some if row["hash"].hex()[:16] in said]


async def test_who_reads_how_far(hands: Cases, admin: asyncpg.Connection) -> None:
    number, _ = await hands._whole()
    some = await rows(admin, number)
    steps = [row["step"] for row in some]
    assert "mediation.confided.v1" in steps
    said = {who: await read(hands, who, number) for who in ("auditor", "watch", "wang", "li", "community")}
    assert all(f"{len(some)} 步首尾相接" in one for one in said.values())
    for who in ("auditor", "watch", "wang"):
        assert listed(said[who], some) == steps, who
    assert listed(said["li"], some) == [one for one in steps if one != "mediation.confided.v1"]
    assert "内容保密" in said["wang"]
    assert all("内容保密" not in said[who] and "单独谈话" not in said[who] for who in said if who != "wang")
    desk = listed(said["community"], some)
    assert desk[0] == "mediation.applied.v1"
    assert not {"mediation.confided.v1", "mediation.consented.v1", "mediation.session_held.v1"} & set(desk)
    assert said["auditor"].count(UNTOLD) == len(steps) - len(desk)
    assert "其中" not in said["auditor"]
    assert f"其中 {len(steps) - len(desk)} 步不在您的范围内" in said["community"]
    assert "同意调解" in said["wang"]
    assert all("同意调解" not in said[who] for who in ("auditor", "community"))
    assert "受理,案号" in said["auditor"]
    assert f'href="/mediations/{number}"' in said["wang"]
    assert f'href="/mediations/{number}"' not in said["auditor"], "the case's page is not an auditor's"
    assert ">换一个</a>" in said["auditor"]
    assert ">换一个</a>" not in said["wang"]


async def test_which_party_acted_is_for_who_mediates(hands: Cases) -> None:
    number, _ = await hands._whole()
    assert '<td class="which">当事人甲</td>' in await read(hands, "wang", number)
    for who in ("auditor", "community"):
        said = await read(hands, who, number)
        assert '<td class="which">当事人甲</td>' not in said
        assert '<td class="which">当事人乙</td>' not in said
    assert '<td class="which">当事人</td>' in await read(hands, "auditor", number)


async def test_the_pause_before_a_step_does_not_tell_of_one_that_is_hidden(
    hands: Cases,
) -> None:
    """What was told alone leaves no trace in the times between the steps that stand there."""
    number = await hands.seated()
    await hands.does("community", number, "assign", {"person": await hands.person("li")})
    hands.site.clock.now += timedelta(minutes=20)
    await hands.does("wang", number, "confide", {"party": "p1", "text": "单独说的话"})
    hands.site.clock.now += timedelta(minutes=25)
    await hands.does("wang", number, "disclose", {"text": "与双方没有关系。"})
    line = "?view=line"
    assert "隔 25 分钟" in await read(hands, "wang", number, query=line)
    said = await read(hands, "li", number, query=line)
    assert "隔 45 分钟" in said
    assert "隔 25 分钟" not in said


async def test_of_a_restricted_file_only_that_steps_happened(hands: Cases, admin: asyncpg.Connection) -> None:
    number, _ = await hands._hidden()
    some = await rows(admin, number)
    said = await read(hands, "auditor", number)
    assert listed(said, some) == [row["step"] for row in some]
    assert said.count(CLOSED) == len(some)
    for who in ("auditor", "community"):
        said = await read(hands, who, number)
        for words in ("纠纷", "受理", "案号", "风险", "报告", "未成年人", UNTOLD):
            assert words not in said, (who, words)
    mine = await read(hands, "wang", number)
    assert "未成年人受侵害" in mine
    assert CLOSED not in mine


async def test_a_danger_is_not_told_by_its_limit(hands: Cases) -> None:
    number = await hands.seated()
    await hands.does("wang", number, "flag-risk", {"risk": "violence", "text": "扬言动手"})
    await hands.does("community", number, "assign", {"person": await hands.person("li")})
    assert '<td class="limit">报告' in await read(hands, "wang", number)
    for who in ("auditor", "community"):
        said = await read(hands, who, number)
        assert "风险" not in said
        assert '<td class="limit">报告' not in said


async def test_no_canary(hands: Cases) -> None:
    """No words and no names, before anybody."""
    await hands.live()
    looked = 0
    for case in hands.cases.values():
        for who in ("auditor", "watch", "wang", "community"):
            for query in ("", "?view=line"):
                said = await read(hands, who, case.number, query=query)
                assert [name for name, word in CANARIES.items() if word in said] == []
                looked += 1
    assert looked == 32


async def test_hidden_is_not_there(hands: Cases, admin: asyncpg.Connection) -> None:
    number = await hands.seated()
    for who in ("li", "far", "community2", "boss", "street", "watch2"):
        await read(hands, who, number, 404)
    for who in ("department", "registrar", "property"):
        await read(hands, who, number, 403)
    for wrong in ("TJ999999999", "x", "HY000000001"):
        await read(hands, "auditor", wrong, 404)
    for who in ("auditor", "wang", "desk2"):
        await read(hands, who, number)
    person = await hands.person("auditor")
    await admin.execute(
        "INSERT INTO mediation_people (number, ident, capacity, side, applicant, person, at)"
        " VALUES ($1, 'p9', 'party', '', false, $2, now())",
        number,
        person,
    )
    await read(hands, "auditor", number, 404)
    await read(hands, "watch", number)


async def test_of_a_ticket_that_an_auditor_does_not_see(hands: Cases, admin: asyncpg.Connection) -> None:
    number, ticket = await hands._of_ticket()
    assert ticket in await read(hands, "watch", number)
    await admin.execute("UPDATE tickets SET street_code = '9', community_code = '9' WHERE number = $1", ticket)
    await read(hands, "watch", number, 404)
    await read(hands, "community", number)


async def test_it_is_found_from_the_page_and_by_its_number(hands: Cases) -> None:
    number = await hands.seated()
    for who in ("wang", "community"):
        answer = await hands.site.http.get(f"/mediations/{number}", headers=hands.heads[who] | HTML)
        assert f'href="/review/mediations/{number}"' in answer.text
    for who in ("auditor", "community"):
        found = await hands.site.http.get(f"/review?number={number.lower()}", headers=hands.heads[who])
        assert (found.status_code, found.headers["location"]) == (303, f"/review/mediations/{number}")
    said = await hands.site.http.get("/review?number=TJ1", headers=hands.heads["auditor"] | HTML)
    assert "调解号是 TJ 加九位数字" in said.text
    said = await hands.site.http.get(f"/review?number={number}", headers=hands.heads["registrar"] | HTML)
    assert said.status_code == 200
    assert "调解" not in said.text.partition("<main")[2]


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE log SET body = convert_to(replace(convert_from(body, 'UTF8'), 'p1', 'p_'), 'UTF8')", "被改动过"),
        ("UPDATE log SET body = 'x'", "读不出"),
        ("DELETE FROM log", "缺少步骤"),
        ("UPDATE log SET at = at + interval '1 hour'", "与存证不符"),
        ("UPDATE log SET prev = sha256('x')", "接不上"),
    ],
)
@pytest.mark.parametrize("version", [1, 3])
async def test_a_tampered_log_says_where(
    hands: Cases, admin: asyncpg.Connection, statement: str, why: str, version: int
) -> None:
    number = await hands.seated()
    await admin.execute("SET session_replication_role = replica")
    await admin.execute(f"{statement} WHERE id = $1 AND version = $2", number, version)
    for who in ("auditor", "wang", "community"):
        said = await read(hands, who, number)
        assert "该调解案卷的日志被改动过" in said
        assert why in said
        assert "日志链完整" not in said
    assert 'class="broken"' in await read(hands, "auditor", number)


@pytest.mark.parametrize("width", WIDTHS)
async def test_on_a_screen_and_on_paper(hands: Cases, browser: Browser, width: str) -> None:
    (whole, _), (hidden, _) = await hands._whole(), await hands._hidden()
    async with window(browser, hands.site.url, width) as seen:
        page = seen.page
        for who in ("auditor", "wang", "community"):
            await become(page, hands.site, who)
            for number in (whole, hidden):
                for query in ("", "?view=line"):
                    await page.goto(f"/review/mediations/{number}{query}")
                    await accessible(page)
        await page.emulate_media(media="print")
        await expect(page.get_by_role("button", name="打印")).to_be_hidden()
