import math
from collections.abc import Mapping
from functools import cache
from typing import Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.arrays import STEP
from pipeline.learn.trie import build_trie
from pipeline.repair.channel import FAR, Confusion, GlyphMap
from pipeline.repair.letters import RUSSIAN, RUSSIAN_CODES
from pipeline.repair.lexicon import Lexicon
from pipeline.repair.search import LONGEST, OPEN, STRICT, Searcher

COSTS: Final[Mapping[str, int]] = {
    "а": 30,
    "ад": 60,
    "дар": 55,
    "дара": 62,
    "рад": 50,
    "ода": 70,
    "город": 45,
    "горд": 66,
    "год": 35,
    "дорога": 48,
    "рога": 58,
    "гора": 52,
    "роща": 75,
}
TITLE: Final = 40  # of every word, in tenths of a nat
CAPITALS: Final = 60
ROWS: Final = (
    ("а", "a", 0.9),
    ("а", "4", 0.05),
    ("а", "", 0.02),
    ("д", "n", 0.5),
    ("д", "J", 0.2),
    ("д", "11", 0.2),
    ("р", "p", 0.8),
    ("р", "n", 0.1),
    ("о", "o", 0.7),
    ("о", "0", 0.3),
    ("о", "", 0.01),
    ("г", "r", 0.6),
    ("г", "1", 0.2),
    ("щ", "w,", 0.4),
    ("щ", "ul,", 0.3),
    ("ор", "q", 0.3),
    ("го", "ro", 0.2),
    ("го", "x", 0.5),
    ("Г", "T", 0.8),
    ("Д", "JI", 0.5),
    ("О", "O", 0.9),
    ("Р", "P", 0.9),
    ("А", "A", 0.95),
)
WIDE: Final = STRICT._replace(beam=2000, width=200.0)
MAP: Final = GlyphMap("tiny", tuple(Confusion(printed, read, 1.0, share) for printed, read, share in ROWS), {})
READ: Final = [read for _, read, _ in ROWS if read and read == read.lower()]


def lexicon_of(costs: Mapping[str, int]) -> Lexicon:
    words = list(costs)
    arrays = build_trie(words, np.array([costs[word] for word in words], np.uint8))
    order = arrays.pop("order")
    own = np.array([costs[word] for word in words], np.uint8)[order]
    ngrams = np.full((RUSSIAN_CODES,) * 4, 30, np.uint8)
    title, capitals = np.full(len(words), TITLE, np.uint8), np.full(len(words), CAPITALS, np.uint8)
    header: Mapping[str, object] = {"edges": {"leading": {}, "trailing": {}}}
    return Lexicon(**arrays, cost=own, title=title, capitals=capitals, ngrams=ngrams, header=header)


@pytest.fixture(scope="module")
def searcher() -> Searcher:
    return Searcher(lexicon_of(COSTS))


def table_of(confusions: tuple[Confusion, ...]) -> dict[tuple[str, str], float]:
    """The costs of (printed, read), as the documentation of the channel says them."""
    table = {}
    for row in confusions:
        share = 0.04 if len(row.printed) == 2 else 0.96
        table[row.printed, row.read] = -math.log(share * row.probability)
    for (printed, read), cost in list(table.items()):
        enlarged = (printed, read.upper())
        if printed.islower() and read.upper() != read:
            table[enlarged] = min(table.get(enlarged, math.inf), cost + 2.5)
    for letter in {letter for printed, _ in table for letter in printed}:
        table.setdefault((letter, letter), 0.05)
    return table


def reference_cost(word: str, read: str, table: Mapping[tuple[str, str], float]) -> float:
    """The least cost of a printed word having been read so, by all ways to cut both; nothing clever."""
    known = {text for _, text in table}
    letters = {letter for printed, _ in table for letter in printed}

    def price(printed: str, seen: str) -> float:
        if seen in known or len(seen) != 1:
            return table.get((printed, seen), math.inf)
        return 11.0 if printed in letters else math.inf

    @cache
    def rest(i: int, j: int) -> float:
        if i == len(word):
            return 0.0 if j == len(read) else math.inf
        stops = range(j + 1, min(j + 4, len(read)) + 1)
        ways = [price(word[i], read[j:k]) + rest(i + 1, k) for k in stops]
        if i + 1 < len(word):
            ways += [price(word[i : i + 2], read[j:k]) + rest(i + 2, k) for k in stops]
        if i > 0 and (word[i], "") in table:
            ways.append(table[word[i], ""] + rest(i + 1, j))
        return min(ways, default=math.inf)

    return rest(0, 0)


def expected_cost(word: str, read: str, table: Mapping[tuple[str, str], float]) -> float:
    lower = -math.log(1 - math.exp(-STEP * TITLE) - math.exp(-STEP * CAPITALS))
    return reference_cost(word, read, table) + STEP * COSTS[word] + lower


