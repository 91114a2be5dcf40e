"""Text layers that somebody else's OCR left: read as pages, and written with the corrected words in their places."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from pipeline.errors import UnreadableInput
from pipeline.layers.abbyy import read_abbyy
from pipeline.layers.alto import alto_with, read_alto
from pipeline.layers.hocr import hocr_with, read_chocr, read_hocr
from pipeline.layers.layer import Layer, glyph_map_of, new_texts
from pipeline.layers.page_xml import read_page_xml
from pipeline.layers.pdf import PdfText, pdf_text
from pipeline.layers.printed import alto_of, hocr_of
from pipeline.model import Page
from pipeline.source import DEFAULT_LIMITS, Limits, Source, blamed_on, check_file, shown, too_many_pages

__all__ = [
    "Layer",
    "PdfText",
    "alto_of",
    "corrected",
    "glyph_map_of",
    "hocr_of",
    "open_layer",
    "pdf_text",
    "read_layer",
]

WHOLE: Final[Mapping[str, Callable[[bytes, str, Limits], Layer]]] = {
    "alto": read_alto,
    "hocr": read_hocr,
    "page-xml": read_page_xml,
}
BY_PAGE: Final[Mapping[str, Callable[[str, Limits], Layer]]] = {"abbyy": read_abbyy, "chocr": read_chocr}


def open_layer(source: Source, limits: Limits = DEFAULT_LIMITS) -> Layer:
    """Read a text layer. Raises UnreadableInput, naming the file, if it is hostile, broken, too large or empty."""
    name = str(source.path)
    check_file(source, limits)
    with blamed_on(source.path, "file"):
        if source.kind in BY_PAGE:
            return with_pages(BY_PAGE[source.kind](name, limits), name, limits)
        return read_layer(source.path.read_bytes(), source.kind, name, limits)


def read_layer(data: bytes, kind: str, name: str, limits: Limits = DEFAULT_LIMITS) -> Layer:
    """Read a text layer of the kind alto, hocr or page-xml; `name` is for errors.

    Raises UnreadableInput, for other kinds too.
    """
    if kind not in WHOLE:
        raise UnreadableInput(f"{shown(name)} is read page by page", "Name the file to `pravka clean`")
    return with_pages(WHOLE[kind](data, name, limits), name, limits)


def with_pages(layer: Layer, name: str, limits: Limits) -> Layer:
    """Return a layer if it has a page, and not more than the limit. Raises UnreadableInput."""
    if len(layer.pages) > limits.max_pages:
        raise too_many_pages(Path(name), str(len(layer.pages)), limits)
    if not layer.pages:
        raise UnreadableInput(f"{shown(name)} has no page in it", "Make it again with the program that wrote it")
    return layer


def corrected(layer: Layer, pages: Sequence[Page], versions: Mapping[str, str], parted: bool = True) -> bytes | None:
    """Return the bytes of a layer with its repaired words, those that were read if there are none.

    None where Pravka does not write the format. `versions` are what the file says of what changed it. A word that
    became several is written as several elements, or, if it is not to be `parted`, as one with spaces in its text.
    """
    writers = {"alto": alto_with, "hocr": hocr_with}
    if layer.markup is None:
        return None
    used = next((page.glyph_map for page in pages if page.glyph_map), "")
    made = new_texts(layer, pages)
    if not parted:
        made = {place: text._replace(words=(" ".join(text.words),)) for place, text in made.items()}
    return writers[layer.kind](layer.markup, made, {**versions, "glyph-map": used})
