"""One command from a clean clone: make `.venv` from the lock, then run `huiyin` in it. Standard library only.

HUIYIN_VENV puts the environment somewhere else than `.venv`.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

TYPING = False
if TYPING:  # not imported at run time
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent
LOCK = ROOT / "requirements.lock"
WINDOWS = os.name == "nt"
VENV = Path(os.environ.get("HUIYIN_VENV") or ROOT / ".venv").absolute()
PROGRAMS = VENV / ("Scripts" if WINDOWS else "bin")
PYTHON = PROGRAMS / ("python.exe" if WINDOWS else "python")
UV = PROGRAMS / ("uv.exe" if WINDOWS else "uv")
STAMP = VENV / "huiyin-installed.txt"

HELP = """\
回音 Huiyin:诉求有人接,接了有人办,办了有回音。

  python3 start.py up               在这台机器上启动全部(第一次会先自动安装,一分钟左右)
  python3 start.py up --demo        带演示街区和各岗位账号
  python3 start.py test             运行全部测试
  python3 start.py doctor           检查这台机器与设置
  python3 start.py screenshots      每个页面各拍一张手机和电脑的截图到 .screens/(需要 chromium)
  python3 start.py install          只安装
  python3 start.py 命令 --help       每个命令的说明(replay、registry、log、user …)

数据默认放在 ~/.local/share/huiyin;用 --data 目录 换一个位置。
"""

NO_PIP = """\
这台机器的 Python 既没有 pip 也没有 ensurepip,无法安装依赖。请任选其一,然后重试:
  Debian / Ubuntu:  sudo apt install python3-venv
  Fedora / RHEL:    sudo dnf install python3-pip
  其他:              安装带 pip 的 Python 3.11 或更新版本"""

NO_PACKAGES = """\
依赖没有装上(上面是安装程序的原话)。常见原因与办法:
  没有网络            连上网络后重试;已装好的部分会保留在缓存里
  要走镜像或代理       pip config set global.index-url 镜像地址;或设置 HTTPS_PROXY
  完全离线            在有网络的机器上 pip download --require-hashes -r requirements.lock -d wheels,
                      拷贝过来后 PIP_NO_INDEX=1 PIP_FIND_LINKS=wheels python3 start.py
  磁盘满              需要约 700 MB 空闲"""

# pip's setting → the variable in which uv takes the same
HANDED_ON = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
}


class Stop(Exception):
    """What is missing, and what to do about it."""


def main(arguments: list[str]) -> int:
    """Install when needed, then become `huiyin` (or pytest)."""
    if sys.version_info < (3, 11):  # noqa: UP036  # whoever runs this has not installed anything yet
        raise Stop(f"需要 Python 3.11 或更新版本,这里是 {platform.python_version()}:请用 python3.11 start.py")
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(HELP)
        return 0
    if not is_installed():
        install()
    if arguments == ["install"]:
        return 0
    return become(arguments)


def become(arguments: list[str]) -> int:
    """Replace this process, so that signals and the exit code are huiyin's own."""
    command = [str(PYTHON), "-m", "huiyin", *arguments]
    if arguments[0] in ("test", "screenshots"):
        os.chdir(ROOT)
        scenes = map(str, sorted(Path("tests/web").glob("screens*.py")))
        pictures = ["-q", *scenes] if arguments[0] == "screenshots" else []
        workers = ["-n", "auto", "--dist", "worksteal"] if arguments[0] == "test" else []
        command = [str(PYTHON), "-m", "pytest", *workers, *pictures, *arguments[1:]]
    if not WINDOWS:
        sys.stdout.flush()
        os.execv(command[0], command)  # noqa: S606  # our own Python, our own arguments
    return subprocess.call(command)


def fingerprint() -> str:
    """What an installation depends on: the lock, the project file, this Python, and where all that is."""
    content = LOCK.read_bytes() + (ROOT / "pyproject.toml").read_bytes()
    return f"{hashlib.sha256(content).hexdigest()}\n{sys.version}\n{ROOT}\n{VENV}\n"


def is_installed() -> bool:
    """Whether the last complete installation was this one."""
    try:
        return STAMP.read_text() == fingerprint() and PYTHON.exists()
    except OSError:
        return False


