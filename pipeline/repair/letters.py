"""The letters that the decoder knows, and their codes.

A trie stores one byte for a letter. Code 0 is no letter; Russian letters come first, so that tables of Russian
text stay small.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
import regex

RUSSIAN: Final = "абвгдежзийклмнопрстуфхцчшщъыьэюяё"
CYRILLIC: Final = RUSSIAN + "іїєґѣѳѵ"
CODE: Final[dict[str, int]] = {letter: number for number, letter in enumerate(CYRILLIC, start=1)}
# What counts as a letter, and as a Cyrillic one, in any text.
LETTER: Final = regex.compile(r"\p{L}")
CYRILLIC_LETTER: Final = regex.compile(r"\p{Cyrillic}")
# Letters of other scripts that nobody can tell from Cyrillic ones on paper, and the Cyrillic ones.
HOMOGLYPHS: Final = str.maketrans(
    "AaBCcEeHIiJjKMOoPpSsTXxYyÏïЁё" + "ΑΒΕΗΚΜΟοΡρΤΧΥυ", "АаВСсЕеНІіЈјКМОоРрЅѕТХхУуЇїЁё" + "АВЕНКМОоРрТХУу"
)
# Cyrillic letters that Latin print has too, in Latin.
IN_LATIN: Final = str.maketrans("АВЕКМНОРСТХаеорсух", "ABEKMHOPCTXaeopcyx")
# One more than the highest code of a Russian letter: the side of the tables of letter n-grams.
RUSSIAN_CODES: Final = len(RUSSIAN) + 1


def encode(word: str) -> npt.NDArray[np.uint8]:
    """Return the codes of a lower-case Cyrillic word, one byte a letter. Raises KeyError for any other character."""
    return np.fromiter((CODE[letter] for letter in word), dtype=np.uint8, count=len(word))


def decode(codes: npt.NDArray[np.uint8]) -> str:
    """Return the word that `encode` would turn into these codes."""
    return "".join(CYRILLIC[code - 1] for code in codes)
