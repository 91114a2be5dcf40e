"""What a PDF page says already, in text that is seen."""

import ctypes
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.model import Box
from pipeline.source import MOSTLY, is_invisible


class Visible(NamedTuple):
    """The characters that are seen on a page, and their centres (characters x 2) in pixels of the page as given."""

    signs: npt.NDArray[np.str_]
    centres: npt.NDArray[np.float64]

    def says(self, text: str, box: Box) -> bool:
        """Tell whether a text is seen in a box."""
        x, y = self.centres.T
        inside = (box.left <= x) & (x <= box.right) & (box.top <= y) & (y <= box.bottom)
        return "".join(self.signs[inside]) == text


def visible_text(page: Any, width: int, height: int) -> Visible | None:
    """Return the text that is seen on a page (pypdfium2's PdfPage) of so many pixels, None if there is none."""
    from pypdfium2 import raw

    shown = [thing for thing in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT]) if not is_invisible(thing)]
    if not shown:
        return None
    text = page.get_textpage()
    try:
        found = list(seen_signs(page, text, (width, height)))
    finally:
        text.close()
    signs = np.array([sign for sign, _, _ in found], dtype=np.str_)
    return Visible(signs, np.array([place for _, *place in found], dtype=np.float64).reshape(-1, 2))


def seen_signs(page: Any, text: Any, size: tuple[int, int]) -> Iterator[tuple[str, float, float]]:
    """Yield the characters that are seen, with their centres, in the order of the page."""
    from pypdfium2 import raw

    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    across, down = ctypes.c_int(), ctypes.c_int()
    for place in range(text.count_chars()):
        sign = chr(raw.FPDFText_GetUnicode(text, place))
        thing = raw.FPDFText_GetTextObject(text, place)
        if sign.isspace() or not thing or raw.FPDFTextObj_GetTextRenderMode(thing) == raw.FPDF_TEXTRENDERMODE_INVISIBLE:
            continue
        if raw.FPDFText_GetCharBox(text, place, left, right, bottom, top):
            x, y = (left.value + right.value) / 2, (bottom.value + top.value) / 2
            raw.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, across, down)
            yield sign, across.value, down.value


def is_scan(page: Any) -> bool:
    """Tell whether pictures cover most of a page (pypdfium2's PdfPage)."""
    from pypdfium2 import raw

    area = page.get_width() * page.get_height()
    for picture in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE]):
        left, bottom, right, top = picture.get_bounds()
        if (right - left) * (top - bottom) > MOSTLY * area:
            return True
    return False
