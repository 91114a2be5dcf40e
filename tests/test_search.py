import math
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny import CAPITALS, TITLE, lexicon_of, map_of, model_of, table_of

from pipeline.arrays import STEP
from pipeline.learn.forms import build_graph
from pipeline.repair.beam import search
from pipeline.repair.channel import FAR, UNKNOWN_COST, character
from pipeline.repair.letters import RUSSIAN
from pipeline.repair.lexicon import NAME, NO_FORMS, Forms
from pipeline.repair.lexicon import WORD as FORM
from pipeline.repair.prices import case_cost, look_forward, prepare
from pipeline.repair.search import Found, Searcher, ahead_in, identities, phase_of
from pipeline.repair.states import BATCH, DEFAULT, FIRST, LEAD, LONGEST, LOWER, OPEN, SPACE, STRICT, Weights
from pipeline.repair.states import CAPITALS as PHASE_CAPITALS
from pipeline.repair.states import TITLE as PHASE_TITLE
from pipeline.repair.units import MAYBE, NOT, SURELY

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
MAP: Final = map_of(ROWS)
TABLE: Final = table_of(MAP.confusions)
READ: Final = [read for _, read, _ in ROWS if read and read == read.lower()]
# One word alone, and all that can be said of it.
WEIGHTS: Final = {
    name: weights._replace(
        missing_space=float(FAR),
        joined=float(FAR),
        lost_first=0.0,
        swapped=float(FAR),
        no_mark=-float(FAR),
        odd_mark=-float(FAR),
        narrow=8,
        beam=2000,
        width=200.0,
    )
    for name, weights in [("confusions only", STRICT), ("all moves", DEFAULT)]
}
PRECISION: Final = 1e-3
# In an abbreviation each letter is as likely as the other.
LETTERS: Final = np.full((len(RUSSIAN) + 1,) * 4, 30, np.uint8)


@pytest.fixture(scope="module")
def searcher() -> Searcher:
    return Searcher(lexicon_of(COSTS), model_of(len(COSTS)))


def found_in(searcher: Searcher, read: str, initial: int = NOT, weights: Weights = STRICT) -> Found:
    return searcher.find([(read, initial)], MAP.options, weights)[0]


def listed(found: Found) -> list[tuple[object, ...]]:
    """The candidates with all that is known of them."""
    columns = (found.cost, found.known, *found.symbols)
    numbers = zip(*(column.tolist() for column in columns), strict=True)
    return [(found.text(own), found.places_of(own), *row) for own, row in enumerate(numbers)]


def words_of(found: Found) -> dict[str, float]:
    """The costs of the candidates that are one word of the lexicon in small letters."""
    return {text: float(found.cost[own]) for own in range(len(found)) if (text := found.text(own)) in COSTS}


def reference_cost(word: str, read: str, weights: Weights, losses: int) -> float:
    """The least cost of a printed word having been read so, by all ways to cut both; nothing clever.

    No more than `losses` letters are lost between one character read and the next.
    """
    known = {text for _, text in TABLE}
    letters = {letter for printed, _ in TABLE for letter in printed}

    def price(printed: str, seen: str) -> float:
        if seen in known or len(seen) != 1:
            return TABLE.get((printed, seen), math.inf)
        return UNKNOWN_COST if printed in letters else math.inf

    @cache
    def rest(i: int, j: int, lost: int) -> float:
        if i == len(word) and j == len(read):
            return 0.0
        ways = [math.inf]
        if j < len(read):
            ways.append(weights.stray + rest(i, j + 1, 0))
        for size in (1, 2):
            if i + size <= len(word):
                stops = range(j + 1, min(j + 4, len(read)) + 1)
                ways += [price(word[i : i + size], read[j:k]) + rest(i + size, k, 0) for k in stops]
        if i < len(word) and lost < losses:
            ways.append(min(TABLE.get((word[i], ""), math.inf), weights.lost) + rest(i + 1, j, lost + 1))
        return min(ways)

    least = rest(0, 0, 0)
    lower = -math.log(1 - math.exp(-STEP * TITLE) - math.exp(-STEP * CAPITALS))
    return least + STEP * COSTS[word] + lower if least < FAR else math.inf


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
            if word.startswith(printed, place) and seen == seen.lower() and (read or seen or len(word) > 1)
        ]
        printed, seen = draw(st.sampled_from(rows))
        read, place = read + seen, place + len(printed)
    return read or "a"


