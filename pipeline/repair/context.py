"""The language model: how much a word's chance grows or shrinks when the word before it is known.

Between two symbols (words of the lexicon, or the few other kinds of token) it gives the *lift* P(w | v) / P(w), mixed
of two bigram models: of words, interpolated by absolute discounting (Ney, Essen and Kneser 1994), and of classes (words
with the same set of grammatical readings share one: Brown et al. 1992), which knows agreement. The chance of the word
by itself is the lexicon's, so that the two files are independent of each other's counts.

Word pairs are found by a hash: a bucket by its high bits, then a fingerprint of 16 bits.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import regex

from pipeline.arrays import STEP, ArrayFile
from pipeline.compiled import lean, njit
from pipeline.repair.letters import CODE, CYRILLIC_LETTER, RUSSIAN_CODES

# What a token is that is no word of the lexicon; the symbols follow the words of the lexicon in this order.
BREAK, UNKNOWN, INITIAL, LATIN, ROMAN, ONE_DIGIT, TWO_DIGITS, THREE_DIGITS, FOUR_DIGITS, MORE_DIGITS = range(10)
SPECIALS: Final = 10
# What P(w | v) / P(w) is mixed of.
CLASS_SHARE: Final = 0.7
# Lifts of word pairs are stored from e to this power on, in steps.
LEAST_PAIR: Final = -5.0
# Those of classes lie as far above as below 1.
LEAST_CLASS: Final = -12.8
ENDING: Final = 3
PIECE: Final = regex.compile(r"\p{Cyrillic}+|\p{L}+|\d+")
ROMAN_NUMERAL: Final = regex.compile("[IVXLCDM]+")


class Lifts(NamedTuple):
    """The model as the compiled search reads it."""

    words: int
    class_of: npt.NDArray[np.uint16]
    class_lift: npt.NDArray[np.float32]
    backing: npt.NDArray[np.float32]
    bucket: npt.NDArray[np.int32]
    fingerprint: npt.NDArray[np.uint16]
    pair_lift: npt.NDArray[np.float32]
    class_step: npt.NDArray[np.uint8]
    backing_step: npt.NDArray[np.uint8]
    pair_step: npt.NDArray[np.uint8]


class Named(NamedTuple):
    """The symbols and classes of the first and the last word of a token; symbols are -1 where it has no word.

    `phase` is the case of the first (`repair.states`), 0 where it has none, or is not Russian.
    """

    first: int
    last: int
    first_class: int
    last_class: int
    phase: int = 0


SILENT: Final = Named(-1, -1, 0, 0)


@dataclass(frozen=True)
class LanguageModel:
    """What a file holds: see `learn.language_model` for the arrays."""

    lifts: Lifts
    ending: npt.NDArray[np.uint16]
    header: Mapping[str, Any]

    @classmethod
    def of(cls, file: ArrayFile) -> "LanguageModel":
        """Return the model that a file holds."""
        arrays = file.arrays
        steps = STEP * np.arange(256, dtype=np.float32)
        lifts = Lifts(
            len(arrays["class_of"]) - SPECIALS,
            arrays["class_of"],
            np.exp(LEAST_CLASS + steps),
            np.exp(-steps),
            arrays["bucket"],
            arrays["fingerprint"],
            np.exp(LEAST_PAIR + steps),
            arrays["class_step"],
            arrays["backing_step"],
            arrays["pair_step"],
        )
        return cls(lifts, arrays["ending"], file.header)

    def special(self, kind: int) -> int:
        """Return the symbol of a kind of token (`BREAK`, `UNKNOWN` ...)."""
        return self.lifts.words + kind

    def class_of(self, symbol: int, word: str) -> int:
        """Return the class of a symbol that stands for a lower-case word: of an unknown one, by its ending."""
        return int(self.ending[ending_code(word)] if symbol == self.special(UNKNOWN) else self.lifts.class_of[symbol])

    def named(self, token: str, find: Callable[[str], int]) -> Named:
        """Return the symbols of the first and the last word of a token, and their classes."""
        symbols = symbols_of(token, find, self.lifts.words)
        if not symbols:
            return SILENT
        pieces = PIECE.findall(token)
        first = self.class_of(symbols[0], pieces[0].lower())
        last = self.class_of(symbols[-1], pieces[-1].lower()) if len(symbols) > 1 else first
        return Named(symbols[0], symbols[-1], first, last)


def ending_code(word: str) -> int:
    """Return the number of the last three letters of a lower-case word; what is no Russian letter counts as none."""
    number = 0
    for letter in word[-ENDING:]:
        code = CODE.get(letter, 0)
        number = number * RUSSIAN_CODES + (code if code < RUSSIAN_CODES else 0)
    return number


def symbols_of(token: str, find: Callable[[str], int], words: int) -> list[int]:
    """Return the symbols of the words and numbers in a token.

    `find` returns the number of a lower-case word, -1 if the lexicon of `words` words has it not.
    """
    return [
        symbol_of(piece.group(), token[piece.end() : piece.end() + 1], find, words) for piece in PIECE.finditer(token)
    ]


def symbol_of(piece: str, following: str, find: Callable[[str], int], words: int) -> int:
    """Return the symbol of a run of letters or digits; `following` stands behind it."""
    if piece.isdigit():
        return words + ONE_DIGIT + min(len(piece), 5) - 1
    if len(piece) == 1 and piece.isupper() and following == ".":
        return words + INITIAL
    if not CYRILLIC_LETTER.match(piece):
        return words + (ROMAN if ROMAN_NUMERAL.fullmatch(piece) else LATIN)
    number = find(piece.lower())
    return number if number >= 0 else words + UNKNOWN


@njit(cache=True)
def scrambled(key: Any) -> Any:  # pragma: no cover
    """Return the hash of a key, or those of an array: the finaliser of splitmix64 (Steele, Lea and Flood 2014)."""
    mixed = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


@lean
def pair_place(lifts: Any, before: int, word: int) -> int:  # pragma: no cover
    """Return where the pair of symbols stands, -1 if the model has not met it."""
    key = scrambled(np.uint64(before) * np.uint64(len(lifts.class_of)) + np.uint64(word))
    buckets = len(lifts.bucket) - 1
    own = np.int64(key >> np.uint64(32)) % buckets
    wanted = np.uint16(key & np.uint64(0xFFFF))
    for place in range(lifts.bucket[own], lifts.bucket[own + 1]):
        if lifts.fingerprint[place] == wanted:
            return place
    return -1


@lean
def lift(lifts: Any, before: int, class_before: int, word: int, class_word: int) -> float:  # pragma: no cover
    """Return P(word | before) / P(word) of two symbols and their classes."""
    by_class = lifts.class_lift[lifts.class_step[class_before, class_word]]
    by_word = lifts.backing[lifts.backing_step[before]]
    place = pair_place(lifts, before, word)
    if place >= 0:
        by_word += lifts.pair_lift[lifts.pair_step[place]]
    return CLASS_SHARE * by_class + (1.0 - CLASS_SHARE) * by_word
