"""Cuts columns into paragraphs, and tells which of their rows stay lines of their own: verse, tables, lists."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from statistics import median
from typing import Final, NamedTuple

import regex

from pipeline.layout.roles import ALIKE, APART, LARGER, Sheet, is_close, is_marked, is_scrap, role_of, roles_of
from pipeline.layout.rows import Row, beside
from pipeline.model import Ending, Role

INDENT: Final = 0.6  # sizes of print from which a line is set in
SLACK: Final = 0.8  # sizes of print by which a word must fit into the room that a line left, to be kept out of it
ROOM: Final = 3.0  # sizes of print: room for a word of usual length
CELLS: Final = 2.0  # sizes of print: so much room parts cells of a table
VERSE: Final = 0.8  # part of the lines of a stanza that begin with a capital
NOTE: Final = 1.06  # line pitches of a footnote, from which the room above a line is that between two notes
STANZA: Final = 3  # lines; fewer are no stanza

BROKEN: Final = regex.compile(r"\p{L}[-\u00ad\u2010\u00ac]$")
CAPITAL: Final = regex.compile(r"^[\W\d_]*\p{Lu}")
SMALL: Final = regex.compile(r"^[\W_]*\p{Ll}")
ENDED: Final = regex.compile(r"[.!?…:][»”\"')\]]*$")
# Numbers and dashes begin lines of prose too: `Оп.` / `2. Д. 37`.
ITEM: Final = regex.compile(r"^\s*[•·▪]\s")


class Margins(NamedTuple):
    """Where the lines of a stretch of text begin and end, in pixels from the left, and how far they are apart."""

    left: float
    right: float
    pitch: float
    measure: float  # the right margin of the column


@dataclass(frozen=True)
class Block:
    """A paragraph, or the part of one in one column: its rows, what it is, and how each of its rows goes on."""

    rows: tuple[Row, ...]
    role: Role
    endings: tuple[Ending, ...]
    margins: Margins

    @property
    def inset(self) -> bool:
        """Whether the first row is set in."""
        return indent(self.rows[0], self.margins) > INDENT


# ---------------------------------------------------------------- margins


def stretches(rows: Sequence[Row], sheet: Sheet) -> Iterator[list[Row]]:
    """Yield runs of rows in print of one size without room between them."""
    first = 0
    for number in range(1, len(rows) + 1):
        if number == len(rows) or not goes_with(rows[number - 1], rows[number : number + 2], sheet):
            yield list(rows[first:number])
            first = number


def goes_with(row: Row, below: Sequence[Row], sheet: Sheet) -> bool:
    """Return whether a row is in one stretch with the row below it; print of another size goes on in the row after."""
    if beside(row, below[0]):
        return True
    usual = sheet.pitch * max(1.0, row.size / sheet.size)
    if below[0].baseline - row.baseline > APART * usual:
        return False
    is_torn = len(below[0].words) == 1 and bool(BROKEN.search(row.text))
    return is_torn or any(is_alike(row, other) for other in below)


def is_alike(row: Row, other: Row) -> bool:
    """Return whether two rows may be in print of one size; a row of few words may be misjudged."""
    return ALIKE < row.size / other.size < 1 / ALIKE or is_scrap(row) or is_scrap(other)


def margins_of(run: Sequence[Row], column: Sequence[Row]) -> Margins:
    """Return the margins of a stretch: the usual left, the second widest right; the column's where it is short.

    The widest row may reach out by a misread speck.
    """
    size = median([row.size for row in run])
    alike = [row for row in column if is_close(row.size, size)] or run
    long = len(run) > STANZA
    lefts = sorted(row.place.left for row in (alike if len(run) == 1 else run))
    left = lefts[len(lefts) // 3] if long or len(run) == 1 else lefts[0]
    steps = [below.baseline - row.baseline for row, below in pairwise(run)]
    measure = right_of(alike)
    return Margins(left, right_of(run) if long else measure, median(steps or [0]), measure)


def right_of(rows: Sequence[Row]) -> int:
    """Return where rows end: the second widest of more than a few."""
    rights = sorted(row.place.right for row in rows)
    return rights[-2] if len(rights) > STANZA else rights[-1]


# ---------------------------------------------------------------- paragraphs


def had_room(row: Row, below: Row, margins: Margins) -> bool:
    """Return whether the first word of the row below would have fitted into a row: then the row was ended early."""
    word = below.words[0].place
    return not BROKEN.search(row.text) and margins.right - row.place.right > word.right - word.left + SLACK * row.size


def indent(row: Row, margins: Margins) -> float:
    """Return how far a row is set in, in sizes of its print."""
    return (row.place.left - margins.left) / row.size


def starts(row: Row, below: Row, margins: Margins, role: Role) -> bool:
    """Return whether a paragraph starts with the row below another of the same stretch."""
    if beside(row, below) or (BROKEN.search(row.text) and SMALL.match(below.text)):
        return False
    room = had_room(row, below, margins)
    if role == "footnote":
        return is_marked(below) and (room or below.baseline - row.baseline > NOTE * margins.pitch)
    if not room and SMALL.match(below.text):
        return False
    inset = indent(below, margins) > INDENT and (indent(row, margins) < INDENT or room)
    outset = indent(below, margins) < -INDENT and (indent(row, margins) > -INDENT or room)
    return inset or outset or (room and not SMALL.match(below.text))


def is_set_by_line(run: Sequence[Row], margins: Margins) -> bool:
    """Return whether rows are verse, a list or a table: line by line, as printed."""
    if len(run) < STANZA:
        return False
    capitals = sum(bool(CAPITAL.match(row.text)) for row in run)
    column = margins._replace(right=max(margins.right, margins.measure))
    ragged = sum(had_room(row, below, column) for row, below in pairwise(run))
    cells = sum(has_cells(row) for row in run)
    return (capitals >= VERSE * len(run) and 2 * ragged >= len(run) - 1) or 2 * cells > len(run)


def has_cells(row: Row) -> bool:
    """Return whether a row has room between its words as only tables have."""
    return any(gap > CELLS * row.size for gap in row.gaps())


def paragraphs_of(run: Sequence[Row], margins: Margins, role: Role) -> Iterator[Block]:
    """Yield the paragraphs of a stretch."""
    if is_set_by_line(run, margins):
        yield Block(tuple(run), role, every("line", run), margins)
        return
    first = 0
    for number, (row, below) in enumerate(pairwise(run), start=1):
        if starts(row, below, margins, role):
            yield block_of(run[first:number], role, margins)
            first = number
    yield block_of(run[first:], role, margins)


def block_of(rows: Sequence[Row], role: Role, margins: Margins) -> Block:
    """Return rows as a paragraph. The last row is ended too if there was room in it for a word of usual length."""
    ends = [ends_line(row, below, margins) for row, below in pairwise(rows)]
    ends.append(margins.right - rows[-1].place.right > ROOM * rows[-1].size)
    endings: list[Ending] = ["line" if end else "space" for end in ends]
    return Block(tuple(rows), role, tuple(endings), margins)


def every(ending: Ending, rows: Sequence[Row]) -> tuple[Ending, ...]:
    """Return the same ending for every row."""
    return (ending,) * len(rows)


def ends_line(row: Row, below: Row, margins: Margins) -> bool:
    """Return whether a row stays a line of its own in its paragraph."""
    cells = has_cells(row) and has_cells(below)
    return beside(row, below) or cells or had_room(row, below, margins) or bool(ITEM.match(below.text))


# ---------------------------------------------------------------- the page


def blocks_of(sheet: Sheet) -> list[Block]:
    """Return the paragraphs of a page, and the parts of those that another column goes on with, in reading order."""
    known = roles_of(sheet)
    blocks: list[Block] = []
    for column in sheet.columns:
        for role, group in groupby(column, key=lambda row: known.get(row, "body")):
            rows = list(group)
            for run in stretches(rows, sheet):
                margins = margins_of(run, [row for row in column if known.get(row, "body") == role])
                if all(row.size > LARGER * sheet.size for row in run if row is run[0] or not is_scrap(row)):
                    blocks.append(Block(tuple(run), role, every("space", run), margins))
                else:
                    blocks += paragraphs_of(run, margins, role)
    return with_roles(blocks, sheet)


def with_roles(blocks: Sequence[Block], sheet: Sheet) -> list[Block]:
    """Return the paragraphs with captions and headings told from the body's."""
    done = []
    for number, block in enumerate(blocks):
        if block.role == "body":
            before = blocks[number - 1].rows[-1] if number else None
            after = blocks[number + 1].rows[0] if number + 1 < len(blocks) else None
            block = replace(block, role=role_of(block.rows, before, after, sheet))
        done.append(block)
    return done


