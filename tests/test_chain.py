import math
from collections.abc import Sequence
from itertools import pairwise, product
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny import model_of

from pipeline.repair.chain import Lattice, Steps, posteriors, posteriors_of
from pipeline.repair.channel import FAR
from pipeline.repair.context import BREAK, LATIN, SPECIALS, UNKNOWN, Lifts, lift, scrambled

WORDS: Final = 3
SIDE: Final = WORDS + SPECIALS
CLASSES: Final = 3
STEPS: Final = Steps(0.99, 0.01, 0.02, 0.98, 0.05)


class Guess(NamedTuple):
    """A hypothesis: what it costs, and its words; -1 for none."""

    cost: float
    russian: bool = True
    first: int = -1
    last: int = -1
    bond: int = 0


def lifts_of(seed: int) -> Lifts:
    """A model at random that has met a few pairs; it lifts no chance beyond e to the power of 2, or below -2."""
    random = np.random.default_rng(seed)
    pairs = np.sort(random.choice(SIDE * SIDE, 40, replace=False)).astype(np.uint64)
    values = np.exp(np.linspace(-2.0, 2.0, 256)).astype(np.float32)
    return Lifts(
        WORDS,
        random.integers(0, CLASSES, SIDE).astype(np.uint16),
        values,
        np.exp(np.linspace(-2.0, 0.0, 256)).astype(np.float32),
        np.array([0, len(pairs)], np.int32),
        (scrambled(pairs) & np.uint64(0xFFFF)).astype(np.uint16),
        values,
        random.integers(0, 256, (CLASSES, CLASSES)).astype(np.uint8),
        random.integers(0, 256, SIDE).astype(np.uint8),
        random.integers(0, 256, len(pairs)).astype(np.uint8),
    )


def lattice_of(
    units: Sequence[Sequence[Guess]], lifts: Lifts, fresh: Sequence[bool] = (), opens: Sequence[bool] = ()
) -> Lattice:
    guesses = [guess for unit in units for guess in unit]
    first, last = (np.array([guess[field] for guess in guesses], np.int32) for field in (2, 3))
    return Lattice(
        np.cumsum([0, *map(len, units)]).astype(np.int32),
        np.array([guess.cost for guess in guesses], np.float64),
        np.array([guess.russian for guess in guesses], np.bool_),
        first,
        last,
        lifts.class_of[first].astype(np.int32),
        lifts.class_of[last].astype(np.int32),
        np.zeros(len(guesses), np.int8),
        np.array(fresh or [False] * len(units), np.bool_),
        np.array(opens or [False] * len(units), np.bool_),
        np.zeros(len(units), np.int8),
        np.array([guess.bond for guess in guesses], np.int8),
    )


def weight_of(path: Sequence[int], lattice: Lattice, lifts: Lifts, steps: Steps) -> float:
    """The probability of a hypothesis for every unit, but for a factor that all paths share."""
    step = {
        (False, False): steps.latin_latin,
        (False, True): steps.latin_russian,
        (True, False): steps.russian_latin,
        (True, True): steps.russian_russian,
    }
    silence, foreign = lifts.words + BREAK, lifts.words + LATIN
    weight, left = 1.0, (silence, int(lifts.class_of[silence]))
    halves = [int(lattice.bond[own]) for own in path]
    if any((one > 0 or other < 0) and one != -other for one, other in pairwise([0, *halves, 0])):
        return 0.0
    for unit, own in enumerate(path):
        russian = bool(lattice.russian[own])
        if unit:
            weight *= step[bool(lattice.russian[path[unit - 1]]), russian]
        elif russian:
            weight *= steps.first_russian
        if lattice.fresh[unit]:
            left = (silence, int(lifts.class_of[silence]))
        if russian and lattice.first[own] >= 0:
            raised = lift(lifts, *left, lattice.first[own], lattice.first_class[own])
            weight *= raised if lattice.first[own] < foreign else min(raised, 1.0)
            left = (int(lattice.last[own]), int(lattice.last_class[own]))
        if not russian:
            left = (foreign, int(lifts.class_of[foreign]))
        weight *= math.exp(-lattice.cost[own])
    return weight


def enumerated(lattice: Lattice, lifts: Lifts, steps: Steps) -> npt.NDArray[np.float64]:
    """The posteriors by all paths through the lattice."""
    units = [range(*borders) for borders in pairwise(lattice.start.tolist())]
    total = np.zeros(len(lattice.cost))
    for path in product(*units):
        total[list(path)] += weight_of(path, lattice, lifts, steps)
    return total / sum(total[units[0]])


