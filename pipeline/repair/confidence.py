"""How sure a repair is: the decoder's posterior, calibrated.

Letters are not misread independently of each other, so the posterior of a product of confusions says too much. A line
through its logit (Platt 1999) brings it back to how often such repairs are right; `benchmarks/calibrate.py` fits it on
fonts that the glyph maps have not seen, and shows what it does on other texts.
"""

import math
from typing import Final

SLOPE: Final = 0.44
LEVEL: Final = 0.13
# New words, which no lexicon has, are right less often.
SPELLED: Final = -1.9
# So are persons that citations name: of many the name is no candidate at all. `benchmarks/citations.py` shows it.
PERSON: Final = -1.6
LEVELS: Final = {"lexicon": LEVEL, "name": LEVEL, "spelled": LEVEL + SPELLED, "person": LEVEL + PERSON}
LEAST: Final = 1e-6


def calibrated(posterior: float, reason: str) -> float:
    """Return how likely a repair with this posterior is right; citations have their own grammar and stay so."""
    if reason not in LEVELS:
        return posterior
    bounded = min(max(posterior, LEAST), 1.0 - LEAST)
    return 1.0 / (1.0 + math.exp(-(SLOPE * math.log(bounded / (1.0 - bounded)) + LEVELS[reason])))
