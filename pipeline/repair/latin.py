"""The other hypothesis: that a token says exactly what it says, in Latin letters, digits and marks.

A word costs its frequency in a list of English and its neighbours, else its letters (n-grams of four) and the price of
being unknown; case and digits inside words cost what they are rarely seen to do in clean text. Costs are in nats and
stand beside those of the search for Russian.
"""

import hashlib
import unicodedata
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import regex

from pipeline.arrays import STEP, ArrayFile
from pipeline.repair.letters import IN_LATIN

LETTERS: Final = "abcdefghijklmnopqrstuvwxyz'"
OTHER: Final = len(LETTERS) + 1
SIDE: Final = OTHER + 1
CODES: Final = {letter: number for number, letter in enumerate(LETTERS, start=1)}
NGRAM: Final = 4

UNKNOWN: Final = 5.0
TITLE: Final = 1.6
CAPITALS: Final = 3.5
MIXED: Final = 9.0
ODD_CHARACTER: Final = 9.0
MARK: Final = 4.5
DIGIT: Final = 2.3
NUMBER: Final = 3.5
# A digit beside a letter in one token (1960s, B12).
DIGIT_AND_LETTER: Final = 4.0
# A chemical formula: at least two elements, and a number.
ELEMENT: Final = "(?:Na|Mg|Al|Si|Cl|Ca|Cr|Mn|Fe|Co|Ni|Cu|Zn|Br|Ag|Sn|Ba|Pt|Au|Hg|Pb|Li|He|Ne|Ar|Ti|As|[HBCNOFPSKIUVWY])"
FORMULA: Final = regex.compile(rf"^(?=.*[A-Z].*[A-Z])(?=.*\d)\(?({ELEMENT}\d*[()]*\d*){{2,}}$")
FORMULA_COST: Final = 18.0
HYPHEN: Final = regex.compile("[-–—]")

PIECES: Final = regex.compile(r"[\p{L}\p{M}'’]+|\d+|.", regex.DOTALL)
EDGES: Final = regex.compile(r"^([^\p{L}\p{M}\d]*)(.*?)([^\p{L}\p{M}\d]*)$", regex.DOTALL)
COMMON_MARKS: Final = frozenset(".,;:!?()[]\"'“”‘’«»„—–-/…*†§&%№+=<>$€£°•·")


def word_hash(word: str) -> int:
    """Return the number by which a word is found in the list: the first 8 bytes of BLAKE2b."""
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")


def letter_codes(word: str) -> list[int]:
    """Return the codes of the letters of a lower-case word, accents dropped; 0 is the edge of a word."""
    if word.isascii():
        return [CODES.get(letter, OTHER) for letter in word]
    plain = unicodedata.normalize("NFD", word.replace("’", "'"))
    return [CODES.get(letter, OTHER) for letter in plain if not unicodedata.combining(letter)]


@dataclass(frozen=True)
class Latin:
    """The list (sorted hashes and their costs) and the costs of a letter after three others, in tenths of a nat."""

    hashes: npt.NDArray[np.uint64]
    cost: npt.NDArray[np.uint8]
    ngrams: npt.NDArray[np.uint8]
    header: Mapping[str, Any]

    @classmethod
    def of(cls, file: ArrayFile) -> "Latin":
        """Return the model that a file holds."""
        return cls(**file.arrays, header=file.header)

    @cached_property
    def sorted_hashes(self) -> memoryview:
        """The hashes, for a look at single ones: that takes numpy ten times as long."""
        return self.hashes.data

    @cached_property
    def ngram_costs(self) -> memoryview:
        """The costs of a letter after three others, in one row, as `sorted_hashes`."""
        return self.ngrams.reshape(-1).data

    def listed_cost(self, word: str) -> float | None:
        """Return the cost of a lower-case word of the list, None if it is not there."""
        wanted, hashes = word_hash(word), self.sorted_hashes
        place = bisect_left(hashes, wanted)
        return STEP * float(self.cost[place]) if place < len(hashes) and hashes[place] == wanted else None

    def spelled_cost(self, word: str) -> float:
        """Return the cost of a lower-case word by its letters."""
        place = total = 0
        costs, all_places = self.ngram_costs, SIDE**NGRAM
        for code in (*letter_codes(word), 0):
            place = place * SIDE % all_places + code
            total += costs[place]
        return STEP * float(total)

    def word_cost(self, word: str) -> float:
        """Return the cost of a word of letters, with its case."""
        lower = word.lower().replace("’", "'")
        listed = self.listed_cost(lower)
        cost = UNKNOWN + self.spelled_cost(lower) if listed is None else listed
        before, apostrophe, after = lower.partition("'")
        if before and after:
            halves = (self.listed_cost(before + apostrophe) or self.listed_cost(before), self.listed_cost(after))
            if halves[0] is not None and halves[1] is not None:
                return min(cost, halves[0] + halves[1]) + min(case_cost(word), TITLE)
        return cost + case_cost(word)


def is_formula(text: str) -> bool:
    """Return whether a text, or a part of it before or behind a hyphen, is a chemical formula in either script."""
    has_number = any(map(str.isdigit, text))
    return has_number and any(map(FORMULA.match, HYPHEN.split(text.translate(IN_LATIN).strip("()[].,;:"))))


def case_cost(word: str) -> float:
    """Return the cost of the case of a word in Latin letters."""
    letters = [letter for letter in word if letter.isalpha()]
    small = [letter.islower() for letter in letters]
    if all(small):
        return 0.1
    if letters[0].isupper() and all(small[1:]):
        return TITLE
    return CAPITALS if all(map(str.isupper, letters)) else MIXED


class Keeper:
    """Prices tokens as they stand. Remembers the tokens it has seen."""

    def __init__(self, latin: Latin) -> None:
        self.latin = latin
        self.piece_cost = lru_cache(maxsize=1 << 16)(self.price_piece)
        self.token_cost = lru_cache(maxsize=1 << 16)(self.price_token)

    def price_piece(self, piece: str) -> float:
        """Return the cost of a run of letters or digits, or of one mark."""
        if piece[0].isdigit():
            return DIGIT * min(len(piece), 4)
        if piece[0].isalpha() or piece[0] in "'’":
            return self.latin.word_cost(piece) if any(map(str.isalpha, piece)) else MARK
        return MARK if piece in COMMON_MARKS else ODD_CHARACTER

    def price_token(self, token: str) -> float:
        """Return the cost of a token without the marks at its edges (those cost about the same in any language)."""
        if token.isalpha():
            return self.piece_cost(token)
        lead, core, trail = EDGES.match(token).groups()
        cost = sum(ODD_CHARACTER for mark in lead + trail if mark not in COMMON_MARKS)
        if not core:
            return 1.0 + cost
        if core.isalpha():
            return cost + self.piece_cost(core)
        if FORMULA.match(core):
            return FORMULA_COST + cost
        pieces = PIECES.findall(core)
        cost += sum(map(self.piece_cost, pieces))
        kinds = [piece[0].isdigit() for piece in pieces if piece[0].isalnum()]
        cost += DIGIT_AND_LETTER * sum(one != two for one, two in pairwise(kinds))
        return float(cost + (NUMBER if kinds and all(kinds) else 0.0))
