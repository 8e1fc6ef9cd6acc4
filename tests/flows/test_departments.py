"""Departments over NATS: what they are told and what not, what they say, what they are answered, and who may what."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import nats as nats_py
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from huiyin import departments
from huiyin.bus import streams
from huiyin.bus.consume import Later, Say, answer
from huiyin.core.whistle import commands as c
from huiyin.engines import nats, process
from huiyin.engines.nats import Nats
from huiyin.settings import Explained
from huiyin.store import vault
from huiyin.store.database import connect
from tests.conftest import Database
from tests.core.whistling import CITY, COLLEAGUE, FIRE, POLICE, STREET, at_department
from tests.core.world import AT
from tests.faults.house import until
from tests.flows.talking import SEAL, TOKENS, Department, Talk, event, save
from tests.laws.sources import ROOT


@pytest.fixture(scope="module")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nats]:
    folder = tmp_path_factory.mktemp("departments")
    save(folder)
    engine = Nats(folder)
    engine.begin()
    running = engine.spawn()
    assert process.until(engine.is_ready, 30)
    yield engine
    assert process.stop(running, signal.SIGTERM, 10)


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    made = connect(database.url, name="test")
    yield made
    await made.dispose()


@pytest.fixture
async def talk(bus: Nats, engine: AsyncEngine, database: Database) -> AsyncIterator[Talk]:
    nc = await streams.connect(bus.url, "test")
    vaults = connect(database.vault_url, name="test")
    made = Talk(bus.data, bus, nc, engine, vaults)
    await made.begin()
    yield made
    await made.end()
    await vaults.dispose()
    await nc.close()


@pytest.fixture
async def city(talk: Talk) -> Department:
    return await talk.department("chengguan")


@pytest.fixture
async def police(talk: Talk) -> Department:
    return await talk.department("gongan")


async def answered(talk: Talk, who: Department, kind: str, number: str, **data: Any) -> dict[str, Any]:
    """A command and its receipt."""
    ident = await who.says(kind, number, **data)
    await talk.hears()
    return (await who.receipts())[ident]


# -- a whole life -----------------------------------------------------------------------------------------


async def test_from_the_call_to_the_ratings(talk: Talk, city: Department, police: Department) -> None:
    """One lead and one who helps, neither with a page of ours."""
    number = await talk.called("enforcement", POLICE)
    await talk.tells()
    (told,) = await city.told()
    assert (told["type"], told["subject"], told["data"]["step"]) == ("huiyin.whistle.told.v1", number, "called")
    seen = told["data"]["whistle"]
    assert (seen["number"], seen["lead"], seen["closed"]) == (number, True, False)
    assert {one["duty"] for one in seen["limits"]} == {"acknowledge", "arrive", "reply"}
    assert [one["post"] for one in seen["others"]] == [POLICE]

    talk.now += timedelta(minutes=5)
    when = talk.now.isoformat()
    for who, kind, data in (
        (city, "acknowledge", {"person": "王强"}), (city, "arrive", {"arrived_at": when}),
        (city, "progress", {"text": "正在现场调查"}), (police, "acknowledge", {"person": "警号 0133"}),
        (police, "arrive", {"arrived_at": when, "on_site": True}), (police, "answer", {"text": "已配合劝离"}),
        (city, "reply", {"accepted_at": when, "contacted": ["on_site"], "text": "已清理完毕", "finished": True}),
    ):  # fmt: skip
        receipt = await answered(talk, who, kind, number, **data)
        assert (receipt["outcome"], receipt.get("code")) == ("done", None), (kind, receipt)
        assert receipt["version"] > 1
    for command, by in (
        (c.Confirm(), STREET), (c.RateDepartment(CITY, 5, 4, 3, 4), STREET),
        (c.RateDepartment(POLICE, 4, 4, 4, 4), STREET),
    ):  # fmt: skip
        assert (await talk.does(number, command, by)).outcome == "done"
    assert (await answered(talk, city, "rate-blower", number, justified="yes", score=5))["outcome"] == "done"
    await talk.tells()
    last = (await city.told())[-1]["data"]
    assert (last["step"], last["whistle"]["closed"], last["whistle"]["limits"]) == ("closed", True, [])
    assert (await police.told())[-1]["data"]["whistle"]["closed"] is True


async def test_what_a_department_is_told_is_the_minimum(talk: Talk, city: Department) -> None:
    """No ticket, no complaint, no name, no words, nothing of the vault; also not by a step's name."""
    number = await talk.called("daily", POLICE)
    assert (await talk.does(number, c.Acknowledge("p-secret"), at_department(CITY))).outcome == "done"
    assert (await talk.does(number, c.Join("HY000000777"), STREET)).outcome == "done"
    assert (await talk.does(number, c.Progress(SEALED), at_department(POLICE))).outcome in ("done", "refused")
    await talk.tells()
    raw = [one.subject + one.data.decode() + json.dumps(dict(one.headers or {})) for one in await city.raw()]
    assert raw
    for secret in ("HY0", "p-secret", "p-blower", "p-leader", "dossier", "sealed", "W1/", "no-power", '"unit"'):
        assert not [one for one in raw if secret in one], secret


