"""What the chain says of a unit, by the posteriors of its hypotheses."""

from collections import defaultdict
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final

import numpy as np
import regex

from pipeline.repair.latinprint import Behind
from pipeline.repair.letters import CYRILLIC_LETTER
from pipeline.repair.slots import Hypothesis, Slot, hypothesis_of, stays, total_cost

SHOWN: Final = 5
# What may be a Latin word, an abbreviation or a name in a program: small letters, with capitals before them or digits
# behind, or a few capitals.
LIKE_LATIN: Final = regex.compile(r"^[^\p{L}\p{N}]*(?:[A-Z]*[a-z]+[0-9]*|[A-Z]{2,3})[^\p{L}\p{N}]*$")


@dataclass(frozen=True)
class Verdict:
    """What the chain says of a unit: the likeliest hypothesis, its posterior, that of Russian, and the runners-up."""

    best: Hypothesis
    posterior: float
    russian: float
    others: tuple[tuple[str, float], ...]

    @classmethod
    def decided(cls, best: Hypothesis, share: float, russian: float, other: str) -> "Verdict":
        """Return a verdict, this sure, of what the chain does not weigh; otherwise it would be the `other` text."""
        return cls(best, share, russian, ((best.text, share), (other, 1.0 - share)))


def weighed(slot: Slot, shares: Any, certainty: float) -> Verdict:
    """Weigh the hypotheses of one unit by their posteriors; below `certainty` of Russian the unit stays as it is."""
    shares = shares.tolist()
    russian = 1.0 - shares[0]
    if len(shares) == 2:
        return Verdict(stays(slot, shares), 1.0, russian, ((slot.unit.text, 1.0),))
    texts = slot.texts()
    weights: dict[str, float] = {slot.unit.text: shares[0] + shares[1]}
    likeliest: dict[str, int] = {}
    for own in sorted(range(2, len(shares)), key=shares.__getitem__, reverse=True)[: SHOWN + 1]:
        text = texts[own - 2]
        weights[text] = weights.get(text, 0.0) + shares[own]
        likeliest.setdefault(text, own - 2)
    ranked = sorted(weights.items(), key=itemgetter(1), reverse=True)[:SHOWN]
    chosen = ranked[0][0] if russian >= certainty else slot.unit.text
    best = stays(slot, shares) if chosen == slot.unit.text else hypothesis_of(slot, likeliest[chosen])
    return Verdict(best, min(weights[chosen], 1.0), russian, tuple(ranked))


def with_print(slot: Slot, behind: Behind, shares: Any, found: Verdict, certainty: float) -> Verdict:
    """Return the verdict of a unit, or, where it is likelier than not, that it is the Latin print behind it."""
    weights: dict[str, float] = defaultdict(float)
    places = {}
    for share, own, printed in ((shares[0], behind.quoted, behind.words), (shares[1], behind.spoken, behind.numerals)):
        costs = np.array([own, *(one.cost for one in printed)])
        for one, part in zip(printed, np.exp(total_cost(costs) - costs[1:]), strict=True):
            weights[one.text] += float(share * part)
            places[one.text] = Hypothesis(one.text, one.cost, False, "latin", one.places, one.reading)
    latin = sum(weights.values())
    if latin < 0.5:
        return found
    weights[slot.unit.text] = 1.0 - latin
    ranked = sorted(weights.items(), key=lambda item: -item[1])[:SHOWN]
    likeliest = max(places.values(), key=lambda hypothesis: weights[hypothesis.text])
    best = likeliest if latin >= certainty else stays(slot, shares)
    return Verdict(best, min(weights[best.text], 1.0), found.russian, tuple(ranked))


def proves_nothing(text: str, verdict: Verdict) -> bool:
    """Return whether what a text was found to be may be chance: a new word, or one that looks like a Latin word."""
    if verdict.best.reason == "spelled":
        return True
    return verdict.best.reason == "lexicon" and (not any(map(str.isalpha, text)) or bool(LIKE_LATIN.match(text)))


def is_known(verdict: Verdict, slot: Slot) -> bool:
    """Return whether a unit is surely good Cyrillic, or a whole word of the lexicon that does not look like Latin."""
    whole = verdict.best.reading in (slot.unit.text, slot.unit.hyphenated)
    good = slot.good and bool(CYRILLIC_LETTER.search(slot.unit.text))
    return good or (verdict.best.reason == "lexicon" and whole and not proves_nothing(slot.unit.text, verdict))
