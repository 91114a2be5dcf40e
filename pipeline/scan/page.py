"""Makes a scanned page fit for OCR: less noise, even paper, straight lines, print large enough; each only if needed."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.model import Box

Grey = npt.NDArray[np.uint8]
Watch = Callable[[str, Grey], None]

SMALLEST: Final = 32  # pixels; a picture with a shorter side is no page
NOISY: Final = 0.022  # noise, as a part of the contrast, from which denoising pays
STRENGTH: Final = 1.7  # filter strength per unit of noise
PAPER_BLOCK: Final = 8  # pixels; the paper's level is measured this coarsely
UNEVEN: Final = 0.1  # by how much the paper's level may vary, as a part of it
BLACK, WHITE = 0.16, 0.92  # of the paper's level: what becomes 0 and 255 once the paper is even
FEW: Final = 40  # letters; with fewer neither size nor slope can be told
SMALL_PRINT: Final = 15.0  # x-height in pixels below which enlarging pays
GOOD_PRINT: Final = 24.0  # x-height in pixels that Tesseract's LSTM reads best
MOST_ENLARGED: Final = 3.0
MOST_PIXELS: Final = 60_000_000  # of an enlarged page
STEEPEST: Final = 5.0  # degrees
STRAIGHT: Final = 0.2  # degrees; less slope than that is left alone

LAPLACIANS: Final = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], dtype=np.float32)


@dataclass(frozen=True)
class CleanPage:
    """A grey page fit for OCR (height x width), and how it came from the page as given.

    It was turned by `rotation` degrees counter-clockwise and enlarged `scale` times; `back` (2 x 3, affine) maps its
    pixels to those of the page as given, which is `given_width` x `given_height`.
    """

    grey: Grey
    given_width: int
    given_height: int
    rotation: float = 0.0
    scale: float = 1.0
    back: tuple[tuple[float, float, float], tuple[float, float, float]] = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))

    def box_as_given(self, box: Box) -> Box:
        """Return the upright box of the page as given that best covers `box` of the clean page.

        The turned box keeps its centre, and its sides their length: its bounding box would reach into other lines.
        """
        (a, b, across), (c, d, down) = self.back
        x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
        centre_x, centre_y = a * x + b * y + across, c * x + d * y + down
        half_width, half_height = (box.right - box.left) / self.scale / 2, (box.bottom - box.top) / self.scale / 2
        if abs(a) < abs(b):  # the page was given lying on its side
            half_width, half_height = half_height, half_width
        return Box(
            within(centre_x - half_width, self.given_width),
            within(centre_y - half_height, self.given_height),
            within(centre_x + half_width, self.given_width),
            within(centre_y + half_height, self.given_height),
        )


def within(place: float, length: int) -> int:
    """Return the pixel edge nearest to `place` that lies on a side of the page of this length."""
    return round(min(max(place, 0), length))


class Letters(NamedTuple):
    """The letters of a page, in pixels: centre and foot (letters,) each, and the height of a small one (0: too few)."""

    x: npt.NDArray[np.float64]
    foot: npt.NDArray[np.float64]
    x_height: float


def unwatched(step: str, grey: Grey) -> None:
    """Look at no step."""


def clean(page: Grey, watch: Watch = unwatched) -> tuple[CleanPage, ...]:
    """Return a grey page (height x width) made fit for OCR, or the two pages of a spread, the left one first.

    A page that needs nothing keeps its very pixels. `watch` is shown the picture after each step that was needed.
    """
    height, width = page.shape
    if min(page.shape) < SMALLEST:
        return (CleanPage(page, width, height),)
    grey = evened(page)
    letters = find_letters(grey)
    return (placed(grey, slope(letters), enlargement(letters.x_height, grey.size)),)


def evened(page: Grey) -> Grey:
    """Return the page (height x width) without noise and shade; as it is where there is little of both."""
    noise = noise_level(page)
    noisy = noise > NOISY * contrast(page)
    paper = paper_level(page)
    if noisy:
        page = np.asarray(cv2.fastNlMeansDenoising(page, None, STRENGTH * noise, 5, 11), np.uint8)
    return flattened(page, paper) if noisy or is_uneven(paper) else page


def noise_level(page: Grey) -> float:
    """Return the standard deviation of the noise in grey levels, of the page (height x width) at half its size.

    J. Immerkaer, "Fast Noise Variance Estimation", Computer Vision and Image Understanding 64 (1996), 300-302: the
    difference of two Laplacians sees noise but neither shade nor straight edges. Here with the median, so that print
    does not count, and at half size, because JPEG removes the noise of the finest grain first.
    """
    half = cv2.resize(page, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    seen = np.abs(cv2.filter2D(half, cv2.CV_32F, LAPLACIANS))
    return float(np.median(seen)) / 0.6745 / 6


def contrast(page: Grey) -> float:
    """Return how many grey levels the print is darker than the paper, at least 1."""
    ink, paper = np.percentile(page[::2, ::2], [1, 50])
    return max(1.0, float(paper - ink))


def paper_level(page: Grey) -> Grey:
    """Return the level of the paper at each block of the page (height x width, both divided by PAPER_BLOCK).

    Large dark areas (a photograph, the scanner's lid) count as paper half as bright as most.
    """
    small = cv2.resize(page, None, fx=1 / PAPER_BLOCK, fy=1 / PAPER_BLOCK, interpolation=cv2.INTER_AREA)
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    smooth = cv2.GaussianBlur(cv2.medianBlur(closed, 9), (0, 0), 3)
    return np.asarray(np.maximum(smooth, np.median(smooth) / 2), np.uint8)


def is_uneven(paper: Grey) -> bool:
    """Tell whether the level of the paper varies enough to matter."""
    dark, light = np.percentile(paper, [2, 98])
    return bool(light - dark > UNEVEN * light)


def flattened(page: Grey, paper: Grey) -> Grey:
    """Divide the page (height x width) by its paper (any size), and spread what is between BLACK and WHITE."""
    level = cv2.resize(paper, page.shape[::-1], interpolation=cv2.INTER_CUBIC)
    ratio = cv2.divide(page, level, scale=200)
    return np.asarray(cv2.LUT(ratio, spread()), np.uint8)


def spread() -> Grey:
    """Return the table (256,) from 200 x the part of the paper's level to grey levels."""
    part = np.arange(256) / 200
    return np.asarray(np.clip((part - BLACK) / (WHITE - BLACK), 0, 1) * 255, np.uint8)


def find_letters(grey: Grey) -> Letters:
    """Find the letters of a page (height x width) as connected dark parts that are neither specks nor pictures."""
    dark = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)[1]
    left, top, width, height, _ = cv2.connectedComponentsWithStats(dark)[2][1:].T.astype(np.float64)
    letter = (height > 4) & (width > 2) & (height < grey.shape[0] / 10) & (width < grey.shape[1] / 5)
    if letter.any():
        letter &= height > np.median(height[letter]) / 2
    few = letter.sum() < FEW
    return Letters((left + width / 2)[letter], (top + height)[letter], 0.0 if few else float(np.median(height[letter])))


