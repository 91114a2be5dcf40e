"""What words stand among: Latin ones, Cyrillic ones, or those of another language."""

from collections import defaultdict
from collections.abc import Container, Sequence
from typing import Final

import regex

from pipeline.repair.letters import CYRILLIC_LETTER
from pipeline.repair.sentence import Decoder
from pipeline.repair.stretches import Language
from pipeline.repair.units import SURELY, Unit
from pipeline.repair.verdicts import Verdict

# So many words, and such a share of the Cyrillic ones of a paragraph, that are not Russian, make it another language.
FEW: Final = 5
STRANGE: Final = 0.3
# Paragraphs of fewer words with one that is neither Russian nor English may be in another language.
SHORT: Final = 20
CYRILLIC_SIGN: Final = regex.compile(r"[\p{Cyrillic}№]")
SAYING: Final = regex.compile(r"[\p{L}№]")


def unlike_russian(units: Sequence[Unit], cited: Container[int], decoder: Decoder) -> dict[int, Language]:
    """Return the places of the words of paragraphs that have too many unknown words for Russian, as if Ukrainian.

    On a page that has some, those of paragraphs too short to tell are among them.
    """
    words: dict[int, list[int]] = defaultdict(list)
    for place, unit in enumerate(units):
        if place not in cited and any(map(str.isalpha, unit.text)):
            words[unit.paragraph].append(place)
    found: dict[int, Language] = {}
    short: list[int] = []
    for places in words.values():
        cyrillic = [place for place in places if CYRILLIC_LETTER.search(units[place].text)]
        strange = sum(not decoder.is_russian(units[place]) for place in cyrillic)
        if strange >= FEW and strange > STRANGE * len(cyrillic) and 2 * len(cyrillic) > len(places):
            found.update(dict.fromkeys(places, "ukr"))
        elif len(places) < SHORT and sum(is_strange(units[place], decoder) for place in places):
            short += places
    return {**found, **dict.fromkeys(short, "ukr")} if found else {}


def is_strange(unit: Unit, decoder: Decoder) -> bool:
    """Return whether a unit is a word of neither Russian nor English."""
    return not (decoder.is_russian(unit) if CYRILLIC_SIGN.search(unit.text) else decoder.is_plain(unit.text))


def surroundings(
    units: Sequence[Unit], verdicts: Sequence[Verdict], cited: Container[int], decoder: Decoder
) -> tuple[set[int], set[int]]:
    """Return the places of words among Latin ones, and of those among Cyrillic ones.

    They stand between two of these, or begin a sentence that goes on with one; those that are half Cyrillic are among
    Cyrillic ones, and so are two together that no lexicon has. Citations count as nothing, edges as Latin.
    """
    worded = [place for place, unit in enumerate(units) if place not in cited and SAYING.search(unit.text)]
    cyrillic = [bool(CYRILLIC_SIGN.search(units[place].text)) for place in worded]
    latin = [is_latin(verdicts[place], own) for place, own in zip(worded, cyrillic, strict=True)]
    begins = [begins_sentence(place, units, cited) for place in worded]
    around = list(zip(worded, begins, [True, *latin], [*latin[1:], True], strict=False))
    unclear = [is_unclear(units[place].text, decoder) for place in worded]
    behind = passed(cyrillic, unclear)
    ahead = passed(cyrillic[::-1], unclear[::-1])[::-1]
    among = list(zip(worded, cyrillic, behind, ahead, strict=True))
    return (
        {place for place, begun, before, after in around if after and (before or begun)},
        {
            place
            for begun, (place, own, before, after) in zip(begins, among, strict=True)
            if own or (after and (before or begun))
        },
    )


def is_latin(verdict: Verdict, cyrillic: bool) -> bool:
    """Return whether a word is Latin print, as it was read or, where that was `cyrillic`, as it was found to be."""
    return verdict.best.reason == ("latin" if cyrillic else "kept")


def passed(cyrillic: Sequence[bool], unclear: Sequence[bool]) -> list[bool]:
    """Return whether a Cyrillic word stands before each word, or before an unclear one before that."""
    before, earlier = [False, *cyrillic], [False, False, *cyrillic]
    return [
        one or (other and further) for one, other, further in zip(before[:-1], [False, *unclear], earlier, strict=False)
    ]


def is_unclear(text: str, decoder: Decoder) -> bool:
    """Return whether a text in Latin letters may be anything: a letter alone, or no word that is known."""
    if CYRILLIC_SIGN.search(text):
        return False
    return sum(map(str.isalpha, text)) == 1 or not decoder.is_plain(text)


def begins_sentence(place: int, units: Sequence[Unit], cited: Container[int]) -> bool:
    """Return whether a sentence begins with a unit; what has a capital behind a citation does."""
    text = units[place].text
    return text[0].isupper() and (units[place].initial == SURELY or place - 1 in cited)
