"""Pictures of the board of whistles, the report, the sheet and the review, with texts of real length."""

from datetime import timedelta

import asyncpg
import pytest

from tests.web.browsers import WIDTHS, browsing, window
from tests.web.conftest import NOW, Filer, People, Site
from tests.web.screens import FOLDER
from tests.web.test_whistle_report import streets, week
from tests.web.test_whistle_sheet import lived
from tests.web.whistlers import BLOW, CITY, FIRE, POLICE, Whistlers

pytestmark = pytest.mark.usefixtures("city")
WHY = (
    "1 栋北门外的烧烤摊每天十八时至次日二时经营,占用消防通道约十二米,油烟和叫卖声影响 1 栋、2 栋共八十余户。"
    "物业企业劝阻三次,网格员联合社区民警上门两次,摊主当面收摊、半小时后复摆。街道没有处罚权,也没有暂扣经营工具的权限。"
)
TASK = (
    "请于夜间二十时后到 1 栋北门外现场查处占道经营,依法处理占用消防通道的摊位和桌椅,"
    "并与市场监管部门商定后续巡查办法;需要社区配合的,请提前半小时告知。"
)
ASKS = [
    {"department": CITY, "text": TASK, "lead": True},
    {"department": POLICE, "text": "请派员维持现场秩序,对拒不配合的人员依法处理,并查验经营人员身份。"},
    {"department": FIRE, "text": "请核查消防通道被占情况,当场提出整改要求。"},
    {"department": "department:市场监管", "text": "请核查食品经营许可和餐具消毒情况。"},
]


@pytest.mark.parametrize("width", WIDTHS)
async def test_pictures(site: Site, admin: asyncpg.Connection, filer: Filer, people: People, width: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    hands = await Whistlers(site, filer).sit(people)
    await streets(admin, own=0)
    async with browsing() as browser, window(browser, site.url, width) as seen:
        page = seen.page
        await page.set_extra_http_headers(hands.heads["street2"])

        async def take(name: str, path: str) -> None:
            await page.goto(path)
            await page.wait_for_load_state("networkidle")
            await page.screenshot(path=FOLDER / f"whistle-board-{name}-{width}.png", full_page=True)

        await take("empty", "/whistles")
        await take("report-empty", "/whistles/report")
        await page.set_extra_http_headers(hands.heads["street"])
        ticket = await hands.file("B04")
        await hands.do("street", ticket, "note", {"text": "已到现场劝阻,摊主当面收摊"})
        answer = await hands.order("community", ticket, "whistle", BLOW | {"text": WHY, "asks": ASKS[:2]})
        number = str(answer.json()["number"])
        await take("sheet-early", f"/whistles/{number}/sheet")
        await week(hands)
        wide = await hands.called(asks=ASKS, kind="enforcement", text=WHY, apart="另一件")
        for who in ("city", "police"):
            await hands.does(who, wide, "acknowledge")
        await hands.does("city", wide, "arrive", {"lat": 39.9, "lon": 116.4})
        await hands.does("fire", wide, "object", {"reason": "not-our-duty", "text": "不属于消防救援职责"})
        await admin.execute("UPDATE whistles SET level = 3, returned = 2 WHERE number = $1", wide)
        late = "UPDATE whistle_lines SET late = 'acknowledge arrive', level = 2 WHERE number = $1 AND post_code = $2"
        await admin.execute(late, wide, "department:市场监管")
        site.clock.now = NOW + timedelta(hours=2)
        await take("board", "/whistles")
        await take("board-filtered", "/whistles?kind=enforcement&department=department:公安")
        await take("board-closed", "/whistles?closed=1")
        await take("report", "/whistles/report")
        await take("sheet-open", f"/whistles/{wide}/sheet")
        site.clock.now = NOW
        await lived(hands, number)
        await take("sheet-whole", f"/whistles/{number}/sheet")
        await take("sheet-story", f"/whistles/{number}/sheet?story=1")
        await take("review", f"/review/whistles/{number}")
        if width == "desk":
            await page.goto(f"/whistles/{number}/sheet?story=1")
            await page.pdf(path=FOLDER / "whistle-board-sheet.pdf", prefer_css_page_size=True)
            await page.goto("/whistles/report")
            await page.pdf(path=FOLDER / "whistle-board-report.pdf", prefer_css_page_size=True)
        await page.set_extra_http_headers(hands.heads["city"])
        await take("sheet-department", f"/whistles/{number}/sheet")
        await take("report-department", "/whistles/report")
        await page.set_extra_http_headers(hands.heads["auditor"])
        await take("report-auditor", "/whistles/report")
