"""`huiyin up`: everything on this machine, from nothing to one ready line, and down again."""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from huiyin import carrying, clock, keys, prepare, settings
from huiyin.engines import nats, postgres, process
from huiyin.settings import Explained, Instance, Settings
from huiyin.supervisor import Bell, Journal, Part, Supervisor, Worker, end

if sys.platform != "win32":
    import fcntl

WEB_PORT = 8646
PORTS = Path("run", "ports.json")
STARTED_WITHIN, DRAIN, ENGINES_DRAIN = 60.0, 5.0, 4.0
MARK_EVERY, HEALTH_EVERY, UNHEALTHY_LIMIT = 5.0, 10.0, 3
# Our own processes: name, what a person calls it, arguments. One line a process.
WORKERS = (
    ("web", "网页与接口", ("web",)),
    ("sorter", "诉求分拣", ("consume", "sorter")),
    ("relay", "事件转发", ("consume", "relay")),
    ("deadlines", "时限与逐级上报", ("consume", "deadlines")),
    ("tallies", "统计", ("consume", "tallies")),
    ("whistles", "哨单与工单互通", ("consume", "whistles")),
    ("mediation", "工单与调解互通", ("consume", "mediation")),
    ("messenger", "哨单告知部门", ("consume", "messenger")),
    ("departments", "部门系统来令", ("consume", "departments")),
)


class Options(Struct, frozen=True):
    """The command line of `huiyin up`. `port` None: the remembered or usual one; 0: any free one."""

    host: str = "127.0.0.1"
    port: int | None = None
    demo: bool = False
    registry: Path | None = None
    speed: float = 1.0


class Ports(Struct):
    """What was used last time, so that addresses stay the same over restarts; 0: none yet."""

    web: int = 0
    nats: int = 0
    monitor: int = 0
    postgres: int = 0


class Stopped(Exception):
    """Asked to stop before everything stood."""


def run(data: Path, options: Options) -> int:
    """Bring everything up, stand until asked to stop, go down; the exit code."""
    said = settings.load(data=data)
    if options.speed != 1 and said.external:
        raise Explained("--speed 只用于内置服务:外部 NATS / PostgreSQL 上不能使用演示时钟")
    if options.speed <= 0:
        raise Explained("--speed 须大于 0")
    with _alone(data), contextlib.redirect_stdout(sys.stderr):  # stdout is for the ready line alone
        house = House(data, options, said)
        try:
            house.rise()
            house.stand()
        except Stopped:
            pass
        except process.Failed as error:
            raise Explained(str(error)) from error
        finally:
            house.fall()
    return 0


