"""A case's papers in a browser, on a phone and at a desk: taken away, a sheet put in, with and without script."""

import asyncio
from concurrent.futures import Future
from pathlib import Path

import pytest

from huiyin.papers.fonts import NoFont
from huiyin.papers.press import Pressed
from huiyin.papers.printer import Printer
from tests.web.browsers import WIDTHS, accessible, browsing, window
from tests.web.conftest import Filer, People, Site
from tests.web.everywhere import become
from tests.web.mediators import Mediators
from tests.web.shots import jpeg
from tests.web.test_mediations import agreed

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Mediators:
    return await Mediators(site, filer).sit(people)


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
@pytest.mark.parametrize("width", WIDTHS)
async def test_papers_are_taken_and_a_sheet_comes_back(
    site: Site, hands: Mediators, width: str, script: bool, tmp_path: Path
) -> None:
    number = await agreed(hands)
    shot = tmp_path / "page.jpg"
    shot.write_bytes(jpeg((900, 1200)))
    async with browsing() as browser, window(browser, site.url, width, script) as seen:
        page = seen.page
        await become(page, site, "wang")
        await page.goto(f"/mediations/{number}/papers")
        async with page.expect_download(timeout=30_000) as waiting:
            await page.get_by_role("link", name="人民调解协议书 PDF", exact=True).click()
        taken = await waiting.value
        assert taken.suggested_filename == f"{number}-agreement.pdf"
        file = await taken.path()
        assert (await asyncio.to_thread(file.read_bytes)).startswith(b"%PDF")
        if script:
            await page.get_by_role("status").filter(has_text="已生成:人民调解协议书 PDF").wait_for()
            await accessible(page)
        await page.get_by_role("link", name="存入原件:身份证明").click()
        assert await page.get_by_label("哪一份文书").input_value() == "identity/p1"
        await page.locator("#picture").set_input_files(shot)
        await page.get_by_role("button", name="存入卷内").click()
        await page.get_by_role("link", name="第 1 页,身份证明原件娄秀兰").wait_for()


async def test_what_cannot_be_printed_is_said_on_the_page(
    site: Site, hands: Mediators, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the machine has no font: what to install, and that DOCX goes."""
    number = await agreed(hands)

    class Bare(Printer):
        def pdf(self, papers: object) -> Future[Pressed]:
            answer: Future[Pressed] = Future()
            answer.set_exception(NoFont("没有"))
            return answer

    async with browsing() as browser, window(browser, site.url, "phone") as seen:
        seen.page.on("console", lambda _: None)
        monkeypatch.setattr(site.room, "_printer", Bare())
        await become(seen.page, site, "wang")
        await seen.page.goto(f"/mediations/{number}/papers")
        await seen.page.get_by_role("link", name="下载整卷 PDF").click()
        await seen.page.get_by_role("status").filter(has_text="安装中文字体").wait_for()
        seen.faults.clear()
