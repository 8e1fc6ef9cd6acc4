"""The laws of ARCHITECTURE 4 and 6 that no linter covers; each test names its law."""

import ast
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec import inspect

from huiyin import schema, shapes
from huiyin.core import mediation, whistle
from huiyin.core.commands import Command
from huiyin.core.mediation import authority as mediated
from huiyin.core.mediation.heard import Moved
from huiyin.core.steps import Step
from huiyin.core.ticket import authority
from huiyin.core.whistle import authority as whistled
from tests.laws.sources import ROOT, Source, dotted, names_of, sources

STORE = "huiyin.store"
# Who may write what a noun is made of. `registration`, `posts`, `door` are the one door's halves (they say so).
WRITERS = {
    "log.append": {
        "huiyin.calendars",
        "huiyin.clerk",
        "huiyin.convening",
        "huiyin.entering",
        "huiyin.exports",
        "huiyin.office",
        "huiyin.posts",
        "huiyin.registration",
    },
    "inbox.remember": {"huiyin.clerk"},
    "views.insert": {"huiyin.desk"},
    "views.update": {"huiyin.desk"},
    "vault.write": {"huiyin.clerk", "huiyin.exports"},
    "parties.write": {"huiyin.desk"},
    "pictures.write": {"huiyin.clerk"},
    "notices.write": {"huiyin.desk"},
    "whistles.write": {"huiyin.whistling"},
    "mediations.write": {"huiyin.mediating"},
    "mediation_people.write": {"huiyin.mediating"},
    "mediation_people.renew": {"huiyin.mediating"},
    "committees.count": {"huiyin.mediating"},
    "bookings.freed": {"huiyin.mediating"},
    **{f"bookings.{name}": {"huiyin.convening"} for name in ("book", "close", "furnish", "release")},
    **{f"committees.{name}": {"huiyin.convening"} for name in ("elect", "keep", "put_on_duty", "remove", "specialise")},
    "accounts.call": {"huiyin.office"},
    "doorstep.write": {"huiyin.door"},
    "registry.save": {"huiyin.registration"},
    "people.admit": {"huiyin.posts"},
    "people.give": {"huiyin.posts"},
    "people.end": {"huiyin.posts"},
    "people.declare": {"huiyin.posts"},
    "people.describe": {"huiyin.posts"},
    "calendars.save": {"huiyin.calendars"},
}
WRITING = re.compile(r"\b(INSERT INTO|DELETE FROM|TRUNCATE|UPDATE \w+ (\w+ )?SET)\b|copy_records_to_table")


# -- nothing changes but through the door -----------------------------------------------------------------


def written_by(module: Source) -> Iterator[str]:
    """The writers that a module names, however it imported them."""
    known = names_of(module, STORE)
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute | ast.Name):
            name = dotted(node, known).removeprefix(STORE + ".")
            if name in WRITERS:
                yield name


def test_only_the_door_writes() -> None:
    """Law: nothing changes except through `desk.act` (and its halves for the registry and for HTTP)."""
    outside = [module for module in sources() if not module.name.startswith(STORE)]
    used = {name: {module.name for module in outside if name in set(written_by(module))} for name in WRITERS}
    assert used == WRITERS


def test_only_the_store_writes_sql() -> None:
    """Law: the store is what is kept; no other room has a statement that writes."""
    writing = {module.name for module in sources() if WRITING.search((ROOT / module.path).read_text())}
    assert not {name for name in writing if not name.startswith(STORE)}
    assert f"{STORE}.log" in writing


def test_each_table_of_a_noun_is_written_in_one_place() -> None:
    """Law: there is no second write path: log, causes, views and dossiers have one module each."""
    owners = {"log": "log", "inbox": "inbox", "tickets": "views", "dossiers": "vault", "doorstep": "doorstep"}
    owners |= dict.fromkeys(("holdings", "persons", "relations"), "people") | {"calendars": "calendars"}
    owners |= {"parties": "parties"}
    pattern = r"(?:INSERT INTO|DELETE FROM|UPDATE) (?:vault\.)?{0}\b|copy_records_to_table\(\s*\"{0}\""
    for table, owner in owners.items():
        wanted = re.compile(pattern.format(table))
        found = {m.name for m in sources() if wanted.search((ROOT / m.path).read_text())}
        assert found == {f"{STORE}.{owner}"}, table


def test_views_that_fold_are_written_in_one_place() -> None:
    """Law: the same where `chains.Views` writes: each noun's module calls its own, and nobody else writes the table."""
    texts = {module.name: (ROOT / module.path).read_text() for module in sources()}
    nouns = {"whistles", "mediations"}
    assert {name for name, text in texts.items() if "VIEWS.write(" in text} == {f"{STORE}.{noun}" for noun in nouns}
    written = re.compile(rf"(?:INSERT INTO|DELETE FROM|UPDATE) (?:{'|'.join(nouns)})\b")
    assert not {name for name, text in texts.items() if written.search(text)}


def noun(module: Source) -> str:
    """The module or package right below core: a noun's rooms (`core.ticket.climbing`) are the noun."""
    return ".".join(module.name.split(".")[:3])


def test_nouns_do_not_know_each_other() -> None:
    """Law: nouns never import each other. The linter's contract names all of core with a `decide`."""
    nouns = {
        noun(module)
        for module in sources()
        if module.name.startswith("huiyin.core.") and any(f.name == "decide" for f in module.functions())
    }
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    listed = {name for c in contracts if c["type"] == "independence" for name in c["modules"]}
    assert "huiyin.core.ticket" in nouns
    assert nouns <= listed


