"""The recipe: what a page needs to be fit for OCR, each step only if the page shows that it needs it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from pipeline.model import Box
from pipeline.scan.border import cut_out, sheet_of
from pipeline.scan.curl import bend_of
from pipeline.scan.letters import Letters, drawn_letters, find_letters, pieces_of
from pipeline.scan.paper import (
    bare_paper,
    denoised,
    flattened,
    is_noisy,
    is_uneven,
    mark_level,
    paper_level,
    without_grain,
)
from pipeline.scan.placement import Affine, Grey, Move, drawn, quarter, scaling, shift, shrunk, traced, turning
from pipeline.scan.slope import lies_sideways, slope
from pipeline.scan.spread import gutter_of

Watch = Callable[[str, Grey], None]
Polygon = tuple[tuple[float, float], ...]

BROKEN: Final = 1.25  # times as many pieces: then making grey marks white breaks letters too
SMALLEST: Final = 32  # pixels; a picture with a shorter side is no page
LOOK: Final = 2_500_000  # pixels of the reduced copy in which letters are looked for
LARGE: Final = 12_000_000  # pixels; only larger pages may have print larger than it need be
LARGE_PRINT: Final = 34.0  # x-height in pixels from which a page is reduced by half
SMALL_PRINT: Final = 8.5  # x-height in pixels below which enlarging pays
GOOD_PRINT: Final = 18.0  # x-height in pixels that it is enlarged to
MOST_ENLARGED: Final = 3.0
MOST_PIXELS: Final = 60_000_000  # of an enlarged page


@dataclass(frozen=True)
class CleanPage:
    """A grey page fit for OCR (height x width), and how it came from the page as given.

    It was turned by `rotation` degrees counter-clockwise and enlarged `scale` times; `moves`, one after the other, take
    its places to those of the page as given, which is `given_width` x `given_height`.
    """

    grey: Grey
    given_width: int
    given_height: int
    rotation: float = 0.0
    scale: float = 1.0
    moves: tuple[Move, ...] = ()

    def polygon_as_given(self, box: Box) -> Polygon:
        """Return where the corners of `box`, from the left top one clockwise, are on the page as given."""
        left, top, right, bottom = box
        corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float64)
        return tuple((float(x), float(y)) for x, y in traced(self.moves, corners))

    def box_as_given(self, box: Box) -> Box:
        """Return the upright box of the page as given that best covers `box` of the clean page.

        The turned box keeps its centre, and its sides their length: its bounding box would reach into other lines.
        """
        x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
        cross = np.array([(x, y), (box.left, y), (box.right, y), (x, box.top), (x, box.bottom)], np.float64)
        middle, left, right, top, bottom = traced(self.moves, cross)
        width, height = float(np.hypot(*(right - left))), float(np.hypot(*(bottom - top)))
        if abs(right[0] - left[0]) < abs(right[1] - left[1]):  # the page was given lying on its side
            width, height = height, width
        return Box(
            within(middle[0] - width / 2, self.given_width),
            within(middle[1] - height / 2, self.given_height),
            within(middle[0] + width / 2, self.given_width),
            within(middle[1] + height / 2, self.given_height),
        )

    def moved(self, grey: Grey, moves: Sequence[Move], rotation: float = 0.0, scale: float = 1.0) -> "CleanPage":
        """Return what became of the page: its new picture, by which moves that came from this one's."""
        return replace(
            self,
            grey=grey,
            moves=joined((*moves, *self.moves)),
            rotation=self.rotation + rotation,
            scale=self.scale * scale,
        )


def joined(moves: Sequence[Move]) -> tuple[Move, ...]:
    """Return the same moves, affine ones that follow each other as one."""
    done: list[Move] = []
    for move in moves:
        if done and isinstance(move, Affine) and isinstance(done[-1], Affine):
            done[-1] = done[-1].then(move)
        else:
            done.append(move)
    return tuple(done)


def within(place: float, length: int) -> int:
    """Return the pixel edge nearest to `place` that lies on a side of the page of this length."""
    return round(min(max(place, 0), length))


def unwatched(step: str, grey: Grey) -> None:
    """Look at no step."""


def clean(page: Grey, watch: Watch = unwatched) -> tuple[CleanPage, ...]:
    """Return a grey page (height x width) made fit for OCR, or the two pages of a spread, the left one first.

    A page that needs nothing keeps its very pixels. `watch` is shown the picture after each step that was needed.
    """
    whole = CleanPage(page, page.shape[1], page.shape[0])
    if min(page.shape) < SMALLEST:
        return (whole,)
    return tuple(fit(part, watch) for part in parted(alone(whole, watch), watch))


