"""Second readings of a page: which words to read again with one language alone, and which of two readings to believe.

A model of two scripts takes each word for one of them, and errs with what neither knows: the markers of citations,
letters alone, words that look alike. Once the sentence has told the language, the model of that language reads better.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final, Literal, NamedTuple

import regex

from pipeline.model import ReadLine, ReadWord
from pipeline.repair.alongside import (
    CERTAIN,
    MARKS,
    SURE_MORE,
    aligned,
    confidence_of,
    digits_of,
    is_surer,
    marks_of,
    parted,
    passed_over,
    shape,
    singly,
)
from pipeline.repair.cells import DIGIT, DIGITS_READ, SURE_NUMBER, bare
from pipeline.repair.elected import elected_names, is_as_said, is_parted, is_spelled, is_surely_latin, is_worse_spelled
from pipeline.repair.letters import CYRILLIC_LETTER, HOMOGLYPHS
from pipeline.repair.screen import merged, spans
from pipeline.repair.sentence import BELIEFS, CYRILLIC_ONLY, ROMAN, Decoded, Decoder
from pipeline.repair.stretches import (
    NAMES,
    Again,
    Language,
    Said,
    Stretch,
    cut,
    is_clear,
    is_spelled_number,
    sayings,
    usual_marks,
)
from pipeline.repair.surroundings import CYRILLIC_SIGN, surroundings, unlike_russian
from pipeline.repair.ukrainian import is_ukrainian
from pipeline.repair.units import MAYBE, NOT, TOKEN, Unit, cut_units
from pipeline.repair.verdicts import Verdict

# A word that is less likely Russian than this is read as Latin print; one that is an English word, than this.
HARDLY: Final = 0.02
RATHER: Final = 0.3
# A second reading must be so much likelier, in nats.
BETTER: Final = 5.0
# An English word in a usual case no more than so: of six more that this takes on six seeds all are right.
MORE_ENGLISH: Final = 3.5
# A Russian word in Latin text costs so much more.
QUOTED: Final = BELIEFS.quoted
# A Latin word among Russian ones must be so much dearer than its Russian reading (so were 30 of 32 Russian words that
# were read in Latin letters, and none of 35 Latin ones).
LIKELIER: Final = 2.5
# Where the second reading is CERTAIN, so much (of five more Russian words on seven seeds, and no Latin one).
CERTAINLY: Final = 1.0
# What all of confidence says, in nats; and with less the wrong language was read. `rus` was more than 0.85 sure of 12 %
# of 461 English words and of 90 % of 432 Russian ones, less than 0.6 of 66 % and of 5 %.
CONFIDENT: Final = 15.0
UNSURE: Final = 0.6
# Short Russian words that cost more than the first of these may be Latin ones that cost no more than so much more: four
# on ten pages. Of 110 that were read again as English, 10 were sure and known words of other letters: all were print.
RARELY: Final = 11.5
SHORT_WORD: Final = 6
PERHAPS: Final = 4.0
BEYOND_DOUBT: Final = 0.91
# Capitals all of which Latin print has too, of an abbreviation that costs more than this: only a letter that Latin
# print has alone tells the two.
RARE: Final = 14.0
ALIKE: Final = regex.compile(r"^\P{L}*[АВЕКМНОРСТУХ]{2,6}\P{L}*$")
# A second reading of other letters that is less sure than this share of the first one says nothing.
HOPELESS: Final = 1 / 3
# What the letter of a fond is read as, digits among it: no fond is a range. Of 5 second readings that were
# so sure of the letter all were right.
LETTER_OF_FOND: Final = regex.compile(r"^(?:[IlT1НH]|[IlT17]{2}|[I1l]\])-(?=\d)")
SURE_LETTER: Final = 0.8
# Behind Latin letters, a second reading as sure of a name is believed rather than the listed name that these may be: of
# 71 that were, 64 say the same, six were right, and one was two words in one.
SURE_NAME: Final = 0.85
# Less sure than this, a reading in the language that a word must be in says nothing.
HARDLY_SURE: Final = 0.5
# So much surer is clearly surer.
CLEARLY: Final = 0.2
# The marker behind a fond in small letters, as both models read it.
SMALL_MARKER: Final = regex.compile(r"^[оo][пnm]\.$")
# Letters and digits, and hyphens and dots between them: what Latin letters are read as ($ [ | !) is no such word.
WORD: Final = regex.compile(
    r"^[^\p{L}\p{S}@]*[\p{L}\p{M}\p{N}]+(?:[-–—.’'][\p{L}\p{M}\p{N}]+)*[^\p{L}\p{N}\p{S}\[({!]*$"
)
# What a model of two scripts writes for `No` is no letter, but says as much.
NUMERO: Final = "№"
CYRILLIC_WORD: Final = regex.compile(r"^\p{P}*\p{Cyrillic}+\p{P}*$")
# What Cyrillic words have not: signs within them, two capitals at their beginning, and digits before letters; `№` is no
# abbreviation with a full stop.
ODD: Final = regex.compile(
    r"^№\.$|^\P{L}*[А-ЯЁ]{2}[а-яё]{3}|^\p{P}*[{@$|\\]\p{Cyrillic}|\p{Cyrillic}[$€£¥&@|\\]|[$€£¥&@|\\]\p{Cyrillic}|(?<!\p{N})\p{N}\p{Cyrillic}{3}"
)
# No word of any language: digits around Cyrillic letters, or a capital in the middle of small ones.
NO_WORD: Final = regex.compile(r"\p{N}\p{Cyrillic}+\p{N}|\p{Ll}{3}(?=\p{Cyrillic})\p{Lu}\p{Ll}")
MIXED: Final = regex.compile(r"\p{L}\p{N}|\p{N}\p{L}")
# A capital alone, and what Latin ones are taken for that Cyrillic print has not: variables, names of classes.
VARIABLE: Final = regex.compile(r"^\p{Ps}?(\p{Lu})[,;:)]?$")
ALONE: Final = regex.compile(r"^\p{Ps}?(\p{Lu})[.,;:)]*$")
TAKEN: Final = frozenset(("ЕF", "РF", "ОD", "ОQ", "СG", "УV", "КR", "ВR", "МN", "ХN", "МW", "ГL"))
# Capitals that digits were read as.
LIKE_DIGITS: Final = regex.compile(r"^[ЗИЕЛОПТ]{2,3}\P{L}*$")
# Letters that look like Roman numerals.
STROKES: Final = frozenset("ПШУХ")


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

    def doubted(self, lines: Sequence[ReadLine]) -> list[Stretch]:
        """Return the stretches of the lines to read again, those of a language together, in order."""
        return [one for one in self.suspected([line.text for line in lines]) if not is_clear(one, lines[one.line])]

    def suspected(self, lines: Sequence[str]) -> list[Stretch]:
        """Return the stretches of the lines that may be misread, however sure the reader was of them."""
        signs = ((number, number + 1) for number, line in enumerate(lines) if NUMERO in line)
        worth = merged([*spans(lines, self.decoder), *signs])
        units = cut_units(lines, worth) if worth else []
        decoded = self.decoder.decode(units, {})
        starts = [[match.start() for match in TOKEN.finditer(line)] for line in lines]
        found = [
            (language, piece.line, starts[piece.line].index(piece.start), said)
            for unit, language, sayings in self.questions(units, decoded)
            for piece, said in zip(unit.pieces, sayings, strict=True)
        ]
        found.sort(key=lambda one: (one[0], one[1]))
        return [
            stretch
            for (language, line), words in groupby(found, lambda one: one[:2])
            for stretch in cut(language, line, words)
        ]

    def questions(self, units: Sequence[Unit], decoded: Decoded) -> Iterator[tuple[Unit, Language, list[Said]]]:
        """Yield the units to read again, the language to read each in, and what its pieces say."""
        roles = {part.unit: part.role for found in decoded.citations for part in found.parts}
        usual = usual_marks(roles, decoded.verdicts)
        unlike = unlike_russian(units, roles, self.decoder)
        latin, russian = surroundings(units, decoded.verdicts, roles, self.decoder)
        for place, (unit, verdict) in enumerate(zip(units, decoded.verdicts, strict=True)):
            if place in roles:
                language: Language | Literal[""] = "rus"
            else:
                language = unlike.get(place) or self.doubt(unit, verdict, place in latin, place in russian)
            among = place in russian and place not in latin
            if language:
                said = sayings(unit, verdict, roles.get(place, ""), usual)
                yield unit, language, [one._replace(in_russian=among) for one in said]
            if language in ("", "rus") and place not in roles and self.is_rare(unit):
                yield unit, "eng", [Said(in_russian=among, rare=True)]

    def doubt(self, unit: Unit, verdict: Verdict, among_latin: bool, among_russian: bool) -> Language | Literal[""]:
        """Return the language to read a unit again in, "" if there is no need."""
        if CYRILLIC_SIGN.search(unit.text):
            if among_latin or self.is_like_latin(unit, verdict):
                return "eng"
            return "" if self.decoder.is_russian(unit) else "rus"
        if not any(map(str.isalpha, unit.text)):
            return ""
        if self.decoder.is_plain(unit.text):
            return "rus" if among_russian or verdict.russian >= RATHER else ""
        return "rus" if among_russian or verdict.russian >= HARDLY else ""

    def is_like_latin(self, unit: Unit, verdict: Verdict) -> bool:
        """Return whether Cyrillic letters look like Latin print that was misread, whatever is around them."""
        if verdict.best.reason == "latin" or is_rather_latin(unit, verdict) or ODD.search(unit.text):
            return True
        if VARIABLE.match(unit.text) and unit.initial == NOT:
            return True
        return bool(ALIKE.match(unit.text)) and self.decoder.spoken(self.decoder.slot(unit)) > RARE

    def is_rare(self, unit: Unit) -> bool:
        """Return whether a short rare word in Cyrillic may well be a known one in Latin print, even in Russian text."""
        if unit.cut or not CYRILLIC_WORD.match(unit.text) or len(unit.text.strip(MARKS)) > SHORT_WORD:
            return False
        russian = self.decoder.spoken(self.decoder.slot(unit))
        if russian < RARELY or not self.decoder.latin_print:
            return False
        behind = (one for one in self.decoder.latin_print.words(unit.text) if self.decoder.is_plain(one.text))
        return any(not CYRILLIC_LETTER.search(one.text) and one.cost < russian + PERHAPS for one in behind)

    def disputed(self, lines: Sequence[ReadLine], readings: Iterable[Again]) -> list[Stretch]:
        """Return the numbers of citations for a third reading: those read differently, and those with letters."""
        return [
            Stretch(stretch.line, {number: stretch.words[number]}, "eng")
            for stretch, again in readings
            for numbers, others in aligned(lines[stretch.line].words, again)
            for number, other in zip(numbers, others, strict=False)
            if number in stretch.words
            and (is_disputed(other.text, stretch.words[number]) or is_spelled_number(stretch.words[number]))
        ]

    def disputed_names(self, lines: Sequence[ReadLine], readings: Iterable[Again]) -> list[Stretch]:
        """Return the names of archives that the grammar and a second reading spell differently, for a third one."""
        return [
            Stretch(stretch.line, {number: said}, "Cyrillic")
            for stretch, again in readings
            for number, other in singly(lines[stretch.line], again)
            if (said := stretch.words.get(number, Said())).role == "archive"
            if CYRILLIC_ONLY.match(other.text) and not is_as_said(other, said)
        ]

    def believed(self, line: ReadLine, readings: Sequence[Again]) -> ReadLine:
        """Return a line with the words of its stretches as they were read again, where that is likelier."""
        fonds = {number for stretch, _ in readings for number, one in stretch.words.items() if one.role == "fond"}
        words = {number: [word] for number, word in enumerate(sized(line.words, fonds))}
        votes = dict(third_digits(line, readings))
        for stretch, again in readings:
            if stretch.language == "Cyrillic":
                words.update(elected_names(line, Again(stretch, again), readings, words))
            elif stretch.language != "ukr" or self.is_ukrainian(line, stretch, again):
                words.update(self.taken(line, Again(stretch, again), words, votes))
        believed = tuple(word for own in words.values() for word in own)
        return replace(line, text=" ".join(word.text for word in believed), words=believed) if readings else line

    def taken(
        self, line: ReadLine, reading: Again, words: Mapping[int, list[ReadWord]], votes: Mapping[int, str]
    ) -> dict[int, list[ReadWord]]:
        """Return, by their numbers, the words that another reading of a line has in the place of `words`.

        What the first one passed over comes with the word before. `votes` are the digits of a third reading.
        """
        taken: dict[int, list[ReadWord]] = {}
        stretch, gap = reading.stretch, False
        for numbers, read in aligned(line.words, reading.words):
            first = [word for number in numbers for word in words[number]]
            said = [stretch.words[number] for number in numbers if number in stretch.words]
            others = going_on(said, parted(first, read))
            ahead = line.words[numbers[-1] + 1 :]
            more = passed_over(first, others, ahead) if stretch.language != "eng" else []
            others = others[: len(others) - len(more)]
            voted = any(votes.get(number) == digits_of(others[0].text) for number in numbers if others)
            better = others and said and first and self.is_better(first, others, stretch, said, voted)
            better = better or ((gap or more) and is_part(first, others))
            better = better or self.is_numbered(line, numbers[0], stretch.language, first, others)
            if better or more:
                taken.update({number: [] for number in numbers})
                taken[numbers[0]] = [*(others if better else first), *more]
            gap = bool(more)
        return taken

    def is_ukrainian(self, line: ReadLine, stretch: Stretch, again: Sequence[ReadWord]) -> bool:
        """Return whether a stretch is Ukrainian by the letters of its reading, which is surer than the first one."""
        first = [line.words[number] for number in stretch.words]
        return is_ukrainian(word.text for word in again) and is_surer(again, first)

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
            if stretch.language == "eng":
                return len(again) == len(said) == 1 and is_told(again[0], said[0])
            if said[0].role == "archive" and len(said) == 1 and is_parted(first, again):
                return stretch.language == "rus"
            return (
                stretch.language == "rus"
                and len(again) == len(said)
                and all(is_lettered(word, one) or self.is_cited(word, one, voted) for word, one in pairs)
                and not (is_spelled(first) and is_worse_spelled(first, again))
                and not (said[0].role == "archive" and is_surely_latin(first[0]) and not is_as_said(again[0], said[0]))
            )
        if stretch.language == "ukr":
            return is_surer(again, first)
        if stretch.language == "eng" and said[0].rare:
            sure = self.is_listed(again) and confidence_of(again) > BEYOND_DOUBT and shape(again) != shape(first)
            return sure and self.costs(again).latin < self.costs(first).russian
        if stretch.language == "eng" and said[0].in_russian and (letter := VARIABLE.match(first[0].text)):
            is_numeral = letter[1] in STROKES and len(again) == 1 and bool(ROMAN.match(again[0].text))
            return is_numeral or is_variable(first, again)
        if stretch.language == "eng":
            unsure = confidence_of(first) < UNSURE and (self.is_listed(again) or not said[0].in_russian)
            return self.is_english(first, again, unsure or (not said[0].in_russian and is_told_apart(first, again)))
        if said[0].role in NAMES and is_named(first, again):
            return True
        return self.completes(said[0].half, first, again) or self.is_russian(
            first, again, all(one.in_russian for one in said)
        )

    def completes(self, half: str, first: Sequence[ReadWord], again: Sequence[ReadWord]) -> bool:
        """Return whether the second half of a Russian word that a line end broke was read in Latin letters before."""
        if not half or len(again) != 1 or any(CYRILLIC_LETTER.search(word.text) for word in first):
            return False
        text = again[0].text
        return bool(CYRILLIC_ONLY.match(text)) and self.decoder.good(half + text, f"{half}-{text}")

    def is_english(self, first: Sequence[ReadWord], again: Sequence[ReadWord], unsure: bool) -> bool:
        """Return whether words are what was read as English, rather than as Russian the first time.

        `unsure` says that nobody was sure of that, or of English beyond doubt, where they may well be English.
        """
        if is_variable(first, again):
            return True
        is_word = unsure and all(map(is_cased, again)) and shape(again) != shape(first)
        if all(map(is_spelled_in_latin, again)) and (is_word or any(NO_WORD.search(word.text) for word in first)):
            return True
        gained = confidence_of(again) - confidence_of(first)
        if confidence_of(again) < HOPELESS * confidence_of(first) and shape(again) != shape(first):
            return False
        if confidence_of(again) < max(UNSURE, confidence_of(first)) and any(map(self.is_marker, first)):
            return False
        if all(ALIKE.match(word.text) for word in first) and shape(again) == shape(first):
            return False
        surer = CONFIDENT * max(gained, 0.0)
        better = MORE_ENGLISH if confidence_of(again) > UNSURE and all(map(is_cased, again)) else BETTER
        return self.costs(again).latin + better < self.costs(first).russian + QUOTED + surer

    def is_numbered(
        self, line: ReadLine, place: int, language: Language, first: Sequence[ReadWord], again: Sequence[ReadWord]
    ) -> bool:
        """Return whether the words at a place are a number behind a marker, in English letters and digits `again`."""
        return language == "eng" and any(map(self.is_marker, line.words[:place][-1:])) and is_number(first, again)

    def is_marker(self, word: ReadWord) -> bool:
        """Return whether a word was read as a marker of citations, in Cyrillic and with its full stop."""
        return (
            bool(CYRILLIC_ONLY.match(word.text))
            and "." in word.text
            and bare(word.text.strip(MARKS)) in self.decoder.finder.cells.markers.cyrillic
        )

    def is_russian(self, first: Sequence[ReadWord], again: Sequence[ReadWord], in_russian: bool) -> bool:
        """Return whether words are what was read as Russian; `in_russian`: they stand in Russian text."""
        if not all(CYRILLIC_LETTER.search(word.text) or word in first for word in again):
            return False
        own, other = self.costs(first), self.costs(again)
        if any(CYRILLIC_LETTER.search(word.text) for word in first):
            return confidence_of(again) > HARDLY_SURE and other.russian + BETTER < own.least()
        if confidence_of(again) < UNSURE or not all(WORD.match(word.text) for word in again):
            return False
        if any(MIXED.search(word.text) for word in again) and not any(MIXED.search(word.text) for word in first):
            return False
        surer = CONFIDENT * (confidence_of(again) - confidence_of(first))
        if in_russian and not (self.is_listed(first) and any(is_abbreviation(word.text) for word in again)):
            margin = CERTAINLY if confidence_of(again) >= CERTAIN else LIKELIER
            return other.russian + margin < own.russian + surer
        return other.russian + BETTER < own.least() + surer

    def is_listed(self, words: Sequence[ReadWord]) -> bool:
        """Return whether some words are all English ones."""
        return all(self.decoder.is_plain(word.text) for word in words)

    def is_cited(self, word: ReadWord, said: Said, voted: bool) -> bool:
        """Return whether a second reading is a good part of a citation; digits are never changed on its word alone."""
        text, markers = word.text, self.decoder.finder.cells.markers
        if said.role == "archive":
            return bool(CYRILLIC_ONLY.match(text)) and self.is_archive(word, said)
        if said.role.endswith("-number") or any(map(str.isdigit, said.text)):
            mended = not SURE_NUMBER.match(said.read) or (said.read[-1] != said.usual == text[-1])
            is_same = digits_of(text) in (digits_of(said.text), digits_of(said.text.translate(DIGITS_READ)))
            return bool(SURE_NUMBER.match(text)) and (mended if is_same else voted)
        alike = marks_of(text) == marks_of(said.text)
        return alike and bare(text.strip(MARKS)) in markers.cyrillic and text.casefold() != said.text.casefold()

    def is_archive(self, word: ReadWord, said: Said) -> bool:
        """Return whether a second reading of a name in Cyrillic is better than the archive that it was taken for."""
        known = self.decoder.finder.naming.known_words
        if said.text.strip(MARKS) not in known or said.read.translate(HOMOGLYPHS) == word.text.translate(HOMOGLYPHS):
            return True
        least = UNSURE if word.text.strip(MARKS) in known else SURE_NAME
        return not CYRILLIC_LETTER.search(said.read) and (word.confidence or 0.0) > least

    def costs(self, words: Sequence[ReadWord]) -> "Costs":
        """Return what words cost: as Latin text, and in Russian text, there the likeliest word behind each."""
        slots = [self.decoder.slot(Unit(word.text, (), 0, 0, MAYBE)) for word in words]
        self.decoder.search(slots)
        russian = (self.decoder.spoken(slot) if self.decoder.is_russian(slot.unit) else slot.least() for slot in slots)
        return Costs(sum(slot.kept for slot in slots), sum(russian))


def is_abbreviation(text: str) -> bool:
    """Return whether a text is in capitals, as abbreviations in Russian text often are in Latin letters too."""
    return text.isupper() and sum(map(str.isalpha, text)) > 1


def is_variable(first: Sequence[ReadWord], again: Sequence[ReadWord]) -> bool:
    """Return whether a capital alone is surely a Latin one that a model of two scripts takes for the Cyrillic one."""
    letters = [ALONE.match(word.text) for word in (*first, *again)]
    pair = "".join(letter[1] for letter in letters if letter)
    return len(letters) == 2 and pair in TAKEN and confidence_of(again) > SURE_NAME


def is_told_apart(first: Sequence[ReadWord], again: Sequence[ReadWord]) -> bool:
    """Return whether a reading of a word, not of a letter or two, is beyond doubt and surer than the first one."""
    letters = sum(map(str.isalpha, again[0].text))
    return letters > 2 and confidence_of(again) > max(BEYOND_DOUBT, confidence_of(first))


def is_spelled_in_latin(word: ReadWord) -> bool:
    """Return whether a word is one in Latin letters, no digits among them."""
    return bool(WORD.match(word.text)) and not CYRILLIC_LETTER.search(word.text) and not MIXED.search(word.text)


def is_cased(word: ReadWord) -> bool:
    """Return whether a word of two letters or more is in small ones, in capitals, or has one at its beginning."""
    text = word.text
    return sum(map(str.isalpha, text)) > 1 and (text.islower() or text.isupper() or text.istitle())


def is_named(first: Sequence[ReadWord], again: Sequence[ReadWord]) -> bool:
    """Return whether the second reading of a name beside Cyrillic markers is the better one.

    It is where it alone is in Cyrillic (so were 33 of 33), or clearly surer (12 of 12).
    """
    if not all(CYRILLIC_ONLY.match(word.text) for word in again):
        return False
    if not any(CYRILLIC_LETTER.search(word.text) for word in first):
        return confidence_of(again) > HARDLY_SURE
    return confidence_of(again) > max(SURE_NAME, confidence_of(first) + CLEARLY)


def is_rather_latin(unit: Unit, verdict: Verdict) -> bool:
    """Return whether a word in Cyrillic stays only because the Latin print that is likeliest behind it is not sure."""
    if not CYRILLIC_WORD.match(unit.text) or verdict.best.reason != "kept" or not verdict.others:
        return False
    return not CYRILLIC_LETTER.search(verdict.others[0][0])


def is_lettered(word: ReadWord, said: Said) -> bool:
    """Return whether a word is the number of a fond with its letter, which was read as digits or another one before."""
    read = LETTER_OF_FOND.sub("П-", said.read)
    sure = (word.confidence or 0.0) > SURE_LETTER
    return sure and said.role == "fond-number" and read != said.read and word.text.strip(MARKS) == read.strip(MARKS)


def is_number(first: Sequence[ReadWord], again: Sequence[ReadWord]) -> bool:
    """Return whether capitals, which stand behind a marker of citations, are the digits that were read again."""
    if len(first) != 1 or len(again) != 1 or not LIKE_DIGITS.match(first[0].text):
        return False
    return bool(SURE_NUMBER.match(again[0].text)) and confidence_of(again) >= HARDLY_SURE


def is_told(word: ReadWord, said: Said) -> bool:
    """Return whether a word has the digits that letters of a number look like: the English model knows no Cyrillic."""
    digits = digits_of(said.text.translate(DIGITS_READ))
    is_same = digits_of(word.text) == digits and word.text[-1] == said.read[-1]
    return is_same and is_spelled_number(said) and bool(SURE_NUMBER.match(word.text))


def sized(words: Sequence[ReadWord], fonds: Container[int]) -> list[ReadWord]:
    """Return the words of a line, markers of `fonds` small that were read as large ones; only their size differs.

    A small one reaches below its number, comma and all (96 of 96 did, none of 3 large ones); the next marker is small.
    """
    done = list(words)
    for place, (word, number, following) in enumerate(zip(words, words[1:], words[2:], strict=False)):
        is_small = place in fonds and word.text.endswith("Ф.") and bool(SMALL_MARKER.match(following.text))
        if is_small and word.place and number.place and word.place.bottom > number.place.bottom:
            done[place] = replace(word, text=word.text.lower())
    return done


def is_part(first: Sequence[ReadWord], again: Sequence[ReadWord]) -> bool:
    """Return whether a number beside print that was passed over has lost some of its digits there."""
    if len(first) != 1 or len(again) != 1:
        return False
    part, whole = digits_of(first[0].text), digits_of(again[0].text)
    return bool(part) and (whole.startswith(part) or whole.endswith(part)) and (again[0].confidence or 0.0) >= SURE_MORE


def is_disputed(text: str, said: Said) -> bool:
    """Return whether a number of a citation was read with other digits."""
    return bool(said.role and DIGIT.search(said.text) and SURE_NUMBER.match(text)) and (
        digits_of(text) != digits_of(said.text)
    )


def third_digits(line: ReadLine, readings: Iterable[Again]) -> Iterator[tuple[int, str]]:
    """Yield (number, digits) of the words of citations that were read a third time."""
    for stretch, again in readings:
        if stretch.language == "eng":
            for number, other in singly(line, again):
                if stretch.words.get(number, Said()).role:
                    yield number, digits_of(other.text)


def going_on(said: Sequence[Said], words: list[ReadWord]) -> list[ReadWord]:
    """Return words, the second half of a word in small letters as its first one is: alone in a line it looks larger."""
    if not words or not said or not said[0].half[-1:].islower():
        return words
    return [replace(words[0], text=words[0].text.lower()), *words[1:]]
