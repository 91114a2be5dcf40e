"""The options: each declared once, for the command and for the API.

A field's metadata holds its help and, where the command needs it, its choices; `cli.py` makes click options from them.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from pipeline.source import Limits

# The OCR models that there are glyph maps of.
MODELS: Final = ("tesseract-eng", "tesseract-rus+eng")

# How citations can be exported (`pipeline.write`), and romanised (`pipeline.cite.romanise`).
FORMATS: Final = ("json", "csv", "csl", "ris", "bibtex", "tei", "wiki")
SCHEMES: Final = ("ala-lc", "iso9")

# How text is written (`pipeline.layout`).
LAYOUTS: Final = ("lines", "flow")
TREATMENTS: Final = ("keep", "mark", "drop")

# What to take of a PDF page that has text: `pipeline.document`.
PREFERENCES: Final = ("best", "text", "image")


def option(default: Any, help: str, **more: Any) -> Any:
    """Return a field of the options with its help text."""
    return field(default=default, metadata={"help": help, **more})


@dataclass(frozen=True)
class Options:
    """How to repair. Every field is an option of the command, `_` written as `-`."""

    lang: str = option("rus", "The language to bring back; images are read with it and English.", choices=("rus",))
    glyph_map: str = option(
        "auto", "The OCR model that read a text; auto: told from the text.", choices=("auto", *MODELS)
    )
    lexicon: str = option("", "A file of words and names to know besides: UTF-8, one a line.", path=True)
    archives: str = option("", "A file of archives to know besides: a table as lexicons/archives.tsv.", path=True)
    min_confidence: float = option(0.0, "Leave alone what is less sure than this (0 to 1).", low=0.0, high=1.0)
    layout: str = option(
        "lines", "Write text line by line, or in paragraphs with words joined.", choices=LAYOUTS, written=True
    )
    running_heads: str = option(
        "keep", "Running heads and page numbers in the text.", choices=TREATMENTS, written=True, image=True
    )
    footnotes: str = option("keep", "Footnotes in the text.", choices=TREATMENTS, written=True, image=True)
    prefer: str = option(
        "best",
        "Of PDF pages with text: take that, read the picture, or what is better.",
        choices=PREFERENCES,
        image=True,
    )
    max_pixels: int = option(250_000_000, "Refuse images with more pixels than this.", low=1, image=True)
    password: str = option("", "The password of a PDF.", image=True)
    debug: str = option(
        "", "A folder for pictures of each page after each step of its cleaning.", path=True, image=True
    )
    read_once: bool = option(False, "Read pages once, doubtful words too: faster, but less is right.", image=True)
    page_timeout: float = option(300.0, "Give up on a page after so many seconds in Tesseract.", low=0.1, image=True)

    @property
    def chosen_map(self) -> str:
        """The glyph map that is asked for, "" where it is to be told from what was read."""
        return "" if self.glyph_map == "auto" else self.glyph_map

    @cached_property
    def limits(self) -> Limits:
        """What an input may not exceed."""
        return Limits(self.max_pixels, self.password or None)
