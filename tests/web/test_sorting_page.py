"""The sorting desk: who sees which queue, what is suggested, one key a ticket, taken back; on a real screen, too."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from huiyin.core.people import ROLES
from huiyin.core.words import Candidate, Evidence, Sorting, Spot
from huiyin.web.who import TABLE
from tests.core.world import sorting, spot
from tests.web.browsers import WIDTHS, accessible, browsing, window
from tests.web.conftest import People, Site
from tests.web.sightings import COMMUNITY, GRID, NAME, PHONE, ROOM, STREET, TEXT, City
from tests.web.test_lists_page import Window

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
async def town(site: Site, people: People) -> City:
    return await City(site, people).sit()


def unknown(*leaves: str, places: tuple[tuple[str, float], ...] = (), building: str | None = None) -> Sorting:
    """What the sorter could not place."""
    found = tuple(Candidate(code, 0.6 / n, ()) for n, code in enumerate(leaves, 1)) or (Candidate("T09", 0.0),)
    considered = tuple(Candidate(code, p, (code,)) for code, p in places)
    evidence = Evidence("none", considered, "文中提到两个小区,不能确定是哪一个,转人工分拣")
    return sorting(leaves[0] if leaves else "T09", Spot(building=building), candidates=found, evidence=evidence)


def doubtful() -> Sorting:
    """In a building, but about nobody knows what."""
    return sorting("T09", candidates=(Candidate("T09", 0.2), Candidate("C01", 0.15)))


class Desk(Window):
    """Somebody at the sorting desk."""

    async def at(self, **query: Any) -> str:
        answer = await self.get("/sorting", **query)
        assert answer.status_code == 200, answer.text[-900:]
        return answer.text

    async def choose(self, page: str, index: int = 0, **more: str) -> httpx.Response:
        """A button's form, sent as it stands."""
        return await self.post("/sorting", *(fields(page)[index] | more).items())


def number_of(page: str) -> str:
    found = re.search(r'<section class="card" data-number="(HY\d+)"', page)
    return found[1] if found else ""


def fields(page: str) -> list[dict[str, str]]:
    """The hidden fields of each suggestion's form, in the order of the keys."""
    forms = re.findall(r"<form method=\"post\" action=\"/sorting\" data-once>(.*?)</form>", page, re.DOTALL)
    found = [dict(re.findall(r'name="(\w+)" value="([^"]*)"', form)) for form in forms if "data-way" in form]
    return [{name: value for name, value in one.items() if name != "csrf"} for one in found]


def told(page: str) -> list[tuple[str, str]]:
    """What the buttons say: matter and place."""
    return re.findall(r'<span class="to"><strong>([^<]+)</strong> <span>([^<]*)</span>', page)


def waiting(page: str) -> int:
    found = re.search(r"还有 <strong>(\d+)", page)
    assert found
    return int(found[1])


# -- the queue --------------------------------------------------------------------------------------------


async def test_whose_queue_it_is(town: City) -> None:
    """Unplaced: every street's. Doubtful: its own place's. Certain, signed or hidden: nobody's."""
    unplaced = await town.file(found=unknown("A01"))
    unclear = await town.file(found=doubtful())
    only_community = await town.file(found=sorting("C01", spot(None, None)))
    await town.file("C01")
    signed = await town.file(found=doubtful())
    assert (await town.give("community", f"/tickets/{signed}/sign")).status_code == 200
    await town.file(found=doubtful(), about="grid_or_community_staff")
    for who, expected in {
        "street": [unplaced, unclear, only_community], "street2": [unplaced],
        "community": [unclear, only_community], "community2": [], "grid": [unclear], "grid2": [],
    }.items():  # fmt: skip
        desk, seen, after = Desk(town, who), [], ""
        while number := number_of(page := await desk.at(after=after)):
            seen.append(number)
            after = number
        if who == "street":
            assert len(seen) == 4
            seen = [one for one in seen if one in expected]  # the one about the staff is the street's to see
        assert seen == expected, who
        assert waiting(page) == len(expected) + (who == "street")
        assert ("这一遍看完了" in page) == bool(expected)


async def test_who_may_sort(town: City) -> None:
    for role in ROLES:
        who = {"building_leader": "leader", "grid_worker": "grid", "owners_committee": "owners"}.get(role, role)
        for path in ("/sorting", "/sorting/left"):
            allowed = role in TABLE["GET", path]
            assert (await Desk(town, who).get(path)).status_code == (200 if allowed else 403), role
    assert [role for role in ROLES if role in TABLE["GET", "/sorting"]] == ["grid_worker", "community", "street"]


