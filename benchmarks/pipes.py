"""Measures `pravka fix` in a pipe: what a window of lines loses, and whether the quality score tells good from rubbish.

With `--learn` the signs that the score goes by are counted anew (`lexicons/quality.tsv`): in texts of the corpus that
are garbled by drawing misreadings from the glyph maps and by replacing letters at random, and in every other passage of
the development sets as it should be. The score is measured on the other passages.
"""

import lzma
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import BytesIO
from itertools import pairwise, product
from pathlib import Path
from statistics import fmean, quantiles
from typing import Final, NamedTuple, get_args

import click
import numpy as np
from rapidfuzz.distance import Levenshtein
from sets import ROOT, Passage, TextSet, read_texts, shared_option

from pipeline.document import Corrector, read_map
from pipeline.garble import confusions_of
from pipeline.options import MODELS
from pipeline.quality import Sign, left_alone
from pipeline.records import Records
from pipeline.stream import WINDOW, Input, repair_lines, repair_stream

SEED: Final = 8
TABLE: Final = ROOT / "lexicons" / "quality.tsv"
REPORT: Final = ROOT / "docs" / "pipes.md"
LEARNED_FROM: Final = ("ru_scholarly_oa", "ru_lit_eltec", "ru_news_factrueval")
PASSAGES: Final = 25  # of each text and kind of garbling
WORDS: Final = 80
ON_A_LINE: Final = 9
# Which share of the words is misread, and which of the letters replaced besides.
MISREAD: Final = (0.0, 0.3, 0.7, 1.0)
REPLACED: Final = (0.0, 0.1, 0.25, 0.5)
LETTERS: Final = {
    "tesseract-eng": "abcdefghijklmnoprstuvxyzABCEHKMOPTXY0136[]|",
    "tesseract-rus+eng": "абвгдежзиклмнопрстухцчшыьэюя",
}
MEASURED: Final = 8  # passages of each kind of garbling, and with each window
WINDOWS: Final = (0, 2, 5, 10, 20)
SCORES: Final = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0)
UKRAINIAN: Final = (
    "Комітет зібрався знову, щоб обговорити відновлення архіву та передачу справ до обласного сховища.\n"
    "Голова зазначив, що жодну папку не можна знищувати без дозволу, і попросив підготувати новий опис.\n"
    "Увечері учасники наради поїхали додому, а секретар ще довго переписував їхні пропозиції.\n"
)

PROVENANCE: Final = """\
# what: words that a repair left alone, right and wrong ones, by the sign that they show (pipeline/quality.py)
# source: benchmarks/pipes.py --learn: Russian texts garbled by the glyph maps and at random, clean texts as they are
# licence: CC0
# version: 1
"""

Garble = Callable[[str], str]


class Scored(NamedTuple):
    """A passage: its score, and the share of its words that are right after the repair."""

    quality: float
    right: float


# ---------------------------------------------------------------- garbling


def garbler(model: str, misread: float, replaced: float, source: random.Random) -> Garble:
    """Return what garbles a word as a model would, but in a share of all cases, and replaces letters."""
    confusions = {
        printed: (list(shares), list(shares.values()))
        for printed, shares in confusions_of(read_map(model, "rus")).items()
        if len(printed) == 1
    }

    def letter(one: str) -> str:
        if source.random() < replaced:
            return source.choice(LETTERS[model])
        reads, weights = confusions.get(one, ([one], [1.0]))
        return source.choices(reads, weights)[0]

    return lambda word: "".join(map(letter, word)) or word if source.random() < max(misread, 2 * replaced) else word


def passages(path: Path, count: int, source: random.Random) -> Iterator[tuple[str, ...]]:
    """Yield stretches of running text of the corpus, WORDS words each."""
    words = lzma.decompress(path.read_bytes()).decode().split()
    for _ in range(count):
        start = source.randrange(len(words) - WORDS)
        yield tuple(words[start : start + WORDS])


def lines_of(words: Sequence[str]) -> list[str]:
    """Return words as lines."""
    return [" ".join(words[start : start + ON_A_LINE]) for start in range(0, len(words), ON_A_LINE)]


# ---------------------------------------------------------------- learning