COST: Final = st.floats(0.0, 6.0)
SYMBOL: Final = st.sampled_from([*range(WORDS), *(WORDS + kind for kind in range(UNKNOWN, SPECIALS))])
KEPT: Final = st.builds(Guess, COST, st.just(False), SYMBOL, SYMBOL, st.just(0))
SPOKEN: Final = st.builds(Guess, COST, st.just(True), SYMBOL, SYMBOL, st.just(0))
WORDLESS: Final = st.builds(lambda cost: Guess(cost), COST)


def unit_of(russian: st.SearchStrategy[Guess]) -> st.SearchStrategy[list[Guess]]:
    """The hypotheses of a unit: as it stands, and in Russian."""
    return st.builds(lambda kept, others: [kept, *others], KEPT, st.lists(russian, min_size=1, max_size=3))


ANY_UNIT: Final = unit_of(SPOKEN | WORDLESS)


@st.composite
def text(draw: st.DrawFn) -> tuple[list[list[Guess]], list[bool]]:
    """A few units and where sentences start; what has no word stands only where it is certain what came before."""
    fresh = [True, *draw(st.lists(st.booleans(), max_size=4))]
    return [draw(ANY_UNIT if start else unit_of(SPOKEN)) for start in fresh], fresh


CHANCE: Final = st.floats(0.01, 0.5)
CHANGES: Final = st.builds(lambda enter, leave: Steps(1 - enter, enter, leave, 1 - leave, enter), CHANCE, CHANCE)
MODELS: Final = st.builds(lifts_of, st.integers(0, 50))


@given(text(), CHANGES, MODELS)
def test_posteriors_are_those_of_all_paths(
    read: tuple[list[list[Guess]], list[bool]], steps: Steps, lifts: Lifts
) -> None:
    lattice = lattice_of(read[0], lifts, read[1])
    assert posteriors_of(lattice, lifts, steps) == pytest.approx(enumerated(lattice, lifts, steps), abs=1e-6)


@st.composite
def torn_text(draw: st.DrawFn) -> list[list[Guess]]:
    """A few units, two neighbours of which may be halves of one or two words."""
    units = draw(st.lists(unit_of(SPOKEN), min_size=2, max_size=4))
    place = draw(st.integers(0, len(units) - 2))
    for number in range(1, draw(st.integers(2, 3))):
        word = draw(SPOKEN)
        units[place].append(word._replace(bond=number))
        units[place + 1].append(Guess(draw(COST), True, -1, word.last, -number))
    return units


@given(torn_text(), CHANGES, MODELS)
def test_halves_of_a_word_are_followed_together(units: list[list[Guess]], steps: Steps, lifts: Lifts) -> None:
    lattice = lattice_of(units, lifts)
    assert posteriors(lattice, lifts, steps) == pytest.approx(enumerated(lattice, lifts, steps), abs=1e-6)


@given(torn_text(), CHANGES, MODELS)
def test_both_units_say_that_they_are_halves_or_none(units: list[list[Guess]], steps: Steps, lifts: Lifts) -> None:
    lattice = lattice_of(units, lifts)
    shares = posteriors_of(lattice, lifts, steps)
    halves = {int(lattice.bond[own]): float(shares[own]) for own in np.flatnonzero(lattice.bond)}
    assert sums(shares, lattice) == pytest.approx(1.0)
    for number in (one for one in halves if one > 0):
        assert (halves[number] == 0.0) == (halves[-number] == 0.0)
        assert halves[number] == 0.0 or min(halves[number], halves[-number]) > 0.5


def sums(shares: npt.NDArray[np.float64], lattice: Lattice) -> npt.NDArray[np.float64]:
    return np.array([shares[start:stop].sum() for start, stop in pairwise(lattice.start.tolist())])


FLAGS: Final = st.lists(st.booleans(), min_size=5, max_size=5)


@given(st.lists(ANY_UNIT, max_size=5), FLAGS, FLAGS, CHANGES, MODELS)
def test_the_posteriors_of_a_unit_sum_to_one(
    units: list[list[Guess]], fresh: list[bool], opens: list[bool], steps: Steps, lifts: Lifts
) -> None:
    lattice = lattice_of(units, lifts, fresh[: len(units)], opens[: len(units)])
    shares = posteriors_of(lattice, lifts, steps)
    assert len(shares) == len(lattice.cost)
    assert np.all((shares >= 0) & (shares <= 1))
    assert sums(shares, lattice) == pytest.approx(1.0)


