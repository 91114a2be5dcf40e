"""Tells numbers that surely are numbers, by what stands beside them, from letters that were read as digits."""

from collections.abc import Sequence
from typing import Final

import regex

from pipeline.repair.cells import DASH
from pipeline.repair.units import Unit

SHORT_NUMBER: Final = regex.compile(r"^\p{Ps}?[0-9]{1,3}\p{P}?$")
BEHIND: Final = regex.compile(r"^[%‰=*+×÷]")
BEFORE: Final = regex.compile(r"[=*+×÷№§]$")
DIGIT_FIRST: Final = regex.compile(r"^[0-9]")
DIGIT_LAST: Final = regex.compile(r"[0-9]$")


def counted(units: Sequence[Unit]) -> frozenset[int]:
    """Return the places of numbers of up to three digits beside a sign of arithmetic, `%`, `№`, `§` or a range."""
    texts = ["", "", *(unit.text for unit in units), "", ""]
    return frozenset(
        place
        for place in range(len(units))
        if SHORT_NUMBER.match(texts[place + 2]) and is_counted(texts[place : place + 2], texts[place + 3 : place + 5])
    )


def is_counted(before: Sequence[str], behind: Sequence[str]) -> bool:
    """Return whether the two texts before and the two behind a number say that it is one."""
    if BEFORE.search(before[1]) or BEHIND.match(behind[0]):
        return True
    ranged = DASH.match(behind[0]) and DIGIT_FIRST.match(behind[1])
    return bool(ranged or (DASH.match(before[1]) and DIGIT_LAST.search(before[0])))
