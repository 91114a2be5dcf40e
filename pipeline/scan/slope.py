"""Tells how a page lies: by how many degrees its lines slope, and whether it lies on its side."""

from typing import Final

import numpy as np

from pipeline.scan.letters import Letters, Numbers

STEEPEST: Final = 12.0  # degrees
STRAIGHT: Final = 0.2  # degrees; less slope than that is left alone
COARSE, FINE = 0.5, 0.1  # degrees between two slopes that are tried
ENOUGH: Final = 2_000  # letters that are looked at; of more, every second (third, ...) is left out
CLEARER: Final = 1.15  # times as sharp as they lie must the lines be when turned
PAIRS: Final = 100  # of letters one below the other, at least, on a page that lies on its side
SIDEWAYS: Final = 1.5  # times as often must letters follow each other down as across


def slope(letters: Letters) -> float:
    """Return by how many degrees counter-clockwise the page must be turned for its lines to lie level; 0 if they do."""
    if not letters.x_height:
        return 0.0
    some = slice(None, None, 1 + len(letters.left) // ENOUGH)
    x, foot, grain = letters.x[some], letters.foot[some], letters.x_height / 6
    coarse = sharpest(x, foot, grain * 2, np.arange(-STEEPEST, STEEPEST + COARSE / 2, COARSE))
    best = round(sharpest(x, foot, grain, coarse + np.arange(-COARSE, COARSE + FINE / 2, FINE)), 1)
    if abs(best) <= STRAIGHT or abs(best) >= STEEPEST:
        return 0.0
    turned, as_it_is = sharpness(x, foot, grain, best), sharpness(x, foot, grain, 0.0)
    return best if turned > CLEARER * as_it_is else 0.0


def sharpest(x: Numbers, foot: Numbers, grain: float, degrees: Numbers) -> float:
    """Return which of these slopes makes the sharpest lines."""
    return float(degrees[np.argmax([sharpness(x, foot, grain, one) for one in degrees])])


def sharpness(x: Numbers, foot: Numbers, grain: float, degrees: float) -> float:
    """Return how closely letters (letters,) gather into lines, so many pixels high, on a page turned by degrees."""
    turn = np.deg2rad(degrees)
    feet = foot * np.cos(turn) - x * np.sin(turn)
    rows = np.bincount(np.rint((feet - feet.min()) / grain).astype(np.int64))
    return float(np.square(np.convolve(rows, [1, 2, 1])).sum())


def lies_sideways(letters: Letters) -> bool:
    """Tell whether the letters follow each other down the page rather than across.

    Letters of a word stand closer than lines do, so that of places about as large as a letter those beside a taken one
    are taken more often in the direction of the lines.
    """
    if not letters.x_height:
        return False
    cells = np.column_stack([letters.x, letters.foot - letters.height / 2]) / letters.x_height
    column, row = np.rint(cells - cells.min(axis=0)).astype(np.int64).T
    taken = np.zeros((row.max() + 2, column.max() + 2), bool)
    taken[row, column] = True
    across, down = (taken[:, 1:] & taken[:, :-1]).sum(), (taken[1:] & taken[:-1]).sum()
    return bool(down > max(SIDEWAYS * across, PAIRS))
