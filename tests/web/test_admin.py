"""Administration: each act by its registrar alone, within their street, with its step in the log; never by others."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest

from huiyin.core.people import ROLES
from huiyin.store import accounts
from huiyin.web.logins import digest
from huiyin.web.who import TABLE
from tests.web.clerks import BAD, PASSWORD, Clerk, office, person, steps
from tests.web.conftest import NOW, People, Site
from tests.web.sightings import COMMUNITY, STREET, City

LEADER, PROPERTY = "building_leader:E1-B02", "property:E1"

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
async def here(site: Site, people: People) -> City:
    return await office(site, people)


@pytest.fixture
async def clerk(here: City) -> AsyncIterator[Clerk]:
    made = await Clerk(here).enter()
    yield made
    await made.http.aclose()


# -- who may ----------------------------------------------------------------------------------------------


async def test_nobody_else_comes_in(here: City) -> None:
    """403 before anything is said, on every route, for every other kind of post."""
    rows = [(method, path) for method, path in TABLE if path.startswith("/admin")]
    assert len(rows) >= 10
    for method, path in rows:
        for role in ROLES:
            if role in TABLE[method, path]:
                continue
            name = {"building_leader": "leader", "grid_worker": "grid", "owners_committee": "owners"}.get(role, role)
            url = path.format(post="x", person="p-x", ident="1")
            answer = await here.site.http.request(method, url, headers=here.heads[name])
            assert answer.status_code == 403, (method, path, role)


async def test_another_street_s_registrar_sees_nothing_of_this_one(here: City, admin: asyncpg.Connection) -> None:
    other = await Clerk(here).enter("registrar2")
    leader = await person(admin, "leader")
    assert "没有这样的岗位" in await other.read("/admin/posts")
    listed = await other.read("/admin/accounts")
    assert "registrar2" in listed
    assert not [name for name in ("leader", "community", "street2", "auditor", "machine") if f">{name}<" in listed]
    for path in (f"/admin/posts/{LEADER}", f"/admin/posts/community:{COMMUNITY}", f"/admin/accounts/{leader}"):
        await other.read(path, 404)
    for path, said in (
        (f"/admin/posts/{LEADER}/appoint", {"username": "registrar2"}),
        (f"/admin/posts/{LEADER}/end", {"person": leader}),
        (f"/admin/accounts/{leader}/close", {"password": PASSWORD}),
        (f"/admin/accounts/{leader}/codes", {"password": PASSWORD}),
        (f"/admin/accounts/{leader}/name", {"password": PASSWORD, "called": "别人"}),
        (f"/admin/accounts/{leader}/sessions", {"password": PASSWORD, "session": "all"}),
    ):
        assert (await other.send(path, **said)).status_code == 404, path
    made = await other.send("/admin/accounts", username="new", post=LEADER, password=PASSWORD)
    assert "不在您的范围内" in made.text
    assert await admin.fetchval("SELECT count(*) FROM accounts WHERE username = 'new'") == 0
    await other.http.aclose()


async def test_the_auditor_looks_on_without_names(here: City, admin: asyncpg.Connection) -> None:
    people = [row["person"] for row in await admin.fetch("SELECT person FROM persons")]
    for path in ("/admin/posts", f"/admin/posts/{LEADER}", f"/admin/posts/community:{COMMUNITY}"):
        said = (await here.site.http.get(path, headers=here.heads["auditor"])).text
        assert "柳岸" in said
        assert not [one for one in (*people, "leader2", ">community<") if one in said], path
        assert "确定" not in said


async def test_a_form_without_the_mark_does_nothing(here: City, clerk: Clerk, admin: asyncpg.Connection) -> None:
    before = await admin.fetchval("SELECT count(*) FROM log")
    for method, path in TABLE:
        if method == "POST" and path.startswith("/admin"):
            url = path.format(post=LEADER, person=await person(admin, "leader"), ident="1")
            answer = await clerk.http.post(url, data={"username": "leader", "password": PASSWORD})
            assert answer.status_code == 403, path
    assert await admin.fetchval("SELECT count(*) FROM log") == before


# -- posts ------------------------------------------------------------------------------------------------


async def test_posts_by_place(here: City, clerk: Clerk) -> None:
    said = await clerk.read("/admin/posts?q=柳岸花园 栋")
    assert "柳岸花园1栋楼栋长" in said
    assert "leader2" in said
    await here.file("C01")
    assert re.search(r"未结工单 </span>1<", await clerk.read("/admin/posts?q=柳岸花园物业"))
    assert "从未任命" in await clerk.read("/admin/posts?q=人民调解员")
    assert "柳岸花园1栋" not in await clerk.read("/admin/posts?show=never&q=楼栋长")


async def test_posts_come_in_pages(clerk: Clerk, admin: asyncpg.Connection) -> None:
    rows = "INSERT INTO buildings SELECT 'E1-X' || n, 'E1', n || '号楼', 1, grid_code FROM generate_series(100, 190) n"
    await admin.execute(f"{rows}, (SELECT grid_code FROM buildings WHERE code = 'E1-B01') g")
    await admin.execute("UPDATE registry_version SET version = 'more'")
    path, seen = "/admin/posts?q=号楼", list[str]()
    while True:
        said = await clerk.read(path)
        seen += re.findall(r'mono">(building_leader:E1-X\d+)', said)
        more = re.search(r'href="([^"]+after=[^"]+)">下一页', said)
        if more is None:
            break
        path = more[1].replace("&amp;", "&")
    assert seen == [f"building_leader:E1-X{n}" for n in range(100, 191)]


async def test_a_post_changes_hands_and_its_tickets_stay(here: City, clerk: Clerk, admin: asyncpg.Connection) -> None:
    number = await here.file("C01")
    mine = f"/admin/posts/{PROPERTY}"
    old = [await person(admin, name) for name in ("property", "estate")]
    bare = await clerk.send(f"{mine}/end", person=old[0])
    assert (bare.status_code, "还没有办理" in bare.text) == (422, True), "not without the password"
    for one in old:
        ended = await clerk.send(f"{mine}/end", person=one, password=PASSWORD)
        assert ended.headers["location"].endswith("said=done")
    here.site.clock.now = NOW + timedelta(days=3)
    said = await clerk.read(mine)
    assert "空缺 3 天" in said
    assert "1 件未结工单" in said
    assert PROPERTY in await clerk.read("/admin/posts?show=vacant")
    given = await clerk.send(f"{mine}/appoint", username="leader", deputy="yes")
    assert given.headers["location"].endswith("said=done")
    assert "副职" in await clerk.read(mine)
    changes = [(actor, step) for ident, actor, step, _ in await steps(admin, "post") if ident == PROPERTY]
    assert changes[-3:] == [(f"registrar:{STREET}", s) for s in ("post.left.v1", "post.left.v1", "post.taken.v1")]
    assert await admin.fetchval("SELECT post_code FROM tickets WHERE number = $1", number) == PROPERTY
    holding = await admin.fetchrow("SELECT role, scope, deputy FROM holdings WHERE post_code = $1 AND deputy", PROPERTY)
    assert tuple(holding) == ("property", f"post:{PROPERTY}", True)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"username": "nobody"}, "没有这个账号"),
        ({"username": "street2"}, "没有这个账号"),
        ({"username": "auditor"}, "没有这个账号"),
        ({"username": "registrar"}, "不能给自己"),
        ({"username": "leader", "since": "2026-11-30", "until": "2026-11-29"}, "任期不对"),
        ({"username": "leader", "since": "tomorrow"}, "任期不对"),
        ({"username": "leader", "since": "0001-01-01"}, "任期不对"),
        ({"username": "leader2"}, "没有需要改动的"),
        ({"username": BAD}, "没有这个账号"),
    ],
)
async def test_what_cannot_be_given_says_why(
    clerk: Clerk, admin: asyncpg.Connection, said: dict[str, str], words: str
) -> None:
    before = await steps(admin, "post")
    bare = await clerk.send(f"/admin/posts/{LEADER}/appoint", **said)
    assert (bare.status_code, "还没有办理" in bare.text) == (422, True), "not without the password"
    answer = await clerk.send(f"/admin/posts/{LEADER}/appoint", password=PASSWORD, **said)
    assert (answer.status_code, words in answer.text, "<script>alert" in answer.text) == (422, True, False)
    assert await steps(admin, "post") == before


async def test_nobody_ends_their_own_term(clerk: Clerk, admin: asyncpg.Connection) -> None:
    answer = await clerk.send(f"/admin/posts/registrar:{STREET}/end", person=await person(admin, "registrar"))
    assert "不能给自己" in answer.text
    assert await admin.fetchval("SELECT until FROM holdings WHERE post_code = $1", f"registrar:{STREET}") is None


# -- accounts ---------------------------------------------------------------------------------------------


async def test_an_account_is_added_and_its_secrets_shown_once(clerk: Clerk, admin: asyncpg.Connection) -> None:
    wanted = {"username": "wang", "post": "grid:990101001001002", "called": "王·桂英"}
    asked = await clerk.send("/admin/accounts", **wanted)
    assert (asked.status_code, "填写您自己的密码" in asked.text) == (422, True)
    wrong = await clerk.send("/admin/accounts", **wanted, password="x" * 16)
    assert (wrong.status_code, "密码不对" in wrong.text, "x" * 16 in wrong.text) == (422, True, False)
    made = await clerk.send("/admin/accounts", **wanted, password=PASSWORD)
    assert made.status_code == 200
    assert made.headers["cache-control"] == "no-store"
    password = re.search(r'mono big">([a-z0-9-]{19})<', made.text)
    assert password is not None
    assert "<svg" in made.text
    ident = await person(admin, "wang")
    row = await admin.fetchrow(
        "SELECT role, scope, exempt, totp IS NOT NULL, called FROM accounts WHERE username = 'wang'"
    )
    assert tuple(row) == ("grid_worker", "grid:990101001001002", False, True, "王·桂英")
    assert (ident, f"registrar:{STREET}", "account.opened.v1") in [one[:3] for one in await steps(admin, "account")]
    for path in (f"/admin/accounts/{ident}", "/admin/accounts"):
        assert password[1] not in await clerk.read(path)
    again = await clerk.send("/admin/accounts", **wanted)
    assert "已经有人用了" in again.text


async def test_what_a_person_is_called(here: City, clerk: Clerk, admin: asyncpg.Connection) -> None:
    ident = await person(admin, "leader")
    path, room = f"/admin/accounts/{ident}/name", here.site.room
    assert "wrong=confirm" in (await clerk.send(path, called="张伟")).headers["location"]
    assert await room.ask(lambda c: accounts.names(c, [ident])) == {ident: "leader"}
    assert "said=saved" in (await clerk.send(path, called=" 张伟 ", password=PASSWORD)).headers["location"]
    assert "张伟" in await clerk.read("/admin/accounts?q=张伟")
    assert await room.ask(lambda c: accounts.names(c, [ident, "p-nobody"])) == {ident: "张伟"}
    assert "wrong=name" in (await clerk.send(path, called="a\tb", password=PASSWORD)).headers["location"]
    assert "said=saved" in (await clerk.send(path, called="张伟", password=PASSWORD)).headers["location"]
    told = await steps(admin, "account")
    assert [one[:3] for one in told if one[2] == "account.called.v1"] == [
        (ident, f"registrar:{STREET}", "account.called.v1")
    ], "once, by whom, and not the name"
    assert not [one for one in told if "张伟" in str(one)]


@pytest.mark.parametrize(
    ("username", "post", "words"),
    [
        ("", "grid:990101001001002", "用户名应为"),
        ("a\tb", "grid:990101001001002", "用户名应为"),
        ("wang", "auditor", "岗位代码不对"),
        ("wang", "machine", "岗位代码不对"),
        ("wang", "street:990101002", "不在您的范围内"),
        ("wang", "department:", "岗位代码不对"),
        ("wang", "department:a b", "岗位代码不对"),
        ("leader", "grid:990101001001002", "已经有人用了"),
        (BAD, "nothing:x", "岗位代码不对"),
    ],
)
async def test_what_cannot_be_added_says_why(
    clerk: Clerk, admin: asyncpg.Connection, username: str, post: str, words: str
) -> None:
    before = await admin.fetch("SELECT * FROM accounts ORDER BY username")
    answer = await clerk.send("/admin/accounts", username=username, post=post, password=PASSWORD)
    assert (answer.status_code, words in answer.text, "<script>alert" in answer.text) == (422, True, False)
    assert await admin.fetch("SELECT * FROM accounts ORDER BY username") == before


async def test_a_department_is_named_by_who_looks_after_all_streets(
    here: City, people: People, clerk: Clerk, admin: asyncpg.Connection
) -> None:
    """It reads what every street asks of it: where there are several, none of them gives itself an eye there."""
    code, wanted = "department:城管", {"post": "department:城管", "password": PASSWORD}
    assert (await clerk.send("/admin/accounts", username="first", **wanted)).status_code == 200
    first = await person(admin, "first")
    await clerk.read(f"/admin/accounts/{first}")
    await admin.execute("INSERT INTO streets (code, name, district) VALUES ('990101002', '别街', '')")
    await admin.execute("UPDATE registry_version SET version = 'two streets'")
    refused = await clerk.send("/admin/accounts", username="second", **wanted)
    assert (refused.status_code, "岗位代码不对" in refused.text) == (422, True)
    assert code not in await clerk.read("/admin/posts?q=城管")
    assert ">first<" not in await clerk.read("/admin/accounts?q=first")
    for path in (f"/admin/accounts/{first}", f"/admin/posts/{code}"):
        await clerk.read(path, 404)
    taken = {"username": "leader", "password": PASSWORD}
    assert (await clerk.send(f"/admin/posts/{code}/appoint", **taken)).status_code == 404
    for what in ("close", "codes", "sessions"):
        assert (await clerk.send(f"/admin/accounts/{first}/{what}", password=PASSWORD)).status_code == 404, what
    here.heads["city"] = await people.seat("city", "registrar", "registrar:all", "all")
    whole = await Clerk(here).enter("city")
    assert (await whole.send("/admin/accounts", username="second", **wanted)).status_code == 200
    assert ">first<" in await whole.read(f"/admin/posts/{code}")
    await whole.http.aclose()


async def test_the_password_counts_for_ten_minutes(clerk: Clerk, admin: asyncpg.Connection) -> None:
    leader = await person(admin, "leader")
    path = f"/admin/accounts/{leader}"
    assert (await clerk.send(f"{path}/codes")).headers["location"].endswith("wrong=confirm")
    assert "只显示一次" in (await clerk.send(f"{path}/codes", password=PASSWORD)).text
    assert "只显示一次" in (await clerk.send(f"{path}/codes")).text
    await admin.execute("UPDATE sessions SET confirmed_at = now() - interval '11 minutes'")
    assert (await clerk.send(f"{path}/codes")).headers["location"].endswith("wrong=confirm")
    done = [one[2] for one in await steps(admin, "account") if one[0] == leader]
    assert done == ["account.codes_renewed.v1"] * 2


async def test_too_many_wrong_passwords_wait(clerk: Clerk, admin: asyncpg.Connection) -> None:
    path = f"/admin/accounts/{await person(admin, 'leader')}"
    for _ in range(5):
        assert (await clerk.send(f"{path}/codes", password="x")).headers["location"].endswith("wrong=password")
    last = await clerk.send(f"{path}/codes", password=PASSWORD)
    assert last.headers["location"].endswith("wrong=too-many")


async def test_sessions_end_one_by_one_and_all(here: City, clerk: Clerk, admin: asyncpg.Connection) -> None:
    first, second = await Clerk(here).enter("leader"), await Clerk(here).enter("leader2")
    await admin.execute("UPDATE sessions SET username = 'leader' WHERE username = 'leader2'")
    leader = await person(admin, "leader")
    path = f"/admin/accounts/{leader}"
    tokens = re.findall(r'name="session" value="([0-9a-f]{64})"', await clerk.read(path))
    assert len(tokens) == 2
    one = digest("cookie.leader").hex()
    assert one in tokens
    await clerk.send(f"{path}/sessions", session=one, password=PASSWORD)
    assert (await first.http.get("/api/v1/tickets")).status_code == 401
    assert (await second.http.get("/api/v1/tickets")).status_code == 200
    await clerk.send(f"{path}/sessions", session="all")
    assert (await second.http.get("/api/v1/tickets")).status_code == 401
    assert "现在没有登录" in await clerk.read(path)
    ended = [(one[2], one[3]["sessions"]) for one in await steps(admin, "account") if one[0] == leader]
    assert ended == [("account.sessions_ended.v1", 1), ("account.sessions_ended.v1", 1)]
    for said, wrong in (("all", "nothing"), ("zz", "choose"), ("", "choose"), ("ab", "nothing")):
        answer = await clerk.send(f"{path}/sessions", session=said)
        assert answer.headers["location"].endswith(f"wrong={wrong}"), said
    for used in (first, second):
        await used.http.aclose()


async def test_a_session_of_somebody_else_is_not_ended_by_its_name(
    here: City, clerk: Clerk, admin: asyncpg.Connection
) -> None:
    """A token under another account's page ends nothing."""
    other = await Clerk(here).enter("street2")
    path = f"/admin/accounts/{await person(admin, 'leader')}"
    await clerk.send(f"{path}/sessions", session=digest("cookie.street2").hex(), password=PASSWORD)
    assert (await other.http.get("/api/v1/tickets")).status_code == 200
    await other.http.aclose()


