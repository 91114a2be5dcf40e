"""Learns how names of archives are read: capitals follow each other in them as in no other text.

Letters of Ukrainian archives are among them. A model of two scripts takes a whole name for one of them, and what was
read tells which; so it has a map for either.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import regex

from pipeline.learn.align import learn_channel
from pipeline.learn.glyphmap import Pairs, glyph_map_text, plan, reader_version
from pipeline.learn.readings import collect
from pipeline.learn.render import read_fonts
from pipeline.learn.text import CAPITALS
from pipeline.repair.letters import CYRILLIC_LETTER

LEAST_COUNT: Final = 2.0
# No archive has a Ё.
LETTERS: Final = CAPITALS.replace("Ё", "")
# Capitals of Ukrainian names, and how often a capital at random is one of them.
UKRAINIAN: Final = "ІЇЄ"
UKRAINIAN_SHARE: Final = 0.12
# Listed names and capitals at random come as often as each other.
LISTED_SHARE: Final = 0.5
BRACKETED: Final = 0.5
# What stands between the names: the readers guess the language of a line by it.
BETWEEN: Final = ("Ф.", "Оп.", "Д.", "Л.", "the", "of", "in", "and", "archive")
NAME: Final = regex.compile(r"[\p{Lu}][\p{L}]*\p{L}")
OPENING: Final = "[({"
MARKS: Final = ".,;:)]}"


@dataclass(frozen=True)
class NameSampler:
    """Writes names of archives among English words and markers; `listed` are those that are known."""

    listed: tuple[str, ...]
    language: str = "rus-archives"

    def page(self, random: np.random.Generator, lines: int, length: int, short: bool) -> list[str]:
        """Return lines of about `length` characters."""
        return [self.line(random, length) for _ in range(lines)]

    def line(self, random: np.random.Generator, length: int) -> str:
        """Return a line of about `length` characters, every third token or so a name."""
        words: list[str] = []
        while sum(map(len, words)) + len(words) < length:
            opening = "[" if random.random() < BRACKETED else ""
            words += [f"{opening}{self.name(random)}{random.choice(list('.,'))}", *between(random)]
        return " ".join(words)

    def name(self, random: np.random.Generator) -> str:
        """Return a listed name, or some capitals at random."""
        if random.random() < LISTED_SHARE:
            return str(random.choice(self.listed))
        letters = [UKRAINIAN if random.random() < UKRAINIAN_SHARE else LETTERS for _ in range(random.integers(3, 8))]
        return "".join(str(random.choice(list(some))) for some in letters)


def between(random: np.random.Generator) -> Iterator[str]:
    """Yield what stands between two names: a marker with its number, or a word."""
    word = str(random.choice(BETWEEN))
    yield word
    if word.endswith("."):
        yield f"{random.integers(1, 2000)}."


def learn_archive_names(
    fonts: Path, model: str, listed: Sequence[str], folder: Path, pages: int, jobs: int, done: Callable[[int], None]
) -> dict[str, str]:
    """Render, read and learn; return the texts of the maps by name: `archives`, and `archives-latin` of two scripts.

    `folder` keeps what was read, so that an interrupted run can go on.
    """
    tasks = [task for task in plan(read_fonts(fonts), model, pages) if task.font.use == "learn"]
    pairs: Pairs = []
    for found in collect(tasks, NameSampler(tuple(listed)), folder, jobs, done):
        pairs += [bare_pair(*pair) for pair in found if NAME.search(pair[0]) and CYRILLIC_LETTER.search(pair[0])]
    halves = {"archives": pairs}
    if "+" in model:
        latin = [pair for pair in pairs if not CYRILLIC_LETTER.search(pair[1])]
        halves = {"archives": [pair for pair in pairs if CYRILLIC_LETTER.search(pair[1])], "archives-latin": latin}
    return {name: map_text(own, name, model, pages) for name, own in halves.items()}


def bare_pair(printed: str, read: str) -> tuple[str, str]:
    """Return a name and its reading without the bracket before them and the mark behind them."""
    if printed[0] in OPENING:
        printed, read = printed[1:], read[read[:1] in OPENING and len(read) > 1 :]
    core = printed.rstrip(MARKS)
    return core, read.removesuffix(printed[len(core) :]) if len(core) < len(printed) else read


def map_text(pairs: Pairs, name: str, model: str, pages: int) -> str:
    """Return the text of a map that is learned from pairs."""
    script = {"archives-latin": " in Latin letters"}.get(name, " in Cyrillic" if "+" in model else "")
    facts = {
        "what": f"how Tesseract's {model.removeprefix('tesseract-')} model reads names of archives{script}",
        "licence": "CC0",
        "version": "1",
        "made_by": f"pravka learn archives --model {model} --pages {pages}",
        "learned_from": f"{len(pairs)} names",
        "read_with": reader_version(),
    }
    return glyph_map_text(learn_channel(pairs, LEAST_COUNT), facts)
