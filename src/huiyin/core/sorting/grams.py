"""Finds all known n-grams in a batch of texts at once: a trie walked by array steps, no loop over characters."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_BITS = 12
_SPREAD = 2_473
_SLOTS = 1 << 15
_WORD = (1 << 64) - 1

Ints = NDArray[np.int64]


class _Edges:
    """A dictionary from keys to nodes for whole arrays: two tables, and no key ever waits behind another."""

    def __init__(self, edges: dict[int, int]) -> None:
        self._key_of = np.full(max(edges.values(), default=0) + 1, -1, np.int64)
        self._key_of[list(edges.values())] = list(edges)
        seed = 0x9E3779B97F4A7C15
        while not self._fill(edges, seed):
            seed = (seed * 6364136223846793005 + 1442695040888963407) & _WORD | 1

    def _fill(self, edges: dict[int, int], seed: int) -> bool:
        self._first, self._second = np.zeros(_SLOTS, np.int32), np.zeros(_SLOTS, np.int32)
        self._factor = np.uint64(seed)
        for key, node in edges.items():
            mixed = key * seed & _WORD
            one, two = mixed >> 49, mixed >> 30 & (_SLOTS - 1)
            if not self._first[one]:
                self._first[one] = node
            elif not self._second[two]:
                self._second[two] = node
            else:
                return False
        return True

    def __call__(self, keys: Ints) -> Ints:
        """The node of each key, 0 where there is none."""
        mixed = keys.astype(np.uint64) * self._factor
        one = self._first.take((mixed >> np.uint64(49)).astype(np.int64))
        two = self._second.take(((mixed >> np.uint64(30)) & np.uint64(_SLOTS - 1)).astype(np.int64))
        nodes = np.where(self._key_of.take(one) == keys, one, np.where(self._key_of.take(two) == keys, two, 0))
        return nodes.astype(np.int64)


class Grams:
    """`find` returns for every occurrence (overlapping ones too) its position and the gram's index."""

    def __init__(self, grams: Sequence[str]) -> None:
        letters = sorted({c for gram in grams for c in gram if ord(c) < 0x10000})
        if len(letters) >= 1 << _BITS:
            raise ValueError(f"more than {(1 << _BITS) - 1} different characters in the model's words")
        self._letters = np.zeros(0x10000, np.uint16)
        self._letters[[ord(c) for c in letters]] = np.arange(1, len(letters) + 1)
        self._width = len(letters) + 1
        self._gram_of = [-1]
        pairs: dict[int, int] = {}
        edges = self._grow(grams, pairs)
        self._pairs = _Edges(pairs)
        self._maybe = np.zeros(1 << 16, bool)  # a small table that says no to most pairs at once
        for pair in pairs:
            self._maybe[(pair // self._width * _SPREAD + pair % self._width) & 0xFFFF] = True
        self._edges = _Edges(edges)
        self._grams = np.array(self._gram_of, np.int64)
        self._inner = np.zeros(len(self._gram_of), bool)
        self._inner[[key >> _BITS for key in edges]] = True

    def _grow(self, grams: Sequence[str], pairs: dict[int, int]) -> dict[int, int]:
        """The trie: pairs of characters lead to nodes, (node, character) leads on."""
        edges: dict[int, int] = {}
        for index, gram in enumerate(grams):
            chars = [int(self._letters[ord(c)]) for c in gram]
            if len(chars) < 2:
                raise ValueError(f"a word of the model has fewer than two characters: {gram!r}")
            node = self._child(pairs, chars[0] * self._width + chars[1])
            for char in chars[2:]:
                node = self._child(edges, node << _BITS | char)
            self._gram_of[node] = index
        return edges

    def _child(self, edges: dict[int, int], key: int) -> int:
        if key not in edges:
            edges[key] = len(self._gram_of)
            self._gram_of.append(-1)
        return edges[key]

    def find(self, codes: NDArray[np.uint16]) -> tuple[Ints, Ints]:
        """`codes`: characters below 0x10000. Sorted by length, then position."""
        chars = self._letters.take(codes).astype(np.int64)
        at = np.flatnonzero(self._maybe.take((chars[:-1] * _SPREAD + chars[1:]) & 0xFFFF))
        nodes = self._pairs(chars.take(at) * self._width + chars.take(at + 1))
        on = np.flatnonzero(nodes)
        at, nodes = at.take(on), nodes.take(on)
        found_at, found = [], []
        for depth in range(2, 100):
            gram = self._grams.take(nodes)
            hit = np.flatnonzero(gram >= 0)
            found_at.append(at.take(hit))
            found.append(gram.take(hit))
            on = np.flatnonzero(self._inner.take(nodes) & (at + depth < len(chars)))
            if not len(on):
                break
            at = at.take(on)
            nodes = self._edges((nodes.take(on) << _BITS) | chars.take(at + depth))
            on = np.flatnonzero(nodes)
            at, nodes = at.take(on), nodes.take(on)
        return np.concatenate(found_at), np.concatenate(found)
