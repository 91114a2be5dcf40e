"""Tells from one page what its rows are: body, page number, running head or footnote; and captions and headings.

A row is body unless there is evidence: a reader may have the others dropped.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from statistics import median
from typing import Final

import regex

from pipeline.layout.rows import Row, beside, is_solid
from pipeline.model import Role

# Parts of the body's line pitch: from here two rows stand apart, and far apart.
APART: Final = 1.25
FAR: Final = 1.6
# Parts of the size of the body's print. Half a point less is smaller; readings vary by three per cent.
SMALLER: Final = 0.93
LARGER: Final = 1.12
ALIKE: Final = 0.87  # two rows of few words may be so far apart and yet in print of one size
# The body's print is that of so many rows at least, and of such a share of the words in rows of so many words.
BODY_ROWS: Final = 3
BODY_SHARE: Final = 0.12
LEAST_WORDS: Final = 4
LEAST_LETTERS: Final = 4  # fewer do not tell the size of their print
USUAL_PITCH: Final = 1.3  # sizes of print
FEW: Final = 3  # rows of body; a page with fewer has no notes
WIDE: Final = 2.0  # sizes of print: room that sets a page number off from its running head
SHORT: Final = 0.75  # of the column: a heading of one row is shorter
LONGEST: Final = 3  # rows of a heading

# A year alone is no page number: numbers of four digits need other pages to bear them out.
PAGE_NUMBER: Final = regex.compile(r"^[\W_]{0,3}\s?(?:\d{1,3}|[ivxlc]{1,7}|[IVXLC]{1,7})\s?[\W_]{0,3}$")
NUMBER: Final = regex.compile(r"^[\W_]*\d{1,4}[\W_]*$")
# What a footnote begins with; the OCR reads small raised figures as marks.
MARK: Final = regex.compile(r"^(?:[*†‡§+$>°'\"“”‘’!?^]{1,3}|[¹²³⁰⁴-⁹]{1,3}|\d{1,3}\)?)(?=\s?[\p{L}«„“\"\[(])")
NUMBERED: Final = regex.compile(r"^(?:\d{1,3}\.|\*)\s*(?=[\p{L}«„“\"\[(])")
CAPTION: Final = regex.compile(
    r"^(?:Рис|Илл?|Фото|Карта|Схема|Таб(?:л|лица)?|График|Мал|Fig|Figure|Table|Map|Plate|Photo|Chart|Ill)"
    r"\.?\s?(?:№\s?)?(?:\d{1,3}|[IVX]{1,5})(?:[.:,]|\s?[—–-]|$|(?=\s[\p{Lu}«„“]))"
)
AUTHOR: Final = regex.compile(
    r"^(?:\p{Lu}\p{Ll}+\s)*(?:\p{Lu}\.\s?)+(?:\p{Lu}[\p{Ll}-]+)?$|^\p{Lu}[\p{L}-]+,?\s(?:\p{Lu}\.\s?)+$"
)
CLOSED: Final = regex.compile(r"[,;:.…\-–—­¬]$")
OPENED: Final = regex.compile(r"^[\W_]*[\p{Lu}\d]")
LETTERS: Final = regex.compile(r"\p{L}")
CITED: Final = regex.compile(r"[\[\]]|\bФ\.|\bОп\.")


@dataclass(frozen=True)
class Sheet:
    """The rows of a page in reading order, by columns; at least one."""

    columns: Sequence[Sequence[Row]]

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """All rows in reading order."""
        return tuple(row for column in self.columns for row in column)

    @cached_property
    def size(self) -> float:
        """The size of the body's print: the largest that a good part of the words is in.

        Notes may fill most of a page; titles, which are larger, never do.
        """
        rows = sorted((row for row in self.rows if len(row.words) >= LEAST_WORDS), key=lambda row: -row.size)
        share = BODY_SHARE * sum(len(row.words) for row in rows)
        for first in range(len(rows)):
            alike = [row for row in rows[first:] if row.size > rows[first].size * SMALLER]
            if len(alike) > BODY_ROWS and sum(len(row.words) for row in alike) > share:
                return median([row.size for row in alike for _ in row.words])
        return median([row.size for row in self.rows for _ in row.words])

    @cached_property
    def pitch(self) -> float:
        """How far the lines of the body are apart, in pixels: the usual step from one baseline to the next."""
        steps = [
            below.baseline - row.baseline
            for column in self.columns
            for row, below in pairwise(column)
            if not beside(row, below) and is_close(row.size, self.size) and is_close(below.size, self.size)
        ]
        return median(down) if (down := [step for step in steps if step > 0]) else USUAL_PITCH * self.size

    @cached_property
    def ordered(self) -> list[Row]:
        """The rows that are no specks, from the top of the page to its foot."""
        return sorted((row for row in self.rows if any(map(is_solid, row.words))), key=lambda row: row.middle)

    def band(self, number: int) -> list[Row]:
        """Return the first (0) or last (-1) row of the page with what stands beside it, from left to right."""
        if not self.ordered:
            return []
        outer = self.ordered[number]
        return sorted((row for row in self.ordered if row is outer or beside(row, outer)), key=lambda row: row.place)

    def room(self, band: Sequence[Row]) -> float:
        """Return how far a band is from the row next to it, in line pitches; a page with no other row has no room."""
        rest = [row for row in self.ordered if row not in band]
        return min((abs(row.baseline - band[0].baseline) for row in rest), default=0.0) / self.pitch


def is_close(size: float, other: float) -> bool:
    """Return whether two sizes of print are the same, as far as one can tell."""
    return SMALLER < size / other < 1 / SMALLER


def roles_of(sheet: Sheet) -> dict[Row, Role]:
    """Return the rows of a page that are known not to be body (nor heading or caption), and what they are."""
    edges = {row: role for number in (0, -1) for row, role in edge_roles(sheet, number)}
    notes: dict[Row, Role] = {}
    for column in sheet.columns:
        inner = [row for row in column if row not in edges]
        notes |= dict.fromkeys(footnotes(inner, sheet), "footnote")
    body = len(sheet.rows) - len(edges) - len(notes)
    return edges | notes if body >= FEW else edges


# ---------------------------------------------------------------- first and last row


def edge_roles(sheet: Sheet, number: int) -> Iterator[tuple[Row, Role]]:
    """Yield what is page number or running head in the first (0) or last (-1) row of a page."""
    band = sheet.band(number)
    if not band or len(sheet.ordered) - len(band) < FEW or sheet.room(band) < APART or is_cited(band):
        return
    numbers = [row for row in band if PAGE_NUMBER.match(row.text)]
    if len(numbers) == 1 and stands_at_edge(numbers[0], sheet):
        yield numbers[0], "page-number"
        rest = [row for row in band if row not in numbers]
        yield from ((row, "running-head") for row in rest if row.size < LARGER * sheet.size)
    elif (
        not numbers and all(map(is_headlike, band)) and (has_number(band, sheet) or is_small_head(band, sheet, number))
    ):
        yield from ((row, "running-head") for row in band)


def is_cited(band: Sequence[Row]) -> bool:
    """Return whether there may be a citation in rows: those are never taken for what may be dropped."""
    return any(CITED.search(row.text) for row in band)


def is_headlike(row: Row) -> bool:
    """Return whether a row may be a running head: letters, and no marks of a heading or a caption."""
    return len(LETTERS.findall(row.text)) > 3 and not CAPTION.match(row.text)


def stands_at_edge(row: Row, sheet: Sheet) -> bool:
    """Return whether a row is in the middle of the page's text or at a side of it: where page numbers are."""
    left, right = extent(sheet)
    middle = abs((row.place.left + row.place.right) - (left + right)) / 2
    return min(middle, abs(row.place.left - left), abs(right - row.place.right)) < 2 * sheet.size


