"""What leaves this house: committed files without traces of where they were made, a lock, licences, a whole wheel."""

import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.laws.sources import ROOT, committed

LOCK = (ROOT / "requirements.lock").read_text()

# Registry hosts, paths of one machine, tools of one workplace; in pieces, so that this file is no trace itself.
TRACES = "|".join(
    (
        r"py" r"pi\.org",
        r"python" r"hosted\.org",
        r"registry\." r"npmjs",
        r"deb\." r"debian\.org",
        r"/wo" r"rk/(main|shared|steering|\.library)",
        r"/tmp/" r"studio",
        r"farm" r"-(bench|studio)",
    )
)


def test_no_file_says_where_it_was_made() -> None:
    """Law: no registry host, no path of a machine, no tool of a workplace in what is published."""
    pattern = re.compile(TRACES.encode())
    assert pattern.search(b"see /wo" + b"rk/main/x"), "the pattern finds what it is for"
    assert not [path.relative_to(ROOT).as_posix() for path in committed() if pattern.search(path.read_bytes())]


def test_the_lock_has_hashes_and_no_address() -> None:
    """Law: installed by hash, from whatever mirror the machine has; so no URL in the lock."""
    assert "://" not in LOCK
    entries = re.findall(
        r"^([A-Za-z0-9_.-]+)==[^\n]*\\\n((?:    --hash=sha256:[0-9a-f]{64}.*\n?)+)", LOCK, re.MULTILINE
    )
    assert len(entries) == len(re.findall(r"^[A-Za-z0-9]", LOCK, re.MULTILINE))


# -- licences ---------------------------------------------------------------------------------------------

FREE = re.compile(
    r"MIT|MIT-0|BSD|[023]?BSD|BSD[ -][23]-Clause|BSD-[23]-Clause|Apache|Apache[ -](Software )?(License )?2\.0|PSF-2\.0"
    r"|MIT-CMU"
    r"|ISC|Unlicense|PostgreSQL|Zlib|CC0-1\.0|MIT License|BSD License|Apache Software License|BSD [23]-Clause License"
)
# No plain expression in the metadata, or another licence with a reason.
EXPLAINED = {
    "certifi": "MPL-2.0: the list of certificate authorities, unchanged data (httpx, which Litestar requires)",
    "hypothesis": "MPL-2.0: tests only",
    "pathspec": "MPL-2.0: builds and type checks only (hatchling, mypy)",
    "rich-click": "MIT: the whole text stands in the metadata's License field",
}
ONLY_FOR_WORK = {"hypothesis", "pathspec"}
# In the lock for another system, so not installed here.
ELSEWHERE = {"colorama": "BSD-3-Clause (Windows)", "tzdata": "Apache-2.0 (Windows)"}


def locked() -> set[str]:
    return {_plain(name) for name in re.findall(r"^([A-Za-z0-9_.-]+)==", LOCK, re.MULTILINE)}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def licences(found: Distribution) -> list[str]:
    """What a package says its licence is: the expression's parts, else the field, else the classifiers."""
    said = found.metadata.get("License-Expression") or ""
    if not said and len(short := (found.metadata.get("License") or "").strip()) < 40:
        said = short
    parts = [part.strip(" ()") for part in re.split(r" (?:AND|OR) ", said) if part.strip()]
    classifiers = [
        c.split(" :: ")[-1] for c in found.metadata.get_all("Classifier") or () if c.startswith("License ::")
    ]
    return parts or classifiers


def test_every_dependency_has_a_licence_that_lets_it_be_used() -> None:
    """Law: MIT, BSD, Apache, PSF, ISC and the like; anything else is explained here, GPL never."""
    odd = {}
    for name in locked() - EXPLAINED.keys():
        try:
            said = licences(distribution(name))
        except PackageNotFoundError:
            assert name in ELSEWHERE, f"{name} is locked and not installed: run start.py install"
            continue
        if not said or not all(FREE.fullmatch(part) for part in said):
            odd[name] = said
    assert not odd


def needed(name: str, seen: set[str]) -> Iterator[str]:
    """A package and what it needs at run time, on this system."""
    if _plain(name) in seen:
        return
    seen.add(_plain(name))
    yield _plain(name)
    for line in distribution(name).requires or ():
        wanted = Requirement(line)
        if wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
            yield from needed(wanted.name, seen)


def test_what_is_explained_as_work_only_is_not_shipped() -> None:
    """Law: no copyleft at run time but what is explained."""
    run_time = set(needed("huiyin", set()))
    assert {"litestar", "msgspec", "nats-py"} <= run_time
    assert not run_time & ONLY_FOR_WORK
    assert run_time - {"huiyin"} <= locked()


# -- the wheel --------------------------------------------------------------------------------------------

LOOK = """
import sys
from importlib.resources import files
target, root = sys.argv[1:]
sys.path[:] = [target, *(p for p in sys.path if p not in (root, root + "/src"))]
import huiyin, consumers.sorter, huiyin.cli, huiyin.schema
from huiyin.rules.calendars import load_calendar
from huiyin.rules.load import load_catalogue, load_model, load_phrases, load_sorting_rules
from huiyin.rules.rulebook import load_ladder
for module in (huiyin, consumers.sorter, huiyin.schema):
    assert module.__file__.startswith(target), module.__file__
assert len(load_catalogue().leaves()) > 100 and load_model().leaves and load_phrases()
assert load_sorting_rules().version and load_ladder()[1] and load_calendar().known(2026)
versions = files("huiyin.store") / "migrations" / "versions"
assert any(path.name.startswith("0001") for path in versions.iterdir())
assert b"<html" in (files("huiyin.web") / "static" / "docs.html").read_bytes()
assert len(huiyin.schema.files()) > 5
for verb in huiyin.cli.VERBS:
    assert huiyin.cli.Verbs().get_command(None, verb) is not None, verb
print("whole")
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as anyone would, offline."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (made,) = folder.glob("*.whl")
    return made


def test_the_wheel_has_every_file_of_the_packages(wheel: Path) -> None:
    """Law: the built wheel is whole: code, data, migrations, static files, and the licence."""
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {path.relative_to(ROOT).as_posix() for path in committed()}
    wanted = {path.removeprefix("src/") for path in wanted if path.startswith(("src/huiyin/", "consumers/"))}
    assert not wanted - names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not {name for name in names if name.startswith(("tests/", "src/", "docs/"))}


def test_the_wheel_works_with_the_sources_removed(wheel: Path, tmp_path: Path) -> None:
    """Law: the built wheel is tested with the sources removed from the path."""
    zipfile.ZipFile(wheel).extractall(tmp_path)
    look = [sys.executable, "-I", "-c", LOOK, str(tmp_path), str(ROOT)]
    done = subprocess.run(look, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout == "whole\n", done.stderr
