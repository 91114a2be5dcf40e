import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.arrays import STEP
from pipeline.learn.company import (
    BATCH,
    CASE,
    ROUND,
    STRANGERS,
    Batch,
    Cased,
    Model,
    Text,
    Words,
    arrays_of,
    beginning,
    learned,
    scaled,
    slopes_of,
    told_of,
)
from pipeline.repair.chain import Lattice
from pipeline.repair.company import BELIEFS, NO_STEM, PLACE, REACH, SIZE, WIDTH, Vectors, lifts_of, reweighed
from pipeline.repair.context import BREAK, LATIN, SPECIALS
from pipeline.repair.prices import case_cost
from pipeline.repair.states import CAPITALS, DEFAULT, LEAD, LOWER, TITLE
from pipeline.repair.units import MAYBE, NOT, SURELY

WORDS: Final = 6
SIDE: Final = WORDS + SPECIALS
STEMS: Final = 3


def vectors_of(seed: int) -> Vectors:
    """A model at random, of few words, some of which have no stem."""
    random = np.random.default_rng(seed)

    def rows(count: int) -> npt.NDArray[np.float32]:
        return random.normal(0.0, 0.3, (count, SIZE)).astype(np.float32)

    seen, seen_scale = scaled(rows(STEMS))
    said, said_scale = scaled(rows(STEMS))
    return Vectors(
        stem_of=random.choice([0, 1, 2, NO_STEM], SIDE).astype(np.uint16),
        seen_stem=seen,
        seen_scale=seen_scale,
        seen_class=rows(SIDE),
        said_stem=said,
        said_scale=said_scale,
        said_class=rows(SIDE),
        level=random.normal(0.0, 0.5, SIDE).astype(np.float32),
        near=np.hstack([rows(2 * REACH), rows(2 * REACH)]),
        inner=random.normal(0.0, 0.2, (2 * REACH * PLACE, WIDTH)).astype(np.float32),
        inner_bias=random.normal(0.0, 0.5, WIDTH).astype(np.float32),
        outer=random.normal(0.0, 0.05, (WIDTH, 2 * SIZE)).astype(np.float32),
        outer_bias=random.normal(0.0, 0.2, 2 * SIZE).astype(np.float32),
        title_cost=random.integers(1, 60, WORDS).astype(np.uint8),
        capitals_cost=random.integers(30, 90, WORDS).astype(np.uint8),
        silence=WORDS + BREAK,
        foreign=WORDS + LATIN,
        class_of=np.arange(SIDE, dtype=np.uint16),
    )


def lattice_of(
    units: Sequence[Sequence[tuple[float, int, int, int]]], initial: Sequence[int], bonds: Sequence[int] = ()
) -> Lattice:
    """The lattice of units whose hypotheses are (cost, first, last, phase); the first is Latin text."""
    rows = [one for unit in units for one in unit]
    start = np.cumsum([0, *map(len, units)]).astype(np.int32)
    first, last = (np.array([row[field] for row in rows], np.int32) for field in (1, 2))
    russian = np.ones(len(rows), np.bool_)
    russian[start[:-1]] = False
    return Lattice(
        start,
        np.array([row[0] for row in rows], np.float64),
        russian,
        first,
        last,
        np.maximum(first, 0),
        np.maximum(last, 0),
        np.array([row[3] for row in rows], np.int8),
        np.array([one == SURELY for one in initial], np.bool_),
        np.zeros(len(units), np.bool_),
        np.array(initial, np.int8),
        np.array(bonds or [0] * len(rows), np.int8),
    )


COST: Final = st.floats(0.0, 6.0)
HYPOTHESIS: Final = st.tuples(
    COST, st.integers(-1, SIDE - 1), st.integers(0, SIDE - 1), st.sampled_from([LEAD, LOWER, TITLE, CAPITALS])
).map(lambda one: one if one[1] >= 0 else (one[0], -1, -1, LEAD))
UNIT: Final = st.lists(HYPOTHESIS, min_size=2, max_size=4)
TEXT: Final = st.lists(st.tuples(UNIT, st.sampled_from([NOT, MAYBE, SURELY])), min_size=1, max_size=7)


@st.composite
def weighed(draw: st.DrawFn) -> tuple[Lattice, npt.NDArray[np.float64]]:
    """A lattice, and posteriors that a chain may give."""
    read = draw(TEXT)
    lattice = lattice_of([unit for unit, _ in read], [initial for _, initial in read])
    shares = np.array(draw(st.lists(st.floats(0.01, 1.0), min_size=len(lattice.cost), max_size=len(lattice.cost))))
    for start, stop in pairwise(lattice.start.tolist()):
        shares[start:stop] /= shares[start:stop].sum()
    return lattice, shares


