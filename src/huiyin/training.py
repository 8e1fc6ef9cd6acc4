"""Makes the classifier's weights from labelled texts, offline, with nothing but numpy: for us and every deployer."""

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

import numpy as np
from msgspec import Struct

from huiyin.core.catalogue import UNCLASSIFIED, Catalogue
from huiyin.core.sorting import normal
from huiyin.core.sorting.features import Floats, Ints, Spread
from huiyin.core.sorting.grams import Grams
from huiyin.core.sorting.model import Model

ZONES = (4.0, 1.0, 1.0)
_HANZI = re.compile(r"[\u4e00-\u9fff]+")
_LATIN = re.compile(r"(?<![A-Z0-9])[A-Z]{2,6}(?![A-Z0-9])")  # KTV
_PERSON = re.compile(r"[\u4e00-\u9fff]{1,3}(?:书记|市长|县长|区长|局长|主任|先生|女士|同志|经理)")
_ROAD = re.compile(r"[\u4e00-\u9fff]{1,4}(?:路|街道|大道|镇|村|街)")


class Correction(Struct, frozen=True):
    """A text and the leaf that a person gave it."""

    text: str
    leaf: str
    title: str = ""
    weight: float = 1.0


class Effort(Struct, frozen=True):
    """How long and how freely to learn. The defaults take a minute for some thousand texts."""

    rounds: int = 80
    rate: float = 0.1
    decay: float = 7e-5  # pulls the weights back to the base (or to zero)
    words: int = 7_000  # most words the model may have
    texts: int = 4  # a word must stand in so many different texts: no names, no private phrases
    smooth: float = 0.01  # share of the truth that goes to all leaves alike
    rare: float = 1.4  # how much more a rare word counts than a common one
    least: float = 0.35  # words of less salience are left out
    weak: float = 0.6  # words that can move no leaf by more are left out


def keywords(catalogue: Catalogue) -> Model:
    """The yardstick: every keyword of the catalogue speaks for its leaf by its length; nothing is learned."""
    entries = [entry for entry in catalogue.leaves() if entry.code != UNCLASSIFIED]
    words = tuple(sorted({normal.one(word) for entry in entries for word in entry.keywords if len(word) > 1}))
    weights = np.zeros((len(words), len(entries)), np.float32)
    rows = {word: row for row, word in enumerate(words)}
    for column, entry in enumerate(entries):
        for word in entry.keywords:
            weights[rows[normal.one(word)], column] = len(word)
    leaves = tuple(entry.code for entry in entries)
    salience, bias = np.ones(len(words), np.float32), np.zeros(len(leaves), np.float32)
    return Model(_version(weights, words), words, leaves, salience, weights, bias, 1.0, ZONES)


def train(
    corrections: Iterable[Correction],
    *,
    catalogue: Catalogue,
    base: Model | None = None,
    public: Collection[str] = (),
    effort: Effort = Effort(),  # noqa: B008
) -> Model:
    """Weights that follow the corrections. With `base` they stay near it, so a few hundred corrections suffice.
    Words come from the base, from the catalogue's keywords and from `public` texts (a word list, laws, notices)
    where enough corrections use them; never from the corrections alone: a neighbour's name that four people
    write would otherwise end up in the model and in the log. Unknown leaves are left out. Same input, same model."""
    leaves = tuple(sorted(entry.code for entry in catalogue.leaves()))
    known = [correction for correction in corrections if correction.leaf in set(leaves)]
    if not known:
        raise ValueError("no correction names a leaf of the catalogue")
    words = _telling(known, _vocabulary(known, catalogue, base, public, effort), base, effort)
    lesson, learned = _learned(known, words, leaves, base, effort)
    if base is None:
        words = _strong(words, lesson, learned, effort)
        lesson, learned = _learned(known, words, leaves, base, effort)
    temperature, zones = (base.temperature, base.zones) if base else (lesson.temperature(effort), ZONES)
    bias, weights = learned[-1], learned[:-1]
    return Model(_version(learned, words), words, leaves, lesson.salience, weights, bias, temperature, zones)


def _learned(
    known: Sequence[Correction], words: tuple[str, ...], leaves: tuple[str, ...], base: Model | None, effort: Effort
) -> tuple["Lesson", Floats]:
    lesson = _lesson(known, words, leaves, base, effort)
    return lesson, lesson.learn(effort)


class Lesson(Struct, frozen=True):
    """What is learned from: a row per text, the truth per row, how much each counts, where the weights begin."""

    table: Floats
    truth: Floats
    weight: Floats
    start: Floats
    salience: Floats

    def learn(self, effort: Effort) -> Floats:
        return _fit(self.table, self.truth, self.weight, self.start, effort)

    def temperature(self, effort: Effort) -> float:
        return _temperature(self.table, self.truth, self.weight, self.start, effort)


