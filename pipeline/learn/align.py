"""Learns a channel by expectation maximisation: which letters are read as which strings, and how often.

A printed word is cut into units of one or two letters, each read as a string of up to four characters (Brill and Moore
2000, "An Improved Error Model for Noisy Channel Spelling Correction"); the expected counts of all cuts are summed with
the forward-backward recursions, as for letter-to-phone alignment (Jiampojamarn, Kondrak and Sherif 2007).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pipeline.compiled import njit

UNIT: Final = 2
READ: Final = 4
# A place in the printed word and its place in the reading may differ by this much from the diagonal.
BAND: Final = 4.0
# Two letters at once must explain what one letter at a time cannot.
PAIR_SHARE: Final = 0.04
ITERATIONS: Final = 12
BASE: Final = 512


@dataclass(frozen=True)
class Unit:
    """A confusion: `printed` (1-2 letters) is read as `read` (0-4 characters), seen `count` times (expected)."""

    printed: str
    read: str
    count: float
    probability: float


@dataclass(frozen=True)
class Edges:
    """All the ways to cut all pairs. Pair p has the edges start[p] to start[p + 1], in the order of their left ends.

    `left` and `right` number the cells of the pair's lattice, `unit` the confusion; `cells[p]` is the number of cells.
    """

    start: npt.NDArray[np.int64]
    cells: npt.NDArray[np.int64]
    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    key: npt.NDArray[np.int64]


@njit(cache=True)
def pack_key(printed: Any, i: int, a: int, read: Any, j: int, b: int) -> int:  # pragma: no cover - compiled
    """Return one number for a unit of `a` printed and `b` read characters at (i, j)."""
    key = 0
    for place in range(UNIT):
        key = key * BASE + (printed[i + place] if place < a else 0)
    for place in range(READ):
        key = key * BASE + (read[j + place] if place < b else 0)
    return key


@njit(cache=True)
def list_edges(
    printed: Any, printed_at: Any, read: Any, read_at: Any, fill: bool, start: Any, left: Any, right: Any, key: Any
) -> None:  # pragma: no cover - compiled
    """Count the edges of each pair into `start`, or, when `fill`, write them where `start` says."""
    for pair in range(len(printed_at) - 1):
        word, seen = printed[printed_at[pair] : printed_at[pair + 1]], read[read_at[pair] : read_at[pair + 1]]
        n, m = len(word), len(seen)
        edge = start[pair] if fill else 0
        for i in range(n):
            for j in range(m + 1):
                if abs(j - i * m / n) > BAND:
                    continue
                for a in range(1, min(UNIT, n - i) + 1):
                    for b in range(a - 1, min(READ, m - j) + 1):
                        if abs(j + b - (i + a) * m / n) <= BAND and (i + a < n or j + b == m):
                            if fill:
                                left[edge], right[edge] = i * (m + 1) + j, (i + a) * (m + 1) + j + b
                                key[edge] = pack_key(word, i, a, seen, j, b)
                            edge += 1
        if not fill:
            start[pair + 1] = edge


@njit(cache=True)
def expect(
    start: Any, cells: Any, left: Any, right: Any, unit: Any, probability: Any, counts: Any
) -> float:  # pragma: no cover
    """Add the expected count of each unit to `counts`; return the log-likelihood of all pairs."""
    total = 0.0
    for pair in range(len(cells)):
        forward, backward = np.zeros(cells[pair]), np.zeros(cells[pair])
        forward[0] = backward[-1] = 1.0
        for edge in range(start[pair], start[pair + 1]):
            forward[right[edge]] += forward[left[edge]] * probability[unit[edge]]
        if forward[-1] < 1e-280:
            continue
        for edge in range(start[pair + 1] - 1, start[pair] - 1, -1):
            backward[left[edge]] += backward[right[edge]] * probability[unit[edge]]
        for edge in range(start[pair], start[pair + 1]):
            counts[unit[edge]] += forward[left[edge]] * probability[unit[edge]] * backward[right[edge]] / forward[-1]
        total += np.log(forward[-1])
    return total


def codes(words: Sequence[str], alphabet: dict[str, int]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the codes of all words in a row, and where each begins."""
    flat = np.array([alphabet[character] for word in words for character in word], dtype=np.int64)
    return flat, np.cumsum([0, *map(len, words)])


