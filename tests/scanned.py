"""Pages made for the tests of the cleaning: print, and what scanners and cameras do to it."""

import cv2
import numpy as np
import pytest
from PIL import ImageFont

from pipeline.learn.render import draw_lines, installed_fonts
from pipeline.scan import Grey

LINES = [f"Комиссия проверила склады и мельницы района {number}, а отчет о том отослала" for number in range(1, 31)]
PAPER = 240
LID = 20


def font(size: int) -> ImageFont.FreeTypeFont:
    path = installed_fonts().get("DejaVuSerif.ttf") or installed_fonts().get("LiberationSerif-Regular.ttf")
    if path is None:
        pytest.skip("neither fonts-dejavu nor fonts-liberation is installed")
    return ImageFont.truetype(path, size)


def printed(size: int = 34, lines: int = 14) -> Grey:
    """Lines of print with narrow margins, black on white."""
    return np.asarray(draw_lines(LINES[:lines], font(size))[0], np.uint8).copy()


def page(size: int = 28, lines: int = 30) -> Grey:
    """A page: print in dark grey on paper, with margins as in a book."""
    block = printed(size, lines)
    margin = block.shape[1] // 6
    whole = np.pad(block, margin, constant_values=255)
    return np.asarray(40 + whole.astype(np.float64) / 255 * (PAPER - 40), np.uint8)


def turned(grey: Grey, degrees: float) -> Grey:
    """The page turned counter-clockwise, its corners cut off."""
    height, width = grey.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    paper = (float(grey.max()),)
    return np.asarray(cv2.warpAffine(grey, turn, (width, height), flags=cv2.INTER_CUBIC, borderValue=paper), np.uint8)


def bent(grey: Grey, depth: float, across: bool = True) -> Grey:
    """The page with lines that sink towards the left side (`across`), or that slope more and more down the page."""
    height, width = grey.shape
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    near = np.exp(-x / (0.25 * width)) if across else (x / width - 0.5) * (y / height - 0.5)
    lower = (y - depth * width * near).astype(np.float32)
    return np.asarray(cv2.remap(grey, x, lower, cv2.INTER_CUBIC, borderValue=(PAPER,)), np.uint8)


def on_lid(grey: Grey, left: int = 90, right: int = 110, top: int = 70, bottom: int = 80) -> Grey:
    """The page on the black lid of a scanner."""
    return np.asarray(np.pad(grey, ((top, bottom), (left, right)), constant_values=LID), np.uint8)


def beside(left: Grey, right: Grey, shade: float = 0.0) -> Grey:
    """Two pages in one picture, the gutter between them darker by `shade`."""
    whole = np.hstack([left, right])
    near = np.exp(-np.abs(np.arange(whole.shape[1]) - left.shape[1]) / (0.015 * whole.shape[1]))
    return np.asarray(whole * (1 - shade * near), np.uint8)


def noisy(grey: Grey, noise: float) -> Grey:
    """The page with the grain of a sensor."""
    grain = np.random.default_rng(5).normal(0, noise, grey.shape)
    return np.asarray(np.clip(grey + grain, 0, 255), np.uint8)


def shaded(grey: Grey, darkest: float) -> Grey:
    """The page darker and darker towards the right."""
    return np.asarray(grey * np.linspace(1.0, darkest, grey.shape[1])[None, :], np.uint8)


def faint(grey: Grey) -> Grey:
    """The page in faded ink on dark paper."""
    return noisy(np.asarray(140 + cv2.GaussianBlur(grey, (0, 0), 0.8) / PAPER * 50, np.uint8), 4)


