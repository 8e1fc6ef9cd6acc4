"""Every page at both widths, with words of every kind: nothing serious for axe-core, never wider than the window."""

from typing import Any

import asyncpg
import pytest

from tests.web.browsers import WIDTHS, accessible, browsing, window
from tests.web.conftest import People, Site
from tests.web.everywhere import PIECES, become, faces, templates, who
from tests.web.hostile import Town

pytestmark = pytest.mark.usefixtures("city")

# Who looks at a page where several kinds of posts may: those whose pages hold most.
_FULLEST = ("registrar", "community", "street", "grid")


def looker(template: str) -> str:
    """Whose eyes a page is looked at with."""
    names = who(template)
    return next((name for name in _FULLEST if name in names), names[0])


@pytest.mark.parametrize("width", WIDTHS)
async def test_every_page(site: Site, people: People, admin: asyncpg.Connection, width: str) -> None:
    town = await Town(site, people, admin).build()
    wrong: list[Any] = []
    pages = sorted((looker(one), one) for one in templates() if one not in PIECES)
    async with browsing() as browser, window(browser, site.url, width) as seen:
        last = None
        for name, template in pages:
            if name != last:
                await become(seen.page, site, name, town.cookies)
                last = name
            for path in faces(template, town.known(name)):
                await seen.page.goto(path)
                wide = await seen.page.evaluate("document.documentElement.scrollWidth - innerWidth")
                if wide > 0:
                    wrong.append((name, path, f"{wide} px too wide"))
                try:
                    await accessible(seen.page)
                except AssertionError as found:
                    wrong.append((name, path, str(found)[:600]))
    assert not wrong, "\n".join(map(str, wrong[:30]))
