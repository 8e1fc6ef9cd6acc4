"""Pictures in a real browser: taken on a phone, made small there, looked at; with and without JavaScript."""

from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import asyncpg
import pytest
from PIL import Image
from playwright.async_api import Browser, FilePayload, Page, expect

from tests.web import shots
from tests.web.browsers import WIDTHS, accessible, browsing, window
from tests.web.conftest import Filer, People, Site
from tests.web.hands import Hands
from tests.web.residents import fill, send, sort
from tests.web.workers import give_password, log_in

pytestmark = pytest.mark.usefixtures("city")

CHOSEN = """async () => {
  const files = [...document.querySelector('#picture').files];
  return Promise.all(files.map(async (one) => [...new Uint8Array(await one.arrayBuffer())]));
}"""


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Hands:
    return await Hands(site, filer).sit(people)


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with browsing() as made:
        yield made


def photo(raw: bytes, name: str = "IMG_0001.jpg", kind: str = "image/jpeg") -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": raw}


async def narrow(page: Page) -> None:
    """Nothing stands out to the right."""
    assert await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("width", WIDTHS)
async def test_a_resident_s_pictures(
    site: Site, admin: asyncpg.Connection, filer: Filer, browser: Browser, width: str
) -> None:
    """Chosen one after the other, made small and clean on the phone, one taken out again; sent, and looked at."""
    async with window(browser, site.url, width) as seen:
        page = seen.page
        await page.goto("/file")
        await fill(page)
        field, said = page.locator("#picture"), page.locator("[data-said]")
        await field.set_input_files([photo(shots.located(6, (4_000, 3_000)))])
        await expect(said).to_have_text("已选 1 张,已在本机缩小。")
        (small,) = [bytes(one) for one in await page.evaluate(CHOSEN)]
        assert Image.open(BytesIO(small)).size == (1_200, 1_600)
        assert not any(word in small for word in (b"Exif", b"Wang", shots.WHERE, b"GPSLatitude"))
        await field.set_input_files([photo(shots.jpeg()), photo(shots.told(), "a.png", "image/png")])
        await expect(page.locator("[data-shots] li")).to_have_count(3)
        await field.set_input_files([photo(b"<html>", "b.jpg")])
        await expect(said).to_contain_text("有一张打不开")
        await field.set_input_files([photo(shots.jpeg()), photo(shots.jpeg())])
        await expect(said).to_contain_text("最多 4 张")
        await page.get_by_role("button", name="去掉第 2 张照片").click()
        await expect(page.locator("[data-shots] li")).to_have_count(3)
        await accessible(page)
        await narrow(page)
        shown = await send(page)
        await sort(admin, filer, shown)
        await page.goto(f"/r/{shown}")
        pictures = page.locator(".pictures img")
        await expect(pictures).to_have_count(3)
        await expect(pictures.last).to_have_js_property("naturalWidth", 320)
        await pictures.first.click()
        await expect(page.get_by_role("dialog")).to_be_visible()
        await expect(page.locator("dialog img")).to_have_js_property("naturalHeight", 1_600)
        await accessible(page)
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await accessible(page)
        await narrow(page)
        assert await admin.fetchval("SELECT count(*) FROM vault.pictures") == 3


async def test_what_is_still_made_small_is_waited_for(site: Site, admin: asyncpg.Connection, browser: Browser) -> None:
    """Sent at once after choosing: the picture goes along, once."""
    async with window(browser, site.url) as seen:
        page = seen.page
        await page.goto("/file")
        await fill(page)
        await page.locator("#picture").set_input_files([photo(shots.located(1, (4_000, 3_000)))])
        await send(page)
        assert await admin.fetchval("SELECT count(*) FROM vault.pictures") == 1
        assert await admin.fetchval("SELECT count(*) FROM doorstep") == 1


async def test_the_same_without_javascript(
    site: Site, admin: asyncpg.Connection, filer: Filer, browser: Browser, tmp_path: Path
) -> None:
    """As the phone made it: made small here; a link opens it; with a bad one the words stay."""
    async with window(browser, site.url, script=False) as seen:
        page = seen.page
        await page.goto("/file")
        await fill(page, "楼道灯坏了")
        await page.locator("#picture").set_input_files([photo(b"GIF89a", "a.gif", "image/gif")])
        await page.get_by_role("button", name="提交").click()
        await expect(page.locator("#picture-wrong")).to_contain_text("请选 JPEG、PNG 或 WebP")
        await expect(page.get_by_label("是什么事")).to_have_value("楼道灯坏了")
        await page.locator("#picture").set_input_files([photo(shots.located(6, (4_000, 3_000)))])
        shown = await send(page)
        await sort(admin, filer, shown)
        await page.goto(f"/r/{shown}")
        await page.locator(".pictures a").click()
        await expect(page.locator("img")).to_be_visible()
        assert "/pictures/" in page.url
        # Chromium would centre it with a style of its own; a picture is allowed nothing at all.
        seen.faults = [
            one for one in seen.faults if "Applying inline style" not in one and "apply inline style" not in one
        ]


@pytest.mark.parametrize("width", WIDTHS)
async def test_a_worker_s_pictures(
    site: Site, admin: asyncpg.Connection, hands: Hands, browser: Browser, width: str
) -> None:
    """From the ticket's page to the camera and back; done with a picture as evidence, in one form."""
    await give_password(site, "property")
    number = await hands.file("C01")
    await hands.do("property", number, "sign")
    async with window(browser, site.url, width) as seen:
        page = seen.page
        await log_in(page, "property", f"/tickets/{number}")
        await page.get_by_role("link", name="加照片").click()
        await page.get_by_role("button", name="加上").click()
        await expect(page.get_by_role("alert")).to_contain_text("请先选照片")
        await page.get_by_label("拍照").set_input_files([photo(shots.jpeg((900, 700)))])
        await expect(page.locator("[data-said]")).to_contain_text("已选 1 张")
        await accessible(page)
        await narrow(page)
        await page.get_by_role("button", name="加上").click()
        await expect(page.locator(".pictures img")).to_have_count(1)
        await accessible(page)
        await page.goto(f"/tickets/{number}/do/resolve")
        await page.get_by_label("做了什么").fill("已更换阀门,现场复验不再渗漏。")
        await page.get_by_label("从相册选照片").set_input_files([photo(shots.jpeg((700, 900)))])
        await expect(page.locator("[data-said]")).to_contain_text("已选 1 张")
        await accessible(page)
        await narrow(page)
        await page.get_by_role("button", name="办结").click()
        await expect(page.locator(".pictures img")).to_have_count(2)
        rows = await admin.fetch("SELECT step FROM log WHERE id = $1 ORDER BY version", number)
        assert [row["step"] for row in rows][-2:] == ["ticket.pictured.v1", "ticket.resolved.v1"]
        await narrow(page)