TABLE: Final = table_of(MAP.confusions)


@st.composite
def readings(draw: st.DrawFn) -> str:
    """What the map makes of a word, or a few strings of the map in a row."""
    if draw(st.booleans()):
        return "".join(draw(st.lists(st.sampled_from(READ), min_size=1, max_size=6)))
    word, read, place = draw(st.sampled_from(list(COSTS))), "", 0
    while place < len(word):
        rows = [
            (printed, seen)
            for printed, seen, _ in ROWS
            if word.startswith(printed, place) and seen == seen.lower() and (place or seen)
        ]
        printed, seen = draw(st.sampled_from(rows))
        read, place = read + seen, place + len(printed)
    return read


@given(readings())
def test_the_search_finds_the_least_cost(searcher: Searcher, read: str) -> None:
    costs = {word: expected_cost(word, read, TABLE) for word in COSTS}
    words = [found for found in searcher.candidates(read, MAP.options, False, WIDE) if found.text in COSTS]
    least = min(costs.values())
    if least == math.inf:
        assert not words
        return
    assert words, (read, costs)
    assert words[0].cost == pytest.approx(least, abs=1e-3)
    assert costs[words[0].text] == pytest.approx(least, abs=1e-3)
    for found in words:
        assert found.cost == pytest.approx(costs[found.text], abs=1e-3)


@pytest.mark.parametrize(
    ("read", "initial", "text"),
    [
        ("ropon", False, "город"),
        ("rqon", False, "город"),
        ("xpon", False, "город"),
        ("ron", False, "год"),
        ("Topon", True, "Город"),
        ("JIopora", True, "Дорога"),
        ("pow,a", False, "роща"),
        ("poul,a", False, "роща"),
        ("r0pn", False, "горд"),
        ("дорога", False, "дорога"),
    ],
)
def test_first_answers(read: str, initial: bool, text: str, searcher: Searcher) -> None:
    assert searcher.candidates(read, MAP.options, initial, STRICT)[0].text == text


@given(readings())
def test_candidates_are_in_order_and_say_where_their_letters_stand(searcher: Searcher, read: str) -> None:
    found = searcher.candidates(read, MAP.options, False, WIDE)
    assert [one.cost for one in found] == sorted(one.cost for one in found)
    assert len({one.text for one in found}) == len(found)
    for one in found:
        assert len(one.places) == len(one.text)
        assert list(one.places) == sorted(one.places)
        assert all(0 <= place <= len(read) for place in one.places)


@given(readings())
def test_a_search_leaves_nothing_behind(searcher: Searcher, read: str) -> None:
    before = searcher.candidates(read, MAP.options, False, STRICT)
    searcher.candidates("ropon" * 6, MAP.options, True, STRICT)
    assert searcher.candidates(read, MAP.options, False, STRICT) == before


def test_new_words_are_spelled_by_their_letters(searcher: Searcher) -> None:
    found = searcher.candidates("ropap", MAP.options, False, WIDE, known=False)
    assert found[0].text == "горар"
    assert not found[0].known


@pytest.mark.parametrize("read", ["", "r" * (LONGEST + 1)])
def test_readings_that_are_too_short_or_too_long_have_no_candidates(read: str, searcher: Searcher) -> None:
    assert searcher.candidates(read, MAP.options, False, STRICT) == []
    assert searcher.abbreviation(read, MAP.options) == ("", float(FAR))


def test_the_longest_reading_is_searched(searcher: Searcher) -> None:
    assert isinstance(searcher.candidates("r" * LONGEST, MAP.options, False, STRICT), list)


WORD: Final = st.text(RUSSIAN[:5] + "ё", min_size=1, max_size=6)


@given(st.dictionaries(WORD, st.integers(0, 255), min_size=1, max_size=30), st.lists(WORD, max_size=30))
def test_a_trie_has_every_word_and_no_other(costs: dict[str, int], others: list[str]) -> None:
    lexicon = lexicon_of(costs)
    assert sorted(lexicon.all_words()) == sorted(costs)
    for number, word in enumerate(lexicon.all_words()):
        assert lexicon.find(word) == number
        assert lexicon.cost[number] == costs[word]
    for word in [*others, "", "a", "дA"]:
        assert (lexicon.find(word) >= 0) == (word in costs)
        assert (lexicon.node(word) >= 0) == any(known.startswith(word) for known in costs)


@given(st.dictionaries(st.text(RUSSIAN[:4], min_size=1, max_size=5), st.integers(0, 255), min_size=1, max_size=20))
def test_the_best_below_a_node_is_the_best(costs: dict[str, int]) -> None:
    lexicon = lexicon_of(costs)
    for start in {word[:length] for word in costs for length in range(len(word) + 1)}:
        assert lexicon.best[lexicon.node(start)] == min(cost for word, cost in costs.items() if word.startswith(start))
    assert len(lexicon.letter) < OPEN
