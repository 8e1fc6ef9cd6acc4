"""Scores a batch of texts against all leaves and says which words spoke for each."""

import numpy as np
from numpy.typing import NDArray

from huiyin.core.catalogue import UNCLASSIFIED, Catalogue
from huiyin.core.sorting.grams import Grams
from huiyin.core.sorting.model import Floats, Model
from huiyin.core.words import About, Candidate

TAIL = 150  # characters at the end of the body where residents say what they ask for
BODY = 700  # characters of the body that are read in all
_TOP = 5
_NAMED = 3


class Classifier:
    """Built once; `scores` is a pure function of the texts."""

    def __init__(self, model: Model, catalogue: Catalogue, about: dict[str, dict[str, float]]) -> None:
        leaves = [entry.code for entry in catalogue.leaves()]
        kept = [index for index, leaf in enumerate(model.leaves) if leaf in set(leaves)]
        self.leaves = [model.leaves[index] for index in kept]
        self._weights: Floats = np.ascontiguousarray(model.weights[:, kept])
        self._bias: Floats = model.bias[kept]
        self._model = model
        self._grams = Grams(model.words)
        self._about = {who: self._bonus(bonus) for who, bonus in about.items()}

    def _bonus(self, bonus: dict[str, float]) -> Floats:
        return np.array([bonus.get(leaf, bonus.get(leaf[0], 0.0)) for leaf in self.leaves], np.float32)

    def classify(
        self, codes: NDArray[np.uint32], zones: NDArray[np.int64], abouts: list[About | None]
    ) -> list[tuple[Candidate, ...]]:
        """`zones`: for each text the starts of title and body and the end of the body (n x 3). Best leaf first."""
        at, words, rows = self._occurrences(codes, zones)
        scores = self._scores(words, rows, len(zones))
        for index, who in enumerate(abouts):
            if who is not None and who in self._about:
                scores[index] += self._about[who]
        return self._candidates(scores, words, rows)

    def _occurrences(
        self, codes: NDArray[np.uint32], zones: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]:
        """Position, word and zone row (3 rows a text: title, body, tail; row -1 is dropped) in order of rows."""
        at, words = self._grams.find(codes)
        edges = _edges(zones)
        row = np.searchsorted(edges, at, side="right") - 1
        wanted = row % 5
        keep = (wanted == 0) | (wanted == 1) | (wanted == 3)
        at, words, row = at[keep], words[keep], row[keep]
        order = np.argsort(row, kind="stable")
        return at[order], words[order], row[order]

    def _scores(self, words: NDArray[np.int32], rows: NDArray[np.int64], count: int) -> Floats:
        scores = np.tile(self._bias, (count, 1))
        if not len(words):
            return scores
        used, first, sizes = np.unique(rows, return_index=True, return_counts=True)
        sums = np.add.reduceat(self._weights.take(words, axis=0), first, axis=0)
        text, zone = used // 5, used % 5
        weight = np.array(self._model.zones, np.float32)[np.where(zone == 3, 2, zone)]
        norm = np.zeros(count, np.float32)
        np.add.at(norm, text, weight * weight * sizes)
        parts = sums * (weight / np.sqrt(norm[text]))[:, None]
        starts = np.flatnonzero(np.diff(text, prepend=-1))
        scores[text[starts]] += np.add.reduceat(parts, starts, axis=0)
        return scores

    def _candidates(
        self, scores: Floats, words: NDArray[np.int32], rows: NDArray[np.int64]
    ) -> list[tuple[Candidate, ...]]:
        scaled = scores / self._model.temperature
        scaled -= scaled.max(axis=1, keepdims=True)
        np.exp(scaled, out=scaled)
        scaled /= scaled.sum(axis=1, keepdims=True)
        top = np.argpartition(-scaled, _TOP - 1, axis=1)[:, :_TOP]
        chance = np.take_along_axis(scaled, top, axis=1)
        order = np.argsort(-chance, axis=1, kind="stable")
        top, chance = np.take_along_axis(top, order, axis=1), np.take_along_axis(chance, order, axis=1)
        spoken = self._spoken(top[:, :_NAMED], words, rows // 5)
        codes, shares = top.tolist(), np.round(chance.astype(np.float64), 3).tolist()
        return [
            tuple(
                Candidate(self.leaves[leaf], share, said)
                for leaf, share, said in zip(codes[i], shares[i], spoken[i] + [()] * _TOP, strict=False)
            )
            if chance[i, 0] > 0 and spoken[i][0]
            else (Candidate(UNCLASSIFIED, 0.0),)
            for i in range(len(scores))
        ]

    def _spoken(
        self, top: NDArray[np.int64], words: NDArray[np.int32], texts: NDArray[np.int64]
    ) -> list[list[tuple[str, ...]]]:
        """For each text and each of its best leaves the three words that spoke most for it."""
        spoken: list[list[tuple[str, ...]]] = [[() for _ in range(top.shape[1])] for _ in range(len(top))]
        names = self._model.words
        for rank in range(top.shape[1]):
            gain = self._weights[words, top[texts, rank]]
            strong = np.flatnonzero(gain > 0.3)
            order = strong[np.lexsort((-gain[strong], texts[strong]))]
            for text, word in zip(texts[order].tolist(), words[order].tolist(), strict=True):
                said = spoken[text][rank]
                if len(said) < 3 and names[word] not in said:
                    spoken[text][rank] = (*said, names[word])
        return spoken


def _edges(zones: NDArray[np.int64]) -> NDArray[np.int64]:
    """Five zones a text: title, body read, body left out, tail, and what lies between two texts."""
    title, body, end = zones[:, 0], zones[:, 1], zones[:, 2]
    tail = np.maximum(end - TAIL, body)
    read = np.minimum(body + BODY - TAIL, tail)
    return np.stack([title, body, read, tail, end], axis=1).ravel()