def extent(sheet: Sheet) -> tuple[int, int]:
    """Return where the text of a page begins and ends, in pixels from the left."""
    return min(row.place.left for row in sheet.ordered), max(row.place.right for row in sheet.ordered)


def has_number(band: Sequence[Row], sheet: Sheet) -> bool:
    """Return whether a row has a page number at one of its ends, set off by wide room, and at the edge of the text.

    So have rows of a table or of a list of contents: then the rows next to it have too.
    """
    words = [one for row in band for one in row.words]
    left, right = extent(sheet)
    for outer, inner, off in ((0, 1, words[0].place.left - left), (-1, -2, right - words[-1].place.right)):
        if len(words) < 3 or not NUMBER.match(words[outer].word.text) or off > sheet.size:
            continue
        first, second = sorted((words[outer], words[inner]), key=lambda one: one.place)
        if second.place.left - first.place.right > WIDE * sheet.size:
            return not any(len(row.gaps()) and max(row.gaps()) > WIDE * sheet.size for row in near(band, sheet))
    return False


def near(band: Sequence[Row], sheet: Sheet) -> list[Row]:
    """Return the two rows next to the first or last of a page."""
    rest = [row for row in sheet.ordered if row not in band]
    return rest[:2] if band[0].middle < rest[0].middle else rest[-2:]


