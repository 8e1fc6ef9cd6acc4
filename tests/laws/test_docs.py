"""Docs say what is: paths lead somewhere, tables are the code's, the examples run."""

import asyncio
import inspect
import json
import os
import re
import sys
from pathlib import Path
from typing import get_args

import nats as nats_py
import pytest

from consumers.departments import UNREADABLE
from huiyin import schema
from huiyin.bus import relay, streams
from huiyin.bus.department_words import COMMANDS, Receipt
from huiyin.bus.envelope import FILED, Event, read_filed, write_event
from huiyin.cli import VERBS
from huiyin.engines.nats import SERVICE_INBOX
from huiyin.settings import PREFIX, Settings
from tests.conftest import Bus
from tests.core.world import AT
from tests.laws.sources import ROOT, committed, sources

READMES = ("README.md", "README.zh-CN.md")
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
PARTNERS = (ROOT / "docs" / "guide" / "partners.md").read_text()
DEPARTMENTS = (ROOT / "docs" / "guide" / "departments.md").read_text()
OPERATORS = (ROOT / "docs" / "guide" / "operators.md").read_text()


def blocks(text: str, language: str = "") -> list[str]:
    """Fenced blocks of a page."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def mapped(name: str) -> list[str]:
    """The paths of a README's map: what each line begins with."""
    (block,) = (block for block in blocks((ROOT / name).read_text()) if "src/huiyin/core/" in block)
    return [line.split()[0] for line in block.splitlines()]


@pytest.mark.parametrize("name", READMES)
def test_the_map_is_true(name: str) -> None:
    """Law: every path in README's map exists."""
    assert len(mapped(name)) > 15
    assert not [path for path in mapped(name) if not (ROOT / path).exists()]


def test_both_readmes_say_the_same() -> None:
    first, second = (blocks((ROOT / name).read_text()) for name in READMES)
    assert mapped(READMES[0]) == mapped(READMES[1])
    assert first[:2] == second[:2]


def test_the_two_commands_are_what_ci_runs() -> None:
    commands = blocks((ROOT / "README.md").read_text())[0].splitlines()
    assert commands == ["python3 start.py up --demo", "python3 start.py test"]
    assert commands[1] in (ROOT / ".ci" / "run").read_text()


def test_links_lead_somewhere() -> None:
    for page in (path for path in committed() if path.suffix == ".md"):
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_names_its_check(page: Path) -> None:
    """Law: one-page decision records whose last line names the check."""
    text = page.read_text()
    assert text.startswith(f"# {page.name[:4]} ")
    for part in ("**Context.**", "**Decision.**", "**Why.**", "**Consequences.**"):
        assert part in text, part
    last = text.rstrip().splitlines()[-1]
    assert last.startswith("Check: tests/")
    assert (ROOT / last.removeprefix("Check: ")).exists()
    assert len(text.splitlines()) < 60


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [page.name[:4] for page in DECISIONS] == [f"{n:04}" for n in range(1, len(DECISIONS) + 1)]


# -- tables -----------------------------------------------------------------------------------------------


def reasons(*rooms: str) -> set[str]:
    """The codes under which some rooms bury messages."""
    calls = r"(?:Unreadable\(|_refuse\(envelope, |_give_up\(item, |_letter\(msg, where, )\"([a-z-]+)\""
    texts = [(ROOT / module.path).read_text() for module in sources() if module.name in rooms]
    return {code for text in texts for code in re.findall(calls, text)}


def codes(page: str) -> set[str]:
    """What the tables of a page begin with."""
    return set(re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE))


def test_partners_know_every_reason_of_a_dead_letter() -> None:
    known = reasons("huiyin.bus.envelope", "huiyin.bus.handling", "consumers.sorter")
    assert "wrong-type" in known
    assert codes(PARTNERS) == known


def test_departments_know_every_command_and_every_answer() -> None:
    """The guide's tables are the code's: what may be said, and why something was not read."""
    table = set(re.findall(r"^\| `(huiyin\.whistle\.[a-z-]+\.v\d)` \|", DEPARTMENTS, re.MULTILINE))
    assert table == set(COMMANDS)
    answers = set(get_args(inspect.get_annotations(Receipt, eval_str=True)["outcome"]))
    heads = {"type", "outcome"}
    assert codes(DEPARTMENTS) - answers - heads | {"unreadable", "failed"} == set(UNREADABLE)
    assert answers <= codes(DEPARTMENTS)
    assert reasons("huiyin.bus.handling", "consumers.departments") <= set(UNREADABLE)
    named = set(re.findall(r"\"([a-z]+-[a-z]+)\"", (ROOT / "src/huiyin/bus/departments.py").read_text()))
    assert named - {"ce-type", "huiyin-whistles"} <= set(UNREADABLE)


def test_operators_know_every_command_and_setting() -> None:
    assert not {verb for verb in VERBS if f"`huiyin {verb}" not in OPERATORS}
    said = set(re.findall(rf"`{PREFIX}(\w+)`", OPERATORS))
    assert {name.lower() for name in said} == set(Settings.__struct_fields__)


def test_the_glossary_has_every_published_step() -> None:
    table = set(re.findall(r"^\| `([a-z_.]+\.v\d)` \|", (ROOT / "docs" / "glossary.md").read_text(), re.MULTILINE))
    assert table == {FILED, *schema.steps()}


def test_the_changelog_names_every_published_step() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    assert not {name for name in (FILED, *schema.steps()) if f"`{name}`" not in text}


# -- examples ---------------------------------------------------------------------------------------------


async def run(code: str, url: str) -> asyncio.subprocess.Process:
    """An example as a partner would run it."""
    env = {**os.environ, "NATS_URL": url}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )


async def test_the_example_of_sending_runs(nats: Bus) -> None:
    """With a partner's rights; what arrives is read without a word left out."""
    send, _ = blocks(PARTNERS, "python")
    example = await run(send, nats.partner_url)
    said, errors = await asyncio.wait_for(example.communicate(), 20)
    assert said == b"INTAKE 1\n", errors.decode()
    nc = await nats_py.connect(nats.url, inbox_prefix=SERVICE_INBOX.encode())
    kept = await nc.jetstream().get_msg(streams.INTAKE, 1)
    await nc.close()
    assert kept.data
    filed = read_filed(kept.data, None)
    assert (filed.source, filed.unknown) == ("urn:example:property-app", ())


async def test_the_example_of_following_runs(nats: Bus) -> None:
    """With a partner's rights; it prints the step that was published."""
    _, follow = blocks(PARTNERS, "python")
    event = Event(
        id="ticket-HY000000001-1",
        source=relay.SOURCE,
        type="ticket.filed.v1",
        subject="HY000000001",
        time=AT,
        data={"step": "ticket.filed.v1"},
    )
    nc = await nats_py.connect(nats.url, inbox_prefix=SERVICE_INBOX.encode())
    await nc.jetstream().publish("huiyin.event.ticket.filed.-", write_event(event))
    await nc.close()
    example = await run(follow, nats.partner_url)
    assert example.stdout
    try:
        line = await asyncio.wait_for(example.stdout.readline(), 20)
    finally:
        example.kill()
        await example.communicate()
    assert line.decode().split()[:2] == ["HY000000001", "ticket.filed.v1"]


def test_golden_messages_are_json_that_a_person_can_read() -> None:
    for path in (ROOT / "schemas" / "golden").rglob("*.json"):
        assert len(path.read_text().splitlines()) > 5
        assert json.loads(path.read_text())["type"] == path.stem
