"""What all text layers have in common: word elements, the lines made of them, and what became of each element."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, NamedTuple

from pipeline.layers.markup import Markup
from pipeline.model import Box, Correction, Page, Reading, ReadLine, ReadWord

FARTHEST: Final = 1 << 24  # pixels: no page is larger
CLEAN: Final = {frozenset({"eng"}): "tesseract-eng", frozenset({"eng", "rus"}): "tesseract-rus+eng"}


class Element(NamedTuple):
    """A word element, or what holds text without words: its number among those of the file, and what it says."""

    number: int
    text: str
    box: Box | None = None
    confidence: float | None = None


class Holder(NamedTuple):
    """An element's place in the text of its line."""

    number: int
    start: int
    end: int


class LayerLine(NamedTuple):
    """A line, and which element holds what of it."""

    read: ReadLine
    holders: tuple[Holder, ...] = ()


@dataclass(frozen=True)
class LayerPage:
    """A page of a layer; `lines` has an empty line between paragraphs."""

    lines: tuple[LayerLine, ...]
    width: int = 0
    height: int = 0
    dpi: int = 0


@dataclass(frozen=True)
class Layer:
    """The text layer that an OCR program left: its pages, the glyph map of that program ("": not known).

    `markup` is what the corrected words are put back into, None where Pravka does not write that format.
    """

    kind: str
    pages: tuple[LayerPage, ...]
    glyph_map: str = ""
    markup: Markup | None = None

    def readings(self, chosen: str = "") -> list[Reading]:
        """Return the pages as readings; the glyph map that is `chosen` holds, else that of the file."""
        return [
            Reading(
                tuple(line.read for line in page.lines), chosen or self.glyph_map, page.width, page.height, page.dpi
            )
            for page in self.pages
        ]


class NewText(NamedTuple):
    """What became of an element: the words it holds now (none: merged into the one before), and why and how surely."""

    words: tuple[str, ...]
    reason: str
    confidence: float


# ---------------------------------------------------------------- reading


def glyph_map_of(engine: str, languages: Iterable[str]) -> str:
    """Return the glyph map of an OCR engine with these language packs, "" if there is none or it cannot be told."""
    if not engine.lower().startswith("tesseract"):
        return ""
    return CLEAN.get(frozenset(languages) | ({"eng"} if "rus" in languages else set()), "")


def to_line(elements: Iterable[Element], box: Box | None = None) -> LayerLine:
    """Return the line that elements make, single spaces between their words; empty ones hold nothing of it."""
    parts: list[str] = []
    words: list[ReadWord] = []
    holders: list[Holder] = []
    place = 0
    for element in elements:
        own = element.text.split()
        if own:
            text = " ".join(own)
            holders.append(Holder(element.number, place, place + len(text)))
            words += [ReadWord(word, element.box, element.confidence) for word in own]
            parts.append(text)
            place += len(text) + 1
    return LayerLine(ReadLine(" ".join(parts), tuple(words), box or around(words)), tuple(holders))


def around(words: Sequence[ReadWord]) -> Box | None:
    """Return the box around words, None where none has a box."""
    boxes = [word.box for word in words if word.box]
    return Box.around(boxes) if boxes else None


def paragraphs(groups: Iterable[Sequence[LayerLine]]) -> tuple[LayerLine, ...]:
    """Return the lines of paragraphs that say anything, an empty one between paragraphs."""
    lines: list[LayerLine] = []
    for group in groups:
        own = [line for line in group if line.holders]
        if own:
            lines += [LayerLine(ReadLine("")), *own] if lines else own
    return tuple(lines)


def to_box(sides: Sequence[float]) -> Box | None:
    """Return the box of four sides, None where they are none: not finite, negative, far off, or nothing between."""
    if len(sides) != 4 or not all(math.isfinite(side) and 0 <= side < FARTHEST for side in sides):
        return None
    box = Box(*(round(side) for side in sides))
    return box if box.left < box.right and box.top < box.bottom else None


def number(text: str | None) -> float:
    """Return the number that an attribute says, NaN where it says none."""
    try:
        return float(text or "")
    except ValueError:
        return math.nan


def size(text: str | None) -> int:
    """Return a width, height or resolution, 0 where an attribute says none that can be."""
    value = number(text)
    return round(value) if 0 < value < FARTHEST else 0


def share(value: float) -> float | None:
    """Return a confidence from 0 to 1, None where there is none."""
    return min(max(value, 0.0), 1.0) if math.isfinite(value) else None


# ---------------------------------------------------------------- what became of it


def new_texts(layer: Layer, pages: Sequence[Page]) -> dict[int, NewText]:
    """Return what became of the elements that were repaired, by number."""
    changed = {}
    for layer_page, page in zip(layer.pages, pages, strict=True):
        for place, made in groupby(page.corrections, key=lambda correction: correction.line):
            changed.update(changed_holders(layer_page.lines[place], list(made)))
    return changed


def changed_holders(line: LayerLine, corrections: Sequence[Correction]) -> dict[int, NewText]:
    """Return what became of the elements of a line that its corrections (in order) change."""
    dealt: dict[Holder, list[tuple[int, int, str, Correction]]] = {}
    for correction in corrections:
        for holder, piece in pieces(line.holders, correction):
            dealt.setdefault(holder, []).append((*piece, correction))
    return {holder.number: new_text(line.read.text, holder, edits) for holder, edits in dealt.items()}


def pieces(holders: Sequence[Holder], correction: Correction) -> Iterator[tuple[Holder, tuple[int, int, str]]]:
    """Yield what a correction does to each element: (start, end, text). Words go to elements in turn, the rest last."""
    start, end = correction.start, correction.end
    own = [one for one in holders if one.start < end and start < one.end]
    own = own or [one for one in holders if one.start <= start <= one.end][:1]
    words = [correction.is_] if len(own) == 1 else correction.is_.split()
    for place, holder in enumerate(own):
        said = words[place:] if place == len(own) - 1 else words[place : place + 1]
        yield holder, (max(start, holder.start), min(end, holder.end), " ".join(said))


def new_text(line: str, holder: Holder, edits: Sequence[tuple[int, int, str, Correction]]) -> NewText:
    """Return what an element says after edits of its line; one that held several words still holds them as one text."""
    parts, done = [], holder.start
    for start, end, text, _ in edits:
        parts += [line[done:start], text]
        done = end
    words = ("".join(parts) + line[done : holder.end]).split()
    if " " in line[holder.start : holder.end]:
        words = [" ".join(words)]
    reasons = ",".join(dict.fromkeys(edit[3].reason for edit in edits))
    return NewText(tuple(words), reasons, min(edit[3].confidence for edit in edits))


def free_name(wanted: str, names: set[str]) -> str:
    """Return an id that is not in use yet, and have it in use."""
    name, count = wanted, 1
    while name in names:
        count += 1
        name = f"{wanted}_{count}"
    names.add(name)
    return name
