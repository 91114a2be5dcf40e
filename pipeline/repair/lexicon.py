"""The lexicon: a trie of word forms with the cost of each word and of its case, mapped into memory."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pipeline.arrays import ArrayFile
from pipeline.repair.letters import CODE, CYRILLIC

# What a rare form is.
WORD, NAME = 1, 2
REMEMBERED: Final = 1 << 16


@dataclass(frozen=True)
class Forms:
    """The graph of rare forms, as `learn.forms` describes its arrays: words with no cost of their own."""

    letter: npt.NDArray[np.uint8]
    ends: npt.NDArray[np.uint8]
    first: npt.NDArray[np.int32]
    count: npt.NDArray[np.uint8]

    @classmethod
    def of(cls, file: ArrayFile) -> "Forms":
        """Return the graph that a file holds."""
        return cls(**file.arrays)

    def has(self, word: str) -> bool:
        """Return whether a lower-case word is here."""
        edge = 0
        for letter in word:
            start = int(self.first[edge])
            codes = self.letter[start : start + int(self.count[edge])]
            found = np.flatnonzero(codes == CODE.get(letter, 0))
            if not len(found):
                return False
            edge = start + int(found[0])
        return bool(self.ends[edge])


NO_FORMS: Final = Forms(np.zeros(1, np.uint8), np.zeros(1, np.uint8), np.ones(1, np.int32), np.zeros(1, np.uint8))


@dataclass(frozen=True)
class Lexicon:
    """Arrays of a lexicon file, as `learn.trie` describes them; `cost`, `title`, `capitals` have an entry a word."""

    letter: npt.NDArray[np.uint8]
    first: npt.NDArray[np.int32]
    best: npt.NDArray[np.uint8]
    ends: npt.NDArray[np.uint8]
    cost: npt.NDArray[np.uint8]
    title: npt.NDArray[np.uint8]
    capitals: npt.NDArray[np.uint8]
    ngrams: npt.NDArray[np.uint8]
    header: Mapping[str, Any]

    @classmethod
    def of(cls, file: ArrayFile) -> "Lexicon":
        """Return the lexicon that a file holds."""
        return cls(**file.arrays, header=file.header)

    @cached_property
    def number(self) -> npt.NDArray[np.int32]:
        """The number of the word that ends at each node; meaningless where none ends."""
        return np.cumsum(self.ends, dtype=np.int32) - np.int32(1)

    @cached_property
    def views(self) -> tuple[memoryview, memoryview]:
        """The first child of each node and the letters, for a look at single ones: numpy takes ten times as long."""
        return self.first.data, self.letter.data

    def node(self, word: str) -> int:
        """Return the node of a lower-case word or beginning of one, -1 if there is none."""
        first, letters = self.views
        node = 0
        for letter in word:
            code = CODE.get(letter, 0)
            stop = first[node + 1]
            node = bisect_left(letters, code, first[node], stop)
            if node == stop or letters[node] != code:
                return -1
        return node

    @cached_property
    def find(self) -> Callable[[str], int]:
        """What returns the number of a lower-case word, -1 if it is not here; it remembers the words it has seen."""
        return lru_cache(REMEMBERED)(self.number_of)

    def number_of(self, word: str) -> int:
        """Return the number of a lower-case word, -1 if it is not here."""
        node = self.node(word)
        return int(self.number[node]) if node > 0 and self.ends[node] else -1

    def all_words(self) -> Iterator[str]:
        """Yield every word, in the order of their numbers."""
        words = [""]
        for node in range(len(self.letter)):
            if node and self.ends[node]:
                yield words[node]
            children = self.letter[self.first[node] : self.first[node + 1]]
            words.extend(words[node] + CYRILLIC[code - 1] for code in children)
