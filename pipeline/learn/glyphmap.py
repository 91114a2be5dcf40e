"""Makes a glyph map: renders text in many fonts, has Tesseract read it, learns the confusions, measures them.

The fonts marked `hold` in the list are read too but not learned from: on them the map is measured.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipeline.learn.align import Unit, learn_channel
from pipeline.learn.readings import Task, collect
from pipeline.learn.render import Font, read_fonts
from pipeline.learn.text import Sampler
from pipeline.repair.channel import Confusion, GlyphMap, read_glyph_map
from pipeline.repair.search import Searcher
from pipeline.repair.states import STRICT
from pipeline.repair.units import NOT

HELD_PAGES: Final = 2
MEASURED: Final = 2000
LEAST_COUNT: Final = 1.0

Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Learned:
    """A glyph map as text, the pairs of the fonts held out, and how many pairs it was learned from."""

    text: str
    held: Pairs
    pairs: int


def plan(fonts: Sequence[Font], model: str, pages: int) -> list[Task]:
    """Return the pages to read: `pages` of each font to learn from, HELD_PAGES of the others."""
    return [
        Task(number, font, model, seed)
        for number in range(pages)
        for seed, font in enumerate(fonts)
        if font.use == "learn" or number < HELD_PAGES
    ]


def learn_glyph_map(
    fonts: Path, model: str, sampler: Sampler, folder: Path, pages: int, jobs: int, done: Callable[[int], None]
) -> Learned:
    """Render, read and learn. `folder` keeps what was read, so that an interrupted run can go on."""
    tasks = plan(read_fonts(fonts), model, pages)
    learned: Pairs = []
    held: Pairs = []
    for task, pairs in zip(tasks, collect(tasks, sampler, folder, jobs, done), strict=True):
        (learned if task.font.use == "learn" else held).extend(pairs)
    units = learn_channel(learned, LEAST_COUNT)
    facts = {
        "what": f"how Tesseract's {model.removeprefix('tesseract-')} model reads printed Russian: P(read | printed)",
        "licence": "CC0",
        "version": "1",
        "made_by": f"pravka learn glyphmap --model {model} --pages {pages}",
        "learned_from": f"{len(learned)} words in {sum(font.use == 'learn' for font in read_fonts(fonts))} fonts",
        "held_out": f"{len(held)} words in {sum(font.use == 'hold' for font in read_fonts(fonts))} fonts",
        "read_with": reader_version(),
    }
    return Learned(glyph_map_text(units, facts), held, len(learned))


def reader_version() -> str:
    """Return the version of Tesseract."""
    import pytesseract

    return f"Tesseract {pytesseract.get_tesseract_version()}"


def headed(columns: str, facts: Mapping[str, str]) -> list[str]:
    """Return the lines before the rows of a table: its provenance, and its columns."""
    return [*(f"# {key}: {value}" for key, value in facts.items()), columns]


def glyph_map_text(units: Sequence[Unit], facts: dict[str, str]) -> str:
    """Return the text of a glyph map."""
    lines = headed("printed\tread\tcount\tprobability", facts)
    ordered = sorted(units, key=lambda unit: (unit.printed, -unit.probability, unit.read))
    lines += [
        f"{unit.printed}\t{unit.read}\t{unit.count:.1f}\t{unit.probability:.6f}"
        for unit in ordered
        if unit.probability >= 1e-6 and not set("\t\n") & set(unit.printed + unit.read)
    ]
    return "\n".join(lines) + "\n"


def shuffled(glyph_map: GlyphMap, seed: int = 1) -> GlyphMap:
    """Return the map with its readings dealt out at random among the printed letters: a map that knows nothing."""
    readings = [row.read for row in glyph_map.confusions]
    random.Random(seed).shuffle(readings)
    rows = (
        Confusion(row.printed, read, row.count, row.probability)
        for row, read in zip(glyph_map.confusions, readings, strict=True)
    )
    return GlyphMap(f"{glyph_map.name} shuffled", tuple(rows), glyph_map.facts)


def first_answers(glyph_map: GlyphMap, searcher: Searcher, pairs: Sequence[tuple[str, str]]) -> float:
    """Return the share of pairs whose printed word is the first answer of the search, case aside."""
    answers = searcher.find([(read, NOT) for _, read in pairs], glyph_map.options, STRICT)
    right = sum(
        len(found) > 0 and found.text(0).lower() == printed.lower()
        for found, (printed, _) in zip(answers, pairs, strict=True)
    )
    return right / max(1, len(pairs))


def words_only(pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield the pairs whose printed part is a word of at least three letters."""
    return ((printed, read) for printed, read in pairs if len(printed) > 2 and printed.isalpha())


def report(path: Path, held: Sequence[tuple[str, str]], searcher: Searcher) -> list[str]:
    """Return what the map at `path` does on fonts held out, beside the same map shuffled."""
    pairs = list(words_only(held))[:MEASURED]
    glyph_map = read_glyph_map(path)
    return [
        f"words of held-out fonts, first answer right: {first_answers(glyph_map, searcher, pairs):.1%} of {len(pairs)}",
        f"the same with the map shuffled: {first_answers(shuffled(glyph_map), searcher, pairs[:200]):.1%}",
    ]