SEALED = c.Sealed("x/1", "a" * 64)


async def test_nobody_is_told_what_changes_nothing_for_them(talk: Talk, city: Department, police: Department) -> None:
    """A step that a department may not see is no event; who is not called hears nothing at all."""
    number = await talk.called("daily")
    await talk.tells()
    assert [one["data"]["step"] for one in await city.told()] == ["called"]
    assert await police.told() == []
    assert (await talk.does(number, c.Join("HY000000777"), STREET)).outcome == "done"
    await talk.tells()
    assert await city.told() == []


async def test_who_is_replaced_is_told_so_once(talk: Talk, city: Department, police: Department) -> None:
    """改派: `whistle` is null, nothing follows; the new one gets all of it."""
    number = await talk.called("daily")
    receipt = await answered(talk, city, "object", number, reason="other-department", text="属于公安职责")
    assert receipt["outcome"] == "done"
    assert (await talk.does(number, c.Rule(CITY, True, POLICE), COLLEAGUE)).outcome == "done"
    await talk.tells()
    told = [one["data"] for one in await city.told() if one["type"].endswith("told.v1")]
    assert [(one["step"], one["whistle"] is None) for one in told] == [
        ("called", False), ("objected", False), ("objection_ruled", True)
    ]  # fmt: skip
    (first,) = await police.told()
    assert (first["data"]["step"], first["data"]["whistle"]["lead"]) == ("objection_ruled", True)
    receipt = await answered(talk, city, "acknowledge", number, person="王强")
    assert (receipt["outcome"], receipt["code"], receipt.get("version")) == ("refused", "not-your-whistle", None)
    await answered(talk, police, "acknowledge", number, person="李雷")
    await talk.tells()
    assert await city.told() == []


async def test_another_department_s_step_is_a_change_without_a_name(
    talk: Talk, city: Department, police: Department
) -> None:
    """Who helps sees that the lead has replied, in `others`; that it objected, and why, is not theirs."""
    number = await talk.called("daily", POLICE)
    await talk.tells()
    await police.told()
    await answered(talk, city, "acknowledge", number, person="王强")
    when = talk.now.isoformat()
    await answered(talk, city, "reply", number, accepted_at=when, contacted=["street"], text="办好了", finished=True)
    await talk.tells()
    told = [one["data"] for one in await police.told()]
    assert [one["step"] for one in told] == ["acknowledged", "changed"]
    assert told[-1]["whistle"]["others"] == [
        {"post": CITY, "lead": True, "acknowledged": True, "on_site": None, "answered": True}
    ]


async def test_time_is_told(talk: Talk, city: Department) -> None:
    """Reminders and supervision reach the department whose limit it is."""
    await talk.called("emergency")
    for _ in range(12):
        async with talk.engine.connect() as connection:
            soonest = await talk.desk.clocked.soonest(connection)
        assert soonest is not None
        talk.now = max(talk.now, soonest)
        await talk.desk.sweep(talk.now)
    await talk.tells()
    told = [one["data"] for one in await city.told()]
    assert {"called", "reminded", "supervised"} <= {one["step"] for one in told}
    assert max(limit["level"] for one in told for limit in one["whistle"]["limits"]) >= 1
    assert max(limit["reminded"] for one in told for limit in one["whistle"]["limits"]) >= 1


