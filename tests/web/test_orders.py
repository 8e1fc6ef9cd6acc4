"""Every order of the table over HTTP: what it does, what refuses it, a repeat, and who does not even know of it."""

from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from huiyin.core.people import COMMANDS, may
from huiyin.store.vault import Seal, Sealed, decode
from huiyin.web.orders import ORDERS
from tests.web.conftest import NOW, VAULT_KEY, Filer, People, Site
from tests.web.hands import DESKS, Hands

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Hands:
    return await Hands(site, filer).sit(people)


def test_every_command_has_a_route() -> None:
    assert set(COMMANDS) - set(ORDERS) <= {"view", "notify", "attach"}  # rooms of their own have these
    assert set(ORDERS) <= set(COMMANDS)


async def test_the_daily_work(hands: Hands, admin: asyncpg.Connection) -> None:
    """Signed, contacted, noted, checked, dissuaded, passed on, done, answered, followed up, closed."""
    number = await hands.file()
    before = await hands.do("leader", number, "note", {"text": "先记一笔"})
    assert before["state"] == "dispatched"
    assert before["sign_by"] == "2026-11-23T09:30:00Z"
    signed = await hands.do("leader", number, "sign")
    assert (signed["state"], signed["state_text"], signed["sign_by"]) == ("signed", "办理中", None)
    assert signed["handler"].startswith("p-")
    assert signed["rung_name"] == "楼栋长"
    assert signed["due_at"] == signed["resolve_by"] == "2026-11-25T09:30:00Z"
    assert "3个工作日:11/21–11/22休息" in signed["due_explained"]
    assert (await hands.do("leader", number, "sign"))["version"] == signed["version"]
    assert (await hands.do("leader", number, "contact"))["contacted"]
    await hands.do("leader", number, "site-check", {"note": "现场看过,水还在滴"})
    await hands.do("leader", number, "dissuade", {"text": "已劝阻", "place": "2单元楼道"})
    passed_on = await hands.do("leader", number, "reassign", {"person": "deputy"})
    assert passed_on["handler"] not in ("", signed["handler"])
    assert await hands.refused("leader", number, "reassign", {"person": "property"}) == "not-of-this-post"
    assert await hands.refused("leader", number, "reassign", {"person": "nobody"}) == "unknown-person"
    assert await hands.refused("leader", number, "close") == "no-reply"
    done = await hands.do("leader", number, "resolve", {"evidence": ["换了阀门", "复验不漏"]})
    assert (done["state"], done["resolved_by"]) == ("resolved", "building_leader:E1-B01")
    answered = await hands.do("deputy", number, "reply", {"text": "阀门已更换,请查看。"})
    assert (answered["state"], answered["reply_at"]) == ("replied", NOW.isoformat().replace("+00:00", "Z"))
    for who in ("leader", "deputy"):
        assert await hands.refused(who, number, "close") == "own-work"
        assert await hands.refused(who, number, "follow-up", {"solved": "yes"}) == "own-work"
    partly = await hands.do("community", number, "follow-up", {"solved": "partly", "satisfied": 3, "via": "visit"})
    assert (partly["solved"], partly["satisfied"], partly["state"]) == ("partly", 3, "replied")
    assert await hands.refused("community", number, "close", {"outcome": "solved"}) == "resident-disagrees"
    closed = await hands.do("community", number, "close")
    assert (closed["outcome"], closed["outcome_text"]) == ("explained", "已解释说明")
    assert await hands.refused("leader", number, "note", {"text": "x"}) == "closed-ticket"
    again = await hands.do("community", number, "reopen", {"reason": "came-back", "text": "又漏了"})
    assert (again["state"], again["rung"], again["reopened"]) == ("dispatched", "owners_committee", 1)
    seals = await admin.fetch("SELECT key, body FROM vault.dossiers WHERE ref <> $1 ORDER BY at", f"{number}/1")
    said = {decode(Seal(VAULT_KEY).open(Sealed(row["key"], row["body"]))).text for row in seals}
    assert said == {"先记一笔", "现场看过,水还在滴", "已劝阻", "换了阀门\n复验不漏", "阀门已更换,请查看。", "又漏了"}


