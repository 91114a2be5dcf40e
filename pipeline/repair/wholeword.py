"""Whole short words: what an OCR model makes of them, which their letters alone do not tell (и as 4 or HM, по as 10).

A word map is a text file like a glyph map: `#` lines of provenance, then `word  read  count  probability`,
tab-separated, where probability is P(read | word).
"""

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import regex

from pipeline.arrays import STEP
from pipeline.errors import BadData
from pipeline.repair.channel import MARKS, symbol
from pipeline.repair.context import Named
from pipeline.repair.prices import case_cost
from pipeline.repair.search import Found, phase_of
from pipeline.repair.states import LONGEST_PRINTED, Tables, Weights
from pipeline.tables import read_table

CORE: Final = regex.compile(r"^([(\[«\"„“]*)(.{1,5}?)([.,;:!?)\]»”]*)$")


@dataclass(frozen=True)
class WordMap:
    """What each string read may be as a whole: words, in their case, with their costs in nats."""

    words: Mapping[str, Sequence[tuple[str, float]]]


NO_WORDS: Final = WordMap({})


def read_word_map(path: Path) -> WordMap:
    """Read a word map from a file. Raises BadData if it is not one."""
    words: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for row in read_table(path, ("word", "read", "count", "probability")):
        try:
            words[row["read"]].append((row["word"], -math.log(float(row["probability"]))))
        except ValueError as error:
            raise BadData(f"The word map {path} has a wrong probability", "It is a number between 0 and 1") from error
    return WordMap(dict(words))


def marks_cost(lead: str, trail: str, tables: Tables) -> float:
    """Return what the marks before and behind a word cost."""
    before = sum(float(tables.leading[MARKS.index(mark)]) for mark in lead)
    return before + sum(float(tables.trailing[MARKS.index(mark)]) for mark in trail)


def whole_words(
    word_map: WordMap, text: str, initial: int, tables: Tables, weights: Weights, find: Callable[[str], int]
) -> list[tuple[str, float]]:
    """Return (text, cost) of the short words of the lexicon that a reading may be, with the marks around it."""
    matched = CORE.match(text)
    if not matched or matched[2] not in word_map.words:
        return []
    lead, core, trail = matched.groups()
    marks = marks_cost(lead, trail, tables)
    found = []
    for word, cost in word_map.words[core]:
        number = find(word.lower())
        if number < 0:
            continue
        case = case_cost(STEP * tables.title[number], STEP * tables.capitals[number], phase_of(word), weights, initial)
        found.append((lead + word + trail, marks + cost + STEP * float(tables.cost[number]) + float(case)))
    return found


def with_words(found: Found, whole: Sequence[tuple[str, float]], name: Callable[[str], Named]) -> Found:
    """Return candidates with whole words among them: new ones, and those that are likelier as a whole.

    `name` returns the symbols of a text.
    """
    texts = {text: own for own, text in enumerate(found.texts)}
    new = [one for one in whole if one[0] not in texts]
    joined = found.enlarged(len(new))
    for text, cost in whole:
        if text in texts:
            joined.cost[texts[text]] = min(joined.cost[texts[text]], cost)
    for own, (text, cost) in enumerate(new, start=len(found)):
        codes = [*map(symbol, text), *[0] * (LONGEST_PRINTED - len(text))]
        joined.rows[own] = (cost, True, *name(text), len(text), codes, [0] * LONGEST_PRINTED)
    return Found.of(joined.rows)
