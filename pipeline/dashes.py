"""Tells the en dash of a range of numbers from a hyphen by its width: OCR models write hyphens for both."""

from typing import Final

import cv2
import numpy as np
import regex

from pipeline.scan import Grey

RANGE: Final = regex.compile(r"(?<=\d)[-–—](?=\d)")
# In seven families of type a hyphen is 0.33 to 0.57 as wide as a digit is high, an en dash 0.6 to 0.87, an
# em dash wider.
EN, EM = 0.6, 0.95
HIGH: Final = 0.4  # of the height of the word, that a digit has at least
FLAT, SHORT = 0.3, 0.2  # of the height of a digit: the most that a dash is high, and the least that it is wide
LONG: Final = 1.3  # times as wide as high
MIDDLE: Final = (0.25, 0.8)  # of the height of the word, where a dash is
SMALLEST: Final = 12  # pixels; in lower print a dash cannot be measured


def dashed(text: str, word: Grey) -> str:
    """Return the text of a word with the dashes between digits as its picture (height x width) has them.

    Where they cannot all be found in the picture the text stays as it is.
    """
    places = [match.start() for match in RANGE.finditer(text)]
    if not places or min(word.shape) < SMALLEST:
        return text
    widths = dash_widths(word)
    if len(widths) != sum(text.count(dash) for dash in "-–—"):
        return text
    dashes = (place for place, letter in enumerate(text) if letter in "-–—")
    told = {
        place: "—" if width > EM else "–" if width > EN else "-" for place, width in zip(dashes, widths, strict=True)
    }
    return "".join(told[place] if place in places else letter for place, letter in enumerate(text))


def dash_widths(word: Grey) -> list[float]:
    """Return how wide the dashes in the picture of a word are, from left to right, as parts of the height of digits."""
    ink = cv2.threshold(word, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)[1]
    left, top, width, height, _ = cv2.connectedComponentsWithStats(ink)[2][1:].T.astype(np.float64)
    high = height > HIGH * word.shape[0]
    if not high.any():
        return []
    digit = float(np.median(height[high]))
    middle = (top + height / 2) / word.shape[0]
    flat = (height < FLAT * digit) & (width > LONG * height) & (width > SHORT * digit)
    dash = flat & (middle > MIDDLE[0]) & (middle < MIDDLE[1])
    return [float(one) / digit for one in width[dash][np.argsort(left[dash])]]
