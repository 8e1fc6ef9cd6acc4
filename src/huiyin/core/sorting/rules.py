"""What a city may change about sorting without touching code: thresholds and words, read from sorting.toml."""

from typing import Literal

from msgspec import Struct

from huiyin.core.words import Urgency


class PlaceRules(Struct, frozen=True, forbid_unknown_fields=True):
    """How estates are found and when a person is asked instead (`accept`: a probability)."""

    accept: float
    suffixes: tuple[str, ...]  # an estate may be written with another of these, or with none
    weak_suffixes: tuple[str, ...]  # dropping one of these leaves a name that is still telling
    empty: tuple[str, ...]  # suffixes that add nothing: a short name with one of them needs its own district
    generic: tuple[str, ...]  # names that are everyday words: they count only in a context
    lived: tuple[str, ...]  # before a name: the reporter lives there
    passing: tuple[str, ...]  # before a name: mentioned for comparison
    near: tuple[str, ...]  # after a name: something else, close to it
    street: tuple[str, ...]  # after a name: a road, stop or school that borrowed the name
    inside: tuple[str, ...]  # after a name: it is an estate


class Hotline(Struct, frozen=True, forbid_unknown_fields=True):
    """Words that mean danger right now, and whom to call first."""

    call: str
    words: tuple[str, ...]
    leaf: str  # the catalogue's leaf that this emergency usually is
    needs: tuple[str, ...] = ()  # one of these must stand close by, where the words alone are not enough


class Adjustment(Struct, frozen=True, forbid_unknown_fields=True):
    """Gives tickets of these leaves another class, if the words are there (or, with `absent`, if they are not)."""

    leaves: tuple[str, ...]
    words: tuple[str, ...]
    to: Urgency
    absent: bool = False
    title: bool = False  # look into the title and the first sentence only


class UrgencyRules(Struct, frozen=True, forbid_unknown_fields=True):
    """Emergencies, and what makes them none: denied, past, feared, quoted, or asked about."""

    early: int  # how many characters from the start a word speaks for itself
    leads: float  # an emergency names the category where the classifier is less sure than this
    hotlines: tuple[Hotline, ...]
    denied: tuple[str, ...]  # just before the word
    past: tuple[str, ...]  # in the same sentence, before the word
    over: tuple[str, ...]  # in the same sentence, after the word
    supposed: tuple[str, ...]  # in the same sentence, before the word: it might happen
    caused: tuple[str, ...]  # in the same sentence, before the word: told as a consequence, not cried out
    noun: tuple[str, ...]  # directly after the word: 火灾隐患, 漏气检测
    now: tuple[str, ...]  # in the same sentence: it is happening, past words notwithstanding
    adjust: tuple[Adjustment, ...]  # the first that fits decides


class MatterRules(Struct, frozen=True, forbid_unknown_fields=True):
    """When two complaints are probably about the same matter."""

    days: dict[Urgency, int]
    limit: int
    accept: float
    related: tuple[tuple[str, ...], ...]  # leaves that people use for one and the same source
    generic: tuple[str, ...]  # words that say nothing about the source


class SortingRules(Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    place: PlaceRules
    urgency: UrgencyRules
    matters: MatterRules
    about: dict[str, dict[str, float]]  # who is complained about → leaf or parent → bonus in nats


By = Literal["building_code", "grid_code", "community_code", "coordinates", "fields", "text", "none"]
