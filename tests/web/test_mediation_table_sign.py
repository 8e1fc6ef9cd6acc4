"""Signing at the table: a name written on glass under the document that was shown, one after the other."""

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.web.browsers import accessible, browsing, window
from tests.web.conftest import Filer, People, Site
from tests.web.everywhere import become
from tests.web.mediators import Mediators
from tests.web.shots import jpeg
from tests.web.test_mediations import sat, terms

HTML = {"Accept": "text/html"}
pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Mediators:
    return await Mediators(site, filer).sit(people)


async def drafted(hands: Mediators, **more: Any) -> tuple[str, str]:
    """A case with an agreement on the table, and its digest."""
    number = await sat(hands)
    seen = await hands.does("wang", number, "draft", {"terms": terms(**more)})
    hands.site.clock.now += timedelta(minutes=1)
    return number, str(seen["sight"]["agreement"]["digest"])


async def see(hands: Mediators, who: str, path: str, status: int = 200) -> str:
    answer = await hands.site.http.get(path, headers=hands.heads[who] | HTML)
    assert answer.status_code == status, (answer.status_code, answer.text[:400])
    return answer.text


async def sends(hands: Mediators, number: str, said: dict[str, str], *some: bytes, who: str = "wang") -> httpx.Response:
    files = [("picture", ("p.png", one, "image/png")) for one in some]
    data = {"key": "k1", "read": "yes", "form": "signature", **said}
    return await hands.site.http.post(
        f"/mediations/{number}/sign", headers=hands.heads[who] | HTML, data=data, files=files
    )


async def marks(hands: Mediators, number: str) -> list[tuple[str, str]]:
    seen = (await hands.looks("wang", number)).json()
    return [(one["hand"], one["party"]) for one in seen["sight"]["agreement"]["marks"]]


async def write_name(page: Page) -> None:
    """A few strokes with the pen."""
    box = await page.locator("[data-sign] canvas").bounding_box()
    assert box is not None
    for n in range(3):
        left, top = box["x"] + box["width"] * (0.2 + 0.2 * n), box["y"] + box["height"] * 0.3
        await page.mouse.move(left, top)
        await page.mouse.down()
        await page.mouse.move(left + 30, top + box["height"] * 0.3, steps=6)
        await page.mouse.move(left - 20, top + box["height"] * 0.4, steps=6)
        await page.mouse.up()


async def sign(page: Page, name: str) -> None:
    """Somebody takes the pen, reads, ticks and writes."""
    await page.get_by_role("link", name=f"请{name}签名").click()
    await expect(page.get_by_role("heading", name=f"请{name}签名")).to_be_visible()
    await page.get_by_label("已阅读并同意").check()
    await page.locator("[data-sign] canvas").scroll_into_view_if_needed()
    await write_name(page)
    await page.get_by_role("button", name="确认签名").click()
    await expect(page.get_by_text("签名已记下")).to_be_visible()


# -- over plain HTTP --------------------------------------------------------------------------------------


async def test_the_document_and_its_code_are_shown_before_anybody_signs(hands: Mediators) -> None:
    number, digest = await drafted(hands)
    page = await see(hands, "wang", f"/mediations/{number}/sign")
    for said in ("人民调解协议书", "更换卫生间防水层", "6 楼卫生间", "娄秀兰", "许立本", "一式", "自愿、平等、免费"):
        assert said in page, said
    code = re.sub(r"<[^>]+>", "", page)
    assert " ".join(digest[n : n + 4] for n in range(0, 16, 4)) in code
    for who in ("community", "li", "far"):
        await see(hands, who, f"/mediations/{number}/sign", 403 if who == "community" else 404)


async def test_on_the_screen_that_both_read_stand_no_phone_and_no_home(hands: Mediators) -> None:
    """But one's own, while one signs: whoever the other must not find is not found here."""
    number, _ = await drafted(hands)
    private = {"p1": ("13800000001",), "p2": ("13800000002", "601")}
    for who in ("", "p1", "p2", "mediator"):
        page = await see(hands, "wang", f"/mediations/{number}/sign?who={who}")
        for of, some in private.items():
            assert [one for one in some if one in page] == ([*some] if of == who else []), (who, of)
        assert "见原件" in page


async def test_a_mark_needs_a_picture_and_the_tick(hands: Mediators) -> None:
    number, digest = await drafted(hands)
    said = {"who": "p1", "digest": digest}
    bare = await sends(hands, number, said)
    assert (bare.status_code, "请在框里签名" in bare.text) == (422, True)
    unread = await sends(hands, number, said | {"read": ""}, jpeg())
    assert (unread.status_code, "请先阅读全文" in unread.text) == (422, True)
    broken = await sends(hands, number, said, b"no picture")
    assert (broken.status_code, "不是能用的照片" in broken.text) == (422, True)
    assert await marks(hands, number) == []
    done = await sends(hands, number, said, jpeg())
    assert done.status_code == 303, done.text[:400]
    assert await marks(hands, number) == [("party", "p1")]
    again = await sends(hands, number, said | {"key": "k2"}, jpeg())
    assert (again.status_code, "已经签过" in again.text) == (409, True)


