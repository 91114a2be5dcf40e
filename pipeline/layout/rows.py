"""Rows of print: words side by side on one baseline, with the size of their print."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median
from typing import Final

from pipeline.model import Box, PlacedWord, lines_of

# What is higher than a capital; what dips below the line a little, and what sinks.
HIGHER: Final = frozenset("бйёфїіbdfhklti()[]|/!?„“”«»'\"")
DIPPING: Final = frozenset("дцщДЦЩ,")
SINKING: Final = frozenset("руфgjpqyQ()[]|/;„")
FLAT: Final = (0, 0)
# Heights as parts of the size of print, until the page tells better: small letters, what is above and below them.
SMALL: Final = 0.46
ABOVE: Final = (0.0, 0.2, 0.23)
BELOW: Final = (0.0, 0.12, 0.21)
ENOUGH: Final = 5  # rows that tell how high words of a shape are beside flat ones

# How high words of a shape are, in sizes of their print.
Heights = Mapping[tuple[int, int], float]
USUAL: Final[Heights] = {(up, down): SMALL + ABOVE[up] + BELOW[down] for up in range(3) for down in range(3)}


def shape_of(text: str) -> tuple[int, int]:
    """Return how far a word rises above small letters and sinks below the line, from 0 to 2 each."""
    higher = 2 if not HIGHER.isdisjoint(text) else int(any(map(is_capital, text)))
    return higher, 2 if not SINKING.isdisjoint(text) else int(not DIPPING.isdisjoint(text))


def is_capital(letter: str) -> bool:
    """Return whether a character is as high as a capital."""
    return letter.isupper() or letter.isdigit()


def height_of(one: PlacedWord) -> int:
    """Return how high a word is, in pixels."""
    return one.place.bottom - one.place.top


def heights_of(words: Sequence[PlacedWord]) -> Heights:
    """Return how high words of each shape are in the print of a page, beside flat ones in the same line."""
    ratios: dict[tuple[int, int], list[float]] = {}
    for line in lines_of(filter(is_solid, words)):
        own: dict[tuple[int, int], list[int]] = {}
        for one in line:
            own.setdefault(shape_of(one.word.text), []).append(height_of(one))
        if FLAT in own:
            flat = max(1.0, median(own[FLAT]))
            for shape, found in own.items():
                ratios.setdefault(shape, []).append(max(1.0, median(found)) / flat)
    return {**USUAL, **{shape: SMALL * median(own) for shape, own in ratios.items() if len(own) >= ENOUGH}}


def is_solid(one: PlacedWord) -> bool:
    """Return whether a word is more than a speck or a rule."""
    return any(map(str.isalnum, one.word.text))


@dataclass(frozen=True, eq=False)
class Row:
    """Words on one baseline, from left to right, at least one; `heights` are those of the page."""

    words: tuple[PlacedWord, ...]
    heights: Heights

    @classmethod
    def of(cls, words: Iterable[PlacedWord], heights: Heights) -> "Row":
        """Return the row of these words."""
        return cls(tuple(sorted(words, key=across)), heights)

    @cached_property
    def place(self) -> Box:
        """The box around the words on the clean page."""
        return Box.around(one.place for one in self.words)

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
        return max(1.0, median(height_of(one) / self.heights[shape_of(one.word.text)] for one in self.solid))

    @cached_property
    def baseline(self) -> float:
        """Where the letters stand, in pixels from the top."""
        return median(one.place.bottom - BELOW[shape_of(one.word.text)[1]] * self.size for one in self.solid)

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


def read_lines(words: Sequence[PlacedWord], heights: Heights) -> list[Row]:
    """Return the lines that the reader saw, each as a row."""
    return [Row.of(own, heights) for own in lines_of(words)]


def cut(row: Row, widest: float) -> list[Row]:
    """Return a row cut where the room between words is wider than `widest` pixels."""
    parts: list[list[PlacedWord]] = [[row.words[0]]]
    reach = row.words[0].place.right
    for one in row.words[1:]:
        if one.place.left - reach > widest:
            parts.append([])
        parts[-1].append(one)
        reach = max(reach, one.place.right)
    return [Row(tuple(part), row.heights) for part in parts]


def beside(one: Row, other: Row) -> bool:
    """Return whether two rows stand side by side: the middle of each is within the other."""
    return (
        one.place.top <= other.middle <= one.place.bottom
        and other.place.top <= one.middle <= other.place.bottom
        and (one.place.right <= other.place.left or other.place.right <= one.place.left)
    )
