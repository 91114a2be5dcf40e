"""Makes English text to render: words by their frequency, cut at line ends, among initials and Roman numerals."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import regex

from pipeline.learn.text import TEMPER, TRAILING

WORD: Final = regex.compile("[a-z]+(?:'[a-z]+)?")
CAPITALS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
TENS: Final = ("", "X", "XX", "XXX", "XL", "L", "LX", "LXX", "LXXX", "XC")
ONES: Final = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
# Words of so many letters may be broken at a line end, and one line of three breaks its last word.
BREAKABLE: Final = 4
BROKEN: Final = 0.33


@dataclass(frozen=True)
class EnglishSampler:
    """Draws words; `cumulative` is the running sum of their tempered shares."""

    words: tuple[str, ...]
    cumulative: np.ndarray[tuple[int], np.dtype[np.float64]]
    language: str = "eng"

    @classmethod
    def of(cls, shares: Mapping[str, float]) -> "EnglishSampler":
        """Return the sampler of words and their shares; those with other than English letters are left out."""
        words = tuple(word for word in shares if WORD.fullmatch(word))
        return cls(words, np.cumsum(np.array([shares[word] for word in words]) ** TEMPER))

    def word(self, random: np.random.Generator) -> str:
        """Return a word, now and then with a capital or in capitals."""
        word = self.words[int(np.searchsorted(self.cumulative, random.random() * self.cumulative[-1]))]
        chance = random.random()
        if chance < 0.03:
            return word.upper()
        return word.capitalize() if chance < 0.16 else word

    def page(self, random: np.random.Generator, lines: int, length: int, short: bool = False) -> list[str]:
        """Return lines of about `length` characters; some end in the first half of a word. None is `short`."""
        made: list[str] = []
        rest: list[str] = []
        for _ in range(lines):
            words, rest = rest, []
            while sum(map(len, words)) + len(words) < length:
                words.extend(tokens(self, random))
            last = words[-1]
            if len(last) >= BREAKABLE and last.isalpha() and random.random() < BROKEN:
                cut = int(random.integers(2, len(last) - 1))
                words[-1], rest = f"{last[:cut]}-", [last[cut:]]
            made.append(" ".join(words))
        return made


def roman(number: int) -> str:
    """Return a number below 100 as a Roman numeral."""
    return TENS[number // 10] + ONES[number % 10]


def decorated(word: str, random: np.random.Generator) -> str:
    """Return the word with the punctuation that prose puts around words."""
    chance = random.random()
    if chance < 0.04:
        word = f"“{word}”" if chance < 0.03 else f'"{word}"'
    elif chance < 0.08:
        word = f"({word})"
    chance = random.random()
    return word + str(random.choice(TRAILING, p=[0.45, 0.35, 0.06, 0.06, 0.03, 0.03, 0.02])) if chance < 0.2 else word


def tokens(sampler: EnglishSampler, random: np.random.Generator) -> list[str]:
    """Return the next few tokens of the text."""
    chance = random.random()
    if chance < 0.02:
        letters = [f"{random.choice(list(CAPITALS))}." for _ in range(int(random.integers(1, 3)))]
        return [*letters, sampler.word(random).capitalize()]
    if chance < 0.04:
        return [str(int(random.integers(1, 2030))) + str(random.choice(("", ",", ".", "s", "–1930")))]
    if chance < 0.06:
        return [decorated(roman(int(random.integers(1, 40))), random)]
    if chance < 0.07:
        return ["".join(random.choice(list(CAPITALS), size=int(random.integers(2, 6))))]
    if chance < 0.09:
        return [f"{sampler.word(random)}-{sampler.word(random).lower()}"]
    return [decorated(sampler.word(random), random)]