def fit(page: CleanPage, watch: Watch) -> CleanPage:
    """Return a page that is alone in its picture made fit for OCR."""
    page = reduced(page, watch)
    page = on_even_paper(page, watch)
    letters = letters_of(page.grey)
    if lies_sideways(letters):
        page = turned(page, 3)
        watch("upright", page.grey)
        letters = letters_of(page.grey)
    return straight(page, letters, watch)


def alone(page: CleanPage, watch: Watch) -> CleanPage:
    """Return the page without what is beside it in the picture."""
    sheet = sheet_of(page.grey)
    if sheet is None:
        return page
    cut = cut_out(page.grey, sheet)
    watch("border", cut)
    return page.moved(cut, [shift(sheet.box.left, sheet.box.top)])


def parted(page: CleanPage, watch: Watch) -> tuple[CleanPage, ...]:
    """Return the two pages of a spread, or the page."""
    gutter = gutter_of(page.grey)
    if gutter is None or lies_sideways(letters_of(page.grey)):
        return (page,)
    left, right = (np.ascontiguousarray(part) for part in (page.grey[:, :gutter], page.grey[:, gutter:]))
    watch("left", left)
    watch("right", right)
    return page.moved(left, []), page.moved(right, [shift(gutter, 0)])


def reduced(page: CleanPage, watch: Watch) -> CleanPage:
    """Return the page at half its size if its print is larger than it need be."""
    if page.grey.size < LARGE or letters_of(page.grey).x_height < LARGE_PRINT:
        return page
    half = shrunk(page.grey, 2)
    watch("reduced", half)
    return page.moved(half, [scaling(2.0, 2.0)], scale=0.5)


def on_even_paper(page: CleanPage, watch: Watch) -> CleanPage:
    """Return the page without noise, shade, grey marks and grain; as it is where there is none of them."""
    paper, grey = paper_level(page.grey), page.grey
    level: Grey | int = paper
    noisy = is_noisy(grey)
    if noisy:
        grey = denoised(grey)
        watch("noise", grey)
    bare, marks = bare_paper(grey, paper), mark_level(grey, paper)
    uneven = noisy or is_uneven(paper)
    even = flattened(grey, paper) if marks is not None or uneven else grey
    white = even if marks is None else flattened(grey, paper, marks)
    if marks is not None and pieces_of(white) < BROKEN * pieces_of(even):
        grey, level = white, 255
        watch("marks", grey)
    elif uneven:
        grey, level = even, 255
        watch("light", grey)
    if bare is not None:
        grey = without_grain(grey, bare, level)
        watch("grain", grey)
    return page if grey is page.grey else replace(page, grey=grey)


def letters_of(grey: Grey) -> Letters:
    """Return the letters of a page (height x width), found in a reduced copy of it."""
    factor = max(1, round(math.sqrt(grey.size / LOOK)))
    return find_letters(grey) if factor == 1 else find_letters(shrunk(grey, factor)).scaled(factor)


def turned(page: CleanPage, turns: int) -> CleanPage:
    """Return the page turned counter-clockwise by quarter `turns`."""
    height, width = page.grey.shape
    grey = np.ascontiguousarray(np.rot90(page.grey, turns))
    return page.moved(grey, [quarter(turns, width, height)], rotation=90.0 * (turns % 4))


def straight(page: CleanPage, letters: Letters, watch: Watch) -> CleanPage:
    """Return the page with its lines straight and level and its print large enough, all drawn in one go."""
    height, width = page.grey.shape
    degrees, scale = slope(letters), enlargement(letters.x_height, page.grey.size)
    turn, new_width, new_height = turning(degrees, scale, width, height)
    bend = bend_of(drawn_letters(letters, turn, scale), new_width, new_height)
    if bend is None and degrees == 0.0 and scale == 1.0:
        return page
    moves: list[Move] = [turn] if bend is None else [bend, turn]
    grey = drawn(page.grey, moves, new_width, new_height)
    watch("straight", grey)
    return page.moved(grey, moves, degrees, scale)


def enlargement(x_height: float, pixels: int) -> float:
    """Return how many times to enlarge a page of so many pixels with print of this x-height (0: not known)."""
    if not 0 < x_height < SMALL_PRINT:
        return 1.0
    return max(1.0, min(GOOD_PRINT / x_height, MOST_ENLARGED, math.sqrt(MOST_PIXELS / pixels)))