def _lesson(
    known: Sequence[Correction], words: Sequence[str], leaves: Sequence[str], base: Model | None, effort: Effort
) -> Lesson:
    salience = _salience(known, words, base, effort)
    table = _table(known, words, base.zones if base else ZONES, salience)
    weight = np.array([correction.weight for correction in known], np.float32)
    return Lesson(table, _truth(known, leaves, effort.smooth), weight, _start(words, leaves, base), salience)


def _telling(
    known: Sequence[Correction], words: tuple[str, ...], base: Model | None, effort: Effort
) -> tuple[str, ...]:
    """Without what nearly everybody writes (小区, 业主, 我们)."""
    salience = _salience(known, words, base, effort)
    kept = set(base.words if base else ())
    return tuple(w for w, telling in zip(words, salience.tolist(), strict=True) if telling > effort.least or w in kept)


def _strong(words: tuple[str, ...], lesson: Lesson, learned: Floats, effort: Effort) -> tuple[str, ...]:
    """Only the words that can move a decision: the model stays small and quick."""
    power = np.abs(learned[:-1] * lesson.salience[:, None]).max(axis=1)
    return tuple(word for word, strong in zip(words, (power > effort.weak).tolist(), strict=True) if strong)


def _version(weights: Floats, words: Sequence[str]) -> str:
    return hashlib.sha256("|".join(words).encode() + np.round(weights, 3).tobytes()).hexdigest()[:8]


def _batched(corrections: Sequence[Correction]) -> tuple[str, np.ndarray[tuple[int], np.dtype[np.uint16]], Ints]:
    parts = [part for correction in corrections for part in (correction.title[:300], correction.text[:8_000])]
    text, codes, starts = normal.batch(parts)
    return text, codes, np.stack([starts[:-1:2], starts[1::2], starts[2::2] - 1], axis=1)


def _table(corrections: Sequence[Correction], words: Sequence[str], zones: Sequence[float], salience: Floats) -> Floats:
    """One row a text, one column a word (the last: always 1), weighted as the classifier weighs them."""
    grams = Grams(words)
    table = np.zeros((len(corrections), len(words) + 1), np.float32)
    table[:, -1] = 1.0
    for first in range(0, len(corrections), 200):
        _, codes, edges = _batched(corrections[first : first + 200])
        spread = Spread(grams, codes, edges, zones, salience)
        each = spread.weight * salience[spread.words]
        np.add.at(table, (spread.texts + first, spread.words), each)
    return table


def _salience(corrections: Sequence[Correction], words: Sequence[str], base: Model | None, effort: Effort) -> Floats:
    """How telling a word is: the fewer texts have it, the more. Words of the base keep theirs."""
    flat = np.ones(len(words), np.float32)
    have = np.zeros(len(words))
    texts = [correction for correction in corrections if len(correction.text) > 60] or list(corrections)
    for row in range(0, len(texts), 200):
        part = _table(texts[row : row + 200], words, (1.0, 1.0, 1.0), flat)
        have += (part[:, :-1] > 0).sum(axis=0)
    telling = np.maximum(np.log((len(texts) + 50) / (have + 3.0)), 0.2) ** effort.rare
    salience = (telling / telling.mean()).astype(np.float32)
    if base is not None:
        known = dict(zip(base.words, base.salience.tolist(), strict=True))
        salience = np.array([known.get(word, 1.0) for word in words], np.float32)
    rounded: Floats = salience.astype(np.float16).astype(np.float32)
    return rounded


def _truth(corrections: Sequence[Correction], leaves: Sequence[str], smooth: float) -> Floats:
    column = {leaf: index for index, leaf in enumerate(leaves)}
    truth = np.full((len(corrections), len(leaves)), smooth / len(leaves), np.float32)
    truth[np.arange(len(corrections)), [column[correction.leaf] for correction in corrections]] += 1.0 - smooth
    return truth


def _start(words: Sequence[str], leaves: Sequence[str], base: Model | None) -> Floats:
    start = np.zeros((len(words) + 1, len(leaves)), np.float32)
    if base is not None:
        rows = {word: row for row, word in enumerate(words)}
        columns = {leaf: column for column, leaf in enumerate(leaves)}
        kept = [index for index, leaf in enumerate(base.leaves) if leaf in columns]
        into = [columns[base.leaves[index]] for index in kept]
        start[np.ix_([rows[word] for word in base.words], into)] = base.weights[:, kept]
        start[-1, into] = base.bias[kept]
    return start