async def test_a_hidden_ticket_is_as_none(town: City) -> None:
    hidden = await town.file(found=doubtful(), about="grid_or_community_staff")
    desk = Desk(town, "community")
    assert number_of(await desk.at(n=hidden)) == ""
    gone = [_gone(await desk.post("/sorting", ("number", n), ("do", "sign"))) for n in (hidden, "HY999999999")]
    assert gone[0] == gone[1] == "/sorting?after=&gone=1"
    for n in (hidden, "HY999999999"):
        assert (await desk.get("/sorting/find", n=n, q="漏水")).status_code == 404
        assert "刚刚被别人办理" in (await desk.get("/sorting/left", n=n, v="2")).text


def _gone(answer: httpx.Response) -> str:
    assert answer.status_code == 303
    return answer.headers["location"]


async def test_words_are_shown_as_the_masks_say(town: City) -> None:
    number = await town.file(found=doubtful())
    community, grid = await Desk(town, "community").at(n=number), await Desk(town, "grid").at(n=number)
    assert TEXT in community
    for secret in (NAME, PHONE, ROOM):
        assert secret not in grid
    assert "▇" in grid


# -- what is suggested ------------------------------------------------------------------------------------


async def test_suggestions_are_matters_times_places(town: City) -> None:
    """By the building that was written, by the few grids of an estate; each says where it leads."""
    number = await town.file(found=unknown("C01", "A01", places=(("E1", 0.5), ("E2", 0.3)), building="1栋"))
    page = await Desk(town, "street").at(n=number)
    ways = fields(page)
    assert [(one["category"], one.get("building_code"), one.get("community_code")) for one in ways][:3] == [
        ("C01", "E1-B01", None), ("C01", "E2-B01", None), ("A01", "E1-B01", None)
    ]  # fmt: skip
    assert told(page)[0][1] == "柳岸花园 1栋"
    assert "→ 柳岸花园物业服务企业" in page
    assert "把握 30%" in page
    assert "不能确定是哪一个" in page
    assert len(ways) <= 9
    nowhere = await town.file(found=unknown("C01", places=(("E1", 0.5),)))
    page = await Desk(town, "street").at(n=nowhere)
    assert [one.get("grid_code") for one in fields(page)][:2] == [GRID, "990101001001002"]


async def test_the_same_matter_comes_first(town: City) -> None:
    """Where an open ticket stands that may be the same; to whom that one is hidden nothing is said of it."""
    near = await town.file("C01", "grid_or_community_staff")
    leaves = (Candidate("T09", 0.2), Candidate("C01", 0.15))
    number = await town.file(found=sorting("T09", candidates=leaves))
    page = await Desk(town, "street").at(n=number)
    assert f"与 {near} 同一处" in page
    assert fields(page)[0]["category"] == "C01"
    assert near not in await Desk(town, "community").at(n=number)


async def test_words_find_matters_and_places(town: City) -> None:
    number = await town.file(found=unknown())
    desk = Desk(town, "street")
    for words, field, value in (
        ("老纺织", "grid_code", "990101001001003"),
        ("柳岸社区", "community_code", COMMUNITY),
        ("柳岸花园2栋", "building_code", "E1-B02"),
        ("C01", "category", "C01"),
    ):
        piece = await desk.get("/sorting/find", n=number, q=words)
        assert piece.status_code == 200
        assert value in [one.get(field) for one in fields(piece.text)], words
        assert value in [one.get(field) for one in fields(await desk.at(n=number, q=words))], words
    both = fields((await desk.get("/sorting/find", n=number, q="柳岸花园1栋电梯坏了")).text)
    assert both[0].get("building_code") == "E1-B01"
    assert both[0].get("category")
    nothing = await desk.get("/sorting/find", n=number, q="<script>alert(1)</script>")
    assert "<script>alert" not in nothing.text


# -- one key ----------------------------------------------------------------------------------------------


async def test_sort_the_next_and_take_it_back(town: City) -> None:
    first, second = await town.file(found=doubtful()), await town.file(found=doubtful())
    desk = Desk(town, "street")
    page = await desk.at()
    assert (number_of(page), waiting(page)) == (first, 2)
    done = await desk.choose(page)
    assert done.headers["location"] == f"/sorting?after={first}&last={first}"
    page = (await desk.get(done.headers["location"])).text
    assert (number_of(page), waiting(page)) == (second, 1)
    assert (await town.ask("street", f"/tickets/{first}")).json()["category"] == "C01"
    (back,) = [dict(one) for one in _undo(page)]
    assert back["category"] == "T09"
    undone = await desk.post("/sorting", *back.items())
    assert undone.headers["location"] == f"/sorting?said=undone&n={first}"
    assert (await town.ask("street", f"/tickets/{first}")).json()["category"] == "T09"
    assert waiting(await desk.at()) == 2


