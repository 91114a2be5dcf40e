"""Decides, over a run of units, which are Russian and what they say.

Every unit may be what it says (`repair.latin`) or a Russian word (`repair.search`); its neighbours decide
(`repair.chain`): they share its language, and one word makes another likely. Costs are in nats.
"""

import math
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import regex

from pipeline.arrays import STEP
from pipeline.repair.chain import Lattice, Steps, posteriors_of
from pipeline.repair.channel import FAR, MARKS, Options
from pipeline.repair.citation import Finder
from pipeline.repair.cited import (
    cited_units,
    cited_verdicts,
    closed_as,
    is_as_read,
    is_cyrillic,
    named,
    with_opening,
    with_persons,
)
from pipeline.repair.company import Company
from pipeline.repair.context import UNKNOWN, LanguageModel, Named
from pipeline.repair.counted import counted
from pipeline.repair.latin import DIGIT, EDGES, Keeper, is_formula
from pipeline.repair.latinprint import NOTHING, Behind, LatinPrint
from pipeline.repair.letters import CYRILLIC_LETTER, RUSSIAN
from pipeline.repair.marks import Found as Cited
from pipeline.repair.names import Names
from pipeline.repair.ordinals import ordinals
from pipeline.repair.person import chosen, has_marks, surname_cost
from pipeline.repair.prices import case_cost
from pipeline.repair.search import Found, Searcher, phase_of
from pipeline.repair.slots import (
    Hypothesis,
    Slot,
    Stands,
    Wanted,
    hypothesis_of,
    lattice_of,
    readings_of,
    spread,
    stays,
)
from pipeline.repair.states import DEFAULT, LONGEST, STRICT, Weights
from pipeline.repair.torn import MISREAD, RIVAL, TEAR, halves_of, misread_by, pairs
from pipeline.repair.ukrainian import ukrainian_paragraphs
from pipeline.repair.units import MAYBE, NOT, SURELY, Unit
from pipeline.repair.verdicts import Verdict, is_known, proves_nothing, weighed, with_print
from pipeline.repair.wholeword import WordMap, whole_words, with_words

NUMERAL: Final = "(?=[IVXLCDM])M{0,3}(CM|CD|D?C{0,3})(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})"
ROMAN: Final = regex.compile(rf"^\P{{L}}*{NUMERAL}([-–—]+{NUMERAL})?\P{{L}}*$")
# Nobody counts with one of these alone.
HUNDREDS: Final = regex.compile(r"^\P{L}*[CDLM]\P{L}*$")
NUMERIC: Final = regex.compile(r"^[\p{P}\p{S}]*\p{N}[\p{N}\p{P}]*$")
DIGITS: Final = regex.compile(r"^\p{P}*[0-9]+\p{P}*$")
LETTERS_AND_DIGITS: Final = regex.compile(r"\p{L}\p{N}|\p{N}\p{L}")
# Signs that letters are read as, two or more in a row.
SIGNS: Final = regex.compile(r"^\P{L}*[€¢£¥©®]{2,}[^\p{L}\p{N}]*$")
# Marks and signs of mathematics, and what fonts of symbols have: no letter is read as these.
WORDLESS: Final = regex.compile(r"^[\p{P}\p{Sm}\p{Co}]+$")


class Beliefs(NamedTuple):
    """What the chain believes. Costs in nats."""

    into_russian: float = 18.0
    out_of_russian: float = 4.5
    # A text may well be Russian from its first word.
    first_russian: float = 8.0
    # A Latin word in Russian text; one with digits among its letters is likelier misread.
    foreign: float = 4.5
    foreign_mixed: float = 6.5
    # Capitals that abbreviate something: of those that are known, Russian text has about as many as English.
    foreign_capitals: float = 0.5
    # A small letter alone, where Cyrillic ones can be read: the article "a" stands in no Russian text.
    foreign_letter: float = 14.0
    roman: float = 6.0
    # Signs in a row, where a word may stand.
    signs: float = 14.0
    # A unit this much likelier Russian than not, by itself, makes its neighbours worth a look.
    anchor: float = 8.0
    # Anything at all in Latin text costs no more than this and this times the length.
    junk: float = 12.0
    junk_rate: float = 3.2
    # So is one that costs more than this as it stands.
    odd: float = 60.0
    # So many units on either side of it are looked at.
    reach: int = 12
    # A Russian word quoted in Latin text costs so much more than in Russian text, and one in capitals so much.
    quoted: float = 8.0
    quoted_capitals: float = 4.0
    # Cyrillic capitals that no lexicon has, and each of them.
    acronym: float = 9.5
    acronym_letter: float = 3.4
    # Nothing is changed unless its script is at least so likely.
    certainty: float = 0.97


