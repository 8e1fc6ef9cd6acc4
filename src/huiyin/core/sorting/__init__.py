"""The sorter: words to a place in the registry, a leaf of the catalogue and an urgency, each with its reasons."""

from collections.abc import Iterator, Sequence

import numpy as np
from ahocorasick_rs import AhoCorasick, Implementation, MatchKind
from msgspec import Struct
from numpy.typing import NDArray

from huiyin.core.catalogue import Catalogue
from huiyin.core.registry import Registry
from huiyin.core.sorting import normal
from huiyin.core.sorting.classify import Classifier
from huiyin.core.sorting.coordinates import coordinates
from huiyin.core.sorting.mentions import Mention, compiled
from huiyin.core.sorting.model import Model
from huiyin.core.sorting.names import Name, names
from huiyin.core.sorting.places import MARKS, Finder, Found
from huiyin.core.sorting.rules import SortingRules
from huiyin.core.sorting.spots import Placed, Surveyor
from huiyin.core.sorting.urgency import Alarm, Judge, Verdict
from huiyin.core.words import About, Candidate, Evidence, Place, Sorting

__all__ = ["Model", "Question", "Sorter", "SortingRules"]

_CHUNK = 300_000  # characters sorted in one go: a batch of five hundred; memory stays flat
_TEXT = 8_000
_TITLE = 300
_FIELD = 300


class Question(Struct, frozen=True, gc=False):
    """What is to be sorted. `category`: a leaf chosen by a person, which wins if the catalogue knows it."""

    text: str
    title: str = ""
    place: Place | None = None
    category: str | None = None
    about: About | None = None


Hit = tuple[int, int, int]


class Sorter:
    """Registry, catalogue, rules and model made into automata once; sorting is then a pure function."""

    def __init__(self, registry: Registry, catalogue: Catalogue, rules: SortingRules, model: Model) -> None:
        self.version = f"r{registry.version[:12]} c{catalogue.version[:12]} s{rules.version} m{model.version}"
        known = names(registry, rules.place)
        self.registry = registry
        self._finder = Finder(registry, known, rules.place, compiled(rules.place))
        self._surveyor = Surveyor(registry, known, rules.place, coordinates(registry))
        self._judge = Judge(rules.urgency, catalogue)
        self._leads = rules.urgency.leads
        self._classifier = Classifier(model, catalogue, rules.about)
        self._leaves = frozenset(entry.code for entry in catalogue.leaves())
        self._spellings: list[str] = [*MARKS, *self._judge.alarms, *known.spellings]
        self._meant: list[Alarm | Name | None] = [None] * len(MARKS)
        self._meant += [*self._judge.alarms.values(), *known.spellings.values()]
        kind = Implementation.DFA if len(self._spellings) < 5_000 else Implementation.ContiguousNFA
        self._automaton = AhoCorasick(self._spellings, matchkind=MatchKind.LeftmostLongest, implementation=kind)

    def sort(self, questions: Sequence[Question]) -> list[Sorting]:
        """One result per question, in order; the same whatever else is in the batch. Never raises on any text."""
        return [sorting for chunk in _chunks(questions) for sorting in self._sort(chunk)]

    def _sort(self, questions: list[Question]) -> list[Sorting]:
        parts: list[str] = []
        for question in questions:
            parts += (_fields(question.place), question.title[:_TITLE], question.text[:_TEXT])
        text, codes, starts = normal.batch(parts)
        hits = self._automaton.find_matches_as_indexes(text)
        bounds = starts.tolist()
        leaves = self._classifier.classify(codes, _zones(starts), [question.about for question in questions])
        return [
            self._one(question, text, bounds[3 * i : 3 * i + 4], own, leaves[i])
            for i, (question, own) in enumerate(zip(questions, _shared(hits, bounds), strict=True))
        ]

    def _one(
        self, question: Question, text: str, bounds: list[int], hits: list[Hit], leaves: tuple[Candidate, ...]
    ) -> Sorting:
        mentions: list[Mention] = []
        marks: list[int] = []
        alarms: list[tuple[Alarm, int, int]] = []
        fields, title = bounds[1], bounds[2]
        for index, start, end in hits:
            meant = self._meant[index]
            if meant is None:
                marks.append(start)
            elif type(meant) is Name:
                zone = 2 if start >= title else 1 if start >= fields else 0
                mentions.append(Mention(meant, self._spellings[index], start, end, zone))
            elif start >= fields and type(meant) is Alarm:
                alarms.append((meant, start, end))
        placed = self._surveyor.place(
            question.place, self._finder.find(text, bounds, mentions, marks) if mentions else Found()
        )
        guess = leaves[0].code
        category = question.category if question.category in self._leaves else None
        verdict = self._judge.judge(text, bounds[1], bounds[3], alarms, category or guess)
        if verdict.leaf and verdict.leaf != guess and leaves[0].confidence < self._leads:
            leaves = _led(verdict.leaf, verdict.words, leaves, self._leads)
        return self._result(placed, verdict, leaves, category)

    def _result(
        self,
        placed: Placed,
        verdict: Verdict,
        leaves: tuple[Candidate, ...],
        category: str | None,
    ) -> Sorting:
        guess = leaves[0].code
        evidence = Evidence(placed.by, placed.candidates, placed.why, verdict.words)
        chosen = guess if category else None
        leaf = category or guess
        return Sorting(placed.spot, placed.confidence, leaf, leaves, verdict.urgency, evidence, verdict.hotline, chosen)


def _led(leaf: str, words: tuple[str, ...], leaves: tuple[Candidate, ...], confidence: float) -> tuple[Candidate, ...]:
    """The emergency's own leaf first, then what the words alone suggested."""
    rest = [candidate for candidate in leaves if candidate.code != leaf]
    return (Candidate(leaf, confidence, words[:2]), *rest[: len(leaves) - 1])


def _fields(place: Place | None) -> str:
    """Estate, building, unit and address of a form as one line that reads like a sentence."""
    if place is None:
        return ""
    building = place.building or ""
    if building and building.strip().isdecimal():
        building = building.strip() + "栋"
    line = (place.estate or "")[:_FIELD] + building[:20] + (place.unit or "")[:20]
    return f"{line},{place.address[:_FIELD]}" if place.address else line


def _chunks(questions: Sequence[Question]) -> Iterator[list[Question]]:
    chunk: list[Question] = []
    size = 0
    for question in questions:
        chunk.append(question)
        size += min(len(question.text), _TEXT) + 60
        if size >= _CHUNK:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _zones(starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Starts of title and body and the end of the body of every text."""
    return np.stack([starts[1::3], starts[2::3], starts[3::3] - 1], axis=1)


def _shared(hits: list[Hit], bounds: list[int]) -> Iterator[list[Hit]]:
    """The matches of each text; both lists are in order of position."""
    at, count = 0, len(hits)
    for end in bounds[3::3]:
        first = at
        while at < count and hits[at][1] < end:
            at += 1
        yield hits[first:at]
