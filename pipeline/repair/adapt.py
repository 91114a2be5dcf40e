"""The document teaches: its surely repaired words say how this font and this scanner confuse letters.

The learned map is the prior (Nagy, Seth and Einspahr 1987; Kae et al. 2010 found the same to pay): a confusion seen c
times among the n readings of its printed letters in this document gets the probability (c + m p) / (n + m), where p is
what the map says and m how firmly it is believed.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from pipeline.repair.channel import LONGEST_READ, Confusion, GlyphMap

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


def adapted(glyph_map: GlyphMap, words: Iterable[tuple[str, Sequence[int], str]]) -> GlyphMap:
    """Return the map as the decoded words (text, places, reading) of a document change it."""
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
    known = {(row.printed, row.read): row for row in glyph_map.confusions}
    rows = [blend(row, seen[printed, read], totals[printed]) for (printed, read), row in known.items()]
    rows += [
        blend(Confusion(*pair, 0.0, 0.0), count, totals[pair[0]])
        for pair, count in seen.items()
        if pair not in known and len(pair[0]) == 1 and count > 1
    ]
    return GlyphMap(glyph_map.name, tuple(rows), glyph_map.facts)


def blend(row: Confusion, count: int, total: int) -> Confusion:
    """Return a confusion with what the document says of it."""
    return Confusion(row.printed, row.read, row.count, (count + FIRMNESS * row.probability) / (total + FIRMNESS))
