"""How soon a page is there on a slow line: the largest contentful paint in Chromium, nothing kept from before.

`python -m tests.bench.paint URL [--accounts FILE] [--times 5]` against a running `huiyin up --demo` prints JSON lines:
milliseconds from the click to the largest paint (median, slowest) and bytes over the wire, at 1.6 Mbit/s down,
0.75 Mbit/s up and 150 ms there and back. Goal: at most 1,500 ms. The file names the accounts of the demonstration; a
community's looks at its desk, the list, and the first ticket of it.
"""

import argparse
import asyncio
import json
from pathlib import Path
from statistics import median
from typing import Any

from playwright.async_api import Browser, Page

from tests.web.browsers import WIDTHS, browsing

LINE = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8}
_WATCH = """new PerformanceObserver((list) => {
  for (const one of list.getEntries()) window.painted = Math.max(window.painted || 0, one.startTime)
}).observe({type: 'largest-contentful-paint', buffered: true})"""
# Some frames after all is there; our own policy would refuse a question that is asked as a string again and again.
_LAST = """() => new Promise((done) => {
  let frames = 0
  const look = () => { window.painted && ++frames > 20 ? done(window.painted) : requestAnimationFrame(look) }
  look()
})"""
RESIDENTS = ("/", "/file", "/r", "/login", "/board")
STAFF = ("/desk", "/tickets?all=1", "/tickets/{number}", "/sorting", "/screen")


async def painted(browser: Browser, url: str, path: str, cookies: Any, width: str) -> tuple[float, int]:
    """Milliseconds to the largest paint in a fresh window, and bytes that came."""
    across, down = WIDTHS[width]
    context = await browser.new_context(base_url=url, viewport={"width": across, "height": down})
    await context.add_cookies(cookies)
    page = await context.new_page()
    await page.add_init_script(_WATCH)
    wire = await context.new_cdp_session(page)
    bytes_ = 0

    def came(said: dict[str, Any]) -> None:
        nonlocal bytes_
        bytes_ += int(said["encodedDataLength"])

    wire.on("Network.loadingFinished", came)
    await wire.send("Network.enable")
    await wire.send("Network.emulateNetworkConditions", LINE)
    await page.goto(path, wait_until="load")
    at = float(await page.evaluate(_LAST))
    await context.close()
    return at, bytes_


async def enter(page: Page, account: dict[str, str]) -> str:
    """Logged in; the number of a ticket in the list."""
    await page.goto("/login?next=/tickets?all=1")
    await page.fill("#username", account["username"])
    await page.fill("#password", account["password"])
    await page.click("main button[type=submit]")
    return str(await page.locator("[data-number]").first.get_attribute("data-number"))


async def run(url: str, account: dict[str, str] | None, times: int) -> None:
    async with browsing() as browser:
        looks: list[tuple[str, Any]] = [(path, []) for path in RESIDENTS]
        if account:
            context = await browser.new_context(base_url=url)
            number = await enter(await context.new_page(), account)
            cookies = await context.cookies()
            looks += [(path.format(number=number), cookies) for path in STAFF]
        for path, cookies in looks:
            for width in WIDTHS:
                found = [await painted(browser, url, path, cookies, width) for _ in range(times)]
                at = [ms for ms, _ in found]
                said = {"page": path, "width": width, "median_ms": round(median(at)), "slowest_ms": round(max(at))}
                print(json.dumps(said | {"bytes": found[-1][1], "times": times}), flush=True)


def _account(file: Path) -> dict[str, str]:
    """The community's, from what `up --demo` wrote."""
    kept = json.loads(file.read_text())
    every = kept if isinstance(kept, list) else kept.get("accounts", list(kept.values()))
    return next(dict(one) for one in every if one.get("role") == "community")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--accounts", type=Path)
    parser.add_argument("--times", type=int, default=5)
    given = parser.parse_args()
    asyncio.run(run(given.url, _account(given.accounts) if given.accounts else None, given.times))
