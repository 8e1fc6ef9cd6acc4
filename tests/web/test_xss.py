"""Words are never code: a hostile town, every page of every kind of post opened in Chromium, every question asked."""

from collections.abc import AsyncIterator
from html.parser import HTMLParser
from typing import Any

import asyncpg
import pytest
from playwright.async_api import Browser, Page

from tests.web.browsers import browsing, window
from tests.web.conftest import People, Site
from tests.web.everywhere import PIECES, become, faces, questions, templates, who
from tests.web.hostile import CORPUS, Town

pytestmark = pytest.mark.usefixtures("city")

INCOMPLETE = ("/tickets/bulk", "/screen/counted")  # without a question: a page that says so
_REFUSALS = "window.refused = []; addEventListener('securitypolicyviolation', (e) => refused.push(e.violatedDirective))"
# What a page of ours never has: an element of the corpus, a handler in an attribute, an address that is a script.
_ODD = """() => {
  const odd = [...document.querySelectorAll('[data-xss], hx-partial, base, iframe, object, plaintext, xmp, math')]
  for (const one of document.querySelectorAll('*')) for (const {name, value} of one.attributes) {
    const leads = ['href', 'src', 'action', 'formaction', 'xlink:href'].includes(name)
    if (/^(on|hx-on)/i.test(name) || (leads && /^\\s*(javascript|data:text)/i.test(value))) odd.push(one)
  }
  return [...odd.map((one) => one.outerHTML.slice(0, 200)), ...refused, ...(/8281/.test(document.title) ? [8281] : [])]
}"""


@pytest.fixture
async def town(site: Site, people: People, admin: asyncpg.Connection) -> Town:
    return await Town(site, people, admin).build()


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with browsing() as made:
        yield made


class Looked(HTMLParser):
    """A page as a parser reads it: whether anything of the corpus became an element."""

    def __init__(self) -> None:
        super().__init__()
        self.odd: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        handlers = [name for name in given if name.startswith(("on", "hx-on", "data-xss"))]
        leads = [value for name in ("href", "src", "action") if (value := given.get(name) or "").lower().strip()]
        if handlers or tag in ("base", "iframe", "object", "hx-partial") or _runs(leads):
            self.odd.append(str(self.get_starttag_text())[:200])


def _runs(leads: list[str]) -> bool:
    return any(one.lower().strip().startswith(("javascript:", "data:text")) for one in leads)


def odd(html: str) -> list[str]:
    """What should not be there."""
    looked = Looked()
    looked.feed(html)
    return looked.odd


def test_what_would_be_odd() -> None:
    """Each word of the corpus that is HTML is seen where it is not escaped."""
    seen = [word for word in CORPUS if odd(word) or odd(f'<i title="{word}">') or odd(f"<i title='{word}'>")]
    assert len(seen) >= 24


async def test_every_page_of_everybody(town: Town, browser: Browser) -> None:
    """No dialog, no refusal by the policy, no error, nothing of the words become an element."""
    names = sorted({name for template in templates() for name in who(template)})
    wrong: list[Any] = []
    for name in names:
        async with window(browser, town.site.url, "desk") as seen:
            await seen.page.add_init_script(_REFUSALS)
            await become(seen.page, town.site, name, town.cookies)
            for template in templates():
                if name in who(template):
                    wrong += await _opened(town, seen.page, template, name)
            wrong += seen.faults
            seen.faults.clear()
    assert not wrong, wrong[:20]


async def _opened(town: Town, page: Page, template: str, name: str) -> list[Any]:
    """A form's page is opened by whoever comes first, and read for all others: their forms are the same."""
    wrong: list[Any] = []
    for path in faces(template, town.known(name)):
        if template in PIECES or ("/do/" in template and name != who(template)[0]):
            answer = await town.site.http.get(path, headers=_as(town, name))
            wrong += [(name, path, one) for one in odd(answer.text)]
            continue
        there = await page.goto(path)
        assert there is not None
        refused = 409 if "/do/" in template else 200  # an order that the ticket does not take now says why
        if there.status not in (200, refused) and template not in INCOMPLETE:
            wrong.append((name, path, there.status))
        wrong += [(name, path, one) for one in await page.evaluate(_ODD)]
    return wrong


def _as(town: Town, name: str) -> dict[str, str]:
    return {"Accept": "text/html", **town.head(name)}


async def test_the_words_stand_as_they_were_written(town: Town, browser: Browser) -> None:
    """Nothing is lost by keeping them harmless: on the ticket's page every one is read, letter for letter."""
    async with window(browser, town.site.url) as seen:
        await become(seen.page, town.site, "community")
        await seen.page.goto(f"/tickets/{town.number}")
        said = _plain(" ".join(await seen.page.locator(".said").all_text_contents()))
        assert [word for word in CORPUS if _plain(word) not in said] == []


def _plain(words: str) -> str:
    return " ".join(words.split())


async def test_every_question(town: Town) -> None:
    """Every name that any address knows, asked of every page with hostile words: answered, and never as code."""
    wrong = []
    for template in templates():
        name = who(template)[-1]
        for path in questions(template, town.known(name)):
            answer = await town.site.http.get(path, headers=_as(town, name))
            if answer.status_code >= 500 or odd(answer.text):
                wrong.append((path, answer.status_code, odd(answer.text)))
    assert not wrong, wrong[:20]