def learned(corrector: Corrector, shared: Path) -> str:
    """Return the table of how many right and wrong words that were left alone show each sign."""
    counts: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    judge = records_of(corrector)
    source = random.Random(SEED)
    for name, model, misread, replaced in product(LEARNED_FROM, MODELS, MISREAD, REPLACED):
        garble = garbler(model, misread, replaced, source)
        for truth in passages(shared / "corpus" / f"{name}.txt.xz", PASSAGES, source):
            count(judge, [garble(word) for word in truth], truth, counts)
    prose = [one for one in read_texts(shared / "eval") if one.kind != "citations"]
    for passage in [passage for one in prose for passage in one.passages][::2]:
        text = "\n".join(passage.truth)
        words = judge.judge.words(passage.truth, corrector.fix(text).repaired)
        counts[True].update(words.kept)
    rows = "".join(f"{sign}\t{counts[True][sign]}\t{counts[False][sign]}\n" for sign in get_args(Sign))
    return PROVENANCE + "sign\tright\twrong\n" + rows


def measured(sets: Sequence[TextSet]) -> dict[str, list[Passage]]:
    """Return the passages of the sets of prose to measure on, by set: every other one, the rest is learned from."""
    prose = [(one.name, passage) for one in sets if one.kind != "citations" for passage in one.passages]
    found: dict[str, list[Passage]] = {name: [] for name, _ in prose}
    for name, passage in prose[1::2]:
        found[name].append(passage)
    return found


def records_of(corrector: Corrector) -> Records:
    """Return what repairs records, without any."""
    return Records(corrector, Input("", BytesIO()), "text")


def count(records: Records, words: Sequence[str], truth: Sequence[str], counts: Mapping[bool, Counter[str]]) -> None:
    """Repair words and count the signs of those that were left alone, by whether they are the true ones."""
    lines = lines_of(words)
    repaired = records.corrector.fix_lines(lines).repaired
    doubts = {(doubt.line, doubt.start) for doubt in repaired.doubts}
    for place, line in enumerate(lines):
        numbers = {start: number for number, start in enumerate(starts_of(line), start=place * ON_A_LINE)}
        for start, token in left_alone(line, repaired.edits[place]):
            signs = ("doubted",) if (place, start) in doubts else records.judge.signs(token)
            counts[token == truth[numbers[start]]].update(signs)


def starts_of(line: str) -> Iterator[int]:
    """Yield where the words of a line start, which have one space between."""
    start = 0
    for word in line.split(" "):
        yield start
        start += len(word) + 1


# ---------------------------------------------------------------- measuring


def right_words(text: str, truth: str) -> float:
    """Return the share of words that are right, by the edit distance between the two texts in words."""
    ours, theirs = text.split(), truth.split()
    return 1 - Levenshtein.distance(ours, theirs) / max(len(ours), len(theirs), 1)


def scored(records: Records, text: str, truth: str) -> Scored:
    """Repair and score a text."""
    repaired, quality = records.repair(text)
    return Scored(quality, right_words(repaired, truth))


def garbled_scores(records: Records, truths: Sequence[Passage]) -> dict[str, list[Scored]]:
    """Return the scores of Russian passages, garbled at several levels, by the level."""
    source = random.Random(SEED + 1)
    found: dict[str, list[Scored]] = {}
    for misread, replaced in product(MISREAD, REPLACED):
        name = f"{misread:.0%} of the words misread, {replaced:.0%} of the letters replaced"
        for model in MODELS:
            garble = garbler(model, misread, replaced, source)
            for passage in truths:
                broken = [" ".join(garble(word) for word in line.split()) for line in passage.truth]
                found.setdefault(name, []).append(scored(records, "\n".join(broken), "\n".join(passage.truth)))
    return found


def clean_texts(sets: Sequence[TextSet]) -> dict[str, list[str]]:
    """Return texts that are right as they are, by what they are."""
    lines = {name: [line for passage in own for line in passage.truth] for name, own in measured(sets).items()}
    code = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "pipeline").glob("*.py"))]
    source = random.Random(SEED)
    table = ["\n".join("\t".join(f"{source.gauss(0, 999):.2f}" for _ in range(6)) for _ in range(9)) for _ in range(20)]
    return {
        "English paragraphs": lines["english_dev"][:1000],
        "English with Russian words": lines["mixed_dev"],
        "German, French, Polish sentences": lines["other_dev"],
        "Russian pages": ["\n".join(one.truth) for one in measured(sets)["prose_ru_dev"]],
        "Ukrainian sentences": UKRAINIAN.splitlines(),
        "Python modules": code,
        "tables of numbers": table,
    }


