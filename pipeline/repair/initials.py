"""Letters alone beside a name or a symbol: all of a name is in one script.

A model of two scripts takes each letter alone for one of them: `T. П. Осокоров`. One Latin initial beside a Cyrillic
surname is not enough to tell: a sentence may end with a letter (`витамин C. Потом`). One in Cyrillic behind a Latin
name is Latin, if nothing Russian but a citation follows: `Berkhoff, Karel С [РГАЭ`. What was read in Latin letters is
Latin before the second half of a Latin name (`B. subtilis`), and beside another symbol (`K и Mg`, `C : N`). X inside a
sentence, and Y beside it, are numerals and unknowns (`в X веке`), whatever they were read as: so were 13 of 18 in
300,000 words. `р.` before a number behind Latin print is a page (`1980), p. 12`).
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

import regex

from pipeline.repair.letters import CYRILLIC_LETTER, HOMOGLYPHS, IN_LATIN
from pipeline.repair.units import NOT, Unit
from pipeline.repair.verdicts import Verdict

INITIAL: Final = regex.compile(r"^[\p{P}]*(?:\p{Cyrillic}|[ABCEHKMOPTXY])\.[,;:)\]]*$")
SURNAME: Final = regex.compile(r"^[\p{P}]*(?=\p{Lu})\p{Cyrillic}{2,}(?:-\p{Cyrillic}+)?\P{L}*$")
LONE: Final = regex.compile(r"^[АВЕКМНОРСТХ]\.?[,;:]?$")
LATIN_NAME: Final = regex.compile(r"^\P{L}*\p{Lu}\p{Latin}+,?$")
SYMBOL: Final = regex.compile(r"^\p{Ps}?[A-Z][a-z]?\.?[,;:)]?$")
SPECIES: Final = regex.compile(r"^[a-z]{3,}\P{L}*$")
UNKNOWN: Final = regex.compile(r"^[ХУ][,;:)]?$")
UNKNOWNS: Final = str.maketrans("ХУ", "XY")
X: Final = regex.compile(r"^[ХX][,;:)]?$")
SMALL: Final = regex.compile(r"^\P{L}*[а-яё]+$")
PAGES: Final = {"р.": "p.", "рр.": "pp."}
# Years, and what is read of the abbreviation behind them.
YEARS: Final = regex.compile(r"^\p{Ps}?[12]\d{3}(?:[–—-]+[12]\d{3})?$")
OF_YEARS: Final = frozenset(("rr.", "IT.", "TT.", "ТТ."))
# So far back a title may end, behind numbers: (London, 1980), 5.
FAR_BACK: Final = 5
JOINTS: Final = frozenset(("и", "или", ":", "/", "–", "—"))
# How sure they are.
SURE: Final = 0.98


def with_initials(units: Sequence[Unit], verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Return the verdicts, initials in the script of the name beside them."""
    texts = [verdict.best.text for verdict in verdicts]
    done = list(verdicts)
    for place in range(1, len(units)):
        if LONE.match(texts[place]) and verdicts[place].best.reason != "citation" and is_latin(units, texts, place):
            done[place] = initial(texts[place].translate(IN_LATIN), units[place], verdicts[place], False)
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


