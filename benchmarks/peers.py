"""What else one could do with the same lines: tools that Pravka is compared with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from itertools import islice
from typing import Final

import numpy as np
import regex
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from pipeline.repair.lexicon import Lexicon

Fix = Callable[[Sequence[str]], list[str]]
Correct = Callable[[Sequence[str]], dict[str, str]]  # lower-case words -> what they should be

# Written by hand from the shapes of the letters, one sign for one sign. Small Cyrillic letters that look like Latin
# capitals are small here: в is read as B far more often than В is printed.
TABLE: Final = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz034689®",
    "АвСДЕгбнплкцмиОРОяЯтиишхузаьсдефднилклмпорфгятиишхузозчбвэФ",
)
LONG: Final = 5  # signs, from which a token in capitals is taken for a word in capitals
TOKEN: Final = regex.compile(r"\S+")
HAS_LETTER: Final = regex.compile(r"[\p{L}®]")
WORD: Final = regex.compile(r"\p{Cyrillic}+")
LIKELIEST: Final = 100_000
BATCH: Final = 64  # words compared with all others at once
FARTHEST: Final = 2  # edits that symspellpy looks for


@dataclass(frozen=True)
class Peer:
    """A tool by name; `make` gets it ready and returns None where it is not installed."""

    name: str
    make: Callable[[], Fix | None]


def peers(lexicon: Lexicon) -> list[Peer]:
    """Return the peers, the fastest first."""
    words = f"the {LIKELIEST:,} likeliest words"
    return [
        Peer("raw", lambda: list),
        Peer("homoglyph table", lambda: by_line(by_table)),
        Peer(f"table + symspellpy, {FARTHEST} edits, {words}", lambda: symspell(lexicon)),
        Peer(f"table + rapidfuzz Levenshtein, {words}", lambda: by_word(nearest(likeliest(lexicon)))),
    ]


def by_line(change: Callable[[str], str]) -> Fix:
    """Return what changes lines one by one."""
    return lambda lines: [change(line) for line in lines]


def by_table(line: str) -> str:
    """Replace the signs of each token that has a letter by their Cyrillic look-alikes."""
    return str(TOKEN.sub(lambda match: look_alike(match.group()), line))


def look_alike(token: str) -> str:
    """Return a token in Cyrillic look-alikes: long ones in capitals as such, others small but for the first sign."""
    if not HAS_LETTER.search(token):
        return token
    made = token.translate(TABLE)
    return made.upper() if token.isupper() and len(token) >= LONG else made[:1] + made[1:].lower()


def by_word(correct: Correct) -> Fix:
    """Return what applies the table, and then corrects the lower-case words and restores their case."""

    def fix(lines: Sequence[str]) -> list[str]:
        made = [by_table(line) for line in lines]
        right = correct(sorted({word.lower() for line in made for word in WORD.findall(line)}))
        return [WORD.sub(lambda match: cased(right[match.group().lower()], match.group()), line) for line in made]

    return fix


def cased(word: str, like: str) -> str:
    """Return a lower-case word in capitals, with an initial, or as it is, like another one."""
    if like.isupper() and len(like) > 1:
        return word.upper()
    return word.capitalize() if like[0].isupper() else word


def likeliest(lexicon: Lexicon) -> list[str]:
    """Return the likeliest words of the lexicon, the likeliest first."""
    words = list(lexicon.all_words())
    return [words[place] for place in islice(np.argsort(lexicon.cost, kind="stable"), LIKELIEST)]


def nearest(known: list[str]) -> Correct:
    """Return what finds the nearest known words by edit distance, the likeliest among equals, some words at a time."""

    def correct(words: Sequence[str]) -> dict[str, str]:
        right: dict[str, str] = {}
        for start in range(0, len(words), BATCH):
            batch = words[start : start + BATCH]
            places = process.cdist(batch, known, scorer=Levenshtein.distance, dtype=np.uint8).argmin(axis=1)
            right.update(zip(batch, (known[place] for place in places), strict=True))
        return right

    return correct


def symspell(lexicon: Lexicon) -> Fix | None:
    """Return what corrects with symspellpy; its frequencies are the costs of the words."""
    if find_spec("symspellpy") is None:
        return None
    module = import_module("symspellpy")
    speller = module.SymSpell(max_dictionary_edit_distance=FARTHEST)
    cost = dict(zip(lexicon.all_words(), lexicon.cost.tolist(), strict=True))
    for word in likeliest(lexicon):
        speller.create_dictionary_entry(word, max(1, round(1e9 * np.exp(-0.1 * cost[word]))))

    def correct(word: str) -> str:
        found = speller.lookup(word, module.Verbosity.TOP, max_edit_distance=FARTHEST)
        return str(found[0].term) if found else word

    return by_word(lambda words: {word: correct(word) for word in words})
