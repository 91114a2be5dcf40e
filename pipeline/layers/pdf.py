"""The text that a PDF page holds: what is printed on it, or what an OCR program laid under its scan."""

import ctypes
import math
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import median
from typing import Any, Final

import regex

from pipeline.layers.layer import Element, around, to_line
from pipeline.model import Box, Reading, ReadLine, ReadWord
from pipeline.source import Limits, Source, is_pictured, opened_pdf, pdf_scale, scan_on

# A gap ends a paragraph that is larger than this part of the height of a line, and so many times as large as the usual
# gap of the page: of the 43 ends that Tesseract sees on ten pages these find 30, and no other.
GAP: Final = 0.5
USUAL_GAPS: Final = 2.0
MOST_SIGNS: Final = 1_000_000  # of a page; what has more is no text
BROKEN_HERE: Final = frozenset("\x02\ufffe")  # what pdfium says for the hyphen of a line end, which it takes away
# Nobody writes such words: it is text of one alphabet that a font without a map makes letters of another.
MOJIBAKE: Final = regex.compile(r"\b[\u00c0-\u00ff]{4,}\b")
UNMAPPED: Final = regex.compile(r"[\p{Cc}\p{Co}\p{Cs}\p{Cn}\ufffd]")


@dataclass(frozen=True)
class PdfText:
    """The text of a page as a reading, in pixels of the page as it is rendered.

    `is_whole` says that it is all there is to read: it is printed, with no picture that may have more, or it is what an
    OCR program laid under a scan (`is_layer`). `is_mapped` says that its fonts tell which letters they print.
    """

    reading: Reading
    is_whole: bool
    is_layer: bool
    is_mapped: bool


def pdf_text(source: Source, number: int, limits: Limits) -> PdfText:
    """Return the text of page `number` (from 1) of a PDF, without lines where it has none. Raises UnreadableInput."""
    with opened_pdf(source.path, limits) as pdf, closing(pdf[number - 1]) as page:
        scale = pdf_scale(page)
        width, height = (math.ceil(side * scale) for side in (page.get_width(), page.get_height()))
        with closing(page.get_textpage()) as text:
            signs = list(signs_of(page, text, (width, height)))
        is_layer = scan_on(page) is not None
        is_whole = is_layer or not is_pictured(page)
    lines = tuple(in_paragraphs(list(lines_of(signs))))
    said = "\n".join(line.text for line in lines)
    is_mapped = not UNMAPPED.search(said.replace("\n", " ")) and not MOJIBAKE.search(said)
    return PdfText(Reading(lines, "", width, height, round(scale * 72)), is_whole, is_layer, is_mapped)


def signs_of(page: Any, text: Any, size: tuple[int, int]) -> Iterator[ReadWord]:
    """Yield the characters of a page (pypdfium2's PdfPage and PdfTextPage) of so many pixels, line ends too."""
    from pypdfium2 import raw

    count = text.count_chars()
    for place in range(count if count <= MOST_SIGNS else 0):
        code = raw.FPDFText_GetUnicode(text, place)
        sign = chr(code) if code <= 0x10FFFF else "\ufffd"
        if sign in BROKEN_HERE:
            yield ReadWord("-", box_of(page, text, place, size))
            yield ReadWord("\n")
        elif sign.isalpha() and raw.FPDFText_HasUnicodeMapError(text, place) == 1:
            yield ReadWord("\ufffd", box_of(page, text, place, size))
        else:
            yield ReadWord(sign, None if sign.isspace() else box_of(page, text, place, size))


def box_of(page: Any, text: Any, place: int, size: tuple[int, int]) -> Box | None:
    """Return the box of a character in pixels of the rendered page, None where it has none."""
    from pypdfium2 import raw

    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    if not raw.FPDFText_GetCharBox(text, place, left, right, bottom, top):
        return None
    corners = [on_page(page, x.value, y.value, size) for x, y in ((left, top), (right, bottom))]
    across, down = (sorted(side) for side in zip(*corners, strict=True))
    box = Box(max(across[0], 0), max(down[0], 0), min(across[1], size[0]), min(down[1], size[1]))
    return box if box.left < box.right and box.top < box.bottom else None


def on_page(page: Any, x: float, y: float, size: tuple[int, int]) -> tuple[int, int]:
    """Return the pixel of a place in points, on a page that is `size` pixels large, turned as it is shown."""
    from pypdfium2 import raw

    across, down = ctypes.c_int(), ctypes.c_int()
    raw.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, across, down)
    return across.value, down.value


def lines_of(signs: Sequence[ReadWord]) -> Iterator[ReadLine]:
    """Yield the lines that characters make, those without a word left out."""
    for is_end, line in groupby(signs, key=lambda sign: sign.text in "\r\n"):
        for words in rows_of([] if is_end else list(words_of(list(line)))):
            yield to_line(words).read


def in_paragraphs(lines: Sequence[ReadLine]) -> Iterator[ReadLine]:
    """Yield lines, an empty one between paragraphs: where there is a gap, or the text goes on further up."""
    boxes = [line.box for line in lines if line.box]
    usual = median([after.top - box.bottom for box, after in pairwise(boxes)] or [0])
    for line, after in pairwise([*lines, ReadLine("")]):
        yield line
        if line.box and after.box and is_end(line.box, after.box, usual):
            yield ReadLine("")


def is_end(line: Box, after: Box, usual: float) -> bool:
    """Tell whether a paragraph ends between two lines of a page with gaps that are mostly `usual` (pixels)."""
    gap, height = after.top - line.bottom, min(line.bottom - line.top, after.bottom - after.top)
    return gap > max(GAP * height, USUAL_GAPS * usual) or after.bottom < line.top


def rows_of(words: Sequence[Element]) -> Iterator[Sequence[Element]]:
    """Yield what is one line of words: pdfium takes lines that are not level for one, but no line goes back left."""
    start = 0
    for place, (last, word) in enumerate(pairwise(words), start=1):
        if last.box and word.box and word.box.left < last.box.left:
            yield words[start:place]
            start = place
    if words:
        yield words[start:]


def words_of(signs: Sequence[ReadWord]) -> Iterator[Element]:
    """Yield the words that the characters of a line make."""
    for is_space, word in groupby(signs, key=lambda sign: sign.text.isspace()):
        own = list(word)
        if not is_space:
            yield Element(0, "".join(sign.text for sign in own), around(own))