def numbered(blocks: Sequence[Block]) -> list[int]:
    """Return the number of the paragraph of each block, from 1; one that goes on has that of where it began."""
    indented = is_indented(blocks)
    numbers: list[int] = []
    last = -1  # the last block of body
    for number, block in enumerate(blocks):
        broken_off = (last >= 0 and number - last > 1) or is_new_column(blocks, number)
        if block.role == "body" and last >= 0 and goes_on(blocks[last], block, broken_off, indented):
            numbers.append(numbers[last])
        else:
            numbers.append(max(numbers, default=0) + 1)
        last = number if block.role in ("body", "heading") else last
    return numbers


def is_new_column(blocks: Sequence[Block], number: int) -> bool:
    """Return whether a block stands above the one before it: at the head of the next column."""
    return number > 0 and blocks[number].rows[0].place.top < blocks[number - 1].rows[0].place.top


def is_indented(blocks: Sequence[Block]) -> bool:
    """Return whether the paragraphs of a page begin set in."""
    first = [block for block in blocks if block.role == "body" and len(block.rows) > 1]
    return len(first) > 1 and 2 * sum(block.inset for block in first) > len(first)


def goes_on(block: Block, after: Block, broken_off: bool, indented: bool) -> bool:
    """Return whether a paragraph goes on with another block: at the head of the next column, or after a picture."""
    row, below = block.rows[-1], after.rows[0]
    if block.role != "body" or block.endings[-1] != "space" or not is_alike(row, below):
        return False
    if SMALL.match(below.text) and (BROKEN.search(row.text) or not ENDED.search(row.text)):
        return True
    return broken_off and not after.inset and (indented or not ENDED.search(row.text))


def may_go_on(block: Block, indented: bool) -> bool:
    """Return whether a paragraph may go on from the page before: not set in where others are, or begun in small."""
    return block.role == "body" and not block.inset and (indented or bool(SMALL.match(block.rows[0].text)))
