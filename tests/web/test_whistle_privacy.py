"""Attacks on the whistle: what a department could learn beside its task, who sits on both sides, what breaks a page."""

import asyncio
from typing import Any
from urllib.parse import quote

import asyncpg
import pytest

from huiyin import posts
from huiyin.core.staff import Term
from huiyin.core.ticket import RESIDENT
from huiyin.core.voices import ReportPressure
from huiyin.desk import Change, Order
from huiyin.store import people as persons
from tests.core.world import AT
from tests.web.conftest import Filer, People, Site
from tests.web.sightings import NAME, PHONE, City
from tests.web.whistlers import BLOW, CITY, COMMUNITY, FIRE, POLICE, REPLY, STREET, Whistlers

pytestmark = pytest.mark.usefixtures("city")
HTML = {"Accept": "text/html"}
READ = ("", "/log")


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Whistlers:
    return await Whistlers(site, filer).sit(people)


async def reads(hands: Whistlers, who: str, number: str) -> dict[str, tuple[int, str]]:
    """All that somebody gets of a whistle, page by page."""
    api = [f"/api/v1/whistles/{number}{one}" for one in READ]
    paths = [*api, "/api/v1/whistles", "/api/v1/whistles/duties", f"/whistles/{number}", f"/whistles/{number}/sheet"]
    paths += [f"/whistles/{number}/do/acknowledge", "/calls"] if who in ("city", "police", "fire") else ["/whistles"]
    found = {}
    for path in paths:
        head = hands.heads[who] | ({} if path.startswith("/api") else HTML)
        answer = await hands.site.http.get(path, headers=head)
        found[path] = answer.status_code, answer.text
    return found


async def from_ticket(hands: Whistlers, ticket: str, **more: Any) -> str:
    """The number of a whistle blown for a ticket: an emergency needs no approval first."""
    answer = await hands.order("street", ticket, "whistle", BLOW | {"kind": "emergency"} | more)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["number"])


# -- who is complained about ------------------------------------------------------------------------------


async def test_the_department_that_is_complained_about_sees_it_no_more_and_nobody_tells_the_next(
    hands: Whistlers,
) -> None:
    """Found out while it leads: it is gone for them; who takes over reads no reason, and may not be told by asking."""
    ticket = await hands.file("B04")
    number = await from_ticket(hands, ticket, asks=[{"department": CITY, "text": "请查处"}])
    await hands.do("street", ticket, "relate", {"role": "respondent", "organisation": CITY})
    for path, (status, text) in (await reads(hands, "city", number)).items():
        assert number not in text.replace(path, ""), path
        assert status in (404, 200), path
    for command in ("acknowledge", "object", "arrive", "progress"):
        assert (await hands.asks("city", number, command, {"text": "x", "reason": "other"})).status_code == 404
    ruling = {"department": CITY, "upheld": True, "to": POLICE, "text": "城管被投诉,改由公安"}
    await hands.does("second", number, "rule", ruling)
    for path, (_, text) in (await reads(hands, "police", number)).items():
        for word in ("被反映", "被投诉", "城管", "回避", "recused"):
            assert word not in text, (path, word)
    await hands.does("police", number, "acknowledge")
    refused = await hands.asks("police", number, "ask-co", {"department": CITY, "text": "请协助"})
    assert (refused.status_code, refused.json()["code"]) == (409, "ask-the-street")
    assert "反映" not in refused.text
    assert "回避" not in refused.text
    assert (await hands.asks("police", number, "ask-co", {"department": FIRE, "text": "请协助"})).status_code == 200


