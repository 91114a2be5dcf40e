"""Pages of words for the tests of layout, set from a few marks as a printer would set them."""

from collections.abc import Sequence
from typing import Any, Final

from pipeline.layout.rows import USUAL, shape_of
from pipeline.model import Box, PlacedWord, ReadWord

SIZE: Final = 40  # pixels: the size of the body's print
PITCH: Final = 56
WORDS: Final = (
    *("комиссия", "осматривала", "склады", "мельницы", "района", "отчёт", "the", "committee", "had", "visited"),
    *("every", "mill", "and", "store", "of", "the", "district", "before", "winter", "отослала", "губернскому"),
    *("управлению", "вместе", "с", "жалобой"),
)


def width_of(text: str, size: float) -> int:
    return max(1, round(0.5 * size * len(text)))


def word(text: str, left: float, baseline: float, line: tuple[str, str, str], size: float) -> PlacedWord:
    """A word as high as its letters make it, standing on its baseline."""
    up, down = shape_of(text)
    below = (0.0, 0.12, 0.21)[down] * size
    top = baseline + below - USUAL[up, down] * size
    place = Box(round(left), round(top), round(left) + width_of(text, size), round(baseline + below))
    return PlacedWord(*line, place, ReadWord(text, place, 0.9))


class Sheet:
    """A page in the making. Every line has its own block of the reader's, unless `block` says which."""

    def __init__(self) -> None:
        self.lines: list[list[PlacedWord]] = []
        self.drawn = 0

    @property
    def words(self) -> list[PlacedWord]:
        return [one for line in self.lines for one in line]

    def line(
        self, text: str, left: float, baseline: float, right: float | None = None, size: float = SIZE, block: str = ""
    ) -> None:
        """Set a line, justified where `right` is given; an empty word (two spaces) is the room of a cell."""
        own = text.split(" ")
        used = sum(width_of(one, size) for one in own if one)
        space = 0.35 * size if right is None else (right - left - used) / max(1, len(own) - 1)
        name = str(len(self.lines))
        self.lines.append([])
        for one in own:
            if one:
                self.lines[-1].append(word(one, left, baseline, (block or name, "1", name), size))
            left += (width_of(one, size) if one else 2 * size) + space

    def prose(
        self,
        count: int,
        left: float,
        top: float,
        width: float,
        indent: bool = True,
        size: float = SIZE,
        open: bool = False,
        goes_on: bool = False,
        mark: str = "",
        block: str = "",
    ) -> None:
        """Set a paragraph of so many lines; the last short unless it stays `open`, the first small if it `goes_on`."""
        for number in range(count):
            inset = 1.5 * size if indent and number == 0 and not goes_on else 0.0
            last = number == count - 1 and not open
            text = self.drawing(0.45 * width if last else width - inset, size)
            text = text.capitalize() if number == 0 and not goes_on else text
            text = f"{mark} {text}" if mark and number == 0 else text
            text = f"{text}." if last else text
            baseline = top + number * PITCH * size / SIZE
            self.line(text, left + inset, baseline, None if last else left + width, size, block or f"column {left}")

    def drawing(self, width: float, size: float) -> str:
        """So many words as fit into a width."""
        own: list[str] = []
        while True:
            following = WORDS[self.drawn % len(WORDS)]
            if own and width_of(" ".join([*own, following]), size) > width:
                return " ".join(own)
            own.append(following)
            self.drawn += 1


def page_of(elements: Sequence[Sequence[Any]]) -> Sheet:
    """The page that elements say: ["line" or "prose", what, left, baseline, ..., {options}]."""
    sheet = Sheet()
    for kind, *rest in elements:
        options = rest.pop() if isinstance(rest[-1], dict) else {}
        getattr(sheet, kind)(*rest, **options)
    return sheet
