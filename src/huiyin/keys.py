"""The secrets of one data folder: made once, each in its own file that only its owner can read."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

FOLDER = "secrets"


def folder(data: Path) -> Path:
    """The folder of secrets under `data`, made with mode 0700."""
    path = data / FOLDER
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.chmod(0o700)
    return path


def password(data: Path, name: str) -> str:
    """The password called `name`: 192 random bits, safe inside a URL. Made at the first call."""
    return _kept(folder(data) / name, lambda: secrets.token_urlsafe(24).encode()).decode()


def key(data: Path, name: str) -> bytes:
    """The 32-byte key called `name` (`vault.key`, `receipt.key`). Made at the first call."""
    return _kept(folder(data) / name, lambda: secrets.token_bytes(32))


def write_private(path: Path, content: bytes) -> None:
    """Replace `path` in one step; nobody but the owner could read it at any moment."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _kept(path: Path, make: Callable[[], bytes]) -> bytes:
    if not path.exists():
        _make_once(path, make())
    return path.read_bytes()


def _make_once(path: Path, content: bytes) -> None:
    """Two processes may come here at once: the first one's secret stays."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    write_private(fresh, content)
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
