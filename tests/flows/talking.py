"""Departments that talk over NATS in a test: a bus with accounts of theirs, the messenger, who does what they say."""

import asyncio
import itertools
import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nats as nats_py
from nats.aio.client import Client
from nats.aio.msg import Msg
from sqlalchemy.ext.asyncio import AsyncEngine

from consumers import departments as incoming
from consumers import messenger
from huiyin import departments
from huiyin.bus import streams
from huiyin.bus.consume import Pull, Verdict, answer
from huiyin.bus.handling import Handling
from huiyin.bus.relay import Relay
from huiyin.core.whistle import Command
from huiyin.core.whistle.commands import Approve
from huiyin.core.words import Actor
from huiyin.departments import Roster
from huiyin.engines.nats import Nats
from huiyin.orders import Answer
from huiyin.store.vault import Seal
from huiyin.whistling import WhistleDesk
from tests.core.whistling import BOOK, CITY, FIRE, LEADER, POLICE, ask, blow
from tests.core.world import AT
from tests.flows.test_whistling import fresh, order

TOKENS = {"chengguan": CITY, "gongan": POLICE, "xiaofang": FIRE}
SEAL = Seal(b"m" * 32)
DETAILS = {"not-your-whistle": "与您的岗位无关", "not-acknowledged": "请先接哨"}
_idents = itertools.count(1)


class Department:
    """One department's own system: what it says, and all that it is told."""

    def __init__(self, nc: Client, token: str, refusals: asyncio.Queue[str], house: Client) -> None:
        self.nc, self.token, self.refusals, self._house = nc, token, refusals, house.jetstream()

    async def says(self, kind: str, number: str, ident: str = "", **data: Any) -> str:
        """A command; kept when this returns. Its id."""
        ident = ident or f"{self.token}-{next(_idents)}"
        await self.sends(event(kind, number, ident, data))
        return ident

    async def sends(self, payload: bytes, headers: dict[str, str] | None = None) -> dict[str, Any]:
        """Whatever it is; the stream's acknowledgement."""
        kept = await self.nc.request("huiyin.command.whistle", payload, timeout=5, headers=headers)
        return dict(json.loads(kept.data))

    async def raw(self) -> list[Msg]:
        """Everything that waits for it on its stream, acknowledged."""
        pull = await self.nc.jetstream(timeout=5).pull_subscribe_bind(consumer=self.token, stream=streams.DEPARTMENTS)
        found: list[Msg] = []
        while (await self._house.consumer_info(streams.DEPARTMENTS, self.token)).num_pending:
            for one in await pull.fetch(100, timeout=5):
                await one.ack_sync(timeout=5)
                found.append(one)
        await pull.unsubscribe()
        return found

    async def told(self) -> list[dict[str, Any]]:
        """The same, as events."""
        return [json.loads(one.data) for one in await self.raw()]

    async def refused(self) -> str:
        """What the server would not let it do, as it says so."""
        return await asyncio.wait_for(self.refusals.get(), 10)

    async def receipts(self) -> dict[str, dict[str, Any]]:
        """The last answer to each of its commands, by the command's id; what else it was told is passed over."""
        found = [one["data"] for one in await self.told() if one["type"] == "huiyin.whistle.receipt.v1"]
        return {one["id"]: one for one in found}


def event(kind: str, number: str, ident: str, data: dict[str, Any], **more: Any) -> bytes:
    """A command as a department's system writes it."""
    whole = {
        "specversion": "1.0", "id": ident, "source": "urn:test:department", "type": f"huiyin.whistle.{kind}.v1",
        "subject": number, "data": data,
    }  # fmt: skip
    return json.dumps(whole | more, ensure_ascii=False).encode()


class Talk:
    """The house's side: nothing runs by itself, so that a test sees each turn."""

    def __init__(self, folder: Path, bus: Nats, nc: Client, engine: AsyncEngine, vault_engine: AsyncEngine) -> None:
        self.bus, self.nc, self.engine = bus, nc, engine
        self.desk = WhistleDesk(engine, BOOK)
        self.now = AT
        self.roster = Roster(folder)
        self.relay = Relay(nc, engine, vault_engine, SEAL)
        self.messenger = messenger.Messenger(nc, engine, self.roster, SEAL, self.clock)
        self.departments = incoming.Departments(nc, self.desk, self.roster, DETAILS, SEAL, self.clock)
        self.pulls: dict[str, Pull] = {}
        self.clients: list[Client] = []

    def clock(self) -> datetime:
        return self.now.astimezone(UTC)

    async def begin(self) -> None:
        js = self.nc.jetstream()
        for stream in await js.streams_info():
            await js.delete_stream(stream.config.name or "")
        await streams.ensure(js, gib=0.5)
        await streams.ensure_durable(js, streams.EVENTS, messenger.DURABLE, messenger.SUBJECT)
        await streams.ensure_durable(js, streams.COMMANDS, incoming.DURABLE, streams.COMMAND_SUBJECT)
        await self.messenger.welcome()
        for stream, name in ((streams.EVENTS, messenger.DURABLE), (streams.COMMANDS, incoming.DURABLE)):
            self.pulls[name] = Pull(self.nc, stream, name)
            await self.pulls[name].start()

    async def department(self, token: str) -> Department:
        refusals: asyncio.Queue[str] = asyncio.Queue()

        async def refused(error: Exception) -> None:
            refusals.put_nowait(str(error))

        nc = await nats_py.connect(self.bus.department_url(token), error_cb=refused)
        self.clients.append(nc)
        return Department(nc, token, refusals, self.nc)

    async def end(self) -> None:
        for one in self.clients:
            await one.close()

    # -- turns --------------------------------------------------------------------------------------------

    async def hears(self, count: int = 1) -> Sequence[Verdict]:
        """So many commands are done."""
        return await self._turn(self.departments, incoming.DURABLE, count)

    async def tells(self) -> None:
        """All that is new in the log goes out, and to the departments."""
        while await self.relay.events():
            pass
        while await self._waiting(streams.EVENTS, messenger.DURABLE):
            with suppress(TimeoutError):  # all were taken, and the last acknowledgements are on their way
                await self._turn(self.messenger, messenger.DURABLE, 1, patience=0.5)

    async def _waiting(self, stream: str, durable: str) -> int:
        info = await self.nc.jetstream().consumer_info(stream, durable)
        return (info.num_pending or 0) + (info.num_ack_pending or 0)

    async def _turn(self, handle: Handling[Any], durable: str, count: int, patience: float = 20.0) -> Sequence[Verdict]:
        pull, messages = self.pulls[durable], []
        while len(messages) < count:
            messages += await asyncio.wait_for(pull.take(500), patience)
        verdicts = await handle(messages)
        await answer(self.nc, messages, verdicts)
        await self.nc.flush()
        return verdicts

    # -- whistles -----------------------------------------------------------------------------------------

    async def does(self, number: str, command: Command, by: Actor) -> Answer:
        (done,) = await self.desk.act([order(number, command, by)], at=self.clock())
        return done

    async def called(self, kind: str = "daily", *others: str) -> str:
        """A whistle of the street, called for: 城管 leads."""
        number = await fresh(self.engine)
        asks = (ask(CITY, lead=True), *(ask(one) for one in others))
        assert (await self.does(number, blow(kind, asks=asks, apart=ask(CITY).words), STREET_DESK)).outcome == "done"
        if kind != "emergency":
            assert (await self.does(number, Approve(), LEADER)).outcome == "done"
        return number


STREET_DESK = Actor("street:990101001", "street", "p-blower")


def save(folder: Path) -> None:
    """The departments that take part."""
    departments.save(folder, TOKENS)
