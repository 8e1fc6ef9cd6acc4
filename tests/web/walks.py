"""A grid worker on patrol at a phone's browser: logs in, loses the network, writes down, gets it back."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from PIL import Image
from playwright.async_api import Browser, Page, expect

from huiyin.bus.envelope import ComplaintData, read_filed
from huiyin.store.vault import Seal, Sealed
from tests.web.browsers import Watched, window
from tests.web.conftest import VAULT_KEY, People, Site
from tests.web.hands import GRID

PASSWORD = "abcd-efgh-jkmn-pqrs"
PLACE = "柳岸花园 1栋"
FIRST = (
    "地下车库B2层2单元电梯口堆着三辆旧电动车和十几个纸箱,消防栓门被挡住打不开,应急灯也不亮。"
    "旁边的配电间门没有锁,里面有人拉了插线板充电。"
)
SECOND = "负一层集水井盖板裂开,踩上去会晃。"
_GPS, _DESCRIPTION = 0x8825, 0x010E
WHO = f"grid_worker-grid:{GRID}"


def photo(across: int = 2400, down: int = 1800) -> bytes:
    """A picture as a phone takes it: large, and saying where and by whom."""
    made = Image.linear_gradient("L").resize((across, down)).convert("RGB")
    exif = Image.Exif()
    exif[_DESCRIPTION] = "GEHEIM"
    exif.get_ifd(_GPS).update({1: "N", 2: (31.0, 13.0, 48.0), 3: "E", 4: (121.0, 28.0, 12.0)})
    written = io.BytesIO()
    made.save(written, "JPEG", quality=90, exif=exif)
    return written.getvalue()


async def filed(admin: asyncpg.Connection) -> list[ComplaintData]:
    """What lies on the doorstep, opened, in its order."""
    rows = await admin.fetch(
        "SELECT w.key, w.body FROM vault.waiting w JOIN doorstep d USING (event_id) ORDER BY w.seq"
    )
    return [read_filed(Seal(VAULT_KEY).open(Sealed(row["key"], row["body"])), None).data for row in rows]


async def kept_pictures(admin: asyncpg.Connection) -> list[bytes]:
    """The pictures in the vault, opened."""
    rows = await admin.fetch("SELECT key, body FROM vault.pictures ORDER BY ref")
    return [Seal(VAULT_KEY).open(Sealed(row["key"], row["body"])) for row in rows]


async def log_in(page: Page, who: str = WHO) -> None:
    """To the page, through the login, until it would open without a network."""
    await page.goto("/patrol")
    await enter(page, who)
    await expect(page.locator("#ready")).to_be_visible()


async def enter(page: Page, who: str = WHO) -> None:
    """The login's form."""
    await page.get_by_label("用户名").fill(who)
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_role("button", name="登录").click()


async def write(page: Page, text: str, *kinds: str, pictures: int = 0, place: str = PLACE) -> None:
    """A finding, up to the button."""
    await expect(page.locator("#finding[data-kept]")).to_be_visible()
    for kind in kinds:
        await page.get_by_label(kind).check()
    await page.get_by_label("发现了什么").fill(text)
    await page.get_by_label("在哪里").fill(place)
    if pictures:
        files: Any = [{"name": "IMG.jpg", "mimeType": "image/jpeg", "buffer": photo()} for _ in range(pictures)]
        await page.locator("#album").set_input_files(files)
        await expect(page.locator("[data-shots] canvas")).to_have_count(pictures)


async def keep(page: Page) -> None:
    """Press the button."""
    await page.get_by_role("button", name="记下并发送").click()
    await expect(page.get_by_label("发现了什么")).to_have_value("")


async def entries(page: Page) -> list[dict[str, Any]]:
    """What lies on the phone, drafts aside; pictures as their first bytes."""
    found: list[dict[str, Any]] = await page.evaluate(
        "async () => (await patrol.all()).filter((one) => one.state !== 'draft').map((one) =>"
        " ({...one, pictures: one.pictures.map((bytes) => [...new Uint8Array(bytes).slice(0, 65536)])}))"
    )
    return sorted(found, key=lambda one: one["at"])


@asynccontextmanager
async def patrolling(browser: Browser, site: Site, people: People, width: str = "phone") -> AsyncIterator[Watched]:
    """A grid worker at the page, logged in; what it says while there is no network is no fault."""
    await people.make("grid_worker", f"grid:{GRID}", PASSWORD)
    async with window(browser, site.url, width) as seen:
        await log_in(seen.page)
        yield seen
        seen.faults[:] = [one for one in seen.faults if "net::ERR_" not in one]
