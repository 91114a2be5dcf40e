import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final
from unittest import mock

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny import model_of

from pipeline.arrays import STEP, ArrayFile
from pipeline.learn import language_model
from pipeline.learn.language_model import (
    DISCOUNT,
    Classes,
    Symbols,
    by_ending,
    class_lifts,
    classes_of,
    count_pairs,
    discounted,
    reading_of,
    steps_of,
    word_pairs,
)
from pipeline.repair.context import (
    BREAK,
    CLASS_SHARE,
    ENDING,
    FOUR_DIGITS,
    INITIAL,
    LATIN,
    LEAST_CLASS,
    LEAST_PAIR,
    MORE_DIGITS,
    ONE_DIGIT,
    ROMAN,
    SILENT,
    SPECIALS,
    THREE_DIGITS,
    TWO_DIGITS,
    UNKNOWN,
    LanguageModel,
    Lifts,
    ending_code,
    lift,
    pair_place,
    scrambled,
    symbols_of,
)
from pipeline.repair.letters import RUSSIAN_CODES

WORDS: Final = 4
SIDE: Final = WORDS + SPECIALS
NO_ENDINGS: Final = np.zeros(RUSSIAN_CODES**ENDING, np.uint16)
# A stored value is at most half a step from what was counted.
QUANTISED: Final = math.expm1(STEP / 2) + 1e-3
# Pairs rarer than can be stored count as the rarest that can.
RAISED: Final = math.exp(LEAST_PAIR)

Sources = list[tuple[npt.NDArray[Any], float]]


@pytest.fixture(autouse=True, scope="module")
def few_buckets() -> Iterator[None]:
    with mock.patch.object(language_model, "BUCKETS", 61):
        yield


@st.composite
def source(draw: st.DrawFn) -> tuple[npt.NDArray[Any], float]:
    """Symbols that were read and what one weighs; every symbol follows another, the last the first."""
    read = [*range(SIDE), *draw(st.lists(st.integers(0, SIDE - 1), max_size=60))]
    return np.array([*read, read[0]], np.int32), draw(st.floats(1.0, 8.0))


@st.composite
def classes(draw: st.DrawFn) -> Classes:
    of = [0, 1, *draw(st.lists(st.integers(0, 1), min_size=WORDS - 2, max_size=WORDS - 2)), *range(2, 2 + SPECIALS)]
    return Classes(np.array(of), 2 + SPECIALS, NO_ENDINGS)


SOURCES: Final = st.lists(source(), min_size=1, max_size=2)
CHANCES: Final = st.lists(st.floats(0.05, 1.0), min_size=SIDE, max_size=SIDE)


def normal(values: Sequence[float]) -> npt.NDArray[np.float64]:
    return np.array(values) / sum(values)


def learned(sources: Sources, known: Classes, chance: npt.NDArray[np.float64]) -> Lifts:
    """The model that the sources teach, as it is stored."""
    by_class = class_lifts(sources, known, chance)
    arrays: dict[str, npt.NDArray[Any]] = {
        "class_of": known.of.astype(np.uint16),
        "class_step": steps_of(by_class, LEAST_CLASS),
        "ending": known.ending,
        **word_pairs(count_pairs(sources, len(known.of)), chance, by_class, known),
    }
    return LanguageModel.of(ArrayFile(Path(), {}, arrays, "")).lifts


class Bigrams:
    """Absolute discounting straight from the counts: what follows what, how heavily, and how often it was seen."""

    def __init__(self, sources: Sources, names: Sequence[int]) -> None:
        self.weights: dict[tuple[int, int], float] = defaultdict(float)
        self.times: Counter[tuple[int, int]] = Counter()
        for read, weight in sources:
            for pair in pairwise(names[symbol] for symbol in read.tolist()):
                self.weights[pair] += weight
                self.times[pair] += 1

    def share(self, before: int, after: int) -> float:
        total = sum(weight for (first, _), weight in self.weights.items() if first == before)
        times = self.times[before, after]
        return self.weights[before, after] * (times - DISCOUNT) / times / total if times else 0.0

    def left(self, before: int) -> float:
        return 1.0 - sum(self.share(before, after) for first, after in self.weights if first == before)

    def chance(self, after: int) -> float:
        return sum(weight for (_, second), weight in self.weights.items() if second == after) / sum(
            self.weights.values()
        )


