"""Which reading of a name to believe: of two, or of three."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import regex
from rapidfuzz.distance import Levenshtein

from pipeline.model import ReadLine, ReadWord
from pipeline.repair.alongside import MARKS, confidence_of, is_surer, singly
from pipeline.repair.cells import DIGIT
from pipeline.repair.letters import CYRILLIC_LETTER, HOMOGLYPHS
from pipeline.repair.sentence import CYRILLIC_ONLY
from pipeline.repair.stretches import Again, Said

# What a Г may be read as.
LIKE_GE: Final = (regex.compile("ТГ?"), regex.compile("Т"))
# A third reading alone is as sure as this, and surer than the others.
SUREST: Final = 0.8
# As sure as this of a name in Latin letters, it is no Cyrillic one that another model reads otherwise (`UK.`).
SURELY_LATIN: Final = 0.95


def elected_names(
    line: ReadLine, third: Again, readings: Iterable[Again], words: Mapping[int, list[ReadWord]]
) -> Iterator[tuple[int, list[ReadWord]]]:
    """Yield the names of a line that a third reading decides, by their numbers.

    Of 130 names of archives that two readings spelled differently, this one made 31 right and none wrong.
    """
    for number, word in singly(line, third.words):
        seconds = (dict(singly(line, again)).get(number) for stretch, again in readings if stretch.language == "rus")
        second = next(filter(None, seconds), None)
        if number in third.stretch.words and second and len(words[number]) == 1:
            yield number, [elected(third.stretch.words[number], line.words[number], second, word) or words[number][0]]


def elected(said: Said, first: ReadWord, second: ReadWord, third: ReadWord) -> ReadWord | None:
    """Return the reading of a name that two of three have, else the third one where it is surest, else the middle one.

    None if there is none. `said` is what the grammar made of the first one. A bracket before a name is read as a
    letter, or as a half of one.
    """
    own, other, decisive = (alphabetic(text) for text in (said.text, second.text, third.text))
    if said.text.startswith("[") and own.startswith("Ц"):
        other, decisive = (regex.sub("^І?[ЦЩ]", "Ц", spelled) for spelled in (other, decisive))
    if own == other:
        return first
    if is_alike_but_for_ge(own, other) or is_surely_latin(first):
        return None
    surest = max(SUREST, first.confidence or 0.0, second.confidence or 0.0)
    best = middle(own, other, decisive)
    if decisive not in (own, other) and (third.confidence or 0.0) > surest:
        best = decisive
    if best in (own, other):
        return first if best == own else in_capitals_of(second, third)
    if best != decisive or not decisive.isalpha() or not CYRILLIC_ONLY.match(third.text):
        return None
    return replace(first, text=said.text.replace(said.text.strip(MARKS), decisive), confidence=third.confidence)


def in_capitals_of(word: ReadWord, other: ReadWord) -> ReadWord:
    """Return a name in the capitals of another reading of it, where that has more: `Цхдло` is ЦХДЛО."""
    small, large = (one.text.strip(MARKS) for one in (word, other))
    if alphabetic(small) != alphabetic(large) or sum(map(str.isupper, large)) <= sum(map(str.isupper, small)):
        return word
    return replace(word, text=word.text.replace(small, large))


def middle(*spelled: str) -> str:
    """Return the one of some spellings that is nearest to the others, "" where several are."""
    far = [sum(Levenshtein.distance(one, other) for other in spelled) for one in spelled]
    nearest = {one for one, distance in zip(spelled, far, strict=True) if distance == min(far)}
    return nearest.pop() if len(nearest) == 1 else ""


def alphabetic(text: str) -> str:
    """Return a name as it is spelled, without the marks around it, in capitals; of letters alike the Cyrillic ones."""
    return text.strip(MARKS + "'").translate(HOMOGLYPHS).upper()


def is_as_said(word: ReadWord, said: Said) -> bool:
    """Return whether a name is spelled as the grammar says."""
    return alphabetic(word.text) == alphabetic(said.text)


def is_surely_latin(word: ReadWord) -> bool:
    """Return whether a word was read in Latin letters beyond doubt: the model of two scripts is as sure of no other."""
    return not CYRILLIC_LETTER.search(word.text) and (word.confidence or 0.0) > SURELY_LATIN


def is_spelled(words: Sequence[ReadWord]) -> bool:
    """Return whether words were read in Cyrillic letters only: the surer of two such readings is the better one.

    So it was of 15 of 19 names of archives; the second one was of 11.
    """
    return all(CYRILLIC_ONLY.match(word.text) and not DIGIT.search(word.text) for word in words)


def is_worse_spelled(first: Sequence[ReadWord], again: Sequence[ReadWord]) -> bool:
    """Return whether a second reading of Cyrillic letters is less sure, or has Т, or ТГ, where the first one has Г.

    Of 21 times that two readings differed so Г was right: its serif is read as the other half of Т, or as a letter.
    """
    one, other = (" ".join(word.text for word in words).strip(MARKS) for words in (first, again))
    if one != other and is_alike_but_for_ge(one, other):
        return other.count("Т") > one.count("Т")
    return confidence_of(again) < confidence_of(first)


def is_alike_but_for_ge(one: str, other: str) -> bool:
    """Return whether two spellings differ only in Т, or ТГ, for Г."""
    return any(form.sub("Г", one) == form.sub("Г", other) for form in LIKE_GE)


def is_parted(first: Sequence[ReadWord], again: Sequence[ReadWord]) -> bool:
    """Return whether one word is the mark of a note and a name of an archive, or such a name and its place.

    Of 18 marks that the second reading had apart all were marks, and of two places both were places.
    """
    if len(first) != 1 or len(again) != 2 or not CYRILLIC_ONLY.match(again[1].text) or DIGIT.search(again[1].text):
        return False
    is_same = first[0].text == again[0].text + again[1].text and is_surer(again, first)
    return is_same or not any(map(str.isalpha, again[0].text))
