"""Which words of the model stand where: the title, the part of the body that is read, its end (the ask)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from huiyin.core.sorting.grams import Grams

TAIL = 100  # characters at the end of the body where residents say what they ask for
BODY = 400  # characters of the body that are read in all

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]


class Spread:
    """The occurrences of a batch, text by text: text i has words[bounds[i]:bounds[i+1]] with their weights."""

    __slots__ = ("bounds", "texts", "weight", "words")

    def __init__(
        self, grams: Grams, codes: NDArray[np.uint16], zones: Ints, weights: Sequence[float], salience: Floats
    ) -> None:
        """`zones`: starts of title and body and the end of the body, one row a text; `weights`: of the three zones."""
        read, sizes = _read(codes, zones)
        at, words = grams.find(read)
        row = np.repeat(np.arange(len(sizes)), sizes).take(at)
        order = np.argsort(row, kind="stable")
        row, self.words = row.take(order), words.take(order)
        self.texts: Ints = row // 3
        self.bounds: Ints = self.texts.searchsorted(np.arange(len(zones) + 1))
        weight = np.array(weights, np.float32).take(row % 3)
        self.weight: Floats = self._normed(weight, salience.take(self.words), len(zones))

    def _normed(self, weight: Floats, salience: Floats, count: int) -> Floats:
        """Weights over the length of the text's vector: a long text shouts no louder than a short one."""
        said = weight * salience
        length = np.sqrt(np.bincount(self.texts, weights=said * said, minlength=count))
        normed: Floats = (weight / length.take(self.texts)).astype(np.float32)
        return normed


_KEPT = np.array((True, True, False, True))


def _read(codes: NDArray[np.uint16], zones: Ints) -> tuple[NDArray[np.uint16], Ints]:
    """What is read of each text, end to end, and the sizes of its three parts: title, body, end of the body."""
    title, body, end = zones[:, 0], zones[:, 1], zones[:, 2]
    tail = np.maximum(end - TAIL, body)
    stop = np.minimum(body + BODY - TAIL, tail)
    sizes = np.stack([body - title, stop - body, tail - stop, end + 1 - tail], axis=1)
    first, last = int(title[0]), int(end[-1]) + 1
    if not (sizes[:, 2].any() or (title[1:] != end[:-1] + 1).any()):
        return codes[first:last], sizes[:, _KEPT].ravel()
    between = np.diff(title, append=last) - sizes.sum(axis=1)  # form fields stand between the texts: not read
    runs = np.column_stack([sizes, between]).ravel()
    kept = np.repeat(np.tile(np.append(_KEPT, False), len(zones)), runs)
    return codes[first:last][kept], sizes[:, _KEPT].ravel()