def reference_lift(sources: Sources, known: Classes, chance: npt.NDArray[np.float64], before: int, word: int) -> float:
    """P(word | before) / P(word), as the documentation says it."""
    names = known.of.tolist()
    by_word, by_class = Bigrams(sources, range(SIDE)), Bigrams(sources, names)
    own = names[word]
    of_class = (sum(chance[one] for one in range(SIDE) if names[one] == own) + by_class.chance(own)) / 2
    raised_by_class = by_class.share(names[before], own) / of_class + by_class.left(names[before])
    raised_by_word = by_word.share(before, word) / chance[word] + by_word.left(before)
    return float(CLASS_SHARE * raised_by_class + (1 - CLASS_SHARE) * raised_by_word)


def lift_of(lifts: Lifts, before: int, word: int) -> float:
    return float(lift(lifts, before, int(lifts.class_of[before]), word, int(lifts.class_of[word])))


@given(SOURCES, classes(), CHANCES, st.integers(0, SIDE - 1), st.integers(0, SIDE - 1))
def test_lifts_are_those_of_the_counts(
    sources: Sources, known: Classes, chances: list[float], before: int, word: int
) -> None:
    chance = normal(chances)
    expected = reference_lift(sources, known, chance, before, word)
    assert lift_of(learned(sources, known, chance), before, word) == pytest.approx(expected, QUANTISED, RAISED)


@pytest.mark.parametrize("kept", [1, 8, language_model.PAIRS])
@given(sources=SOURCES, known=classes())
def test_what_may_follow_a_symbol_sums_to_one(kept: int, sources: Sources, known: Classes) -> None:
    counted = Bigrams(sources, range(SIDE))
    chance = np.array([counted.chance(word) for word in range(SIDE)])
    with mock.patch.object(language_model, "PAIRS", kept):
        lifts = learned(sources, known, chance)
    for before in range(SIDE):
        total = sum(chance[word] * lift_of(lifts, before, word) for word in range(SIDE))
        assert total == pytest.approx(1.0, QUANTISED, RAISED)


@given(SOURCES)
def test_pairs_are_counted_within_each_source(sources: Sources) -> None:
    counted = Bigrams(sources, range(SIDE))
    counts = count_pairs(sources, SIDE)
    pairs = [divmod(key, SIDE) for key in counts[0].tolist()]
    assert pairs == sorted(counted.times)
    assert counts[1] == pytest.approx([counted.weights[pair] for pair in pairs], rel=1e-5)
    assert counts[2].tolist() == [counted.times[pair] for pair in pairs]
    assert discounted(counts, SIDE) == pytest.approx([counted.share(*pair) for pair in pairs], rel=1e-5)


# ---------------------------------------------------------------- the hash of pairs

MANY: Final = 50_021
PAIRS: Final = st.tuples(st.integers(0, MANY - 1), st.integers(0, MANY - 1))