async def test_closing_ends_sessions_and_where_wanted_the_posts(
    here: City, clerk: Clerk, admin: asyncpg.Connection
) -> None:
    used = await Clerk(here).enter("leader2")
    ident = await person(admin, "leader2")
    path = f"/admin/accounts/{ident}"
    await clerk.send(f"{path}/close", password=PASSWORD, leave="yes")
    assert (await used.http.get("/api/v1/tickets")).status_code == 401
    assert "停用" in await clerk.read(path)
    assert (ident, "account.closed.v1") in [(one[0], one[2]) for one in await steps(admin, "account")]
    assert "post.left.v1" in [one[2] for one in await steps(admin, "post") if one[0] == LEADER]
    assert "空缺" in await clerk.read(f"/admin/posts/{LEADER}")
    await used.http.aclose()


async def test_oneself_and_auditors_are_not_changed_here(here: City, clerk: Clerk, admin: asyncpg.Connection) -> None:
    own = f"/admin/accounts/{await person(admin, 'registrar')}"
    for act in ("close", "codes"):
        answer = await clerk.send(f"{own}/{act}", password=PASSWORD)
        assert answer.headers["location"].endswith("wrong=self")
    await clerk.read(f"/admin/accounts/{await person(admin, 'auditor')}", 404)


async def test_names_are_never_code(clerk: Clerk, admin: asyncpg.Connection) -> None:
    ident = await person(admin, "leader")
    await admin.execute("UPDATE accounts SET username = $1 WHERE username = 'leader'", BAD)
    await admin.execute("UPDATE estates SET name = $1 WHERE code = 'E1'", BAD)
    await admin.execute("UPDATE registry_version SET version = 'bad'")
    for path in (
        *("/admin/posts", f"/admin/posts?q={BAD}", "/admin/posts/building_leader:E1-B01"),
        *("/admin/accounts", f"/admin/accounts?q={BAD}", f"/admin/accounts/{ident}"),
    ):
        said = await clerk.read(path)
        assert "<script>alert" not in said, path
        assert "&lt;script&gt;alert" in said, path