# ---------------------------------------------------------------- a slow obvious reference


def vector_of(vectors: Vectors, side: str, symbol: int) -> npt.NDArray[np.float64]:
    """The vector of a symbol as its neighbours see it (`seen`), or of the word itself (`said`)."""
    own: npt.NDArray[np.float64] = getattr(vectors, f"{side}_class")[symbol].astype(np.float64)
    stem = int(vectors.stem_of[symbol])
    if stem != NO_STEM:
        own += float(getattr(vectors, f"{side}_scale")[stem]) * getattr(vectors, f"{side}_stem")[stem]
    return own


def seen(vectors: Vectors, symbol: int) -> npt.NDArray[np.float64]:
    return vector_of(vectors, "seen", symbol)


def said(vectors: Vectors, symbol: int) -> npt.NDArray[np.float64]:
    return vector_of(vectors, "said", symbol)


def company_of(lattice: Lattice, vectors: Vectors, shares: npt.NDArray[np.float64]) -> list[dict[str, Any]]:
    """What stands in the text, in order: the expected vectors of words, and the silence before sentences."""
    line: list[dict[str, Any]] = []
    for unit, (start, stop) in enumerate(pairwise(lattice.start.tolist())):
        if unit == 0 or lattice.fresh[unit]:
            quiet = seen(vectors, vectors.silence)
            line.append({"unit": -1, "first": quiet, "last": quiet, "cased": [0.0, 0.0]})
        best = start + int(np.argmax(shares[start:stop]))
        if best > start and lattice.first[best] < 0:
            continue
        spot: dict[str, Any] = {"unit": unit, "first": np.zeros(SIZE), "last": np.zeros(SIZE), "cased": [0.0, 0.0]}
        for own in range(start, stop):
            first, last = int(lattice.first[own]), int(lattice.last[own])
            if own == start:
                first = last = vectors.foreign
            if first >= 0 and shares[own] >= 1e-3:
                spot["first"] += shares[own] * seen(vectors, first)
                spot["last"] += shares[own] * seen(vectors, last)
                if own > start and lattice.phase[own] >= TITLE:
                    spot["cased"][lattice.phase[own] - TITLE] += shares[own]
        line.append(spot)
    return line


def wanted_around(vectors: Vectors, near: list[tuple[int, dict[str, Any]]]) -> npt.NDArray[np.float64]:
    """The vectors that a word, and its capital, should have; `near` are what stands around it, by their places."""
    around, straight = np.zeros((2 * REACH, PLACE)), np.zeros(2 * SIZE)
    for k, one in near:
        seen_there = one["last" if k < REACH else "first"]
        around[k] = np.r_[seen_there, one["cased"]]
        straight += vectors.near[k] * np.r_[seen_there, seen_there]
    hidden = np.maximum(around.ravel() @ vectors.inner + vectors.inner_bias, 0.0)
    return np.asarray(hidden @ vectors.outer + vectors.outer_bias + straight)


