"""Decides, over a run of units, which are Russian and what they say.

Every unit may be what it says (`repair.latin`) or a Russian word (`repair.search`); neighbours share their language, so
a chain of two states runs over them (forward and backward: Rabiner 1989). Costs are in nats.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

import regex

from pipeline.repair.channel import GlyphMap
from pipeline.repair.citation import Finder, Found
from pipeline.repair.latin import EDGES, Keeper
from pipeline.repair.letters import CYRILLIC_LETTER, RUSSIAN
from pipeline.repair.names import Names
from pipeline.repair.search import DEFAULT, LONGEST, STRICT, Candidate, Searcher
from pipeline.repair.units import Unit

ROMAN: Final = regex.compile(r"^\P{L}*(?=[IVXLCDM])M{0,3}(CM|CD|D?C{0,3})(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})\P{L}*$")
NUMERIC: Final = regex.compile(r"^[\p{P}\p{S}]*\p{N}[\p{N}\p{P}]*$")
WORDLESS: Final = regex.compile(r"^[\p{P}+=<>|]+$")


class Beliefs(NamedTuple):
    """What the chain believes. Costs in nats."""

    into_russian: float = 10.0
    out_of_russian: float = 4.5
    foreign: float = 6.5
    roman: float = 6.0
    # A unit this much likelier Russian than not, by itself, makes its neighbours worth a look.
    anchor: float = 3.0
    # So many units on either side of it are looked at.
    reach: int = 12
    # Nothing is changed unless Russian is at least so likely.
    certainty: float = 0.97
    # A known word explains a reading well when it costs no more than this and this times the length.
    well_above: float = 10.0
    well_rate: float = 2.4


BELIEFS: Final = Beliefs()
# How much a citation makes its cells Russian in the eyes of their neighbours.
CITED: Final = 12.0
# How much dearer a name in Latin letters is among Cyrillic markers.
LATIN_PERSON: Final = 10.0
# How much surely good Cyrillic speaks against Latin text.
UNLIKE_LATIN: Final = 12.0
# What a word costs that surely is good Cyrillic: about what a word does.
GOOD_CYRILLIC: Final = 9.0
CYRILLIC_ONLY: Final = regex.compile(r"^\P{L}*\p{Cyrillic}(\p{Cyrillic}|\P{L})*$")
WORDS: Final = regex.compile(r"\p{L}+")
RUSSIAN_LETTERS: Final = frozenset(RUSSIAN)


@dataclass(frozen=True)
class Hypothesis:
    """A way to print a unit; `places` as in Candidate; `reading` is the text that the places count in."""

    text: str
    cost: float
    russian: bool
    reason: str
    places: tuple[int, ...] = ()
    reading: str = ""


@dataclass(frozen=True)
class Verdict:
    """What the chain says of a unit: the likeliest hypothesis, its posterior, that of Russian, and the runners-up."""

    best: Hypothesis
    posterior: float
    russian: float
    others: tuple[tuple[str, float], ...]


class Decoder:
    """Decodes units with one glyph map. Not shared between threads."""

    def __init__(
        self,
        searcher: Searcher,
        keeper: Keeper,
        glyph_map: GlyphMap,
        finder: Finder | None = None,
        names: Names | None = None,
        beliefs: Beliefs = BELIEFS,
    ) -> None:
        self.searcher = searcher
        self.keeper = keeper
        self.options = glyph_map.options
        self.faithful = glyph_map.is_faithful
        self.finder = finder
        self.names = names
        self.beliefs = beliefs
        self.spelled = lru_cache(maxsize=1 << 15)(self.search)

    def search(self, text: str, initial: bool) -> tuple[Candidate, ...]:
        """Return the Russian readings of a text: words of the lexicon, and new words where those fit badly."""
        found = self.searcher.candidates(text, self.options, initial, STRICT)
        if self.fits_badly(text, found):
            if not self.faithful:
                found = self.searcher.candidates(text, self.options, initial, DEFAULT)
            found += self.searcher.candidates(text, self.options, initial, STRICT, known=False)
        return tuple(sorted(found, key=lambda candidate: candidate.cost))

    def fits_badly(self, text: str, found: Sequence[Candidate]) -> bool:
        """Return whether no word of the lexicon explains a reading well."""
        return not found or found[0].cost > self.beliefs.well_above + self.beliefs.well_rate * len(text)

    def kept(self, unit: Unit) -> float:
        """Return the cost of a unit as it stands."""
        cost = self.keeper.token_cost(unit.text)
        return min(cost, self.keeper.token_cost(unit.hyphenated)) if unit.cut else cost

    def russian(self, unit: Unit, kept: float) -> list[Hypothesis]:
        """Return the hypotheses of a unit in Russian text: Russian words, or a foreign word, number or mark in it."""
        if self.is_russian(unit):
            return [Hypothesis(unit.text, GOOD_CYRILLIC, True, "kept")]
        hypotheses = [Hypothesis(unit.text, self.foreign(unit.text, kept), True, "kept")]
        if not WORDLESS.match(unit.text) and len(unit.text) < LONGEST:
            for reading in {unit.text, unit.hyphenated}:
                for candidate in self.spelled(reading, unit.initial):
                    if not candidate.known and CYRILLIC_ONLY.match(unit.text) and candidate.text != unit.text:
                        continue
                    reason = "lexicon" if candidate.known else "spelled"
                    hypotheses.append(
                        Hypothesis(candidate.text, candidate.cost, True, reason, candidate.places, reading)
                    )
        return hypotheses + self.named(unit, hypotheses)

    def named(self, unit: Unit, hypotheses: Sequence[Hypothesis]) -> list[Hypothesis]:
        """Return the name of this document, or of the user's lexicon, that a unit may be."""
        if self.names is None:
            return []
        lead, core, tail = EDGES.match(unit.text).groups()
        spelled = [EDGES.match(hypothesis.text).group(2) for hypothesis in hypotheses if hypothesis.reason != "kept"][
            :2
        ]
        found = [near for text in spelled if (near := self.names.near(text, core))]
        if not found:
            return []
        name, cost = min(found, key=lambda near: near[1])
        text = lead + name + tail
        return [Hypothesis(text, cost, True, "name", spread(text, unit), unit.text)]

    def is_russian(self, unit: Unit) -> bool:
        """Return whether a unit is surely good Russian as it stands.

        A model that reads only Latin letters cannot have written Cyrillic; of one that can, words of the lexicon (and
        whatever has a Cyrillic letter that Russian has not) are believed.
        """
        letters = [letter for letter in unit.text if letter.isalpha()]
        cyrillic = [letter for letter in letters if CYRILLIC_LETTER.match(letter)]
        if not cyrillic or not self.faithful:
            return bool(cyrillic)
        if len(cyrillic) < len(letters):
            return not any(is_mixed(word) for word in WORDS.findall(unit.text))
        return all(self.knows(word) for word in WORDS.findall(unit.text)) or all(
            self.knows(word) for word in WORDS.findall(unit.hyphenated)
        )

    def knows(self, word: str) -> bool:
        """Return whether a Cyrillic word is in the lexicon, or of another language than Russian."""
        lower = word.lower()
        return not RUSSIAN_LETTERS.issuperset(lower) or self.searcher.lexicon.find(lower) >= 0

    def foreign(self, text: str, kept: float) -> float:
        """Return the cost of a token of Russian text that is not Russian: a number, a Roman one, a Latin word."""
        if WORDLESS.match(text) or NUMERIC.match(text):
            return kept
        dear = kept + self.beliefs.foreign
        return min(dear, self.beliefs.roman + 0.5 * len(text)) if ROMAN.match(text) else dear

    def decode(self, units: Sequence[Unit]) -> tuple[list[Verdict], list[Found]]:
        """Return a verdict for each unit, and the citations among them; paragraphs are decoded by themselves."""
        kept = [self.kept(unit) for unit in units]
        russian: dict[int, list[Hypothesis]] = {}
        for place, unit in enumerate(units):
            if self.is_russian(unit):
                kept[place] += UNLIKE_LATIN
            if not self.is_plain(unit):
                russian[place] = self.russian(unit, kept[place])
        anchors = [place for place, found in russian.items() if least(found) + self.beliefs.anchor < kept[place]]
        self.look_near(anchors, units, kept, russian)
        costs = [min(cost, least(russian[place])) if place in russian else cost for place, cost in enumerate(kept)]
        citations = self.finder.find(units, costs) if self.finder else []
        cited = {part.unit for found in citations for part in found.parts}
        self.look_near(sorted(cited), units, kept, russian)
        full = [
            russian.get(place) or [Hypothesis(unit.text, self.foreign(unit.text, kept[place]), True, "kept")]
            for place, unit in enumerate(units)
        ]
        verdicts = self.chain(units, [cost + CITED * (place in cited) for place, cost in enumerate(kept)], full)
        for found in citations:
            for place, verdict in cited_verdicts(found, units, full):
                verdicts[place] = verdict
        return verdicts, citations

    def look_near(
        self, places: Sequence[int], units: Sequence[Unit], kept: Sequence[float], russian: dict[int, list[Hypothesis]]
    ) -> None:
        """Add the hypotheses of units that stand near ones that are surely Russian."""
        reach = self.beliefs.reach
        near = {at for place in places for at in range(max(0, place - reach), min(len(units), place + reach + 1))}
        for place in sorted(near - russian.keys()):
            russian[place] = self.russian(units[place], kept[place])

    def is_plain(self, unit: Unit) -> bool:
        """Return whether a unit is surely what it says unless its neighbours say otherwise."""
        core = unit.text.strip(".,;:!?()[]\"'“”‘’«»„—–-").lower()
        return (
            not core
            or core.isdigit()
            or (core.isalpha() and unit.text[-1:] != "-" and self.keeper.latin.listed_cost(core) is not None)
        )

    def chain(
        self, units: Sequence[Unit], kept: Sequence[float], russian: Sequence[Sequence[Hypothesis]]
    ) -> list[Verdict]:
        """Run the chain of languages over the units.

        A token that comes again in its paragraph says nothing new: a name repeated a hundred times is one piece of
        evidence, and follows its neighbours after the first.
        """
        costs = [(cost, total_cost(hypotheses)) for cost, hypotheses in zip(kept, russian, strict=True)]
        seen: set[tuple[int, str]] = set()
        for place, unit in enumerate(units):
            if (unit.paragraph, unit.text) in seen:
                costs[place] = (costs[place][1], costs[place][1])
            seen.add((unit.paragraph, unit.text))
        verdicts = []
        for place, share in enumerate(language_posteriors(costs, [unit.paragraph for unit in units], self.beliefs)):
            stays = Hypothesis(units[place].text, kept[place], False, "kept")
            verdicts.append(verdict(stays, russian[place], share, self.beliefs.certainty))
        return verdicts


