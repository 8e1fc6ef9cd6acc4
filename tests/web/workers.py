"""Workers at a browser's window: in by the login form, as one of the people of DESKS; complaints with words of a real
length in the vault."""

from playwright.async_api import Page, expect

from huiyin import posts
from huiyin.core.words import About
from huiyin.desk import Complaint, Order
from huiyin.store import accounts
from huiyin.store.vault import Dossier, Seal, encode
from huiyin.web.logins import digest
from tests.core.world import AT, sorting
from tests.web.conftest import VAULT_KEY, Filer, Site, kept
from tests.web.hands import DESKS, Hands

PASSWORD = "abcd-efgh-jkmn-pqrs"
WORDS = (
    "我住1栋2单元,楼上从上周三开始漏水,厨房的天花板湿了一大片,墙皮往下掉,昨天夜里水滴到插座旁边。"
    "找过楼上两次,说不是他家的问题,让我找物业;物业来看过一次,说要等楼上同意才能进去查。家里有老人和小孩,"
    "现在厨房不敢开灯。请尽快派人来看看是哪里漏的,该谁修就谁修,修好之前先把电的事处理一下。"
)


async def give_password(site: Site, name: str) -> None:
    """Somebody of DESKS may log in by the form, too."""
    role, post, scope = DESKS[name]
    account = accounts.Account(name, role, post, scope, exempt=True)
    await site.room.write(lambda c: posts.enrol(c, account, kept(PASSWORD), digest(f"token.{name}"), at=AT))


async def log_in(page: Page, name: str, to: str = "/desk") -> None:
    """By the form, and on to a page."""
    await page.goto(f"/login?next={to}")
    await page.get_by_label("用户名").fill(name)
    await page.get_by_label("密码", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="登录").click()
    await expect(page.locator("body.staff")).to_be_visible()


async def complain(hands: Hands, filer: Filer, category: str = "A01", about: About = "none", words: str = WORDS) -> str:
    """A ticket whose words, name and phone lie in the vault."""
    place = {"estate": "柳岸花园", "building": "1栋", "unit": "2单元", "room": "1102"}
    dossier = Dossier(words, "厨房天花板漏水", place, "王秀英", "13800000000")
    sealed = Seal(VAULT_KEY).seal(encode(dossier), "13800000000")
    what = Complaint("web", about, AT, sorting(category), sealed)
    filer._count += 1
    order = Order("urn:partner", f"w{filer._count}", "sorter", what, filer._count)
    (answer,) = await filer._desk.act([order], at=AT)
    assert answer.number is not None, answer
    return answer.number
