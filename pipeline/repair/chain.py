"""The chain over a run of units: which of the hypotheses of each are likely, given those of its neighbours.

Forward and backward (Rabiner 1989) over all pairs of neighbouring hypotheses: what each costs by itself, what it costs
to change the language, and how much the word before lifts the chance of a Russian one (`repair.context`).
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.compiled import lean, njit
from pipeline.repair.context import BREAK, LATIN, Lifts, lift

# A Russian candidate this much less likely than the best one of its unit is not followed.
LEAST = 1e-6
# After a paragraph's end the less likely language is at least this likely.
SOFTENED = float(np.exp(-2.0))


class Lattice(NamedTuple):
    """The hypotheses of all units: those of unit u are `start[u]` to `start[u + 1]`, at least two.

    The first is the unit as it stands in Latin text, the others are ways to have it in Russian text.

    `cost` in nats; `first`, `last` and their classes are symbols of the language model, -1 where a hypothesis has no
    word; `phase` is the case of its first word (`repair.states`). `initial[u]` says whether a sentence starts with u
    (`repair.units`), `fresh[u]` that it surely does, `opens[u]` that a paragraph does.

    `bond` joins hypotheses of two units that are halves of one word: n of the first half goes on with -n of the second,
    and with nothing else; 0 is a hypothesis by itself.
    """

    start: npt.NDArray[np.int32]
    cost: npt.NDArray[np.float64]
    russian: npt.NDArray[np.bool_]
    first: npt.NDArray[np.int32]
    last: npt.NDArray[np.int32]
    first_class: npt.NDArray[np.int32]
    last_class: npt.NDArray[np.int32]
    phase: npt.NDArray[np.int8]
    fresh: npt.NDArray[np.bool_]
    opens: npt.NDArray[np.bool_]
    initial: npt.NDArray[np.int8]
    bond: npt.NDArray[np.int8]


class Steps(NamedTuple):
    """Probabilities of going from a language into a language, and of beginning with Russian."""

    latin_latin: float
    latin_russian: float
    russian_latin: float
    russian_russian: float
    first_russian: float


@lean
def change(steps: Any, before: bool, after: bool) -> float:  # pragma: no cover
    """Return the probability of one language (Russian or not) after another."""
    if before:
        return steps.russian_russian if after else steps.russian_latin
    return steps.latin_russian if after else steps.latin_latin


@lean
def goes_on(lattice: Any, before: int, after: int) -> bool:  # pragma: no cover
    """Return whether a hypothesis may stand behind that of the unit before."""
    return max(lattice.bond[before], 0) == max(-lattice.bond[after], 0)


@lean
def silence_of(lifts: Any) -> Any:  # pragma: no cover
    """Return symbol and class of what stands before a sentence."""
    return lifts.words + BREAK, int(lifts.class_of[lifts.words + BREAK])


@lean
def context_of(lattice: Any, lifts: Any, own: int, earlier: Any) -> Any:  # pragma: no cover
    """Return symbol and class of what a hypothesis leaves for the next word to follow; `earlier` stood before it."""
    if not lattice.russian[own]:
        return lifts.words + LATIN, int(lifts.class_of[lifts.words + LATIN])
    if lattice.last[own] < 0:
        return earlier
    return lattice.last[own], lattice.last_class[own]


@lean
def lifted(lattice: Any, lifts: Any, before: Any, own: int) -> float:  # pragma: no cover
    """Return how much the words before lift the chance of a hypothesis.

    That a number or a Latin word follows its like speaks for no language: only a Russian word is raised above 1.
    """
    if not lattice.russian[own] or lattice.first[own] < 0:
        return 1.0
    raised = lift(lifts, before[0], before[1], lattice.first[own], lattice.first_class[own])
    return min(raised, 1.0) if lattice.first[own] >= lifts.words + LATIN else raised


@njit(cache=True)
def soften(lattice: Any, share: Any, start: int, stop: int) -> None:  # pragma: no cover
    """Let the less likely language have at least SOFTENED of what the likelier has."""
    sums = np.zeros(2)
    for own in range(start, stop):
        sums[int(lattice.russian[own])] += share[own]
    for own in range(start, stop):
        mine, other = sums[int(lattice.russian[own])], sums[1 - int(lattice.russian[own])]
        if 0.0 < mine < SOFTENED * other:
            share[own] *= SOFTENED * other / mine


@njit(cache=True)
def normalise(share: Any, start: int, stop: int) -> None:  # pragma: no cover
    """Make the shares of a unit's hypotheses sum to 1; all alike where none has any."""
    total = share[start:stop].sum()
    if total > 0.0:
        share[start:stop] /= total
    else:
        share[start:stop] = 1.0 / (stop - start)