async def test_who_was_away_gets_all_of_it_and_whoever_listens_hears_at_once(talk: Talk, city: Department) -> None:
    live = await city.nc.subscribe("huiyin.event.whistle.*")
    receipts = await city.nc.subscribe("huiyin.receipt.whistle")
    await city.nc.flush()
    number = await talk.called("daily")
    await talk.tells()
    heard = await live.next_msg(timeout=5)
    assert heard.subject == "huiyin.event.whistle.called"
    ident = await city.says("acknowledge", number, person="王强")
    await talk.hears()
    said = json.loads((await receipts.next_msg(timeout=5)).data)
    assert (said["type"], said["data"]["id"]) == ("huiyin.whistle.receipt.v1", ident)
    await talk.tells()
    later = await talk.department("chengguan")
    told = await later.told()
    assert told[0] == json.loads(heard.data)
    assert [one["type"].split(".")[2] for one in told] == ["told", "receipt", "told"]


async def test_the_same_event_has_the_same_id(talk: Talk, city: Department) -> None:
    """EVENTS delivered again: nothing new within the stream's window, the same id after it."""
    number = await talk.called("daily")
    await talk.tells()
    (first,) = await city.raw()
    assert (first.headers or {})["Nats-Msg-Id"] == f"told-chengguan-{number}-3"
    assert json.loads(first.data)["id"] == f"{number}-3"
    js = talk.nc.jetstream()
    await js.delete_consumer(streams.EVENTS, "messenger")
    await streams.ensure_durable(js, streams.EVENTS, "messenger", "huiyin.event.whistle.>")
    await talk.tells()
    assert await city.told() == []
    await js.purge_stream(streams.DEPARTMENTS)
    config = (await js.stream_info(streams.DEPARTMENTS)).config
    await js.delete_stream(streams.DEPARTMENTS)
    await js.add_stream(config)
    await talk.messenger.welcome()
    await js.delete_consumer(streams.EVENTS, "messenger")
    await streams.ensure_durable(js, streams.EVENTS, "messenger", "huiyin.event.whistle.>")
    await talk.tells()
    (again,) = await city.raw()
    assert again.data == first.data


# -- what they say ----------------------------------------------------------------------------------------


async def test_twice_is_once(talk: Talk, city: Department, engine: AsyncEngine) -> None:
    """The same id: once in the log, answered again as a repeat; in one batch, too."""
    number = await talk.called("daily")
    await city.says("progress", number, "same", text="调查中")
    await city.says("progress", number, "same", text="调查中")
    await talk.hears(2)
    assert (await city.receipts())["same"]["outcome"] == "repeat"
    await city.says("progress", number, "same", text="别的话")
    await talk.hears()
    assert (await city.receipts())["same"]["outcome"] == "repeat"
    assert await steps(engine, number) == ["blown", "approved", "called", "progressed"]


async def steps(engine: AsyncEngine, number: str) -> list[str]:
    async with engine.connect() as connection:
        rows = await connection.exec_driver_sql(f"SELECT step FROM log WHERE id = '{number}' ORDER BY version")
        return [row[0].split(".")[1] for row in rows]


async def test_the_same_id_of_two_departments_is_two_commands(talk: Talk, city: Department, police: Department) -> None:
    number = await talk.called("daily", POLICE)
    await city.says("acknowledge", number, "1", person="王强")
    await police.says("acknowledge", number, "1", person="王强")
    await talk.hears(2)
    assert [(await one.receipts())["1"]["outcome"] for one in (city, police)] == ["done", "done"]


async def test_a_message_id_of_one_keeps_nobody_out(talk: Talk, city: Department, police: Department) -> None:
    """Nats-Msg-Id is the stream's, not a department's: what another one sent before must not swallow a command."""
    number = await talk.called("daily", POLICE)
    for who in (city, police):
        payload = event("acknowledge", number, "a", {"person": "王强"})

        async def kept(who: Department = who, payload: bytes = payload) -> bool:
            return not (await who.sends(payload, headers={"Nats-Msg-Id": "1"})).get("duplicate")

        await until(kept, 2, "what another one sent is forgotten", every=0.05)
    await talk.hears(2)
    assert [(await one.receipts())["a"]["outcome"] for one in (city, police)] == ["done", "done"]


async def test_refusals_say_why(talk: Talk, city: Department) -> None:
    number = await talk.called("daily")
    when = talk.now.isoformat()
    receipt = await answered(talk, city, "arrive", number, arrived_at=when)
    assert receipt["outcome"] == "refused"
    assert (receipt["code"], receipt["detail"]) == ("not-acknowledged", "请先接哨")
    assert receipt["version"] == 3


