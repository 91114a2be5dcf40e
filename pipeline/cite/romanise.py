"""Writes Cyrillic in Latin letters: ALA-LC without ties, or ISO 9:1995, which can be turned back."""

import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Final

import regex

from pipeline import data
from pipeline.model import Citation
from pipeline.tables import read_table

UKRAINIAN: Final = regex.compile(r"[іїєґ]|\b(?:спр|арк|зв)\b", regex.IGNORECASE)


@cache
def letters(scheme: str, language: str) -> Mapping[str, str]:
    """Return what each letter becomes in a scheme, small ones and capitals."""
    rows = read_table(data.data_file("lexicons", "romanisation.tsv"), ("scheme", "language", "cyrillic", "latin"))
    own = [row for row in rows if row["scheme"] == scheme and row["language"] in ("", language)]
    small = {row["cyrillic"]: row["latin"] for row in sorted(own, key=lambda row: row["language"])}
    return {**small, **{letter.upper(): latin.capitalize() for letter, latin in small.items()}}


def romanise(text: str, scheme: str, language: str = "ru") -> str:
    """Return a text (composed, NFC) in the Latin letters of a scheme; what is no Cyrillic letter of it stays."""
    known = letters(scheme, language)
    return "".join(known.get(letter, letter) for letter in unicodedata.normalize("NFC", text))


def language_of(citation: Citation) -> str:
    """Return the language of a citation, by its letters and markers: "uk" or "ru"."""
    said = " ".join([*citation.fields.values(), *citation.markers.values()])
    return "uk" if UKRAINIAN.search(said) else "ru"
