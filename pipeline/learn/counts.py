"""Counts words, their case and the punctuation around them in running text."""

import lzma
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import regex

TOKEN: Final = regex.compile(r"\S+")
CORE: Final = regex.compile(r"^(\P{L}*)(.*?)(\P{L}*)$", regex.DOTALL)
WORD: Final = regex.compile(r"\p{Cyrillic}+")
SENTENCE_END: Final = frozenset(".!?…:")


@dataclass
class WordCounts:
    """What one source says: cased words inside sentences, words at sentence starts, punctuation, numbers, tokens."""

    inside: Counter[str] = field(default_factory=Counter)
    initial: Counter[str] = field(default_factory=Counter)
    leading: Counter[str] = field(default_factory=Counter)
    trailing: Counter[str] = field(default_factory=Counter)
    numbers: Counter[int] = field(default_factory=Counter)
    tokens: int = 0


def open_text(path: Path) -> Iterator[str]:
    """Yield the lines of a UTF-8 text file, packed with xz or not."""
    with (lzma.open if path.suffix == ".xz" else open)(path, "rt", encoding="utf-8") as lines:
        yield from lines


def count_line(line: str, counts: WordCounts) -> None:
    """Add the tokens of one line (a paragraph or a sentence) to `counts`."""
    starts_sentence = True
    for token in TOKEN.findall(line):
        counts.tokens += 1
        if token.isdigit():
            counts.numbers[len(token)] += 1
        lead, core, trail = CORE.match(token).groups()
        for word in WORD.findall(core):
            (counts.initial if starts_sentence else counts.inside)[word] += 1
            starts_sentence = False
        if core:
            counts.leading.update(lead)
            counts.trailing.update(trail)
        ends = token[-1] in SENTENCE_END or (len(token) > 1 and token[-2] in SENTENCE_END)
        starts_sentence = ends or (starts_sentence and not core and not token.isdigit())


def count_files(paths: Iterable[Path]) -> WordCounts:
    """Count every line of `paths`."""
    counts = WordCounts()
    for path in paths:
        for line in open_text(path):
            count_line(line, counts)
    return counts
