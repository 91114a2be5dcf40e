"""The order in which lines are repaired: what a head, a note or a picture parted stands together."""

from collections.abc import Sequence

from pipeline.model import ReadLine

FLOWING = ("body", "heading")


def for_repair(lines: Sequence[ReadLine]) -> list[int | None]:
    """Return the places of the lines of a page as its text runs, None for an empty line between paragraphs.

    What is no running text comes first, so that a word or citation that a column parted is whole in the rest. Where no
    paragraph is parted the lines stay as they are.
    """
    if not is_parted(lines):
        return list(range(len(lines)))
    order: list[int | None] = []
    for flowing in (False, True):
        last = 0
        for place, line in enumerate(lines):
            if line.text and (line.role in FLOWING) == flowing:
                order += [None] if order and line.paragraph != last else []
                order.append(place)
                last = line.paragraph
    return order


def is_parted(lines: Sequence[ReadLine]) -> bool:
    """Return whether something else stands within a paragraph; False where paragraphs are not known."""
    numbers = [line.paragraph for line in lines if line.text]
    starts = [number for number, before in zip(numbers, [0, *numbers], strict=False) if number != before]
    return all(numbers) and len(starts) != len(set(starts))
