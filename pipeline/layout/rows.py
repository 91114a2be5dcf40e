"""Rows of print: words side by side on one baseline, with the size of their print."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from statistics import median
from typing import Final

from pipeline.model import Box, PlacedWord

# Letters that rise above small ones, or sink below the line, far or a little; capitals, digits and brackets rise too.
RISING: Final = frozenset("бйёфїіbdfhklti()[]|/!?„“”«»'\"")
SINKING: Final = frozenset("руфgjpqyQ()[]|/;„")
DIPPING: Final = frozenset("дцщД,ЦЩ")
# Parts of the size of print: a small letter, and what stands above and below it.
SMALL, ABOVE, BELOW, DIP = 0.46, 0.23, 0.21, 0.12


def rises(word: str) -> bool:
    """Return whether a word has something above its small letters."""
    return any(letter in RISING or letter.isupper() or letter.isdigit() for letter in word)


def depth(word: str) -> float:
    """Return how far a word sinks below the line, in sizes of its print."""
    return BELOW if not SINKING.isdisjoint(word) else DIP if not DIPPING.isdisjoint(word) else 0.0


def size_of(one: PlacedWord) -> float:
    """Return the size of the print of a word in pixels, told from its height and its letters."""
    text = one.word.text
    return (one.place.bottom - one.place.top) / (SMALL + ABOVE * rises(text) + depth(text))


def is_solid(one: PlacedWord) -> bool:
    """Return whether a word is more than a speck or a rule."""
    return any(map(str.isalnum, one.word.text))


@dataclass(frozen=True)
class Row:
    """Words on one baseline, from left to right; at least one."""

    words: tuple[PlacedWord, ...]

    @classmethod
    def of(cls, words: Iterable[PlacedWord]) -> "Row":
        """Return the row of these words."""
        return cls(tuple(sorted(words, key=across)))

    @cached_property
    def place(self) -> Box:
        """The box around the words on the clean page."""
        left, top, right, bottom = zip(*(one.place for one in self.words), strict=True)
        return Box(min(left), min(top), max(right), max(bottom))

    @cached_property
    def text(self) -> str:
        """The text, a space between words."""
        return " ".join(one.word.text for one in self.words)

    @cached_property
    def solid(self) -> tuple[PlacedWord, ...]:
        """The words that are no specks; all of them if they are nothing else."""
        return tuple(filter(is_solid, self.words)) or self.words

    @cached_property
    def size(self) -> float:
        """The size of the print, in pixels."""
        return median(map(size_of, self.solid))

    @cached_property
    def baseline(self) -> float:
        """Where the letters stand, in pixels from the top."""
        return median(one.place.bottom - depth(one.word.text) * self.size for one in self.solid)

    @cached_property
    def middle(self) -> float:
        """The height of the middle of the letters, in pixels from the top."""
        return self.baseline - SMALL * self.size / 2

    def gaps(self) -> list[int]:
        """Return the room between neighbouring words, in pixels."""
        return [after.place.left - one.place.right for one, after in zip(self.words, self.words[1:], strict=False)]


def across(one: PlacedWord) -> tuple[int, int, int, int, str]:
    """Return what words of a row are ordered by."""
    return (*one.place, one.word.text)


def line_of(one: PlacedWord) -> tuple[str, str, str]:
    """Return what names the line that the reader saw a word in."""
    return one.block, one.paragraph, one.line


def read_lines(words: Sequence[PlacedWord]) -> list[Row]:
    """Return the lines that the reader saw, each as a row."""
    return [Row.of(own) for _, own in groupby(sorted(words, key=line_of), key=line_of)]


def cut(row: Row, widest: float) -> list[Row]:
    """Return a row cut where the room between words is wider than `widest` pixels."""
    parts: list[list[PlacedWord]] = [[row.words[0]]]
    reach = row.words[0].place.right
    for one in row.words[1:]:
        if one.place.left - reach > widest:
            parts.append([])
        parts[-1].append(one)
        reach = max(reach, one.place.right)
    return [Row(tuple(part)) for part in parts]


def beside(one: Row, other: Row) -> bool:
    """Return whether two rows stand side by side: the middle of each is within the other."""
    return (
        one.place.top <= other.middle <= one.place.bottom
        and other.place.top <= one.middle <= other.place.bottom
        and (one.place.right <= other.place.left or other.place.right <= one.place.left)
    )
