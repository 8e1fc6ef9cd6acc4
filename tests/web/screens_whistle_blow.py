"""Pictures of blowing, passing on, approving and of what waits, at both widths, with words of a real length."""

import pytest
from playwright.async_api import Page
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.store import tables
from tests.web.browsers import WIDTHS, browsing, window
from tests.web.conftest import Filer, People, Site
from tests.web.everywhere import become
from tests.web.screens import FOLDER
from tests.web.whistlers import GRID, POLICE, Whistlers

pytestmark = pytest.mark.usefixtures("city")

RING = [(116.401, 39.902), (116.409, 39.9015), (116.4102, 39.9071), (116.4055, 39.9088), (116.4008, 39.9069)]
WHY = (
    "地下一层北侧消防通道被底商长期占作仓库,堆放油桶和纸箱约二十立方米。物业下过三次整改通知,社区上门劝过四次,"
    "商户当面答应、转身又堆。街道没有处罚权,也没有能力清运和存放这些货物。"
)
TASK = "请到哨单所示地点的地下通道,依法处理占用消防通道的堆物,限期清空;到了请联系社区值班室带路。"


async def outlined(site: Site) -> None:
    """The grid has an outline."""
    grids = tables.metadata.tables["grids"]

    async def write(connection: AsyncConnection) -> None:
        ring = [list(point) for point in RING]
        await connection.execute(update(grids).where(grids.c.code == GRID).values(polygon=ring))

    await site.room.write(write)


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Whistlers:
    await outlined(site)
    return await Whistlers(site, filer).sit(people)


@pytest.mark.parametrize("width", WIDTHS)
async def test_blow(site: Site, hands: Whistlers, width: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    bare, ticket = await hands.file("C01"), await hands.file("B04")
    for text in ("到现场劝阻一次,商户答应当天清走", "复查没有清走,再次劝阻并张贴通知", "第三次劝阻,仍未清走"):
        await hands.do("street", ticket, "note", {"text": text})
    first = await hands.blow(text=WHY)
    async with browsing() as browser, window(browser, site.url, width) as seen:
        page = seen.page

        async def take(name: str, path: str = "") -> None:
            if path:
                await page.goto(path)
            await page.screenshot(path=FOLDER / f"{name}-{width}.png", full_page=True)

        await become(page, site, "community")
        await take("w2-01-ticket", f"/tickets/{ticket}")
        await take("w2-02-nothing-tried", f"/tickets/{bare}/whistle")
        await take("w2-03-form", f"/tickets/{ticket}/whistle")
        await _fill(page)
        await take("w2-04-filled")
        await page.get_by_role("button", name="吹哨", exact=True).click()
        await take("w2-05-already-blown")
        await page.get_by_label("确属另一件事").fill("这是二层的另一家商户,和那张哨单的不是同一户")
        await page.get_by_role("button", name="吹哨", exact=True).click()
        await page.wait_for_url("**/whistles/SH*")
        number = page.url.rpartition("/")[2].partition("?")[0]
        await take("w2-06-mine", "/desk?tab=whistles")
        await take("w2-07-new", "/whistles/new?kind=emergency&source=patrol&category=J01&where=E1-B01")
        await become(page, site, "second")
        await take("w2-08-street-desk", "/desk?tab=whistles")
        await take("w2-09-pass-on", f"/whistles/{number}/do/pass-on")
        await hands.does("second", number, "pass-on")
        await become(page, site, "boss")
        await take("w2-10-leader-desk", "/desk")
        await take("w2-11-approve", f"/whistles/{number}/do/approve")
        await take("w2-12-refused", f"/whistles/{number}/do/pass-on")
        assert first


async def _fill(page: Page) -> None:
    await page.get_by_label("综合执法哨").check()
    await page.get_by_label("没有执法权").check()
    await page.get_by_label("写明白").fill(WHY)
    await page.get_by_label("交办内容").first.fill(TASK)
    await page.locator("[data-site]").click(position={"x": 150, "y": 120})
    await page.locator(f"[data-ask='{POLICE}']").click()
    await page.locator("#task1").fill("请维持清运现场秩序。")
    await (
        page.locator("#check")
        .get_by_text("须在")
        .or_(page.locator("#check").get_by_text("从派哨起算"))
        .first.wait_for()
    )
