"""Puts what the reader saw into columns, in the order in which people read.

A page is cut at its gutters, again and again: what stands above a pair of columns comes before it, the left column
before the right, and what stands below it after (the recursive X-Y cut of G. Nagy and S. Seth, "Hierarchical
representation of optically scanned documents", ICPR 1984; here the cut across is where a line blocks the gutter).
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import Final, NamedTuple

from pipeline.layout.rows import Row, beside, cut, height_of, heights_of, is_solid, read_lines
from pipeline.model import PlacedWord, line_of

LEAST_SHARED: Final = 3  # lines that the reader ran across two columns
LEAST_SEEN: Final = 2  # lines side by side, where the reader saw two columns itself
LEAST_WORDS: Final = 2.5  # a line of a column of prose, on average
WIDER: Final = 2.0  # usual spaces of the lines: a gutter that the reader ran across is wider
TORN: Final = 2.0  # heights of words; parts of one line that stand further apart are no line, unless they were read so
APART: Final = 1.2  # heights of words; a first or last row of the page with so much room is no part of its columns


class Gutter(NamedTuple):
    """The room between two columns: where, from where to where down the page, and how many rows stand on both sides."""

    x: float
    top: float
    bottom: float
    shared: int


def columns_of(words: Sequence[PlacedWord]) -> list[list[Row]]:
    """Return the columns of a page in reading order, each with its rows from top to bottom; none is empty."""
    if not words:
        return []
    em = median(map(height_of, list(filter(is_solid, words)) or words))
    parts = [part for row in read_lines(words, heights_of(words)) for part in cut(row, em)]
    return [rows_of(column, em) for column in divided(parts, em)]


def divided(parts: Sequence[Row], em: float) -> Iterator[list[Row]]:
    """Yield the columns that parts of lines stand in, in reading order."""
    gutter = gutter_of(parts, em)
    if gutter is None:
        if parts:
            yield list(parts)
        return
    within = [part for part in parts if gutter.top <= part.middle <= gutter.bottom]
    yield from divided([part for part in parts if part.middle < gutter.top], em)
    yield from divided([part for part in within if centre(part) < gutter.x], em)
    yield from divided([part for part in within if centre(part) >= gutter.x], em)
    yield from divided([part for part in parts if part.middle > gutter.bottom], em)


def centre(row: Row) -> float:
    """Return where the middle of a row is, in pixels from the left."""
    return (row.place.left + row.place.right) / 2


# ---------------------------------------------------------------- gutters


def gutter_of(parts: Sequence[Row], em: float) -> Gutter | None:
    """Return the gutter with the most rows on both its sides, None if there is none."""
    solid = sorted((part for part in parts if any(map(is_solid, part.words))), key=lambda part: part.middle)
    found = (gutter for x in candidates(solid, em) for gutter in gutters_at(x, solid, em))
    return max(found, key=lambda gutter: (gutter.shared, -gutter.x, -gutter.top), default=None)


def candidates(parts: Sequence[Row], em: float) -> list[float]:
    """Return where gutters may be: in the middle of the room between parts side by side."""
    places: dict[int, float] = {}
    for part in parts:
        right = [one.place.left for one in parts if one.place.left > part.place.right + em and beside(part, one)]
        if right:
            x = (part.place.right + min(right)) / 2
            places.setdefault(int(x / em), x)
    return sorted(places.values())


def gutters_at(x: float, parts: Sequence[Row], em: float) -> Iterator[Gutter]:
    """Yield the gutters at x: between the parts that cross it, with columns on both sides; parts from top to bottom."""
    crossing = crossing_at(x, parts)
    edges = [float("-inf"), *(part.middle for part in crossing), float("inf")]
    for top, bottom in pairwise(edges):
        within = [part for part in parts if top < part.middle < bottom and part not in crossing]
        if len(within) < 2 * LEAST_SEEN:
            continue
        within = without_edge_rows(within, (parts[0], parts[-1]), em)
        left, right = parted(within, x)
        shared = len({line_of(part.words[0]) for part in left if any(beside(part, other) for other in right)})
        if shared >= LEAST_SEEN and are_columns(left, right, shared, em):
            middles = [part.middle for part in within]
            yield Gutter(x, min(middles), max(middles), shared)


def crossing_at(x: float, parts: Sequence[Row]) -> list[Row]:
    """Return the parts of lines that block a gutter at x, from top to bottom.

    They cross it, or are of the few lines that have a wide space there: no reader runs so few lines across a gutter.
    """
    sides = [{line_of(part.words[0]) for part in side} for side in parted(parts, x)]
    both = sides[0] & sides[1]
    few = both if len(both) < LEAST_SHARED else set()
    crossing = (part.place.left < x < part.place.right or line_of(part.words[0]) in few for part in parts)
    return sorted((part for part, is_in in zip(parts, crossing, strict=True) if is_in), key=lambda part: part.middle)


def parted(parts: Sequence[Row], x: float) -> tuple[list[Row], list[Row]]:
    """Return the parts of lines that are left and right of x."""
    return [part for part in parts if part.place.right <= x], [part for part in parts if part.place.left >= x]


def are_columns(left: Sequence[Row], right: Sequence[Row], shared: int, em: float) -> bool:
    """Return whether parts on two sides are columns: the reader saw them apart, or they are prose on both sides.

    A cell of a table has fewer words than a line of prose; a river is no wider than the spaces beside it.
    """
    room = min(part.place.left for part in right) - max(part.place.right for part in left)
    if room <= em:
        return False
    lines = [{line_of(one) for part in side for one in part.words} for side in (left, right)]
    if lines[0].isdisjoint(lines[1]):
        return True
    counts = [sum(len(part.words) for part in side) for side in (left, right)]
    prose = all(count >= LEAST_WORDS * len(own) for count, own in zip(counts, lines, strict=True))
    return prose and shared >= LEAST_SHARED and room > WIDER * usual_space([*left, *right])


def usual_space(parts: Sequence[Row]) -> float:
    """Return how wide the spaces of lines are, in pixels, also those at which they were cut."""
    words = sorted((one for part in parts for one in part.words), key=lambda one: (line_of(one), one.place))
    pairs = [(one, after) for one, after in pairwise(words) if line_of(one) == line_of(after)]
    return median([after.place.left - one.place.right for one, after in pairs] or [0])


def without_edge_rows(within: Sequence[Row], edges: Sequence[Row], em: float) -> list[Row]:
    """Return parts without the first and last row of the page that stand off: running heads and page numbers."""
    kept = list(within)
    for outer in edges:
        row = [part for part in kept if part is outer or beside(part, outer)]
        rest = [part for part in kept if part not in row]
        if outer in kept and rest and all(distance(part, outer) > APART * em for part in rest):
            kept = rest
    return kept


def distance(one: Row, other: Row) -> float:
    """Return the room between two rows one above the other, in pixels; less than 0 if they overlap."""
    return max(one.place.top, other.place.top) - min(one.place.bottom, other.place.bottom)


# ---------------------------------------------------------------- rows of a column


def rows_of(parts: Sequence[Row], em: float) -> list[Row]:
    """Return the rows of a column from top to bottom: parts that were read as one line, or stand close on one."""
    words = [one for part in parts for one in part.words]
    rows = sorted(read_lines(words, parts[0].heights), key=lambda row: (row.middle, row.place))
    joined: list[Row] = []
    for row in rows:
        near = next((one for one in joined[-3:] if is_torn(one, row, em)), None)
        if near is None:
            joined.append(row)
        else:
            joined[joined.index(near)] = Row.of(near.words + row.words, row.heights)
    return in_order(joined)


def is_torn(one: Row, other: Row, em: float) -> bool:
    """Return whether two rows are one line that the reader broke apart."""
    apart = max(one.place.left, other.place.left) - min(one.place.right, other.place.right)
    return beside(one, other) and apart <= TORN * em


def in_order(rows: Sequence[Row]) -> list[Row]:
    """Return rows from top to bottom, those side by side from left to right."""
    bands: list[list[Row]] = []
    for row in sorted(rows, key=lambda row: (row.middle, row.place)):
        if bands and all(beside(row, one) for one in bands[-1]):
            bands[-1].append(row)
        else:
            bands.append([row])
    return [row for band in bands for row in sorted(band, key=lambda row: row.place)]
