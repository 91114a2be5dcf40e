"""Collects pairs (word as printed, word as read): renders pages, has Tesseract read them, matches the words by place.

Pages are independent and seeded by their number, and each page's pairs are kept in the work folder, so an interrupted
run goes on where it stopped.
"""

import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.learn.degrade import degrade, random_wear
from pipeline.learn.render import Font, Placed, draw_lines, load_font

LINES: Final = 30
LINE_LENGTH: Final = 70
# Heights of the font in pixels: 10 point at 130 to 400 dpi.
SIZES: Final = (18, 22, 26, 30, 36, 42, 56)
MODELS: Final = {"tesseract-eng": "eng", "tesseract-rus+eng": "rus+eng", "tesseract-rus": "rus"}


class Writer(Protocol):
    """Makes text to render."""

    @property
    def language(self) -> str:
        """The name of its language, as Tesseract has it."""

    def page(self, random: np.random.Generator, lines: int, length: int, short: bool) -> list[str]:
        """Return lines of about `length` characters; in `short` ones most words are short."""


@dataclass(frozen=True)
class Task:
    """One page to render and read; on a `short` one most words are short."""

    number: int
    font: Font
    model: str
    seed: int = 1
    short: bool = False

    def name(self, language: str) -> str:
        """Return the name of the file that keeps the page's pairs."""
        kind = ("" if language == "rus" else f"-{language}") + ("-short" if self.short else "")
        return f"{self.font.file}-{self.model}-{self.seed}-{self.number}{kind}.json"


def picture(task: Task, writer: Writer) -> tuple[npt.NDArray[np.uint8], list[Placed]]:
    """Render and wear the page of a task: the picture and the words on it. Only Russian print spaces words out."""
    random = np.random.default_rng([task.seed, task.number])
    size = int(random.choice(SIZES))
    may_space = writer.language == "rus" and "spaced" in task.font.style
    spacing = size * 0.15 if may_space and random.random() < 0.2 else 0.0
    lines = writer.page(random, LINES, LINE_LENGTH, task.short)
    page, placed = draw_lines(lines, load_font(task.font, size), spacing)
    return degrade(page, random_wear(random), random), placed


def tesseract_words(
    page: npt.NDArray[np.uint8], languages: str, folder: Path, name: str
) -> list[tuple[str, float, float, float]]:
    """Read a page of plain lines: (text, left, right, middle of the height) of each word."""
    import pytesseract

    path = folder / f"{name}.png"
    cv2.imwrite(str(path), page)
    try:
        table = pytesseract.image_to_data(
            str(path), lang=languages, config="--psm 6", output_type=pytesseract.Output.DICT
        )
    finally:
        path.unlink(missing_ok=True)
    columns = zip(table["text"], table["left"], table["width"], table["top"], table["height"], strict=True)
    return [(text, x, x + w, y + h / 2) for text, x, w, y, h in columns if text.strip()]


def match(placed: Sequence[Placed], words: Sequence[tuple[str, float, float, float]]) -> Iterator[tuple[str, str]]:
    """Yield (printed, read) for words that overlap one to one, or one printed word with the pieces it was read as."""
    by_line: dict[int, list[Placed]] = defaultdict(list)
    for word in placed:
        by_line[word.line].append(word)
    top, step = placed[0].top, placed[0].bottom - placed[0].top
    owners: dict[int, list[str]] = defaultdict(list)
    shared = set()
    for text, left, right, middle in words:
        line_words = by_line.get(int((middle - top) // step), [])
        inside = [
            word
            for word in line_words
            if min(right, word.right) - max(left, word.left) > 0.3 * min(right - left, word.right - word.left)
        ]
        for word in inside:
            owners[id(word)].append(text)
            if len(inside) > 1:
                shared.add(id(word))
    for word in placed:
        if id(word) in owners and id(word) not in shared and len(owners[id(word)]) <= 2:
            yield word.text, " ".join(owners[id(word)])


def page_pairs(task: Task, writer: Writer, folder: Path) -> list[tuple[str, str]]:
    """Return the pairs of one page, from the work folder if they are there."""
    name = task.name(writer.language)
    kept = folder / name
    if kept.exists():
        return [(printed, read) for printed, read in json.loads(kept.read_text(encoding="utf-8"))]
    page, placed = picture(task, writer)
    pairs = list(match(placed, tesseract_words(page, MODELS[task.model], folder, name)))
    unfinished = kept.with_suffix(".part")
    unfinished.write_text(json.dumps(pairs, ensure_ascii=False), encoding="utf-8")
    unfinished.rename(kept)
    return pairs


def collect(
    tasks: Sequence[Task], writer: Writer, folder: Path, jobs: int, done: Callable[[int], None]
) -> list[list[tuple[str, str]]]:
    """Return the pairs of each task, in order; `done` is called with the number of pairs after each page."""
    os.environ["OMP_THREAD_LIMIT"] = "1"
    folder.mkdir(parents=True, exist_ok=True)
    results = []
    with ThreadPoolExecutor(jobs) as pool:
        for pairs in pool.map(lambda task: page_pairs(task, writer, folder), tasks):
            results.append(pairs)
            done(len(pairs))
    return results