def all_edges(pairs: Sequence[tuple[str, str]], alphabet: dict[str, int]) -> Edges:
    """Return the lattices of all pairs."""
    printed, printed_at = codes([pair[0] for pair in pairs], alphabet)
    read, read_at = codes([pair[1] for pair in pairs], alphabet)
    start = np.zeros(len(pairs) + 1, dtype=np.int64)
    nothing = np.zeros(0, dtype=np.int32)
    list_edges(printed, printed_at, read, read_at, False, start, nothing, nothing, np.zeros(0, dtype=np.int64))
    start = np.cumsum(start)
    left, right, key = (np.zeros(start[-1], dtype=kind) for kind in (np.int32, np.int32, np.int64))
    list_edges(printed, printed_at, read, read_at, True, start, left, right, key)
    cells = (np.diff(printed_at) + 1) * (np.diff(read_at) + 1)
    return Edges(start, cells, left, right, key)


def unpack(key: int, characters: Sequence[str]) -> tuple[str, str]:
    """Return (printed, read) of a packed key."""
    digits = [key // BASE**place % BASE for place in range(UNIT + READ - 1, -1, -1)]
    text = [characters[digit] if digit else "" for digit in digits]
    return "".join(text[:UNIT]), "".join(text[UNIT:])


def first_guess(printed: str, read: str) -> float:
    """Return the weight of a unit before anything is learned: equal lengths and equal characters are likely."""
    return 1000.0 if printed == read else 0.05 ** abs(len(read) - len(printed)) * (0.1 if len(printed) == 2 else 1.0)


def normalise(
    weights: npt.NDArray[np.float64], group: npt.NDArray[np.int64], share: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return weights divided by the sum of their group, times the share of their kind of unit."""
    sums = np.bincount(group, weights=weights)
    return np.asarray(share * weights / np.maximum(sums[group], 1e-300))


def usable(pair: tuple[str, str]) -> bool:
    """Return whether a pair can be aligned: neither part empty, lengths alike."""
    return 0 < len(pair[0]) <= 40 and len(pair[0]) / 3 <= len(pair[1]) <= 3 * len(pair[0]) + 2


def learn_channel(pairs: Sequence[tuple[str, str]], least_count: float = 2.0) -> list[Unit]:
    """Learn the confusions from pairs (printed, read); drop those seen less than `least_count` times.

    A unit of two letters is kept only where it says more than its two letters by themselves.
    """
    pairs = [pair for pair in pairs if usable(pair)]
    characters = ["", *sorted({character for pair in pairs for text in pair for character in text})]
    edges = all_edges(pairs, {character: code for code, character in enumerate(characters)})
    keys, unit = np.unique(edges.key, return_inverse=True)
    texts = [unpack(int(key), characters) for key in keys]
    printed = sorted({text[0] for text in texts})
    place = {text: number for number, text in enumerate(printed)}
    group = np.array([place[text[0]] for text in texts])
    share = np.array([PAIR_SHARE if len(text[0]) == UNIT else 1 - PAIR_SHARE for text in texts])
    probability = normalise(np.array([first_guess(*text) for text in texts]), group, share)
    counts = np.zeros(len(keys))
    for _ in range(ITERATIONS):
        counts[:] = 0
        expect(edges.start, edges.cells, edges.left, edges.right, unit, probability, counts)
        probability = normalise(counts, group, share)
    kept = {
        text: (float(n), float(p))
        for text, n, p in zip(texts, counts, probability / share, strict=True)
        if n >= least_count
    }
    return [Unit(*text, *values) for text, values in sorted(kept.items()) if says_more(text, kept)]


def says_more(text: tuple[str, str], kept: dict[tuple[str, str], tuple[float, float]]) -> bool:
    """Return whether a unit is one letter, or two that are likelier together than one by one."""
    printed, read = text
    if len(printed) < UNIT:
        return True
    apart = max(
        kept.get((printed[0], read[:cut]), (0, 0.0))[1] * kept.get((printed[1], read[cut:]), (0, 0.0))[1]
        for cut in range(len(read) + 1)
    )
    return kept[text][0] >= 8 and PAIR_SHARE * kept[text][1] > 1.5 * apart
