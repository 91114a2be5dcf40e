"""The words of a page as invisible text, each at its box, in the reading order, with a space between two."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final, NamedTuple

from pipeline.model import Box, Page
from pipeline.outputs.glyphless import ADVANCE, UNITS, Codes
from pipeline.outputs.words import printable, quarter_of

FONT: Final = "PravkaText"  # what the font is called on each page
WIDTH: Final = ADVANCE / UNITS  # of a character, in heights of the font
INVISIBLE: Final = 3  # the text render mode
TOO_HIGH: Final = 2  # times the usual height of a line: what is higher is no word of it alone


class Word(NamedTuple):
    """A word and its box in pixels of the page, upright."""

    text: str
    box: Box


@dataclass(frozen=True)
class Paper:
    """How the picture of a page that stands upright lies on a PDF page, in the units of that (1/72 inch).

    `x` and `y` are where its top left corner lies, `turn` is the matrix of its turn (a, b, c and d of text), `across`
    and `down` are the lengths of a pixel.
    """

    x: float
    y: float
    turn: str
    across: float
    down: float

    def place(self, across: float, down: float) -> tuple[float, float]:
        """Return where a pixel lies."""
        a, b, c, d = map(int, self.turn.split())
        return (
            self.x + a * across * self.across - c * down * self.down,
            self.y + b * across * self.across - d * down * self.down,
        )


def paper_of(sides: tuple[float, float, float, float], rotate: int, width: int, height: int) -> Paper:
    """Return how a picture of `width` x `height` pixels, upright, lies on a PDF page.

    `sides` are left, bottom, right and top of its crop box, `rotate` the degrees clockwise (0, 90, 180, 270) by which
    it is turned to stand upright.
    """
    left, bottom, right, top = sides
    x, y, turn = {
        0: (left, top, "1 0 0 1"),
        90: (left, bottom, "0 1 -1 0"),
        180: (right, bottom, "-1 0 0 -1"),
        270: (right, top, "0 -1 1 0"),
    }[rotate]
    along, up = (right - left, top - bottom) if rotate % 180 == 0 else (top - bottom, right - left)
    return Paper(x, y, turn, along / width, up / height)


def lines_of(page: Page, is_seen: Callable[[str, Box], bool]) -> Iterator[list[Word]]:
    """Yield the lines of a page as words with boxes on the page turned upright.

    Words that have no box, or of which `is_seen` tells that the page has them at their box already, are left out.
    """
    quarter = quarter_of(page)
    for line in page.lines:
        words = [
            Word(printable(token.text), upright(token.box, quarter, page.width, page.height))
            for token in line.tokens
            if token.box and has_room(token.box) and not is_seen(token.text, token.box)
        ]
        if words:
            yield words


def has_room(box: Box) -> bool:
    """Tell whether a box has room for a word."""
    return box.left < box.right and box.top < box.bottom


def upright(box: Box, quarter: int, width: int, height: int) -> Box:
    """Return where a box of a page of `width` x `height` pixels is once the page is turned counter-clockwise."""
    left, top, right, bottom = box
    return {
        0: box,
        90: Box(top, width - right, bottom, width - left),
        180: Box(width - right, height - bottom, width - left, height - top),
        270: Box(height - bottom, left, height - top, right),
    }[quarter]


def layer_of(lines: Sequence[Sequence[Word]], paper: Paper, slope: float, codes: Codes) -> bytes:
    """Return the words of lines as a content stream, empty if there are no words.

    Lines sink by `slope` pixels a pixel. The words of a line are of one height, so that readers see it as one line.
    """
    shown = [piece for words in lines for piece in line_of(evened(words, slope), paper, codes)]
    if not shown:
        return b""
    return "\n".join(["q", "BT", f"{INVISIBLE} Tr", *shown, "ET", "Q", ""]).encode("ascii")


def evened(words: Sequence[Word], slope: float) -> list[Word]:
    """Return the words of a line with boxes as high as the line, those that are far too high as they are."""
    usual = median(word.box.bottom - word.box.top for word in words)
    sunk = [slope * (word.box.left + word.box.right) / 2 for word in words]
    level = [
        (word.box.top - down, word.box.bottom - down)
        for word, down in zip(words, sunk, strict=True)
        if word.box.bottom - word.box.top <= TOO_HIGH * usual
    ]
    top, bottom = min(top for top, _ in level), max(bottom for _, bottom in level)
    return [
        word._replace(
            box=word.box._replace(
                top=min(word.box.top, round(top + down)), bottom=max(word.box.bottom, round(bottom + down))
            )
        )
        for word, down in zip(words, sunk, strict=True)
    ]


def line_of(words: Sequence[Word], paper: Paper, codes: Codes) -> Iterator[str]:
    """Yield what shows the words of a line so that each fills its box, a space behind it.

    A step to the next word is counted along the line and up from where the last word starts, rounded as it is written.
    """
    x, y = paper.place(words[0].box.left, words[0].box.bottom)
    yield f"{paper.turn} {number(x)} {number(y)} Tm"
    before, size = words[0].box, ""
    at = (0.0, 0.0)
    for word in words:
        box = word.box
        target = ((box.left - before.left) * paper.across, (before.bottom - box.bottom) * paper.down)
        step = tuple(round(there - here, 2) for there, here in zip(target, at, strict=True))
        at = (at[0] + step[0], at[1] + step[1])
        height = (box.bottom - box.top) * paper.down
        stretched = 100 * (box.right - box.left) * paper.across / (WIDTH * height * len(word.text))
        move = f"{number(step[0])} {number(step[1])} Td " if any(step) else ""
        font = f"/{FONT} {number(height)} Tf "
        yield f"{move}{font if font != size else ''}{number(stretched)} Tz <{codes.encoded(word.text + ' ')}> Tj"
        size = font


def number(value: float) -> str:
    """Return a number as short as hundredths allow."""
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")