async def test_up_the_ladder(hands: Hands) -> None:
    """Handed up with words for a reason, objected, ruled, sent down, up to the last rung."""
    number = await hands.file()
    up = await hands.do("leader", number, "hand-up", {"reason": "我们没有维修资金"})
    assert (up["rung"], up["passed"]) == ("owners_committee", ["building_leader"])
    held = await hands.do("owners", number, "object", {"reason": "wrong-category", "text": "属于物业维修"})
    assert held["objection"]["ruler"]["code"] == "property:E1"
    assert held["objection"]["reason"] == "wrong-category"
    assert await hands.refused("owners", number, "object", {"reason": "other"}) == "already-objected"
    assert await hands.refused("owners", number, "rule", {"upheld": False}) == "not-your-ticket"
    ruled = await hands.do("property", number, "rule", {"upheld": False, "text": "仍由业委会办理"})
    assert (ruled["objection"], ruled["designated"], ruled["rung"]) == (None, True, "owners_committee")
    assert await hands.refused("owners", number, "object", {"reason": "other"}) == "designated"
    assert await hands.refused("street", number, "rule", {"upheld": True}) == "no-objection"
    sent = await hands.do("community", number, "dispatch", {"rung": "property_company", "text": "请物业先修"})
    assert (sent["rung"], sent["designated"]) == ("property_company", True)
    answer = await hands.order("community", number, "dispatch", {"rung": "mayor"})
    assert (answer.status_code, answer.json()["field"]) == (400, "rung")
    for who in ("property", "community"):
        await hands.do(who, number, "hand-up", {"reason": "needs_other"})
    assert await hands.refused("street", number, "hand-up", {"reason": "other"}) == "last-rung"
    assert await hands.refused("street", number, "answer", {"text": "x"}) == "not-supervised"
    body = {"reason": "in-legal-process", "text": "法院已受理,请按诉讼程序办理。"}
    gone = await hands.do("street", number, "redirect", body)
    assert (gone["state"], gone["outcome"]) == ("closed", "redirected")
    told = await hands.told(number)
    assert (told["reply"], told["can_give_feedback"]) == ("法院已受理,请按诉讼程序办理。", False)


async def test_supervision_is_answered(hands: Hands, filer: Filer) -> None:
    number = await hands.file()
    hands.site.clock.now = NOW + timedelta(days=40)
    while (await hands.do("street", number, "note", {"text": "x"}))["supervised"] is None:
        assert await filer._desk.sweep(hands.site.clock.now) > 0
    shown = await hands.do("street", number, "note", {"text": "x"})
    assert shown["supervised"] >= 1
    assert (await hands.told(number))["supervised"]
    answered = await hands.do("street", number, "answer", {"text": "已约谈物业,下周动工"})
    assert answered["supervised"] is None


async def test_more_time(hands: Hands) -> None:
    """Asked for and granted by somebody else; at once by whoever is above."""
    number = await hands.file()
    await hands.do("leader", number, "sign")
    asked = await hands.do("leader", number, "extend", {"reason": "等配件到货", "days": 2})
    assert asked["request"] == {"what": "extend", "reason": "other", "days": 2, "review_at": None, "owner": None}
    assert await hands.refused("leader", number, "extend", {"reason": "other"}) == "already-asked"
    assert await hands.refused("leader", number, "approve") == "not-your-ticket"
    assert (
        await hands.listed("community", "/desk/approvals")
        == await hands.listed("street", "/desk/approvals")
        == [number]
    )
    assert (await hands.do("community", number, "decline", {"text": "先借用"}))["request"] is None
    assert await hands.listed("community", "/desk/approvals") == []
    assert await hands.refused("community", number, "approve") == "nothing-asked"
    await hands.do("leader", number, "extend", {"reason": "waiting-parts", "days": 2})
    given = await hands.do("community", number, "approve")
    assert (given["extensions"], given["due_at"]) == (1, "2026-11-27T09:30:00Z")
    assert await hands.refused("leader", number, "extend", {"reason": "other"}) == "no-extension-left"
    assert await hands.refused("leader", number, "extend", {"reason": "other", "days": 99}) == "extension-too-long"
    told = await hands.told(number)
    assert {"name": "办理时限已延长", "why": "等待配件材料,延长 2 个工作日"}.items() <= told["steps"][-1].items()