def stained(grey: Grey) -> Grey:
    """The page with grey dirt all over."""
    specks = np.random.default_rng(8).random((grey.shape[0] // 4, grey.shape[1] // 4)) < 0.04
    dirt = cv2.resize(specks.astype(np.uint8), grey.shape[::-1], interpolation=cv2.INTER_NEAREST)
    return np.asarray(np.minimum(grey, np.where(dirt, 170, 255)), np.uint8)


def shining(grey: Grey) -> Grey:
    """The page with the print of its other side shining through."""
    back = cv2.GaussianBlur(np.roll(grey[:, ::-1], 17, axis=0), (0, 0), 1.5).astype(np.float64) / PAPER
    return np.asarray(grey * (0.7 + 0.3 * back), np.uint8)


def columns() -> Grey:
    """A page with two columns."""
    block = printed(26, 30)
    gap = np.full((block.shape[0], block.shape[1] // 14), 255, np.uint8)
    return framed(np.hstack([block, gap, block]), 0.1)


def framed(block: Grey, margin: float) -> Grey:
    """A block of print, black on white, with margins that are a part of its width."""
    return np.asarray(np.pad(block, round(margin * block.shape[1]), constant_values=255), np.uint8)


def table() -> Grey:
    """A page of a table: rules, and numbers in cells."""
    grey = page()
    height, width = grey.shape
    for y in range(150, height - 150, 95):
        grey[y : y + 3, 120:-120] = 30
    for x in range(120, width - 118, (width - 240) // 4):
        grey[150 : height - 150, x : x + 3] = 30
    return grey


def photograph() -> Grey:
    """A page with a dark photograph in the middle of the print."""
    grey = page()
    height, width = grey.shape
    light = np.random.default_rng(3).integers(30, 130, (30, 40)).astype(np.uint8)
    grey[height // 3 : height // 2, width // 4 : width // 2] = cv2.resize(
        light, (width // 2 - width // 4, height // 2 - height // 3), interpolation=cv2.INTER_CUBIC
    )
    return grey


def bled_photograph() -> Grey:
    """A photograph that fills the picture."""
    light = np.random.default_rng(4).integers(20, 230, (24, 18)).astype(np.uint8)
    return np.asarray(cv2.resize(light, (1200, 1600), interpolation=cv2.INTER_CUBIC), np.uint8)


def cover() -> Grey:
    """White letters on black."""
    return np.asarray(255 - framed(printed(60, 4), 0.3), np.uint8)


def music() -> Grey:
    """Staves with heads of notes."""
    grey = np.full((1600, 1200), PAPER, np.uint8)
    places = np.random.default_rng(6).integers(0, 9, (10, 25))
    for staff in range(10):
        top = 120 + 140 * staff
        for line in range(5):
            grey[top + 14 * line : top + 14 * line + 2, 100:-100] = 30
        for number, place in enumerate(places[staff]):
            cv2.ellipse(grey, (130 + 38 * number, top + 7 * int(place)), (8, 6), -20, 0, 360, (30,), -1)
    return grey


def title() -> Grey:
    """A title page: a few words."""
    words = np.asarray(draw_lines(["Записки", "уездного", "архива"], font(60))[0], np.uint8)
    return np.asarray(np.pad(words, ((300, 1000), (350, 350)), constant_values=255), np.uint8)


def short() -> Grey:
    """A single short line on a page."""
    line = np.asarray(draw_lines(["Дело № 7, лист 12 об."], font(30))[0], np.uint8)
    return np.asarray(np.pad(line, ((400, 900), (300, 400)), constant_values=255), np.uint8)


def wide_margins() -> Grey:
    """A block of print in the corner of a large sheet."""
    return np.asarray(np.pad(printed(28, 12), ((200, 2000), (200, 1500)), constant_values=255), np.uint8)


def half_empty() -> Grey:
    """A page wider than high with print on its left half only."""
    return np.asarray(np.pad(page(20, 20), ((0, 0), (0, 1100)), constant_values=PAPER), np.uint8)


def landscape() -> Grey:
    """A page wider than high with two columns."""
    block = printed(20, 16)
    gap = np.full((block.shape[0], block.shape[1] // 12), 255, np.uint8)
    return framed(np.hstack([block, gap, block]), 0.08)
