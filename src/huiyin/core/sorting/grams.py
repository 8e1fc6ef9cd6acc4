"""Finds all known n-grams in a batch of texts at once: a trie walked by array steps, no loop over characters."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_BITS = 12
_SLOTS = 1 << 17

Ints = NDArray[np.int64]


class _Step:
    """(node, character) → node for all nodes deeper than one, as two hash tables without probing."""

    def __init__(self, edges: dict[int, int]) -> None:
        self._tables: list[tuple[np.uint64, NDArray[np.uint64], NDArray[np.int32]]] = []
        rest, seed = edges, 0x9E3779B97F4A7C15
        while rest:
            factor = np.uint64(seed)
            keys, nodes, left = np.zeros(_SLOTS, np.uint64), np.zeros(_SLOTS, np.int32), {}
            for key, node in rest.items():
                slot = (key * seed & 0xFFFFFFFFFFFFFFFF) >> 47
                if nodes[slot]:
                    left[key] = node
                else:
                    keys[slot], nodes[slot] = key, node
            self._tables.append((factor, keys, nodes))
            rest, seed = left, (seed * 6364136223846793005 + 1442695040888963407) & 0xFFFFFFFFFFFFFFFF | 1

    def __call__(self, nodes: NDArray[np.int32], chars: NDArray[np.uint16]) -> NDArray[np.int32]:
        key = (nodes.astype(np.uint64) << np.uint64(_BITS)) | chars
        after = np.zeros(len(key), np.int32)
        for factor, keys, targets in self._tables:
            slot = ((key * factor) >> np.uint64(47)).astype(np.int64)
            after += np.where(keys.take(slot) == key, targets.take(slot), 0)
        return after


class Grams:
    """`find` returns for every occurrence (overlapping ones too) its position and the gram's index."""

    def __init__(self, grams: Sequence[str]) -> None:
        letters = sorted({c for gram in grams for c in gram if ord(c) < 0x10000})
        if len(letters) >= 1 << _BITS:
            raise ValueError(f"more than {(1 << _BITS) - 1} different characters in the model's words")
        self._letters = np.zeros(0x10000, np.uint16)
        self._letters[[ord(c) for c in letters]] = np.arange(1, len(letters) + 1, dtype=np.uint16)
        self._width = len(letters) + 1
        self._pairs = np.zeros(self._width * self._width, np.int32)
        self._gram_of = [-1]
        edges = self._grow(grams)
        self._step = _Step(edges)
        self._grams = np.array(self._gram_of, np.int32)
        self._inner = np.zeros(len(self._gram_of), bool)
        self._inner[[key >> _BITS for key in edges]] = True

    def _grow(self, grams: Sequence[str]) -> dict[int, int]:
        ids = self._letters
        edges: dict[int, int] = {}
        for index, gram in enumerate(grams):
            chars = [int(ids[ord(c)]) for c in gram]
            if len(chars) < 2:
                raise ValueError(f"a word of the model has fewer than two characters: {gram!r}")
            pair = chars[0] * self._width + chars[1]
            node = int(self._pairs[pair]) or self._node()
            self._pairs[pair] = node
            for char in chars[2:]:
                node = edges.setdefault(node << _BITS | char, 0) or self._linked(edges, node << _BITS | char)
            self._gram_of[node] = index
        return edges

    def _node(self) -> int:
        self._gram_of.append(-1)
        return len(self._gram_of) - 1

    def _linked(self, edges: dict[int, int], key: int) -> int:
        edges[key] = self._node()
        return edges[key]

    def find(self, codes: NDArray[np.uint32]) -> tuple[Ints, NDArray[np.int32]]:
        """`codes`: characters below 0x10000. Sorted by length, then position."""
        chars = self._letters.take(codes)
        pairs = chars[:-1].astype(np.int32) * self._width + chars[1:]
        nodes = self._pairs.take(pairs)
        at = np.flatnonzero(nodes)
        nodes = nodes[at]
        found_at, found = [], []
        depth = 2
        while len(at):
            gram = self._grams.take(nodes)
            hit = gram >= 0
            found_at.append(at[hit])
            found.append(gram[hit])
            room = self._inner.take(nodes) & (at + depth < len(chars))
            at, nodes = at[room], nodes[room]
            nodes = self._step(nodes, chars.take(at + depth))
            on = np.flatnonzero(nodes)
            at, nodes = at[on], nodes[on]
            depth += 1
        if not found:
            return np.zeros(0, np.int64), np.zeros(0, np.int32)
        return np.concatenate(found_at), np.concatenate(found)
