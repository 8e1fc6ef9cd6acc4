"""The whole rulebook for one registry: what the core decides under, with one version for all of it."""

import hashlib
import tomllib
from importlib.resources import files
from pathlib import Path

import msgspec

from huiyin.core.calendar import Calendar
from huiyin.core.ladder import LadderRules
from huiyin.core.registry import Registry
from huiyin.core.sorting import Sorter
from huiyin.core.sorting.rules import SortingRules
from huiyin.core.ticket import Rules
from huiyin.rules.calendars import load_calendar
from huiyin.rules.load import load_catalogue, load_model, load_sorting_rules


class Rulebook:
    """Rules for `desk`, the sorter for `consumers/sorter`, and the sorting rules both share."""

    def __init__(self, registry: Registry, model: Path | None = None, calendar: Calendar | None = None) -> None:
        """`model`: a re-trained classifier's file; the shipped one where it is None or absent.
        `calendar`: the working calendar as it stands; the shipped years where it is None."""
        catalogue = load_catalogue()
        ladder, version = load_ladder()
        self.sorting: SortingRules = load_sorting_rules()
        self.sorter = Sorter(registry, catalogue, self.sorting, load_model(model if model and model.exists() else None))
        known = calendar or load_calendar()
        self.rules = Rules(f"{self.sorter.version} l{version} k{known.version[:8]}", registry, catalogue, ladder, known)


def load_ladder() -> tuple[LadderRules, str]:
    """The ladder's data and its version; raises msgspec.ValidationError where the file is wrong."""
    data = (files("huiyin.rules") / "ladder.toml").read_bytes()
    return msgspec.convert(tomllib.loads(data.decode()), LadderRules), hashlib.sha256(data).hexdigest()[:8]
