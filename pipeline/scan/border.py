"""Finds what is beside the page in the picture: the scanner's lid, the desk, a slice of the neighbouring page."""

from typing import Final, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.model import Box
from pipeline.scan.placement import Grey, shrunk

Mask = npt.NDArray[np.bool_]

LOOK: Final = 600  # pixels of the longer side, about, of the small picture in which borders are looked for
LETTER: Final = 13  # pixels of it that print is high, at most
DARK: Final = 0.4  # of the level of bright paper: what is darker is no paper
LEAST_DARK: Final = 0.01  # of the picture that the dark beside the page takes up, at least
PLAIN: Final = 0.1  # by how much the dark beside the page may vary, as a part of the level of bright paper
RIM: Final = 2  # pixels of the small picture about the dark that are not clean paper either
LEAST_PAGE: Final = 0.25  # of the picture that the page takes up, at least


class Sheet(NamedTuple):
    """Where the page is: the box around it in the picture, and what is beside it there (small; True: beside)."""

    box: Box
    beside: Mask


def small(page: Grey) -> tuple[Grey, int]:
    """Return a small copy of a page, and how many pixels of the page one of its pixels is."""
    factor = max(1, round(max(page.shape) / LOOK))
    return shrunk(page, factor), factor


def tone(picture: Grey) -> Grey:
    """Return the small picture without print: paper and whatever is dark over more than the height of letters."""
    return np.asarray(cv2.morphologyEx(picture, cv2.MORPH_CLOSE, np.ones((LETTER, 1), np.uint8)), np.uint8)


def sheet_of(page: Grey) -> Sheet | None:
    """Find the page in the picture (height x width); None if nothing dark is beside it."""
    picture, factor = small(page)
    paper = tone(picture)
    bright = float(np.percentile(paper, 90))
    dark = at_the_edge(paper < DARK * bright)
    if dark.mean() < LEAST_DARK or np.mean(picture[dark] > DARK * bright * 1.5) > PLAIN:
        return None
    parts = cv2.connectedComponentsWithStats((~dark).astype(np.uint8), connectivity=4)
    numbers, (left, top, width, height, area) = parts[1], parts[2].T
    largest = 1 + int(np.argmax(area[1:])) if len(area) > 1 else 0
    if not largest or area[largest] < LEAST_PAGE * dark.size:
        return None
    beside = cv2.dilate((numbers != largest).astype(np.uint8), np.ones((2 * RIM + 1, 2 * RIM + 1), np.uint8)) > 0
    sides = np.array([left, top, left + width, top + height])[:, largest] * factor
    return Sheet(Box(*np.clip(np.rint(sides), 0, [*page.shape[::-1]] * 2).astype(int).tolist()), beside)


def at_the_edge(dark: Mask) -> Mask:
    """Return those dark parts that reach the edge of the picture."""
    numbers = cv2.connectedComponents(dark.astype(np.uint8), connectivity=4)[1]
    edge = np.concatenate([numbers[0], numbers[-1], numbers[:, 0], numbers[:, -1]])
    return np.asarray(np.isin(numbers, np.unique(edge[edge > 0])))


def cut_out(page: Grey, sheet: Sheet) -> Grey:
    """Return the page (height x width of its box), what is beside it made paper."""
    left, top, right, bottom = sheet.box
    beside = cv2.resize(sheet.beside.astype(np.uint8), page.shape[::-1], interpolation=cv2.INTER_NEAREST)
    cut = page[top:bottom, left:right].copy()
    own = beside[top:bottom, left:right] == 0
    cut[~own] = np.median(cut[::4, ::4][own[::4, ::4]])
    return cut