@pytest.mark.parametrize("weights", WEIGHTS.values(), ids=WEIGHTS)
@given(read=readings())
def test_the_search_finds_the_least_cost(searcher: Searcher, weights: Weights, read: str) -> None:
    words = words_of(found_in(searcher, read, weights=weights))
    costs = {word: reference_cost(word, read, weights, losses=1) for word in COSTS}
    if min(costs.values()) == math.inf:
        assert not words
        return
    assert min(words.values()) <= min(costs.values()) + PRECISION
    for word, cost in words.items():
        least = reference_cost(word, read, weights, losses=len(word))
        assert least - PRECISION <= cost <= costs[word] + PRECISION


@pytest.mark.parametrize(
    ("read", "initial", "text"),
    [
        ("ropon", NOT, "город"),
        ("rqon", NOT, "город"),
        ("xpon", NOT, "город"),
        ("ron", NOT, "год"),
        ("Topon", SURELY, "Город"),
        ("Topon", MAYBE, "Город"),
        ("JIopora", SURELY, "Дорога"),
        ("pow,a", NOT, "роща"),
        ("poul,a", NOT, "роща"),
        ("r0pn", NOT, "горд"),
        ("na", NOT, "ода"),
        ("дорога", NOT, "дорога"),
    ],
)
def test_first_answers(read: str, initial: int, text: str, searcher: Searcher) -> None:
    assert found_in(searcher, read, initial).text(0) == text


@pytest.mark.parametrize(("read", "text"), [("TPA", "ГРА"), ("TPA.", "ГРА."), ("P", ""), ("ropon", "")])
def test_abbreviations_are_capitals(read: str, text: str, searcher: Searcher) -> None:
    found, cost = searcher.abbreviation(read, MAP.options, LETTERS)
    assert found == text
    assert (cost < FAR) == bool(text)


@pytest.mark.parametrize("weights", WEIGHTS.values(), ids=WEIGHTS)
@given(read=readings())
def test_the_likeliest_candidates_come_first(searcher: Searcher, weights: Weights, read: str) -> None:
    found = found_in(searcher, read, weights=weights)
    assert found.cost.tolist() == sorted(found.cost.tolist())


@given(readings(), st.sampled_from([NOT, MAYBE, SURELY]))
def test_the_text_of_a_candidate_is_that_of_its_codes(searcher: Searcher, read: str, initial: int) -> None:
    found = found_in(searcher, read, initial, DEFAULT)
    codes = [row["codes"][: row["size"]].tolist() for row in found.rows]
    assert found.texts == ["".join(" " if code == SPACE else character(code) for code in own) for own in codes]


@given(readings())
def test_candidates_differ_and_say_where_their_letters_stand(searcher: Searcher, read: str) -> None:
    found = found_in(searcher, read, weights=DEFAULT)
    assert len({found.text(own) for own in range(len(found))}) == len(found)
    for own in range(len(found)):
        places = found.places_of(own)
        assert len(places) == len(found.text(own))
        assert list(places) == sorted(places)
        assert all(0 <= place <= len(read) for place in places)


MARKED: Final = st.text("ropnaxwT1024PA.,-()", min_size=1, max_size=12)


@given(MARKED, st.sampled_from([NOT, MAYBE, SURELY]), st.sampled_from([0, OPEN]))
def test_the_look_ahead_hides_nothing(searcher: Searcher, read: str, initial: int, root: int) -> None:
    tables, space, options = searcher.tables, searcher.space, MAP.options
    reading = prepare(options, identities(read, options))
    weights = DEFAULT._replace(narrow=1000, beam=1000, unusual_beam=1000)
    leasts = []
    for seen in (1.0, 0.0):
        look_forward(tables, options, reading, weights, space.rest)
        space.rest[:] *= seen
        leasts.append(search(tables, options, reading, space, weights, root, initial, float(FAR)))
    assert leasts[0] == pytest.approx(leasts[1], abs=PRECISION)


@given(MARKED, st.sampled_from([NOT, MAYBE, SURELY]))
def test_candidates_have_the_symbols_of_their_text(searcher: Searcher, read: str, initial: int) -> None:
    model = model_of(len(COSTS))
    found = found_in(searcher, read, initial, DEFAULT)
    for text, _, _, _, *named in listed(found):
        word = re.search("[А-Яа-яЁё0-9]+", str(text))
        phase = phase_of(word[0]) if word and word[0].isalpha() else LEAD
        assert tuple(named) == (*model.named(str(text), searcher.lexicon.find)[:4], phase)


@given(readings())
def test_a_search_leaves_nothing_behind(searcher: Searcher, read: str) -> None:
    before = listed(found_in(searcher, read))
    found_in(searcher, "ropon" * 6, SURELY, DEFAULT)
    assert listed(found_in(searcher, read)) == before


def test_many_readings_are_searched_as_each_alone(searcher: Searcher) -> None:
    reads = [(READ[number % len(READ)] + READ[number % 7] + "pon", number % 3) for number in range(BATCH + 20)]
    together = [listed(found) for found in searcher.find(reads, MAP.options, STRICT)]
    assert together == [listed(found_in(searcher, read, initial)) for read, initial in reads]


