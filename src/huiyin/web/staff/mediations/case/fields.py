"""Fields that several forms of a mediation have (表单字段)."""

from collections.abc import Callable
from typing import Any, get_args

from msgspec.structs import replace

from huiyin.core.mediation.kinds import How
from huiyin.web.staff.forms import Field, Said
from huiyin.web.staff.mediations.case.called import words

SEALED = "密封保存,按规定的人才看得到。"
HOW = Field("how", "怎样说的", "choice", options=words("how", get_args(How)), default="paper")
TOLD = replace(HOW, label="怎样告知的")


def party(label: str, name: str = "party") -> Field:
    """Which side of the case."""
    return Field(name, label, "choice", options="parties")


def reason(label: str, name: str, codes: Any) -> Field:
    """One of some codes, in the words of the log."""
    return Field(name, label, "choice", options=words(name, get_args(codes)))


def text(label: str, help_: str = "", *, required: bool = True, name: str = "text") -> Field:
    """Words that are sealed."""
    return Field(name, label, "text", required, help_)


def sure(told: str) -> Field:
    """What cannot be undone is asked once more; nothing of it is sent."""
    said = f"我已经核对。{told}"
    return Field("sure", "请再确认一次", "many", options={"yes": said}, missing="请先核对,再勾选“我已经核对”。")


def dropped(said: Said, *names: str) -> dict[str, Any]:
    """Without some fields, and without the tick that makes sure."""
    return {name: value for name, value in said.items() if name not in (*names, "sure")}


def chosen(*names: str) -> Callable[[Said], dict[str, Any]]:
    """These fields are answered yes or no."""

    def send(said: Said) -> dict[str, Any]:
        return {**dropped(said), **{name: said[name] == "yes" for name in names if name in said}}

    return send
