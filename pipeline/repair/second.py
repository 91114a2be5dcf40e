"""Second readings of a page: which words to read again with one language alone, and which of two readings to believe.

A model of two scripts takes each word for one of them, and errs with what neither knows: the markers of citations,
letters alone, words that look alike. Once the sentence has told the language, the model of that language reads better.
"""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final, Literal, NamedTuple

import regex

from pipeline.model import Box, ReadLine, ReadWord
from pipeline.repair.cells import DIGIT, SURE_NUMBER, bare
from pipeline.repair.letters import CYRILLIC_LETTER, HOMOGLYPHS
from pipeline.repair.screen import merged, spans
from pipeline.repair.sentence import BELIEFS, CYRILLIC_ONLY, Decoder, Verdict
from pipeline.repair.ukrainian import is_ukrainian
from pipeline.repair.units import MAYBE, TOKEN, Unit, cut_units

# A word that is less likely Russian than this is read as Latin print; one that is an English word, than this.
HARDLY: Final = 0.02
RATHER: Final = 0.3
# So many words that nobody doubts are read along, rather than starting anew behind them.
BRIDGE: Final = 2
# A second reading must be so much likelier, in nats.
BETTER: Final = 5.0
# A Russian word in Latin text costs so much more.
QUOTED: Final = BELIEFS.quoted
# Two boxes are of the same print that share so much of the narrower one.
SHARED: Final = 0.4

# So many words, and such a share of the Cyrillic ones of a paragraph, that are not Russian, make it another language.
FEW: Final = 5
STRANGE: Final = 0.3
# What a model of two scripts writes for `No` is no letter, but says as much.
NUMERO: Final = "№"
CYRILLIC_SIGN: Final = regex.compile(r"[\p{Cyrillic}№]")
SAYING: Final = regex.compile(r"[\p{L}№]")
# Names in citations are words as any.
NAMES: Final = frozenset(("person", "person-last", "author"))
MARKS: Final = "[](){}.,;:"

Language = Literal["rus", "eng", "ukr"]


class Said(NamedTuple):
    """What a word says as a part of a citation, its role there, and what was read.

    `usual` is the mark that most such parts of the page end with. All are empty where it is in no citation.
    """

    role: str = ""
    text: str = ""
    usual: str = ""
    read: str = ""


class Stretch(NamedTuple):
    """Words of a line that are doubted, by their numbers, and the language they seem to be in."""

    line: int
    words: Mapping[int, Said]
    language: Language

    def place(self, line: ReadLine) -> Box:
        """Return where the stretch and a word on either side lie on the clean page: at an edge letters are misread.

        Raises ValueError if its words have no places.
        """
        around = line.words[max(0, min(self.words) - 1) : max(self.words) + 2]
        places = [word.place for word in around if word.place]
        left, top, right, bottom = zip(*places, strict=True)
        return Box(min(left), min(top), max(right), max(bottom))


class Again(NamedTuple):
    """A stretch and its words as they were read again."""

    stretch: Stretch
    words: tuple[ReadWord, ...]


class Costs(NamedTuple):
    """What words cost in nats, as Latin and as Russian text."""

    latin: float
    russian: float

    def least(self) -> float:
        """Return the lesser cost."""
        return min(self)


