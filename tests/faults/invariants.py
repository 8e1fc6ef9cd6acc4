"""The seven invariants (RELIABILITY 7), as far as this version has what they speak of; every fault test ends here."""

import asyncio
import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import msgspec
from msgspec import Struct
from nats.aio.msg import Msg

from huiyin import review, settings
from huiyin.bus import streams
from huiyin.bus.envelope import Unreadable, read_filed
from huiyin.bus.relay import SILENT
from huiyin.core import mediation, ticket, whistle
from huiyin.core import receipt as receipts
from huiyin.core.mediation.number import parsed
from huiyin.core.proof import read
from huiyin.engines import postgres
from huiyin.orders import CLOCK
from huiyin.store.database import connect
from huiyin.store.vault import Seal, Sealed
from tests.faults.house import House

# What `house.complaint` puts into every complaint: name, words, phone, room; as UTF-8 or escaped in JSON.
_WORDS = (r"欧阳囍", r"秘语鷗", r"\\u9633\\u56cd", r"\\u8bed\\u9dd7")
_DIGITS = (r"(?<!\d)1397777\d{4}(?!\d)", r"(?<!\d)7\d{3}室", r'"7\d{3}"')
LEAK = re.compile("|".join(_WORDS + _DIGITS).encode(), re.IGNORECASE)
_HASH = re.compile(rb"[0-9a-f]{64}")
LATE = timedelta(seconds=60)  # RELIABILITY 8
NOUNS: dict[str, Any] = {
    "ticket": (msgspec.json.Decoder(ticket.Step), ticket.follow),
    "whistle": (msgspec.json.Decoder(whistle.Step), whistle.follow),
    "mediation": (msgspec.json.Decoder(mediation.Step), mediation.follow),
}
# The nouns whose words lie in the vault beside a complaint's: their table, how their numbers begin.
WORDED = {"whistle": ("whistles", "SH"), "mediation": ("mediations", "TJ")}
REF = re.compile(rb'"dossier":"([^"]+)"')


class Facts(Struct):
    """What a test may want to say about itself."""

    tickets: int
    letters: int
    events: int
    stream: int


async def invariants(house: House) -> Facts:
    """The seven on a house that `settled` and, where the clock was turned, was `swept`."""
    intake = await read_stream(house, streams.INTAKE)
    inbox = await house.sql("SELECT * FROM inbox")
    dead = await house.sql("SELECT * FROM dead_letters")
    events, log = await _told(house)
    _accounted(house, intake, inbox, dead)
    await _receipts(house, inbox)
    await _once(house, inbox, log)
    for noun, (table, prefix) in WORDED.items():
        await _worded(house, log, noun, table, prefix)
    await _cases(house)
    on_time([row for row in log if row["noun"] in NOUNS], await house.told())
    _published(events, log)
    await _reviewed(house)
    assert await house.drained(), "something still waits"
    await _private(house, intake, events)
    return Facts(await house.count("tickets"), len(dead), len(events), len(intake))


async def _told(house: House) -> tuple[list[Msg], list[Any]]:
    """EVENTS and the log as they agree, or as they still differ after a while; two reads are never one moment."""
    for pause in (0.1, 0.4, 1.5, 3.0, 0.0):
        log = await house.sql("SELECT noun, id, version, at, body FROM log ORDER BY noun, id, version")
        events = await read_stream(house, streams.EVENTS)
        if {(msg.headers or {})["Nats-Msg-Id"] for msg in events} == _idents(log):
            break
        await asyncio.sleep(pause)
    return events, log


def _idents(log: list[Any]) -> set[str]:
    """What is to stand on EVENTS; of some nouns nothing goes out."""
    return {f"{row['noun']}-{row['id']}-{row['version']}" for row in log if row["noun"] not in SILENT}


async def read_stream(house: House, name: str) -> list[Msg]:
    """Every message of a stream, in order."""
    state = (await house.nc.jetstream().stream_info(name)).state
    last = state.last_seq
    assert state.messages == last, f"{name} has holes"
    found: list[Msg] = []
    if not last:
        return found
    reader = await house.nc.jetstream().pull_subscribe("", durable=None, stream=name)
    while len(found) < last:
        for msg in await reader.fetch(1_000, timeout=5):
            found.append(msg)
            await msg.ack()
    await reader.unsubscribe()
    assert [msg.metadata.sequence.stream for msg in found] == list(range(1, last + 1)), f"{name} out of order"
    return found


def _cause(msg: Msg) -> tuple[str, str] | None:
    try:
        filed = read_filed(msg.data, msg.headers)
    except Unreadable:
        return None
    return filed.source, filed.event_id


