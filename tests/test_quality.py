"""The quality score: high for whatever is right, low for rubbish, and the language beside it."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws import parameters

from pipeline.document import Corrector
from pipeline.language import language_of
from pipeline.quality import Judge, Sign, Words, ratios_of, read_ratios, share_of_right
from pipeline.tables import Row

COLUMNS = ["kind", "label", "text", "language", "least", "most"]
SIGNS = st.sampled_from(list(read_ratios()))


@pytest.fixture(scope="module")
def judge(corrector: Corrector) -> Judge:
    return Judge(corrector.repairer.searcher, corrector.repairer.keeper.latin, read_ratios())


def quality_of(corrector: Corrector, judge: Judge, text: str) -> float:
    fixed = corrector.fix(text)
    return judge.quality([judge.words([line.text for line in fixed.reading.lines], fixed.repaired)])


@pytest.mark.parametrize("row", parameters("quality.tsv", COLUMNS, ["synthetic", "negative", "found", "known-failure"]))
def test_quality(corrector: Corrector, judge: Judge, row: Row) -> None:
    text = row["text"].replace("\\n", "\n").replace("\\t", "\t")
    assert float(row["least"]) <= quality_of(corrector, judge, text) <= float(row["most"])
    assert language_of(corrector.fix(text).text) == row["language"]


@given(st.text(max_size=80))
def test_any_text_has_a_quality(corrector: Corrector, judge: Judge, text: str) -> None:
    assert 0.0 <= quality_of(corrector, judge, text) <= 1.0
    assert language_of(text)


@given(st.dictionaries(SIGNS, st.integers(1, 30)))
def test_a_wrong_word_more_makes_no_text_better(kept: dict[Sign, int]) -> None:
    ratios = read_ratios()
    before = share_of_right(kept, ratios)
    more = Counter(kept)
    more["odd-case"] += 1
    assert 0.0 < before <= 1.0
    assert share_of_right(more, ratios) <= before + 0.01


def test_the_words_around_count(judge: Judge) -> None:
    """The same unknown words are believed among good ones, and not among rubbish."""
    good = Words(Counter({"cyrillic": 2, "known": 60}), 0, 0.0)
    bad = Words(Counter({"cyrillic": 60, "known": 2}), 0, 0.0)
    assert judge.quality([good]) > 0.9
    assert judge.quality([bad]) < 0.2
    assert judge.quality([bad]) < judge.quality([good, bad]) < judge.quality([good])


def test_repaired_words_count_by_their_confidence(judge: Judge) -> None:
    assert judge.quality([Words(Counter(), 4, 3.0)]) == 0.75
    assert judge.quality([]) == 1.0


@pytest.mark.parametrize(
    ("word", "sign"),
    [
        ("снова", "known"),
        ("зюкеба", "cyrillic"),
        ("їхні", "known"),
        ("again", "listed"),
        ("pa6oтa", "two-scripts"),
        ("pa6oma", "digits-inside"),
        ("1960s", "listed"),
        ("zkRqWbx", "odd-case"),
        ("qzxkwv", "odd-latin"),
        ("of", "short"),
        ("日本語", "short"),
    ],
)
def test_signs(judge: Judge, word: str, sign: str) -> None:
    assert judge.signs(word) == (sign,)


def test_words_of_programs_are_taken_apart(judge: Judge) -> None:
    assert set(judge.signs("getElementName(some_value)")) == {"listed"}
    assert judge.signs("12,50") == judge.signs("--->") == ()


def test_ratios() -> None:
    found = ratios_of({"known": (98, 0), "cyrillic": (0, 98)})
    assert found["known"] == pytest.approx(99.0)
    assert found["cyrillic"] == pytest.approx(1 / 99)
