"""Small models, made by hand, and what the documentation of the channel says a small map costs."""

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from pipeline.learn.trie import build_trie
from pipeline.repair.channel import (
    ENLARGED_COST,
    ITSELF_COST,
    PAIR_SHARE,
    RAREST,
    SMALL_COST,
    UNLIKE_CAPITALS,
    Confusion,
    GlyphMap,
)
from pipeline.repair.context import ENDING, SPECIALS, LanguageModel, Lifts
from pipeline.repair.letters import RUSSIAN_CODES
from pipeline.repair.lexicon import Lexicon

TITLE: Final = 40  # of every word, in tenths of a nat
CAPITALS: Final = 60


def lexicon_of(costs: Mapping[str, int], edges: Mapping[str, Mapping[str, float]] | None = None) -> Lexicon:
    words = list(costs)
    own = np.array([costs[word] for word in words], np.uint8)
    arrays = build_trie(words, own)
    own = own[arrays.pop("order")]
    ngrams = np.full((RUSSIAN_CODES,) * 4, 30, np.uint8)
    title, capitals = np.full(len(words), TITLE, np.uint8), np.full(len(words), CAPITALS, np.uint8)
    header: Mapping[str, object] = {"edges": edges or {"leading": {}, "trailing": {}}}
    return Lexicon(**arrays, cost=own, title=title, capitals=capitals, ngrams=ngrams, header=header)


def model_of(words: int) -> LanguageModel:
    """A model in which no word lifts another; every symbol, and every ending, has a class of its own."""
    symbols = words + SPECIALS
    even = np.ones(256, np.float32)
    lifts = Lifts(
        words,
        np.arange(symbols, dtype=np.uint16),
        even,
        even,
        np.zeros(2, np.int32),
        np.zeros(0, np.uint16),
        even,
        np.zeros((symbols, symbols), np.uint8),
        np.zeros(symbols, np.uint8),
        np.zeros(0, np.uint8),
    )
    return LanguageModel(lifts, np.arange(RUSSIAN_CODES**ENDING, dtype=np.uint16), {})


def map_of(rows: Sequence[tuple[str, str, float]]) -> GlyphMap:
    return GlyphMap("tiny", tuple(Confusion(printed, read, 1.0, share) for printed, read, share in rows), {})


def table_of(confusions: Sequence[Confusion]) -> dict[tuple[str, str], float]:
    """The costs of (printed, read), as the documentation of the channel says them."""
    table = {}
    for row in confusions:
        if row.probability >= RAREST:
            share = PAIR_SHARE if len(row.printed) == 2 else 1 - PAIR_SHARE
            table[row.printed, row.read] = -math.log(share * row.probability)
    for (printed, read), cost in list(table.items()):
        enlarged = (printed, read.upper())
        if printed.islower() and read.upper() != read:
            table[enlarged] = min(table.get(enlarged, math.inf), cost + ENLARGED_COST)
        small = (printed.lower(), read)
        if len(printed) == 1 and printed.isupper() and small[0] not in UNLIKE_CAPITALS:
            table[small] = min(table.get(small, math.inf), cost + SMALL_COST)
    for letter in {letter for printed, _ in table for letter in printed}:
        table.setdefault((letter, letter), ITSELF_COST)
    return table
