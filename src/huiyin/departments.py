"""The departments (职能部门) whose own systems take part over NATS, each under a token: data of the deployer."""

import hashlib
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from huiyin import keys
from huiyin.settings import Explained

FILE = Path("rules", "departments.toml")
KIND = "department:"
_TOKEN = re.compile(r"[a-z][a-z0-9]{1,31}")
_TAKEN = ("huiyin", "partner")  # users of the house
_POST = re.compile(rf"{KIND}[\w·-]{{1,40}}")
_HEAD = "# token = 岗位;由 huiyin department add 写入。记号是 NATS 上的账号和主题的一段,只用小写字母和数字。\n"


def load(data: Path) -> dict[str, str]:
    """Token → post; {} where none takes part. Raises Explained for a file that is wrong."""
    try:
        found = tomllib.loads((data / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Explained(f"{data / FILE} 不是 TOML:{error}") from error
    for token, post in found.items():
        check(token, post)
    if len(set(found.values())) < len(found):
        raise Explained(f"{data / FILE}:同一个部门写了两次")
    return found


def check(token: str, post: object) -> None:
    """Raises Explained for what is no token, or no department's post."""
    if not _TOKEN.fullmatch(token) or token in _TAKEN:
        raise Explained(f"记号 {token!r} 不能用;应是小写字母开头的 2 至 32 位小写字母和数字")
    if not isinstance(post, str) or not _POST.fullmatch(post):
        raise Explained(f"{post!r} 不是部门岗位;应写成 {KIND}城管")


def save(data: Path, known: Mapping[str, str]) -> None:
    """Replace the file in one step."""
    path = data / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (f'{token} = "{post}"\n' for token, post in sorted(known.items()))
    keys.write_private(path, (_HEAD + "".join(lines)).encode())


def token_for(post: str) -> str:
    """A token for a post whose deployer names none; the same every time."""
    return "d" + hashlib.sha256(post.encode()).hexdigest()[:8]


def secret(token: str) -> str:
    """The name of a department's password among the secrets."""
    return f"nats-department-{token}"


class Roster:
    """The departments as the file has them now; one that cannot be read leaves those before."""

    def __init__(self, data: Path) -> None:
        self._data, self._stamp = data, -1
        self.posts: dict[str, str] = {}
        self.look()

    @property
    def tokens(self) -> dict[str, str]:
        """Post → token."""
        return {post: token for token, post in self.posts.items()}

    def look(self) -> bool:
        """Take the file up where it changed; whether it did."""
        try:
            stamp = (self._data / FILE).stat().st_mtime_ns
        except FileNotFoundError:
            stamp = 0
        if stamp == self._stamp:
            return False
        before, self._stamp = self.posts, stamp
        try:
            self.posts = load(self._data)
        except Explained:
            return False
        return self.posts != before