def is_mixed(word: str) -> bool:
    """Return whether a run of letters mixes Cyrillic with others."""
    return len({bool(CYRILLIC_LETTER.match(letter)) for letter in word}) > 1


def total_cost(hypotheses: Sequence[Hypothesis]) -> float:
    """Return the cost of all hypotheses together."""
    least = min(hypothesis.cost for hypothesis in hypotheses)
    return least - math.log(sum(math.exp(least - hypothesis.cost) for hypothesis in hypotheses))


def verdict(stays: Hypothesis, russian: Sequence[Hypothesis], share: float, certainty: float) -> Verdict:
    """Weigh the hypotheses of one unit, given the posterior of Russian; below `certainty` the unit stays as it is."""
    total = total_cost(russian)
    weights: dict[str, float] = {stays.text: 1.0 - share}
    best: dict[str, Hypothesis] = {stays.text: stays}
    for hypothesis in russian:
        weights[hypothesis.text] = weights.get(hypothesis.text, 0.0) + share * math.exp(total - hypothesis.cost)
        if hypothesis.text not in best or best[hypothesis.text].cost > hypothesis.cost:
            best[hypothesis.text] = hypothesis
    ranked = sorted(weights.items(), key=lambda item: -item[1])
    chosen = ranked[0][0] if share >= certainty else stays.text
    return Verdict(best[chosen], weights[chosen], share, tuple(ranked[:5]))