def slope(letters: Letters) -> float:
    """Return by how many degrees counter-clockwise the page must be turned for its lines to lie level; 0 if they do."""
    if not letters.x_height:
        return 0.0
    angles = np.arange(-STEEPEST, STEEPEST + 0.05, 0.1)
    best = round(float(angles[np.argmax([sharpness(letters, angle) for angle in angles])]), 1)
    return best if abs(best) > STRAIGHT and abs(best) < STEEPEST - 0.05 else 0.0


def sharpness(letters: Letters, degrees: float) -> float:
    """Return how closely the letters' feet gather into lines when the page is turned by so many degrees."""
    turn = np.deg2rad(degrees)
    feet = letters.foot * np.cos(turn) - letters.x * np.sin(turn)
    rows = np.bincount(np.rint((feet - feet.min()) / 2).astype(np.int64))
    return float(np.square(np.convolve(rows, [1, 2, 1])).sum())


def enlargement(x_height: float, pixels: int) -> float:
    """Return how many times to enlarge a page of so many pixels with print of this x-height (0: not known)."""
    if not 0 < x_height < SMALL_PRINT:
        return 1.0
    return max(1.0, min(GOOD_PRINT / x_height, MOST_ENLARGED, math.sqrt(MOST_PIXELS / pixels)))


def placed(grey: Grey, rotation: float, scale: float) -> CleanPage:
    """Turn a page (height x width) by degrees counter-clockwise and enlarge it, in one go; nothing is cut off."""
    height, width = grey.shape
    if rotation == 0.0 and scale == 1.0:
        return CleanPage(grey, width, height)
    there = cv2.getRotationMatrix2D((width / 2, height / 2), rotation, scale)
    new_width, new_height = np.ceil(np.abs(there[:, :2]) @ (width, height)).astype(int).tolist()
    there[:, 2] += (new_width - width) / 2, (new_height - height) / 2
    paper = (float(np.median(grey)),)
    turned = cv2.warpAffine(grey, there, (new_width, new_height), flags=cv2.INTER_CUBIC, borderValue=paper)
    across, down = cv2.invertAffineTransform(there).tolist()
    return CleanPage(np.asarray(turned, np.uint8), width, height, rotation, scale, (tuple(across), tuple(down)))


def turned(page: CleanPage, turns: int) -> CleanPage:
    """Return the page turned counter-clockwise by quarter `turns` (1 to 3)."""
    height, width = page.grey.shape
    (a, b, across), (c, d, down) = page.back
    # Where (x, y) of the turned picture was: (width - y, x), (width - x, height - y), (y, height - x).
    back = {
        1: ((b, -a, across + a * width), (d, -c, down + c * width)),
        2: ((-a, -b, across + a * width + b * height), (-c, -d, down + c * width + d * height)),
        3: ((-b, a, across + b * height), (-d, c, down + d * height)),
    }[turns]
    grey = np.ascontiguousarray(np.rot90(page.grey, turns))
    return replace(page, grey=grey, rotation=page.rotation + 90 * turns, back=back)
