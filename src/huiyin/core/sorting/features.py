"""Which words of the model stand where: the title, the part of the body that is read, its end (the ask)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from huiyin.core.sorting.grams import Grams

TAIL = 120  # characters at the end of the body where residents say what they ask for
BODY = 520  # characters of the body that are read in all

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]


class Spread:
    """The occurrences of a batch, text by text: text i has words[bounds[i]:bounds[i+1]] with their weights."""

    __slots__ = ("bounds", "texts", "weight", "words")

    def __init__(
        self, grams: Grams, codes: NDArray[np.uint32], zones: Ints, weights: Sequence[float], salience: Floats
    ) -> None:
        """`zones`: starts of title and body and the end of the body, one row a text; `weights`: of the three zones."""
        at, words = grams.find(codes)
        row = np.searchsorted(_edges(zones), at, side="right") - 1
        weight = np.array((weights[0], weights[1], 0.0, weights[2], 0.0) * len(zones), np.float32)[row]
        kept = np.flatnonzero(weight)
        texts = row[kept] // 5
        order = np.argsort(texts, kind="stable")
        kept, self.texts = kept[order], texts[order]
        self.words: Ints = words[kept].astype(np.int64)
        self.bounds: Ints = np.searchsorted(self.texts, np.arange(len(zones) + 1))
        self.weight: Floats = self._normed(weight[kept], salience.take(self.words), len(zones))

    def _normed(self, weight: Floats, salience: Floats, count: int) -> Floats:
        """Weights over the length of the text's vector: a long text shouts no louder than a short one."""
        said = weight * salience
        length = np.sqrt(np.bincount(self.texts, weights=said * said, minlength=count))
        return (weight / length[self.texts]).astype(np.float32)


def _edges(zones: Ints) -> Ints:
    """Five zones a text: title, body read, body left out, end of the body, and what lies between two texts."""
    title, body, end = zones[:, 0], zones[:, 1], zones[:, 2]
    tail = np.maximum(end - TAIL, body)
    read = np.minimum(body + BODY - TAIL, tail)
    return np.stack([title, body, read, tail, end], axis=1).ravel()
