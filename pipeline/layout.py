"""Puts the words of a page in reading order: columns, paragraphs, lines."""

from collections.abc import Iterator, Sequence
from itertools import accumulate, groupby
from statistics import median
from typing import Final

from pipeline.model import Box, PlacedWord, ReadLine, ReadWord

LEAST_SHARED: Final = 3  # lines that run across two columns
LEAST_WORDS: Final = 2.5  # a line of a column of prose, on average


def laid_out(words: Sequence[PlacedWord]) -> tuple[ReadLine, ...]:
    """Return the lines of a page in reading order, an empty one between paragraphs."""
    blocks = groupby(by_columns(list(words)), key=lambda word: word.block)
    return tuple(to_lines([word for _, block in blocks for word in by_columns(list(block))]))


def by_columns(words: list[PlacedWord]) -> list[PlacedWord]:
    """Return the words of a page or block, the left column before the right, where Tesseract took two for one."""
    gutter = gutter_of(words)
    if gutter is None:
        return words
    left = [word for word in words if word.place.left < gutter]
    return left + [word._replace(block=f"{word.block}r") for word in words if word.place.left >= gutter]


def gutter_of(words: Sequence[PlacedWord]) -> float | None:
    """Return where lines run across two columns of prose, in pixels of the clean page; None if they do not.

    No word crosses the gutter (specks read as dashes or bars may stand in it), it is wider than words are high, several
    lines have words on both sides, and the parts of lines are as long as in prose: a cell of a table has fewer words.
    """
    rows = sorted((one for one in words if any(map(str.isalnum, one.word.text))), key=lambda one: one.place.left)
    reach = list(accumulate((row.place.right for row in rows), max))
    gaps = [(after.place.left - right, right) for right, after in zip(reach, rows[1:], strict=False)]
    width, edge = max(gaps, default=(0, 0))
    if not gaps or width <= median(row.place.bottom - row.place.top for row in rows):
        return None
    left = [row[:3] for row in rows if row.place.left < edge]
    right = [row[:3] for row in rows if row.place.left > edge]
    prose = all(len(side) >= LEAST_WORDS * len(set(side)) for side in (left, right))
    return edge + width / 2 if prose and len(set(left) & set(right)) >= LEAST_SHARED else None


def to_lines(words: Sequence[PlacedWord]) -> Iterator[ReadLine]:
    """Yield the lines that the words stand in, and an empty one between paragraphs."""
    for number, (_, paragraph) in enumerate(groupby(words, key=lambda word: (word.block, word.paragraph))):
        if number:
            yield ReadLine("")
        for _, line in groupby(paragraph, key=lambda word: word.line):
            yield to_line(tuple(one.word for one in line))


def to_line(words: tuple[ReadWord, ...]) -> ReadLine:
    """Return the line of these words, single spaces between them, its box around theirs."""
    boxes = [word.box for word in words if word.box]
    left, top, right, bottom = zip(*boxes, strict=True)
    return ReadLine(" ".join(word.text for word in words), words, Box(min(left), min(top), max(right), max(bottom)))
