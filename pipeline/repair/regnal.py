"""Roman numerals of rulers and popes that were read as Cyrillic letters: `Георга Ш`, `Екатерины П`.

A letter alone may be anything; the language model knows which names numerals follow, and which initials. Initials have
full stops.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import regex

from pipeline.arrays import STEP
from pipeline.repair.context import INITIAL, ROMAN, LanguageModel, lift
from pipeline.repair.lexicon import Lexicon
from pipeline.repair.slots import Hypothesis
from pipeline.repair.units import Unit
from pipeline.repair.verdicts import Verdict

NUMERALS: Final = {"П": "II", "Ш": "III", "У": "V", "Х": "X", "ГУ": "IV"}
# Nobody writes one of these alone behind a name: they would be initials, with a full stop.
STROKES: Final = frozenset("ПШ")
READ: Final = regex.compile(rf"^({'|'.join(NUMERALS)})([.,;:!?)»”]*)$")
NAME: Final = regex.compile(r"^\P{L}*(\p{Lu}[а-яё]+)$")
SURNAME: Final = regex.compile(r"^\P{L}*(\p{Lu}\p{Cyrillic}*)(?!\.)")
# By how many nats a name must lift the chance of a numeral, and by how many more than that of an initial: names of
# rulers lift it by 2.6 (Павла) to 6.3 (Людовика), other words that begin sentences by 2.1 at most, but for Глава, Тома.
LIFTED: Final = 2.5
MORE: Final = 1.5
# A word that costs more than this with a capital begins a sentence, and is no surname.
CAPITAL: Final = 1.0
# How sure such a numeral is.
SURE: Final = 0.95


def numeral_lines(lines: Sequence[str]) -> list[tuple[int, int]]:
    """Return the stretches of lines (first, one past the last) around what may be such a numeral."""
    found = [number for number, line in enumerate(lines) if any(map(READ.match, line.split()))]
    return [(max(0, number - 1), min(len(lines), number + 2)) for number in found]


def with_regnal_numerals(
    units: Sequence[Unit], verdicts: Sequence[Verdict], model: LanguageModel, lexicon: Lexicon
) -> list[Verdict]:
    """Return the verdicts, letters that follow the name of a ruler as the numerals that they were."""
    done = list(verdicts)
    for place in range(1, len(units)):
        read = READ.match(verdicts[place].best.text)
        if not read or units[place].paragraph != units[place - 1].paragraph:
            continue
        name = NAME.match(verdicts[place - 1].best.text)
        if not name or is_initial(place, units, verdicts, lexicon):
            continue
        is_numeral = read[1] in STROKES and "." not in read[2] and is_name(name[1].lower(), lexicon)
        if is_numeral or is_ruler(name[1].lower(), model, lexicon):
            done[place] = numeral(NUMERALS[read[1]] + read[2], units[place])
    return done


def is_name(word: str, lexicon: Lexicon) -> bool:
    """Return whether a lower-case word usually has a capital."""
    number = lexicon.find(word)
    return number >= 0 and STEP * float(lexicon.title[number]) < CAPITAL


def is_ruler(name: str, model: LanguageModel, lexicon: Lexicon) -> bool:
    """Return whether numerals follow a lower-case name, and not just as often initials."""
    number = lexicon.find(name)
    if number < 0:
        return False
    kind = int(model.lifts.class_of[number])
    numeral, initial = (
        float(np.log(lift(model.lifts, number, kind, symbol, int(model.lifts.class_of[symbol]))))
        for symbol in (model.special(ROMAN), model.special(INITIAL))
    )
    return numeral > LIFTED and numeral > initial + MORE


def is_initial(place: int, units: Sequence[Unit], verdicts: Sequence[Verdict], lexicon: Lexicon) -> bool:
    """Return whether a letter with a full stop is an initial: a surname follows, or the sentence goes on."""
    if "." not in verdicts[place].best.text:
        return False
    if place + 1 == len(units) or units[place + 1].paragraph != units[place].paragraph:
        return False
    following = SURNAME.match(verdicts[place + 1].best.text)
    if not following:
        return True
    word = following[1].lower()
    return lexicon.find(word) < 0 or is_name(word, lexicon)


def numeral(text: str, unit: Unit) -> Verdict:
    """Return the verdict of a unit that is a numeral."""
    best = Hypothesis(text, 0.0, False, "latin", tuple(min(place, 1) for place in range(len(text))), unit.text)
    return Verdict.decided(best, SURE, 1.0, unit.text)
