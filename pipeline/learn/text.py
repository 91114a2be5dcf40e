"""Makes text to render: words of a lexicon by their frequency, as prose, names, numbers and citations have them."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from pipeline.repair.letters import RUSSIAN
from pipeline.repair.lexicon import Lexicon

CAPITALS: Final = RUSSIAN.upper().replace("Ъ", "").replace("Ь", "").replace("Ы", "")
# Frequent words would fill the sample: shares are raised to this power.
TEMPER: Final = 0.75
# The commonest short words, whose readings are learned whole, and how far their shares are evened out.
SHORT: Final = 3
SHORT_WORDS: Final = 150
SHORT_TEMPER: Final = 0.6
TRAILING: Final = (",", ".", ";", ":", "!", "?", "…")
NUMBER_SUFFIXES: Final = ("й", "го", "х", "ю", "я", "м", "е")
MARKERS: Final = (
    "Ф.",
    "Оп.",
    "Д.",
    "Л.",
    "Лл.",
    "Т.",
    "К.",
    "Ч.",
    "ф.",
    "оп.",
    "д.",
    "л.",
    "с.",
    "С.",
    "№",
    "об.",
    "Ед.",
    "хр.",
)


@dataclass(frozen=True)
class Sampler:
    """Draws words from a lexicon; `cumulative` is the running sum of the tempered shares."""

    words: tuple[str, ...]
    title: np.ndarray[tuple[int], np.dtype[np.uint8]]
    cumulative: np.ndarray[tuple[int], np.dtype[np.float64]]
    short: tuple[str, ...]
    short_cumulative: np.ndarray[tuple[int], np.dtype[np.float64]]
    language: str = "rus"

    @classmethod
    def of(cls, lexicon: Lexicon) -> "Sampler":
        """Return the sampler of a lexicon."""
        words = tuple(lexicon.all_words())
        shares = np.exp(-0.1 * lexicon.cost.astype(np.float64))
        places = [place for place, word in enumerate(words) if len(word) <= SHORT]
        common = sorted(places, key=lambda place: -shares[place])[:SHORT_WORDS]
        short = tuple(words[place] for place in common)
        return cls(words, lexicon.title, np.cumsum(shares**TEMPER), short, np.cumsum(shares[common] ** SHORT_TEMPER))

    def page(self, random: np.random.Generator, lines: int, length: int, short: bool) -> list[str]:
        """Return lines of about `length` characters; in `short` ones two of three words are short."""
        make = short_line if short else line
        return [make(self, random, length) for _ in range(lines)]

    def short_word(self, random: np.random.Generator) -> str:
        """Return a common short word, now and then with a capital."""
        word = self.short[int(np.searchsorted(self.short_cumulative, random.random() * self.short_cumulative[-1]))]
        return word.capitalize() if random.random() < 0.08 else word

    def word(self, random: np.random.Generator) -> str:
        """Return a word in the case it usually has, now and then in another."""
        number = int(np.searchsorted(self.cumulative, random.random() * self.cumulative[-1]))
        word, chance = self.words[number], random.random()
        if chance < 0.06:
            return word.upper()
        return word.capitalize() if chance < 0.20 or self.title[number] < 7 else word


def citation(random: np.random.Generator) -> list[str]:
    """Return the tokens of a made-up archival citation."""
    archive = "".join(random.choice(list(CAPITALS), size=int(random.integers(3, 7))))
    number = [str(int(random.integers(1, 2000))) for _ in range(4)]
    return [f"{archive}.", "Ф.", f"{number[0]}.", "Оп.", f"{number[1]}.", "Д.", f"{number[2]}.", "Л.", f"{number[3]}."]


def decorated(word: str, random: np.random.Generator) -> str:
    """Return the word with the punctuation that prose puts around words."""
    chance = random.random()
    if chance < 0.04:
        word = f"«{word}»"
    elif chance < 0.08:
        word = f"({word})"
    elif chance < 0.11:
        word = f"{word}-{random.choice(list(MARKERS))}" if chance < 0.081 else word
    return (
        word + str(random.choice(TRAILING, p=[0.45, 0.35, 0.06, 0.06, 0.03, 0.03, 0.02]))
        if random.random() < 0.2
        else word
    )


def tokens(sampler: Sampler, random: np.random.Generator) -> list[str]:
    """Return the next few tokens of the text."""
    chance = random.random()
    if chance < 0.03:
        return citation(random)
    if chance < 0.06:
        return [
            f"{random.choice(list(CAPITALS))}.",
            f"{random.choice(list(CAPITALS))}.",
            sampler.word(random).capitalize(),
        ]
    if chance < 0.09:
        return [str(int(random.integers(1, 2030))), str(random.choice(("г.", "гг.", "в.", "вв.", "руб.", "—")))]
    if chance < 0.10:
        return [f"{int(random.integers(1, 130))}-{random.choice(NUMBER_SUFFIXES)}"]
    if chance < 0.12:
        return [str(random.choice(MARKERS)), str(int(random.integers(1, 900)))]
    if chance < 0.14:
        return [f"{sampler.word(random)}-{sampler.word(random).lower()}"]
    return [decorated(sampler.word(random), random)]


def line(sampler: Sampler, random: np.random.Generator, length: int) -> str:
    """Return a line of about `length` characters."""
    words: list[str] = []
    while sum(map(len, words)) + len(words) < length:
        words.extend(tokens(sampler, random))
    return " ".join(words)


def short_line(sampler: Sampler, random: np.random.Generator, length: int) -> str:
    """Return a line of about `length` characters in which two of three words are short."""
    words: list[str] = []
    while sum(map(len, words)) + len(words) < length:
        words += [sampler.short_word(random), sampler.short_word(random), *tokens(sampler, random)]
    return " ".join(words)
