"""Error pages: what a person does next when there are too many requests, or when it is our fault; nothing of either."""

from typing import Any

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from huiyin.web.who import COOKIE
from tests.web.browsers import accessible, browsing, window
from tests.web.conftest import Site

HTML = {"Accept": "text/html"}
SECRET = "王小明的电话13912345678"


@pytest.fixture
def broken(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something in the house fails with a resident's words in its mouth."""

    async def fails() -> Any:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(site.room, "rules", fails)


@pytest.mark.usefixtures("broken")
async def test_our_fault_is_said_as_ours(site: Site) -> None:
    with capture_logs() as lines:
        page = await site.http.get("/board", headers=HTML)
    assert (page.status_code, page.headers["content-type"]) == (500, "text/html; charset=utf-8")
    assert "问题出在我们这边,已经记录" in page.text
    assert "12345" in page.text
    assert "500 · fault" in page.text
    assert "nonce-" in page.headers["content-security-policy"]
    assert SECRET not in page.text
    assert any(line["event"] == "failed" for line in lines)
    program = await site.http.get("/board")
    assert (program.status_code, program.json()["code"]) == (500, "fault")
    assert SECRET not in program.text


async def test_too_many_is_said_with_what_to_do(site: Site) -> None:
    public = site.room.public
    site.room.public = replace(public, door=replace(public.door, hard=0))
    page = await site.http.post("/file", data={"text": "楼上漏水"}, headers=HTML)
    assert (page.status_code, page.headers["retry-after"]) == (429, "60")
    for word in ("请求太多了", "请过一会儿再试", "110、119 或 120", "429 · too-many-complaints"):
        assert word in page.text, word
    assert "楼上漏水" not in page.text
    program = await site.http.post("/file", data={"text": "楼上漏水"})
    assert program.json()["code"] == "too-many-complaints"
    assert "12345" in program.json()["detail"]


@pytest.mark.parametrize("width", ["phone", "desk"])
@pytest.mark.usefixtures("broken")
async def test_they_read_well(site: Site, width: str) -> None:
    async with browsing() as browser, window(browser, site.url, width) as seen:
        page = seen.page
        await page.goto("/board")
        await accessible(page)
        await page.get_by_role("link", name="回到首页").click()
        assert "小区里的事" in await page.inner_text("h1")


async def test_a_worker_s_way_back_is_the_desk(site: Site) -> None:
    """Whoever shows a session's cookie; a resident is never sent to a login."""
    page = await site.http.get("/tickets/HY999999999/nowhere", headers={**HTML, "Cookie": f"{COOKIE}=x"})
    assert page.status_code == 404
    assert 'href="/desk"' in page.text
    assert "不在您岗位的范围内" in page.text
    assert 'href="/desk"' not in (await site.http.get("/nowhere", headers=HTML)).text
