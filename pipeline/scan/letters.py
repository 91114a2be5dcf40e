"""Finds the letters of a page: where they stand, how large small ones are, and how they follow each other in lines."""

from typing import Final, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.scan.placement import Affine, Grey

Numbers = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

FEW: Final = 40  # letters; with fewer neither size nor slope can be told
MOST: Final = 6_000  # letters that are looked at; of more, every second (third, ...) is left out
NEXT: Final = 3.0  # x-heights from a letter to the next one of its line, at most
STEP: Final = 0.45  # x-heights that its foot may be higher or lower
LOOK_AHEAD: Final = 240  # letters to the right of a letter that may be the next one of its line
SPECK: Final = 6  # square pixels
LINE: Final = 8  # letters of a line, at least


class Letters(NamedTuple):
    """The letters of a page, from left to right, in pixels: left, right, foot and height (letters,) each.

    `x_height` is the height of a small one, 0 where there are too few letters to tell.
    """

    left: Numbers
    right: Numbers
    foot: Numbers
    height: Numbers
    x_height: float

    @property
    def x(self) -> Numbers:
        """The middles (letters,) of the letters, across."""
        return np.asarray((self.left + self.right) / 2)

    def scaled(self, factor: float) -> "Letters":
        """Return the letters as they are in a picture so many times as large."""
        left, right, foot, height, x_height = self
        return Letters(left * factor, right * factor, foot * factor, height * factor, x_height * factor)


def drawn_letters(letters: Letters, move: Affine, scale: float) -> Letters:
    """Return the letters as they are in a picture that comes by this move, `scale` times as large, from theirs."""
    x, foot = move.undone(np.column_stack([letters.x, letters.foot])).T
    half = (letters.right - letters.left) * scale / 2
    order = np.argsort(x - half, kind="stable")
    left, right, high = (x - half)[order], (x + half)[order], (letters.height * scale)[order]
    return Letters(left, right, foot[order], high, letters.x_height * scale)


def find_letters(grey: Grey) -> Letters:
    """Find the letters of a page (height x width) as connected dark parts that are neither specks nor pictures."""
    left, top, width, height = parts_of(inked(grey)).T.astype(np.float64)
    letter = (height > 4) & (width > 2) & (height < grey.shape[0] / 10) & (width < grey.shape[1] / 5)
    if letter.any():
        letter &= height > np.median(height[letter]) / 2
    x_height = float(np.median(height[letter])) if letter.sum() >= FEW else 0.0
    found = np.flatnonzero(letter)
    found = found[np.argsort(left[found], kind="stable")]
    return Letters(left[found], (left + width)[found], (top + height)[found], height[found], x_height)


def pieces_of(grey: Grey) -> int:
    """Count the connected dark parts of a page (height x width) that are more than a speck: broken letters are many."""
    parts = parts_of(inked(grey))
    return int(np.count_nonzero(parts[:, 2] * parts[:, 3] > SPECK))


def inked(grey: Grey) -> Grey:
    """Return what is dark in a page (height x width), as 255 on 0."""
    return np.asarray(cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)[1], np.uint8)


def parts_of(dark: Grey) -> npt.NDArray[np.int32]:
    """Return left, top, width and height (parts x 4) of the connected parts of a picture (height x width)."""
    try:
        found = cv2.connectedComponentsWithStats(dark, ltype=cv2.CV_16U)
    except cv2.error:  # more parts than 16 bits can number, which takes three times as long
        found = cv2.connectedComponentsWithStats(dark)
    return np.asarray(found[2][1:, :4], np.int32)


def next_letters(letters: Letters) -> Indices:
    """Return the number (letters,) of the letter that follows each one in its line, -1 for the last."""
    count, x_height = len(letters.left), letters.x_height
    following = np.full(count, -1)
    for ahead in range(1, min(LOOK_AHEAD, count)):
        here = np.flatnonzero(following[:-ahead] < 0)
        there = here + ahead
        gap = letters.left[there] - letters.right[here]
        near = (gap > -x_height) & (gap < NEXT * x_height) & (letters.x[there] > letters.x[here])
        near &= np.abs(letters.foot[there] - letters.foot[here]) < STEP * x_height
        following[here[near]] = there[near]
    return following


def lines_of(following: Indices) -> Indices:
    """Return the number (letters,) of the line that each letter stands in, by what follows what; -1: in none."""
    line = np.arange(len(following))
    for here in range(len(following)):
        if following[here] >= 0:
            line[following[here]] = line[here]
    _, place, count = np.unique(line, return_inverse=True, return_counts=True)
    long = count >= LINE
    return np.asarray(np.where(long, np.cumsum(long) - 1, -1)[place], np.int64)
