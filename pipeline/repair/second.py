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
from rapidfuzz.distance import Levenshtein

from pipeline.model import Box, ReadLine, ReadWord
from pipeline.repair.alongside import MARKS, SURE_MORE, aligned, parted, passed_over
from pipeline.repair.cells import DIGIT, DIGITS_READ, LIKE_NUMBER, SURE_NUMBER, bare
from pipeline.repair.letters import CYRILLIC_LETTER, HOMOGLYPHS
from pipeline.repair.marks import LEVEL_ENDS
from pipeline.repair.screen import merged, spans
from pipeline.repair.sentence import BELIEFS, CYRILLIC_ONLY, ROMAN, Decoded, Decoder
from pipeline.repair.ukrainian import is_ukrainian
from pipeline.repair.units import MAYBE, NOT, SURELY, TOKEN, Unit, cut_units
from pipeline.repair.verdicts import Verdict

# A word that is less likely Russian than this is read as Latin print; one that is an English word, than this.
HARDLY: Final = 0.02
RATHER: Final = 0.3
# So many words that nobody doubts are read along, rather than starting anew behind them.
BRIDGE: Final = 2
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
# What is as sure as this need not be surer than another reading: the model of two languages is as sure of good words.
CERTAIN: Final = 0.9
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
# As sure as this of a name in Latin letters, it is no Cyrillic one that another model reads otherwise (`UK.`).
SURELY_LATIN: Final = 0.95
# So much surer is clearly surer.
CLEARLY: Final = 0.2
# What a Г may be read as.
LIKE_GE: Final = (regex.compile("ТГ?"), regex.compile("Т"))
# The marker behind a fond in small letters, as both models read it.
SMALL_MARKER: Final = regex.compile(r"^[оo][пnm]\.$")
# Parts of citations that say what was read, each as sure as this, are not read again: of 421 such stretches of six
# seeds another reading changed none (of 596 as sure as 0.85, one).
CLEAR: Final = 0.9
# Letters and digits, and hyphens and dots between them: what Latin letters are read as ($ [ | !) is no such word.
WORD: Final = regex.compile(
    r"^[^\p{L}\p{S}@]*[\p{L}\p{M}\p{N}]+(?:[-–—.’'][\p{L}\p{M}\p{N}]+)*[^\p{L}\p{N}\p{S}\[({!]*$"
)
# So many words, and such a share of the Cyrillic ones of a paragraph, that are not Russian, make it another language.
FEW: Final = 5
STRANGE: Final = 0.3
# Paragraphs of fewer words with one that is neither Russian nor English may be in another language.
SHORT: Final = 20
# What a model of two scripts writes for `No` is no letter, but says as much.
NUMERO: Final = "№"
CYRILLIC_SIGN: Final = regex.compile(r"[\p{Cyrillic}№]")
SAYING: Final = regex.compile(r"[\p{L}№]")
# Names in citations are words as any.
NAMES: Final = frozenset(("person", "person-last", "author"))

LATIN: Final = regex.compile(r"\p{Latin}")
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
# Letters that look like Roman numerals.
STROKES: Final = frozenset("ПШУХ")

Language = Literal["rus", "eng", "ukr", "Cyrillic"]


class Said(NamedTuple):
    """What a word says as a part of a citation, its role there, and what was read.

    `usual` is the mark that most such parts of the page end with. All are empty where it is in no citation.
    `in_russian` says that it stands among Russian words, `rare` that nothing but its rarity speaks against a Cyrillic
    word; `half` is the first half of the word that it goes on with.
    """

    role: str = ""
    text: str = ""
    usual: str = ""
    read: str = ""
    in_russian: bool = False
    rare: bool = False
    half: str = ""


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
        return Box.around(word.place for word in around if word.place)


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
            language = unlike.get(place) or self.doubt(unit, verdict, place in latin, place in russian)
            if place in roles:
                language = "rus"
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
            return self.is_listed(again) and confidence_of(again) > BEYOND_DOUBT and shape(again) != shape(first)
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


def is_clear(stretch: Stretch, line: ReadLine) -> bool:
    """Return whether a stretch is of a citation only, and both the grammar and the reader were sure of all of it."""
    return all(
        is_usual(said) and (line.words[number].confidence or 0.0) >= CLEAR for number, said in stretch.words.items()
    )