async def test_a_worker_with_an_interest_does_not_know_of_it_and_the_colleague_does(
    hands: Whistlers, people: People
) -> None:
    """By person, as for tickets: hidden, not refused."""
    hands.heads["colleague"] = await people.seat("colleague", "department", CITY, f"post:{CITY}")
    ticket = await hands.file("B04")
    number = await from_ticket(hands, ticket, asks=[{"department": CITY, "text": "请查处"}])
    await hands.do("street", ticket, "relate", {"role": "respondent", "username": "city"})
    for path, (_, text) in (await reads(hands, "city", number)).items():
        assert number not in text.replace(path, ""), path
    assert (await hands.asks("city", number, "acknowledge")).status_code == 404
    assert await hands.numbers("city") == []
    assert await hands.numbers("colleague") == [number]
    await hands.does("colleague", number, "acknowledge")


async def test_a_complaint_about_the_communitys_staff_hides_its_whistle(hands: Whistlers) -> None:
    ticket = await hands.file("B04", "grid_or_community_staff")
    number = await from_ticket(hands, ticket)
    for path, (_, text) in (await reads(hands, "community", number)).items():
        assert number not in text.replace(path, ""), path
        assert ticket not in text, path
    offered = await hands.try_blow("community", kind="emergency")
    assert number not in offered.text
    loose = await hands.try_blow(about="grid_or_community_staff", apart="另一件")
    assert (loose.status_code, loose.json()["code"]) == (409, "ticket-missing"), (
        "without a ticket nothing would hide it"
    )


async def test_a_resident_under_pressure_takes_the_whistle_along(hands: Whistlers) -> None:
    """The community had it: ticket and whistle are gone for it, the street's other people go on."""
    ticket = await hands.file("B04")
    await hands.do("community", ticket, "sign")
    number = await from_ticket(hands, ticket)
    assert await hands.numbers("community") == [number]
    order = Order("urn:test", "p1", RESIDENT.post, Change(ticket, ReportPressure()), role=RESIDENT.role)
    assert (await hands.site.room.act(order)).outcome == "done"
    assert await hands.numbers("community") == []
    assert (await hands.asks("community", number, "cancel", {"reason": "other"})).status_code == 404
    assert await hands.numbers("city") == [number]


async def test_a_joined_ticket_neither_accuses_who_is_called_nor_hides_it_from_who_blew_it(hands: Whistlers) -> None:
    number = await hands.blow("community")
    accusing = await hands.file("B04")
    await hands.do("street", accusing, "relate", {"role": "respondent", "organisation": CITY})
    answer = await hands.asks("street", number, "join", {"ticket": accusing})
    assert answer.json()["code"] == "department-recused"
    staff = await hands.file("B04", "grid_or_community_staff")
    answer = await hands.asks("street", number, "join", {"ticket": staff})
    assert answer.json()["code"] == "joins-hidden"
    assert await hands.numbers("community") == [number]
    await hands.does("street", number, "join", {"ticket": await hands.file("B04")})


# -- what a department could find out ---------------------------------------------------------------------


async def test_who_comes_is_one_of_the_department_and_nobody_else_is_there(hands: Whistlers, people: People) -> None:
    """Neither a list of the city's user names, nor the blower named so that they cannot confirm."""
    hands.heads["colleague"] = await people.seat("colleague", "department", CITY, f"post:{CITY}")
    number = await hands.called()
    told = {(await hands.asks("city", number, "acknowledge", {"person": one})).text for one in
            ("street", "boss", "property", "fire", "nobody", "p-aaaaaaaa")}  # fmt: skip
    (only,) = told
    assert "unknown-person" in only
    one = (await hands.does("city", number, "acknowledge", {"person": "colleague"}))["line"]["person"]
    assert (await hands.does("city", number, "acknowledge", {"person": one}))["line"]["person"] == one
    assert (await hands.does("city", number, "acknowledge", {"person": "city"}))["line"]["person"] != one


