"""The company a word keeps: up to four words on either side make it likelier, and say whether it has a capital.

A network of one hidden layer (Bengio et al. 2003): what stands at each place around a word is a vector, and whether it
has a capital; from these the layer makes two vectors. The first, times the vector of a word, is the logarithm of
P(word | neighbours) / P(word); the second the logarithm of how much likelier than usual the word has a capital. A
word's vector is that of its lemma, which has the meaning, and that of its grammatical class, which has the form; so
what was learned of one form serves all.

The chain (`repair.chain`) sees only the word before; this sees both sides, further away, and what they most likely are.
"""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.arrays import STEP, ArrayFile
from pipeline.compiled import lean, njit
from pipeline.repair.chain import Lattice
from pipeline.repair.context import BREAK, LATIN, LanguageModel
from pipeline.repair.lexicon import Lexicon
from pipeline.repair.prices import case_cost
from pipeline.repair.states import DEFAULT, LOWER, TITLE
from pipeline.repair.units import NOT

# How far the company reaches to either side, how long its vectors are, and how wide its hidden layer is.
REACH: Final = 4
SIZE: Final = 64
WIDTH: Final = 384
# What is known of each place: a vector, and the chances of a capital and of nothing but capitals.
PLACE: Final = SIZE + 2
# The stem of a symbol that has none.
NO_STEM: Final = 65_535
# Neighbours this unlikely are not looked at.
HARDLY: Final = 1e-3
# A unit this sure stays as it is.
SURE: Final = 0.9999
ROUNDS: Final = 2


class Beliefs(NamedTuple):
    """How much each source of evidence counts, as powers of what it says."""

    chain: float = 0.4
    company: float = 0.6
    case: float = 0.7


BELIEFS: Final = Beliefs()


class Vectors(NamedTuple):
    """The model as compiled code reads it.

    `seen_*` are the vectors of a neighbour, `said_*` those of the word itself: a stem's are bytes to be multiplied by
    its scale. `inner` and `inner_bias` lead from the 2 * REACH * PLACE numbers around a word to the hidden layer,
    `outer` and `outer_bias` from there to the vector that the word should have, and to that of a capital; `near[k]`
    leads straight from the vector of place k to both, axis by axis. `title_cost` and `capitals_cost` are the lexicon's,
    in its steps.
    """

    stem_of: npt.NDArray[np.uint16]
    seen_stem: npt.NDArray[np.int8]
    seen_scale: npt.NDArray[np.float32]
    seen_class: npt.NDArray[np.float32]
    said_stem: npt.NDArray[np.int8]
    said_scale: npt.NDArray[np.float32]
    said_class: npt.NDArray[np.float32]
    level: npt.NDArray[np.float32]
    near: npt.NDArray[np.float32]
    inner: npt.NDArray[np.float32]
    inner_bias: npt.NDArray[np.float32]
    outer: npt.NDArray[np.float32]
    outer_bias: npt.NDArray[np.float32]
    title_cost: npt.NDArray[np.uint8]
    capitals_cost: npt.NDArray[np.uint8]
    silence: int
    foreign: int
    class_of: npt.NDArray[np.uint16]