@given(readings(), st.floats(1.0, 60.0))
def test_what_costs_more_than_its_bound_is_not_found(searcher: Searcher, read: str, bound: float) -> None:
    weights = WEIGHTS["confusions only"]
    bounded = words_of(searcher.find([(read, NOT)], MAP.options, weights, [bound])[0])
    free = words_of(found_in(searcher, read, weights=weights))
    assert all(cost <= bound + PRECISION for cost in bounded.values())
    assert bounded.keys() >= {word for word, cost in free.items() if cost < bound - PRECISION}


def test_both_cases_of_a_word_are_candidates(searcher: Searcher) -> None:
    found = found_in(searcher, "Ona")
    assert {"ода", "Ода"} <= {found.text(own) for own in range(len(found))}


@pytest.mark.parametrize("mark", list(",(["))
def test_a_mark_before_a_word_is_rather_there(searcher: Searcher, mark: str) -> None:
    known = Searcher(lexicon_of(COSTS, {"leading": {mark: 9.4}, "trailing": {}}), model_of(len(COSTS)))
    assert found_in(known, f"{mark}ron", weights=DEFAULT).text(0) == f"{mark}год"
    loose = found_in(searcher, f"{mark}ron", weights=WEIGHTS["all moves"])
    assert loose.text(0) == "год"


@pytest.mark.parametrize("mark", list("/§"))
def test_a_mark_that_never_stands_before_words_is_a_part_of_a_letter(searcher: Searcher, mark: str) -> None:
    assert found_in(searcher, f"{mark}ron", weights=DEFAULT).text(0) == "год"


@given(MARKED)
def test_candidates_with_letters(searcher: Searcher, read: str) -> None:
    found = found_in(searcher, read, weights=DEFAULT)
    texts = [found.text(own) for own in range(len(found))]
    lettered = found.lettered()
    assert [lettered.text(own) for own in range(len(lettered))] == [one for one in texts if any(map(str.isalpha, one))]


def test_new_words_are_spelled_by_their_letters(searcher: Searcher) -> None:
    found = found_in(searcher, "ropap")
    assert found.text(0) == "горар"
    assert not found.known[0]


@pytest.mark.parametrize("weights", [STRICT, DEFAULT], ids=["confusions only", "all moves"])
@pytest.mark.parametrize("read", ["", "r" * (LONGEST + 1)], ids=["too short", "too long"])
def test_readings_that_are_too_short_or_too_long_have_no_candidates(
    read: str, weights: Weights, searcher: Searcher
) -> None:
    assert listed(found_in(searcher, read, weights=weights)) == []
    assert searcher.abbreviation(read, MAP.options, LETTERS) == ("", float(FAR))


@pytest.mark.parametrize("read", ["r" * LONGEST, "1" * LONGEST, "-" * LONGEST, "\U0001f600r", "\ud800", "\0", "٣"])
@pytest.mark.parametrize("weights", [STRICT, DEFAULT], ids=["confusions only", "all moves"])
def test_odd_readings_are_searched(read: str, weights: Weights, searcher: Searcher) -> None:
    found = found_in(searcher, read, weights=weights)
    assert all(0 < cost < FAR for cost in found.cost)


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


KINDS: Final = st.dictionaries(WORD, st.sampled_from([FORM, NAME]), min_size=1, max_size=30)


def forms_of(kinds: Mapping[str, int]) -> Forms:
    return Forms(**build_graph(kinds))


@given(KINDS, st.lists(WORD, max_size=30))
def test_a_graph_has_every_form_and_no_other(kinds: dict[str, int], others: list[str]) -> None:
    forms = forms_of(kinds)
    for word in [*kinds, *others, "", "a", "дA"]:
        assert forms.has(word) == (word in kinds)
    assert not NO_FORMS.has("а")


def test_equal_endings_stand_in_a_graph_once() -> None:
    stems, endings = ("род", "рог", "гор"), ("а", "у", "ом", "ами")
    kinds = {stem + ending: FORM for stem in stems for ending in endings}
    assert len(forms_of(kinds).letter) < len(forms_of(dict.fromkeys(kinds, FORM) | {"горами": NAME}).letter)
    root, stem_letters, ending_letters = 1, 7, 6
    assert len(forms_of(kinds).letter) == root + stem_letters + ending_letters