@pytest.mark.parametrize(
    "review", ["2027-03-15", "2027-03-15T01:00:00Z", "2027-03-15T09:00:00+08:00", "2027-03-15T09:00:00"]
)
async def test_shelved_and_cleared(hands: Hands, review: str) -> None:
    number = await hands.file()
    await hands.do("leader", number, "sign")
    body = {"reason": "engineering", "review_at": review, "plan": "列入明年改造"}
    shelved = await hands.do("community", number, "shelve", body)
    shelf = {"reason": "engineering", "review_at": "2027-03-15T01:00:00Z", "owner": "building_leader:E1-B01"}
    assert (shelved["state"], shelved["shelf"]) == ("shelved", shelf)
    told = await hands.told(number)
    assert (told["due_at"], told["due_explained"]) == (shelf["review_at"], "已挂账,2027年3月15日复查")
    assert told["steps"][-1]["why"] == "需要工程改造,2027年3月15日复查"
    assert await hands.refused("leader", number, "resolve", {"text": "x"}) == "shelved-ticket"
    cleared = await hands.do("leader", number, "clear", {"evidence": "改造完成"})
    assert (cleared["state"], cleared["shelf"]) == ("signed", None)
    assert await hands.refused("leader", number, "clear", {"text": "x"}) == "not-shelved"


async def test_what_shelving_refuses(hands: Hands) -> None:
    number = await hands.file()
    await hands.do("leader", number, "sign")
    plan = {"reason": "funds", "plan": "筹资"}
    for day in ("2020-01-01", "2030-01-01"):
        assert await hands.refused("leader", number, "shelve", plan | {"review_at": day}) == "review-date"
    for owner in ("zhang san", "property:E9", "property", "张三:E1"):
        body = plan | {"review_at": "2027-01-05", "owner": owner}
        assert await hands.refused("leader", number, "shelve", body) == "unknown-post", owner
    asked = await hands.do("leader", number, "shelve", plan | {"review_at": "2027-01-05", "owner": "property:E1"})
    assert (asked["request"]["what"], asked["request"]["owner"]) == ("shelve", "property:E1")
    for bad in ("soon", "2027-13-01", "2027-01-05T", "9999999999"):
        answer = await hands.order("leader", number, "shelve", plan | {"review_at": bad})
        assert (answer.status_code, answer.json()["field"]) == (400, "review_at"), bad


async def test_together_and_apart(hands: Hands) -> None:
    lead, one, other = [await hands.file() for _ in range(3)]
    merged = await hands.do("community", one, "merge", {"with": lead})
    assert (merged["state"], merged["lead"]) == ("merged", lead)
    both = await hands.do("community", other, "merge", {"into": lead})
    assert both["due_explained"]
    shown = await hands.do("community", lead, "note", {"text": "三件一起办"})
    assert [row["number"] for row in shown["joined"]] == [one, other]
    assert shown["together"] == "3 件,1 栋楼,自 11月20日(周五)起"
    told = await hands.told(one)
    assert (told["state"], told["state_text"]) == ("merged", "已与 2 件同类诉求合并办理")
    assert told["steps"][-1]["name"] == "已与 2 件同类诉求合并办理"
    assert (told["held_by"], told["due_at"]) == ("楼栋长", shown["due_at"])
    assert lead not in str(told)
    assert await hands.refused("community", lead, "merge", {"into": lead}) == "same-ticket"
    assert await hands.refused("community", lead, "merge", {"into": await hands.file()}) == "leads-others"
    assert await hands.refused("community", await hands.file(), "merge", {"into": one}) == "merged-ticket"
    assert await hands.refused("community", one, "sign") == "not-your-ticket"
    assert await hands.refused("leader", one, "resolve", {"text": "x"}) == "merged-ticket"
    apart = await hands.do("community", other, "split", {"text": "情况不同"})
    assert (apart["state"], apart["lead"]) == ("dispatched", None)
    left = await hands.do("community", lead, "note", {"text": "x"})
    assert [row["number"] for row in left["joined"]] == [one]
    assert await hands.refused("community", other, "split") == "not-merged"
    await hands.do("leader", lead, "sign")
    await hands.do("leader", lead, "reply", {"text": "已修好"})
    assert (await hands.told(one))["reply"] == "已修好"
    assert (await hands.feedback(one, solved="no")).json()["state"] == "dispatched"
    assert (await hands.told(lead))["state"] == "replied"


