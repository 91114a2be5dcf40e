"""Builds the trie of a lexicon: one array for the letters, one for where the children of a node begin.

Nodes are numbered breadth first, so the children of a node stand together, in the order of their codes, and the
children of node n end where those of node n + 1 begin.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.repair.letters import encode

Arrays = dict[str, npt.NDArray[Any]]


def letter_matrix(words: Sequence[str]) -> npt.NDArray[np.uint8]:
    """Return the codes of `words`, a row a word, padded with 0."""
    matrix = np.zeros((len(words), max(map(len, words)) + 1), dtype=np.uint8)
    for row, word in enumerate(words):
        matrix[row, : len(word)] = encode(word)
    return matrix


def build_trie(words: Sequence[str], costs: npt.NDArray[np.uint8]) -> Arrays:
    """Return the trie of distinct lower-case `words` with their costs (tenths of a nat).

    `letter[n]`, `first[n]` (children of n: first[n] to first[n + 1]), `best[n]` (the least cost at or below n),
    `ends[n]` (1 where a word ends at n: words are numbered in the order of these nodes) and `order` (the place in
    `words` of each number).
    """
    matrix = letter_matrix(words)
    order = np.lexsort(matrix.T[::-1])
    matrix, costs = matrix[order], costs[order]
    group = np.zeros(len(words), dtype=np.int64)
    numbers: list[npt.NDArray[np.int64]] = []
    letters, firsts, bests, ends = [np.zeros(1, np.uint8)], [], [np.array([costs.min()])], [np.zeros(1, np.uint8)]
    alive, numbered = np.arange(len(words)), 1
    for depth in range(matrix.shape[1]):
        longer = matrix[alive, depth] > 0
        alive, parents = alive[longer], group[longer]
        keys = parents * 256 + matrix[alive, depth]
        starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if len(keys) else np.zeros(0, np.int64)
        parent_count = len(letters[-1])
        firsts.append(numbered + np.searchsorted(parents[starts], np.arange(parent_count)))
        if not len(keys):
            break
        group = np.cumsum(np.r_[True, keys[1:] != keys[:-1]]) - 1
        letters.append(matrix[alive[starts], depth])
        bests.append(np.minimum.reduceat(costs[alive], starts))
        is_end = matrix[alive[starts], depth + 1] == 0
        ends.append(is_end.astype(np.uint8))
        numbers.append(alive[starts][is_end])
        numbered += len(starts)
    return {
        "letter": np.concatenate(letters),
        "first": np.r_[np.concatenate(firsts), numbered].astype(np.int32),
        "best": np.concatenate(bests).astype(np.uint8),
        "ends": np.concatenate(ends),
        "order": order[np.concatenate(numbers)],
    }
