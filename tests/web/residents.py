"""What a resident does at a browser's window, and what the house does meanwhile, for stories and pictures."""

import asyncpg
from playwright.async_api import Page, expect

from huiyin.core import receipt as receipts
from tests.core.world import sorting
from tests.web.conftest import Filer
from tests.web.hands import Hands

WORDS = (
    "1栋2单元的电梯坏了快一个星期了,显示屏一直黑着,按了没有反应。楼里住着好几位八十多岁的老人,还有坐轮椅的,"
    "这几天都下不了楼;我家孩子才三个月,每天抱着婴儿车爬十一楼。跟物业前台说过两次,说配件在路上,到今天也没有人来修。"
)
URGENT = "楼下有一股很浓的煤气味,燃气泄漏了,现在还在漏!"


async def fill(page: Page, text: str = WORDS) -> None:
    """The form as somebody fills it in, without anything typed ahead."""
    await page.get_by_label("是什么事").fill(text)
    await page.get_by_label("小区").fill("柳岸花园")
    await page.get_by_label("楼栋", exact=True).fill("1栋")
    await page.get_by_label("单元").fill("2单元")
    await page.get_by_label("房号").fill("1102")
    await page.get_by_label("怎么称呼").fill("王女士")
    await page.get_by_label("电话").fill("13800000000")


async def send(page: Page) -> str:
    """The receipt that the page after the form shows."""
    await page.get_by_role("button", name="提交,拿回执号").click()
    await expect(page.get_by_role("heading", name="收到了")).to_be_visible()
    shown = "-".join(await page.locator(".digits span").all_inner_texts())
    assert receipts.read(shown) is not None
    return shown


async def sort(admin: asyncpg.Connection, filer: Filer, shown: str, category: str = "H02") -> str:
    """What the sorter makes of it: a ticket's number."""
    row = await admin.fetchrow("SELECT source, event_id FROM doorstep WHERE receipt = $1", receipts.read(shown))
    assert row is not None
    return await filer.file(sorting(category), "none", row["event_id"], row["source"])


REPLY = (
    "您好,2单元电梯的主板已于昨天下午更换,经检验合格,今天早上七点恢复运行。\n"
    "停运期间没有及时贴出通知,是我们做得不好,今后停梯超过四小时会在单元门口和业主群里写明原因和恢复时间。谢谢您的提醒。"
)


async def climb(hands: Hands, number: str) -> None:
    """Signed by the property company, handed up to the community, which has it in work."""
    await hands.do("property", number, "sign")
    await hands.do("property", number, "contact", {"text": "电话联系"})
    await hands.do("property", number, "hand-up", {"reason": "beyond-means"})
    await hands.do("community", number, "sign")


async def answer(hands: Hands, number: str, words: str = REPLY) -> None:
    """Done and answered by the community."""
    await hands.do("community", number, "resolve", {"evidence": "照片"})
    await hands.do("community", number, "reply", {"text": words})
