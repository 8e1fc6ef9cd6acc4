"""Review: a ticket's chain, whole or broken; what a post did, only on tickets that the reviewer may see."""

import re
from datetime import timedelta

import asyncpg
import pytest
from sqlalchemy import text

from huiyin import posts
from huiyin.core.staff import Term
from huiyin.store import reviews
from tests.core.world import AT, spot
from tests.core.world import sorting as sorted_as
from tests.web.browsers import WIDTHS, accessible, browsing, window
from tests.web.conftest import NOW, People, Site
from tests.web.sightings import COMMUNITY, STREET, City

HTML = {"Accept": "text/html"}
OURS = f"/review/posts/community:{COMMUNITY}"

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
async def here(site: Site, people: People) -> City:
    return await City(site, people).sit()


async def worked(here: City, *, category: str = "D01", who: str = "community") -> str:
    """A ticket that its post signed and noted."""
    number = await here.file(category)
    for order, body in (("sign", {}), ("note", {"text": "已到现场"})):
        answer = await here.give(who, f"/tickets/{number}/{order}", body)
        assert answer.status_code == 200, answer.text
    return number


async def test_a_ticket_from_its_first_step_to_its_last(here: City) -> None:
    number = await worked(here)
    for view in ("", "?view=line"):
        said = (await here.site.http.get(f"/review/tickets/{number}{view}", headers=here.heads["street"])).text
        assert "日志链完整" in said
        for words in ("柳岸社区党委签收", "记录了办理进展", "此后时限", "办结 11月"):
            assert words in said
    table = (await here.site.http.get(f"/review/tickets/{number}", headers=here.heads["auditor"])).text
    chain = await here.room.ask(lambda c: reviews.chain(c, "ticket", number))
    assert all(link.hash.hex()[:16] in table for link in chain)


async def test_the_auditor_sees_no_person(here: City, admin: asyncpg.Connection) -> None:
    number = await worked(here)
    people = [row["person"] for row in await admin.fetch("SELECT person FROM persons")]
    for path in (f"/review/tickets/{number}", f"/review/tickets/{number}?view=line", OURS):
        said = (await here.site.http.get(path, headers=here.heads["auditor"])).text
        assert "签收" in said
        assert not [word for word in (*people, "王小明", "13912345678", "九九九", "已到现场") if word in said]


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE log SET body = convert_to(replace(convert_from(body, 'UTF8'), 'web', 'app'), 'UTF8')", "被改动过"),
        ("UPDATE log SET body = 'x'", "读不出"),
        ("DELETE FROM log", "缺少步骤"),
        ("UPDATE log SET at = at + interval '1 hour'", "与存证不符"),
        ("UPDATE log SET prev = sha256('x')", "接不上"),
    ],
)
async def test_a_tampered_ticket_says_where(here: City, admin: asyncpg.Connection, statement: str, why: str) -> None:
    number = await worked(here)
    version = 1 if "web" in statement else 2
    await admin.execute("SET session_replication_role = replica")
    await admin.execute(f"{statement} WHERE id = $1 AND version = {version}", number)
    answer = await here.site.http.get(f"/review/tickets/{number}", headers=here.heads["street"])
    assert answer.status_code == 200
    assert "日志链有" in answer.text
    assert why in answer.text
    assert 'class="broken"' in answer.text
    assert "日志链完整" not in answer.text


async def test_a_post_shows_what_it_did_page_by_page(here: City) -> None:
    numbers = [await worked(here) for _ in range(25)]
    seen: list[tuple[str, str]] = []
    path = OURS
    while True:
        said = (await here.site.http.get(path, headers=here.heads["street"])).text
        seen += re.findall(r'/review/tickets/(HY\d+)">HY\d+</a> <span class="soft">第 (\d+) 步', said)
        more = re.search(r'href="([^"]+cursor=[^"]+)"', said)
        if more is None:
            break
        path = more[1].replace("&amp;", "&")
    assert seen == sorted(seen, reverse=True)
    assert set(seen) == {(number, version) for number in numbers for version in ("3", "4")}


async def test_a_period_ends_where_it_says(here: City) -> None:
    number = await worked(here)
    day = f"{NOW.date()}"
    after = f"{NOW.date() + timedelta(days=1)}"
    for query, there in ((f"from={day}&to={day}", True), (f"from={after}&to={after}", False), ("to=2026-11-01", False)):
        said = (await here.site.http.get(f"{OURS}?{query}", headers=here.heads["street"])).text
        assert (number in said) == there, query
    for query in ("from=yesterday", "to=9999-12-31", "cursor=1_2_3", "cursor=x"):
        answer = await here.site.http.get(f"{OURS}?{query}", headers=here.heads["street"] | HTML)
        assert answer.status_code == 400, query


async def test_only_of_tickets_that_one_may_see(here: City, admin: asyncpg.Connection) -> None:
    """A complaint about the community's own people is not there for the community, nor is its step."""
    shown = await worked(here)
    mine = await worked(here)
    person = await admin.fetchval("SELECT person FROM accounts WHERE username = 'street'")
    row = "INSERT INTO parties (number, role, person, at) VALUES ($1, 'respondent', $2, now())"
    await admin.execute(row, mine, person)
    said = (await here.site.http.get(OURS, headers=here.heads["street"])).text
    assert shown in said
    assert mine not in said
    assert mine in (await here.site.http.get(OURS, headers=here.heads["auditor"])).text