def _undo(page: str) -> list[list[tuple[str, str]]]:
    forms = re.findall(r"<form method=\"post\" action=\"/sorting\" data-once>(.*?)</form>", page, re.DOTALL)
    return [
        [*re.findall(r'<input type="hidden" name="(?!csrf)(\w+)" value="([^"]*)"', form), ("do", "undo")]
        for form in forms
        if 'value="undo"' in form
    ]


async def test_a_place_cannot_be_unsaid_but_chosen_again(town: City) -> None:
    number = await town.file(found=unknown("C01", places=(("E1", 0.5),), building="1栋"))
    desk = Desk(town, "street")
    page = (await desk.get((await desk.choose(await desk.at())).headers["location"])).text
    assert not _undo(page)
    assert "原来没有地点" in page
    assert f'href="/sorting?n={number}"' in page
    assert number_of(await desk.at(n=number)) == number


async def test_only_one_s_own_sorting_is_taken_back(town: City) -> None:
    number = await town.file(found=doubtful())
    await town.give("community", f"/tickets/{number}/reclassify", {"category": "C01"})
    assert not _undo(await Desk(town, "street").at(last=number))
    assert _undo(await Desk(town, "community").at(last=number))


async def test_what_went_to_another_street_is_gone(town: City) -> None:
    number = await town.file(found=unknown("C01", places=(("E1", 0.5),), building="1栋"))
    desk = Desk(town, "street2")
    page = (await desk.get((await desk.choose(await desk.at())).headers["location"])).text
    assert f"{number}</span> 已分走" in page
    assert not _undo(page)


async def test_two_at_once(town: City) -> None:
    """Whoever comes second is told, and changes nothing; the same form twice is once."""
    number = await town.file(found=doubtful())
    desk, other = Desk(town, "street"), Desk(town, "community")
    page, theirs = await desk.at(), await other.at()
    assert (await other.choose(theirs)).status_code == 303
    late = await desk.choose(page, category="A01")
    assert late.headers["location"] == f"/sorting?n={number}&moved=1"
    assert (await town.ask("street", f"/tickets/{number}")).json()["category"] == "C01"
    left = await desk.get("/sorting/left", n=number, v=fields(page)[0]["version"])
    assert "刚刚被别人办理" in left.text


async def test_signing_for_it_as_it_is(town: City) -> None:
    number = await town.file(found=doubtful())
    desk = Desk(town, "community")
    page = await desk.at()
    (sign,) = [one for one in fields(page) if one["do"] == "sign"]
    assert (await desk.post("/sorting", *sign.items())).status_code == 303
    assert (await town.ask("community", f"/tickets/{number}")).json()["state"] == "signed"
    assert waiting(await desk.at()) == 0
    assert not [one for one in fields(await Desk(town, "street").at(n=number)) if one["do"] == "sign"]


async def test_a_refusal_is_told_on_the_same_page(town: City) -> None:
    number = await town.file(found=doubtful())
    desk = Desk(town, "street")
    answer = await desk.choose(await desk.at(), category="A")
    assert answer.status_code == 409
    assert "请从清单里选一个末级事项" in answer.text
    assert number_of(answer.text) == number
    assert (await desk.choose(await desk.at(), do="close")).status_code == 400


# -- on a screen ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with browsing() as made:
        yield made


PASSWORD = "correct horse battery"


async def enter(page: Page, people: People) -> None:
    """Logged in as the street's desk, by the form."""
    await people.make("street", f"street:{STREET}", password=PASSWORD)
    await page.goto("/login?next=/sorting")
    await page.get_by_label("用户名").fill(f"street-street:{STREET}")
    await page.get_by_label("密码").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile(r"^[^?]*/sorting"))