async def test_a_departments_words_are_no_questions_after_the_complainant(site: Site, people: People) -> None:
    """What it writes is looked at for nobody in particular: a right guess and a wrong one read alike."""
    town = await City(site, people).sit("street", "department")
    hands = Whistlers(site, Filer(site.room))
    await hands.sit(people)
    ticket = await town.file("B04")
    number = await from_ticket(hands, ticket, asks=[{"department": CITY, "text": "请查处"}])
    await hands.does("city", number, "acknowledge")
    told = []
    for one in (NAME, "周大福"):
        answer = await hands.asks("city", number, "ask-co", {"department": CITY, "text": one})
        told.append((answer.status_code, answer.text))
    for one in (PHONE, "13912345679"):
        answer = await hands.asks("city", number, "ask-co", {"department": FIRE, "text": one})
        told.append((answer.status_code, answer.text))
    assert told[0] == told[1]
    assert told[2] == told[3]
    street = await hands.asks("street", number, "cancel", {"reason": "other", "text": f"{NAME}撤回"})
    assert street.json()["code"] == "identifies-complainant", "who knows them is held back"


async def test_nothing_of_another_s_whistle_by_any_answer(hands: Whistlers) -> None:
    """There or not there, whatever is asked, with a key that somebody else used: the same answer."""
    number, nowhere = await hands.called(), "SH999999999"
    ticket = await hands.file("B04")
    key = {"Idempotency-Key": "same"}
    path = f"/api/v1/whistles/{number}/progress"
    await hands.does("city", number, "acknowledge")
    body = {"text": "正在办理"}
    assert (await hands.site.http.post(path, headers=hands.heads["city"] | key, json=body)).status_code == 200
    for command in ("acknowledge", "object", "arrive", "progress", "answer", "reply", "ask-co", "rate-back", "resume"):
        for sent in (body, [1], {"ticket": ticket}):
            told = {}
            for one in (number, nowhere):
                url = f"/api/v1/whistles/{one}/{command}"
                answer = await hands.site.http.post(url, headers=hands.heads["fire"] | key, json=sent)
                told[one] = answer.status_code, answer.text
            assert told[number] == told[nowhere], command
            assert told[number][0] == 404
    for path in (f"/whistles/{number}/sheet", f"/whistles/{number}/now", f"/whistles/{number}/do/arrive"):
        there = await hands.site.http.get(path, headers=hands.heads["fire"] | HTML)
        none = await hands.site.http.get(path.replace(number, nowhere), headers=hands.heads["fire"] | HTML)
        assert (there.status_code, len(there.content)) == (404, len(none.content))
    for path in ("/review/whistles/" + number, f"/tickets/{ticket}/whistle", "/whistles", "/whistles/figures"):
        assert (await hands.site.http.get(path, headers=hands.heads["fire"] | HTML)).status_code in (403, 404), path


# -- one person on both sides -----------------------------------------------------------------------------


async def test_one_person_with_two_posts_judges_not_their_own(hands: Whistlers, site: Site) -> None:
    """交叉任职: who sits at the department and at the street, as whichever post, whoever was named to come."""
    person = (await site.room.ask(lambda c: persons.person_of(c, "city", site.clock.now))).id
    term = Term(f"street:{STREET}", person, "street", f"street:{STREET}", AT)
    await site.room.write(lambda c: posts.give(c, term, at=AT))
    hands.heads["both"] = hands.heads["city"] | {"X-Huiyin-Post": quote(f"street:{STREET}")}
    number = await hands.called()
    await hands.does("city", number, "object", {"reason": "other", "text": "不是我们的"})
    ruling = {"department": CITY, "upheld": False}
    assert (await hands.asks("both", number, "rule", ruling)).json()["code"] == "own-request"
    await hands.does("second", number, "rule", ruling)
    await hands.does("city", number, "acknowledge")
    called_at = (await hands.stands("city", number))["called_at"]
    await hands.does("city", number, "reply", REPLY | {"accepted_at": called_at})
    for command, body in (("confirm", {}), ("return", {"text": "没有"})):
        assert (await hands.asks("both", number, command, body)).json()["code"] == "own-work"
    assert "confirm" not in (await hands.stands("both", number))["allowed"]
    await hands.does("second", number, "confirm")
    scores = {"department": CITY, "response": 5, "quality": 5, "cooperation": 5}
    assert (await hands.asks("both", number, "rate", scores)).json()["code"] == "own-work"

    own = await hands.blow("both", apart="另一件")
    await hands.does("boss", own, "approve")
    await hands.does("city", own, "acknowledge")
    called_at = (await hands.stands("city", own))["called_at"]
    await hands.does("city", own, "reply", REPLY | {"accepted_at": called_at})
    await hands.does("second", own, "confirm")
    answer = await hands.asks("city", own, "rate-back", {"justified": "yes", "score": 5})
    assert answer.json()["code"] == "own-work", "who blew it does not say for the department that it was justified"