BELIEFS: Final = Beliefs()
# How many states of a torn word are followed.
WHOLE_BEAM: Final = 24
# How much dearer a name in Latin letters is among Cyrillic markers.
LATIN_PERSON: Final = 12.0
# What a capital costs a name that no lexicon has.
NEW_NAME: Final = 1.0
# How much surely good Cyrillic speaks against Latin text.
UNLIKE_LATIN: Final = 12.0
# What a word costs that surely is good Cyrillic: about what a word does.
GOOD_CYRILLIC: Final = 9.0
CYRILLIC_ONLY: Final = regex.compile(r"^\P{L}*\p{Cyrillic}(\p{Cyrillic}|\P{L})*$")
WORDS: Final = regex.compile(r"\p{L}+")
RUSSIAN_LETTERS: Final = frozenset(RUSSIAN)
# A document's own readings are remembered up to so many.
REMEMBERED: Final = 50_000
# A number with more digits than was ever counted.
DEAREST_NUMBER: Final = 14.0
REMEMBERED_TEXTS: Final = 1_000_000
# What a formula is typeset from, and addresses of the web.
TYPESET: Final = regex.compile(r"^\P{L}*(?:https?:|www\.)|^[({$]*\\[A-Za-z]{2}|[\^_]\{|\}\{|[\p{L}\p{N})]\^")
# The name of a variable or a function, as programs have them: a reading of a Russian word has capitals among these.
IDENTIFIER: Final = regex.compile(r"^[\p{P}\p{S}]*[a-z][a-z0-9]*(?:(?:_[a-z0-9]+)+[\p{P}\p{S}]*|\([0-9]?\)[\p{P}]*)$")
# Capitals that may abbreviate something, with marks around them.
ACRONYM: Final = regex.compile(r"^\P{L}*([А-ЯЁ]{2,6})\P{L}*$")
LATIN_CAPITALS: Final = regex.compile(r"^\P{L}*([A-Z]{2,6})\P{L}*$")
LONE_LETTER: Final = regex.compile(r"^[a-z][.,;:!?]?$")
LATIN_WORD: Final = regex.compile(r"^\P{Cyrillic}*\p{Latin}{2}\P{Cyrillic}*$")
# Print is taken for Cyrillic near Latin text: so many words of it no more than so many units away.
LATIN_NEIGHBOURS: Final = 2
NEAR_LATIN: Final = 4
# Of 1,597 English words that were taken for Cyrillic none was read as a longer word of the lexicon.
LONGEST_CHANCE: Final = 5
# No word, though lexicons have them, but a Roman numeral that somebody typed.
TYPED_NUMERAL: Final = regex.compile("[ХхІі]{2,}")