class SecondLook:
    """Tells with a decoder what to read again, and what to believe."""

    def __init__(self, decoder: Decoder) -> None:
        self.decoder = decoder

    def doubted(self, lines: Sequence[str]) -> list[Stretch]:
        """Return the stretches of the lines to read again, those of a language together, in order."""
        signs = ((number, number + 1) for number, line in enumerate(lines) if NUMERO in line)
        worth = merged(iter(sorted([*spans(lines, self.decoder), *signs])))
        units = cut_units(lines, worth) if worth else []
        decoded = self.decoder.decode(units, {})
        roles = {part.unit: part.role for found in decoded.citations for part in found.parts}
        usual = usual_marks(roles, decoded.verdicts)
        unlike = unlike_russian(units, roles, self.decoder)
        starts = [[match.start() for match in TOKEN.finditer(line)] for line in lines]
        latin = among_latin(units, decoded.verdicts, roles)
        found = [
            (language, piece.line, starts[piece.line].index(piece.start), said)
            for place, (unit, verdict) in enumerate(zip(units, decoded.verdicts, strict=True))
            if (language := "rus" if place in roles else unlike.get(place) or self.doubt(unit, verdict, place in latin))
            for piece, said in zip(unit.pieces, sayings(unit, verdict, roles.get(place, ""), usual), strict=True)
        ]
        found.sort(key=lambda one: (one[0], one[1]))
        return [
            stretch
            for (language, line), words in groupby(found, lambda one: one[:2])
            for stretch in cut(language, line, words)
        ]

    def doubt(self, unit: Unit, verdict: Verdict, among_latin: bool) -> Language | Literal[""]:
        """Return the language to read a unit again in, "" if there is no need."""
        good = self.decoder.is_russian(unit)
        if CYRILLIC_SIGN.search(unit.text):
            is_latin = verdict.best.reason == "latin" or (among_latin and not self.decoder.is_long(unit))
            return "eng" if is_latin else "" if good else "rus"
        if not any(map(str.isalpha, unit.text)):
            return ""
        return "rus" if verdict.russian >= (RATHER if self.decoder.is_plain(unit.text) else HARDLY) else ""

    def disputed(self, lines: Sequence[ReadLine], readings: Iterable[Again]) -> list[Stretch]:
        """Return the numbers of citations that were read differently the second time: a third reading decides."""
        return [
            Stretch(stretch.line, {number: stretch.words[number]}, "eng")
            for stretch, again in readings
            for numbers, others in aligned(lines[stretch.line].words, again)
            for number, other in zip(numbers, others, strict=False)
            if number in stretch.words and is_disputed(other.text, stretch.words[number])
        ]

    def believed(self, line: ReadLine, readings: Sequence[Again]) -> ReadLine:
        """Return a line with the words of its stretches as they were read again, where that is likelier."""
        words = {number: [word] for number, word in enumerate(line.words)}
        votes = dict(third_digits(line, readings))
        for stretch, again in readings:
            if stretch.language == "ukr" and not is_ukrainian(word.text for word in again):
                continue
            for numbers, others in aligned(line.words, again):
                first = [line.words[number] for number in numbers]
                said = [stretch.words[number] for number in numbers if number in stretch.words]
                voted = any(votes.get(number) == digits_of(others[0].text) for number in numbers if others)
                if others and said and self.is_better(first, others, stretch, said, voted):
                    words.update({number: [] for number in numbers} | {numbers[0]: others})
        believed = tuple(word for own in words.values() for word in own)
        return replace(line, text=" ".join(word.text for word in believed), words=believed) if readings else line

    def is_better(
        self,
        first: Sequence[ReadWord],
        again: Sequence[ReadWord],
        stretch: Stretch,
        said: Sequence[Said],
        voted: bool,
    ) -> bool:
        """Return whether the second reading of some words is to be believed; `voted`: a third one has its digits."""
        if all(one.role for one in said) and said[0].role not in NAMES:
            pairs = list(zip(again, said, strict=False))
            return (
                stretch.language == "rus"
                and len(again) == len(said)
                and all(self.is_cited(word.text, one, voted) for word, one in pairs)
            )
        if stretch.language == "ukr":
            return True
        is_english = stretch.language == "eng"
        if not is_english and not all(CYRILLIC_LETTER.search(word.text) for word in again):
            return False
        own, other = self.costs(first), self.costs(again)
        return other.latin + BETTER < own.russian + QUOTED if is_english else other.russian + BETTER < own.least()

    def is_cited(self, text: str, said: Said, voted: bool) -> bool:
        """Return whether a second reading is a good part of a citation; digits are never changed on its word alone."""
        naming, markers = self.decoder.finder.naming, self.decoder.finder.cells.markers
        if said.role == "archive":
            was_known = said.text.strip(MARKS) in naming.known_words
            is_alike = said.read.translate(HOMOGLYPHS) == text.translate(HOMOGLYPHS)
            return bool(CYRILLIC_ONLY.match(text)) and (is_alike or not was_known)
        if any(map(str.isdigit, said.text)):
            mended = not SURE_NUMBER.match(said.text) or (said.text[-1] != said.usual == text[-1])
            is_same = digits_of(text) == digits_of(said.text)
            return bool(SURE_NUMBER.match(text)) and (mended if is_same else voted)
        alike = marks_of(text) == marks_of(said.text)
        return alike and bare(text.strip(MARKS)) in markers.cyrillic and text.casefold() != said.text.casefold()

    def costs(self, words: Sequence[ReadWord]) -> "Costs":
        """Return what words cost: as Latin text, and in Russian text, there the likeliest word behind each."""
        slots = [self.decoder.slot(Unit(word.text, (), 0, 0, MAYBE)) for word in words]
        self.decoder.search(slots)
        russian = (self.decoder.spoken(slot) if self.decoder.is_russian(slot.unit) else slot.least() for slot in slots)
        return Costs(sum(slot.kept for slot in slots), sum(russian))