async def test_another_s_whistle_and_none_are_refused_alike(
    talk: Talk, police: Department, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody learns which numbers there are; our own log tells them apart."""
    number = await talk.called("daily")
    there = await answered(talk, police, "acknowledge", number, ident="x", person="李雷")
    capsys.readouterr()
    nowhere = await answered(talk, police, "acknowledge", "SH999999999", ident="y", person="李雷")
    assert there | {"id": ""} == nowhere | {"id": ""}
    assert there["code"] == "not-your-whistle"
    said = capsys.readouterr().out
    assert "refused" in said
    assert "unknown-whistle" in said
    again = await police.says("acknowledge", "SH999999999", "y", person="李雷")
    await talk.hears()
    repeat = (await police.receipts())[again]
    assert (repeat["outcome"], repeat["code"]) == ("repeat", "not-your-whistle")


async def test_who_is_complained_about_learns_nothing_by_it(talk: Talk, police: Department) -> None:
    """`recused` would tell a department that there is a whistle on a complaint about it."""
    number = await talk.called("daily")
    async with talk.engine.begin() as connection:
        await connection.exec_driver_sql(
            f"INSERT INTO parties (number, role, organisation, at) SELECT ticket, 'respondent', '{POLICE}', now()"
            f" FROM whistle_tickets WHERE number = '{number}'"
        )
    receipt = await answered(talk, police, "acknowledge", number, person="李雷")
    assert receipt["code"] == "not-your-whistle"


async def test_who_turns_out_to_be_complained_about_is_told_nothing_any_more(talk: Talk, city: Department) -> None:
    """Not even that this is why; once it is readdressed, that it is no longer theirs, as of any other whistle."""
    number = await talk.called("daily")
    await talk.tells()
    assert len(await city.told()) == 1
    async with talk.engine.begin() as connection:
        await connection.exec_driver_sql(
            f"INSERT INTO parties (number, role, organisation, at) SELECT ticket, 'respondent', '{CITY}', now()"
            f" FROM whistle_tickets WHERE number = '{number}'"
        )
    receipt = await answered(talk, city, "acknowledge", number, person="王强")
    assert (receipt["code"], receipt.get("version")) == ("not-your-whistle", None)
    assert (await talk.does(number, c.Rule(CITY, True, POLICE), COLLEAGUE)).outcome == "done"
    await talk.tells()
    (last,) = [one["data"] for one in await city.told() if one["type"].endswith("told.v1")]
    assert last["whistle"] is None
    assert "recused" not in str(last)


async def test_names_and_words_are_in_the_vault_only(
    talk: Talk, city: Department, engine: AsyncEngine, database: Database
) -> None:
    number = await talk.called("daily")
    await answered(talk, city, "acknowledge", number, ident="id 13812345678", person="王小强")
    await answered(talk, city, "progress", number, text="已联系秘密证人")
    admin = await asyncpg.connect(database.admin_url)
    kept = await admin.fetch("SELECT ref, key, body FROM vault.dossiers WHERE ref LIKE $1 ORDER BY at", number + "/w-%")
    (row,) = kept
    opened = vault.decode(SEAL.open(vault.Sealed(row["key"], row["body"])))
    assert opened.text == "王小强"
    for table in ("log", "inbox", "whistles", "whistle_lines"):
        whole = str(await admin.fetch(f"SELECT convert_from(t::text::bytea, 'UTF8') FROM {table} t"))
        bodies = b"".join(one[0] for one in await admin.fetch("SELECT body FROM log")).decode()
        for secret in ("王小强", "秘密证人", "13812345678"):
            assert secret not in whole + bodies, table
    code = json.loads(bodies[bodies.index('"step":"whistle.acknowledged') - 200 :].split('"person":')[1].split("}")[0])
    assert row["ref"].split("/")[1] == code
    await admin.close()
    info = (await talk.nc.jetstream().stream_info(streams.COMMANDS)).state
    assert info.messages == 0, "words leave the stream with their message"


def test_a_worker_s_code_is_of_one_department() -> None:
    assert SEAL.worker(CITY, "王强") == SEAL.worker(CITY, " 王 强") == SEAL.worker(CITY, "王强")
    assert SEAL.worker(CITY, "王强") != SEAL.worker(POLICE, "王强")
    assert SEAL.worker(CITY, "0133") != SEAL.worker(CITY, "133")
    assert SEAL.worker(CITY, "王强").startswith("w-")


async def test_the_same_person_again_is_nothing_and_another_one_is(
    talk: Talk, city: Department, engine: AsyncEngine
) -> None:
    """王强, 李雷, 王强: three steps with two codes; 王强 twice is one."""
    number = await talk.called("daily")
    for who in ("王强", "王强", "李雷", "王强"):
        assert (await answered(talk, city, "acknowledge", number, person=who))["outcome"] == "done"
    assert (await steps(engine, number)).count("acknowledged") == 3


async def test_out_of_order_and_after_closing(talk: Talk, city: Department, engine: AsyncEngine) -> None:
    """A stage before its time is refused and can come again under a new id; a closed whistle takes nothing."""
    number = await talk.called("daily")
    when = talk.now.isoformat()
    reply = {"accepted_at": when, "contacted": ["on_site"], "text": "好了", "finished": True}
    assert (await answered(talk, city, "reply", number, **reply))["code"] == "not-acknowledged"
    await answered(talk, city, "acknowledge", number, person="王强")
    assert (await answered(talk, city, "reply", number, **reply))["outcome"] == "done"
    for command in (c.Confirm(), c.RateDepartment(CITY, 5, 5, 5)):
        assert (await talk.does(number, command, STREET)).outcome == "done"
    assert (await answered(talk, city, "rate-blower", number, justified="yes", score=5))["outcome"] == "done"
    before = await steps(engine, number)
    assert before[-1] == "closed"
    late = await answered(talk, city, "progress", number, text="又去看了")
    assert (late["outcome"], late["code"]) == ("refused", "closed-whistle")
    assert await steps(engine, number) == before


EVERY = {
    "acknowledge": {"person": "王强"},
    "object": {"reason": "other", "text": "不属于我部门"},
    "arrive": {"arrived_at": AT.isoformat(), "lat": 28.2, "lon": 113.0},
    "plan": {"text": "三日内整改", "until": (AT + timedelta(days=3)).isoformat()},
    "progress": {"text": "进行中"},
    "ask-co": {"department": POLICE, "text": "请配合"},
    "ask-pause": {"reason": "weather", "days": 3, "text": "暴雨"},
    "resume": {},
    "reply": {
        "accepted_at": AT.isoformat(), "contacted": ["street"], "text": "办了一半",
        "by_when": (AT + timedelta(days=5)).isoformat(),
    },
}  # fmt: skip


async def test_every_command_of_a_department_comes_through(talk: Talk, city: Department) -> None:
    """Each reaches the core as itself; the core's own tests say when it is allowed."""
    number = await talk.called("key")
    said: dict[str, str] = {}
    for kind in ("acknowledge", "plan", "progress", "ask-co", "ask-pause", "object", "arrive", "reply", "resume"):
        said[kind] = (await answered(talk, city, kind, number, **EVERY[kind])).get("code") or "done"
    assert said == {
        "acknowledge": "done", "plan": "done", "progress": "done", "ask-co": "done", "ask-pause": "done",
        "object": "done", "arrive": "done", "reply": "done", "resume": "not-paused",
    }  # fmt: skip
    police = await talk.department("gongan")
    assert (await answered(talk, police, "acknowledge", number, person="李雷"))["outcome"] == "done"
    assert (await answered(talk, police, "answer", number, text="已配合"))["outcome"] == "done"
    assert (await answered(talk, city, "rate-blower", number, justified="no", score=2))["code"] == "not-confirmed"


UNREADABLE = {
    "not-json": b"\xff{",
    "unknown-type": event("whistle", "SH000000001", "u", {}),
    "missing-field": event("object", "SH000000001", "u", {"reason": "other"}),
    "unknown-field": event("acknowledge", "SH000000001", "u", {"person": "x", "phone": "1"}),
    "wrong-type": event("arrive", "SH000000001", "u", {"arrived_at": "yesterday"}),
    "unknown-specversion": event("resume", "SH000000001", "u", {}, specversion="0.3"),
    "bad-id": event("resume", "SH000000001", "u\0", {}),
}


@pytest.mark.parametrize("code", UNREADABLE)
async def test_what_is_no_command_is_said_so_and_kept(
    talk: Talk, city: Department, database: Database, code: str
) -> None:
    number = await talk.called("daily")
    await city.sends(UNREADABLE[code])
    good = await city.says("acknowledge", number, person="王强")
    verdicts = await talk.hears(2)
    assert list(verdicts) == [Say.NEVER, Say.DONE]
    receipts = await city.receipts()
    assert receipts.pop(good)["outcome"] == "done"
    (bad,) = receipts.values()
    assert (bad["outcome"], bad["code"], bad["id"]) == (
        "unreadable", code, "u" if code not in ("not-json", "bad-id") else ""
    )  # fmt: skip
    assert bad["detail"]
    admin = await asyncpg.connect(database.admin_url)
    (letter,) = await admin.fetch("SELECT stream, subject, reason, event_id FROM dead_letters")
    await admin.close()
    assert (letter["stream"], letter["subject"], letter["reason"]) == (
        "COMMANDS", "huiyin.department.chengguan.command", code
    )  # fmt: skip
    assert letter["event_id"] != "u"


@pytest.mark.parametrize("number", ["HY000000001", "SH1", "", "SH000000001 ", "电话13800000000"])
async def test_a_subject_that_is_no_number_gets_nowhere(talk: Talk, city: Department, number: str) -> None:
    await city.sends(event("progress", number, "u", {"text": "x"}))
    await talk.hears()
    assert (await city.receipts())["u"]["code"] == "wrong-type"


async def test_a_department_that_nobody_knows_is_not_asked(talk: Talk, city: Department) -> None:
    """What goes into the log is never just anybody's words."""
    number = await talk.called("daily")
    receipt = await answered(talk, city, "ask-co", number, department="department:张三13800000000", text="来")
    assert (receipt["outcome"], receipt["code"], receipt["detail"]) == (
        "unreadable", "wrong-type", "字段的类型或取值不对:$.data.department"
    )  # fmt: skip


async def test_binary_mode(talk: Talk, city: Department) -> None:
    number = await talk.called("daily")
    headers = {
        "ce-specversion": "1.0", "ce-id": "b1", "ce-source": "urn:x", "ce-type": "huiyin.whistle.acknowledge.v1",
        "ce-subject": number,
    }  # fmt: skip
    await city.sends(json.dumps({"person": "王强"}).encode(), headers)
    await talk.hears()
    assert (await city.receipts())["b1"]["outcome"] == "done"


async def test_a_batch_is_one_transaction_and_the_order_holds(talk: Talk, city: Department) -> None:
    number = await talk.called("daily")
    when = talk.now.isoformat()
    idents = [
        await city.says("acknowledge", number, person="王强"),
        await city.says("arrive", number, arrived_at=when),
        await city.says("reply", number, accepted_at=when, contacted=["street"], text="好", finished=True),
    ]
    await talk.hears(3)
    receipts = await city.receipts()
    assert [receipts[one]["outcome"] for one in idents] == ["done"] * 3


async def test_nothing_overtakes_what_was_said_before(talk: Talk, city: Department, police: Department) -> None:
    """Where the former is in somebody else's hands, or comes again: the later one waits for it; nobody else does."""
    number = await talk.called("daily", POLICE)
    first = await city.says("acknowledge", number, person="王强")
    reply = {"accepted_at": talk.now.isoformat(), "contacted": ["street"], "text": "好", "finished": True}
    second = await city.says("reply", number, **reply)
    other = await police.says("acknowledge", number, person="李雷")
    pull, messages = talk.pulls["departments"], []
    while len(messages) < 3:
        messages += await pull.take(500)
    acknowledge, answer_, theirs = messages
    waits, done = await talk.departments([answer_, theirs])
    assert isinstance(waits, Later)
    assert done == Say.DONE
    await answer(talk.nc, [acknowledge, theirs], [Later(0.001), Say.DONE])
    (again,) = await asyncio.wait_for(pull.take(500), 10)
    waits, done = await talk.departments([answer_, again])
    assert isinstance(waits, Later), "not in one go with what came again: that is handled after what is fresh"
    await answer(talk.nc, [again], [done])
    await talk.nc.flush()
    assert await talk.departments([answer_]) == [Say.DONE]
    receipts = await city.receipts()
    assert [receipts[one]["outcome"] for one in (first, second)] == ["done", "done"]
    assert (await police.receipts())[other]["outcome"] == "done"


# -- who may what -----------------------------------------------------------------------------------------

FORBIDDEN = (
    "huiyin.department.gongan.command", "huiyin.department.chengguan.command", "huiyin.intake.complaint",
    "huiyin.event.whistle.called.-", "huiyin.event.whistle.called", "huiyin.receipt.whistle",
    "huiyin.department.gongan.receipt", "huiyin.hint.log",
    "$JS.API.CONSUMER.INFO.DEPARTMENTS.chengguan", "$JS.API.CONSUMER.MSG.NEXT.DEPARTMENTS.gongan",
    "$JS.API.CONSUMER.MSG.NEXT.EVENTS.messenger",
    "$JS.API.CONSUMER.MSG.NEXT.COMMANDS.departments", "$JS.API.CONSUMER.CREATE.DEPARTMENTS",
    "$JS.API.CONSUMER.CREATE.EVENTS", "$JS.API.STREAM.INFO.EVENTS", "$JS.API.STREAM.MSG.GET.COMMANDS",
    "$JS.API.DIRECT.GET.DEPARTMENTS", "$JS.API.STREAM.PURGE.DEPARTMENTS", "$JS.API.CONSUMER.DELETE.DEPARTMENTS.gongan",
    "$JS.ACK.DEPARTMENTS.gongan.1.1.1.1.0", "_INBOX.x", "_INBOX_HUIYIN.x", "$SYS.REQ.SERVER.PING",
)  # fmt: skip


@pytest.mark.parametrize("subject", FORBIDDEN)
async def test_a_department_may_say_its_own_word_and_no_other(talk: Talk, city: Department, subject: str) -> None:
    """The server refuses, aloud; and nothing arrives anywhere."""
    before = await counts(talk)
    await city.nc.publish(subject, b"{}", reply=city.nc.new_inbox())
    await city.nc.flush()
    assert f'permissions violation for publish to "{subject.lower()}"' in await city.refused()
    assert await counts(talk) == before


async def counts(talk: Talk) -> dict[str, int]:
    return {str(one.config.name): one.state.messages for one in await talk.nc.jetstream().streams_info()}


@pytest.mark.parametrize(
    "subject",
    [">", "huiyin.>", "huiyin.intake.>", "huiyin.department.>", "huiyin.department.gongan.event.*", "huiyin.event.>",
     "huiyin.event.ticket.*", "huiyin.command.whistle", "_INBOX_HUIYIN.>", "$JS.>", "_R_.>"],
)  # fmt: skip
async def test_a_department_may_hear_its_own_and_nothing_else(city: Department, subject: str) -> None:
    await city.nc.subscribe(subject)
    await city.nc.flush()
    assert f'permissions violation for subscription to "{subject.lower()}"' in await city.refused()


async def test_nobody_hears_another_s_inbox_events_or_receipts(
    talk: Talk, city: Department, police: Department
) -> None:
    """Each in its own account: the same subjects, other messages."""
    heard: list[Any] = []

    async def hear(msg: Any) -> None:
        heard.append(msg)

    for subject in ("_INBOX.>", "huiyin.event.whistle.*", "huiyin.receipt.whistle"):
        await police.nc.subscribe(subject, cb=hear)
    partner = await streams.connect(talk.bus.partner_url, "partner")
    talk.clients.append(partner)
    for subject in ("_INBOX.>", "huiyin.event.>"):
        await partner.subscribe(subject, cb=hear)
    await police.nc.flush()
    number = await talk.called("daily")
    await talk.messenger.welcome()
    await talk.tells()
    await answered(talk, city, "acknowledge", number, person="王强")
    await talk.tells()
    assert await city.told()
    await police.nc.flush()
    await partner.flush()
    assert {one.subject.count(".") for one in heard} == {4}, "a partner hears the log (with a grid), no department"
    assert not [one for one in heard if b"receipt" in one.data or b"told.v1" in one.data]


async def test_a_partner_s_rights_are_what_they_were(talk: Talk) -> None:
    """And none of the departments' subjects is among them."""
    refusals: asyncio.Queue[str] = asyncio.Queue()

    async def refused(error: Exception) -> None:
        refusals.put_nowait(str(error))

    partner = await nats_py.connect(talk.bus.partner_url, error_cb=refused)
    talk.clients.append(partner)
    for subject in ("huiyin.department.chengguan.command", "$JS.API.CONSUMER.MSG.NEXT.COMMANDS.departments",
                    "$JS.API.STREAM.MSG.GET.COMMANDS", "$JS.API.CONSUMER.CREATE.DEPARTMENTS"):  # fmt: skip
        await partner.publish(subject, b"{}")
    await partner.subscribe("huiyin.department.>")
    await partner.flush()
    for _ in range(5):
        assert "permissions violation" in await asyncio.wait_for(refusals.get(), 10)


async def test_a_flood_of_one_keeps_no_other_out(talk: Talk, city: Department, police: Department) -> None:
    js = talk.nc.jetstream()
    config = (await js.stream_info(streams.COMMANDS)).config
    await js.update_stream(config.evolve(max_msgs_per_subject=5))
    number = await talk.called("daily", POLICE)
    for _ in range(5):
        await city.says("progress", number, text="x")
    refused = await city.sends(event("progress", number, "six", {"text": "x"}))
    assert refused["error"]["code"] == 503 or refused["error"], refused
    assert "error" not in await police.sends(event("acknowledge", number, "p", {"person": "李雷"}))
    await talk.hears(6)
    assert "error" not in await city.sends(event("progress", number, "six", {"text": "x"}))


# -- joining and leaving ----------------------------------------------------------------------------------


async def test_a_department_joins_and_leaves_while_everything_runs(talk: Talk, city: Department) -> None:
    """Accounts are taken up without a restart; connections that stand stay; who is gone may no more."""
    data = talk.bus.data
    try:
        departments.save(data, TOKENS | {"shuiwu": "department:水务"})
        nats.write_accounts(data)
        assert nats.reload(data, talk.bus.monitor_url)
        talk.roster.look()
        await talk.messenger.welcome()
        water = await talk.department("shuiwu")
        await water.sends(event("resume", "SH000000009", "w", {}))
        await talk.hears()
        assert (await water.receipts())["w"]["code"] == "not-your-whistle"
        number = await talk.called("daily")
        assert (await answered(talk, city, "acknowledge", number, person="王强"))["outcome"] == "done"
    finally:
        save(data)
        nats.write_accounts(data)
        nats.reload(data, talk.bus.monitor_url)
        talk.roster.look()
    await until(lambda: not water.nc.is_connected, 10)


def test_the_file_of_departments_is_checked(tmp_path: Any) -> None:
    assert departments.load(tmp_path) == {}
    save(tmp_path)
    assert departments.load(tmp_path) == TOKENS
    for wrong in ('huiyin = "department:城管"', 'A1 = "department:城管"', 'ab = "street:1"', 'ab = "department:a b"',
                  'ab = "department:城管"\nac = "department:城管"', "ab = ", "ab = 1"):  # fmt: skip
        (tmp_path / departments.FILE).write_text(wrong)
        with pytest.raises(Explained):
            departments.load(tmp_path)
    assert departments.token_for("department:城管") == departments.token_for("department:城管")
    departments.check(departments.token_for(FIRE), FIRE)


def test_a_roster_that_cannot_be_read_leaves_the_former(tmp_path: Any) -> None:
    save(tmp_path)
    roster = departments.Roster(tmp_path)
    assert roster.tokens[CITY] == "chengguan"
    (tmp_path / departments.FILE).write_text("ab = ")
    assert roster.look() is False
    assert roster.posts == TOKENS


# -- the example ------------------------------------------------------------------------------------------

EXAMPLE = ROOT / "docs" / "examples" / "department.py"


async def test_the_example_takes_part(talk: Talk) -> None:
    """As an engineer of a department would run it: told, acknowledged, arrived, replied, answered each time."""
    assert len(EXAMPLE.read_text().splitlines()) <= 60
    number = await talk.called("daily")
    await talk.tells()
    talk.now = datetime.now(UTC) + timedelta(seconds=5)
    env = {**os.environ, "NATS_URL": talk.bus.department_url("chengguan")}
    example = await asyncio.create_subprocess_exec(
        sys.executable, EXAMPLE, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    assert example.stdout
    try:
        said = [await asyncio.wait_for(example.stdout.readline(), 20)]
        await talk.hears(3)
        said += [await asyncio.wait_for(example.stdout.readline(), 20) for _ in range(3)]
    finally:
        example.kill()
        await example.communicate()
    assert [line.decode().split() for line in said] == [
        ["told", number, "called", "acknowledge", "reply"],
        ["answer", f"{number}-acknowledge", "done"],
        ["answer", f"{number}-arrive", "done"],
        ["answer", f"{number}-reply", "done"],
    ]
