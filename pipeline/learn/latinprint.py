"""Learns how a model of two languages writes English that its Russian half took: the map of `repair.latinprint`.

Seldom does that half win, so most of what is learned comes from pages that it reads alone; what both wrote together
counts more, for there the Russian half has won as it wins in use.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Final

import regex

from pipeline.learn.align import learn_channel
from pipeline.learn.english import EnglishSampler
from pipeline.learn.glyphmap import LEAST_COUNT, Learned, Pairs, glyph_map_text, plan, reader_version
from pipeline.learn.readings import Task, collect
from pipeline.learn.render import read_fonts
from pipeline.repair.latinprint import STROKES, LatinPrint
from pipeline.repair.letters import CYRILLIC_LETTER

WHOLE: Final = "tesseract-rus+eng"
HALF: Final = "tesseract-rus"
# Of so many pages that both halves read, the Russian one reads one alone.
PAGES_A_HALF: Final = 4
# What both wrote together counts so many times.
WEIGHT: Final = 3
NUMERAL: Final = regex.compile(r"(?<!\p{L})[IVXLC]+(?!\p{L})")
LETTERS: Final = regex.compile(r"\p{L}+")
# Shares are given for words of 1, 2, ... letters, and for all longer ones together.
LONGEST: Final = 6


def english_sampler() -> EnglishSampler:
    """Return the sampler of the English list of wordfreq (`pip install pravka[learn]`)."""
    import wordfreq

    return EnglishSampler.of(wordfreq.get_frequency_dict("en", "best"))


def learn_latin_print(fonts: Path, folder: Path, pages: int, jobs: int, done: Callable[[int], None]) -> Learned:
    """Render, read and learn. `folder` keeps what was read, so that an interrupted run can go on."""
    whole = plan(read_fonts(fonts), WHOLE, pages)
    half = [
        replace(task, model=HALF)
        for task in whole
        if task.font.use == "learn" and task.number < math.ceil(pages / PAGES_A_HALF)
    ]
    found = dict(zip([*whole, *half], collect([*whole, *half], english_sampler(), folder, jobs, done), strict=True))
    both = pairs_of(found, whole, "learn")
    alone = pairs_of(found, half, "learn")
    taken = [pair for pair in both if CYRILLIC_LETTER.search(pair[1])]
    units = learn_channel([(in_strokes(printed), read) for printed, read in alone + taken * WEIGHT], LEAST_COUNT)
    facts = {
        "what": "how Tesseract's rus+eng model reads printed English where its Russian half wins: P(read | printed)",
        "licence": "CC0",
        "version": "1",
        "made_by": f"pravka learn latinprint --pages {pages}",
        "learned_from": f"{len(alone)} words read by the Russian half alone, {len(taken)} of {len(both)} read by both",
        "letters": "Ⅱ and Ⅲ are the strokes II and III of a Roman numeral",
        "taken": " ".join(f"{share:.4f}" for share in taken_shares(both)),
        "read_with": reader_version(),
    }
    return Learned(glyph_map_text(units, facts), pairs_of(found, whole, "hold"), len(alone) + len(taken))


def pairs_of(found: dict[Task, Pairs], tasks: Iterable[Task], use: str) -> Pairs:
    """Return the pairs of the tasks whose font has this use."""
    return list(chain.from_iterable(found[task] for task in tasks if task.font.use == use))


def in_strokes(printed: str) -> str:
    """Return a word with the strokes of Roman numerals as letters of their own."""

    def joined(numeral: regex.Match[str]) -> str:
        text = str(numeral[0])
        for strokes, one in STROKES.items():
            text = text.replace(strokes, one)
        return text

    return str(NUMERAL.sub(joined, printed))


def taken_shares(pairs: Sequence[tuple[str, str]]) -> Iterator[float]:
    """Yield the share of words of 1, 2, ... LONGEST and more letters that were read with Cyrillic ones."""
    seen: Counter[int] = Counter()
    taken: Counter[int] = Counter()
    for printed, read in pairs:
        size = min(max(map(len, LETTERS.findall(printed)), default=0), LONGEST)
        if not NUMERAL.search(printed):
            seen[size] += 1
            taken[size] += bool(CYRILLIC_LETTER.search(read))
    yield from ((taken[size] + 0.5) / (seen[size] + 1.0) for size in range(1, LONGEST + 1))


def report_latin_print(latin_print: LatinPrint, held: Sequence[tuple[str, str]]) -> list[str]:
    """Return what the map does on fonts held out."""
    taken = [(printed, read) for printed, read in held if CYRILLIC_LETTER.search(read)]
    right = sum(
        printed in {one.text for one in (*latin_print.words(read), *latin_print.numerals(read))}
        for printed, read in taken
    )
    return [
        f"words of held-out fonts read with Cyrillic letters: {len(taken)} of {len(held)}",
        f"what was printed is among the candidates: {right} of {len(taken)}",
    ]
