"""Cuts lines into units: words as they stand between spaces, and words that were broken at a line end made whole."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import regex

TOKEN: Final = regex.compile(r"\S+")
# A word before its line-end hyphen: a letter or digit must stand before the mark.
BROKEN: Final = regex.compile(r"[\p{L}\p{N}\p{S}\]\[/|][-\u00ad\u2010\u00ac]$")
CONTINUES: Final = regex.compile(r"^[\p{L}\p{N}\p{S}\[\](/|]")
SENTENCE_END: Final = regex.compile(r"[\p{L}\p{N}]{3}[»”\"')\]]*[.!?…]+[»”\"')\]]*$")


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
    `paragraph` numbers runs of lines without a blank one; `initial` says that a sentence seems to start here.
    """

    text: str
    pieces: tuple[Piece, ...]
    cut: int
    paragraph: int
    initial: bool

    @property
    def hyphenated(self) -> str:
        """The text with its line-end hyphen, as if that were part of the word."""
        return f"{self.text[: self.cut]}-{self.text[self.cut :]}" if self.cut else self.text


def tokens(lines: Sequence[str]) -> Iterator[tuple[str, Piece, int]]:
    """Yield (text, place, paragraph) of every token."""
    paragraph = 0
    for number, line in enumerate(lines):
        found = list(TOKEN.finditer(line))
        paragraph += not found
        for match in found:
            yield match.group(), Piece(number, match.start(), match.end()), paragraph


def cut_units(lines: Sequence[str]) -> list[Unit]:
    """Return the units of the lines, in order."""
    units: list[Unit] = []
    rest = list(tokens(lines))
    place, initial, paragraph = 0, True, -1
    while place < len(rest):
        text, piece, own = rest[place]
        initial = initial or own != paragraph
        paragraph = own
        following = rest[place + 1] if place + 1 < len(rest) else None
        if following and is_broken(text, piece, own, following):
            units.append(Unit(text[:-1] + following[0], (piece, following[1]), len(text) - 1, own, initial))
        else:
            units.append(Unit(text, (piece,), 0, own, initial))
        initial = bool(SENTENCE_END.search(units[-1].text))
        place += len(units[-1].pieces)
    return units


def is_broken(text: str, piece: Piece, paragraph: int, following: tuple[str, Piece, int]) -> bool:
    """Return whether a token is the first half of a word that the next line goes on with."""
    next_text, next_piece, next_paragraph = following
    return (
        next_piece.line == piece.line + 1
        and next_paragraph == paragraph
        and bool(BROKEN.search(text))
        and bool(CONTINUES.match(next_text))
    )
