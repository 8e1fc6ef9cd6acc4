"""Departments over NATS while processes, the bus and the database die: nothing said is lost, nothing is done twice,
everybody is answered, and told all of what is theirs."""

import asyncio
import json
import signal
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import nats as nats_py
import pytest
from nats.aio.client import Client
from sqlalchemy.ext.asyncio import AsyncEngine

from consumers import departments as incoming
from consumers import messenger
from huiyin import departments, faults
from huiyin.bus import streams
from huiyin.core.whistle.commands import Approve, Ask
from huiyin.core.words import Actor, Sealed
from huiyin.departments import Roster
from huiyin.engines import nats, postgres
from huiyin.orders import Order, Whistling
from huiyin.store import whistles
from huiyin.store.database import connect
from huiyin.whistling import WhistleDesk
from tests.core.whistling import BOOK, CITY, LEADER, POLICE, blow
from tests.core.world import AT
from tests.faults.house import House, Move, until
from tests.faults.invariants import _published, _reviewed, _told
from tests.flows.talking import SEAL, TOKENS, event
from tests.flows.test_whistling import order

pytestmark = pytest.mark.fault

CROWD = 40
NAMES = ("departments", "messenger", "relay")
POINTS = [one for one in faults.POINTS if one.split(".")[0] in ("messenger", "departments")]
STREET = Actor("street:990101001", "street", "p-blower")
WAVES = (
    ("acknowledge", {"person": "王强"}),
    ("progress", {"text": "正在现场调查"}),
    ("reply", {"accepted_at": AT.isoformat(), "contacted": ["street"], "text": "已办结", "finished": True}),
)


class Town:
    """A house with two departments whose systems answer for a crowd of whistles."""

    def __init__(self, here: House, engine: AsyncEngine, clients: dict[str, Client]) -> None:
        self.here, self.engine, self.clients = here, engine, clients
        self.numbers: list[str] = []
        self.sent: dict[str, set[str]] = {token: set() for token in clients}
        self.told: dict[str, list[dict[str, Any]]] = {token: [] for token in clients}

    async def call(self) -> None:
        """So many whistles, 城管 leads, 公安 helps; called."""
        desk = WhistleDesk(self.engine, BOOK)
        async with self.engine.connect() as connection:
            self.numbers = await whistles.numbers(connection, CROWD)
        blown = [_blown(one) for one in self.numbers]
        for orders in (blown, [order(one, Approve(), LEADER) for one in self.numbers]):
            answers = await desk.act(orders, at=AT)
            assert {one.outcome for one in answers} == {"done"}

    async def say(self, kind: str, data: dict[str, Any], token: str = "chengguan", times: int = 1) -> None:
        """One command about each whistle; insists until it is kept, as a program would."""
        for number in self.numbers:
            ident = f"{kind}-{number}"
            for _ in range(times):
                await self._keep(token, event(kind, number, ident, data))
            self.sent[token].add(ident)

    async def _keep(self, token: str, payload: bytes) -> None:
        async def kept() -> bool:
            try:
                said = await self.clients[token].request("huiyin.command.whistle", payload, timeout=2)
            except Exception:
                return False
            return "stream" in json.loads(said.data)

        await until(kept, 30, "the command is kept")

    async def listen(self, token: str) -> list[dict[str, Any]]:
        """All that a department was told until now."""
        while await self._waiting(token):
            pull = await self.clients[token].jetstream(timeout=5).pull_subscribe_bind(
                consumer=token, stream=streams.DEPARTMENTS
            )  # fmt: skip
            try:
                for one in await pull.fetch(500, timeout=2):
                    await one.ack_sync(timeout=5)
                    self.told[token].append(json.loads(one.data))
            except TimeoutError:
                pass
            await pull.unsubscribe()
        return self.told[token]

    async def _waiting(self, token: str) -> int:
        return (await self.here.nc.jetstream().consumer_info(streams.DEPARTMENTS, token)).num_pending or 0

    async def answered(self) -> bool:
        """Every command has a receipt."""
        for token, sent in self.sent.items():
            receipts = {one["data"]["id"] for one in await self.listen(token) if "receipt" in one["type"]}
            if not receipts >= sent:
                return False
        return True

    async def expected(self, token: str) -> set[tuple[str, str | None]]:
        """What the log says that a department is to be told: (event id, step)."""
        async with self.engine.connect() as connection:
            past = await whistles.CHAINS.past(connection, self.numbers)
        found = set()
        for number, steps in past.items():
            for version in range(1, len(steps) + 1):
                heard = messenger.Heard(f"whistle-{number}-{version}", "", number, AT)
                for out in messenger.news(heard, steps, {TOKENS[token]: token}):
                    found.add((f"{number}-{version}", out.subject.rpartition(".")[2]))
        return found

    async def heard_all(self) -> bool:
        for token in self.clients:
            told = {(one["id"], one["data"]["step"]) for one in await self.listen(token) if "told" in one["type"]}
            if told != await self.expected(token):
                return False
        return True

    async def whole(self) -> None:
        """Once in the log, answered, told, and the log is whole."""
        await until(self.answered, 60, "every command is answered", every=0.2)
        await until(self.heard_all, 60, "everybody is told all", every=0.2)
        for told in self.told.values():
            assert {one["data"]["outcome"] for one in told if "receipt" in one["type"]} <= {"done", "repeat"}
        rows = await self.here.sql("SELECT step, id FROM log WHERE noun = 'whistle'")
        kinds = Counter(step for step, _ in rows)
        wanted = {"acknowledge": "acknowledged", "progress": "progressed", "reply": "replied", "answer": "answered"}
        for kind, step in wanted.items():
            times = sum(f"{kind}-{self.numbers[0]}" in sent for sent in self.sent.values())
            assert kinds[f"whistle.{step}.v1"] == times * CROWD, step
        _published(*await _told(self.here))
        await _reviewed(self.here)
        await until(self._empty, 10, "no command waits", every=0.1)
        assert await self.here.count("dead_letters") == 0

    async def _empty(self) -> bool:
        return not (await self.here.nc.jetstream().stream_info(streams.COMMANDS)).state.messages