def splitmix(key: int) -> int:
    """The finaliser of splitmix64, in numbers without an end."""
    key = (key ^ key >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    key = (key ^ key >> 27) * 0x94D049BB133111EB % 2**64
    return key ^ key >> 31


@given(st.lists(st.integers(0, 2**64 - 1), max_size=20))
def test_keys_are_scrambled_by_splitmix(keys: list[int]) -> None:
    assert scrambled(np.array(keys, np.uint64)).tolist() == [splitmix(key) for key in keys]


def stored(pairs: Sequence[tuple[int, int]]) -> Lifts:
    """A model of many words, all of one class, that has met these pairs once."""
    keys = np.array(sorted(before * MANY + word for before, word in pairs), np.int64)
    one_class = Classes(np.zeros(MANY, np.int64), 1, NO_ENDINGS)
    once = np.ones(len(keys), np.int64)
    arrays = word_pairs((keys, once.astype(np.float64), once), np.full(MANY, 1 / MANY), np.ones((1, 1)), one_class)
    alone: dict[str, npt.NDArray[Any]] = {
        "class_of": np.zeros(MANY, np.uint16),
        "class_step": np.zeros((1, 1), np.uint8),
        "ending": NO_ENDINGS,
    }
    return LanguageModel.of(ArrayFile(Path(), {}, {**alone, **arrays}, "")).lifts


def address(pair: tuple[int, int], buckets: int) -> tuple[int, int]:
    """The bucket and the fingerprint of a pair."""
    mixed = splitmix(pair[0] * MANY + pair[1])
    return (mixed >> 32) % buckets, mixed % 2**16


@given(st.sets(PAIRS, min_size=1, max_size=80), st.lists(PAIRS, max_size=20))
def test_a_stored_pair_is_found(pairs: set[tuple[int, int]], others: list[tuple[int, int]]) -> None:
    lifts = stored(sorted(pairs))
    buckets = len(lifts.bucket) - 1
    there = {address(pair, buckets) for pair in pairs}
    for pair in [*pairs, *others]:
        own, fingerprint = address(pair, buckets)
        place = pair_place(lifts, *pair)
        assert (place >= 0) == ((own, fingerprint) in there)
        if place >= 0:
            assert lifts.bucket[own] <= place < lifts.bucket[own + 1]
            assert lifts.fingerprint[place] == fingerprint


# ---------------------------------------------------------------- symbols

VOCABULARY: Final = ("дом", "музей", "и", "ком")
DOM, MUSEUM, AND, COM = range(4)
SOME: Final = len(VOCABULARY)


@pytest.mark.parametrize(
    ("token", "symbols"),
    [
        ("дом", [DOM]),
        ("Дом,", [DOM]),
        ("«ДОМ»", [DOM]),
        ("дом-музей", [DOM, MUSEUM]),
        ("башня", [SOME + UNKNOWN]),
        ("И", [AND]),
        ("И.", [SOME + INITIAL]),
        ("и.", [AND]),
        ("И.И.Дом", [SOME + INITIAL, SOME + INITIAL, DOM]),
        ("J.", [SOME + INITIAL]),
        ("Latin", [SOME + LATIN]),
        ("rue-музей", [SOME + LATIN, MUSEUM]),
        ("XIV", [SOME + ROMAN]),
        ("XIV-й", [SOME + ROMAN, SOME + UNKNOWN]),
        ("xiv", [SOME + LATIN]),
        ("5", [SOME + ONE_DIGIT]),
        ("10%", [SOME + TWO_DIGITS]),
        ("(100)", [SOME + THREE_DIGITS]),
        ("1917–1931", [SOME + FOUR_DIGITS, SOME + FOUR_DIGITS]),
        ("12345", [SOME + MORE_DIGITS]),
        ("123456789", [SOME + MORE_DIGITS]),
        ("—", []),
        ("", []),
    ],
)
def test_tokens_have_symbols(token: str, symbols: list[int]) -> None:
    assert symbols_of(token, Symbols(VOCABULARY).find, SOME) == symbols


STOP: Final = SOME + BREAK


@pytest.mark.parametrize(
    ("lines", "symbols"),
    [
        ([], [STOP]),
        (["дом и", "музей"], [STOP, DOM, AND, STOP, MUSEUM, STOP]),
        (["дом. И музей"], [STOP, DOM, STOP, AND, MUSEUM, STOP]),
        (["И. дом — музей!"], [STOP, SOME + INITIAL, DOM, MUSEUM, STOP, STOP]),
    ],
)
def test_lines_are_paragraphs_of_sentences(lines: list[str], symbols: list[int]) -> None:
    assert Symbols(VOCABULARY).of_lines(iter(lines)).tolist() == symbols


@pytest.mark.parametrize(
    ("token", "named"),
    [
        ("Дом", (DOM, DOM, 0, 0)),
        ("дом-Музей", (DOM, MUSEUM, 0, 1)),
        ("башня", (SOME + UNKNOWN, SOME + UNKNOWN, ending_code("шня"), ending_code("шня"))),
        ("XIV-й", (SOME + ROMAN, SOME + UNKNOWN, SOME + ROMAN, ending_code("й"))),
        ("1917–1931", (SOME + FOUR_DIGITS,) * 4),
        ("—", SILENT[:4]),
    ],
)
def test_tokens_are_named_by_their_first_and_last_word(token: str, named: tuple[int, ...]) -> None:
    assert model_of(SOME).named(token, Symbols(VOCABULARY).find)[:4] == named


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("кама", "рама", True),
        ("кама", "камы", False),
        ("ама", "кама", True),
        ("ма", "кама", False),
        ("кiлл", "кѣлл", True),
        ("1илл", "кѣлл", False),
        ("1лл", "ѣлл", True),
        ("", "L", True),
    ],
)
def test_endings_are_three_russian_letters(one: str, other: str, alike: bool) -> None:
    assert (ending_code(one) == ending_code(other)) == alike
    assert 0 <= ending_code(one) < RUSSIAN_CODES**ENDING


