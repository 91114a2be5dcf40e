"""How much of a text is right after its repair: the share of its words that are expected to be.

A repaired word is right as often as its confidence says. What was left alone shows a sign: it is in a lexicon, looks
like a word of its script, mixes letters with digits, and so on. How often right and wrong words show each sign was
counted (`lexicons/quality.tsv`, made by `benchmarks/pipes.py --learn`). Which share of a text is right is then found by
expectation maximisation (Saerens, Latinne & Decaestecker 2002, "Adjusting the outputs of a classifier to new a priori
probabilities"): so a rare name among good words is believed, and one among rubbish is not.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal, NamedTuple

import regex

from pipeline.data import data_file
from pipeline.repair.edits import Edit
from pipeline.repair.latin import Latin
from pipeline.repair.letters import CYRILLIC_LETTER, RUSSIAN
from pipeline.repair.repaired import Repaired
from pipeline.repair.search import Searcher
from pipeline.repair.ukrainian import SHARE, has_own_letter, is_ukrainian
from pipeline.repair.units import BROKEN
from pipeline.tables import read_table

Sign = Literal[
    "doubted", "short", "known", "cyrillic", "listed", "latin", "odd-latin", "odd-case", "digits-inside", "two-scripts"
]
TOKEN: Final = regex.compile(r"\S+")
# A word, also of a name in a program: partsLikeThis, parts_like_this.
WORD: Final = regex.compile(r"[\p{L}\p{M}\p{N}]+")
CAPITAL_INSIDE: Final = regex.compile(r"(?<=\p{Ll}{2})(?=\p{Lu}\p{Ll}{2})")
LATIN_LETTER: Final = regex.compile(r"\p{Latin}")
DIGIT_BEFORE: Final = regex.compile(r"\p{N}\p{L}.*\p{L}|\p{L}\p{N}+\p{L}")
DIGIT: Final = regex.compile(r"\p{N}")
# So long are words that say nothing by being in a list or not.
SHORT: Final = 2
# Nats a letter above which a Latin word that no list has is unlike any.
ODD: Final = 3.5
# A text is right unless its words speak against it: so many right ones are believed beforehand.
BELIEVED: Final = 2.0
ROUNDS: Final = 30
CLOSE: Final = 1e-4


class Words(NamedTuple):
    """The words of a text: the signs of those that were left alone, and how many of the repaired ones are right."""

    kept: Counter[Sign]
    repaired: int
    right: float


class Judge:
    """Judges repaired texts. Remembers the words it has seen."""

    def __init__(self, searcher: Searcher, latin: Latin, ratios: Mapping[str, float]) -> None:
        self.searcher = searcher
        self.latin = latin
        self.ratios = ratios
        self.signs = lru_cache(maxsize=1 << 16)(self.signs_of)

    def quality(self, texts: Iterable[Words]) -> float:
        """Return the expected share of right words of a text, which was repaired in one piece or several: 0 to 1.

        A text without words is 1.0: nothing speaks against it.
        """
        kept: Counter[Sign] = Counter()
        repaired, right = 0, 0.0
        for words in texts:
            kept.update(words.kept)
            repaired += words.repaired
            right += words.right
        count = kept.total()
        return (right + count * share_of_right(kept, self.ratios)) / (repaired + count) if repaired + count else 1.0

    def words(self, lines: Sequence[str], repaired: Repaired) -> Words:
        """Return the words of lines, as they were read, and what became of them."""
        signs: list[Sign] = []
        doubts = {(doubt.line, doubt.start) for doubt in repaired.doubts}
        made = [edit for edits in repaired.edits for edit in edits if WORD.search(edit.text)]
        for place, start, token in kept_words(lines, repaired):
            signs.extend(("doubted",) if (place, start) in doubts else self.signs(token))
        kept = Counter(signs)
        if kept["cyrillic"] and is_ukrainian_text(lines):
            kept["known"] += kept.pop("cyrillic")
        return Words(kept, len(made), sum(edit.confidence for edit in made))

    def signs_of(self, token: str) -> tuple[Sign, ...]:
        """Return the signs of the words of a token; numbers and marks are no words."""
        parts = (part for word in WORD.findall(token) for part in CAPITAL_INSIDE.split(word))
        return tuple(self.sign(part) for part in parts if any(map(str.isalpha, part)))

    def sign(self, word: str) -> Sign:
        """Return the sign of a word."""
        cyrillic, latin = bool(CYRILLIC_LETTER.search(word)), bool(LATIN_LETTER.search(word))
        if cyrillic and latin:
            return "two-scripts"
        if DIGIT_BEFORE.search(word):
            return "digits-inside"
        if len(word) <= SHORT or not (cyrillic or latin):
            return "short"
        lower = DIGIT.sub("", word.lower())
        return self.cyrillic_sign(lower) if cyrillic else self.latin_sign(word, lower)

    def cyrillic_sign(self, lower: str) -> Sign:
        """Return the sign of a word in Cyrillic letters; one with letters that Russian has not is known."""
        return "known" if not set(RUSSIAN).issuperset(lower) or self.searcher.knows(lower) else "cyrillic"

    def latin_sign(self, word: str, lower: str) -> Sign:
        """Return the sign of a word in Latin letters."""
        if not (word.islower() or word.isupper() or word[1:].islower()):
            return "odd-case"
        if self.latin.listed_cost(lower) is not None:
            return "listed"
        return "odd-latin" if self.latin.spelled_cost(lower) > ODD * len(lower) else "latin"


def kept_words(lines: Sequence[str], repaired: Repaired) -> Iterator[tuple[int, int, str]]:
    """Yield (line, start, token) for the tokens that no edit touches; one that a line end broke is whole."""
    begun: tuple[int, int, str] | None = None
    for place, (line, edits) in enumerate(zip(lines, repaired.edits, strict=True)):
        for start, token in left_alone(line, edits):
            if begun and begun[0] == place - 1 and not line[:start].strip():
                yield begun[0], begun[1], begun[2] + token
            elif BROKEN.search(token) and not line[start + len(token) :].strip():
                begun = (place, start, token[:-1])
            else:
                yield place, start, token


def is_ukrainian_text(lines: Sequence[str]) -> bool:
    """Return whether a text is Ukrainian by its letters: Russian does not know its words."""
    words = [word for line in lines for word in WORD.findall(line) if CYRILLIC_LETTER.search(word)]
    return is_ukrainian(words) and sum(map(has_own_letter, words)) >= SHARE * len(words)


def left_alone(line: str, edits: Sequence[Edit]) -> Iterator[tuple[int, str]]:
    """Yield (start, token) for the tokens of a line that no edit touches."""
    if not edits:
        yield from ((match.start(), match.group()) for match in TOKEN.finditer(line))
        return
    for match in TOKEN.finditer(line):
        if not any(edit.start < match.end() and match.start() < edit.end for edit in edits):
            yield match.start(), match.group()


def share_of_right(kept: Mapping[Sign, int], ratios: Mapping[str, float]) -> float:
    """Return the share of right words among words with these signs.

    `ratios` are by sign: how much more often right words show it than wrong ones.
    """
    count = sum(kept.values())
    share = 0.5
    for _ in range(ROUNDS):
        before = share
        right = sum(number * posterior(share, ratios[sign]) for sign, number in kept.items())
        share = (right + BELIEVED) / (count + BELIEVED)
        if abs(share - before) < CLOSE:
            break
    return share


def posterior(share: float, ratio: float) -> float:
    """Return how likely a word is right where `share` of all are, by the ratio of its sign."""
    return share * ratio / (share * ratio + 1.0 - share)


def read_ratios(path: Path | None = None) -> Mapping[str, float]:
    """Return the ratios of the signs in a table of their counts, by default the shipped one. Raises BadData."""
    rows = read_table(path or data_file("lexicons", "quality.tsv"), ("sign", "right", "wrong"))
    return ratios_of({row["sign"]: (int(row["right"]), int(row["wrong"])) for row in rows})


def ratios_of(counts: Mapping[str, tuple[int, int]]) -> Mapping[str, float]:
    """Return the ratios of signs that so many (right, wrong) words show; each counts as seen once more (Laplace)."""
    right, wrong = (sum(pair[side] + 1 for pair in counts.values()) for side in (0, 1))
    return {sign: (pair[0] + 1) / right / ((pair[1] + 1) / wrong) for sign, pair in counts.items()}