@pytest.mark.parametrize(
    ("read", "text", "known"),
    [("rapon", "гарод", True), ("rapapon", "гарарод", True), ("ropon", "город", True), ("ropap", "горар", False)],
)
def test_rare_forms_are_found_where_no_common_word_fits(read: str, text: str, known: bool) -> None:
    forms = forms_of({"гарод": FORM, "гарарод": FORM, "гаро": NAME})
    found = Searcher(lexicon_of(COSTS), model_of(len(COSTS)), forms).find([(read, NOT)], MAP.options, STRICT)[0]
    assert (found.text(0), bool(found.known[0])) == (text, known)


@pytest.mark.parametrize(("kind", "text"), [(FORM, "гарод"), (NAME, "Гарод")])
def test_a_rare_name_has_a_capital(kind: int, text: str) -> None:
    searcher = Searcher(lexicon_of(COSTS), model_of(len(COSTS)), forms_of({"гарод": kind}))
    assert searcher.find([("Tapon", NOT)], MAP.options, STRICT)[0].text(0) == text
    assert [word for word in ("гарод", "город", "Гарод", "гаро") if searcher.knows(word)] == ["гарод", "город"]


@given(st.dictionaries(st.text(RUSSIAN[:4], min_size=1, max_size=5), st.integers(0, 255), min_size=1, max_size=20))
def test_the_best_below_a_node_is_the_best(costs: dict[str, int]) -> None:
    lexicon = lexicon_of(costs)
    for start in {word[:length] for word in costs for length in range(len(word) + 1)}:
        assert lexicon.best[lexicon.node(start)] == min(cost for word, cost in costs.items() if word.startswith(start))
    assert len(lexicon.letter) < OPEN


def test_a_letter_may_have_been_read_as_anything_where_nothing_else_explains_the_word(searcher: Searcher) -> None:
    weights = WEIGHTS["all moves"]._replace(well_above=0.0, well_rate=0.0)
    right = words_of(found_in(searcher, "nopora", NOT, weights))["дорога"]
    for swapped in (3.0, 5.0):
        found = words_of(found_in(searcher, "noJora", NOT, weights._replace(swapped=swapped)))
        assert found["дорога"] == pytest.approx(right + swapped - TABLE["р", "p"], abs=PRECISION)


def test_a_word_behind_a_hyphen_starts_no_sentence(searcher: Searcher) -> None:
    first, second = found_in(searcher, "ropa-ropa", NOT), found_in(searcher, "ropa-ropa", SURELY)
    assert second.text(0) == "гора-гора"
    assert float(second.cost[0] - first.cost[0]) == pytest.approx(DEFAULT.initial_lower, abs=PRECISION)


@given(read=readings(), cut=st.integers(1, 6))
def test_no_letter_is_read_over_a_line_end(searcher: Searcher, read: str, cut: int) -> None:
    if not 0 < cut < len(read):
        return
    whole = searcher.find([(read, NOT)], MAP.options, STRICT)[0]
    broken = searcher.find([(read, NOT)], MAP.options, STRICT, cuts=[cut])[0]
    for own in range(len(broken)):
        assert cut in {*broken.places_of(own), len(read)} or all(place >= cut for place in broken.places_of(own))
    if len(broken):
        assert len(whole) and float(whole.cost[0]) <= float(broken.cost[0]) + PRECISION


CASES: Final = {
    LEAD: (LOWER, PHASE_TITLE, PHASE_CAPITALS),
    LOWER: (LOWER,),
    FIRST: (PHASE_TITLE, PHASE_CAPITALS),
    PHASE_TITLE: (PHASE_TITLE,),
    PHASE_CAPITALS: (PHASE_CAPITALS,),
}


@given(st.dictionaries(st.text(RUSSIAN[:4], min_size=1, max_size=5), st.tuples(*[st.integers(0, 150)] * 3), min_size=1))
def test_no_word_costs_less_than_the_look_ahead_says(costs: dict[str, tuple[int, int, int]]) -> None:
    lexicon = lexicon_of({word: own for word, (own, _, _) in costs.items()})
    cases = {lexicon.find(word): (title, capitals) for word, (_, title, capitals) in costs.items()}
    title, capitals = (np.array([cases[word][case] for word in range(len(cases))], np.uint8) for case in (0, 1))
    ahead = ahead_in(replace(lexicon, title=title, capitals=capitals))
    for start in {word[:length] for word in costs for length in range(len(word) + 1)}:
        below = [lexicon.find(word) for word in costs if word.startswith(start)]
        for phase, ends in CASES.items():
            words = [(lexicon.cost[word], STEP * title[word], STEP * capitals[word]) for word in below]
            least = min(
                STEP * own + case_cost(one, all_, end, DEFAULT, NOT) for own, one, all_ in words for end in ends
            )
            known = STEP * ahead[lexicon.node(start), phase]
            assert known <= least + PRECISION
            assert phase == LEAD or known > min(least, STEP * 255) - STEP - PRECISION
