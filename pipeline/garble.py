"""The other direction: what an OCR model makes of a Russian word, the likeliest first.

The channel cuts a word into printed units: of two letters with the probability PAIR_SHARE, of one otherwise; each is
read as the glyph map says. A reading has the sum over all ways to cut the word that give it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from pipeline.errors import UsageError
from pipeline.repair.channel import PAIR_SHARE, GlyphMap
from pipeline.repair.letters import CYRILLIC_LETTER
from pipeline.source import shown

# So many readings of a word's beginning are followed, at least; a sum may lack what the others would have added.
BEAM: Final = 1000

Shares = Mapping[str, float]


def garblings(word: str, glyph_map: GlyphMap, most: int = 10) -> tuple[tuple[str, float], ...]:
    """Return up to `most` readings of a printed word with P(reading | word), the likeliest first, then by text.

    A letter that the map does not know is read as itself. Raises UsageError where the word has no Cyrillic letter.
    """
    if not CYRILLIC_LETTER.search(word):
        raise UsageError(f"{shown(word) or 'An empty word'} has no Cyrillic letter", "Give a word as it was printed")
    confusions = confusions_of(glyph_map)
    begun: list[dict[str, float]] = [defaultdict(float) for _ in range(len(word) + 1)]
    begun[0][""] = 1.0
    for place in range(len(word)):
        followed = likeliest(begun[place], max(BEAM, most))
        for size, shares in units_at(word, place, confusions):
            extend(begun[place + size], followed, shares)
    return likeliest(begun[-1], most)


def confusions_of(glyph_map: GlyphMap) -> Mapping[str, Shares]:
    """Return P(read | printed) by what was printed, then by what was read."""
    confusions: dict[str, dict[str, float]] = defaultdict(dict)
    for row in glyph_map.confusions:
        confusions[row.printed][row.read] = row.probability
    return confusions


def units_at(word: str, place: int, confusions: Mapping[str, Shares]) -> Iterator[tuple[int, Shares]]:
    """Yield the printed units that begin at a place: how many letters, and the probability of each way to read them."""
    letter, pair = word[place], word[place : place + 2]
    yield 1, weighed(confusions.get(letter, {letter: 1.0}), 1.0 - PAIR_SHARE)
    if len(pair) == 2 and pair in confusions:
        yield 2, weighed(confusions[pair], PAIR_SHARE)


def weighed(shares: Shares, weight: float) -> Shares:
    """Return the shares, each times a weight."""
    return {read: share * weight for read, share in shares.items()}


def extend(readings: dict[str, float], begun: tuple[tuple[str, float], ...], shares: Shares) -> None:
    """Add to `readings` those that were begun, with one more unit read."""
    for beginning, probability in begun:
        for read, share in shares.items():
            readings[beginning + read] += probability * share


def likeliest(readings: Shares, most: int) -> tuple[tuple[str, float], ...]:
    """Return up to `most` readings with their probabilities, the likeliest first, then by text."""
    return tuple(sorted(readings.items(), key=lambda item: (-item[1], item[0]))[:most])