@pytest.mark.parametrize("width", WIDTHS)
async def test_by_keys_alone(town: City, people: People, browser: Browser, width: str) -> None:
    """No mouse: the first suggestion, the second, a search, skip, help, take back; the page tells each."""
    made = [await town.file(found=unknown("C01", "A01", places=(("E1", 0.5), ("E2", 0.3)), building="1栋"))]
    made += [await town.file(found=doubtful()) for _ in range(3)]

    async def stands(number: str) -> dict[str, Any]:
        return dict((await town.ask("street", f"/tickets/{number}")).json())

    async with window(browser, town.site.url, width) as seen:
        page, card = seen.page, seen.page.locator("section[data-number]")
        await enter(page, people)
        await expect(card).to_have_attribute("data-number", made[0])
        await accessible(page)
        await page.keyboard.press("?")
        await expect(page.get_by_role("dialog")).to_be_visible()
        await accessible(page)
        await page.keyboard.press("2")  # means nothing while the help is open
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_be_hidden()

        await page.keyboard.press("Enter")
        await expect(card).to_have_attribute("data-number", made[1])
        assert (await stands(made[0]))["building_code"] == "E1-B01"
        await expect(page.locator(".last")).to_contain_text(made[0])

        await page.keyboard.press("s")
        await expect(card).to_have_attribute("data-number", made[2])
        assert (await stands(made[1]))["category"] == "T09"

        await page.keyboard.press("/")
        await page.keyboard.type("C02")
        await expect(page.locator('#ways input[name="category"][value="C02"]')).to_have_count(1)
        await page.keyboard.press("Escape")
        await page.keyboard.press("1")
        await expect(card).to_have_attribute("data-number", made[3])
        assert (await stands(made[2]))["category"] == "C02"

        await page.keyboard.press("u")
        await expect(card).to_have_attribute("data-number", made[2])
        assert (await stands(made[2]))["category"] == "T09"
        await page.keyboard.press("j")
        await page.keyboard.press("k")
        await page.keyboard.press("Enter")
        await expect(card).to_have_attribute("data-number", made[3])
        await page.keyboard.press("1")
        await expect(page.get_by_text("这一遍看完了")).to_be_visible()
        await accessible(page)
        await page.keyboard.press("Enter")
        await expect(card).to_have_attribute("data-number", made[1])
        await page.keyboard.press("1")
        await expect(page.get_by_text("没有等待分拣的工单")).to_be_visible()
        await accessible(page)


async def test_a_key_held_down_sorts_one_ticket(town: City, people: People, browser: Browser) -> None:
    made = [await town.file(found=doubtful()) for _ in range(3)]
    async with window(browser, town.site.url, "desk") as seen:
        await enter(seen.page, people)
        card = seen.page.locator("section[data-number]")
        await expect(card).to_have_attribute("data-number", made[0])
        await seen.page.keyboard.down("1")
        await expect(card).to_have_attribute("data-number", made[1])
        for _ in range(8):
            await seen.page.keyboard.down("1")  # what the system sends while it is held: repeats
        await seen.page.keyboard.up("1")
        await seen.page.reload()
        await expect(card).to_have_attribute("data-number", made[1])
        assert (await town.ask("street", f"/tickets/{made[1]}")).json()["category"] == "T09"


@pytest.mark.parametrize("width", WIDTHS)
async def test_without_a_script(town: City, people: People, browser: Browser, width: str) -> None:
    """Buttons and links do all of it."""
    made = [await town.file(found=doubtful()) for _ in range(2)]
    async with window(browser, town.site.url, width, script=False) as seen:
        page, card = seen.page, seen.page.locator("section[data-number]")
        await enter(page, people)
        await page.get_by_role("link", name="跳过").click()
        await expect(card).to_have_attribute("data-number", made[1])
        await page.get_by_role("searchbox").fill("C02")
        await page.get_by_role("button", name="找").click()
        await page.locator("#ways .way").first.click()
        await expect(page.get_by_text("这一遍看完了")).to_be_visible()
        assert (await town.ask("street", f"/tickets/{made[1]}")).json()["category"] == "C02"
        await page.get_by_role("button", name="撤销").click()
        await expect(card).to_have_attribute("data-number", made[1])


async def test_the_page_hears_of_others(town: City, people: People, browser: Browser) -> None:
    """Somebody else sorts the ticket on the screen: it is said there, by itself."""
    number = await town.file(found=doubtful())
    async with window(browser, town.site.url, "desk") as seen:
        page = seen.page
        await enter(page, people)
        await expect(page.locator("section[data-number]")).to_have_attribute("data-number", number)
        await town.give("community", f"/tickets/{number}/reclassify", {"category": "C01"})
        await page.evaluate("document.body.dispatchEvent(new CustomEvent('live', {detail: []}))")
        await expect(page.locator("#left")).to_contain_text("刚刚被别人办理")