def _accounted(house: House, intake: list[Msg], inbox: list[Any], dead: list[Any]) -> None:
    """I1: every accepted id has a ticket or a dead letter and not both; so has every message of the stream."""
    placed = {(row["source"], row["event_id"]) for row in inbox}
    buried = {(row["source"], row["event_id"]) for row in dead if row["event_id"] and not row["replayed_at"]}
    assert house.accepted.events <= placed | buried, "an accepted event was lost"
    assert not placed & buried, "an event has a ticket and a dead letter"
    seqs = {row["stream_seq"] for row in inbox} | {row["stream_seq"] for row in dead}
    for msg in intake:
        seq = msg.metadata.sequence.stream
        assert seq in seqs or _cause(msg) in placed | buried, f"message {seq} is nowhere"


async def _receipts(house: House, inbox: list[Any]) -> None:
    """I1 over HTTP: the receipt that a resident holds leads to their ticket."""
    tickets = {row["receipt"]: row["id"] for row in inbox}
    for shown in house.accepted.receipts.values():
        assert tickets.get(receipts.read(shown)), f"receipt {shown} leads nowhere"
    doorstep = {(row["source"], row["event_id"]): row["receipt"] for row in await house.sql("SELECT * FROM doorstep")}
    for row in inbox:
        assert doorstep.get((row["source"], row["event_id"]), row["receipt"]) == row["receipt"], "two receipts"


async def _once(house: House, inbox: list[Any], log: list[Any]) -> None:
    """I2: one cause, one ticket, one chain, one dossier; the clock's own causes each one step. I3: version = number
    of steps, at exactly one post."""
    numbers = sorted(row["id"] for row in inbox if row["noun"] == "ticket" and row["receipt"] is not None)
    ticked = {row["event_id"] for row in inbox if row["source"] == CLOCK and row["event_id"].endswith("-tick")}
    assert ticked == {cause for row in log if (cause := ticks(row)) is not None}, "the clock's causes and steps differ"
    tickets = await house.sql("SELECT number, version, post_code FROM tickets ORDER BY number")
    there = await house.sql(
        "SELECT ref FROM (SELECT ref FROM vault.dossiers UNION SELECT ref FROM vault.pictures) v"
        " WHERE ref NOT LIKE ALL (ARRAY['SH%', 'TJ%'])",
        role=postgres.VAULT,
    )
    said = {ref.decode() for row in log if row["noun"] == "ticket" for ref in REF.findall(bytes(row["body"]))}
    assert numbers == [row["number"] for row in tickets], "causes and tickets are not one to one"
    assert {f"{number}/1" for number in numbers} <= said, "a ticket without its complaint"
    assert said == {row["ref"] for row in there}, "the vault has other words than the tickets name"
    steps = Counter(row["id"] for row in log if row["noun"] == "ticket")
    assert steps == {row["number"]: row["version"] for row in tickets}, "a version is not the number of its steps"
    assert all(row["post_code"] for row in tickets), "a ticket lies nowhere"


async def _worded(house: House, log: list[Any], noun: str, table: str, prefix: str) -> None:
    """I2 and I3 for whistles and mediations: each was begun by one cause, has all its steps, and lies in the vault word
    for word: what its steps name, who its people are, and nothing else."""
    rows = [row for row in log if row["noun"] == noun]
    kept = await house.sql(f"SELECT number, version FROM {table}")
    assert Counter(row["id"] for row in rows) == {row["number"]: row["version"] for row in kept}, f"{table} lack steps"
    begun = Counter(read(row["body"]).cause for row in rows if row["version"] == 1)
    assert all(times == 1 for times in begun.values()), f"one cause began two {table}"
    named = {ref.decode() for row in rows for ref in REF.findall(bytes(row["body"]))}
    people = await house.sql("SELECT ref FROM mediation_people WHERE ref IS NOT NULL AND starts_with(ref, $1)", prefix)
    named = {ref for ref in named if ref.startswith(prefix)} | {row["ref"] for row in people}
    there = await house.sql(
        "SELECT ref FROM vault.dossiers WHERE starts_with(ref, $1)"
        " UNION SELECT ref FROM vault.pictures WHERE starts_with(ref, $1)",
        prefix,
        role=postgres.VAULT,
    )
    assert {row["ref"] for row in there} == named, f"the vault has other words than the {table} name"


async def _cases(house: House) -> None:
    """案号: of each committee and year from 1 to where its counter stands, without a gap or a double."""
    rows = await house.sql("SELECT committee, kind, case_number FROM mediations WHERE case_number <> ''")
    found: dict[tuple[str, str, int], list[int]] = {}
    for row in rows:
        case = parsed(row["case_number"])
        assert case is not None
        found.setdefault((row["committee"], row["kind"], case.year), []).append(case.serial)
    counters = await house.sql("SELECT committee, kind, year, last FROM mediation_counters WHERE last > 0")
    assert {key: sorted(some) for key, some in found.items()} == {
        (row["committee"], row["kind"], row["year"]): list(range(1, row["last"] + 1)) for row in counters
    }, "case numbers have gaps or doubles"


