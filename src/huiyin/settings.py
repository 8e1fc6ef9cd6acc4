"""What this process was told: HUIYIN_* variables, else the instance that runs on the data folder."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from huiyin import keys

if sys.platform != "win32":
    import fcntl

PREFIX = "HUIYIN_"
INSTANCE = Path("run", "instance.json")
LOCK = Path("run", "lock")


class Explained(Exception):
    """Something the person at the keyboard can put right; the message says how."""


class Settings(Struct, frozen=True):
    """HUIYIN_DATA → `data`, and so on. Empty means: not said."""

    data: str = ""
    nats_url: str = ""
    nats_partner_url: str = ""
    nats_monitor_url: str = ""
    database_url: str = ""
    owner_database_url: str = ""
    vault_database_url: str = ""
    web_url: str = ""
    log_level: str = "info"
    vault_key_file: str = ""
    receipt_key_file: str = ""
    font_folder: str = ""  # beside the fonts of the system; papers of mediation are printed with them
    tile_url: str = ""  # of map tiles, with {z} {x} {y}; no other host is asked for anything without it

    @property
    def folder(self) -> Path:
        """The data folder: HUIYIN_DATA, else the XDG data home."""
        if self.data:
            return Path(self.data).expanduser().absolute()
        share = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
        return Path(share).expanduser() / "huiyin"

    @property
    def fonts(self) -> Path | None:
        """The folder of HUIYIN_FONT_FOLDER."""
        return Path(self.font_folder).expanduser().absolute() if self.font_folder else None

    @property
    def external(self) -> bool:
        """Whether some service of another machine is used instead of the embedded one."""
        return bool(self.nats_url or self.database_url)


class Instance(Struct, frozen=True):
    """What `huiyin up` wrote about itself for its children and for commands in other terminals."""

    pid: int
    data: str
    web_url: str
    nats_url: str
    nats_partner_url: str
    nats_monitor_url: str
    database_url: str
    owner_database_url: str
    vault_database_url: str


class Connections(Struct, frozen=True):
    """Where to connect, credentials included. `nats_url` and `database_url` are the services' own users."""

    data: Path
    web_url: str
    nats_url: str
    nats_partner_url: str
    nats_monitor_url: str
    database_url: str
    owner_database_url: str
    vault_database_url: str


def load(env: Mapping[str, str] | None = None, data: Path | None = None) -> Settings:
    """The settings of the environment; `data` (a command line option) beats HUIYIN_DATA."""
    source = os.environ if env is None else env
    said = {k.removeprefix(PREFIX).lower(): v for k, v in source.items() if k.startswith(PREFIX)}
    if data is not None:
        said["data"] = str(data)
    try:
        return msgspec.convert(said, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise Explained(f"环境变量 {PREFIX}* 有误:{error}") from error


def connections(data: Path | None = None) -> Connections:
    """Variables beat the running instance; Explained when neither says where to connect."""
    said = load(data=data)
    running = instance(said.folder)
    found: dict[str, Any] = {} if running is None else msgspec.structs.asdict(running)
    names = [name for name in Connections.__struct_fields__ if name != "data"]
    merged = {name: getattr(said, name) or found.get(name, "") for name in names}
    _fall_back(merged, said)
    if not (merged["nats_url"] and merged["database_url"]):
        raise Explained(_nothing_runs(said.folder))
    return Connections(data=said.folder, **merged)


def _fall_back(merged: dict[str, str], said: Settings) -> None:
    """External services may have one user for all parts: what is not said separately is that one."""
    for name in ("owner_database_url", "vault_database_url"):
        if said.database_url and not getattr(said, name):
            merged[name] = said.database_url
    if said.nats_url:
        merged["nats_partner_url"] = said.nats_partner_url or said.nats_url
        merged["nats_monitor_url"] = said.nats_monitor_url


def _nothing_runs(folder: Path) -> str:
    return (
        f"数据目录 {folder} 上没有正在运行的回音。\n"
        f"请先在另一个终端启动:python3 start.py up --data {folder}\n"
        f"(或用 --data / HUIYIN_DATA 指明目录;用 HUIYIN_NATS_URL 和 HUIYIN_DATABASE_URL 指明外部服务)"
    )


def instance(folder: Path) -> Instance | None:
    """The instance that runs on `folder` now; a file left by a killed one does not count."""
    try:
        written = msgspec.json.decode((folder / INSTANCE).read_bytes(), type=Instance)
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise Explained(f"无权读取 {folder / INSTANCE}:请用启动它的用户运行") from error
    return written if _held(folder / LOCK) else None


def _held(lock: Path) -> bool:
    if sys.platform == "win32":  # no flock, and no embedded PostgreSQL either (untested there)
        return True
    try:
        with lock.open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


def rules_folder(folder: Path) -> Path:
    """Where a city's own rules lie, each file in the place of a shipped one; `huiyin train` writes there, too."""
    return folder / "rules"


def vault_key(data: Path | None = None) -> bytes:
    """32 bytes that seal the vault: the file of HUIYIN_VAULT_KEY_FILE, else the data folder's own."""
    said = load(data=data)
    return _key(said.vault_key_file, said.folder, "vault.key")


def receipt_key(data: Path | None = None) -> bytes:
    """32 bytes that receipts are made with: HUIYIN_RECEIPT_KEY_FILE, else the data folder's own."""
    said = load(data=data)
    return _key(said.receipt_key_file, said.folder, "receipt.key")


def _key(named: str, folder: Path, name: str) -> bytes:
    try:
        content = Path(named).read_bytes() if named else keys.key(folder, name)
    except OSError as error:
        raise Explained(f"读不到密钥文件 {named or folder / 'secrets' / name}:{error.strerror}") from error
    if len(content) != 32:
        raise Explained(f"密钥文件 {named or name} 应恰为 32 字节,实为 {len(content)} 字节")
    return content
