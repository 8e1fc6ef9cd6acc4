"""Pictures of the parties' own pages at both widths, with words of a real length: consent, session, paper, after."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.web.browsers import WIDTHS, accessible, browsing, window
from tests.web.conftest import Filer, People, Site
from tests.web.mediators import Mediators
from tests.web.screens import FOLDER

pytestmark = pytest.mark.usefixtures("city")

Take = Callable[[str], Awaitable[None]]

WATER = (
    "自去年十月起,6楼卫生间地面防水层老化,渗水到5楼卧室和卫生间的顶棚,墙皮起鼓脱落约四平方米,"
    "衣柜背板发霉变形。双方在物业主持下谈过两次,6楼认为是共用立管漏水,5楼认为是6楼装修时破坏了防水,没有谈成。"
)
ISSUES = "渗水的原因是6楼卫生间防水层失效,还是共用立管接口老化;5楼的损失由谁赔、赔多少;维修期间谁配合开门。"
RESPONSIBILITY = (
    "经双方一起做闭水试验,48小时后5楼顶棚出现新的水印,双方都认可渗水来自6楼卫生间地面,6楼愿意承担维修和赔偿。"
)
CONTENT = (
    "一、6楼业主负责重做卫生间地面防水层,做完以后双方一起做48小时闭水试验,不再渗水才算完成。\n"
    "二、6楼业主赔偿5楼业主顶棚修补、衣柜更换的费用共计人民币叁仟捌佰元整(3800元),分两次付清。\n"
    "三、5楼业主在维修期间配合开门查看,不再就此事要求其他赔偿。"
)
ITEMS: tuple[dict[str, Any], ...] = (
    {
        "item": "i1",
        "owes": "p2",
        "owed": "p1",
        "text": "重做6楼卫生间地面防水层,做完以后和5楼业主一起做48小时闭水试验,不再渗水",
        "manner": "work",
        "until": "2026-12-20",
        "place": "柳岸花园1栋2单元601室卫生间",
    },
    {
        "item": "i2",
        "owes": "p2",
        "owed": "p1",
        "text": "支付赔偿款人民币叁仟捌佰元整(3800元)",
        "manner": "money",
        "until": "2026-12-31",
        "place": "柳岸社区人民调解委员会调解室",
    },
    {
        "item": "i3",
        "owes": "p1",
        "owed": "p2",
        "text": "维修期间每天上午九点到下午五点配合开门查看",
        "manner": "conduct",
        "until": "2026-12-20",
        "place": "柳岸花园1栋2单元501室",
    },
)
TERMS = {
    "content": CONTENT,
    "facts": WATER,
    "issues": ISSUES,
    "responsibility": RESPONSIBILITY,
    "items": ITEMS,
}
VENUE = "柳岸社区党群服务中心二楼“老娘舅”调解室(柳岸路18号,从北门进,坐电梯到二楼右转)"
DISCLOSED = "我和双方都不是亲戚,也没有业务往来;三年前曾在5楼业主的女儿就读的学校做过志愿者,特此说明。"


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Mediators:
    return await Mediators(site, filer).sit(people)


async def seated(hands: Mediators) -> str:
    """Accepted, with a mediator who told something, and an invitation."""
    number = await hands.accepted()
    await hands.does("community", number, "assign", {"person": await hands.person("wang")})
    await hands.does("wang", number, "disclose", {"text": DISCLOSED})
    at = (hands.site.clock.now + timedelta(days=1, hours=3)).isoformat()
    await hands.does("wang", number, "plan", {"at": at, "venue": VENUE})
    await hands.does("p2", number, "answer", {"matter": "extension", "yes": True, "of": "15"})
    return number


async def drafted(hands: Mediators) -> str:
    number = await seated(hands)
    for party in ("p1", "p2"):
        await hands.does(party, number, "notify-rights", {"how": "screen"})
    hands.site.clock.now += timedelta(days=1, hours=4)
    said = [
        {"party": "p1", "text": "我家卧室顶上一直滴水,孩子睡觉都要盖塑料布,找了楼上三次,每次都说再看看。"},
        {"party": "p2", "text": "我家装修的时候防水是做了两遍的,有师傅的收据。"},
    ]
    held = {
        "session": 1,
        "began": hands.site.clock.now.isoformat(),
        "present": ["p1", "p2"],
        "minutes": "双方到场,同意一起做闭水试验。",
        "statements": said,
        "undisputed": ["双方都认可5楼卧室顶棚有水印,面积约四平方米", "双方都同意请物业工程师到场见证闭水试验"],
    }
    await hands.does("wang", number, "hold", held)
    await hands.does("wang", number, "draft", {"terms": TERMS})
    return number


async def effective(hands: Mediators) -> str:
    number = await drafted(hands)
    digest = (await hands.looks("wang", number)).json()["sight"]["agreement"]["digest"]
    mark = {"digest": digest, "at": hands.site.clock.now.isoformat()}
    for party in ("p1", "p2"):
        await hands.does(party, number, "mark", mark | {"form": "fingerprint"})
    await hands.does("wang", number, "mark", mark | {"hand": "mediator", "form": "signature"})
    await hands.does("community", number, "mark", mark | {"hand": "committee", "form": "seal"})
    hands.site.clock.now += timedelta(days=26)
    return number


@pytest.mark.parametrize("width", WIDTHS)
async def test_pictures(site: Site, hands: Mediators, width: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    some = {"new": await hands.opened(), "seated": await seated(hands)}
    async with browsing() as browser, window(browser, site.url, width) as seen:
        page = seen.page

        async def take(name: str) -> None:
            await accessible(page)
            await page.screenshot(path=FOLDER / f"own-{name}-{width}.png", full_page=True)

        async def enter(number: str, party: str = "p1") -> None:
            await page.goto("about:blank")
            await page.goto(f"/mediation#code={hands.codes[number][party]}")
            await page.get_by_role("button", name="进入").click()
            await page.wait_for_url("**/mediation/mine")

        await page.goto("/mediation")
        await take("01-ask")
        await page.get_by_label("调解查询码").fill("1234 5678 9012 3456")
        await page.get_by_role("button", name="进入").click()
        await take("02-mistyped")
        await enter(some["new"])
        await take("03-consent")
        await page.goto("/mediation/mine/code")
        await take("03-code")
        for name, command in (("04-agree", "consent"), ("05-refuse", "refuse"), ("06-stop", "stop")):
            await page.goto(f"/mediation/mine/do/{command}")
            await take(name)
        await page.goto("/mediation/mine/do/empower")
        await page.get_by_role("button", name="委托").click()
        await take("07-empower")
        await enter(some["seated"])
        await take("08-seated")
        await page.goto("/mediation/mine/do/notify-rights")
        await take("09-rights")
        await page.goto("/mediation/mine/do/answer?matter=extension")
        await take("10-extension")
        await page.goto(f"/mediation/mine/do/answer?matter=mediator&yes=no&of={await hands.person('wang')}")
        await take("11-challenge")
        number = await drafted(hands)
        await enter(number)
        await take("12-signing")
        await page.goto("/mediation/mine/do/mark")
        await take("13-sign")
        number = await effective(hands)
        await enter(number)
        await take("14-effective")
        await page.goto("/mediation/mine/do/perform?item=i1")
        await take("15-perform")
        await page.goto("/mediation/mine/do/sue")
        await take("16-sue")
        await hands.does("p2", some["seated"], "stop", {"how": "screen"})
        await enter(some["seated"])
        await take("17-ended")