def _published(events: list[Msg], log: list[Any]) -> None:
    """I2 and I5: every row of the log is on EVENTS once, the steps of each noun in their order."""
    idents = [(msg.headers or {})["Nats-Msg-Id"] for msg in events]
    twice = [ident for ident, times in Counter(idents).items() if times > 1]
    assert not twice, f"{len(twice)} events are on the stream twice: {twice[:3]}"
    wanted = _idents(log)
    differ = sorted(set(idents) ^ wanted)
    lost = len(wanted - set(idents))
    assert not differ, f"EVENTS and log differ in {len(differ)}, {lost} not on EVENTS: {differ[:3]} … {differ[-1:]}"
    seen: Counter[tuple[str, str]] = Counter()
    for ident, msg in zip(idents, events, strict=True):
        assert msgspec.json.decode(msg.data)["id"] == ident, f"{ident} has two ids"
        noun, rest = ident.split("-", 1)
        number, version = rest.rsplit("-", 1)
        seen[noun, number] += 1
        assert seen[noun, number] == int(version), f"{ident} came out of turn"


def ticks(row: Any) -> str | None:
    """The clock's cause where a step is what it did to this very ticket."""
    source, _, cause = read(row["body"]).cause.partition("#")
    return cause if source == CLOCK and cause == f"{row['id']}-{row['version'] - 1}-tick" else None


def on_time(rows: list[Any], now: datetime) -> list[timedelta]:
    """I6, from the log alone: nothing that time does to tickets or whistles came before it was due; nothing is due for
    more than a minute. How late each thing came."""
    came = []
    folded: dict[str, Any] = {}
    for row in rows:
        one = folded.get(row["id"])
        if ticks(row) is not None:
            assert one is not None
            assert one.next_at is not None, f"{row['id']}: nothing was due"
            assert one.next_at <= row["at"], f"{row['id']} climbed early: {row['at']}, not {one.next_at}"
            came.append(row["at"] - one.next_at)
        steps, follow = NOUNS[row["noun"]]
        folded[row["id"]] = follow(one, steps.decode(read(row["body"]).data))
    late = {n: t.next_at for n, t in folded.items() if t.next_at is not None and now - t.next_at > LATE}
    assert not late, f"{len(late)} did not climb in time: {list(late.items())[:3]}"
    return came


async def _reviewed(house: House) -> None:
    """I4: chains hold, dossiers are what the log committed to, the views are what the log says."""
    app, vault = connect(house.url(postgres.APP), name="test"), connect(house.url(postgres.VAULT), name="test")
    try:
        chains, sealed = await review.verify(app), await review.verify_sealed(vault)
        assert chains.whole, f"the log does not verify: {chains.broken}"
        assert sealed.whole, f"the dossiers do not verify: {sealed.broken}"
        rebuilt = await review.rebuild(app)
        assert not rebuilt.faults, f"the views differ: {rebuilt.differences}"
    finally:
        await app.dispose()
        await vault.dispose()


async def _private(house: House, intake: list[Msg], events: list[Msg]) -> None:
    """I7: no name, phone, room or word of a resident outside the vault; and the search does find them inside."""
    kept = await house.sql("SELECT key, body FROM vault.dossiers", role=postgres.VAULT)
    seal = Seal(settings.vault_key(house.folder))
    assert all(leaks(seal.open(Sealed(row["key"], row["body"]))) for row in kept), "the control finds nothing"
    places = {
        "EVENTS": b"\n".join(msg.subject.encode() + b" " + msg.data for msg in events),
        "subjects": b"\n".join(msg.subject.encode() for msg in intake),
        "logs": house.journal(),
        "vault": b"\n".join(bytes(row["body"]) for row in kept),
    }
    for path in house.bus.home.rglob("*"):
        if path.is_file():
            places[str(path.relative_to(house.bus.home))] = path.read_bytes()
    for table in await house.sql(
        "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables"
        " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
        role=postgres.ADMIN,
    ):
        rows = await house.sql(f"SELECT t.*, t::text AS whole FROM {table['name']} t", role=postgres.ADMIN)
        places[table["name"]] = b"\n".join(_bytes(value) for row in rows for value in row.values())
    for place, content in places.items():
        assert not leaks(content), f"{place} holds a resident's {leaks(content)[:3]}"


def leaks(content: bytes) -> list[str]:
    """Whatever of `house.complaint` stands there in the clear."""
    return [found.decode() for found in LEAK.findall(_HASH.sub(b"", content))]


def _bytes(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, Iterable) and not isinstance(value, (str, asyncpg.Record)):
        return b" ".join(map(_bytes, value))
    return str(value).encode()
