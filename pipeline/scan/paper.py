"""Makes the paper of a page even and white: noise, shade, yellowing, and what shines through from the other side."""

from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.scan.placement import Grey, shrunk

NOISY: Final = 0.022  # noise, as a part of the contrast, from which denoising pays
STRENGTH: Final = 3.5  # grey levels per unit of noise within which neighbours count as alike
REACH: Final = (5, 1.5)  # pixels: how many across are looked at, and how fast they count less
PAPER_BLOCK: Final = 8  # pixels; the paper's level is measured this coarsely
UNEVEN: Final = 0.1  # by how much the paper's level may vary, as a part of it
MOST_OFTEN: Final = 3
LOOK: Final = 1_000_000  # pixels of the reduced copy in which grey marks are looked for
DARKEST: Final = 0.2  # per cent of a page that is as dark as its ink, at least
FAINTEST: Final = 0.1  # of the paper's level: how much darker ink is, at least
INK, PLAIN = 0.55, 0.12  # of the ink's darkness: what is darker is ink; what is lighter is paper
AROUND: Final = 7  # pixels of that copy about ink that are neither
MARKED: Final = 0.15  # grey marks, as a part of the ink, from which making them white pays
PALE: Final = 2  # per cent of the paper that may stay as dark as it is
DARKEST_MARK: Final = 0.6  # of the ink's darkness; what is darker is never made white
NIGHT: Final = 40  # grey level; what is mostly darker is no paper
BLACK, WHITE = 0.16, 1.0  # of the paper's level: what becomes 0 and 255 once the paper is even; thin print is nearly so
CLEAR: Final = 0.9  # of the paper's level: what is lighter is no grey mark
EVEN: Final = 200  # grey level of the paper where it is divided by its own level

GRAINY: Final = 0.2  # grey levels of noise from which paper has a grain
GRAIN: Final = 2.5  # times the noise: what differs less from the paper is grain
LEAST_GRAIN: Final = 2  # grey levels

LAPLACIANS: Final = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], dtype=np.float32)


def noise_level(page: Grey) -> float:
    """Return the standard deviation of the noise in grey levels, of the page (height x width) at half its size.

    J. Immerkaer, "Fast Noise Variance Estimation", Computer Vision and Image Understanding 64 (1996), 300-302: the
    difference of two Laplacians sees noise but neither shade nor straight edges. Here with the median, so that print
    does not count, and at half size, because JPEG removes the noise of the finest grain first.
    """
    return (
        median_size(np.asarray(cv2.filter2D(shrunk(page, 2), cv2.CV_16S, LAPLACIANS)[::2, ::2], np.int16)) / 0.6745 / 6
    )


def median_size(numbers: npt.NDArray[np.integer[Any]]) -> float:
    """Return the median of the absolute numbers; between whole numbers as if each stood for a range."""
    counts = np.bincount(np.abs(numbers).ravel()).cumsum()
    place = int(np.searchsorted(counts, counts[-1] / 2))
    before = int(counts[place - 1]) if place else 0
    return max(0.0, float(place - 0.5 + (counts[-1] / 2 - before) / (counts[place] - before)))


def contrast(page: Grey) -> float:
    """Return how many grey levels the print is darker than the paper, at least 1."""
    ink, paper = np.percentile(page[::4, ::4], [1, 50])
    return max(1.0, float(paper - ink))


def is_noisy(page: Grey) -> bool:
    """Tell whether the noise of a page (height x width) is more than OCR takes well."""
    return noise_level(page) > NOISY * contrast(page)


def denoised(page: Grey) -> Grey:
    """Return the page (height x width) with less noise, edges kept: filtered until it is quiet, or often enough.

    C. Tomasi, R. Manduchi, "Bilateral Filtering for Gray and Color Images", ICCV 1998, 839-846. Non-local means takes
    thirty times as long, and Tesseract reads what it gives no better.
    """
    for _ in range(MOST_OFTEN):
        if not is_noisy(page):
            break
        page = np.asarray(cv2.bilateralFilter(page, REACH[0], STRENGTH * noise_level(page), REACH[1]), np.uint8)
    return page