async def test_posts_of_other_places_are_not_there(here: City) -> None:
    await worked(here)
    for who, path, status in (
        ("street2", OURS, 404),
        ("community2", OURS, 404),
        ("community", OURS, 200),
        ("community", f"/review/posts/street:{STREET}", 404),
        ("property", OURS, 403),
        ("registrar", OURS, 200),
        ("street", "/review/posts/department:城管", 200),
        ("street2", "/review/posts/department:城管", 404),
        ("street", "/review/posts/department:水务", 404),
        ("auditor", "/review/posts/<b>", 404),
    ):
        answer = await here.site.http.get(path, headers=here.heads[who])
        assert answer.status_code == status, (who, path)


async def test_a_department_s_own_steps_are_found_by_its_name(here: City, admin: asyncpg.Connection) -> None:
    """A post whose code is not ASCII goes by the same index."""
    number = await here.file("D01")
    body = await admin.fetchval("SELECT body FROM log WHERE id = $1 AND version = 2", number)
    changed = body.replace(b'"actor":"sorter"', '"actor":"department:城管"'.encode())
    insert = (
        "INSERT INTO log (noun, id, version, step, key, at, prev, hash, body)"
        " SELECT noun, id, 3, 'ticket.noted.v1', key, at, prev, hash, $2 FROM log WHERE id = $1 AND version = 2"
    )
    await admin.execute(insert, number, changed)
    first = reviews.Place(NOW, "", 0)
    found = await here.room.ask(lambda c: reviews.of_post(c, "department:城管", AT, first, 10))
    assert [one.place.id for one in found] == [number]


async def test_the_plan_goes_by_the_index(here: City, admin: asyncpg.Connection) -> None:
    await worked(here)
    await admin.execute("SET enable_seqscan = off")
    statement = str(reviews._OF_POST)
    for name, value in {"post": "'community:1'", "since": "'2026-11-01'", "limit": "10"}.items():
        statement = statement.replace(f":{name}", value)
    statement = statement.replace("(:at, :id, :version)", "('2026-12-01', '', 0)")
    plan = "\n".join(row[0] for row in await admin.fetch(f"EXPLAIN {statement}"))
    assert "Index Scan Backward using log_actor_at" in plan
    assert "Sort" not in plan


async def test_choosing(here: City) -> None:
    ask = lambda query, who="street": here.site.http.get(f"/review?{query}", headers=here.heads[who] | HTML)  # noqa: E731
    answer = await ask("number=hy000000001")
    assert answer.headers["location"] == "/review/tickets/HY000000001"
    assert "HY 加九位数字" in (await ask("number=123")).text
    assert f"/review/posts/community%3A{COMMUNITY}" in (await ask("q=柳岸 社区党委")).text
    assert "没有名称含" in (await ask("q=柳岸", "street2")).text
    typed = await here.site.http.get("/review/posts?q=柳岸花园", headers=here.heads["community"])
    assert "柳岸花园1栋楼栋长" in typed.text
    assert "<html" not in typed.text


async def test_words_are_never_code(here: City, admin: asyncpg.Connection) -> None:
    """In what is searched for, in the names of places, in posts."""
    bad = "<script>alert(1)</script>"
    await admin.execute("UPDATE communities SET name = $1", bad)
    await admin.execute("UPDATE registry_version SET version = 'bad'")
    number = await worked(here)
    for path in (f"/review?q={bad}", f"/review?number={bad}", "/review?q=党委", f"/review/tickets/{number}", OURS):
        said = (await here.site.http.get(path, headers=here.heads["street"])).text.lower()
        assert "<script>" not in said, path
        assert "&lt;script&gt;" in said, path


async def test_who_held_it_elsewhere_does_not_open_it(here: City) -> None:
    """A department's term in another street does not make its post this street's."""
    term = Term("department:水务", "p-aaaaaaaa", "department", "street:990101002", AT)
    await here.room.write(lambda c: c.execute(text("INSERT INTO persons (person) VALUES ('p-aaaaaaaa')")))
    await here.room.write(lambda c: posts.give(c, term, at=AT))
    assert (await here.site.http.get("/review/posts/department:水务", headers=here.heads["street"])).status_code == 404


async def test_hidden_is_as_if_never_there(here: City) -> None:
    number = await here.file("C01", "street", found=sorted_as("C01", spot()))
    hidden = await here.site.http.get(f"/review/tickets/{number}", headers=here.heads["street"])
    none = await here.site.http.get("/review/tickets/HY999999999", headers=here.heads["street"])
    assert hidden.status_code == none.status_code == 404
    assert hidden.content == none.content


@pytest.mark.parametrize("width", WIDTHS)
async def test_in_a_browser(here: City, people: People, width: str) -> None:
    await people.make("auditor", "all", "abcd-efgh-jkmn-pqrs")
    number = await worked(here)
    async with browsing() as browser, window(browser, here.site.url, width) as seen:
        page = seen.page
        await page.goto("/login?next=/review")
        await page.get_by_label("用户名").fill("auditor-all")
        await page.get_by_label("密码").fill("abcd-efgh-jkmn-pqrs")
        await page.get_by_role("button", name="登录").click()
        await accessible(page)
        await page.get_by_role("textbox", name="岗位").press_sequentially("柳岸社区党委")
        await page.locator("#found a").first.click()
        await accessible(page)
        await page.get_by_role("link", name=number).first.click()
        await accessible(page)
        assert await page.get_by_role("button", name="打印").is_visible()
        await page.get_by_role("link", name="看时间线").click()
        await accessible(page)
        await page.emulate_media(media="print")
        assert not await page.locator(".top").is_visible()