def install() -> None:
    """Make the environment, or bring it up to date; a half-made one is made anew."""
    with alone():
        if is_installed():  # another start did it while we waited
            return
        make_venv()
        STAMP.unlink(missing_ok=True)
        say("正在安装依赖 …")
        install_packages()
        STAMP.write_text(fingerprint())
        say("安装完成")


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """One installation at a time; a killed one's lock frees itself."""
    try:
        VENV.parent.mkdir(parents=True, exist_ok=True)
        lock = VENV.with_name(VENV.name + ".lock").open("a")
    except OSError as error:
        raise Stop(f"不能写入 {VENV.parent}({error.strerror});请换一个可写的目录,或设置 HUIYIN_VENV") from error
    with lock:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(lock.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
            os.set_inheritable(lock.fileno(), True)  # if we are killed, the installer still holds it
        yield


def make_venv() -> None:
    """Without pip: ensurepip takes seconds and is missing on some systems."""
    if STAMP.exists() and runs([str(PYTHON), "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]):
        return
    say(f"正在建立 {VENV} …")
    try:
        import venv
    except ImportError:
        raise Stop(NO_PIP) from None
    venv.EnvBuilder(clear=True, symlinks=not WINDOWS, with_pip=False).create(VENV)


def install_packages() -> None:
    """With uv, ten times as fast; else with pip. Hashes are checked either way, the project comes last."""
    pip = find_pip()
    project = ["--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
    locked = ["--require-hashes", "--requirement", str(LOCK)]
    uv = [str(UV), "pip", "install", "--python", str(PYTHON), "--quiet", "--compile-bytecode"]
    with_pip = [*pip, "install", "--quiet", "--disable-pip-version-check", "--retries", "2"]
    environment = uv_environment(pip)
    if get_uv(with_pip) and run([*uv, *locked], environment) and run([*uv, *project], environment):
        return
    say("改用 pip 安装(较慢)…")
    if not (run([*with_pip, *locked]) and run([*with_pip, *project])):
        raise Stop(NO_PACKAGES)


def find_pip() -> list[str]:
    """A pip that installs into VENV: this Python's own, else one made by ensurepip."""
    outside = [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    if runs([*outside, "--version"]):  # knows --python since 22.3
        return outside
    if runs([str(PYTHON), "-m", "pip", "--version"]) or runs([str(PYTHON), "-m", "ensurepip"]):
        return [str(PYTHON), "-m", "pip"]
    raise Stop(NO_PIP)


def get_uv(with_pip: list[str]) -> bool:
    """Put uv into VENV, by the hashes of the lock like everything else."""
    if runs([str(UV), "--version"]):
        return True
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder, "uv.txt")
        wanted.write_text(locked_uv())
        run([*with_pip, "--require-hashes", "--requirement", str(wanted)])
    return runs([str(UV), "--version"])


def locked_uv() -> str:
    """uv's own entry in the lock, hashes and all."""
    entry: list[str] = []
    for line in LOCK.read_text().splitlines():
        if line.startswith("uv==") or (entry and line.startswith(" ")):
            entry.append(line)
        elif entry:
            break
    return "\n".join(entry) + "\n"


def uv_environment(pip: list[str]) -> dict[str, str]:
    """uv does not read pip's configuration: hand on the mirror, at run time, from wherever pip has it."""
    settings = pip_settings(pip)
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1"}
    for name, value in settings.items():
        variable = HANDED_ON.get(name)
        if variable and value and variable not in os.environ:
            environment[variable] = value
    if "extra-index-url" in settings:  # pip takes the best of all indexes; the hashes keep that safe
        environment.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path("~").expanduser())
    if not os.access(home, os.W_OK):
        environment.setdefault("UV_NO_CACHE", "1")
    return environment


def pip_settings(pip: list[str]) -> dict[str, str]:
    """`pip config list`, the strongest of each: variables, then [install], then [global]."""
    own = [part for part in pip if part not in ("--python", str(PYTHON))] if pip[0] != str(PYTHON) else pip
    shown = subprocess.run([*own, "config", "list"], capture_output=True, text=True, check=False).stdout
    found: dict[str, tuple[int, str]] = {}
    for line in shown.splitlines():
        key, _, value = line.partition("=")
        section, _, name = key.rpartition(".")
        rank = {"global": 1, "install": 2, ":env:": 3}.get(section, 0)
        with contextlib.suppress(ValueError, SyntaxError):
            if rank and rank > found.get(name, (0, ""))[0]:
                found[name] = (rank, for_uv(name, str(ast.literal_eval(value))))
    return {name: value for name, (_, value) in found.items()}


def for_uv(name: str, value: str) -> str:
    """pip skips places that are not there, uv stops at them; uv's lists have their own separators."""
    if name not in ("extra-index-url", "find-links", "index-url"):
        return value
    places = [place for place in value.split() if is_there(place)]
    return (" " if name == "extra-index-url" else ",").join(places)


def is_there(place: str) -> bool:
    """Whether a place is somewhere on the network, or a folder of this machine that exists."""
    path = place[len("file://") :] if place.startswith("file://") else place
    return "://" in path or Path(path).expanduser().exists()


def runs(command: list[str]) -> bool:
    """Whether a command succeeds; what it says does not matter."""
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def run(command: list[str], environment: dict[str, str] | None = None) -> bool:
    """Whether a command succeeds; what it says goes to the terminal, away from our own output."""
    done = subprocess.run(command, env=environment, stdout=sys.stderr, close_fds=False, check=False)
    return done.returncode == 0


def say(what: str) -> None:
    """Progress, for a person."""
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Stop as stop:
        sys.exit(str(stop))
    except KeyboardInterrupt:
        sys.exit(130)
