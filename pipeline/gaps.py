"""Finds lines that the reader passed over: print between two of its lines, or under one, where one more would stand.

Tesseract loses single lines beside photographs and rules, on one picture of a page and not on another.
"""

from collections.abc import Iterator, Sequence
from operator import itemgetter
from statistics import median
from typing import Final

import numpy as np

from pipeline.model import Box, PlacedWord, lines_of
from pipeline.scan import Grey

# Two lines with one between them are so many times as far apart as neighbours are.
FARTHER: Final = (1.7, 2.3)
# They are of one size, one above the other, and long: shares of each other, widths in heights.
ALIKE: Final = 0.7
ABOVE: Final = 0.8
LONG: Final = 10.0
# Print is darker than this share of the paper around it, and covers as much as print does, within these times; it has
# ink in so many of its rows, and in so many of ten parts of its width.
DARK: Final = 0.65
AS_MUCH: Final = (0.4, 1.8)
ROWS: Final = 0.5
PARTS: Final = 6
# A line that has no more than this share of its height in common with a place only touches it.
TOUCHING: Final = 0.25
# Of fewer lines nobody can tell how far they are apart.
FEW: Final = 4


def passed_over(grey: Grey, words: Sequence[PlacedWord]) -> list[Box]:
    """Return where lines of a clean page (height x width) lie that none of its words is of."""
    lines = sorted(line_boxes(words), key=itemgetter(1))
    pairs = list(neighbours(lines))
    if len(pairs) < FEW:
        return []
    pitch = median(middle(below) - middle(above) for above, below in pairs)
    far = [(above, between(above, below)) for above, below in pairs if is_farther(above, below, pitch)]
    far += [(line, under(line, pitch)) for line in lines if line.right - line.left >= LONG * height(line)]
    free = ((line, place) for line, place in far if not any(lies_in(other, place) for other in lines))
    found: list[Box] = []
    for line, place in free:
        if place.bottom <= len(grey) and is_print(grey, place, line) and not any(lies_in(one, place) for one in found):
            found.append(place)
    return found


def line_boxes(words: Sequence[PlacedWord]) -> Iterator[Box]:
    """Yield the boxes of the lines that the reader saw."""
    for own in lines_of(words):
        yield Box.around(word.place for word in own)


def neighbours(lines: Sequence[Box]) -> Iterator[tuple[Box, Box]]:
    """Yield each line with the next one below it, where the two are of one size and as good as above each other."""
    for number, above in enumerate(lines):
        lower = (one for one in lines[number + 1 :] if middle(one) > above.bottom and overlap(above, one) > 0)
        below = next(lower, None)
        if below and is_like(above, below):
            yield above, below


def is_like(one: Box, other: Box) -> bool:
    """Tell whether two lines are of one size, not short, and as good as above each other.

    The other may be short that begins where the one does: the last of its paragraph.
    """
    small, large = sorted((height(one), height(other)))
    narrower, wider = sorted((one.right - one.left, other.right - other.left))
    is_last = one.right - one.left == wider and abs(one.left - other.left) <= large
    is_long = narrower >= LONG * large or (wider >= LONG * large and is_last)
    return small >= ALIKE * large and is_long and overlap(one, other) >= ABOVE * narrower


def lies_in(line: Box, place: Box) -> bool:
    """Tell whether a line that was read lies in a place, be it in a part of it."""
    shared = min(line.bottom, place.bottom) - max(line.top, place.top)
    return shared > TOUCHING * min(height(line), height(place)) and overlap(line, place) > 0


def overlap(one: Box, other: Box) -> int:
    """Return how many pixels of their widths two boxes share."""
    return min(one.right, other.right) - max(one.left, other.left)


def height(box: Box) -> int:
    """Return the height of a box."""
    return box.bottom - box.top


def middle(box: Box) -> float:
    """Return how far down the middle of a box is."""
    return (box.top + box.bottom) / 2


def is_farther(above: Box, below: Box, pitch: float) -> bool:
    """Tell whether two lines are as far apart as with one line between them; `pitch` is how far neighbours are."""
    nearest, farthest = FARTHER
    return nearest * pitch <= middle(below) - middle(above) <= farthest * pitch


def between(above: Box, below: Box) -> Box:
    """Return where the line between two others would stand: as wide as the wider reaches, and as high as they are."""
    half = (height(above) + height(below)) / 4
    centre = (middle(above) + middle(below)) / 2
    return Box(min(above.left, below.left), round(centre - half), max(above.right, below.right), round(centre + half))


def under(line: Box, pitch: float) -> Box:
    """Return where the next line would stand."""
    return line._replace(top=round(line.top + pitch), bottom=round(line.bottom + pitch))


def is_print(grey: Grey, place: Box, line: Box) -> bool:
    """Tell whether a place looks as a line of print does: no paper, no rule, no picture."""
    found, known = (ink(grey, box) for box in (place, line))
    least, most = (times * known.mean() for times in AS_MUCH)
    parts = [part.any() for part in np.array_split(found, 10, axis=1)]
    return bool(least <= found.mean() <= most and found.any(axis=1).mean() >= ROWS and sum(parts) >= PARTS)


def ink(grey: Grey, box: Box) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """Return which pixels of a box are darker than its paper."""
    cut = grey[box.top : box.bottom, box.left : box.right]
    return np.asarray(cut < DARK * np.percentile(cut, 90))
