"""What a unit may be: its hypotheses with their costs in nats, and the lattice that those of a sentence make."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np

from pipeline.repair.chain import Lattice
from pipeline.repair.channel import FAR
from pipeline.repair.context import SILENT, Named
from pipeline.repair.latinprint import Behind
from pipeline.repair.search import Found
from pipeline.repair.torn import Halves
from pipeline.repair.units import SURELY, Unit

# How much the first and the last word of a citation speak for Russian beside them.
CITED: Final = 2.0


@dataclass(frozen=True)
class Hypothesis:
    """A way to print a unit; `places` as in `Found`; `reading` is the text that the places count in."""

    text: str
    cost: float
    russian: bool
    reason: str
    places: tuple[int, ...] = ()
    reading: str = ""


class Stands(NamedTuple):
    """What a text is as it stands: its costs in Latin and in Russian text, its symbols; `good` is surely that."""

    kept: float
    own: float
    named: Named
    good: bool


class Wanted(NamedTuple):
    """A reading to search for: whether a sentence starts with it, and where in it a line ended (0: nowhere)."""

    text: str
    initial: int
    cut: int = 0


@dataclass
class Slot:
    """A unit with its hypotheses: as it stands, at `kept`; in Russian text also at `own`; and what else it may be.

    `found` are the candidates of its readings (the text without and with the hyphen of a line end), `barred` says that
    they may not be new words, `good` that it is surely good Cyrillic or a number; `name` is a name of the document,
    with its symbols; `behind` is what Latin print may stand behind it, None where nobody has looked. It may be the
    first half of `torn` words, the second half of `tail`.
    """

    unit: Unit
    kept: float
    own: float
    named: Named = SILENT
    good: bool = False
    found: list[tuple[str, Found]] = field(default_factory=list)
    barred: bool = False
    name: tuple[Hypothesis, Named] | None = None
    behind: Behind | None = None
    torn: Halves | None = None
    tail: Halves | None = None

    @property
    def count(self) -> int:
        """How many candidates there are, halves of words apart."""
        return sum(len(found) for _, found in self.found) + (self.name is not None)

    def by_itself(self) -> float:
        """Return the least cost of the Russian hypotheses but a name of the document."""
        return min(self.own, *(float(found.cost[0]) for _, found in self.found if len(found)), math.inf)

    def least(self) -> float:
        """Return the least cost of the Russian hypotheses, each by itself."""
        return min(self.by_itself(), self.name[0].cost if self.name else math.inf)

    def standing(self) -> list[float]:
        """Return the costs of the unit in Latin and in Russian text, as it stands or as the Latin print behind it."""
        if self.behind is None:
            return [self.kept, self.own]
        behind = self.behind
        return [
            total_cost(np.array([own, *(printed.cost for printed in found)])) if found else own
            for own, found in ((self.kept, behind.words), (self.own, behind.numerals))
        ]

    def costs(self) -> list[float]:
        """Return the costs of all hypotheses: as it stands, in Russian text so, the candidates, the name."""
        own = self.standing()
        for _, found in self.found:
            own += (barred_costs(found, self.unit.text) if self.barred else found.cost).tolist()
        own += [self.name[0].cost] if self.name else []
        own += self.torn.before.tolist() if self.torn else []
        return own + (self.tail.behind.tolist() if self.tail else [])

    def bonds(self) -> list[int]:
        """Return how the hypotheses are bound to those of the next unit, or of the one before (see `Lattice`)."""
        if not self.torn and not self.tail:
            return [0] * (2 + self.count)
        ahead, back = (range(1, len(one.found) + 1) if one else () for one in (self.torn, self.tail))
        return [0] * (2 + self.count) + [*ahead] + [-number for number in back]

    def texts(self) -> list[str]:
        """Return the texts of the hypotheses of `costs` but the first two; of halves the second says nothing."""
        texts = [text for _, found in self.found for text in found.texts]
        texts += [self.name[0].text] if self.name else []
        texts += self.torn.found.texts if self.torn else []
        return texts + [""] * (len(self.tail.found) if self.tail else 0)

    def symbols(self) -> list[list[int]]:
        """Return the symbols of all hypotheses, in the order of their costs, a list for each field of `Named`."""
        known = [[one, one] for one in self.named]
        for _, found in self.found:
            extend(known, [column.tolist() for column in found.symbols])
        if self.name is not None:
            extend(known, [[one] for one in self.name[1]])
        if self.torn:
            extend(known, [column.tolist() for column in self.torn.found.symbols])
        if self.tail:
            _, last, _, last_class, _ = (column.tolist() for column in self.tail.found.symbols)
            nothing = [0] * len(last)
            extend(known, [[-1] * len(last), last, nothing, last_class, nothing])
        return known


def extend(rows: Sequence[list[int]], more: Sequence[Sequence[int]]) -> None:
    """Put the values of each row behind those that it has."""
    for row, values in zip(rows, more, strict=True):
        row += values


def total_cost(costs: Any) -> float:
    """Return the cost of all hypotheses together."""
    least = costs.min()
    return float(least - np.log(np.exp(least - costs).sum()))


def barred_costs(found: Found, text: str) -> Any:
    """Return the costs of candidates where new words may not be, nor two for one, but for the text itself."""
    allowed = [
        one == text or (known and " " not in one) for one, known in zip(found.texts, found.known.tolist(), strict=True)
    ]
    return np.where(allowed, found.cost, FAR)


def readings_of(unit: Unit) -> list[Wanted]:
    """Return what to search for a unit: without the hyphen of a line end, and with it."""
    whole = Wanted(unit.text, unit.initial, unit.cut)
    return [whole, Wanted(unit.hyphenated, unit.initial)] if unit.cut else [whole]


def stays(slot: Slot, shares: Any) -> Hypothesis:
    """Return the hypothesis that a unit is what it says."""
    russian = bool(shares[1] > shares[0])
    return Hypothesis(slot.unit.text, slot.own if russian else slot.kept, russian, "kept")


def hypothesis_of(slot: Slot, own: int) -> Hypothesis:
    """Return a candidate of a slot by its number."""
    for reading, found in slot.found:
        if own < len(found):
            reason = "lexicon" if found.known[own] else "spelled"
            return Hypothesis(found.text(own), float(found.cost[own]), True, reason, found.places_of(own), reading)
        own -= len(found)
    if slot.name and own == 0:
        return slot.name[0]
    return half_of(slot, own - (slot.name is not None))


def half_of(slot: Slot, own: int) -> Hypothesis:
    """Return one of the halves of words that a unit may be: the first says the whole word, the second nothing."""
    if slot.torn and own < len(slot.torn.found):
        found, reading = slot.torn.found, slot.torn.reading
        cost = float(slot.torn.before[own])
        return Hypothesis(found.text(own), cost, True, "lexicon", found.places_of(own), reading)
    assert slot.tail
    own -= len(slot.torn.found) if slot.torn else 0
    return Hypothesis("", float(slot.tail.behind[own]), True, "lexicon")


def spread(text: str, reading: str) -> tuple[int, ...]:
    """Return where in the reading each character of a text begins, as if they were spread evenly."""
    return tuple(place * len(reading) // max(1, len(text)) for place in range(len(text)))


def lattice_of(slots: Sequence[Slot], cited: set[int]) -> Lattice:
    """Return the hypotheses of all units: as it stands, in Russian as it stands, its candidates, its name.

    A token that comes again in its paragraph says nothing new of the language: a name repeated a hundred times is one
    piece of evidence, and follows its neighbours after the first. Of what is cited the first and the last word
    say a little, the others nothing: English articles cite Russian files, and other ones beside them.
    """
    start = [0]
    costs: list[float] = []
    symbols: list[list[int]] = [[] for _ in SILENT]
    bonds: list[int] = []
    seen: set[tuple[int, str]] = set()
    for place, slot in enumerate(slots):
        own = slot.costs()
        if place in cited:
            own = [CITED * (not {place - 1, place + 1} <= cited), *[0.0] * (len(own) - 1)]
        key = (slot.unit.paragraph, slot.unit.text)
        if key in seen:
            own[0] = total_cost(np.array(own[1:])) if len(own) > 2 else own[1]
        seen.add(key)
        costs += own
        bonds += slot.bonds()
        extend(symbols, slot.symbols())
        start.append(len(costs))
    russian = np.ones(start[-1], np.bool_)
    russian[start[:-1]] = False
    paragraphs = [slot.unit.paragraph for slot in slots]
    opens = [place > 0 and paragraphs[place] != paragraphs[place - 1] for place in range(len(slots))]
    first, last, first_class, last_class = (np.array(row, np.int32) for row in symbols[:-1])
    initial = np.array([slot.unit.initial for slot in slots], np.int8)
    return Lattice(
        np.array(start, np.int32),
        np.array(costs, np.float64),
        russian,
        first,
        last,
        first_class,
        last_class,
        np.array(symbols[-1], np.int8),
        initial == SURELY,
        np.array(opens, np.bool_),
        initial,
        np.array(bonds, np.int8),
    )
