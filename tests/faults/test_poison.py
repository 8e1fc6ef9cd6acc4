"""Poison among good ones (RELIABILITY D3): each is one dead letter, whole and with its reason; nobody else waits."""

import json
from typing import Any

import msgspec
import pytest
from msgspec import Struct
from nats.js.errors import NoStreamResponseError

from huiyin import settings
from huiyin.bus import streams
from huiyin.bus.envelope import FILED
from huiyin.bus.publish import Outgoing
from huiyin.engines import postgres
from huiyin.store import dead
from huiyin.store.database import connect
from huiyin.store.vault import Seal
from tests.faults.house import SOURCE, House, Move, complaint, feed, message, until
from tests.faults.invariants import invariants

pytestmark = pytest.mark.fault

ACK_WAIT = 2.0
TRIES = 8
CRASH, EXIT = "此句会崩", "此句致命"


class Poison(Struct, frozen=True):
    """One message, and why it ends in the dead letters (None: it does not)."""

    payload: bytes
    reason: str | None
    headers: dict[str, str] | None = None


def event(n: int, **more: Any) -> dict[str, Any]:
    """A good event as a dict, to be spoilt."""
    data = msgspec.to_builtins(complaint(n))
    return {"specversion": "1.0", "id": f"x{n}", "source": SOURCE, "type": FILED, "data": data} | more


def spoilt(n: int, **more: Any) -> bytes:
    return json.dumps(event(n, data=event(n)["data"] | more)).encode()


def raw(i: int) -> bytes:
    return json.dumps(event(i, id=f"raw {i}")).encode()


def bomb(inside: str) -> bytes:
    """Valid JSON, except that a hundred thousand lists stand in each other."""
    return spoilt(1, x=0).replace(b'"x": 0', inside.encode() + b": " + b"[" * 100_000 + b"]" * 100_000)


BINARY = {
    "ce-specversion": "1.0",
    "ce-type": FILED,
    "ce-source": SOURCE,
    "ce-id": "binary",
    "ce-time": "2026-11-20T01:00:00Z",
}
WORDS = json.dumps(msgspec.to_builtins(complaint(2))).encode()
POISON = {
    "not JSON": Poison("我是欧阳囍,电话13977771234".encode(), "not-json"),
    "nothing": Poison(b"", "not-json"),
    "a list": Poison(b"[1, 2]", "not-json"),
    "headers only": Poison(b"", "not-json", {"X-Nothing": "1"}),
    "binary without data": Poison(b"", "not-json", BINARY | {"ce-id": "headers only"}),
    "binary": Poison(WORDS, None, BINARY),
    "binary of unknown type": Poison(WORDS, "unknown-type", BINARY | {"ce-id": "b2", "ce-type": "other.v1"}),
    "binary without id": Poison(WORDS, "wrong-type", {k: v for k, v in BINARY.items() if k != "ce-id"}),
    "unknown type": Poison(json.dumps(event(3, type="huiyin.complaint.filed.v9")).encode(), "unknown-type"),
    "unknown specversion": Poison(json.dumps(event(4, specversion="0.3")).encode(), "unknown-specversion"),
    "no data": Poison(json.dumps(event(5, data=None)).encode(), "no-data"),
    "text is a number": Poison(spoilt(6, text=5), "no-text"),
    "text is blank": Poison(spoilt(7, text=" \n　"), "no-text"),
    "place is a list": Poison(spoilt(8, place=[]), "wrong-type"),
    "latitude is a word": Poison(spoilt(9, place={"lat": "north"}), "wrong-type"),
    "9,000 characters": Poison(spoilt(10, text="漏" * 9_000), "text-too-long"),
    "8,000 characters": Poison(spoilt(11, text="漏" * 8_000), None),
    "bomb of lists": Poison(b"[" * 200_000, "not-json"),
    "bomb in data": Poison(bomb('"x"'), "not-json"),
    "bomb in place": Poison(bomb('"place"'), "not-json"),
    "NUL in text": Poison(spoilt(12, text="楼道灯坏了\0三天"), None),
    "NUL in a place": Poison(spoilt(13, place={"estate": "桂花苑\0", "building": "1\0栋", "grid_code": "\0"}), None),
    "NUL in category": Poison(spoilt(14, category="A01\0"), None),
    "NUL in id": Poison(json.dumps(event(15, id="x\0")).encode(), "bad-id"),
    "NUL raw": Poison(b"\0" * 100, "not-json"),
    "surrogate escaped": Poison(spoilt(16, text="漏水\ud83d"), "not-json"),
    "surrogate in the name": Poison(spoilt(17, reporter={"name": "\udc00"}), "not-json"),
    "surrogate raw": Poison(spoilt(18).replace(b"hotline", b"\xed\xa0\x80"), "not-json"),
    "unknown field": Poison(spoilt(20, mood="欧阳囍很生气"), None),
}
HEADERS = (  # what a partner's own client may write instead of headers; the words themselves are good
    b"X",
    b"NATS/1.0",
    b"NATS/1.0\r\n",
    b"NATS/1.0 503\r\n\r\n",
    b"NATS/1.0 100 Idle Heartbeat\r\n\r\n",
    b"NATS/1.0 \xff\xff\xff\r\n\r\n",
    b"NATS/1.0\r\n\xff: \xff\r\nno colon\r\n\r\n",
    b"\xff\xfe\r\n\r\n\xff\xfe\r\n",
)


def outgoing(name: str, poison: Poison) -> Outgoing:
    return Outgoing(streams.INTAKE_SUBJECT, poison.payload, f"poison {name.encode().hex()}", poison.headers)


