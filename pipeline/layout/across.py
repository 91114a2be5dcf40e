"""Looks over the pages of a document: running heads and page numbers come again, paragraphs go on."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import regex
from rapidfuzz import fuzz

from pipeline.layout.page import BLANK
from pipeline.layout.roles import CITED
from pipeline.model import Reading, ReadLine

NEAR: Final = 2  # pages: left and right pages have running heads of their own
SAME: Final = 80.0  # likeness (rapidfuzz's ratio) from which two heads say the same, misread letters or not
LEVEL: Final = 0.04  # of the page's height, within which two heads stand at one place
LETTERS: Final = 4  # fewer letters are no words that come again
BEAR_OUT: Final = 2  # other pages whose numbers fit

NOT_LETTERS: Final = regex.compile(r"[^\p{L}]+")
NUMBER: Final = regex.compile(r"^[\W_]{0,3}(\d{1,4})[\W_]{0,3}$")
EDGE_NUMBER: Final = regex.compile(r"^[\W_]{0,2}(\d{1,4})[\W_]{0,2}(?=\s)|(?<=\s)[\W_]{0,2}(\d{1,4})[\W_]{0,2}$")


class Edge(NamedTuple):
    """The first or last line of a page: the page and the line, from 0, and how far down it stands, as a part of it."""

    page: int
    place: int
    line: ReadLine
    down: float


def across(readings: Sequence[Reading | None]) -> list[Reading | None]:
    """Return the pages of a document, in order (None: one that failed), with what only several pages can tell.

    A first or last line that comes again at its place on one of the pages near is a running head; a number alone there
    that fits the numbers of other pages is a page number. The first paragraph of a page continues the last of the page
    before if both leave it open.
    """
    tops, feet = (list(edges(readings, last)) for last in (False, True))
    found: dict[tuple[int, int], ReadLine] = {}
    for row in (tops, feet):
        for edge in row:
            if is_text(edge.line) and not CITED.search(edge.line.text):
                if is_numbered(edge, [*tops, *feet]):
                    found[edge.page, edge.place] = replace(edge.line, role="page-number", continues=False)
                elif comes_again(edge, row):
                    found[edge.page, edge.place] = replace(edge.line, role="running-head", continues=False)
    changed = [reading and with_lines(reading, number, found) for number, reading in enumerate(readings)]
    return list(continued(changed))


def edges(readings: Sequence[Reading | None], last: bool) -> Iterator[Edge]:
    """Yield the first or last line of each page that has a paragraph of its own."""
    for page, reading in enumerate(readings):
        lines = reading.lines if reading else ()
        order = range(len(lines) - 1, -1, -1) if last else range(len(lines))
        place = next((place for place in order if lines[place].text), None)
        box = None if place is None else lines[place].box
        if reading and place is not None and box and alone(place, lines):
            yield Edge(page, place, lines[place], box.top / max(1, reading.height))


def alone(place: int, lines: Sequence[ReadLine]) -> bool:
    """Return whether a line is a paragraph of its own."""
    return sum(line.paragraph == lines[place].paragraph for line in lines) == 1


def comes_again(edge: Edge, others: Sequence[Edge]) -> bool:
    """Return whether a line says the same as one at its place on a page near."""
    text = words_of(edge.line)
    return len(text) >= LETTERS and any(
        0 < abs(other.page - edge.page) <= NEAR
        and abs(other.down - edge.down) < LEVEL
        and fuzz.ratio(text, words_of(other.line)) >= SAME
        for other in others
    )


def words_of(line: ReadLine) -> str:
    """Return the letters of a line, small, without numbers."""
    return str(NOT_LETTERS.sub(" ", line.text)).strip().lower()


def is_numbered(edge: Edge, others: Sequence[Edge]) -> bool:
    """Return whether a line is a number that counts with the page, as numbers on other pages do."""
    found = NUMBER.match(edge.line.text)
    if not found:
        return False
    first = int(found[1]) - edge.page
    return sum(other.page != edge.page and first + other.page in numbers_of(other.line) for other in others) >= BEAR_OUT


def numbers_of(line: ReadLine) -> list[int]:
    """Return the numbers that a line is, or begins or ends with."""
    alone = NUMBER.match(line.text)
    found = [alone] if alone else EDGE_NUMBER.finditer(line.text)
    return [int(next(filter(None, one.groups()))) for one in found]


def with_lines(reading: Reading, page: int, found: dict[tuple[int, int], ReadLine]) -> Reading:
    """Return a page with some of its lines told anew."""
    changed = {place: line for (own, place), line in found.items() if own == page}
    if not changed:
        return reading
    lines = [changed.get(place, line) for place, line in enumerate(reading.lines)]
    return replace(reading, lines=tuple(lines))


# ---------------------------------------------------------------- paragraphs


def continued(readings: Sequence[Reading | None]) -> Iterator[Reading | None]:
    """Yield the pages, their first paragraph of body continuing only what the page before left open."""
    is_open = False
    for reading in readings:
        if reading is None:
            yield None
        else:
            yield replace(reading, lines=tuple(settled(reading.lines, is_open)))
        is_open = reading is not None and left_open(reading.lines)


def settled(lines: Sequence[ReadLine], is_open: bool) -> Iterator[ReadLine]:
    """Yield the lines of a page; its first paragraph may continue one where that is open, and no other does."""
    first = next((line.paragraph for line in lines if is_text(line)), 0)
    for line in lines:
        stays = not line.continues or (is_open and line.paragraph == first)
        yield line if stays else replace(line, continues=False)


def left_open(lines: Sequence[ReadLine]) -> bool:
    """Return whether the last paragraph of a page may go on on the next."""
    last = next((line for line in reversed(lines) if is_text(line)), None)
    return last is not None and last.role == "body" and last.paragraph > 0 and last.ending == "space"


def is_text(line: ReadLine) -> bool:
    """Return whether a line is of the running text."""
    return bool(line.text) and line.role in ("body", "heading")


def joined(parts: Sequence[Sequence[ReadLine]]) -> tuple[ReadLine, ...]:
    """Return the lines of pages that were scanned as one (a spread), paragraphs counted on."""
    lines: list[ReadLine] = []
    for part in filter(None, parts):
        count = max((line.paragraph for line in lines), default=0)
        goes_on = next((line for line in part if is_text(line)), BLANK)
        if lines and goes_on.continues and left_open(lines):
            number = next(line.paragraph for line in reversed(lines) if is_text(line))
        else:
            number = goes_on.paragraph + count
        lines += [BLANK] * bool(lines)
        lines += [counted(line, goes_on.paragraph, number, count) for line in part]
    return tuple(lines)


def counted(line: ReadLine, first: int, number: int, count: int) -> ReadLine:
    """Return a line with its paragraph counted on; the paragraph `first` has `number`."""
    if not line.paragraph:
        return line
    less = line.paragraph > first and number <= count
    paragraph = number if line.paragraph == first else line.paragraph + count - less
    return replace(line, paragraph=paragraph, continues=line.continues and paragraph > count)