# -- what a form could break ------------------------------------------------------------------------------

MOMENTS = ("9999-12-31T23:59:59-10:00", "9999-12-31T23:59:59Z", "9990-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00",
           "0001-01-01T00:00:00Z")  # fmt: skip


@pytest.mark.parametrize("moment", MOMENTS)
async def test_no_moment_breaks_the_page(hands: Whistlers, moment: str) -> None:
    """A plan for the end of all calendars made the whistle's page and its log fail for everybody, for ever."""
    number = await hands.called()
    await hands.does("city", number, "acknowledge")
    for command, body in (
        ("plan", {"text": "方案", "until": moment}),
        ("arrive", {"arrived_at": moment}),
        ("reply", REPLY | {"accepted_at": moment}),
        ("reply", REPLY | {"accepted_at": "2026-11-22T09:00:00+08:00", "finished": False, "by_when": moment}),
    ):
        answer = await hands.asks("city", number, command, body)
        assert answer.status_code in (400, 409), (command, answer.text)
    for who in ("city", "street"):
        for path, (status, _) in (await reads(hands, who, number)).items():
            assert status in (200, 409), (who, path, status)


async def test_hostile_values(hands: Whistlers) -> None:
    """Refused by a code each; nothing of them is kept."""
    number = await hands.called()
    await hands.does("city", number, "acknowledge")
    for body in ({"lat": 91, "lon": 0}, {"lat": 1}, {"lat": "nan", "lon": "nan"}, {"lat": 1e400, "lon": 0}):
        raw = str(body).replace("'", '"').replace("inf", "1e400")
        path = f"/api/v1/whistles/{number}/arrive"
        answer = await hands.site.http.post(path, headers=hands.heads["city"], content=raw)
        assert answer.status_code == 400, raw
    for text in ("nan", "inf", "-inf", "1e400"):
        form = {"key": "k" * 20 + text, "lat": text, "lon": text, "on_site": "yes", "arrived_at": ""}
        answer = await hands.site.http.post(f"/whistles/{number}/arrive", headers=hands.heads["city"] | HTML, data=form)
        assert answer.status_code < 500, text
    assert (await hands.stands("street", number))["lines"][0]["on_site"] in (None, "unproven")
    for score in (0, 6, -1, 10**9, 2.5, True, "5"):
        answer = await hands.asks("street", number, "rate", {"department": CITY, "response": score, "quality": 1,
                                                              "cooperation": 1})  # fmt: skip
        assert answer.status_code in (400, 409), score
    many = [{"department": CITY, "text": "x"}] * 500
    assert (await hands.try_blow(asks=many)).status_code == 400
    for days in (0, -1, 10**30, 2**63):
        answer = await hands.asks("city", number, "ask-pause", {"reason": "other", "days": days, "text": "x"})
        assert answer.status_code in (400, 409), days
    huge = await hands.asks("city", number, "progress", {"text": "长" * 8_001})
    assert huge.status_code == 400


# -- at once ----------------------------------------------------------------------------------------------


