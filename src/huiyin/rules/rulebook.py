"""The whole rulebook for one registry: what the core decides under, with one version for all of it."""

import hashlib
import tomllib
from importlib.resources import files
from pathlib import Path

import msgspec

from huiyin.core.calendar import Calendar
from huiyin.core.ladder import LadderRules
from huiyin.core.mediation import Rules as Mediating
from huiyin.core.mediation.rules import MediationRules
from huiyin.core.registry import Registry
from huiyin.core.sorting import Sorter
from huiyin.core.sorting.rules import SortingRules
from huiyin.core.ticket import Rules
from huiyin.core.whistle import Rules as Whistling
from huiyin.core.whistle.rules import WhistleRules
from huiyin.rules.calendars import load_calendar
from huiyin.rules.load import load_catalogue, load_model, load_sorting_rules, own


class Rulebook:
    """Rules for `desk`, the sorter for `consumers/sorter`, and the sorting rules both share."""

    def __init__(self, registry: Registry, folder: Path | None = None, calendar: Calendar | None = None) -> None:
        """`folder`: a deployer's own files (`load.FILES`), each in the place of a shipped one.
        `calendar`: the working calendar as it stands; the shipped years where it is None. Raises ValueError where a
        file is wrong."""
        catalogue = load_catalogue(own(folder, "catalogue.csv"))
        ladder, version = load_ladder(folder)
        self.sorting: SortingRules = load_sorting_rules(own(folder, "sorting.toml"))
        self.sorter = Sorter(registry, catalogue, self.sorting, load_model(own(folder, "model.msgpack")))
        known = calendar or load_calendar()
        self.rules = Rules(f"{self.sorter.version} l{version} k{known.version[:8]}", registry, catalogue, ladder, known)
        whistle, version = load_whistle(folder)
        self.whistling = Whistling(f"{self.rules.version} w{version}", catalogue, known, whistle)
        mediation, version = load_mediation(folder)
        self.mediating = Mediating(f"{self.rules.version} m{version}", catalogue, known, mediation)


def load_ladder(folder: Path | None = None) -> tuple[LadderRules, str]:
    """The ladder's data and its version; raises ValueError where the file is wrong."""
    path = own(folder, "ladder.toml") or files("huiyin.rules") / "ladder.toml"
    data = path.read_bytes()
    rules = msgspec.convert(tomllib.loads(data.decode()), LadderRules)
    if missing := set(rules.order) ^ set(rules.rungs):
        raise ValueError(f"ladder.toml: order and rungs differ in {', '.join(sorted(missing))}")
    return rules, hashlib.sha256(data).hexdigest()[:8]


def load_whistle(folder: Path | None = None) -> tuple[WhistleRules, str]:
    """The whistle's data and its version; raises ValueError where the file is wrong."""
    path = own(folder, "whistle.toml") or files("huiyin.rules") / "whistle.toml"
    data = path.read_bytes()
    return msgspec.convert(tomllib.loads(data.decode()), WhistleRules), hashlib.sha256(data).hexdigest()[:8]


def load_mediation(folder: Path | None = None) -> tuple[MediationRules, str]:
    """The mediation's data and its version; raises ValueError where the file is wrong."""
    path = own(folder, "mediation.toml") or files("huiyin.rules") / "mediation.toml"
    data = path.read_bytes()
    return msgspec.convert(tomllib.loads(data.decode()), MediationRules), hashlib.sha256(data).hexdigest()[:8]
