"""Wears a page as printing, time and a scanner do; the program never learned from it (that is learn/degrade.py).

Paper and ink are worn by augraphy (PyPI, MIT) where it is installed; the scanner is our own.
"""

import random
import warnings
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

Grey = npt.NDArray[np.uint8]
Draw = np.random.Generator

AUGRAPHY: Final = find_spec("augraphy") is not None


@dataclass(frozen=True)
class Scanner:
    """How well a page is scanned: blur in pixels, grey levels of 255, degrees; `quality` is that of its JPEGs."""

    blur: float
    ink: int
    paper: int
    noise: float
    shade: float
    skew: float
    quality: int


# By level of wear. Paper and ink are grey levels, noise is that of white paper, shade a part of the light.
SCANNERS: Final = (
    Scanner(blur=0.0, ink=0, paper=255, noise=0.0, shade=0.0, skew=0.0, quality=92),
    Scanner(blur=0.5, ink=30, paper=242, noise=3.0, shade=0.03, skew=0.0, quality=80),
    Scanner(blur=0.6, ink=50, paper=228, noise=15.0, shade=0.15, skew=1.2, quality=60),
    Scanner(blur=0.7, ink=60, paper=220, noise=15.0, shade=0.27, skew=0.8, quality=55),
)
BACK: Final = 0.2  # of its darkness, how much of the print on the other side shows through
BORDER: Final = 0.04  # of the page's width, how broad a black border is
RED_AND_BLUE: Final = (6, -42)  # grey levels, how much yellow paper has more and less of them


def worn(print_: Grey, level: int, flaw: str, smaller: float, draw: Draw) -> Grey:
    """Return a printed page (height x width) as a scan `smaller` than it: 0.5 is half as wide."""
    scanner = SCANNERS[level]
    if flaw == "show-through":
        print_ = with_back(print_)
    if scanner.skew:
        print_ = turned(print_, float(draw.choice([-1, 1]) * draw.uniform(0.5, 1) * scanner.skew))
    page = aged(scaled(print_, smaller), level, int(draw.integers(1 << 31)))
    page = scanned(page, scanner, draw)
    return bordered(page, draw) if flaw == "border" else page


def scaled(page: Grey, smaller: float) -> Grey:
    """Return the page as the sensor sees it: each of its pixels sees the mean of a part of the page."""
    return np.asarray(cv2.resize(page, None, fx=smaller, fy=smaller, interpolation=cv2.INTER_AREA), np.uint8)


def with_back(page: Grey) -> Grey:
    """Let print of the other side show through: another part of the page, mirrored and blurred."""
    back = np.roll(page[:, ::-1], page.shape[0] // 9, axis=0).astype(np.float32)
    soft = cv2.GaussianBlur(back, (0, 0), page.shape[1] / 700)
    return np.asarray(np.minimum(page, 255 - (255 - soft) * BACK), np.uint8)


def turned(page: Grey, degrees: float) -> Grey:
    """Turn the page about its centre, white paper coming in at the corners."""
    height, width = page.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return np.asarray(cv2.warpAffine(page, turn, (width, height), flags=cv2.INTER_LINEAR, borderValue=(255,)), np.uint8)


def aged(page: Grey, level: int, seed: int) -> Grey:
    """Return the page with spread ink and the texture of paper, as augraphy makes them; as it is without augraphy."""
    if not AUGRAPHY or level == 0:
        return page
    made = effects(level)  # before the seeding: importing augraphy draws numbers too
    random.seed(seed)  # augraphy draws from the global states
    np.random.seed(seed)
    cv2.setRNGSeed(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for effect in made:
            page = np.asarray(effect(page), np.uint8)
    return page


def effects(level: int) -> list[Any]:
    """Return augraphy's effects for a level of wear."""
    augraphy = import_module("augraphy")

    spread = augraphy.InkBleed(intensity_range=(0.1, 0.3), kernel_size=(3, 3), severity=(0.2, 0.4))
    if level == 1:
        return [augraphy.SubtleNoise(subtle_range=6)]
    if level == 2:
        return [spread, augraphy.SubtleNoise(subtle_range=12)]
    texture = augraphy.NoiseTexturize(
        sigma_range=(1, 3), turbulence_range=(2, 4), texture_width_range=(200, 400), texture_height_range=(200, 400)
    )
    return [spread, texture]


def scanned(page: Grey, scanner: Scanner, draw: Draw) -> Grey:
    """Return what the sensor makes of the page: blur, tone, uneven light, and noise that is stronger where it is light.

    A little of the noise goes along rows, as with the line sensors of scanners.
    """
    if not scanner.noise:
        return page
    light = cv2.GaussianBlur(page, (0, 0), scanner.blur).astype(np.float32) / 255
    light = scanner.ink + light * (scanner.paper - scanner.ink)
    light *= lamp(page.shape, scanner.shade, draw)
    noise = scanner.noise * draw.uniform(0.85, 1.15)
    grain = draw.normal(0, noise, page.shape) + draw.normal(0, noise / 6, (page.shape[0], 1))
    light += (grain * np.sqrt(light / 255)).astype(np.float32)
    return np.asarray(np.clip(light, 0, 255), np.uint8)


def lamp(shape: tuple[int, ...], depth: float, draw: Draw) -> npt.NDArray[np.float32]:
    """Return the light on the page (height x width): a shadow from the spine at one side, less light at one end."""
    across, down = np.linspace(0, 1, shape[1]), np.linspace(-1, 1, shape[0])
    spine = np.exp(-(across if draw.random() < 0.5 else across[::-1]) / draw.uniform(0.1, 0.3))
    end = 0.25 * (1 + down * draw.choice([-1, 1]))
    return np.asarray(1 - depth * np.clip(spine[None, :] + end[:, None], 0, 1), np.float32)


def bordered(page: Grey, draw: Draw) -> Grey:
    """Return the page with the black of the scanner's lid at two sides."""
    broad = int(BORDER * page.shape[1])
    wider = cv2.copyMakeBorder(page, 0, broad, broad // 2, 0, cv2.BORDER_CONSTANT, value=(12,))
    return np.asarray(np.clip(wider + draw.normal(0, 3, wider.shape), 0, 255), np.uint8)


def yellowed(page: Grey) -> npt.NDArray[np.uint8]:
    """Return a grey page as one in colour (height x width x 3) on yellow paper; its print stays as dark as it was."""
    red, blue = RED_AND_BLUE
    share = np.array([255 + red, 255, 255 + blue], np.float32) / 255
    return np.asarray(np.clip(page[:, :, None] * share, 0, 255), np.uint8)


def bitonal(page: Grey) -> Grey:
    """Return the page in black and white only."""
    return np.asarray(cv2.threshold(page, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1], np.uint8)
