"""The document teaches: its surely repaired words say how this font and this scanner confuse letters.

The learned map is the prior (Nagy, Seth and Einspahr 1987; Kae et al. 2010 found the same to pay): a confusion seen c
times among the n readings of its printed letters in this document gets the probability (c + m p) / (n + m), where p is
what the map says and m how firmly it is believed.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np

from pipeline.repair.channel import LONGEST_READ, GlyphMap, Options

FIRMNESS: Final = 12.0


def segments(text: str, places: Sequence[int], reading: str) -> Iterator[tuple[str, str]]:
    """Yield (printed, read) for each unit of a decoded word: letters that begin at one place belong together."""
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and places[end] == places[start]:
            end += 1
        yield text[start:end], reading[places[start] : places[end] if end < len(text) else len(reading)]
        start = end


def adapted(glyph_map: GlyphMap, words: Iterable[tuple[str, Sequence[int], str]]) -> Options:
    """Return the options of the map as the decoded words (text, places, reading) of a document change them."""
    seen: Counter[tuple[str, str]] = Counter()
    for text, places, reading in words:
        seen.update(
            (printed, read)
            for printed, read in segments(text, places, reading)
            if len(printed) <= 2 and len(read) <= LONGEST_READ
        )
    totals: Counter[str] = Counter()
    for (printed, _), count in seen.items():
        totals[printed] += count
    layout = glyph_map.layout
    counts = np.zeros(len(layout.share))
    for pair, count in seen.items():
        if pair in layout.number:
            counts[layout.number[pair]] = count
    total = np.array([totals[printed] for printed in layout.printed])[layout.printed_of]
    return layout.options((counts + FIRMNESS * layout.probability) / (total + FIRMNESS))
