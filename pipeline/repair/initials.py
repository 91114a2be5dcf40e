"""Initials in Latin letters before or behind a Cyrillic surname: all of a name is in one script.

A model of two scripts takes each letter alone for one of them: `T. П. Осокоров`. One initial is not enough to tell: a
sentence may end with a letter (`витамин C. Потом`).
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

import regex

from pipeline.repair.letters import HOMOGLYPHS
from pipeline.repair.sentence import Verdict
from pipeline.repair.units import Unit

INITIAL: Final = regex.compile(r"^[\p{P}]*(?:\p{Cyrillic}|[ABCEHKMOPTXY])\.[,;:)\]]*$")
SURNAME: Final = regex.compile(r"^[\p{P}]*(?=\p{Lu})\p{Cyrillic}{2,}(?:-\p{Cyrillic}+)?\P{L}*$")
# How sure they are.
SURE: Final = 0.98


def with_initials(units: Sequence[Unit], verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Return the verdicts, two initials beside a Cyrillic surname in its script."""
    texts = [verdict.best.text for verdict in verdicts]
    done = list(verdicts)
    for place, (one, other) in enumerate(pairwise(units)):
        pair = (place, place + 1)
        together = one.paragraph == other.paragraph and all(INITIAL.match(texts[own]) for own in pair)
        if together and has_surname(units, texts, place):
            done[place], done[place + 1] = (in_cyrillic(units[own], done[own]) for own in pair)
    return done


def has_surname(units: Sequence[Unit], texts: Sequence[str], place: int) -> bool:
    """Return whether a Cyrillic surname stands before or behind the two initials from a place on."""
    beside = [own for own in (place - 1, place + 2) if 0 <= own < len(texts)]
    return any(units[own].paragraph == units[place].paragraph and SURNAME.match(texts[own]) for own in beside)


def in_cyrillic(unit: Unit, verdict: Verdict) -> Verdict:
    """Return the verdict of an initial, in Cyrillic if it is not yet."""
    text = verdict.best.text.translate(HOMOGLYPHS)
    if text == verdict.best.text:
        return verdict
    places = tuple(range(len(text)))
    best = replace(verdict.best, text=text, russian=True, reason="lexicon", places=places, reading=unit.text)
    return Verdict(best, SURE, 1.0, ((text, SURE), (unit.text, 1.0 - SURE)))