def with_symbols(units: Sequence[Unit], verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Return the verdicts of what a model of two scripts read, symbols as they were read that Latin print is beside."""
    texts = [verdict.best.text for verdict in verdicts]
    return [
        kept(unit, verdict)
        if verdict.best.reason == "lexicon" and SYMBOL.match(unit.text) and is_symbol(texts, unit.text, place)
        else verdict
        for place, (unit, verdict) in enumerate(zip(units, verdicts, strict=True))
    ]


def with_unknowns(units: Sequence[Unit], verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Return the verdicts of what a model of two scripts read, X and Y inside a sentence in Latin letters."""
    texts = [verdict.best.text for verdict in verdicts]
    return [
        initial(text.translate(UNKNOWNS), unit, verdict, False)
        if UNKNOWN.match(text) and verdict.best.reason != "citation" and is_unknown(units, texts, place)
        else verdict
        for place, (text, unit, verdict) in enumerate(zip(texts, units, verdicts, strict=True))
    ]


def with_pages(units: Sequence[Unit], verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Return the verdicts of what a model of two scripts read, `p.` before the pages of a Latin title in Latin."""
    texts = [verdict.best.text for verdict in verdicts]
    return [
        initial(PAGES[text], unit, verdict, False) if text in PAGES and is_paged(units, texts, place) else verdict
        for place, (text, unit, verdict) in enumerate(zip(texts, units, verdicts, strict=True))
    ]


def with_years(units: Sequence[Unit], verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Return the verdicts of what a model of two scripts read, what is behind the years of Russian text in Russian.

    That is `гг.`, and `по` between two of them.
    """
    done, texts = list(verdicts), [verdict.best.text for verdict in verdicts]
    for place in range(1, len(units)):
        behind = texts[place + 1] if place + 1 < len(texts) else ""
        said = "гг." if texts[place] in OF_YEARS else "по" if texts[place] == "no" and YEARS.match(behind) else ""
        if said and YEARS.match(texts[place - 1]) and CYRILLIC_LETTER.search(last_word(units, texts, place)):
            done[place] = initial(said, units[place], verdicts[place], True)
            texts[place] = said
    return done


def last_word(units: Sequence[Unit], texts: Sequence[str], place: int) -> str:
    """Return the last word with a letter before a place, not far back in its paragraph; "" if there is none."""
    before = range(place - 1, max(-1, place - FAR_BACK), -1)
    worded = (other for other in before if any(map(str.isalpha, texts[other])))
    last = next(worded, place)
    return texts[last] if last != place and units[last].paragraph == units[place].paragraph else ""


def is_paged(units: Sequence[Unit], texts: Sequence[str], place: int) -> bool:
    """Return whether a number follows, and the last word before is Latin print of the same paragraph."""
    if place + 1 == len(texts) or not texts[place + 1][0].isdigit():
        return False
    last = last_word(units, texts, place)
    return bool(last) and not CYRILLIC_LETTER.search(last)


def is_unknown(units: Sequence[Unit], texts: Sequence[str], place: int) -> bool:
    """Return whether a letter alone follows a word in small letters: X, or Y beside an X."""
    if not place or units[place].initial != NOT or not SMALL.match(texts[place - 1]):
        return False
    beside = (texts[other] for other in (place - 2, place + 2) if 0 <= other < len(texts))
    return texts[place][0] == "Х" or any(map(X.match, beside))


def is_symbol(texts: Sequence[str], read: str, place: int) -> bool:
    """Return whether a Latin name goes on behind a Latin letter `read` at a place, or a symbol is beside it."""
    before, behind = ["", "", *texts[max(0, place - 2) : place]][-2:], [*texts[place + 1 : place + 3], "", ""]
    if read.endswith("."):
        return bool(SPECIES.match(behind[0]))
    joined = (behind[0] in JOINTS and SYMBOL.match(behind[1])) or (before[1] in JOINTS and SYMBOL.match(before[0]))
    return bool(joined or SYMBOL.match(behind[0]))


def kept(unit: Unit, verdict: Verdict) -> Verdict:
    """Return the verdict of a unit that stays as it is."""
    best = replace(verdict.best, text=unit.text, russian=False, reason="kept", places=(), reading="")
    return Verdict.decided(best, SURE, 0.0, verdict.best.text)


def is_latin(units: Sequence[Unit], texts: Sequence[str], place: int) -> bool:
    """Return whether a Latin name stands before a letter alone, and no Cyrillic word behind it but in brackets."""
    if units[place - 1].paragraph != units[place].paragraph or not LATIN_NAME.match(texts[place - 1]):
        return False
    ends = place + 1 == len(units) or units[place + 1].paragraph != units[place].paragraph
    return ends or texts[place + 1].startswith("[") or not CYRILLIC_LETTER.search(texts[place + 1])


def in_cyrillic(unit: Unit, verdict: Verdict) -> Verdict:
    """Return the verdict of an initial, in Cyrillic if it is not yet."""
    text = verdict.best.text.translate(HOMOGLYPHS)
    return verdict if text == verdict.best.text else initial(text, unit, verdict, True)


def initial(text: str, unit: Unit, verdict: Verdict, russian: bool) -> Verdict:
    """Return the verdict of an initial in the other script."""
    places, reason = tuple(range(len(text))), "lexicon" if russian else "latin"
    best = replace(verdict.best, text=text, russian=russian, reason=reason, places=places, reading=unit.text)
    return Verdict.decided(best, SURE, float(russian), unit.text)
