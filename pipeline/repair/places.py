"""Where on the page the words of a repaired line stand: words that were joined, or parted, have their own boxes."""

from bisect import bisect_right
from collections.abc import Sequence

from pipeline.model import Box, ReadWord
from pipeline.repair.edits import Edit


def was(place: int, edits: Sequence[Edit], places: Sequence[tuple[int, int]]) -> float:
    """Return where in the old line a place of the new line was, its share of the way within what an edit made."""
    last = bisect_right(places, place, key=lambda one: one[0]) - 1
    if last < 0:
        return place
    (start, end), edit = places[last], edits[last]
    if place >= end:
        return edit.end + place - end
    return edit.start + (edit.end - edit.start) * (place - start) / (end - start)


def box_of(span: tuple[float, float], words: Sequence[tuple[tuple[int, int], ReadWord]]) -> Box | None:
    """Return the box of what stood from one place of a line to another: of parts of words, their share of the width."""
    parts = [part_of(span, place, word.box) for place, word in words if word.box]
    boxes = [part for part in parts if part]
    return Box.around(boxes) if boxes else None


def part_of(span: tuple[float, float], place: tuple[int, int], box: Box) -> Box | None:
    """Return the part of a word's box that a stretch of the line has of the word, None if it has none."""
    first, last = max(span[0], place[0]), min(span[1], place[1])
    if first >= last:
        return None
    scale = (box.right - box.left) / (place[1] - place[0])
    left, right = round(box.left + (first - place[0]) * scale), round(box.left + (last - place[0]) * scale)
    return box._replace(left=left, right=max(right, left + 1))
