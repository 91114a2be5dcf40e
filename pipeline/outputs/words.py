"""What all outputs for readers share: text that any of them can hold, reasons in words, figures."""

from collections.abc import Mapping
from typing import Final

import regex

from pipeline.model import Page

# What XML and PDF readers cannot hold: control characters, lone surrogates, code points that are no characters.
UNPRINTABLE: Final = regex.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
REASONS: Final[Mapping[str, str]] = {
    "lexicon": "a word of the lexicon",
    "spelled": "a new word, by its letters",
    "name": "a name known from this document or given",
    "latin": "Latin print that was taken for Cyrillic",
    "person": "a person in an archival citation",
    "citation": "part of an archival citation, by its grammar",
}


def printable(text: str) -> str:
    """Return a text with the replacement character for what cannot be printed."""
    return str(UNPRINTABLE.sub("\ufffd", text))


def quarter_of(page: Page) -> int:
    """Return by how many degrees counter-clockwise (0, 90, 180, 270) a page was turned to stand upright."""
    return round(page.rotation / 90) * 90 % 360
