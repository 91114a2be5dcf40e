"""Cuts lines into units: words as they stand between spaces, and words that were broken at a line end made whole."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import regex

TOKEN: Final = regex.compile(r"\S+")
# A word before its line-end hyphen: a letter or digit must stand before the mark.
BROKEN: Final = regex.compile(r"[\p{L}\p{N}\p{S}\]\[/|][-\u00ad\u2010\u00ac]$")
CONTINUES: Final = regex.compile(r"^[\p{L}\p{N}\p{S}\[\](/|]")
# Whether a sentence starts with a unit.
NOT, MAYBE, SURELY = range(3)
# What is quoted often begins with a capital.
QUOTES: Final = frozenset('«„“"')
ENDINGS: Final = frozenset(".!?…»”\"')]")
MAYBE_END: Final = regex.compile(r"[.!?…][»”\"')\]]*$")
SENTENCE_END: Final = regex.compile(r"[\p{L}\p{N}]{3}[»”\"')\]]*[.!?…]+[»”\"')\]]*$")
# A last letter ы (`Obi`, `OB!`) or ь, read as an exclamation mark behind another letter: of 13 such marks, ten.
STROKE: Final = regex.compile(r"[bBEOp]!$")


@dataclass(frozen=True)
class Piece:
    """A stretch of one line: code points start to end."""

    line: int
    start: int
    end: int


@dataclass(frozen=True)
class Unit:
    """A token, or the two halves of one that a line end broke.

    `text` is what was read, without the hyphen of the line end; `cut` is where in `text` the line ended (0: nowhere).
    `paragraph` numbers runs of lines without a blank one; `initial` says whether a sentence starts here.
    """

    text: str
    pieces: tuple[Piece, ...]
    cut: int
    paragraph: int
    initial: int

    @property
    def hyphenated(self) -> str:
        """The text with its line-end hyphen, as if that were part of the word."""
        return f"{self.text[: self.cut]}-{self.text[self.cut :]}" if self.cut else self.text


def tokens(lines: Sequence[str], spans: Iterable[tuple[int, int]]) -> Iterator[tuple[str, Piece, int]]:
    """Yield (text, place, paragraph) of every token in these stretches of the lines."""
    paragraph = 0
    for start, end in spans:
        paragraph += 1
        for number in range(start, end):
            found = list(TOKEN.finditer(lines[number]))
            paragraph += not found
            for match in found:
                yield match.group(), Piece(number, match.start(), match.end()), paragraph


def cut_units(lines: Sequence[str], spans: Iterable[tuple[int, int]] = ()) -> list[Unit]:
    """Return the units of the lines, or only those of some stretches of them, in order."""
    units: list[Unit] = []
    rest = list(tokens(lines, spans or [(0, len(lines))]))
    place, initial, paragraph = 0, SURELY, -1
    while place < len(rest):
        text, piece, own = rest[place]
        initial = initial if own == paragraph else SURELY
        initial = MAYBE if initial == NOT and text[0] in QUOTES else initial
        paragraph = own
        following = rest[place + 1] if place + 1 < len(rest) else None
        if following and is_broken(text, piece, own, following):
            units.append(Unit(text[:-1] + following[0], (piece, following[1]), len(text) - 1, own, initial))
        else:
            units.append(Unit(text, (piece,), 0, own, initial))
        initial = after(units[-1].text)
        place += len(units[-1].pieces)
    return units


def after(text: str) -> int:
    """Return whether a sentence starts after a token."""
    if text[-1] not in ENDINGS or STROKE.search(text):
        return NOT
    if SENTENCE_END.search(text):
        return SURELY
    return MAYBE if MAYBE_END.search(text) else NOT


def is_broken(text: str, piece: Piece, paragraph: int, following: tuple[str, Piece, int]) -> bool:
    """Return whether a token is the first half of a word that the next line goes on with."""
    next_text, next_piece, next_paragraph = following
    return next_piece.line == piece.line + 1 and next_paragraph == paragraph and is_continued(text, next_text)


def is_continued(text: str, following: str) -> bool:
    """Return whether the last token of a line looks like the first half of a word that the next line goes on with."""
    return bool(BROKEN.search(text)) and bool(CONTINUES.match(following))