async def test_a_hidden_ticket_is_no_ticket_to_merge_with(hands: Hands) -> None:
    """Merging with what one may not see answers as with what is not there; neither says more."""
    hidden, number = await hands.file("L02"), await hands.file()
    await hands.do("community", hidden, "relate", {"role": "respondent", "username": "property"})
    await hands.do("community", number, "dispatch", {"rung": "property_company"})
    answers = [await hands.order("property", number, "merge", {"into": into}) for into in (hidden, "HY999999999", "x")]
    assert {answer.json()["code"] for answer in answers} == {"unknown-ticket"}
    assert len({answer.content for answer in answers}) == 1
    await hands.do("community", number, "merge", {"into": hidden})
    seen = (await hands.site.http.get(f"/api/v1/tickets/{number}", headers=hands.heads["property"])).json()
    assert (seen["state"], seen["lead"]) == ("merged", None)
    log = await hands.site.http.get(f"/api/v1/tickets/{number}/log", headers=hands.heads["property"])
    assert hidden not in log.text


async def test_other_tickets_are_named_to_who_may_see_them(hands: Hands) -> None:
    """The same matter, and what was merged into a ticket: neither the list, the ticket nor its log tells more."""
    hidden, number = await hands.file("L02"), await hands.file("L02")
    await hands.do("community", hidden, "relate", {"role": "respondent", "username": "property"})
    merged = await hands.do("community", hidden, "merge", {"into": number})
    assert merged["lead"] == number
    for who, knows in (("community", True), ("property", False)):
        head = hands.heads[who]
        (shown,) = [
            row
            for row in (await hands.site.http.get("/api/v1/tickets", headers=head)).json()["tickets"]
            if row["number"] == number
        ]
        assert [one["number"] for one in shown["same_matter"]] == ([hidden] if knows else [])
        assert [one["number"] for one in shown["joined"]] == ([hidden] if knows else [])
        assert (shown["together"] is not None) == knows
        log = await hands.site.http.get(f"/api/v1/tickets/{number}/log", headers=head)
        assert (hidden in log.text) == knows
    await hands.do("community", hidden, "split")
    log = await hands.site.http.get(f"/api/v1/tickets/{number}/log", headers=hands.heads["community"])
    assert log.text.count(hidden) >= 3  # also once it has left


async def test_a_party_becomes_known(hands: Hands, admin: asyncpg.Connection) -> None:
    number = await hands.file()
    for body, field in (
        ({}, "role"),
        ({"role": "complainant"}, "username"),
        ({"role": "complainant", "username": "leader", "phone": "13800000009"}, "phone"),
        ({"role": "complainant", "phone": "none"}, "phone"),
        ({"role": "complainant", "building_code": "E1-B01"}, "room"),
        ({"role": "victim", "username": "leader"}, "role"),
    ):
        answer = await hands.order("community", number, "relate", body)
        assert (answer.status_code, answer.json().get("field")) == (400, field), body
    for body, code in (
        ({"username": "nobody"}, "unknown-person"),
        ({"organisation": "property:E9"}, "unknown-post"),
        ({"building_code": "E9-B1", "room": "101"}, "unknown-building"),
    ):
        assert await hands.refused("community", number, "relate", {"role": "respondent"} | body) == code
    home = {"role": "respondent", "building_code": "E1-B01", "room": "13987654321室"}
    await hands.do("community", number, "relate", home)
    await hands.do("community", number, "relate", {"role": "respondent", "phone": "139 8765 4321"})
    await hands.do("community", number, "relate", {"role": "respondent", "organisation": "property:E1"})
    rows = await admin.fetch("SELECT * FROM parties")
    assert len(rows) == 3
    assert "13987654321" not in str([tuple(row) for row in rows])
    await hands.do("community", number, "relate", {"role": "complainant", "username": "leader"})
    assert (await hands.order("leader", number, "sign")).status_code == 404
    still = await hands.do("deputy", number, "sign")  # of the same post, without an interest
    assert still["state"] == "signed"