EXTREMES: Final[dict[str, list[list[float]]]] = {
    "one far": [[0.0, float(FAR)]],
    "all far": [[float(FAR), float(FAR)]],
    "far in between": [[0.0, 3.0], [float(FAR)] * 2, [3.0, 0.0]],
    "sure of either language": [[0.0, 1000.0], [1000.0, 0.0], [0.0, 1000.0]],
    "sure and far": [[1000.0, 0.0], [0.0, float(FAR), 1000.0], [float(FAR), 0.0]],
    "dear": [[1000.0, 1001.0]] * 40,
    "long": [[0.0, 700.0]] * 400 + [[700.0, 0.0]] * 400,
}


@pytest.mark.parametrize("opens", [False, True])
@pytest.mark.parametrize("change", [1e-12, 0.1])
@pytest.mark.parametrize("costs", EXTREMES.values(), ids=EXTREMES)
def test_extreme_costs_are_survived(costs: list[list[float]], change: float, opens: bool) -> None:
    units = [[Guess(cost, place > 0, 0, 1) for place, cost in enumerate(unit)] for unit in costs]
    lifts = lifts_of(1)
    lattice = lattice_of(units, lifts, opens=[opens] * len(units))
    shares = posteriors_of(lattice, lifts, Steps(1 - change, change, change, 1 - change, change))
    assert np.all(np.isfinite(shares))
    assert sums(shares, lattice) == pytest.approx(1.0)


LATIN_OR_RUSSIAN: Final = [Guess(3.0, False, 0, 0), Guess(3.0, True, 0, 0)]


@pytest.mark.parametrize("neighbour", [True, False], ids=["Russian", "Latin"])
@pytest.mark.parametrize("place", [0, 1], ids=["before", "behind"])
def test_neighbours_share_a_language_but_less_over_a_paragraphs_end(neighbour: bool, place: int) -> None:
    sure = [Guess(30.0 * neighbour, False), Guess(30.0 * (not neighbour))]
    units = [LATIN_OR_RUSSIAN]
    units.insert(place, sure)
    lifts = model_of(WORDS).lifts
    own = 2 * (1 - place) + neighbour
    within, across = (
        float(posteriors_of(lattice_of(units, lifts, opens=[False, ends]), lifts, STEPS)[own]) for ends in (False, True)
    )
    assert within > across


UNLIKELY: Final = Guess(60.0, False)
FIRST_WORD: Final = [UNLIKELY, Guess(0.0, True, 0, 0)]
ANY_WORD: Final = [UNLIKELY, *(Guess(1.0, True, word, word) for word in range(WORDS))]


def test_a_word_is_likelier_after_one_that_lifts_it() -> None:
    lifts = lifts_of(1)
    chances = [float(lift(lifts, 0, int(lifts.class_of[0]), word, int(lifts.class_of[word]))) for word in range(WORDS)]
    shares = posteriors_of(lattice_of([FIRST_WORD, ANY_WORD], lifts), lifts, STEPS)
    assert shares[-WORDS:] == pytest.approx(np.array(chances) / sum(chances))


def test_what_has_no_word_hides_no_word_before_it() -> None:
    lifts = lifts_of(1)
    near = posteriors_of(lattice_of([FIRST_WORD, ANY_WORD], lifts), lifts, STEPS)
    over = posteriors_of(lattice_of([FIRST_WORD, [UNLIKELY, Guess(0.0)], ANY_WORD], lifts), lifts, STEPS)
    assert over[-WORDS:] == pytest.approx(near[-WORDS:])


@pytest.mark.parametrize("symbol", range(LATIN, SPECIALS))
def test_what_is_no_russian_word_speaks_for_no_language(symbol: int) -> None:
    lifts = lifts_of(1)._replace(class_lift=np.full(256, 7.0, np.float32))
    units = [FIRST_WORD, [Guess(3.0, False), Guess(3.0, True, WORDS + symbol, WORDS + symbol)]]
    alike = model_of(WORDS).lifts
    lifted, alone = (posteriors_of(lattice_of(units, model), model, STEPS) for model in (lifts, alike))
    assert lifted == pytest.approx(alone)