@contextlib.contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Hold the data folder: one instance at a time."""
    try:
        (data / "run").mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (data / settings.LOCK).open("a")
    except OSError as error:
        raise Explained(f"不能写入数据目录 {data}:{error.strerror};请用 --data 换一个目录") from error
    with lock:
        if sys.platform != "win32":
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Explained(f"数据目录 {data} 正被另一个回音使用;请先停止它,或用 --data 换一个目录") from None
        yield


class House:
    """One run: the engines, our processes, and the order in which they come and go."""

    def __init__(self, data: Path, options: Options, said: Settings) -> None:
        self.data, self.options, self.said = data, options, said
        self.began = time.monotonic()
        self.out = sys.__stdout__
        self.first = False
        self.bell = Bell()
        self.bell.listen()
        self.ports = _remembered(data)
        self.postgres = None if said.database_url else postgres.Postgres(data, self.ports.postgres)
        self.nats = None if said.nats_url else nats.Nats(data, self.ports.nats, self.ports.monitor)
        self.workers: list[Worker] = []
        self.carried: list[carrying.Waiting] = []
        self.journal = Journal(data / "logs" / "up.log")
        self.clock = clock.Clock()

    def rise(self) -> None:
        """Everything that can overlap does: our processes import while the cluster is made."""
        self.tell(f"数据目录 {self.data}")
        self.ports.web = self._web_port()
        self.clock = found = clock.resume(self.data, self.options.speed)
        if found.told is not None:
            self.tell(f"演示时钟:现在是 {found.now():%Y-%m-%d %H:%M}(UTC),走得比真实时间快 {found.speed:g} 倍")
        self._begin_engines()
        self.workers = [self._worker(*row) for row in WORKERS]
        for worker in self.workers:
            worker.spawn()
        self._finish_engines()
        where = self._write_instance()
        self._prepare(where)
        if self.carried:
            asyncio.run(carrying.put(where.nats_url, self.carried))
            self.tell(f"旧消息流中的 {len(self.carried)} 件诉求已转入 ✓")
        carrying.done(self.data)
        for worker in self.workers:
            worker.go()
        for worker in self.workers:
            self._await(worker.is_ready, worker.label)
        self._await(lambda: prepare.answers(where.web_url + "/readyz"), "网页应答")
        self.tell("全部就绪,按 Ctrl-C 停止")
        print(self._ready_line(where), file=self.out, flush=True)

    def stand(self) -> None:
        """Until asked to stop."""
        watch = Supervisor(self.parts, self.journal, self.tell)
        duties = [(MARK_EVERY, self._mark)]
        if self.nats is not None:
            duties.append((HEALTH_EVERY, _health(self.nats, watch)))
        due = dict.fromkeys(range(len(duties)), 0.0)
        while not self.bell.wait(0.2):
            watch.look()
            for number, (every, duty) in enumerate(duties):
                if time.monotonic() >= due[number]:
                    due[number] = time.monotonic() + every
                    duty()

    def fall(self) -> None:
        """Our processes first, drained; then the engines."""
        self.tell("正在停止 …")
        late = end(self.workers, DRAIN)
        if self.postgres is not None:
            self.postgres.abandon()
        late += end(self.engines, ENGINES_DRAIN)
        for name in late:
            self.journal("killed", name)
        clock.mark(self.data, self.clock)
        (self.data / settings.INSTANCE).unlink(missing_ok=True)
        self.tell("已停止,数据已保存")

    @property
    def engines(self) -> list[Part]:
        """Those of this machine; an external one is somebody else's."""
        return [part for part in (self.nats, self.postgres) if part is not None]

    @property
    def parts(self) -> list[Part]:
        """Everything to watch."""
        return [*self.engines, *self.workers]

    def tell(self, what: str) -> None:
        """One line of progress for the person at the terminal."""
        print(f"[{time.monotonic() - self.began:5.1f} 秒] {what}", file=sys.stderr, flush=True)  # noqa: T201

    def _begin_engines(self) -> None:
        if self.nats is not None:
            self.carried = carrying.found(self.data)
            self.nats.begin()
            self.nats.spawn()
        if self.postgres is not None:
            self.first = not self.postgres.cluster.exists()
            self.tell("首次启动,正在建立数据库 …" if self.first else "正在启动数据库 …")
            self.postgres.begin()

    def _finish_engines(self) -> None:
        prepare.preload(first=self.first)
        if self.postgres is not None:
            if self.first:
                self._await(self.postgres.is_made, "数据库文件")
            self.postgres.finish()
            self.postgres.spawn()
        for engine in self.engines:
            self._await(engine.is_ready, engine.label)

    def _prepare(self, where: Instance) -> None:
        for what, step in prepare.steps(where, registry=self.options.registry, demo=self.options.demo):
            if self.bell.rung:
                raise Stopped
            step()
            self.tell(f"{what} ✓")

    def _worker(self, name: str, label: str, arguments: tuple[str, ...]) -> Worker:
        if name == "web":
            arguments = (*arguments, "--host", self.options.host, "--port", str(self.ports.web))
        return Worker(name, label, arguments, data=self.data)

    def _await(self, fact: Callable[[], bool], what: str) -> None:
        """Wait for a part to stand, unless we are asked to stop or another part fell meanwhile."""
        deadline = time.monotonic() + STARTED_WITHIN
        while not fact():
            if self.bell.wait(0.01):
                raise Stopped
            if time.monotonic() > deadline:
                raise process.Failed(f"{what} 在 {STARTED_WITHIN:g} 秒内没有就绪,日志在 {self.data / 'logs'}")
            for worker in self.workers:
                worker.is_ready()
        self.tell(f"{what} ✓")

    def _web_port(self) -> int:
        wanted = self.options.port
        if wanted and not process.can_bind(self.options.host, wanted):
            raise Explained(f"端口 {wanted} 已被占用;请用 --port 换一个,或用 --port 0 自动选择")
        usual = 0 if wanted == 0 else WEB_PORT
        return process.free_port(self.options.host, wanted or self.ports.web or usual)

    def _write_instance(self) -> Instance:
        """Say where everything is, to our children and to commands in other terminals."""
        where = self._instance()
        if self.nats is not None:
            self.ports.nats, self.ports.monitor = self.nats.port, self.nats.monitor_port
        if self.postgres is not None:
            self.ports.postgres = self.postgres.port
        keys.write_private(self.data / PORTS, msgspec.json.encode(self.ports))
        keys.write_private(self.data / settings.INSTANCE, msgspec.json.encode(where))
        return where

    def _instance(self) -> Instance:
        said, bus, base = self.said, self.nats, self.postgres
        shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.options.host, self.options.host)  # noqa: S104
        app, owner, vault = (
            (said.database_url, said.owner_database_url, said.vault_database_url)
            if base is None
            else (base.url(role) for role in (postgres.APP, postgres.OWNER, postgres.VAULT))
        )
        return Instance(
            pid=os.getpid(),
            data=str(self.data),
            web_url=f"http://{shown}:{self.ports.web}",
            nats_url=said.nats_url if bus is None else bus.url,
            nats_partner_url=said.nats_partner_url or said.nats_url if bus is None else bus.partner_url,
            nats_monitor_url=said.nats_monitor_url if bus is None else bus.monitor_url,
            database_url=app,
            owner_database_url=owner or app,
            vault_database_url=vault or app,
        )

    def _ready_line(self, where: Instance) -> str:
        address = f"web={where.web_url} nats={where.nats_partner_url} db={where.owner_database_url}"
        return f"ready {address} data={where.data}"

    def _mark(self) -> None:
        clock.mark(self.data, self.clock, ahead=2 * MARK_EVERY)


def _remembered(data: Path) -> Ports:
    try:
        return msgspec.json.decode((data / PORTS).read_bytes(), type=Ports)
    except (FileNotFoundError, msgspec.DecodeError):
        return Ports()


def _health(engine: nats.Nats, watch: Supervisor) -> Callable[[], None]:
    """JetStream stays broken after a full disk until it is restarted: look, and do that."""
    missed = 0

    def look() -> None:
        nonlocal missed
        try:
            missed = 0 if engine.is_ready() else missed + 1
        except process.Failed:
            missed = 0  # it died: the supervisor's glance sees to that
        if missed >= UNHEALTHY_LIMIT:
            missed = 0
            watch.restart(engine)

    return look