async def test_a_repeat_is_the_same_answer(hands: Hands, admin: asyncpg.Connection) -> None:
    """Also where others went on meanwhile, and where the ticket has left the giver's sight."""
    number = await hands.file()
    await hands.do("community", number, "dispatch", {"rung": "property_company"})
    body = {"reason": "beyond-means", "text": "需要更换主管道"}
    first = await hands.order("property", number, "hand-up", body, key="k1")
    await hands.do("community", number, "sign")
    again = await hands.order("property", number, "hand-up", body, key="k1")
    assert (first.status_code, first.content) == (200, again.content)
    for _ in range(2):
        wrong = await hands.order("street", number, "close", key="k2")
        assert wrong.json()["code"] == "no-reply"
    assert (await hands.order("street", number, "note", {"text": "一"}, key="k3")).status_code == 200
    count = "SELECT count(*) FROM vault.dossiers"
    kept = await admin.fetchval(count)
    assert (await hands.order("street", number, "note", {"text": "一"}, key="k3")).status_code == 200
    assert await admin.fetchval(count) == kept
    assert (await hands.order("second", number, "note", {"text": "一"}, key="k3")).status_code == 200
    assert await admin.fetchval(count) == kept + 1
    assert (await hands.order("street", number, "note", {"text": "一"}, key="k" * 257)).json()["code"] == "bad-key"


BODIES: dict[str, dict[str, Any]] = {"merge": {"into": "HY000000009"}, "dispatch": {"rung": "street_office"}}


async def test_what_is_hidden_is_not_there(hands: Hands, people: People) -> None:
    """A complaint about the property company, on every route, with a good body, a bad one and none."""
    number = await hands.file("L02", "property")
    machine = await people.make("machine")
    for command in ORDERS:
        for body in (BODIES.get(command, {"text": "x"}), {"text": 7}, {}):
            answer = await hands.order("property", number, command, body)
            nobody = await hands.order("property", "HY999999999", command, body)
            assert answer.status_code == (404 if may("property", command) else 403), command
            assert answer.content == nobody.content
        path = f"/api/v1/tickets/{number}/{command}"
        assert (await hands.site.http.post(path, headers=machine, json={})).json()["code"] == "not-your-role"
        assert (await hands.site.http.post(path, json={})).status_code == 401
    assert (await hands.site.http.get(f"/api/v1/tickets/{number}", headers=hands.heads["street"])).json()[
        "version"
    ] == 2


NEEDS = {
    "note": "text", "site-check": "text", "dissuade": "text", "reassign": "person", "relate": "role",
    "resolve": "text", "reply": "text", "hand-up": "reason", "object": "reason", "rule": "upheld",
    "answer": "text", "extend": "reason", "shelve": "review_at", "clear": "text", "merge": "into",
    "follow-up": "solved", "reopen": "reason", "redirect": "reason", "dispatch": "rung",
}  # fmt: skip


async def test_an_empty_body_names_the_field(hands: Hands) -> None:
    number = await hands.file()
    for command, field in NEEDS.items():
        for body in ({}, {field: None}, {field: " "}):
            answer = await hands.order("street", number, command, body)
            if answer.status_code == 403:
                answer = await hands.order("grid", number, command, body)
            assert (answer.status_code, answer.json()["code"]) == (400, "missing-field"), (command, answer.text)
            assert (answer.json()["field"], field in answer.json()["detail"]) == (field, True)
    for command in set(ORDERS) - set(NEEDS) - {"reclassify"}:
        empty = await hands.site.http.post(f"/api/v1/tickets/{number}/{command}", headers=hands.heads["street"])
        assert empty.status_code in (200, 409), command


FAULTS = {
    "not json": (b"{", "not-json", None),
    "no object": (b"[1]", "not-json", None),
    "half a letter": (b'{"text": "\\ud800"}', "not-json", None),
    "not utf-8": (b'{"text": "\xff"}', "not-json", None),
    "bomb": (b'{"text": ' + b"[" * 30_000 + b"]" * 30_000 + b"}", "not-json", None),
    "nul": (b'{"text": "a\\u0000b"}', "wrong-type", "text"),
    "number": (b'{"comment": 7}', "wrong-type", "comment"),
    "too long": (b'{"text": "' + b"a" * 8001 + b'"}', "text-too-long", "text"),
    "together too long": (b'{"text": "' + b"a" * 4000 + b'", "note": "' + b"a" * 4001 + b'"}', "text-too-long", "text"),
}