def test_the_laws_see_every_room_of_the_ticket() -> None:
    """The lists above and below walk packages, too."""
    seen = {module.path for module in sources()}
    assert {path.relative_to(ROOT).as_posix() for path in (ROOT / "src/huiyin/core/ticket").glob("*.py")} <= seen
    assert len([path for path in seen if path.startswith("src/huiyin/core/ticket/")]) > 8


def unions(of: object) -> set[type]:
    return set(of.__args__)  # type: ignore[attr-defined]


def test_every_command_has_who_may_give_it_and_every_step_is_in_the_union() -> None:
    """Law: one tagged union per noun; a command without a row in the table of authority would be anybody's."""
    assert set(authority.TABLE) == {shape.__name__ for shape in unions(Command)}
    tagged = {shape for name, shape in STEPS.items() if name.startswith("ticket.")}
    assert unions(Step) == tagged
    assert set(whistled.TABLE) == {shape.__name__ for shape in unions(whistle.Command)}
    assert unions(whistle.Step) == {shape for name, shape in STEPS.items() if name.startswith("whistle.")}
    assert set(mediated.TABLE) == {shape.__name__ for shape in unions(mediation.Command)}
    told = {shape for name, shape in STEPS.items() if name.startswith("mediation.")}
    assert unions(mediation.Step) == told - {Moved}, "what the bus hears is no step of the log"


# -- shape ------------------------------------------------------------------------------------------------

LONGEST, USUAL = 300, 25
# Modules that are over the limit today, each with the lines it may have; to be split, never to grow.
TOO_LONG: dict[str, int] = {}
LONG_FUNCTIONS = 1  # so many may be over 25 lines (one long call); the number only goes down


def test_modules_are_under_300_lines() -> None:
    """Law: modules under 300 lines; past that, split by who asks."""
    long = {module.path: module.lines for module in sources() if module.lines >= TOO_LONG.get(module.path, LONGEST)}
    assert not long
    mended = {path for path in TOO_LONG if (ROOT / path).read_text().count("\n") < LONGEST}
    assert not mended, "take it out of TOO_LONG"


def test_functions_are_short() -> None:
    """Law: functions 25 lines at the most, never over 60."""
    lengths = {f"{m.path}:{f.name}": (f.end_lineno or 0) - f.lineno + 1 for m in sources() for f in m.functions()}
    assert not {name: lines for name, lines in lengths.items() if lines > 60}
    long = {name: lines for name, lines in lengths.items() if lines > USUAL}
    assert len(long) <= LONG_FUNCTIONS, long


VAGUE = {"utils", "util", "common", "helpers", "helper", "manager", "service", "services", "base", "misc"}


def test_no_module_has_a_vague_name() -> None:
    """Law: no utils, common, helpers, manager, service, base."""
    assert not {m.path for m in sources() if VAGUE & set(m.name.split("."))}


def is_one_sentence(said: str) -> bool:
    return said.endswith(".") and "\n\n" not in said and not re.search(r"[a-z0-9)]\. [A-Z]", said)


def test_a_module_says_in_one_sentence_what_it_is_for() -> None:
    """Law: a module's docstring is one sentence that says what the room is for (core's says its own law, too)."""
    said = {module.path: ast.get_docstring(module.tree) or "" for module in sources()}
    del said["src/huiyin/core/__init__.py"]
    assert not {path: text for path, text in said.items() if not is_one_sentence(text)}


# -- steps ------------------------------------------------------------------------------------------------

STEPS = schema.steps()
PERSONAL = {"name", "phone", "room", "text", "title", "reporter", "address", "words_of", "contact", "id_card"}
# (struct, field): what it is, if not a person's.
NOT_PERSONAL = {
    ("Post", "name"): "what a desk is called (柳岸社区党委), never who sits at it",
}


@pytest.mark.parametrize("name", STEPS)
def test_a_step_is_frozen_and_its_tag_is_its_published_name(name: str) -> None:
    """Law: a step's tag is its published name, versioned; a step never changes."""
    config = STEPS[name].__struct_config__
    assert config.frozen
    assert config.tag_field == "step"
    assert schema.STEP_NAME.fullmatch(name)


def test_every_tagged_struct_of_core_is_a_step() -> None:
    """Law: no step without a version: whatever core tags is named noun.step.vN, and no name is used twice."""
    tags = []
    for module in sources():
        if module.name.startswith("huiyin.core."):
            for node in ast.walk(module.tree):
                for word in node.keywords if isinstance(node, ast.ClassDef) else ():
                    if word.arg == "tag":
                        assert isinstance(word.value, ast.Constant)
                        assert schema.STEP_NAME.fullmatch(str(word.value.value)), f"{module.path}:{node.lineno}"
                        tags.append(word.value.value)
    assert sorted(tags) == sorted(STEPS), "each once, and all of them published"


def structs(shape: Any) -> Iterator[inspect.StructType]:
    """A step and every struct inside it."""
    return shapes.structs([inspect.type_info(shape)], set())


@pytest.mark.parametrize("name", STEPS)
def test_no_step_has_a_field_for_a_person(name: str) -> None:
    """Law: no personal data in the log: no step holds a name, phone, room or free text, at any depth."""
    for struct in structs(STEPS[name]):
        for field in struct.fields:
            if (struct.cls.__name__, field.name) not in NOT_PERSONAL:
                assert field.name not in PERSONAL, f"{struct.cls.__name__}.{field.name}"


@pytest.mark.parametrize("name", STEPS)
def test_everything_in_a_step_is_frozen(name: str) -> None:
    """Law: state, commands and steps are frozen, and what they hold cannot be changed in place either."""
    for struct in structs(STEPS[name]):
        assert struct.cls.__struct_config__.frozen, struct.cls
        mutable = [f.name for f in struct.fields if isinstance(f.type, inspect.ListType | inspect.DictType)]
        assert not mutable, struct.cls