def windowed(corrector: Corrector, passages: Sequence[Passage], window: int | None) -> float:
    """Return the share of right words of passages that are repaired line by line with a window (None: as a whole)."""
    shares = []
    for passage in passages:
        given = Input("", BytesIO("\n".join(passage.garbled).encode()))
        parts = repair_stream(corrector, given) if window is None else repair_lines(corrector, given, window)
        shares.append(right_words(b"".join(part.content for part in parts).decode(), "\n".join(passage.truth)))
    return fmean(shares)


# ---------------------------------------------------------------- report


def quality_report(records: Records, sets: Sequence[TextSet]) -> Iterator[str]:
    """Yield the lines of the report on the score."""
    prose = measured(sets)["prose_ru_dev"]
    found = garbled_scores(records, prose[:MEASURED])
    found["read by Tesseract's `eng`, rendered pages"] = [
        scored(records, "\n".join(one.garbled), "\n".join(one.truth)) for one in prose
    ]
    every = [one for own in found.values() for one in own]
    yield from ("| Russian passages | score | words right after repair |", "|---|---|---|")
    for name, own in found.items():
        yield f"| {name} | {fmean(one.quality for one in own):.3f} | {fmean(one.right for one in own):.3f} |"
    correlation = np.corrcoef(np.array(every).T)[0, 1]
    error = fmean(abs(one.quality - one.right) for one in every)
    yield f"\nOver all {len(every)} passages: correlation {correlation:.3f}, mean difference {error:.3f}.\n"
    yield from ("| score | passages | words right after repair |", "|---|---|---|")
    for low, high in pairwise(SCORES):
        own = [one for one in every if low <= one.quality < high or (one.quality == high == 1.0)]
        if own:
            yield f"| {low} to {high} | {len(own)} | {fmean(one.right for one in own):.3f} |"
    yield from ("", "| clean texts | texts | mean score | lowest of 20 | below 0.8 |", "|---|---|---|---|---|")
    for name, texts in clean_texts(sets).items():
        scores = [records.repair(text)[1] for text in texts if text.strip()]
        lowest = quantiles(scores, n=20, method="inclusive")[0]
        below = sum(score < 0.8 for score in scores) / len(scores)
        yield f"| {name} | {len(scores)} | {fmean(scores):.3f} | {lowest:.3f} | {below:.1%} |"


def windows_report(corrector: Corrector, sets: Sequence[TextSet]) -> Iterator[str]:
    """Yield the lines of the report on windows."""
    measured = [one for one in sets if one.name in ("prose_ru_dev", "citations_dev", "seed_dev")]
    yield "| lines before | " + " | ".join(one.name for one in measured) + " |"
    yield "|---|" + "---|" * len(measured)
    for window in (*WINDOWS, None):
        shares = " | ".join(f"{windowed(corrector, one.passages[:MEASURED], window):.3f}" for one in measured)
        name = "whole document" if window is None else f"{window}{' (as it is)' if window == WINDOW else ''}"
        yield f"| {name} | {shares} |"


ABOUT: Final = """# `pravka fix` in a pipe

Made by `python benchmarks/pipes.py` from the development sets.

## Line by line

Words that are right after the repair, with `--line-buffered`: a line is repaired before the next one is there, by what
so many lines before it tell.

{windows}

## The quality score

The score of a record is the share of its words that are expected to be right after the repair (`pipeline/quality.py`).
"Misread" words are drawn from the glyph maps of both models; letters are replaced at random besides, of so many that
often nothing can be brought back.

{quality}
"""


@click.command()
@shared_option
@click.option("--learn", is_flag=True, help="Count the signs anew first.")
def main(shared: Path, learn: bool) -> None:
    """Write docs/pipes.md."""
    corrector = Corrector.load()
    if learn:
        TABLE.write_text(learned(corrector, shared), encoding="utf-8")
    sets = read_texts(shared / "eval")
    windows = "\n".join(windows_report(corrector, sets))
    quality = "\n".join(quality_report(records_of(corrector), sets))
    REPORT.write_text(ABOUT.format(windows=windows, quality=quality), encoding="utf-8")


if __name__ == "__main__":
    main()
