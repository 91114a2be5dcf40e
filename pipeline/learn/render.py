"""Renders text as pictures of print, and knows where every word stands."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from pipeline.errors import BadData, UnreadableInput

MARGIN: Final = 40
LEADING: Final = 1.6


@dataclass(frozen=True)
class Font:
    """A font file of the list: its name, style words, use (`learn` or `hold`) and Debian package."""

    file: str
    style: str
    use: str
    package: str


@dataclass(frozen=True)
class Placed:
    """A word on a page: its text, its line, its left and right edge and the top and bottom of its line in pixels."""

    text: str
    line: int
    left: float
    right: float
    top: float
    bottom: float


def read_fonts(path: Path) -> list[Font]:
    """Read the list of fonts. Raises BadData if it is no such table."""
    try:
        rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
        return [Font(*row) for row in rows[1:]]
    except (OSError, TypeError, ValueError) as error:
        raise BadData(f"{path} is not a list of fonts", "Compare it with glyphmaps/fonts.tsv") from error


@cache
def installed_fonts() -> dict[str, str]:
    """Return where each installed font file lies, by its name, as fontconfig knows it."""
    try:
        listing = subprocess.run(["fc-list", ":", "file"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise UnreadableInput("The installed fonts cannot be listed", "apt-get install fontconfig") from error
    paths = sorted(line.rstrip(": ") for line in listing.splitlines())
    return {Path(path).name: path for path in paths}


def load_font(font: Font, size: int) -> ImageFont.FreeTypeFont:
    """Load a font at `size` pixels. Raises UnreadableInput, naming the package, if it is not installed."""
    path = installed_fonts().get(font.file)
    if path is None:
        raise UnreadableInput(f"The font {font.file} is not installed", f"apt-get install {font.package}")
    return ImageFont.truetype(path, size)


def draw_lines(
    lines: Sequence[str], font: ImageFont.FreeTypeFont, spacing: float = 0.0
) -> tuple[npt.NDArray[np.uint8], list[Placed]]:
    """Draw lines one below the other, black on white, with `spacing` pixels after each letter.

    Returns the grey picture and where its words stand.
    """
    step = int(font.size * LEADING)
    width = int(max(font.getlength(line) + spacing * len(line) for line in lines)) + 2 * MARGIN
    page = Image.new("L", (width, step * len(lines) + 2 * MARGIN), 255)
    pen = ImageDraw.Draw(page)
    placed = []
    for number, line in enumerate(lines):
        top, left = MARGIN + number * step, float(MARGIN)
        for word in line.split():
            right = draw_word(pen, (left, top), word, font, spacing)
            placed.append(Placed(word, number, left, right, top, top + step))
            left = right + font.getlength(" ") + spacing
    return np.asarray(page), placed


def draw_word(
    pen: ImageDraw.ImageDraw, at: tuple[float, float], word: str, font: ImageFont.FreeTypeFont, spacing: float
) -> float:
    """Draw one word and return its right edge."""
    left, top = at
    if not spacing:
        pen.text((left, top), word, font=font, fill=0)
        return left + font.getlength(word)
    for letter in word:
        pen.text((left, top), letter, font=font, fill=0)
        left += font.getlength(letter) + spacing
    return left - spacing