def is_disputed(text: str, said: Said) -> bool:
    """Return whether a number of a citation was read with other digits."""
    return bool(said.role and DIGIT.search(said.text) and SURE_NUMBER.match(text)) and (
        digits_of(text) != digits_of(said.text)
    )


def third_digits(line: ReadLine, readings: Iterable[Again]) -> Iterator[tuple[int, str]]:
    """Yield (number, digits) of the words of citations that were read a third time."""
    for stretch, again in readings:
        for numbers, others in aligned(line.words, again):
            alike = stretch.language == "eng" and len(numbers) == len(others) == 1
            if alike and stretch.words.get(numbers[0], Said()).role:
                yield numbers[0], digits_of(others[0].text)


def unlike_russian(units: Sequence[Unit], cited: Container[int], decoder: Decoder) -> dict[int, Language]:
    """Return the places of the words of paragraphs that have too many unknown words for Russian, as if Ukrainian."""
    words: dict[int, list[int]] = defaultdict(list)
    for place, unit in enumerate(units):
        if place not in cited and any(map(str.isalpha, unit.text)):
            words[unit.paragraph].append(place)
    found: dict[int, Language] = {}
    for places in words.values():
        cyrillic = [place for place in places if CYRILLIC_LETTER.search(units[place].text)]
        strange = sum(not decoder.is_russian(units[place]) for place in cyrillic)
        if strange >= FEW and strange > STRANGE * len(cyrillic) and 2 * len(cyrillic) > len(places):
            found.update(dict.fromkeys(places, "ukr"))
    return found


def among_latin(units: Sequence[Unit], verdicts: Sequence[Verdict], cited: Container[int]) -> set[int]:
    """Return the places of words that stand between Latin ones, or at the edge; citations count as nothing."""
    worded = [place for place, unit in enumerate(units) if place not in cited and SAYING.search(unit.text)]
    latin = [not CYRILLIC_SIGN.search(units[place].text) and verdicts[place].best.reason == "kept" for place in worded]
    around = zip(worded, [True, *latin], [*latin[1:], True], strict=False)
    return {place for place, before, after in around if before and after}


def usual_marks(roles: Mapping[int, str], verdicts: Sequence[Verdict]) -> dict[str, str]:
    """Return the character that most parts of each role end with."""
    ends: dict[str, Counter[str]] = defaultdict(Counter)
    for place, role in roles.items():
        ends[role][verdicts[place].best.text[-1:]] += 1
    return {role: counts.most_common(1)[0][0] for role, counts in ends.items()}


def sayings(unit: Unit, verdict: Verdict, role: str, usual: Mapping[str, str]) -> list[Said]:
    """Return what the pieces of a unit say as parts of a citation."""
    if not role:
        return [Said()] * len(unit.pieces)
    if not unit.cut:
        return [Said(role, verdict.best.text, usual[role], unit.text)]
    return [Said(role, text, usual[role], text) for text in (unit.text[: unit.cut], unit.text[unit.cut :])]


def cut(language: Language, line: int, words: Iterable[tuple[Language, int, int, Said]]) -> Iterator[Stretch]:
    """Yield the stretches that the doubted words of a line make, near ones together."""
    near: dict[int, Said] = {}
    for *_, number, said in words:
        if near and number - max(near) > BRIDGE + 1:
            yield Stretch(line, near, language)
            near = {}
        near[number] = said
    yield Stretch(line, near, language)


def marks_of(text: str) -> str:
    """Return the marks at the end of a text."""
    return text[len(text.rstrip(MARKS)) :]


def digits_of(text: str) -> str:
    """Return the digits of a text."""
    return "".join(filter(str.isdigit, text))


def aligned(words: Sequence[ReadWord], again: Sequence[ReadWord]) -> Iterator[tuple[list[int], list[ReadWord]]]:
    """Yield the numbers of words of a line, in order, with the words of another reading that lie at the same place."""
    rest = list(again)
    group: tuple[list[int], list[ReadWord]] = ([], [])
    for number, word in enumerate(words):
        if group[0] and not (group[1] and overlap(group[1][-1], word)):
            yield group
            group = ([], [])
        group[0].append(number)
        while rest and overlap(rest[0], word):
            group[1].append(rest.pop(0))
    yield group


def overlap(one: ReadWord, other: ReadWord) -> bool:
    """Return whether two words are of the same print."""
    if not one.place or not other.place:
        return False
    shared = min(one.place.right, other.place.right) - max(one.place.left, other.place.left)
    narrower = min(one.place.right - one.place.left, other.place.right - other.place.left)
    return shared > SHARED * narrower
