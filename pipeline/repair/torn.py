"""Words that OCR tore: two tokens that are one word, of which a letter left nothing but a space (`Bb eT` for выйдет).

Both tokens get a hypothesis that they are halves of the word; the chain joins them (`Lattice.bond`).
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import regex

from pipeline.arrays import STEP
from pipeline.repair.lexicon import Lexicon
from pipeline.repair.search import Found
from pipeline.repair.units import NOT, Unit

# What it costs, in nats, that a space stands in a word.
TEAR: Final = 6.5
# And more, where what is behind it is one character: rather a word of one letter.
LETTER_BEHIND: Final = 4.0
# A word that costs so much more than its halves as two words has no chance.
RIVAL: Final = 3.0
# Halves are tried where one of them, as a word of its own, was misread at so much or more.
MISREAD: Final = 5.0
# Whole words that a reading may be, besides the likeliest.
WHOLE: Final = 3
# Marks that stand behind a word, not inside.
BETWEEN: Final = regex.compile(r"[.,;:!?»)\]…]$")
WORD: Final = regex.compile(r"[^\p{L}\p{N}]*\p{L}+[^\p{L}\p{N}]*")


class Halves(NamedTuple):
    """The whole words that a token and the next may be: what was read of both, and the candidates.

    `tear` is what the space in them costs; `share` of their cost is the first half's.
    """

    reading: str
    found: Found
    tear: float
    share: float

    @property
    def before(self) -> npt.NDArray[np.float64]:
        """What the candidates cost the first half."""
        return self.share * self.costs

    @property
    def behind(self) -> npt.NDArray[np.float64]:
        """What they cost the second half."""
        return (1.0 - self.share) * self.costs

    @property
    def costs(self) -> npt.NDArray[np.float64]:
        """What the candidates cost, torn as they are."""
        return self.found.cost.astype(np.float64) + self.tear


def is_half(first: Unit, second: Unit) -> bool:
    """Return whether two units may be the halves of a word: side by side on a line, with no mark between them."""
    if first.cut or second.cut or second.initial != NOT or BETWEEN.search(first.text):
        return False
    before, behind = first.pieces[0], second.pieces[0]
    return before.line == behind.line and behind.start == before.end + 1 and second.text[0].isalnum()


def misread_by(found: Sequence[tuple[str, Found]], lexicon: Lexicon) -> float:
    """Return what it costs, in nats, that the likeliest candidate was misread: all but its word's own cost."""
    return min((misread_word(one.rows[0], lexicon) for _, one in found if len(one)), default=MISREAD)


def misread_word(candidate: Any, lexicon: Lexicon) -> float:
    """Return what it costs that a candidate (a row of `Found`) was misread; MISREAD if it is no word of the lexicon."""
    word = int(candidate["first"])
    if not candidate["known"] or word != candidate["last"] or not 0 <= word < len(lexicon.cost):
        return MISREAD
    return float(candidate["cost"]) - STEP * float(lexicon.cost[word])


def halves_of(found: Found, first: Unit, second: Unit) -> Halves | None:
    """Return the words of the lexicon among the candidates of both halves together; None if there are none."""
    cut = len(first.text)
    words = [own for own in range(len(found)) if found.known[own] and is_torn(found, own, cut)][:WHOLE]
    if not words:
        return None
    tear = TEAR + LETTER_BEHIND * (len(second.text) == 1)
    return Halves(first.text + second.text, Found(found.rows[words]), tear, cut / (cut + len(second.text)))


def is_torn(found: Found, own: int, cut: int) -> bool:
    """Return whether a candidate is one word that has letters on both sides of a place in its reading."""
    text = found.text(own)
    letters = [place for letter, place in zip(text, found.places_of(own), strict=True) if letter.isalpha()]
    return bool(WORD.fullmatch(text)) and letters[0] < cut <= letters[-1]


def pairs(units: Sequence[Unit]) -> Iterator[int]:
    """Yield the places of the units that may be the first half of a word."""
    return (place for place in range(len(units) - 1) if is_half(units[place], units[place + 1]))
