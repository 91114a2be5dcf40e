"""Turns romanised names of a document's English text back into Cyrillic, inflected, as names to look for.

One romanised form may come from several Cyrillic ones (y: ы, й, ий): the likeliest are all given; only what a reading
looks like is ever taken (`repair.names`).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import regex

from pipeline.repair.latin import Latin
from pipeline.repair.lexicon import Lexicon
from pipeline.tables import Row

# A name, or an abbreviation.
NAME: Final = regex.compile(r"(?<![\p{L}\p{N}])(?:[A-Z][a-z’']{4,}|[A-Z]{4,})(?![\p{L}\p{N}])")
# So many names of a document are looked for.
MOST: Final = 200
# A word of the Latin list that costs less than this is English.
COMMON: Final = 13.0
# So many Cyrillic forms of one name, within this of the likeliest.
FORMS: Final = 4
WITHIN: Final = 2.5
# Each letter more that a piece explains makes it so much likelier than two pieces.
WHOLE: Final = 2.0
# The endings of surnames (that of the nominative first) by that of the nominative.
DECLENSIONS: Final = (
    (regex.compile("(ск|цк)ий$"), 2, ("ий", "ого", "ому", "им", "ом", "ая", "ой", "ую", "ие", "их")),
    (regex.compile("(о|е|ё|и|ы)[вн]$"), 0, ("", "а", "у", "ым", "е", "ой", "ы", "ых")),
    (regex.compile("(ко|[аеиоуыэюя])$"), 0, ("",)),
    (regex.compile("[йь]$"), 1, ("й", "я", "ю", "ем", "е")),
    (regex.compile("$"), 0, ("", "а", "у", "ом", "е")),
)


class Piece(NamedTuple):
    """What some Latin letters may stand for, where in a name, and the cost."""

    cyrillic: str
    place: str
    cost: float

    def fits(self, starts: bool, ends: bool) -> bool:
        """Return whether this may stand where a name starts or ends, or does not."""
        return self.place == "any" or (self.place == "start" and starts) or (self.place == "end" and ends)


class Romanised:
    """Reads romanised names by a table of pieces; common words of the Latin list are none.

    Of the spellings that a name may have, those that the lexicon has put the others out.
    """

    def __init__(self, table: Iterable[Row], latin: Latin, lexicon: Lexicon) -> None:
        self.latin = latin
        self.lexicon = lexicon
        self.pieces: dict[str, list[Piece]] = defaultdict(list)
        for row in table:
            self.pieces[row["latin"]].append(Piece(row["cyrillic"], row["place"], float(row["cost"])))
        self.longest = max(map(len, self.pieces))

    def names(self, texts: Iterable[str]) -> list[str]:
        """Return the forms that the names and abbreviations of texts may have, of the MOST that are most frequent."""
        seen = Counter(name for text in texts for name in NAME.findall(text))
        found = [name for name, _ in seen.most_common() if self.is_name(name)][:MOST]
        return sorted({form for name in found for form in self.forms(name)})

    def is_name(self, word: str) -> bool:
        """Return whether a capitalised word is no common English one."""
        cost = self.latin.listed_cost(word.lower())
        return cost is None or cost > COMMON

    def forms(self, name: str) -> list[str]:
        """Return the Cyrillic forms that a name may have, inflected; those of an abbreviation in capitals."""
        spellings = self.back(name.lower())
        bases = [one for one in spellings if self.lexicon.find(one) >= 0] or spellings
        if name.isupper():
            return [base.upper() for base in bases]
        return [form.capitalize() for base in bases for form in inflected(base)]

    def back(self, name: str) -> list[str]:
        """Return the likeliest Cyrillic spellings of a romanised name."""
        reached: list[dict[str, float]] = [{} for _ in range(len(name) + 1)]
        reached[0][""] = 0.0
        for start in range(len(name)):
            for size in range(1, min(self.longest, len(name) - start) + 1):
                end = start + size
                for piece in self.pieces.get(name[start:end], ()):
                    if piece.fits(start == 0, end == len(name)):
                        for text, cost in reached[start].items():
                            longer, total = text + piece.cyrillic, cost + piece.cost - WHOLE * (size - 1)
                            reached[end][longer] = min(total, reached[end].get(longer, total))
            reached[start + 1] = dict(sorted(reached[start + 1].items(), key=lambda item: item[1])[: 4 * FORMS])
        best = sorted(reached[-1].items(), key=lambda item: item[1])
        return [text for text, cost in best if cost <= best[0][1] + WITHIN][:FORMS]


def inflected(name: str) -> Sequence[str]:
    """Return the forms of a surname."""
    for ending, cut, forms in DECLENSIONS:
        if ending.search(name):
            return [name[: len(name) - cut] + form for form in forms]
    return [name]