async def test_two_at_once_leave_one_story(hands: Whistlers, admin: asyncpg.Connection) -> None:
    """One approval, one ruling, one end; whoever comes second is told so."""

    async def both(*some: Any) -> list[Any]:
        return sorted([one.json().get("code", "done") for one in await asyncio.gather(*some)])

    number = await hands.blow()
    found = await both(hands.asks("boss", number, "approve"), hands.asks("second", number, "approve"))
    assert found == ["done", "done"]
    assert await steps(admin, number) == ["blown", "approved", "called"]
    found = await both(hands.asks("city", number, "acknowledge"), hands.asks("street", number, "cancel",
                                                                             {"reason": "mistaken"}))  # fmt: skip
    assert found in (["already-acknowledged", "done"], ["closed-whistle", "done"])

    number = await hands.called(apart="另一件")
    await hands.does("city", number, "object", {"reason": "other", "text": "不是我们的"})
    body = {"department": CITY, "upheld": True}
    found = await both(hands.asks("second", number, "rule", body | {"to": POLICE}),
                       hands.asks("second", number, "rule", body | {"to": FIRE}))  # fmt: skip
    assert found == ["done", "no-objection"]
    lines = (await hands.stands("street", number))["lines"]
    assert [one["lead"] for one in lines] == [True]
    lead = {POLICE: "police", FIRE: "fire"}[lines[0]["post"]]
    bound = await hands.asks(lead, number, "object", {"reason": "other", "text": "也不是"})
    assert bound.json()["code"] == "designated"

    await hands.does(lead, number, "acknowledge")
    called_at = (await hands.stands(lead, number))["called_at"]
    await hands.does(lead, number, "reply", REPLY | {"accepted_at": called_at})
    found = await both(
        hands.asks("street", number, "confirm"), hands.asks("second", number, "return", {"text": "没有"})
    )
    assert found in (["already-confirmed", "done"], ["done", "not-replied"])


async def steps(admin: asyncpg.Connection, number: str) -> list[str]:
    rows = await admin.fetch("SELECT step FROM log WHERE id = $1 ORDER BY version", number)
    return [str(row["step"]).split(".")[1] for row in rows]


# -- words stay in the vault ------------------------------------------------------------------------------


async def test_no_word_is_outside_the_vault(
    hands: Whistlers, admin: asyncpg.Connection, capfd: pytest.CaptureFixture[str]
) -> None:
    """Why, asks, answers, refusals: not in the log, the views, the inbox of causes, our own lines or the figures."""
    canary = "金丝雀暗号"
    number = await hands.called(text=canary + "甲", asks=[{"department": CITY, "text": canary + "乙"}])
    await hands.does("city", number, "acknowledge")
    await hands.does("city", number, "progress", {"text": canary + "丙"})
    await hands.asks("city", number, "object", {"reason": canary, "text": canary})
    await hands.asks("city", number, "ask-co", {"department": f"department:{canary}", "text": canary})
    await hands.asks("street", number, "rate", {"department": canary, "response": 1, "quality": 1, "cooperation": 1})
    called_at = (await hands.stands("city", number))["called_at"]
    await hands.does("city", number, "reply", REPLY | {"accepted_at": called_at, "text": canary + "丁"})
    await hands.does("street", number, "return", {"text": canary + "戊"})
    await hands.site.http.get(f"/whistles?category={canary}", headers=hands.heads["street"] | HTML)
    tables = await admin.fetch("SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'")
    for name in [row["name"] for row in tables]:
        whole = str([tuple(row.values()) for row in await admin.fetch(f'SELECT * FROM "{name}"')])
        assert canary not in whole, name
        assert canary.encode() not in b"".join(bytes(one) for row in await admin.fetch(f'SELECT * FROM "{name}"')
                                               for one in row.values() if isinstance(one, bytes)), name  # fmt: skip
    said = capfd.readouterr()
    assert canary not in said.out + said.err
    assert quote(canary) not in said.out + said.err
    assert canary not in (await hands.site.http.get("/metrics")).text
    assert COMMUNITY not in (await hands.site.http.get("/metrics")).text