@pytest.mark.parametrize("case", FAULTS)
async def test_words_that_cannot_be(hands: Hands, case: str) -> None:
    raw, code, field = FAULTS[case]
    number = await hands.file()
    answer = await hands.site.http.post(f"/api/v1/tickets/{number}/note", headers=hands.heads["leader"], content=raw)
    assert (answer.status_code, answer.json()["code"], answer.json().get("field")) == (400, code, field)


async def test_words_that_are_odd_but_can_be(hands: Hands) -> None:
    number = await hands.file()
    for text in ("长" * 8000, "😀", "a\u2028b"):
        await hands.do("leader", number, "note", {"text": text})
    await hands.do("leader", number, "sign")
    for evidence, field in ((["x"] * 21, "evidence"), (["a\0"], "evidence"), (["长" * 5000] * 2, "text")):
        answer = await hands.order("leader", number, "resolve", {"evidence": evidence})
        assert (answer.status_code, answer.json()["field"]) == (400, field)


async def test_what_a_window_may_offer(hands: Hands, people: People) -> None:
    """`allowed`: by the role and by what the post is to the ticket, the same in lists."""
    number = await hands.file()
    shown = {who: await hands.do("street", number, "note", {"text": "x"}) for who in ("street",)}
    assert {"dispatch", "close", "approve"} <= set(shown["street"]["allowed"])
    assert not {"sign", "resolve", "object", "split-off"} & set(shown["street"]["allowed"])
    for who in DESKS:
        page = (await hands.site.http.get("/api/v1/tickets", headers=hands.heads[who])).json()
        (row,) = page["tickets"]
        one = (await hands.site.http.get(f"/api/v1/tickets/{number}", headers=hands.heads[who])).json()
        assert one["allowed"] == row["allowed"], who
        assert ("sign" in one["allowed"]) == (who in ("leader", "deputy", "grid")), who
        for command in one["allowed"]:
            if command in ORDERS and command not in ("sign", "reclassify"):
                answer = await hands.order(who, number, command, {"text": 7})
                assert answer.status_code == 400, (who, command)
    top = await hands.file("T04", "grid_or_community_staff")  # begins at the last rung: another person decides there
    last = await hands.do("street", top, "note", {"text": "x"})
    assert {"sign", "approve", "decline", "rule"} <= set(last["allowed"])
    for role in ("auditor", "machine", "mediator"):
        head = await people.make(role)
        assert (await hands.site.http.get(f"/api/v1/tickets/{number}", headers=head)).json()["allowed"] == []


async def test_a_place_says_nothing_of_anybody(hands: Hands, admin: asyncpg.Connection) -> None:
    """A room or a name in the place of a dissuasion goes into the vault; the log has the building's code."""
    number = await hands.file()
    for place, logged in (
        ("E1-B01", "E1-B01"),
        ("2单元楼道", "2单元楼道"),
        ("2单元501室", "E1-B01"),
        ("王某某家门口", "E1-B01"),
        (None, "E1-B01"),
    ):
        await hands.do("grid", number, "dissuade", {"text": "劝阻", "place": place})
        body = await admin.fetchval("SELECT body FROM log WHERE id = $1 ORDER BY version DESC LIMIT 1", number)
        assert f'"place":"{logged}"'.encode() in bytes(body)
    later = {"text": "劝阻", "when": (NOW + timedelta(hours=1)).isoformat()}
    assert await hands.refused("grid", number, "dissuade", later) == "not-yet-happened"


async def test_states_and_ends_in_lists(hands: Hands) -> None:
    """Every state is a filter; what is closed is not open."""
    number = await hands.file()
    await hands.file()
    await hands.do("community", number, "withdraw", {"text": "居民来电撤回"})
    for query, expected in (
        ("state=closed", [number]),
        ("open=false", [number]),
        ("state=dispatched&open=true", None),
        ("state=closed&open=true", []),
    ):
        page = (await hands.site.http.get(f"/api/v1/tickets?{query}", headers=hands.heads["street"])).json()
        found = [row["number"] for row in page["tickets"]]
        assert found == expected if expected is not None else number not in found
    for state in ("sorting", "signed", "resolved", "replied", "shelved", "merged"):
        answer = await hands.site.http.get(f"/api/v1/tickets?state={state}", headers=hands.heads["street"])
        assert (answer.status_code, answer.json()["tickets"]) == (200, [])