def _blown(number: str) -> Order:
    """A whistle whose every word is in the vault."""
    kept = {f"{number}/{name}": SEAL.seal(b"words") for name in ("why", "city", "police", "apart")}
    why, city, police, apart = (Sealed(ref, sealed.digest) for ref, sealed in kept.items())
    asks = (Ask(CITY, city, lead=True), Ask(POLICE, police))
    command = blow(words=why, asks=asks, apart=apart, number=number)
    return Order("urn:test", number, STREET.post, Whistling(number, command, tuple(kept.items())), role="street")


@pytest.fixture
async def town(house: Move) -> AsyncIterator[Town]:
    here = await house()
    departments.save(here.folder, TOKENS)
    nats.write_accounts(here.folder)
    assert nats.reload(here.folder, here.bus.monitor_url)
    js = here.nc.jetstream()
    for stream, name, subject in (
        (streams.COMMANDS, incoming.DURABLE, streams.COMMAND_SUBJECT),
        (streams.EVENTS, messenger.DURABLE, messenger.SUBJECT),
    ):
        await js.add_consumer(stream, streams.durable(name, subject, ack_wait=2.0))
    engine = connect(here.url(postgres.APP), name="test")
    clients = {token: await _connected(here, token) for token in ("chengguan", "gongan")}
    await messenger.Messenger(here.nc, engine, Roster(here.folder), None, None).welcome()  # type: ignore[arg-type]
    yield Town(here, engine, clients)
    for client in clients.values():
        await client.close()
    await engine.dispose()


async def _connected(here: House, token: str) -> Client:
    async def quiet(_error: Exception) -> None:
        pass

    return await nats_py.connect(
        here.bus.department_url(token), error_cb=quiet, max_reconnect_attempts=-1, reconnect_time_wait=0.1
    )


