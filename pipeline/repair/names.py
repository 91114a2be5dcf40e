"""The open vocabulary: names and abbreviations that no lexicon has, but this document or its reader knows.

A token that was spelled letter by letter, or left alone, is compared with them (rapidfuzz); one that is near enough is
priced by the channel as a candidate beside the others.
"""

from collections.abc import Sequence
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from pipeline.repair.channel import Options, symbol
from pipeline.repair.match import best_match, forms_of

NEAR: Final = 0.55
SHORTLIST: Final = 5
# A name of the document is about as likely as a word of a list of a thousand.
NAME_COST: Final = 6.0
# A form that a romanised name may have is dearer.
GUESS_COST: Final = 8.0
SHORTEST: Final = 4


class Names:
    """Words to look for. Those with characters that the channel does not know are left out."""

    def __init__(self, words: Sequence[str], options: Options, guesses: Sequence[str] = ()) -> None:
        """`guesses` are words that may be there, dearer than the others."""
        self.known = frozenset(words)
        self.words = tuple(
            sorted({word for word in (*words, *guesses) if len(word) >= SHORTEST and all(map(symbol, word))})
        )
        self.lower = tuple(word.lower() for word in self.words)
        self.options = options

    def near(self, spelled: str, reading: str) -> tuple[str, float] | None:
        """Return the name that best explains a reading, and its cost; None if none is near what was spelled."""
        if not self.words or len(spelled) < SHORTEST:
            return None
        found = process.extract(
            spelled.lower(), self.lower, scorer=Levenshtein.normalized_similarity, score_cutoff=NEAR, limit=SHORTLIST
        )
        near = [self.words[place] for _, _, place in found]
        forms = forms_of([(word, NAME_COST if word in self.known else GUESS_COST) for word in near])
        return best_match(reading, forms, self.options) if found else None
