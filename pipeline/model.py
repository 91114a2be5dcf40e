"""The data that flows through the program: what was read, what it became, and why.

All positions in text are code points. All boxes are pixels of the page image as it was given, origin top left.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Literal, NamedTuple

Status = Literal["kept", "repaired", "doubtful-kept", "doubtful-repaired"]
# What a line is on its page.
Role = Literal["body", "heading", "running-head", "page-number", "footnote", "caption"]
# How the next line of its paragraph goes on after a line: with a space, within a word (the hyphen was the line end's),
# within a word whose own the hyphen is, or on a line of its own, as printed (verse, tables, lists).
Ending = Literal["space", "broken", "hyphen", "line"]


class Box(NamedTuple):
    """A rectangle in pixels: left and top inside it, right and bottom just outside."""

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def around(cls, boxes: Iterable["Box"]) -> "Box":
        """Return the box around boxes. Raises ValueError if there are none."""
        left, top, right, bottom = zip(*boxes, strict=True)
        return cls(min(left), min(top), max(right), max(bottom))


@dataclass(frozen=True, slots=True)
class ReadWord:
    """A word as a reader (OCR, or a text layer) saw it. `confidence` is 0 to 1, None where the source says nothing.

    `place` is its box on the clean page, where it can be looked at again.
    """

    text: str
    box: Box | None = None
    confidence: float | None = None
    place: Box | None = None


class PlacedWord(NamedTuple):
    """A word of a clean page: its place there in pixels, and the block, paragraph and line that the reader saw."""

    block: str
    paragraph: str
    line: str
    place: Box
    word: ReadWord


def line_of(one: PlacedWord) -> tuple[str, str, str]:
    """Return what names the line that the reader saw a word in."""
    return one.block, one.paragraph, one.line


def lines_of(words: Iterable[PlacedWord]) -> list[tuple[PlacedWord, ...]]:
    """Return the words of each line that the reader saw, the lines by their names."""
    return [tuple(own) for _, own in groupby(sorted(words, key=line_of), key=line_of)]


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line as read: its text exactly, and its words in order (the runs of non-space of the text).

    `paragraph` counts from 1 in the page, 0 where it is not known; it `continues` one of the page before.
    """

    text: str
    words: tuple[ReadWord, ...] = ()
    box: Box | None = None
    role: Role = "body"
    paragraph: int = 0
    continues: bool = False
    ending: Ending = "space"


@dataclass(frozen=True)
class Reading:
    """One page as read, before any repair.

    `glyph_map` names the map of the model that read it ("" where that is not known: text from elsewhere). `rotation`
    is how many degrees, counter-clockwise, the page was turned before it was read; `dpi` 0 means unknown.
    """

    lines: tuple[ReadLine, ...]
    glyph_map: str = ""
    width: int = 0
    height: int = 0
    dpi: int = 0
    rotation: float = 0.0


@dataclass(frozen=True, slots=True)
class Correction:
    """A repair: the old line from `start` to `end` said `was`, the new one from `new_start` to `new_end` says `is_`."""

    line: int
    start: int
    end: int
    new_start: int
    new_end: int
    was: str
    is_: str
    reason: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Token:
    """A run of non-space in a repaired line, and what is known of it; `candidates` only where there is doubt."""

    id: str
    text: str
    original: str
    language: str
    status: Status
    box: Box | None = None
    ocr_confidence: float | None = None
    candidates: tuple[tuple[str, float], ...] = ()


class Leaf(NamedTuple):
    """A leaf, or a range of leaves: `42–43 об.` is from the front of 42 to the back (verso) of 43."""

    first: str
    first_verso: bool
    last: str
    last_verso: bool


@dataclass(frozen=True)
class Citation:
    """An archival citation: one delo, with what it inherits from the citation before it in the same brackets.

    `fields` has archive, fond, opis, box, delo, leaves, person where they are known; `markers` says how those from fond
    to leaves are marked in print (`Ед. хр.`); `leaves` are those of the field of that name. `raw` is the text as read,
    `text` as repaired, with a space for each line end; `boxes` has one box a line where the words had any. `others` has
    what uncertain fields may say else, `nearest` the listed archives that are most like an unknown one.
    `confidence` is None where nothing was decoded. `flags` are of: incomplete, uncertain, unknown-archive,
    ambiguous-archive, again, romanised.
    """

    text: str
    raw: str
    fields: Mapping[str, str]
    line: int
    end_line: int
    confidence: float | None
    flags: tuple[str, ...] = ()
    markers: Mapping[str, str] = field(default_factory=dict)
    leaves: tuple[Leaf, ...] = ()
    boxes: tuple[Box, ...] = ()
    others: Mapping[str, str] = field(default_factory=dict)
    nearest: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A repaired line; role and paragraph as in `ReadLine`."""

    text: str
    original: str
    tokens: tuple[Token, ...] = ()
    box: Box | None = None
    role: Role = "body"
    paragraph: int = 0
    continues: bool = False
    ending: Ending = "space"


@dataclass(frozen=True)
class Page:
    """A repaired page, or one that failed (`error` says why; then there are no lines).

    `glyph_map` names the map that it was repaired with.
    """

    number: int
    lines: tuple[Line, ...] = ()
    corrections: tuple[Correction, ...] = ()
    citations: tuple[Citation, ...] = ()
    width: int = 0
    height: int = 0
    dpi: int = 0
    rotation: float = 0.0
    error: str = ""
    glyph_map: str = ""


@dataclass(frozen=True)
class Document:
    """A repaired file: its name, the hash of its bytes, its pages, and the versions that made it."""

    source: str
    sha256: str
    pages: tuple[Page, ...]
    versions: Mapping[str, str] = field(default_factory=dict)
