"""The options: each declared once, for the command and for the API.

A field's metadata holds its help and, where the command needs it, its choices; `cli.py` makes click options from them.
"""

import os
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from pipeline.errors import UsageError
from pipeline.source import Limits

# The OCR models that there are glyph maps of.
MODELS: Final = ("tesseract-eng", "tesseract-rus+eng")

# How citations can be exported (`pipeline.write`), and romanised (`pipeline.cite.romanise`).
FORMATS: Final = ("json", "csv", "csl", "ris", "bibtex", "tei", "wiki")
SCHEMES: Final = ("ala-lc", "iso9")

# How text is written (`pipeline.layout`).
LAYOUTS: Final = ("lines", "flow")
TREATMENTS: Final = ("keep", "mark", "drop")

# What to do again of what a ledger has (`pipeline.batch.plan`).
REDO: Final = ("changed", "failed", "all", "never")
UNSAID: Final = "usual"  # the formats, where nothing is said of them
MOST: Final = re.compile(r"\d+(\.\d+)?%?")

# What to take of a PDF page that has text: `pipeline.document`.
PREFERENCES: Final = ("best", "text", "image")


def option(default: Any, help: str, **more: Any) -> Any:
    """Return a field of the options with its help text."""
    return field(default=default, metadata={"help": help, **more})


@dataclass(frozen=True)
class Options:
    """How to repair. Every field is an option of the command, `_` written as `-`.

    Of a `limit` no result depends, but whether there is one; of a `table` it depends on what is in the file.
    """

    lang: str = option("rus", "The language to bring back; images are read with it and English.", choices=("rus",))
    glyph_map: str = option(
        "auto", "The OCR model that read a text; auto: told from the text.", choices=("auto", *MODELS)
    )
    lexicon: str = option("", "A file of words and names to know besides: UTF-8, one a line.", path=True, table=True)
    archives: str = option(
        "", "A file of archives to know besides: a table as lexicons/archives.tsv.", path=True, table=True
    )
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
    max_pixels: int = option(250_000_000, "Refuse images with more pixels than this.", low=1, image=True, limit=True)
    max_bytes: int = option(
        4_000_000_000, "Refuse inputs with more bytes than this, unpacked.", low=1, image=True, limit=True
    )
    max_pages: int = option(5_000, "Refuse documents with more pages than this.", low=1, image=True, limit=True)
    max_text: int = option(20_000_000, "Refuse texts with more bytes than this.", low=1, image=True, limit=True)
    max_layer: int = option(
        128_000_000, "Refuse text layers (hOCR, ALTO, ...) with more bytes than this.", low=1, limit=True
    )
    password: str = option("", "The password of a PDF.", image=True, limit=True)
    debug: str = option(
        "", "A folder for pictures of each page after each step of its cleaning.", path=True, image=True, limit=True
    )
    read_once: bool = option(False, "Read pages once, doubtful words too: faster, but less is right.", image=True)
    page_timeout: float = option(300.0, "Give up on a page after so many seconds.", low=0.1, image=True, limit=True)

    @property
    def chosen_map(self) -> str:
        """The glyph map that is asked for, "" where it is to be told from what was read."""
        return "" if self.glyph_map == "auto" else self.glyph_map

    @cached_property
    def limits(self) -> Limits:
        """What an input may not exceed."""
        return Limits(
            self.max_pixels, self.password or None, self.max_bytes, self.max_pages, self.max_text, self.max_layer
        )


@dataclass(frozen=True)
class BatchOptions:
    """How to go through many documents. Every field is an option of `pravka clean`, `_` written as `-`."""

    jobs: int = option(os.cpu_count() or 1, "Pages at a time.  [default: the cores]", low=1, short=("-j",), quiet=True)
    format: str = option(
        UNSAID,
        "What to write: txt, raw (as read), json, tsv (corrections), hocr, alto, pdf (searchable), docx, html (scan"
        " beside text); usual: txt,json, and hOCR or ALTO of the same.",
    )
    include: str = option(
        "",
        "Take from folders besides: kinds (hocr, alto, page-xml, abbyy, chocr, text) or names ('*.xml'), by commas.",
        metavar="WHAT",
    )
    keep_extension: bool = option(False, "Write p00.png.txt for p00.png, instead of p00.txt.")
    redo: str = option("changed", "What to do again of what was done before.", choices=REDO)
    max_failures: str = option(
        "", "Give up when more documents failed: so many (20), or such a share of all (5%).", metavar="MOST"
    )
    page_memory: int = option(2000, "Give up on a page that needs more megabytes, besides the models.", low=50)

    def __post_init__(self) -> None:
        """Check what click does not. Raises UsageError."""
        if self.max_failures and not MOST.fullmatch(self.max_failures):
            raise UsageError(f"--max-failures {self.max_failures} is no number", "Give a number, or a share such as 5%")

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats asked for, none where the usual ones are."""
        return () if self.format == UNSAID else tuple(self.format.split(","))

    @property
    def included(self) -> tuple[str, ...]:
        """The kinds and patterns to take besides."""
        return tuple(filter(None, self.include.split(",")))

    def is_too_much(self, failed: int, documents: int) -> bool:
        """Tell whether to give up when so many of the documents failed."""
        if not self.max_failures:
            return False
        most = float(self.max_failures.rstrip("%"))
        return failed > (most / 100 * documents if self.max_failures.endswith("%") else most)
