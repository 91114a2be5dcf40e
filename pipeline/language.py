"""Tells the language of a text, as a tag of BCP 47.

py3langid decides (Lui & Baldwin 2012, a naive Bayes classifier over byte n-grams, 97 languages and more); a text with
much of both scripts is `mul`, and one about which it is not sure `und`.
"""

from functools import cache
from typing import Any, Final

from pipeline.repair.letters import CYRILLIC_LETTER, LETTER

UNDETERMINED: Final = "und"
SEVERAL: Final = "mul"
# Below this probability nothing is said.
SURE: Final = 0.5
# With less of the letters than this, words in another script are only quoted.
QUOTED: Final = 0.2
# So many characters tell the language as well as all would.
ENOUGH: Final = 2000


@cache
def identifier() -> Any:
    """Return the classifier, with its model loaded."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    loaded = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    loaded.min_confidence = SURE
    return loaded


def language_of(text: str) -> str:
    """Return the language of a text: `mul` for several in two scripts, `und` where it cannot be told."""
    text = text[:ENOUGH]
    letters = len(LETTER.findall(text))
    if not letters:
        return UNDETERMINED
    cyrillic = len(CYRILLIC_LETTER.findall(text)) / letters
    return SEVERAL if QUOTED <= cyrillic <= 1 - QUOTED else str(identifier().classify(text)[0])