@dataclass(frozen=True)
class Company:
    """What a file holds (see `learn.company`), beside the lexicon and the language model whose symbols it speaks of."""

    vectors: Vectors

    @classmethod
    def of(cls, file: ArrayFile, model: LanguageModel, lexicon: Lexicon) -> "Company":
        """Return the model that a file holds."""
        half = {name: one.astype(np.float32) for name, one in file.arrays.items() if one.dtype == np.float16}
        arrays: Any = {**file.arrays, **half}
        vectors = Vectors(
            **arrays,
            title_cost=lexicon.title,
            capitals_cost=lexicon.capitals,
            silence=model.special(BREAK),
            foreign=model.special(LATIN),
            class_of=model.lifts.class_of,
        )
        return cls(vectors)

    def heard(self, lattice: Lattice, shares: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return the posteriors of the hypotheses of a lattice as their company changes those of the chain.

        How likely each unit is Russian stays as it was.
        """
        now = shares
        for _ in range(ROUNDS if len(shares) else 0):
            now = reweighed(lattice, BELIEFS, shares, lifts_of(lattice, self.vectors, BELIEFS, shares, now))
        return now

    def lifts(self, lattice: Lattice, shares: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return by how many nats its company lifts each hypothesis, where the units are as likely as `shares` say."""
        return np.asarray(lifts_of(lattice, self.vectors, BELIEFS, shares, shares))


class Line(NamedTuple):
    """The units as their neighbours see them.

    `unit[p]` stands at place p, -1 where a sentence begins; `place[u]` is where unit u stands, -1 if it has no word.
    `first[u]` and `last[u]` are what is known of its first and last word: its expected vector, how likely it has a
    capital, and how likely only capitals; `silence` is that of what stands before a sentence.
    """

    unit: npt.NDArray[np.int32]
    place: npt.NDArray[np.int32]
    first: npt.NDArray[np.float32]
    last: npt.NDArray[np.float32]
    silence: npt.NDArray[np.float32]


@lean
def add_seen(vectors: Any, symbol: int, kind: int, share: float, total: Any) -> None:  # pragma: no cover
    """Add the vector of a neighbour, times a share, to a total."""
    for axis in range(SIZE):
        total[axis] += share * vectors.seen_class[kind, axis]
    stem = vectors.stem_of[symbol]
    if stem != NO_STEM:
        scale = share * vectors.seen_scale[stem]
        for axis in range(SIZE):
            total[axis] += scale * vectors.seen_stem[stem, axis]


@lean
def fit(vectors: Any, symbol: int, kind: int, wanted: Any) -> float:  # pragma: no cover
    """Return the product of the vector that a word should have and that of the word."""
    total, of_stem = 0.0, 0.0
    for axis in range(SIZE):
        total += wanted[axis] * vectors.said_class[kind, axis]
    stem = vectors.stem_of[symbol]
    if stem != NO_STEM:
        for axis in range(SIZE):
            of_stem += wanted[axis] * vectors.said_stem[stem, axis]
        total += of_stem * vectors.said_scale[stem]
    return total


@njit(cache=True)
def see_unit(lattice: Any, vectors: Any, shares: Any, unit: int, line: Any) -> None:  # pragma: no cover
    """Write what the neighbours of a unit see of it."""
    start = lattice.start[unit]
    foreign = vectors.foreign
    for own in range(start, lattice.start[unit + 1]):
        if shares[own] < HARDLY:
            continue
        if own == start:
            kind = vectors.class_of[foreign]
            add_seen(vectors, foreign, kind, shares[own], line.first[unit])
            add_seen(vectors, foreign, kind, shares[own], line.last[unit])
        elif lattice.first[own] >= 0:
            add_seen(vectors, lattice.first[own], lattice.first_class[own], shares[own], line.first[unit])
            add_seen(vectors, lattice.last[own], lattice.last_class[own], shares[own], line.last[unit])
            if lattice.phase[own] >= TITLE:
                line.first[unit, SIZE + lattice.phase[own] - TITLE] += shares[own]
                line.last[unit, SIZE + lattice.phase[own] - TITLE] += shares[own]


@njit(cache=True)
def line_of(lattice: Any, vectors: Any, shares: Any) -> Any:  # pragma: no cover
    """Return the units as their neighbours see them, given how likely their hypotheses are."""
    count = len(lattice.start) - 1
    unit = np.empty(2 * count, np.int32)
    place = np.full(count, -1, np.int32)
    silence = np.zeros(PLACE, np.float32)
    add_seen(vectors, vectors.silence, vectors.class_of[vectors.silence], 1.0, silence)
    line = Line(unit, place, np.zeros((count, PLACE), np.float32), np.zeros((count, PLACE), np.float32), silence)
    size = 0
    for own in range(count):
        if own == 0 or lattice.fresh[own]:
            unit[size] = -1
            size += 1
        best = lattice.start[own] + np.argmax(shares[lattice.start[own] : lattice.start[own + 1]])
        if best == lattice.start[own] or lattice.first[best] >= 0:
            unit[size], place[own] = own, size
            size += 1
            see_unit(lattice, vectors, shares, own, line)
    return Line(unit[:size], place, line.first, line.last, silence)


@njit(cache=True)
def seen_at(line: Any, place: int, k: int, seen: Any) -> None:  # pragma: no cover
    """Write what a word at a place sees at place k of those around it; nothing where the line is at an end."""
    other = place - REACH + k + (k >= REACH)
    seen[:] = 0.0
    if 0 <= other < len(line.unit):
        unit = line.unit[other]
        seen[:] = line.silence if unit < 0 else line.last[unit] if k < REACH else line.first[unit]


@lean
def add_rows(seen: Any, rows: Any, total: Any) -> None:  # pragma: no cover
    """Add to each total the rows of a matrix times what is seen, some rows at once; the sums are those of one by one.

    A few rows stay near while all words use them: the matrix is larger than what the processor has at hand.
    """
    for row in range(0, PLACE, 6):
        for own in range(len(seen)):
            a, b, c, d, e, f = seen[own, row : row + 6]
            for one in range(WIDTH):
                some = total[own, one] + a * rows[row, one] + b * rows[row + 1, one] + c * rows[row + 2, one]
                total[own, one] = some + d * rows[row + 3, one] + e * rows[row + 4, one] + f * rows[row + 5, one]


@njit(cache=True)
def look_around(vectors: Any, line: Any, places: Any) -> Any:  # pragma: no cover
    """Return which vectors the words at some places should have, and behind each that of its capital."""
    hidden = np.empty((len(places), WIDTH), np.float32)
    wanted = np.empty((len(places), 2 * SIZE), np.float32)
    seen = np.empty((len(places), PLACE), np.float32)
    hidden[:], wanted[:] = vectors.inner_bias, vectors.outer_bias
    for k in range(2 * REACH):
        for own in range(len(places)):
            seen_at(line, places[own], k, seen[own])
            for axis in range(SIZE):
                wanted[own, axis] += seen[own, axis] * vectors.near[k, axis]
                wanted[own, SIZE + axis] += seen[own, axis] * vectors.near[k, SIZE + axis]
        add_rows(seen, vectors.inner[k * PLACE : (k + 1) * PLACE], hidden)
    for own in range(len(places)):
        for one in range(WIDTH):
            if hidden[own, one] > 0.0:
                for axis in range(2 * SIZE):
                    wanted[own, axis] += hidden[own, one] * vectors.outer[one, axis]
    return wanted


@lean
def company_lift(lattice: Any, vectors: Any, own: int, wanted: Any) -> float:  # pragma: no cover
    """Return the logarithm of how much its company lifts the chance of a hypothesis; two words share it."""
    first, last = lattice.first[own], lattice.last[own]
    if first < 0:
        return 0.0
    total = fit(vectors, first, lattice.first_class[own], wanted)
    if first != last:
        total = 0.5 * (total + fit(vectors, last, lattice.last_class[own], wanted))
    total += vectors.level[lattice.first_class[own]]
    return min(total, 0.0) if first >= vectors.foreign else total


@lean
def sigmoid_log(value: float) -> float:  # pragma: no cover
    """Return the logarithm of the logistic function."""
    return -np.log1p(np.exp(-value)) if value > -30.0 else value


@lean
def case_lift(lattice: Any, vectors: Any, unit: int, own: int, wanted: Any) -> float:  # pragma: no cover
    """Return the logarithm of how much its company lifts the chance of the case of a hypothesis.

    Only of one word of the lexicon, small or with a capital, inside a sentence.
    """
    word, phase = lattice.first[own], lattice.phase[own]
    if lattice.initial[unit] != NOT or not 0 <= word < len(vectors.title_cost) or word != lattice.last[own]:
        return 0.0
    if phase != LOWER and phase != TITLE:
        return 0.0
    title_cost, capitals_cost = STEP * vectors.title_cost[word], STEP * vectors.capitals_cost[word]
    usual = -case_cost(title_cost, capitals_cost, phase, DEFAULT, NOT)
    share = min(max(np.exp(-title_cost), 1e-6), 1.0 - 1e-4)
    odds = np.log(share / (1.0 - share)) + fit(vectors, word, lattice.first_class[own], wanted)
    return sigmoid_log(odds if phase == TITLE else -odds) - usual


@njit(cache=True)
def open_units(lattice: Any, line: Any, shares: Any) -> Any:  # pragma: no cover
    """Return the units that have a word, something to choose, and no choice that is sure."""
    units = np.empty(len(lattice.start) - 1, np.int64)
    size = 0
    for unit in range(len(units)):
        start, stop = lattice.start[unit], lattice.start[unit + 1]
        if line.place[unit] >= 0 and stop - start >= 3 and shares[start:stop].max() <= SURE:
            units[size] = unit
            size += 1
    return units[:size]


@njit(cache=True)
def lifts_of(lattice: Any, vectors: Any, beliefs: Any, shares: Any, now: Any) -> Any:  # pragma: no cover
    """Return by how many nats its company lifts each Russian hypothesis: 0 where a unit is sure, or has no word.

    The posteriors of the chain are `shares`; neighbours are what `now` says.
    """
    line = line_of(lattice, vectors, now)
    units = open_units(lattice, line, shares)
    wanted = look_around(vectors, line, line.place[units])
    lifts = np.zeros(len(shares))
    for number, unit in enumerate(units):
        word, capital = wanted[number, :SIZE], wanted[number, SIZE:]
        for own in range(lattice.start[unit] + 1, lattice.start[unit + 1]):
            lifts[own] = beliefs.company * company_lift(lattice, vectors, own, word)
            lifts[own] += beliefs.case * case_lift(lattice, vectors, unit, own, capital)
    return lifts


@njit(cache=True)
def reweigh_unit(
    lattice: Any, beliefs: Any, lifts: Any, stands: int, stop: int, shares: Any
) -> None:  # pragma: no cover
    """Reweigh the candidates of a unit, and the unit as it stands in Russian text, which is hypothesis `stands`.

    Among the candidates the chain, which has seen some of the same words, counts for less; whether one of them is
    right at all it says alone, but for how well the company likes them.
    """
    first = stands + 1
    all_of_it, candidates = shares[stands:stop].sum(), shares[first:stop].sum()
    apart = np.zeros(stop - first)
    for own in range(first, stop):
        if shares[own] > 0.0:
            chain = np.log(shares[own]) + lattice.cost[own]
            apart[own - first] = np.exp(beliefs.chain * chain - lattice.cost[own] + lattice.cost[stands])
    liked = apart * np.exp(lifts[first:stop])
    shares[stands] *= np.exp(lifts[stands])
    shares[first:stop] = liked * candidates / apart.sum()
    shares[stands:stop] *= all_of_it / shares[stands:stop].sum()


@njit(cache=True)
def reweighed(lattice: Any, beliefs: Any, shares: Any, lifts: Any) -> Any:  # pragma: no cover
    """Return the posteriors of all hypotheses: those of the chain are `shares`, `lifts` what their company adds.

    Sure units stay as they are, and so do halves of a word.
    """
    made = shares.copy()
    for unit in range(len(lattice.start) - 1):
        start, stop = lattice.start[unit], lattice.start[unit + 1]
        best = start + np.argmax(shares[start:stop])
        if lifts[start:stop].any() and lattice.bond[best] == 0 and shares[start + 2 : stop].sum() > 0.0:
            reweigh_unit(lattice, beliefs, lifts, start + 1, stop, made)
    return made
