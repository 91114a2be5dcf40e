"""Lays out a page: its words become lines in reading order, which know their role and their paragraph."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from pipeline.layout.columns import columns_of
from pipeline.layout.paragraphs import blocks_of, is_indented, may_go_on, numbered
from pipeline.layout.roles import Sheet
from pipeline.layout.rows import Row
from pipeline.model import Box, Ending, PlacedWord, ReadLine, Role

BLANK = ReadLine("")


def laid_out(words: Sequence[PlacedWord]) -> tuple[ReadLine, ...]:
    """Return the lines of a page in reading order, an empty one between paragraphs.

    The reader's blocks, paragraphs and lines are evidence, the places of the words decide; their order is of no
    account. A paragraph of body `continues` if it may go on one of a page before, and its last line ends with a space
    if it may go on on the next: `across` decides.
    """
    columns = columns_of(words)
    if not columns:
        return ()
    blocks = blocks_of(Sheet(columns))
    numbers, indented = numbered(blocks), is_indented(blocks)
    goes_on: dict[int, bool] = {}
    for number, block in zip(numbers, blocks, strict=True):
        goes_on.setdefault(number, may_go_on(block, indented))
    lines = [
        to_line(row, block.role, number, goes_on[number], ending)
        for number, block in zip(numbers, blocks, strict=True)
        for row, ending in zip(block.rows, block.endings, strict=True)
    ]
    return tuple(with_blanks(lines))


def with_blanks(lines: Sequence[ReadLine]) -> Iterator[ReadLine]:
    """Yield lines with an empty one between paragraphs."""
    yield from lines[:1]
    for line, below in pairwise(lines):
        if line.paragraph != below.paragraph:
            yield BLANK
        yield below


def to_line(row: Row, role: Role, paragraph: int, continues: bool, ending: Ending) -> ReadLine:
    """Return a row as a line, single spaces between its words, its box around theirs on the page as it was given."""
    words = tuple(one.word for one in row.words)
    box = Box.around(word.box for word in words if word.box)
    return ReadLine(row.text, words, box, role, paragraph, continues, ending)