def _softmax(scores: Floats) -> Floats:
    chance: Floats = scores - scores.max(axis=1, keepdims=True)
    np.exp(chance, out=chance)
    chance /= chance.sum(axis=1, keepdims=True)
    return chance


def _fit(table: Floats, truth: Floats, weight: Floats, start: Floats, effort: Effort) -> Floats:
    """Softmax regression by Adam over all texts at once; no randomness."""
    weights = start.copy()
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    share = (weight / weight.sum())[:, None]
    for turn in range(1, effort.rounds + 1):
        slope = table.T @ ((_softmax(table @ weights) - truth) * share) + effort.decay * (weights - start)
        mean = 0.9 * mean + 0.1 * slope
        square = 0.99 * square + 0.01 * slope * slope
        step = mean / (1 - 0.9**turn) / (np.sqrt(square / (1 - 0.99**turn)) + 1e-8)
        weights -= effort.rate * (1 - turn / (effort.rounds + 1)) * step
    return weights


def _temperature(table: Floats, truth: Floats, weight: Floats, start: Floats, effort: Effort) -> float:
    """The temperature at which the confidences of texts not learned from are honest (every sixth is held back)."""
    held = np.arange(len(table)) % 6 == 0
    if held.sum() < 50:
        return 1.0
    learned = _fit(table[~held], truth[~held], weight[~held], start, effort)
    scores = table[held] @ learned
    chosen = truth[held].argmax(axis=1)

    def surprise(temperature: float) -> float:
        chance = _softmax(scores / temperature)[np.arange(len(scores)), chosen]
        return float(-(np.log(chance + 1e-9) * weight[held]).sum())

    return min([round(0.4 + 0.1 * step, 1) for step in range(40)], key=surprise)


def _vocabulary(
    corrections: Sequence[Correction],
    catalogue: Catalogue,
    base: Model | None,
    public: Collection[str],
    effort: Effort,
) -> tuple[str, ...]:
    own = {normal.one(word) for entry in catalogue.leaves() for word in entry.keywords if len(word) > 1}
    words = own | set(base.words if base else ())
    room = max(0, effort.words - len(words))
    if not public:
        return tuple(sorted(words))
    spoken = "\n".join(normal.one(text) for text in public)
    allowed = {gram for size in (2, 3, 4) for gram in _grams_of(spoken, size)}
    said = [gram for gram in _ranked(corrections, effort.texts) if gram in allowed]
    return tuple(sorted(words | set([gram for gram in said if gram not in words][:room])))


def _grams_of(text: str, size: int) -> set[str]:
    grams = {run[i : i + size] for run in _HANZI.findall(text) for i in range(len(run) - size + 1)}
    return grams | set(_LATIN.findall(text)) if size == 2 else grams


def _ranked(corrections: Sequence[Correction], least: int) -> list[str]:
    """N-grams in enough different texts, those first that say most about one leaf."""
    texts: dict[str, dict[str, float]] = {}
    for correction in corrections:
        shares = texts.setdefault(f"{correction.title}\n{correction.text[:700]}\n{correction.text[-150:]}", {})
        shares[correction.leaf] = shares.get(correction.leaf, 0.0) + correction.weight
    total, by_leaf, sizes = Counter[str](), Counter[tuple[str, str]](), Counter[str]()
    for text, shares in texts.items():
        plain = _ROAD.sub("\n", _PERSON.sub("\n", normal.batch([text])[0]))
        found = {gram for size in (2, 3, 4) for gram in _grams_of(plain, size)}
        total.update(found)
        whole = sum(shares.values()) or 1.0
        for leaf, share in shares.items():
            sizes[leaf] += share / whole  # type: ignore[assignment]
            for gram in found:
                by_leaf[gram, leaf] += share / whole  # type: ignore[assignment]
    strength: dict[str, float] = {}
    for (gram, leaf), seen in by_leaf.items():
        if total[gram] >= least:
            expected = total[gram] * sizes[leaf] / len(texts)
            strength[gram] = max(strength.get(gram, 0.0), (seen - expected) / (expected + 1.0) ** 0.5)
    whole_words = _whole(strength, total)
    return sorted(whole_words, key=lambda gram: (-strength[gram], gram))


def _whole(grams: Iterable[str], seen: Counter[str]) -> set[str]:
    """Without the pieces of words: what nearly always stands within the same longer gram."""
    kept = set(grams)
    for gram in sorted(kept, key=len, reverse=True):
        for piece in (gram[1:], gram[:-1]):
            if len(piece) > 1 and seen[gram] > 0.8 * seen[piece]:
                kept.discard(piece)
    return kept