def reference(lattice: Lattice, vectors: Vectors, shares: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The posteriors as `repair.company` says them, nothing clever."""
    line, made = company_of(lattice, vectors, shares), shares.copy()
    for place, spot in enumerate(line):
        unit = spot["unit"]
        start, stop = (0, 0) if unit < 0 else (int(lattice.start[unit]), int(lattice.start[unit + 1]))
        if stop - start < 3 or shares[start:stop].max() > 0.9999:
            continue
        places = [(k, place - REACH + k + (k >= REACH)) for k in range(2 * REACH)]
        wanted = wanted_around(vectors, [(k, line[other]) for k, other in places if 0 <= other < len(line)])
        lifts = []
        for own in range(start + 1, stop):
            first, last, phase = int(lattice.first[own]), int(lattice.last[own]), int(lattice.phase[own])
            lift = 0.0
            if first >= 0:
                fits = float((said(vectors, first) + said(vectors, last)) @ wanted[:SIZE]) / 2
                fits += float(vectors.level[first])
                lift += BELIEFS.company * (min(fits, 0.0) if first >= vectors.foreign else fits)
            if lattice.initial[unit] == NOT and 0 <= first < WORDS and first == last and phase in (LOWER, TITLE):
                costs = STEP * float(vectors.title_cost[first]), STEP * float(vectors.capitals_cost[first])
                share = min(max(math.exp(-costs[0]), 1e-6), 1.0 - 1e-4)
                odds = math.log(share / (1.0 - share)) + float(said(vectors, first) @ wanted[SIZE:])
                likely = -math.log1p(math.exp(-odds if phase == TITLE else odds))
                lift += BELIEFS.case * (likely + float(case_cost(*costs, phase, DEFAULT, NOT)))
            lifts.append(lift)
        if not any(lifts):
            continue
        chain = np.log(shares[start + 2 : stop]) + lattice.cost[start + 2 : stop]
        apart = np.exp(BELIEFS.chain * chain - lattice.cost[start + 2 : stop])
        liked = apart * np.exp(lifts[1:]) / apart.sum() * shares[start + 2 : stop].sum()
        parts = np.r_[shares[start + 1] * math.exp(lifts[0]), liked]
        made[start + 1 : stop] = parts / parts.sum() * shares[start + 1 : stop].sum()
    return made


def heard(lattice: Lattice, vectors: Vectors, shares: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The posteriors after one round."""
    made = reweighed(lattice, BELIEFS, shares, lifts_of(lattice, vectors, BELIEFS, shares, shares))
    return np.asarray(made)


MODELS: Final = st.builds(vectors_of, st.integers(0, 30))


@given(weighed(), MODELS)
def test_compiled_company_is_that_of_the_reference(
    read: tuple[Lattice, npt.NDArray[np.float64]], vectors: Vectors
) -> None:
    lattice, shares = read
    expected = reference(lattice, vectors, shares)
    assert heard(lattice, vectors, shares) == pytest.approx(expected, abs=1e-4)


@given(weighed(), MODELS)
def test_company_says_nothing_of_the_language(read: tuple[Lattice, npt.NDArray[np.float64]], vectors: Vectors) -> None:
    lattice, shares = read
    made = heard(lattice, vectors, shares)
    latin = lattice.start[:-1]
    assert made[latin].tolist() == shares[latin].tolist()
    assert np.add.reduceat(made, latin) == pytest.approx(1.0)


def test_halves_of_a_word_stay_as_the_chain_has_them() -> None:
    units = [[(1.0, -1, -1, LEAD), (1.0, 1, 1, LOWER), (1.0, 2, 2, LOWER)] for _ in range(2)]
    lattice = lattice_of(units, [NOT, NOT], [0, 0, 1, 0, 0, -1])
    shares = np.array([0.1, 0.3, 0.6, 0.1, 0.3, 0.6])
    assert heard(lattice, vectors_of(1), shares).tolist() == shares.tolist()


# ---------------------------------------------------------------- learning

LISTED: Final = {"дом": 0, "стоит": 1, "москва": 2, "нева": 3, "и": 4}


@pytest.mark.parametrize(
    ("line", "symbols", "phases", "inside"),
    [
        ("Дом стоит", [10, 0, 1], [LEAD, TITLE, LOWER], [False, False, True]),
        ("дом. Москва", [10, 0, 10, 2], [LEAD, LOWER, LEAD, TITLE], [False, False, False, False]),
        ("и Нева, МОСКВА", [10, 4, 3, 2], [LEAD, LOWER, TITLE, CAPITALS], [False, False, True, False]),
        ("и «Нева» 1917", [10, 4, 3, 18], [LEAD, LOWER, TITLE, LEAD], [False, False, False, False]),
    ],
)
def test_text_has_the_case_of_its_words(line: str, symbols: list[int], phases: list[int], inside: list[bool]) -> None:
    text = Cased(lambda word: LISTED.get(word, -1), 10).of_lines([line])
    assert text.symbol.tolist() == symbols
    assert text.phase.tolist() == phases
    assert text.inside.tolist() == inside


@pytest.fixture(scope="module")
def taught() -> tuple[Model, Words]:
    """A model of text in which 1 always stands after 0, and 3 after 2; 4 has a capital after 2 only."""
    random = np.random.default_rng(2)
    pairs = random.integers(0, 2, 20_000)
    symbols = np.stack([2 * pairs, 2 * pairs + 1, np.full(len(pairs), 4)], axis=1).ravel().astype(np.int32)
    phases = np.where((symbols == 4) & np.repeat(pairs == 1, 3), TITLE, LOWER).astype(np.int8)
    words = Words(
        np.arange(5, dtype=np.uint16),
        np.arange(5, dtype=np.uint16),
        np.zeros(5, np.float32),
        random.choice(symbols, 1 << 12).astype(np.int32),
    )
    text = Text(symbols, phases, np.ones(len(symbols), np.bool_))
    heard: list[float] = []
    model = learned([(text, 1.0)], words, 5, 2 * ROUND * BATCH, lambda _, loss: heard.append(loss))
    nothing = math.log(STRANGERS + 1) + STRANGERS * math.log((STRANGERS + 1) / STRANGERS)
    assert heard[1] < heard[0] < nothing
    return model, words


def around(*before: int) -> Batch:
    """A place after some symbols, with 4 everywhere else."""
    near = np.full((1, 2 * REACH), 4, np.int32)
    near[0, REACH - len(before) : REACH] = before
    nobody = np.zeros(1, np.bool_)
    return Batch(near, np.zeros((1, 2 * REACH, 2), np.float32), np.zeros(1, np.int32), nobody, nobody, near[0])


def fits(taught: tuple[Model, Words], word: int, *before: int) -> tuple[float, float]:
    """How much the words before lift the chance of a word, and the odds of its capital, as logarithms."""
    model, words = taught
    wanted = told_of(model, words, around(*before)).wanted[0]
    said = model.said_class[word] + model.said_stem[word]
    return float(wanted[:SIZE] @ said), float(wanted[SIZE:] @ said)


def test_words_that_stand_together_lift_each_other(taught: tuple[Model, Words]) -> None:
    assert fits(taught, 1, 0)[0] > fits(taught, 3, 0)[0] + 1.0
    assert fits(taught, 3, 2)[0] > fits(taught, 1, 2)[0] + 1.0


def test_the_company_tells_where_a_word_has_a_capital(taught: tuple[Model, Words]) -> None:
    assert fits(taught, 4, 2, 3)[1] > fits(taught, 4, 0, 1)[1] + 2.0


def small_model(random: np.random.Generator) -> tuple[Model, Words, Batch]:
    """A model of five words at random, in numbers precise enough to differentiate, and a batch for it."""
    tables: Any = (random.normal(0.0, 0.3, table.shape) for table in beginning(4, 5))
    model = Model(*tables)
    model.seen_stem[4], model.said_stem[4] = 0.0, 0.0
    stems = np.array([0, 1, 2, 3, NO_STEM], np.uint16)
    odds: Any = random.normal(0.0, 1.0, 5)
    words = Words(stems, np.arange(5, dtype=np.uint16), odds, np.zeros(1, np.int32))
    near, word, others = (random.integers(0, 5, shape, np.int32) for shape in ((6, 2 * REACH), (6,), (9,)))
    capital = random.integers(0, 2, (6, 2 * REACH, 2)).astype(np.float32)
    return model, words, Batch(near, capital, word, random.random(6) < 0.5, random.random(6) < 0.7, others)


def losses(model: Model, words: Words, batch: Batch) -> tuple[float, float]:
    """The loss of the words and that of their case, word by word."""
    of_words = of_case = 0.0
    wanted = told_of(model, words, batch).wanted

    def product(half: npt.NDArray[np.float32], symbol: int) -> float:
        return float(half @ (model.said_class[symbol] + model.said_stem[min(int(words.stem_of[symbol]), 4)]))

    for row, symbol, title, inside in zip(wanted, batch.word, batch.title, batch.inside, strict=True):
        level = model.level[:, 0] - math.log(STRANGERS)
        of_words += math.log1p(math.exp(-product(row[:SIZE], symbol) - level[symbol]))
        for other in batch.strangers:
            of_words += math.log1p(math.exp(product(row[:SIZE], other) + level[other]))
        odds = product(row[SIZE:], symbol) + float(words.odds[symbol])
        of_case += inside * math.log1p(math.exp(-odds if title else odds))
    return of_words / len(wanted), CASE * of_case / len(wanted)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", Model._fields)
def test_gradients_are_those_of_the_loss(name: str, seed: int) -> None:
    random = np.random.default_rng(seed)
    model, words, batch = small_model(random)
    slopes = slopes_of(model, words, batch)
    table = getattr(model, name)
    way = random.normal(0.0, 1.0, table.shape)
    rows = batch.near.ravel() if name.startswith("seen") else np.r_[batch.word, batch.strangers]
    own = {"seen": slopes.seen, "said": slopes.said, "level": slopes.level}
    if name in slopes.layers:
        told = float((slopes.layers[name] * way).sum())
    else:
        told = float((own[name.split("_")[0]] * way[np.minimum(rows, len(way) - 1)]).sum())
    there, back = (losses(model._replace(**{name: table + step * way}), words, batch) for step in (1e-5, -1e-5))
    # The case teaches the network, not the words.
    heard = (there[0] - back[0]) + (0.0 if name.startswith("said") else there[1] - back[1])
    assert told == pytest.approx(heard / 2e-5, rel=1e-3, abs=1e-6)


def test_a_file_has_what_was_learned(taught: tuple[Model, Words]) -> None:
    model, words = taught
    arrays = dict(arrays_of(model, words))
    assert set(arrays) | {"title_cost", "capitals_cost", "silence", "foreign", "class_of"} == set(Vectors._fields)
    restored = arrays["seen_stem"] * arrays["seen_scale"][:, None]
    assert restored == pytest.approx(model.seen_stem[:-1], abs=float(np.abs(model.seen_stem).max()) / 127)
    assert arrays["outer"] == pytest.approx(model.outer, abs=1e-2)
