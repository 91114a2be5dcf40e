"""Decides, over a run of units, which are Russian and what they say.

Every unit may be what it says (`repair.latin`) or a Russian word (`repair.search`); neighbours share their language, so
a chain of two states runs over them (forward and backward: Rabiner 1989). Costs are in nats.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

import regex

from pipeline.repair.channel import Options
from pipeline.repair.latin import Keeper
from pipeline.repair.search import LONGEST, Candidate, Searcher
from pipeline.repair.units import Unit

ROMAN: Final = regex.compile(r"^\P{L}*(?=[IVXLCDM])M{0,3}(CM|CD|D?C{0,3})(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})\P{L}*$")
NUMERIC: Final = regex.compile(r"^[\p{P}\p{S}]*\p{N}[\p{N}\p{P}]*$")
WORDLESS: Final = regex.compile(r"^[\p{P}+=<>|]+$")


class Beliefs(NamedTuple):
    """What the chain believes. Costs in nats."""

    into_russian: float = 6.0
    out_of_russian: float = 4.5
    foreign: float = 5.0
    roman: float = 4.0
    # A unit this much likelier Russian than not, by itself, makes its neighbours worth a look.
    anchor: float = 3.0
    # So many units on either side of it are looked at.
    reach: int = 12
    # New words are spelled when the best known word costs more than this and this times the length.
    spell_above: float = 6.0
    spell_rate: float = 2.1


BELIEFS: Final = Beliefs()


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

    def __init__(self, searcher: Searcher, keeper: Keeper, options: Options, beliefs: Beliefs = BELIEFS) -> None:
        self.searcher = searcher
        self.keeper = keeper
        self.options = options
        self.beliefs = beliefs
        self.spelled = lru_cache(maxsize=1 << 15)(self.search)

    def search(self, text: str, initial: bool) -> tuple[Candidate, ...]:
        """Return the Russian readings of a text: words of the lexicon, and new words where those fit badly."""
        found = self.searcher.candidates(text, self.options, initial)
        beliefs = self.beliefs
        if not found or found[0].cost > beliefs.spell_above + beliefs.spell_rate * len(text):
            found += self.searcher.candidates(text, self.options, initial, known=False)
        return tuple(sorted(found, key=lambda candidate: candidate.cost))

    def kept(self, unit: Unit) -> float:
        """Return the cost of a unit as it stands."""
        cost = self.keeper.token_cost(unit.text)
        return min(cost, self.keeper.token_cost(unit.hyphenated)) if unit.cut else cost

    def russian(self, unit: Unit, kept: float) -> list[Hypothesis]:
        """Return the hypotheses of a unit in Russian text: Russian words, or a foreign word, number or mark in it."""
        hypotheses = [Hypothesis(unit.text, kept + self.surcharge(unit.text), True, "kept")]
        if not WORDLESS.match(unit.text) and len(unit.text) < LONGEST:
            for reading in {unit.text, unit.hyphenated}:
                for candidate in self.spelled(reading, unit.initial):
                    reason = "lexicon" if candidate.known else "spelled"
                    hypotheses.append(Hypothesis(candidate.text, candidate.cost, True, reason, candidate.places, reading))
        return hypotheses

    def surcharge(self, text: str) -> float:
        """Return what it costs that a token of Russian text is not Russian."""
        if WORDLESS.match(text) or NUMERIC.match(text):
            return 0.0
        return self.beliefs.roman if ROMAN.match(text) else self.beliefs.foreign

    def decode(self, units: Sequence[Unit]) -> list[Verdict]:
        """Return a verdict for each unit; paragraphs are decoded by themselves."""
        kept = [self.kept(unit) for unit in units]
        hypotheses: list[list[Hypothesis] | None] = [None] * len(units)
        for place, unit in enumerate(units):
            if not self.is_plain(unit):
                hypotheses[place] = self.russian(unit, kept[place])
        for place in near_anchors(units, kept, hypotheses, self.beliefs):
            if hypotheses[place] is None:
                hypotheses[place] = self.russian(units[place], kept[place])
        full = [found or [Hypothesis(unit.text, cost + self.surcharge(unit.text), True, "kept")]
                for found, unit, cost in zip(hypotheses, units, kept, strict=True)]
        return self.chain(units, kept, full)

    def is_plain(self, unit: Unit) -> bool:
        """Return whether a unit is surely what it says unless its neighbours say otherwise."""
        core = unit.text.strip(".,;:!?()[]\"'“”‘’«»„—–-").lower()
        return not core or core.isdigit() or (core.isalpha() and unit.text[-1:] != "-" and self.keeper.latin.listed_cost(core) is not None)

    def chain(self, units: Sequence[Unit], kept: Sequence[float], russian: Sequence[Sequence[Hypothesis]]) -> list[Verdict]:
        """Run the chain of languages over the units."""
        latin = [(cost, total_cost(hypotheses)) for cost, hypotheses in zip(kept, russian, strict=True)]
        verdicts = []
        for place, share in enumerate(language_posteriors(latin, [unit.paragraph for unit in units], self.beliefs)):
            stays = Hypothesis(units[place].text, kept[place], False, "kept")
            verdicts.append(verdict(stays, russian[place], share))
        return verdicts


def total_cost(hypotheses: Sequence[Hypothesis]) -> float:
    """Return the cost of all hypotheses together."""
    least = min(hypothesis.cost for hypothesis in hypotheses)
    return least - math.log(sum(math.exp(least - hypothesis.cost) for hypothesis in hypotheses))


def verdict(stays: Hypothesis, russian: Sequence[Hypothesis], share: float) -> Verdict:
    """Weigh the hypotheses of one unit, given the posterior of Russian."""
    total = total_cost(russian)
    weights: dict[str, float] = {stays.text: 1.0 - share}
    best: dict[str, Hypothesis] = {stays.text: stays}
    for hypothesis in russian:
        weights[hypothesis.text] = weights.get(hypothesis.text, 0.0) + share * math.exp(total - hypothesis.cost)
        if hypothesis.text not in best or best[hypothesis.text].cost > hypothesis.cost:
            best[hypothesis.text] = hypothesis
    ranked = sorted(weights.items(), key=lambda item: -item[1])
    return Verdict(best[ranked[0][0]], ranked[0][1], share, tuple(ranked[:5]))


def near_anchors(units: Sequence[Unit], kept: Sequence[float], hypotheses: Sequence[Sequence[Hypothesis] | None],
                 beliefs: Beliefs) -> list[int]:
    """Return the places of units that stand near one that is surely Russian, in the same paragraph."""
    near: set[int] = set()
    for place, found in enumerate(hypotheses):
        if found and min(hypothesis.cost for hypothesis in found if hypothesis.russian) + beliefs.anchor < kept[place]:
            near.update(range(max(0, place - beliefs.reach), min(len(units), place + beliefs.reach + 1)))
    return sorted(near)


def language_posteriors(costs: Sequence[tuple[float, float]], paragraphs: Sequence[int], beliefs: Beliefs) -> list[float]:
    """Return for each unit the posterior of Russian, from its costs (as it stands, as Russian)."""
    stay_latin, enter = -math.log1p(-math.exp(-beliefs.into_russian)), beliefs.into_russian
    stay_russian, leave = -math.log1p(-math.exp(-beliefs.out_of_russian)), beliefs.out_of_russian
    ahead = [(0.0, 1.0)]
    for place, (latin, russian) in enumerate(costs):
        before = ahead[-1] if place == 0 or paragraphs[place] == paragraphs[place - 1] else softened(ahead[-1])
        ahead.append((
            latin + both(before[0] + stay_latin, before[1] + leave), russian + both(before[0] + enter, before[1] + stay_russian)
        ))
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