class Decoder:
    """Decodes units with the costs of one glyph map; `faithful` says that its model can read Cyrillic.

    Not shared between threads.
    """

    def __init__(
        self,
        searcher: Searcher,
        keeper: Keeper,
        model: LanguageModel,
        options: Options,
        faithful: bool,
        word_map: WordMap,
        finder: Finder,
        names: Names | None = None,
        latin_print: LatinPrint | None = None,
        company: Company | None = None,
        beliefs: Beliefs = BELIEFS,
    ) -> None:
        self.searcher = searcher
        self.keeper = keeper
        self.model = model
        self.options = options
        self.faithful = faithful
        self.word_map = word_map
        self.weights = STRICT if self.faithful else DEFAULT
        self.readable = frozenset(map(chr, np.flatnonzero(options.identity).tolist()))
        self.quick = self.weights._replace(beam=self.weights.narrow, usual=float(FAR))
        # Of what is torn only usual words are looked for, however badly they fit.
        self.usual = self.weights._replace(beam=WHOLE_BEAM, swapped=float(FAR), well_above=float(FAR))
        self.finder = finder
        self.names = names
        self.latin_print = latin_print
        self.company = company
        self.beliefs = beliefs
        self.steps = steps_of(beliefs)
        self.number_costs = searcher.lexicon.header["edges"]["numbers"]
        self.readings: dict[Wanted, Found] = {}
        self.quiet: set[str] = set()
        self.loud: set[str] = set()
        self.stands = lru_cache(maxsize=1 << 15)(self.standing)
        self.named = lru_cache(maxsize=1 << 15)(self.symbols)
        self.good = lru_cache(maxsize=1 << 15)(self.is_good)

    def symbols(self, text: str) -> Named:
        """Return the symbols of a text as it stands."""
        named = self.model.named(text, self.searcher.lexicon.find)
        words = WORDS.findall(text)
        return named._replace(phase=phase_of(words[0])) if words and CYRILLIC_LETTER.match(words[0]) else named

    def read(self, wanted: Sequence[Wanted]) -> None:
        """Search for the readings that are not known yet."""
        if len(self.readings) > REMEMBERED:
            self.readings.clear()
        new = list(dict.fromkeys(one for one in wanted if one not in self.readings))
        texts, cuts = [(one.text, one.initial) for one in new], [one.cut for one in new]
        found = self.searcher.find(texts, self.options, self.weights, cuts=cuts)
        for one, own in zip(new, found, strict=True):
            numbers = ordinals(one.text, self.options, self.weights, self.searcher.tables)
            self.readings[one] = self.with_words(one.text, one.initial, own, numbers)

    def with_words(self, text: str, initial: int, found: Found, numbers: Sequence[tuple[str, float]] = ()) -> Found:
        """Return the candidates of a reading with the whole short words that it may be, and numbers with an ending.

        What has a letter is no number with a character too many: digits are sacred.
        """
        find = self.searcher.lexicon.find
        whole = whole_words(self.word_map, text, initial, self.searcher.tables, self.weights, find)
        possible = found.lettered() if any(map(str.isalpha, text)) else found
        return with_words(possible, [*whole, *numbers], self.named) if whole or numbers else possible

    def listen(self, texts: Set[str]) -> None:
        """Find out which texts are `quiet`: by themselves no reason to look for Russian; the others are `loud`."""
        new = sorted(text for text in texts if text not in self.quiet and text not in self.loud)
        good = {text for text in new if not text.isascii() and CYRILLIC_LETTER.search(text)}
        open_texts = [text for text in new if text not in good and not self.is_plain(text) and self.is_open(text)]
        costs = {text: min(self.keeper.token_cost(text), self.junk(text)) for text in open_texts}
        odd = {text for text in open_texts if costs[text] > self.beliefs.odd}
        open_texts = [text for text in open_texts if text not in odd]
        bounds = [costs[text] - self.beliefs.anchor for text in open_texts]
        found = self.searcher.find([(text, MAYBE) for text in open_texts], self.options, self.quick, bounds)
        loud = {
            text
            for text, one, bound in zip(open_texts, found, bounds, strict=True)
            if any(cost < bound for cost in self.with_words(text, MAYBE, one).cost[:1])
        }
        self.loud |= loud | good | odd
        self.quiet |= set(new) - self.loud

    def slot(self, unit: Unit, ukrainian: bool = False, number: bool = False) -> Slot:
        """Return a unit with what it says itself, as Latin text and in Russian text; a `number` says that for sure."""
        text = unit.text
        stands = self.stands(text, unit.hyphenated, ukrainian and bool(CYRILLIC_LETTER.search(text)))
        return Slot(unit, *(stands._replace(good=True) if number else stands))

    def standing(self, text: str, hyphenated: str, foreign: bool) -> Stands:
        """Return the costs of a text as it stands, without or with its line-end hyphen; `foreign` is Ukrainian."""
        kept = min(self.keeper.token_cost(text), self.keeper.token_cost(hyphenated))
        if foreign or self.good(text, hyphenated):
            return Stands(kept + UNLIKE_LATIN, GOOD_CYRILLIC, self.named(text), good=True)
        if DIGITS.match(text):
            kept = max(kept, self.number(text))
        own = min(self.foreign(text, kept), self.acronym(text))
        return Stands(min(kept, self.junk(text)), own, self.named(text), good=False)

    def acronym(self, text: str) -> float:
        """Return the cost of a token being Cyrillic capitals that no lexicon has, where they can have been read."""
        letters = ACRONYM.match(text) if self.faithful else None
        return self.beliefs.acronym + self.beliefs.acronym_letter * len(letters[1]) if letters else float(FAR)

    def junk(self, text: str) -> float:
        """Return what anything at all may cost in Latin text: names of programs and their parts look like nothing."""
        return self.beliefs.junk + self.beliefs.junk_rate * len(text)

    def number(self, text: str) -> float:
        """Return the cost of a token being a number: how rare one of so many digits is in Russian, and the digits."""
        size = sum(one.isdigit() for one in text)
        return float(self.number_costs.get(str(size), DEAREST_NUMBER)) + DIGIT * size

    def search(self, slots: Sequence[Slot]) -> None:
        """Give the slots that may be broken Russian their candidates."""
        open_slots = [slot for slot in slots if not slot.found and not slot.good and self.is_open(slot.unit.text)]
        self.read([reading for slot in open_slots for reading in readings_of(slot.unit)])
        for slot in open_slots:
            slot.found = [(one.text, self.readings[one]) for one in readings_of(slot.unit)]
            slot.barred = bool(CYRILLIC_ONLY.match(slot.unit.text))
            if self.names is not None and not any(self.explains(found, text) for text, found in slot.found):
                slot.name = self.name_of(slot)

    def explains(self, found: Found, text: str) -> bool:
        """Return whether a word of the lexicon explains a reading well; a rare form says less than a name would."""
        if not len(found) or not found.known[0] or found.symbols[0][0] >= self.model.special(UNKNOWN):
            return False
        return float(found.cost[0]) < self.weights.well_above + self.weights.well_rate * len(text)

    def name_of(self, slot: Slot) -> tuple[Hypothesis, Named] | None:
        """Return the name of this document, or of the user's lexicon, that a unit may be."""
        unit = slot.unit
        lead, core, tail = EDGES.match(unit.text).groups()
        spelled = {EDGES.match(found.text(0)).group(2) for _, found in slot.found if len(found)}
        found = [
            (marks + near[0] + tail, near[1] + self.marks_cost(marks))
            for marks, reading in dict.fromkeys([(lead, core), ("", lead + core)])
            for text in sorted(spelled)
            if self.names and (near := self.names.near(text, reading))
        ]
        if not found:
            return None
        text, cost = min(found, key=lambda one: one[1])
        return Hypothesis(text, cost, True, "name", spread(text, unit.text), unit.text), self.named(text)

    def marks_cost(self, marks: str) -> float:
        """Return what marks before a word cost: some are the left halves of its first letter ([I of П)."""
        return sum(float(self.searcher.tables.leading[MARKS.index(mark)]) for mark in marks if mark in MARKS)

    def is_russian(self, unit: Unit) -> bool:
        """Return whether a unit is surely good Russian as it stands."""
        return self.good(unit.text, unit.hyphenated)

    def is_good(self, text: str, hyphenated: str) -> bool:
        """Return whether a text, or the same with its line-end hyphen, is surely good Russian.

        A model that reads only Latin letters cannot have written Cyrillic; of one that can, words of the lexicon (and
        whatever has a Cyrillic letter that Russian has not) are believed.
        """
        letters = "".join(filter(str.isalpha, text))
        cyrillic = CYRILLIC_LETTER.findall(letters)
        if not cyrillic or not self.faithful:
            return bool(cyrillic)
        if len(cyrillic) < len(letters):
            return not any(is_mixed(word) for word in WORDS.findall(text))
        return any(all(map(self.knows, WORDS.findall(one))) for one in (text, hyphenated))

    def knows(self, word: str) -> bool:
        """Return whether a Cyrillic word is in the lexicon, or of another language than Russian."""
        lower = word.lower()
        return not RUSSIAN_LETTERS.issuperset(lower) or self.searcher.knows(lower)

    def foreign(self, text: str, kept: float) -> float:
        """Return the cost of a token of Russian text that is not Russian: a number, a Roman one, a Latin word."""
        if SIGNS.match(text):
            return kept + self.beliefs.signs
        if WORDLESS.match(text) or NUMERIC.match(text):
            return kept
        dear = kept + (self.beliefs.foreign_mixed if LETTERS_AND_DIGITS.search(text) else self.beliefs.foreign)
        if (capitals := LATIN_CAPITALS.match(text)) and self.keeper.latin.listed_cost(capitals[1].lower()) is not None:
            dear = kept + self.beliefs.foreign_capitals
        if self.faithful and LONE_LETTER.match(text):
            dear = max(dear, self.beliefs.foreign_letter)
        is_numeral = ROMAN.match(text) and not (self.faithful and HUNDREDS.match(text))
        return min(dear, self.beliefs.roman + 0.5 * len(text)) if is_numeral else dear

    def decode(self, units: Sequence[Unit], settled: Mapping[int, Slot]) -> "Decoded":
        """Decode units; `settled` are the slots of those that need no new search. Paragraphs share no language."""
        ukrainian, numbers = ukrainian_paragraphs(units), counted(units)
        slots = [
            settled[place] if place in settled else self.slot(unit, unit.paragraph in ukrainian, place in numbers)
            for place, unit in enumerate(units)
        ]
        self.look_near(self.speaking(units), slots)
        # What the document knows makes nothing cheaper as ordinary text: most of its names are those of citations.
        costs = [min(slot.kept, slot.by_itself()) for slot in slots]
        citations = self.finder.find(units, costs)
        cited = cited_units(citations)
        self.look_near(sorted(cited), slots)
        self.look_behind(cited, slots)
        self.look_torn(cited, slots, settled.keys())
        bare = [Slot(slot.unit, slot.kept, slot.own) if place in cited else slot for place, slot in enumerate(slots)]
        lattice = lattice_of(bare, cited)
        shares = self.weigh(lattice)
        verdicts = [
            self.verdict(slot, shares[start:stop])
            for slot, start, stop in zip(bare, lattice.start[:-1].tolist(), lattice.start[1:].tolist(), strict=True)
        ]
        verdicts = self.supported(verdicts, bare)
        persons = self.persons(citations, slots)
        citations = [with_persons(one, persons) for one in citations]
        for one in citations:
            for place, cited_verdict in cited_verdicts(one, units, persons):
                verdicts[place] = cited_verdict
        return Decoded(slots, verdicts, citations, lattice, shares)

    def supported(self, verdicts: Sequence[Verdict], slots: Sequence[Slot]) -> list[Verdict]:
        """Return the verdicts; what proves nothing by itself is a Russian word only where a known one is near.

        That are new words, numbers, and what looks like any Latin word: names, and parts of programs. Two halves of a
        word prove nothing of each other, and are both one or none.
        """
        reach = self.beliefs.reach
        known = [is_known(verdict, slot) for verdict, slot in zip(verdicts, slots, strict=True)]
        done: list[Verdict] = []
        for place, (verdict, slot) in enumerate(zip(verdicts, slots, strict=True)):
            if verdict.best.text:
                alone = proves_nothing(slot.unit.text, verdict) and not any(
                    known[max(0, place - reach) : place] + known[place + 1 : place + reach + 1]
                )
            else:
                alone = done[-1].best.reason == "kept"
            if alone:
                share = dict(verdict.others).get(slot.unit.text, 0.0)
                verdict = replace(verdict, best=stays(slot, (1.0, 0.0)), posterior=share)
            done.append(verdict)
        return done

    def weigh(self, lattice: Lattice) -> npt.NDArray[np.float64]:
        """Return the posteriors of the hypotheses: by the chain, and then by the company that words keep."""
        shares = posteriors_of(lattice, self.model.lifts, self.steps)
        return self.company.heard(lattice, shares) if self.company else shares

    def verdict(self, slot: Slot, shares: Any) -> Verdict:
        """Weigh the hypotheses of one unit, and the Latin print behind it, by their posteriors."""
        found, behind = weighed(slot, shares, self.beliefs.certainty), slot.behind
        return with_print(slot, behind, shares, found, self.beliefs.certainty) if behind and behind.words else found

    def persons(self, citations: Iterable[Cited], slots: Sequence[Slot]) -> dict[int, Verdict]:
        """Return what the persons in citations are called, by their places, where there is something to choose.

        Where nothing of a citation was misread, a name in Cyrillic, however rare, was not either.
        """
        cited = {part.unit: part.text for one in citations for part in one.parts if part.role in ("person", "author")}
        settled = {part.unit for one in citations if is_as_read(one) for part in one.parts if is_cyrillic(part.read)}
        open_places = [place for place in cited if place not in settled and not self.is_russian(slots[place].unit)]
        found = {place: self.names_of(slots[place]) for place in open_places}
        choices = chosen({place: [(one.text, one.cost) for one in names] for place, names in found.items()})
        return {
            place: named(choice, [closed_as(one, cited[place]) for one in found[place]], slots[place].unit)
            for place, choice in choices.items()
        }

    def names_of(self, slot: Slot) -> list[Hypothesis]:
        """Return what a unit may say as a name; Latin letters are dear among Cyrillic markers.

        A new name has its capital as a word has it where a sentence starts, and is likelier than a known one with
        letters swapped. What a model of two scripts read in Latin letters its Latin half read; a new name that it read
        in Cyrillic is that.
        """
        text = slot.unit.text
        other = self.faithful and not CYRILLIC_LETTER.search(text)
        options, believed = (self.finder.cells.latin, DEFAULT) if other else (self.options, self.weights)
        weights = believed._replace(swapped=float(FAR))
        bare = text.lstrip("[")
        usual, fresh = self.searcher.find([(bare, NOT), (bare, SURELY)], options, weights)
        known, new = (Slot(slot.unit, slot.kept, slot.own, found=[(bare, found)]) for found in (usual, fresh))
        names = [hypothesis_of(one, own) for one in (slot, known) for own in range(one.count)]
        spelled = [one for own in range(new.count) if (one := hypothesis_of(new, own)).reason == "spelled"]
        read = self.faithful and is_cyrillic(text)
        if read:
            names = [one for one in names if one.reason == "lexicon"]
        else:
            names += [replace(one, cost=one.cost + NEW_NAME) for one in spelled]
            names += self.listed_persons(
                text, min((one.cost for one in names if one.reason != "name"), default=slot.own), options, weights
            )
        names = [one if one.reason == "name" else replace(one, cost=one.cost + surname_cost(one.text)) for one in names]
        kept = Hypothesis(text, slot.own + LATIN_PERSON * (not read), True, "kept")
        return [*(with_opening(one, text) for one in names if has_marks(one.text, text)), kept]

    def listed_persons(self, text: str, least: float, options: Options, weights: Weights) -> list[Hypothesis]:
        """Return the listed persons that a text may name, beside names of which the likeliest costs `least`.

        Those are priced with the marks around them, so what these cost is found by a search without.
        """
        core = EDGES.match(text).group(2)
        alone = [
            float(found.cost[0])
            for found in self.searcher.find([(core, NOT), (core, SURELY)], options, weights)
            if len(found)
        ]
        marks = max(0.0, least - min(alone, default=least))
        return [
            Hypothesis(said, cost + marks, True, "name", spread(said, text), text)
            for said, cost in self.finder.persons.named(text, options)
        ]

    def speaking(self, units: Sequence[Unit]) -> list[int]:
        """Return the places of units that are reason to look for Russian near them.

        Of two such, all between is near one of them if they are not far apart: nobody asks what else speaks there.
        """
        if len(self.quiet) > REMEMBERED_TEXTS:
            self.quiet.clear()
            self.loud.clear()
        loud = [place for place, unit in enumerate(units) if unit.text in self.loud]
        gap = 2 * self.beliefs.reach + 1
        ends = [-gap - 1, *loud, len(units) + gap]
        apart = [(before, after) for before, after in pairwise(ends) if after - before > gap]
        self.listen({unit.text for before, after in apart for unit in units[max(before + 1, 0) : after]})
        return [place for place, unit in enumerate(units) if unit.text in self.loud]

    def look_near(self, places: Sequence[int], slots: Sequence[Slot]) -> None:
        """Search for the units that stand near ones that are surely Russian."""
        reach = self.beliefs.reach
        near = {at for place in places for at in range(max(0, place - reach), min(len(slots), place + reach + 1))}
        self.search([slots[place] for place in sorted(near)])

    def look_torn(self, cited: Set[int], slots: Sequence[Slot], settled: Set[int]) -> None:
        """Find the words of which neighbouring units may be the halves, where one of these was badly read.

        Of two that are settled that is known.
        """
        known = {place for place in settled if place + 1 in settled and cited.isdisjoint((place, place + 1))}
        for place, slot in enumerate(slots):
            slot.torn = slot.torn if place in known else None
            slot.tail = slot.tail if place - 1 in known else None
        open_pairs = (place for place in pairs([slot.unit for slot in slots]) if place not in known)
        places = [place for place in open_pairs if cited.isdisjoint((place, place + 1))]
        couples = [
            (first, second)
            for first, second in ((slots[place], slots[place + 1]) for place in places)
            if first.found and second.found and max(map(self.misread, (first, second))) >= MISREAD
        ]
        texts = [(first.unit.text + second.unit.text, first.unit.initial) for first, second in couples]
        bounds = [first.least() + second.least() - TEAR + RIVAL for first, second in couples]
        cuts = [len(first.unit.text) for first, _ in couples]
        wholes = self.searcher.find(texts, self.options, self.usual, bounds, cuts)
        for (first, second), found in zip(couples, wholes, strict=True):
            first.torn = second.tail = halves_of(found, first.unit, second.unit)

    def misread(self, slot: Slot) -> float:
        """Return what it costs that a unit was misread, as a word of its own."""
        return misread_by(slot.found, self.searcher.lexicon)

    def look_behind(self, cited: Set[int], slots: Sequence[Slot]) -> None:
        """Find the Latin print that may stand behind readings with Cyrillic letters: words only near Latin text."""
        if self.latin_print is None or all(slot.unit.text.isascii() for slot in slots):
            return
        latin = [bool(LATIN_WORD.search(slot.unit.text)) for slot in slots]
        for place, slot in enumerate(slots):
            if slot.behind is None and place not in cited and CYRILLIC_LETTER.search(slot.unit.text):
                near = sum(latin[max(0, place - NEAR_LATIN) : place + NEAR_LATIN + 1]) >= LATIN_NEIGHBOURS
                counts = place + 1 < len(slots) and slots[place + 1].unit.text[0].isdigit()
                slot.behind = self.behind(slot, self.latin_print, near and not self.is_long(slot.unit), counts)

    def behind(self, slot: Slot, latin_print: LatinPrint, near: bool, counts: bool) -> Behind:
        """Return the Latin print that may stand behind a unit: no numeral where it `counts` (`ТУ 14-1`)."""
        numerals = () if counts and slot.unit.text[-1].isalpha() else latin_print.numerals(slot.unit.text)
        if not near and not numerals:
            return NOTHING
        spoken = self.spoken(slot)
        capitals = any(len(word) > 1 and word.isupper() for word in WORDS.findall(slot.unit.text))
        quoted = min(slot.kept, spoken + (self.beliefs.quoted_capitals if capitals else self.beliefs.quoted))
        readings = dict.fromkeys((slot.unit.text, slot.unit.hyphenated)) if near else ()
        words = (printed for reading in readings for printed in latin_print.words(reading, math.ceil(quoted)))
        return Behind((*numerals, *words), numerals, quoted, spoken)

    def is_long(self, unit: Unit) -> bool:
        """Return whether a unit is good Russian and too long to be so by chance."""
        return self.is_russian(unit) and max(map(len, WORDS.findall(unit.text)), default=0) > LONGEST_CHANCE

    def spoken(self, slot: Slot) -> float:
        """Return what a unit costs in Russian text as it stands: its words, where the lexicon has all of them."""
        words = WORDS.findall(slot.unit.text)
        numbers = [self.searcher.lexicon.find(word.lower()) for word in words]
        if any(map(TYPED_NUMERAL.fullmatch, words)):
            return self.junk(slot.unit.text)
        if min(numbers, default=-1) < 0:
            return slot.own
        return sum(self.word_cost(*one, slot.unit.initial) for one in zip(numbers, words, strict=True))

    def word_cost(self, number: int, word: str, initial: int) -> float:
        """Return the cost of a word of the lexicon in its case; `initial` says whether a sentence starts with it."""
        lexicon = self.searcher.lexicon
        title, capitals = STEP * lexicon.title[number], STEP * lexicon.capitals[number]
        case = case_cost(title, capitals, phase_of(word), self.weights, initial)
        return STEP * float(lexicon.cost[number]) + float(case)

    def is_plain(self, text: str) -> bool:
        """Return whether a text is surely what it says unless its neighbours say otherwise."""
        core = text.strip(".,;:!?()[]\"'“”‘’«»„—–-").lower()
        return (
            not core
            or core.isdigit()
            or (core.isalpha() and text[-1:] != "-" and self.keeper.latin.listed_cost(core) is not None)
        )

    def is_open(self, text: str) -> bool:
        """Return whether a text may be anything else than it says.

        Not a mark, nothing too long, no name of a program's parts, nothing with a letter that the OCR model has never
        been seen to write, no letter alone that it has never been seen to write for another, and no number and no
        formula where it reads Cyrillic.
        """
        if WORDLESS.match(text) or len(text) >= LONGEST or TYPESET.search(text) or IDENTIFIER.match(text):
            return False
        if self.faithful and (DIGITS.match(text) or is_formula(text)):
            return False
        letters = [one for one in text if one.isalpha()]
        if not self.readable.issuperset(letters):
            return False
        return len(letters) != 1 or self.is_confused(letters[0])

    def is_confused(self, letter: str) -> bool:
        """Return whether the OCR model has been seen to write a letter alone for another."""
        node = self.options.below[0, self.options.identity[ord(letter)]]
        return bool(node and self.options.least[node] < FAR)


class Decoded(NamedTuple):
    """What a decoder made of some units: their slots, a verdict for each, and the citations among them.

    `shares` are the posteriors of the hypotheses of `lattice`.
    """

    slots: list[Slot]
    verdicts: list[Verdict]
    citations: list[Cited]
    lattice: Lattice
    shares: npt.NDArray[np.float64]


def steps_of(beliefs: Beliefs) -> Steps:
    """Return the probabilities of the changes of language."""
    enter, leave = math.exp(-beliefs.into_russian), math.exp(-beliefs.out_of_russian)
    return Steps(1.0 - enter, enter, leave, 1.0 - leave, math.exp(-beliefs.first_russian))


def is_mixed(word: str) -> bool:
    """Return whether a run of letters mixes Cyrillic with others."""
    return 0 < len(CYRILLIC_LETTER.findall(word)) < len(word)
