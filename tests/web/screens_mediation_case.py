"""Pictures of a mediation's page and its forms at both widths, for its mediator and for the desk, with long words."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.web.browsers import WIDTHS, accessible, browsing, window
from tests.web.conftest import Filer, People, Site
from tests.web.everywhere import become
from tests.web.mediators import Mediators
from tests.web.screens import FOLDER
from tests.web.screens_mediation_own import CONTENT, ISSUES, ITEMS, RESPONSIBILITY, WATER
from tests.web.shots import jpeg
from tests.web.test_mediation_pictures import sends

pytestmark = pytest.mark.usefixtures("city")

PARTIES = [
    {"name": "欧阳·阿依古丽·买买提", "phone": "13800000001", "applicant": True},
    {"name": "许立本", "phone": "13800000002", "building_code": "E1-B01", "room": "601"},
]
SAID = (
    "去年十月就开始漏,我上楼说了三次,他都说是立管的问题。衣柜、床垫全发霉,孩子咳嗽了一个冬天。我不要多的,把防水做好、"
    "把衣柜钱赔了就行。"
)
ANSWER = "我家卫生间是前年才装修的,当时做过闭水。漏水不一定是我家,物业也没查立管。真查出来是我家,我认。"
SECRET = "申请人说衣柜其实是旧的,赔两千也能接受;但是不想让对方知道。"


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Mediators:
    return await Mediators(site, filer).sit(people)


async def _seated(hands: Mediators) -> str:
    number = await hands.opened(text=WATER, parties=PARTIES)
    await hands.does("community", number, "check")
    await hands.does("p1", number, "consent", {"how": "screen"})
    await hands.does("community", number, "consent", {"party": "p2", "how": "oral"})
    await hands.does("community", number, "accept")
    for party in ("p1", "p2"):
        await hands.does("community", number, "notify-rights", {"party": party, "how": "paper"})
    await hands.does("community", number, "assign", {"person": await hands.person("wang")})
    await hands.does("wang", number, "disclose", {"text": "与双方没有亲属、同住、经济往来。"})
    agent = {"party": "p2", "text": "代为参加调解", "special": True, "who": {"name": "周律师", "relation": "律师"}}
    await hands.does("wang", number, "empower", agent)
    await hands.does("wang", number, "invite", {"helper": "expert", "who": {"name": "防水工程师老秦"}})
    for party, yes in (("p1", True), ("p2", False)):
        await hands.does(party, number, "answer", {"matter": "open", "yes": yes})
    return number


async def _sat(hands: Mediators) -> str:
    number, clock = await _seated(hands), hands.site.clock
    at = (clock.now + timedelta(days=1)).isoformat()
    await hands.does("wang", number, "plan", {"at": at, "venue": "柳岸社区老娘舅调解室(三楼)"})
    await hands.does("p1", number, "reply", {"session": 1, "coming": "yes"})
    clock.now += timedelta(days=1, hours=1)
    said = [{"party": "p1", "text": SAID}, {"party": "p2", "text": ANSWER}]
    held: dict[str, Any] = {"session": 1, "began": clock.now.isoformat(), "present": ["p1", "p2"]}
    held |= {"statements": said, "offers": [{"party": "p2", "text": "先做闭水试验,是我家的我修。"}]}
    held |= {"undisputed": ["5楼顶棚去年十月起渗水", "6楼前年装修过卫生间"], "minutes": "商定周末双方一起做闭水试验。"}
    await hands.does("wang", number, "hold", held)
    await hands.does("wang", number, "confide", {"party": "p1", "text": SECRET})
    later = (clock.now + timedelta(days=2)).isoformat()
    await hands.does("wang", number, "plan", {"at": later, "online": True, "venue": "腾讯会议,开会前发给各方"})
    return number


async def _agreed(hands: Mediators) -> str:
    number, clock = await _sat(hands), hands.site.clock
    terms = {"facts": WATER, "issues": ISSUES, "responsibility": RESPONSIBILITY, "content": CONTENT, "items": ITEMS}
    digest = (await hands.does("wang", number, "draft", {"terms": terms}))["sight"]["agreement"]["digest"]
    mark = {"digest": digest, "at": clock.now.isoformat()}
    await hands.does("p1", number, "mark", mark | {"form": "signature"})
    await sends(hands, "wang", number, "mark", mark | {"form": "fingerprint", "hand": "party", "party": "p2"}, jpeg())
    return number


async def _performing(hands: Mediators) -> str:
    number, clock = await _agreed(hands), hands.site.clock
    digest = (await hands.looks("wang", number)).json()["sight"]["agreement"]["digest"]
    mark = {"digest": digest, "at": clock.now.isoformat()}
    await hands.does("wang", number, "mark", mark | {"hand": "mediator", "form": "signature"})
    await hands.does("community", number, "mark", mark | {"hand": "committee", "form": "seal"})
    done = {"item": "i2", "done": "part", "at": clock.now.isoformat()}
    await sends(hands, "wang", number, "perform", done, jpeg(), jpeg())
    for party in ("p1", "p2"):
        await hands.does(party, number, "answer", {"matter": "confirmation", "yes": True})
    return number


Take = Callable[[str, str], Awaitable[None]]


@pytest.mark.parametrize("width", WIDTHS)
async def test_cases(site: Site, hands: Mediators, width: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    fresh = await hands.opened(text=WATER, parties=PARTIES)
    numbers = {"sat": await _sat(hands), "signing": await _agreed(hands), "performing": await _performing(hands)}
    danger = numbers["danger"] = await _sat(hands)
    await hands.does("wang", danger, "flag-risk", {"risk": "domestic", "text": "被申请人当场摔东西,扬言“等着瞧”。"})
    stopped = numbers["stopped"] = await _sat(hands)
    await hands.does("p2", stopped, "stop", {"how": "screen"})
    async with browsing() as browser, window(browser, site.url, width) as seen:
        page = seen.page

        async def take(name: str, path: str) -> None:
            await page.goto(path)
            await page.screenshot(path=FOLDER / f"{name}-{width}.png", full_page=True)
            await accessible(page)

        await become(page, site, "community")
        await take("84-case-desk-fresh", f"/mediations/{fresh}")
        await take("84-case-desk-restricted", f"/mediations/{danger}")
        await take("84-case-desk-performing", f"/mediations/{numbers['performing']}")
        await take("85-case-assign", f"/mediations/{numbers['sat']}/do/assign")
        await become(page, site, "wang")
        for name, number in numbers.items():
            await take(f"84-case-{name}", f"/mediations/{number}")
        for command in ("answer", "hold", "draft", "empower", "end"):
            await take(f"85-case-{command}", f"/mediations/{numbers['sat']}/do/{command}")
        await take("85-case-mark", f"/mediations/{numbers['signing']}/do/mark")
        await take("85-case-refused", f"/mediations/{danger}/do/plan")
        await take("85-case-party", f"/mediations/{numbers['sat']}/parties/p2")
        await page.get_by_role("button", name="登记", exact=True).click()
        await page.screenshot(path=FOLDER / f"85-case-party-missing-{width}.png", full_page=True)
