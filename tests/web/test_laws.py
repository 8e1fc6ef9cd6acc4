"""Laws of the web room, checked on its source: one writer of the doorstep, a sentence for every refusal."""

import re
from importlib.resources import files
from pathlib import Path

from huiyin.web.problems import CODES

SOURCE = Path(str(files("huiyin")))


def test_only_the_door_imports_the_doorstep() -> None:
    found = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if re.search(r"import .*\bdoorstep\b|store\.doorstep", path.read_text())
    }
    assert found == {"door.py"}


def test_every_code_has_a_sentence() -> None:
    """Whatever the core refuses and the web answers is in the table, and the table holds nothing else."""
    raised = set()
    for path in [*(SOURCE / "core").rglob("*.py"), *(SOURCE / "web").rglob("*.py")]:
        raised |= set(re.findall(r"""(?:Refused|Problem)\(\s*"([a-z-]+)\"""", path.read_text()))
        raised |= set(re.findall(r"""Refused\(.* else "([a-z-]+)"\)""", path.read_text()))
    envelope = (SOURCE / "bus" / "envelope.py").read_text()
    raised |= set(re.findall(r"""_refuse\(envelope, "([a-z-]+)\"""", envelope)) - {"unknown-type", "no-data"}
    raised |= set(re.findall(r"[0-9]{3}: \"([a-z-]+)\"", (SOURCE / "web" / "problems.py").read_text()))
    assert raised <= set(CODES)
    tables = ("problems.py", "refusals.py")
    named = "".join(path.read_text() for path in SOURCE.rglob("*.py") if path.name not in tables)
    assert not {code for code in set(CODES) - raised if f'"{code}"' not in named}