async def test_poison_among_good_ones(house: Move) -> None:
    """The good are placed within seconds, the bad lie whole in the dead letters with the right reason."""
    here = await house(ack_wait=ACK_WAIT)
    worker = here.consume()
    await worker.ready()
    crowd: list[Outgoing] = []
    for i, (name, poison) in enumerate(POISON.items()):
        crowd += [*feed(range(i * 10, i * 10 + 10)), outgoing(name, poison)]
    await here.publish(crowd)
    await here.publish_raw([(header, raw(i)) for i, header in enumerate(HEADERS)])
    here.accepted.events |= {(SOURCE, f"raw {i}") for i in range(len(HEADERS))}

    async def good() -> bool:
        return here.accepted.events <= await here.placed()

    await until(good, 10, "the good ones flow")
    wanted = {name: poison.reason for name, poison in POISON.items() if poison.reason}

    async def buried() -> bool:
        return await here.count("dead_letters") == len(wanted)

    await until(buried, 60, "each poison is a dead letter")
    await here.settled(30)
    facts = await invariants(here)
    assert await reasons(here) == wanted
    assert facts.tickets == 10 * len(POISON) + len(POISON) - len(wanted) + len(HEADERS)
    assert worker.ended() is None


async def reasons(here: House) -> dict[str, str]:
    """Reason by name of the poison, for each dead letter; each is opened and must be whole."""
    found: dict[str, str] = {}
    engine = connect(here.url(postgres.VAULT), name="test")
    seal = Seal(settings.vault_key(here.folder))
    async with engine.connect() as connection:
        for letter in await dead.listed(connection):
            message = await dead.exhume(connection, seal, letter.stream, letter.stream_seq)
            assert message is not None
            kept = await here.nc.jetstream().get_msg(streams.INTAKE, letter.stream_seq)
            assert (message.payload, message.headers) == (kept.data or b"", kept.headers)
            name = bytes.fromhex((message.headers or {})["Nats-Msg-Id"].removeprefix("poison ")).decode()
            assert message.payload == POISON[name].payload
            found[name] = letter.reason
    await engine.dispose()
    return found


async def test_no_promise_where_nobody_reads(house: Move) -> None:
    """A PubAck means that somebody will look at it; a subject that is mistyped gets none."""
    here = await house()
    with pytest.raises(NoStreamResponseError):
        await here.nc.jetstream().publish("huiyin.intake.complaints", raw(1))


def deadly(n: int, words: str) -> Outgoing:
    """A good complaint, except for words that a worker of this test cannot bear."""
    data = event(n, id=f"deadly {n}")["data"]
    body = json.dumps(event(n, id=f"deadly {n}", data=data | {"text": data["text"] + words})).encode()
    return Outgoing(streams.INTAKE_SUBJECT, body, f"deadly {n}")


async def test_a_message_that_crashes_and_one_that_kills(house: Move) -> None:
    """They end in the dead letters after at most eight tries; what comes after them is not delayed; mended,
    they are sent again and become one ticket each."""
    here = await house(ack_wait=1)
    relay = here.consume("relay")
    spells = {"crash_on": CRASH, "exit_on": EXIT}
    worker = here.consume("sorter", **spells)
    heirs = [here.consume("sorter", wait=True, **spells) for _ in range(2)]
    await worker.ready()
    await here.publish([*feed(range(100)), deadly(1, CRASH), deadly(2, EXIT), *feed(range(100, 200))])
    deaths, n = 0, 200

    async def buried() -> bool:
        nonlocal worker, deaths, n
        await here.publish([message(n)])
        n += 1
        if worker.ended() is not None:
            assert worker.ended() == 3
            deaths += 1
            worker = heirs.pop(0)
            worker.go()
            heirs.append(here.consume("sorter", wait=True, **spells))
        return await here.count("dead_letters") == 2

    took = await until(buried, 90, "all are dead letters", every=0.05)
    await here.settled(20)
    delays = await here.sql(
        "SELECT i.event_id::int AS n, extract(epoch FROM i.at - t.filed_at) AS delay"
        " FROM inbox i JOIN tickets t ON t.number = i.id"
    )
    late = sorted(row["delay"] for row in delays if row["n"] >= 200)
    near = max(row["delay"] for row in delays if row["n"] < 200)
    most = late[len(late) * 9 // 10]
    print(f"{deaths} deaths in {took:.1f} s; {len(late)} later ones: nine tenths within {most:.1f} s, the last after")
    print(f"{late[-1]:.1f} s (it was in a dying worker's hands); neighbours {near:.1f} s")
    letters = await here.sql("SELECT event_id, reason, detail FROM dead_letters ORDER BY event_id")
    crashed, killed = (tuple(row) for row in letters)
    # Whoever lies in one batch with what kills the process may have had its tries before it was looked at alone.
    assert crashed in (("deadly 1", "failed", "Poisoned"), ("deadly 1", "tried-too-often", ""))
    assert killed == ("deadly 2", "tried-too-often", "")
    assert deaths <= TRIES
    assert here.journal().count(b'"error": "Poisoned"') <= TRIES
    assert most < 0.75 * took, "were they held up by the two, nine tenths would wait nine tenths of the time"
    assert late[-1] < max(15, 0.9 * float(took))
    await invariants(here)

    for child in (worker, *heirs):
        child.close()
    mended = here.consume("sorter")
    await mended.ready()
    ids = [row["id"] for row in await here.sql("SELECT id FROM dead_letters WHERE event_id LIKE 'deadly %'")]
    again = here.start("dead", "replay", *map(str, ids))
    await until(lambda: again.ended() is not None, 20, "dead replay")
    assert again.ended() == 0, again.log.read_text()
    here.accepted.events |= {(SOURCE, "deadly 1"), (SOURCE, "deadly 2")}
    await here.settled(20)
    assert (await invariants(here)).tickets == n + 2
    assert relay.ended() is None