# ---------------------------------------------------------------- classes

READINGS: Final = {
    "рама": {"NOUN nomn"},
    "дама": {"NOUN nomn"},
    "лама": {"NOUN nomn"},
    "дамы": {"NOUN gent", "NOUN nomn"},
    "рамы": {"NOUN nomn", "NOUN gent"},
    "едет": {"VERB"},
    "и": {"CONJ"},
}
LISTED: Final = (*READINGS, "драма", "поедет")


def classified(own: int) -> Classes:
    shares = normal(range(len(LISTED), 0, -1))
    with (
        mock.patch.object(language_model, "readings_of_words", lambda: READINGS),
        mock.patch.object(language_model, "OWN_CLASSES", own),
    ):
        return classes_of(LISTED, shares)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("рама", "дама", True),
        ("рамы", "дамы", True),
        ("рама", "рамы", False),
        ("едет", "и", False),
        ("драма", "дама", True),
        ("поедет", "едет", True),
    ],
)
def test_words_with_the_same_readings_share_a_class(one: str, other: str, alike: bool) -> None:
    of = classified(0).of
    assert (of[LISTED.index(one)] == of[LISTED.index(other)]) == alike


def test_the_commonest_words_are_classes_of_their_own() -> None:
    of = classified(2).of.tolist()
    assert all(of.count(of[LISTED.index(word)]) == 1 for word in ("рама", "дама"))


def test_symbols_that_are_no_words_have_classes_of_their_own() -> None:
    known = classified(0)
    special = known.of[len(LISTED) :].tolist()
    assert len(set(special)) == len(special) == SPECIALS
    assert not set(special) & set(known.of[: len(LISTED)].tolist())
    assert max(known.of) < known.side


@pytest.mark.parametrize(
    ("word", "kind"), [("дама", 3), ("яма", 2), ("ма", 2), ("я", 1), ("юг", 1), ("рот", 1), ("", 1)]
)
def test_the_longest_known_ending_decides(word: str, kind: int) -> None:
    assert by_ending(word, {"ама": 3, "ма": 2, "": 1}) == kind


@pytest.mark.parametrize(("unknown", "like"), [("реклама", "дама"), ("Панорамы", "дамы"), ("уедет", "едет")])
def test_an_unknown_word_has_the_class_of_its_ending(unknown: str, like: str) -> None:
    known = classified(0)
    assert known.ending[ending_code(unknown.lower())] == known.of[LISTED.index(like)]


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("NOUN,inan,masc sing,gen2", "NOUN,inan,masc sing,gent", True),
        ("NOUN,anim,masc sing,gent", "NOUN,inan,masc sing,gent", True),
        ("NOUN,inan,masc sing,gent", "NOUN,inan,masc sing,datv", False),
        ("NOUN,inan,masc sing,gent", "NOUN,inan,femn sing,gent", False),
        ("NOUN,anim,masc,Name sing,nomn", "NOUN,anim,masc,Surn sing,nomn", True),
        ("NOUN,anim,masc,Name sing,nomn", "NOUN,anim,masc sing,nomn", False),
        ("NOUN,inan,masc,Geox sing,nomn", "NOUN,anim,masc,Name sing,nomn", False),
        ("PRTF,perf,tran,past,pssv masc,sing,nomn", "ADJF,Qual masc,sing,nomn", True),
        ("VERB,perf,tran sing,3per,futr,indc", "VERB,impf,intr sing,3per,futr,indc", True),
        ("CONJ", "PREP", False),
    ],
)
def test_readings_are_what_neighbours_care_about(one: str, other: str, alike: bool) -> None:
    assert (reading_of(one) == reading_of(other)) == alike
