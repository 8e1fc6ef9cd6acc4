"""An embedded PostgreSQL: a direct child on loopback, its cluster and passwords in the data folder."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

from huiyin import keys
from huiyin.engines import identity, process

DATABASE = "huiyin"
ADMIN, OWNER, APP, VAULT = "huiyin_admin", "huiyin_owner", "huiyin_app", "huiyin_vault"
HOST = "127.0.0.1"
READY_LINE = 8
SIZES = {"shared_buffers": "128MB", "max_wal_size": "2GB", "max_connections": "100"}

SETTINGS = """\
# Written by `huiyin up` at every start. Your own settings go into extra.conf beside this file.
listen_addresses = '{host}'
port = {port}
unix_socket_directories = ''
password_encryption = 'scram-sha-256'
# Durability: a receipt is given after commit, so commit means on disk.
fsync = on
full_page_writes = on
synchronous_commit = on
shared_buffers = {shared_buffers}
max_connections = {max_connections}
work_mem = 16MB
maintenance_work_mem = 128MB
wal_compression = on
max_wal_size = {max_wal_size}
min_wal_size = 160MB
checkpoint_timeout = 15min
checkpoint_completion_target = 0.9
random_page_cost = 1.1
jit = off
idle_in_transaction_session_timeout = 60s
tcp_keepalives_idle = 30
tcp_keepalives_interval = 10
tcp_keepalives_count = 3
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %q%u@%d '
# A complaint's words must not reach a log file, not even inside an error.
log_error_verbosity = terse
log_min_error_statement = panic
log_parameter_max_length_on_error = 0
include_if_exists = 'extra.conf'
"""

ACCESS = f"""\
# Written by `huiyin up`: loopback and passwords, nothing else.
host all all {HOST}/32 scram-sha-256
"""


class Postgres:
    """One cluster under `data`. `begin`, `finish`, `spawn`, `is_ready`; call them from the main thread."""

    name, label, stop_signal = "postgres", "数据库 PostgreSQL", signal.SIGINT

    def __init__(self, data: Path, port: int = 0, *, sizes: dict[str, str] | None = None) -> None:
        self.data = data
        self.identity = identity.choose()
        self.bin = identity.programs(self.identity)
        self.home = identity.home(data, self.identity)
        self.cluster = self.home / "data"
        self.log = data / "logs" / "postgres.log"
        self.port = port
        self.sizes = SIZES | (sizes or {})
        self._initdb: subprocess.Popen[bytes] | None = None
        self.running: subprocess.Popen[bytes] | None = None

    def url(self, role: str, database: str = DATABASE) -> str:
        """Where `role` connects, password included."""
        return f"postgresql://{role}:{keys.password(self.data, 'pg-' + role)}@{HOST}:{self.port}/{database}"

    def begin(self) -> None:
        """Clear what an earlier run left; start initdb when there is no cluster yet. Does not wait for it."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        identity.give(self.home, self.identity)
        process.clear(self.home, signal.SIGTERM)  # an initdb that was left alone
        if self.cluster.exists():
            process.clear(self.cluster, signal.SIGINT, signal.SIGQUIT)
            (self.cluster / "postmaster.pid").unlink(missing_ok=True)
            return
        shutil.rmtree(self._fresh, ignore_errors=True)
        locale = ("--locale-provider=builtin", "--locale=C.UTF-8")
        self._initdb = self._program("initdb", "-D", self._fresh, "-U", ADMIN, "-A", "trust", "-E", "UTF8", *locale)

    def is_made(self) -> bool:
        """Whether `finish` need not wait; raises when initdb gave up."""
        if self._initdb is not None and self._initdb.poll():
            raise process.Failed(f"initdb 失败:\n{process.last_lines(self.log)}")
        return self._initdb is None or self._initdb.returncode == 0

    def abandon(self) -> None:
        """End an initdb that nobody waits for any more."""
        if self._initdb is not None:
            process.stop(self._initdb, signal.SIGTERM, 3)

    def finish(self) -> None:
        """Wait for initdb, make roles and database; only a whole cluster gets its final name."""
        if self._initdb is None:
            return
        self._initdb.wait(120)
        self.is_made()
        self._initdb = None
        self._bootstrap()
        (self._fresh / "pg_hba.conf").write_text(ACCESS)
        self._fresh.rename(self.cluster)

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the server on its port, with freshly written settings."""
        self.port = process.free_port(HOST, self.port)
        text = SETTINGS.format(host=HOST, port=self.port, **self.sizes)
        (self.cluster / "postgresql.conf").write_text(text)
        self.running = self._program("postgres", "-D", self.cluster, cwd=self.cluster)
        return self.running

    def again(self) -> subprocess.Popen[bytes]:
        """Start it anew after it died; same port."""
        self.begin()
        return self.spawn()

    def is_ready(self) -> bool:
        """True when it takes connections; raises when it gave up."""
        if self.running is None or self.running.poll() is not None:
            raise process.Failed(f"PostgreSQL 启动失败:\n{process.last_lines(self.log)}")
        lines = self._pid_lines()
        return len(lines) >= READY_LINE and (lines[0], lines[7].strip()) == (str(self.running.pid), "ready")

    def _pid_lines(self) -> list[str]:
        try:
            return (self.cluster / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    @property
    def _fresh(self) -> Path:
        return self.home / "data.new"

    def _program(
        self, name: str, *arguments: str | Path, cwd: Path | None = None, stdin: int = subprocess.DEVNULL
    ) -> subprocess.Popen[bytes]:
        return process.spawn(
            [self.bin / name, *arguments],
            log=self.log,
            cwd=cwd or self.home,
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            death_signal=signal.SIGINT,
            first=self.identity.first,
            user=self.identity.uid,
            group=self.identity.gid,
            stdin=stdin,
        )

    def _bootstrap(self) -> None:
        """Roles with passwords, and the database: in single-user mode, while nobody can connect."""
        arguments = ("--single", "-D", str(self._fresh), "postgres")
        run = self._program("postgres", *arguments, stdin=subprocess.PIPE)
        run.communicate("\n".join(self._statements()).encode() + b"\n", timeout=60)
        if run.returncode:
            raise process.Failed(f"数据库初始化失败:\n{process.last_lines(self.log)}")

    def _statements(self) -> list[str]:
        secret = {role: keys.password(self.data, f"pg-{role}") for role in (ADMIN, OWNER, APP, VAULT)}
        roles = [f"CREATE ROLE {role} LOGIN PASSWORD '{secret[role]}'" for role in (OWNER, APP, VAULT)]
        return [
            f"ALTER ROLE {ADMIN} PASSWORD '{secret[ADMIN]}'",
            *roles,
            f"GRANT pg_monitor TO {OWNER}",
            f"CREATE DATABASE {DATABASE} OWNER {OWNER}",
            f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC",
            f"GRANT CONNECT ON DATABASE {DATABASE} TO {APP}, {VAULT}",
        ]
