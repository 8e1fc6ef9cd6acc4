"""Pictures of a whistle's page, its forms and a department's inbox at both widths, with words of a real length."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from tests.web.browsers import WIDTHS, browsing, window
from tests.web.conftest import Filer, People, Site
from tests.web.everywhere import become
from tests.web.screens import FOLDER
from tests.web.whistlers import BLOW, CITY, FIRE, POLICE, Whistlers

pytestmark = pytest.mark.usefixtures("city")

Take = Callable[..., Awaitable[None]]

WHY = (
    "地下一层北侧消防通道被底商长期占作仓库,堆放油桶和纸箱约二十立方米。物业下过三次整改通知,社区上门劝过四次,"
    "商户当面答应、转身又堆。街道没有处罚权,也没有能力清运和存放这些货物,拖下去一旦起火,两个单元的人出不来。"
)
TASK = "请到哨单所示地点的地下通道,依法处理占用消防通道的堆物,限期清空;现场由社区网格员带路,到了请联系社区值班室。"
DONE = (
    "11月23日上午与公安、消防一同到场,当场清走油桶十二只,开具责令改正通知书,"
    "限三日内清空其余纸箱;已告知商户逾期代为清运。"
)
MISSING = "北侧通道口仍有两摞纸箱没有清走,消防栓前面还停着一辆三轮车,请清完再答复,并附清空以后的照片。"


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Whistlers:
    return await Whistlers(site, filer).sit(people)


async def story(hands: Whistlers) -> dict[str, str]:
    """Whistles at every point of their way; the house's clock moves meanwhile."""
    ticket = await hands.file("B04")
    for text in ("到现场劝阻一次,商户答应当天清走", "复查没有清走,再次劝阻并张贴通知"):
        await hands.do("street", ticket, "note", {"text": text})
    asks = [
        {"department": CITY, "text": TASK, "lead": True},
        {"department": POLICE, "text": "请维持清运现场秩序,核查商户负责人身份。"},
        {"department": FIRE, "text": "请对消防通道和消防栓是否完好作检查,给出书面意见。"},
    ]
    more = {"kind": "enforcement", "beyond": "no-power", "text": WHY, "asks": asks, "lat": 31.2305, "lon": 121.4705}
    found = {"passing": (await hands.order("community", ticket, "whistle", BLOW | more)).json()["number"]}
    apart = {"category": "B04", "apart": "另一件事"}
    found["approving"] = await hands.blow(**more, **apart)
    busy = found["busy"] = await hands.called(**more, **apart)
    for who in ("city", "police"):
        await hands.does(who, busy, "acknowledge")
    hands.site.clock.now += timedelta(days=1, hours=2)
    await hands.does("city", busy, "arrive", {})
    await hands.does("police", busy, "arrive", {"on_site": False})
    await hands.does(
        "fire", busy, "object", {"reason": "other-department", "text": "通道占用由城管查处,消防只作技术检查"}
    )
    back = found["back"] = await hands.called(**{**more, "kind": "daily"}, **apart)
    await hands.does("city", back, "acknowledge")
    reply = {"accepted_at": hands.site.clock.now.isoformat(), "contacted": ["on_site"], "text": DONE, "finished": True}
    await hands.does("city", back, "reply", reply)
    await hands.does("street", back, "return", {"text": MISSING})
    await hands.does("city", back, "reply", reply)
    await hands.does("street", back, "return", {"text": MISSING})
    done = found["done"] = await hands.called(**{**more, "kind": "daily"}, **apart)
    for who in ("city", "police"):
        await hands.does(who, done, "acknowledge")
    await hands.does("police", done, "answer", {"text": "已到场维持秩序,商户负责人身份已核实。"})
    await hands.does("city", done, "reply", reply)
    found["replied"] = await hands.called(**{**more, "kind": "emergency"}, **apart)
    await hands.does("street", done, "confirm")
    return found


@pytest.mark.parametrize("width", WIDTHS)
async def test_whistles(site: Site, hands: Whistlers, width: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    known = await story(hands)
    async with browsing() as browser, window(browser, site.url, width) as seen:
        page = seen.page

        async def take(name: str, path: str) -> None:
            await page.goto(path)
            await page.screenshot(path=FOLDER / f"{name}-{width}.png", full_page=True)

        await become(page, site, "street")
        for n, name in enumerate(known):
            await take(f"70-whistle-{n}-{name}", f"/whistles/{known[name]}")
        await take("71-whistle-return", f"/whistles/{known['back']}/do/return")
        await take("71-whistle-rate", f"/whistles/{known['done']}/do/rate")
        await become(page, site, "second")
        await take("71-whistle-rule", f"/whistles/{known['busy']}/do/rule")
        await become(page, site, "city")
        await take("72-calls", "/calls")
        await take("72-calls-closed", "/calls?tab=closed")
        await take("73-call", f"/whistles/{known['busy']}")
        await take("73-call-back", f"/whistles/{known['back']}")
        await take("74-arrive", f"/whistles/{known['replied']}/do/arrive")
        await take("74-reply", f"/whistles/{known['busy']}/do/reply")
        await page.get_by_role("button", name="发出答复").click()
        await page.screenshot(path=FOLDER / f"75-reply-missing-{width}.png", full_page=True)
        await take("76-rate-back", f"/whistles/{known['done']}/do/rate-back")
        await take("77-ask-co", f"/whistles/{known['busy']}/do/ask-co")
