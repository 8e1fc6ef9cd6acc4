"""Scores a batch of texts against all leaves and says which words spoke for each."""

import numpy as np
from numpy.typing import NDArray

from huiyin.core.catalogue import UNCLASSIFIED, Catalogue
from huiyin.core.sorting.features import Floats, Ints, Spread
from huiyin.core.sorting.grams import Grams
from huiyin.core.sorting.model import Model
from huiyin.core.words import About, Candidate

_TOP = 3
_SAID = (2, 1, 0)  # how many words are named for the best leaf, the second, the third
_NOTHING = (Candidate(UNCLASSIFIED, 0.0),)


class Classifier:
    """Built once; `classify` is a pure function of the texts."""

    def __init__(self, model: Model, catalogue: Catalogue, about: dict[str, dict[str, float]]) -> None:
        known = {entry.code for entry in catalogue.leaves()}
        kept = [index for index, leaf in enumerate(model.leaves) if leaf in known]
        self.leaves = [model.leaves[index] for index in kept]
        self._weights: Floats = np.ascontiguousarray(model.weights[:, kept] * model.salience[:, None])
        self._bias: Floats = model.bias[kept]
        self._model = model
        self._grams = Grams(model.words)
        self._about = {who: self._bonus(bonus) for who, bonus in about.items()}

    def _bonus(self, bonus: dict[str, float]) -> Floats:
        return np.array([bonus.get(leaf, bonus.get(leaf[0], 0.0)) for leaf in self.leaves], np.float32)

    def classify(
        self, codes: NDArray[np.uint16], zones: Ints, abouts: list[About | None]
    ) -> list[tuple[Candidate, ...]]:
        """`zones`: for each text the starts of title and body and the end of the body (n x 3). Best leaf first."""
        spread = Spread(self._grams, codes, zones, self._model.zones, self._model.salience)
        scores = self._scores(spread, len(zones))
        for index, who in enumerate(abouts):
            if who is not None and who in self._about:
                scores[index] += self._about[who]
        return self._candidates(scores, spread)

    def _scores(self, spread: Spread, count: int) -> Floats:
        """One small product per text: its rows of the weights stay in the processor's cache."""
        scores = np.empty((count, len(self.leaves)), np.float32)
        bounds, words, weight, table = spread.bounds.tolist(), spread.words, spread.weight, self._weights
        for index in range(count):
            first, last = bounds[index], bounds[index + 1]
            np.dot(weight[first:last], table.take(words[first:last], axis=0), out=scores[index])
        scores += self._bias
        return scores

    def _candidates(self, scores: Floats, spread: Spread) -> list[tuple[Candidate, ...]]:
        top, shares = self._best(scores)
        leaves, spoken = self.leaves, [self._spoken(top[:, rank], spread, _SAID[rank]) for rank in range(top.shape[1])]
        empty = (spread.bounds[1:] == spread.bounds[:-1]).tolist()
        return [
            _NOTHING
            if empty[i]
            else tuple([Candidate(leaves[leaf], shares[i][rank], spoken[rank][i]) for rank, leaf in enumerate(row)])
            for i, row in enumerate(top.tolist())
        ]

    def _best(self, scores: Floats) -> tuple[Ints, list[list[float]]]:
        """The best leaves of each text and their calibrated probabilities."""
        rows, left = np.arange(len(scores)), scores / self._model.temperature
        width = min(_TOP, left.shape[1])
        best, height = np.empty((len(scores), width), np.int64), np.empty((len(scores), width), np.float32)
        total = np.exp(left - left.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True)
        for rank in range(width):
            best[:, rank] = left.argmax(axis=1)
            height[:, rank] = left[rows, best[:, rank]]
            left[rows, best[:, rank]] = -np.inf
        chance = np.exp(height - height[:, :1]) / total
        return best, np.round(chance.astype(np.float64), 3).tolist()

    def _spoken(self, leaf: Ints, spread: Spread, count: int) -> list[tuple[str, ...]]:
        """For each text the words that spoke most for its leaf."""
        spoken: list[tuple[str, ...]] = [()] * len(leaf)
        used = np.flatnonzero(np.diff(spread.bounds))
        if not len(used) or not count:
            return spoken
        first, names = spread.bounds[used], self._model.words
        gain = self._weights[spread.words, leaf[spread.texts]] * spread.weight
        place = np.zeros(len(leaf), np.int64)
        place[used] = np.arange(len(used))
        place = place[spread.texts]
        for _ in range(count):
            most = np.maximum.reduceat(gain, first)
            hits = np.flatnonzero((gain == most[place]) & (gain > 0.05))
            texts = spread.texts[hits]
            gain[hits] = 0.0
            once = np.flatnonzero(np.diff(texts, prepend=-1))
            for text, word in zip(texts[once].tolist(), spread.words[hits[once]].tolist(), strict=True):
                if names[word] not in spoken[text]:
                    spoken[text] = (*spoken[text], names[word])
        return spoken
