"""Finds the paragraphs of text that has no page: by empty lines, indents and lines that end early."""

import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

import regex

from pipeline.layout.paragraphs import BROKEN, CAPITAL, ITEM, SMALL, STANZA, VERSE
from pipeline.model import Ending, ReadLine

INDENT: Final = 2  # spaces from which a line is set in
SLACK: Final = 2  # characters by which a word must fit into the room of a line, to have been kept out of it
USUAL: Final = 0.9  # of the lines, by length: the longest are those of something else
FULL: Final = 0.8  # of a full line, that is about full
LONGEST: Final = 160  # characters; no printer's or typist's line is longer
WRAPPED: Final = 0.4  # of the lines, that are about full in text that somebody broke into lines
CELLS: Final = regex.compile(r"\S(?: {3,}|\t)\S")


def plain(lines: Sequence[str]) -> tuple[ReadLine, ...]:
    """Return the lines of a text with their paragraphs, counted from 1; they are never joined, parted or changed."""
    measure = measure_of(lines)
    done: list[ReadLine] = []
    number = 0
    for run in runs(lines):
        if not run[0].strip():
            done += map(ReadLine, run)
            continue
        for paragraph in paragraphs(run, measure):
            number += 1
            endings = endings_of(paragraph, measure)
            done += [ReadLine(line, paragraph=number, ending=end) for line, end in zip(paragraph, endings, strict=True)]
    return tuple(done)


def measure_of(lines: Sequence[str]) -> int:
    """Return how long a full line of a text is, in characters; no line is full where few are about as long as that."""
    lengths = sorted(len(line.rstrip()) for line in lines if line.strip())
    measure = lengths[int(USUAL * (len(lengths) - 1))] if lengths else 0
    full = sum(FULL * measure <= length <= measure / FULL for length in lengths)
    return measure if full >= WRAPPED * len(lengths) and measure <= LONGEST else sys.maxsize


def runs(lines: Sequence[str]) -> Iterator[list[str]]:
    """Yield runs of lines that have text, and of lines that have none."""
    run: list[str] = []
    for line in lines:
        if run and bool(run[-1].strip()) != bool(line.strip()):
            yield run
            run = []
        run.append(line)
    if run:
        yield run


def paragraphs(run: Sequence[str], measure: int) -> Iterator[list[str]]:
    """Yield the paragraphs of lines without an empty one."""
    if is_set_by_line(run, measure):
        yield list(run)
        return
    current = [run[0]]
    for line, below in pairwise(run):
        if starts(line, below, measure):
            yield current
            current = []
        current.append(below)
    yield current


def starts(line: str, below: str, measure: int) -> bool:
    """Return whether a paragraph starts with the line below another."""
    if BROKEN.search(line.rstrip()) and SMALL.match(below):
        return False
    deeper = indent(below) - indent(line)
    return deeper >= INDENT and (had_room(line, below, measure) or indent(line) == 0)


def indent(line: str) -> int:
    """Return how many spaces a line begins with, a tab counting as four."""
    expanded = line.expandtabs(4)
    return len(expanded) - len(expanded.lstrip())


def had_room(line: str, below: str, measure: int) -> bool:
    """Return whether the first word of the line below would have fitted into a line."""
    first = below.split(maxsplit=1)[0]
    return len(line.rstrip()) + 1 + len(first) + SLACK <= measure and not BROKEN.search(line.rstrip())


def has_cells(line: str) -> bool:
    """Return whether a line has cells of a table, parted by spaces or a tab."""
    return ("\t" in line or "   " in line) and bool(CELLS.search(line))


def is_set_by_line(run: Sequence[str], measure: int) -> bool:
    """Return whether lines are verse, a list or a table: line by line, as they stand."""
    if len(run) < STANZA:
        return False
    capitals = sum(bool(CAPITAL.match(line)) for line in run)
    ragged = sum(had_room(line, below, measure) for line, below in pairwise(run))
    cells = sum(map(has_cells, run))
    verse = capitals >= VERSE * len(run) and (2 * ragged >= len(run) - 1 or len(run) > STANZA)
    return verse or 2 * cells > len(run)


def endings_of(paragraph: Sequence[str], measure: int) -> list[Ending]:
    """Return how each line of a paragraph goes on."""
    if is_set_by_line(paragraph, measure):
        return ["line"] * len(paragraph)
    ends = [
        had_room(line, below, measure) or bool(ITEM.match(below)) or (has_cells(line) and has_cells(below))
        for line, below in pairwise(paragraph)
    ]
    return [*("line" if end else "space" for end in ends), "line"]
