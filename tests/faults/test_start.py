"""`start.py` knows the lock, pip's mirror, and when there is nothing to do."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
# What `pip config list` says: a variable beats a file.
CONFIGURED = """\
:env:.index-url='https://mirror.example/simple'
global.extra-index-url='https://two.example/simple\\nfile://{here}/absent'
global.find-links='{here} {here}/absent'
global.index-url='https://weaker.example/simple'"""


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setenv("HUIYIN_VENV", str(tmp_path / "venv"))
    spec = importlib.util.spec_from_file_location("start", ROOT / "start.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_installer_is_pinned_too(start: ModuleType) -> None:
    first, *hashes = start.locked_uv().splitlines()
    assert first.startswith("uv==")
    assert hashes
    assert all("--hash=sha256:" in line for line in hashes)


def test_the_build_backend_is_in_the_lock(start: ModuleType) -> None:
    """Nothing unpinned is fetched: the project is built by what the lock installed."""
    names = {line.split("==")[0] for line in start.LOCK.read_text().splitlines() if "==" in line}
    assert {"hatchling", "editables", "uv"} <= names


def test_pips_mirror_is_handed_on(start: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """uv does not read pip's settings; places that are not there are left out, as pip does."""
    for name in [name for name in os.environ if name.startswith("UV_")]:
        monkeypatch.delenv(name)
    pip = tmp_path / "pip.py"
    pip.write_text(f"print({CONFIGURED.format(here=tmp_path)!r})")
    handed = start.uv_environment([sys.executable, str(pip)])
    assert handed["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"
    assert handed["UV_INDEX"] == "https://two.example/simple"
    assert handed["UV_FIND_LINKS"] == str(tmp_path)
    assert handed["UV_INDEX_STRATEGY"] == "unsafe-best-match"
    assert handed["UV_PYTHON_DOWNLOADS"] == "never"


def test_it_installs_once(start: ModuleType) -> None:
    assert not start.is_installed()
    start.VENV.mkdir()
    start.STAMP.write_text(start.fingerprint())
    assert not start.is_installed()  # a stamp without an environment is not one
    start.PYTHON.parent.mkdir()
    start.PYTHON.touch()
    assert start.is_installed()
    start.STAMP.write_text(start.fingerprint().replace(start.sys.version, "3.11.0"))
    assert not start.is_installed()


def test_alone_it_says_what_can_be_done() -> None:
    said = subprocess.run(
        [sys.executable, ROOT / "start.py"], capture_output=True, text=True, check=True, timeout=30
    ).stdout
    assert "start.py up" in said
    assert "start.py test" in said
