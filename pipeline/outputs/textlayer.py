"""The words of a page as invisible text, each at its box, in the reading order, with a space between two."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Final, NamedTuple

from pipeline.model import Box, Page
from pipeline.outputs.glyphless import ADVANCE, UNITS, Codes
from pipeline.outputs.words import printable

FONT: Final = "PravkaText"  # what the font is called on each page
WIDTH: Final = ADVANCE / UNITS  # of a character, in heights of the font
INVISIBLE: Final = 3  # the text render mode


class Word(NamedTuple):
    """A word and its box in pixels of the page as given."""

    text: str
    box: Box


@dataclass(frozen=True)
class Paper:
    """Where pixels lie in the units of a PDF page (1/72 inch): x = a * across + c * down + e, y likewise with b, d, f."""

    a: float
    b: float
    c: float
    d: float
    e: float
    f: float

    def place(self, across: float, down: float) -> tuple[float, float]:
        """Return where a pixel lies."""
        return self.a * across + self.c * down + self.e, self.b * across + self.d * down + self.f


def paper_of(sides: tuple[float, float, float, float], rotate: int, width: int, height: int) -> Paper:
    """Return how a picture of `width` x `height` pixels of a page as it is shown lies on the page.

    `sides` are left, bottom, right and top of its crop box, `rotate` the degrees clockwise (0, 90, 180, 270) by which
    it is turned to be shown.
    """
    left, bottom, right, top = sides
    across, down = (right - left), (top - bottom)
    if rotate == 90:
        return Paper(0, down / width, across / height, 0, left, bottom)
    if rotate == 180:
        return Paper(-across / width, 0, 0, down / height, right, bottom)
    if rotate == 270:
        return Paper(0, -down / width, -across / height, 0, right, top)
    return Paper(across / width, 0, 0, -down / height, left, top)


def lines_of(page: Page) -> Iterator[list[Word]]:
    """Yield the lines of a page as words with boxes; words without one are left out."""
    for line in page.lines:
        words = [Word(printable(token.text), token.box) for token in line.tokens if token.box and has_room(token.box)]
        if words:
            yield words


def has_room(box: Box) -> bool:
    """Tell whether a box has room for a word."""
    return box.left < box.right and box.top < box.bottom


def layer_of(lines: Sequence[Sequence[Word]], paper: Paper, quarter: int, codes: Codes) -> bytes:
    """Return the words of lines as a content stream; `quarter` says by how much the page was turned to be read.

    `quarter` is 0, 90, 180 or 270 degrees counter-clockwise. Empty if there are no words.
    """
    shown = list(chain.from_iterable(line_of(line, paper, quarter, codes) for line in lines))
    if not shown:
        return b""
    return "\n".join(["q", "BT", f"{INVISIBLE} Tr", *shown, "ET", "Q", ""]).encode("ascii")


def line_of(words: Sequence[Word], paper: Paper, quarter: int, codes: Codes) -> Iterator[str]:
    """Yield what shows the words of a line, and the spaces between and behind them."""
    for word, after in pairwise([*words, None]):
        if word is None:
            continue
        yield shown(word, paper, quarter, codes)
        yield shown(Word(" ", gap(word.box, after.box if after else None, quarter)), paper, quarter, codes)


def gap(box: Box, after: Box | None, quarter: int) -> Box:
    """Return the room between two words of a line, at least a pixel of it, behind the first if it is the last."""
    if quarter == 0:
        return box._replace(left=box.right, right=max(box.right + 1, after.left if after else 0))
    if quarter == 90:
        return box._replace(top=box.bottom, bottom=max(box.bottom + 1, after.top if after else 0))
    if quarter == 180:
        return box._replace(right=box.left, left=min(box.left - 1, after.right if after else box.left))
    return box._replace(bottom=box.top, top=min(box.top - 1, after.bottom if after else box.top))


def shown(word: Word, paper: Paper, quarter: int, codes: Codes) -> str:
    """Return what shows a word so that it fills its box."""
    left, top, right, bottom = word.box
    # Where a word starts on its baseline, where it ends there, and where its top is above its start.
    start, end, above = {
        0: ((left, bottom), (right, bottom), (left, top)),
        90: ((left, top), (left, bottom), (right, top)),
        180: ((right, top), (left, top), (right, bottom)),
        270: ((right, bottom), (right, top), (left, bottom)),
    }[quarter]
    x, y = paper.place(*start)
    (along_x, along_y), (up_x, up_y) = (
        (there[0] - x, there[1] - y) for there in (paper.place(*end), paper.place(*above))
    )
    length, size = math.hypot(along_x, along_y), math.hypot(up_x, up_y)
    turn = [along_x / length, along_y / length, up_x / size, up_y / size]
    stretched = 100 * length / (WIDTH * size * len(word.text))
    matrix = " ".join(map(number, [*turn, x, y]))
    return f"/{FONT} {number(size)} Tf {number(stretched)} Tz {matrix} Tm <{codes.encoded(word.text)}> Tj"


def number(value: float) -> str:
    """Return a number as short as hundredths allow."""
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")
