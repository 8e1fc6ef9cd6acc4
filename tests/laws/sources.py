"""The sources as the law tests look at them: parsed once, by path."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from msgspec import Struct

ROOT = Path(__file__).parents[2]
CODE = ("src/huiyin", "consumers")


class Source(Struct, frozen=True):
    """One module: its path below the root, its dotted name, its lines, its tree."""

    path: str
    name: str
    lines: int
    tree: ast.Module

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))

    def calls(self) -> Iterator[ast.Call]:
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.Call))


@cache
def sources() -> tuple[Source, ...]:
    """Every module of the product, without the migrations (each is written once and never again)."""
    found = []
    for folder in CODE:
        for path in sorted((ROOT / folder).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            where = path.relative_to(ROOT).as_posix()
            name = where.removeprefix("src/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            if "/versions/" not in where:
                found.append(Source(where, name, text.count("\n"), ast.parse(text)))
    return tuple(found)


@cache
def committed() -> tuple[Path, ...]:
    """The files that git knows and that are there."""
    try:
        shown = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return tuple(path for path in (ROOT / name for name in shown.decode().split("\0") if name) if path.is_file())


def names_of(module: Source, package: str) -> dict[str, str]:
    """What a module calls the members of `package`: local name → dotted name."""
    known = {}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and node.module and (node.module + ".").startswith(package + "."):
            known |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            known |= {alias.asname or alias.name: alias.name for alias in node.names if alias.name.startswith(package)}
    return known


def dotted(node: ast.expr, known: dict[str, str]) -> str:
    """`log.append` as `huiyin.store.log.append`, "" for anything that is no plain name."""
    if isinstance(node, ast.Name):
        return known.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        before = dotted(node.value, known)
        return f"{before}.{node.attr}" if before else ""
    return ""
