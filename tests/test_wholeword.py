import math
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny import CAPITALS, TITLE, lexicon_of, map_of, model_of

from pipeline import data
from pipeline.arrays import STEP
from pipeline.document import Corrector
from pipeline.errors import BadData
from pipeline.learn.text import SHORT
from pipeline.learn.wordmap import LEAST_READ, LEAST_WORDS, LONGEST_READ, UNSEEN, count_words, rows
from pipeline.repair.channel import MARKS
from pipeline.repair.context import Named
from pipeline.repair.search import Found, Searcher, phase_of
from pipeline.repair.states import DEFAULT
from pipeline.repair.units import MAYBE, NOT, SURELY
from pipeline.repair.wholeword import CORE, WordMap, read_word_map, whole_words, with_words

COSTS: Final[Mapping[str, int]] = {"и": 20, "по": 40, "он": 45, "на": 35, "но": 42}
LEADING: Final = {"(": 5.0, "«": 4.0}
TRAILING: Final = {",": 2.5, ")": 5.0, ".": 3.0}
WORDS: Final = WordMap({"4": [("и", 1.5), ("И", 2.5)], "10": [("по", 0.7), ("но", 3.0)], "4.": [("на", 2.0)]})
LOWER: Final = -math.log(1 - math.exp(-STEP * TITLE) - math.exp(-STEP * CAPITALS))


@pytest.fixture(scope="module")
def searcher() -> Searcher:
    lexicon = lexicon_of(COSTS, {"leading": LEADING, "trailing": TRAILING})
    return Searcher(lexicon, model_of(len(COSTS)))


def read_whole(text: str, searcher: Searcher, initial: int = NOT) -> dict[str, float]:
    """The costs of the short words that a reading may be."""
    return dict(whole_words(WORDS, text, initial, searcher.tables, DEFAULT, searcher.lexicon.find))


def named(searcher: Searcher, text: str) -> Named:
    """The symbols of a text that is one word."""
    found = model_of(len(COSTS)).named(text, searcher.lexicon.find)
    return found._replace(phase=phase_of(text.strip(MARKS)))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("4", ("", "4", "")),
        ("HM", ("", "HM", "")),
        ("(4", ("(", "4", "")),
        ("10,", ("", "10", ",")),
        ("[«4»],", ("[«", "4", "»],")),
        ("„HM“", ("„", "HM“", "")),
        ("4...", ("", "4", "...")),
        ("a-b", ("", "a-b", "")),
        ("10.5", ("", "10.5", "")),
        ("-4", ("", "-4", "")),
        ("abcde", ("", "abcde", "")),
        ("(abcde).", ("(", "abcde", ").")),
        ("abcdef", None),
        ("a.b.c.", ("", "a.b.c", ".")),
        ("", None),
        (".", ("", ".", "")),
        ("(", ("", "(", "")),
        ("()", ("(", ")", "")),
    ],
)
def test_the_core_stands_between_marks(text: str, parts: tuple[str, str, str] | None) -> None:
    matched = CORE.match(text)
    assert (matched and matched.groups()) == parts


@given(st.text('([«"„“.,;:!?)]»”-4aи', max_size=9))
def test_marks_around_a_core_are_marks_of_the_search(text: str) -> None:
    if matched := CORE.match(text):
        lead, core, trail = matched.groups()
        assert lead + core + trail == text
        assert set(lead + trail) <= set(MARKS)


@pytest.mark.parametrize(
    ("text", "costs"),
    [
        ("10", {"по": 0.7 + 4.0, "но": 3.0 + 4.2}),
        ("10,", {"по,": 0.7 + 4.0 + 2.5, "но,": 3.0 + 4.2 + 2.5}),
        ("(10).", {"(по).": 0.7 + 4.0 + 13.0, "(но).": 3.0 + 4.2 + 13.0}),
        ("4.", None),
        ("11", {}),
        ("(,)", {}),
        ("101010", {}),
    ],
)
def test_a_whole_word_costs_its_reading_itself_and_its_marks(
    text: str, costs: dict[str, float] | None, searcher: Searcher
) -> None:
    expected = costs if costs is not None else {"и.": 1.5 + 2.0 + 3.0, "И.": 2.5 + 2.0 + 3.0 + STEP * TITLE - LOWER}
    found = read_whole(text, searcher)
    assert found == pytest.approx({word: cost + LOWER for word, cost in expected.items()}, abs=1e-4)


def test_a_capital_is_likelier_where_a_sentence_starts(searcher: Searcher) -> None:
    above = [read_whole("4", searcher, initial) for initial in (NOT, MAYBE, SURELY)]
    gaps = [costs["И"] - costs["и"] for costs in above]
    assert gaps[0] > gaps[1] > gaps[2]


# ---------------------------------------------------------------- among the candidates

MAP: Final = map_of([("о", "o", 0.9), ("п", "n", 0.5), ("н", "n", 0.4), ("н", "H", 0.9), ("а", "a", 0.9)])
READINGS: Final = ("no", "Ha", "on,", "nnn", "4")
NEW: Final = ("и", "И", "(по", "по,", "но.", "на", "он", "он,")
WHOLE: Final = st.dictionaries(st.sampled_from(NEW), st.floats(0.0, 40.0), max_size=6)


def costs_of(found: Found) -> dict[str, float]:
    return {found.text(own): float(found.cost[own]) for own in range(len(found))}