def least(hypotheses: Sequence[Hypothesis]) -> float:
    """Return the least cost of some hypotheses."""
    return min(hypothesis.cost for hypothesis in hypotheses)


def cited_verdicts(
    found: Found, units: Sequence[Unit], russian: Sequence[Sequence[Hypothesis]]
) -> Iterator[tuple[int, Verdict]]:
    """Yield (place, verdict) for the units of a citation: its parts as the grammar has them, a person as Russian."""
    posterior = 1.0 / (1.0 + math.exp(-min(found.margin, 50.0)))
    texts: dict[int, str] = defaultdict(str)
    for part in found.parts:
        texts[part.unit] += part.text
    for part in found.parts:
        if part.role == "person":
            best = min(
                russian[part.unit],
                key=lambda hypothesis: hypothesis.cost + LATIN_PERSON * (hypothesis.reason == "kept"),
            )
            yield part.unit, Verdict(best, posterior, 1.0, ())
        else:
            unit = units[part.unit]
            text = texts[part.unit]
            reason = "kept" if text == unit.text else "citation"
            yield (
                part.unit,
                Verdict(Hypothesis(text, 0.0, True, reason, spread(text, unit), unit.text), posterior, 1.0, ()),
            )


def spread(text: str, unit: Unit) -> tuple[int, ...]:
    """Return where in the reading each character of a text begins, as if they were spread evenly."""
    return tuple(place * len(unit.text) // max(1, len(text)) for place in range(len(text)))


def language_posteriors(
    costs: Sequence[tuple[float, float]], paragraphs: Sequence[int], beliefs: Beliefs
) -> list[float]:
    """Return for each unit the posterior of Russian, from its costs (as it stands, as Russian)."""
    stay_latin, enter = -math.log1p(-math.exp(-beliefs.into_russian)), beliefs.into_russian
    stay_russian, leave = -math.log1p(-math.exp(-beliefs.out_of_russian)), beliefs.out_of_russian
    ahead = [(0.0, 1.0)]
    for place, (latin, russian) in enumerate(costs):
        before = ahead[-1] if place == 0 or paragraphs[place] == paragraphs[place - 1] else softened(ahead[-1])
        ahead.append(
            (
                latin + both(before[0] + stay_latin, before[1] + leave),
                russian + both(before[0] + enter, before[1] + stay_russian),
            )
        )
    behind = (0.0, 0.0)
    shares = []
    for place in range(len(costs) - 1, -1, -1):
        difference = (ahead[place + 1][0] + behind[0]) - (ahead[place + 1][1] + behind[1])
        shares.append(1.0 / (1.0 + math.exp(-max(min(difference, 500.0), -500.0))))
        after = (behind[0] + costs[place][0], behind[1] + costs[place][1])
        behind = (both(after[0] + stay_latin, after[1] + enter), both(after[0] + leave, after[1] + stay_russian))
        if place and paragraphs[place] != paragraphs[place - 1]:
            behind = softened(behind)
    return shares[::-1]


def softened(costs: tuple[float, float]) -> tuple[float, float]:
    """Return costs of the languages after a paragraph's end: what stood before it says little."""
    least = min(costs)
    return min(costs[0] - least, 2.0) + least, min(costs[1] - least, 2.0) + least


def both(one: float, two: float) -> float:
    """Return the cost of either of two things happening."""
    least = min(one, two)
    return least - math.log1p(math.exp(-abs(one - two)))
