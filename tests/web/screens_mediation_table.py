"""Pictures of the table between two families, minutes, draft and signing: desk, phone, tablet; real-length words."""

from datetime import timedelta

import pytest

from tests.web.browsers import WIDTHS, browsing, window
from tests.web.conftest import Filer, People, Site
from tests.web.everywhere import become
from tests.web.mediators import Mediators
from tests.web.screens import FOLDER
from tests.web.test_mediation_table_sign import write_name

pytestmark = pytest.mark.usefixtures("city")

SIZES = {**WIDTHS, "tablet": (1024, 768)}
FACTS = (
    "六楼卫生间自2026年11月1日起向下渗漏,五楼卫生间和厨房的天花板起皮、发霉,面积约六平方米。",
    "11月8日物业到场查看,确认漏点在六楼地漏与立管接口处。",
    "双方住了十二年邻居,以前没有纠纷。",
)
SAID = (
    "从上个月开始漏,一天比一天厉害,厨房的灯都不敢开。我上楼说过两回,一回没开门,一回说不是他家的事。"
    "我不图钱,先把水止住,天花板按原样给我刷好就行。"
)
ITEMS = [
    {"item": "i1", "owes": "p2", "owed": "p1", "manner": "work", "until": "2026-12-10",
     "place": "柳岸花园1栋601室卫生间",
     "text": "请有资质的师傅更换地漏接口,重做卫生间防水层,做二十四小时闭水试验,五楼在场查看合格为止"},
    {"item": "i2", "owes": "p2", "owed": "p1", "manner": "money", "until": "2026-12-31",
     "place": "转入娄秀兰本人的银行账户",
     "text": "赔偿天花板铲除、防霉和粉刷的费用,计人民币3,040.50元(大写:人民币叁仟零肆拾元伍角整)"},
    {"item": "i3", "owes": "p1", "owed": "p2", "manner": "conduct", "until": "2026-12-10", "place": "柳岸花园1栋501室",
     "text": "施工期间配合开门查看,不再到六楼敲门争吵"},
]  # fmt: skip
TERMS = {
    "facts": "。".join(one.rstrip("。") for one in FACTS) + "。",
    "issues": "一、六楼应当怎样修、何时修好;二、五楼天花板的损失由谁承担、承担多少。",
    "responsibility": "双方认可漏点在六楼专有部分,由六楼承担维修和赔偿;五楼配合查看。",
    "content": "六楼负责修好渗漏并赔偿五楼的损失,双方今后有事当面好好说。",
    "items": ITEMS,
    "partial": True,
    "left": "误工费两百元没有谈拢,改日再谈,也可以另找途径。",
}
HOLD = {"present": ["p1", "p2"], "minutes": "谈了一个半小时,双方同意先修后赔。", "undisputed": list(FACTS)}


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Mediators:
    return await Mediators(site, filer).sit(people)


@pytest.mark.parametrize("size", SIZES)
async def test_table(site: Site, hands: Mediators, size: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    number = await hands.seated()
    site.clock.now += timedelta(hours=1)
    across, down = SIZES[size]
    async with browsing() as browser, window(browser, site.url, "phone" if size == "phone" else "desk") as seen:
        page = seen.page
        await page.set_viewport_size({"width": across, "height": down})

        async def take(name: str, path: str = "") -> None:
            if path:
                await page.goto(f"/mediations/{number}/{path}")
                await page.wait_for_load_state("networkidle")
            await page.screenshot(path=FOLDER / f"{name}-{size}.png", full_page=True)

        await become(page, site, "wang")
        await take("mt01-table-first", "table")
        await take("mt02-minutes", "minutes")
        await page.locator("#said-p1").fill(SAID)
        await page.locator("#fact-1").fill(FACTS[0])
        await page.locator("#facts").get_by_role("button", name="放到桌面").first.click()
        await page.locator("#kept:not([hidden])").wait_for()
        await take("mt03-minutes-typed")
        await page.get_by_role("button", name="提交记录").click()
        await take("mt04-minutes-wrong")
        await hands.does("wang", number, "hold", {**HOLD, "began": site.clock.now.isoformat()})
        await take("mt05-draft", "draft")
        await page.get_by_label("协议内容").fill("六楼尽快修好,不付钱就停水。")
        await page.locator("#content-found li").first.wait_for()
        await take("mt06-draft-found")
        await hands.does("wang", number, "draft", {"terms": TERMS})
        await page.evaluate("localStorage.clear()")
        await page.goto(f"/mediations/{number}/draft")
        await page.get_by_role("button", name="检查并预览").click()
        await page.locator("article.sheet").wait_for()
        await take("mt07-preview")
        await take("mt08-table", "table")
        await page.get_by_text("调解员笔记").click()
        await take("mt09-away")
        await take("mt10-sign", "sign")
        await page.goto(f"/mediations/{number}/sign?who=p2")
        await page.locator("[data-sign] canvas").scroll_into_view_if_needed()
        await write_name(page)
        await take("mt11-signing")
        await page.get_by_label("已阅读并同意").check()
        await page.get_by_role("button", name="确认签名").click()
        await page.get_by_text("签名已记下").wait_for()
        await take("mt12-signed")
