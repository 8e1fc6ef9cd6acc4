"""What a page weighs over the wire the first time: itself, its styles and its scripts, packed."""

import re

import httpx
import pytest

from tests.web.conftest import People, Site
from tests.web.sightings import GRID, City

pytestmark = pytest.mark.usefixtures("city")

MOST = 60 * 1024  # bytes
CHARTED = 220 * 1024  # the screen draws with a library of charts, after its figures stand there
PAGES = {
    "": ("/", "/file", "/r", "/login", "/board", "/board/990101001001"),
    "community": ("/desk", "/tickets?all=1", "/tickets/{number}", "/tickets/{number}/do/note", "/sorting"),
    "grid": ("/desk", "/patrol"),
    "street": ("/screen", "/review"),
    "registrar": ("/admin", "/admin/posts"),
    "department": ("/calls", "/whistles/{whistle}", "/whistles/{whistle}/do/arrive"),
}


async def _wire(http: httpx.AsyncClient, path: str, head: dict[str, str]) -> tuple[int, str]:
    """Bytes of an answer as they came, and its text."""
    async with http.stream("GET", path, headers={**head, "Accept": "text/html", "Accept-Encoding": "gzip"}) as answer:
        text = await answer.aread()
        assert answer.status_code == 200, path
        return answer.num_bytes_downloaded, text.decode()


async def weight(http: httpx.AsyncClient, path: str, head: dict[str, str]) -> int:
    """Bytes of a page with all that it names before anybody touches it."""
    whole, text = await _wire(http, path, head)
    named = set(re.findall(r'<(?:link|script|img)[^>]* (?:href|src)="(/static/[^"]+)"', text))
    assert named
    return whole + sum([(await _wire(http, one, {}))[0] for one in named])


async def test_no_page_is_heavy(site: Site, people: People, capsys: pytest.CaptureFixture[str]) -> None:
    """At 1.6 Mbit/s a page of 60 KB is a third of a second under way."""
    city = await City(site, people).sit()
    for _ in range(30):
        number = await city.file("D01")
    asks = [{"department": "department:城管", "text": "请到现场查处"}]
    blown = {
        "kind": "emergency",
        "beyond": "no-power",
        "text": "劝阻无效",
        "asks": asks,
        "category": "B04",
        "apart": "x",
    }
    for _ in range(20):
        whistle = (await city.give("street", "/whistles", blown | {"grid_code": GRID})).json()["number"]
    await city.give("department", f"/whistles/{whistle}/acknowledge")
    found = {}
    for name, paths in PAGES.items():
        head = city.heads[name] if name else {}
        for path in paths:
            found[name, path] = await weight(site.http, path.format(number=number, whistle=whistle), head)
    with capsys.disabled():
        print(*(f"{size:>6} {path} {name}" for (name, path), size in found.items()), sep="\n")
    assert not {page: size for page, size in found.items() if size > (CHARTED if page[1] == "/screen" else MOST)}
