"""Draws docs/before-after.png: a piece of a sample page, what English OCR reads there, and what Pravka writes.

Run from the root of the repository: `python docs/picture.py`.
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from PIL import Image, ImageDraw, ImageFont

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "samples" / "page-4.jpg"
TRUTH: Final = ROOT / "samples" / "truth" / "page-4.txt"
PICTURE: Final = ROOT / "docs" / "before-after.png"
PIECE: Final = (0, 476, 1049, 843)  # pixels of the page: left, top, right, bottom
FIRST, LAST = "«Гражданка", "to whom the difference"  # in the lines of the piece
WIDTH, EDGE, LINE, LABEL, SIZE = 1280, 20, 27, 44, 17
PAPER, INK, RED, GREEN, PALE_RED, PALE_GREEN = "#ffffff", "#222222", "#b3261e", "#1b7a3d", "#fdeeec", "#ebf6ee"
FONTS: Final = ("PTF55F.ttf", "DejaVuSerif.ttf")
LABEL_FONTS: Final = ("PTF75F.ttf", "DejaVuSerif-Bold.ttf")
COLOURS: Final = 24  # the grain of the scan would otherwise fill half a megabyte

Font = ImageFont.FreeTypeFont


def font(names: Sequence[str], size: int) -> Font:
    """Return the first font that is installed."""
    for name in names:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    raise SystemExit(f"None of these fonts is installed: {', '.join(names)}")


def english_reading(piece: Image.Image) -> list[str]:
    """Return the lines that Tesseract reads with its English model."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "piece.png")
        piece.save(file)
        command = ["tesseract", str(file), "-", "-l", "eng"]
        said = subprocess.run(command, capture_output=True, check=True).stdout.decode("utf-8")
    return [line for line in said.splitlines() if line.strip()]


def pravka_reading() -> list[str]:
    """Return the lines of the piece as Pravka writes them."""
    with TemporaryDirectory() as folder:
        command = [sys.executable, "cli.py", "clean", str(PAGE), "-o", folder, "--format", "txt"]
        subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
        lines = Path(folder, "page-4.txt").read_text(encoding="utf-8").splitlines()
    first = next(place for place, line in enumerate(lines) if FIRST in line)
    last = next(place for place, line in enumerate(lines) if LAST in line)
    return [line for line in lines[first : last + 1] if line.strip()]


def draw_panel(
    draw: ImageDraw.ImageDraw,
    box: tuple[int, int, int, int],
    label: str,
    lines: Sequence[str],
    truth: set[str],
    other: set[str],
    colour: str,
    ground: str,
) -> None:
    """Draw a labelled panel of text; wrong words are red, right ones that the other panel has not are green."""
    left, top, right, _ = box
    draw.rectangle(box, fill=ground, outline=colour)
    draw.rectangle((left, top, right, top + LABEL), fill=colour)
    draw.text((left + EDGE, top + LABEL // 2), label, PAPER, font(LABEL_FONTS, 24), anchor="lm")
    room = right - left - 1.5 * EDGE
    longest = max(font(FONTS, SIZE).getlength(line) for line in lines)
    text_font = font(FONTS, min(SIZE, int(SIZE * room / longest)))
    for number, line in enumerate(lines):
        place = float(left + EDGE)
        for word in line.split():
            baseline = top + LABEL + EDGE // 2 + (number + 0.75) * LINE
            ink = RED if plain(word) not in truth else INK if plain(word) in other else GREEN
            draw.text((place, baseline), word, ink, text_font, anchor="ls")
            place += text_font.getlength(word + " ")


def words(lines: Sequence[str]) -> set[str]:
    """Return the words of lines."""
    return {plain(word) for line in lines for word in line.split()}


def plain(word: str) -> str:
    """Return a word with every dash as a hyphen: their lengths are not what the picture is about."""
    return word.replace("–", "-").replace("—", "-")


def main() -> None:
    """Read, draw, write."""
    piece = Image.open(PAGE).convert("L").crop(PIECE)
    english, pravka = english_reading(piece), pravka_reading()
    truth = words(TRUTH.read_text(encoding="utf-8").splitlines())
    scale = (WIDTH - 2 * EDGE) / piece.width
    shown = piece.resize((WIDTH - 2 * EDGE, round(piece.height * scale)), Image.Resampling.BILINEAR)
    top = EDGE + shown.height + EDGE
    bottom = top + LABEL + EDGE + max(len(english), len(pravka)) * LINE
    picture = Image.new("RGB", (WIDTH, bottom + EDGE), PAPER)
    picture.paste(shown.convert("RGB"), (EDGE, EDGE))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((EDGE, EDGE, WIDTH - EDGE - 1, EDGE + shown.height), outline="#888888")
    middle = WIDTH // 2
    left = (EDGE, top, middle - EDGE // 2, bottom)
    right = (middle + EDGE // 2, top, WIDTH - EDGE - 1, bottom)
    draw_panel(draw, left, "English OCR", english, truth, words(pravka), RED, PALE_RED)
    draw_panel(draw, right, "Pravka", pravka, truth, words(english), GREEN, PALE_GREEN)
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(PICTURE, optimize=True)


if __name__ == "__main__":
    main()