def rest_of(found: Found) -> dict[str, tuple[object, ...]]:
    """All that is known of the candidates but for their costs."""
    columns = (found.known, *found.symbols)
    numbers = zip(*(column.tolist() for column in columns), strict=True)
    return {found.text(own): (found.places_of(own), *row) for own, row in enumerate(numbers)}


@given(st.sampled_from(READINGS), WHOLE)
def test_whole_words_join_the_candidates(searcher: Searcher, read: str, costs: dict[str, float]) -> None:
    found = searcher.find([(read, NOT)], MAP.options)[0]
    before, kept = costs_of(found), rest_of(found)
    numbers = {text: searcher.lexicon.find(text.strip(MARKS).lower()) for text in costs}
    joined = with_words(found, list(costs.items()), lambda text: named(searcher, text))
    after, known = costs_of(joined), rest_of(joined)
    assert after.keys() == before.keys() | costs.keys()
    assert len(joined) == len(after)
    assert joined.cost.tolist() == sorted(joined.cost.tolist())
    for text, cost in after.items():
        assert cost == pytest.approx(min(before.get(text, math.inf), costs.get(text, math.inf)))
    for text in before:
        assert known[text] == kept[text]
    for text in costs.keys() - before.keys():
        number, kind = numbers[text], int(searcher.tables.class_of[numbers[text]])
        assert known[text] == ((0,) * len(text), True, number, number, kind, kind, phase_of(text.strip(MARKS)))
    assert costs_of(found) == before


# ---------------------------------------------------------------- the map

OFTEN: Final = LEAST_WORDS + LEAST_READ + 5


@pytest.mark.parametrize(
    ("word", "readings", "kept"),
    [
        ("и", {"4": OFTEN}, ["4"]),
        ("и", {"4": LEAST_WORDS}, ["4"]),
        ("и", {"4": LEAST_WORDS - 1}, []),
        ("и", {"4": LEAST_WORDS - 2, "H": 1, "N": 1}, ["4"]),
        ("по", {"no": OFTEN, "10": LEAST_READ}, ["no", "10"]),
        ("по", {"no": OFTEN, "10": LEAST_READ - 1}, ["no"]),
        ("по", {"no": OFTEN, "1 0": OFTEN}, ["no"]),
        ("по", {"no": OFTEN, "n" * LONGEST_READ: OFTEN}, ["n" * LONGEST_READ, "no"]),
        ("по", {"no": OFTEN, "n" * (LONGEST_READ + 1): OFTEN}, ["no"]),
        ("по", {"b": OFTEN, "c": OFTEN + 1, "a": OFTEN}, ["c", "a", "b"]),
        ("по", {}, []),
    ],
)
def test_rows_are_of_words_and_readings_seen_often_enough(word: str, readings: dict[str, int], kept: list[str]) -> None:
    cells = [row.split("\t") for row in rows({word: Counter(readings)})]
    assert [(cell[0], cell[1]) for cell in cells] == [(word, read) for read in kept]
    total = sum(readings.values())
    for _, read, count, probability in cells:
        assert int(count) == readings[read]
        assert float(probability) == pytest.approx(readings[read] / (total + UNSEEN), abs=1e-6)


def test_words_are_counted_without_marks_around_them() -> None:
    pairs = [("и", "4"), ("и", "4"), ("и,", "4,"), ("и", "H"), ("5", "5"), ("п" * SHORT, "n"), ("п" * (SHORT + 1), "n")]
    assert count_words(pairs) == {"и": Counter({"4": 2, "H": 1}), "п" * SHORT: Counter({"n": 1})}


def test_what_was_counted_can_be_written_and_read(tmp_path: Path) -> None:
    seen = {"и": Counter({"4": OFTEN, "HM": OFTEN}), "А": Counter({"A": OFTEN}), "а": Counter({"A": OFTEN, "#": OFTEN})}
    table = ["# licence: CC0", "word\tread\tcount\tprobability", *rows(seen)]
    (tmp_path / "words.tsv").write_text("\n".join(table) + "\n", encoding="utf-8")
    words = read_word_map(tmp_path / "words.tsv").words
    half = -math.log(OFTEN / (2 * OFTEN + UNSEEN))
    assert {read: [word for word, _ in found] for read, found in words.items()} == {
        "4": ["и"],
        "HM": ["и"],
        "A": ["А", "а"],
        "#": ["а"],
    }
    assert words["HM"][0][1] == pytest.approx(half, abs=1e-4)


@pytest.mark.parametrize("text", ["", "word\tread\n", "word\tread\tcount\tprobability\nи\t4\t5\n"])
def test_a_wrong_word_map_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "words.tsv").write_text(text, encoding="utf-8")
    with pytest.raises(BadData, match=r"words\.tsv"):
        read_word_map(tmp_path / "words.tsv")


def test_the_shipped_word_map(corrector: Corrector) -> None:
    shipped = read_word_map(data.data_file("glyphmaps", "tesseract-eng", "rus-words.tsv"))
    find = corrector.repairer.searcher.lexicon.find
    assert len(shipped.words) > 100
    for read, words in shipped.words.items():
        assert CORE.match(read)
        assert all(find(word.lower()) >= 0 and cost > 0 for word, cost in words)
        assert len({word for word, _ in words}) == len(words)
    totals: Counter[str] = Counter()
    for words in shipped.words.values():
        for word, cost in words:
            totals[word] += np.exp(-cost)
    assert max(totals.values()) <= 1.0