@pytest.mark.parametrize("point", POINTS)
async def test_killed_at(town: Town, point: str) -> None:
    """Whoever dies there loses no command and does none twice; the next one goes on. A department waits for its
    receipts before it says the next thing: what the dead one held comes again after what was said later."""
    here = town.here
    await town.call()
    doomed, heir = here.consume(*NAMES, kill_at=f"{point}:2"), here.consume(*NAMES, wait=True)
    await doomed.ready()

    async def waves() -> None:
        for kind, data in WAVES:
            await town.say(kind, data)
            await until(town.answered, 60, "the wave is answered", every=0.2)
        await town.say("acknowledge", {"person": "李雷"}, "gongan")

    saying = asyncio.create_task(waves())
    await until(lambda: doomed.ended() is not None, 30, f"{point} is reached")
    assert doomed.ended() == -signal.SIGKILL
    heir.go()
    await saying
    await town.whole()
    assert heir.ended() is None


async def test_everything_twice_and_the_later_before_the_earlier(town: Town) -> None:
    """A reply before it was acknowledged is refused; said again under another id it is taken, and each just once."""
    town.here.consume(*NAMES)
    await town.call()
    kind, data = WAVES[-1]
    for number in town.numbers:
        await town._keep("chengguan", event(kind, number, f"early-{number}", data))
    for wave in WAVES:
        await town.say(*wave, times=2)
    await until(town.answered, 60, every=0.2)
    early = Counter(
        (one["data"]["outcome"], one["data"].get("code"))
        for one in await town.listen("chengguan")
        if str(one["data"].get("id")).startswith("early")
    )
    assert early == {("refused", "not-acknowledged"): CROWD}
    town.told["chengguan"] = [one for one in town.told["chengguan"] if "early" not in str(one["data"].get("id"))]
    await town.whole()


async def test_nats_is_killed_while_they_talk(town: Town) -> None:
    """Programs insist until a command is kept; what was kept is there when the server is."""
    here = town.here
    worker = here.consume(*NAMES)
    await town.call()
    await worker.ready()
    saying = asyncio.create_task(town.say(*WAVES[0]))

    async def begun() -> bool:
        return await here.count("inbox") > 2 * CROWD

    await until(begun, 30, "they talk")
    here.kill_nats()
    await here.nats_again()
    await saying
    for wave in WAVES[1:]:
        await town.say(*wave)
    await town.whole()
    assert worker.ended() is None


async def test_postgres_is_away_while_they_talk(town: Town) -> None:
    """Commands wait on the stream; nobody is answered before it is written."""
    here = town.here
    worker = here.consume(*NAMES)
    await town.call()
    await worker.ready()
    await until(town.heard_all, 30, every=0.1)
    here.kill_postgres()
    await town.say(*WAVES[0])
    assert not [one for one in await town.listen("chengguan") if "receipt" in one["type"]]
    here.pg.again()
    await until(here.pg.is_ready, 30)
    await town.engine.dispose()  # its connections died, too
    await town.whole()
    assert worker.ended() is None


@pytest.mark.parametrize("lost", ["the place of the messenger", "the stream of departments", "events"])
async def test_what_the_bus_lost_is_told_again(town: Town, lost: str) -> None:
    """The log is the record: with the same ids, so that who knows them already needs not read twice."""
    here = town.here
    worker = here.consume(*NAMES)
    await town.call()
    await town.say(*WAVES[0])
    await town.whole()
    await worker.terminate()
    js = here.nc.jetstream()
    if lost == "the place of the messenger":
        await js.delete_consumer(streams.EVENTS, messenger.DURABLE)
    else:
        await js.delete_stream(streams.DEPARTMENTS if "departments" in lost else streams.EVENTS)
    before = {token: list(told) for token, told in town.told.items()}
    here.consume(*NAMES)
    await _ready_again(town)
    await town.say(*WAVES[1])
    await town.say(*WAVES[2])
    await town.whole()
    for token, told in town.told.items():
        known = {one["id"]: one for one in before[token] if "told" in one["type"]}
        again = [one for one in told[len(before[token]) :] if one["id"] in known]
        assert all(one == known[one["id"]] for one in again)


async def _ready_again(town: Town) -> None:
    """The stream of departments stands, with each one's place."""

    async def there() -> bool:
        try:
            for token in town.clients:
                await town._waiting(token)
        except Exception:
            return False
        return True

    await until(there, 30, "their places are back", every=0.1)
