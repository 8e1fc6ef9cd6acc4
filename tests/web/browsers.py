"""Real Chromium for tests and screenshots: the system's own, its pages watched for what must never happen."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

WIDTHS = {"phone": (390, 844), "desk": (1440, 900)}
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "chrome")
# Root has no sandbox; small machines have little shared memory.
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--force-color-profile=srgb"]


def chromium() -> str:
    """Where Chromium is; without one the test is skipped, in CI it fails."""
    named = os.environ.get("HUIYIN_CHROMIUM")
    found = named or next((path for name in PROGRAMS if (path := shutil.which(name))), None)
    if found is None:
        missing = "no Chromium here: apt-get install chromium fonts-wqy-microhei, or set HUIYIN_CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return found


@asynccontextmanager
async def browsing() -> AsyncIterator[Browser]:
    """A browser for as long as it is needed; one that does not come within a minute is a failure, not a wait."""
    program = chromium()
    async with AsyncExitStack() as stack:
        async with asyncio.timeout(60):
            play = await stack.enter_async_context(async_playwright())
            browser = await play.chromium.launch(executable_path=program, args=_ARGUMENTS)
        stack.push_async_callback(browser.close)
        yield browser


class Watched:
    """A page, and what it did that a page of ours never does: dialogs, refusals by the policy, errors, strangers."""

    def __init__(self, page: Page, base: str) -> None:
        self.page, self.faults = page, []  # type: ignore[var-annotated]
        page.on("dialog", self._dialog)
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("console", lambda said: said.type == "error" and self._said(said.text))
        page.on("request", lambda asked: asked.url.startswith((base, "data:")) or self.faults.append(asked.url))
        self.referers: list[str] = []
        page.on("request", self._referer)

    async def _dialog(self, dialog: Any) -> None:
        self.faults.append(f"dialog: {dialog.message}")
        await dialog.dismiss()

    def _said(self, words: str) -> None:
        if "the server responded with a status of" not in words:  # a page that says 4xx is a page
            self.faults.append(f"console: {words}")

    def _referer(self, asked: Any) -> None:
        if asked.headers.get("referer"):
            self.referers.append(asked.headers["referer"])


@asynccontextmanager
async def window(browser: Browser, base: str, width: str = "phone", script: bool = True) -> AsyncIterator[Watched]:
    """A fresh window; whatever went wrong in it is a failure."""
    across, down = WIDTHS[width]
    context: BrowserContext = await browser.new_context(
        base_url=base,
        viewport={"width": across, "height": down},
        java_script_enabled=script,
        locale="zh-CN",
        has_touch=width == "phone",
    )
    context.set_default_timeout(10_000)
    watched = Watched(await context.new_page(), base)
    yield watched
    await context.close()
    assert not watched.faults


async def accessible(page: Page) -> None:
    """axe-core finds nothing serious; our own policy would refuse the script's tag, so it goes past it."""
    await page.evaluate(AXE.read_text())
    found = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    serious = [one for one in found["violations"] if one["impact"] in ("serious", "critical")]
    told = [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in serious]
    assert not told, (page.url, told)
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} is {wide} px too wide"
