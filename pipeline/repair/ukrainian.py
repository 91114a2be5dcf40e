"""Tells Ukrainian text from Russian by its letters: there are no models for it, so it must be left alone."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from pipeline.repair.letters import CYRILLIC_LETTER
from pipeline.repair.units import Unit

OWN: Final = frozenset("іїєґ")
NEVER: Final = frozenset("ыэъё")
# A paragraph is Ukrainian where so many words, and such a share of the Cyrillic ones, have letters of its own; in
# Ukrainian prose every third word has.
FEW: Final = 3
SHARE: Final = 0.15


def has_own_letter(text: str) -> bool:
    """Return whether a text has a letter that Ukrainian has and Russian has not."""
    return not OWN.isdisjoint(text.lower())


def is_ukrainian(texts: Iterable[str]) -> bool:
    """Return whether some words together are Ukrainian by their letters."""
    letters = set("".join(texts).lower())
    return not letters.isdisjoint(OWN) and letters.isdisjoint(NEVER)


def ukrainian_paragraphs(units: Sequence[Unit]) -> frozenset[int]:
    """Return the numbers of the paragraphs that are Ukrainian."""
    words: dict[int, list[str]] = defaultdict(list)
    for unit in units:
        if CYRILLIC_LETTER.search(unit.text):
            words[unit.paragraph].append(unit.text)
    return frozenset(
        paragraph
        for paragraph, own in words.items()
        if is_ukrainian(own) and sum(map(has_own_letter, own)) >= max(FEW, SHARE * len(own))
    )
