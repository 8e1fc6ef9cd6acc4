"""The desk and the ticket's page over plain HTTP: what is there for whom, what a form sends, what it says back."""

import re
from typing import get_args

import httpx
import pytest

from huiyin.core import commands as core
from huiyin.core.people import ROLES
from huiyin.web.orders import ORDERS
from huiyin.web.staff import rehearsal
from huiyin.web.staff.called import word
from huiyin.web.staff.forms import FORMS, GROUPS, NOW
from tests.core.world import sorting, spot
from tests.web.conftest import Filer, People, Site
from tests.web.hands import Hands

HTML = {"Accept": "text/html"}
# Orders that have no form of this kind, and where they are given instead.
ELSEWHERE: dict[str, str] = {}

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Hands:
    return await Hands(site, filer).sit(people)


async def see(hands: Hands, who: str, path: str, status: int = 200) -> str:
    answer = await hands.site.http.get(path, headers=hands.heads[who] | HTML)
    assert answer.status_code == status, (answer.status_code, answer.text)
    return answer.text


async def send(hands: Hands, who: str, path: str, **said: str) -> httpx.Response:
    return await hands.site.http.post(path, headers=hands.heads[who] | HTML, data={"key": "k1", **said})


async def given(hands: Hands, who: str, path: str, **said: str) -> str:
    """Where a form that must be taken leads."""
    answer = await send(hands, who, path, **said)
    assert answer.status_code == 303, (answer.status_code, answer.text)
    return answer.headers["location"].partition("?")[0]


# -- the table of forms -----------------------------------------------------------------------------------


def test_every_order_has_a_form() -> None:
    assert set(FORMS) | set(ELSEWHERE) == set(ORDERS) | {"reveal", "notice"}
    assert set(FORMS) == set(rehearsal._WAYS)
    assert {one.group for one in FORMS.values()} == set(GROUPS)
    assert {command for some in NOW.values() for command in some} <= set(FORMS)
    assert set(NOW) == set(get_args(__import__("huiyin.core.state", fromlist=["State"]).State))


def test_every_code_has_chinese_words() -> None:
    for command, form in FORMS.items():
        assert re.search(r"[一-鿿]", form.title) and re.search(r"[一-鿿]", form.button), command
        for field in form.fields:
            assert re.search(r"[一-鿿]", field.label), (command, field.name)
            for code, words in field.options.items() if isinstance(field.options, dict) else ():
                assert re.search(r"[一-鿿]", words), (command, field.name, code)
    for code in get_args(core.Outcome):
        assert word("outcome", code) != code


def test_what_cannot_be_undone_asks() -> None:
    assert {command for command, form in FORMS.items() if form.grave} == {
        "close", "withdraw", "redirect", "merge", "reveal", "notice", "relate",
    }  # fmt: skip
    assert [command for command, form in FORMS.items() if not form.fields] == ["sign"]