def is_small_head(band: Sequence[Row], sheet: Sheet, number: int) -> bool:
    """Return whether a first row is in smaller print than the body and far from it."""
    return number == 0 and sheet.room(band) > FAR and all(row.size < SMALLER * sheet.size for row in band)


# ---------------------------------------------------------------- foot of a column


def footnotes(column: Sequence[Row], sheet: Sheet) -> Sequence[Row]:
    """Return the footnotes at the end of a column: small print under the body, the first row with a mark.

    Lists and books cited in small print are numbered with full stops, and marks get lost: these, and what has archival
    citations, are notes only where they stand far off what is above them. A scrap at the end was left of a page number.
    """
    while column and is_scrap(column[-1]):
        column = column[:-1]
    start = len(column)
    while start and column[start - 1].size < SMALLER * sheet.size:
        start -= 1
    for first in range(start, len(column)):
        row = column[first]
        room = (row.baseline - column[first - 1].baseline) / sheet.pitch if first else 0.0
        if CAPTION.match(row.text):
            continue
        unmarked = first == start and is_cited(column[first:])
        if (MARK.match(row.text) and room > 1.0) or ((unmarked or NUMBERED.match(row.text)) and room > FAR):
            return column[first:]
    return ()


def is_scrap(row: Row) -> bool:
    """Return whether a row has so few letters that they do not tell the size of its print."""
    return sum(map(str.isalnum, row.text)) < LEAST_LETTERS


def is_marked(row: Row) -> bool:
    """Return whether a row begins as a footnote does."""
    return bool(MARK.match(row.text) or NUMBERED.match(row.text))


# ---------------------------------------------------------------- paragraphs that stand alone


def role_of(paragraph: Sequence[Row], before: Row | None, after: Row | None, sheet: Sheet) -> Role:
    """Return whether a paragraph of the body's is a caption, a heading or body; the rows are those next to it."""
    first, last = paragraph[0], paragraph[-1]
    above = (first.baseline - before.baseline) / sheet.pitch if before and before.middle < first.middle else FAR
    below = (after.baseline - last.baseline) / sheet.pitch if after and last.middle < after.middle else FAR
    small = median([row.size for row in paragraph]) < SMALLER * sheet.size
    if CAPTION.match(first.text) and (small or min(above, below) > APART or max(above, below) > FAR):
        return "caption"
    return "heading" if is_heading(paragraph, above, below, after, sheet) else "body"


def is_heading(paragraph: Sequence[Row], above: float, below: float, after: Row | None, sheet: Sheet) -> bool:
    """Return whether a paragraph is a heading: short, room above it, and larger, in capitals or alone on its row."""
    text, last = " ".join(row.text for row in paragraph), paragraph[-1]
    size = median([row.size for row in paragraph])
    if len(paragraph) > LONGEST or above <= APART or not OPENED.match(text) or is_cited(paragraph):
        return False
    letters = LETTERS.findall(text)
    if len(letters) < 3 or AUTHOR.match(text) or (CLOSED.search(text) and not text.endswith(".")):
        return False
    if size > LARGER * sheet.size or (len(letters) > 5 and all(map(str.isupper, letters))):
        return True
    short = len(paragraph) < LONGEST and last.place.right - last.place.left < SHORT * width_near(last, sheet)
    leads = after is not None and after.size < size / ALIKE and len(after.words) > 3
    return short and leads and not CLOSED.search(text) and below > 1.0


def width_near(row: Row, sheet: Sheet) -> int:
    """Return how wide the column is that a row stands in, in pixels."""
    column = next(column for column in sheet.columns if row in column)
    return max(one.place.right for one in column) - min(one.place.left for one in column)