def paper_level(page: Grey) -> Grey:
    """Return the level of the paper at each block of the page (height x width, both divided by PAPER_BLOCK).

    Large dark areas (a photograph, the scanner's lid) count as paper half as bright as most.
    """
    closed = cv2.morphologyEx(shrunk(page, PAPER_BLOCK), cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    smooth = cv2.GaussianBlur(cv2.medianBlur(closed, 9), (0, 0), 3)
    return np.asarray(np.maximum(smooth, np.median(smooth) / 2), np.uint8)


def is_uneven(paper: Grey) -> bool:
    """Tell whether the level of the paper varies enough to matter; white print on black has no paper."""
    dark, usual, light = np.percentile(paper, [2, 50, 98])
    return bool(light - dark > UNEVEN * light and usual > NIGHT)


def bare_paper(page: Grey, paper: Grey) -> Grey | None:
    """Return where there is nothing but paper (height x width), as 255 on 0; None if the page has no grain.

    That is what differs little from the level of the paper, and does not touch anything that does.
    """
    noise = noise_level(page)
    if noise < GRAINY:
        return None
    level = cv2.resize(paper, page.shape[::-1], interpolation=cv2.INTER_LINEAR)
    apart = cv2.absdiff(cv2.blur(page, (3, 3)), level)
    bare = cv2.threshold(apart, max(LEAST_GRAIN, GRAIN * noise), 255, cv2.THRESH_BINARY_INV)[1]
    return np.asarray(cv2.erode(bare, np.ones((3, 3), np.uint8)), np.uint8)


def without_grain(page: Grey, bare: Grey, level: Grey | int) -> Grey:
    """Return the page (height x width) as even as its level, a picture or one for all, where there is only paper.

    Tesseract takes the black of a line from the darkest quarter of the minima in its middle row (ComputeBlackWhite in
    lstm/networkio.cpp of 5.3): where the words are few, most are of the grain, and print is read as if it were bold.
    """
    grey = np.full_like(page, level) if isinstance(level, int) else cv2.resize(level, page.shape[::-1])
    return np.asarray(cv2.copyTo(page, cv2.bitwise_not(bare), grey), np.uint8)


def mark_level(page: Grey, paper: Grey) -> float | None:
    """Return the part of the paper's level from which a page is to be white for grey marks to go; None if it has few.

    Marks are what is neither ink nor paper and not beside ink: the other side shining through, stains, the dirt of a
    photocopy, the grain of rough paper.
    """
    small = shrunk(page, max(1, round((page.size / LOOK) ** 0.5)))
    level = cv2.divide(small, cv2.resize(paper, small.shape[::-1]), scale=EVEN)
    darkness = 1 - float(np.percentile(level, DARKEST)) / EVEN
    if darkness < FAINTEST:
        return None
    ink = (level < (1 - INK * darkness) * EVEN).astype(np.uint8)
    away = level[cv2.dilate(ink, np.ones((AROUND, AROUND), np.uint8)) == 0]
    marks = np.count_nonzero(away < (1 - PLAIN * darkness) * EVEN)
    if not marks or marks < MARKED * np.count_nonzero(ink):
        return None
    lightest = max(float(np.percentile(away, PALE)) / EVEN - 0.02, 1 - DARKEST_MARK * darkness)
    return lightest if lightest < CLEAR else None


def flattened(page: Grey, paper: Grey, white: float = WHITE) -> Grey:
    """Divide the page (height x width) by its paper (any size); up to BLACK it becomes 0, from `white` on 255."""
    level = cv2.resize(paper, page.shape[::-1], interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.LUT(cv2.divide(page, level, scale=EVEN), spread_out(white)), np.uint8)


def spread_out(white: float) -> Grey:
    """Return the table (256,) that makes of levels, EVEN the paper's own, 0 up to BLACK and 255 from `white` on."""
    part = np.arange(256) / EVEN
    return np.asarray(np.clip((part - BLACK) / (white - BLACK), 0, 1) * 255, np.uint8)