def is_usual(said: Said) -> bool:
    """Return whether a part of a citation is what was read, none of its letters Latin, with the mark of such parts."""
    as_read = said.role and said.text == said.read and not LATIN.search(said.text)
    return bool(as_read) and (said.role not in LEVEL_ENDS or said.text[-1] == said.usual)


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


def alphabetic(text: str) -> str:
    """Return a name as it is spelled, without the marks around it, in capitals; of letters alike the Cyrillic ones."""
    return text.strip(MARKS + "'").translate(HOMOGLYPHS).upper()


def singly(line: ReadLine, again: Sequence[ReadWord]) -> Iterator[tuple[int, ReadWord]]:
    """Yield the numbers of words of a line with the same words in another reading, where these are as many."""
    for numbers, others in aligned(line.words, again):
        if len(numbers) == len(others):
            yield from zip(numbers, others, strict=True)


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
    surest = max(SURE_LETTER, first.confidence or 0.0, second.confidence or 0.0)
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


def is_as_said(word: ReadWord, said: Said) -> bool:
    """Return whether a name is spelled as the grammar says."""
    return alphabetic(word.text) == alphabetic(said.text)


def is_surely_latin(word: ReadWord) -> bool:
    """Return whether a word was read in Latin letters beyond doubt: the model of two scripts is as sure of no other."""
    return not CYRILLIC_LETTER.search(word.text) and (word.confidence or 0.0) > SURELY_LATIN


def is_spelled_in_latin(word: ReadWord) -> bool:
    """Return whether a word is one in Latin letters, no digits among them."""
    return bool(WORD.match(word.text)) and not CYRILLIC_LETTER.search(word.text) and not MIXED.search(word.text)


def is_cased(word: ReadWord) -> bool:
    """Return whether a word of two letters or more is in small ones, in capitals, or has one at its beginning."""
    text = word.text
    return sum(map(str.isalpha, text)) > 1 and (text.islower() or text.isupper() or text.istitle())


def shape(words: Sequence[ReadWord]) -> str:
    """Return some words as they look in either script."""
    return " ".join(word.text for word in words).translate(HOMOGLYPHS)


def confidence_of(words: Sequence[ReadWord]) -> float:
    """Return how sure the reader was of some words on the whole."""
    return sum(word.confidence or 0.0 for word in words) / max(len(words), 1)


def is_surer(words: Sequence[ReadWord], others: Sequence[ReadWord]) -> bool:
    """Return whether a reader was as good as sure of some words, or surer than of the others."""
    return confidence_of(words) >= min(CERTAIN, confidence_of(others))


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


def is_spelled_number(said: Said) -> bool:
    """Return whether a number of a citation was read with letters for digits: `Зба` for `36а`."""
    return bool(LIKE_NUMBER.match(said.read)) and not SURE_NUMBER.match(said.read) and said.role.endswith("-number")


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
        for numbers, others in aligned(line.words, again):
            if stretch.language == "eng" and len(numbers) == len(others):
                for number, other in zip(numbers, others, strict=True):
                    if stretch.words.get(number, Said()).role:
                        yield number, digits_of(other.text)


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


def usual_marks(roles: Mapping[int, str], verdicts: Sequence[Verdict]) -> dict[str, str]:
    """Return the character that most parts of each role end with."""
    ends: dict[str, Counter[str]] = defaultdict(Counter)
    for place, role in roles.items():
        ends[role][verdicts[place].best.text[-1:]] += 1
    return {role: counts.most_common(1)[0][0] for role, counts in ends.items()}


def sayings(unit: Unit, verdict: Verdict, role: str, usual: Mapping[str, str]) -> list[Said]:
    """Return what the pieces of a unit say as parts of a citation."""
    if not role:
        half = unit.text[: unit.cut]
        return [Said(), Said(half=half if CYRILLIC_ONLY.match(half) else "")][: len(unit.pieces)]
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


def going_on(said: Sequence[Said], words: list[ReadWord]) -> list[ReadWord]:
    """Return words, the second half of a word in small letters as its first one is: alone in a line it looks larger."""
    if not words or not said or not said[0].half[-1:].islower():
        return words
    return [replace(words[0], text=words[0].text.lower()), *words[1:]]