@njit(cache=True)
def emissions(lattice: Any) -> Any:  # pragma: no cover
    """Return the likelihoods of all hypotheses, the best of each unit 1; 0 for candidates that are not followed."""
    likely = np.empty(len(lattice.cost))
    for unit in range(len(lattice.start) - 1):
        start, stop = lattice.start[unit], lattice.start[unit + 1]
        likely[start:stop] = np.exp(lattice.cost[start:stop].min() - lattice.cost[start:stop])
        followed = LEAST * likely[start + 1 : stop].max()
        for own in range(start + 2, stop):
            if likely[own] < followed:
                likely[own] = 0.0
    return likely


@njit(cache=True)
def forward(lattice: Any, lifts: Any, steps: Any, likely: Any) -> Any:  # pragma: no cover
    """Return the probability of each hypothesis given the units up to its own, and the contexts they leave."""
    count = len(lattice.start) - 1
    share = np.zeros(len(lattice.cost))
    passed = np.zeros(len(lattice.cost))
    context = np.zeros((len(lattice.cost), 2), np.int64)
    silence = silence_of(lifts)
    for unit in range(count):
        start, stop = lattice.start[unit], lattice.start[unit + 1]
        earlier = silence
        if unit and not lattice.fresh[unit]:
            best = lattice.start[unit - 1] + np.argmax(share[lattice.start[unit - 1] : start])
            earlier = (context[best, 0], context[best, 1])
        for own in range(start, stop):
            if unit == 0:
                weight = (steps.first_russian if lattice.russian[own] else 1.0) * lifted(lattice, lifts, silence, own)
            else:
                weight = arriving(lattice, lifts, steps, passed, context, silence, unit, own)
            share[own] = weight * likely[own]
            context[own, 0], context[own, 1] = context_of(lattice, lifts, own, earlier)
        normalise(share, start, stop)
        passed[start:stop] = share[start:stop]
        if unit + 1 < count and lattice.opens[unit + 1]:
            soften(lattice, passed, start, stop)
    return share, context


@lean
def arriving(
    lattice: Any, lifts: Any, steps: Any, share: Any, context: Any, silence: Any, unit: int, own: int
) -> float:  # pragma: no cover
    """Return the weight of all ways from the unit before into a hypothesis."""
    total = 0.0
    fresh = lattice.fresh[unit]
    raised = lifted(lattice, lifts, silence, own) if fresh else 1.0
    for before in range(lattice.start[unit - 1], lattice.start[unit]):
        if share[before] > 0.0 and goes_on(lattice, before, own):
            if not fresh:
                raised = lifted(lattice, lifts, (context[before, 0], context[before, 1]), own)
            total += share[before] * change(steps, lattice.russian[before], lattice.russian[own]) * raised
    return total


@njit(cache=True)
def posteriors(lattice: Any, lifts: Any, steps: Any) -> Any:  # pragma: no cover
    """Return the posterior of each hypothesis."""
    likely = emissions(lattice)
    share, context = forward(lattice, lifts, steps, likely)
    silence = silence_of(lifts)
    behind = np.ones(len(lattice.cost))
    for unit in range(len(lattice.start) - 2, 0, -1):
        start, stop = lattice.start[unit], lattice.start[unit + 1]
        fresh = lattice.fresh[unit]
        for before in range(lattice.start[unit - 1], start):
            if share[before] == 0.0:
                behind[before] = 0.0
                continue
            total = 0.0
            for own in range(start, stop):
                if likely[own] > 0.0 and behind[own] > 0.0 and goes_on(lattice, before, own):
                    left = silence if fresh else (context[before, 0], context[before, 1])
                    raised = lifted(lattice, lifts, left, own)
                    step = change(steps, lattice.russian[before], lattice.russian[own])
                    total += step * raised * likely[own] * behind[own]
            behind[before] = total
        greatest = behind[lattice.start[unit - 1] : start].max()
        if greatest > 0:
            behind[lattice.start[unit - 1] : start] /= greatest
        if lattice.opens[unit]:
            soften(lattice, behind, lattice.start[unit - 1], start)
    for unit in range(len(lattice.start) - 1):
        start, stop = lattice.start[unit], lattice.start[unit + 1]
        share[start:stop] *= behind[start:stop]
        normalise(share, start, stop)
    return share


@njit(cache=True)
def settle_halves(lattice: Any, share: Any) -> None:  # pragma: no cover
    """Leave only those halves of a word that are likelier than not: then both units say so, or none."""
    for unit in range(len(lattice.start) - 1):
        start, stop = lattice.start[unit], lattice.start[unit + 1]
        for own in range(start, stop):
            if lattice.bond[own] <= 0:
                continue
            for other in range(stop, lattice.start[unit + 2]):
                if lattice.bond[other] == -lattice.bond[own] and min(share[own], share[other]) <= 0.5:
                    share[own] = share[other] = 0.0
        normalise(share, start, stop)


def posteriors_of(lattice: Lattice, lifts: Lifts, steps: Steps) -> npt.NDArray[np.float64]:
    """Return the posterior of each hypothesis: those of a unit sum to 1; of halves of words, only the likely ones."""
    if not len(lattice.cost):
        return np.zeros(0)
    shares = np.asarray(posteriors(lattice, lifts, steps))
    settle_halves(lattice, shares)
    return shares
