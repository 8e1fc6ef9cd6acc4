"""The streams and their bounds, and a connection that never gives up."""

import ssl
from collections.abc import Awaitable, Callable
from time import monotonic

import structlog
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import NotFoundError

INTAKE = "INTAKE"
SORTER = "sorter"  # its durable consumer
INTAKE_SUBJECT = "huiyin.intake.complaint"
EVENTS = "EVENTS"
EVENT_PREFIX = "huiyin.event"
COMMANDS = "COMMANDS"  # what departments' own systems say; each one's subject is given by its account
DEPARTMENTS = "DEPARTMENTS"  # what they are told; each has a durable consumer there
DEPARTMENT_PREFIX = "huiyin.department"
COMMAND_SUBJECT = f"{DEPARTMENT_PREFIX}.*.command"
LOG_GREW = "huiyin.hint.log"  # core NATS: the log has new rows; a hint, never a fact
REGISTRY_CHANGED = "huiyin.hint.registry"  # core NATS: somebody imported a registry
DOOR_OPENED = "huiyin.hint.door"  # core NATS: somebody filed a complaint over HTTP

DAYS = 30  # how long a stream keeps its messages
_DAY = 24 * 3600.0
_GIB = 1024**3
_ROOM = 10_000  # messages of one department, of one kind
INBOX_PREFIX = "_INBOX_HUIYIN"  # partners may listen on _INBOX.> only, so never on ours

_QUIET = 10.0  # seconds between two lines about the same trouble

_log = structlog.get_logger()


def _stream(name: str, subject: str, days: int, size: int, first: int = 1) -> StreamConfig:
    """Bounded, refusing when full rather than dropping the oldest (RELIABILITY 1.2, 1.4)."""
    return StreamConfig(
        name=name,
        subjects=[subject],
        retention=RetentionPolicy.LIMITS,
        discard=DiscardPolicy.NEW,
        storage=StorageType.FILE,
        max_age=days * _DAY,
        max_bytes=size,
        max_msg_size=512 * 1024,
        duplicate_window=120.0,
        allow_atomic=True,
        allow_direct=True,
        deny_delete=False,
        num_replicas=1,
        first_seq=first,
    )


def _commands(size: int, first: int) -> StreamConfig:
    """What waits to be done and no more: words leave the stream with their message. Each department has so much room
    of its own, and is refused when it is full, so that none keeps another out; nor may one's message ids keep another's
    messages out, so the stream forgets them at once (the inbox knows repeats)."""
    return _stream(COMMANDS, COMMAND_SUBJECT, DAYS, size, first).evolve(
        retention=RetentionPolicy.WORK_QUEUE,
        max_msgs_per_subject=_ROOM,
        discard_new_per_subject=True,
        max_msg_size=64 * 1024,
        duplicate_window=0.1,
        allow_atomic=False,
    )


def _departments(size: int) -> StreamConfig:
    """Here the oldest goes when a department does not listen for long: what follows says the whole state again, and
    nobody else may have to wait for it."""
    subjects = [f"{DEPARTMENT_PREFIX}.*.event.*", f"{DEPARTMENT_PREFIX}.*.receipt"]
    return _stream(DEPARTMENTS, "", DAYS, size).evolve(
        subjects=subjects, discard=DiscardPolicy.OLD, max_msgs_per_subject=_ROOM
    )


async def ensure(js: JetStreamContext, gib: float = 4.0, *, renew: bool = True, first: int = 1) -> None:
    """Make our streams; `renew` brings those that are there up to date. `gib`: bound of INTAKE and of EVENTS; the two
    for departments have a sixteenth of it each.

    `first`: the sequence a new INTAKE or COMMANDS begins with. The log's causes, dead letters and tries name messages
    by their sequence for ever, so a stream that was lost and made anew goes on behind the last known one.
    """
    size = int(gib * _GIB)
    for config in (
        _stream(INTAKE, INTAKE_SUBJECT, DAYS, size, first),  # nothing else: what nobody would read gets no PubAck
        _stream(EVENTS, f"{EVENT_PREFIX}.>", DAYS, size),
        _commands(size // 16, first),
        _departments(size // 16),
    ):
        try:
            kept = (await js.stream_info(config.name or "")).config
        except NotFoundError:
            await js.add_stream(config)
        else:
            if renew:
                await js.update_stream(config.evolve(first_seq=kept.first_seq))


async def ensure_durable(js: JetStreamContext, stream: str, name: str, *subjects: str) -> None:
    """Make a durable consumer where there is none; one that is there keeps its place and its settings."""
    try:
        await js.consumer_info(stream, name)
    except NotFoundError:
        await js.add_consumer(stream, durable(name, *subjects))


def durable(name: str, *subjects: str, ack_wait: float = 30.0, pending: int = 8_000) -> ConsumerConfig:
    """A durable pull consumer. Deliveries are not bounded here: an outage must not burn them (RELIABILITY 0.4);
    `consume` counts its own attempts."""
    return ConsumerConfig(
        durable_name=name,
        filter_subject=subjects[0] if len(subjects) == 1 else None,
        filter_subjects=list(subjects) if len(subjects) > 1 else None,
        ack_policy=AckPolicy.EXPLICIT,
        deliver_policy=DeliverPolicy.ALL,
        ack_wait=ack_wait,
        max_deliver=-1,
        max_ack_pending=pending,
    )


class _Client(Client):
    """Says in our log what becomes of it. nats-py 2.16 stops reading for ever at a header block that is shorter than
    its own first line; a server stores such a message, so one of a partner's would stop the intake."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name, self._said = name, 0.0

    async def failed(self, problem: Exception) -> None:
        if monotonic() - self._said > _QUIET:  # while NATS is away this comes four times a second
            self._said = monotonic()
            _log.warning("failed", noun="nats", name=self._name, error=type(problem).__name__)

    async def lost(self) -> None:
        if not self.is_closed:  # our own goodbye is no loss
            _log.warning("lost", noun="nats", name=self._name)

    async def returned(self) -> None:
        _log.info("returned", noun="nats", name=self._name)

    async def _process_headers(self, headers: bytes) -> dict[str, str] | None:
        try:
            return await super()._process_headers(headers)
        except Exception as error:
            _log.warning("kept_out", noun="headers", error=type(error).__name__)
            return None


Ended = Callable[[], Awaitable[None]]


async def connect(url: str, name: str, *, on_closed: Ended | None = None, tls: ssl.SSLContext | None = None) -> Client:
    """A connection that pings every 5 s and reconnects for ever; `on_closed` runs if it still ends."""
    nc = _Client(name)
    await nc.connect(
        url,
        name=f"huiyin-{name}",
        error_cb=nc.failed,
        disconnected_cb=nc.lost,
        reconnected_cb=nc.returned,
        closed_cb=on_closed,
        connect_timeout=2,
        reconnect_time_wait=0.25,  # type: ignore[arg-type]  # it sleeps that long, whole or not
        max_reconnect_attempts=-1,
        ping_interval=5,
        max_outstanding_pings=2,
        inbox_prefix=INBOX_PREFIX.encode(),
        pending_size=8 * 1024 * 1024,
        tls=tls,
    )
    return nc