async def test_another_document_since_is_refused_in_words(hands: Mediators) -> None:
    number, digest = await drafted(hands)
    await hands.does("wang", number, "draft", {"terms": terms(facts="楼上漏水三天")})
    old = await sends(hands, number, {"who": "p1", "digest": digest}, jpeg())
    assert old.status_code == 409
    assert "改过了" in old.text
    assert "楼上漏水三天" in old.text, "the document that lies there now is shown"
    assert digest not in old.text
    assert await marks(hands, number) == []


async def test_a_group_signs_by_whom_it_chose(hands: Mediators) -> None:
    some = [{"name": "五楼三户居民", "kind": "group", "applicant": True}, {"name": "许立本", "phone": "13800000002"}]
    number = await hands.opened(parties=some)
    chosen = {"party": "p1", "who": [{"name": "买买提·艾力"}, {"name": "娄秀兰"}]}
    await hands.does("community", number, "check")
    await hands.does("community", number, "represent", chosen)
    by = (await hands.looks("p1", number)).json()["sight"]["mine"]["representatives"]
    await hands.does("community", number, "consent", {"party": "p1", "how": "paper", "by": by[0]})
    await hands.does("p2", number, "consent", {"how": "screen"})
    await hands.does("community", number, "accept")
    for party in ("p1", "p2"):
        await hands.does("community", number, "notify-rights", {"party": party, "how": "paper"})
    await hands.does("community", number, "assign", {"person": await hands.person("wang")})
    hands.site.clock.now += timedelta(hours=1)
    held = {"began": hands.site.clock.now.isoformat(), "present": ["p1", "p2"], "minutes": "谈成"}
    await hands.does("wang", number, "hold", held)
    seen = await hands.does("wang", number, "draft", {"terms": terms()})
    page = await see(hands, "wang", f"/mediations/{number}/sign?who=p1")
    assert "买买提·艾力(代表人)" in page
    said = {"who": "p1", "digest": seen["sight"]["agreement"]["digest"]}
    nobody = await sends(hands, number, said, jpeg())
    assert (nobody.status_code, "由推选的代表人" in nobody.text) == (409, True)
    assert (await sends(hands, number, said | {"by": by[1], "key": "k2"}, jpeg())).status_code == 303


async def test_nothing_to_sign_says_what_to_do(hands: Mediators) -> None:
    number = await sat(hands)
    assert "请先拟定协议" in await see(hands, "wang", f"/mediations/{number}/sign")


# -- in the browser ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(1024, 768), (390, 844)])
async def test_three_sign_one_after_the_other(site: Site, hands: Mediators, size: tuple[int, int]) -> None:
    number, _ = await drafted(hands)
    async with browsing() as browser, window(browser, site.url, "desk" if size[0] > 400 else "phone") as seen:
        page = seen.page
        await page.set_viewport_size({"width": size[0], "height": size[1]})
        await become(page, site, "wang")
        await page.goto(f"/mediations/{number}/sign")
        await accessible(page)
        await page.get_by_role("link", name="请娄秀兰签名").click()
        await accessible(page)
        await page.get_by_label("已阅读并同意").check()
        await page.get_by_role("button", name="确认签名").click()
        await expect(page.get_by_text("还没有签名")).to_be_visible()
        await page.locator("[data-sign] canvas").scroll_into_view_if_needed()
        await write_name(page)
        await page.get_by_role("button", name="重写").click()
        await page.get_by_role("button", name="确认签名").click()
        await expect(page.get_by_text("还没有签名")).to_be_visible()
        assert await marks(hands, number) == []
        await page.goto(f"/mediations/{number}/sign")
        for name in ("娄秀兰", "许立本", "人民调解员"):
            await sign(page, name)
        assert await marks(hands, number) == [("party", "p1"), ("party", "p2"), ("mediator", "")]
        await accessible(page)


async def test_without_scripts_a_photo_is_taken(site: Site, hands: Mediators) -> None:
    number, _ = await drafted(hands)
    async with browsing() as browser, window(browser, site.url, "phone", script=False) as seen:
        page = seen.page
        await become(page, site, "wang")
        await page.goto(f"/mediations/{number}/sign?who=p2")
        photo = {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": jpeg()}
        await page.get_by_label("拍的照片").set_input_files(photo)  # type: ignore[arg-type]
        await page.get_by_text("指印", exact=True).click()
        await page.get_by_label("已阅读并同意").check()
        await page.get_by_role("button", name="确认签名").click()
        await expect(page.get_by_text("签名已记下")).to_be_visible()
    made = (await hands.looks("wang", number)).json()["sight"]["agreement"]["marks"]
    assert [(one["party"], one["form"]) for one in made] == [("p2", "fingerprint")]
